//! One connection type over SQLite and PostgreSQL, chosen by the URL's scheme.

mod migrations;
mod pool;

use std::sync::Arc;

use diesel::{
    Connection, ConnectionResult, ExpressionMethods, OptionalExtension, PgConnection, QueryDsl, QueryableByName, RunQueryDsl,
    SqliteConnection,
    connection::{AnsiTransactionManager, SimpleConnection, TransactionManager},
};
use uuid::Uuid;

use self::{
    migrations::migrate,
    pool::{BUSY_TIMEOUT_MS, Lane, pool},
};
use crate::{error::Failure, schema::settings};

/// The setting that holds the database's random name.
const IDENTITY: &str = "database";
/// The one lock under which changes are numbered, so that numbers appear in commit order.
const CHANGE_LOCK: i64 = 0x0f00_7b41_d6e0;

pub use self::{
    conn::Conn,
    migrations::{pending_migrations, redo_migrations},
    pool::PoolState,
};

mod conn {
    #![allow(missing_docs, reason = "diesel's derive writes undocumented items")]

    /// A connection to either engine.
    #[derive(diesel::MultiConnection)]
    pub enum Conn {
        /// PostgreSQL, `postgres://`.
        Postgres(diesel::PgConnection),
        /// SQLite, `sqlite://`.
        Sqlite(diesel::SqliteConnection),
    }
}

/// Runs the same diesel expression on whichever engine is behind a `Conn`, where `Conn` itself can't: batch inserts,
/// `ON CONFLICT`.
#[macro_export]
macro_rules! on_each_engine {
    ($conn:expr, $inner:ident => $body:expr) => {
        match $conn {
            $crate::db::Conn::Postgres($inner) => $body,
            $crate::db::Conn::Sqlite($inner) => $body,
        }
    };
}

/// The database: many readers; on SQLite one writer at a time.
#[derive(Clone)]
pub struct Db {
    readers: Lane,
    writers: Lane,
    scheme: Scheme,
}

/// Which engine a URL names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// `sqlite://path`
    Sqlite,
    /// `postgres://` or `postgresql://`
    Postgres,
}

impl Scheme {
    /// The engine that the URL's scheme names.
    pub fn of(url: &str) -> Option<Self> {
        match url.split_once("://")?.0 {
            "sqlite" => Some(Self::Sqlite),
            "postgres" | "postgresql" => Some(Self::Postgres),
            _ => None,
        }
    }
}

/// The database can't be opened or brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL names no engine.
    #[error("DATABASE_URL must begin with sqlite:// or postgres://")]
    Scheme,
    /// No connection.
    #[error("the database can't be opened: {0}")]
    Connect(#[from] diesel::r2d2::PoolError),
    /// A migration failed.
    #[error("the database can't be brought up to date: {0}")]
    Migrate(String),
}

impl Db {
    /// Opens pools of at most `size` connections and runs the migrations that are missing.
    pub fn open(url: &str, size: u32) -> Result<Self, OpenError> {
        let scheme = Scheme::of(url).ok_or(OpenError::Scheme)?;
        let writers = pool(url, scheme, if scheme == Scheme::Sqlite { 1 } else { size })?;
        migrate(&mut *writers.pool.get()?)?;
        name_database(&mut *writers.pool.get()?).map_err(|cause| OpenError::Migrate(cause.to_string()))?;
        let readers = if scheme == Scheme::Sqlite { pool(url, scheme, size)? } else { writers.clone() };
        Ok(Self { readers, writers, scheme })
    }

    /// Which engine it is.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// How its pools of connections are.
    pub fn pools(&self) -> Vec<PoolState> {
        match self.scheme {
            Scheme::Sqlite => vec![self.readers.state("read"), self.writers.state("write")],
            Scheme::Postgres => vec![self.writers.state("all")],
        }
    }

    /// How many connections its largest pool may open.
    pub fn most(&self) -> u32 {
        self.readers.pool.max_size()
    }

    /// Reads on a thread of its own, so that requests go on meanwhile.
    pub async fn read<T, F>(&self, question: F) -> Result<T, Failure>
    where
        F: FnOnce(&mut Conn) -> Result<T, Failure> + Send + 'static,
        T: Send + 'static,
    {
        let db = self.clone();
        blocking(move || db.read_now(question)).await
    }

    /// One unit of work on a thread of its own: it commits whole or not at all.
    pub async fn write<T, F>(&self, work: F) -> Result<T, Failure>
    where
        F: FnOnce(&mut Conn) -> Result<T, Failure> + Send + 'static,
        T: Send + 'static,
    {
        let db = self.clone();
        blocking(move || db.write_now(work)).await
    }

    /// Reads on this thread; for the command line and for threads that may block.
    pub fn read_now<T>(&self, question: impl FnOnce(&mut Conn) -> Result<T, Failure>) -> Result<T, Failure> {
        question(&mut *self.readers.get()?)
    }

    /// One unit of work on this thread; for the command line and for threads that may block.
    pub fn write_now<T>(&self, work: impl FnOnce(&mut Conn) -> Result<T, Failure>) -> Result<T, Failure> {
        transaction(&mut *self.writers.get()?, work)
    }
    /// Empties SQLite's log, in which what was overwritten may still be. `false` where a reader needs it now, and it is to be tried again.
    pub fn empty_log(&self) -> Result<bool, Failure> {
        match &mut *self.writers.get()? {
            Conn::Sqlite(inner) => empty_log(inner),
            Conn::Postgres(_) => Ok(true),
        }
    }
}

