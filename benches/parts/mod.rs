//! What is measured, part by part.

mod desks;
mod import;
mod matching;
mod meilisearch;
mod pages;
mod postgres;
mod search;
mod sign_in;

use serde_json::Value;

use crate::{
    catalogue::Size,
    figures::{Figures, Wanted},
    load::Outcome,
    questions::{self, Question},
    site::Site,
};

/// Measures one part.
pub type Part = fn(&mut Figures);

/// Every part, in the order in which they run.
pub const ALL: [(&str, Part); 8] = [
    ("import", import::measure),
    ("search", search::measure),
    ("matching", matching::measure),
    ("meilisearch", meilisearch::measure),
    ("pages", pages::measure),
    ("postgres", postgres::measure),
    ("desks", desks::measure),
    ("sign-in", sign_in::measure),
];

const MB: f64 = 1_000_000.0;

/// The questions, which are made from the counts of the London catalogue.
fn questions() -> Vec<Question> {
    let site = Site::start(&Size::London.folder(), None, &[]);
    let all: Value = site.json("/api/v1/venues?per_page=1");
    questions::questions(&all["facets"])
}

/// Writes down what came of a load.
fn tell(figures: &mut Figures, key: &str, label: &str, outcome: &Outcome, rate: Wanted, p99: Wanted) {
    figures.add(format!("{key}.rate"), format!("{label}: answers a second"), outcome.rate, "", rate);
    figures.add(format!("{key}.median"), format!("{label}: median"), outcome.median, "ms", Wanted::Less);
    figures.add(format!("{key}.p99"), format!("{label}: 99th percentile"), outcome.p99, "ms", p99);
    // Of a server that someone else started it isn't known.
    if outcome.cpu > 0.0 {
        figures.add(format!("{key}.cpu"), format!("{label}: processor time an answer"), outcome.cpu, "ms", Wanted::Less);
    }
    figures.add(format!("{key}.bytes"), format!("{label}: bytes an answer"), outcome.bytes, "", Wanted::Told);
    figures.add(format!("{key}.own"), format!("{label}: processors taken by asking"), outcome.own, "", Wanted::Told);
}
