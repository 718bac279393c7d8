//! Brings the database up to date.

use diesel::connection::SimpleConnection;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{CHANGE_LOCK, Conn, OpenError};
use crate::{audit::guard, error::Failure, on_each_engine};

/// The same files serve both engines.
const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// Undoes every migration, then runs them all again: what the test of both ways does.
pub fn redo_migrations(c: &mut Conn) -> Result<(), OpenError> {
    let undone = on_each_engine!(c, inner => inner.revert_all_migrations(MIGRATIONS).map(|_| ()));
    undone.map_err(|cause| OpenError::Migrate(cause.to_string()))?;
    migrate(c)
}

/// The names of migrations that are yet to run. To find out, diesel makes its own table where there is none.
pub fn pending_migrations(c: &mut Conn) -> Result<Vec<String>, Failure> {
    let pending = on_each_engine!(c, inner => inner
        .pending_migrations(MIGRATIONS)
        .map(|all| all.iter().map(|one| one.name().to_string()).collect::<Vec<_>>()));
    pending.map_err(Failure::internal)
}

pub(super) fn migrate(c: &mut Conn) -> Result<(), OpenError> {
    if let Conn::Postgres(inner) = c {
        // Several processes may start at once; the session's lock is let go below.
        inner.batch_execute(&format!("SELECT pg_advisory_lock({CHANGE_LOCK})")).map_err(|e| OpenError::Migrate(e.to_string()))?;
    }
    let done = on_each_engine!(c, inner => inner.run_pending_migrations(MIGRATIONS).map(|_| ()));
    let done = done.and_then(|()| Ok(guard::set(c)?));
    if let Conn::Postgres(inner) = c {
        inner
            .batch_execute(&format!("SELECT pg_advisory_unlock({CHANGE_LOCK})"))
            .map_err(|e| OpenError::Migrate(e.to_string()))?;
    }
    done.map_err(|cause| OpenError::Migrate(cause.to_string()))
}
