//! Imports: publishers' files, row by row, into the catalogue.
//!
//! `source` opens a file, `sheet` gives its rows, `listing` reads a row through its `mapping` and the `gate`, `again` and
//! `identity` tell which rows are the same, `plan` works out what changes with `naming` and `units`, `merge` computes a venue
//! from its rows, `apply` writes `alone`.

mod again;
mod alone;
mod apply;
mod choose;
mod contact;
mod csv_rows;
mod error;
mod fill;
mod gate;
mod gazetteer;
mod geojson;
mod identity;
mod incoming;
mod listing;
mod mapping;
mod mapping_file;
mod merge;
mod names;
mod naming;
mod plan;
pub mod postcodes;
mod progress;
mod provenance;
mod sheet;
mod source;
mod store;
mod summary;
mod text;
mod units;
pub mod venues;

pub use error::ImportError;
pub use progress::{Lines, Progress};
pub use summary::{Counts, FileSummary, Summary};
