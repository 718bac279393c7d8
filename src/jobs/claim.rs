//! The lease of a job: taking it, renewing it, and putting down how the job went while it is still held.

use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;
use uuid::Uuid;

use super::{Became, Kind, Row, Runs, State, Went};
use crate::{db::Conn, error::Failure, schema::jobs};

/// Why a job is set aside that nobody ever came back from.
const NEVER_CAME_BACK: &str = "never-came-back";
/// How often another job is looked for at once where others were quicker.
const LOOKS: u32 = 20;

/// A job that this process holds the lease of.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// Its id.
    pub id: String,
    /// What there is to do; none where this version doesn't know.
    pub kind: Option<Kind>,
    /// What it is about: an id, or nothing.
    pub payload: String,
    /// How often it was begun, with this time.
    pub attempts: i32,
    holder: String,
}

/// Claims the job of these kinds that is due longest: a conditional update, so that two processes never both get it.
pub fn claim(c: &mut Conn, kinds: &[Kind], lease: Duration, now: NaiveDateTime) -> Result<Option<Claimed>, Failure> {
    set_aside_hopeless(c, kinds, now)?;
    for _ in 0..LOOKS {
        let Some(row) = due(c, kinds, now)? else { return Ok(None) };
        if let Some(claimed) = take(c, row, lease, now)? {
            return Ok(Some(claimed));
        }
    }
    Ok(None)
}

fn due(c: &mut Conn, kinds: &[Kind], now: NaiveDateTime) -> Result<Option<Row>, Failure> {
    let known: Vec<&str> = kinds.iter().map(|kind| kind.code()).collect();
    let waiting = jobs::state.eq("waiting").and(jobs::run_at.le(now));
    let lost = jobs::state.eq("running").and(jobs::lease_until.lt(now).assume_not_null());
    let due = jobs::table
        .filter(jobs::kind.eq_any(known).and(waiting.or(lost)))
        .order((jobs::run_at, jobs::id))
        .limit(1)
        .select(Row::as_select())
        .first::<Row>(c)
        .optional()?;
    Ok(due)
}

fn take(c: &mut Conn, row: Row, lease: Duration, now: NaiveDateTime) -> Result<Option<Claimed>, Failure> {
    let holder = Uuid::new_v4().to_string();
    let still = jobs::table.filter(jobs::id.eq(&row.id).and(jobs::state.eq(&row.state)).and(jobs::attempts.eq(row.attempts)));
    let taken = diesel::update(still)
        .set((
            jobs::state.eq("running"),
            jobs::lease_holder.eq(&holder),
            jobs::lease_until.eq(now + lease),
            jobs::attempts.eq(row.attempts + 1),
        ))
        .execute(c)?;
    let claimed =
        Claimed { kind: Kind::from_code(&row.kind), id: row.id, payload: row.payload, holder, attempts: row.attempts + 1 };
    Ok((taken == 1).then_some(claimed))
}

/// A job that took its holder down with it time and again is for a person to look at.
fn set_aside_hopeless(c: &mut Conn, kinds: &[Kind], now: NaiveDateTime) -> Result<(), Failure> {
    for kind in kinds {
        let lost = jobs::state.eq("running").and(jobs::lease_until.lt(now).assume_not_null());
        let hopeless = jobs::kind.eq(kind.code()).and(lost).and(jobs::attempts.ge(kind.tries()));
        let found: Vec<Row> = jobs::table.filter(hopeless).select(Row::as_select()).load(c)?;
        for row in found {
            set_aside(c, *kind, &row, now)?;
        }
    }
    Ok(())
}

fn set_aside(c: &mut Conn, kind: Kind, row: &Row, now: NaiveDateTime) -> Result<(), Failure> {
    let still = jobs::id.eq(&row.id).and(jobs::state.eq("running")).and(jobs::attempts.eq(row.attempts));
    let aside = (jobs::state.eq("failed"), jobs::last_error.eq(NEVER_CAME_BACK), jobs::finished_at.eq(now));
    let done = diesel::update(jobs::table.filter(still)).set(aside).execute(c)?;
    match kind.runs() {
        Runs::Outside(outside) if done == 1 => {
            let cause = Some(NEVER_CAME_BACK.to_owned());
            (outside.note)(c, &row.payload, &Became { state: State::Failed, attempts: row.attempts, cause }, now)
        }
        _ => Ok(()),
    }
}

impl Claimed {
    /// Holds the job for another `lease`. `false` where another has it by now.
    pub(super) fn renew(&self, c: &mut Conn, lease: Duration, now: NaiveDateTime) -> Result<bool, Failure> {
        let mine = jobs::lease_holder.eq(&self.holder).and(jobs::state.eq("running"));
        let renewed = diesel::update(jobs::table.filter(jobs::id.eq(&self.id).and(mine))).set(jobs::lease_until.eq(now + lease));
        Ok(renewed.execute(c)? == 1)
    }

    /// Puts it down as done; fails where another has it by now, so that the transaction is undone.
    pub(super) fn done(&self, c: &mut Conn, now: NaiveDateTime) -> Result<(), Failure> {
        let settled = self.settle(c, State::Done, None, now)?;
        if settled { Ok(()) } else { Err(Failure::internal("another has taken over the job")) }
    }

    /// Puts down how it went and says how it stands: to be tried again later, or set aside after the last try or where that would
    /// change nothing. None where another has it by now.
    pub(super) fn put_down(&self, c: &mut Conn, went: &Went, now: NaiveDateTime) -> Result<Option<Became>, Failure> {
        let last = self.kind.is_some_and(|kind| self.attempts >= kind.tries());
        let (state, cause) = match went {
            Went::Well => (State::Done, None),
            Went::NotNow(cause) if !last => (State::Waiting, Some(cause)),
            Went::NotNow(cause) | Went::Never(cause) => (State::Failed, Some(cause)),
        };
        let settled = self.settle(c, state, cause.map(String::as_str), now)?;
        Ok(settled.then(|| Became { state, attempts: self.attempts, cause: cause.cloned() }))
    }

    fn settle(&self, c: &mut Conn, state: State, error: Option<&str>, now: NaiveDateTime) -> Result<bool, Failure> {
        let mine = jobs::lease_holder.eq(&self.holder).and(jobs::state.eq("running"));
        let again = (state == State::Waiting).then(|| now + Duration::seconds(10 << self.attempts.clamp(0, 12)));
        let settled = diesel::update(jobs::table.filter(jobs::id.eq(&self.id).and(mine)))
            .set((
                jobs::state.eq(state.code()),
                jobs::last_error.eq(error),
                jobs::lease_until.eq(None::<NaiveDateTime>),
                jobs::run_at.eq(again.unwrap_or(now)),
                jobs::finished_at.eq(again.is_none().then_some(now)),
            ))
            .execute(c)?;
        Ok(settled == 1)
    }
}
