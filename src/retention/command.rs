//! `footbridge retention`: how long things are kept, and what ends soon. Counts only.

use std::{error::Error, io::Write};

use chrono::NaiveDateTime;
use clap::Subcommand;

use super::{LISTED_FOR, preview, table};
use crate::{config::KeepConfig, db::Db, web::views::say};

/// What to do about how long things are kept.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum Command {
    /// Show how long each kind of thing is kept, how many there are, and how many records end on which day. Changes nothing, names nobody.
    Preview,
}

/// Does it.
pub fn run(
    db: &Db,
    keep: &KeepConfig,
    Command::Preview: Command,
    now: NaiveDateTime,
    out: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let (lines, days) = db.read_now(|c| Ok((table(c, keep, now)?, preview(c, keep, now.date())?)))?;
    for line in lines {
        writeln!(out, "{:>9}  {}: {}", line.now, line.what, line.how_long)?;
    }
    writeln!(out)?;
    if days.is_empty() {
        writeln!(out, "No record ends in the next {} days.", LISTED_FOR.num_days())?;
    }
    for day in days {
        writeln!(out, "{}  {:>6}  {}", day.day, day.records, say::uncapital(day.sort.label()))?;
    }
    Ok(())
}
