//! The baseline: a Meilisearch server that answers the same questions on the same machine, with the same asker.

use std::{net::SocketAddr, thread, time::Duration};

use footbridge::{
    db::Db,
    settings_files::SettingsFiles,
    values::VenueId,
    venues::{api::PublicVenue, store},
    vocabulary::Vocabulary,
};
use serde_json::{Value, json};

use super::{questions, tell};
use crate::{
    catalogue::Size,
    figures::{Figures, Wanted},
    http::{self, Connection},
    load,
    questions::{Question, WITHIN_KM},
    site::Site,
};

/// The index that is made and thrown away.
const INDEX: &str = "footbridge-bench";
/// Documents sent at once.
const BATCH: i64 = 2_000;
/// What is counted.
const FACETS: [&str; 8] = ["kinds", "activities", "domains", "borough", "access", "setting", "free", "places_now"];
/// Our own engine shall be so many times as fast.
const TIMES: f64 = 5.0;
/// With Meilisearch as engine, this share of its own speed shall be left.
const SHARE: f64 = 0.85;

struct Meili {
    url: String,
    address: SocketAddr,
    key: String,
}

pub fn measure(figures: &mut Figures) {
    let Ok(url) = std::env::var("BENCH_MEILI_URL") else {
        figures.note("Meilisearch: skipped, BENCH_MEILI_URL names no server.");
        return;
    };
    let host = url.trim_start_matches("http://").trim_end_matches('/');
    let meili = Meili { address: host.parse().expect("an address and a port"), key: key(), url: url.clone() };
    let questions = questions();
    for size in [Size::London, Size::Britain] {
        alone(figures, &meili, size, &questions);
        through(figures, &meili, size, &questions);
    }
}

/// The server itself, asked without us.
fn alone(figures: &mut Figures, meili: &Meili, size: Size, questions: &[Question]) {
    meili.fill(size);
    let requests: Vec<Vec<u8>> = questions.iter().map(|question| meili.search(question)).collect();
    let outcome = load::run(&[meili.address], &requests, &Vec::new);
    let (code, label) = (size.code(), format!("Meilisearch itself, {}", size.label()));
    tell(figures, &format!("meilisearch.{code}"), &label, &outcome, Wanted::Told, Wanted::Told);
    meili.ask("DELETE", &format!("/indexes/{INDEX}"), "");
    meili.settle();
    if let Some(ours) = figures.get(&format!("search.{code}.rate")) {
        let label = format!("search in the process to Meilisearch itself, {}, answers a second", size.label());
        figures.add(format!("meilisearch.{code}.times"), label, ours / outcome.rate, "times", Wanted::AtLeast(TIMES));
    }
}

fn key() -> String {
    std::env::var("BENCH_MEILI_KEY").unwrap_or_default()
}

/// Our own service with Meilisearch as its engine.
fn through(figures: &mut Figures, meili: &Meili, size: Size, questions: &[Question]) {
    let own = format!("{INDEX}-served");
    let settings = [("MEILI_URL", meili.url.as_str()), ("MEILI_KEY", &meili.key), ("MEILI_INDEX", &own)];
    let site = Site::start(&size.folder(), None, &settings);
    while !answers_through(&site) {
        thread::sleep(Duration::from_millis(200));
    }
    meili.settle();
    let requests: Vec<Vec<u8>> = questions.iter().map(Question::to_api).collect();
    let outcome = load::run(&[site.address], &requests, &|| vec![site.pid()]);
    let (code, label) = (size.code(), format!("search through Meilisearch, {}", size.label()));
    tell(figures, &format!("through.{code}"), &label, &outcome, Wanted::More, Wanted::Less);
    let stood_in = format!("{label}: answered by the embedded engine instead");
    figures.add(format!("through.{code}.stood_in"), stood_in, outcome.behind * 100.0, "%", Wanted::AtMost(1.0));
    if let Some(alone) = figures.get(&format!("meilisearch.{code}.rate")) {
        let label = format!("search through Meilisearch to Meilisearch itself, {}, answers a second", size.label());
        figures.add(format!("through.{code}.share"), label, outcome.rate / alone * 100.0, "%", Wanted::AtLeast(SHARE * 100.0));
    }
    drop(site);
    for name in [own.clone(), format!("{own}_state")] {
        meili.ask("DELETE", &format!("/indexes/{name}"), "");
    }
    meili.settle();
}

