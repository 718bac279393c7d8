//! What each word of a wish is there for: the wish itself, a need, a refusal, a reason.

use std::{collections::BTreeSet, ops::Range};

use super::{language::Language, need::Need};
use crate::vocabulary::text::{Token, tokens};

/// Most words of a text that are read.
pub(crate) const MOST_WORDS: usize = 400;
/// Metres that people walk in a minute.
const WALK_M_A_MINUTE: u32 = 80;

/// What a word is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// It says what is wished for.
    Wish,
    /// It says what must be so.
    Need,
    /// It turns what follows round: "not", "except".
    Cue,
    /// It says what is not wanted.
    Refused,
    /// It says why.
    Why,
}

/// A text, word by word.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// The words.
    pub(crate) tokens: Vec<Token>,
    /// What each is there for.
    pub(crate) roles: Vec<Role>,
    /// Words that speak of what was before.
    pub(crate) past: Vec<Range<usize>>,
    /// What must be so.
    pub(crate) needs: BTreeSet<Need>,
    /// Kinds that refused words stand for.
    pub(crate) refused_kinds: BTreeSet<u16>,
    /// Whether someone speaks of wanting to die, or of hurting themself.
    pub(crate) crisis: bool,
}

/// Reads a text; what is beyond `MOST_WORDS` is left out.
pub(crate) fn read(language: &Language, text: &str) -> Reading {
    let mut tokens = tokens(text);
    tokens.truncate(MOST_WORDS);
    let words: Vec<String> = tokens.iter().map(|token| token.word.clone()).collect();
    let breaks = breaks(text, &tokens);
    let mut reader = Reader {
        language,
        words: words.iter().map(String::as_str).collect(),
        breaks,
        reading: Reading { roles: vec![Role::Wish; tokens.len()], ..Reading::default() },
    };
    reader.read();
    reader.numbers(text, &tokens);
    Reading { tokens, ..reader.reading }
}

impl Reading {
    /// The words with a role.
    pub(crate) fn only(&self, role: Role) -> Vec<Token> {
        self.tokens.iter().zip(&self.roles).filter(|(_, is)| **is == role).map(|(token, _)| token.clone()).collect()
    }

    /// Whether a part of the text speaks of what was before.
    pub(crate) fn is_past(&self, span: &Range<usize>) -> bool {
        self.past.iter().any(|past| past.start <= span.start && span.end <= past.end)
    }

    /// Every word counts for the wish.
    pub(crate) fn forget_roles(&mut self) {
        self.roles.fill(Role::Wish);
        self.needs.clear();
        self.refused_kinds.clear();
    }

    fn ask(&mut self, need: &Need) {
        self.needs.retain(|other| !need.replaces(other));
        self.needs.insert(need.clone());
    }
}

/// Whether a clause ends before each word.
fn breaks(text: &str, tokens: &[Token]) -> Vec<bool> {
    let mut last = 0;
    let mut found = Vec::with_capacity(tokens.len());
    for token in tokens {
        let between = text.get(last..token.span.start).unwrap_or_default();
        found.push(
            between.contains(['.', ',', ';', ':', '!', '?', '\n', '(', ')', '–', '—', '/', '"', '“', '”', '…'])
                || between.contains(" - "),
        );
        last = token.span.end;
    }
    found
}

struct Reader<'l, 'w> {
    language: &'l Language,
    words: Vec<&'w str>,
    breaks: Vec<bool>,
    reading: Reading,
}

