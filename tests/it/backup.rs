//! Backups and restoring them, on both databases: whole, for nobody else, and without those who were erased since.

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use diesel::{QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query, sql_types::BigInt};
use footbridge::{
    audit::{self, Action, Actor, Entry},
    db::{self, Conn, Db, Scheme},
    values::SubjectId,
    vault::Vault,
};
use tempfile::TempDir;

use crate::{
    harness::{Engine, clock, config, database},
    process::run,
    vault::{Notes, many_notes, note, opens_all},
    work::ENGINES,
};

/// A service's database and folder, with people whose notes are sealed, and a key to its backups.
struct Kept {
    folder: TempDir,
    url: String,
    db: Db,
    vault: Vault,
    notes: Notes,
    recipient: String,
}

impl Kept {
    fn new(engine: Engine) -> Option<Self> {
        let folder = TempDir::new().expect("a folder");
        let url = database(engine, folder.path())?;
        let db = Db::open(&url, 4).expect("the database opens");
        let vault = Vault::open(&config(&url, folder.path()), &db, clock()).expect("the vault opens");
        let notes = many_notes(&db, &vault, 20);
        let key = folder.path().join("backup-key");
        let (ok, recipient) = run(&["backup-key", text(&key)], &url, folder.path(), &[]);
        assert!(ok && recipient.starts_with("age1"), "{recipient}");
        Some(Self { folder, url, db, vault, notes, recipient: recipient.trim().to_owned() })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Makes a backup of this name.
    fn back_up(&self, name: &str) -> PathBuf {
        let file = self.path(name);
        let (ok, said) = self.backup_command(&file, &[("BACKUP_RECIPIENT", &self.recipient)]);
        assert!(ok, "{said}");
        file
    }

    fn backup_command(&self, file: &Path, variables: &[(&str, &str)]) -> (bool, String) {
        run(&["backup", text(file)], &self.url, self.folder.path(), variables)
    }

    /// An empty place on the same engine, with the key file and the ledger as they are now.
    fn elsewhere(&self) -> Elsewhere {
        let folder = TempDir::new().expect("a folder");
        let engine = if self.url.starts_with("sqlite") { Engine::Sqlite } else { Engine::Postgres };
        let url = database(engine, folder.path()).expect("a database");
        for name in ["footbridge.keys", "footbridge.erasures"] {
            std::fs::copy(self.path(name), folder.path().join(name)).expect("a copy");
        }
        Elsewhere { folder, url, identity: self.path("backup-key") }
    }
}

/// Where a backup is restored.
struct Elsewhere {
    folder: TempDir,
    url: String,
    identity: PathBuf,
}

impl Elsewhere {
    fn restore(&self, backup: &Path) -> (bool, String) {
        run(&["restore", text(backup)], &self.url, self.folder.path(), &[("BACKUP_IDENTITY_FILE", text(&self.identity))])
    }

    /// Restoring must be refused with these words, and leave the place empty.
    fn refuses(&self, backup: &Path, words: &str) {
        let (ok, said) = self.restore(backup);
        assert!(!ok && said.contains(words), "{said}");
        self.is_empty();
    }

