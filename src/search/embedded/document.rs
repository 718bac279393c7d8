//! An entry becomes a document: the words it can be found by, and its record.

use std::collections::BTreeSet;

use tantivy::TantivyDocument;

use super::{circle, schema::Fields};
use crate::{
    search::entry::{Entry, Profile},
    values::VenueId,
};

/// The document for an entry.
pub(super) fn document(entry: &Entry, fields: &Fields) -> TantivyDocument {
    let record = &entry.record;
    let mut document = TantivyDocument::default();
    document.add_text(fields.id, id_text(VenueId(uuid::Uuid::from_u128(record.id))));
    document.add_u64(fields.code, record.point.map_or(circle::NOWHERE, |(lat, lon)| circle::code(lat, lon)).into());
    document.add_text(fields.name, joined(&entry.name));
    document.add_text(fields.text, joined(&entry.text));
    document.add_text(fields.place, joined(&entry.place));
    document.add_text(fields.concept, concepts(&record.profile));
    document.add_bytes(fields.record, &record.pack());
    document
}

/// How a card's id stands in the index.
pub(super) fn id_text(id: VenueId) -> String {
    id.to_string()
}

/// How a kind, an activity or a life domain stands in the index.
pub(super) fn concept_text(sort: char, place: u16) -> String {
    format!("{sort}{place}")
}

fn joined(words: &BTreeSet<String>) -> String {
    words.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
}

fn concepts(profile: &Profile) -> String {
    let domains = (0..16).filter(|bit| profile.domains & (1 << bit) != 0).map(|bit| concept_text('d', bit));
    let kinds = profile.kinds.iter().map(|kind| concept_text('k', *kind));
    let activities = profile.activities.iter().map(|(activity, _)| concept_text('a', *activity));
    domains.chain(kinds).chain(activities).collect::<Vec<_>>().join(" ")
}
