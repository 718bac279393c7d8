//! A venue from its rows, field by field, under people's edits. Pure.
//!
//! For each field the newest data wins, then the richer value, then the order of the sources. A point is first judged by how
//! near it is to the door. What a publisher gave goes before what we worked out. Kinds, activities and offers are all taken.

use std::collections::BTreeMap;

use serde_json::Value;

use super::listing::Listing;
use crate::venues::{Facts, Field, How, Origin, SourceRef};

/// One row behind a venue.
#[derive(Debug, Clone)]
pub(super) struct Voice {
    pub(super) source: SourceRef,
    pub(super) listing: Listing,
}

/// An edit of one field: its new value as JSON, and the day.
pub(super) struct Wish {
    pub(super) field: String,
    pub(super) value: String,
    pub(super) on: chrono::NaiveDate,
}

/// What rows and edits come to.
#[derive(Debug, PartialEq)]
pub(super) struct Merged {
    pub(super) facts: Facts,
    pub(super) sources: Vec<SourceRef>,
    pub(super) origins: BTreeMap<Field, Origin>,
}

/// Merges rows, in whatever order they come, and lays edits over them.
pub(super) fn merge(mut voices: Vec<Voice>, wishes: &[Wish]) -> Merged {
    // Newest first; among equals by name, so that the order they came in doesn't matter.
    voices.sort_by_cached_key(|voice| {
        let s = &voice.source;
        let name = (s.source.clone(), s.source_id.clone(), s.category.clone());
        (std::cmp::Reverse(s.dated.clone()), name, serde_json::to_string(&voice.listing).unwrap_or_default())
    });
    let mut sources: Vec<SourceRef> = voices.iter().map(|voice| voice.source.clone()).collect();
    sources.sort_by(|a, b| order(a).cmp(&order(b)));
    sources.dedup();
    let mut merged = Merged { facts: Facts::default(), sources, origins: BTreeMap::new() };
    merged.single_values(&voices);
    merged.lists(&voices);
    for wish in wishes {
        merged.edit(wish);
    }
    merged
}

fn order(source: &SourceRef) -> impl Ord + '_ {
    (&source.source, &source.source_id, &source.category, &source.dated, &source.label)
}

impl Merged {
    fn single_values(&mut self, voices: &[Voice]) {
        macro_rules! single {
            ($($field:ident is $name:ident by $rich:expr;)+) => {
                $(if let Some(best) = best(voices, Field::$name, |facts| facts.$field.as_ref().map($rich)) {
                    self.facts.$field.clone_from(&best.listing.facts.$field);
                    self.note(Field::$name, best);
                })+
            };
        }
        single! {
            description is Description by String::len;
            address is Address by String::len;
            postcode is Postcode by |_| 0;
            borough is Borough by |_| 0;
            phone is Phone by String::len;
            email is Email by |_| 0;
            website is Website by |site| usize::from(site.scheme() == "https") * 1000 + site.as_str().len();
            opening is Opening by |opening| opening.rules.len() * 1000 + opening.note.as_ref().map_or(0, String::len);
            cost_to_try is CostToTry by |cost| usize::from(cost.pence.is_some());
            usual_cost is UsualCost by |cost| usize::from(cost.pence.is_some());
            setting is Setting by |setting| setting.reason.len();
            status is Status by |_| 0;
            assured_at is AssuredAt by |_| 0;
        }
        // A name in capitals and small letters says more than one in capitals alone.
        let rich = |name: &String| usize::from(name.chars().any(char::is_lowercase)) * 1000 + name.len();
        if let Some(best) = best(voices, Field::Name, |facts| Some(rich(&facts.name))) {
            self.facts.name.clone_from(&best.listing.facts.name);
            self.note(Field::Name, best);
        }
        if let Some(best) = best(voices, Field::Access, |facts| Some(facts.access.len()).filter(|n| *n > 0)) {
            self.facts.access.clone_from(&best.listing.facts.access);
            self.note(Field::Access, best);
        }
        if let Some(best) = best(voices, Field::FirstVisit, |facts| Some(facts.first_visit.len()).filter(|n| *n > 0)) {
            self.facts.first_visit.clone_from(&best.listing.facts.first_visit);
            self.note(Field::FirstVisit, best);
        }
        let nearest = voices.iter().filter(|voice| voice.listing.facts.point.is_some()).min_by_key(|voice| voice.listing.facts.precision);
        if let Some(nearest) = nearest {
            (self.facts.point, self.facts.precision) = (nearest.listing.facts.point, nearest.listing.facts.precision);
            self.note(Field::Point, nearest);
        }
    }

