//! What whoever runs the service sees: figures, and slow queries in the log. Nothing about visitors is among it.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use footbridge::{clock::Clock, db::Db, jobs};
use tempfile::TempDir;

use crate::{
    harness::{Engine, database},
    process::Process,
    rolling::{free_port, once},
    work::{ENGINES, wait_until},
};

/// Starts a service and waits until it is ready.
fn serve(url: &str, folder: &Path, address: SocketAddr, variables: &[(&str, &str)]) -> Process {
    let bind = address.to_string();
    let all: Vec<(&str, &str)> = variables.iter().copied().chain([("BIND", bind.as_str())]).collect();
    let server = Process::start(&["serve"], url, folder, &all);
    wait_until("it is ready", Duration::from_secs(30), || once(address, "/health/ready").is_ok_and(|a| a.status == 200));
    server
}

fn figures(address: SocketAddr) -> String {
    let answer = once(address, "/metrics").expect("the figures");
    assert_eq!(answer.status, 200);
    assert!(answer.text.contains("application/openmetrics-text"), "{}", answer.text);
    answer.text
}

/// The value of one figure, named as it stands in the text.
fn figure(text: &str, name: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {name} in:\n{text}")).parse().expect("a number")
}

#[test]
fn figures_tell_how_the_service_is_and_nothing_about_visitors() {
    for engine in ENGINES {
        let folder = TempDir::new().expect("a folder");
        let Some(url) = database(engine, folder.path()) else { continue };
        let mut demo = Process::start(&["demo"], &url, folder.path(), &[]);
        assert!(demo.ended(Duration::from_secs(60)).success());
        let (site, watched) = (free_port(), free_port());
        let bind = watched.to_string();
        let _server = serve(&url, folder.path(), site, &[("METRICS_BIND", &bind), ("NO_WORK", "true")]);
        assert_eq!(once(site, "/metrics").expect("an answer").status, 404, "visitors don't see them");
        for path in ["/about", "/about", "/venues?q=zebrafinch", "/zebrafinch", "/zebrafinch/2"] {
            once(site, path).expect("an answer");
        }
        let mut brew = TcpStream::connect(site).expect("it listens");
        brew.write_all(b"ZEBRAFINCH /about HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").expect("it is sent");
        brew.read_to_end(&mut Vec::new()).expect("an answer");
        let db = Db::open(&url, 2).expect("the database opens");
        let due = Clock::System.stamp() - chrono::Duration::minutes(2);
        db.write_now(|c| jobs::ask_for(c, "own", jobs::Kind::Tidy, "", due, due)).expect("a job can be asked for");

        let text = figures(watched);
        let requests = "footbridge_request_duration_seconds_count";
        assert_eq!(figure(&text, &format!("{requests}{{route=\"/about\",method=\"GET\",status=\"200\"}}")), 2.0, "{engine:?}");
        assert_eq!(figure(&text, &format!("{requests}{{route=\"none\",method=\"GET\",status=\"404\"}}")), 3.0);
        assert_eq!(figure(&text, &format!("{requests}{{route=\"/about\",method=\"other\",status=\"403\"}}")), 1.0);
        assert_eq!(figure(&text, "footbridge_jobs_waiting{kind=\"tidy\"}"), 1.0);
        assert!((120.0..180.0).contains(&figure(&text, "footbridge_jobs_oldest_waiting_seconds{kind=\"tidy\"}")));
        assert_eq!(figure(&text, "footbridge_jobs_set_aside{kind=\"tidy\"}"), 0.0);
        assert!(figure(&text, "footbridge_index_places") > 150.0);
        assert_eq!(figure(&text, "footbridge_index_behind_changes"), 0.0);
        assert_eq!((figure(&text, "footbridge_index_ready"), figure(&text, "footbridge_database_up")), (1.0, 1.0));
        let pool = if engine == Engine::Sqlite { "read" } else { "all" };
        assert!(figure(&text, &format!("footbridge_database_connections{{pool=\"{pool}\"}}")) >= 1.0);
        assert!(figure(&text, &format!("footbridge_database_wait_seconds_total{{pool=\"{pool}\"}}")) > 0.0);
        assert!(figure(&text, "process_start_time_seconds") > 1.7e9);
        assert!(text.contains(&format!("footbridge_build_info{{version=\"{}\"}} 1", env!("CARGO_PKG_VERSION"))), "{text}");
        assert!(text.ends_with("# EOF\n") && !text.to_lowercase().contains("zebrafinch"), "{text}");
    }
}

