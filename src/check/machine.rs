//! The machine: room on the disk, and what time it thinks it is.

use std::path::Path;

use chrono::{Datelike, TimeZone, Utc};
use chrono_tz::Europe::London;

use crate::clock::Clock;

/// Room that must be free: an index is made anew beside the old one. In bytes.
const ROOM: u64 = 500_000_000;
/// No clock can be right that shows an earlier year.
const EARLIEST_YEAR: i32 = 2026;
/// How far two clocks may be apart, in seconds. Leases hold for a few seconds.
const APART: f64 = 1.0;

/// Room where the data lies, or will lie.
pub(super) fn disk(data_dir: &Path) -> Result<String, String> {
    let whole = std::path::absolute(data_dir).map_err(|cause| format!("DATA_DIR can't be used ({cause})"))?;
    let there = whole.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("/"));
    let free = fs4::available_space(there).map_err(|cause| format!("{} can't be looked at ({cause})", there.display()))?;
    let words = format!("{} MB free at {}", free / 1_000_000, there.display());
    if free < ROOM { Err(format!("{words}; make room for {} MB", ROOM / 1_000_000)) } else { Ok(words) }
}

/// This machine's clock, also against the database's.
pub(super) fn clock(ahead: Option<f64>) -> Result<String, String> {
    let now = Clock::System.in_london();
    let summer =
        Utc.with_ymd_and_hms(2026, 7, 1, 12, 0, 0).single().map(|noon| noon.with_timezone(&London).format("%H").to_string());
    if now.year() < EARLIEST_YEAR {
        return Err(format!("it shows {}; set it, and let it be kept right (NTP)", now.date_naive()));
    }
    if summer.as_deref() != Some("13") {
        return Err("it doesn't know Europe/London; build Footbridge anew".to_owned());
    }
    match ahead {
        Some(ahead) if ahead.abs() > APART => {
            Err(format!("it and the database's are {:.1} seconds apart; let both be kept right (NTP)", ahead.abs()))
        }
        Some(_) => Ok(format!("{} in London, and the database agrees", now.format("%Y-%m-%d %H:%M"))),
        None => Ok(format!("{} in London", now.format("%Y-%m-%d %H:%M"))),
    }
}
