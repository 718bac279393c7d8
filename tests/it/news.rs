//! Places that are new or have changed and suit what someone wants: a job finds them, the desks show them until they were seen.

use std::fmt::Write as _;

use chrono::TimeDelta;
use footbridge::{
    accounts::{Role, State, clients},
    exchange::{Progress, venues},
    people::aspirations::{self, Wanted},
    settings_files::SettingsFiles,
    values::{AspirationId, SubjectId, VenueId},
};
use uuid::Uuid;

use crate::{
    desks::{Pair, pair},
    harness::{Site, clock},
    on_both_databases,
    people::{Someone, account_with, team},
};

on_both_databases!(
    a_new_place_is_on_the_desk_until_it_was_seen,
    a_place_that_now_fits_is_new_until_it_is_spoken_of,
    every_wish_is_looked_at_batch_by_batch,
    a_whole_catalogue_that_comes_in_is_no_news,
);

/// A place of the made-up publisher: name, kind, step-free, phone.
type Row<'r> = (&'r str, &'r str, &'r str, &'r str);

const TENNIS: Row<'_> = ("Lime Walk", "tennis-club", "yes", "020 7946 0001");
const KILN: Row<'_> = ("The Kiln", "makerspace", "no", "020 7946 0002");
const CLAY: Row<'_> = ("The Clay Room", "makerspace", "yes", "020 7946 0003");

/// Brings in an edition of a feed, all its places in SE15, and does what is done every hour.
async fn edition(site: &Site, rows: &[Row<'_>]) {
    let mut features = String::new();
    for (name, kind, step_free, phone) in rows {
        let activity = if *kind == "makerspace" { "pottery" } else { "tennis" };
        let comma = if features.is_empty() { "" } else { "," };
        write!(
            features,
            r#"{comma}{{"type": "Feature", "geometry": {{"type": "Point", "coordinates": [-0.0645, 51.4735]}}, "properties": {{"id": "{name}",
            "name": "{name}", "kinds": ["{kind}"], "activities": ["{activity}"], "phone": "{phone}",
            "access": {{"step_free": {{"answer": "{step_free}"}}}}}}}}"#
        )
        .expect("text");
    }
    let publisher = r#"{"source": "demo", "licence": "CC0-1.0", "attribution": "Made up", "date": "2026-11-01"}"#;
    let text = format!(r#"{{"type": "FeatureCollection", "footbridge": {publisher}, "features": [{features}]}}"#);
    let path = site.folder.path().join("venues.geojson");
    std::fs::write(&path, text).expect("a file");
    let options = venues::Options {
        paths: vec![path],
        feed: Some("news".to_owned()),
        allow_gone: true,
        rejects: site.folder.path().join("rejects.csv"),
        ..venues::Options::default()
    };
    venues::import(&site.app.db, &SettingsFiles::default(), clock(), &options, &mut Progress::Silent).expect("an import");
    site.catch_up();
    an_hour(site).await;
}

/// The service asks for it itself as it starts, sooner or later.
fn ask(site: &Site) {
    site.app.db.write_now(|c| footbridge::desks::news::ask_for_next(c, clock().stamp())).expect("it is asked for");
}

async fn an_hour(site: &Site) {
    site.later(TimeDelta::hours(1));
    site.finish_jobs().await;
}

fn wish(site: &Site, person: SubjectId, words: &str) -> AspirationId {
    let now = site.now();
    let wanted = Wanted { words: words.parse().expect("words"), near: "SE15".parse().expect("a place"), ..Wanted::default() };
    site.app.db.write_now(|c| aspirations::add(c, &site.app.vault, person, &wanted, &[], now)).expect("a wish")
}

/// What the bridge builder's desk says of new places, and what the person's own page says.
async fn told(site: &Site, all: &Pair) -> (Vec<String>, Vec<String>) {
    let desk = Someone::signed_in(site, all.worker).get(site, "/desk").await;
    let path = jo(site, all).get(site, "/my-path").await;
    (desk.all(".desk__news li"), path.all("#wishes + .cases strong"))
}

/// The person, signed in anew: hours pass here.
fn jo(site: &Site, all: &Pair) -> Someone {
    let account = site.app.db.read_now(|c| clients::account_of(c, all.person)).expect("an answer").expect("an account");
    Someone::signed_in(site, account)
}

