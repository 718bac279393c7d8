//! A venue from its rows, field by field, under people's edits. Pure.
//!
//! For each field the newest data wins, then the richer value, then the order of the sources. A point is first judged by how
//! near it is to the door. What a publisher gave goes before what we worked out. Access and first-visit facts are judged one
//! by one. Kinds, activities and offers are all taken. A value of several rows is credited to each that gave a part of it.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use serde_json::Value;

use super::{
    gate::{self, Known, NAME_LIMIT},
    listing::Listing,
};
use crate::venues::{Fact, Facts, Field, How, Offer, Origin, SourceRef};

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
    /// Why edits were left out.
    pub(super) problems: Vec<String>,
}

/// Merges rows, in whatever order they come, and lays edits over them.
pub(super) fn merge(mut voices: Vec<Voice>, wishes: &[Wish], known: Option<&Known>) -> Merged {
    // Newest first; among equals by name, so that the order they came in doesn't matter.
    voices.sort_by_cached_key(|voice| {
        let s = &voice.source;
        let name = (s.source.clone(), s.source_id.clone(), s.category.clone());
        (Reverse(s.dated.clone()), name, serde_json::to_string(&voice.listing).unwrap_or_default())
    });
    let mut sources: Vec<SourceRef> = voices.iter().map(|voice| voice.source.clone()).collect();
    sources.sort_by(|a, b| order(a).cmp(&order(b)));
    sources.dedup();
    let mut merged = Merged { facts: Facts::default(), sources, origins: BTreeMap::new(), problems: Vec::new() };
    merged.single_values(&voices);
    merged.parts(&voices);
    for wish in wishes {
        if let Err(problem) = merged.edit(wish, known) {
            merged.problems.push(problem);
        }
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
        let nearest =
            voices.iter().filter(|voice| voice.listing.facts.point.is_some()).min_by_key(|voice| voice.listing.facts.precision);
        if let Some(nearest) = nearest {
            (self.facts.point, self.facts.precision) = (nearest.listing.facts.point, nearest.listing.facts.precision);
            self.note(Field::Point, nearest);
        }
    }

    /// Values made of parts that may come from several rows.
    fn parts(&mut self, voices: &[Voice]) {
        macro_rules! by_key {
            ($($field:ident is $name:ident;)+) => {
                $(let mut given = vec![0; voices.len()];
                let keys: BTreeSet<_> = voices.iter().flat_map(|voice| voice.listing.facts.$field.keys().copied()).collect();
                for key in keys {
                    let said = |facts: &Facts| facts.$field.get(&key).and_then(richness);
                    let Some(at) = place_of_best(voices, Field::$name, said) else { continue };
                    self.facts.$field.extend(voices[at].listing.facts.$field.get(&key).map(|fact| (key, fact.clone())));
                    given[at] += 1;
                }
                self.credit(Field::$name, voices, &given);)+
            };
        }
        by_key! {
            access is Access;
            first_visit is FirstVisit;
        }
        let said = |list: fn(&Facts) -> usize| voices.iter().map(|voice| list(&voice.listing.facts)).collect::<Vec<_>>();
        let mut offers = Vec::with_capacity(voices.len());
        for voice in voices {
            let facts = &voice.listing.facts;
            add(&mut self.facts.kinds, &facts.kinds, |a, b| a == b);
            add(&mut self.facts.activities, &facts.activities, |a, b| a == b);
            let same = |a: &Offer, b: &Offer| (&a.id, a.kind, &a.title) == (&b.id, b.kind, &b.title);
            offers.push(add(&mut self.facts.offers, &facts.offers, same));
        }
        // Whoever says a kind or an activity is credited, although another said it first; an offer is one row's words.
        self.credit(Field::Kinds, voices, &said(|facts| facts.kinds.len()));
        self.credit(Field::Activities, voices, &said(|facts| facts.activities.len()));
        self.credit(Field::Offers, voices, &offers);
    }

    /// Credits every row that gave a part of a value, the one that gave most first.
    fn credit(&mut self, field: Field, voices: &[Voice], parts: &[usize]) {
        let mut givers: Vec<(usize, &Voice)> = parts.iter().copied().zip(voices).filter(|(parts, _)| *parts > 0).collect();
        givers.sort_by_key(|(parts, _)| Reverse(*parts));
        let Some((_, first)) = givers.first() else { return };
        self.note(field, first);
        let mut sources: Vec<usize> = givers.iter().filter_map(|(_, voice)| self.place(voice)).collect();
        let mut seen = BTreeSet::new();
        sources.retain(|source| seen.insert(*source));
        if let Some(origin) = self.origins.get_mut(&field) {
            origin.sources = sources;
        }
    }

    fn note(&mut self, field: Field, voice: &Voice) {
        let how = voice.listing.how.get(&field).copied().unwrap_or(How::Given);
        let sources = self.place(voice).into_iter().collect();
        self.origins.insert(field, Origin { sources, how, on: None });
    }

    fn place(&self, voice: &Voice) -> Option<usize> {
        self.sources.iter().position(|source| *source == voice.source)
    }

    /// Lays an edit over the value; one that isn't sound changes nothing, and the reason comes back.
    fn edit(&mut self, wish: &Wish, known: Option<&Known>) -> Result<(), String> {
        let field = Field::from_code(&wish.field).ok_or_else(|| format!("`{}` is no field of a venue", wish.field))?;
        let unreadable = |cause: serde_json::Error| format!("{}: {cause}", field.label());
        let value: Value = serde_json::from_str(&wish.value).map_err(unreadable)?;
        let mut notes = Vec::new();
        let sound = if value.is_null() { None } else { gate::value_of(field, value, known, &mut notes) };
        if let Some(note) = notes.into_iter().next() {
            return Err(note);
        }
        let said = serde_json::to_value(&self.facts).map_err(unreadable)?;
        let Value::Object(mut said) = said else { return Ok(()) };
        if field == Field::Point && sound.is_some() {
            said.insert("precision".to_owned(), Value::String("exact".to_owned()));
        }
        match sound {
            Some(sound) => said.insert(field.code().to_owned(), sound),
            None => said.remove(field.code()),
        };
        let facts: Facts = serde_json::from_value(Value::Object(said)).map_err(unreadable)?;
        let length = facts.name.chars().count();
        if !(1..=NAME_LIMIT).contains(&length) {
            return Err(format!("{}: it would have {length} letters", field.label()));
        }
        self.facts = facts;
        self.origins.insert(field, Origin { sources: Vec::new(), how: How::Edited, on: Some(wish.on) });
        Ok(())
    }
}

