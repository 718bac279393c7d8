//! The index's fields, and what tells whether an index still fits.

use tantivy::{
    Index, IndexSettings, IndexSortByField, Order,
    schema::{Field, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions},
    store::Compressor,
};

/// Goes up whenever documents are written differently.
const VERSION: u32 = 3;

/// The fields by name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields {
    /// The card's id, for taking it out again.
    pub(super) id: Field,
    /// Where it is, as a code; the index is sorted by it, so that a circle is a few runs of documents.
    pub(super) code: Field,
    /// The record that `columns` reads.
    pub(super) record: Field,
    /// Words of names.
    pub(super) name: Field,
    /// Words of descriptions and offers.
    pub(super) text: Field,
    /// Words of address, borough and postcode.
    pub(super) place: Field,
    /// Kinds, activities and life domains.
    pub(super) concept: Field,
}

/// The schema and its fields.
pub(super) fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let words = TextFieldIndexing::default().set_tokenizer("whitespace").set_index_option(IndexRecordOption::Basic);
    let words = TextOptions::default().set_indexing_options(words.set_fieldnorms(false));
    let fields = Fields {
        id: builder.add_text_field("id", STRING),
        code: builder.add_u64_field("code", tantivy::schema::NumericOptions::default().set_fast()),
        record: builder.add_bytes_field("record", STORED),
        name: builder.add_text_field("name", words.clone()),
        text: builder.add_text_field("text", words.clone()),
        place: builder.add_text_field("place", words.clone()),
        concept: builder.add_text_field("concept", words),
    };
    (builder.build(), fields)
}

/// How the index is laid out on disk.
pub(super) fn settings() -> IndexSettings {
    IndexSettings {
        sort_by_field: Some(IndexSortByField { field: "code".to_owned(), order: Order::Asc }),
        docstore_compression: Compressor::Lz4,
        ..IndexSettings::default()
    }
}

/// What an index must have been made with to be of use.
pub(super) fn fits(index: &Index) -> bool {
    index.schema() == schema().0 && index.settings().sort_by_field == settings().sort_by_field
}

/// Names the way of writing documents.
pub(super) fn version() -> u32 {
    VERSION
}