#[test]
fn a_process_of_work_has_figures_too() {
    let folder = TempDir::new().expect("a folder");
    let url = database(Engine::Sqlite, folder.path()).expect("a database");
    let watched = free_port();
    let mut worker = Process::start(&["work"], &url, folder.path(), &[("METRICS_BIND", &watched.to_string())]);
    worker.heard("at work");
    wait_until("it listens", Duration::from_secs(5), || TcpStream::connect(watched).is_ok());
    let text = figures(watched);
    assert_eq!(figure(&text, "footbridge_database_up"), 1.0);
    assert!(text.contains("footbridge_jobs_waiting{") && !text.contains("footbridge_index"), "{text}");
    worker.signal("TERM");
    assert!(worker.ended(Duration::from_secs(10)).success());
}

/// Stands between a process and its database; while it is frozen, nothing passes and nothing is refused.
fn between(to: SocketAddr, frozen: &Arc<AtomicBool>) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let address = listener.local_addr().expect("its address");
    let frozen = frozen.clone();
    std::thread::spawn(move || {
        for near in listener.incoming().flatten() {
            let far = TcpStream::connect(to).expect("the database listens");
            for (mut from, mut to) in [(near.try_clone().expect("a copy"), far.try_clone().expect("a copy")), (far, near)] {
                let frozen = frozen.clone();
                std::thread::spawn(move || {
                    let mut part = [0; 4096];
                    while let Ok(read) = from.read(&mut part) {
                        while frozen.load(Ordering::Relaxed) {
                            std::thread::sleep(Duration::from_millis(10));
                        }
                        if read == 0 || to.write_all(&part[..read]).is_err() {
                            let _ = to.shutdown(Shutdown::Both);
                            return;
                        }
                    }
                });
            }
        }
    });
    address
}

#[test]
fn figures_and_health_answer_while_the_database_does_not() {
    let folder = TempDir::new().expect("a folder");
    let Some(url) = database(Engine::Postgres, folder.path()) else { return };
    let real = url.split(['@', '/']).nth(3).expect("host and port");
    let frozen = Arc::new(AtomicBool::new(false));
    let url = url.replace(real, &between(real.parse().expect("an address"), &frozen).to_string());
    let (site, watched) = (free_port(), free_port());
    let _server = serve(&url, folder.path(), site, &[("METRICS_BIND", &watched.to_string())]);
    assert_eq!(figure(&figures(watched), "footbridge_database_up"), 1.0);
    frozen.store(true, Ordering::Relaxed);
    for _ in 0..3 {
        let began = Instant::now();
        let text = figures(watched);
        assert_eq!(figure(&text, "footbridge_database_up"), 0.0);
        assert!(!text.contains("footbridge_jobs_waiting{"), "nothing old is told: {text}");
        assert_eq!(once(site, "/health/ready").expect("an answer").status, 503);
        assert!(began.elapsed() < Duration::from_secs(6), "after {:?}", began.elapsed());
    }
    frozen.store(false, Ordering::Relaxed);
    wait_until("it is told again", Duration::from_secs(20), || figure(&figures(watched), "footbridge_database_up") == 1.0);
}

#[test]
fn slow_queries_are_logged_with_their_request_and_without_what_was_typed() {
    for engine in ENGINES {
        let folder = TempDir::new().expect("a folder");
        let Some(url) = database(engine, folder.path()) else { continue };
        let mut demo = Process::start(&["demo"], &url, folder.path(), &[]);
        assert!(demo.ended(Duration::from_secs(60)).success());
        let site = free_port();
        let server = serve(&url, folder.path(), site, &[("SLOW_QUERY_MS", "0"), ("DB_POOL", "2")]);
        let mut queries = Vec::new();
        for path in ["/venues?q=choir&near=ZE12+9ZZ", "/api/v1/venues?q=choir&near=Zebrafinchley"] {
            let answer = once(site, path).expect("an answer");
            let id = answer.text.lines().find_map(|line| line.strip_prefix("x-request-id: ")).expect("a request id");
            let said = server.said();
            let ours = said.iter().filter(|line| line.contains("a slow query") && line.contains(id));
            queries.extend(ours.cloned());
        }
        let said = server.said().join("\n");
        assert!(queries.iter().any(|line| line.contains("postcodes")), "{engine:?}: {said}");
        assert!(queries.iter().all(|line| line.contains("ms=") && line.to_uppercase().contains("SELECT")), "{queries:?}");
        let typed = ["ze12", "zebrafinchley", "choir", "binds"];
        let quoted = typed.into_iter().find(|typed| said.to_lowercase().contains(typed));
        assert_eq!(quoted, None, "{engine:?}: {said}");
    }
}

#[test]
fn quick_queries_are_not_logged() {
    let folder = TempDir::new().expect("a folder");
    let url = database(Engine::Sqlite, folder.path()).expect("a database");
    let site = free_port();
    let server = serve(&url, folder.path(), site, &[("SLOW_QUERY_MS", "60000")]);
    once(site, "/venues?q=choir").expect("an answer");
    assert!(!server.said().join("\n").contains("a slow query"));
}
