//! The record of who did what: whatever is done to it shows, on both databases.

use std::path::Path;

use diesel::connection::SimpleConnection;
use footbridge::{
    audit::{self, Action, Actor, Entry, Head, Wrong},
    db::{self, Conn, Db},
    error::Failure,
    values::{AccountId, SubjectId},
};
use tempfile::TempDir;
use uuid::Uuid;

use crate::{
    harness::{clock, database, open_database},
    process::run,
    work::ENGINES,
};

/// Entries in the record that is tampered with.
const ENTRIES: i64 = 30;

fn entry(action: Action, subject: Option<SubjectId>) -> Entry {
    Entry { actor: Actor::Account(AccountId(Uuid::new_v4())), action, subject, about: Some("a-note".to_owned()) }
}

fn record(db: &Db, entry: &Entry) {
    db.write_now(|c| audit::record(c, entry, clock().stamp())).expect("it is recorded");
}

/// A database with a record of some length.
fn recorded(engine: crate::harness::Engine, folder: &Path) -> Option<Db> {
    let db = open_database(engine, folder)?;
    for _ in 0..ENTRIES {
        record(&db, &entry(Action::RecordRead, Some(SubjectId(Uuid::new_v4()))));
    }
    Some(db)
}

/// Takes the guard away, as someone with all rights can.
fn unguard(c: &mut Conn) -> Result<(), Failure> {
    match c {
        Conn::Sqlite(c) => c.batch_execute("DROP TRIGGER audit_is_not_changed; DROP TRIGGER audit_is_not_dropped")?,
        Conn::Postgres(c) => c.batch_execute("ALTER TABLE audit DISABLE TRIGGER audit_is_kept")?,
    }
    Ok(())
}

/// What is found after `tamper`, which is undone again.
fn found(db: &Db, exported: Option<&Head>, tamper: impl FnOnce(&mut Conn) -> Result<(), Failure>) -> Result<Head, Wrong> {
    let mut answer = None;
    let undone: Result<(), _> = db.write_now(|c| {
        unguard(c)?;
        tamper(c)?;
        answer = Some(audit::verify(c, exported)?);
        Err(Failure::NotFound)
    });
    answer.unwrap_or_else(|| panic!("{undone:?}"))
}

fn sql(words: &str) -> impl FnOnce(&mut Conn) -> Result<(), Failure> {
    move |c| Ok(c.batch_execute(words)?)
}

/// Moves every entry from a number on by one.
fn shift(c: &mut Conn, from: i64, by: i64) -> Result<(), Failure> {
    let mut numbers: Vec<i64> = (from..=ENTRIES).collect();
    if by > 0 {
        numbers.reverse();
    }
    numbers.into_iter().try_for_each(|n| sql(&format!("UPDATE audit SET position = {} WHERE position = {n}", n + by))(c))
}

#[test]
fn an_entry_that_is_edited_is_found_and_named() {
    for engine in ENGINES {
        let folder = TempDir::new().expect("a folder");
        let Some(db) = recorded(engine, folder.path()) else { continue };
        for change in [
            "at = '2026-11-20T12:00:00.000000'",
            "actor = 'system'",
            "action = 'signed-in'",
            "subject = NULL",
            "subject = ''",
            "about = 'b-note'",
            "about = NULL",
            "hash = 'AAAA'",
            "actor = actor || action, action = ''",
        ] {
            let edited = found(&db, None, sql(&format!("UPDATE audit SET {change} WHERE position = 7")));
            assert_eq!(edited, Err(Wrong::Changed(7)), "{engine:?}: {change}");
        }
        assert_eq!(found(&db, None, |_| Ok(())).map(|head| head.position), Ok(ENTRIES), "{engine:?}: untouched");
    }
}

