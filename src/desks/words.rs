//! How things stand, in plain words for the person.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, TimeZone};
use chrono_tz::Europe::London;
use serde::Serialize;

use crate::{
    audit::{self, Action, Actor, Entry},
    clock::{london_day, london_midnight},
    db::Conn,
    error::{Failure, Problem},
    people::{caseload::Cover, timeline},
    referrals::state::{Move, State},
    values::{AccountId, EntryId, SubjectId},
    vault::Vault,
    web::{
        form::{Field, Typed},
        views::say,
    },
};

/// Longest entry of a timeline that is typed, in characters.
pub const LONGEST: usize = 2_000;

/// What is said of a button that isn't there any more.
pub const NOT_NOW: &str = "That can’t be done as things stand now.";

/// What someone is called on their own pages.
pub const YOU: &str = "You";

/// What someone is called whose account is gone.
pub const WORKED_HERE: &str = "Someone who worked here";

/// Who can read what someone writes on their path.
pub const READ_BY: &str = "Those who go along with you and the team’s coordinator can read it.";

/// The words of an entry, `body`.
pub fn entry(typed: &Typed) -> Result<String, Vec<Problem>> {
    let text = typed.one("body");
    if text.is_empty() || text.chars().count() > LONGEST {
        return Err(vec![Problem::new("body", "Write a few words, up to 2,000 letters.")]);
    }
    Ok(text.to_owned())
}

/// Takes the words of an entry out, for whoever wrote it; none where that is the person. It is written down who did, and nothing of it.
pub fn take_out(
    c: &mut Conn,
    vault: &Vault,
    person: SubjectId,
    entry: EntryId,
    (writer, by): (Option<AccountId>, AccountId),
    now: NaiveDateTime,
) -> Result<(), Failure> {
    if !timeline::take_out(c, vault, person, entry, writer, now)? {
        return Ok(());
    }
    let (actor, about) = (Actor::Account(by), Some(entry.to_string()));
    audit::record(c, &Entry { actor, action: Action::EntryTakenOut, subject: Some(person), about }, now)
}

/// The longest pause, in days: about two years.
const LONGEST_PAUSE: i64 = 730;

/// The day for a pause.
pub fn pause_field(name: &'static str, label: &str) -> Field {
    Field { sort: "date", ..Field::line(name, label) }
}

/// The day until which someone pauses.
pub fn pause_until(typed: &Typed, name: &'static str, today: NaiveDate) -> Result<NaiveDate, Vec<Problem>> {
    let last = today + TimeDelta::days(LONGEST_PAUSE);
    let day = typed.one(name).parse().ok().filter(|day: &NaiveDate| *day > today && *day <= last);
    day.ok_or_else(|| vec![Problem::new(name, "Choose a day to come, within the next two years.")])
}

/// An instant as a form holds it, UTC.
pub fn stamp(at: NaiveDateTime) -> String {
    at.and_utc().timestamp_micros().to_string()
}

/// The instant that a form holds; none where it holds something else.
pub fn stamped(text: &str) -> Option<NaiveDateTime> {
    let micros = text.parse().ok().filter(|micros| *micros >= 0)?;
    DateTime::from_timestamp_micros(micros).map(|at| at.naive_utc())
}

/// Where in its day something stands of which the day alone is known: a microsecond after noon, which nobody writes by chance.
const SOME_TIME: TimeDelta = TimeDelta::microseconds(12 * 60 * 60 * 1_000_000 + 1);

/// An instant for something of which the day alone is known.
pub fn some_time_on(day: NaiveDate) -> NaiveDateTime {
    london_midnight(day) + SOME_TIME
}

/// An instant as people in London say it: "21 November 2026, midday", or the day alone where no more is known.
pub fn moment(at: NaiveDateTime) -> String {
    if at == some_time_on(london_day(at)) {
        return say::date(london_day(at));
    }
    let there = London.from_utc_datetime(&at).naive_local();
    format!("{}, {}", say::date(there.date()), say::time(there.time()))
}

/// Someone who stands in, as the record and My path show it.
#[derive(Debug, Clone, Serialize)]
pub struct CoverLine {
    /// Who, until when and why.
    pub text: String,
    /// Who: their account.
    pub account: String,
}

