//! What someone agreed to: for a named purpose, on a day, and taken back whenever they want.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use uuid::Uuid;

use crate::{
    audit::{self, Action, Actor, Entry},
    db::Conn,
    error::Failure,
    schema::consents,
    values::{ConsentId, SubjectId, choice},
};

choice! {
    /// What someone agrees to, each by itself.
    Purpose {
        /// Without it there is nothing to keep.
        Keep = "keep", "Keep what I wrote, so that the team can read it and get in touch";
        Told = "told", "Tell whoever wrote for me that my note arrived, and when you got in touch";
        Progress = "progress", "Tell whoever wrote for me once I have someone beside me, or where else I could try";
        Story = "story", "Show a line of mine, without my name, to people who come after me";
    }
}

choice! {
    /// How they said so.
    How {
        Page = "page", "On our page";
        Phone = "phone", "By phone";
        InPerson = "in-person", "In person";
        Told = "told", "Whoever wrote for them says so";
    }
}

/// Something someone agreed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Consent {
    /// Its id.
    pub id: ConsentId,
    /// To what.
    pub purpose: Purpose,
    /// When.
    pub given_at: NaiveDateTime,
    /// How they said so.
    pub how: How,
    /// When they took it back.
    pub withdrawn_at: Option<NaiveDateTime>,
}

/// Keeps that someone agreed.
pub fn give(c: &mut Conn, person: SubjectId, purpose: Purpose, how: How, by: Actor, now: NaiveDateTime) -> Result<(), Failure> {
    let row = (
        consents::id.eq(Uuid::new_v4().to_string()),
        consents::person_id.eq(person.to_string()),
        consents::purpose.eq(purpose.code()),
        consents::given_at.eq(now),
        consents::how.eq(how.code()),
    );
    diesel::insert_into(consents::table).values(row).execute(c)?;
    note(c, person, Action::ConsentGiven, purpose, by, now)
}

/// Takes back what someone agreed to. Nothing happens where it doesn't stand.
pub fn withdraw(c: &mut Conn, person: SubjectId, purpose: Purpose, by: Actor, now: NaiveDateTime) -> Result<(), Failure> {
    let theirs = consents::person_id.eq(person.to_string()).and(consents::purpose.eq(purpose.code()));
    let standing = consents::table.filter(theirs.and(consents::withdrawn_at.is_null()));
    if diesel::update(standing).set(consents::withdrawn_at.eq(now)).execute(c)? == 0 {
        return Ok(());
    }
    note(c, person, Action::ConsentWithdrawn, purpose, by, now)
}

fn note(
    c: &mut Conn,
    person: SubjectId,
    action: Action,
    purpose: Purpose,
    actor: Actor,
    now: NaiveDateTime,
) -> Result<(), Failure> {
    audit::record(c, &Entry { actor, action, subject: Some(person), about: Some(purpose.code().to_owned()) }, now)
}

/// All that someone agreed to, the latest first.
pub fn of(c: &mut Conn, person: SubjectId) -> Result<Vec<Consent>, Failure> {
    type Row = (String, String, NaiveDateTime, String, Option<NaiveDateTime>);
    let rows: Vec<Row> = consents::table
        .filter(consents::person_id.eq(person.to_string()))
        .order((consents::given_at.desc(), consents::id))
        .select((consents::id, consents::purpose, consents::given_at, consents::how, consents::withdrawn_at))
        .load(c)?;
    let consent = |(id, purpose, given_at, how, withdrawn_at): Row| {
        let (purpose, how) = (Purpose::from_code(&purpose)?, How::from_code(&how)?);
        Some(Consent { id: id.parse().ok()?, purpose, given_at, how, withdrawn_at })
    };
    Ok(rows.into_iter().filter_map(consent).collect())
}

/// Whether someone agrees to a purpose now and said so themself at this time or later, whatever others say for them.
pub fn said_since(c: &mut Conn, person: SubjectId, purpose: Purpose, since: NaiveDateTime) -> Result<bool, Failure> {
    let stands = |consent: &Consent| consent.purpose == purpose && consent.withdrawn_at.is_none() && consent.given_at >= since;
    Ok(of(c, person)?.iter().any(|consent| stands(consent) && consent.how != How::Told))
}

/// Whether someone agrees to a purpose now.
pub fn stands(c: &mut Conn, person: SubjectId, purpose: Purpose) -> Result<bool, Failure> {
    Ok(of(c, person)?.iter().any(|consent| consent.purpose == purpose && consent.withdrawn_at.is_none()))
}
