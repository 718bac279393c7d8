//! Mail: a letter is posted into the outbox with the data that it is about, and sent afterwards by a job.
//!
//! One row is one letter to one person; address and words are sealed under that person's key. A letter is sent at least once: where
//! the process or the mail server dies at the wrong moment it goes out again, with the same Message-ID, so that mail programs see one.
//! Errors are codes without anyone's address.

mod letters;
pub mod pages;
mod smtp;
mod store;
mod transport;
mod url;

use chrono::{NaiveDateTime, TimeDelta};
use serde::Serialize;
use uuid::Uuid;

use self::{letters::Forms, store::Row};
pub use self::{
    letters::{
        AccountChanged, Change, GoOn, Letter, NewAddress, NewMessage, NotWithUs, NoteArrived, NoteFurther, NoteReceived,
        RecordEnds, SharedList, SignIn, StaffInvitation, StillHere, WhatIsNew, check_templates,
    },
    transport::{Parcel, Transport, Trouble},
    url::{MailUrl, MailUrlParser, Server},
};
use crate::{
    audit::{self, Action, Actor, Entry},
    db::Conn,
    error::Failure,
    jobs::{self, Became, Kind, Means, State, Went},
    values::{LetterId, SubjectId},
    vault::{Place, Private, Vault},
};

/// How long the words of a letter that was sent are kept.
pub(crate) const KEEP_SENT: TimeDelta = TimeDelta::days(7);
/// How long the words of a letter that failed are kept, so that it can be sent again.
pub(crate) const KEEP_FAILED: TimeDelta = TimeDelta::days(30);
/// How long is kept that there was a letter.
pub(crate) const KEEP_ROWS: TimeDelta = TimeDelta::days(90);
/// Most letters that are sent again at once.
const MOST_AGAIN: i64 = 200;
/// Letters on one page of a list.
const PER_PAGE: i64 = 25;
/// The last page that is shown of a list.
const LAST_PAGE: u32 = 10_000;

/// One page of a list.
#[derive(Debug, Clone, Serialize)]
pub struct Paged<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Its number, from 1.
    pub page: u32,
    /// How many pages there are.
    pub pages: u32,
    /// How many items there are on all.
    pub total: i64,
}

/// A letter that could not be sent, as an administrator sees it: not to whom, and not what it says.
#[derive(Debug, Clone, Serialize)]
pub struct Failed {
    /// Its id.
    pub id: LetterId,
    /// What kind of letter it is.
    pub kind: String,
    /// Its subject line, which says nothing about anyone.
    pub heading: String,
    /// When it was posted, UTC.
    pub posted_at: NaiveDateTime,
    /// When it was given up, UTC.
    pub failed_at: Option<NaiveDateTime>,
    /// How often it was tried.
    pub attempts: i32,
    /// Why it failed, as a code.
    pub error: String,
    /// The same in plain words.
    pub why: &'static str,
    /// Whether it can be sent again: its words are still there, and of use.
    pub can_be_sent: bool,
}

/// Why letters failed that can be sent again.
#[derive(Debug, Clone, Serialize)]
pub struct Reason {
    /// As a code.
    pub error: String,
    /// The same in plain words.
    pub why: &'static str,
    /// How many letters.
    pub letters: i64,
}

/// Posts a letter to someone whose key seals it. It is sent once the caller's transaction has committed, and not at all if that is
/// undone. Fails where they have no key.
pub fn post(
    c: &mut Conn,
    vault: &Vault,
    to: SubjectId,
    address: &Private,
    letter: &impl Letter,
    now: NaiveDateTime,
) -> Result<(), Failure> {
    let key = vault.key(c, to)?.ok_or_else(|| Failure::internal("a letter is posted to someone who has no key"))?;
    let row = sealed(LetterId(Uuid::new_v4()), &key, address, letter, now)?;
    store::insert(c, &row)?;
    jobs::ask_for(c, &job_of(&row.id), Kind::Mail, &row.id, now, now)
}

fn sealed<L: Letter>(
    id: LetterId,
    key: &crate::vault::Key,
    address: &Private,
    letter: &L,
    now: NaiveDateTime,
) -> Result<Row, Failure> {
    let Forms { text, html } = letters::render(letter)?;
    let seal = |column, words: &str| key.seal(&place(column, &id.to_string()), words);
    Ok(Row {
        id: id.to_string(),
        subject_id: key.subject().to_string(),
        kind: L::KIND.to_owned(),
        heading: L::HEADING.to_owned(),
        address: seal("address", address.show()),
        text_form: seal("text_form", &text),
        html_form: seal("html_form", &html),
        message_id: Uuid::new_v4().simple().to_string(),
        state: State::Waiting.code().to_owned(),
        attempts: 0,
        last_error: None,
        posted_at: now,
        of_use_until: L::OF_USE.map(|time| now + time),
        ended_at: None,
    })
}

