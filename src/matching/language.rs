//! `matching.toml`: the phrases by which needs, refusals, the past and reasons are recognised.

use std::collections::{HashMap, HashSet};

use toml::{Spanned, de::DeTable};

use super::need::Need;
use crate::{
    settings_files::{Mistake, SettingsFiles},
    vocabulary::{
        KindId, Vocabulary,
        load::fingerprint,
        text::{folded, tokens},
        toml_file::{Reader, Table},
    },
};

const FILE: &str = "matching.toml";
/// Longest phrase in words.
const MOST_WORDS: usize = 8;

/// Phrases by their first word: what follows it, the longest first.
#[derive(Debug)]
pub(crate) struct Phrases<T>(HashMap<String, Vec<(Vec<String>, T)>>);

impl<T> Default for Phrases<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T> Phrases<T> {
    /// The longest phrase that begins at a word, and how many words it has.
    pub(crate) fn at(&self, words: &[&str]) -> Option<(usize, &T)> {
        let (first, rest) = words.split_first()?;
        let fits = |phrase: &[String]| phrase.len() <= rest.len() && phrase.iter().zip(rest).all(|(one, other)| one == other);
        self.0.get(*first)?.iter().find(|(phrase, _)| fits(phrase)).map(|(phrase, found)| (1 + phrase.len(), found))
    }
}

impl<T: Default> Phrases<T> {
    /// What is kept under a phrase.
    fn slot(&mut self, phrase: &str) -> &mut T {
        let mut words = tokens(phrase).into_iter().map(|token| token.word);
        let known = self.0.entry(words.next().unwrap_or_default()).or_default();
        let rest: Vec<String> = words.collect();
        let at = known.iter().position(|(other, _)| *other == rest).unwrap_or_else(|| {
            let at = known.partition_point(|(other, _)| other.len() >= rest.len());
            known.insert(at, (rest, T::default()));
            at
        });
        &mut known[at].1
    }
}

/// What a refused word means beyond itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Means {
    pub(crate) kinds: Vec<u16>,
    pub(crate) needs: Vec<Need>,
}

/// What a phrase asks for.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Asks {
    pub(crate) needs: Vec<Need>,
    /// The words say what is wished for, too.
    pub(crate) keep: bool,
}

/// How wishes are read.
#[derive(Debug, Default)]
pub(crate) struct Language {
    pub(crate) small_words: HashSet<String>,
    pub(crate) refusing: Phrases<()>,
    pub(crate) not_refusing: Phrases<()>,
    pub(crate) turns: HashSet<String>,
    pub(crate) longest_refusal: usize,
    pub(crate) refused: Phrases<Means>,
    pub(crate) past: Phrases<()>,
    pub(crate) why: Phrases<()>,
    pub(crate) crisis: Phrases<()>,
    pub(crate) needs: Phrases<Asks>,
    pub(crate) languages: HashSet<String>,
    pub(crate) language_cues: HashSet<String>,
    /// In order.
    pub(crate) usually_free: Vec<u16>,
    pub(crate) easy_to_start: Vec<u16>,
    /// Changes with every change of the file.
    pub(crate) fingerprint: String,
}

impl Language {
    /// Reads and checks the file; every mistake comes back at once, with its line.
    pub(crate) fn load(files: &SettingsFiles, vocabulary: &Vocabulary) -> Result<Self, Vec<Mistake>> {
        let missing = |message: String| vec![Mistake { file: FILE.to_owned(), line: 1, message }];
        let file = files.one(FILE).map_err(|cause| missing(format!("can't be read: {cause}")))?;
        // A folder of somebody's own may be older than this file; ours may then name kinds that theirs hasn't.
        let own = file.is_some();
        let ours = || SettingsFiles::default().one(FILE).ok().flatten();
        let file = file.or_else(ours).ok_or_else(|| missing("is missing".to_owned()))?;
        let mut reader = Reader::new(&file);
        let root = reader.parse();
        let mut language = Loader { reader: &mut reader, vocabulary, own }.load(&root);
        language.fingerprint = fingerprint(std::iter::once(&file));
        let mistakes = reader.into_mistakes();
        if mistakes.is_empty() { Ok(language) } else { Err(mistakes) }
    }
}

struct Loader<'r, 'f, 'v> {
    reader: &'r mut Reader<'f>,
    vocabulary: &'v Vocabulary,
    own: bool,
}

const LISTS: [&str; 5] = ["small_words", "languages", "language_cues", "usually_free", "easy_to_start"];
const SECTIONS: [&str; 6] = ["refusing", "refused", "past", "why", "crisis", "need"];

