//! The database: reachable, up to date, writable.

use std::{sync::mpsc, time::Duration};

use diesel::{QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_types::Double};

use super::Finding;
use crate::{
    clock::Clock,
    config::Config,
    db::{self, Conn, Scheme},
    error::Failure,
    vault,
    venues::store,
};

/// How long the database may take for all questions together.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the database told that others want to know.
pub(super) struct Told {
    /// Its name; an index knows which database it was made from.
    pub(super) identity: String,
    /// The newest change; an index is behind by what it lacks of it.
    pub(super) newest_change: i64,
    /// The fingerprint of its key file and the number of its master key; none before the first start.
    pub(super) key_file: Option<(String, i32)>,
    /// By how many seconds its clock is ahead of ours, where it has one of its own.
    pub(super) clock_ahead: Option<f64>,
}

/// All that is asked at once.
struct Asked {
    pending: Result<Vec<String>, Failure>,
    /// None where tables are missing yet.
    read: Option<(u64, Told)>,
    written: Result<(), Failure>,
}

#[derive(QueryableByName)]
struct Seconds {
    #[diesel(sql_type = Double)]
    seconds: f64,
}

/// Looks at the database.
pub(super) fn look(config: &Config) -> (Vec<Finding>, Option<Told>) {
    let url = config.database();
    match ask_in_time(&url) {
        Ok(asked) => found(asked, Scheme::of(&url)),
        Err(wrong) => {
            let unknown = Err("not known, since the database doesn't answer".to_owned());
            (vec![Finding::new("database", Err(without_secrets(&wrong, &url))), Finding::new("migrations", unknown)], None)
        }
    }
}

fn found(asked: Asked, scheme: Option<Scheme>) -> (Vec<Finding>, Option<Told>) {
    let engine = if scheme == Some(Scheme::Postgres) { "PostgreSQL" } else { "SQLite" };
    let venues = asked.read.as_ref().map_or(0, |(venues, _)| *venues);
    let database = match asked.written {
        Ok(()) => Ok(format!("{engine} answers and can be written; {venues} venues")),
        Err(failure) => {
            Err(format!("{engine} answers but can't be written ({failure}); give this user and this folder the right to"))
        }
    };
    let migrations = match asked.pending.map(|pending| pending.len()) {
        Ok(0) => Ok("none is pending".to_owned()),
        Ok(n) => Err(format!("{n} pending; `footbridge serve` and `footbridge work` of this version run them when they start")),
        Err(failure) => Err(format!("not known ({failure})")),
    };
    let findings = vec![Finding::new("database", database), Finding::new("migrations", migrations)];
    (findings, asked.read.map(|(_, told)| told))
}

/// A database that hangs is left to itself; this process ends soon anyway.
fn ask_in_time(url: &str) -> Result<Asked, String> {
    let (tell, told) = mpsc::channel();
    let url = url.to_owned();
    std::thread::spawn(move || {
        let _ = tell.send(ask(&url));
    });
    let late = format!("it doesn't answer within {} seconds; is DATABASE_URL right, and does it run?", PATIENCE.as_secs());
    told.recv_timeout(PATIENCE).unwrap_or(Err(late))
}

fn ask(url: &str) -> Result<Asked, String> {
    let scheme = Scheme::of(url).ok_or("DATABASE_URL names no engine")?;
    if scheme == Scheme::Sqlite && !std::path::Path::new(url.trim_start_matches("sqlite://")).exists() {
        return Err("there is none yet; `footbridge serve` or `footbridge import` makes it".to_owned());
    }
    let reach = |cause: &dyn std::fmt::Display| format!("it can't be reached ({cause}); is DATABASE_URL right, and does it run?");
    let mut c = db::connect(url, scheme).map_err(|cause| reach(&cause))?;
    if scheme == Scheme::Sqlite {
        c.batch_execute("PRAGMA busy_timeout = 5000").map_err(|cause| reach(&cause))?;
    }
    let written = db::undone(&mut c, db::write_something);
    let pending = db::undone(&mut c, db::pending_migrations);
    // One that can't be written can still be read.
    let read = read(&mut c).ok();
    Ok(Asked { pending, read, written })
}

fn read(c: &mut Conn) -> Result<(u64, Told), Failure> {
    let (identity, newest_change) = (db::identity(c)?, store::last_change(c)?);
    let key_file = key_file(c)?;
    Ok((store::count(c)?, Told { identity, newest_change, key_file, clock_ahead: clock_ahead(c)? }))
}

fn key_file(c: &mut Conn) -> Result<Option<(String, i32)>, Failure> {
    let fingerprint = vault::store::fingerprint(c)?;
    fingerprint.map(|fingerprint| Ok((fingerprint, vault::store::master(c)?))).transpose()
}

fn clock_ahead(c: &mut Conn) -> Result<Option<f64>, Failure> {
    let Conn::Postgres(inner) = c else { return Ok(None) };
    let ask = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS DOUBLE PRECISION) AS seconds";
    let theirs: Seconds = diesel::sql_query(ask).get_result(inner)?;
    let ours = Clock::System.now().timestamp_micros();
    #[allow(clippy::cast_precision_loss, reason = "a microsecond more or less is the same")]
    Ok(Some(theirs.seconds - ours as f64 / 1e6))
}

/// Words for one line, without what a database may quote of its address.
fn without_secrets(words: &str, url: &str) -> String {
    let words = words.replace(url, "DATABASE_URL").split_whitespace().collect::<Vec<_>>().join(" ");
    let user = url.split_once("://").and_then(|(_, rest)| rest.rsplit_once('@')).map_or("", |(user, _)| user);
    match user.split_once(':') {
        Some((_, password)) if !password.is_empty() => words.replace(password, "..."),
        _ => words,
    }
}
