//! Imports full postcodes with their points and boroughs.

use std::{
    collections::HashMap,
    fmt,
    path::Path,
    time::{Duration, Instant},
};

use super::{
    alone::{PATIENCE, explain, take_turn},
    apply::let_others_write,
    contact::{Located, located},
    error::{Fault, ImportError},
    progress::Progress,
    sheet::{Item, Row, Sheet},
    store::{self, PostcodeRow},
    summary::grouped,
    text::known,
};
use crate::{
    db::Db,
    error::Failure,
    lease::Lease,
    values::{NotAPostcode, Postcode},
};

/// How long a transaction should take.
const WANTED: Duration = Duration::from_millis(40);
/// Rows in the first transaction, and in the largest.
const FIRST: usize = 1000;
const MOST: usize = 20_000;

/// What an import of postcodes did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Rows in the file.
    pub read: u64,
    /// Postcodes that weren't known.
    pub added: u64,
    /// Postcodes with another point or borough than before.
    pub updated: u64,
    /// Postcodes that are as before.
    pub unchanged: u64,
    /// Rows that can't be used.
    pub rejected: u64,
    /// Line and reason of the first few of those.
    pub first_rejects: Vec<(u64, String)>,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = [
            ("read", self.read),
            ("added", self.added),
            ("updated", self.updated),
            ("unchanged", self.unchanged),
            ("rejected", self.rejected),
        ];
        for (head, _) in columns {
            write!(f, "{head:>10}")?;
        }
        writeln!(f)?;
        for (_, count) in columns {
            write!(f, "{:>10}", grouped(count))?;
        }
        for (line, reason) in &self.first_rejects {
            write!(f, "\nline {line}: {reason}")?;
        }
        Ok(())
    }
}

/// The columns that hold what is needed.
struct Columns {
    postcode: String,
    lat: String,
    lon: String,
    authority: Option<String>,
}

/// Imports a CSV file, also gzipped, with the columns `postcode,lat,lon` and, where it has one, a code of the authority such
/// as `lad25cd`. Postcodes that aren't in the file stay. Blocks until all is written.
pub fn import(db: &Db, path: &Path, dry_run: bool, progress: &mut Progress) -> Result<Summary, ImportError> {
    let fault = |fault: Fault| fault.in_file(path);
    let mut sheet = Sheet::open(path).map_err(fault)?;
    let columns = columns(&sheet).map_err(fault)?;
    let lease = if dry_run { None } else { Some(take_turn(db, PATIENCE, progress)?) };
    let mut held: HashMap<String, PostcodeRow> = HashMap::new();
    db.read_now(|c| {
        store::every_postcode(c, |row| {
            held.insert(row.postcode.clone(), row);
        })
    })?;
    let (mut summary, mut new, mut changed) = (Summary::default(), Vec::new(), Vec::new());
    progress.stage("Reading postcodes", None);
    while let Some(item) = sheet.next().map_err(fault)? {
        summary.read += 1;
        progress.step(1);
        let (line, read) = match item {
            Item::Unreadable { line, reason } => (line, Err(reason)),
            Item::Row(row) => (row.line, read(&row, &columns)),
        };
        match read {
            Err(reason) => summary.reject(line, reason),
            Ok(row) => match held.insert(row.postcode.clone(), row.clone()) {
                None => {
                    summary.added += 1;
                    new.push(row);
                }
                Some(before) if same(&before, &row) => summary.unchanged += 1,
                Some(_) => {
                    summary.updated += 1;
                    changed.push(row);
                }
            },
        }
    }
    drop(held);
    if let Some(lease) = lease {
        progress.stage("Writing postcodes", Some((new.len() + changed.len()) as u64));
        let written = write(db, &new, false, &lease, progress).and_then(|()| write(db, &changed, true, &lease, progress));
        written.map_err(|failure| explain(&lease, failure))?;
    }
    progress.finish();
    Ok(summary)
}

impl Summary {
    fn reject(&mut self, line: u64, reason: String) {
        self.rejected += 1;
        if self.first_rejects.len() < 10 {
            self.first_rejects.push((line, reason));
        }
    }
}

fn columns(sheet: &Sheet) -> Result<Columns, Fault> {
    let names = &sheet.header.names;
    let one_of = |wanted: &[&str]| {
        let found = wanted.iter().find(|name| sheet.header.has(name));
        found.map(|name| (*name).to_owned()).ok_or_else(|| {
            let message = format!("a column `{}` is needed; there are: {}", wanted[0], names.join(", "));
            Fault::new(Some(1), message)
        })
    };
    let is_authority =
        |name: &&String| name.starts_with("lad") && name.ends_with("cd") || matches!(name.as_str(), "oslaua" | "laua");
    Ok(Columns {
        postcode: one_of(&["postcode", "pcds", "pcd8", "pcd7", "pcd"])?,
        lat: one_of(&["lat", "latitude"])?,
        lon: one_of(&["lon", "long", "longitude"])?,
        authority: names.iter().find(is_authority).cloned(),
    })
}

fn read(row: &Row, columns: &Columns) -> Result<PostcodeRow, String> {
    let cell = |column: &str| known(row.cell(column));
    let text = cell(&columns.postcode).ok_or("it has no postcode")?;
    let postcode: Postcode = text.parse().map_err(|cause: NotAPostcode| format!("`{text}`: {cause}"))?;
    let point = match located(cell(&columns.lat).as_deref(), cell(&columns.lon).as_deref()) {
        Located::Good(point) | Located::Swapped(point) => point,
        Located::Wrong | Located::Unknown => return Err(format!("`{text}` has no point that can be right")),
    };
    Ok(PostcodeRow {
        postcode: postcode.compact(),
        district: postcode.district().to_owned(),
        lat: point.lat,
        lon: point.lon,
        authority: columns.authority.as_deref().and_then(cell),
    })
}

/// To a tenth of a metre.
fn same(a: &PostcodeRow, b: &PostcodeRow) -> bool {
    let close = |a: f64, b: f64| (a - b).abs() < 1e-6;
    close(a.lat, b.lat) && close(a.lon, b.lon) && a.authority == b.authority
}

fn write(db: &Db, rows: &[PostcodeRow], replace: bool, lease: &Lease, progress: &mut Progress) -> Result<(), Failure> {
    let (mut from, mut size) = (0, FIRST);
    while from < rows.len() {
        let part = &rows[from..rows.len().min(from + size)];
        let begun = Instant::now();
        db.write_now(|c| {
            lease.renew(c)?;
            store::put_postcodes(c, part, replace)
        })?;
        let took = begun.elapsed();
        size = if took > WANTED { (size / 2).max(100) } else { (size + size / 2).min(MOST) };
        let_others_write(db, took);
        progress.step(part.len() as u64);
        from += part.len();
    }
    Ok(())
}
