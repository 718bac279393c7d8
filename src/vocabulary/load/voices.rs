//! Voices as written: one file a theme, each `[[voice]]` with what a good bridge builder would offer and what people say.

use toml::{Spanned, de::DeTable};

use super::{entry::narrow, link::known};
use crate::vocabulary::{
    Ref, Vocabulary,
    sayings::Sayings,
    text::tokens,
    toml_file::{Reader, Table},
};

/// The keys of a voice.
const KEYS: [&str; 3] = ["kinds", "activities", "said"];
/// Longest saying in words.
const MOST_WORDS: usize = 80;

/// Adds the voices of a file.
pub(super) fn voices<'f>(root: &Spanned<DeTable<'f>>, reader: &mut Reader<'f>, vocabulary: &Vocabulary, sayings: &mut Sayings) {
    for table in reader.each(root, "voice") {
        reader.only(&table, &KEYS);
        let grades = grades(&table, reader, vocabulary);
        let said: Vec<String> = reader.texts(&table, "said").into_iter().filter_map(|saying| said(saying, reader)).collect();
        if !sayings.add(grades, &said) {
            reader.mistake(table.span.clone(), "there are too many voices");
        }
    }
}

fn grades<'f>(table: &Table<'f, '_>, reader: &mut Reader<'f>, vocabulary: &Vocabulary) -> Vec<(Ref, f32)> {
    let mut found = Vec::new();
    let mut written = 0;
    for (name, kind) in [("kinds", true), ("activities", false)] {
        let Some(graded) = reader.table(table.entries(), name) else { continue };
        for (id, _) in graded.entries() {
            let grade = reader.number(&graded, id.get_ref(), 1.0, 3.0).map(narrow);
            written += usize::from(grade.is_some());
            found.extend(known(vocabulary, kind, id.get_ref(), id.span(), reader).zip(grade));
        }
    }
    if written == 0 {
        reader.mistake(table.span.clone(), "a voice needs kinds or activities with grades from 1 to 3");
    }
    found
}

fn said(saying: Spanned<String>, reader: &mut Reader<'_>) -> Option<String> {
    if (1..=MOST_WORDS).contains(&tokens(saying.get_ref()).len()) {
        return Some(saying.into_inner());
    }
    reader.mistake(saying.span(), format!("a saying has 1 to {MOST_WORDS} words"));
    None
}
