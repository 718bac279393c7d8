//! Phrases and what they mean, found word by word.

use std::collections::HashMap;

use super::{Ref, Through, text::Stem};

/// How much a word's other ending takes away.
const SAME: f32 = 0.98;
const AKIN: f32 = 0.9;
/// How much it takes away that two words were written as one, or one as two.
const JOINED: f32 = 0.95;
/// How much is left of a phrase that fits only by its ending, where another fits to the letter.
const LESS_EXACT: f32 = 0.6;
/// Shortest word that two may be joined to, in bytes.
const SHORTEST_JOINED: usize = 6;

/// A word in all its forms.
#[derive(Debug, Clone)]
pub(crate) struct Word {
    pub(crate) raw: String,
    pub(crate) stem: Stem,
}

#[derive(Debug)]
struct Entry {
    words: Box<[Word]>,
    concept: Ref,
    through: Through,
    sureness: f32,
}

/// What a phrase was taken for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Meant {
    pub(crate) concept: Ref,
    pub(crate) through: Through,
    pub(crate) sureness: f32,
}

/// Some words of a text that make a phrase.
#[derive(Debug)]
pub(crate) struct Fit {
    /// The first word.
    pub(crate) from: usize,
    /// How many words.
    pub(crate) len: usize,
    /// What they mean, the surest first; each concept once.
    pub(crate) meant: Vec<Meant>,
}

/// A tree of phrases by their words' keys.
#[derive(Debug, Default)]
pub(crate) struct Phrases {
    keys: HashMap<Box<str>, u32>,
    steps: HashMap<(u32, u32), u32>,
    ends: HashMap<u32, Vec<Entry>>,
    nodes: u32,
}

impl Phrases {
    /// Adds a phrase; of two words that are one when joined, both spellings.
    pub(crate) fn add(&mut self, words: &[Word], concept: Ref, through: Through, sureness: f32, join: impl Fn(&str) -> Word) {
        self.put(words.into(), concept, through, sureness);
        if let [first, second] = words {
            let joined = format!("{}{}", first.raw, second.raw);
            if joined.len() >= SHORTEST_JOINED && first.raw.len() > 1 && second.raw.len() > 1 {
                self.put([join(&joined)].into(), concept, through, sureness * JOINED);
            }
        }
    }

    fn put(&mut self, words: Box<[Word]>, concept: Ref, through: Through, sureness: f32) {
        let mut node = 0;
        for word in &words {
            let fresh = u32::try_from(self.keys.len()).unwrap_or(u32::MAX);
            let key = *self.keys.entry(word.stem.key.as_str().into()).or_insert(fresh);
            node = *self.steps.entry((node, key)).or_insert_with(|| {
                self.nodes += 1;
                self.nodes
            });
        }
        self.ends.entry(node).or_default().push(Entry { words, concept, through, sureness });
    }

    /// Whether some phrase has this word, or the word but for its ending.
    pub(crate) fn knows(&self, word: &Word) -> bool {
        self.keys.contains_key(word.stem.key.as_str())
    }

    /// Every phrase in the words, however they overlap. `least` is how exact each word must be.
    pub(crate) fn fits(&self, words: &[Word], exactness: Exactness, join: impl Fn(&str) -> Word) -> Vec<Fit> {
        let keys: Vec<Option<u32>> = words.iter().map(|word| self.keys.get(word.stem.key.as_str()).copied()).collect();
        let mut found = Vec::new();
        for from in 0..words.len() {
            let mut node = 0;
            for (len, key) in (1..).zip(&keys[from..]) {
                let Some(next) = key.and_then(|key| self.steps.get(&(node, key))) else { break };
                node = *next;
                found.extend(self.end(node, from, len, &words[from..from + len], exactness));
            }
            found.extend(self.joined(words, from, exactness, &join));
        }
        found
    }

    fn joined(&self, words: &[Word], from: usize, exactness: Exactness, join: impl Fn(&str) -> Word) -> Option<Fit> {
        let [first, second] = words.get(from..from + 2)? else { return None };
        if first.raw.len() + second.raw.len() < SHORTEST_JOINED || first.raw.len() < 2 || second.raw.len() < 2 {
            return None;
        }
        let word = join(&format!("{}{}", first.raw, second.raw));
        let key = self.keys.get(word.stem.key.as_str())?;
        let node = self.steps.get(&(0, *key))?;
        let mut fit = self.end(*node, from, 2, &[word], exactness)?;
        fit.meant.iter_mut().for_each(|meant| meant.sureness *= JOINED);
        Some(fit)
    }

    fn end(&self, node: u32, from: usize, len: usize, words: &[Word], exactness: Exactness) -> Option<Fit> {
        let fitting: Vec<(f32, &Entry)> =
            self.ends.get(&node)?.iter().filter_map(|entry| Some((exactness.of(&entry.words, words)?, entry))).collect();
        let exact = fitting.iter().any(|(fit, _)| *fit >= 1.0);
        let mut meant: Vec<Meant> = Vec::with_capacity(fitting.len());
        for (fit, entry) in fitting {
            let loss = if exact && fit < 1.0 { LESS_EXACT } else { fit };
            let sureness = entry.sureness * loss;
            match meant.iter_mut().find(|other| other.concept == entry.concept) {
                Some(other) if other.sureness >= sureness => {}
                Some(other) => *other = Meant { concept: entry.concept, through: entry.through, sureness },
                None => meant.push(Meant { concept: entry.concept, through: entry.through, sureness }),
            }
        }
        meant.sort_by(|a, b| b.sureness.total_cmp(&a.sureness).then(a.concept.cmp(&b.concept)));
        (!meant.is_empty()).then_some(Fit { from, len, meant })
    }
}

/// How alike words must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exactness {
    /// All endings are taken off.
    Loose,
    /// Only plurals are taken off: a pub called The Cricketers isn't a place for cricket.
    Plural,
}

impl Exactness {
    fn of(self, entry: &[Word], words: &[Word]) -> Option<f32> {
        let mut least = 1.0_f32;
        for (known, word) in entry.iter().zip(words) {
            least = least.min(match () {
                () if known.raw == word.raw => 1.0,
                () if known.stem.same(&word.stem) => SAME,
                () if self == Self::Loose && known.stem.akin(&word.stem) => AKIN,
                () => return None,
            });
        }
        Some(least)
    }
}

/// The fits that don't overlap: longer ones first, then earlier ones; in the order of the text.
pub(crate) fn longest(mut fits: Vec<Fit>, words: usize) -> Vec<Fit> {
    fits.sort_by(|a, b| b.len.cmp(&a.len).then(a.from.cmp(&b.from)));
    let mut taken = vec![false; words];
    fits.retain(|fit| {
        let free = !taken[fit.from..fit.from + fit.len].contains(&true);
        if free {
            taken[fit.from..fit.from + fit.len].fill(true);
        }
        free
    });
    fits.sort_by_key(|fit| fit.from);
    fits
}
