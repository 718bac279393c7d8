//! Suggestions while someone types.

use std::collections::HashMap;

use super::{Concept, Ref, Vocabulary, text::folded};

/// How much it takes away that what was typed begins a later word of the phrase.
const LATER_WORD: f32 = 0.6;
/// A label counts for a little more than a synonym.
const LABEL: f32 = 1.2;
/// Most phrases looked at for one beginning.
const MOST: usize = 4_000;

/// Something that what was typed may become.
#[derive(Debug, Clone, PartialEq)]
pub struct Completion {
    /// What it is.
    pub concept: Concept,
    /// Its name for people.
    pub label: String,
    /// The phrase that begins with what was typed, folded.
    pub phrase: String,
    /// How sure, above 0.
    pub sureness: f32,
}

/// Phrases by their beginnings.
#[derive(Debug, Default)]
pub(crate) struct Completions {
    phrases: Vec<(Box<str>, Ref, f32)>,
    /// Whole phrases, labels among them.
    whole: Vec<(Box<str>, Ref)>,
}

impl Completions {
    pub(crate) fn add(&mut self, phrase: &str, concept: Ref, sureness: f32) {
        self.phrases.push((phrase.into(), concept, sureness));
        self.whole.push((phrase.into(), concept));
        for (at, _) in phrase.match_indices(' ') {
            self.phrases.push((phrase[at + 1..].into(), concept, sureness * LATER_WORD));
        }
    }

    pub(crate) fn add_label(&mut self, label: &str, concept: Ref) {
        self.add(&folded(label), concept, LABEL);
    }

    pub(crate) fn finish(&mut self) {
        self.phrases.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.cmp(&b.1)));
        self.phrases.shrink_to_fit();
    }

    /// Whole phrases and what they stand for.
    pub(super) fn whole(&self) -> impl Iterator<Item = (&str, Ref)> {
        self.whole.iter().map(|(phrase, concept)| (&**phrase, *concept))
    }

    fn beginning(&self, prefix: &str) -> Vec<(&str, Ref, f32)> {
        let from = self.phrases.partition_point(|(phrase, ..)| **phrase < *prefix);
        let mut best: HashMap<Ref, (&str, f32)> = HashMap::new();
        for (phrase, concept, sureness) in self.phrases[from..].iter().take_while(|(p, ..)| p.starts_with(prefix)).take(MOST) {
            let kept = best.entry(*concept).or_insert((phrase, *sureness));
            if *sureness > kept.1 {
                *kept = (phrase, *sureness);
            }
        }
        let mut found: Vec<_> = best.into_iter().map(|(concept, (phrase, sureness))| (phrase, concept, sureness)).collect();
        found.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.0.len().cmp(&b.0.len())).then(a.1.cmp(&b.1)));
        found
    }
}

impl Vocabulary {
    /// Kinds and activities with a name or word that begins like this, the likeliest first.
    pub fn complete(&self, prefix: &str, limit: usize) -> Vec<Completion> {
        let prefix = folded(prefix);
        if prefix.is_empty() {
            return Vec::new();
        }
        let found = self.completions.beginning(&prefix).into_iter().filter(|(_, concept, _)| !matches!(concept, Ref::Domain(_)));
        found
            .take(limit)
            .map(|(phrase, concept, sureness)| {
                let concept = self.concept(concept);
                Completion { label: self.label(&concept).to_owned(), concept, phrase: phrase.to_owned(), sureness }
            })
            .collect()
    }
}