async fn a_new_place_is_on_the_desk_until_it_was_seen(site: &mut Site) {
    let all = pair(site);
    let nell = account_with(site, "nell@example.org", "Nell", State::Active, Role::BridgeBuilder, Some(team(site, "West")));
    let id = wish(site, all.person, "pottery, no steps");
    ask(site);
    an_hour(site).await;
    edition(site, &[TENNIS, KILN]).await;
    let nothing = (Vec::new(), Vec::new());
    assert_eq!(told(site, &all).await, nothing, "one is for something else, one has steps");
    edition(site, &[TENNIS, KILN, CLAY]).await;
    let (desk, path) = told(site, &all).await;
    assert_eq!(desk, ["A new or changed place may suit Jo Marsh: The Clay Room"]);
    assert_eq!(path, ["New since you last looked: The Clay Room"]);
    assert!(Someone::signed_in(site, nell).get(site, "/desk").await.all(".desk__news").is_empty(), "of another team");
    // Opened, it is new no more to whoever goes along; to the person it still is, until they open it.
    let page = Someone::signed_in(site, all.worker).get(site, &format!("/people/{}/wishes/{id}", all.person)).await;
    assert_eq!(page.all("main h2")[0], "New since you last looked");
    assert_eq!(page.all(".place__name").iter().filter(|name| *name == "The Clay Room").count(), 1, "{page:?}");
    assert_eq!(told(site, &all).await, (Vec::new(), path));
    jo(site, &all).get(site, &format!("/my-path/wishes/{id}")).await;
    edition(site, &[TENNIS, KILN, (CLAY.0, CLAY.1, CLAY.2, "020 7946 0999")]).await;
    assert_eq!(told(site, &all).await, nothing, "what was shown once isn't new when it changes");
}

async fn a_place_that_now_fits_is_new_until_it_is_spoken_of(site: &mut Site) {
    let all = pair(site);
    let id = wish(site, all.person, "pottery, no steps");
    ask(site);
    an_hour(site).await;
    edition(site, &[KILN]).await;
    let mut kiln = ("The Kiln", "makerspace", "yes", KILN.3);
    edition(site, &[kiln]).await;
    assert_eq!(told(site, &all).await.0, ["A new or changed place may suit Jo Marsh: The Kiln"]);
    let venue = page_of(site, &all, id, "The Kiln").await;
    let mark = [("venue", venue.as_str()), ("mark", "not-for-me")];
    jo(site, &all).post(site, &format!("/my-path/wishes/{id}"), &mark).await;
    assert_eq!(told(site, &all).await, (Vec::new(), Vec::new()));
    kiln.3 = "020 7946 0998";
    edition(site, &[kiln]).await;
    assert_eq!(told(site, &all).await, (Vec::new(), Vec::new()), "what is not for them doesn't come back");
}

/// The id of a place that the places of a wish show.
async fn page_of(site: &Site, all: &Pair, id: AspirationId, name: &str) -> String {
    let page = jo(site, all).get(site, &format!("/my-path/wishes/{id}")).await;
    let at = page.all(".place__name").iter().position(|shown| shown == name).expect("it is shown");
    page.attributes("input[name=venue]", "value")[at].clone()
}

async fn every_wish_is_looked_at_batch_by_batch(site: &mut Site) {
    let all = pair(site);
    ask(site);
    an_hour(site).await;
    // More than one job looks at, and the last of them paused.
    for _ in 0..95 {
        wish(site, all.person, "pottery");
    }
    let paused = wish(site, all.person, "pottery");
    let set = |c: &mut _| aspirations::set_state(c, all.person, paused, aspirations::State::Paused, clock().stamp());
    site.app.db.write_now(set).expect("it is set");
    edition(site, &[CLAY]).await;
    let found = site.app.db.read_now(|c| footbridge::people::fresh::unseen(c, &[all.person], aspirations::By::Worker, 200));
    assert_eq!(found.expect("rows").len(), 95);
    // Nothing is new to someone who pauses.
    let rowan = Someone::signed_in(site, all.worker);
    assert_eq!(rowan.get(site, "/desk").await.all(".desk__news li").len(), 5);
    jo(site, &all).post(site, "/my-path/moves", &[("move", "pause"), ("until", "2026-12-24")]).await;
    assert!(rowan.get(site, "/desk").await.all(".desk__news").is_empty());
}

async fn a_whole_catalogue_that_comes_in_is_no_news(site: &mut Site) {
    let all = pair(site);
    ask(site);
    wish(site, all.person, "pottery");
    // What was there before anyone looked is nothing new.
    edition(site, &[CLAY, KILN]).await;
    let rowan = Someone::signed_in(site, all.worker);
    assert!(rowan.get(site, "/desk").await.all(".desk__news").is_empty());
    edition(site, &[CLAY, KILN, ("The Wheel", "makerspace", "yes", "020 7946 0004")]).await;
    let rowan = Someone::signed_in(site, all.worker);
    assert_eq!(rowan.get(site, "/desk").await.all(".desk__news li").len(), 1);
    let rows =
        [CLAY, KILN, ("The Wheel", "makerspace", "yes", "020 7946 0004"), ("The Slab", "makerspace", "yes", "020 7946 0005")];
    let others: Vec<VenueId> = (0..10_001).map(|_| VenueId(Uuid::new_v4())).collect();
    let log = |c: &mut _| footbridge::venues::store::log_changes(c, &others, clock().stamp());
    site.app.db.write_now(log).expect("they are written down");
    edition(site, &rows).await;
    let rowan = Someone::signed_in(site, all.worker);
    assert_eq!(rowan.get(site, "/desk").await.all(".desk__news li").len(), 1, "nor is it when so much changed at once");
    assert!(!rowan.get(site, "/desk").await.text.contains("The Slab"));
}
