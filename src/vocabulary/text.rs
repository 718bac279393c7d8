//! How text is cut into words, and how words are made comparable. Shared by the recogniser and the search engines.

use std::{borrow::Cow, ops::Range};

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Longest word in bytes; the rest of a longer one is left out.
const MAX_WORD: usize = 64;
/// Words that only look like a doing-word.
const NOT_DOING: &[&str] = &[
    "anything",
    "bedding",
    "ceiling",
    "clothing",
    "darling",
    "during",
    "evening",
    "everything",
    "morning",
    "nothing",
    "something",
    "sterling",
    "wedding",
    "sibling",
    "pudding",
    "being",
];
/// Plurals that follow no rule.
const IRREGULAR: &[(&str, &str)] = &[
    ("buses", "bus"),
    ("calves", "calf"),
    ("children", "child"),
    ("feet", "foot"),
    ("gases", "gas"),
    ("geese", "goose"),
    ("halves", "half"),
    ("knives", "knife"),
    ("leaves", "leaf"),
    ("loaves", "loaf"),
    ("men", "man"),
    ("mice", "mouse"),
    ("quizzes", "quiz"),
    ("scarves", "scarf"),
    ("shelves", "shelf"),
    ("teeth", "tooth"),
    ("wives", "wife"),
    ("wolves", "wolf"),
    ("women", "woman"),
];

/// One word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its bytes in the text.
    pub span: Range<usize>,
    /// Lower case, accents and apostrophes left out.
    pub word: String,
}

/// The words of a text. "R&B" is three words, "men's" is one, "lindy-hop" is two.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::with_capacity(text.len() / 6 + 1);
    let mut open: Option<Token> = None;
    for (at, c) in text.char_indices() {
        if c.is_alphanumeric() || (is_combining_mark(c) && open.is_some()) {
            let token = open.get_or_insert_with(|| Token { span: at..at, word: String::new() });
            push_folded(&mut token.word, c);
            token.span.end = at + c.len_utf8();
        } else if !(is_apostrophe(c) && open.is_some()) {
            found.extend(open.take());
            if c == '&' {
                found.push(Token { span: at..at + 1, word: "and".to_owned() });
            }
        }
    }
    found.extend(open);
    found.retain(|token| !token.word.is_empty());
    found
}