#[test]
fn an_entry_that_is_deleted_swapped_or_put_in_is_found_and_named() {
    for engine in ENGINES {
        let folder = TempDir::new().expect("a folder");
        let Some(db) = recorded(engine, folder.path()) else { continue };
        let copy = |from: i64, to: i64| {
            format!("INSERT INTO audit SELECT {to}, at, actor, action, subject, about, hash FROM audit WHERE position = {from}")
        };
        assert_eq!(found(&db, None, sql("DELETE FROM audit WHERE position = 7")), Err(Wrong::Missing(7)), "{engine:?}");
        assert_eq!(found(&db, None, sql("DELETE FROM audit WHERE position < 3")), Err(Wrong::Missing(1)), "{engine:?}");
        let closed_up = found(&db, None, |c| {
            sql("DELETE FROM audit WHERE position = 7")(c)?;
            shift(c, 8, -1)
        });
        assert_eq!(closed_up, Err(Wrong::Changed(7)), "{engine:?}: deleted, and the rest closed up");
        let swap = "UPDATE audit SET position = -1 WHERE position = 7; UPDATE audit SET position = 7 WHERE position = 9;
            UPDATE audit SET position = 9 WHERE position = -1";
        assert_eq!(found(&db, None, sql(swap)), Err(Wrong::Changed(7)), "{engine:?}");
        let put_in = found(&db, None, |c| {
            shift(c, 7, 1)?;
            sql(&copy(3, 7))(c)
        });
        assert_eq!(put_in, Err(Wrong::Changed(7)), "{engine:?}");
        assert_eq!(found(&db, None, sql(&copy(3, 0))), Err(Wrong::Early(0)), "{engine:?}");
        assert_eq!(found(&db, None, sql(&copy(3, ENTRIES + 1))), Err(Wrong::Changed(ENTRIES + 1)), "{engine:?}");
    }
}

#[test]
fn an_entry_that_was_exchanged_for_one_with_a_right_hash_does_not_fit_what_follows() {
    for engine in ENGINES {
        let folder = TempDir::new().expect("a folder");
        let Some(db) = recorded(engine, folder.path()) else { continue };
        let exchanged = found(&db, None, |c| {
            sql("CREATE TABLE kept AS SELECT * FROM audit WHERE position > 7; DELETE FROM audit WHERE position > 6")(c)?;
            audit::record(c, &entry(Action::SignedIn, None), clock().stamp())?;
            sql("INSERT INTO audit SELECT * FROM kept")(c)
        });
        assert_eq!(exchanged, Err(Wrong::Changed(8)), "{engine:?}");
    }
}

#[test]
fn a_record_that_was_cut_or_written_anew_is_found_with_an_exported_head() {
    for engine in ENGINES {
        let folder = TempDir::new().expect("a folder");
        let Some(db) = recorded(engine, folder.path()) else { continue };
        let head = db.read_now(audit::head).expect("a head");
        let cut = || sql("DELETE FROM audit WHERE position > 25");
        assert_eq!(found(&db, None, cut()).map(|head| head.position), Ok(25), "{engine:?}: the chain alone doesn't show it");
        assert_eq!(found(&db, Some(&head), cut()), Err(Wrong::Cut { ends: 25, had: ENTRIES }), "{engine:?}");
        let all = found(&db, Some(&head), sql("DELETE FROM audit"));
        assert_eq!(all, Err(Wrong::Cut { ends: 0, had: ENTRIES }), "{engine:?}");
        let rewrite = |c: &mut Conn| {
            sql("DELETE FROM audit WHERE position > 20")(c)?;
            (20..ENTRIES + 5).try_for_each(|_| audit::record(c, &entry(Action::SignedIn, None), clock().stamp()))
        };
        let unseen = found(&db, None, rewrite).map(|head| head.position);
        assert_eq!(unseen, Ok(ENTRIES + 5), "{engine:?}: the chain alone doesn't show it");
        assert_eq!(found(&db, Some(&head), rewrite), Err(Wrong::Rewritten(ENTRIES)), "{engine:?}");
        record(&db, &entry(Action::SignedIn, None));
        assert!(found(&db, Some(&head), |_| Ok(())).is_ok(), "{engine:?}: what came later is no harm");
    }
}

#[test]
fn the_database_itself_refuses_to_change_or_drop_an_entry() {
    for engine in ENGINES {
        let folder = TempDir::new().expect("a folder");
        let Some(db) = recorded(engine, folder.path()) else { continue };
        let mut attempts = vec!["UPDATE audit SET about = 'x' WHERE position = 7", "DELETE FROM audit WHERE position = 30"];
        if engine == crate::harness::Engine::Postgres {
            attempts.push("TRUNCATE audit");
        }
        for attempt in attempts {
            let refused = db.write_now(sql(attempt)).expect_err("it must be refused").to_string();
            assert!(refused.contains("only ever added to"), "{engine:?}: {refused}");
        }
        assert_eq!(db.read_now(audit::head).expect("a head").position, ENTRIES, "{engine:?}");
    }
}

