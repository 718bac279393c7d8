//! What a question's words mean, whatever engine looks for them.

use std::ops::Range;

use super::{MAX_WORDS, Meaning};
use crate::vocabulary::{
    Concept, Vocabulary,
    text::{Token, singular, tokens},
};

pub use super::place_words::{place_candidates, split_place};

/// Most parts of one question; the rest is left out.
pub const MAX_PARTS: usize = 12;
/// Concepts less sure than this aren't searched for.
const LEAST_SURE: f32 = 0.3;
/// What completing a word being typed takes away.
const COMPLETED: f32 = 0.7;
/// Most concepts that a word being typed may become.
const MOST_COMPLETIONS: usize = 6;
/// Letters from which a word being typed may become a concept.
const COMPLETED_FROM: usize = 3;

/// Some words that belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Its bytes in the words.
    pub span: Range<usize>,
    /// Its words, folded.
    pub words: Vec<String>,
    /// What they were taken for and how surely, the surest first.
    pub concepts: Vec<(Concept, f32)>,
    /// The spelling that was meant, where one was mended.
    pub mended: Option<String>,
    /// Its last word may still be being typed.
    pub open: bool,
}

/// A question's words, understood.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Understanding {
    /// The words, cut to their longest.
    pub text: String,
    /// The parts, in the order typed.
    pub parts: Vec<Part>,
}

/// What the words mean. `known` says of a word that the catalogue has it often enough for it to be no slip.
pub fn understand(vocabulary: &Vocabulary, words: &str, known: impl Fn(&str) -> bool) -> Understanding {
    let text: String = words.chars().take(MAX_WORDS).collect();
    let tokens = tokens(&text);
    let typing = typing(&text, &tokens);
    let completes = |word: &str| {
        typing == Some(word) && word.len() >= COMPLETED_FROM && !completions(vocabulary, word).is_empty()
    };
    let reading = vocabulary.recognise_tokens(&tokens, |word| known(word) || completes(word));
    let mut parts: Vec<Part> = Vec::new();
    for sighting in reading.sightings {
        let concept = (sighting.concept, sighting.sureness);
        match parts.last_mut().filter(|part| part.span == sighting.span) {
            Some(part) => part.concepts.push(concept),
            None => parts.push(Part { concepts: vec![concept], mended: sighting.mended, ..plain(&tokens, sighting.span) }),
        }
    }
    parts.extend(reading.unrecognised.into_iter().map(|span| plain(&tokens, span)));
    if parts.is_empty() {
        parts.extend(tokens.iter().map(|token| plain(&tokens, token.span.clone())));
    }
    parts.sort_by_key(|part| part.span.start);
    parts.truncate(MAX_PARTS);
    if let (Some(word), Some(last)) = (typing, parts.last_mut()) {
        finish_typing(vocabulary, last, word, tokens.last());
    }
    for part in &mut parts {
        part.concepts.retain(|(_, sureness)| *sureness >= LEAST_SURE);
    }
    Understanding { text, parts }
}

/// The last word, if nothing follows it.
fn typing<'t>(text: &str, tokens: &'t [Token]) -> Option<&'t str> {
    tokens.last().filter(|token| token.span.end == text.len()).map(|token| token.word.as_str())
}

fn plain(tokens: &[Token], span: Range<usize>) -> Part {
    let inside = tokens.iter().filter(|token| span.start <= token.span.start && token.span.end <= span.end);
    let words = inside.map(|token| token.word.clone()).collect();
    Part { span, words, concepts: Vec::new(), mended: None, open: false }
}

fn finish_typing(vocabulary: &Vocabulary, last: &mut Part, word: &str, token: Option<&Token>) {
    let ends_with_it = token.is_some_and(|token| token.span.end == last.span.end);
    if !ends_with_it || !last.concepts.is_empty() {
        return;
    }
    last.open = true;
    if word.len() >= COMPLETED_FROM {
        last.concepts = completions(vocabulary, word);
    }
}

fn completions(vocabulary: &Vocabulary, word: &str) -> Vec<(Concept, f32)> {
    let found = vocabulary.complete(word, MOST_COMPLETIONS).into_iter().filter(|found| found.phrase.starts_with(word));
    found.map(|found| (found.concept, found.sureness.min(1.0) * COMPLETED)).collect()
}

impl Understanding {
    /// The parts, as people see them.
    pub fn meanings(&self) -> Vec<Meaning> {
        let meaning = |part: &Part| Meaning {
            text: self.text[part.span.clone()].to_owned(),
            concepts: part.concepts.iter().map(|(concept, _)| concept.clone()).collect(),
            mended: part.mended.clone(),
        };
        self.parts.iter().map(meaning).collect()
    }

    /// Words to highlight: lower case, accents folded, plural endings left out where that leaves a beginning.
    pub fn highlight(&self, vocabulary: &Vocabulary) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for part in &self.parts {
            let mended = part.mended.iter().flat_map(|spelling| spelling.split(' ').map(str::to_owned));
            for word in part.words.iter().cloned().chain(mended).filter(|word| !vocabulary.is_stop_word(word)) {
                let one = singular(&word);
                let word = if word.starts_with(&*one) { one.into_owned() } else { word };
                if word.len() > 1 && !found.contains(&word) {
                    found.push(word);
                }
            }
        }
        found
    }
}
