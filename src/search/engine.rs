//! The engine behind the questions. There is one so far; a second joins this enum.

use std::{path::Path, sync::Arc};

use chrono::NaiveDateTime;

use super::{Found, Progress, Question, Suggestion, embedded::Embedded, settings::Settings};
use crate::{
    db::{Conn, Db},
    error::Failure,
    settings_files::SettingsFiles,
    vocabulary::Vocabulary,
};

/// What answers questions.
#[derive(Clone)]
pub enum Engine {
    /// In this process.
    Embedded(Arc<Embedded>),
}

impl Engine {
    /// Opens the engine over an index in a folder. The error is for whoever starts the service.
    pub fn open(folder: &Path, vocabulary: Arc<Vocabulary>, files: &SettingsFiles) -> Result<Self, String> {
        let settings =
            Settings::load(files).map_err(|mistakes| mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
        let embedded = Embedded::open(folder, vocabulary, settings).map_err(|cause| format!("{}: {cause}", folder.display()))?;
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

    /// Takes up to `max` changes into the index. For threads that may block.
    pub fn catch_up(&self, c: &mut Conn, max: u32) -> Result<Progress, Failure> {
        match self {
            Self::Embedded(embedded) => embedded.catch_up(c, max),
        }
    }

    /// Catches up until nothing is left, on a thread of its own.
    pub async fn keep_up(&self, db: &Db, max: u32) -> Result<u64, Failure> {
        let mut changed = 0;
        loop {
            let engine = self.clone();
            let progress = db.read(move |c| engine.catch_up(c, max)).await?;
            changed += progress.changed;
            if progress.changed == 0 {
                return Ok(changed);
            }
        }
    }

    /// Makes the index anew beside the one that serves, and swaps. For threads that may block.
    pub fn rebuild(&self, c: &mut Conn, progress: impl FnMut(u64)) -> Result<(), Failure> {
        match self {
            Self::Embedded(embedded) => embedded.rebuild(c, progress),
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