fn place(column: &'static str, id: &str) -> Place {
    Place::new("outbox", column, id)
}

fn job_of(letter: &str) -> String {
    format!("mail-{letter}")
}

/// Sends one letter; what the job of that kind does.
pub fn send(means: &Means, id: &str) -> Result<Went, Failure> {
    // Where there is none, it was sent already, or whoever it was to has gone.
    let Some(row) = means.db.read_now(|c| store::waiting(c, id))? else { return Ok(Went::Well) };
    if row.of_use_until.is_some_and(|until| until < means.clock.stamp()) {
        return Ok(Went::Never("too-late".to_owned()));
    }
    let Some(parcel) = means.db.read_now(|c| opened(c, &means.vault, &row))? else {
        return Ok(Went::Never(store::NO_KEY.to_owned()));
    };
    Ok(match means.mail.send(&parcel) {
        Ok(()) => Went::Well,
        Err(Trouble::ForNow(code)) => Went::NotNow(code),
        Err(Trouble::ForGood(code)) => Went::Never(code),
    })
}

/// Opens a letter; none where its key was destroyed.
fn opened(c: &mut Conn, vault: &Vault, row: &Row) -> Result<Option<Parcel>, Failure> {
    let subject: SubjectId = row.subject_id.parse().map_err(Failure::internal)?;
    let Some(key) = vault.key(c, subject)? else { return Ok(None) };
    let open = |column, sealed| key.open(&place(column, &row.id), sealed);
    Ok(Some(Parcel {
        id: row.id.clone(),
        to: open("address", &row.address)?,
        heading: row.heading.clone(),
        text: open("text_form", &row.text_form)?,
        html: open("html_form", &row.html_form)?,
        message_id: row.message_id.clone(),
        posted_at: row.posted_at,
    }))
}

/// Writes down what became of a letter, in the transaction that puts its job down.
pub fn note(c: &mut Conn, id: &str, became: &Became, now: NaiveDateTime) -> Result<(), Failure> {
    let (state, ended_at) = match became.state {
        State::Done => ("sent", Some(now)),
        State::Waiting => (State::Waiting.code(), None),
        State::Failed => (State::Failed.code(), Some(now)),
    };
    store::note(c, id, state, became.attempts, became.cause.as_deref(), ended_at)
}

/// A page of the letters that could not be sent, the latest first.
pub fn failed(c: &mut Conn, page: u32, now: NaiveDateTime) -> Result<Paged<Failed>, Failure> {
    let total = store::count_failed(c)?;
    let (page, pages, skip) = paged(page, total);
    let items = store::failed(c, skip, PER_PAGE)?.into_iter().map(|row| as_failed(row, now)).collect::<Result<_, _>>()?;
    Ok(Paged { items, page, pages, total })
}

fn as_failed(row: Row, now: NaiveDateTime) -> Result<Failed, Failure> {
    let error = row.last_error.clone().unwrap_or_default();
    Ok(Failed {
        id: row.id.parse().map_err(Failure::internal)?,
        can_be_sent: can_be_sent(&row, &error, now),
        kind: row.kind,
        heading: row.heading,
        posted_at: row.posted_at,
        failed_at: row.ended_at,
        attempts: row.attempts,
        why: in_words(&error),
        error,
    })
}

fn can_be_sent(row: &Row, error: &str, now: NaiveDateTime) -> bool {
    !row.address.as_str().is_empty() && error != store::NO_KEY && row.of_use_until.is_none_or(|until| until >= now)
}

/// How many letters could not be sent and wait for someone to look at them.
pub fn count_failed(c: &mut Conn) -> Result<i64, Failure> {
    store::count_failed(c)
}

/// Why letters failed that can be sent again, what kept the most from going first.
pub fn reasons(c: &mut Conn, now: NaiveDateTime) -> Result<Vec<Reason>, Failure> {
    let found = store::reasons(c, now)?;
    Ok(found.into_iter().map(|(error, letters)| Reason { why: in_words(&error), error, letters }).collect())
}

/// Sends a letter again that failed, and writes down who said so. Not found where it didn't fail, its words are gone, or it is of no
/// use any more.
pub fn send_again(c: &mut Conn, id: LetterId, by: Actor, now: NaiveDateTime) -> Result<(), Failure> {
    let id = id.to_string();
    if !store::wait_again(c, &id, now)? {
        return Err(Failure::NotFound);
    }
    jobs::ask_again(c, &job_of(&id), Kind::Mail, &id, now)?;
    let subject = store::subject_of(c, &id)?.parse().ok();
    audit::record(c, &Entry { actor: by, action: Action::LetterSentAgain, subject, about: Some(id) }, now)
}

