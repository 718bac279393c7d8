//! What every request passes through, and how the service starts and stops.

use std::{
    io::{BufRead, BufReader},
    net::TcpStream,
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use footbridge::{db, routes, server};
use tempfile::TempDir;

use crate::{
    harness::{Engine, Site, Visit, open_database},
    on_both_databases,
};

on_both_databases!(
    every_page_refuses_what_it_should,
    a_wrong_address_gets_a_page_that_helps,
    the_interface_answers_problems_as_json,
    a_method_that_a_path_does_not_have_is_named,
    a_post_from_another_site_is_refused,
    the_service_says_when_it_is_ready,
    every_route_answers,
    an_answer_is_sent_once,
    no_cache_between_keeps_a_page,
);

async fn every_page_refuses_what_it_should(site: &mut Site) {
    for path in ["/", "/venues", "/no-such-page", "/api/v1/venues", "/api/nothing", "/health/live"] {
        let visit = site.get(path).await;
        let policy = visit.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert!(
            !policy.contains("unsafe-inline") && !policy.contains("unsafe-eval") && !policy.contains("data:"),
            "{path}: {policy}"
        );
        assert_eq!(visit.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(visit.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(visit.header("x-request-id").len(), 32, "{path}");
        assert_eq!(visit.header("strict-transport-security"), "", "not while public over http: {path}");
        assert_eq!(visit.header("set-cookie"), "", "{path} sets no cookie");
    }
}

async fn a_wrong_address_gets_a_page_that_helps(site: &mut Site) {
    for path in ["/no-such-page", "/venues/not-an-id", "/venues/6f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d8"] {
        let visit = site.get(path).await;
        assert_eq!(visit.status, 404, "{path}");
        assert_eq!(visit.all("h1"), ["We can’t find that page"], "{path}");
        assert!(!visit.attributes("main a", "href").is_empty(), "{path} leads on");
    }
}

async fn the_interface_answers_problems_as_json(site: &mut Site) {
    let visit = site.get("/api/v1/venues?near=Narnia&within_km=-3&access=wings&page=0").await;
    assert_eq!(visit.status, 422);
    assert_eq!(visit.header("content-type"), "application/problem+json");
    let problem = visit.json();
    assert_eq!(problem["code"], "invalid-input");
    let mut fields: Vec<_> = problem["errors"].as_array().expect("errors").iter().map(|e| e["field"].to_string()).collect();
    fields.sort();
    assert_eq!(fields, ["\"access\"", "\"near\"", "\"page\"", "\"within_km\""]);

    let lost = site.get("/api/v1/venues/6f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d8").await;
    assert_eq!((lost.status, lost.json()["code"].as_str()), (404, Some("not-found")));
    assert_eq!(site.get("/api/v2/other").await.json()["code"], "not-found");
}

async fn a_method_that_a_path_does_not_have_is_named(site: &mut Site) {
    let visit = Visit::read(site.request("DELETE", "/api/v1/venues")).await;
    assert_eq!((visit.status, visit.header("allow")), (405, "GET, HEAD"));
    assert_eq!(visit.json()["code"], "method-not-allowed");
    let page = Visit::read(site.request("POST", "/venues").header("sec-fetch-site", "same-origin")).await;
    assert_eq!((page.status, page.header("allow")), (405, "GET, HEAD"));
    assert_eq!(page.all("h1").len(), 1, "a page for people");
    let head = Visit::read(site.request("HEAD", "/")).await;
    assert_eq!((head.status, head.text.as_str()), (200, ""));
}

async fn a_post_from_another_site_is_refused(site: &mut Site) {
    for headers in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example"), ("x-none", "at all")] {
        let visit = Visit::read(site.request("POST", "/venues").header(headers.0, headers.1)).await;
        assert_eq!((visit.status, visit.all("h1").len()), (403, 1), "{headers:?}");
    }
}

async fn the_service_says_when_it_is_ready(site: &mut Site) {
    assert_eq!(site.get("/health/live").await.status, 200);
    let began = Instant::now();
    while site.get("/health/ready").await.status != 200 {
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", site.get("/health/ready").await);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn every_route_answers(site: &mut Site) {
    // Doors that some don't pass are tried in doors.rs; pages that lead from one to the next in files of their own.
    let in_steps = ["/sign-", "/invitation/", "/refer/myself", "/note/", "/list"];
    let in_steps = |path: &str| in_steps.iter().any(|prefix| path.starts_with(prefix));
    for route in routes::routes().iter().filter(|route| route.who == routes::Who::Anyone && !in_steps(route.path)) {
        let operations = route.path.starts_with("/health/");
        assert_eq!(route.shows == routes::Shows::Operations, operations, "{}", route.path);
        let path = route.path.replace("{id}", "6f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d8").replace("{name:.*}", "nothing.css");
        let from_us = site.request(route.method.as_str(), &path).header("sec-fetch-site", "same-origin");
        let visit = Visit::read(from_us).await;
        // The demo's post is nowhere else.
        let missing = route.path.contains('{') || route.path.starts_with("/demo/");
        let nothing_said = route.method == "POST";
        assert_eq!(
            visit.status,
            if missing {
                404
            } else if nothing_said {
                422
            } else {
                200
            },
            "{path}: {visit:?}"
        );
        assert_eq!(visit.header("x-content-type-options"), "nosniff", "{path}");
    }
}

async fn no_cache_between_keeps_a_page(site: &mut Site) {
    for path in ["/", "/venues?q=guitar", "/shortlist", "/nothing"] {
        let kept = site.get(path).await.header("cache-control").to_owned();
        assert!(kept.contains("private") || kept.contains("no-store"), "{path}: {kept}");
    }
}

async fn an_answer_is_sent_once(site: &mut Site) {
    for path in ["/api/v1/vocabulary", "/api/v1/venues?q=guitar", "/api/openapi.json"] {
        let first = site.get(path).await;
        assert_eq!(first.status, 200, "{path}");
        assert_eq!(first.header("access-control-allow-origin"), "", "only where another site asks");
        let tag = first.header("etag").to_owned();
        let again =
            Visit::read(site.request("GET", path).header("if-none-match", &tag).header("origin", "https://a.example")).await;
        assert_eq!((again.status, again.text.as_str()), (304, ""), "{path}");
        assert_eq!(again.header("access-control-allow-origin"), "*", "{path}");
    }
}

#[actix_web::test]
async fn one_address_is_slowed_down_and_others_are_not() {
    let folder = TempDir::new().expect("a folder");
    let url = format!("sqlite://{}", folder.path().join("footbridge.db").display());
    let mut site = Site::start(folder, &url, &["--trusted-proxy", "127.0.0.1", "--rate-limit", "5"]);
    let ask = |who: &'static str| Visit::read(site.request("GET", "/api/v1/vocabulary").header("x-forwarded-for", who));
    for _ in 0..5 {
        assert_eq!(ask("203.0.113.1").await.status, 200);
    }
    let from_elsewhere = site.request("GET", "/api/v1/vocabulary").header("x-forwarded-for", "203.0.113.1");
    let read_elsewhere = Visit::read(from_elsewhere.header("origin", "https://a.example")).await;
    assert_eq!((read_elsewhere.status, read_elsewhere.header("access-control-allow-origin")), (429, "*"));
    let page = Visit::read(site.request("GET", "/about").header("x-forwarded-for", "203.0.113.1")).await;
    assert_eq!((page.status, page.all("h1")), (429, vec!["That was a lot at once".to_owned()]));
    let slowed = ask("203.0.113.1").await;
    assert_eq!((slowed.status, slowed.json()["code"].as_str()), (429, Some("too-many-requests")));
    assert!(slowed.header("retry-after").parse::<u32>().is_ok());
    assert_eq!(ask("203.0.113.2").await.status, 200);
    assert_eq!(Visit::read(site.request("GET", "/health/live").header("x-forwarded-for", "203.0.113.1")).await.status, 200);
    site.stop().await;
}

#[actix_web::test]
async fn a_public_service_over_https_asks_for_https_and_lets_its_tiles_in() {
    let folder = TempDir::new().expect("a folder");
    let url = format!("sqlite://{}", folder.path().join("footbridge.db").display());
    let flags = ["--public-url", "https://footbridge.example", "--map-tiles-url", "https://{s}.tiles.example/{z}/{x}/{y}.png"];
    let mut site = Site::start(folder, &url, &flags);
    let visit = site.get("/").await;
    assert!(visit.header("strict-transport-security").starts_with("max-age="));
    assert!(visit.header("content-security-policy").contains("img-src 'self' https://*.tiles.example;"));
    site.stop().await;
}

#[test]
fn migrations_run_both_ways_on_both_databases() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let folder = TempDir::new().expect("a folder");
        let Some(db) = open_database(engine, folder.path()) else { continue };
        let again = db.write_now(|c| {
            db::redo_migrations(c).map_err(footbridge::error::Failure::internal)?;
            footbridge::venues::store::count(c)
        });
        assert_eq!(again.expect("the migrations run down and up"), 0, "{engine:?}");
    }
}

static SLOW_BEGAN: AtomicBool = AtomicBool::new(false);

async fn slow() -> &'static str {
    SLOW_BEGAN.store(true, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(700)).await;
    "done"
}

