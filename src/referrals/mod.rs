//! Into the service: by oneself, through a professional, family or a friend, or back again; how a referral stands and moves on.
//!
//! A form makes one referral, however often it is sent. Every move is kept, with who wrote it down; nothing is ever deleted, but
//! where two records are joined or a person is erased.

mod answers;
mod clinical;
pub mod clocks;
pub mod draft;
pub mod intake;
pub mod join;
pub mod other;
pub mod own;
pub mod pages;
pub mod state;
pub mod store;
pub mod telling;

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use self::{
    answers::{Answers, Step},
    clinical::Clinical,
    pages::routes,
};
use self::{
    state::{Move, Refused, State, Who},
    store::{MoveRow, Row},
};
use crate::{
    accounts::{Grant, Principal, Role},
    audit::{self, Action, Actor, Entry},
    clock::london_day,
    db::Conn,
    error::{Failure, Problem},
    people::{
        self, Line, Name,
        caseload::{self, Along},
        seal,
    },
    values::{AccountId, Email, ReferralId, SubjectId, TeamId, Text, VenueId, choice},
    vault::{Key, Private, Vault},
    venues,
    web::views::say,
};

choice! {
    /// The way in.
    Way {
        Own = "self", "Wrote to us themself";
        Professional = "professional", "Through a professional";
        Family = "family", "Through family";
        Friend = "friend", "Through a friend";
        Return = "return", "Came back";
    }
}

choice! {
    /// How it reached us.
    Taken {
        Page = "page", "On our page";
        Phone = "phone", "By phone";
    }
}

choice! {
    /// What whoever referred someone says that they may learn. It lets nobody learn anything: that is for the person to say.
    Learns {
        Nothing = "nothing", "Nothing more";
        InTouch = "in-touch", "That we are in touch";
        Progress = "progress", "How it goes, in a few words";
    }
}

/// Who referred someone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Referrer {
    /// What they are called.
    pub name: Name,
    /// Where they work.
    pub organisation: Line,
    /// "Nurse", "sister".
    pub relation: Line,
    /// Where their mail goes.
    pub email: Option<Email>,
    /// Their phone.
    pub phone: Text<40>,
    /// What they say that they may learn.
    pub may_learn: Learns,
}

impl Referrer {
    /// Who they are, for someone who reads what they wrote: "Sam Reid, professional, Harbour surgery".
    pub fn in_words(&self) -> String {
        let who = [self.name.as_str(), self.relation.as_str(), self.organisation.as_str()];
        who.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    }
}

/// What someone wrote for another.
#[derive(Debug, Clone)]
pub struct WrittenFor {
    /// Who wrote it.
    pub by: Referrer,
    /// What they would like to do, as the writer says it.
    pub words: Private,
}

/// What others wrote for someone about what they would like to do, the latest first.
pub fn written_for(c: &mut Conn, vault: &Vault, person: SubjectId) -> Result<Vec<WrittenFor>, Failure> {
    let rows = store::of(c, person)?;
    let key = people::key(c, vault, person)?;
    let written = |row: &Row| {
        let Some(by) = telling::referrer(&key, row)? else { return Ok(None) };
        let words = people::open(&key, "referrals", "words", &row.id, &row.words)?;
        Ok((!words.show().is_empty()).then_some(WrittenFor { by, words }))
    };
    rows.iter().filter(|row| !row.is_void()).filter_map(|row| written(row).transpose()).collect()
}

/// A referral to open.
#[derive(Debug, Clone)]
pub struct New {
    /// Whom it is about.
    pub person: SubjectId,
    /// The way in.
    pub way: Way,
    /// How it reached us.
    pub taken: Taken,
    /// The team that has it already.
    pub team: Option<TeamId>,
    /// The place they would like to try.
    pub venue: Option<VenueId>,
    /// Who referred them.
    pub referrer: Option<Referrer>,
    /// What is asked for.
    pub words: Private,
    /// What makes it one referral however often its form is sent.
    pub form_mark: String,
}

