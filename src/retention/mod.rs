//! How long what is kept stays, and what ends when its time is up.
//!
//! A record ends by the very way by which a person erases their own. Nobody goes unseen: whatever was set, and however long the service
//! stood still, a record stands on its team's list for 60 days before it ends, and a coordinator can keep it for another year. Whoever
//! waits, goes or pauses stays. Counts are shown to administrators as they are, small ones too: they name nobody and stay in the house.

pub mod command;
mod kinds;
pub mod pages;
mod store;

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use serde::Serialize;
use uuid::Uuid;

pub use self::{
    kinds::{Kept, Line, table},
    store::{Within, forget},
};
use crate::{
    accounts::{Principal, clients},
    audit::{self, Action, Actor, Entry},
    config::KeepConfig,
    db::Conn,
    error::Failure,
    jobs::{self, Kind, Means},
    mail::{self, RecordEnds},
    people, referrals,
    values::{SubjectId, choice},
    vault::Vault,
    web::views::say,
};

/// How long a record stands on the list before it ends.
pub const LISTED_FOR: TimeDelta = TimeDelta::days(60);
/// For how long a coordinator keeps a record that would end.
const KEPT_FOR: TimeDelta = TimeDelta::days(365);
/// Most records that end in one run.
const MOST_ENDED: i64 = 20;
/// Most records that are put on the list in one run.
const MOST_LISTED: i64 = 500;
/// Most records that a preview looks at.
const MOST_SEEN: i64 = 50_000;

choice! {
    /// What sort of record ends.
    Sort {
        NotBegun = "not-begun", "A note that led to nothing";
        OpenDoor = "open-door", "Open door";
    }
}

impl KeepConfig {
    /// How long a sort of record is kept after anything last happened with it. A year has 365 days and a quarter, rounded up.
    fn time(&self, sort: Sort) -> TimeDelta {
        let years = match sort {
            Sort::NotBegun => self.keep_not_begun_years,
            Sort::OpenDoor => self.keep_open_door_years,
        };
        TimeDelta::days((i64::from(years) * 1461 + 3) / 4)
    }
}

/// A record whose end is near. Its days are those of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    /// Whose it is.
    pub person: SubjectId,
    /// What sort of record it is.
    pub sort: Sort,
    /// The day on which anything last happened with it.
    pub last: NaiveDate,
    /// The day until which a coordinator keeps it.
    pub kept_until: Option<NaiveDate>,
    /// The day on which it came onto the list.
    pub listed_on: Option<NaiveDate>,
}

impl Ending {
    /// The day on which its time is up.
    fn due(&self, keep: &KeepConfig) -> NaiveDate {
        let due = self.last + keep.time(self.sort);
        self.kept_until.map_or(due, |until| until.max(due))
    }

    /// The day on which it ends, as things stand today.
    pub fn ends(&self, keep: &KeepConfig, today: NaiveDate) -> NaiveDate {
        self.due(keep).max(self.listed_on.unwrap_or(today) + LISTED_FOR)
    }
}

/// Records that end soon, the soonest first, at most 50,000: those on the list, and those that come onto it with the next run.
pub fn soon(c: &mut Conn, keep: &KeepConfig, within: &Within, today: NaiveDate) -> Result<Vec<Ending>, Failure> {
    let mut near = store::near(c, keep, today + LISTED_FOR, within, MOST_SEEN)?;
    near.sort_by_key(|one| (one.ends(keep, today), one.person));
    Ok(near)
}

/// How many records of a sort end on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Day {
    /// The day.
    pub day: NaiveDate,
    /// What sort of record.
    pub sort: Sort,
    /// How many.
    pub records: usize,
}

/// How many records end on which day, the first first. Nobody is named.
pub fn preview(c: &mut Conn, keep: &KeepConfig, today: NaiveDate) -> Result<Vec<Day>, Failure> {
    let mut days: BTreeMap<(NaiveDate, Sort), usize> = BTreeMap::new();
    for one in soon(c, keep, &Within::All, today)? {
        *days.entry((one.ends(keep, today), one.sort)).or_default() += 1;
    }
    Ok(days.into_iter().map(|((day, sort), records)| Day { day, sort, records }).collect())
}

