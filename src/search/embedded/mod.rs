//! The engine inside the process: tantivy's index on disk, the records of every place in memory.

mod answer;
mod circle;
mod columns;
mod document;
mod filter;
mod folder;
pub mod look;
pub(crate) mod near;
mod plan;
mod rank;
mod record;
mod scan;
mod schema;
mod snapshot;
mod spelling;
mod suggest;
mod sync;
mod tally;
mod writing;

use std::{
    path::Path,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use chrono::NaiveDateTime;

use self::{
    answer::{Asked, Desk},
    folder::{Folder, Generation},
    schema::Fields,
    snapshot::Snapshot,
};
use super::{
    Found, Question,
    settings::Settings,
    understand::{Understanding, understand},
};
use crate::{clock::Clock, values::VenueId, vocabulary::Vocabulary};

/// We ask whether another spelling was meant where at most so many places were found.
const FEW: u64 = 3;
/// Most desks kept for later questions.
const MOST_DESKS: usize = 32;

/// The engine inside the process. Any number of questions while one thread writes.
pub struct Embedded {
    folder: Folder,
    vocabulary: Arc<Vocabulary>,
    settings: Settings,
    fields: Fields,
    /// The index that is written to.
    kept: Mutex<Option<Generation>>,
    /// There is one.
    ready: AtomicBool,
    rebuilding: Mutex<()>,
    /// The index was made with other settings, or there is none.
    outdated: AtomicBool,
    shown: RwLock<Arc<Snapshot>>,
    desks: Mutex<Vec<Desk>>,
    clock: Clock,
}

impl Embedded {
    /// Opens the index in a folder, which is made where there is none. An index that is damaged or made by another
    /// version is left aside, one made with another vocabulary serves until the next `catch_up` has made it anew.
    pub fn open(folder: &Path, vocabulary: Arc<Vocabulary>, settings: Settings, clock: Clock) -> std::io::Result<Self> {
        let folder = Folder::open(folder)?;
        let (_, fields) = schema::schema();
        let opened = folder.current(&vocabulary).and_then(|found| found.map(|found| Self::first(found, &fields)).transpose());
        let (kept, snapshot) = match opened {
            Ok(Some((generation, snapshot))) => (Some(generation), snapshot),
            Ok(None) => (None, Snapshot::default()),
            Err(cause) => {
                tracing::warn!(%cause, "the search index can't be used and will be made anew");
                (None, Snapshot::default())
            }
        };
        folder.sweep(kept.as_ref().map(|kept| kept.number));
        let outdated = kept.as_ref().is_none_or(|kept| kept.moved.is_some());
        Ok(Self {
            folder,
            vocabulary,
            settings,
            fields,
            ready: AtomicBool::new(kept.is_some()),
            kept: Mutex::new(kept),
            rebuilding: Mutex::new(()),
            outdated: AtomicBool::new(outdated),
            shown: RwLock::new(Arc::new(snapshot)),
            desks: Mutex::new(Vec::new()),
            clock,
        })
    }

    fn first(generation: Generation, fields: &Fields) -> Result<(Generation, Snapshot), String> {
        let reached = generation.reached().map_err(|cause| cause.to_string())?;
        let snapshot = sync::load(&generation, fields, &Snapshot::default(), reached).map_err(|cause| cause.to_string())?;
        Ok((generation, snapshot))
    }

    /// Whether there is an index to ask, be it made with older settings. Waits for nothing.
    pub fn ready(&self) -> bool {
        self.ready.load(Ordering::Acquire)
    }

    /// Whether the next `catch_up` makes the index anew.
    pub(crate) fn needs_rebuild(&self) -> bool {
        self.outdated.load(Ordering::Acquire)
    }

    /// The last change that answers take into account.
    pub fn cursor(&self) -> i64 {
        self.snapshot().reached.cursor
    }

    /// How many places can be found.
    pub fn places(&self) -> u64 {
        self.snapshot().places
    }

    /// What words mean here: the vocabulary knows the language, the index knows which words places have.
    pub fn understand(&self, words: &str) -> Understanding {
        let snapshot = self.snapshot();
        let frequency = |word: &str| snapshot.frequency(snapshot::Place::Name, word);
        let mut understanding = understand(&self.vocabulary, words, &self.settings.typos, &frequency);
        snapshot.mend(&mut understanding.parts, &self.settings.typos);
        understanding
    }

    /// Answers a question. `now` is London wall-clock time. Takes no longer than a few milliseconds and waits for nothing.
    pub fn ask(&self, question: &Question, now: NaiveDateTime) -> Found {
        let understanding = self.understand(&question.words);
        let found = self.look(question, &understanding, now);
        self.explain(found, &understanding)
    }

    /// Hits, counts, and whether words had to be left out.
    pub fn look(&self, question: &Question, understanding: &Understanding, now: NaiveDateTime) -> Found {
        let snapshot = self.snapshot();
        let asked = Asked { snapshot: &snapshot, vocabulary: &self.vocabulary, settings: &self.settings, question, now };
        let mut desk = self.desk();
        let found = asked.answer(&mut desk, &understanding.parts);
        self.put_back(desk);
        found
    }

    /// Adds how the words were understood to what any engine found.
    pub fn explain(&self, mut found: Found, understanding: &Understanding) -> Found {
        if found.total <= FEW || found.understood.loosened {
            found.did_you_mean = self.snapshot().did_you_mean(&understanding.text, &understanding.parts, &self.settings.typos);
        }
        found.highlight = understanding.highlight(&self.vocabulary);
        found.understood.parts = understanding.meanings();
        found
    }

    /// The cards whose hours depend on the day.
    pub(crate) fn dated(&self) -> Vec<VenueId> {
        self.snapshot().dated().into_iter().map(|id| VenueId(uuid::Uuid::from_u128(id))).collect()
    }

    fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.shown.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn desk(&self) -> Desk {
        self.desks.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    fn put_back(&self, desk: Desk) {
        let mut desks = self.desks.lock().unwrap_or_else(PoisonError::into_inner);
        if desks.len() < MOST_DESKS {
            desks.push(desk);
        }
    }
}
