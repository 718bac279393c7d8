//! What makes the database itself refuse to change or drop a row of the record.
//!
//! A trigger is written in words of its own on each engine, so it isn't in a migration, which both engines share.

use diesel::connection::SimpleConnection;

use crate::{db::Conn, error::Failure};

const SQLITE: &str = "
CREATE TRIGGER IF NOT EXISTS audit_is_not_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the record is only ever added to'); END;
CREATE TRIGGER IF NOT EXISTS audit_is_not_dropped BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the record is only ever added to'); END;
";

/// Looks first, since making a trigger waits for whoever writes.
const POSTGRES: &str = "
DO $do$ BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM pg_trigger WHERE tgname = 'audit_is_kept' AND tgrelid = 'audit'::regclass AND tgenabled <> 'D'
    ) THEN
        CREATE OR REPLACE FUNCTION audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS
            $fn$ BEGIN RAISE EXCEPTION 'the record is only ever added to'; END $fn$;
        DROP TRIGGER IF EXISTS audit_is_kept ON audit;
        CREATE TRIGGER audit_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
            FOR EACH STATEMENT EXECUTE FUNCTION audit_is_kept();
    END IF;
END $do$;
";

/// Makes the guard where it isn't there, or was put out of action.
pub(crate) fn set(c: &mut Conn) -> Result<(), Failure> {
    match c {
        Conn::Sqlite(inner) => inner.batch_execute(SQLITE)?,
        Conn::Postgres(inner) => inner.batch_execute(POSTGRES)?,
    }
    Ok(())
}
