//! What whoever wrote for someone hears afterwards: as little as that person agreed to themself, and each thing once.
//!
//! What the writer says that the person agreed to lets nobody hear anything. A letter is posted in the transaction of the move or of the
//! agreement, whichever comes last, and drops out of the post when the agreement is taken back.

use chrono::NaiveDateTime;

use super::{
    Referrer, note,
    state::State,
    store::{self, Row},
};
use crate::{
    audit::{Action, Actor},
    clock::london_day,
    db::Conn,
    error::Failure,
    mail::{self, Letter, NoteArrived, NoteFurther},
    people::{
        self,
        consents::{self, How, Purpose},
    },
    values::{ReferralId, SubjectId, choice},
    vault::{Key, Private, Vault},
    web::views::say,
};

/// What stands between the reason for not taking a note on and where else to try.
pub(super) const ELSEWHERE: &str = "\n\nWhere else to try: ";
/// What someone may agree to that whoever wrote for them hears.
pub const PURPOSES: [Purpose; 2] = [Purpose::Told, Purpose::Progress];

choice! {
    /// What there is to tell.
    News {
        Arrived = "arrived", "It has reached the right people, and they look after it.";
        InTouch = "in-touch", "We have been in touch.";
        Beside = "beside", "There is now someone beside them.";
        Elsewhere = "elsewhere", "We are not the right ones for it.";
    }
}

impl News {
    /// The purpose to which the person must agree.
    fn purpose(self) -> Purpose {
        match self {
            Self::Arrived | Self::InTouch => Purpose::Told,
            Self::Beside | Self::Elsewhere => Purpose::Progress,
        }
    }
}

/// What there is to tell as things stand, in its order. Once the person took it back or stopped, nothing.
fn news(state: State, in_touch: bool) -> Vec<News> {
    let all = [
        (News::Arrived, !matches!(state, State::Received)),
        (News::InTouch, in_touch),
        (News::Beside, matches!(state, State::Allocated | State::Active | State::Paused)),
    ];
    match state {
        State::Declined => vec![News::Elsewhere],
        _ if state.is_running() => all.into_iter().filter(|(_, so)| *so).map(|(news, _)| news).collect(),
        _ => Vec::new(),
    }
}

/// Who wrote a note for someone; none where it was the person themself.
pub fn referrer(key: &Key, row: &Row) -> Result<Option<Referrer>, Failure> {
    let Some(referrer) = &row.referrer else { return Ok(None) };
    let opened = people::open(key, "referrals", "referrer", &row.id, referrer)?;
    Ok(Some(serde_json::from_str(opened.show())?))
}

/// Tells whoever wrote for a person what is new with this referral since they last heard, of each purpose the latest, as far as the person
/// agreed. Where their note was joined with the referral, they are told of that.
pub fn tell(c: &mut Conn, vault: &Vault, id: ReferralId, by: Actor, now: NaiveDateTime) -> Result<(), Failure> {
    let Some(stands) = store::one(c, id)? else { return Ok(()) };
    let person = stands.person_id.parse().map_err(Failure::internal)?;
    let all = if super::standing(c, person)? == Some(id) { store::of(c, person)? } else { Vec::new() };
    let joined = all.into_iter().filter(|row| row.id != stands.id && row.was_joined());
    for row in std::iter::once(stands.clone()).chain(joined).filter(|row| row.referrer.is_some()) {
        tell_one(c, vault, (&stands, row), by, now)?;
    }
    Ok(())
}

/// Tells whoever wrote one note how a referral stands.
fn tell_one(c: &mut Conn, vault: &Vault, (stands, row): (&Row, Row), by: Actor, now: NaiveDateTime) -> Result<(), Failure> {
    let person: SubjectId = row.person_id.parse().map_err(Failure::internal)?;
    let key = people::key(c, vault, person)?;
    let Some(email) = referrer(&key, &row)?.and_then(|referrer| referrer.email) else { return Ok(()) };
    let state = State::from_code(&stands.state).ok_or_else(|| Failure::internal("a referral without a state"))?;
    let (there_is, address) = (news(state, stands.first_contact_at.is_some()), Private::new(email.as_str()));
    let mut told: Vec<String> = row.referrer_told.split_whitespace().map(str::to_owned).collect();
    for purpose in PURPOSES {
        let of_it: Vec<News> = there_is.iter().copied().filter(|news| news.purpose() == purpose).collect();
        let Some(latest) = of_it.last().filter(|news| !told.iter().any(|told| told == news.code())) else { continue };
        if !consents::said_since(c, person, purpose, row.known_since())? {
            continue;
        }
        post(c, vault, &key, (stands, &row), *latest, &address, now)?;
        told.extend(of_it.iter().map(|news| news.code().to_owned()));
        store::set_referrer_told(c, &row.id, &told.join(" "))?;
        note(c, by, Action::ReferrerTold, person, &row.id, now)?;
    }
    Ok(())
}

