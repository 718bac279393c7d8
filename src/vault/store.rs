//! The vault's rows.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::{connection::SimpleConnection, prelude::*};

use crate::{
    db::{Conn, set_setting, setting},
    error::Failure,
    on_each_engine,
    schema::{erasures, settings, subject_keys},
    values::SubjectId,
};

/// The setting with the fingerprint of this database's key file.
const FINGERPRINT: &str = "key_file";
/// The setting with the number of the master key that new keys are wrapped with.
const MASTER: &str = "master_key";
/// The lock between those who make keys and whoever says with which master key.
const LOCK: i64 = 0x0f00_7b41_d6e1;
/// Most ids in one question.
const MOST: usize = 500;

/// A person's key as the database keeps it.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = subject_keys)]
pub(super) struct Wrapped {
    pub(super) subject: String,
    pub(super) master: i32,
    pub(super) wrapped: String,
    pub(super) created_at: NaiveDateTime,
}

/// The fingerprint of this database's key file; none before the first start.
pub(crate) fn fingerprint(c: &mut Conn) -> Result<Option<String>, Failure> {
    setting(c, FINGERPRINT)
}

/// Makes this key file the database's own, unless it has one.
pub(super) fn claim(c: &mut Conn, fingerprint: &str, master: i32) -> Result<(), Failure> {
    for (name, value) in [(FINGERPRINT, fingerprint), (MASTER, &master.to_string())] {
        let row = (settings::name.eq(name), settings::value.eq(value));
        on_each_engine!(c, inner => diesel::insert_into(settings::table).values(row).on_conflict_do_nothing().execute(inner))?;
    }
    Ok(())
}

/// The number of the master key that new keys are wrapped with.
pub(crate) fn master(c: &mut Conn) -> Result<i32, Failure> {
    let number = setting(c, MASTER)?.and_then(|number| number.parse().ok());
    number.ok_or_else(|| Failure::internal("the database doesn't say which master key is in use"))
}

/// Holds the master key in use until the transaction ends. SQLite's writer does so already.
pub(super) fn hold_master(c: &mut Conn) -> Result<i32, Failure> {
    if let Conn::Postgres(inner) = c {
        inner.batch_execute(&format!("SELECT pg_advisory_xact_lock_shared({LOCK})"))?;
    }
    master(c)
}

/// Says which master key is in use from now on, once nobody holds the one before.
pub(super) fn change_master(c: &mut Conn, number: i32) -> Result<(), Failure> {
    if let Conn::Postgres(inner) = c {
        inner.batch_execute(&format!("SELECT pg_advisory_xact_lock({LOCK})"))?;
    }
    set_setting(c, MASTER, &number.to_string())
}

pub(super) fn insert(c: &mut Conn, row: &Wrapped) -> Result<(), Failure> {
    diesel::insert_into(subject_keys::table).values(row).execute(c)?;
    Ok(())
}

/// Any key at all, to try a key file with.
pub(super) fn any(c: &mut Conn) -> Result<Option<Wrapped>, Failure> {
    Ok(subject_keys::table.order(subject_keys::subject).limit(1).select(Wrapped::as_select()).first(c).optional()?)
}

pub(super) fn of(c: &mut Conn, subjects: &[SubjectId]) -> Result<HashMap<SubjectId, Wrapped>, Failure> {
    let mut found = HashMap::with_capacity(subjects.len());
    for some in subjects.chunks(MOST) {
        let ids: Vec<String> = some.iter().map(ToString::to_string).collect();
        let rows = subject_keys::table.filter(subject_keys::subject.eq_any(ids)).select(Wrapped::as_select()).load(c)?;
        found.extend(rows.into_iter().filter_map(|row: Wrapped| Some((row.subject.parse().ok()?, row))));
    }
    Ok(found)
}

/// Destroys a key.
pub(super) fn drop_key(c: &mut Conn, subject: SubjectId) -> Result<(), Failure> {
    diesel::delete(subject_keys::table.find(subject.to_string())).execute(c)?;
    Ok(())
}

/// Destroys a key and puts down that it was.
pub(crate) fn erase(c: &mut Conn, subject: SubjectId, at: NaiveDateTime) -> Result<(), Failure> {
    drop_key(c, subject)?;
    let row = (erasures::subject.eq(subject.to_string()), erasures::erased_at.eq(at));
    on_each_engine!(c, inner => diesel::insert_into(erasures::table).values(row).on_conflict_do_nothing().execute(inner))?;
    Ok(())
}

/// At most `most` keys after this subject that another master key wraps.
pub(super) fn not_of(c: &mut Conn, master: i32, after: &str, most: i64) -> Result<Vec<Wrapped>, Failure> {
    let others = subject_keys::table.filter(subject_keys::master.ne(master).and(subject_keys::subject.gt(after)));
    Ok(others.order(subject_keys::subject).limit(most).select(Wrapped::as_select()).load(c)?)
}

/// Puts a key as it is wrapped now in place of how it was, if it is still there.
pub(super) fn change(c: &mut Conn, was: &Wrapped, master: i32, wrapped: &str) -> Result<(), Failure> {
    let still = subject_keys::table.filter(subject_keys::subject.eq(&was.subject).and(subject_keys::wrapped.eq(&was.wrapped)));
    diesel::update(still).set((subject_keys::master.eq(master), subject_keys::wrapped.eq(wrapped))).execute(c)?;
    Ok(())
}

/// The numbers of every master key that a key is wrapped by, or that the next will be.
pub(super) fn masters_in_use(c: &mut Conn) -> Result<Vec<i32>, Failure> {
    let mut numbers: Vec<i32> = subject_keys::table.select(subject_keys::master).distinct().load(c)?;
    numbers.push(master(c)?);
    Ok(numbers)
}

/// How many were erased so far.
pub(super) fn count_erasures(c: &mut Conn) -> Result<i64, Failure> {
    Ok(erasures::table.count().get_result(c)?)
}

/// Everyone who was erased, and when.
pub(super) fn erasures(c: &mut Conn) -> Result<HashMap<SubjectId, NaiveDateTime>, Failure> {
    let rows: Vec<(String, NaiveDateTime)> = erasures::table.select((erasures::subject, erasures::erased_at)).load(c)?;
    Ok(rows.into_iter().filter_map(|(subject, at)| Some((subject.parse().ok()?, at))).collect())
}
