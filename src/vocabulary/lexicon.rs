//! Many short texts in one piece of memory: tens of thousands of strings of their own would take several times as much.

use std::{fmt, ops::Range};

/// Texts one after another, each known by its place.
#[derive(Clone, Default)]
pub(crate) struct Packed {
    text: String,
    ends: Vec<u32>,
}

impl Packed {
    /// Adds a text; its place.
    pub(crate) fn push(&mut self, text: &str) -> u32 {
        let at = small(self.ends.len());
        self.text.push_str(text);
        self.ends.push(small(self.text.len()));
        at
    }

    /// The text at a place; empty where there is none.
    pub(crate) fn get(&self, at: u32) -> &str {
        self.text.get(self.span(at)).unwrap_or_default()
    }

    fn is(&self, at: u32, text: &str) -> bool {
        self.text.as_bytes().get(self.span(at)) == Some(text.as_bytes())
    }

    fn span(&self, at: u32) -> Range<usize> {
        at.checked_sub(1).map_or(0, |before| self.end(before))..self.end(at)
    }

    fn end(&self, at: u32) -> usize {
        self.ends.get(at as usize).map_or(0, |end| *end as usize)
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..small(self.ends.len())).map(|at| self.get(at))
    }

    /// Gives back what room is left; to be called when all is added.
    pub(crate) fn finish(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
    }
}

impl<T: AsRef<str>> FromIterator<T> for Packed {
    fn from_iter<I: IntoIterator<Item = T>>(texts: I) -> Self {
        let mut packed = Self::default();
        texts.into_iter().for_each(|text| _ = packed.push(text.as_ref()));
        packed.finish();
        packed
    }
}

impl fmt::Debug for Packed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// Texts, each once, found by themselves.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lexicon {
    texts: Packed,
    /// Where a text is, by its hash: one more than its place, 0 where a slot is free.
    slots: Vec<u32>,
}

impl Lexicon {
    /// The place of a text, which is added where it isn't there yet.
    pub(crate) fn add(&mut self, text: &str) -> u32 {
        if let Some(at) = self.place(text) {
            return at;
        }
        let at = self.texts.push(text);
        // At most half of the slots are taken, so that few are looked at.
        if self.texts.len() * 2 > self.slots.len() {
            self.spread();
        } else {
            let free = self.slot(text);
            self.slots[free] = at + 1;
        }
        at
    }

    fn spread(&mut self) {
        self.slots = vec![0; (self.texts.len() * 2).next_power_of_two().max(16)];
        for at in 0..small(self.texts.len()) {
            let free = self.slot(self.texts.get(at));
            self.slots[free] = at + 1;
        }
    }

    /// The slot that a text has, or would have.
    fn slot(&self, text: &str) -> usize {
        let last = self.slots.len() - 1;
        let mut slot = hash(text.as_bytes()) as usize & last;
        while self.slots[slot].checked_sub(1).is_some_and(|at| !self.texts.is(at, text)) {
            slot = (slot + 1) & last;
        }
        slot
    }

    /// The place of a text, if it is there.
    pub(crate) fn place(&self, text: &str) -> Option<u32> {
        if self.slots.is_empty() { None } else { self.slots[self.slot(text)].checked_sub(1) }
    }

    pub(crate) fn contains(&self, text: &str) -> bool {
        self.place(text).is_some()
    }

    pub(crate) fn len(&self) -> usize {
        self.texts.len()
    }

    /// In the order in which they were added.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.texts.iter()
    }

    /// Gives back what room is left; to be called when all is added.
    pub(crate) fn finish(&mut self) {
        self.texts.finish();
    }
}

impl<T: AsRef<str>> FromIterator<T> for Lexicon {
    fn from_iter<I: IntoIterator<Item = T>>(texts: I) -> Self {
        let mut lexicon = Self::default();
        texts.into_iter().for_each(|text| _ = lexicon.add(text.as_ref()));
        lexicon.finish();
        lexicon
    }
}

/// FNV-1a.
pub(crate) fn hash(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

/// A place or an end; the vocabulary's files are far smaller than what this can count.
pub(crate) fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back_as_they_were() {
        let texts = ["", "chess", "a", "", "Łódź café", "b"];
        let packed: Packed = texts.iter().collect();
        assert_eq!(packed.iter().collect::<Vec<_>>(), texts);
        assert_eq!((packed.len(), packed.get(4), packed.get(6)), (6, "Łódź café", ""));
    }

    #[test]
    fn every_text_is_there_once_and_is_found() {
        let words: Vec<String> = (0..5_000).map(|number| format!("w{}", number % 3_000)).collect();
        let lexicon: Lexicon = words.iter().collect();
        assert_eq!(lexicon.len(), 3_000);
        assert!(lexicon.iter().eq(words[..3_000].iter().map(String::as_str)));
        for (at, word) in (0..).zip(&words[..3_000]) {
            assert_eq!(lexicon.place(word), Some(at));
        }
        assert!(!lexicon.contains("w3000") && !lexicon.contains("") && !Lexicon::default().contains("a"));
    }
}
