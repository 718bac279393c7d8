//! The words that have each stem, so that a slip is mended in a form that no list has, too.

use super::{
    lexicon::{Lexicon, Packed, small},
    phrases::Word,
};

/// Words by their stems' keys.
#[derive(Debug, Default)]
pub(crate) struct Forms {
    /// In order.
    keys: Lexicon,
    /// For each the end of its words.
    ends: Vec<u32>,
    words: Packed,
}

impl Forms {
    /// Of words in order.
    pub(crate) fn of(words: impl Iterator<Item = Word>) -> Self {
        let mut all: Vec<(String, String)> = words.map(|word| (word.stem.key, word.raw)).collect();
        all.sort();
        let mut forms = Self::default();
        for same in all.chunk_by(|a, b| a.0 == b.0) {
            forms.keys.add(&same[0].0);
            same.iter().for_each(|(_, word)| _ = forms.words.push(word));
            forms.ends.push(small(forms.words.len()));
        }
        forms.keys.finish();
        forms.words.finish();
        forms.ends.shrink_to_fit();
        forms
    }

    /// The keys, in order.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.keys.iter()
    }

    /// The words with a stem's key, in order; none where no word has it.
    pub(crate) fn with(&self, key: &str) -> Option<impl Iterator<Item = &str>> {
        let at = self.keys.place(key)?;
        let end = |at: u32| self.ends.get(at as usize).copied().unwrap_or_default();
        Some((at.checked_sub(1).map_or(0, end)..end(at)).map(|word| self.words.get(word)))
    }
}
