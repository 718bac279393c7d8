//! Phrases and what they mean, found word by word.

use std::collections::HashMap;

use super::{
    Ref, Through,
    lexicon::{Lexicon, small},
    text::{Ending, Stem},
};

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

/// A word of a phrase: its forms by their places in the lexicon. That all words of a phrase have the right keys is told by
/// the way through the tree.
#[derive(Debug, Clone, Copy)]
struct Known {
    raw: u32,
    one: u32,
    ending: Ending,
}

/// A word of a text, as far as some phrase has its forms.
#[derive(Debug, Clone, Copy)]
struct Sought {
    raw: Option<u32>,
    one: Option<u32>,
    key: Option<u32>,
    ending: Ending,
}

#[derive(Debug)]
struct Entry {
    /// Where the tree it ends.
    node: u32,
    /// Its first word and how many it has.
    words: (u32, u32),
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
    /// What all forms of a word share.
    keys: Lexicon,
    /// Words as they are written, and without a plural.
    forms: Lexicon,
    /// From a node by a key to the next node; 0 is where all begin.
    steps: HashMap<(u32, u32), u32>,
    /// In the order of their nodes, once all are there.
    entries: Vec<Entry>,
    /// For each node the end of its entries.
    ends: Vec<u32>,
    words: Vec<Known>,
}

impl Phrases {
    /// Adds a phrase; of two words that are one when joined, both spellings.
    pub(crate) fn add(&mut self, words: &[Word], concept: Ref, through: Through, sureness: f32, join: impl Fn(&str) -> Word) {
        self.put(words, concept, through, sureness);
        if let [first, second] = words {
            let joined = format!("{}{}", first.raw, second.raw);
            if joined.len() >= SHORTEST_JOINED && first.raw.len() > 1 && second.raw.len() > 1 {
                self.put(&[join(&joined)], concept, through, sureness * JOINED);
            }
        }
    }

    fn put(&mut self, words: &[Word], concept: Ref, through: Through, sureness: f32) {
        let mut node = 0;
        let first = small(self.words.len());
        for word in words {
            let key = self.keys.add(&word.stem.key);
            let fresh = small(self.steps.len()) + 1;
            node = *self.steps.entry((node, key)).or_insert(fresh);
            let (raw, one) = (self.forms.add(&word.raw), self.forms.add(&word.stem.one));
            self.words.push(Known { raw, one, ending: word.stem.ending });
        }
        self.entries.push(Entry { node, words: (first, small(words.len())), concept, through, sureness });
    }

    /// To be called when all are added.
    pub(crate) fn finish(&mut self) {
        self.entries.sort_by_key(|entry| entry.node);
        let nodes = 0..=small(self.steps.len());
        self.ends = nodes.map(|node| small(self.entries.partition_point(|entry| entry.node <= node))).collect();
        self.keys.finish();
        self.forms.finish();
        self.steps.shrink_to_fit();
        self.entries.shrink_to_fit();
        self.words.shrink_to_fit();
    }

    /// Whether some phrase has this word, or the word but for its ending.
    pub(crate) fn knows(&self, word: &Word) -> bool {
        self.keys.contains(&word.stem.key)
    }

    fn sought(&self, word: &Word) -> Sought {
        let Word { raw, stem } = word;
        Sought {
            raw: self.forms.place(raw),
            one: self.forms.place(&stem.one),
            key: self.keys.place(&stem.key),
            ending: stem.ending,
        }
    }

    /// Every phrase in the words, however they overlap. `least` is how exact each word must be.
    pub(crate) fn fits(&self, words: &[Word], exactness: Exactness, join: impl Fn(&str) -> Word) -> Vec<Fit> {
        let sought: Vec<Sought> = words.iter().map(|word| self.sought(word)).collect();
        let mut found = Vec::new();
        for from in 0..words.len() {
            let mut node = 0;
            for (len, word) in (1..).zip(&sought[from..]) {
                let Some(next) = word.key.and_then(|key| self.steps.get(&(node, key))) else { break };
                node = *next;
                found.extend(self.end(node, from, &sought[from..from + len], exactness));
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
        let word = self.sought(&word);
        let node = self.steps.get(&(0, word.key?))?;
        let mut fit = self.end(*node, from, &[word], exactness)?;
        fit.len = 2;
        fit.meant.iter_mut().for_each(|meant| meant.sureness *= JOINED);
        Some(fit)
    }

    /// The phrases that end at a node.
    fn entries(&self, node: u32) -> &[Entry] {
        let end = |node: u32| self.ends.get(node as usize).map_or(0, |end| *end as usize);
        self.entries.get(node.checked_sub(1).map_or(0, end)..end(node)).unwrap_or_default()
    }

    fn words(&self, entry: &Entry) -> &[Known] {
        let (first, len) = entry.words;
        &self.words[first as usize..(first + len) as usize]
    }

    fn end(&self, node: u32, from: usize, words: &[Sought], exactness: Exactness) -> Option<Fit> {
        let entries = self.entries(node).iter();
        let fitting: Vec<(f32, &Entry)> =
            entries.filter_map(|entry| Some((exactness.of(self.words(entry), words)?, entry))).collect();
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
        (!meant.is_empty()).then_some(Fit { from, len: words.len(), meant })
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
    fn of(self, entry: &[Known], words: &[Sought]) -> Option<f32> {
        let mut least = 1.0_f32;
        for (known, word) in entry.iter().zip(words) {
            least = least.min(match () {
                () if word.raw == Some(known.raw) => 1.0,
                () if word.one == Some(known.one) => SAME,
                () if self == Self::Loose && known.ending.goes_with(word.ending) => AKIN,
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
