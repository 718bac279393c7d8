//! One, two and four processes on one PostgreSQL, and what the database does meanwhile.

use std::fs;

use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl, sql_query,
    sql_types::{BigInt, Integer},
};

use super::{questions, tell};
use crate::{
    catalogue::Size,
    figures::{Figures, Wanted},
    load,
    process::{children, cpu},
    questions::Question,
    site::{self, Site},
};

#[path = "../../tests/it/postgres.rs"]
pub(super) mod server;

#[derive(QueryableByName)]
struct Done {
    #[diesel(sql_type = BigInt)]
    transactions: i64,
}

#[derive(QueryableByName)]
struct Backend {
    #[diesel(sql_type = Integer)]
    pid: i32,
}

pub fn measure(figures: &mut Figures) {
    let Some(url) = server::fresh_database() else {
        figures.note("PostgreSQL: skipped, its server is not on this machine.");
        return;
    };
    let questions = questions();
    let size = Size::London;
    let folder = |at: usize| site::folder().join(format!("postgres-{at}"));
    for at in 0..4 {
        let _ = fs::remove_dir_all(folder(at));
    }
    fs::create_dir_all(folder(0)).expect("a folder");
    let import = size.import(&folder(0), Some(&url));
    let label = format!("import of {} into PostgreSQL, without indexing", size.label());
    figures.add("postgres.import", label, import.seconds, "s", Wanted::Less);
    let requests: Vec<Vec<u8>> = questions.iter().map(Question::to_api).collect();
    let mut sites: Vec<Site> = Vec::new();
    let keys = folder(0).join("footbridge.keys").display().to_string();
    for count in [1, 2, 4] {
        while sites.len() < count {
            sites.push(Site::start(&folder(sites.len()), Some(&url), &[("KEY_FILE", &keys)]));
        }
        one(figures, &url, &sites, &requests);
    }
}

fn one(figures: &mut Figures, url: &str, sites: &[Site], requests: &[Vec<u8>]) {
    let mut database = PgConnection::establish(url).expect("the database answers");
    let backend = sql_query("SELECT pg_backend_pid() AS pid").get_result::<Backend>(&mut database).expect("a backend");
    let postmaster = parent_of(backend.pid);
    let spent = || children(postmaster).into_iter().filter_map(cpu).sum::<f64>();
    let addresses: Vec<_> = sites.iter().map(|site| site.address).collect();
    let (cpu_before, done_before) = (spent(), done(&mut database));
    let began = std::time::Instant::now();
    let outcome = load::run(&addresses, requests, &|| sites.iter().map(Site::pid).collect());
    let seconds = began.elapsed().as_secs_f64();
    // The database writes its counts down once a second.
    std::thread::sleep(std::time::Duration::from_millis(1_500));
    let (busy, queries) = ((spent() - cpu_before) / seconds, (done(&mut database) - done_before) as f64 / seconds);
    let count = sites.len();
    let key = format!("postgres.{count}");
    let label = format!("search on PostgreSQL, {count} {}", if count == 1 { "process" } else { "processes" });
    tell(figures, &key, &label, &outcome, Wanted::More, Wanted::Less);
    figures.add(format!("{key}.busy"), format!("{label}: processors taken by them"), outcome.busy, "", Wanted::Told);
    figures.add(format!("{key}.db"), format!("{label}: processors taken by PostgreSQL"), busy, "", Wanted::Less);
    figures.add(format!("{key}.queries"), format!("{label}: queries a second"), queries, "", Wanted::Told);
}

fn done(database: &mut PgConnection) -> i64 {
    let sql = "SELECT xact_commit + xact_rollback AS transactions FROM pg_stat_database WHERE datname = current_database()";
    sql_query(sql).get_result::<Done>(database).expect("counts").transactions
}

fn parent_of(pid: i32) -> u32 {
    let pid = u32::try_from(pid).expect("a process");
    crate::process::parent(pid).expect("the backend's parent")
}
