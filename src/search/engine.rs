//! The engine behind the questions. There is one so far; a second joins this enum.

use std::{
    io,
    path::Path,
    sync::{Arc, atomic::AtomicBool},
};

use chrono::NaiveDateTime;

use super::{Found, Progress, Question, Suggestion, embedded::Embedded, settings::Settings};
use crate::{clock::Clock, db::Conn, error::Failure, settings_files::SettingsFiles, vocabulary::Vocabulary};

/// What answers questions.
#[derive(Clone)]
pub enum Engine {
    /// In this process.
    Embedded(Arc<Embedded>),
}

/// The engine can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Mistakes in the settings files; each is named.
    #[error("{0}")]
    Settings(String),
    /// Another process holds the folder.
    #[error("{0}: another process uses this index folder")]
    InUse(String),
    /// The folder can't be used.
    #[error("{0}: {1}")]
    Folder(String, io::Error),
}

impl Engine {
    /// Opens the engine over an index in a folder.
    pub fn open(folder: &Path, vocabulary: Arc<Vocabulary>, files: &SettingsFiles, clock: Clock) -> Result<Self, OpenError> {
        let settings = Settings::load(files)
            .map_err(|mistakes| OpenError::Settings(mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))?;
        let embedded = Embedded::open(folder, vocabulary, settings, clock).map_err(|cause| match cause.kind() {
            io::ErrorKind::ResourceBusy => OpenError::InUse(folder.display().to_string()),
            _ => OpenError::Folder(folder.display().to_string(), cause),
        })?;
        Ok(Self::Embedded(Arc::new(embedded)))
    }

    /// Answers a question on this thread; `now` is London wall-clock time. For threads that may block.
    pub fn ask(&self, question: &Question, now: NaiveDateTime) -> Result<Found, Failure> {
        match self {
            Self::Embedded(embedded) => Ok(embedded.ask(question, now)),
        }
    }

    /// Up to `limit` suggestions for what was typed so far.
    pub fn suggest(&self, text: &str, limit: usize) -> Result<Vec<Suggestion>, Failure> {
        match self {
            Self::Embedded(embedded) => Ok(embedded.suggest(text, limit)),
        }
    }

    /// Takes up to `max` changes into the index. Once `ending` is set it stops soon. For threads that may block.
    pub fn catch_up(&self, c: &mut Conn, max: u32, ending: &AtomicBool) -> Result<Progress, Failure> {
        match self {
            Self::Embedded(embedded) => embedded.catch_up(c, max, ending),
        }
    }

    /// Makes the index anew beside the one that serves, and swaps; `progress` is told how many places are done.
    /// `false` where it was left unfinished because `ending` was set. For threads that may block.
    pub fn rebuild(&self, c: &mut Conn, ending: &AtomicBool, progress: impl FnMut(u64)) -> Result<bool, Failure> {
        match self {
            Self::Embedded(embedded) => embedded.rebuild(c, ending, progress),
        }
    }

    /// How many places can be found.
    pub fn places(&self) -> u64 {
        match self {
            Self::Embedded(embedded) => embedded.places(),
        }
    }

    /// Whether there is an index to ask.
    pub fn ready(&self) -> bool {
        match self {
            Self::Embedded(embedded) => embedded.ready(),
        }
    }

    /// How many changes the answers are behind, the newest being `newest`.
    pub fn behind(&self, newest: i64) -> i64 {
        match self {
            Self::Embedded(embedded) => newest.saturating_sub(embedded.cursor()).max(0),
        }
    }
}