/// The last day before an instant.
pub fn last_day(until: NaiveDateTime) -> String {
    say::date(london_day(until - TimeDelta::seconds(1)))
}

/// Who stands in, until which day, and why.
pub fn standing_in(cover: &Cover, name: &dyn Fn(&AccountId) -> String) -> CoverLine {
    let last = last_day(cover.until);
    CoverLine {
        text: format!("{} until {last}: {}", name(&cover.account), cover.reason.show()),
        account: cover.account.to_string(),
    }
}

/// What happens next, for the person: a heading and a few words.
pub fn next(state: Option<State>, worker: Option<&str>, paused_until: Option<NaiveDate>) -> (String, String) {
    let who = worker.unwrap_or("Your bridge builder");
    let (heading, words) = match state {
        Some(State::Received) => (
            "We have your note".to_owned(),
            "Someone from the team reads it and gets in touch, in the way you asked for. You don’t have to do anything."
                .to_owned(),
        ),
        Some(State::Accepted) => (
            "You are on our list".to_owned(),
            "We look for the right bridge builder for you. As soon as one is free, they get in touch.".to_owned(),
        ),
        Some(State::Allocated | State::Active) if worker.is_none() => (
            "We look for someone to go along with you".to_owned(),
            "No one is beside you right now. The coordinator of the team knows, and gets in touch. You can write to the team below."
                .to_owned(),
        ),
        Some(State::Allocated) => {
            (format!("{who} will be in touch"), format!("{who} is your bridge builder. They get in touch soon."))
        }
        Some(State::Active) => (
            format!("{who} is beside you"),
            "Write to them below whenever you like. You choose where to go and how fast.".to_owned(),
        ),
        Some(State::Paused) => {
            let until = paused_until.map(|day| format!(" until {}", say::date(day))).unwrap_or_default();
            (format!("You paused{until}"), "That is fine. Nothing is lost. Come back sooner if you like.".to_owned())
        }
        Some(State::OpenDoor) => {
            ("The door is open".to_owned(), "You can come back at any time, and nobody asks why. Or just say hello.".to_owned())
        }
        Some(State::Withdrawn) => ("You took your note back".to_owned(), "You can write to us again at any time.".to_owned()),
        Some(State::Declined) => (
            "We are not the right ones for this".to_owned(),
            "Here is why, and where else to try. You can write to us again at any time.".to_owned(),
        ),
        Some(State::EnteredInError) | None => {
            ("Nothing is under way".to_owned(), "Tell us what you would like to do, whenever you like.".to_owned())
        }
    };
    (heading, words)
}

/// A move that the person can make now: its code, and what the button says.
pub fn moves_of_the_person(state: Option<State>) -> Vec<(&'static str, &'static str)> {
    match state {
        Some(State::Received) => vec![("withdraw", "Take my note back")],
        Some(State::Accepted | State::Allocated) => vec![("stop", "I don’t want this now")],
        Some(State::Active) => vec![("stop", "Stop for now")],
        Some(State::Paused) => vec![("resume", "Go on now"), ("stop", "Stop for now")],
        Some(State::OpenDoor) => vec![("return", "I’d like to come back")],
        _ => Vec::new(),
    }
}

/// The move that a code stands for.
pub fn move_of(code: &str, until: Option<NaiveDate>) -> Option<Move> {
    Some(match code {
        "withdraw" => Move::Withdraw,
        "stop" | "open-door" => Move::OpenDoor,
        "pause" => Move::Pause { until },
        "resume" => Move::Resume,
        "return" => Move::Return,
        "begin" => Move::Begin,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::referrals::state::{Who, apply};

    #[test]
    fn every_button_that_a_person_sees_works() {
        let today = NaiveDate::default();
        for state in State::ALL {
            for (code, _) in moves_of_the_person(Some(*state)) {
                let step = move_of(code, None).unwrap();
                assert!(apply(*state, step, Who::Person, today).is_ok(), "{state:?}: {code}");
            }
        }
    }

    #[test]
    fn nobody_is_left_with_nothing() {
        for state in State::ALL.iter().map(|state| Some(*state)).chain([None]) {
            let (heading, words) = next(state, None, None);
            assert!(heading.len() >= 10 && words.len() > 20, "{state:?}");
        }
    }
}
