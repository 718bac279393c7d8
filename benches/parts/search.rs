//! Search over the JSON interface: words, a circle of 8 km and all counts.

use super::{MB, questions, tell};
use crate::{
    catalogue::Size,
    figures::{Figures, Wanted},
    http::Connection,
    load::{self, expect_200},
    questions::Question,
    site::Site,
};

/// At least so many of the questions find something.
const FOUND: f64 = 0.8;

pub fn measure(figures: &mut Figures) {
    let questions = questions();
    for size in [Size::London, Size::Britain] {
        one(figures, size, &questions);
    }
    let median = |size: &str| figures.get(&format!("search.{size}.median")).unwrap_or(f64::NAN);
    let ratio = median("britain") / median("london");
    figures.add("search.growth", "median on 177,739 rows to that on 19,396", ratio, "times", Wanted::AtMost(2.5));
}

fn one(figures: &mut Figures, size: Size, questions: &[Question]) {
    let site = Site::start(&size.folder(), None, &[]);
    let requests: Vec<Vec<u8>> = questions.iter().map(Question::to_api).collect();
    let found = found(&site, &requests);
    assert!(size != Size::London || found >= FOUND, "only {found} of the questions find something");
    let key = format!("search.{}", size.code());
    let label = format!("search, {}", size.label());
    figures.add(format!("{key}.found"), format!("{label}: questions that find something"), found * 100.0, "%", Wanted::Told);
    let outcome = load::run(&[site.address], &requests, &|| vec![site.pid()]);
    let rate = if size == Size::London { Wanted::AtLeast(2_600.0) } else { Wanted::More };
    tell(figures, &key, &label, &outcome, rate, Wanted::AtMost(25.0));
    let memory = if size == Size::Britain { Wanted::AtMost(300.0) } else { Wanted::Less };
    figures.add(format!("{key}.resident"), format!("{label}: in memory afterwards"), site.usage().resident / MB, "MB", memory);
}

/// The share of questions that find something; each is asked once.
fn found(site: &Site, requests: &[Vec<u8>]) -> f64 {
    let mut connection = Connection::open(site.address).expect("a connection");
    let mut found = 0.0;
    for request in requests {
        let (answer, body) = connection.body(request).expect("an answer");
        expect_200(request, answer);
        let page: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
        found += f64::from(u8::from(page["total"].as_u64() > Some(0)));
    }
    found / requests.len() as f64
}