/// Whether Meilisearch answers, and not the engine in the process.
fn answers_through(site: &Site) -> bool {
    site.json("/api/v1/venues?q=cafe&per_page=1")["behind"] == false
}

impl Meili {
    fn search(&self, question: &Question) -> Vec<u8> {
        let (lat, lon) = &question.point;
        let body = json!({
            "q": question.words, "filter": format!("_geoRadius({lat}, {lon}, {})", WITHIN_KM * 1000), "facets": FACETS, "limit": 20,
        });
        http::json("POST", &format!("/indexes/{INDEX}/search"), &self.key, &body.to_string())
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> Value {
        let mut connection = Connection::open(self.address).expect("a connection");
        let (answer, body) = connection.body(&http::json(method, path, &self.key, body)).expect("an answer");
        assert!((200..300).contains(&answer.status), "{path}: {}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).unwrap_or_default()
    }

    /// Makes the index and waits until it is there.
    fn fill(&self, size: Size) {
        self.ask("POST", "/indexes", &json!({ "uid": INDEX, "primaryKey": "id" }).to_string());
        let settings = json!({
            "searchableAttributes": ["name", "kinds", "activities", "description", "borough"],
            "filterableAttributes": ["_geo", "kinds", "activities", "domains", "borough", "access", "setting", "free", "places_now"],
            "sortableAttributes": ["_geo"],
        });
        self.ask("PATCH", &format!("/indexes/{INDEX}/settings"), &settings.to_string());
        for batch in documents(size) {
            self.ask("POST", &format!("/indexes/{INDEX}/documents"), &Value::from(batch).to_string());
        }
        self.settle();
    }

    fn settle(&self) {
        loop {
            let tasks = self.ask("GET", "/tasks?statuses=enqueued,processing&limit=1", "");
            if tasks["total"].as_u64() == Some(0) {
                return;
            }
            thread::sleep(Duration::from_millis(200));
        }
    }
}

/// A catalogue as documents, in batches.
fn documents(size: Size) -> Vec<Vec<Value>> {
    let database = size.folder().join("footbridge.db");
    let db = Db::open(&format!("sqlite://{}", database.display()), 1).expect("the database opens");
    let vocabulary = Vocabulary::load(&SettingsFiles::default()).expect("a vocabulary");
    let mut batches = Vec::new();
    let mut after: Option<VenueId> = None;
    loop {
        let (leads, cards) = db
            .read_now(|c| {
                let leads = store::leads_after(c, after, BATCH)?;
                let cards = store::cards(c, &leads)?;
                Ok((leads, cards))
            })
            .expect("the database answers");
        let Some(last) = leads.last() else { return batches };
        after = Some(*last);
        batches.push(cards.into_iter().map(|card| document(PublicVenue::of(card, &vocabulary, None))).collect());
    }
}

fn document(venue: PublicVenue) -> Value {
    let mut all = serde_json::to_value(venue).expect("JSON");
    let mut document = json!({});
    for name in ["id", "name", "kinds", "activities", "description", "domains", "borough", "address", "postcode"] {
        document[name] = all[name].take();
    }
    document["setting"] = all["setting"]["mark"].take();
    document["free"] = (all["cost_to_try"]["pence"] == 0 || all["usual_cost"]["pence"] == 0).into();
    document["places_now"] = false.into();
    let access = all["access"].as_object().map(|access| access.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
    document["access"] = access.into();
    if let (Some(lat), Some(lon)) = (all["lat"].as_f64(), all["lon"].as_f64()) {
        document["_geo"] = json!({ "lat": lat, "lng": lon });
    }
    document
}
