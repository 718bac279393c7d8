//! The clocks of a queue: how long people wait for someone to get in touch, in whole days. Pure.

use chrono::NaiveDateTime;

use crate::clock::london_day;

/// How long people waited for the first contact.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Clocks {
    /// Half of them waited no longer, in days.
    pub median: Option<i64>,
    /// The longest that anyone waited, in days.
    pub slowest: Option<i64>,
}

/// Days in London from one instant to another.
pub fn days(from: NaiveDateTime, to: NaiveDateTime) -> i64 {
    (london_day(to) - london_day(from)).num_days()
}

/// The clocks over pairs of when someone came and when someone first got in touch.
pub fn clocks(waits: &[(NaiveDateTime, NaiveDateTime)]) -> Clocks {
    let mut waited: Vec<i64> = waits.iter().map(|(from, to)| days(*from, *to)).collect();
    waited.sort_unstable();
    let median = waited.len().checked_sub(1).map(|last| waited[last / 2]);
    Clocks { median, slowest: waited.last().copied() }
}

/// "today", "1 day", "12 days".
pub fn said(days: i64) -> String {
    match days {
        ..=0 => "today".to_owned(),
        1 => "1 day".to_owned(),
        more => format!("{more} days"),
    }
}

#[cfg(test)]
mod tests {
    use chrono::{NaiveDate, TimeDelta};

    use super::*;

    fn at(day: u32, hour: u32) -> NaiveDateTime {
        NaiveDate::from_ymd_opt(2026, 7, day).and_then(|day| day.and_hms_opt(hour, 30, 0)).unwrap()
    }

    #[test]
    fn days_are_those_of_london() {
        assert_eq!(days(at(1, 22), at(1, 23)), 1, "half past eleven at night, then half past midnight");
        assert_eq!(days(at(1, 0), at(1, 22)), 0);
    }

    #[test]
    fn the_median_is_a_day_that_someone_waited_and_the_slowest_isn_t_hidden() {
        let waited = |days: &[i64]| days.iter().map(|days| (at(1, 12), at(1, 12) + TimeDelta::days(*days))).collect::<Vec<_>>();
        assert_eq!(clocks(&waited(&[])), Clocks::default());
        assert_eq!(clocks(&waited(&[9, 1, 40, 2])), Clocks { median: Some(2), slowest: Some(40) });
        assert_eq!(clocks(&waited(&[9, 1, 40])), Clocks { median: Some(9), slowest: Some(40) });
    }
}
