//! Answers that haven't been sent yet: kept for one browser, sealed under a key of their own, and gone after two weeks.
//!
//! The key becomes the person's when they send, so a draft makes one person and one referral, whatever is pressed in however many
//! windows.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use uuid::Uuid;

use super::answers::{Answers, Step};
use crate::{
    accounts::token::Token,
    db::Conn,
    error::Failure,
    people::{open, seal},
    schema::referral_drafts,
    values::SubjectId,
    vault::{Key, Sealed, Vault},
};

/// How long answers wait to be sent.
pub const LASTS: TimeDelta = TimeDelta::days(14);
/// What stands in the place of the page once it was sent.
const SENT: &str = "sent";
/// Most that are dropped at once.
const MOST_DROPPED: i64 = 500;

/// Answers that wait, or were sent.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Its id.
    pub id: String,
    /// Whoever its key belongs to.
    pub subject: SubjectId,
    /// What was answered; nothing once it was sent.
    pub answers: Answers,
    /// The page they came to; none once it was sent.
    pub step: Option<Step>,
}

impl Draft {
    /// Whether it was sent.
    pub fn is_sent(&self) -> bool {
        self.step.is_none()
    }
}

/// Conditions of a draft that a browser holds and that still waits.
macro_rules! waiting {
    ($browser:expr, $now:expr) => {
        referral_drafts::browser.eq($browser.hash()).and(referral_drafts::step.ne(SENT)).and(referral_drafts::expires_at.gt($now))
    };
}

type Row = (String, String, Option<Sealed>, String);
const ROW: (referral_drafts::id, referral_drafts::subject_id, referral_drafts::answers, referral_drafts::step) =
    (referral_drafts::id, referral_drafts::subject_id, referral_drafts::answers, referral_drafts::step);

/// Keeps the first answers. What comes back is for the browser to hold.
pub fn begin(c: &mut Conn, vault: &Vault, answers: &Answers, step: Step, now: NaiveDateTime) -> Result<Token, Failure> {
    let (browser, subject) = (Token::random()?, SubjectId(Uuid::new_v4()));
    let key = vault.new_key(c, subject, now)?;
    let id = Uuid::new_v4().to_string();
    let row = (
        referral_drafts::id.eq(&id),
        referral_drafts::browser.eq(browser.hash()),
        referral_drafts::subject_id.eq(subject.to_string()),
        referral_drafts::answers.eq(sealed(&key, &id, answers)?),
        referral_drafts::step.eq(step.code()),
        referral_drafts::created_at.eq(now),
        referral_drafts::updated_at.eq(now),
        referral_drafts::expires_at.eq(now + LASTS),
    );
    diesel::insert_into(referral_drafts::table).values(row).execute(c)?;
    Ok(browser)
}

fn sealed(key: &Key, id: &str, answers: &Answers) -> Result<Sealed, Failure> {
    Ok(seal(key, "referral_drafts", "answers", id, &serde_json::to_string(answers)?))
}

/// What a browser holds, if it still waits or was sent.
pub fn held(c: &mut Conn, vault: &Vault, browser: &Token, now: NaiveDateTime) -> Result<Option<Draft>, Failure> {
    let theirs = referral_drafts::browser.eq(browser.hash()).and(referral_drafts::expires_at.gt(now));
    let row: Option<Row> = referral_drafts::table.filter(theirs).select(ROW).first(c).optional()?;
    row.map(|row| opened(c, vault, row)).transpose()
}

fn opened(c: &mut Conn, vault: &Vault, (id, subject, answers, step): Row) -> Result<Draft, Failure> {
    let subject: SubjectId = subject.parse().map_err(Failure::internal)?;
    let answers = match answers {
        Some(answers) => {
            let key = vault.key(c, subject)?.ok_or(Failure::NotFound)?;
            serde_json::from_str(open(&key, "referral_drafts", "answers", &id, &answers)?.show())?
        }
        None => Answers::default(),
    };
    let step = if step == SENT { None } else { Some(Step::from_code(&step).unwrap_or(Step::Words)) };
    Ok(Draft { id, subject, answers, step })
}