impl<'w> Reader<'_, 'w> {
    fn read(&mut self) {
        let mut at = 0;
        while at < self.words.len() {
            at += self.step(at).max(1);
        }
        self.past();
    }

    /// Reads what begins at a word; how many words that was.
    fn step(&mut self, at: usize) -> usize {
        let rest = self.clause(at);
        let language = self.language;
        if let Some((len, ())) = language.crisis.at(&rest) {
            return self.crisis(at, len);
        }
        let need = language.needs.at(&rest);
        let none = language.not_refusing.at(&rest).map_or(0, |(len, ())| len);
        let cue = language.refusing.at(&rest).map_or(0, |(len, ())| len);
        if let Some((len, asks)) = need.filter(|(len, _)| *len >= cue.max(none).max(1)) {
            asks.needs.iter().for_each(|need| self.reading.ask(need));
            if !asks.keep {
                self.reading.roles[at..at + len].fill(Role::Need);
            }
            return len;
        }
        if none >= cue && none > 0 {
            return none;
        }
        if cue > 0 {
            return self.refuse(at, cue);
        }
        if let Some((len, ())) = language.why.at(&rest) {
            let end = at + rest.len();
            self.reading.roles[at..end].fill(Role::Why);
            return len.max(rest.len());
        }
        self.spoken(at)
    }

    /// "I want to die" is no wish that a place is found for; "lost to suicide" may stand in one.
    fn crisis(&mut self, at: usize, len: usize) -> usize {
        self.reading.crisis = true;
        if len > 1 {
            self.reading.roles[at..at + len].fill(Role::Cue);
        }
        len
    }

    /// "in Polish", "Somali speaking", "speak Turkish".
    fn spoken(&mut self, at: usize) -> usize {
        let language = self.language;
        let cue = |word: Option<&&str>| word.is_some_and(|word| language.language_cues.contains(*word));
        let beside = cue(at.checked_sub(1).and_then(|before| self.words.get(before))) || cue(self.words.get(at + 1));
        if beside && language.languages.contains(self.words[at]) {
            self.reading.ask(&Need::Language(self.words[at].to_owned()));
        }
        1
    }

    /// The words from here to the end of the clause.
    fn clause(&self, at: usize) -> Vec<&'w str> {
        let end = (at + 1..self.words.len()).find(|next| self.breaks[*next]).unwrap_or(self.words.len());
        self.words[at..end].to_vec()
    }

    fn refuse(&mut self, at: usize, cue: usize) -> usize {
        self.reading.roles[at..at + cue].fill(Role::Cue);
        let rest = self.clause(at);
        let until = rest.len().min(cue + self.language.longest_refusal);
        let turn = (cue..until).find(|at| self.language.turns.contains(rest[*at]));
        let end = turn.unwrap_or(until);
        let refused = &rest[cue..end];
        self.reading.roles[at + cue..at + end].fill(Role::Refused);
        for from in 0..refused.len() {
            if let Some((_, means)) = self.language.refused.at(&refused[from..]) {
                self.reading.refused_kinds.extend(&means.kinds);
                means.needs.iter().for_each(|need| self.reading.ask(need));
            }
        }
        end.max(cue)
    }

    fn past(&mut self) {
        let mut at = 0;
        while at < self.words.len() {
            let rest = self.clause(at);
            if self.language.past.at(&rest).is_some() {
                self.reading.past.push(at..at + rest.len());
                at += rest.len();
            } else {
                at += 1;
            }
        }
    }

    /// "£5", "a fiver", "2 miles", "20 minutes' walk", "I'm 74".
    fn numbers(&mut self, text: &str, tokens: &[Token]) {
        for (at, token) in tokens.iter().enumerate() {
            let before = text.get(..token.span.start).unwrap_or_default();
            let next = |ahead: usize| self.words.get(at + ahead).copied().unwrap_or_default();
            let found = match (token.word.as_str(), number(&token.word)) {
                ("fiver", _) => Some((Need::Cost(500), 1)),
                ("tenner", _) => Some((Need::Cost(1_000), 1)),
                (_, None) => None,
                (_, Some(number)) if before.ends_with('£') => Some((Need::Cost(number.saturating_mul(100)), 1)),
                (_, Some(number)) => measured(number, next(1), next(2)).or_else(|| self.age(at, number, before)),
            };
            let Some((need, len)) = found else { continue };
            if Need::from_code(&need.to_string()).is_some() {
                self.reading.ask(&need);
                let end = (at + len).min(tokens.len());
                self.reading.roles[at..end].fill(Role::Need);
            }
        }
        let past = std::mem::take(&mut self.reading.past);
        self.reading.past = past.into_iter().map(|of| tokens[of.start].span.start..tokens[of.end - 1].span.end).collect();
    }

    /// "I'm 74", "aged 19", "74 years old", "my 8 year old", and, as workers write, "Gentleman, 74, ...". Thirty years as a chef are no age.
    fn age(&self, at: usize, number: u32, before: &str) -> Option<(Need, usize)> {
        let age = u8::try_from(number).ok()?;
        let next = |ahead: usize| self.words.get(at + ahead).copied().unwrap_or_default();
        let years = matches!(next(1), "year" | "years" | "yr" | "yrs");
        match (next(1), next(2), next(3)) {
            ("yo", ..) => return Some((Need::Age(age), 2)),
            (_, "old", _) if years => return Some((Need::Age(age), 3)),
            (_, "of", "age") if years => return Some((Need::Age(age), 4)),
            _ => {}
        }
        if !(10..=110).contains(&age) {
            return None;
        }
        let last = at.checked_sub(1).map_or("", |before| self.words[before]);
        let said = matches!(last, "im" | "aged" | "age" | "am") && !matches!(next(1), "of" | "minutes" | "miles" | "pounds");
        let person = matches!(
            last,
            "gentleman" | "lady" | "man" | "woman" | "lad" | "girl" | "chap" | "bloke" | "male" | "female" | "dad" | "mum"
        );
        let between_commas = before.trim_end().ends_with(',') && self.breaks.get(at + 1).copied().unwrap_or(false);
        (said || (person && between_commas)).then_some((Need::Age(age), 1))
    }
}

fn number(word: &str) -> Option<u32> {
    const WORDS: [&str; 11] = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    let written = || WORDS.iter().position(|known| *known == word).and_then(|at| u32::try_from(at).ok());
    word.parse().ok().filter(|number| *number <= 100_000).or_else(written)
}

fn measured(number: u32, next: &str, after: &str) -> Option<(Need, usize)> {
    Some(match next {
        "quid" | "pounds" | "pound" => (Need::Cost(number.saturating_mul(100)), 2),
        "p" | "pence" => (Need::Cost(number), 2),
        "mile" | "miles" => (Need::Within(number.saturating_mul(1_609)), 2),
        "km" | "kilometre" | "kilometres" | "k" => (Need::Within(number.saturating_mul(1_000)), 2),
        "minute" | "minutes" | "min" | "mins" if matches!(after, "walk" | "away" | "on") => {
            (Need::Within(number.saturating_mul(WALK_M_A_MINUTE)), 3)
        }
        _ => return None,
    })
}
