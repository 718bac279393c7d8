//! Meilisearch beside the embedded engine: what is sent to it, and what visitors see when it is slow, broken or gone.

mod stub;

use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use self::stub::{Mood, Stub};
use crate::harness::{Engine, Site, clock, database};

const NOTICE: &str = "Our main search is having a rest. These results may be a little behind.";
const QUESTION: &str = "/api/v1/venues?q=gutar+rehearsal&near=SE29&within_km=8";

/// A service over the demo, whose questions the stub answers; none where there is no such database.
async fn site(engine: Engine, stub: &Stub) -> Option<Site> {
    let folder = TempDir::new().expect("a folder");
    let url = database(engine, folder.path())?;
    let site = Site::start(folder, &url, &["--meili-url", &stub.url(), "--meili-key", "opensesame", "--meili-index", "ours"]);
    site.load_demo();
    Some(site)
}

async fn ask(site: &Site) -> Value {
    let visit = site.get(QUESTION).await;
    assert_eq!(visit.status, 200, "{visit:?}");
    visit.json()
}

/// Waits until Meilisearch answers, or until it doesn't, and gives that answer.
async fn until(site: &Site, behind: bool) -> Value {
    let began = Instant::now();
    loop {
        let answer = ask(site).await;
        if answer["behind"] == behind
            && site.app.search.fed_server().expect("a server").cursor() >= site.app.search.here().cursor()
        {
            return answer;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "still the other engine");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn both(test: impl AsyncFn(&mut Site, &mut Stub)) {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let mut stub = Stub::start();
        let Some(mut site) = site(engine, &stub).await else { continue };
        until(&site, false).await;
        test(&mut site, &mut stub).await;
        site.stop().await;
        stub.stop().await;
    }
}

#[actix_web::test]
async fn settings_come_from_search_config_and_documents_hold_what_is_public() {
    both(async |site, stub| {
        assert!(stub.requests().iter().all(|(.., key, _)| key == "Bearer opensesame"));
        assert!(stub.requests().iter().all(|(_, path, ..)| !path.starts_with("/keys") && !path.starts_with("/dumps")));
        let settings = stub.sent("/settings").pop().expect("settings");
        assert!(settings["stopWords"].as_array().expect("words").contains(&"the".into()));
        assert_eq!(settings["typoTolerance"]["minWordSizeForTypos"], serde_json::json!({"oneTypo": 4, "twoTypos": 8}));
        assert_eq!(settings["synonyms"]["boozer"], serde_json::json!(["pub"]));
        assert_eq!(settings["rankingRules"][0], "words");
        assert_eq!(settings["pagination"]["maxTotalHits"], 10_000);
        assert_eq!(settings["displayedAttributes"], serde_json::json!(["id", "_geo"]));
        let documents = stub.documents("ours");
        assert_eq!(documents.len() as u64, site.app.search.places());
        assert!(stub.documents("ours_next").is_empty(), "the one that was filled beside has been swapped and taken away");
        let studio = documents.iter().find(|one| one["kinds"].as_array().expect("kinds").contains(&"rehearsal-studio".into()));
        let studio = studio.expect("a studio");
        let terms: Vec<&str> =
            studio["terms"].as_array().expect("terms").iter().map(|term| term.as_str().expect("text")).collect();
        assert!(terms.contains(&"k:rehearsal-studio") && terms.contains(&"a:guitar") && terms.contains(&"d:arts"));
        assert!(studio["_geo"]["lng"].is_number());
    })
    .await;
}

#[actix_web::test]
async fn a_question_is_sent_as_filters_made_from_types() {
    both(async |site, stub| {
        stub.forget_requests();
        let path = "/api/v1/venues?q=gutar+rehearsal+near+SE29&within_km=8&kind=cafe&borough=%22%20OR%20id%20EXISTS&access=step_free\
                    &max_cost=500&day=mon&time=19:30&page=3&per_page=10";
        let answer = site.get(path).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let sent = stub.sent("/multi-search").into_iter().find(|sent| sent["queries"][0]["offset"] == 20).expect("the question");
        let queries = sent["queries"].as_array().expect("queries");
        let filter = queries[0]["filter"].as_str().expect("a filter");
        assert!(filter.contains("\"a:guitar\"") && filter.contains("\"k:rehearsal-studio\""), "{filter}");
        assert!(filter.contains("_geoRadius(") && filter.contains(", 8000)"), "{filter}");
        assert!(filter.contains("cost <= 500") && filter.contains("access IN [\"step_free\"]"), "{filter}");
        assert!(filter.contains("kinds IN [\"cafe\"]") && filter.contains("hours IN [17"), "{filter}");
        assert!(filter.contains("borough IN [\"\\\" OR id EXISTS\"]"), "{filter}");
        assert_eq!(queries[0]["q"], "footbridge guitar rehearsal ", "the space says that the last word is whole");
        assert_eq!((&queries[0]["limit"], &queries[0]["offset"]), (&10.into(), &20.into()));
        assert_eq!(queries[0]["sort"][0], "closed:asc");
        assert!(queries[0]["sort"][1].as_str().expect("a sort").starts_with("_geoPoint("));
        let counted: Vec<&str> = queries[1..].iter().map(|query| query["facets"][0].as_str().expect("a field")).collect();
        assert_eq!(counted, ["kinds", "borough", "access", "free"]);
        assert!(!queries[1]["filter"].as_str().expect("a filter").contains("kinds IN"), "a group doesn't narrow its own counts");
    })
    .await;
}

#[actix_web::test]
async fn whatever_goes_wrong_the_embedded_engine_answers_and_it_heals_by_itself() {
    both(async |site, stub| {
        let well = until(site, false).await;
        for mood in [
            Mood::Failing(500),
            Mood::Failing(429),
            Mood::Proxy(502),
            Mood::Proxy(200),
            Mood::Silent,
            Mood::Half,
            Mood::Nonsense,
            Mood::Short,
        ] {
            stub.set(mood);
            let began = Instant::now();
            let answer = until(site, true).await;
            assert!(began.elapsed() < Duration::from_secs(3), "{mood:?} took {:?}", began.elapsed());
            assert_eq!(answer["understood"], well["understood"], "{mood:?}");
            assert!(answer["total"].as_u64().expect("a total") > 0, "{mood:?}");
            let page = site.get("/venues?q=guitar").await;
            assert_eq!(page.status, 200, "{mood:?}");
            assert!(page.all("p.notice").iter().any(|line| line == NOTICE), "{mood:?}");
            let began = Instant::now();
            assert_eq!(ask(site).await["behind"], true);
            assert!(began.elapsed() < Duration::from_millis(800), "nobody waits for a server that is known to be away");
            stub.set(Mood::Well);
            until(site, false).await;
            assert!(!site.get("/venues?q=guitar").await.text.contains(NOTICE), "{mood:?}");
        }
    })
    .await;
}

#[actix_web::test]
async fn a_stopped_server_is_caught_up_with_when_it_comes_back() {
    both(async |site, stub| {
        stub.stop().await;
        assert!(ask(site).await["total"].as_u64().expect("a total") > 0);
        until(site, true).await;
        let gone = stub.documents("ours").pop().expect("a place");
        let id = gone["id"].as_str().expect("an id").to_owned();
        hide(site, &id);
        site.catch_up();
        stub.listen();
        until(site, false).await;
        assert!(stub.documents("ours").iter().all(|one| one["id"] != id.as_str()), "what changed meanwhile reached it");
        assert_eq!(stub.documents("ours").len() as u64, site.app.search.places(), "both hold the same");
    })
    .await;
}

#[actix_web::test]
async fn a_place_that_is_refused_keeps_no_other_out() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let mut stub = Stub::start();
        stub.refuse("w:rehearsal\"");
        let Some(mut site) = site(engine, &stub).await else { continue };
        until(&site, false).await;
        let (there, all) = (stub.documents("ours").len() as u64, site.app.search.places());
        assert!(there < all && there > all / 2, "{there} of {all}");
        assert!(stub.documents("ours").iter().all(|one| !one.to_string().contains("w:rehearsal\"")));
        site.stop().await;
        stub.stop().await;
    }
}