fn post(
    c: &mut Conn,
    vault: &Vault,
    key: &Key,
    (stands, row): (&Row, &Row),
    news: News,
    to: &Private,
    now: NaiveDateTime,
) -> Result<(), Failure> {
    let (on, what) = (say::date(london_day(row.received_at)), news.label());
    if news.purpose() == Purpose::Told {
        return mail::post(c, vault, key.subject(), to, &NoteArrived { on, what }, now);
    }
    let elsewhere = match news {
        News::Elsewhere => elsewhere(key, stands)?,
        _ => None,
    };
    mail::post(c, vault, key.subject(), to, &NoteFurther { on, what, elsewhere }, now)
}

fn elsewhere(key: &Key, row: &Row) -> Result<Option<String>, Failure> {
    let Some(reason) = &row.reason else { return Ok(None) };
    let reason = people::open(key, "referrals", "reason", &row.id, reason)?;
    Ok(reason.show().split_once(ELSEWHERE).map(|(_, elsewhere)| elsewhere.to_owned()))
}

/// Someone was in touch at a time; the first time, whoever wrote for the person hears of it as far as the person agreed.
pub fn in_touch(
    c: &mut Conn,
    vault: &Vault,
    person: SubjectId,
    by: Actor,
    (when, now): (NaiveDateTime, NaiveDateTime),
) -> Result<(), Failure> {
    for id in store::first_contact(c, person, when)? {
        tell(c, vault, id, by, now)?;
    }
    Ok(())
}

/// Those who wrote notes for someone, the latest first.
pub fn writers(c: &mut Conn, vault: &Vault, person: SubjectId) -> Result<Vec<Referrer>, Failure> {
    let key = people::key(c, vault, person)?;
    let rows = store::of(c, person)?;
    rows.iter().filter(|row| !row.is_void()).filter_map(|row| referrer(&key, row).transpose()).collect()
}

/// When the latest note came that another wrote for someone; long ago where there is none.
pub fn latest_note(c: &mut Conn, person: SubjectId) -> Result<NaiveDateTime, Failure> {
    let rows = store::of(c, person)?;
    let notes = rows.iter().filter(|row| row.referrer.is_some() && !row.is_void());
    Ok(notes.map(Row::known_since).max().unwrap_or_default())
}

/// The person agrees that whoever wrote for them hears something. What there is to tell is told at once.
pub fn agree(
    c: &mut Conn,
    vault: &Vault,
    person: SubjectId,
    (purpose, how): (Purpose, How),
    by: Actor,
    now: NaiveDateTime,
) -> Result<(), Failure> {
    // What they agreed to before a note came is no agreement about whoever wrote that one.
    let since = latest_note(c, person)?;
    if !consents::said_since(c, person, purpose, since)? {
        consents::give(c, person, purpose, how, by, now)?;
    }
    let rows = store::of(c, person)?;
    let stands = rows.iter().filter(|row| row.state != State::EnteredInError.code());
    stands.map(|row| row.id.parse().map_err(Failure::internal)).try_for_each(|id| tell(c, vault, id?, by, now))
}

/// The person takes that back. A letter that wasn't sent yet isn't sent any more.
pub fn take_back(c: &mut Conn, person: SubjectId, purpose: Purpose, by: Actor, now: NaiveDateTime) -> Result<(), Failure> {
    let kind = if purpose == Purpose::Told { NoteArrived::KIND } else { NoteFurther::KIND };
    mail::take_back(c, person, kind)?;
    consents::withdraw(c, person, purpose, by, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_told_of_what_the_person_ended_or_nobody_decided() {
        for state in [State::Withdrawn, State::OpenDoor, State::EnteredInError] {
            assert_eq!(news(state, true), [], "{state:?}");
        }
        assert_eq!(news(State::Received, false), []);
    }

    #[test]
    fn each_thing_is_told_once_it_is_so() {
        assert_eq!(news(State::Accepted, false), [News::Arrived]);
        assert_eq!(news(State::Accepted, true), [News::Arrived, News::InTouch]);
        assert_eq!(news(State::Paused, true), [News::Arrived, News::InTouch, News::Beside]);
        assert_eq!(news(State::Declined, true), [News::Elsewhere]);
    }
}
