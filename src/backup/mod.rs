//! Backups: everything in the database in one encrypted file, consistent while the service runs; and restoring one into an empty place.
//!
//! The key file is never in it, so a backup alone opens nobody's record. The search index isn't either: it is made anew.

mod postgres;
mod seal;
mod sqlite;

use std::{
    error::Error,
    fs::{File, OpenOptions},
    io::{BufRead, BufReader, BufWriter, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use diesel::{QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query, sql_types::BigInt};
use serde::{Deserialize, Serialize};

pub use self::seal::{Lock, Unlock, make_key};
use crate::{
    accounts,
    audit::{self, Action, Actor, Entry, Head},
    clock::Clock,
    config::Config,
    db::{self, Conn, Db, Scheme},
    error::Failure,
    vault::{self, Keys, Vault, ledger},
};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// The way in which this version writes backups.
const FORMAT: u32 = 1;
/// Longest first line, in bytes.
const MOST_HEADER: u64 = 64 * 1024;

/// The first line of a backup, encrypted like the rest.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    footbridge_backup: u32,
    version: String,
    engine: String,
    made_at: String,
    /// The end of the record of who did what when the backup began; none where the database was of a version without one.
    head: Option<String>,
    /// The fingerprint of the key file that belongs to it.
    key_file: Option<String>,
}

/// Writes everything into a new file. Where that fails, there is no file.
pub fn make(config: &Config, lock: &Lock, clock: Clock, file: &Path) -> Outcome<()> {
    let (url, scheme, mut c) = connect(config)?;
    if file.exists() {
        return Err(format!("{} is there already", file.display()).into());
    }
    let partial = file.with_added_extension("partial");
    let written = write(&partial, lock, &header(&mut c, scheme, clock)?, |out| match scheme {
        Scheme::Sqlite => sqlite::dump(&mut c, path_of(&url), out),
        Scheme::Postgres => postgres::dump(&url, out),
    });
    let settled = written.and_then(|()| Ok(std::fs::rename(&partial, file)?));
    let _ = std::fs::remove_file(&partial);
    settled?;
    File::open(sqlite::folder_of(file))?.sync_all()?;
    Ok(())
}

fn write(path: &Path, lock: &Lock, header: &Header, dump: impl FnOnce(&mut dyn Write) -> Outcome<()>) -> Outcome<()> {
    let made = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path);
    let file = BufWriter::new(made.map_err(|cause| format!("{}: {cause}", path.display()))?);
    let mut out = lock.encrypt(file)?;
    serde_json::to_writer(&mut out, header)?;
    out.write_all(b"\n")?;
    dump(&mut out)?;
    let file = out.finish()?.into_inner()?;
    file.sync_all()?;
    Ok(())
}

/// What the backup begins with; that it is made goes on record first.
fn header(c: &mut Conn, scheme: Scheme, clock: Clock) -> Outcome<Header> {
    let current = db::undone(c, db::pending_migrations)?.is_empty();
    let head = if current {
        let entry = Entry { actor: Actor::System, action: Action::BackedUp, subject: None, about: None };
        db::transaction(c, |c| audit::record(c, &entry, clock.stamp()))?;
        Some(audit::head(c)?.to_string())
    } else {
        None
    };
    Ok(Header {
        footbridge_backup: FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        engine: engine(scheme).to_owned(),
        made_at: clock.now().format("%Y-%m-%d %H:%M UTC").to_string(),
        head,
        key_file: vault::store::fingerprint(c)?,
    })
}

/// Fills an empty database from a backup and gives the time at which that was made.
pub fn restore(config: &Config, unlock: &Unlock, clock: Clock, file: &Path, without_ledger: bool) -> Outcome<String> {
    let (url, scheme) = database(config)?;
    let opened = File::open(file).map_err(|cause| format!("{}: {cause}", file.display()))?;
    let mut from = BufReader::new(unlock.decrypt(opened)?);
    let header = read_header(&mut from)?;
    fits(config, &header, scheme, without_ledger)?;
    match scheme {
        Scheme::Sqlite => restore_sqlite(config, &header, clock, path_of(&url), &mut from)?,
        Scheme::Postgres => {
            if count_tables(&mut db::connect(&url, scheme)?)? > 0 {
                return Err("this database isn't empty; make a new one for the backup, and name it in DATABASE_URL".into());
            }
            postgres::fill(&url, &mut from)?;
            let finished = finish(&Db::open(&url, 2)?, config, &header, clock);
            finished.map_err(|cause| format!("{cause}\nThe database was filled, but don't use it: drop it and begin anew."))?;
        }
    }
    Ok(header.made_at)
}

