//! The index keeps up with the database, whoever writes there, and is made anew without a gap.

use std::{
    process::Command,
    sync::atomic::AtomicBool,
    time::{Duration, Instant},
};

use footbridge::{clock::Clock, demo, follow::REINDEX, jobs, lease::Lease, search::verbs, settings_files::SettingsFiles};

use crate::{
    harness::{Site, clock, runner},
    on_both_databases,
};

on_both_databases!(
    what_another_process_imports_shows_within_five_seconds,
    reindexing_on_request_leaves_no_gap,
    reindexing_waits_for_its_turn,
    old_changes_are_dropped_and_an_index_that_missed_them_is_made_anew,
    a_job_is_claimed_once_and_a_lost_one_is_claimed_again,
);

async fn total(site: &Site) -> u64 {
    site.get("/api/v1/venues").await.json()["total"].as_u64().expect("a total")
}

async fn what_another_process_imports_shows_within_five_seconds(site: &mut Site) {
    assert_eq!(total(site).await, 0);
    let url = site.database.clone();
    // Processes on one database share its key file.
    let (folder, keys) = (site.folder.path().join("other"), site.folder.path().join("footbridge.keys"));
    let run = Command::new(env!("CARGO_BIN_EXE_footbridge"))
        .arg("demo")
        .env("DATABASE_URL", url)
        .env("DATA_DIR", folder)
        .env("KEY_FILE", keys)
        .output();
    let run = run.expect("the binary runs");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let began = Instant::now();
    while total(site).await < 150 {
        assert!(began.elapsed() < Duration::from_secs(5), "only {} venues after five seconds", total(site).await);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(site.get("/").await.text.contains("made up"), "the demo is named at once");
}

async fn reindexing_on_request_leaves_no_gap(site: &mut Site) {
    site.load_demo();
    let before = total(site).await;
    let note = site.folder.path().join("index/current");
    let serving = || std::fs::read_to_string(&note).expect("a note of which index serves");
    let old = serving();
    site.app.db.write(verbs::ask_for_reindex).await.expect("it can be asked");
    let began = Instant::now();
    while serving() == old {
        assert_eq!(total(site).await, before, "while the index is made anew");
        assert!(began.elapsed() < Duration::from_secs(20), "nothing was made anew");
    }
    assert_eq!(total(site).await, before, "once it is made anew");
}

async fn reindexing_waits_for_its_turn(site: &mut Site) {
    site.load_demo();
    let note = site.folder.path().join("index/current");
    let serving = || std::fs::read_to_string(&note).expect("a note of which index serves");
    let old = serving();
    let of_another_process = Lease::take(&site.app.db, REINDEX).expect("an answer").expect("free");
    site.app.db.write(verbs::ask_for_reindex).await.expect("it can be asked");
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(serving(), old, "another process is making its index anew");
    drop(of_another_process);
    let began = Instant::now();
    while serving() == old {
        assert!(began.elapsed() < Duration::from_secs(20), "its turn never came");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let given_back = || Lease::take(&site.app.db, REINDEX).expect("an answer");
    while given_back().is_none() {
        assert!(began.elapsed() < Duration::from_secs(20), "it kept the lease");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn old_changes_are_dropped_and_an_index_that_missed_them_is_made_anew(site: &mut Site) {
    site.load_demo();
    let before = total(site).await;
    let late = clock().stamp() + chrono::Duration::days(40);
    site.app.db.write(move |c| jobs::ask_for(c, "late", jobs::Kind::Tidy, "", late, late)).await.expect("it can be asked for");
    let runner = runner(&site.app.db, site.folder.path(), Clock::Fixed(late.and_utc()));
    while runner.run_one().expect("jobs run") {}
    let left = site.app.db.read(|c| footbridge::venues::store::changes_after(c, 0, 10)).await.expect("the log can be read");
    assert_eq!(left.len(), 1, "only the newest change is kept");

    let empty = site.folder.path().join("behind");
    let files = SettingsFiles::default();
    let engine =
        footbridge::search::engine::Engine::open(&empty, site.app.vocabulary.clone(), &files, clock(), None).expect("it opens");
    while site.app.db.read_now(|c| engine.catch_up(c, 100, &AtomicBool::new(false))).expect("it follows").changed > 0 {}
    let found = engine.here().ask(&footbridge::search::Question::default(), clock().in_london().naive_local());
    assert_eq!(found.total, before);
}

async fn a_job_is_claimed_once_and_a_lost_one_is_claimed_again(site: &mut Site) {
    let now = clock().stamp() - chrono::Duration::days(1);
    site.app
        .db
        .write(move |c| {
            for id in ["one", "one", "two"] {
                jobs::ask_for(c, id, jobs::Kind::Tidy, "", now, now)?;
            }
            let lease = chrono::Duration::seconds(60);
            let mut claim = |now| jobs::claim(c, &[jobs::Kind::Tidy], lease, now);
            assert!(claim(now)?.is_some());
            assert!(claim(now)?.is_some());
            assert!(claim(now)?.is_none(), "asked for twice, it is one job; claimed, it is another's");
            assert!(claim(now + lease * 2)?.is_some(), "whoever held it is gone");
            Ok(())
        })
        .await
        .expect("jobs can be claimed");
}

#[test]
fn loading_the_demo_twice_changes_nothing() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let Some(db) = crate::harness::open_database(crate::harness::Engine::Sqlite, folder.path()) else { return };
    let files = SettingsFiles::default();
    demo::load(&db, &files, Clock::System).expect("it loads");
    let last = db.read_now(footbridge::venues::store::last_change).expect("the log can be read");
    demo::load(&db, &files, Clock::System).expect("it loads again");
    assert_eq!(db.read_now(footbridge::venues::store::last_change).expect("the log can be read"), last);
}

#[test]
fn an_index_of_another_database_is_made_anew() {
    let (one, other) = (tempfile::TempDir::new().expect("a folder"), tempfile::TempDir::new().expect("a folder"));
    let files = SettingsFiles::default();
    let vocabulary = std::sync::Arc::new(footbridge::app::vocabulary(&files).expect("the vocabulary is sound"));
    let shared = one.path().join("index");
    let totals: Vec<u64> = [(&one, true), (&other, false)]
        .into_iter()
        .filter_map(|(folder, filled)| {
            let db = crate::harness::open_database(crate::harness::Engine::Sqlite, folder.path())?;
            if filled {
                demo::load(&db, &files, Clock::System).expect("the demo loads");
            } else {
                // As many changes as the first, so that the numbers alone don't tell.
                let lead = footbridge::values::VenueId(uuid::Uuid::nil());
                db.write_now(|c| footbridge::venues::store::log_changes(c, &[lead; 500], clock().stamp()))
                    .expect("changes are written");
            }
            let engine =
                footbridge::search::engine::Engine::open(&shared, vocabulary.clone(), &files, clock(), None).expect("it opens");
            while db.read_now(|c| engine.catch_up(c, 1_000, &AtomicBool::new(false))).expect("it follows").changed > 0 {}
            Some(engine.here().ask(&footbridge::search::Question::default(), clock().in_london().naive_local()).total)
        })
        .collect();
    assert!(totals[0] > 150 && totals[1] == 0, "{totals:?}");
}
