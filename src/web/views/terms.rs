//! The vocabulary as pages need it: words for people, and icons.

use serde::Serialize;

use crate::vocabulary::{ActivityId, Domain, KindId, Vocabulary};

/// Something the vocabulary knows, as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Term {
    /// What people call it.
    pub label: String,
    /// What people call several of them.
    pub plural: String,
    /// The icon beside the label.
    pub icon: String,
}

impl Term {
    /// A term with one spelling.
    pub fn new(label: impl Into<String>, icon: impl Into<String>) -> Self {
        let label = label.into();
        Self { plural: label.clone(), label, icon: icon.into() }
    }
}

/// Where pages look up words.
pub trait Words {
    /// A kind of place; none if the vocabulary has lost it.
    fn kind(&self, id: &KindId) -> Option<Term>;
    /// An activity; none if the vocabulary has lost it.
    fn activity(&self, id: &ActivityId) -> Option<Term>;
}

impl Words for Vocabulary {
    fn kind(&self, id: &KindId) -> Option<Term> {
        let kind = Self::kind(self, id)?;
        Some(Term { label: kind.label.clone(), plural: kind.plural.clone(), icon: kind.icon.clone() })
    }

    fn activity(&self, id: &ActivityId) -> Option<Term> {
        let activity = Self::activity(self, id)?;
        Some(Term::new(activity.label.clone(), activity.icon.clone().unwrap_or_default()))
    }
}

/// A life domain in warm words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Kindly {
    /// The spelling in URLs.
    pub code: &'static str,
    /// What it is called in lists.
    pub label: &'static str,
    /// What someone might want there.
    pub wish: &'static str,
    /// An example or two.
    pub such_as: &'static str,
    /// The icon beside it.
    pub icon: &'static str,
}

impl From<Domain> for Kindly {
    fn from(domain: Domain) -> Self {
        let (label, wish, such_as, icon) = match domain {
            Domain::Employment => ("Work", "Find paid work", "A few hours, or a full week", icon("briefcase")),
            Domain::OwnBusiness => ("Own business", "Work for myself", "Sell what I make or do", icon("store")),
            Domain::Education => ("Learning", "Learn something", "A class, a course, a talk", icon("book-open")),
            Domain::Training => ("Training", "Train for a trade", "Wood, food, film, code", icon("hammer")),
            Domain::Volunteering => ("Volunteering", "Lend a hand", "Plants, people, animals", icon("hand-heart")),
            Domain::Befriending => ("Friends and neighbours", "Meet people", "Tea, games, good company", icon("coffee")),
            Domain::Arts => ("Arts", "Make, play or watch", "Music, craft, film, dance", icon("palette")),
            Domain::Sports => ("Sports", "Get moving", "Swim, bowl, walk, kick a ball", icon("footprints")),
            Domain::Faith => ("Faith", "Faith and belief", "Prayer, song, quiet, talk", icon("sunrise")),
        };
        Self { code: domain.code(), label, wish, such_as, icon }
    }
}

/// Names an icon, so that the build of the front end finds it.
pub const fn icon(name: &'static str) -> &'static str {
    name
}
