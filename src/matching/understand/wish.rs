//! What goes in, and what comes out: a wish, and how it was understood.

use std::collections::BTreeSet;

use crate::{
    matching::{fit::Wanted, need::Need},
    vocabulary::{Domain, Ref},
};

/// A wish as it was typed and corrected.
#[derive(Clone, Default, PartialEq)]
pub struct Wish {
    /// The person's own words.
    pub text: String,
    /// What they added to what was understood.
    pub(crate) added: BTreeSet<Ref>,
    /// What they took away.
    pub(crate) taken: BTreeSet<Ref>,
    /// What must be so, besides what the words say.
    pub needs: BTreeSet<Need>,
    /// What the words seem to say must be so, and needn't.
    pub needs_taken: BTreeSet<Need>,
    /// What they say they do want after all.
    pub(crate) allowed: BTreeSet<Ref>,
}

impl Wish {
    /// Whether nothing was wished for.
    pub(crate) fn is_empty(&self) -> bool {
        self.text.trim().is_empty() && self.added.is_empty()
    }
}

impl std::fmt::Debug for Wish {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wish(..)")
    }
}

/// Something a wish is taken to mean.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Meant {
    /// What.
    pub(crate) concept: Ref,
    /// How surely, from 0 to 1.
    pub(crate) sureness: f32,
    /// Whether the words name it.
    pub(crate) outright: bool,
    /// Whether it is what they did before.
    pub(crate) past: bool,
}

/// How a wish was understood.
#[derive(Debug, Default)]
pub(crate) struct Understanding {
    /// What places are measured by.
    pub(crate) wanted: Wanted,
    /// What the wish means, activities and kinds, the surest first.
    pub(crate) meant: Vec<Meant>,
    /// Life domains, the surest first.
    pub(crate) domains: Vec<(Domain, f32)>,
    /// What must be so.
    pub(crate) needs: BTreeSet<Need>,
    /// What must not come.
    pub(crate) refused: BTreeSet<Ref>,
    /// Words that nothing was made of, as the vocabulary folds them.
    pub(crate) unrecognised: Vec<String>,
    /// Words that may stand in a place's own name, and what each is worth.
    pub(crate) names: Vec<(String, f32)>,
    /// Whether nothing much was understood.
    pub(crate) unsure: bool,
    /// Whether only the beginning was read.
    pub(crate) cut: bool,
    /// Whether someone speaks of wanting to die, or of hurting themself.
    pub(crate) crisis: bool,
    /// The sayings it sounds like, the most alike first.
    pub(crate) sounds_like: Vec<(u16, f32)>,
    /// Whether nothing was understood, so that places are offered that are easy to start with.
    pub(crate) to_start: bool,
}