/// Opens a referral. None where its form opened one already.
pub fn open(c: &mut Conn, key: &Key, new: &New, by: Actor, now: NaiveDateTime) -> Result<Option<ReferralId>, Failure> {
    let id = ReferralId(Uuid::new_v4());
    let at = id.to_string();
    let referrer = new.referrer.as_ref().map(serde_json::to_string).transpose()?;
    let row = Row {
        id: at.clone(),
        person_id: new.person.to_string(),
        way: new.way.code().to_owned(),
        taken_by: new.taken.code().to_owned(),
        state: State::Received.code().to_owned(),
        team_id: new.team.map(|team| team.to_string()),
        worker_id: None,
        venue_id: new.venue.map(|venue| venue.to_string()),
        received_at: now,
        first_contact_at: None,
        paused_until: None,
        told_at: None,
        referrer: referrer.map(|referrer| seal(key, "referrals", "referrer", &at, &referrer)),
        words: seal(key, "referrals", "words", &at, new.words.show()),
        reason: None,
        form_mark: new.form_mark.clone(),
        updated_at: now,
        referrer_told: String::new(),
    };
    if !store::add(c, &row)? {
        return Ok(None);
    }
    note(c, by, Action::RecordBegan, new.person, &at, now)?;
    Ok(Some(id))
}

fn note(c: &mut Conn, actor: Actor, action: Action, person: SubjectId, about: &str, now: NaiveDateTime) -> Result<(), Failure> {
    audit::record(c, &Entry { actor, action, subject: Some(person), about: Some(about.to_owned()) }, now)
}

/// A person's latest referral, but for those entered in error.
pub fn standing(c: &mut Conn, person: SubjectId) -> Result<Option<ReferralId>, Failure> {
    let latest = store::of(c, person)?.into_iter().find(|row| row.state != State::EnteredInError.code());
    Ok(latest.and_then(|row| row.id.parse().ok()))
}

/// What a place is called that someone would like to try; none where it isn't listed any more.
pub fn place(c: &mut Conn, venue: VenueId) -> Result<Option<String>, Failure> {
    Ok(venues::store::cards(c, &[venue])?.pop().map(|card| say::calm(&card.lead.facts.name)))
}

/// Who may see a referral: whoever may see the record of the person it is about.
pub fn may_see(c: &mut Conn, who: &Principal, id: ReferralId, now: NaiveDateTime) -> Result<bool, Failure> {
    match store::person_of(c, id)? {
        Some(person) => people::may_see(c, who, person, now),
        None => Ok(false),
    }
}

/// Who decided a move and who wrote it down.
#[derive(Debug, Clone, Copy)]
pub struct By {
    /// Whose decision it is.
    pub who: Who,
    /// Who wrote it down.
    pub written: Actor,
}

impl By {
    /// The account that wrote it down.
    fn account(self) -> Option<AccountId> {
        match self.written {
            Actor::Account(account) => Some(account),
            _ => None,
        }
    }
}

/// Moves a referral on and keeps the move, with why. A problem with `move` where it can't be made.
pub fn apply(
    c: &mut Conn,
    vault: &Vault,
    id: ReferralId,
    step: Move,
    by: By,
    why: Option<&Private>,
    now: NaiveDateTime,
) -> Result<State, Failure> {
    let row = store::one(c, id)?.ok_or(Failure::NotFound)?;
    let from = State::from_code(&row.state).ok_or_else(|| Failure::internal("a referral without a state"))?;
    let to = state::apply(from, step, by.who, london_day(now)).map_err(refused)?;
    if !store::set_state(c, &row.id, from, to, now)? {
        return Err(refused(Refused::NotFromHere));
    }
    let person: SubjectId = row.person_id.parse().map_err(Failure::internal)?;
    let paused_until = if let Move::Pause { until } = step { until } else { None };
    if paused_until.is_some() {
        store::set_pause(c, &row.id, paused_until)?;
    }
    if to == State::OpenDoor {
        caseload::end_all_cover(c, by.written, person, now)?;
    }
    let key = people::key(c, vault, person)?;
    if let (Some(why), Move::Decline { .. } | Move::EnterInError) = (why, step) {
        store::set_reason(c, &row.id, &seal(&key, "referrals", "reason", &row.id, why.show()))?;
    }
    let kept = Uuid::new_v4().to_string();
    store::add_move(
        c,
        &MoveRow {
            why: why.map(|why| seal(&key, "referral_moves", "why", &kept, why.show())),
            id: kept,
            referral_id: row.id.clone(),
            person_id: row.person_id,
            from_state: from.code().to_owned(),
            to_state: to.code().to_owned(),
            by_account: by.account().map(|account| account.to_string()),
            at: now,
            paused_until,
        },
    )?;
    telling::tell(c, vault, id, by.written, now)?;
    note(c, by.written, Action::ReferralMoved, person, &row.id, now)?;
    Ok(to)
}

