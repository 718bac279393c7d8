//! What is written in the timeline: contacts, notes, messages. How things moved on stands with the referral.

use std::collections::HashMap;

use chrono::{NaiveDateTime, TimeDelta};
use diesel::{dsl::count_star, prelude::*};
use uuid::Uuid;

use super::{key, open, seal, store};
use crate::{
    db::Conn,
    error::Failure,
    schema::entries,
    values::{AccountId, EntryId, SubjectId, choice},
    vault::{Key, Private, Sealed, Vault},
};

/// Values in one question; SQLite takes so many.
const AT_ONCE: usize = 500;
/// So long the same words of the same writer are one entry, pressed twice.
const PRESSED_TWICE: TimeDelta = TimeDelta::minutes(10);
/// The latest entries of a writer that are looked at for that.
const LOOKED_AT: i64 = 5;
/// What stands where an entry was taken out.
pub const TAKEN_OUT: &str = "This was taken out again by whoever wrote it.";

choice! {
    /// What an entry is.
    Sort {
        Contact = "contact", "In touch";
        Note = "note", "Note";
        Message = "message", "Message";
        Move = "move", "What changed";
        Mark = "mark", "About a place";
    }
}

/// One entry.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its id.
    pub id: EntryId,
    /// What it is.
    pub sort: Sort,
    /// Who wrote it; none where it was the person themself, or the service.
    pub by: Option<AccountId>,
    /// When it was, UTC.
    pub at: NaiveDateTime,
    /// What it says.
    pub body: Private,
    /// When whoever a message is to saw it.
    pub seen_at: Option<NaiveDateTime>,
}

type Row = (String, String, Option<String>, NaiveDateTime, Sealed, Option<NaiveDateTime>);
/// The columns of a row.
const ROW: (entries::id, entries::sort, entries::by_account, entries::at, entries::body, entries::seen_at) =
    (entries::id, entries::sort, entries::by_account, entries::at, entries::body, entries::seen_at);

/// Adds an entry.
pub fn add(
    c: &mut Conn,
    vault: &Vault,
    person: SubjectId,
    sort: Sort,
    by: Option<AccountId>,
    body: &str,
    at: NaiveDateTime,
) -> Result<EntryId, Failure> {
    let key = key(c, vault, person)?;
    let id = EntryId(Uuid::new_v4());
    let row = (
        entries::id.eq(id.to_string()),
        entries::person_id.eq(person.to_string()),
        entries::sort.eq(sort.code()),
        entries::by_account.eq(by.map(|by| by.to_string())),
        entries::at.eq(at),
        entries::body.eq(seal(&key, "entries", "body", &id.to_string(), body)),
    );
    diesel::insert_into(entries::table).values(row).execute(c)?;
    if matches!(sort, Sort::Contact | Sort::Message) {
        store::heard(c, person, at)?;
    }
    Ok(id)
}

/// Whether the same writer wrote the same a moment ago, as when a button is pressed twice; not where another wrote something since. What is
/// written for an earlier day is the same wherever it stands on that day. Until the transaction ends nobody else writes for this person.
pub fn pressed_twice(
    c: &mut Conn,
    vault: &Vault,
    person: SubjectId,
    (sort, by): (Sort, Option<AccountId>),
    body: &str,
    (when, now): (NaiveDateTime, NaiveDateTime),
) -> Result<bool, Failure> {
    store::hold(c, person)?;
    let theirs = entries::table.filter(entries::person_id.eq(person.to_string()));
    let latest = theirs.order((entries::at.desc(), entries::id)).select(ROW).limit(LOOKED_AT);
    let rows: Vec<Row> = if when == now {
        latest.filter(entries::at.gt(now - PRESSED_TWICE).and(entries::at.le(now))).load(c)?
    } else {
        latest.filter(entries::at.eq(when)).load(c)?
    };
    let lately = all_opened(c, vault, person, rows)?;
    let same = |entry: &&Entry| entry.sort == sort && entry.by == by && entry.body.show() == body;
    let Some(before) = lately.iter().find(same) else { return Ok(false) };
    let answered = |entry: &Entry| entry.by != by && entry.sort == Sort::Message && entry.at > before.at;
    Ok(!lately.iter().any(answered))
}

/// Takes the words out of an entry, for good; that there was one stays. Whether there was anything to take out. Not found where it isn't
/// this writer's own: what the service wrote down is nobody's.
pub fn take_out(
    c: &mut Conn,
    vault: &Vault,
    person: SubjectId,
    id: EntryId,
    by: Option<AccountId>,
    now: NaiveDateTime,
) -> Result<bool, Failure> {
    let entry = these(c, vault, person, &[id.to_string()])?.pop().filter(|entry| entry.is_by(by)).ok_or(Failure::NotFound)?;
    if !entry.can_go(by) {
        return Ok(false);
    }
    let key = key(c, vault, person)?;
    let body = seal(&key, "entries", "body", &entry.id.to_string(), TAKEN_OUT);
    let set = (entries::body.eq(body), entries::seen_at.eq(entry.seen_at.unwrap_or(now)));
    diesel::update(entries::table.find(entry.id.to_string())).set(set).execute(c)?;
    Ok(true)
}