fn table_with_a_slow_route() -> Vec<routes::Route> {
    vec![routes::get("/slow", routes::Site::Plain, routes::Shows::Operations, slow)]
}

#[actix_web::test]
async fn a_running_request_finishes_when_the_service_stops() {
    let folder = TempDir::new().expect("a folder");
    let url = format!("sqlite://{}", folder.path().join("footbridge.db").display());
    let mut site = Site::start(folder, &url, &[]);
    let running = server::start_with(&site.app, table_with_a_slow_route, |_| {}).expect("it starts");
    let address = format!("http://127.0.0.1:{}/slow", running.address.port());
    let asked = actix_web::rt::spawn(async move { reqwest::get(address).await.expect("an answer").text().await });
    while !SLOW_BEGAN.load(Ordering::SeqCst) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    running.stop(true).await.expect("it stops");
    assert_eq!(asked.await.expect("no panic").expect("a whole answer"), "done");
    site.stop().await;
}

fn binary(folder: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_footbridge"));
    command.env_remove("DATABASE_URL").env("DATA_DIR", folder.path()).env("BIND", "127.0.0.1:0");
    command
}

#[test]
fn the_demo_and_real_data_are_never_mixed() {
    let (demo, real) = (TempDir::new().expect("a folder"), TempDir::new().expect("a folder"));
    let list = real.path().join("pubs.geojson");
    let place =
        r#"{"type":"Feature","geometry":{"type":"Point","coordinates":[-0.06,51.47]},"properties":{"id":"1","name":"Pub"}}"#;
    let about = r#""footbridge":{"source":"mine","licence":"CC0-1.0","date":"2026-11-01"}"#;
    let text = format!(r#"{{"type":"FeatureCollection",{about},"features":[{place}]}}"#);
    std::fs::write(&list, text).expect("a file");
    let run = |folder: &TempDir, words: &[&str]| {
        let run = binary(folder).args(words).output().expect("the binary runs");
        (run.status.success(), String::from_utf8_lossy(&run.stderr).into_owned())
    };
    let file = list.display().to_string();
    assert!(run(&demo, &["demo"]).0);
    let (taken, said) = run(&demo, &["import", "venues", &file]);
    assert!(!taken && said.contains("made-up demo"), "{said}");
    let (taken, said) = run(&real, &["import", "venues", &file]);
    assert!(taken, "{said}");
    let (taken, said) = run(&real, &["demo"]);
    assert!(!taken && said.contains("real data"), "{said}");
}

#[test]
fn nonsense_in_a_setting_is_refused_with_its_name() {
    let folder = TempDir::new().expect("a folder");
    for (name, value) in [
        ("DATABASE_URL", "footbridge.db"),
        ("BIND", "everywhere"),
        ("PUBLIC_URL", "footbridge.example/path"),
        ("MAP_TILES_URL", "https://tiles.example/"),
        ("RATE_LIMIT", "0"),
        ("TRUSTED_PROXY", "the-proxy"),
        ("DB_POOL", "-1"),
        ("NO_WORK", "perhaps"),
        ("JOB_LEASE", "0"),
        ("DRAIN_SECONDS", "soon"),
        ("METRICS_BIND", "here"),
        ("SLOW_QUERY_MS", "-1"),
        ("LOG", "loud=very"),
    ] {
        let run = binary(&folder).arg("serve").env(name, value).output().expect("the binary runs");
        let said = String::from_utf8_lossy(&run.stderr).to_lowercase().replace('-', "_");
        assert!(!run.status.success(), "{name}={value} was taken");
        assert!(said.contains(&name.to_lowercase()), "{name} is not named in: {said}");
    }
}

#[test]
fn help_names_every_variable() {
    let folder = TempDir::new().expect("a folder");
    let run = binary(&folder).args(["serve", "--help"]).output().expect("the binary runs");
    let help = String::from_utf8_lossy(&run.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).expect("a README");
    let names =
        ["DATABASE_URL", "DATA_DIR", "SEARCH_CONFIG", "DB_POOL", "LOG", "LOG_FORMAT", "BIND", "PUBLIC_URL", "MAP_TILES_URL"];
    for name in names.into_iter().chain([
        "MAP_TILES_CREDIT",
        "RATE_LIMIT",
        "TRUSTED_PROXY",
        "WORKERS",
        "STOP_SECONDS",
        "NO_WORK",
        "JOB_LEASE",
    ]) {
        assert!(help.contains(&format!("[env: {name}")), "{name} is not in --help");
        assert!(readme.contains(&format!("`{name}`")), "{name} is not in the README");
    }
}

#[test]
fn an_empty_service_says_how_to_fill_it_and_ends_well_at_a_signal() {
    let folder = TempDir::new().expect("a folder");
    let mut server = binary(&folder).arg("serve").stderr(Stdio::piped()).spawn().expect("the binary runs");
    let mut lines = BufReader::new(server.stderr.take().expect("its words")).lines().map_while(Result::ok);
    let mut said = String::new();
    let address = loop {
        let line = lines.next().expect("it says where it is");
        said.push_str(&line);
        said.push('\n');
        if let Some((_, url)) = line.split_once("Footbridge is at http://localhost:") {
            break format!("127.0.0.1:{url}");
        }
    };
    assert!(said.contains("footbridge import venues"), "{said}");
    TcpStream::connect(&address).expect("it listens");
    let stopped = Command::new("kill").args(["-TERM", &server.id().to_string()]).status().expect("kill runs");
    assert!(stopped.success());
    assert!(lines.any(|line| line.contains("stopping")), "it says that it stops");
    assert!(server.wait().expect("it ends").success());
}
