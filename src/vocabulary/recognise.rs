//! Recognises concepts in plain words.

use std::{borrow::Cow, ops::Range};

use serde::Serialize;

use super::{
    Concept, Ref, Vocabulary,
    hints::Hint,
    phrases::{Exactness, Fit, Word, longest},
    text::{Stem, Token, tokens},
};

/// How much it takes away that a misspelling had to be mended.
const MENDED: f32 = 0.9;

/// Which list of the vocabulary a word stood in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Through {
    /// A name or synonym.
    Word,
    /// Everyday speech.
    Slang,
    /// A doing-word.
    Doing,
    /// A role or trade.
    Role,
    /// A feeling or need.
    Need,
    /// A word in a venue's or an offer's name.
    Name,
}

impl Through {
    /// How sure a hit in this list makes us.
    pub fn sureness(self) -> f32 {
        match self {
            Self::Word => 1.0,
            Self::Slang | Self::Role => 0.8,
            Self::Doing => 0.85,
            Self::Need => 0.5,
            Self::Name => 0.9,
        }
    }
}

/// One thing recognised in a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Sighting {
    /// The bytes of the text that say it.
    pub span: Range<usize>,
    /// What it is.
    pub concept: Concept,
    /// How sure, above 0 and at most 1.
    pub sureness: f32,
    /// Which list it stood in.
    pub through: Through,
    /// The word that was meant, where a misspelling was mended.
    pub mended: Option<String>,
}

/// What was made of a text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// What was recognised, in the order of the text; an ambiguous phrase gives several with one span, the surest first.
    pub sightings: Vec<Sighting>,
    /// The bytes of each word that nothing was made of; stop words are left out.
    pub unrecognised: Vec<Range<usize>>,
}

/// Words as they were meant, and the phrases they make.
struct Said<'v> {
    mended: Vec<Option<&'v str>>,
    words: Vec<Word>,
    fits: Vec<Fit>,
}

impl Said<'_> {
    /// Whether a slip of spelling was mended in a phrase.
    fn slips(&self, fit: &Fit) -> bool {
        self.mended[fit.from..fit.from + fit.len].iter().any(Option::is_some)
    }

    /// What is left of how sure it is.
    fn share(&self, fit: &Fit) -> f32 {
        if self.slips(fit) { MENDED } else { 1.0 }
    }

    /// The bytes of the text.
    fn span(&self, fit: &Fit, tokens: &[Token]) -> Range<usize> {
        tokens[fit.from].span.start..tokens[fit.from + fit.len - 1].span.end
    }
}

impl Vocabulary {
    /// What the text speaks of. Takes a text of any length.
    pub fn recognise(&self, text: &str) -> Reading {
        self.recognise_tokens(&tokens(text), |_, _| false)
    }

    /// The same over words already cut. `stands` says of a word and what it would be mended to that it stands as it is.
    pub(crate) fn recognise_tokens(&self, tokens: &[Token], stands: impl Fn(&str, &str) -> bool) -> Reading {
        let said = self.said_in(tokens, stands);
        let mut reading = Reading::default();
        let mut next = 0;
        for fit in &said.fits {
            self.leave(&tokens[next..fit.from], &mut reading);
            next = fit.from + fit.len;
            let spelling = said.slips(fit).then(|| spelling(&said.words[fit.from..next]));
            let span = said.span(fit, tokens);
            reading.sightings.extend(fit.meant.iter().map(|meant| Sighting {
                span: span.clone(),
                concept: self.concept(meant.concept),
                sureness: meant.sureness * said.share(fit),
                through: meant.through,
                mended: spelling.clone(),
            }));
        }
        self.leave(&tokens[next..], &mut reading);
        reading
    }

    /// Everything that is named in the words, with how surely and where; slips of spelling are mended.
    pub(crate) fn named_in(&self, tokens: &[Token]) -> Vec<(Ref, f32, Range<usize>)> {
        let said = self.said_in(tokens, |_, _| false);
        let mut found = Vec::new();
        for fit in &said.fits {
            let span = said.span(fit, tokens);
            found.extend(fit.meant.iter().map(|meant| (meant.concept, meant.sureness * said.share(fit), span.clone())));
        }
        found
    }

    /// The words, mended, and the longest phrases they make.
    fn said_in(&self, tokens: &[Token], stands: impl Fn(&str, &str) -> bool) -> Said<'_> {
        let mend = |token: &Token| self.mended(&token.word).filter(|mended| !stands(&token.word, mended));
        let mended: Vec<Option<&str>> = tokens.iter().map(mend).collect();
        let words: Vec<Word> =
            tokens.iter().zip(&mended).map(|(token, mended)| self.word(mended.unwrap_or(&token.word))).collect();
        let fits = longest(self.said.fits(&words, Exactness::Loose, |joined| self.word(joined)), words.len());
        Said { mended, words, fits }
    }

    /// Every hint in the words.
    pub(crate) fn hints_in(&self, tokens: &[Token]) -> Vec<Hint<'_>> {
        let telling = tokens.iter().enumerate().filter(|(_, token)| !self.stop_words.contains(&token.word));
        let words: Vec<(usize, Word)> = telling.map(|(at, token)| (at, self.word(&token.word))).collect();
        self.hints.read(&words)
    }

    fn leave(&self, tokens: &[Token], reading: &mut Reading) {
        let left = tokens.iter().filter(|token| !self.stop_words.contains(&token.word));
        reading.unrecognised.extend(left.map(|token| token.span.clone()));
    }

    pub(crate) fn word(&self, raw: &str) -> Word {
        Word { raw: raw.to_owned(), stem: Stem::of(raw, |word| self.ordinary.contains(word)) }
    }

    fn mended(&self, word: &str) -> Option<&str> {
        let unfit = word.len() < 4 || word.bytes().any(|byte| byte.is_ascii_digit());
        if unfit || self.stop_words.contains(word) || self.is_ordinary(word) {
            return None;
        }
        let known = self.word(word);
        if self.said.knows(&known) && self.is_a_form(&known) {
            return None;
        }
        // "Photoshooped": the slip is in a form that the vocabulary doesn't list.
        let by_stem = || self.forms.with(self.stem_mender.mend(&known.stem.key)?)?.next();
        self.mender.mend(word).or_else(by_stem)
    }

    /// Whether a word is one that the vocabulary has, but for its ending.
    fn is_a_form(&self, word: &Word) -> bool {
        let akin = |other: &str| self.word(other).stem.akin(&word.stem);
        self.forms.with(&word.stem.key).is_none_or(|mut forms| forms.any(akin))
    }

    /// The spelling that the vocabulary would give a word, or the word itself.
    pub fn spelled<'w>(&'w self, word: &'w str) -> Cow<'w, str> {
        self.mended(word).map_or(Cow::Borrowed(word), Cow::Borrowed)
    }
}

fn spelling(words: &[Word]) -> String {
    words.iter().map(|word| word.raw.as_str()).collect::<Vec<_>>().join(" ")
}
