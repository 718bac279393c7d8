//! What the vocabulary knows: life domains, kinds of venue, activities.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::values::choice;

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
