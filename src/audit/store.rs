//! The record's rows.

use diesel::{connection::SimpleConnection, prelude::*};

use super::chain::Head;
use crate::{db::Conn, error::Failure, schema::audit};

/// The lock under which entries are numbered, so that numbers appear in commit order.
const LOCK: i64 = 0x0f00_7b41_d6e2;

/// An entry as the database keeps it.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit)]
pub(super) struct Row {
    pub(super) position: i64,
    pub(super) at: String,
    pub(super) actor: String,
    pub(super) action: String,
    pub(super) subject: Option<String>,
    pub(super) about: Option<String>,
    pub(super) hash: String,
}

/// Lets nobody else add an entry until the transaction ends. SQLite's writer does so already.
pub(super) fn lock(c: &mut Conn) -> Result<(), Failure> {
    if let Conn::Postgres(inner) = c {
        inner.batch_execute(&format!("SELECT pg_advisory_xact_lock({LOCK})"))?;
    }
    Ok(())
}

/// The newest entry's number and hash; none where there is no entry yet.
pub(super) fn head(c: &mut Conn) -> Result<Option<Head>, Failure> {
    let newest = audit::table.order(audit::position.desc()).select((audit::position, audit::hash));
    let found: Option<(i64, String)> = newest.first(c).optional()?;
    Ok(found.map(|(position, hash)| Head { position, hash }))
}

pub(super) fn insert(c: &mut Conn, row: &Row) -> Result<(), Failure> {
    diesel::insert_into(audit::table).values(row).execute(c)?;
    Ok(())
}

/// At most `most` entries from the first that comes after `position`; without one, from the very first.
pub(super) fn after(c: &mut Conn, position: Option<i64>, most: i64) -> Result<Vec<Row>, Failure> {
    let query = audit::table.order(audit::position).limit(most).select(Row::as_select());
    Ok(match position {
        Some(position) => query.filter(audit::position.gt(position)).load(c)?,
        None => query.load(c)?,
    })
}

/// With what something was done to someone, in order: the ids that its entries name.
pub(super) fn with(c: &mut Conn, subject: &str, action: &str, most: i64) -> Result<Vec<String>, Failure> {
    let done = audit::subject.eq(subject).and(audit::action.eq(action)).and(audit::about.is_not_null());
    let theirs = audit::table.filter(done).order(audit::position).limit(most);
    Ok(theirs.select(audit::about.assume_not_null()).load(c)?)
}

/// Entries about any of these, newest first.
pub(super) fn about(c: &mut Conn, subjects: &[String], skip: i64, most: i64) -> Result<Vec<Row>, Failure> {
    let theirs = audit::table.filter(audit::subject.eq_any(subjects).assume_not_null()).order(audit::position.desc());
    Ok(theirs.offset(skip).limit(most).select(Row::as_select()).load(c)?)
}

/// The subjects among these of which entries of an actor and an action are no older than that.
pub(super) fn since(c: &mut Conn, actor: &str, action: &str, subjects: &[String], at: &str) -> Result<Vec<String>, Failure> {
    let theirs = audit::actor.eq(actor).and(audit::action.eq(action)).and(audit::at.gt(at));
    let about = audit::subject.eq_any(subjects).assume_not_null();
    Ok(audit::table.filter(about.and(theirs)).select(audit::subject.assume_not_null()).distinct().load(c)?)
}
