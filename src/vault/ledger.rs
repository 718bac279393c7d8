//! The erasure ledger outside the database: a file beside the key file with everyone whose key was destroyed.
//!
//! A restored backup may be from before an erasure, and then has the key again. So each erasure is also put down in this file after it was
//! committed, and again at every start, where a process died in between; and whoever stands in the file and not in the
//! database is erased again at every start.

use std::{
    collections::HashMap,
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt, chown},
    path::{Path, PathBuf},
    sync::atomic::Ordering,
    time::Duration,
};

use chrono::NaiveDateTime;

use super::{Vault, store};
use crate::{
    audit::{self, Action, Actor, Entry},
    background::Stopped,
    clock::Clock,
    db::{Conn, Db, blocking},
    error::Failure,
    people,
    values::SubjectId,
};

/// What the file begins with, for whoever finds it.
const PREFACE: &str = "\
# Footbridge's erasure ledger: whose key was destroyed, and when (UTC). It names nobody. Keep a copy of it with the key file:
# a backup from before an erasure is only forgotten again with this.
";
/// How often the file is brought up to date.
const EVERY: Duration = Duration::from_secs(2);
/// Erasures that are done again in one transaction.
const AT_ONCE: usize = 200;
/// How a time is written, in UTC.
const TIME: &str = "%Y-%m-%dT%H:%M:%S%.f";

type Erasures = HashMap<SubjectId, NaiveDateTime>;

/// Where the ledger is, beside this key file.
pub(crate) fn path(key_file: &Path) -> PathBuf {
    key_file.with_extension("erasures")
}

impl Vault {
    /// Puts down in the ledger's file what was erased since, and on SQLite empties the log in which destroyed keys may still be.
    /// To be called after an erasure was committed; where a process can't, the next start or another process does.
    pub fn note_erasures(&self, db: &Db) -> Result<(), Failure> {
        let count = db.read_now(store::count_erasures)?;
        if self.0.noted.load(Ordering::Acquire) == count {
            return Ok(());
        }
        self.append(&db.read_now(store::erasures)?).map_err(|cause| self.ledger_trouble(&cause))?;
        if db.empty_log()? {
            self.0.noted.store(count, Ordering::Release);
        }
        Ok(())
    }

    /// Erases again everyone who stands in the file and not in the database. Says how many those were.
    pub fn erase_again(&self, db: &Db, clock: Clock) -> Result<usize, Failure> {
        let noted = self.open_ledger().and_then(|mut file| read(&mut file)).map_err(|cause| self.ledger_trouble(&cause))?;
        let known = db.read_now(store::erasures)?;
        let mut lacking: Vec<_> = noted.into_iter().filter(|(subject, _)| !known.contains_key(subject)).collect();
        lacking.sort_unstable();
        for some in lacking.chunks(AT_ONCE) {
            db.write_now(|c| some.iter().try_for_each(|(subject, at)| self.forget_again(c, *subject, *at, clock)))?;
        }
        Ok(lacking.len())
    }

    fn forget_again(&self, c: &mut Conn, subject: SubjectId, at: NaiveDateTime, clock: Clock) -> Result<(), Failure> {
        people::remove_again(c, subject)?;
        self.erase(c, subject, at)?;
        let entry = Entry { actor: Actor::System, action: Action::ErasedAgain, subject: Some(subject), about: None };
        audit::record(c, &entry, clock.stamp())
    }

    fn append(&self, erased: &Erasures) -> io::Result<()> {
        let mut file = self.open_ledger()?;
        let noted = read(&mut file)?;
        let mut lines = String::new();
        for (subject, at) in erased.iter().filter(|(subject, _)| !noted.contains_key(subject)) {
            lines.push_str(&format!("{subject} {}\n", at.format(TIME)));
        }
        if lines.is_empty() {
            return Ok(());
        }
        // A line that was cut short when a machine failed is left as it is.
        let whole = if ends_a_line(&mut file)? { "" } else { "\n" };
        file.write_all(format!("{whole}{lines}").as_bytes())?;
        file.sync_all()
    }

    /// Opens the file, and makes it where there is none, for the same user as the key file.
    fn open_ledger(&self) -> io::Result<File> {
        let path = path(&self.0.path);
        let mut options = OpenOptions::new();
        options.read(true).append(true).mode(0o600);
        match options.open(&path) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
                let mut file = options.create(true).open(&path)?;
                let keys = std::fs::metadata(&self.0.path)?;
                chown(&path, Some(keys.uid()), Some(keys.gid()))?;
                file.write_all(PREFACE.as_bytes())?;
                file.sync_all()?;
                Ok(file)
            }
            opened => opened,
        }
    }

    fn ledger_trouble(&self, cause: &io::Error) -> Failure {
        Failure::internal(format!("the erasure ledger {} can't be used: {cause}", path(&self.0.path).display()))
    }
}

/// What the file says. A line that can't be read was cut short, and its erasure stands in the database.
fn read(file: &mut File) -> io::Result<Erasures> {
    let mut text = String::new();
    file.seek(SeekFrom::Start(0))?;
    file.read_to_string(&mut text)?;
    let line = |line: &str| {
        let (subject, at) = line.split_once(' ')?;
        Some((subject.parse().ok()?, NaiveDateTime::parse_from_str(at, TIME).ok()?))
    };
    Ok(text.lines().filter_map(line).collect())
}

fn ends_a_line(file: &mut File) -> io::Result<bool> {
    let mut last = [b'\n'];
    if file.metadata()?.len() > 0 {
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
    }
    Ok(last == [b'\n'])
}

/// Keeps the file up to date until it is told to stop, also with what other processes erased.
pub async fn keep(vault: Vault, db: Db, mut stopped: Stopped) {
    loop {
        let (ours, from) = (vault.clone(), db.clone());
        if let Err(cause) = blocking(move || ours.note_erasures(&from)).await {
            tracing::error!(cause = %cause, "the erasure ledger can't be brought up to date; trying again");
        }
        if !stopped.pause(EVERY).await {
            return;
        }
    }
}
