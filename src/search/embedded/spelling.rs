//! Mends misspellings against the words that the catalogue itself has, names above all.

use std::{cmp::Reverse, collections::BTreeMap};

use tantivy::{Term, query::FuzzyTermQuery, schema::Field};

use super::snapshot::{Place, Snapshot};
use crate::search::{settings::Typos, understand::Part};

/// A spelling must be found in so many times as many places for us to ask whether it was meant.
const CLEARLY_MORE: u64 = 10;
/// Most words looked at for one misspelling.
const MOST: usize = 2_000;
const LOOKED_IN: [Place; 3] = [Place::Name, Place::Text, Place::Address];

/// How many slips are forgiven in a word.
fn slips(word: &str, typos: &Typos) -> u8 {
    match word.chars().count() {
        letters if letters >= typos.two_slips_from => 2,
        letters if letters >= typos.one_slip_from => 1,
        _ => 0,
    }
}

impl Snapshot {
    /// In how many places a word stands anywhere, at least.
    pub(super) fn anywhere(&self, word: &str) -> u64 {
        LOOKED_IN.into_iter().map(|place| self.frequency(place, word)).max().unwrap_or(0)
    }

    fn begins_something(&self, word: &str) -> bool {
        LOOKED_IN.into_iter().any(|place| self.segments.iter().any(|segment| !segment.beginning(place, word, 1).is_empty()))
    }

    /// The nearest word of a name or an address, with how often it occurs: fewer slips first, then the commoner.
    fn nearest(&self, word: &str, typos: &Typos) -> Option<(String, u64)> {
        let slips = slips(word, typos);
        if slips == 0 || word.len() > 40 || word.bytes().any(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let query = FuzzyTermQuery::new(Term::from_field_text(Field::from_field_id(0), word), slips, true);
        let mut found: BTreeMap<String, u64> = BTreeMap::new();
        for place in [Place::Name, Place::Address] {
            for segment in &self.segments {
                let Ok(automaton) = query.automaton() else { return None };
                let Ok(mut stream) = segment.dictionary(place).terms().search(automaton).into_stream() else { continue };
                let mut left = MOST;
                while left > 0 && stream.advance() {
                    left -= 1;
                    let Ok(near) = std::str::from_utf8(stream.key()) else { continue };
                    *found.entry(near.to_owned()).or_default() += u64::from(stream.value().doc_freq);
                }
            }
        }
        found.remove(word);
        let best = found.into_iter().min_by_key(|(near, count)| {
            let first = near.chars().next() != word.chars().next();
            (strsim::osa_distance(word, near), first, Reverse(*count))
        });
        best.map(|(near, _)| (self.anywhere(&near), near)).map(|(count, near)| (near, count))
    }

    /// Replaces words that nothing has by the nearest that something has, in parts that mean nothing else.
    pub(super) fn mend(&self, parts: &mut [Part], typos: &Typos) {
        for part in parts.iter_mut().filter(|part| part.concepts.is_empty() && part.mended.is_none()) {
            let [word] = part.words.as_mut_slice() else { continue };
            if self.anywhere(word) > 0 || (part.open && self.begins_something(word)) {
                continue;
            }
            if let Some((nearest, _)) = self.nearest(word, typos) {
                part.mended = Some(nearest.clone());
                *word = nearest;
            }
        }
    }

    /// The words with one of them spelled as far more places have it.
    pub(super) fn did_you_mean(&self, text: &str, parts: &[Part], typos: &Typos) -> Option<String> {
        for part in parts.iter().filter(|part| part.concepts.is_empty() && part.mended.is_none()) {
            let [word] = part.words.as_slice() else { continue };
            let Some((nearest, count)) = self.nearest(word, typos) else { continue };
            if count >= CLEARLY_MORE * self.anywhere(word).max(1) {
                return Some(format!("{}{nearest}{}", &text[..part.span.start], &text[part.span.end..]));
            }
        }
        None
    }
}
