//! A right that one process has at a time: kept in the database, renewed while it is held, run out by itself when its
//! holder dies.
//!
//! The right is renewed by a thread of its own. Work that must not go on once another has taken over also renews it in each
//! of its transactions, which then fail.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{RecvTimeoutError, Sender, channel},
    },
    thread::JoinHandle,
    time::Duration,
};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use crate::{
    clock::Clock,
    db::{Conn, Db, setting},
    error::Failure,
    on_each_engine,
    schema::settings,
};

/// How often a lease is renewed in the time it holds.
const RENEWALS: u32 = 4;

/// What there is a lease for.
#[derive(Debug, Clone, Copy)]
pub struct Right {
    /// The setting that holds it: who, and until when.
    pub name: &'static str,
    /// How long it holds when it isn't renewed: whoever comes after one that was killed waits so long.
    pub holds: Duration,
}

/// The right, until this is dropped.
pub struct Lease {
    db: Db,
    right: Right,
    holder: String,
    lost: Arc<AtomicBool>,
    renewing: Option<Renewing>,
}

impl Lease {
    /// Takes the lease if nobody has it.
    pub fn take(db: &Db, right: Right) -> Result<Option<Self>, Failure> {
        let holder = Uuid::new_v4().simple().to_string();
        if !db.write_now(|c| taken(c, right, &holder))? {
            return Ok(None);
        }
        let lost = Arc::new(AtomicBool::new(false));
        let (their_db, their_holder, their_lost) = (db.clone(), holder.clone(), lost.clone());
        let renewing = Renewing::of(right.holds, move || {
            // A database that is busy now is asked again; whether the lease was lost shows in the next transaction.
            let held = their_db.write_now(|c| renewed(c, right, &their_holder)).unwrap_or(true);
            their_lost.fetch_or(!held, Ordering::Relaxed);
            held
        });
        Ok(Some(Self { db: db.clone(), right, holder, lost, renewing: Some(renewing) }))
    }

    /// Holds the lease for this transaction; fails where another has it.
    pub fn renew(&self, c: &mut Conn) -> Result<(), Failure> {
        if renewed(c, self.right, &self.holder)? {
            return Ok(());
        }
        self.lost.store(true, Ordering::Relaxed);
        Err(Failure::internal(format!("another has taken over the lease `{}`", self.right.name)))
    }

    /// Whether another is known to have taken over.
    pub fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Relaxed)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        drop(self.renewing.take());
        let mine = format!("{} %", self.holder);
        let given_back = self.db.write_now(|c| {
            let row = settings::table.filter(settings::name.eq(self.right.name).and(settings::value.like(&mine)));
            Ok(diesel::delete(row).execute(c)?)
        });
        if let Err(failure) = given_back {
            // It runs out by itself.
            tracing::warn!(cause = %failure, lease = self.right.name, "a lease could not be given back");
        }
    }
}

/// A thread that renews something again and again, until this is dropped.
pub struct Renewing {
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Renewing {
    /// Calls `renew` a few times in the time that something `holds`, as long as it gives `true`.
    pub fn of(holds: Duration, mut renew: impl FnMut() -> bool + Send + 'static) -> Self {
        let pace = holds / RENEWALS;
        let (end, ended) = channel();
        let thread = std::thread::spawn(move || while ended.recv_timeout(pace) == Err(RecvTimeoutError::Timeout) && renew() {});
        Self { end: Some(end), thread: Some(thread) }
    }
}

impl Drop for Renewing {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Tries to take a lease that nobody has, or that has run out.
fn taken(c: &mut Conn, right: Right, holder: &str) -> Result<bool, Failure> {
    let mine = settings::value.eq(until(right, holder));
    let done = match setting(c, right.name)? {
        None => {
            let row = (settings::name.eq(right.name), mine);
            on_each_engine!(c, inner => diesel::insert_into(settings::table).values(row).on_conflict_do_nothing().execute(inner))?
        }
        Some(held) if has_run_out(&held) => {
            let row = settings::table.filter(settings::name.eq(right.name).and(settings::value.eq(held)));
            diesel::update(row).set(mine).execute(c)?
        }
        Some(_) => 0,
    };
    Ok(done == 1)
}

fn renewed(c: &mut Conn, right: Right, holder: &str) -> Result<bool, Failure> {
    let row = settings::table.filter(settings::name.eq(right.name).and(settings::value.like(format!("{holder} %"))));
    Ok(diesel::update(row).set(settings::value.eq(until(right, holder))).execute(c)? == 1)
}

/// Leases go by the machine's own clock, whatever time a test says it is.
fn until(right: Right, holder: &str) -> String {
    let until = Clock::System.now() + TimeDelta::from_std(right.holds).unwrap_or(TimeDelta::zero());
    format!("{holder} {}", until.to_rfc3339_opts(SecondsFormat::Millis, true))
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

    const RIGHT: Right = Right { name: "test", holds: Duration::from_millis(800) };

    fn database(folder: &tempfile::TempDir) -> Db {
        Db::open(&format!("sqlite://{}", folder.path().join("a.db").display()), 2).expect("a database")
    }

    #[test]
    fn a_lease_is_one_process_s_until_it_is_dropped_or_its_holder_was_killed() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let (db, other) = (database(&folder), database(&folder));
        let take = |db: &Db| Lease::take(db, RIGHT).expect("an answer");
        let first = take(&db).expect("free");
        std::thread::sleep(RIGHT.holds * 2);
        assert!(take(&other).is_none(), "it is renewed");
        drop(first);
        drop(take(&other).expect("free again"));
        db.write_now(|c| crate::db::set_setting(c, RIGHT.name, &until(RIGHT, "gone"))).expect("a lease");
        assert!(take(&db).is_none());
        std::thread::sleep(RIGHT.holds * 2);
        drop(take(&db).expect("it has run out"));
    }

    #[test]
    fn whoever_lost_the_lease_writes_nothing_more() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let db = database(&folder);
        let lease = Lease::take(&db, RIGHT).expect("an answer").expect("free");
        db.write_now(|c| lease.renew(c)).expect("it holds");
        db.write_now(|c| crate::db::set_setting(c, RIGHT.name, &until(RIGHT, "other"))).expect("taken over");
        assert!(db.write_now(|c| lease.renew(c)).is_err() && lease.is_lost());
        drop(lease);
        assert!(db.read_now(|c| setting(c, RIGHT.name)).expect("a setting").is_some_and(|held| held.starts_with("other ")));
    }
}
