//! Background work: in the service itself, or in processes of its own.

use std::time::{Duration, Instant};

use diesel::{connection::SimpleConnection, prelude::*};
use footbridge::{
    clock::Clock,
    db::{Conn, Db},
    error::Failure,
    jobs, schema,
};
use tempfile::TempDir;

use crate::{
    harness::{Engine, Site, clock, database, open_database, runner},
    process::Process,
};

/// Each database there is.
pub const ENGINES: [Engine; 2] = [Engine::Sqlite, Engine::Postgres];

/// How many jobs are in a state.
pub fn count(db: &Db, state: &str) -> i64 {
    let asked = schema::jobs::table.filter(schema::jobs::state.eq(state)).count();
    db.read_now(|c| Ok(asked.get_result(c)?)).expect("a count")
}

/// Asks for jobs that change only the database. Tries again where workers that write all the time leave no gap:
/// SQLite's lock goes to whoever looks in the right moment, not to whoever waited longest.
pub fn ask_for(db: &Db, prefix: &str, jobs: u32) {
    let now = Clock::System.stamp();
    let ask =
        |c: &mut Conn| (0..jobs).try_for_each(|n| jobs::ask_for(c, &format!("{prefix}-{n:05}"), jobs::Kind::Tidy, "", now, now));
    wait_until("jobs can be asked for", Duration::from_secs(60), || match db.write_now(ask) {
        Err(Failure::Unavailable(_)) => false,
        asked => asked.map(|()| true).expect("jobs can be asked for"),
    });
}

/// Waits until it is so, with an end.
pub fn wait_until(what: &str, within: Duration, mut so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !so() {
        assert!(began.elapsed() < within, "not within {within:?}: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_process_of_work_runs_jobs_beside_a_running_service_and_stops_when_asked() {
    for engine in ENGINES {
        let folder = TempDir::new().expect("a folder");
        let Some(url) = database(engine, folder.path()) else { continue };
        let flags = [("BIND", "127.0.0.1:0"), ("NO_WORK", "yes")];
        let mut server = Process::start(&["serve"], &url, folder.path(), &flags);
        server.heard("Footbridge is at");
        let mut worker = Process::start(&["work"], &url, folder.path(), &[]);
        worker.heard("at work");
        let db = Db::open(&url, 2).expect("the database opens");
        ask_for(&db, "own", 20);
        wait_until("every job is done", Duration::from_secs(20), || count(&db, "done") == 22);
        worker.signal("TERM");
        assert!(worker.ended(Duration::from_secs(10)).success(), "{engine:?}");
        ask_for(&db, "later", 1);
        std::thread::sleep(Duration::from_secs(3));
        assert_eq!(count(&db, "done"), 22, "a service with NO_WORK leaves jobs alone");
    }
}

#[test]
fn a_process_of_work_needs_no_folder_but_for_its_keys_where_the_database_is_elsewhere() {
    let folder = TempDir::new().expect("a folder");
    let Some(url) = database(Engine::Postgres, folder.path()) else { return };
    let own = folder.path().join("never-made");
    let keys = folder.path().join("keys").display().to_string();
    let mut worker = Process::start(&["work"], &url, &own, &[("KEY_FILE", &keys)]);
    worker.heard("at work");
    worker.signal("TERM");
    assert!(worker.ended(Duration::from_secs(10)).success());
    assert!(!own.exists());
    let mut stranger = Process::start(&["work"], &url, &own, &[]);
    assert!(!stranger.ended(Duration::from_secs(10)).success() && !own.exists(), "it makes no keys of its own");
    assert!(stranger.said().join("\n").contains("KEY_FILE"), "{:?}", stranger.said());
}

#[actix_web::test]
async fn one_process_does_everything_by_itself() {
    let folder = TempDir::new().expect("a folder");
    let Some(db) = open_database(Engine::Sqlite, folder.path()) else { return };
    let now = clock().stamp();
    db.write_now(|c| jobs::ask_for(c, "own", jobs::Kind::Tidy, "", now, now)).expect("a job can be asked for");
    let url = format!("sqlite://{}", folder.path().join("footbridge.db").display());
    let mut site = Site::start(folder, &url, &[]);
    let began = Instant::now();
    while count(&db, "done") < 3 {
        assert!(began.elapsed() < Duration::from_secs(10), "the job was left waiting");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    site.stop().await;
}

/// Whether the next day's tidying was asked for, which is what a job of this kind leaves behind.
fn tidied(c: &mut Conn, after: chrono::NaiveDateTime) -> QueryResult<bool> {
    let asked = schema::jobs::table.filter(schema::jobs::run_at.gt(after));
    Ok(asked.count().get_result::<i64>(c)? > 0)
}

#[test]
fn whoever_lost_the_lease_of_a_job_changes_nothing() {
    for engine in ENGINES {
        let folder = TempDir::new().expect("a folder");
        let Some(db) = open_database(engine, folder.path()) else { continue };
        let now = clock().stamp();
        db.write_now(|c| jobs::ask_for(c, "own", jobs::Kind::Tidy, "", now, now)).expect("a job can be asked for");
        let early = runner(&db, folder.path(), clock());
        let late = Clock::Fixed(clock().now() + chrono::Duration::minutes(2));
        let lost = early.claim().expect("an answer").expect("a job");
        let other = runner(&db, folder.path(), late);
        let taken_over = other.claim().expect("an answer").expect("its lease ran out");
        early.run(&lost).expect("the database answers");
        assert!(!db.read_now(|c| Ok(tidied(c, late.stamp())?)).expect("an answer"), "{engine:?}: all of it is undone");
        assert_eq!((count(&db, "done"), count(&db, "running")), (0, 1), "{engine:?}: it is the other's");
        other.run(&taken_over).expect("the database answers");
        assert!(db.read_now(|c| Ok(tidied(c, late.stamp())?)).expect("an answer"), "{engine:?}");
        assert_eq!(count(&db, "done"), 1, "{engine:?}");
    }
}

#[test]
fn a_job_that_takes_longer_than_its_lease_stays_whose_it_is() {
    let folder = TempDir::new().expect("a folder");
    let Some(url) = database(Engine::Postgres, folder.path()) else { return };
    let db = Db::open(&url, 2).expect("the database opens");
    let slow = "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(4); RETURN NEW; END $$;
        CREATE TRIGGER slow BEFORE INSERT ON jobs FOR EACH ROW WHEN (NEW.run_at > NEW.created_at) EXECUTE FUNCTION wait()";
    db.write_now(|c| Ok(c.batch_execute(slow)?)).expect("jobs are slow");
    let start = || Process::start(&["work"], &url, folder.path(), &[("JOB_LEASE", "1")]);
    let _workers = [start(), start()];
    wait_until("what is done once a day is done", Duration::from_secs(30), || count(&db, "done") == 2);
    let begun = schema::jobs::table.filter(schema::jobs::state.eq("done")).select(schema::jobs::attempts);
    assert_eq!(db.read_now(|c| Ok(begun.load::<i32>(c)?)).expect("two jobs"), [1, 1], "nobody else began it");
}
