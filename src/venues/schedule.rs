//! Wall-clock times in Europe/London: when a place is open, when something is on. A small part of RRULE.

use std::{fmt, str::FromStr};

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Weekday};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Regular times with exceptions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// The regular times; a slot counts if any rule has it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
    /// Days on which the rules do not hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<Exception>,
    /// The rest, in plain words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// One regular time: some days of each week, or some days of each month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Days as in RRULE: `MO,WE`, or `1SA,-1SU` for the first Saturday and the last Sunday of a month.
    #[schema(value_type = String, examples("MO,WE"))]
    pub byday: ByDays,
    /// Opens at, `HH:MM`.
    #[serde(with = "clock_time")]
    #[schema(value_type = String, examples("10:00"))]
    pub from: NaiveTime,
    /// Closes at, `HH:MM`; earlier than `from`, or the same, is after midnight.
    #[serde(with = "clock_time")]
    #[schema(value_type = String, examples("17:30"))]
    pub to: NaiveTime,
    /// Every so many weeks, counted from `starts`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<u32>,
    /// First day it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts: Option<NaiveDate>,
    /// Last day it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
}

/// One day on which the rules do not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// The day.
    pub on: NaiveDate,
    /// Closed all day.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub closed: bool,
    /// Other hours on that day: from.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "maybe_clock_time")]
    #[schema(value_type = Option<String>)]
    pub from: Option<NaiveTime>,
    /// Other hours on that day: to.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "maybe_clock_time")]
    #[schema(value_type = Option<String>)]
    pub to: Option<NaiveTime>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A weekday, every week or the n-th of the month (-1 is the last).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByDay {
    /// 1 to 5, or -1 to -5; none is every week.
    pub nth: Option<i8>,
    /// The weekday.
    pub day: Weekday,
}

/// The days of a rule; at least one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ByDays(pub Vec<ByDay>);

/// From when to when, on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot {
    /// Start, London wall clock.
    pub from: NaiveDateTime,
    /// End, London wall clock; after midnight it is the next day.
    pub to: NaiveDateTime,
}

impl Schedule {
    /// What is on that day, in order, overlaps left as they are.
    pub fn on(&self, day: NaiveDate) -> Vec<Slot> {
        let special: Vec<_> = self.exceptions.iter().filter(|e| e.on == day).collect();
        let mut slots: Vec<Slot> = if special.is_empty() {
            self.rules.iter().filter(|rule| rule.holds_on(day)).map(|rule| slot(day, rule.from, rule.to)).collect()
        } else {
            special.iter().filter(|e| !e.closed).filter_map(|e| Some(slot(day, e.from?, e.to?))).collect()
        };
        slots.sort_unstable();
        slots.dedup();
        slots
    }

    /// Whether a slot covers this moment, one that began yesterday included.
    pub fn covers(&self, moment: NaiveDateTime) -> bool {
        let today = moment.date();
        let days = [today.pred_opt(), Some(today)];
        days.into_iter().flatten().flat_map(|day| self.on(day)).any(|slot| slot.from <= moment && moment < slot.to)
    }

    /// The next slot that ends after `moment`, looking ahead at most `days` days.
    pub fn next(&self, moment: NaiveDateTime, days: u64) -> Option<Slot> {
        let first = moment.date().pred_opt()?;
        (0..=days + 1)
            .filter_map(|ahead| first.checked_add_days(Days::new(ahead)))
            .flat_map(|day| self.on(day))
            .filter(|slot| slot.to > moment)
            .min()
    }

    /// Whether anything is known of that day: regular times, or an exception. Where only a note is known, no day is.
    pub fn speaks_of(&self, day: NaiveDate) -> bool {
        !self.rules.is_empty() || self.exceptions.iter().any(|e| e.on == day)
    }

    /// The note of an exception on that day.
    pub fn note_on(&self, day: NaiveDate) -> Option<&str> {
        self.exceptions.iter().find(|e| e.on == day)?.note.as_deref()
    }
}