#[test]
fn entries_of_many_at_once_are_numbered_without_gaps_and_only_with_what_they_record() {
    for engine in ENGINES {
        let folder = TempDir::new().expect("a folder");
        let Some(db) = open_database(engine, folder.path()) else { continue };
        let work = |n: usize| {
            db.write_now(|c| {
                db::set_setting(c, &format!("work-{n}"), "done")?;
                audit::record(c, &entry(Action::SignedIn, None), clock().stamp())?;
                // Others get their turn before this one commits, or doesn't.
                std::thread::yield_now();
                if n.is_multiple_of(3) { Err(Failure::NotFound) } else { Ok(()) }
            })
        };
        let done: usize = std::thread::scope(|scope| {
            let some = |of: usize| scope.spawn(move || (0..25).filter(|n| work(of * 25 + n).is_ok()).count());
            let threads: Vec<_> = (0..4).map(some).collect();
            threads.into_iter().map(|thread| thread.join().expect("a thread")).sum()
        });
        let head = db.read_now(|c| audit::verify(c, None)).expect("an answer").expect("it is whole");
        assert_eq!((done, head.position), (66, 66), "{engine:?}");
    }
}

#[test]
fn someones_entries_come_in_pages_newest_first_and_nobody_elses() {
    for engine in ENGINES {
        let folder = TempDir::new().expect("a folder");
        let Some(db) = open_database(engine, folder.path()) else { continue };
        let (theirs, other) = (SubjectId(Uuid::new_v4()), SubjectId(Uuid::new_v4()));
        for n in 0..audit::PAGE + 20 {
            let about = Some(n.to_string());
            record(&db, &Entry { actor: Actor::System, action: Action::RecordRead, subject: Some(theirs), about });
            record(&db, &entry(Action::RecordRead, Some(other)));
        }
        let page = |page: u32| db.read_now(|c| audit::of(c, theirs, page)).expect("a page");
        let numbers = |page: &audit::Recordings| page.entries.iter().map(|e| e.about.clone().expect("an id")).collect::<Vec<_>>();
        let (first, second) = (page(1), page(2));
        assert_eq!((first.entries.len(), first.more), (audit::PAGE as usize, true), "{engine:?}");
        assert_eq!((second.entries.len(), second.more), (20, false), "{engine:?}");
        let expected: Vec<_> = (0..audit::PAGE + 20).rev().map(|n| n.to_string()).collect();
        assert_eq!([numbers(&first), numbers(&second)].concat(), expected, "{engine:?}");
        assert_eq!((first.entries[0].at, first.entries[0].actor), (clock().stamp(), Actor::System), "{engine:?}");
        assert!(page(3).entries.is_empty(), "{engine:?}");
    }
}

#[test]
fn the_command_says_which_entry_is_wrong_and_fails() {
    for engine in ENGINES {
        let folder = TempDir::new().expect("a folder");
        let Some(url) = database(engine, folder.path()) else { continue };
        let db = Db::open(&url, 2).expect("the database opens");
        (0..ENTRIES).for_each(|_| record(&db, &entry(Action::SignedIn, None)));
        let (ok, head) = run(&["audit", "head"], &url, folder.path(), &[]);
        assert!(ok && head.starts_with("footbridge-audit 1 30 ") && head.lines().count() == 1, "{engine:?}: {head}");
        let file = folder.path().join("head");
        std::fs::write(&file, &head).expect("a file");
        let verify = ["audit", "verify", "--head", file.to_str().expect("a path")];
        assert_eq!(
            run(&verify, &url, folder.path(), &[]),
            (true, "30 entries, each as it was written\n".to_owned()),
            "{engine:?}"
        );
        let delete = |position: i64| {
            // Each command sets the guard again.
            let words = format!("DELETE FROM audit WHERE position = {position}");
            db.write_now(|c| unguard(c).and_then(|()| sql(&words)(c))).expect("it is deleted");
        };
        delete(30);
        assert!(run(&verify[..2], &url, folder.path(), &[]).0, "{engine:?}: not without the head");
        let (ok, said) = run(&verify, &url, folder.path(), &[]);
        assert!(!ok && said.contains("ends with entry 29, but had 30"), "{engine:?}: {said}");
        assert!(db.write_now(sql("DELETE FROM audit WHERE position = 7")).is_err(), "{engine:?}: the guard is set again");
        delete(7);
        let (ok, said) = run(&verify[..2], &url, folder.path(), &[]);
        assert!(!ok && said.contains("entry 7 is missing"), "{engine:?}: {said}");
        std::fs::write(&file, "something else").expect("a file");
        let (ok, said) = run(&verify, &url, folder.path(), &[]);
        assert!(!ok && said.contains("what `footbridge audit head` prints"), "{engine:?}: {said}");
    }
}
