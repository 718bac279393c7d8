//! Words that many rows share, kept once.

use std::collections::HashMap;

/// A shared word. Its order means nothing: never sort by it where the order can be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Sym(u32);

/// All shared words.
#[derive(Default)]
pub(super) struct Names {
    words: Vec<std::rc::Rc<str>>,
    places: HashMap<std::rc::Rc<str>, u32>,
}

impl Names {
    /// The symbol of a word.
    pub(super) fn sym(&mut self, word: &str) -> Sym {
        if let Some(at) = self.places.get(word) {
            return Sym(*at);
        }
        let at = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        let word: std::rc::Rc<str> = word.into();
        self.words.push(word.clone());
        self.places.insert(word, at);
        Sym(at)
    }

    /// The word of a symbol.
    pub(super) fn word(&self, sym: Sym) -> &str {
        self.words.get(sym.0 as usize).map_or("", |word| word)
    }
}
