//! What the vault must never do.

use std::{os::unix::fs::PermissionsExt, path::Path};

use chrono::NaiveDateTime;
use tempfile::TempDir;
use uuid::Uuid;

use super::*;

const WORDS: &str = "Ada Lovelace, 12 Marlhythe Road";

fn now() -> NaiveDateTime {
    NaiveDateTime::default()
}

fn someone() -> SubjectId {
    SubjectId(Uuid::new_v4())
}

fn database(folder: &Path) -> Db {
    Db::open(&format!("sqlite://{}", folder.join("footbridge.db").display()), 2).expect("it opens")
}

struct Opened {
    folder: TempDir,
    db: Db,
    vault: Vault,
}

/// A database with its key file, and someone's key.
fn opened() -> (Opened, SubjectId, Key) {
    let folder = TempDir::new().expect("a folder");
    let db = database(folder.path());
    let vault = Vault::open_at(folder.path().join("keys"), &db).expect("it opens");
    let subject = someone();
    let key = db.write_now(|c| vault.new_key(c, subject, now())).expect("a key");
    (Opened { folder, db, vault }, subject, key)
}

fn again(there: &Opened) -> Result<Vault, OpenError> {
    Vault::open_at(there.folder.path().join("keys"), &there.db)
}

#[test]
fn what_was_sealed_opens_again_after_a_restart() {
    let (there, subject, key) = opened();
    let place = Place::new("people", "name", 7);
    let sealed = key.seal(&place, WORDS);
    let vault = again(&there).expect("it opens");
    let key = there.db.read_now(|c| vault.key(c, subject)).expect("an answer").expect("a key");
    assert_eq!(key.open(&place, &sealed).expect("it opens").show(), WORDS);
    assert!(sealed.as_str().starts_with("1.") && sealed != key.seal(&place, WORDS), "each time another nonce");
}

#[test]
fn a_sealed_value_that_was_moved_does_not_open() {
    let (there, subject, key) = opened();
    let place = Place::new("people", "name", "a");
    let sealed = key.seal(&place, WORDS);
    for other in [
        Place::new("people", "name", "b"),
        Place::new("people", "note", "a"),
        Place::new("contacts", "name", "a"),
        Place::new("peoplename", "", "a"),
        Place::new("people", "namea", ""),
    ] {
        assert!(key.open(&other, &sealed).is_err(), "{other:?}");
    }
    let other = there.db.write_now(|c| there.vault.new_key(c, someone(), now())).expect("a key");
    assert!(other.open(&place, &sealed).is_err(), "another's key");
    let row = there.db.read_now(|c| store::of(c, &[subject])).expect("rows").remove(&subject).expect("a row");
    assert!(there.vault.unwrap(someone(), &row).is_err(), "a key that was put into another's row");
    assert!(key.open(&place, &sealed).is_ok());
}

#[test]
fn a_sealed_value_that_was_changed_does_not_open() {
    let (_there, _, key) = opened();
    let place = Place::new("people", "name", "a");
    let sealed = key.seal(&place, WORDS);
    let mut tried = 0;
    for at in 0..sealed.as_str().len() {
        let mut text: Vec<u8> = sealed.as_str().into();
        text[at] = if text[at] == b'A' { b'B' } else { b'A' };
        let changed: Sealed = sealed_from(&String::from_utf8(text).expect("letters"));
        assert!(key.open(&place, &changed).is_err(), "byte {at}");
        tried += 1;
    }
    assert!(tried > 60);
    for cut in ["", "1.", "1.AAAA", "2.AAAA", "Ada"] {
        assert!(key.open(&place, &sealed_from(cut)).is_err(), "{cut}");
    }
}

fn sealed_from(text: &str) -> Sealed {
    use diesel::prelude::*;
    let folder = TempDir::new().expect("a folder");
    let as_kept = diesel::select(text.into_sql::<diesel::sql_types::Text>());
    database(folder.path()).read_now(|c| Ok(as_kept.get_result(c)?)).expect("as the database gives it")
}

