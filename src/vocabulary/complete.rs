//! Suggestions while someone types.

use std::collections::HashMap;

use super::{
    Concept, Ref, Vocabulary,
    lexicon::{Packed, small},
    text::folded,
};

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
    /// Whole phrases, labels among them.
    phrases: Packed,
    /// What each stands for, and how surely.
    stand_for: Vec<(Ref, f32)>,
    /// Every phrase from each of its words on, in order: its place, and its first byte.
    beginnings: Vec<(u32, u32)>,
}

impl Completions {
    pub(crate) fn add(&mut self, phrase: &str, concept: Ref, sureness: f32) {
        let at = self.phrases.push(phrase);
        self.stand_for.push((concept, sureness));
        self.beginnings.push((at, 0));
        self.beginnings.extend(phrase.match_indices(' ').map(|(space, _)| (at, small(space + 1))));
    }

    pub(crate) fn add_label(&mut self, label: &str, concept: Ref) {
        self.add(&folded(label), concept, LABEL);
    }

    /// To be called when all are added.
    pub(crate) fn finish(&mut self) {
        let mut beginnings = std::mem::take(&mut self.beginnings);
        let key = |beginning: &(u32, u32)| (self.rest(*beginning), self.stand_for[beginning.0 as usize].0);
        beginnings.sort_by(|a, b| key(a).cmp(&key(b)));
        beginnings.shrink_to_fit();
        self.beginnings = beginnings;
        self.phrases.finish();
        self.stand_for.shrink_to_fit();
    }

    /// Whole phrases and what they stand for.
    pub(super) fn whole(&self) -> impl Iterator<Item = (&str, Ref)> {
        self.phrases.iter().zip(&self.stand_for).map(|(phrase, (concept, _))| (phrase, *concept))
    }

    fn rest(&self, (phrase, from): (u32, u32)) -> &str {
        self.phrases.get(phrase).get(from as usize..).unwrap_or_default()
    }

    /// The rest of a phrase, what the phrase stands for, and how surely that is what is being typed.
    fn likely(&self, beginning: (u32, u32)) -> (&str, Ref, f32) {
        let (concept, sureness) = self.stand_for[beginning.0 as usize];
        (self.rest(beginning), concept, if beginning.1 == 0 { sureness } else { sureness * LATER_WORD })
    }

    fn beginning(&self, prefix: &str) -> Vec<(&str, Ref, f32)> {
        let from = self.beginnings.partition_point(|beginning| self.rest(*beginning) < prefix);
        let all = self.beginnings[from..].iter().map(|beginning| self.likely(*beginning));
        let mut best: HashMap<Ref, (&str, f32)> = HashMap::new();
        for (phrase, concept, sureness) in all.take_while(|(phrase, ..)| phrase.starts_with(prefix)).take(MOST) {
            let kept = best.entry(concept).or_insert((phrase, sureness));
            if sureness > kept.1 {
                *kept = (phrase, sureness);
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
