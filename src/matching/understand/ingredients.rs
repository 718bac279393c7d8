//! What understanding and choosing are made of, so that each can be left out to see what it is for.

use crate::matching::choose::Parts;

/// Which ingredients count; to see what each is for.
#[derive(Debug, Clone, Copy)]
pub struct Ingredients {
    /// Hints.
    pub(crate) hints: bool,
    /// Names and synonyms.
    pub(crate) named: bool,
    /// What people mean who say such things.
    pub(crate) voices: bool,
    /// What is named or hinted at counts by itself, not only for hearing voices.
    pub(crate) outright: bool,
    /// Needs, refusals and reasons are read apart from the wish.
    pub(crate) roles: bool,
    pub(crate) parts: Parts,
}

impl Default for Ingredients {
    fn default() -> Self {
        Self { hints: true, named: true, voices: true, outright: true, roles: true, parts: Parts::default() }
    }
}

impl Ingredients {
    /// All of them, then each left out in turn, by name.
    pub(crate) fn each_left_out() -> Vec<(&'static str, Self)> {
        let all = Self::default();
        let parts = all.parts;
        vec![
            ("nothing", all),
            ("voices", Self { voices: false, ..all }),
            ("hints", Self { hints: false, ..all }),
            ("names and synonyms", Self { named: false, ..all }),
            ("what is said outright, but for hearing voices", Self { outright: false, ..all }),
            ("needs, refusals and reasons read apart", Self { roles: false, ..all }),
            ("words in places\u{2019} names", Self { parts: Parts { names: false, ..parts }, ..all }),
            ("distance, needs, setting, freshness", Self { parts: Parts { circumstances: false, ..parts }, ..all }),
            ("spreading", Self { parts: Parts { spread: false, ..parts }, ..all }),
        ]
    }
}
