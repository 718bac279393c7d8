//! Why an import stops before it writes anything.

use std::path::PathBuf;

use crate::{error::Failure, settings_files::Mistake};

/// Why an import can't be done. Unless it is the database's own failure, nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A file can't be read to its end.
    #[error("{}{}: {message}", file.display(), line.map(|n| format!(", line {n}")).unwrap_or_default())]
    Read {
        /// The file.
        file: PathBuf,
        /// The line, from 1, where it is known.
        line: Option<u64>,
        /// What is wrong and what to do.
        message: String,
    },
    /// No mapping fits the columns.
    #[error(
        "{}: no mapping fits its columns ({columns}). There are: {known}. Name one with --mapping, or write one: \
         search-config/README.md says how.", file.display()
    )]
    UnknownColumns {
        /// The file.
        file: PathBuf,
        /// The columns it has.
        columns: String,
        /// The mappings there are.
        known: String,
    },
    /// The columns that the named mapping needs are not there.
    #[error("{}: the mapping `{mapping}` needs the columns {missing}, which are not there.", file.display())]
    MissingColumns {
        /// The file.
        file: PathBuf,
        /// The mapping that was asked for.
        mapping: String,
        /// What is missing.
        missing: String,
    },
    /// There is no such mapping.
    #[error("there is no mapping called `{name}`. There are: {known}.")]
    UnknownMapping {
        /// What was asked for.
        name: String,
        /// The mappings there are.
        known: String,
    },
    /// A mapping file has a mistake.
    #[error(transparent)]
    Mistake(#[from] Mistake),
    /// The folder of mappings can't be read.
    #[error("the folder search-config/imports can't be read: {0}")]
    Mappings(std::io::Error),
    /// More than a tenth of what the feed brought before would go.
    #[error(
        "{gone} of the {live} rows that the feed `{feed}` brought before are not in the new file. That is over a tenth, so \
         nothing was changed. If it is right, run it again with --allow-gone."
    )]
    TooManyGone {
        /// The feed.
        feed: String,
        /// How many rows would go.
        gone: u64,
        /// How many rows it has now.
        live: u64,
    },
    /// The list of rejected rows can't be written.
    #[error("{}: the list of rejected rows can't be written: {cause}", file.display())]
    Rejects {
        /// The file.
        file: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// Another import has been running for too long.
    #[error("another import is still running after {seconds} seconds. Run this one again when it has ended.")]
    Busy {
        /// How long this one waited.
        seconds: u64,
    },
    /// This import stood still for so long that another one began. What was written before is whole.
    #[error("this import stood still for too long and another one took its place. Run it again; it goes on where it stopped.")]
    TakenOver,
    /// The database failed. What was written before is whole; run the import again to go on.
    #[error("the database failed ({0}). Run the import again; it goes on where it stopped.")]
    Database(#[from] Failure),
}

/// What is wrong with a file, before its name is known.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) line: Option<u64>,
    pub(super) message: String,
}

impl Fault {
    pub(super) fn new(line: Option<u64>, message: impl Into<String>) -> Self {
        Self { line, message: message.into() }
    }

    pub(super) fn in_file(self, file: &std::path::Path) -> ImportError {
        ImportError::Read { file: file.to_owned(), line: self.line, message: self.message }
    }

    /// A read that failed at this line.
    pub(super) fn io(line: u64, cause: &std::io::Error) -> Self {
        let message = match cause.kind() {
            std::io::ErrorKind::UnexpectedEof => "the compressed file is cut short; fetch it again".to_owned(),
            std::io::ErrorKind::InvalidInput | std::io::ErrorKind::InvalidData => {
                format!("the compressed file is damaged ({cause}); fetch it again")
            }
            _ => cause.to_string(),
        };
        Self::new(Some(line), message)
    }
}
