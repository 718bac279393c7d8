//! One `[[...]]` of a file, as written.

use toml::Spanned;

use crate::vocabulary::{
    Domain, Through,
    text::tokens,
    toml_file::{Reader, Table, number_of},
};

pub(super) const KIND_KEYS: &[&str] = &[
    "id",
    "label",
    "plural",
    "about",
    "icon",
    "kind_of",
    "domains",
    "words",
    "slang",
    "doing",
    "roles",
    "needs",
    "in_names",
    "shares_house",
    "fanciful_names",
];
pub(super) const ACTIVITY_KEYS: &[&str] = &[
    "id",
    "label",
    "about",
    "icon",
    "kind_of",
    "near",
    "domains",
    "words",
    "slang",
    "doing",
    "roles",
    "needs",
    "in_names",
    "offered_by",
];
const LISTS: &[(&str, Through)] = &[
    ("words", Through::Word),
    ("slang", Through::Slang),
    ("doing", Through::Doing),
    ("roles", Through::Role),
    ("needs", Through::Need),
    ("in_names", Through::Name),
];

/// A word of a list, as written.
pub(super) struct Said {
    pub(super) words: String,
    pub(super) through: Through,
    pub(super) sureness: f32,
}

/// One `[[...]]` of a file, names not yet looked up.
pub(super) struct Raw {
    pub(super) file: usize,
    pub(super) id: Spanned<String>,
    pub(super) label: String,
    pub(super) plural: Option<String>,
    pub(super) icon: Option<String>,
    pub(super) about: Option<String>,
    pub(super) domains: Vec<Domain>,
    pub(super) kind_of: Vec<Spanned<String>>,
    pub(super) near: Vec<Spanned<String>>,
    pub(super) offered_by: Vec<(Spanned<String>, f32)>,
    pub(super) said: Vec<Said>,
    pub(super) shares_house: bool,
    pub(super) fanciful_names: bool,
}

pub(super) fn domain(id: &Spanned<String>, reader: &mut Reader<'_>) -> Option<Domain> {
    let found = Domain::from_code(id.get_ref());
    if found.is_none() {
        let known: Vec<&str> = Domain::ALL.iter().map(|domain| domain.code()).collect();
        reader.mistake(id.span(), format!("there is no domain `{}`; there are {}", id.get_ref(), known.join(", ")));
    }
    found
}

pub(super) fn raw<'f>(file: usize, table: &Table<'f, '_>, reader: &mut Reader<'f>, kind: bool) -> Option<Raw> {
    let id = reader.text(table, "id");
    let label = reader.text(table, "label");
    let mut optional = |name: &str, needed: bool| {
        let found = if needed { reader.text(table, name) } else { reader.maybe_text(table, name) };
        found.map(Spanned::into_inner)
    };
    let (plural, icon, about) = (optional("plural", kind), optional("icon", kind), optional("about", false));
    let named = reader.texts(table, "domains");
    if named.is_empty() {
        reader.mistake(table.span.clone(), "`domains` is missing: name at least one life domain");
    }
    let domains = named.iter().filter_map(|id| domain(id, reader)).collect();
    let (kind_of, near) = (reader.texts(table, "kind_of"), reader.texts(table, "near"));
    let (offered_by, said) = (offered_by(table, reader), said(table, reader));
    let (shares_house, fanciful_names) = (reader.flag(table, "shares_house"), reader.flag(table, "fanciful_names"));
    let id = id?;
    let sound = id.get_ref().bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if !sound {
        reader.mistake(id.span(), "an id has small letters, digits and hyphens only");
    }
    let label = label?.into_inner();
    Some(Raw { file, id, label, plural, icon, about, domains, kind_of, near, offered_by, said, shares_house, fanciful_names })
}

fn offered_by<'f>(table: &Table<'f, '_>, reader: &mut Reader<'f>) -> Vec<(Spanned<String>, f32)> {
    let Some(inner) = reader.table(table.entries(), "offered_by") else { return Vec::new() };
    let mut found = Vec::new();
    for (kind, value) in inner.entries() {
        match number_of(value.get_ref()).filter(|n| (0.0..=1.0).contains(n)) {
            Some(sureness) => found.push((Spanned::new(kind.span(), kind.get_ref().to_string()), narrow(sureness))),
            None => {
                reader.mistake(value.span(), format!("how surely `{}` offers it should be a number from 0 to 1", kind.get_ref()))
            }
        }
    }
    found
}

#[allow(clippy::cast_possible_truncation, reason = "a weight from 0 to 1 needs no more")]
pub(super) fn narrow(number: f64) -> f32 {
    number as f32
}

pub(super) fn said<'f>(table: &Table<'f, '_>, reader: &mut Reader<'f>) -> Vec<Said> {
    let mut found = Vec::new();
    for (name, through) in LISTS {
        for written in reader.texts(table, name) {
            let Some((words, weight)) = weighed(&written, reader) else { continue };
            if tokens(&words).is_empty() {
                reader.mistake(written.span(), format!("a word in `{name}` is empty"));
                continue;
            }
            found.push(Said { words, through: *through, sureness: through.sureness() * weight });
        }
    }
    found
}

pub(super) fn weighed(written: &Spanned<String>, reader: &mut Reader<'_>) -> Option<(String, f32)> {
    let Some((words, weight)) = written.get_ref().rsplit_once('~') else { return Some((written.get_ref().clone(), 1.0)) };
    match weight.trim().parse::<f32>() {
        Ok(weight) if weight > 0.0 && weight <= 1.0 => Some((words.trim().to_owned(), weight)),
        _ => {
            reader.mistake(written.span(), format!("`~{weight}` should be a number above 0 and at most 1, such as ~0.5"));
            None
        }
    }
}
