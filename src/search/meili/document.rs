//! A card as Meilisearch keeps it.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, NaiveDate};
use serde::Serialize;
use uuid::Uuid;

use super::week;
use crate::{
    search::{
        entry::{Entry, Hours, Record, access_bit, days},
        settings::Weights,
    },
    venues::{Access, Mark},
    vocabulary::{Concept, Domain, Vocabulary, text::tokens},
};

/// Goes up whenever documents or settings are written differently.
pub(super) const VERSION: u32 = 3;
/// A word that every document has and nobody types: questions begin with it, so that the filter alone decides what is found.
pub(super) const EVERY: &str = "footbridge";
/// This share of the largest weight in `search.toml` is much.
const MUCH: f32 = 0.35;
/// Minutes of a day.
const DAY: u16 = 24 * 60;

/// One card. The names of its fields are what filters, counts and settings call them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Document {
    id: String,
    /// What counts for much when places are ranked: its name, what it is, what it is known for.
    what: Vec<String>,
    /// Everything else it says.
    about: Vec<String>,
    every: &'static str,
    /// Words and concepts, for filters: `w:guitar`, `k:cafe`, `a:tennis`, `d:arts`.
    terms: Vec<String>,
    domains: Vec<&'static str>,
    kinds: Vec<String>,
    activities: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    borough: Option<String>,
    access: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    setting: Option<&'static str>,
    /// Pence, the cheapest known.
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    free: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    places_now: Option<bool>,
    /// 1 where it is closed for now.
    closed: u8,
    /// 1 where it was checked with the venue.
    assured: u8,
    /// Days from 2000.
    checked: u16,
    /// True where the hours may be others on another day.
    #[serde(skip_serializing_if = "Option::is_none")]
    dated: Option<bool>,
    /// The name, folded.
    key: String,
    /// Branches of the week's tree in which it is open.
    hours: BTreeSet<u32>,
    /// Days of the week on which it is open, Monday being 0.
    days: BTreeSet<u16>,
    #[serde(rename = "_geo", skip_serializing_if = "Option::is_none")]
    point: Option<Geo>,
}

/// A point as Meilisearch spells it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, serde::Deserialize)]
pub(super) struct Geo {
    pub(super) lat: f64,
    pub(super) lng: f64,
}

impl Document {
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// The document for an entry as of a day.
    pub(super) fn of(entry: &Entry, vocabulary: &Vocabulary, weights: &Weights, today: NaiveDate) -> Self {
        let record = &entry.record;
        let mut ranked = Ranked::new(weights);
        ranked.add(weights.name, in_our_words(&record.name));
        ranked.add(weights.text, joined(&entry.text));
        ranked.add(weights.place, joined(&entry.place));
        let concepts = Concepts::of(record, vocabulary, weights, &mut ranked);
        let open: Vec<&Hours> = record.hours.iter().filter(|hours| comes(hours, today)).collect();
        let words = entry.name.iter().chain(&entry.text).chain(&entry.place).collect::<BTreeSet<_>>();
        Self {
            id: Uuid::from_u128(record.id).to_string(),
            what: ranked.what,
            about: ranked.about,
            every: EVERY,
            terms: words.into_iter().map(|word| word_term(word)).chain(concepts.terms).collect(),
            domains: domains(record).map(Domain::code).collect(),
            kinds: concepts.kinds,
            activities: concepts.activities,
            borough: Some(record.borough.clone()).filter(|borough| !borough.is_empty()),
            access: Access::ALL.iter().filter(|one| record.access & access_bit(**one) != 0).map(|one| one.code()).collect(),
            setting: usize::from(record.mark).checked_sub(1).and_then(|at| Mark::ALL.get(at)).map(|mark| mark.code()),
            cost: record.cost,
            free: (record.cost == Some(0)).then_some(true),
            places_now: record.places_now.then_some(true),
            closed: u8::from(record.closed_for_now),
            assured: u8::from(record.assured),
            checked: record.checked,
            dated: record.dated.then_some(true),
            key: record.key.clone(),
            hours: open.iter().flat_map(|hours| week::branches(hours.from, hours.to)).collect(),
            days: open.iter().map(|hours| hours.from / DAY).collect(),
            point: record.point.map(|(lat, lng)| Geo { lat, lng }),
        }
    }
}