    fn is_empty(&self) {
        let left = std::fs::read_dir(self.folder.path()).expect("a folder").flatten().map(|entry| entry.file_name());
        let left: Vec<_> = left.filter(|name| name.to_string_lossy().contains(".db")).collect();
        assert!(left.is_empty(), "{left:?}");
        if Scheme::of(&self.url) == Some(Scheme::Postgres) {
            let tables = "SELECT count(*) AS number FROM information_schema.tables WHERE table_schema = 'public'";
            assert_eq!(number(&mut db::connect(&self.url, Scheme::Postgres).expect("a connection"), tables), 0);
        }
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path")
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

fn number(c: &mut Conn, ask: &str) -> i64 {
    let found: Number = match c {
        Conn::Sqlite(c) => sql_query(ask).get_result(c).expect("a number"),
        Conn::Postgres(c) => sql_query(ask).get_result(c).expect("a number"),
    };
    found.number
}

#[test]
fn whoever_was_erased_stays_so_when_an_older_backup_is_restored() {
    for engine in ENGINES {
        let Some(mut kept) = Kept::new(engine) else { continue };
        let backup = kept.back_up("older");
        let head = kept.db.read_now(audit::head).expect("a head");
        let erased: Vec<SubjectId> = kept.notes.keys().copied().take(4).collect();
        for (at, subject) in erased.iter().enumerate() {
            kept.db.write_now(|c| kept.vault.erase(c, *subject, clock().stamp())).expect("it is erased");
            if at != 3 {
                kept.vault.note_erasures(&kept.db).expect("it is noted");
            }
        }
        // The last one's process died before it was noted; the next start does that.
        Vault::open(&config(&kept.url, kept.folder.path()), &kept.db, clock()).expect("the vault opens");
        let sealed: Vec<_> = erased.iter().map(|subject| kept.notes.remove(subject).expect("a note")).collect();

        let there = kept.elsewhere();
        let (ok, said) = there.restore(&backup);
        assert!(ok, "{engine:?}: {said}");
        opens_all(&there.url, there.folder.path(), &kept.notes);
        let db = Db::open(&there.url, 2).expect("the database opens");
        let vault = Vault::open(&config(&there.url, there.folder.path()), &db, clock()).expect("the vault opens");
        let everyone: Vec<_> = kept.notes.keys().chain(&erased).copied().collect();
        let keys = db.read_now(|c| vault.keys(c, &everyone)).expect("keys");
        for (subject, sealed) in erased.iter().zip(&sealed) {
            assert!(!keys.contains_key(subject), "{engine:?}");
            let tried = keys.values().filter(|key| key.open(&crate::vault::place(*subject), sealed).is_ok());
            assert_eq!(tried.count(), 0, "{engine:?}: no key that is left opens it");
            let theirs = db.read_now(|c| audit::of(c, *subject, 1)).expect("entries").entries;
            assert!(theirs.iter().any(|entry| entry.action == Action::ErasedAgain), "{engine:?}: it is on record");
        }
        assert!(db.read_now(|c| audit::verify(c, Some(&head))).expect("an answer").is_ok(), "{engine:?}");
        assert_ne!(
            db.read_now(db::identity).expect("a name"),
            kept.db.read_now(db::identity).expect("a name"),
            "{engine:?}: an index of the one is not the other's"
        );
    }
}

#[test]
fn a_backup_under_load_is_of_one_moment() {
    for engine in ENGINES {
        let Some(kept) = Kept::new(engine) else { continue };
        let made = "CREATE TABLE halves (id TEXT NOT NULL PRIMARY KEY, side INTEGER NOT NULL)";
        kept.db.write_now(|c| Ok(c.batch_execute(made)?)).expect("a table");
        let over = AtomicBool::new(false);
        let write = |side: &str, subject: SubjectId| format!("INSERT INTO halves VALUES ('{subject} {side}', {side})");
        let (backups, written) = std::thread::scope(|scope| {
            let writers: Vec<_> = (0..3)
                .map(|_| {
                    scope.spawn(|| {
                        let mut written = 0;
                        while !over.load(Ordering::Relaxed) {
                            let (subject, _) = note(&kept.db, &kept.vault);
                            let entry = Entry { actor: Actor::System, action: Action::SignedIn, subject: None, about: None };
                            let both = kept.db.write_now(|c| {
                                c.batch_execute(&write("0", subject))?;
                                audit::record(c, &entry, clock().stamp())?;
                                Ok(c.batch_execute(&write("1", subject))?)
                            });
                            both.expect("both halves are written");
                            written += 1;
                        }
                        written
                    })
                })
                .collect();
            let backups: Vec<_> = (0..3).map(|n| kept.back_up(&format!("backup-{n}"))).collect();
            over.store(true, Ordering::Relaxed);
            (backups, writers.into_iter().map(|writer| writer.join().expect("a thread")).sum::<i64>())
        });
        let mut before = -1;
        for backup in backups {
            let there = kept.elsewhere();
            let (ok, said) = there.restore(&backup);
            assert!(ok, "{engine:?}: {said}");
            let mut c = db::connect(&there.url, Scheme::of(&there.url).expect("an engine")).expect("a connection");
            let halves =
                |c: &mut Conn, side: u8| number(c, &format!("SELECT count(*) AS number FROM halves WHERE side = {side}"));
            let (first, second) = (halves(&mut c, 0), halves(&mut c, 1));
            assert_eq!(first, second, "{engine:?}");
            assert!(first > before && first <= written, "{engine:?}: {before}, {first} of {written}");
            before = first;
        }
        assert!(before > 0, "{engine:?}: something was written before the last backup");
    }
}

#[test]
fn restoring_is_refused_where_something_is_missing_and_leaves_nothing_behind() {
    for engine in ENGINES {
        let Some(kept) = Kept::new(engine) else { continue };
        let backup = kept.back_up("backup");
        let there = kept.elsewhere();
        let at = |name: &str| there.folder.path().join(name);
        let keys = std::fs::read(at("footbridge.keys")).expect("a key file");

        std::fs::remove_file(at("footbridge.keys")).expect("it goes");
        there.refuses(&backup, "key file");
        let other = Kept::new(Engine::Sqlite).expect("a database");
        std::fs::copy(other.path("footbridge.keys"), at("footbridge.keys")).expect("a copy");
        there.refuses(&backup, "belongs to another database");
        std::fs::write(at("footbridge.keys"), keys).expect("it is back");
        std::fs::rename(at("footbridge.erasures"), at("away")).expect("it goes");
        there.refuses(&backup, "erasure ledger");
        std::fs::rename(at("away"), at("footbridge.erasures")).expect("it is back");

        let whole = std::fs::read(&backup).expect("a backup");
        let broken = kept.path("broken");
        for at in [10, whole.len() / 2, whole.len() - 1] {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            std::fs::write(&broken, bytes).expect("it is written");
            there.refuses(&broken, "");
            std::fs::write(&broken, &whole[..at]).expect("it is written");
            there.refuses(&broken, "");
        }
        let theirs = Elsewhere { identity: other.path("backup-key"), ..kept.elsewhere() };
        theirs.refuses(&backup, "opens this backup");
        let foreign = if engine == Engine::Sqlite { Engine::Postgres } else { Engine::Sqlite };
        if let Some(url) = database(foreign, there.folder.path()) {
            Elsewhere { url, ..kept.elsewhere() }.refuses(&backup, "this is a backup of");
        }
        let (ok, said) = there.restore(&backup);
        assert!(ok, "{engine:?}: {said}");
        let (ok, said) = there.restore(&backup);
        assert!(!ok && (said.contains("already") || said.contains("isn't empty")), "{engine:?}: {said}");
        opens_all(&there.url, there.folder.path(), &kept.notes);
    }
}

#[test]
fn a_record_that_was_tampered_with_is_not_restored_in_silence() {
    for engine in ENGINES {
        let Some(kept) = Kept::new(engine) else { continue };
        let entry = Entry { actor: Actor::System, action: Action::SignedIn, subject: None, about: None };
        for _ in 0..5 {
            kept.db.write_now(|c| audit::record(c, &entry, clock().stamp())).expect("it is recorded");
        }
        let tamper = match engine {
            Engine::Sqlite => "DROP TRIGGER audit_is_not_changed; UPDATE audit SET action = 'x' WHERE position = 3",
            Engine::Postgres => {
                "ALTER TABLE audit DISABLE TRIGGER audit_is_kept; UPDATE audit SET action = 'x' WHERE position = 3"
            }
        };
        kept.db.write_now(|c| Ok(c.batch_execute(tamper)?)).expect("it is done");
        let backup = kept.back_up("backup");
        let (ok, said) = kept.elsewhere().restore(&backup);
        assert!(!ok && said.contains("entry 3 is not what was written"), "{engine:?}: {said}");
    }
}

#[test]
fn a_backup_opens_for_its_passphrase_only_and_is_never_written_over() {
    for engine in ENGINES {
        let Some(kept) = Kept::new(engine) else { continue };
        let (file, phrase) = (kept.path("backup"), kept.path("phrase"));
        let with = [("BACKUP_PASSPHRASE_FILE", text(&phrase))];
        let (ok, said) = kept.backup_command(&file, &[]);
        assert!(!ok && said.contains("BACKUP_RECIPIENT"), "{said}");
        std::fs::write(&phrase, "short\n").expect("a file");
        let (ok, said) = kept.backup_command(&file, &with);
        assert!(!ok && said.contains("at least 16"), "{said}");
        std::fs::write(&phrase, "a long walk to the harbour\n").expect("a file");
        let (ok, said) = kept.backup_command(&file, &[with[0], ("BACKUP_RECIPIENT", &kept.recipient)]);
        assert!(!ok && said.contains("not both"), "{said}");
        assert!(!file.exists(), "what can't be encrypted isn't written");
        let (ok, said) = kept.backup_command(&file, &with);
        assert!(ok && said.contains("footbridge.keys"), "{said}");
        assert_eq!(std::fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
        let before = std::fs::read(&file).expect("a backup");
        let (ok, said) = kept.backup_command(&file, &with);
        assert!(!ok && said.contains("already") && std::fs::read(&file).expect("a backup") == before, "{said}");

        let there = kept.elsewhere();
        there.refuses(&file, "BACKUP_PASSPHRASE_FILE");
        let wrong = kept.path("wrong");
        std::fs::write(&wrong, "a long walk to the harbor\n").expect("a file");
        let restore = |phrase: &Path| {
            run(&["restore", text(&file)], &there.url, there.folder.path(), &[("BACKUP_PASSPHRASE_FILE", text(phrase))])
        };
        let (ok, said) = restore(&wrong);
        assert!(!ok && said.contains("doesn't open this backup"), "{said}");
        there.is_empty();
        let (ok, said) = restore(&phrase);
        assert!(ok, "{engine:?}: {said}");
        opens_all(&there.url, there.folder.path(), &kept.notes);
    }
}

/// A program of this name that writes down how it was called, before it does what `then` says.
fn stand_in(folder: &Path, name: &str, then: &str) -> String {
    let script =
        format!("#!/bin/sh\necho \"$*\" >{0}/{name}.called\necho \"$PGPASSWORD\" >>{0}/{name}.called\n{then}\n", text(folder));
    std::fs::write(folder.join(name), script).expect("a script");
    std::fs::set_permissions(folder.join(name), std::fs::Permissions::from_mode(0o755)).expect("a mode");
    format!("{}:{}", text(folder), std::env::var("PATH").unwrap_or_default())
}

/// What does the real work behind a stand-in.
fn real(name: &str) -> String {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join(name));
    let debian =
        std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|e| e.path().join("bin").join(name));
    let program = found.chain(debian).find(|program| program.exists()).expect("PostgreSQL's client programs");
    format!("exec {} \"$@\"", program.display())
}

#[test]
fn postgres_programs_get_no_password_on_their_command_line() {
    let Some(kept) = Kept::new(Engine::Postgres) else { return };
    let with_password = |url: &str| url.replace("footbridge@", "footbridge:open%20sesame@");
    let bin = TempDir::new().expect("a folder");
    let (file, there) = (kept.path("backup"), kept.elsewhere());
    let path = stand_in(bin.path(), "pg_dump", &real("pg_dump"));
    let variables = [("BACKUP_RECIPIENT", kept.recipient.as_str()), ("PATH", &path)];
    let (ok, said) = run(&["backup", text(&file)], &with_password(&kept.url), kept.folder.path(), &variables);
    assert!(ok, "{said}");
    let path = stand_in(bin.path(), "pg_restore", &real("pg_restore"));
    let variables = [("BACKUP_IDENTITY_FILE", text(&there.identity)), ("PATH", &path)];
    let (ok, said) = run(&["restore", text(&file)], &with_password(&there.url), there.folder.path(), &variables);
    assert!(ok, "{said}");
    for name in ["pg_dump.called", "pg_restore.called"] {
        let called = std::fs::read_to_string(bin.path().join(name)).expect("it was called");
        let (words, password) = called.split_once('\n').expect("two lines");
        assert!(words.contains("--dbname=postgres://footbridge@") && !words.contains("sesame"), "{words}");
        assert_eq!(password.trim(), "open sesame");
    }
}

#[test]
fn a_program_of_postgres_that_fails_halfway_makes_no_backup() {
    let Some(kept) = Kept::new(Engine::Postgres) else { return };
    let bin = TempDir::new().expect("a folder");
    let path = stand_in(bin.path(), "pg_dump", "head -c 100000 /dev/urandom; echo the disk is full >&2; exit 1");
    let variables = [("BACKUP_RECIPIENT", kept.recipient.as_str()), ("PATH", &path)];
    let (ok, said) = kept.backup_command(&kept.path("backup"), &variables);
    assert!(!ok && said.contains("pg_dump failed: the disk is full"), "{said}");
    let left = std::fs::read_dir(kept.folder.path()).expect("a folder").flatten().map(|entry| entry.file_name());
    assert_eq!(left.filter(|name| name.to_string_lossy().starts_with("backup.") || name == "backup").count(), 0);
}

#[test]
fn what_a_killed_backup_of_sqlite_left_goes_with_the_next() {
    let kept = Kept::new(Engine::Sqlite).expect("a database");
    let left = kept.path("footbridge.db.backup");
    std::fs::create_dir(&left).expect("a folder");
    std::fs::write(left.join("copy"), "half a copy").expect("a file");
    kept.back_up("backup");
    assert!(!left.exists());
}

#[test]
fn a_database_of_an_older_version_is_backed_up_as_it_is() {
    for engine in ENGINES {
        let Some(kept) = Kept::new(engine) else { continue };
        let folder = TempDir::new().expect("a folder");
        let url = database(engine, folder.path()).expect("a database");
        let first = include_str!("../../migrations/2026-11-21-000001_catalogue/up.sql");
        let mut c = db::connect(&url, Scheme::of(&url).expect("an engine")).expect("a connection");
        c.batch_execute(first).expect("the first version's tables");
        c.batch_execute(
            "CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL,
            run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);
            INSERT INTO __diesel_schema_migrations (version) VALUES ('20261121000001')",
        )
        .expect("what was run");
        drop(c);
        let file = kept.path("old");
        let (ok, said) = run(&["backup", text(&file)], &url, folder.path(), &[("BACKUP_RECIPIENT", &kept.recipient)]);
        assert!(ok, "{engine:?}: {said}");
        let tables = "SELECT count(*) AS number FROM __diesel_schema_migrations";
        let mut c = db::connect(&url, Scheme::of(&url).expect("an engine")).expect("a connection");
        assert_eq!(number(&mut c, tables), 1, "{engine:?}: it isn't brought up to date");
        let there = kept.elsewhere();
        let (ok, said) = there.restore(&file);
        assert!(ok, "{engine:?}: {said}");
        let db = Db::open(&there.url, 2).expect("the database opens");
        assert_eq!(db.read_now(footbridge::venues::store::count).expect("a count"), 0);
    }
}
