//! Keeping the index in step, and putting it right when it isn't.

use std::{
    fs,
    sync::{Arc, atomic::AtomicBool},
};

use chrono::{Days, Weekday};

use super::{
    ask,
    catalogue::{Town, clock, id, now},
    ids, words,
};
use crate::{
    clock::Clock,
    search::{OpenAt, Question, embedded::Embedded, settings::Settings},
    venues::Facts,
    vocabulary::Vocabulary,
};

fn named(name: &str) -> Facts {
    Facts { name: name.to_owned(), ..Facts::default() }
}

/// Nobody asks to stop.
fn on() -> AtomicBool {
    AtomicBool::new(false)
}

fn reopened(town: Town) -> (Town, Embedded) {
    reopened_at(town, clock())
}

fn reopened_at(town: Town, clock: Clock) -> (Town, Embedded) {
    let Town { db, engine, files, .. } = &town;
    let folder = town.index_folder();
    let beside = folder.with_extension("copy");
    copy(&folder, &beside);
    let vocabulary = Arc::new(Vocabulary::load(files).unwrap());
    let opened = Embedded::open(&beside, vocabulary, Settings::load(files).unwrap(), clock).unwrap();
    _ = (db, engine);
    (town, opened)
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() { copy(&entry.path(), &target) } else { _ = fs::copy(entry.path(), target).unwrap() }
    }
}

#[test]
fn a_change_is_found_after_catching_up() {
    let town = Town::embedded();
    town.put("new", None, &named("Quizzical Hall"));
    assert!(ids(&ask(&town, &words("quizzical"))).is_empty());
    town.catch_up();
    assert_eq!(ids(&ask(&town, &words("quizzical"))), [id("new")]);
    town.put("new", None, &named("Renamed Hall"));
    town.hide("library");
    town.catch_up();
    assert!(ids(&ask(&town, &words("quizzical "))).is_empty());
    assert_eq!(ids(&ask(&town, &words("renamed"))), [id("new")]);
    assert!(!ids(&ask(&town, &Question::default())).contains(&id("library")));
    assert_eq!(ask(&town, &Question::default()).total, 14);
}

#[test]
fn an_index_serves_again_after_a_restart() {
    let (town, opened) = reopened(Town::embedded());
    assert!(opened.ready() && !opened.needs_rebuild());
    assert_eq!(opened.ask(&words("boozer"), now()), ask(&town, &words("boozer")));
    town.put("new", None, &named("Quizzical Hall"));
    let progress = town.db.read_now(|c| opened.catch_up(c, 100, &on())).unwrap();
    assert_eq!((progress.changed, progress.behind), (1, 0));
    assert_eq!(ids(&opened.ask(&words("quizzical"), now())), [id("new")]);
}

#[test]
fn an_index_of_another_vocabulary_serves_until_it_is_made_anew() {
    let town = Town::embedded();
    let kinds = town.index_folder().with_file_name("search-config/vocabulary/kinds.toml");
    let mut text = fs::read_to_string(&kinds).unwrap();
    text = text.replace("slang = [\"flicks\"]", "slang = [\"talkies\"]");
    text.push_str("\n[[kind]]\nid = \"arcade\"\nlabel = \"Arcade\"\nplural = \"Arcades\"\nicon = \"x\"\ndomains = [\"arts\"]\nwords = [\"arcade\"]\n");
    fs::write(&kinds, text).unwrap();
    let (town, opened) = reopened(town);
    assert!(opened.ready() && opened.needs_rebuild());
    let kinds = opened.ask(&Question::default(), now()).facets.kinds;
    assert_eq!(kinds, ask(&town, &Question::default()).facets.kinds);
    town.db.read_now(|c| opened.catch_up(c, 100, &on())).unwrap();
    assert!(!opened.needs_rebuild());
    assert_eq!(ids(&opened.ask(&words("talkies"), now())), [id("cinema")]);
}

#[test]
fn a_damaged_index_is_made_anew() {
    for name in ["meta.json", ".store", ".term", ".idx", "about.json", "current"] {
        let town = Town::embedded();
        let damaged = damage(&town.index_folder(), name);
        assert!(damaged > 0, "{name}");
        let (town, opened) = reopened(town);
        assert!(!opened.ready() || opened.needs_rebuild(), "{name}");
        town.db.read_now(|c| opened.catch_up(c, 100, &on())).unwrap();
        assert_eq!(opened.ask(&Question::default(), now()).total, 14, "{name}");
    }
}

fn damage(folder: &std::path::Path, name: &str) -> usize {
    let mut done = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            done += damage(&path, name);
        } else if path.file_name().unwrap().to_str().unwrap().ends_with(name) {
            let mut bytes = fs::read(&path).unwrap();
            let len = bytes.len();
            bytes[len / 3..].iter_mut().for_each(|byte| *byte ^= 0x55);
            fs::write(&path, bytes).unwrap();
            done += 1;
        }
    }
    done
}

