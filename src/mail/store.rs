//! SQL of the outbox.

use std::collections::HashSet;

use chrono::NaiveDateTime;
use diesel::{dsl::count_star, prelude::*};

use crate::{db::Conn, error::Failure, jobs::State, schema::outbox, values::SubjectId, vault::Sealed};

/// Why a letter failed whose reader was erased; sending it again would change nothing.
pub(super) const NO_KEY: &str = "no-key";
/// Most reasons that are told apart.
const MOST_REASONS: i64 = 20;

/// Letters that failed and can be sent again: their words are there and of use.
macro_rules! can_go_again {
    ($now:expr) => {
        outbox::state
            .eq(State::Failed.code())
            .and(outbox::address.ne(""))
            .and(outbox::last_error.ne(NO_KEY).assume_not_null())
            .and(outbox::of_use_until.is_null().or(outbox::of_use_until.ge($now).assume_not_null()))
    };
}

/// A letter as it lies in the outbox.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = outbox)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) subject_id: String,
    pub(super) kind: String,
    pub(super) heading: String,
    pub(super) address: Sealed,
    pub(super) text_form: Sealed,
    pub(super) html_form: Sealed,
    pub(super) message_id: String,
    pub(super) state: String,
    pub(super) attempts: i32,
    pub(super) last_error: Option<String>,
    pub(super) posted_at: NaiveDateTime,
    pub(super) of_use_until: Option<NaiveDateTime>,
    pub(super) ended_at: Option<NaiveDateTime>,
}

pub(super) fn insert(c: &mut Conn, row: &Row) -> Result<(), Failure> {
    diesel::insert_into(outbox::table).values(row).execute(c)?;
    Ok(())
}

/// One letter, if it is there and its words are.
pub(super) fn letter(c: &mut Conn, id: &str) -> Result<Option<Row>, Failure> {
    let whole = outbox::table.find(id).filter(outbox::address.ne(""));
    Ok(whole.select(Row::as_select()).first(c).optional()?)
}

/// One letter that waits to be sent.
pub(super) fn waiting(c: &mut Conn, id: &str) -> Result<Option<Row>, Failure> {
    let waits = outbox::table.find(id).filter(outbox::state.eq(State::Waiting.code()));
    Ok(waits.select(Row::as_select()).first(c).optional()?)
}

/// Writes down how a letter stands.
pub(super) fn note(
    c: &mut Conn,
    id: &str,
    state: &str,
    attempts: i32,
    error: Option<&str>,
    ended_at: Option<NaiveDateTime>,
) -> Result<(), Failure> {
    let how =
        (outbox::state.eq(state), outbox::attempts.eq(attempts), outbox::last_error.eq(error), outbox::ended_at.eq(ended_at));
    diesel::update(outbox::table.find(id)).set(how).execute(c)?;
    Ok(())
}

/// Lets a letter wait again that can be sent again. `false` where there is none such.
pub(super) fn wait_again(c: &mut Conn, id: &str, now: NaiveDateTime) -> Result<bool, Failure> {
    let again = (outbox::state.eq(State::Waiting.code()), outbox::attempts.eq(0), outbox::ended_at.eq(None::<NaiveDateTime>));
    Ok(diesel::update(outbox::table.find(id).filter(can_go_again!(now))).set(again).execute(c)? == 1)
}

/// Whose key seals a letter.
pub(super) fn subject_of(c: &mut Conn, id: &str) -> Result<String, Failure> {
    Ok(outbox::table.find(id).select(outbox::subject_id).first(c)?)
}

/// Why letters failed that can be sent again, with how many, the most first.
pub(super) fn reasons(c: &mut Conn, now: NaiveDateTime) -> Result<Vec<(String, i64)>, Failure> {
    let found = outbox::table
        .filter(can_go_again!(now))
        .group_by(outbox::last_error)
        .order((count_star().desc(), outbox::last_error))
        .limit(MOST_REASONS)
        .select((outbox::last_error.assume_not_null(), count_star()));
    Ok(found.load(c)?)
}

/// The ids of letters that failed for this reason and can be sent again, the latest first.
pub(super) fn failed_for(c: &mut Conn, error: &str, most: i64, now: NaiveDateTime) -> Result<Vec<String>, Failure> {
    let failed = outbox::table.filter(can_go_again!(now)).filter(outbox::last_error.eq(error));
    Ok(failed.order((outbox::ended_at.desc(), outbox::id)).limit(most).select(outbox::id).load(c)?)
}

