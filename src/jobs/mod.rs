//! Jobs: written with the data, claimed by a lease, retried, never lost.
//!
//! A job carries a kind and an id, no words about anyone. Most change only the database; one that reaches outside, such as a letter
//! that is sent, runs outside any transaction, and what became of it is put down together with the job.
//!
//! Whoever claims one holds a short lease, renewed while the job runs;
//! if they die, it runs out and another claims the job. Leases go by the machines' clocks: one that is wrong makes two
//! processes run a job at the same time, of which one is undone.

mod claim;
mod run;
mod state;

use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;

pub use claim::{Claimed, claim};
pub use run::{Lane, Means, Runner};
pub use state::{Count, counts};

use crate::{
    accounts::{self, letters, notices},
    db::Conn,
    desks::news,
    error::Failure,
    mail, on_each_engine, people, referrals, retention,
    schema::{change_log, jobs},
};

/// How long the change log is kept; a copy of the index that is older is rebuilt.
const KEEP_CHANGES: Duration = Duration::days(30);
/// How long finished jobs are kept.
const KEEP_DONE: Duration = Duration::days(14);

/// What there is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Drops old changes, finished jobs and what letters said. Each run asks for the next day's.
    Tidy,
    /// Ends records whose time is up. Each run asks for the next day's, or for another at once where there is more.
    Retention,
    /// Sends one letter of the outbox; its payload is the letter's id.
    Mail,
    /// Posts the letter for a link that was asked for; its payload is the ticket's id.
    SignInLetter,
    /// Posts the one letter of a day for whoever wants no more; its payload is the account's id.
    GatheredLetter,
    /// Looks whether places that are new or have changed suit what people want. Each run asks for the next hour's; its payload says how
    /// far it has come, by numbers and an aspiration's id.
    FreshPlaces,
    /// Removes letters from our own folder whose words were dropped.
    ClearPost,
}

/// How a kind of job runs, and so how often it may take effect.
#[derive(Debug, Clone, Copy)]
pub enum Runs {
    /// Exactly once: it changes only the database, and is put down as done in the same transaction. Where the process dies
    /// or has lost its lease, all of it is undone.
    InOneTransaction(fn(&Means, &mut Conn, &str, NaiveDateTime) -> Result<(), Failure>),
    /// At least once: it reaches outside, so it runs under its lease without a transaction and is put down as done afterwards.
    /// Where the process dies between the two, it runs again.
    Outside(Outside),
}

/// What a kind of job does that reaches outside.
#[derive(Debug, Clone, Copy)]
pub struct Outside {
    /// Does it, given the payload. No transaction is open meanwhile.
    pub run: fn(&Means, &str) -> Result<Went, Failure>,
    /// Writes down what became of it, given the payload, in the transaction that puts the job down.
    pub note: fn(&mut Conn, &str, &Became, NaiveDateTime) -> Result<(), Failure>,
}

/// How it went outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Went {
    /// It is done.
    Well,
    /// Not now, with a code for the reason; it is tried again.
    NotNow(String),
    /// Trying again would change nothing, with a code for the reason.
    Never(String),
}

/// What became of a job that was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Became {
    /// How it stands.
    pub state: State,
    /// How often it was begun.
    pub attempts: i32,
    /// A code for what went wrong, if anything did.
    pub cause: Option<String>,
}

/// How a job stands that was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is done.
    Done,
    /// It is tried again later.
    Waiting,
    /// It is set aside for a person to look at.
    Failed,
}

impl State {
    /// The name in the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Waiting => "waiting",
            Self::Failed => "failed",
        }
    }
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 7] =
        [Self::Tidy, Self::Retention, Self::Mail, Self::SignInLetter, Self::GatheredLetter, Self::FreshPlaces, Self::ClearPost];

    /// The name in the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::Tidy => "tidy",
            Self::Retention => "retention",
            Self::Mail => "mail",
            Self::SignInLetter => "sign-in-letter",
            Self::GatheredLetter => "gathered-letter",
            Self::FreshPlaces => "fresh-places",
            Self::ClearPost => "clear-post",
        }
    }

    /// Tries before a job is set aside for a person to look at. The wait doubles each time: 8 tries take 42 minutes, 12 take 11 hours.
    pub fn tries(self) -> i32 {
        match self {
            Self::Tidy | Self::Retention | Self::SignInLetter | Self::GatheredLetter | Self::FreshPlaces | Self::ClearPost => 8,
            // A mail server may be away for a night.
            Self::Mail => 12,
        }
    }

    /// How it runs.
    pub fn runs(self) -> Runs {
        match self {
            Self::Tidy => Runs::InOneTransaction(tidy),
            Self::Retention => Runs::InOneTransaction(retention::run),
            Self::SignInLetter => Runs::InOneTransaction(letters::send_link),
            Self::GatheredLetter => Runs::InOneTransaction(notices::send_gathered),
            Self::FreshPlaces => Runs::InOneTransaction(news::look),
            Self::Mail => Runs::Outside(Outside { run: mail::send, note: mail::note }),
            Self::ClearPost => Runs::Outside(Outside { run: mail::clear_folder, note: |_, _, _, _| Ok(()) }),
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

/// Asks for a job anew that was set aside.
pub fn ask_again(c: &mut Conn, id: &str, kind: Kind, payload: &str, now: NaiveDateTime) -> Result<(), Failure> {
    forget(c, &[id.to_owned()])?;
    ask_for(c, id, kind, payload, now, now)
}

/// Drops jobs whose data is gone. Whoever runs one of them can't put it down any more.
pub fn forget(c: &mut Conn, ids: &[String]) -> Result<(), Failure> {
    // SQLite takes so many values in one statement.
    for some in ids.chunks(1000) {
        diesel::delete(jobs::table.filter(jobs::id.eq_any(some))).execute(c)?;
    }
    Ok(())
}

/// Makes sure that what is done every day and every hour is asked for.
pub fn ask_for_the_usual(c: &mut Conn, now: NaiveDateTime) -> Result<(), Failure> {
    ask_for(c, &format!("tidy-{}", now.date()), Kind::Tidy, "", now, now)?;
    ask_for(c, &format!("retention-{}", now.date()), Kind::Retention, "", now, now)?;
    news::ask_for_next(c, now)
}

fn tidy(_: &Means, c: &mut Conn, _: &str, now: NaiveDateTime) -> Result<(), Failure> {
    let newest: Option<i64> = change_log::table.select(diesel::dsl::max(change_log::position)).first(c)?;
    let old = change_log::changed_at.lt(now - KEEP_CHANGES).and(change_log::position.lt(newest.unwrap_or(0)));
    diesel::delete(change_log::table.filter(old)).execute(c)?;
    let finished = jobs::state.eq("done").and(jobs::finished_at.lt(now - KEEP_DONE));
    diesel::delete(jobs::table.filter(finished)).execute(c)?;
    mail::tidy(c, now)?;
    accounts::tidy(c, now)?;
    referrals::draft::tidy(c, now)?;
    people::fresh::tidy(c, now)?;
    people::lists::tidy(c, now)?;
    let tomorrow = now + Duration::days(1);
    ask_for(c, &format!("tidy-{}", tomorrow.date()), Kind::Tidy, "", tomorrow, now)
}
