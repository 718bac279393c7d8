//! The lease of a job: taking it, renewing it, and putting down how the job went while it is still held.

use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;
use uuid::Uuid;

use super::{Kind, Row};
use crate::{db::Conn, error::Failure, schema::jobs};

/// Tries before a job is set aside for a person to look at.
const MAX_ATTEMPTS: i32 = 8;
/// How often another job is looked for at once where others were quicker.
const LOOKS: u32 = 20;

/// A job that this process holds the lease of.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// Its id.
    pub id: String,
    /// What there is to do; none where this version doesn't know.
    pub kind: Option<Kind>,
    /// How often it was begun, with this time.
    pub attempts: i32,
    holder: String,
}

/// Claims the job that is due longest: a conditional update, so that two processes never both get it.
pub fn claim(c: &mut Conn, lease: Duration, now: NaiveDateTime) -> Result<Option<Claimed>, Failure> {
    set_aside_hopeless(c, now)?;
    for _ in 0..LOOKS {
        let Some(row) = due(c, now)? else { return Ok(None) };
        if let Some(claimed) = take(c, row, lease, now)? {
            return Ok(Some(claimed));
        }
    }
    Ok(None)
}

fn due(c: &mut Conn, now: NaiveDateTime) -> Result<Option<Row>, Failure> {
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

impl Claimed {
    /// Holds the job for another `lease`. `false` where another has it by now.
    pub(super) fn renew(&self, c: &mut Conn, lease: Duration, now: NaiveDateTime) -> Result<bool, Failure> {
        let mine = jobs::lease_holder.eq(&self.holder).and(jobs::state.eq("running"));
        let renewed = diesel::update(jobs::table.filter(jobs::id.eq(&self.id).and(mine))).set(jobs::lease_until.eq(now + lease));
        Ok(renewed.execute(c)? == 1)
    }

    /// Puts it down as done; fails where another has it by now, so that the transaction is undone.
    pub(super) fn done(&self, c: &mut Conn, now: NaiveDateTime) -> Result<(), Failure> {
        let settled = self.settle(c, "done", None, now, now)?;
        if settled { Ok(()) } else { Err(Failure::internal("another has taken over the job")) }
    }

    /// Puts it down as not done: to be tried again later, or set aside. `false` where another has it by now.
    pub(super) fn not_done(&self, c: &mut Conn, cause: &str, now: NaiveDateTime) -> Result<bool, Failure> {
        let state = if self.attempts >= MAX_ATTEMPTS { "failed" } else { "waiting" };
        let wait = Duration::seconds(10 << self.attempts.clamp(0, 12));
        self.settle(c, state, Some(cause), now + wait, now)
    }

    fn settle(
        &self,
        c: &mut Conn,
        state: &str,
        error: Option<&str>,
        run_at: NaiveDateTime,
        now: NaiveDateTime,
    ) -> Result<bool, Failure> {
        let mine = jobs::lease_holder.eq(&self.holder).and(jobs::state.eq("running"));
        let settled = diesel::update(jobs::table.filter(jobs::id.eq(&self.id).and(mine)))
            .set((
                jobs::state.eq(state),
                jobs::last_error.eq(error),
                jobs::lease_until.eq(None::<NaiveDateTime>),
                jobs::run_at.eq(run_at),
                jobs::finished_at.eq((state != "waiting").then_some(now)),
            ))
            .execute(c)?;
        Ok(settled == 1)
    }
}
