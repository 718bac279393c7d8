//! One question, one answer, whatever engine stands behind.

pub mod api;
pub mod ask;
#[cfg(test)]
pub(crate) mod contract;
pub mod embedded;
pub mod engine;
pub(crate) mod entry;
mod hours;
mod marks;
pub mod meili;
pub mod pages;
mod place_words;
pub mod settings;
pub mod understand;
pub mod verbs;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveTime, Weekday};
use serde::Serialize;
use utoipa::ToSchema;

pub use marks::{marks, snippet};
pub use place_words::place_candidates;

use crate::{
    places::Place,
    values::{VenueId, choice},
    venues::{Access, Mark},
    vocabulary::{ActivityId, Concept, Domain, KindId},
};

/// Longest question in characters; the rest is left out.
pub const MAX_WORDS: usize = 200;
/// Most hits on one page.
pub const MAX_PER_PAGE: u32 = 100;
/// Deepest hit that can be paged to.
pub const MAX_DEPTH: u32 = 10_000;
/// Widest circle in metres.
pub const MAX_WITHIN_M: u32 = 100_000;

choice! {
    /// The order of hits.
    Sort {
        Best = "best", "Best match";
        Nearest = "nearest", "Nearest";
        Name = "name", "Name";
        Checked = "checked", "Newly checked";
    }
}

/// Open at some time of a day; any time of it where none is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenAt {
    /// The weekday.
    pub day: Weekday,
    /// London wall clock.
    pub time: Option<NaiveTime>,
}

/// What someone asks of the catalogue. Every part is optional.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Words as typed, at most `MAX_WORDS` characters.
    pub words: String,
    /// Where from.
    pub near: Option<Place>,
    /// Only so many metres from `near`.
    pub within_m: Option<u32>,
    /// Any of these life domains.
    pub domains: BTreeSet<Domain>,
    /// Any of these activities, or a narrower one.
    pub activities: BTreeSet<ActivityId>,
    /// Any of these kinds, or a narrower one.
    pub kinds: BTreeSet<KindId>,
    /// Any of these boroughs, by plain name.
    pub boroughs: BTreeSet<String>,
    /// All of these access facts known to be "yes".
    pub access: BTreeSet<Access>,
    /// Known to be open, or to have something on, then.
    pub open: Option<OpenAt>,
    /// Something there is known to cost at most so many pence; 0 is free.
    pub max_cost: Option<u32>,
    /// This mark.
    pub setting: Option<Mark>,
    /// An offer is known to have places left now.
    pub places_now: bool,
    /// The order.
    pub sort: Sort,
    /// Page, from 1.
    pub page: u32,
    /// Hits a page, 1 to `MAX_PER_PAGE`.
    pub per_page: u32,
}

impl Default for Question {
    fn default() -> Self {
        Self {
            words: String::new(),
            near: None,
            within_m: None,
            domains: BTreeSet::new(),
            activities: BTreeSet::new(),
            kinds: BTreeSet::new(),
            boroughs: BTreeSet::new(),
            access: BTreeSet::new(),
            open: None,
            max_cost: None,
            setting: None,
            places_now: false,
            sort: Sort::Best,
            page: 1,
            per_page: 20,
        }
    }
}

/// One venue found: its card's lead.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The lead of the card.
    pub venue: VenueId,
    /// Metres from `near`, where both points are known.
    pub distance_m: Option<u32>,
}

/// How many of the found venues have each value. A group's own choice doesn't narrow its own counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Facets {
    /// By life domain.
    pub domains: BTreeMap<Domain, u64>,
    /// By kind, wider kinds included.
    #[schema(value_type = BTreeMap<String, u64>)]
    pub kinds: BTreeMap<KindId, u64>,
    /// By activity, wider activities included.
    #[schema(value_type = BTreeMap<String, u64>)]
    pub activities: BTreeMap<ActivityId, u64>,
    /// By borough.
    pub boroughs: BTreeMap<String, u64>,
    /// By access fact known to be "yes".
    pub access: BTreeMap<Access, u64>,
    /// By setting mark.
    pub settings: BTreeMap<Mark, u64>,
    /// Something known to be free.
    pub free: u64,
    /// An offer known to have places.
    pub places_now: u64,
}

/// One part of the words and what it was taken for.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Meaning {
    /// The words as typed.
    pub text: String,
    /// What they were taken for, the surest first; empty where they are only searched for as words.
    #[schema(value_type = Vec<crate::search::api::PublicConcept>)]
    pub concepts: Vec<Concept>,
    /// The spelling that was meant, where one was mended.
    pub mended: Option<String>,
}

/// How a question's words were understood.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Understood {
    /// The parts, in the order typed.
    pub parts: Vec<Meaning>,
    /// The place found in the words ("near SE15"), where `near` was not given apart.
    pub near: Option<Place>,
    /// Whether some words had to be left out to find anything.
    pub loosened: bool,
}

/// What the catalogue answers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// This page's hits, in order.
    pub hits: Vec<Hit>,
    /// How many there are in all.
    pub total: u64,
    /// Counts for the filters.
    pub facets: Facets,
    /// How the words were understood.
    pub understood: Understood,
    /// A spelling that would find more.
    pub did_you_mean: Option<String>,
    /// Whether the engine that is usually asked was away, so that this may be a little behind.
    pub behind: bool,
    /// Words to highlight in names and descriptions: lower case, accents folded; a hit on their beginning counts.
    pub highlight: Vec<String>,
}

/// What sort of thing is suggested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Suggested {
    /// Something one can do.
    Activity(ActivityId),
    /// A kind of venue.
    Kind(KindId),
    /// The lead of a card; as fresh as the index, so it may be hidden by now.
    Venue(VenueId),
}

/// One suggestion while someone types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// The words people see.
    pub label: String,
    /// What it is.
    pub kind: Suggested,
    /// A venue's borough, where that is known.
    pub place: Option<String>,
}

/// How far an index came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Cards that were looked at again.
    pub changed: u64,
    /// Changes still to be taken in.
    pub behind: u64,
}