fn restore_sqlite(config: &Config, header: &Header, clock: Clock, place: &Path, from: &mut impl Read) -> Outcome<()> {
    if place.exists() {
        return Err(format!("{} is there already; move it away first", place.display()).into());
    }
    std::fs::create_dir_all(sqlite::folder_of(place))?;
    let filled = sqlite::fill(place, from)?;
    let url = format!("sqlite://{}", filled.path.display());
    filled.check(&mut db::connect(&url, Scheme::Sqlite)?)?;
    finish(&Db::open(&url, 1)?, config, header, clock)?;
    filled.settle(db::connect(&url, Scheme::Sqlite)?, place)
}

/// Looks whether the record is whole, erases again, and lets the copy be a database of its own.
fn finish(db: &Db, config: &Config, header: &Header, clock: Clock) -> Outcome<()> {
    let head: Option<Head> = header.head.as_deref().map(str::parse).transpose()?;
    db.read_now(|c| audit::verify(c, head.as_ref()))?
        .map_err(|wrong| format!("the record of who did what isn't whole: {wrong}"))?;
    Vault::open(config, db, clock)?;
    let entry = Entry { actor: Actor::System, action: Action::Restored, subject: None, about: None };
    db.write_now(|c| {
        db::name_anew(c)?;
        accounts::end_everything(c)?;
        audit::record(c, &entry, clock.stamp())
    })?;
    Ok(())
}

/// Whether what the backup needs is here, before anything is written.
fn fits(config: &Config, header: &Header, scheme: Scheme, without_ledger: bool) -> Outcome<()> {
    if header.engine != engine(scheme) {
        return Err(format!("this is a backup of {}, and DATABASE_URL names {}", header.engine, engine(scheme)).into());
    }
    let Some(fingerprint) = &header.key_file else { return Ok(()) };
    let path = config.key_file();
    match Keys::read(&path)? {
        None => return Err(format!("put the copy of the key file at {} first", path.display()).into()),
        Some(keys) if keys.fingerprint() != *fingerprint => {
            return Err(format!("the key file {} belongs to another database than this backup", path.display()).into());
        }
        Some(_) => {}
    }
    let ledger = ledger::path(&path);
    if ledger.exists() || without_ledger {
        return Ok(());
    }
    Err(format!(
        "put the newest copy of the erasure ledger at {} first: without it, whoever was erased after the backup is readable again \
         (--without-ledger goes on all the same)",
        ledger.display()
    )
    .into())
}

fn read_header(from: &mut impl BufRead) -> Outcome<Header> {
    let mut line = String::new();
    from.take(MOST_HEADER).read_line(&mut line)?;
    let header: Header = serde_json::from_str(&line).map_err(|_| "this isn't a backup of Footbridge")?;
    if header.footbridge_backup != FORMAT {
        return Err(format!("this backup is by version {}; restore it with that one", header.version).into());
    }
    Ok(header)
}

fn database(config: &Config) -> Outcome<(String, Scheme)> {
    let url = config.database();
    let scheme = Scheme::of(&url).ok_or(db::OpenError::Scheme)?;
    Ok((url, scheme))
}

/// A connection to a database that is there. It isn't brought up to date: what is backed up before an upgrade is as it was.
fn connect(config: &Config) -> Outcome<(String, Scheme, Conn)> {
    let (url, scheme) = database(config)?;
    if scheme == Scheme::Sqlite && !path_of(&url).exists() {
        return Err(format!("there is no database at {}", path_of(&url).display()).into());
    }
    let mut c = db::connect(&url, scheme)?;
    if scheme == Scheme::Sqlite {
        c.batch_execute("PRAGMA busy_timeout = 10000; PRAGMA synchronous = FULL")?;
    }
    Ok((url, scheme, c))
}

fn engine(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::Sqlite => "SQLite",
        Scheme::Postgres => "PostgreSQL",
    }
}

fn path_of(url: &str) -> &Path {
    Path::new(url.strip_prefix("sqlite://").unwrap_or(url))
}

#[derive(QueryableByName)]
struct Tables {
    #[diesel(sql_type = BigInt)]
    tables: i64,
}

fn count_tables(c: &mut Conn) -> Result<i64, Failure> {
    let Conn::Postgres(inner) = c else { return Ok(0) };
    let ask = "SELECT count(*) AS tables FROM information_schema.tables WHERE table_schema = current_schema()";
    Ok(sql_query(ask).get_result::<Tables>(inner)?.tables)
}