/// One connection without a pool, for a look: nothing is made or brought up to date.
pub fn connect(url: &str, scheme: Scheme) -> ConnectionResult<Conn> {
    match scheme {
        Scheme::Sqlite => SqliteConnection::establish(url.strip_prefix("sqlite://").unwrap_or(url)).map(Conn::Sqlite),
        Scheme::Postgres => PgConnection::establish(url).map(Conn::Postgres),
    }
}

#[derive(QueryableByName)]
struct Emptied {
    #[diesel(sql_type = diesel::sql_types::Integer)]
    busy: i32,
}

/// Nobody waits long for it: whoever reads keeps it from being emptied, and whoever writes waits meanwhile.
fn empty_log(inner: &mut SqliteConnection) -> Result<bool, Failure> {
    inner.batch_execute("PRAGMA busy_timeout = 100")?;
    let emptied = diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result::<Emptied>(inner);
    inner.batch_execute(&format!("PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}"))?;
    Ok(emptied?.busy == 0)
}

/// Writes something of no meaning; for a transaction that is undone.
pub fn write_something(c: &mut Conn) -> Result<(), Failure> {
    Ok(c.batch_execute("CREATE TABLE written_to_see_whether_it_can_be (a INTEGER)")?)
}

/// Does `work` in a transaction and undoes it, whatever comes of it.
pub fn undone<T>(c: &mut Conn, work: impl FnOnce(&mut Conn) -> Result<T, Failure>) -> Result<T, Failure> {
    let mut outcome = Err(Failure::internal("it was not done"));
    let ended = transaction(c, |c| {
        outcome = work(c);
        Err::<(), _>(Failure::NotFound)
    });
    match ended {
        Err(Failure::NotFound) => outcome,
        Err(failure) => Err(failure),
        Ok(()) => outcome,
    }
}

/// Commits what `work` did, or nothing of it. SQLite begins IMMEDIATE, so that a read at the start can't go stale.
pub fn transaction<T>(c: &mut Conn, work: impl FnOnce(&mut Conn) -> Result<T, Failure>) -> Result<T, Failure> {
    match c {
        Conn::Sqlite(inner) => AnsiTransactionManager::begin_transaction_sql(inner, "BEGIN IMMEDIATE")?,
        Conn::Postgres(inner) => AnsiTransactionManager::begin_transaction(inner)?,
    }
    match work(c) {
        Ok(value) => {
            on_each_engine!(c, inner => AnsiTransactionManager::commit_transaction(inner))?;
            Ok(value)
        }
        Err(failure) => {
            // The engine may have rolled back by itself; what went wrong first is what matters.
            if let Err(cause) = on_each_engine!(c, inner => AnsiTransactionManager::rollback_transaction(inner)) {
                tracing::warn!(%cause, "a failed transaction could not be rolled back");
            }
            Err(failure)
        }
    }
}

/// Takes the lock under which changes are numbered, until the transaction ends. SQLite's writer holds it already.
pub fn lock_changes(c: &mut Conn) -> Result<(), Failure> {
    if let Conn::Postgres(inner) = c {
        inner.batch_execute(&format!("SELECT pg_advisory_xact_lock({CHANGE_LOCK})"))?;
    }
    Ok(())
}

/// The random name of this database, so that a copy of the index knows whose changes it follows.
pub fn identity(c: &mut Conn) -> Result<String, Failure> {
    setting(c, IDENTITY)?.ok_or_else(|| Failure::internal("the database has no name"))
}

/// Gives this database another name, as a copy must have: indexes that follow the other don't fit it.
pub fn name_anew(c: &mut Conn) -> Result<(), Failure> {
    set_setting(c, IDENTITY, &Uuid::new_v4().to_string())
}

fn name_database(c: &mut Conn) -> Result<(), Failure> {
    let row = (settings::name.eq(IDENTITY), settings::value.eq(Uuid::new_v4().to_string()));
    on_each_engine!(c, inner => diesel::insert_into(settings::table).values(row).on_conflict_do_nothing().execute(inner))?;
    Ok(())
}

/// A setting that all processes share, kept in the database.
pub fn setting(c: &mut Conn, name: &str) -> Result<Option<String>, Failure> {
    Ok(settings::table.find(name).select(settings::value).first(c).optional()?)
}

/// Sets a setting that all processes share.
pub fn set_setting(c: &mut Conn, name: &str, value: &str) -> Result<(), Failure> {
    let row = (settings::name.eq(name), settings::value.eq(value));
    on_each_engine!(c, inner => diesel::insert_into(settings::table)
        .values(row)
        .on_conflict(settings::name)
        .do_update()
        .set(settings::value.eq(value))
        .execute(inner))?;
    Ok(())
}

/// Runs `work` where blocking is allowed; a panic in it fails this one request only.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Failure> + Send + 'static) -> Result<T, Failure> {
    let span = tracing::Span::current();
    match tokio::task::spawn_blocking(move || span.in_scope(work)).await {
        Ok(outcome) => outcome,
        Err(cause) => Err(Failure::Internal(Arc::new(cause))),
    }
}