    fn lists(&mut self, voices: &[Voice]) {
        for voice in voices {
            let facts = &voice.listing.facts;
            add(&mut self.facts.kinds, &facts.kinds, |a, b| a == b);
            add(&mut self.facts.activities, &facts.activities, |a, b| a == b);
            add(&mut self.facts.offers, &facts.offers, |a, b| (&a.id, a.kind, &a.title) == (&b.id, b.kind, &b.title));
        }
        let first = |some: fn(&Facts) -> bool| voices.iter().find(|voice| some(&voice.listing.facts));
        for (field, voice) in [
            (Field::Kinds, first(|facts| !facts.kinds.is_empty())),
            (Field::Activities, first(|facts| !facts.activities.is_empty())),
            (Field::Offers, first(|facts| !facts.offers.is_empty())),
        ] {
            if let Some(voice) = voice {
                self.note(field, voice);
            }
        }
    }

    fn note(&mut self, field: Field, voice: &Voice) {
        let how = voice.listing.how.get(&field).copied().unwrap_or(How::Given);
        let source = self.sources.iter().position(|source| *source == voice.source);
        self.origins.insert(field, Origin { source, how, on: None });
    }

    /// Lays an edit over the value; an edit that can't be read changes nothing.
    fn edit(&mut self, wish: &Wish) {
        let (Some(field), Ok(value)) = (Field::from_code(&wish.field), serde_json::from_str::<Value>(&wish.value)) else { return };
        let Ok(Value::Object(mut facts)) = serde_json::to_value(&self.facts) else { return };
        if field == Field::Point && !value.is_null() {
            facts.insert("precision".to_owned(), Value::String("exact".to_owned()));
        }
        if value.is_null() {
            facts.remove(field.code());
        } else {
            facts.insert(field.code().to_owned(), value);
        }
        if let Ok(edited) = serde_json::from_value::<Facts>(Value::Object(facts)) {
            self.facts = edited;
            self.origins.insert(field, Origin { source: None, how: How::Edited, on: Some(wish.on) });
        } else {
            tracing::warn!(field = %field, "an edit can't be read and was left out");
        }
    }
}

/// The row whose value for a field is taken: given before worked out, newest, richest, first.
fn best<'a>(voices: &'a [Voice], field: Field, richness: impl Fn(&Facts) -> Option<usize>) -> Option<&'a Voice> {
    let rank = |voice: &&'a Voice| {
        let rich = richness(&voice.listing.facts)?;
        let worked_out = voice.listing.how.get(&field).is_some_and(|how| *how != How::Given);
        Some((worked_out, std::cmp::Reverse(voice.source.dated.as_deref()), std::cmp::Reverse(rich)))
    };
    voices.iter().filter_map(|voice| Some((rank(&voice)?, voice))).min_by(|a, b| a.0.cmp(&b.0)).map(|(_, voice)| voice)
}