/// Letters that failed, the latest first, from the `skip`th on.
pub(super) fn failed(c: &mut Conn, skip: i64, most: i64) -> Result<Vec<Row>, Failure> {
    let failed = outbox::table.filter(outbox::state.eq(State::Failed.code()));
    let page = failed.order((outbox::ended_at.desc(), outbox::id)).offset(skip).limit(most);
    Ok(page.select(Row::as_select()).load(c)?)
}

/// How many letters failed.
pub(super) fn count_failed(c: &mut Conn) -> Result<i64, Failure> {
    Ok(outbox::table.filter(outbox::state.eq(State::Failed.code())).count().get_result(c)?)
}

/// Letters whose words are there, the newest first, from the `skip`th on.
pub(super) fn posted(c: &mut Conn, skip: i64, most: i64) -> Result<Vec<Row>, Failure> {
    let whole = outbox::table.filter(outbox::address.ne(""));
    let page = whole.order((outbox::posted_at.desc(), outbox::id)).offset(skip).limit(most);
    Ok(page.select(Row::as_select()).load(c)?)
}

/// Those of these letters whose words are there.
pub(super) fn whole(c: &mut Conn, ids: &[String]) -> Result<HashSet<String>, Failure> {
    let mut found = HashSet::with_capacity(ids.len());
    for some in ids.chunks(1000) {
        let whole = outbox::table.filter(outbox::id.eq_any(some).and(outbox::address.ne("")));
        found.extend(whole.select(outbox::id).load::<String>(c)?);
    }
    Ok(found)
}

/// How many letters there are whose words are there.
pub(super) fn count_posted(c: &mut Conn) -> Result<i64, Failure> {
    Ok(outbox::table.filter(outbox::address.ne("")).count().get_result(c)?)
}

/// The ids of all letters to someone.
pub(super) fn ids_to(c: &mut Conn, subject: SubjectId) -> Result<Vec<String>, Failure> {
    Ok(outbox::table.filter(outbox::subject_id.eq(subject.to_string())).select(outbox::id).load(c)?)
}

/// Whether a letter of a kind was posted to someone since a time.
pub(super) fn any_since(c: &mut Conn, subject: SubjectId, kind: &str, since: NaiveDateTime) -> Result<bool, Failure> {
    let theirs = outbox::subject_id.eq(subject.to_string()).and(outbox::kind.eq(kind)).and(outbox::posted_at.gt(since));
    Ok(diesel::select(diesel::dsl::exists(outbox::table.filter(theirs))).get_result(c)?)
}

/// The ids of letters of a kind to someone that weren't sent: they wait, or failed and could be sent again.
pub(super) fn ids_waiting(c: &mut Conn, subject: SubjectId, kind: &str) -> Result<Vec<String>, Failure> {
    let unsent = outbox::state.eq_any([State::Waiting.code(), State::Failed.code()]).and(outbox::kind.eq(kind));
    Ok(outbox::table.filter(outbox::subject_id.eq(subject.to_string()).and(unsent)).select(outbox::id).load(c)?)
}

/// The ids of letters that ended in this state before then.
pub(super) fn ended_before(c: &mut Conn, state: &str, then: NaiveDateTime) -> Result<Vec<String>, Failure> {
    let ended = outbox::state.eq(state).and(outbox::ended_at.lt(then).assume_not_null());
    Ok(outbox::table.filter(ended).select(outbox::id).load(c)?)
}

/// Empties the addresses and words of letters. How many those were.
pub(super) fn empty(c: &mut Conn, state: &str, ended_before: NaiveDateTime) -> Result<usize, Failure> {
    let ended = outbox::state.eq(state).and(outbox::ended_at.lt(ended_before).assume_not_null());
    let nothing = (outbox::address.eq(""), outbox::text_form.eq(""), outbox::html_form.eq(""));
    Ok(diesel::update(outbox::table.filter(ended.and(outbox::address.ne("")))).set(nothing).execute(c)?)
}

/// Drops letters.
pub(super) fn delete(c: &mut Conn, ids: &[String]) -> Result<(), Failure> {
    // SQLite takes so many values in one statement.
    for some in ids.chunks(1000) {
        diesel::delete(outbox::table.filter(outbox::id.eq_any(some))).execute(c)?;
    }
    Ok(())
}
