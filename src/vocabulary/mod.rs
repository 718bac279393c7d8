//! The words of the work: life domains, activities and kinds of venue, and how people say them.
//!
//! Read from `search-config/vocabulary/`, checked at start. One recogniser serves search and matching, and reads
//! venues too, so that a "LAWN TENNIS CLUB" is tennis.

pub mod api;
mod complete;
pub(crate) mod hints;
pub(crate) mod load;
mod mend;
mod phrases;
mod recognise;
#[cfg(test)]
mod tests;
pub mod text;
pub(crate) mod toml_file;
mod venue;

use std::{
    collections::{HashMap, HashSet},
    fmt,
    ops::Range,
    sync::Arc,
};

use serde::{Deserialize, Serialize};

pub use complete::Completion;
pub use recognise::Reading;
pub use venue::VenueReading;

use self::{complete::Completions, hints::Hints, mend::Mender, phrases::Phrases, venue::Links};
use crate::{
    settings_files::{Mistake, SettingsFiles},
    values::choice,
};

choice! {
    /// The nine parts of life that a wish may sit in.
    Domain {
        Employment = "employment", "Employment";
        OwnBusiness = "own-business", "Own business";
        Education = "education", "Education";
        Training = "training", "Training";
        Volunteering = "volunteering", "Volunteering";
        Befriending = "befriending", "Befriending";
        Arts = "arts", "Arts";
        Sports = "sports", "Sports";
        Faith = "faith", "Faith";
    }
}

macro_rules! slug {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Arc<str>);

        impl $name {
            /// The id as it stands in files and URLs.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

impl Through {
    /// How sure a hit in this list makes us.
    pub fn sureness(self) -> f32 {
        match self {
            Self::Word => 1.0,
            Self::Slang | Self::Role => 0.8,
            Self::Doing => 0.85,
            Self::Need => 0.5,
            Self::Name => 0.9,
        }
    }
}

slug!(/** A kind of venue, as in `kinds.toml`. */ KindId);
slug!(/** An activity, as in `activities/`. */ ActivityId);

/// Something the vocabulary knows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(tag = "type", content = "id", rename_all = "snake_case")]
pub enum Concept {
    /// A life domain.
    Domain(Domain),
    /// A kind of venue.
    Kind(KindId),
    /// An activity.
    Activity(ActivityId),
}

/// Which list of the vocabulary a word stood in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Through {
    /// A name or synonym.
    Word,
    /// Everyday speech.
    Slang,
    /// A doing-word.
    Doing,
    /// A role or trade.
    Role,
    /// A feeling or need.
    Need,
    /// A word in a venue's or an offer's name.
    Name,
}

/// One thing recognised in a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Sighting {
    /// The bytes of the text that say it.
    pub span: Range<usize>,
    /// What it is.
    pub concept: Concept,
    /// How sure, above 0 and at most 1.
    pub sureness: f32,
    /// Which list it stood in.
    pub through: Through,
    /// The word that was meant, where a misspelling was mended.
    pub mended: Option<String>,
}

/// What the files say of a life domain.
#[derive(Debug, Clone)]
pub struct DomainInfo {
    /// Which one.
    pub id: Domain,
    /// Its name for people.
    pub label: String,
    /// One sentence about it.
    pub about: String,
}

/// A kind of venue.
#[derive(Debug, Clone)]
pub struct Kind {
    /// Its id in files and URLs.
    pub id: KindId,
    /// Its name for people.
    pub label: String,
    /// Its name for several.
    pub plural: String,
    /// The name of a Lucide icon.
    pub icon: String,
    /// One sentence about it, where there is one.
    pub about: Option<String>,
    /// Its life domains.
    pub domains: Vec<Domain>,
    /// The wider kinds it names itself.
    pub kind_of: Vec<KindId>,
    /// All wider kinds, the nearest first.
    pub wider: Vec<KindId>,
    /// All narrower kinds.
    pub narrower: Vec<KindId>,
    /// What such a place usually offers and how surely, wider kinds' offers included; the surest first.
    pub offers: Vec<(ActivityId, f32)>,
    /// Often in one house with another kind, so that a name that ends with it tells of both.
    pub shares_house: bool,
    /// Such places are named after anything, so that their names don't tell what one can do there.
    pub fanciful_names: bool,
}

/// Something one can do.
#[derive(Debug, Clone)]
pub struct Activity {
    /// Its id in files and URLs.
    pub id: ActivityId,
    /// Its name for people.
    pub label: String,
    /// The name of a Lucide icon, where it has its own.
    pub icon: Option<String>,
    /// One sentence about it, where there is one.
    pub about: Option<String>,
    /// Its life domains.
    pub domains: Vec<Domain>,
    /// The wider activities it names itself.
    pub kind_of: Vec<ActivityId>,
    /// All wider activities, the nearest first.
    pub wider: Vec<ActivityId>,
    /// All narrower activities.
    pub narrower: Vec<ActivityId>,
    /// What someone may like as well.
    pub near: Vec<ActivityId>,
    /// The kinds of venue that usually offer it and how surely, narrower kinds included; the surest first.
    pub offered_by: Vec<(KindId, f32)>,
}

/// A concept as a small number, for tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Ref {
    /// A life domain.
    Domain(Domain),
    /// Place in the list of kinds.
    Kind(u16),
    /// Place in the list of activities.
    Activity(u16),
}

/// A wish as many people would say it, and what a good bridge builder would offer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Voice {
    /// Kinds and activities: 3 just right, 2 a good fit, 1 acceptable.
    pub(crate) grades: Vec<(Ref, f32)>,
    /// What people say.
    pub(crate) said: Vec<String>,
}

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
    of_stems: HashMap<String, Vec<String>>,
    ordinary: HashSet<String>,
    /// The keys of the ordinary words' stems.
    ordinary_keys: HashSet<String>,
    stop_words: HashSet<String>,
    completions: Completions,
    hints: Hints,
    voices: Vec<Voice>,
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
            || (stem.has_ending() && self.ordinary_keys.contains(&stem.key))
            || shorter.into_iter().any(|shorter| self.ordinary.contains(shorter))
    }

    /// The words too common to search for.
    pub fn stop_words(&self) -> impl Iterator<Item = &str> {
        self.stop_words.iter().map(String::as_str)
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
    pub(crate) fn voices(&self) -> &[Voice] {
        &self.voices
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
