//! One import at a time: a lease in the database, which runs out by itself where the import was killed.
//!
//! A plan is made for the catalogue as it was read, so it must not change until the plan is written. The lease is renewed by
//! a thread of its own, and in every transaction of the import, which fails if another import took over meanwhile.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{RecvTimeoutError, Sender, channel},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::{error::ImportError, progress::Progress};
use crate::{
    clock::Clock,
    db::{Conn, Db, setting},
    error::Failure,
    on_each_engine,
    schema::settings,
};

/// The setting that holds it: who, and until when.
const NAME: &str = "import";
/// How long it holds when it isn't renewed: an import that was killed goes on after that.
const HOLDS: TimeDelta = TimeDelta::seconds(3);
/// How often it is renewed.
const RENEWED: Duration = Duration::from_millis(750);
/// How long an import waits for another one to end.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);
/// How often one who waits looks again.
const LOOK: Duration = Duration::from_millis(200);

/// The right to import, until it is dropped.
pub(super) struct Lease {
    db: Db,
    holder: String,
    lost: Arc<AtomicBool>,
    end: Option<Sender<()>>,
    renewer: Option<JoinHandle<()>>,
}

impl Lease {
    /// Takes the lease, or waits for it as long as `patience` allows.
    pub(super) fn take(db: &Db, patience: Duration, progress: &mut Progress) -> Result<Self, ImportError> {
        let holder = Uuid::new_v4().simple().to_string();
        let begun = Instant::now();
        let mut told = false;
        while !db.write_now(|c| taken(c, &holder))? {
            if begun.elapsed() >= patience {
                return Err(ImportError::Busy { seconds: patience.as_secs() });
            }
            if !told {
                progress.stage("Another import is running; waiting for it to end", None);
                told = true;
            }
            std::thread::sleep(LOOK);
        }
        let lost = Arc::new(AtomicBool::new(false));
        let (end, ended) = channel();
        let (their_db, their_holder, their_lost) = (db.clone(), holder.clone(), lost.clone());
        let renewer = std::thread::spawn(move || {
            while ended.recv_timeout(RENEWED) == Err(RecvTimeoutError::Timeout) {
                // A database that is busy now is asked again; whether the lease was lost shows in the next transaction.
                if let Ok(false) = their_db.write_now(|c| renewed(c, &their_holder)) {
                    their_lost.store(true, Ordering::Relaxed);
                    return;
                }
            }
        });
        Ok(Self { db: db.clone(), holder, lost, end: Some(end), renewer: Some(renewer) })
    }

    /// Holds the lease for this transaction; fails where another import has it.
    pub(super) fn renew(&self, c: &mut Conn) -> Result<(), Failure> {
        if renewed(c, &self.holder)? {
            return Ok(());
        }
        self.lost.store(true, Ordering::Relaxed);
        Err(Failure::internal("another import has taken over"))
    }

    /// Why the import could not go on.
    pub(super) fn explain(&self, failure: Failure) -> ImportError {
        if self.is_lost() { ImportError::TakenOver } else { failure.into() }
    }

    /// Whether another import has taken over.
    fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Relaxed)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(renewer) = self.renewer.take() {
            let _ = renewer.join();
        }
        let mine = format!("{} %", self.holder);
        let given_back = self.db.write_now(|c| {
            let row = settings::table.filter(settings::name.eq(NAME).and(settings::value.like(&mine)));
            Ok(diesel::delete(row).execute(c)?)
        });
        if let Err(failure) = given_back {
            // It runs out by itself.
            tracing::warn!(cause = %failure, "the lease of the import could not be given back");
        }
    }
}

/// Tries to take a lease that nobody has, or that has run out.
fn taken(c: &mut Conn, holder: &str) -> Result<bool, Failure> {
    let mine = settings::value.eq(until(holder));
    let done = match setting(c, NAME)? {
        None => {
            let row = (settings::name.eq(NAME), mine);
            on_each_engine!(c, inner => diesel::insert_into(settings::table).values(row).on_conflict_do_nothing().execute(inner))?
        }
        Some(held) if has_run_out(&held) => {
            let row = settings::table.filter(settings::name.eq(NAME).and(settings::value.eq(held)));
            diesel::update(row).set(mine).execute(c)?
        }
        Some(_) => 0,
    };
    Ok(done == 1)
}

fn renewed(c: &mut Conn, holder: &str) -> Result<bool, Failure> {
    let row = settings::table.filter(settings::name.eq(NAME).and(settings::value.like(format!("{holder} %"))));
    Ok(diesel::update(row).set(settings::value.eq(until(holder))).execute(c)? == 1)
}

/// Leases go by the machine's own clock, whatever time a test says it is.
fn until(holder: &str) -> String {
    format!("{holder} {}", (Clock::System.now() + HOLDS).to_rfc3339_opts(SecondsFormat::Millis, true))
}

/// One that can't be read has run out, and so has one from a clock that was wrong by far.
fn has_run_out(value: &str) -> bool {
    let until = value.split_once(' ').and_then(|(_, until)| until.parse::<DateTime<Utc>>().ok());
    let now = Clock::System.now();
    until.is_none_or(|until| until < now || until > now + TimeDelta::hours(1))
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "tests may stop")]
mod tests {
    use super::*;

    fn database(folder: &tempfile::TempDir) -> Db {
        Db::open(&format!("sqlite://{}", folder.path().join("a.db").display()), 2).expect("a database")
    }

    #[test]
    fn one_import_waits_for_the_other_and_goes_on_when_it_has_ended_or_was_killed() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let (db, other) = (database(&folder), database(&folder));
        let take = |db: &Db, patience| Lease::take(db, Duration::from_millis(patience), &mut Progress::Silent);
        let first = take(&db, 0).expect("free");
        std::thread::sleep(Duration::from_millis(3500));
        let message = take(&other, 300).err().map(|refused| refused.to_string()).unwrap_or_default();
        assert!(message.contains("another import"), "it is renewed: {message}");
        drop(first);
        drop(take(&other, 0).expect("free again"));
        let killed = format!("{} {}", "gone", (Clock::System.now() + HOLDS).to_rfc3339());
        db.write_now(|c| crate::db::set_setting(c, NAME, &killed)).expect("a lease");
        assert!(take(&db, 0).is_err());
        drop(take(&db, 5000).expect("it has run out"));
    }

    #[test]
    fn an_import_that_lost_its_lease_writes_nothing_more() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let db = database(&folder);
        let lease = Lease::take(&db, Duration::ZERO, &mut Progress::Silent).expect("free");
        db.write_now(|c| lease.renew(c)).expect("it holds");
        db.write_now(|c| crate::db::set_setting(c, NAME, &until("other"))).expect("taken over");
        assert!(db.write_now(|c| lease.renew(c)).is_err() && lease.is_lost());
        drop(lease);
        assert!(db.read_now(|c| setting(c, NAME)).expect("a setting").is_some_and(|held| held.starts_with("other ")));
    }
}
