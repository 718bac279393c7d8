//! When something is open or on: the coming weeks, laid over one week.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate, NaiveTime, Timelike};

use super::entry::{Hours, days};
use crate::venues::{Facts, Rule, Schedule};

/// Days looked ahead.
const AHEAD: u64 = 28;
/// What is still on in the last of these weeks is taken to go on.
const GOES_ON: u16 = 21;

/// The times of the week at which a place is open, or has something on, at least once in the weeks from `today`.
pub(super) fn hours(facts: &Facts, today: NaiveDate) -> Vec<Hours> {
    let mut last = BTreeMap::<(u16, u16), u16>::new();
    for schedule in schedules(facts) {
        // What began yesterday may go on today.
        let first = today.pred_opt().unwrap_or(today);
        let ahead = (0..=AHEAD).filter_map(|ahead| first.checked_add_days(Days::new(ahead)));
        for slot in ahead.flat_map(|day| schedule.on(day)) {
            let (day, next) = (slot.from.date(), slot.to.date());
            let end = if next > day { DAY } else { minute(slot.to.time()) };
            note(&mut last, day, minute(slot.from.time()), end, today);
            if next > day {
                note(&mut last, next, 0, minute(slot.to.time()), today);
            }
        }
    }
    let from_then_on = days(today) + GOES_ON;
    let ends = |until| if until >= from_then_on { u16::MAX } else { until };
    last.into_iter().map(|((from, to), until)| Hours { from, to, until: ends(until) }).collect()
}

/// Whether another day may give other hours.
pub(super) fn depend_on_day(facts: &Facts, today: NaiveDate) -> bool {
    let rule = |rule: &Rule| {
        let every_so_often = rule.every.is_some_and(|every| every > 1) || rule.byday.0.iter().any(|by| by.nth.is_some());
        every_so_often || rule.starts.is_some_and(|day| day > today) || rule.until.is_some_and(|day| day >= today)
    };
    let yesterday = today.pred_opt().unwrap_or(today);
    schedules(facts).any(|all| all.exceptions.iter().any(|other| other.on >= yesterday) || all.rules.iter().any(rule))
}

const DAY: u16 = 24 * 60;

fn note(last: &mut BTreeMap<(u16, u16), u16>, day: NaiveDate, from: u16, to: u16, today: NaiveDate) {
    if from < to && day >= today {
        let midnight = minutes_of(day.weekday().num_days_from_monday());
        let until = last.entry((midnight + from, midnight + to)).or_default();
        *until = days(day).max(*until);
    }
}

fn schedules(facts: &Facts) -> impl Iterator<Item = &Schedule> {
    facts.opening.iter().chain(facts.offers.iter().filter_map(|offer| offer.schedule.as_ref()))
}

fn minute(time: NaiveTime) -> u16 {
    u16::try_from(time.num_seconds_from_midnight() / 60).unwrap_or(0)
}

/// The first minute of a day of the week, Monday being 0.
pub(super) fn minutes_of(day: u32) -> u16 {
    u16::try_from(day).map_or(0, |day| day * DAY)
}
