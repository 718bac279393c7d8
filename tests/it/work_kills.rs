//! Processes of work that are killed again and again: every job is done in the end, and none took effect twice.

use std::{collections::BTreeMap, path::Path, time::Duration};

use diesel::{connection::SimpleConnection, prelude::*};
use footbridge::{db::Db, schema::jobs};
use tempfile::TempDir;

use crate::{
    harness::{Engine, database},
    process::Process,
    work::{ENGINES, ask_for, count, wait_until},
};

/// How often one is killed, where `FOOTBRIDGE_KILLS` says nothing else.
const KILLS: u64 = 10;
/// Jobs that wait at each kill, so that the rest always has something to do.
const WAITING: i64 = 120;

/// Counts each time a job takes effect: each run asks for the next day's tidying, whether that is asked for already or not.
/// Makes putting it down as done slow, so that kills meet it between the two.
const COUNTING_SQLITE: &str = "CREATE TABLE runs (rows INTEGER);
    CREATE TRIGGER count_runs BEFORE INSERT ON jobs WHEN NEW.kind = 'tidy' AND NEW.run_at > NEW.created_at BEGIN INSERT INTO runs VALUES (1); END;
    CREATE TRIGGER slow_end BEFORE UPDATE ON jobs WHEN NEW.state = 'done' BEGIN
        DELETE FROM runs WHERE rows =
            (WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT count(*) FROM n);
    END";
const COUNTING_POSTGRES: &str = "CREATE TABLE runs (rows INTEGER);
    CREATE FUNCTION count_run() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO runs VALUES (1); RETURN NEW; END $$;
    CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.03); RETURN NEW; END $$;
    CREATE TRIGGER count_runs BEFORE INSERT ON jobs FOR EACH ROW
        WHEN (NEW.kind = 'tidy' AND NEW.run_at > NEW.created_at) EXECUTE FUNCTION count_run();
    CREATE TRIGGER slow_end BEFORE UPDATE ON jobs FOR EACH ROW WHEN (NEW.state = 'done') EXECUTE FUNCTION wait()";

diesel::table! {
    runs (rows) {
        rows -> Integer,
    }
}

#[test]
fn killed_workers_lose_no_job_and_run_none_twice_on_sqlite() {
    killed_again_and_again(ENGINES[0]);
}

#[test]
fn killed_workers_lose_no_job_and_run_none_twice_on_postgres() {
    killed_again_and_again(ENGINES[1]);
}

fn killed_again_and_again(engine: Engine) {
    let kills = std::env::var("FOOTBRIDGE_KILLS").map_or(KILLS, |text| text.parse().expect("FOOTBRIDGE_KILLS is a number"));
    let folder = TempDir::new().expect("a folder");
    let Some(url) = database(engine, folder.path()) else { return };
    let db = Db::open(&url, 2).expect("the database opens");
    let counting = if engine == Engine::Sqlite { COUNTING_SQLITE } else { COUNTING_POSTGRES };
    db.write_now(|c| Ok(c.batch_execute(counting)?)).expect("the database counts");
    let mut workers = [start(&url, folder.path()), start(&url, folder.path())];
    let mut said = Vec::new();
    for kill in 0..kills {
        ask_for(&db, &format!("own-{kill:04}"), u32::try_from(WAITING - count(&db, "waiting")).unwrap_or(0));
        let worker = &mut workers[usize::from(kill % 3 == 0)];
        worker.heard("at work");
        std::thread::sleep(Duration::from_millis(kill * 37 % 200));
        said.extend(worker.kill());
        *worker = start(&url, folder.path());
    }
    let open = || count(&db, "waiting") + count(&db, "running") - planned(&db);
    wait_until("every job is done", Duration::from_secs(60), || open() == 0);
    for mut worker in workers {
        worker.signal("TERM");
        assert!(worker.ended(Duration::from_secs(10)).success());
        said.extend(worker.said());
    }
    let (done, begun) = done_and_begun(&db);
    let effects: i64 = db.read_now(|c| Ok(runs::table.count().get_result(c)?)).expect("a count");
    eprintln!("{engine:?}: {kills} kills, {done} jobs, {} of them begun again after a kill, {effects} took effect", begun - done);
    assert_eq!(effects, done, "each job took effect once");
    assert_eq!(count(&db, "failed"), 0);
    assert_eq!(finished_twice(&said), Vec::<String>::new());
    assert!(begun > done, "no kill met a running job");
}

fn start(url: &str, folder: &Path) -> Process {
    Process::start(&["work"], url, folder, &[("JOB_LEASE", "1")])
}

/// Jobs for tomorrow.
fn planned(db: &Db) -> i64 {
    let planned = jobs::table.filter(jobs::run_at.gt(jobs::created_at).and(jobs::attempts.eq(0)));
    db.read_now(|c| Ok(planned.count().get_result(c)?)).expect("a count")
}

/// How many jobs that tidy are done, and how often they were begun.
fn done_and_begun(db: &Db) -> (i64, i64) {
    let tidying = jobs::table.filter(jobs::kind.eq("tidy"));
    let all: Vec<(String, i32)> = db.read_now(|c| Ok(tidying.select((jobs::state, jobs::attempts)).load(c)?)).expect("the jobs");
    let done = all.iter().filter(|(state, _)| state == "done").count();
    (i64::try_from(done).expect("few"), all.iter().map(|(_, attempts)| i64::from(*attempts)).sum())
}

/// Jobs that the log says were finished more than once.
fn finished_twice(said: &[String]) -> Vec<String> {
    let mut times: BTreeMap<&str, u32> = BTreeMap::new();
    for line in said.iter().filter(|line| line.contains("a job is done")) {
        let job = line.split("job=").nth(1).expect("its id");
        *times.entry(job).or_default() += 1;
    }
    assert!(!times.is_empty(), "the log names jobs that are done");
    times.into_iter().filter(|(_, times)| *times > 1).map(|(job, _)| job.to_owned()).collect()
}