/// Changes the answers that a browser holds, under a lock, so that two windows don't undo each other's. None where there are none that wait.
pub fn change(
    c: &mut Conn,
    vault: &Vault,
    browser: &Token,
    now: NaiveDateTime,
    change: impl FnOnce(&mut Answers) -> Step,
) -> Result<Option<()>, Failure> {
    let waits = waiting!(browser, now);
    if diesel::update(referral_drafts::table.filter(waits)).set(referral_drafts::updated_at.eq(now)).execute(c)? == 0 {
        return Ok(None);
    }
    let Some(mut draft) = held(c, vault, browser, now)? else { return Ok(None) };
    let step = change(&mut draft.answers);
    let key = vault.key(c, draft.subject)?.ok_or(Failure::NotFound)?;
    let furthest = draft.step.map_or(step, |before| before.max(step));
    let set = (
        referral_drafts::answers.eq(Some(sealed(&key, &draft.id, &draft.answers)?)),
        referral_drafts::step.eq(furthest.code()),
        referral_drafts::expires_at.eq(now + LASTS),
    );
    diesel::update(referral_drafts::table.find(&draft.id)).set(set).execute(c)?;
    Ok(Some(()))
}

/// Takes the answers to send them, once. None where another window was quicker or there are none.
pub fn take(c: &mut Conn, vault: &Vault, browser: &Token, now: NaiveDateTime) -> Result<Option<(Draft, Key)>, Failure> {
    let waits = waiting!(browser, now);
    if diesel::update(referral_drafts::table.filter(waits)).set(referral_drafts::step.eq(SENT)).execute(c)? == 0 {
        return Ok(None);
    }
    let Some(draft) = held(c, vault, browser, now)? else { return Ok(None) };
    let key = vault.key(c, draft.subject)?.ok_or(Failure::NotFound)?;
    let emptied = (referral_drafts::answers.eq(None::<Sealed>), referral_drafts::resume.eq(None::<String>));
    diesel::update(referral_drafts::table.find(&draft.id)).set(emptied).execute(c)?;
    Ok(Some((draft, key)))
}

/// A secret for a letter, to go on with on whatever device; an older one works no more. None where there is nothing that waits.
pub fn resume_link(c: &mut Conn, browser: &Token, now: NaiveDateTime) -> Result<Option<Token>, Failure> {
    let link = Token::random()?;
    let waits = waiting!(browser, now);
    let set = referral_drafts::resume.eq(Some(link.hash()));
    let kept = diesel::update(referral_drafts::table.filter(waits)).set(set).execute(c)?;
    Ok((kept == 1).then_some(link))
}

/// The browser holds the answers no more; only a link that was sent leads to them.
pub fn leave(c: &mut Conn, browser: &Token, now: NaiveDateTime) -> Result<(), Failure> {
    let set = referral_drafts::browser.eq(Token::random()?.hash());
    diesel::update(referral_drafts::table.filter(waiting!(browser, now))).set(set).execute(c)?;
    Ok(())
}

/// Goes on in another browser, which holds the answers from now on. None where the link works no more.
pub fn resume(c: &mut Conn, vault: &Vault, link: &Token, now: NaiveDateTime) -> Result<Option<(Token, Draft)>, Failure> {
    let browser = Token::random()?;
    let theirs = referral_drafts::resume.eq(link.hash()).assume_not_null().and(referral_drafts::expires_at.gt(now));
    let set = referral_drafts::browser.eq(browser.hash());
    if diesel::update(referral_drafts::table.filter(theirs)).set(set).execute(c)? == 0 {
        return Ok(None);
    }
    Ok(held(c, vault, &browser, now)?.map(|draft| (browser, draft)))
}

/// Throws away what a browser holds, unless it was sent.
pub fn discard(c: &mut Conn, browser: &Token, now: NaiveDateTime) -> Result<(), Failure> {
    let waits = waiting!(browser, now);
    let row: Option<(String, String)> =
        referral_drafts::table.filter(waits).select((referral_drafts::id, referral_drafts::subject_id)).first(c).optional()?;
    row.map_or(Ok(()), |row| drop_one(c, row, now))
}

fn drop_one(c: &mut Conn, (id, subject): (String, String), now: NaiveDateTime) -> Result<(), Failure> {
    let subject: SubjectId = subject.parse().map_err(Failure::internal)?;
    diesel::delete(referral_drafts::table.find(id)).execute(c)?;
    crate::mail::forget(c, subject)?;
    crate::vault::store::erase(c, subject, now)
}

/// Drops what waited too long, with its keys; part of the daily tidying. What was sent keeps its key, which is the person's now.
pub fn tidy(c: &mut Conn, now: NaiveDateTime) -> Result<(), Failure> {
    let old = referral_drafts::expires_at.le(now);
    diesel::delete(referral_drafts::table.filter(old.and(referral_drafts::step.eq(SENT)))).execute(c)?;
    // One that was sent this very moment has a key that is a person's now.
    let rows: Vec<(String, String)> = referral_drafts::table
        .filter(old.and(referral_drafts::step.ne(SENT)))
        .limit(MOST_DROPPED)
        .select((referral_drafts::id, referral_drafts::subject_id))
        .load(c)?;
    rows.into_iter().try_for_each(|row| drop_one(c, row, now))
}
