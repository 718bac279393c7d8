//! Desks and records of a team that looks after 5,000 people with 200,000 entries, and of one with a tenth of that.

use std::time::Instant;

use super::postgres::server;
use crate::{
    figures::{Figures, Wanted, thousands},
    http::{self, Connection},
    site::{self, Site},
    team::{self, ENTRIES, Team},
};

/// People in the care of the team.
const MANY: usize = 5_000;
const FEW: usize = MANY / 10;
/// Times that each page is loaded, one after another.
const LOADS: usize = 200;
/// Milliseconds within which 95 of 100 pages come.
const MOST: f64 = 100.0;

pub fn measure(figures: &mut Figures) {
    on(figures, ("sqlite", "SQLite"), || None);
    if server::fresh_database().is_some() {
        on(figures, ("postgres", "PostgreSQL"), server::fresh_database);
    } else {
        figures.note("Desks on PostgreSQL: skipped, its server is not on this machine.");
    }
}

/// Measures both teams on one engine, each on a database of its own.
fn on(figures: &mut Figures, (engine, name): (&str, &str), database: impl Fn() -> Option<String>) {
    for (size, key, most) in [(FEW, "few", Wanted::Told), (MANY, "many", Wanted::AtMost(MOST))] {
        let folder = site::folder().join(format!("team-{engine}-{size}"));
        let url = database();
        let team = team::make(&folder, url.as_deref(), size);
        let site = Site::start(&folder, url.as_deref(), &[]);
        let of = format!("{name}, {} people, {} entries", thousands(size as f64), thousands((size * ENTRIES) as f64));
        for (page, label, paths, cookie) in pages(&team) {
            let p95 = load(&site, &paths, cookie);
            figures.add(format!("desks.{engine}.{page}.{key}"), format!("{label}, {of}: 95th percentile"), p95, "ms", most);
        }
    }
    for (page, label) in [("worker", "bridge builder’s desk"), ("coordinator", "coordinator’s desk")] {
        let at = |size: &str| figures.get(&format!("desks.{engine}.{page}.{size}")).unwrap_or(f64::NAN);
        let label = format!("{label}, {name}: growth from a tenth");
        figures.add(format!("desks.{engine}.{page}.growth"), label, at("many") / at("few"), "times", Wanted::Less);
    }
}

/// What is looked at, and by whom.
fn pages(team: &Team) -> [(&'static str, &'static str, Vec<String>, &str); 5] {
    let records = team.records.iter().map(|id| format!("/people/{id}")).collect();
    let (worker, coordinator) = (team.bridge_builder.as_str(), team.coordinator.as_str());
    [
        ("worker", "desk with a caseload of 60", vec!["/desk".to_owned()], worker),
        ("record", "a person’s record", records, worker),
        ("coordinator", "coordinator’s desk", vec!["/desk".to_owned()], coordinator),
        ("needs", "coordinator’s desk, who needs something", vec!["/desk?show=needs&page=3".to_owned()], coordinator),
        ("intake", "intake", vec!["/intake".to_owned()], coordinator),
    ]
}

/// Milliseconds within which 95 of 100 pages came.
fn load(site: &Site, paths: &[String], cookie: &str) -> f64 {
    let mut connection = Connection::open(site.address).expect("a connection");
    let mut millis: Vec<f64> = (0..LOADS)
        .map(|at| {
            let request = http::get_as(&paths[at % paths.len()], cookie);
            let began = Instant::now();
            let answer = connection.ask(&request).expect("an answer");
            let took = began.elapsed().as_secs_f64() * 1000.0;
            assert!(answer.status == 200, "{}: {}", paths[at % paths.len()], answer.status);
            took
        })
        .collect();
    millis.sort_unstable_by(f64::total_cmp);
    millis[LOADS * 95 / 100 - 1]
}
