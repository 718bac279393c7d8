//! Jobs: written with the data, claimed by a lease, retried, never lost.
//!
//! A job carries a kind and an id, no words about anyone. Whoever claims one holds a lease; if they die, the lease runs
//! out and another claims it, so every kind must be safe to run twice.

use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;
use uuid::Uuid;

use crate::{
    db::{Conn, Db},
    error::Failure,
    on_each_engine,
    schema::{change_log, jobs},
};

/// How long a claimed job is another's before it may be claimed again.
const LEASE: Duration = Duration::minutes(5);
/// Tries before a job is set aside for a person to look at.
const MAX_ATTEMPTS: i32 = 8;
/// How long the change log is kept; a copy of the index that is older is rebuilt.
const KEEP_CHANGES: Duration = Duration::days(30);
/// How long finished jobs are kept.
const KEEP_DONE: Duration = Duration::days(14);

/// What there is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Drops old changes and finished jobs. Each run asks for the next day's.
    Tidy,
}

impl Kind {
    const ALL: [Self; 1] = [Self::Tidy];

    /// The name in the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::Tidy => "tidy",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = jobs)]
struct Row {
    id: String,
    kind: String,
    payload: String,
    state: String,
    run_at: NaiveDateTime,
    lease_holder: Option<String>,
    lease_until: Option<NaiveDateTime>,
    attempts: i32,
    last_error: Option<String>,
    created_at: NaiveDateTime,
    finished_at: Option<NaiveDateTime>,
}

/// A job that this process holds the lease of.
#[derive(Debug)]
pub struct Claimed {
    id: String,
    kind: Option<Kind>,
    holder: String,
    attempts: i32,
}

/// Asks for a job, in the same transaction as the data it is about. `id` makes it one job however often it is asked for.
pub fn ask_for(
    c: &mut Conn,
    id: &str,
    kind: Kind,
    payload: &str,
    run_at: NaiveDateTime,
    now: NaiveDateTime,
) -> Result<(), Failure> {
    let row = Row {
        id: id.to_owned(),
        kind: kind.code().to_owned(),
        payload: payload.to_owned(),
        state: "waiting".to_owned(),
        run_at,
        lease_holder: None,
        lease_until: None,
        attempts: 0,
        last_error: None,
        created_at: now,
        finished_at: None,
    };
    on_each_engine!(c, inner => diesel::insert_into(jobs::table).values(&row).on_conflict_do_nothing().execute(inner))?;
    Ok(())
}

/// Makes sure that the daily tidying is asked for.
pub fn ask_for_tidying(c: &mut Conn, now: NaiveDateTime) -> Result<(), Failure> {
    ask_for(c, &format!("tidy-{}", now.date()), Kind::Tidy, "", now, now)
}

/// Claims the job that is due longest: a conditional update, so that two processes never both get it.
pub fn claim(c: &mut Conn, now: NaiveDateTime) -> Result<Option<Claimed>, Failure> {
    set_aside_hopeless(c, now)?;
    let known: Vec<&str> = Kind::ALL.iter().map(|kind| kind.code()).collect();
    let waiting = jobs::state.eq("waiting").and(jobs::run_at.le(now));
    let lost = jobs::state.eq("running").and(jobs::lease_until.lt(now).assume_not_null());
    let due = jobs::table
        .filter(jobs::kind.eq_any(known).and(waiting.or(lost)))
        .order((jobs::run_at, jobs::id))
        .limit(1)
        .select(Row::as_select())
        .first::<Row>(c)
        .optional()?;
    let Some(row) = due else { return Ok(None) };
    let holder = Uuid::new_v4().to_string();
    let still = jobs::table.filter(jobs::id.eq(&row.id).and(jobs::state.eq(&row.state)).and(jobs::attempts.eq(row.attempts)));
    let taken = diesel::update(still)
        .set((
            jobs::state.eq("running"),
            jobs::lease_holder.eq(&holder),
            jobs::lease_until.eq(now + LEASE),
            jobs::attempts.eq(row.attempts + 1),
        ))
        .execute(c)?;
    let claimed = Claimed { kind: Kind::from_code(&row.kind), id: row.id, holder, attempts: row.attempts + 1 };
    Ok((taken == 1).then_some(claimed))
}

/// A job that took its holder down with it time and again is for a person to look at.
fn set_aside_hopeless(c: &mut Conn, now: NaiveDateTime) -> Result<(), Failure> {
    let lost = jobs::state.eq("running").and(jobs::lease_until.lt(now).assume_not_null());
    diesel::update(jobs::table.filter(lost.and(jobs::attempts.ge(MAX_ATTEMPTS))))
        .set((jobs::state.eq("failed"), jobs::last_error.eq("whoever ran it never came back"), jobs::finished_at.eq(now)))
        .execute(c)?;
    Ok(())
}

/// Puts down how a claimed job went: done, to be tried again later, or set aside.
pub fn settle(c: &mut Conn, job: &Claimed, outcome: Result<(), String>, now: NaiveDateTime) -> Result<(), Failure> {
    let mine = jobs::table.filter(jobs::id.eq(&job.id).and(jobs::lease_holder.eq(&job.holder)));
    let (state, error) = match outcome {
        Ok(()) => ("done", None),
        Err(cause) if job.attempts >= MAX_ATTEMPTS => ("failed", Some(cause)),
        Err(cause) => ("waiting", Some(cause)),
    };
    let wait = Duration::seconds(10 << job.attempts.clamp(0, 12));
    diesel::update(mine)
        .set((
            jobs::state.eq(state),
            jobs::last_error.eq(error),
            jobs::lease_until.eq(None::<NaiveDateTime>),
            jobs::run_at.eq(now + wait),
            jobs::finished_at.eq((state != "waiting").then_some(now)),
        ))
        .execute(c)?;
    Ok(())
}

/// Claims and runs one job, if any is due. Says whether there was one.
pub fn run_one(db: &Db, now: NaiveDateTime) -> Result<bool, Failure> {
    let Some(job) = db.write_now(|c| claim(c, now))? else { return Ok(false) };
    let outcome = match job.kind {
        Some(Kind::Tidy) => db.write_now(|c| tidy(c, now)).map_err(|failure| failure.to_string()),
        None => Err("this version knows no such kind of job".to_owned()),
    };
    if let Err(cause) = &outcome {
        tracing::warn!(job = job.id, attempts = job.attempts, cause, "a job did not go through");
    }
    db.write_now(|c| settle(c, &job, outcome, now))?;
    Ok(true)
}

fn tidy(c: &mut Conn, now: NaiveDateTime) -> Result<(), Failure> {
    let newest: Option<i64> = change_log::table.select(diesel::dsl::max(change_log::position)).first(c)?;
    let old = change_log::changed_at.lt(now - KEEP_CHANGES).and(change_log::position.lt(newest.unwrap_or(0)));
    diesel::delete(change_log::table.filter(old)).execute(c)?;
    let finished = jobs::state.eq("done").and(jobs::finished_at.lt(now - KEEP_DONE));
    diesel::delete(jobs::table.filter(finished)).execute(c)?;
    let tomorrow = now + Duration::days(1);
    ask_for(c, &format!("tidy-{}", tomorrow.date()), Kind::Tidy, "", tomorrow, now)
}