/// The words of a text in one comparable string, a space between two.
pub fn folded(text: &str) -> String {
    let mut whole = String::with_capacity(text.len());
    for token in tokens(text) {
        if !whole.is_empty() {
            whole.push(' ');
        }
        whole.push_str(&token.word);
    }
    whole
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}' | '\u{2018}' | '\u{02bc}' | '`' | '\u{00b4}')
}

fn push_folded(word: &mut String, c: char) {
    if word.len() >= MAX_WORD {
        return;
    }
    if c.is_ascii() {
        word.push(c.to_ascii_lowercase());
        return;
    }
    match c {
        'ß' | 'ẞ' => word.push_str("ss"),
        'æ' | 'Æ' => word.push_str("ae"),
        'œ' | 'Œ' => word.push_str("oe"),
        'ø' | 'Ø' => word.push('o'),
        'ł' | 'Ł' => word.push('l'),
        'đ' | 'Đ' | 'ð' | 'Ð' => word.push('d'),
        'þ' | 'Þ' => word.push_str("th"),
        'ı' => word.push('i'),
        _ => word.extend(c.nfkd().filter(|c| c.is_alphanumeric() && !is_combining_mark(*c)).flat_map(char::to_lowercase)),
    }
}

/// A word without its plural ending: `churches` and `church` are the same, `hobbies` and `hobby` too.
pub fn singular(word: &str) -> Cow<'_, str> {
    if word.len() < 3 || !word.is_ascii() {
        return Cow::Borrowed(word);
    }
    if let Ok(at) = IRREGULAR.binary_search_by_key(&word, |(plural, _)| plural) {
        return Cow::Borrowed(IRREGULAR[at].1);
    }
    let one = without_plural(word);
    match one.len() {
        5.. if one.ends_with("ie") => Cow::Owned(format!("{}y", &one[..one.len() - 2])),
        4.. if one.ends_with("oe") => Cow::Owned(one[..one.len() - 1].to_owned()),
        _ => one,
    }
}

fn without_plural(word: &str) -> Cow<'_, str> {
    let Some(shorter) = word.strip_suffix('s') else { return Cow::Borrowed(word) };
    if word.len() < 4 || ["ss", "us", "is"].iter().any(|ending| word.ends_with(ending)) {
        return Cow::Borrowed(word);
    }
    if let Some(start) = word.strip_suffix("ies").filter(|start| start.len() > 2) {
        return Cow::Owned(format!("{start}y"));
    }
    let sibilant = ["sses", "shes", "ches", "xes", "zzes"].iter().any(|ending| word.ends_with(ending));
    Cow::Borrowed(if sibilant { &word[..word.len() - 2] } else { shorter })
}

/// A word's forms, for telling whether two words are the same but for their endings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stem {
    /// What all forms share; two words with different keys are never the same.
    pub key: String,
    /// Without a plural ending.
    pub one: String,
    /// What was taken off for the key.
    pub(crate) ending: Ending,
}

/// What was taken off a word for what all its forms share.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Ending {
    /// An -ing, -ed or -er.
    pub(crate) taken: bool,
    undoubled: bool,
    silent_e: bool,
}

impl Ending {
    /// Whether words that share a key are forms of one word.
    pub(crate) fn goes_with(self, other: Self) -> bool {
        let clash = (self.undoubled && other.silent_e) || (other.undoubled && self.silent_e);
        (self.taken || other.taken) && !clash
    }
}

impl Stem {
    /// The forms of a folded word; `ordinary` words keep an -er, so that a corner isn't a corn.
    pub fn of(word: &str, ordinary: impl Fn(&str) -> bool) -> Self {
        let one = singular(word).into_owned();
        let mut stem = Self { key: one.clone(), ending: Ending::default(), one };
        if !stem.one.is_ascii() {
            return stem;
        }
        if let Some(root) = root(&stem.one, ordinary) {
            stem.key = root;
            stem.ending.taken = true;
        }
        stem.trim();
        stem
    }

    fn trim(&mut self) {
        let bytes = self.key.as_bytes();
        let [.., before, last] = bytes else { return };
        if before == last && !is_vowel(*last) && self.key.len() > 3 {
            self.key.pop();
            self.ending.undoubled = self.ending.taken;
        } else if *last == b'e' && self.key.len() > 3 {
            self.key.pop();
            self.ending.silent_e = !self.ending.taken;
        } else if *last == b'i' && self.ending.taken && self.key.len() > 3 {
            self.key.pop();
            self.key.push('y');
        }
    }

    /// Whether two words are one but for a plural.
    pub fn same(&self, other: &Self) -> bool {
        self.one == other.one
    }

    /// Whether two words are one but for a plural, -ing, -ed or -er.
    pub fn akin(&self, other: &Self) -> bool {
        self.same(other) || (self.key == other.key && self.ending.goes_with(other.ending))
    }
}

fn is_vowel(byte: u8) -> bool {
    matches!(byte, b'a' | b'e' | b'i' | b'o' | b'u' | b'y')
}

fn root(word: &str, ordinary: impl Fn(&str) -> bool) -> Option<String> {
    let sound = |root: &&str| root.len() >= 3 && root.bytes().any(is_vowel);
    if word.ends_with("ing") && !NOT_DOING.contains(&word) {
        return word.strip_suffix("ing").filter(sound).map(str::to_owned);
    }
    if word.ends_with("ed") && !word.ends_with("eed") {
        return word.strip_suffix("ed").filter(sound).map(str::to_owned);
    }
    if word.ends_with("er") && word.len() > 4 && !ordinary(word) {
        return word.strip_suffix("er").filter(sound).map(str::to_owned);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        tokens(text).into_iter().map(|token| token.word).collect()
    }

    #[test]
    fn words_are_folded_and_keep_their_place() {
        assert_eq!(words("T'ai Chi, Café & Lindy-Hop!"), ["tai", "chi", "cafe", "and", "lindy", "hop"]);
        assert_eq!(words("Cafe\u{301} Łódź Straße ﬁlm"), ["cafe", "lodz", "strasse", "film"]);
        assert_eq!(words("🎸🎸 '' -- \u{301}"), Vec::<String>::new());
        let text = "the men’s shed";
        let spans: Vec<&str> = tokens(text).into_iter().map(|token| &text[token.span]).collect();
        assert_eq!(spans, ["the", "men’s", "shed"]);
    }

    #[test]
    fn endless_words_are_cut() {
        assert!(tokens(&"ab".repeat(50_000))[0].word.len() <= MAX_WORD);
    }

    #[test]
    fn irregular_plurals_are_in_order() {
        assert!(IRREGULAR.is_sorted());
    }

    #[test]
    fn plurals_come_down_to_one() {
        for (many, one) in [
            ("churches", "church"),
            ("hobbies", "hobby"),
            ("movies", "movie"),
            ("classes", "class"),
            ("potatoes", "potato"),
            ("mens", "men"),
            ("women", "woman"),
            ("boxes", "box"),
            ("canoes", "canoe"),
        ] {
            assert_eq!(singular(&singular(many)), singular(&singular(one)), "{many}");
        }
        for word in ["chess", "tennis", "bus", "gps", "yoga"] {
            assert_eq!(singular(word).trim_end_matches('s'), word.trim_end_matches('s'), "{word}");
        }
    }

    #[test]
    fn endings_are_taken_off_where_that_is_safe() {
        let common = |word: &str| ["corner", "water", "paper"].contains(&word);
        let akin = |a: &str, b: &str| Stem::of(a, common).akin(&Stem::of(b, common));
        for (a, b) in [
            ("painting", "paint"),
            ("dancing", "dance"),
            ("dancer", "dance"),
            ("drummer", "drum"),
            ("running", "runners"),
            ("knitted", "knitting"),
            ("skating", "skates"),
            ("studied", "studying"),
            ("spelling", "spell"),
            ("swimming", "swim"),
            ("baking", "bakers"),
        ] {
            assert!(akin(a, b), "{a} and {b}");
        }
        for (a, b) in [("corner", "corn"), ("win", "wine"), ("winning", "wine"), ("sing", "s"), ("evening", "even")] {
            assert!(!akin(a, b), "{a} and {b}");
        }
    }
}