impl<'f> Loader<'_, 'f, '_> {
    fn load(&mut self, root: &Spanned<DeTable<'f>>) -> Language {
        let whole = Table::whole(root);
        self.reader.only(&whole, &[LISTS.as_slice(), &SECTIONS].concat());
        let mut language = Language {
            small_words: self.words(&whole, "small_words"),
            languages: self.words(&whole, "languages"),
            language_cues: self.words(&whole, "language_cues"),
            usually_free: self.kinds_in_order(&whole, "usually_free"),
            easy_to_start: self.kinds(&whole, "easy_to_start"),
            past: self.section(root, "past"),
            why: self.section(root, "why"),
            crisis: self.section(root, "crisis"),
            ..Language::default()
        };
        self.refusing(root, &mut language);
        for table in self.reader.each_of(root, "refused") {
            self.reader.only(&table, &["words", "kinds", "needs"]);
            let means = Means { kinds: self.kinds(&table, "kinds"), needs: self.needs(&table) };
            for words in self.reader.texts(&table, "words") {
                *language.refused.slot(words.get_ref()) = means.clone();
            }
        }
        for table in self.reader.each_of(root, "need") {
            self.need(&table, &mut language.needs);
        }
        language
    }

    fn refusing(&mut self, root: &Spanned<DeTable<'f>>, language: &mut Language) {
        let Some(table) = self.reader.table(root.get_ref(), "refusing") else { return };
        self.reader.only(&table, &["cues", "turns", "longest", "none"]);
        language.refusing = self.phrases(&table, "cues");
        language.not_refusing = self.phrases(&table, "none");
        language.turns = self.words(&table, "turns");
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 1 to 20")]
        let longest = self.reader.number(&table, "longest", 1.0, 20.0).unwrap_or(5.0) as usize;
        language.longest_refusal = longest;
    }

    fn need(&mut self, table: &Table<'f, '_>, needs: &mut Phrases<Asks>) {
        self.reader.only(table, &["is", "words", "keep"]);
        let Some(code) = self.reader.text(table, "is") else { return };
        let Some(need) = Need::from_code(code.get_ref()) else {
            self.reader.mistake(code.span(), format!("`{}` is no need", code.get_ref()));
            return;
        };
        let keep = self.reader.flag(table, "keep");
        for words in self.reader.texts(table, "words") {
            let asks = needs.slot(words.get_ref());
            asks.keep |= keep;
            asks.needs.push(need.clone());
        }
    }

    fn section(&mut self, root: &Spanned<DeTable<'f>>, name: &str) -> Phrases<()> {
        let Some(table) = self.reader.table(root.get_ref(), name) else { return Phrases::default() };
        self.reader.only(&table, &["cues"]);
        self.phrases(&table, "cues")
    }

    fn phrases(&mut self, table: &Table<'f, '_>, name: &str) -> Phrases<()> {
        let mut all = Phrases::default();
        for phrase in self.reader.texts(table, name) {
            if !(1..=MOST_WORDS).contains(&tokens(phrase.get_ref()).len()) {
                self.reader.mistake(phrase.span(), format!("a phrase has 1 to {MOST_WORDS} words"));
            }
            all.slot(phrase.get_ref());
        }
        all
    }

    fn words(&mut self, table: &Table<'f, '_>, name: &str) -> HashSet<String> {
        self.reader.texts(table, name).iter().map(|word| folded(word.get_ref())).collect()
    }

    fn kinds(&mut self, table: &Table<'f, '_>, name: &str) -> Vec<u16> {
        let mut found = Vec::new();
        for id in self.reader.texts(table, name) {
            match self.vocabulary.kind_place(&KindId::from(id.get_ref().as_str())) {
                Some(at) => found.push(at),
                None if self.own => self.reader.mistake(id.span(), "there is no such kind"),
                None => {}
            }
        }
        found
    }

    fn kinds_in_order(&mut self, table: &Table<'f, '_>, name: &str) -> Vec<u16> {
        let mut kinds = self.kinds(table, name);
        kinds.sort_unstable();
        kinds
    }

    fn needs(&mut self, table: &Table<'f, '_>) -> Vec<Need> {
        let mut found = Vec::new();
        for code in self.reader.texts(table, "needs") {
            match Need::from_code(code.get_ref()) {
                Some(need) => found.push(need),
                None => self.reader.mistake(code.span(), format!("`{}` is no need", code.get_ref())),
            }
        }
        found
    }
}