impl Entry {
    /// Whether this writer, none being the person themself, can take it out.
    pub fn can_go(&self, by: Option<AccountId>) -> bool {
        self.is_by(by) && self.body.show() != TAKEN_OUT
    }

    fn is_by(&self, by: Option<AccountId>) -> bool {
        let written = match by {
            Some(_) => matches!(self.sort, Sort::Contact | Sort::Note | Sort::Message),
            None => self.sort == Sort::Message,
        };
        written && self.by == by
    }
}

/// These entries of someone's timeline.
pub fn these(c: &mut Conn, vault: &Vault, person: SubjectId, ids: &[String]) -> Result<Vec<Entry>, Failure> {
    let theirs = entries::person_id.eq(person.to_string()).and(entries::id.eq_any(ids));
    let rows: Vec<Row> = entries::table.filter(theirs).select(ROW).load(c)?;
    all_opened(c, vault, person, rows)
}

/// Someone's latest messages, to them and from them, at most `most`.
pub fn messages(c: &mut Conn, vault: &Vault, person: SubjectId, most: i64) -> Result<Vec<Entry>, Failure> {
    let theirs = entries::person_id.eq(person.to_string()).and(entries::sort.eq(Sort::Message.code()));
    let rows: Vec<Row> =
        entries::table.filter(theirs).order((entries::at.desc(), entries::id)).limit(most).select(ROW).load(c)?;
    all_opened(c, vault, person, rows)
}

fn all_opened(c: &mut Conn, vault: &Vault, person: SubjectId, rows: Vec<Row>) -> Result<Vec<Entry>, Failure> {
    let key = key(c, vault, person)?;
    let opened: Result<Vec<Option<Entry>>, Failure> = rows.into_iter().map(|row| opened(&key, row)).collect();
    Ok(opened?.into_iter().flatten().collect())
}

fn opened(key: &Key, (id, sort, by, at, body, seen_at): Row) -> Result<Option<Entry>, Failure> {
    let body = open(key, "entries", "body", &id, &body)?;
    let (Ok(id), Some(sort)) = (id.parse(), Sort::from_code(&sort)) else { return Ok(None) };
    Ok(Some(Entry { id, sort, by: by.and_then(|by| by.parse().ok()), at, body, seen_at }))
}

/// How many messages of each person nobody has read.
pub fn unread(c: &mut Conn, people: &[SubjectId]) -> Result<HashMap<SubjectId, i64>, Failure> {
    let mut found = HashMap::new();
    let ids: Vec<String> = people.iter().map(ToString::to_string).collect();
    for some in ids.chunks(AT_ONCE) {
        let theirs = entries::sort.eq(Sort::Message.code()).and(entries::by_account.is_null()).and(entries::seen_at.is_null());
        let rows: Vec<(String, i64)> = entries::table
            .filter(entries::person_id.eq_any(some).and(theirs))
            .group_by(entries::person_id)
            .select((entries::person_id, count_star()))
            .load(c)?;
        found.extend(rows.into_iter().filter_map(|(id, count)| Some((id.parse().ok()?, count))));
    }
    Ok(found)
}

/// Whether there are messages to someone that they haven't seen.
pub fn unseen(c: &mut Conn, person: SubjectId) -> Result<bool, Failure> {
    let messages = entries::person_id.eq(person.to_string()).and(entries::sort.eq(Sort::Message.code()));
    let unseen = messages.and(entries::seen_at.is_null()).and(entries::by_account.is_not_null());
    Ok(diesel::select(diesel::dsl::exists(entries::table.filter(unseen))).get_result(c)?)
}

/// Marks the messages until a time as seen: those that the person wrote, or those that were written to them.
pub fn seen(
    c: &mut Conn,
    person: SubjectId,
    from_person: bool,
    (until, now): (NaiveDateTime, NaiveDateTime),
) -> Result<(), Failure> {
    let messages = entries::person_id.eq(person.to_string()).and(entries::sort.eq(Sort::Message.code()));
    let unseen = entries::table.filter(messages.and(entries::seen_at.is_null()).and(entries::at.le(until)));
    let set = entries::seen_at.eq(now);
    if from_person {
        diesel::update(unseen.filter(entries::by_account.is_null())).set(set).execute(c)?;
    } else {
        diesel::update(unseen.filter(entries::by_account.is_not_null())).set(set).execute(c)?;
    }
    Ok(())
}