fn refused(why: Refused) -> Failure {
    let field = match why {
        Refused::NoReason => "reason",
        Refused::NowhereElse => "elsewhere",
        Refused::NoDay => "until",
        Refused::NotFromHere | Refused::NotTheirs => "move",
    };
    let message = match why {
        Refused::NoReason => "Say why, in a few kind words.",
        Refused::NowhereElse => "Say where else they could try.",
        Refused::NoDay => "Choose a day to come.",
        Refused::NotFromHere => "That can’t be done as things stand now. Someone may have moved it on.",
        Refused::NotTheirs => "That is not theirs to decide.",
    };
    Failure::Invalid(vec![Problem::new(field, message)])
}

/// Why someone's latest referral isn't taken on and where else to try; none where it stands otherwise.
pub fn why_not(c: &mut Conn, vault: &Vault, person: SubjectId) -> Result<Option<Private>, Failure> {
    let Some(row) = store::of(c, person)?.into_iter().next() else { return Ok(None) };
    let (State::Declined, Some(reason)) = (State::from_code(&row.state).unwrap_or(State::Received), &row.reason) else {
        return Ok(None);
    };
    people::open(&people::key(c, vault, person)?, "referrals", "reason", &row.id, reason).map(Some)
}

/// A team takes on a referral, and the person's record with it.
pub fn take(c: &mut Conn, id: ReferralId, team: TeamId, now: NaiveDateTime) -> Result<(), Failure> {
    let person = store::person_of(c, id)?.ok_or(Failure::NotFound)?;
    store::set_team(c, &id.to_string(), team)?;
    people::into_team(c, person, team, now)
}

/// Someone who works here does so with these roles alone from now on. Whoever they went along with otherwise has nobody beside them, and
/// stands in the queue of those.
pub fn part(c: &mut Conn, account: AccountId, to: &[Grant], now: NaiveDateTime) -> Result<(), Failure> {
    let teams = |role: Role| to.iter().filter(|grant| grant.role == role).filter_map(|grant| grant.team).collect::<Vec<_>>();
    let (worker, peer) = (teams(Role::BridgeBuilder), teams(Role::Peer));
    caseload::part(c, account, Along::Worker, &worker, now)?;
    caseload::part(c, account, Along::Peer, &peer, now)?;
    store::part(c, account, &worker, now)
}

/// Says who goes along: they are responsible for the referral and see the record from now on.
pub fn give_to(c: &mut Conn, id: ReferralId, worker: AccountId, by: Actor, now: NaiveDateTime) -> Result<(), Failure> {
    let row = store::one(c, id)?.ok_or(Failure::NotFound)?;
    let person: SubjectId = row.person_id.parse().map_err(Failure::internal)?;
    store::set_worker(c, &id.to_string(), Some(worker), now)?;
    caseload::begin(c, person, worker, Along::Worker, false, now)?;
    if let Some(before) = row.worker_id.and_then(|id| id.parse().ok()) {
        people::tasks::hand_over(c, person, before, worker)?;
    }
    note(c, by, Action::WorkerChosen, person, &worker.to_string(), now)
}
