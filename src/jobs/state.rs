//! How many jobs there are, for whoever watches the service.

use chrono::NaiveDateTime;
use diesel::{dsl::count_star, prelude::*};

use super::Kind;
use crate::{db::Conn, error::Failure, schema::jobs};

/// The jobs of one kind that are not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// The kind; none for those this version doesn't know.
    pub kind: Option<Kind>,
    /// Due and not begun.
    pub waiting: i64,
    /// When the one that is due longest was due.
    pub oldest: Option<NaiveDateTime>,
    /// Set aside for a person to look at.
    pub set_aside: i64,
}

type Found = (String, String, i64, Option<NaiveDateTime>);

/// Counts the jobs that are not done, by kind. Every kind is named, also where there are none.
pub fn counts(c: &mut Conn, now: NaiveDateTime) -> Result<Vec<Count>, Failure> {
    let due = jobs::state.eq("waiting").and(jobs::run_at.le(now));
    let found: Vec<Found> = jobs::table
        .filter(due.or(jobs::state.eq("failed")))
        .group_by((jobs::kind, jobs::state))
        .select((jobs::kind, jobs::state, count_star(), diesel::dsl::min(jobs::run_at)))
        .load(c)?;
    let kinds = Kind::ALL.into_iter().map(Some).chain([None]);
    Ok(kinds.map(|kind| of_kind(kind, &found)).collect())
}

fn of_kind(kind: Option<Kind>, found: &[Found]) -> Count {
    let ours = |state: &'static str| found.iter().filter(move |row| Kind::from_code(&row.0) == kind && row.1 == state);
    Count {
        kind,
        waiting: ours("waiting").map(|row| row.2).sum(),
        oldest: ours("waiting").filter_map(|row| row.3).min(),
        set_aside: ours("failed").map(|row| row.2).sum(),
    }
}
