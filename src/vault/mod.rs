//! The vault: what is about a person is sealed with a key of their own, and the database alone opens none of it.
//!
//! Each key is wrapped by a master key that lies in the key file, outside the database. Table, column and row are bound into each sealed
//! value, so one that is moved elsewhere doesn't open. Destroying a person's key makes everything of theirs unreadable, wherever it is.

mod cipher;
pub mod command;
mod key_file;
pub mod ledger;
mod rotate;
mod sealed;
pub(crate) mod store;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    fmt,
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock, atomic::AtomicI64},
};

use chrono::NaiveDateTime;

use self::store::Wrapped;
pub(crate) use self::{cipher::joined, key_file::Keys};
pub use self::{
    key_file::KeyFileError,
    rotate::{RotateError, Rotated},
    sealed::{Key, Place, Private, Sealed},
};
use crate::{
    clock::Clock,
    config::Config,
    db::{Conn, Db},
    error::Failure,
    values::SubjectId,
};

/// Seals, opens and forgets; cheap to clone.
#[derive(Clone)]
pub struct Vault(Arc<Inner>);

struct Inner {
    path: PathBuf,
    keys: RwLock<Arc<Keys>>,
    /// How many erasures the ledger's file is known to have.
    noted: AtomicI64,
}

/// The keys can't be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The key file can't be read or made.
    #[error(transparent)]
    File(#[from] KeyFileError),
    /// It isn't there, and the database has need of it.
    #[error(
        "the key file {} isn't there, and nothing that is sealed in this database opens without it; put its copy back, or say in KEY_FILE where it is",
        .0.display()
    )]
    Missing(PathBuf),
    /// It belongs to another database.
    #[error("the key file {} belongs to another database; put the copy of the right one there, or say in KEY_FILE where it is", .0.display())]
    Foreign(PathBuf),
    /// It is older than the database, or the database is older than its last rotation.
    #[error("the key file {path} lacks master key {1}, which this database needs; put the copy there that has it", path = .0.display())]
    Lacks(PathBuf, i32),
    /// The database doesn't answer.
    #[error(transparent)]
    Asked(#[from] Failure),
}

impl Vault {
    /// Opens the key file that belongs to this database. Where neither has been used yet, makes it and says that it needs a copy.
    /// Whoever was erased and is here again, as in an older copy of the database, is erased again.
    pub fn open(config: &Config, db: &Db, clock: Clock) -> Result<Self, OpenError> {
        let vault = Self::open_at(config.key_file(), db)?;
        let again = vault.erase_again(db, clock)?;
        if again > 0 {
            tracing::warn!(again, "this database is older than some erasures; they were done again");
        }
        vault.note_erasures(db)?;
        Ok(vault)
    }

    fn open_at(path: PathBuf, db: &Db) -> Result<Self, OpenError> {
        let (keys, made) = match Keys::read(&path)? {
            Some(keys) => (keys, false),
            // Another process may have made it just now.
            None if db.read_now(in_use)? => (Keys::read(&path)?.ok_or_else(|| OpenError::Missing(path.clone()))?, false),
            None => Keys::make(&path)?,
        };
        let fits = fit(&keys, db, &path);
        if made && fits.is_err() {
            // Another process was quicker, with a file of its own.
            let _ = std::fs::remove_file(&path);
        }
        fits?;
        if made {
            tracing::warn!(file = %path.display(), "a key file was made; keep a copy of it elsewhere, and never beside a backup");
        }
        Ok(Self(Arc::new(Inner { path, keys: RwLock::new(Arc::new(keys)), noted: AtomicI64::new(-1) })))
    }

    /// Makes the key of someone who has none yet.
    pub fn new_key(&self, c: &mut Conn, subject: SubjectId, now: NaiveDateTime) -> Result<Key, Failure> {
        let key = Key::new(subject, cipher::new_secret());
        let master = store::hold_master(c)?;
        let wrapped = self.keys_with(master)?.wrap(master, &key).ok_or_else(|| lacking(master))?;
        store::insert(c, &Wrapped { subject: subject.to_string(), master, wrapped, created_at: now })?;
        Ok(key)
    }

