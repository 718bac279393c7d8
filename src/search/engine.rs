//! The engine behind the questions: one in this process always, and one on a server where there is one.

use std::{
    io,
    path::Path,
    sync::{Arc, atomic::AtomicBool},
};

use super::{
    Progress,
    embedded::Embedded,
    meili::{Meili, Server, Trouble},
    settings::Settings,
};
use crate::{clock::Clock, db::Conn, error::Failure, settings_files::SettingsFiles, vocabulary::Vocabulary};

/// What answers questions. The copy in this process knows the catalogue's words, suggests, and answers whatever the server
/// doesn't.
#[derive(Clone)]
pub struct Engine {
    settings: Settings,
    here: Arc<Embedded>,
    server: Option<Arc<Meili>>,
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
    /// The connection to Meilisearch can't be prepared.
    #[error("Meilisearch: {0}")]
    Server(Trouble),
}

/// `search.toml`, or every mistake in it.
pub fn settings(files: &SettingsFiles) -> Result<Settings, OpenError> {
    let told = |mistakes: Vec<crate::settings_files::Mistake>| {
        OpenError::Settings(mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    };
    Settings::load(files).map_err(told)
}

/// A server to be fed, or none where none is named.
pub fn server(
    named: Option<&Server>,
    vocabulary: &Arc<Vocabulary>,
    settings: Settings,
    clock: Clock,
) -> Result<Option<Arc<Meili>>, OpenError> {
    let made = named.map(|server| Meili::new(server, vocabulary.clone(), settings, clock).map(Arc::new)).transpose();
    made.map_err(OpenError::Server)
}

impl Engine {
    /// Opens the copy in a folder, and prepares to ask the server. Nothing is asked of it yet.
    pub fn open(
        folder: &Path,
        vocabulary: Arc<Vocabulary>,
        files: &SettingsFiles,
        clock: Clock,
        named: Option<&Server>,
    ) -> Result<Self, OpenError> {
        let settings = settings(files)?;
        let server = server(named, &vocabulary, settings, clock)?;
        let here = Embedded::open(folder, vocabulary, settings, clock).map_err(|cause| match cause.kind() {
            io::ErrorKind::ResourceBusy => OpenError::InUse(folder.display().to_string()),
            _ => OpenError::Folder(folder.display().to_string(), cause),
        })?;
        Ok(Self { settings, here: Arc::new(here), server })
    }

    /// What it goes by.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The copy in this process.
    pub fn here(&self) -> &Embedded {
        &self.here
    }

    /// The server, while it may be asked.
    pub fn server(&self) -> Option<&Arc<Meili>> {
        self.server.as_ref().filter(|server| server.is_usable())
    }

    /// Looks whether the server may be asked; for a background task. `database` is the name of ours.
    pub async fn look_at_server(&self, database: String) {
        if let Some(server) = &self.server {
            server.look(database, self.here.cursor()).await;
        }
    }

    /// The server as it is fed, be it away just now.
    pub fn fed_server(&self) -> Option<&Arc<Meili>> {
        self.server.as_ref()
    }

    /// Takes up to `max` changes into the copy here. Once `ending` is set it stops soon. For threads that may block.
    pub fn catch_up(&self, c: &mut Conn, max: u32, ending: &AtomicBool) -> Result<Progress, Failure> {
        self.here.catch_up(c, max, ending)
    }

    /// Makes the copy here anew beside the one that serves, and swaps; `progress` is told how many places are done.
    /// `false` where it was left unfinished because `ending` was set. For threads that may block.
    pub fn rebuild(&self, c: &mut Conn, ending: &AtomicBool, progress: impl FnMut(u64)) -> Result<bool, Failure> {
        self.here.rebuild(c, ending, progress)
    }

    /// How many places can be found.
    pub fn places(&self) -> u64 {
        self.here.places()
    }

    /// Whether there is an index to ask.
    pub fn ready(&self) -> bool {
        self.here.ready()
    }

    /// How many changes the copy here is behind, the newest being `newest`.
    pub fn behind(&self, newest: i64) -> i64 {
        newest.saturating_sub(self.here.cursor()).max(0)
    }
}
