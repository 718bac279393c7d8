//! The record of who did what and who read what: only ever added to, hash-chained, written in the transaction that it records.
//!
//! It holds ids and no content. Its numbers are given under a lock, in commit order; whoever adds an entry holds the lock until the
//! transaction ends, so an entry is best written last.

mod chain;
pub mod command;
pub(crate) mod guard;
mod store;

use std::{collections::HashSet, fmt, str::FromStr};

use chrono::{NaiveDateTime, SubsecRound};

pub use self::chain::{Head, NotAHead, Wrong, verify};
use self::store::Row;
use crate::{
    db::Conn,
    error::Failure,
    values::{AccountId, SubjectId, choice},
};

/// How an entry's time is written, in UTC.
const TIME: &str = "%Y-%m-%dT%H:%M:%S%.6f";
/// Most entries on a page.
pub const PAGE: u32 = 50;
/// Most records that were joined into one at a time.
const MOST_JOINED: i64 = 100;

choice! {
    /// What was done. The words are for the page on which a person sees who did what with their record.
    Action {
        /// Someone saw what is kept about a person.
        RecordRead = "record-read", "Looked at your record";
        /// Someone saw a person's name in a list.
        ListRead = "list-read", "Saw your name in a list";
        /// A record began: someone was referred or referred themself.
        RecordBegan = "record-began", "Began your record";
        /// A referral moved on.
        ReferralMoved = "referral-moved", "Moved things on";
        /// Someone goes along with a person from now on.
        WorkerChosen = "worker-chosen", "Said who goes along with you";
        /// A person chose a peer to walk along.
        PeerChosen = "peer-chosen", "Chose someone to walk along";
        /// A person undid that.
        PeerLetGo = "peer-let-go", "Undid that someone walks along";
        /// Someone stands in for a while.
        CoverBegan = "cover-began", "Said who stands in for a while";
        /// Nobody stands in any more.
        CoverEnded = "cover-ended", "Said that they stand in no more";
        EntryTakenOut = "entry-taken-out", "Took an entry out of the record";
        /// A person agreed to something.
        ConsentGiven = "consent-given", "Noted what you agree to";
        /// A person took back what they agreed to.
        ConsentWithdrawn = "consent-withdrawn", "Noted what you agree to no more";
        /// A letter was posted to someone who waits.
        LetterPosted = "letter-posted", "Sent you a letter";
        /// A letter that could not be sent was sent again.
        LetterSentAgain = "letter-sent-again", "Sent a letter to you again";
        /// Someone chose how much mail they get.
        MailChosen = "mail-chosen", "Chose how much mail to get";
        /// Someone made a list of places that a person opens by a link.
        ListShared = "list-shared", "Made you a list of places with a link";
        /// A list was opened by its link.
        ListOpened = "list-opened", "Opened your list of places by its link";
        /// Something was said of a place on a list.
        ListAnswered = "list-answered", "Said something of a place on your list";
        /// A list can't be opened any more.
        ListEnded = "list-ended", "Ended your list of places";
        /// Two records of one person were joined.
        RecordsJoined = "records-joined", "Joined two records of yours into one";
        /// Someone signed in.
        SignedIn = "signed-in", "Signed in";
        /// A card was printed that lets a person in once.
        CardPrinted = "card-printed", "Printed a card that lets you sign in";
        /// A person, or whoever had their card, signed in with it.
        CardUsed = "card-used", "Signed in with a printed card";
        /// Someone couldn't sign in: the address and the password didn't go together.
        SignInRefused = "sign-in-refused", "Couldn’t sign in";
        /// Someone was invited to work here.
        AccountInvited = "account-invited", "Was invited";
        /// An invitation was taken up.
        InvitationAccepted = "invitation-accepted", "Took up an invitation";
        /// A password was changed.
        PasswordChanged = "password-changed", "Changed the password";
        /// Someone gets mail and signs in at another address from now on.
        AddressChanged = "address-changed", "Changed the address for mail";
        /// Someone's device got a passkey.
        PasskeyAdded = "passkey-added", "Added a passkey";
        /// A passkey was taken away.
        PasskeyRemoved = "passkey-removed", "Took a passkey away";
        /// What someone may do was changed.
        RolesChanged = "roles-changed", "Changed what someone may do";
        /// Whoever wrote for someone heard what that person agreed to.
        ReferrerTold = "referrer-told", "Told whoever wrote for you what you agreed to";
        /// Someone's second step is set up anew.
        SecondStepForgotten = "second-step-forgotten", "Let someone set up a new phone";
        /// Someone's recovery codes were made anew.
        CodesRenewed = "codes-renewed", "Made new recovery codes";
        /// An account was closed.
        AccountClosed = "account-closed", "Closed an account";
        /// An account was opened again.
        AccountReopened = "account-reopened", "Opened an account again";
        /// A record that would have ended is kept for another year.
        KeptLonger = "kept-longer", "Kept your record for another year";
        /// A person was erased: their key and their rows.
        Erased = "erased", "Erased your record";
        /// A person's key was destroyed again, since a backup from before their erasure was restored.
        ErasedAgain = "erased-again", "Erased again after older data was put back";
        /// All keys were wrapped anew with a new master key.
        KeysRotated = "keys-rotated", "Changed the key to all records";
        /// A backup was made.
        BackedUp = "backed-up", "Made a safe copy of everything";
        /// A backup was restored.
        Restored = "restored", "Put a safe copy of everything back";
    }
}

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// Someone who signed in.
    Account(AccountId),
    /// A person without an account, by a link or a card of theirs.
    Person(SubjectId),
    /// The service itself, or whoever runs it, by command.
    System,
    /// Someone unknown.
    Visitor,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(id) => write!(f, "account:{id}"),
            Self::Person(id) => write!(f, "person:{id}"),
            Self::System => f.write_str("system"),
            Self::Visitor => f.write_str("visitor"),
        }
    }
}