    /// Someone's key; none where it was destroyed or never made.
    pub fn key(&self, c: &mut Conn, subject: SubjectId) -> Result<Option<Key>, Failure> {
        Ok(self.keys(c, &[subject])?.remove(&subject))
    }

    /// The keys of several; those that were destroyed or never made are left out.
    pub fn keys(&self, c: &mut Conn, subjects: &[SubjectId]) -> Result<HashMap<SubjectId, Key>, Failure> {
        let opened = |(subject, row)| Ok((subject, self.unwrap(subject, &row)?));
        store::of(c, subjects)?.into_iter().map(opened).collect()
    }

    fn unwrap(&self, subject: SubjectId, row: &Wrapped) -> Result<Key, Failure> {
        let key = self.keys_with(row.master)?.unwrap(row.master, subject, &row.wrapped);
        key.ok_or_else(|| Failure::internal("someone's key doesn't open with the key file"))
    }

    /// A keyed hash of a value, in base64url: to look up an e-mail address or a token without keeping it. Other purposes give other marks.
    pub fn mark(&self, purpose: &'static str, value: &str) -> String {
        self.current().mark(purpose, value)
    }

    /// Destroys someone's key, so that nothing of theirs opens any more, and puts down that it was done.
    pub fn erase(&self, c: &mut Conn, subject: SubjectId, now: NaiveDateTime) -> Result<(), Failure> {
        store::erase(c, subject, now)
    }

    /// Destroys a key that nothing is sealed under any more; nobody is erased by that.
    pub fn drop_key(&self, c: &mut Conn, subject: SubjectId) -> Result<(), Failure> {
        store::drop_key(c, subject)
    }

    fn current(&self) -> Arc<Keys> {
        self.0.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The keys of the file, read again where a rotation has added this master key meanwhile.
    fn keys_with(&self, master: i32) -> Result<Arc<Keys>, Failure> {
        let keys = self.current();
        if keys.numbers().any(|number| number == master) {
            return Ok(keys);
        }
        self.hold(self.read_again().map_err(Failure::internal)?);
        Ok(self.current())
    }

    fn read_again(&self) -> Result<Keys, KeyFileError> {
        Keys::read(&self.0.path)?.ok_or_else(|| KeyFileError::Gone(self.0.path.clone()))
    }

    /// Puts other keys into the file and goes on with them.
    fn replace(&self, keys: &Keys) -> Result<(), KeyFileError> {
        keys.replace(&self.0.path)?;
        self.hold(keys.clone());
        Ok(())
    }

    fn hold(&self, keys: Keys) {
        *self.0.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault(..)")
    }
}

fn lacking(master: i32) -> Failure {
    Failure::internal(format!("the key file lacks master key {master}; put the copy there that has it"))
}

/// Whether a key file was used with this database.
fn in_use(c: &mut Conn) -> Result<bool, Failure> {
    Ok(store::fingerprint(c)?.is_some() || store::any(c)?.is_some())
}

/// Makes sure that the file and the database belong together; a database without a file takes this one.
fn fit(keys: &Keys, db: &Db, path: &std::path::Path) -> Result<(), OpenError> {
    let ours = keys.fingerprint();
    let (theirs, master, any) = db.write_now(|c| {
        store::claim(c, &ours, keys.newest())?;
        Ok((store::fingerprint(c)?, store::master(c)?, store::any(c)?))
    })?;
    let opens = |row: &Wrapped| row.subject.parse().is_ok_and(|subject| keys.unwrap(row.master, subject, &row.wrapped).is_some());
    let lacks = |number: i32| keys.numbers().all(|known| known != number);
    let needed = [Some(master), any.as_ref().map(|row| row.master)].into_iter().flatten().find(|number| lacks(*number));
    match (theirs, needed) {
        (theirs, _) if theirs.as_ref() != Some(&ours) => Err(OpenError::Foreign(path.to_owned())),
        (_, Some(number)) => Err(OpenError::Lacks(path.to_owned(), number)),
        _ if any.as_ref().is_none_or(opens) => Ok(()),
        _ => Err(OpenError::Foreign(path.to_owned())),
    }
}
