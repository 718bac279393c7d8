//! Hints as written: one file a theme, `[activities]` and `[kinds]`, for each id a list.

use toml::{Spanned, de::DeTable};

use super::{entry::weighed, link::known};
use crate::vocabulary::{
    Vocabulary,
    hints::Gathered,
    phrases::Word,
    text::tokens,
    toml_file::{Reader, Table},
};

/// How strong a hint is where it doesn't say.
const USUAL: f32 = 0.5;
/// The tables of a file.
const TABLES: [(&str, bool); 2] = [("kinds", true), ("activities", false)];

/// Adds the hints of a file.
pub(super) fn hints<'f>(root: &Spanned<DeTable<'f>>, reader: &mut Reader<'f>, vocabulary: &Vocabulary, gathered: &mut Gathered) {
    let whole = Table::whole(root);
    reader.only(&whole, &TABLES.map(|(name, _)| name));
    for (name, kind) in TABLES {
        let Some(table) = reader.table(root.get_ref(), name) else { continue };
        for (id, _) in table.entries() {
            let written = reader.texts(&table, id.get_ref());
            let hints: Vec<(String, f32)> = written.iter().filter_map(|written| hint(written, reader)).collect();
            let Some(concept) = known(vocabulary, kind, id.get_ref(), id.span(), reader) else { continue };
            for (text, strength) in hints {
                if !gathered.add(&telling(vocabulary, &text), concept, strength) {
                    let told = format!("the hint `{text}` has no word that says something, or more than eight");
                    reader.mistake(id.span(), told);
                }
            }
        }
    }
}

/// The words that say something.
fn telling(vocabulary: &Vocabulary, text: &str) -> Vec<Word> {
    let telling = tokens(text).into_iter().filter(|token| !vocabulary.is_stop_word(&token.word));
    telling.map(|token| vocabulary.word(&token.word)).collect()
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