fn add<T: Clone>(to: &mut Vec<T>, more: &[T], same: impl Fn(&T, &T) -> bool) {
    for item in more {
        if !to.iter().any(|held| same(held, item)) {
            to.push(item.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        values::Point,
        venues::{Access, Answer, Fact, Precision, Status},
    };

    fn voice(source: &str, dated: Option<&str>, change: impl FnOnce(&mut Facts)) -> Voice {
        let mut facts = Facts { name: "The Albany".to_owned(), ..Facts::default() };
        change(&mut facts);
        let listing = Listing { label: source.to_owned(), category: None, facts, how: BTreeMap::new() };
        let source = SourceRef {
            source: source.to_owned(),
            source_id: None,
            label: source.to_owned(),
            licence: "OGL-UK-3.0".to_owned(),
            dated: dated.map(str::to_owned),
            category: None,
        };
        Voice { source, listing }
    }

    #[test]
    fn newer_data_wins_then_richer_then_the_order_of_sources_whatever_order_they_come_in() {
        let said = |text: &'static str| move |facts: &mut Facts| facts.description = Some(text.to_owned());
        let voices = [
            voice("old", Some("2019"), said("an old and very long description")),
            voice("b", Some("2023-05"), said("short")),
            voice("a", Some("2023-05"), said("much richer")),
            voice("undated", None, said("nobody knows when this was so")),
            voice("newest", Some("2024"), |_| {}),
        ];
        let merged = merge(voices.to_vec(), &[]);
        assert_eq!(merged.facts.description.as_deref(), Some("much richer"));
        let origin = &merged.origins[&Field::Description];
        assert_eq!(merged.sources[origin.source.expect("a source")].source, "a");
        let mut turned = voices.to_vec();
        turned.reverse();
        assert_eq!(merge(turned, &[]), merged);
    }

    #[test]
    fn kinds_are_taken_from_all_and_sources_once() {
        let kinds = |list: &'static [&'static str]| move |facts: &mut Facts| facts.kinds = list.iter().map(|k| (*k).into()).collect();
        let twice = voice("a", Some("2023"), kinds(&["theatre"]));
        let merged = merge(vec![twice.clone(), twice, voice("b", Some("2019"), kinds(&["arts-centre", "theatre"]))], &[]);
        assert_eq!(merged.facts.kinds.iter().map(|k| k.as_str()).collect::<Vec<_>>(), ["theatre", "arts-centre"]);
        assert_eq!(merged.sources.len(), 2);
    }

    #[test]
    fn a_nearer_point_goes_before_a_newer_one_and_what_was_given_before_what_was_worked_out() {
        let at = |lat, precision| {
            move |facts: &mut Facts| {
                (facts.point, facts.precision) = (Point::new(lat, 0.0), Some(precision));
                facts.borough = Some(if lat > 51.55 { "Camden" } else { "Southwark" }.to_owned());
            }
        };
        let mut newer = voice("new", Some("2024"), at(51.6, Precision::Sector));
        newer.listing.how.insert(Field::Borough, How::FromPoint);
        let merged = merge(vec![newer, voice("old", Some("2019"), at(51.5, Precision::Exact))], &[]);
        assert_eq!(merged.facts.precision, Some(Precision::Exact));
        assert_eq!(merged.facts.borough.as_deref(), Some("Southwark"));
        assert_eq!(merged.origins[&Field::Borough].how, How::Given);
    }

    #[test]
    fn edits_win_and_an_edit_that_cannot_be_read_changes_nothing() {
        let on = chrono::NaiveDate::default();
        let wish = |field: Field, value: &str| Wish { field: field.code().to_owned(), value: value.to_owned(), on };
        let given = voice("a", None, |facts| {
            facts.access.insert(Access::StepFree, Fact { answer: Some(Answer::No), note: None });
            facts.phone = Some("020 0000 0000".to_owned());
        });
        let wishes = [
            wish(Field::Access, r#"{"step_free": {"answer": "yes"}}"#),
            wish(Field::Phone, "null"),
            wish(Field::Status, "\"closed\""),
            wish(Field::Kinds, "{broken"),
            wish(Field::Name, "[1]"),
            wish(Field::Point, r#"{"lat": 51.5, "lon": 0.0}"#),
        ];
        let merged = merge(vec![given], &wishes);
        assert_eq!(merged.facts.access[&Access::StepFree].answer, Some(Answer::Yes));
        assert_eq!((merged.facts.phone.as_deref(), merged.facts.status()), (None, Status::Closed));
        assert_eq!((merged.facts.name.as_str(), merged.facts.precision), ("The Albany", Some(Precision::Exact)));
        assert_eq!(merged.origins[&Field::Phone].how, How::Edited);
        assert_eq!(merged.origins[&Field::Name].how, How::Given);
    }
}