#[test]
fn two_processes_do_not_share_a_folder() {
    let town = Town::embedded();
    let vocabulary = Arc::new(Vocabulary::load(&town.files).unwrap());
    let second = Embedded::open(&town.index_folder(), vocabulary, Settings::load(&town.files).unwrap(), clock());
    assert!(second.is_err_and(|cause| cause.to_string().contains("another process")));
}

#[test]
fn a_rebuild_serves_on_and_leaves_one_index() {
    let town = Town::embedded();
    let engine = town.engine.clone();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                        assert_eq!(engine.here().ask(&words("boozer"), now()).total, 1);
                    }
                })
            })
            .collect();
        for round in 0..5 {
            town.db.read_now(|c| town.engine.rebuild(c, &on(), |_| {})).unwrap();
            town.put("new", None, &named(&format!("Round {round}")));
            town.catch_up();
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        readers.into_iter().for_each(|reader| reader.join().unwrap());
    });
    assert_eq!(indexes(&town), 1);
}

fn indexes(town: &Town) -> usize {
    fs::read_dir(town.index_folder()).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_dir()).count()
}

#[test]
fn a_rebuild_that_fails_leaves_nothing_behind() {
    let town = Town::embedded();
    let rename = |sql: &'static str| town.db.write_now(|c| Ok(diesel::RunQueryDsl::execute(diesel::sql_query(sql), c)?)).unwrap();
    rename("ALTER TABLE offers RENAME TO away");
    for _ in 0..3 {
        assert!(town.db.read_now(|c| town.engine.rebuild(c, &on(), |_| {})).is_err());
    }
    assert_eq!(indexes(&town), 1);
    rename("ALTER TABLE away RENAME TO offers");
    town.db.read_now(|c| town.engine.rebuild(c, &on(), |_| {})).unwrap();
    assert_eq!(indexes(&town), 1);
}

#[test]
fn a_rebuild_stops_when_the_service_ends() {
    let town = Town::embedded();
    let ending = AtomicBool::new(true);
    assert!(!town.db.read_now(|c| town.engine.rebuild(c, &ending, |_| {})).unwrap());
    assert_eq!((indexes(&town), ask(&town, &Question::default()).total), (1, 14));
    let vocabulary = Arc::new(Vocabulary::load(&town.files).unwrap());
    let folder = town.index_folder().with_extension("other");
    let empty = Embedded::open(&folder, vocabulary, Settings::load(&town.files).unwrap(), clock()).unwrap();
    let progress = town.db.read_now(|c| empty.catch_up(c, 100, &ending)).unwrap();
    assert!(progress.changed == 0 && progress.behind > 0 && !empty.ready());
    town.db.read_now(|c| empty.catch_up(c, 100, &on())).unwrap();
    assert!(empty.ready());
}

#[test]
fn hours_are_looked_at_again_on_another_day() {
    let town = Town::embedded();
    let facts = serde_json::json!({"name": "Spring Hall",
        "opening": {"rules": [{"byday": "WE", "from": "10:00", "to": "12:00", "starts": "2026-04-22", "until": "2026-05-06"}]}});
    town.put("spring", None, &serde_json::from_value(facts).unwrap());
    town.catch_up();
    let question = Question { open: Some(OpenAt { day: Weekday::Wed, time: None }), ..words("spring") };
    let mut town = town;
    for (days, found, places) in [(0, 0, 15), (21, 0, 15), (22, 1, 15), (63, 1, 15), (64, 0, 15)] {
        let later = now().checked_add_days(Days::new(days)).unwrap();
        let (same, opened) = reopened_at(town, Clock::Fixed(later.and_utc()));
        same.db.read_now(|c| opened.catch_up(c, 100, &on())).unwrap();
        assert_eq!(opened.ask(&question, later).total, found, "{days} days later");
        assert_eq!((opened.places(), opened.ask(&words("spring"), later).total), (places, 1));
        fs::remove_dir_all(same.index_folder().with_extension("copy")).unwrap();
        town = same;
    }
}

#[test]
fn an_index_ahead_of_its_database_is_made_anew() {
    let town = Town::embedded();
    let (other, opened) = reopened(Town::embedded());
    let log = crate::schema::change_log::table;
    town.db.write_now(|c| Ok(diesel::RunQueryDsl::execute(diesel::delete(log), c)?)).unwrap();
    town.hide("library");
    town.db.read_now(|c| opened.catch_up(c, 100, &on())).unwrap();
    assert_eq!(opened.ask(&Question::default(), now()).total, 13);
    drop(other);
}
