//! What is to be done for someone, by whom and until when.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::{dsl::count_star, prelude::*};
use uuid::Uuid;

use super::{key, open, seal};
use crate::{
    db::Conn,
    error::Failure,
    schema::tasks,
    values::{AccountId, SubjectId, TaskId},
    vault::{Private, Sealed, Vault},
};

/// Something to do.
#[derive(Debug, Clone)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// For whom.
    pub person: SubjectId,
    /// Whose it is to do.
    pub by: AccountId,
    /// What.
    pub what: Private,
    /// Until when, a day in London.
    pub due: NaiveDate,
    /// When it was done, UTC.
    pub done_at: Option<NaiveDateTime>,
}

type Row = (String, String, String, Sealed, NaiveDate, Option<NaiveDateTime>);
const ROW: (tasks::id, tasks::person_id, tasks::account_id, tasks::what, tasks::due, tasks::done_at) =
    (tasks::id, tasks::person_id, tasks::account_id, tasks::what, tasks::due, tasks::done_at);

/// Puts something on someone's list.
pub fn add(
    c: &mut Conn,
    vault: &Vault,
    person: SubjectId,
    account: AccountId,
    what: &str,
    due: NaiveDate,
) -> Result<TaskId, Failure> {
    let key = key(c, vault, person)?;
    let id = TaskId(Uuid::new_v4());
    let row = (
        tasks::id.eq(id.to_string()),
        tasks::person_id.eq(person.to_string()),
        tasks::account_id.eq(account.to_string()),
        tasks::what.eq(seal(&key, "tasks", "what", &id.to_string(), what)),
        tasks::due.eq(due),
    );
    diesel::insert_into(tasks::table).values(row).execute(c)?;
    Ok(id)
}

/// What someone was to do for a person is another's to do.
pub fn hand_over(c: &mut Conn, person: SubjectId, from: AccountId, to: AccountId) -> Result<(), Failure> {
    let open = tasks::person_id.eq(person.to_string()).and(tasks::account_id.eq(from.to_string())).and(tasks::done_at.is_null());
    diesel::update(tasks::table.filter(open)).set(tasks::account_id.eq(to.to_string())).execute(c)?;
    Ok(())
}

/// Something was done. `false` where it isn't on this person's list, or isn't `of` this account to do, where that is asked.
pub fn done(c: &mut Conn, person: SubjectId, id: TaskId, of: Option<AccountId>, now: NaiveDateTime) -> Result<bool, Failure> {
    let theirs = tasks::table.filter(tasks::id.eq(id.to_string()).and(tasks::person_id.eq(person.to_string())));
    let whose: Option<String> = theirs.clone().select(tasks::account_id).first(c).optional()?;
    let may = whose.is_some_and(|whose| of.is_none_or(|of| of.to_string() == whose));
    Ok(may && diesel::update(theirs).set(tasks::done_at.eq(now)).execute(c)? == 1)
}

/// What is still to be done for a person, the most urgent first, at most `most`.
pub fn for_person(c: &mut Conn, vault: &Vault, person: SubjectId, most: i64) -> Result<Vec<Task>, Failure> {
    let theirs = tasks::person_id.eq(person.to_string()).and(tasks::done_at.is_null());
    let rows: Vec<Row> = tasks::table.filter(theirs).order((tasks::due, tasks::id)).limit(most).select(ROW).load(c)?;
    opened(c, vault, rows)
}

/// What is still to be done by someone, or for these for whom they stand in, the most urgent first, at most `most`.
pub fn of(c: &mut Conn, vault: &Vault, account: AccountId, covered: &[SubjectId], most: i64) -> Result<Vec<Task>, Failure> {
    let open = || tasks::table.filter(tasks::done_at.is_null()).order((tasks::due, tasks::id)).limit(most).select(ROW);
    let mut rows: Vec<Row> = open().filter(tasks::account_id.eq(account.to_string())).load(c)?;
    // Each by an index of its own; seldom does anyone stand in.
    if !covered.is_empty() {
        let others = tasks::account_id.ne(account.to_string()).and(tasks::person_id.eq_any(texts(covered)));
        rows.extend(open().filter(others).load::<Row>(c)?);
        rows.sort_by(|one, other| (one.4, &one.0).cmp(&(other.4, &other.0)));
        rows.truncate(usize::try_from(most).unwrap_or_default());
    }
    opened(c, vault, rows)
}

fn texts(people: &[SubjectId]) -> Vec<String> {
    people.iter().map(ToString::to_string).collect()
}

/// How many things were to be done for each person by a day, by someone or for these for whom they stand in.
pub fn due(c: &mut Conn, account: AccountId, covered: &[SubjectId], by: NaiveDate) -> Result<HashMap<SubjectId, i64>, Failure> {
    let open = tasks::done_at.is_null().and(tasks::due.le(by));
    let own = tasks::table.filter(open.and(tasks::account_id.eq(account.to_string())));
    let mut rows: Vec<(String, i64)> = own.group_by(tasks::person_id).select((tasks::person_id, count_star())).load(c)?;
    if !covered.is_empty() {
        let others = tasks::account_id.ne(account.to_string()).and(tasks::person_id.eq_any(texts(covered)));
        let others = tasks::table.filter(open.and(others));
        rows.extend(others.group_by(tasks::person_id).select((tasks::person_id, count_star())).load::<(String, i64)>(c)?);
    }
    let mut due: HashMap<SubjectId, i64> = HashMap::new();
    for (id, count) in rows {
        if let Ok(id) = id.parse() {
            *due.entry(id).or_default() += count;
        }
    }
    Ok(due)
}

/// The days on which something is to be done by someone, the first first, each with how much; at most `most`.
pub fn days(c: &mut Conn, account: AccountId, most: i64) -> Result<Vec<(NaiveDate, i64)>, Failure> {
    let open = tasks::account_id.eq(account.to_string()).and(tasks::done_at.is_null());
    let days = tasks::table.filter(open).group_by(tasks::due).order(tasks::due).limit(most);
    Ok(days.select((tasks::due, count_star())).load(c)?)
}

fn opened(c: &mut Conn, vault: &Vault, rows: Vec<Row>) -> Result<Vec<Task>, Failure> {
    let people: Vec<SubjectId> = rows.iter().filter_map(|row| row.1.parse().ok()).collect();
    let keys = vault.keys(c, &people)?;
    let task = |(id, person, by, what, due, done_at): Row| {
        let (person, by): (SubjectId, AccountId) = (person.parse().ok()?, by.parse().ok()?);
        let what = open(keys.get(&person)?, "tasks", "what", &id, &what);
        let id = id.parse().ok()?;
        Some(what.map(|what| Task { id, person, by, what, due, done_at }))
    };
    rows.into_iter().filter_map(task).collect()
}
