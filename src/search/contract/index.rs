//! Keeping the index in step, and putting it right when it isn't.

use std::{fs, sync::Arc};

use super::{
    ask,
    catalogue::{Town, id, now},
    ids, words,
};
use crate::{
    search::{Question, embedded::Embedded, settings::Settings},
    venues::Facts,
    vocabulary::Vocabulary,
};

fn named(name: &str) -> Facts {
    Facts { name: name.to_owned(), ..Facts::default() }
}

fn reopened(town: Town) -> (Town, Embedded) {
    let Town { db, engine, files, .. } = &town;
    let folder = town.index_folder();
    let beside = folder.with_extension("copy");
    copy(&folder, &beside);
    let vocabulary = Arc::new(Vocabulary::load(files).unwrap());
    let opened = Embedded::open(&beside, vocabulary, Settings::load(files).unwrap()).unwrap();
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
    let progress = town.db.read_now(|c| opened.catch_up(c, 100)).unwrap();
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
    town.db.read_now(|c| opened.catch_up(c, 100)).unwrap();
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
        town.db.read_now(|c| opened.catch_up(c, 100)).unwrap();
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
    let second = Embedded::open(&town.index_folder(), vocabulary, Settings::load(&town.files).unwrap());
    assert!(second.is_err_and(|cause| cause.to_string().contains("another process")));
}

#[test]
fn a_rebuild_serves_on_and_leaves_one_index() {
    let town = Town::embedded();
    let engine = town.engine.clone();
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                        assert_eq!(engine.ask(&words("boozer"), now()).unwrap().total, 1);
                    }
                })
            })
            .collect();
        for round in 0..5 {
            town.db.read_now(|c| town.engine.rebuild(c, |_| {})).unwrap();
            town.put("new", None, &named(&format!("Round {round}")));
            town.catch_up();
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        readers.into_iter().for_each(|reader| reader.join().unwrap());
    });
    let kept = fs::read_dir(town.index_folder()).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_dir()).count();
    assert_eq!(kept, 1);
}

#[test]
fn an_index_ahead_of_its_database_is_made_anew() {
    let town = Town::embedded();
    let (other, opened) = reopened(Town::embedded());
    let log = crate::schema::change_log::table;
    town.db.write_now(|c| Ok(diesel::RunQueryDsl::execute(diesel::delete(log), c)?)).unwrap();
    town.hide("library");
    town.db.read_now(|c| opened.catch_up(c, 100)).unwrap();
    assert_eq!(opened.ask(&Question::default(), now()).total, 13);
    drop(other);
}
