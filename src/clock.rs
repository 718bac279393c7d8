//! What time it is: asked of the system in one place, so that tests can say it.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::{Europe::London, Tz};

/// The service's only source of time.
#[derive(Debug, Clone, Copy)]
pub enum Clock {
    /// The machine's own clock.
    System,
    /// Always the same instant; for tests and reproducible demos.
    Fixed(DateTime<Utc>),
    /// So many seconds since 1970, until someone moves it on; for tests of what takes time.
    Moved(&'static AtomicI64),
}

impl Clock {
    /// The instant now, in UTC.
    #[allow(clippy::disallowed_methods, reason = "the one place that may ask")]
    pub fn now(self) -> DateTime<Utc> {
        match self {
            Self::System => Utc::now(),
            Self::Fixed(instant) => instant,
            Self::Moved(seconds) => DateTime::from_timestamp(seconds.load(Ordering::SeqCst), 0).unwrap_or_default(),
        }
    }

    /// The instant now as the database keeps it: UTC, without a zone.
    pub fn stamp(self) -> NaiveDateTime {
        self.now().naive_utc()
    }

    /// The wall-clock time in London, which opening times are written in.
    pub fn in_london(self) -> DateTime<Tz> {
        self.now().with_timezone(&London)
    }
}

/// The instant at which a day begins in London, as the database keeps it.
pub fn london_midnight(day: NaiveDate) -> NaiveDateTime {
    let midnight = day.and_time(NaiveTime::MIN);
    London.from_local_datetime(&midnight).earliest().map_or(midnight, |at| at.naive_utc())
}

/// The day in London at an instant as the database keeps it.
pub fn london_day(at: NaiveDateTime) -> NaiveDate {
    London.from_utc_datetime(&at).date_naive()
}
