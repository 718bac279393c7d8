//! Imports: publishers' files, row by row, into the catalogue.
//!
//! `source` opens a file, `sheet` gives its rows, `listing` reads a row through its `mapping`, `again` and `identity` tell
//! which rows are the same, `plan` works out what changes, `merge` computes a venue from its rows, `apply` writes.

mod again;
mod apply;
mod contact;
mod csv_rows;
mod error;
mod gazetteer;
mod geojson;
mod identity;
mod incoming;
mod listing;
mod mapping;
mod merge;
mod names;
mod plan;
pub mod postcodes;
mod progress;
mod sheet;
mod source;
mod store;
mod summary;
mod text;
pub mod venues;

pub use error::ImportError;
pub use progress::{Lines, Progress};
pub use summary::{Counts, FileSummary, Summary};