/// Puts what ends soon onto the list, takes off it what doesn't any more, and ends what has stood on it for long enough. A run does so
/// many at most and asks for another where there is more, else for the next day's. What the job of that kind does.
pub fn run(means: &Means, c: &mut Conn, _: &str, now: NaiveDateTime) -> Result<(), Failure> {
    let (keep, today) = (&means.keep, now.date());
    let near: Vec<SubjectId> = people_of(&store::near(c, keep, today + LISTED_FOR, &Within::Listed, MOST_SEEN)?);
    store::take_off(c, &near)?;
    let new = store::near(c, keep, today + LISTED_FOR, &Within::Unlisted, MOST_LISTED)?;
    store::put_on(c, &people_of(&new), today)?;
    for one in &new {
        tell(means, c, one, now)?;
    }
    let over = people_of(&store::near(c, keep, today, &Within::ListedBefore(today - LISTED_FOR), MOST_ENDED)?);
    let more = over.len() as i64 == MOST_ENDED || new.len() as i64 == MOST_LISTED;
    let tomorrow = now + TimeDelta::days(1);
    let (id, at) = if more { (Uuid::new_v4().to_string(), now) } else { (tomorrow.date().to_string(), tomorrow) };
    jobs::ask_for(c, &format!("retention-{id}"), Kind::Retention, "", at, now)?;
    for person in over {
        people::erase(c, &means.vault, person, Actor::System, now)?;
    }
    Ok(())
}

/// Tells someone who has an address that their record ends, and what keeps it; a record that should never have been is left alone.
fn tell(means: &Means, c: &mut Conn, one: &Ending, now: NaiveDateTime) -> Result<(), Failure> {
    if referrals::standing(c, one.person)?.is_none() {
        return Ok(());
    }
    let Some((account, address)) = clients::address_of(c, &means.vault, one.person)? else { return Ok(()) };
    let ends = say::date(one.ends(&means.keep, now.date()));
    let letter = RecordEnds { ends, link: format!("{}my-path", means.public_url) };
    mail::post(c, &means.vault, SubjectId(account.0), &address, &letter, now)
}

fn people_of(records: &[Ending]) -> Vec<SubjectId> {
    records.iter().map(|one| one.person).collect()
}

/// Keeps a record that would end for another year, with a reason that the person can read. Until when; none where it doesn't end soon.
pub fn keep_longer(
    c: &mut Conn,
    vault: &Vault,
    keep: &KeepConfig,
    by: &Principal,
    person: SubjectId,
    reason: &str,
    now: NaiveDateTime,
) -> Result<Option<NaiveDate>, Failure> {
    let today = now.date();
    let near = store::near(c, keep, today + LISTED_FOR, &Within::Person(person), 1)?;
    let Some(one) = near.first() else { return Ok(None) };
    let until = one.due(keep).max(today) + KEPT_FOR;
    let key = people::key(c, vault, person)?;
    let sealed = people::seal(&key, "record_ends", "reason", &person.to_string(), reason);
    store::keep(c, person, until, &sealed, by.account, now)?;
    let entry = Entry { actor: Actor::Account(by.account), action: Action::KeptLonger, subject: Some(person), about: None };
    audit::record(c, &entry, now)?;
    Ok(Some(until))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEEP: KeepConfig = KeepConfig { keep_not_begun_years: 2, keep_open_door_years: 8 };

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    fn ending(sort: Sort, last: NaiveDate) -> Ending {
        Ending { person: SubjectId(Uuid::nil()), sort, last, kept_until: None, listed_on: None }
    }

    #[test]
    fn a_record_is_kept_for_whole_years_at_least() {
        for (sort, years) in [(Sort::NotBegun, 2), (Sort::OpenDoor, 8)] {
            for last in [day(2023, 12, 31), day(2024, 2, 29), day(2025, 3, 1)] {
                let due = ending(sort, last).due(&KEEP);
                let calendar = last.checked_add_months(chrono::Months::new(12 * years)).unwrap();
                assert!((0..=1).contains(&(due - calendar).num_days()), "{last} {due}");
            }
        }
    }

    #[test]
    fn nothing_ends_before_it_stood_on_the_list() {
        let today = day(2026, 11, 21);
        let old = ending(Sort::NotBegun, day(2001, 1, 1));
        assert_eq!(old.ends(&KEEP, today), day(2027, 1, 20));
        let listed = Ending { listed_on: Some(day(2026, 10, 1)), ..old };
        assert_eq!(listed.ends(&KEEP, today), day(2026, 11, 30));
        let early = Ending { last: day(2024, 11, 30), listed_on: Some(day(2026, 10, 2)), ..old };
        assert_eq!(early.ends(&KEEP, today), day(2026, 12, 1));
    }

    #[test]
    fn what_a_coordinator_keeps_stays_until_then() {
        let kept = Ending {
            kept_until: Some(day(2028, 1, 1)),
            listed_on: Some(day(2027, 11, 2)),
            ..ending(Sort::NotBegun, day(2024, 1, 1))
        };
        assert_eq!(kept.ends(&KEEP, day(2027, 12, 1)), day(2028, 1, 1));
    }
}