impl Rule {
    fn holds_on(&self, day: NaiveDate) -> bool {
        let within = self.starts.is_none_or(|first| first <= day) && self.until.is_none_or(|last| day <= last);
        within && self.in_step(day) && self.byday.0.iter().any(|by| by.holds_on(day))
    }

    fn in_step(&self, day: NaiveDate) -> bool {
        let (Some(every), Some(starts)) = (self.every, self.starts) else { return true };
        let monday = |d: NaiveDate| d.num_days_from_ce() - i32::try_from(d.weekday().num_days_from_monday()).unwrap_or(0);
        let weeks = (monday(day) - monday(starts)) / 7;
        every < 2 || u32::try_from(weeks).is_ok_and(|weeks| weeks.is_multiple_of(every))
    }
}

impl ByDay {
    fn holds_on(self, day: NaiveDate) -> bool {
        if day.weekday() != self.day {
            return false;
        }
        let from_start = i8::try_from((day.day() - 1) / 7 + 1).unwrap_or(0);
        let from_end = i8::try_from((u32::from(day.num_days_in_month()) - day.day()) / 7 + 1).unwrap_or(0);
        match self.nth {
            None => true,
            Some(nth) if nth > 0 => nth == from_start,
            Some(nth) => -nth == from_end,
        }
    }
}

fn slot(day: NaiveDate, from: NaiveTime, to: NaiveTime) -> Slot {
    let last = if to <= from { day.succ_opt().unwrap_or(day) } else { day };
    Slot { from: day.and_time(from), to: last.and_time(to) }
}

const DAY_CODES: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

/// RRULE's two letters for a weekday.
pub fn day_code(day: Weekday) -> &'static str {
    DAY_CODES[day.num_days_from_monday() as usize]
}

/// The weekday with RRULE's two letters, in any case.
pub fn day_from_code(code: &str) -> Option<Weekday> {
    let place = DAY_CODES.iter().position(|known| known.eq_ignore_ascii_case(code))?;
    Weekday::try_from(u8::try_from(place).ok()?).ok()
}

impl FromStr for ByDay {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("`{text}` is not a day such as MO or 1SA");
        let text = text.trim();
        let split = text.len().checked_sub(2).filter(|at| text.is_char_boundary(*at)).ok_or_else(wrong)?;
        let (number, code) = text.split_at(split);
        let day = day_from_code(code).ok_or_else(wrong)?;
        let nth = match number {
            "" => None,
            n => Some(n.parse::<i8>().ok().filter(|n| *n != 0 && (-5..=5).contains(n)).ok_or_else(wrong)?),
        };
        Ok(Self { nth, day })
    }
}

impl fmt::Display for ByDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(nth) = self.nth {
            write!(f, "{nth}")?;
        }
        f.write_str(day_code(self.day))
    }
}

impl TryFrom<String> for ByDays {
    type Error = String;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.split(',').map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

impl From<ByDays> for String {
    fn from(days: ByDays) -> Self {
        days.0.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
    }
}

mod clock_time {
    use chrono::NaiveTime;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(time: &NaiveTime, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&time.format("%H:%M"))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<NaiveTime, D::Error> {
        let text = String::deserialize(from)?;
        let text = if text == "24:00" { "00:00" } else { &text };
        NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| D::Error::custom(format!("`{text}` is not a time such as 09:30")))
    }
}

mod maybe_clock_time {
    use chrono::NaiveTime;
    use serde::{Deserialize, Deserializer, Serializer};

