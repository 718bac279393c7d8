//! Hints as written: one file a theme, `[activities]` and `[kinds]`, for each id a list.

use toml::Spanned;

use super::entry::weighed;
use crate::vocabulary::{
    text::tokens,
    toml_file::{Reader, Table},
};

/// How strong a hint is where it doesn't say.
const USUAL: f32 = 0.5;
/// The tables of a file.
const TABLES: [(&str, bool); 2] = [("kinds", true), ("activities", false)];

/// The hints for one id, not yet looked up.
pub(super) struct RawHints {
    pub(super) file: usize,
    pub(super) kind: bool,
    pub(super) id: Spanned<String>,
    pub(super) hints: Vec<(String, f32)>,
}

pub(super) fn hints<'f>(file: usize, root: &Spanned<toml::de::DeTable<'f>>, reader: &mut Reader<'f>) -> Vec<RawHints> {
    let whole = Table::whole(root);
    reader.only(&whole, &TABLES.map(|(name, _)| name));
    let mut found = Vec::new();
    for (name, kind) in TABLES {
        let Some(table) = reader.table(root.get_ref(), name) else { continue };
        let ids: Vec<Spanned<String>> =
            table.entries().iter().map(|(id, _)| Spanned::new(id.span(), id.get_ref().to_string())).collect();
        for id in ids {
            let hints = reader.texts(&table, id.get_ref()).iter().filter_map(|written| hint(written, reader)).collect();
            found.push(RawHints { file, kind, id, hints });
        }
    }
    found
}

fn hint(written: &Spanned<String>, reader: &mut Reader<'_>) -> Option<(String, f32)> {
    let strength = if written.get_ref().contains('~') { 1.0 } else { USUAL };
    let (words, weight) = weighed(written, reader)?;
    if tokens(&words).is_empty() {
        reader.mistake(written.span(), "a hint is empty");
        return None;
    }
    Some((words, strength * weight))
}