/// The text names nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an actor")]
pub struct NotAnActor;

impl FromStr for Actor {
    type Err = NotAnActor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some(("account", id)) => id.parse().map(Self::Account).map_err(|_| NotAnActor),
            Some(("person", id)) => id.parse().map(Self::Person).map_err(|_| NotAnActor),
            None if text == "system" => Ok(Self::System),
            None if text == "visitor" => Ok(Self::Visitor),
            _ => Err(NotAnActor),
        }
    }
}

/// One thing that was done.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Who did it.
    pub actor: Actor,
    /// What.
    pub action: Action,
    /// Whom it is about.
    pub subject: Option<SubjectId>,
    /// What it is about: an id, never content.
    pub about: Option<String>,
}

/// An entry as it is read again.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// When, in UTC.
    pub at: NaiveDateTime,
    /// Who did it.
    pub actor: Actor,
    /// What.
    pub action: Action,
    /// What it is about: an id.
    pub about: Option<String>,
}

/// One page of entries.
#[derive(Debug, Clone)]
pub struct Recordings {
    /// The entries, newest first.
    pub entries: Vec<Recorded>,
    /// Whether there are older ones.
    pub more: bool,
}

/// Adds an entry in the caller's transaction. Where that can't be done, nothing else is done either.
pub fn record(c: &mut Conn, entry: &Entry, now: NaiveDateTime) -> Result<(), Failure> {
    store::lock(c)?;
    let head = store::head(c)?.unwrap_or_else(Head::start);
    let mut row = Row {
        position: head.position + 1,
        at: now.trunc_subsecs(6).format(TIME).to_string(),
        actor: entry.actor.to_string(),
        action: entry.action.code().to_owned(),
        subject: entry.subject.map(|subject| subject.to_string()),
        about: entry.about.clone(),
        hash: String::new(),
    };
    row.hash = chain::hash(&head.hash, &row);
    store::insert(c, &row)
}

/// The end of the record, to be kept elsewhere.
pub fn head(c: &mut Conn) -> Result<Head, Failure> {
    Ok(store::head(c)?.unwrap_or_else(Head::start))
}

/// The records that were joined into someone's, and those that were joined into them before.
pub fn joined_into(c: &mut Conn, subject: SubjectId) -> Result<Vec<SubjectId>, Failure> {
    let mut all = vec![subject];
    let mut seen = 0;
    while let Some(one) = all.get(seen) {
        let joined = store::with(c, &one.to_string(), Action::RecordsJoined.code(), MOST_JOINED)?;
        let new: Vec<SubjectId> = joined.iter().filter_map(|id| id.parse().ok()).filter(|id| !all.contains(id)).collect();
        all.extend(new);
        seen += 1;
    }
    Ok(all.split_off(1))
}

/// The entries about someone and about what was joined into their record, newest first; pages count from 1. Actions that only a newer
/// version knows are left out.
pub fn of(c: &mut Conn, subject: SubjectId, page: u32) -> Result<Recordings, Failure> {
    let skip = i64::from(page.saturating_sub(1)) * i64::from(PAGE);
    let all = joined_into(c, subject)?.into_iter().chain([subject]);
    let subjects: Vec<String> = all.map(|id| id.to_string()).collect();
    let mut rows = store::about(c, &subjects, skip, i64::from(PAGE) + 1)?;
    let more = rows.len() > PAGE as usize;
    rows.truncate(PAGE as usize);
    Ok(Recordings { entries: rows.into_iter().filter_map(recorded).collect(), more })
}

/// Of these, about whom someone's doing of this sort was written down since then.
pub fn since(
    c: &mut Conn,
    actor: Actor,
    action: Action,
    subjects: &[SubjectId],
    since: NaiveDateTime,
) -> Result<HashSet<SubjectId>, Failure> {
    let subjects: Vec<String> = subjects.iter().map(ToString::to_string).collect();
    let since = since.trunc_subsecs(6).format(TIME).to_string();
    let found = store::since(c, &actor.to_string(), action.code(), &subjects, &since)?;
    Ok(found.into_iter().filter_map(|subject| subject.parse().ok()).collect())
}

fn recorded(row: Row) -> Option<Recorded> {
    let at = NaiveDateTime::parse_from_str(&row.at, TIME).ok()?;
    Some(Recorded { at, actor: row.actor.parse().ok()?, action: Action::from_code(&row.action)?, about: row.about })
}