/// Sends letters again that failed for this reason, at most 200 at once. How many that were.
pub fn send_all_again(c: &mut Conn, error: &str, by: Actor, now: NaiveDateTime) -> Result<usize, Failure> {
    let ids = store::failed_for(c, error, MOST_AGAIN, now)?;
    for id in &ids {
        send_again(c, id.parse().map_err(Failure::internal)?, by, now)?;
    }
    Ok(ids.len())
}

/// Drops every letter to someone, also those that wait.
pub fn forget(c: &mut Conn, subject: SubjectId) -> Result<(), Failure> {
    let ids = store::ids_to(c, subject)?;
    drop_all(c, &ids)
}

/// Asks that our own folder be cleared of letters whose words were dropped.
pub fn clear_soon(c: &mut Conn, now: NaiveDateTime) -> Result<(), Failure> {
    jobs::ask_for(c, &format!("clear-post-{}", Uuid::new_v4()), Kind::ClearPost, "", now, now)
}

/// Removes letters from our own folder, where they go there, whose words are dropped here. What the job of that kind does.
pub fn clear_folder(means: &Means, _: &str) -> Result<Went, Failure> {
    let letters = means.mail.in_our_folder().map_err(Failure::internal)?;
    let ids: Vec<String> = letters.iter().map(|(id, _)| id.clone()).collect();
    let whole = means.db.read_now(|c| store::whole(c, &ids))?;
    let mut gone = letters.into_iter().filter(|(id, _)| !whole.contains(id));
    gone.try_for_each(|(_, file)| std::fs::remove_file(file)).map_err(Failure::internal)?;
    Ok(Went::Well)
}

/// Drops letters of a kind that are sealed under someone's key and weren't sent yet.
pub fn take_back(c: &mut Conn, subject: SubjectId, kind: &str) -> Result<(), Failure> {
    let ids = store::ids_waiting(c, subject, kind)?;
    drop_all(c, &ids)
}

/// Whether a letter of a kind was posted to someone since a time.
pub fn was_posted(c: &mut Conn, subject: SubjectId, kind: &str, since: NaiveDateTime) -> Result<bool, Failure> {
    store::any_since(c, subject, kind, since)
}

/// Empties and drops old letters; part of the daily tidying.
pub fn tidy(c: &mut Conn, now: NaiveDateTime) -> Result<(), Failure> {
    let mut gone = store::empty(c, "sent", now - KEEP_SENT)?;
    gone += store::empty(c, State::Failed.code(), now - KEEP_FAILED)?;
    for state in ["sent", State::Failed.code()] {
        let old = store::ended_before(c, state, now - KEEP_ROWS)?;
        drop_all(c, &old)?;
    }
    if gone == 0 { Ok(()) } else { clear_soon(c, now) }
}

fn drop_all(c: &mut Conn, letters: &[String]) -> Result<(), Failure> {
    jobs::forget(c, &letters.iter().map(|id| job_of(id)).collect::<Vec<_>>())?;
    store::delete(c, letters)
}

/// The page's number within what there is, how many there are, and how many items come before it.
fn paged(page: u32, total: i64) -> (u32, u32, i64) {
    let pages = u32::try_from((total - 1).max(0) / PER_PAGE + 1).unwrap_or(u32::MAX).clamp(1, LAST_PAGE);
    let page = page.clamp(1, pages);
    (page, pages, (i64::from(page) - 1) * PER_PAGE)
}

/// Why a letter failed, in plain words.
fn in_words(code: &str) -> &'static str {
    match code {
        "bad-address" => "The address is not one that mail can go to.",
        "too-late" => "It could not be sent while it was of use.",
        store::NO_KEY => "Whom it was to has been erased.",
        "no-connection" => "The mail server could not be reached.",
        "not-secret" => "The mail server offered no encryption that can be trusted.",
        "broken-off" => "The mail server broke off.",
        "too-slow" => "The mail server did not answer in time.",
        "not-understood" => "The mail server gave an answer that makes no sense.",
        "folder" => "The folder for mail could not be written.",
        "never-came-back" => "The process that sent it died each time.",
        _ if code.starts_with("refused-") => "The mail server refused this letter for good.",
        _ if code.starts_with("not-let-in") => "The mail server did not let us in.",
        _ if code.starts_with("not-now-") => "The mail server did not take it for now.",
        _ => "Something of ours did not work.",
    }
}
