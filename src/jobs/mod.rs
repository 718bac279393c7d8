//! Jobs: written with the data, claimed by a lease, retried, never lost.
//!
//! A job carries a kind and an id, no words about anyone. Whoever claims one holds a short lease, renewed while the job runs;
//! if they die, it runs out and another claims the job. Leases go by the machines' clocks: one that is wrong makes two
//! processes run a job at the same time, of which one is undone.

mod claim;
mod run;
mod state;

use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;

pub use claim::{Claimed, claim};
pub use run::Runner;
pub use state::{Count, counts};

use crate::{
    db::Conn,
    error::Failure,
    on_each_engine,
    schema::{change_log, jobs},
};

/// How long the change log is kept; a copy of the index that is older is rebuilt.
const KEEP_CHANGES: Duration = Duration::days(30);
/// How long finished jobs are kept.
const KEEP_DONE: Duration = Duration::days(14);

/// What there is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Drops old changes and finished jobs. Each run asks for the next day's.
    Tidy,
}

/// How a kind of job runs, and so how often it may take effect.
///
/// A kind that reaches outside, such as one that sends mail, would be another of these: run outside any transaction and put
/// down as done afterwards, so at least once, and twice where its process dies between.
#[derive(Debug, Clone, Copy)]
pub enum Runs {
    /// Exactly once: it changes only the database, and is put down as done in the same transaction. Where the process dies
    /// or has lost its lease, all of it is undone.
    InOneTransaction(fn(&mut Conn, NaiveDateTime) -> Result<(), Failure>),
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 1] = [Self::Tidy];

    /// The name in the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::Tidy => "tidy",
        }
    }

    /// How it runs.
    pub fn runs(self) -> Runs {
        match self {
            Self::Tidy => Runs::InOneTransaction(tidy),
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

fn tidy(c: &mut Conn, now: NaiveDateTime) -> Result<(), Failure> {
    let newest: Option<i64> = change_log::table.select(diesel::dsl::max(change_log::position)).first(c)?;
    let old = change_log::changed_at.lt(now - KEEP_CHANGES).and(change_log::position.lt(newest.unwrap_or(0)));
    diesel::delete(change_log::table.filter(old)).execute(c)?;
    let finished = jobs::state.eq("done").and(jobs::finished_at.lt(now - KEEP_DONE));
    diesel::delete(jobs::table.filter(finished)).execute(c)?;
    let tomorrow = now + Duration::days(1);
    ask_for(c, &format!("tidy-{}", tomorrow.date()), Kind::Tidy, "", tomorrow, now)
}
