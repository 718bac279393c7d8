//! What a question's words mean, whatever engine looks for them.

use std::ops::Range;

use super::{MAX_WORDS, Meaning, settings::Typos};
use crate::vocabulary::{
    Concept, Vocabulary,
    text::{Token, singular, tokens},
};

/// Most parts of one question; the rest is left out.
pub const MAX_PARTS: usize = 12;
/// Concepts less sure than this aren't searched for.
const LEAST_SURE: f32 = 0.3;
/// What completing a word being typed takes away.
const COMPLETED: f32 = 0.7;
/// Most concepts that a word being typed may become.
const MOST_COMPLETIONS: usize = 6;
/// A later word of a phrase that begins like this isn't what is being typed.
const SURE_COMPLETION: f32 = 0.75;
/// A spelling that so many times as many names have is what was meant.
const CLEARLY_MORE: u64 = 20;
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

/// How often the catalogue's names have a word.
pub type Frequency<'f> = &'f dyn Fn(&str) -> u64;

/// What the words mean.
pub fn understand(vocabulary: &Vocabulary, words: &str, typos: &Typos, frequency: Frequency<'_>) -> Understanding {
    let text: String = words.chars().take(MAX_WORDS).collect();
    let tokens = tokens(&text);
    let typing = typing(&text, &tokens);
    let stands = |word: &str, meant: &str| {
        let names = frequency(word);
        let known = names >= typos.known_from && frequency(meant) < names * CLEARLY_MORE;
        // Whoever is still typing may go on to the word as it is.
        let unfinished = typing == Some(word) && !meant.starts_with(word) && !completions(vocabulary, word, frequency).is_empty();
        known || unfinished
    };
    let reading = vocabulary.recognise_tokens(&tokens, stands);
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
        finish_typing(vocabulary, last, word, tokens.last(), frequency);
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

fn finish_typing(vocabulary: &Vocabulary, last: &mut Part, word: &str, token: Option<&Token>, frequency: Frequency<'_>) {
    let ends_with_it = token.is_some_and(|token| token.span.end == last.span.end);
    if !ends_with_it || !last.concepts.is_empty() {
        return;
    }
    last.open = true;
    last.concepts = completions(vocabulary, word, frequency);
}

/// What a word being typed may become. A word that names have as it is becomes nothing else but a longer word.
fn completions(vocabulary: &Vocabulary, word: &str, frequency: Frequency<'_>) -> Vec<(Concept, f32)> {
    if word.len() < COMPLETED_FROM {
        return Vec::new();
    }
    let named = frequency(word) > 0;
    let whole = |phrase: &str| phrase.split(' ').next() == Some(word);
    let found = vocabulary.complete(word, MOST_COMPLETIONS).into_iter();
    let found = found.filter(|found| found.sureness >= SURE_COMPLETION && !(named && whole(&found.phrase)));
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
