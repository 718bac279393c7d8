//! From parts of a question to the terms to look for, and what each is worth.

use super::{
    document::concept_text,
    snapshot::{Place, Snapshot},
};
use crate::{
    search::{settings::Settings, understand::Part},
    vocabulary::{Concept, Vocabulary, text::singular},
};

/// A word's worth doesn't fall below this share, however common it is.
const COMMON: f32 = 0.25;
/// Letters from which the beginning of a word stands for the whole.
const PREFIX_FROM: usize = 2;
/// What other words of a phrase are worth where they make a concept together.
const LITERAL: f32 = 0.9;

/// All parts, the rarest first.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) parts: Vec<PartPlan>,
    /// Every word and its singular.
    pub(super) words: Vec<String>,
}

/// One part: any of its sources may fit.
#[derive(Debug)]
pub(super) struct PartPlan {
    pub(super) sources: Vec<Source>,
    /// How many documents at most.
    cost: u64,
}

impl PartPlan {
    /// A part with one source.
    pub(super) fn of(source: Source) -> Self {
        Self { sources: vec![source], cost: 0 }
    }
}

/// One way in which a part may fit.
#[derive(Debug)]
pub(super) enum Source {
    /// All of these words stand somewhere.
    Words(Vec<Vec<Look>>),
    /// It is a place of this kind, or in this life domain.
    Concept { term: String, worth: f32 },
    /// One can do this there: worth it times how surely.
    Activity { term: String, place: u16, worth: f32 },
}

/// A term to look for.
#[derive(Debug)]
pub(super) struct Look {
    pub(super) place: Place,
    pub(super) term: String,
    pub(super) worth: f32,
    /// Longer words that begin so count, too.
    pub(super) prefix: bool,
}

/// What a plan is made for.
pub(super) struct Planner<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) vocabulary: &'a Vocabulary,
    pub(super) settings: &'a Settings,
}

impl Planner<'_> {
    pub(super) fn plan(&self, parts: &[Part]) -> Plan {
        let all = parts.iter().flat_map(|part| &part.words);
        let words = all.flat_map(|word| [word.clone(), singular(word).into_owned()]).collect();
        let mut parts: Vec<PartPlan> = parts.iter().map(|part| self.part(part)).collect();
        parts.sort_by_key(|part| part.cost);
        Plan { parts, words }
    }

    fn part(&self, part: &Part) -> PartPlan {
        let mut cost = 0;
        let mut sources: Vec<Source> = Vec::new();
        for (concept, sureness) in &part.concepts {
            let Some(source) = self.concept(concept, *sureness) else { continue };
            let (Source::Concept { term, .. } | Source::Activity { term, .. }) = &source else { continue };
            cost += self.snapshot.frequency(Place::Concept, term);
            sources.push(source);
        }
        let share = if part.concepts.is_empty() { 1.0 } else { LITERAL };
        let (words, rarest) = self.words(&part.words, part.open, share);
        sources.push(Source::Words(words));
        // A slip that the vocabulary mended is looked for as typed and as meant.
        if let Some(spelling) = part.mended.as_ref().filter(|_| !part.concepts.is_empty()) {
            let meant: Vec<String> = spelling.split(' ').map(str::to_owned).collect();
            sources.push(Source::Words(self.words(&meant, false, share * self.settings.shares.mended).0));
        }
        PartPlan { sources, cost: cost + rarest }
    }

    /// What to look for where all of these words stand somewhere, and in how many places the rarest does.
    fn words(&self, list: &[String], open: bool, share: f32) -> (Vec<Vec<Look>>, u64) {
        let last = list.len().saturating_sub(1);
        let looks = list.iter().enumerate().map(|(at, word)| self.word(word, open && at == last, share));
        let (words, found): (Vec<Vec<Look>>, Vec<u64>) = looks.unzip();
        (words, found.into_iter().min().unwrap_or(0))
    }

    fn concept(&self, concept: &Concept, sureness: f32) -> Option<Source> {
        let weights = &self.settings.weights;
        Some(match concept {
            Concept::Kind(id) => {
                Source::Concept { term: concept_text('k', self.vocabulary.kind_place(id)?), worth: weights.kind * sureness }
            }
            Concept::Domain(id) => Source::Concept { term: concept_text('d', *id as u16), worth: weights.domain * sureness },
            Concept::Activity(id) => {
                let place = self.vocabulary.activity_place(id)?;
                Source::Activity { term: concept_text('a', place), place, worth: weights.activity * sureness }
            }
        })
    }

    fn word(&self, word: &str, open: bool, share: f32) -> (Vec<Look>, u64) {
        let one = singular(word);
        let forms: Vec<&str> = if *one == *word { vec![word] } else { vec![word, &one] };
        let frequency = |place| forms.iter().map(|form| self.snapshot.frequency(place, form)).max().unwrap_or(0);
        let weights = &self.settings.weights;
        let mut looks = Vec::new();
        let mut total = 0;
        for (place, weight) in [(Place::Name, weights.name), (Place::Text, weights.text), (Place::Address, weights.place)] {
            let found = frequency(place);
            total += found;
            let worth = weight * share * self.rarity(found);
            for form in &forms {
                looks.push(Look { place, term: (*form).to_owned(), worth, prefix: false });
            }
            if open && word.len() >= PREFIX_FROM {
                // Longer words aren't counted beforehand: a part that is being typed comes last.
                total += self.snapshot.places / 8;
                looks.push(Look { place, term: word.to_owned(), worth: worth * self.settings.shares.prefix, prefix: true });
            }
        }
        (looks, total)
    }

    #[allow(clippy::cast_precision_loss, reason = "a count of places is no larger than it needs")]
    fn rarity(&self, found: u64) -> f32 {
        let all = (self.snapshot.places + 2) as f32;
        let rare = (all / (found + 1) as f32).ln() / all.ln();
        COMMON + (1.0 - COMMON) * rare.clamp(0.0, 1.0)
    }
}