/// The row whose value for a field is taken.
fn best(voices: &[Voice], field: Field, richness: impl Fn(&Facts) -> Option<usize>) -> Option<&Voice> {
    place_of_best(voices, field, richness).map(|at| &voices[at])
}

/// Its place: given before worked out, newest, richest, first.
fn place_of_best(voices: &[Voice], field: Field, richness: impl Fn(&Facts) -> Option<usize>) -> Option<usize> {
    let ranked = voices.iter().enumerate().filter_map(|(at, voice)| {
        let rich = richness(&voice.listing.facts)?;
        let worked_out = voice.listing.how.get(&field).is_some_and(|how| *how != How::Given);
        Some(((worked_out, Reverse(voice.source.dated.as_deref()), Reverse(rich)), at))
    });
    ranked.min().map(|(_, at)| at)
}

/// An answer says more than a remark alone; a fact that says nothing is none.
fn richness(fact: &Fact) -> Option<usize> {
    let note = fact.note.as_ref().map_or(0, String::len);
    Some(usize::from(fact.answer.is_some()) * 1000 + note).filter(|rich| *rich > 0)
}

/// Adds what isn't there yet, and counts it.
fn add<T: Clone>(to: &mut Vec<T>, more: &[T], same: impl Fn(&T, &T) -> bool) -> usize {
    let before = to.len();
    for item in more {
        if !to.iter().any(|held| same(held, item)) {
            to.push(item.clone());
        }
    }
    to.len() - before
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "tests may stop")]
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
        let merged = merge(voices.to_vec(), &[], None);
        assert_eq!(merged.facts.description.as_deref(), Some("much richer"));
        let origin = &merged.origins[&Field::Description];
        assert_eq!(origin.sources.iter().map(|at| &*merged.sources[*at].source).collect::<Vec<_>>(), ["a"]);
        let mut turned = voices.to_vec();
        turned.reverse();
        assert_eq!(merge(turned, &[], None), merged);
    }

    #[test]
    fn kinds_are_taken_from_all_and_sources_once() {
        let kinds =
            |list: &'static [&'static str]| move |facts: &mut Facts| facts.kinds = list.iter().map(|k| (*k).into()).collect();
        let twice = voice("a", Some("2023"), kinds(&["theatre"]));
        let merged = merge(vec![twice.clone(), twice, voice("b", Some("2019"), kinds(&["arts-centre", "theatre"]))], &[], None);
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
        let merged = merge(vec![newer, voice("old", Some("2019"), at(51.5, Precision::Exact))], &[], None);
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
        let merged = merge(vec![given], &wishes, None);
        assert_eq!(merged.facts.access[&Access::StepFree].answer, Some(Answer::Yes));
        assert_eq!((merged.facts.phone.as_deref(), merged.facts.status()), (None, Status::Closed));
        assert_eq!((merged.facts.name.as_str(), merged.facts.precision), ("The Albany", Some(Precision::Exact)));
        assert_eq!(merged.origins[&Field::Phone].how, How::Edited);
        assert_eq!(merged.origins[&Field::Name].how, How::Given);
    }
}