#[actix_web::test]
async fn reindexing_on_request_fills_a_new_index_and_swaps() {
    both(async |site, stub| {
        stub.forget_requests();
        site.app.db.write(footbridge::search::verbs::ask_for_reindex).await.expect("it can be asked");
        let began = Instant::now();
        while stub.sent("/swap-indexes").is_empty() {
            assert_eq!(ask(site).await["behind"], false, "the old one answers meanwhile");
            assert!(began.elapsed() < Duration::from_secs(20), "nothing was made anew");
        }
        until(site, false).await;
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        assert_eq!(stub.sent("/swap-indexes").len(), 1, "once");
    })
    .await;
}

#[actix_web::test]
async fn check_says_how_meilisearch_is_and_what_to_do() {
    both(async |site, stub| {
        let url = stub.url();
        let (database, folder) = (site.database.clone(), site.folder.path().to_owned());
        let check = async |url: String| {
            let (database, folder) = (database.clone(), folder.clone());
            let run = move || {
                let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_footbridge"));
                command.args(["check", "--meili-url", &url, "--meili-key", "opensesame", "--meili-index", "ours"]);
                command.env("DATABASE_URL", database).env("DATA_DIR", folder).output().expect("it runs")
            };
            let run = tokio::task::spawn_blocking(run).await.expect("it ends");
            let said = String::from_utf8_lossy(&run.stdout).into_owned();
            assert!(!said.contains("opensesame"), "{said}");
            said.lines().find(|line| line.contains("Meilisearch")).expect("a line").to_owned()
        };
        let places = site.app.search.places();
        let said = check(url.clone()).await;
        assert!(said.starts_with("ok ") && said.contains(&format!("{places} places, 0 changes behind")), "{said}");
        stub.set(Mood::Failing(500));
        assert!(check(url.clone()).await.starts_with("wrong "));
        stub.stop().await;
        let said = check(url.clone()).await;
        assert!(said.starts_with("wrong ") && said.contains("the embedded engine answers"), "{said}");
    })
    .await;
}

/// Hides a venue as an administrator would, with its entry in the change log.
fn hide(site: &Site, id: &str) {
    use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
    use footbridge::{schema::venues, values::VenueId, venues::store};
    let id: VenueId = id.parse().expect("an id");
    let hidden = site.app.db.write_now(|c| {
        diesel::update(venues::table.filter(venues::card_id.eq(id.to_string()))).set(venues::published.eq(false)).execute(c)?;
        store::log_changes(c, &[id], clock().stamp())
    });
    hidden.expect("it is hidden");
}