#[test]
fn debug_and_failures_show_nothing() {
    let (there, _, key) = opened();
    let place = Place::new("people", "name", "a");
    let sealed = key.seal(&place, WORDS);
    let failure = key.open(&Place::new("people", "name", "b"), &sealed).expect_err("another row");
    let shown = format!(
        "{:?} {:?} {key:?} {sealed:?} {:?} {:?} {failure:?} {failure}",
        there.vault,
        Keys::read(&there.folder.path().join("keys")),
        Private::new(WORDS),
        key.open(&place, &sealed),
    );
    let file = std::fs::read_to_string(there.folder.path().join("keys")).expect("a file");
    let secrets = file.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.rsplit(' ').next());
    for secret in secrets.chain(["Ada", "Marlhythe", &sealed.as_str()[2..]]) {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert!(!shown.contains(&format!("{:?}", key.secret())), "{shown}");
}

#[test]
fn a_key_file_that_is_missing_wrong_or_open_to_all_refuses_the_start() {
    let (there, ..) = opened();
    let file = there.folder.path().join("keys");
    let says = |words: &str| {
        let refused = again(&there).expect_err("it must not open").to_string();
        assert!(refused.contains(words), "{refused}");
    };
    assert_eq!(std::fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o604)).expect("a mode");
    says("chmod 600");
    let text = std::fs::read_to_string(&file).expect("a file");
    std::fs::remove_file(&file).expect("it goes");
    says("isn't there");
    assert!(!file.exists(), "no new file stands in for it");
    let theirs = opened().0;
    std::fs::copy(theirs.folder.path().join("keys"), &file).expect("a copy");
    says("belongs to another database");
    for (damaged, words) in [
        (text.replace("marks ", "marks x"), "damaged in line 3"),
        (text.replace("master 1", "master one"), "damaged in line 4"),
        (text.lines().take(3).collect::<Vec<_>>().join("\n"), "cut short"),
        (text.replace("master 1", "master 2"), "lacks master key 1"),
    ] {
        std::fs::write(&file, damaged).expect("it is written");
        says(words);
    }
    let other = Keys::new().text().lines().last().expect("a master key").to_owned();
    std::fs::write(&file, text.lines().take(3).chain([other.as_str()]).collect::<Vec<_>>().join("\n")).expect("it is written");
    says("belongs to another database");
    std::fs::write(&file, &text).expect("it is written");
    assert!(again(&there).is_ok());
}

#[test]
fn two_first_starts_at_the_same_time_agree_on_one_key_file() {
    let folder = TempDir::new().expect("a folder");
    let db = database(folder.path());
    let file = folder.path().join("deep/down/keys");
    let start = || Vault::open_at(file.clone(), &db).map(|vault| vault.mark("a", "b"));
    let marks: Vec<String> = std::thread::scope(|scope| {
        [scope.spawn(start), scope.spawn(start), scope.spawn(start)].map(|t| t.join().expect("a thread"))
    })
    .into_iter()
    .collect::<Result<_, _>>()
    .expect("each opens");
    assert!(marks.iter().all(|mark| *mark == marks[0]), "{marks:?}");
    let elsewhere = folder.path().join("other-keys");
    assert!(matches!(Vault::open_at(elsewhere.clone(), &db), Err(OpenError::Missing(_))), "another path is another file");
    assert!(!elsewhere.exists());
}

#[test]
fn after_erasure_nothing_opens_and_the_ledger_says_so() {
    use diesel::prelude::*;
    let (there, subject, key) = opened();
    let (place, stays) = (Place::new("people", "name", "a"), someone());
    let sealed = key.seal(&place, WORDS);
    let (db, vault) = (&there.db, &there.vault);
    db.write_now(|c| vault.new_key(c, stays, now())).expect("a key");
    let erased = db.write_now(|c| {
        vault.erase(c, subject, now())?;
        vault.erase(c, subject, now())
    });
    erased.expect("twice is once");
    let keys = db.read_now(|c| vault.keys(c, &[subject, stays])).expect("an answer");
    assert!(!keys.contains_key(&subject) && keys[&stays].open(&place, &sealed).is_err());
    assert!(db.read_now(|c| vault.key(c, subject)).expect("an answer").is_none());
    let ledger = crate::schema::erasures::table.select(crate::schema::erasures::subject);
    assert_eq!(db.read_now(|c| Ok(ledger.load::<String>(c)?)).expect("a ledger"), [subject.to_string()]);
}

