//! Voices as written: one file a theme, each `[[voice]]` with what a good bridge builder would offer and what people say.

use toml::Spanned;

use super::entry::narrow;
use crate::vocabulary::{
    text::tokens,
    toml_file::{Reader, Table},
};

/// The keys of a voice.
const KEYS: [&str; 3] = ["kinds", "activities", "said"];
/// Longest saying in words.
const MOST_WORDS: usize = 80;

/// A wish, not yet looked up.
pub(super) struct RawVoice {
    pub(super) file: usize,
    /// Whether it is a kind, its id, and 1 to 3.
    pub(super) grades: Vec<(bool, Spanned<String>, f32)>,
    pub(super) said: Vec<String>,
}

pub(super) fn voices<'f>(file: usize, root: &Spanned<toml::de::DeTable<'f>>, reader: &mut Reader<'f>) -> Vec<RawVoice> {
    let tables = reader.each(root, "voice");
    tables.iter().map(|table| voice(file, table, reader)).collect()
}

fn voice<'f>(file: usize, table: &Table<'f, '_>, reader: &mut Reader<'f>) -> RawVoice {
    reader.only(table, &KEYS);
    let mut grades = Vec::new();
    for (name, kind) in [("kinds", true), ("activities", false)] {
        let Some(graded) = reader.table(table.entries(), name) else { continue };
        for (id, _) in graded.entries() {
            let grade = reader.number(&graded, id.get_ref(), 1.0, 3.0).map(narrow);
            grades.extend(grade.map(|grade| (kind, Spanned::new(id.span(), id.get_ref().to_string()), grade)));
        }
    }
    if grades.is_empty() {
        reader.mistake(table.span.clone(), "a voice needs kinds or activities with grades from 1 to 3");
    }
    let said = reader.texts(table, "said").into_iter().filter_map(|saying| said(saying, reader)).collect();
    RawVoice { file, grades, said }
}

fn said(saying: Spanned<String>, reader: &mut Reader<'_>) -> Option<String> {
    if (1..=MOST_WORDS).contains(&tokens(saying.get_ref()).len()) {
        return Some(saying.into_inner());
    }
    reader.mistake(saying.span(), format!("a saying has 1 to {MOST_WORDS} words"));
    None
}
