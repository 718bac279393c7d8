//! `search.toml`: weights, shares, typo rules and how distance counts. Every engine reads it.

use toml::Spanned;

use crate::{
    settings_files::{Mistake, SettingsFiles},
    vocabulary::toml_file::{Reader, Table},
};

const FILE: &str = "search.toml";

/// What a match is worth, from 0 to 10.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights {
    /// In a venue's name.
    pub name: f32,
    /// By the kind of place.
    pub kind: f32,
    /// By what one can do there.
    pub activity: f32,
    /// By its life domains.
    pub domain: f32,
    /// In the description or an offer.
    pub text: f32,
    /// In address, borough or postcode.
    pub place: f32,
    /// Added where all of the name was asked for.
    pub whole_name: f32,
}

/// What is left of a weight, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shares {
    /// Where only the beginning of a longer word fits.
    pub prefix: f32,
    /// Where a misspelling was mended against the catalogue's own words.
    pub mended: f32,
    /// Of a second reason why the same word fits.
    pub second: f32,
    /// Below this sureness an activity doesn't count as found there.
    pub likely: f32,
}

/// How misspelt a word may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Typos {
    /// Letters from which one slip is forgiven.
    pub one_slip_from: usize,
    /// Letters from which two slips are forgiven.
    pub two_slips_from: usize,
    /// A word in so many names is never taken for a slip.
    pub known_from: u64,
}

/// How other things count in "best match".
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranking {
    /// So many metres away, a match is worth half.
    pub half_at_m: f32,
    /// Days for which a check counts as fresh.
    pub fresh_days: f32,
    /// The share that a fresh check adds.
    pub fresh_bonus: f32,
    /// What is left of a place that is closed for now.
    pub closed_share: f32,
}

/// All of `search.toml` but the stop words, which the vocabulary holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// What a match is worth.
    pub weights: Weights,
    /// What is left of that.
    pub shares: Shares,
    /// How misspelt a word may be.
    pub typos: Typos,
    /// How distance and the like count.
    pub ranking: Ranking,
}

impl Settings {
    /// Reads and checks the file; every mistake comes back at once, with its line.
    pub fn load(files: &SettingsFiles) -> Result<Self, Vec<Mistake>> {
        let missing = |message: String| vec![Mistake { file: FILE.to_owned(), line: 1, message }];
        let file = files.one(FILE).map_err(|cause| missing(format!("can't be read: {cause}")))?;
        let file = file.ok_or_else(|| missing("is missing".to_owned()))?;
        let mut reader = Reader::new(&file);
        let root = reader.parse();
        let whole = Table::whole(&root);
        reader.only(&whole, &["stop_words", "weights", "shares", "typos", "ranking"]);
        _ = reader.texts(&whole, "stop_words");
        let settings = Self {
            weights: weights(&mut Section::of("weights", &root, &mut reader)),
            shares: shares(&mut Section::of("shares", &root, &mut reader)),
            typos: typos(&mut Section::of("typos", &root, &mut reader)),
            ranking: ranking(&mut Section::of("ranking", &root, &mut reader)),
        };
        let mistakes = reader.into_mistakes();
        if mistakes.is_empty() { Ok(settings) } else { Err(mistakes) }
    }
}

struct Section<'r, 'f, 't> {
    name: &'static str,
    table: Option<Table<'f, 't>>,
    reader: &'r mut Reader<'f>,
}

impl<'r, 'f, 't> Section<'r, 'f, 't> {
    fn of(name: &'static str, root: &'t Spanned<toml::de::DeTable<'f>>, reader: &'r mut Reader<'f>) -> Self {
        let table = reader.table(root.get_ref(), name);
        if table.is_none() {
            reader.mistake(0..0, format!("[{name}] is missing"));
        }
        Self { name, table, reader }
    }

    fn only(&mut self, known: &[&str]) {
        if let Some(table) = &self.table {
            self.reader.only(table, known);
        }
    }

    #[allow(clippy::cast_possible_truncation, reason = "a weight needs no more")]
    fn number(&mut self, name: &str, from: f64, to: f64) -> f32 {
        let Some(table) = &self.table else { return 0.0 };
        if !table.entries().iter().any(|(key, _)| key.get_ref() == name) {
            self.reader.mistake(table.span.clone(), format!("`{name}` is missing in [{}]", self.name));
        }
        self.reader.number(table, name, from, to).unwrap_or(from) as f32
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded and not negative")]
    fn count(&mut self, name: &str, from: u32, to: u32) -> u32 {
        self.number(name, from.into(), to.into()) as u32
    }
}

fn weights(section: &mut Section<'_, '_, '_>) -> Weights {
    section.only(&["name", "kind", "activity", "domain", "text", "place", "whole_name"]);
    let mut weight = |name| section.number(name, 0.0, 10.0);
    Weights {
        name: weight("name"),
        kind: weight("kind"),
        activity: weight("activity"),
        domain: weight("domain"),
        text: weight("text"),
        place: weight("place"),
        whole_name: weight("whole_name"),
    }
}

fn shares(section: &mut Section<'_, '_, '_>) -> Shares {
    section.only(&["prefix", "mended", "second", "likely"]);
    let mut share = |name| section.number(name, 0.0, 1.0);
    Shares { prefix: share("prefix"), mended: share("mended"), second: share("second"), likely: share("likely") }
}

fn typos(section: &mut Section<'_, '_, '_>) -> Typos {
    section.only(&["one_slip_from", "two_slips_from", "known_from"]);
    Typos {
        one_slip_from: section.count("one_slip_from", 3, 40) as usize,
        two_slips_from: section.count("two_slips_from", 5, 40) as usize,
        known_from: section.count("known_from", 1, 1_000_000).into(),
    }
}

fn ranking(section: &mut Section<'_, '_, '_>) -> Ranking {
    section.only(&["half_at_m", "fresh_days", "fresh_bonus", "closed_share"]);
    Ranking {
        half_at_m: section.number("half_at_m", 1.0, 100_000.0),
        fresh_days: section.number("fresh_days", 1.0, 10_000.0),
        fresh_bonus: section.number("fresh_bonus", 0.0, 1.0),
        closed_share: section.number("closed_share", 0.0, 1.0),
    }
}
