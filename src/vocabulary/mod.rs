//! The words of the work: life domains, activities and kinds of venue, and how people say them.
//!
//! Read from `search-config/vocabulary/`, checked at start. One recogniser serves search and matching, and reads
//! venues too, so that a "LAWN TENNIS CLUB" is tennis.

pub mod api;
mod complete;
mod concepts;
mod forms;
pub(crate) mod hints;
mod lexicon;
pub(crate) mod load;
mod mend;
mod phrases;
mod recognise;
mod sayings;
#[cfg(test)]
mod tests;
pub mod text;
pub(crate) mod toml_file;
mod venue;

use std::collections::HashMap;

pub use complete::Completion;
pub(crate) use concepts::Ref;
pub use concepts::{Activity, ActivityId, Concept, Domain, DomainInfo, Kind, KindId};
pub use recognise::{Reading, Sighting, Through};
pub(crate) use sayings::Sayings;
pub use venue::VenueReading;

use self::{complete::Completions, forms::Forms, hints::Hints, lexicon::Lexicon, mend::Mender, phrases::Phrases, venue::Links};
use crate::settings_files::{Mistake, SettingsFiles};

/// Life domains, kinds and activities, and the words for them.
#[derive(Debug)]
pub struct Vocabulary {
    domains: Vec<DomainInfo>,
    kinds: Vec<Kind>,
    activities: Vec<Activity>,
    kind_places: HashMap<KindId, u16>,
    activity_places: HashMap<ActivityId, u16>,
    kinds_by_label: Vec<u16>,
    activities_by_label: Vec<u16>,
    said: Phrases,
    named: Phrases,
    mender: Mender,
    /// Mends words without their endings.
    stem_mender: Mender,
    /// The words that have each such form.
    forms: Forms,
    ordinary: Lexicon,
    /// The keys of the ordinary words' stems.
    ordinary_keys: Lexicon,
    stop_words: Lexicon,
    completions: Completions,
    hints: Hints,
    sayings: Sayings,
    links: Links,
    fingerprint: String,
    meaning_fingerprint: String,
}

impl Vocabulary {
    /// Reads and checks the files; every mistake comes back at once, with file and line.
    pub fn load(files: &SettingsFiles) -> Result<Self, Vec<Mistake>> {
        load::load(files)
    }

    /// What the files say of a life domain.
    pub fn domain(&self, id: Domain) -> Option<&DomainInfo> {
        self.domains.iter().find(|info| info.id == id)
    }

    /// The life domains, in the order people see them.
    pub fn domains(&self) -> impl Iterator<Item = &DomainInfo> {
        self.domains.iter()
    }

    /// The kinds, in the order of their labels.
    pub fn kinds(&self) -> impl Iterator<Item = &Kind> {
        self.kinds_by_label.iter().map(|at| &self.kinds[usize::from(*at)])
    }

    /// The activities, in the order of their labels.
    pub fn activities(&self) -> impl Iterator<Item = &Activity> {
        self.activities_by_label.iter().map(|at| &self.activities[usize::from(*at)])
    }

    /// A kind by its id.
    pub fn kind(&self, id: &KindId) -> Option<&Kind> {
        self.kind_place(id).map(|at| &self.kinds[usize::from(at)])
    }

    /// An activity by its id.
    pub fn activity(&self, id: &ActivityId) -> Option<&Activity> {
        self.activity_place(id).map(|at| &self.activities[usize::from(at)])
    }

    /// A concept's name for people; empty where the vocabulary doesn't know it.
    pub fn label(&self, concept: &Concept) -> &str {
        match concept {
            Concept::Domain(id) => self.domain(*id).map_or(id.label(), |info| &info.label),
            Concept::Kind(id) => self.kind(id).map_or("", |kind| &kind.label),
            Concept::Activity(id) => self.activity(id).map_or("", |activity| &activity.label),
        }
    }

    /// Changes with every change of the files.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Changes with every change of the files, of what people mean, too.
    pub(crate) fn meaning_fingerprint(&self) -> &str {
        &self.meaning_fingerprint
    }

    /// Whether a folded word is too common to search for.
    pub fn is_stop_word(&self, word: &str) -> bool {
        self.stop_words.contains(word)
    }

    /// Whether a folded word, or the word without its ending, is ordinary English; such a word is never mended.
    pub fn is_ordinary(&self, word: &str) -> bool {
        if self.ordinary.contains(word) {
            return true;
        }
        let silent_e = ["ing", "ed", "er"].iter().filter_map(|ending| word.strip_suffix(ending));
        if silent_e.into_iter().any(|root| root.len() > 1 && self.ordinary.contains(&format!("{root}e"))) {
            return true;
        }
        let stem = text::Stem::of(word, |_| false);
        let shorter = ["ly", "ness", "less", "ful", "est"].iter().filter_map(|ending| word.strip_suffix(ending));
        self.ordinary.contains(&stem.one)
            || (stem.ending.taken && self.ordinary_keys.contains(&stem.key))
            || shorter.into_iter().any(|shorter| self.ordinary.contains(shorter))
    }

    /// The words too common to search for.
    pub fn stop_words(&self) -> impl Iterator<Item = &str> {
        self.stop_words.iter()
    }

    /// Every phrase that stands for something, folded, with what it stands for; feelings and needs aside.
    pub fn phrases(&self) -> impl Iterator<Item = (&str, Concept)> {
        self.completions.whole().map(|(phrase, concept)| (phrase, self.concept(concept)))
    }

    pub(crate) fn kind_place(&self, id: &KindId) -> Option<u16> {
        self.kind_places.get(id).copied()
    }

    pub(crate) fn activity_place(&self, id: &ActivityId) -> Option<u16> {
        self.activity_places.get(id).copied()
    }

    pub(crate) fn kind_list(&self) -> &[Kind] {
        &self.kinds
    }

    pub(crate) fn activity_list(&self) -> &[Activity] {
        &self.activities
    }

    /// The small number of a concept, where the vocabulary knows it.
    pub(crate) fn place_of(&self, concept: &Concept) -> Option<Ref> {
        Some(match concept {
            Concept::Domain(id) => Ref::Domain(*id),
            Concept::Kind(id) => Ref::Kind(self.kind_place(id)?),
            Concept::Activity(id) => Ref::Activity(self.activity_place(id)?),
        })
    }

    /// Whether two activities are near to one another, or two of one wider activity.
    pub(crate) fn are_near(&self, one: Ref, other: Ref) -> bool {
        let (Ref::Activity(one), Ref::Activity(other)) = (one, other) else { return false };
        let (one, other) = (&self.activities[usize::from(one)], &self.activities[usize::from(other)]);
        one.near.contains(&other.id)
            || other.near.contains(&one.id)
            || one.wider.contains(&other.id)
            || other.wider.contains(&one.id)
            || one.kind_of.iter().any(|wider| other.kind_of.contains(wider))
    }

    /// What people say, and what was meant.
    pub(crate) fn sayings(&self) -> &Sayings {
        &self.sayings
    }

    /// What a small number stands for.
    pub(crate) fn concept(&self, concept: Ref) -> Concept {
        match concept {
            Ref::Domain(id) => Concept::Domain(id),
            Ref::Kind(at) => Concept::Kind(self.kinds[usize::from(at)].id.clone()),
            Ref::Activity(at) => Concept::Activity(self.activities[usize::from(at)].id.clone()),
        }
    }
}
