//! The folder an index is kept in: one folder for each time it was made anew, and a note of which one serves.
//!
//! ```text
//! lock       held by the process that uses the folder
//! current    the name of the folder that serves
//! gen-N/     an index, and about.json: what it was made with
//! ```

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use tantivy::{Index, IndexReader, ReloadPolicy};

use super::{columns::Moved, schema};
use crate::vocabulary::{ActivityId, KindId, Vocabulary};

const CURRENT: &str = "current";
const ABOUT: &str = "about.json";
const PREFIX: &str = "gen-";

/// What an index was made with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct About {
    version: u32,
    fingerprint: String,
    kinds: Vec<KindId>,
    activities: Vec<ActivityId>,
    /// Whose change log it follows.
    database: String,
}

/// One index, opened.
pub(super) struct Generation {
    pub(super) number: u64,
    pub(super) index: Index,
    pub(super) reader: IndexReader,
    /// Where the vocabulary's lists stand now, if the index was made with another.
    pub(super) moved: Option<Moved>,
    /// Which database it was made from.
    pub(super) database: String,
}

/// How far an index came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Reached {
    /// The last change it holds.
    pub(super) cursor: i64,
    /// The day its hours were worked out on, in days from 2000.
    pub(super) day: u16,
}

/// The folder, held by this process alone.
pub(super) struct Folder {
    path: PathBuf,
    _lock: File,
}

impl About {
    pub(super) fn now(vocabulary: &Vocabulary, database: &str) -> Self {
        Self {
            database: database.to_owned(),
            version: schema::version(),
            fingerprint: vocabulary.fingerprint().to_owned(),
            kinds: vocabulary.kind_list().iter().map(|kind| kind.id.clone()).collect(),
            activities: vocabulary.activity_list().iter().map(|activity| activity.id.clone()).collect(),
        }
    }

    fn moved(&self, vocabulary: &Vocabulary) -> Moved {
        Moved {
            kinds: self.kinds.iter().map(|id| vocabulary.kind_place(id)).collect(),
            activities: self.activities.iter().map(|id| vocabulary.activity_place(id)).collect(),
        }
    }
}

impl Folder {
    /// Makes the folder and takes it for this process.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        fs::create_dir_all(path)?;
        let lock = File::create(path.join("lock"))?;
        lock.try_lock().map_err(|cause| match cause {
            fs::TryLockError::WouldBlock => io::Error::new(io::ErrorKind::ResourceBusy, "another process uses this index folder"),
            fs::TryLockError::Error(cause) => cause,
        })?;
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// The folder for a look, without taking it; and whether a process uses it. Nothing is made.
    pub(super) fn look(path: &Path) -> io::Result<(Self, bool)> {
        let lock = File::open(path.join("lock"))?;
        let in_use = matches!(lock.try_lock_shared(), Err(fs::TryLockError::WouldBlock));
        lock.unlock()?;
        Ok((Self { path: path.to_owned(), _lock: lock }, in_use))
    }

    /// The index that serves, if there is one and it is sound. `Err` says what is wrong with it.
    pub(super) fn current(&self, vocabulary: &Vocabulary) -> Result<Option<Generation>, String> {
        let Ok(name) = fs::read_to_string(self.path.join(CURRENT)) else { return Ok(None) };
        let number = name.trim().strip_prefix(PREFIX).and_then(|n| n.parse().ok()).ok_or("its note can't be read")?;
        let folder = self.folder(number);
        let about = fs::read(folder.join(ABOUT)).map_err(|cause| cause.to_string())?;
        let about: About = serde_json::from_slice(&about).map_err(|cause| cause.to_string())?;
        if about.version != schema::version() {
            return Err("it was written by another version".to_owned());
        }
        let index = Index::open_in_dir(&folder).map_err(|cause| cause.to_string())?;
        if !schema::fits(&index) {
            return Err("its fields are others".to_owned());
        }
        let damaged = index.validate_checksum().map_err(|cause| cause.to_string())?;
        if !damaged.is_empty() {
            return Err(format!("{} of its files are damaged", damaged.len()));
        }
        let moved = (about != About::now(vocabulary, &about.database)).then(|| about.moved(vocabulary));
        Generation::of(number, index, moved, about.database).map(Some).map_err(|cause| cause.to_string())
    }

    /// A new, empty index beside the one that serves.
    pub(super) fn fresh(&self, database: String) -> tantivy::Result<Generation> {
        let last = self.numbers().into_iter().max().unwrap_or(0);
        let made = Generation::make(&self.folder(last + 1), last + 1, database);
        if made.is_err() {
            self.remove(last + 1);
        }
        made
    }

    /// Lets a finished index serve.
    pub(super) fn serve(&self, generation: &Generation, vocabulary: &Vocabulary) -> io::Result<()> {
        let about = serde_json::to_vec_pretty(&About::now(vocabulary, &generation.database)).map_err(io::Error::other)?;
        write_whole(&self.folder(generation.number).join(ABOUT), &about)?;
        write_whole(&self.path.join(CURRENT), format!("{PREFIX}{}", generation.number).as_bytes())
    }

    /// Takes away every index but one; what can't be taken away now is taken away next time.
    pub(super) fn sweep(&self, keep: Option<u64>) {
        for number in self.numbers().into_iter().filter(|number| Some(*number) != keep) {
            self.remove(number);
        }
    }

    /// Takes away one index.
    pub(super) fn remove(&self, number: u64) {
        if let Err(cause) = fs::remove_dir_all(self.folder(number)) {
            tracing::warn!(%cause, "an index that isn't needed can't be taken away");
        }
    }

    fn folder(&self, number: u64) -> PathBuf {
        self.path.join(format!("{PREFIX}{number}"))
    }

    fn numbers(&self) -> Vec<u64> {
        let entries = fs::read_dir(&self.path).into_iter().flatten().flatten();
        entries.filter_map(|entry| entry.file_name().to_str()?.strip_prefix(PREFIX)?.parse().ok()).collect()
    }
}

impl Reached {
    /// As it stands in a commit.
    pub(super) fn payload(self) -> String {
        format!("{} {}", self.cursor, self.day)
    }

    fn read(payload: &str) -> Option<Self> {
        let (cursor, day) = payload.split_once(' ')?;
        Some(Self { cursor: cursor.parse().ok()?, day: day.parse().ok()? })
    }
}

impl Generation {
    fn make(folder: &Path, number: u64, database: String) -> tantivy::Result<Self> {
        fs::create_dir_all(folder)?;
        let directory = tantivy::directory::MmapDirectory::open(folder)?;
        let index = Index::create(directory, schema::schema().0, schema::settings())?;
        Self::of(number, index, None, database)
    }

    fn of(number: u64, index: Index, moved: Option<Moved>, database: String) -> tantivy::Result<Self> {
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Self { number, index, reader, moved, database })
    }

    /// How far the index came; the beginning where that isn't written.
    pub(super) fn reached(&self) -> tantivy::Result<Reached> {
        Ok(self.index.load_metas()?.payload.and_then(|text| Reached::read(&text)).unwrap_or_default())
    }
}

/// A file is there whole, or as it was before.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}
