//! A backup of SQLite: a consistent copy that the database makes of itself while it goes on being used.

use std::{
    error::Error,
    fs::{DirBuilder, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use diesel::{QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query, sql_types::Text};

use crate::db::Conn;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// The name of the copy.
const COPY: &str = "copy";

/// Writes a consistent copy of the database. It lies beside it for a while, for nobody else to read.
pub(super) fn dump(c: &mut Conn, database: &Path, out: &mut dyn Write) -> Outcome<()> {
    let folder = Folder::make(&beside(database, "backup"))?;
    let copy = folder.path.join(COPY);
    let name = copy.to_str().ok_or("the database's folder has a name that can't be written")?.replace('\'', "''");
    // What was deleted isn't in such a copy, since it is written row by row.
    c.batch_execute(&format!("VACUUM INTO '{name}'"))?;
    io::copy(&mut File::open(copy)?, out)?;
    Ok(())
}

/// Writes the copy beside its place and gives the path there.
pub(super) fn fill(database: &Path, from: &mut impl Read) -> Outcome<Filled> {
    let filled = Filled { path: beside(database, "restoring") };
    filled.remove();
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&filled.path)?;
    let copied = io::copy(from, &mut file);
    copied.map_err(|cause| format!("the backup is damaged or was cut short ({cause}); nothing was restored"))?;
    file.sync_all()?;
    Ok(filled)
}

/// A database that isn't in its place yet; it goes when this is dropped.
pub(super) struct Filled {
    pub(super) path: PathBuf,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

impl Filled {
    /// Looks whether every page, index and reference is sound.
    pub(super) fn check(&self, c: &mut Conn) -> Outcome<()> {
        let found: Vec<Line> = sql_query("SELECT integrity_check AS line FROM pragma_integrity_check").load(c)?;
        let broken: Vec<Line> = sql_query("SELECT \"table\" AS line FROM pragma_foreign_key_check").load(c)?;
        match (found.first().map(|first| first.line.as_str()), broken.first()) {
            (Some("ok"), None) => Ok(()),
            (Some("ok"), Some(table)) => Err(format!("a row of {} refers to one that isn't there", table.line).into()),
            (wrong, _) => Err(format!("the database in the backup is damaged: {}", wrong.unwrap_or("nothing is known")).into()),
        }
    }

    /// Moves it to its place. Nobody may have it open.
    pub(super) fn settle(self, c: Conn, place: &Path) -> Outcome<()> {
        let mut c = c;
        // All of it is then in one file.
        c.batch_execute("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE")?;
        drop(c);
        File::open(&self.path)?.sync_all()?;
        if place.exists() {
            return Err(format!("{} came into being meanwhile; nothing was restored", place.display()).into());
        }
        std::fs::rename(&self.path, place)?;
        File::open(folder_of(place))?.sync_all()?;
        Ok(())
    }

    fn remove(&self) {
        for ending in ["", "-wal", "-shm", "-journal"] {
            let mut path = self.path.clone().into_os_string();
            path.push(ending);
            let _ = std::fs::remove_file(path);
        }
    }
}

impl Drop for Filled {
    fn drop(&mut self) {
        self.remove();
    }
}

/// A folder that nobody else can enter, gone when this is dropped. One backup at a time holds it.
struct Folder {
    path: PathBuf,
    _held: File,
}

impl Folder {
    fn make(path: &Path) -> Outcome<Self> {
        let trouble = |cause: io::Error| format!("{}: {cause}", path.display());
        match DirBuilder::new().mode(0o700).create(path) {
            Err(cause) if cause.kind() != io::ErrorKind::AlreadyExists => return Err(trouble(cause).into()),
            _ => {}
        }
        let held = File::open(path).map_err(trouble)?;
        held.try_lock().map_err(|_| "another backup is being made now; wait for its end")?;
        // What one that was killed has left.
        let _ = std::fs::remove_file(path.join(COPY));
        Ok(Self { path: path.to_owned(), _held: held })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

fn beside(database: &Path, ending: &str) -> PathBuf {
    database.with_added_extension(ending)
}

pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
