//! The keys: rotated under a running service, killed and run again, and nothing is lost.

use std::{
    collections::HashMap,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use diesel::prelude::*;
use footbridge::{
    audit,
    db::Db,
    schema::subject_keys,
    values::SubjectId,
    vault::{Place, Sealed, Vault},
};
use tempfile::TempDir;
use uuid::Uuid;

use crate::{
    harness::{Engine, clock, config, database},
    process::Process,
    work::{ENGINES, wait_until},
};

/// Keys that there are before the first rotation.
const KEYS: usize = 3_000;

/// What was sealed for whom.
pub type Notes = HashMap<SubjectId, Sealed>;

pub fn place(subject: SubjectId) -> Place {
    Place::new("notes", "text", subject)
}

/// Makes the key of someone new and seals a note with it.
pub fn note(db: &Db, vault: &Vault) -> (SubjectId, Sealed) {
    let subject = SubjectId(Uuid::new_v4());
    let key = db.write_now(|c| vault.new_key(c, subject, clock().stamp())).expect("a key");
    (subject, key.seal(&place(subject), &format!("a note of {subject}")))
}

pub fn many_notes(db: &Db, vault: &Vault, number: usize) -> Notes {
    let made = db.write_now(|c| {
        let one = |_| {
            let subject = SubjectId(Uuid::new_v4());
            let key = vault.new_key(c, subject, clock().stamp())?;
            Ok((subject, key.seal(&place(subject), &format!("a note of {subject}"))))
        };
        (0..number).map(one).collect()
    });
    made.expect("keys")
}

/// Opens each note with a vault that knows no more than the file and the database.
pub fn opens_all(url: &str, folder: &Path, notes: &Notes) {
    let db = Db::open(url, 2).expect("the database opens");
    let vault = Vault::open(&config(url, folder), &db, clock()).expect("the vault opens");
    let subjects: Vec<_> = notes.keys().copied().collect();
    let keys = db.read_now(|c| vault.keys(c, &subjects)).expect("keys");
    for (subject, sealed) in notes {
        let opened = keys[subject].open(&place(*subject), sealed).expect("it opens");
        assert_eq!(opened.show(), format!("a note of {subject}"));
    }
}

/// The numbers of the master keys in the file.
fn masters(folder: &Path) -> Vec<i32> {
    let text = std::fs::read_to_string(folder.join("footbridge.keys")).expect("a key file");
    let number = |line: &str| line.strip_prefix("master ")?.split(' ').next()?.parse().ok();
    text.lines().filter_map(number).collect()
}

fn rotate(url: &str, folder: &Path) -> Process {
    Process::start(&["vault", "rotate"], url, folder, &[])
}

/// How many keys the newest master key of the file wraps.
fn wrapped_anew(db: &Db, folder: &Path) -> i64 {
    let newest = masters(folder).into_iter().max().expect("a master key");
    let anew = subject_keys::table.filter(subject_keys::master.eq(newest)).count();
    if newest == 1 { -1 } else { db.read_now(|c| Ok(anew.get_result(c)?)).expect("a count") }
}

/// Rotates again and again, killed as soon as so many keys are wrapped anew, and then to the end.
fn rotate_and_kill(db: &Db, url: &str, folder: &Path) {
    for reached in [0, 1, 1_000, 2_000, 3_000] {
        let mut command = rotate(url, folder);
        wait_until("it goes on", Duration::from_secs(30), || wrapped_anew(db, folder) >= reached || !command.runs());
        command.kill();
    }
    let mut command = rotate(url, folder);
    assert!(command.ended(Duration::from_secs(60)).success(), "{:?}", command.said());
}

fn keys_survive_rotation(engine: Engine) {
    let folder = TempDir::new().expect("a folder");
    let Some(url) = database(engine, folder.path()) else { return };
    let db = Db::open(&url, 4).expect("the database opens");
    let vault = Vault::open(&config(&url, folder.path()), &db, clock()).expect("the vault opens");
    let mut notes = many_notes(&db, &vault, KEYS);
    let over = AtomicBool::new(false);
    let (rotated, meanwhile) = std::thread::scope(|scope| {
        // Whoever holds the old keys in memory goes on making new ones.
        let others = scope.spawn(|| {
            let mut made = Notes::new();
            while !over.load(Ordering::Relaxed) {
                made.extend([note(&db, &vault)]);
                std::thread::sleep(Duration::from_millis(5));
            }
            made
        });
        let rotated = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| rotate_and_kill(&db, &url, folder.path())));
        over.store(true, Ordering::Relaxed);
        (rotated, others.join().expect("a thread"))
    });
    rotated.unwrap_or_else(|cause| std::panic::resume_unwind(cause));
    assert!(meanwhile.len() > 50, "{}", meanwhile.len());
    notes.extend(meanwhile);
    notes.extend([note(&db, &vault)]);
    let left = masters(folder.path());
    assert!(left.len() == 1 && left[0] > 1, "{left:?}");
    let old = subject_keys::table.filter(subject_keys::master.ne(left[0])).count();
    assert_eq!(db.read_now(|c| Ok(old.get_result::<i64>(c)?)).expect("a count"), 0);
    opens_all(&url, folder.path(), &notes);
    assert!(db.read_now(audit::head).expect("a head").position > 0, "it is recorded");
}

#[test]
fn keys_are_rotated_under_a_running_service_however_often_the_command_is_killed_on_sqlite() {
    keys_survive_rotation(Engine::Sqlite);
}

#[test]
fn keys_are_rotated_under_a_running_service_however_often_the_command_is_killed_on_postgres() {
    keys_survive_rotation(Engine::Postgres);
}

#[test]
fn a_new_master_key_can_be_brought_to_every_machine_before_it_is_used() {
    for engine in ENGINES {
        let (here, there) = (TempDir::new().expect("a folder"), TempDir::new().expect("a folder"));
        let Some(url) = database(engine, here.path()) else { continue };
        let db = Db::open(&url, 4).expect("the database opens");
        let vault = Vault::open(&config(&url, here.path()), &db, clock()).expect("the vault opens");
        let copy = || std::fs::copy(here.path().join("footbridge.keys"), there.path().join("footbridge.keys")).expect("a copy");
        copy();
        let elsewhere = Vault::open(&config(&url, there.path()), &db, clock()).expect("the vault opens");
        let mut notes = many_notes(&db, &vault, 10);
        for _ in 0..2 {
            let mut adding = Process::start(&["vault", "rotate", "--add-only"], &url, here.path(), &[]);
            assert!(adding.ended(Duration::from_secs(20)).success(), "{:?}", adding.said());
            assert_eq!(masters(here.path()), [1, 2], "{engine:?}: twice is once");
        }
        notes.extend([note(&db, &vault), note(&db, &elsewhere)]);
        opens_all(&url, there.path(), &notes);
        copy();
        let mut rotating = rotate(&url, here.path());
        assert!(rotating.ended(Duration::from_secs(20)).success(), "{:?}", rotating.said());
        notes.extend([note(&db, &elsewhere), note(&db, &vault)]);
        assert_eq!((masters(here.path()), masters(there.path())), (vec![2], vec![1, 2]), "{engine:?}");
        opens_all(&url, here.path(), &notes);
        opens_all(&url, there.path(), &notes);
    }
}
