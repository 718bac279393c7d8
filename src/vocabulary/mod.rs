//! The words of the work: life domains, activities and kinds of venue, and how people say them.
//!
//! Read from `search-config/vocabulary/`, checked at start. One recogniser serves search and matching, and reads
//! venues too, so that a "LAWN TENNIS CLUB" is tennis.

use std::{fmt, ops::Range, sync::Arc};

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