/// A text cut into words as questions are, so that "Mary's" is one word on both sides.
fn in_our_words(text: &str) -> String {
    tokens(text).into_iter().map(|token| token.word).collect::<Vec<_>>().join(" ")
}

fn joined(words: &BTreeSet<String>) -> String {
    words.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
}

/// How a word stands among the terms.
pub(super) fn word_term(word: &str) -> String {
    format!("w:{word}")
}

/// How a concept stands among the terms.
pub(super) fn concept_term(concept: &Concept) -> String {
    match concept {
        Concept::Domain(id) => format!("d:{id}"),
        Concept::Kind(id) => format!("k:{id}"),
        Concept::Activity(id) => format!("a:{id}"),
    }
}

fn domains(record: &Record) -> impl Iterator<Item = Domain> + '_ {
    Domain::ALL.iter().copied().filter(|domain| record.profile.domains & (1 << *domain as u16) != 0)
}

/// Whether these hours hold on the next such day of the week.
fn comes(hours: &Hours, today: NaiveDate) -> bool {
    let weekday = u32::from(hours.from / DAY);
    let ahead = (weekday + 7 - today.weekday().num_days_from_monday()) % 7;
    days(today.checked_add_days(Days::new(ahead.into())).unwrap_or(today)) <= hours.until
}

/// The two fields that questions are ranked by, as the weights of `search.toml` share them out.
struct Ranked {
    /// What is worth much.
    what: Vec<String>,
    /// The rest.
    about: Vec<String>,
    much: f32,
}

impl Ranked {
    fn new(weights: &Weights) -> Self {
        let most = [weights.name, weights.kind, weights.activity, weights.domain, weights.text, weights.place];
        Self { what: Vec::new(), about: Vec::new(), much: most.into_iter().fold(0.0, f32::max) * MUCH }
    }

    fn add(&mut self, weight: f32, words: String) {
        if weight >= self.much { self.what.push(words) } else { self.about.push(words) }
    }
}

/// What the vocabulary makes of a card.
#[derive(Default)]
struct Concepts {
    kinds: Vec<String>,
    activities: Vec<String>,
    terms: Vec<String>,
}

impl Concepts {
    fn of(record: &Record, vocabulary: &Vocabulary, weights: &Weights, ranked: &mut Ranked) -> Self {
        let mut all = Self::default();
        for kind in record.profile.kinds.iter().filter_map(|at| vocabulary.kind_list().get(usize::from(*at))) {
            ranked.add(weights.kind, in_our_words(&kind.label));
            all.terms.push(concept_term(&Concept::Kind(kind.id.clone())));
            all.kinds.push(kind.id.to_string());
        }
        for (at, sureness) in &record.profile.activities {
            let Some(activity) = vocabulary.activity_list().get(usize::from(*at)) else { continue };
            ranked.add(weights.activity * f32::from(*sureness) / 255.0, in_our_words(&activity.label));
            all.terms.push(concept_term(&Concept::Activity(activity.id.clone())));
            all.activities.push(activity.id.to_string());
        }
        for domain in domains(record) {
            ranked.add(weights.domain, vocabulary.label(&Concept::Domain(domain)).to_owned());
            all.terms.push(concept_term(&Concept::Domain(domain)));
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_decide_what_counts_for_much() {
        let weights = |kind| Weights { name: 5.0, kind, activity: 3.0, domain: 1.5, text: 1.2, place: 1.0, whole_name: 2.0 };
        let sorted = |weights: &Weights| {
            let mut ranked = Ranked::new(weights);
            ranked.add(weights.name, "Horniman".to_owned());
            ranked.add(weights.kind, "museum".to_owned());
            ranked.add(weights.text, "walrus".to_owned());
            (ranked.what, ranked.about)
        };
        let both = |what: &[&str], about: &[&str]| [what, about].map(|list| list.iter().map(|word| (*word).to_owned()).collect());
        let [what, about]: [Vec<String>; 2] = both(&["Horniman", "museum"], &["walrus"]);
        assert_eq!(sorted(&weights(3.0)), (what, about));
        let [what, about]: [Vec<String>; 2] = both(&["Horniman"], &["museum", "walrus"]);
        assert_eq!(sorted(&weights(0.5)), (what, about));
    }
}