#[test]
fn marks_stay_the_same_and_differ_by_purpose_and_by_key_file() {
    let (there, ..) = opened();
    let mark = there.vault.mark("email", "ada@example.org");
    assert_eq!(mark, again(&there).expect("it opens").mark("email", "ada@example.org"));
    assert!(mark.len() == 43 && mark.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'), "{mark}");
    let others = [
        there.vault.mark("token", "ada@example.org"),
        there.vault.mark("emaila", "da@example.org"),
        opened().0.vault.mark("email", "ada@example.org"),
    ];
    assert!(!others.contains(&mark));
}

/// Puts the database back to before an erasure, as restoring an older backup does.
fn put_back(there: &Opened, row: &Wrapped) {
    use diesel::prelude::*;
    let back = there.db.write_now(|c| {
        diesel::delete(crate::schema::erasures::table).execute(c)?;
        store::insert(c, row)
    });
    back.expect("it is as it was before");
}

fn opened_again(there: &Opened) -> Vault {
    let vault = again(there).expect("it opens");
    vault.erase_again(&there.db, Clock::System).expect("an answer");
    vault.note_erasures(&there.db).expect("an answer");
    vault
}

#[test]
fn whoever_is_in_the_ledger_beside_the_key_file_is_erased_again() {
    let (there, subject, _) = opened();
    let row = there.db.read_now(|c| store::of(c, &[subject])).expect("rows").remove(&subject).expect("a row");
    there.db.write_now(|c| there.vault.erase(c, subject, now())).expect("it is erased");
    there.vault.note_erasures(&there.db).expect("it is noted");
    put_back(&there, &row);
    assert!(there.db.read_now(|c| there.vault.key(c, subject)).expect("an answer").is_some(), "the old key is back");
    let vault = opened_again(&there);
    assert!(there.db.read_now(|c| vault.key(c, subject)).expect("an answer").is_none());
    let entries = there.db.read_now(|c| crate::audit::of(c, subject, 1)).expect("a page").entries;
    assert_eq!(entries.iter().map(|entry| entry.action).collect::<Vec<_>>(), [crate::audit::Action::ErasedAgain]);
    assert_eq!(vault.erase_again(&there.db, Clock::System).expect("an answer"), 0, "once is enough");
}

#[test]
fn an_erasure_whose_process_died_before_it_was_noted_is_noted_at_the_next_start() {
    let (there, subject, _) = opened();
    let ledger = ledger::path(&there.folder.path().join("keys"));
    opened_again(&there);
    there.db.write_now(|c| there.vault.erase(c, subject, now())).expect("it is erased");
    let noted = || std::fs::read_to_string(&ledger).expect("a ledger").contains(&subject.to_string());
    assert!(!noted());
    opened_again(&there);
    assert!(noted());
    let length = || std::fs::metadata(&ledger).expect("a ledger").len();
    let before = length();
    opened_again(&there);
    assert_eq!(length(), before, "each stands there once");
}

#[test]
fn a_line_of_the_ledger_that_was_cut_short_spoils_no_other() {
    let (there, first, _) = opened();
    let ledger = ledger::path(&there.folder.path().join("keys"));
    opened_again(&there);
    let preface = std::fs::read_to_string(&ledger).expect("a ledger");
    std::fs::write(&ledger, format!("{preface}{first} 2026-1")).expect("it is written");
    there.db.write_now(|c| there.vault.erase(c, first, now())).expect("it is erased");
    opened_again(&there);
    let text = std::fs::read_to_string(&ledger).expect("a ledger");
    assert_eq!(text.lines().last(), Some(format!("{first} 1970-01-01T00:00:00").as_str()), "{text}");
}

#[test]
fn what_is_left_of_a_destroyed_key_opens_with_nothing_after_a_rotation() {
    let (there, subject, _) = opened();
    let row = there.db.read_now(|c| store::of(c, &[subject])).expect("rows").remove(&subject).expect("a row");
    there.db.write_now(|c| there.vault.erase(c, subject, now())).expect("it is erased");
    put_back(&there, &row);
    assert!(there.db.read_now(|c| there.vault.key(c, subject)).expect("an answer").is_some(), "before it, it would");
    there.db.write_now(|c| there.vault.erase(c, subject, now())).expect("it is erased");
    assert_eq!(there.vault.rotate(&there.db, Clock::System).expect("they are rotated").dropped, [1]);
    put_back(&there, &row);
    assert!(there.db.read_now(|c| there.vault.key(c, subject)).is_err());
}
