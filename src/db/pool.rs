//! Pools of connections, and how each connection is set.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use diesel::{
    connection::SimpleConnection,
    r2d2::{ConnectionManager, CustomizeConnection, Pool, PooledConnection},
};

use super::{Conn, OpenError, Scheme};
use crate::error::Failure;

/// How long a request waits for a free connection.
const POOL_WAIT: Duration = Duration::from_secs(5);
/// How long SQLite waits for another process's write, in milliseconds.
pub(super) const BUSY_TIMEOUT_MS: u32 = 10_000;

type Manager = ConnectionManager<Conn>;

/// A pool of connections, and how long was waited for one so far.
#[derive(Clone)]
pub(super) struct Lane {
    pub(super) pool: Pool<Manager>,
    waited_micros: Arc<AtomicU64>,
}

/// How a pool of connections is, for whoever watches the service.
#[derive(Debug, Clone, Copy)]
pub struct PoolState {
    /// `all` on PostgreSQL; `read` and `write` on SQLite.
    pub name: &'static str,
    /// Connections that are open.
    pub connections: u32,
    /// Those of them that are in use.
    pub in_use: u32,
    /// Time spent so far waiting for a free one, all requests together.
    pub waited: Duration,
}

impl Lane {
    pub(super) fn get(&self) -> Result<PooledConnection<Manager>, Failure> {
        let began = Instant::now();
        let got = self.pool.get();
        self.waited_micros.fetch_add(u64::try_from(began.elapsed().as_micros()).unwrap_or(0), Ordering::Relaxed);
        Ok(got?)
    }

    pub(super) fn state(&self, name: &'static str) -> PoolState {
        let state = self.pool.state();
        let waited = Duration::from_micros(self.waited_micros.load(Ordering::Relaxed));
        PoolState { name, connections: state.connections, in_use: state.connections - state.idle_connections, waited }
    }
}

pub(super) fn pool(url: &str, scheme: Scheme, size: u32) -> Result<Lane, OpenError> {
    let target = url.strip_prefix("sqlite://").unwrap_or(url);
    let pool = Pool::builder()
        .max_size(size.max(1))
        .min_idle(Some(1))
        .connection_timeout(POOL_WAIT)
        // A server may have gone meanwhile; a file hasn't.
        .test_on_check_out(scheme == Scheme::Postgres)
        .connection_customizer(Box::new(Settings(scheme)))
        .build(ConnectionManager::new(target))?;
    Ok(Lane { pool, waited_micros: Arc::default() })
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