    #[derive(Deserialize)]
    struct Time(#[serde(with = "super::clock_time")] NaiveTime);

    pub fn serialize<S: Serializer>(time: &Option<NaiveTime>, to: S) -> Result<S::Ok, S::Error> {
        match time {
            Some(time) => super::clock_time::serialize(time, to),
            None => to.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<NaiveTime>, D::Error> {
        Ok(Option::<Time>::deserialize(from)?.map(|time| time.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(json: &str) -> Schedule {
        serde_json::from_str(json).expect("a schedule")
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn hours(schedule: &Schedule, on: &str) -> Vec<String> {
        schedule.on(day(on)).iter().map(|slot| format!("{}-{}", slot.from.format("%H:%M"), slot.to.format("%d %H:%M"))).collect()
    }

    #[test]
    fn weekly_times_give_way_to_exceptions() {
        let cafe = schedule(
            r#"{"rules":[{"byday":"MO,FR","from":"10:00","to":"17:00"}],
                "exceptions":[{"on":"2026-12-25","closed":true},{"on":"2026-12-21","from":"10:00","to":"12:00"}]}"#,
        );
        assert_eq!(hours(&cafe, "2026-12-18"), ["10:00-18 17:00"]);
        assert_eq!(hours(&cafe, "2026-12-19"), [""; 0]);
        assert_eq!(hours(&cafe, "2026-12-25"), [""; 0], "closed on Christmas Day");
        assert_eq!(hours(&cafe, "2026-12-21"), ["10:00-21 12:00"], "other hours on that Monday");
    }

    #[test]
    fn days_of_the_month_and_every_second_week_are_kept() {
        let monthly = schedule(r#"{"rules":[{"byday":"1SA,-1SU","from":"14:00","to":"16:00"}]}"#);
        let on = |from: &str, days: u64| {
            let all = (0..days).filter_map(|ahead| day(from).checked_add_days(Days::new(ahead)));
            all.filter(|d| !monthly.on(*d).is_empty()).map(|d| d.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(on("2026-12-01", 31), ["2026-12-05", "2026-12-27"]);
        let second = schedule(
            r#"{"rules":[{"byday":"WE","from":"18:00","to":"20:00","every":2,"starts":"2026-11-04","until":"2026-12-16"}]}"#,
        );
        let weeks = ["2026-10-21", "2026-11-04", "2026-11-11", "2026-11-18", "2026-12-02", "2026-12-16", "2026-12-30"];
        let held: Vec<_> = weeks.iter().filter(|d| !second.on(day(d)).is_empty()).collect();
        assert_eq!(held, [&"2026-11-04", &"2026-11-18", &"2026-12-02", &"2026-12-16"]);
    }

    #[test]
    fn a_night_that_ends_after_midnight_is_still_on() {
        let pub_hours = schedule(r#"{"rules":[{"byday":"SA","from":"18:00","to":"01:00"}]}"#);
        let at = |text: &str| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").expect("a moment");
        assert!(pub_hours.covers(at("2026-11-21 23:59")));
        assert!(pub_hours.covers(at("2026-11-22 00:59")));
        assert!(!pub_hours.covers(at("2026-11-22 01:00")));
        assert_eq!(pub_hours.next(at("2026-11-22 02:00"), 7).map(|s| s.from), Some(at("2026-11-28 18:00")));
        assert_eq!(pub_hours.next(at("2026-11-22 02:00"), 3), None);
    }

    #[test]
    fn a_note_alone_says_nothing_of_any_day() {
        let note = schedule(r#"{"note":"Mornings, mostly"}"#);
        assert!(!note.speaks_of(day("2026-11-23")));
        assert!(schedule(r#"{"exceptions":[{"on":"2026-11-23","closed":true}]}"#).speaks_of(day("2026-11-23")));
    }

    #[test]
    fn days_and_times_that_make_no_sense_are_refused() {
        for bad in ["MX", "0SA", "9SA", "", "SA,"] {
            assert!(ByDays::try_from(bad.to_owned()).is_err(), "{bad}");
        }
        let wrong = r#"{"rules":[{"byday":"SA","from":"25:00","to":"26:00"}]}"#;
        assert!(serde_json::from_str::<Schedule>(wrong).is_err());
    }
}
