//! A new master key, and every person's key wrapped by it: in short transactions, so that it can be killed and run again.
//!
//! The new master key is in the file before the database speaks of it, and an old one leaves the file only when no key is wrapped by it.

use std::{
    fmt,
    time::{Duration, Instant},
};

use super::{
    KeyFileError, Vault,
    store::{self, Wrapped},
};
use crate::{
    audit::{self, Action, Actor, Entry},
    clock::Clock,
    db::{Conn, Db},
    error::Failure,
    lease::{Lease, Right},
    values::SubjectId,
};

/// Keys that are wrapped anew in one transaction.
const AT_ONCE: i64 = 500;
/// One rotation at a time.
const RIGHT: Right = Right { name: "vault-rotation", holds: Duration::from_secs(3) };

/// What a rotation did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotated {
    /// The number of the master key in use now.
    pub master: i32,
    /// Keys that were wrapped anew by this run.
    pub wrapped: usize,
    /// Old master keys that left the file.
    pub dropped: Vec<i32>,
    /// Keys that don't open with the file and were left as they are.
    pub damaged: usize,
}

impl fmt::Display for Rotated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "master key {} is in use; {} keys were wrapped anew", self.master, self.wrapped)?;
        if !self.dropped.is_empty() {
            let old: Vec<_> = self.dropped.iter().map(ToString::to_string).collect();
            write!(f, "; master key {} left the file", old.join(", "))?;
        }
        if self.damaged > 0 {
            write!(f, "; {} keys are damaged and open with no master key of the file", self.damaged)?;
        }
        Ok(())
    }
}

/// The keys can't be rotated.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// Another process does it now.
    #[error("another process is rotating the keys; wait for its end")]
    Busy,
    /// The key file can't be written.
    #[error(transparent)]
    File(#[from] KeyFileError),
    /// The database doesn't answer.
    #[error(transparent)]
    Asked(#[from] Failure),
}

impl Vault {
    /// Adds a master key to the file, unless one is there that isn't in use yet; gives the newest one's number.
    pub fn add_master(&self, db: &Db) -> Result<i32, RotateError> {
        let used = db.read_now(store::master)?;
        let mut keys = self.read_again()?;
        // More than one: a rotation that was begun is to be ended before another begins.
        if keys.newest() == used && keys.numbers().count() == 1 {
            keys.add_master();
            self.replace(&keys)?;
        }
        Ok(keys.newest())
    }

    /// Begins a rotation, or ends one that was begun.
    pub fn rotate(&self, db: &Db, clock: Clock) -> Result<Rotated, RotateError> {
        let lease = take_right(db)?;
        let master = self.add_master(db)?;
        db.write_now(|c| self.put_in_use(c, master, clock))?;
        let (mut wrapped, mut damaged, mut after) = (0, 0, String::new());
        loop {
            let rows = db.read_now(|c| store::not_of(c, master, &after, AT_ONCE))?;
            let Some(last) = rows.last() else { break };
            after.clone_from(&last.subject);
            let done = db.write_now(|c| {
                lease.renew(c)?;
                rows.iter().try_fold(0, |done, row| Ok(done + usize::from(self.wrap_anew(c, row, master)?)))
            })?;
            (wrapped, damaged) = (wrapped + done, damaged + rows.len() - done);
        }
        let dropped = self.drop_unused(db)?;
        Ok(Rotated { master, wrapped, dropped, damaged })
    }

    fn put_in_use(&self, c: &mut Conn, master: i32, clock: Clock) -> Result<(), Failure> {
        if store::master(c)? == master {
            return Ok(());
        }
        store::change_master(c, master)?;
        let entry = Entry { actor: Actor::System, action: Action::KeysRotated, subject: None, about: Some(master.to_string()) };
        audit::record(c, &entry, clock.stamp())
    }

    /// `false` where it doesn't open. One that was destroyed meanwhile stays so.
    fn wrap_anew(&self, c: &mut Conn, row: &Wrapped, master: i32) -> Result<bool, Failure> {
        let keys = self.keys_with(master)?;
        let Ok(subject) = row.subject.parse::<SubjectId>() else { return Ok(false) };
        let Some(key) = keys.unwrap(row.master, subject, &row.wrapped) else { return Ok(false) };
        let Some(wrapped) = keys.wrap(master, &key) else { return Ok(false) };
        store::change(c, row, master, &wrapped)?;
        Ok(true)
    }

    fn drop_unused(&self, db: &Db) -> Result<Vec<i32>, RotateError> {
        let used = db.read_now(store::masters_in_use)?;
        let mut keys = self.read_again()?;
        let dropped: Vec<i32> = keys.numbers().filter(|number| !used.contains(number)).collect();
        if !dropped.is_empty() {
            keys.drop_masters(&dropped);
            self.replace(&keys)?;
        }
        Ok(dropped)
    }
}

/// The right to rotate, once a run that was killed no longer holds it.
fn take_right(db: &Db) -> Result<Lease, RotateError> {
    let began = Instant::now();
    loop {
        match Lease::take(db, RIGHT)? {
            Some(lease) => return Ok(lease),
            None if began.elapsed() > RIGHT.holds * 2 => return Err(RotateError::Busy),
            None => std::thread::sleep(RIGHT.holds / 10),
        }
    }
}
