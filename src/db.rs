//! One connection type over SQLite and PostgreSQL, chosen by the URL's scheme.

use std::{sync::Arc, time::Duration};

use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl,
    connection::{AnsiTransactionManager, SimpleConnection, TransactionManager},
    r2d2::{ConnectionManager, CustomizeConnection, Pool, PooledConnection},
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use uuid::Uuid;

use crate::{error::Failure, schema::settings};

/// The same files serve both engines.
const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");
/// The setting that holds the database's random name.
const IDENTITY: &str = "database";
/// How long a request waits for a free connection.
const POOL_WAIT: Duration = Duration::from_secs(5);
/// How long SQLite waits for another process's write, in milliseconds.
const BUSY_TIMEOUT_MS: u32 = 10_000;
/// The one lock under which changes are numbered, so that numbers appear in commit order.
const CHANGE_LOCK: i64 = 0x0f00_7b41_d6e0;

pub use conn::Conn;

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

type Manager = ConnectionManager<Conn>;

/// The database: many readers; on SQLite one writer at a time.
#[derive(Clone)]
pub struct Db {
    readers: Pool<Manager>,
    writers: Pool<Manager>,
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
        migrate(&mut *writers.get()?)?;
        name_database(&mut *writers.get()?).map_err(|cause| OpenError::Migrate(cause.to_string()))?;
        let readers = if scheme == Scheme::Sqlite { pool(url, scheme, size)? } else { writers.clone() };
        Ok(Self { readers, writers, scheme })
    }

    /// Which engine it is.
    pub fn scheme(&self) -> Scheme {
        self.scheme
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
        let mut pooled: PooledConnection<Manager> = self.writers.get()?;
        transaction(&mut pooled, work)
    }
}

/// Commits what `work` did, or nothing of it. SQLite begins IMMEDIATE, so that a read at the start can't go stale.
fn transaction<T>(c: &mut Conn, work: impl FnOnce(&mut Conn) -> Result<T, Failure>) -> Result<T, Failure> {
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

/// Undoes every migration, then runs them all again: what the test of both ways does.
pub fn redo_migrations(c: &mut Conn) -> Result<(), OpenError> {
    let undone = on_each_engine!(c, inner => inner.revert_all_migrations(MIGRATIONS).map(|_| ()));
    undone.map_err(|cause| OpenError::Migrate(cause.to_string()))?;
    migrate(c)
}

fn migrate(c: &mut Conn) -> Result<(), OpenError> {
    if let Conn::Postgres(inner) = c {
        // Several processes may start at once; the session's lock is let go below.
        inner.batch_execute(&format!("SELECT pg_advisory_lock({CHANGE_LOCK})")).map_err(|e| OpenError::Migrate(e.to_string()))?;
    }
    let done = on_each_engine!(c, inner => inner.run_pending_migrations(MIGRATIONS).map(|_| ()));
    if let Conn::Postgres(inner) = c {
        inner
            .batch_execute(&format!("SELECT pg_advisory_unlock({CHANGE_LOCK})"))
            .map_err(|e| OpenError::Migrate(e.to_string()))?;
    }
    done.map_err(|cause| OpenError::Migrate(cause.to_string()))
}

fn pool(url: &str, scheme: Scheme, size: u32) -> Result<Pool<Manager>, OpenError> {
    let target = url.strip_prefix("sqlite://").unwrap_or(url);
    let pool = Pool::builder()
        .max_size(size.max(1))
        .min_idle(Some(1))
        .connection_timeout(POOL_WAIT)
        .connection_customizer(Box::new(Settings(scheme)))
        .build(ConnectionManager::new(target))?;
    Ok(pool)
}

#[derive(Debug)]
struct Settings(Scheme);

impl CustomizeConnection<Conn, diesel::r2d2::Error> for Settings {
    fn on_acquire(&self, c: &mut Conn) -> Result<(), diesel::r2d2::Error> {
        let sql = match self.0 {
            // FULL, since NORMAL loses acknowledged commits at a power cut.
            Scheme::Sqlite => format!(
                "PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                 PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA cache_size = -8000;"
            ),
            Scheme::Postgres => "SET TIME ZONE 'UTC'; SET statement_timeout = '60s'; SET lock_timeout = '10s'".to_owned(),
        };
        c.batch_execute(&sql).map_err(diesel::r2d2::Error::QueryError)
    }
}

/// Runs `work` where blocking is allowed; a panic in it fails this one request only.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Failure> + Send + 'static) -> Result<T, Failure> {
    let span = tracing::Span::current();
    match tokio::task::spawn_blocking(move || span.in_scope(work)).await {
        Ok(outcome) => outcome,
        Err(cause) => Err(Failure::Internal(Arc::new(cause))),
    }
}
