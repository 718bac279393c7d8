//! Hints: words that point to something without naming it. One alone says little; several together say much.

use std::collections::{BTreeMap, HashMap};

use super::{Ref, phrases::Word};

/// Longest hint in words.
const MOST_WORDS: usize = 5;

/// Hints by their words' stems.
#[derive(Debug, Default)]
pub(crate) struct Hints {
    /// By the keys of the words, joined by spaces.
    pointing: HashMap<Box<str>, Box<[(Ref, f32)]>>,
}

/// Some words of a text that hint at something.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Hint<'h> {
    /// The first word.
    pub(crate) from: usize,
    /// How many words.
    pub(crate) len: usize,
    /// What they point to and how strongly, above 0 and at most 1.
    pub(crate) at: &'h [(Ref, f32)],
}

/// Hints as they are read.
#[derive(Debug, Default)]
pub(crate) struct Gathered(BTreeMap<String, BTreeMap<Ref, f32>>);

impl Gathered {
    /// Adds a hint; of the same twice, the stronger counts. `false` where it has too many words to be found again.
    pub(crate) fn add(&mut self, words: &[Word], concept: Ref, strength: f32) -> bool {
        let known = self.0.entry(key(words)).or_default().entry(concept).or_default();
        *known = known.max(strength);
        words.len() <= MOST_WORDS
    }

    pub(crate) fn finish(self) -> Hints {
        let packed = self.0.into_iter().map(|(key, at)| (key.into(), at.into_iter().collect()));
        Hints { pointing: packed.collect() }
    }
}

impl Hints {
    /// Every hint in the words, longer ones too.
    pub(crate) fn read(&self, words: &[Word]) -> Vec<Hint<'_>> {
        let mut found = Vec::new();
        for from in 0..words.len() {
            let mut key = String::new();
            for (len, word) in (1..=MOST_WORDS).zip(&words[from..]) {
                if len > 1 {
                    key.push(' ');
                }
                key.push_str(&word.stem.key);
                if let Some(at) = self.pointing.get(key.as_str()) {
                    found.push(Hint { from, len, at });
                }
            }
        }
        found
    }
}

fn key(words: &[Word]) -> String {
    words.iter().map(|word| word.stem.key.as_str()).collect::<Vec<_>>().join(" ")
}
