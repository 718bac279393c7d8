//! The contract between questions and answers, run over every engine there is.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

pub(crate) mod catalogue;
mod hours;
mod index;

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use chrono::Weekday;

use self::catalogue::{Town, id};
use super::{Found, MAX_DEPTH, OpenAt, Question, Sort};
use crate::{
    places::{Place, PlaceKind},
    values::{Point, VenueId},
    venues::{Access, Mark},
    vocabulary::{ActivityId, Domain, KindId},
};

/// The towns that no test changes, for as long as any test uses them.
fn quiet_towns() -> Arc<Vec<(&'static str, Town)>> {
    static SHARED: Mutex<Weak<Vec<(&'static str, Town)>>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    shared.upgrade().unwrap_or_else(|| {
        let made = Arc::new(towns());
        *shared = Arc::downgrade(&made);
        made
    })
}

/// The engines to test: the embedded one, and Meilisearch where `MEILI_URL` names a server.
fn towns() -> Vec<(&'static str, Town)> {
    let embedded = ("embedded", Town::embedded());
    match Town::on_server() {
        Some(town) => vec![embedded, ("Meilisearch", town)],
        None => vec![embedded],
    }
}

fn words(words: &str) -> Question {
    Question { words: words.to_owned(), ..Question::default() }
}

fn peckham() -> Option<Place> {
    let point = Point { lat: 51.4740, lon: -0.0690 };
    Some(Place { label: "SE15".to_owned(), kind: PlaceKind::District, point })
}

fn ask(town: &Town, question: &Question) -> Found {
    town.ask(question)
}

fn ids(found: &Found) -> Vec<VenueId> {
    found.hits.iter().map(|hit| hit.venue).collect()
}

fn set<T: Ord>(items: impl IntoIterator<Item = T>) -> BTreeSet<T> {
    items.into_iter().collect()
}

/// The question finds just these, in any order, and counts them.
#[track_caller]
fn finds(question: &Question, wanted: &[&str]) {
    for (engine, town) in &*quiet_towns() {
        let found = ask(town, question);
        let ids = ids(&found);
        assert_eq!(set(ids.iter().copied()), set(wanted.iter().map(|short| id(short))), "{engine}: {question:?}");
        assert_eq!(found.total, wanted.len() as u64, "{engine}");
    }
}

/// The question's first hits are these.
#[track_caller]
fn begins_with(question: &Question, wanted: &[&str]) {
    for (engine, town) in &*quiet_towns() {
        let mut ids = ids(&ask(town, question));
        ids.truncate(wanted.len());
        assert_eq!(ids, wanted.iter().map(|short| id(short)).collect::<Vec<_>>(), "{engine}: {question:?}");
    }
}

#[test]
fn an_empty_question_finds_everything_but_what_is_closed_for_good() {
    for (engine, town) in &*quiet_towns() {
        let found = ask(town, &Question::default());
        assert_eq!(found.total, 14, "{engine}");
        assert_eq!(found.facets.kinds[&KindId::from("cafe")], 4);
        assert!(!ids(&found).contains(&id("gone")));
    }
}

#[test]
fn misspellings_find_what_was_meant() {
    for (slip, short) in [
        ("libary", "library"),
        ("musuem", "museum"),
        ("coffe", "cafe"),
        ("tenis", "tennis"),
        ("cinena", "cinema"),
        ("horiman", "museum"),
        ("pelicann", "pelican"),
        ("rehersal", "premises"),
        ("gutar", "premises"),
    ] {
        for (engine, town) in &*quiet_towns() {
            let found = ask(town, &words(slip));
            assert!(ids(&found).contains(&id(short)), "{engine}: {slip} {found:?}");
            let part = &found.understood.parts[0];
            assert!(part.mended.is_some() || !part.concepts.is_empty(), "{engine}: {slip}");
            assert!(!found.understood.loosened);
        }
    }
}

#[test]
fn a_slip_is_looked_for_in_names_as_it_was_meant() {
    for (engine, town) in towns() {
        let facts = crate::venues::Facts { description: Some("We mend every guitar.".to_owned()), ..Default::default() };
        town.put("mender", None, &crate::venues::Facts { name: "Strings and Things".to_owned(), ..facts });
        town.catch_up();
        assert!(ids(&ask(&town, &words("gutar"))).contains(&id("mender")), "{engine}");
    }
}

#[test]
fn everyday_words_find_what_is_meant() {
    finds(&words("flicks"), &["cinema"]);
    finds(&words("boozer"), &["pub"]);
    finds(&words("tea room"), &["cafe", "cafe-shut", "church-cafe", "pelican"]);
    finds(&words("somewhere to strum"), &["premises", "bunker", "north"]);
}

#[test]
fn beginnings_find_the_whole_while_typing() {
    for (beginning, short) in [("libr", "library"), ("horn", "museum"), ("guit", "premises"), ("peckham pel", "pelican")] {
        for (engine, town) in &*quiet_towns() {
            assert!(ids(&ask(town, &words(beginning))).contains(&id(short)), "{engine}: {beginning}");
        }
    }
    // Whoever goes on to the next word has finished this one.
    finds(&words("horn "), &[]);
}

#[test]
fn words_fit_in_any_order_and_all_of_them_count() {
    finds(&words("pelican peckham"), &["pelican"]);
    finds(&words("peckham library"), &["library"]);
    finds(&words("library hackney"), &["hackney-library"]);
    finds(&words("guitar rehearsal"), &["premises", "bunker", "north"]);
    finds(&words("quiz ivy"), &["pub"]);
    finds(&words("SE15"), &["premises", "library"]);
    finds(&words("se154ql"), &["premises"]);
}

#[test]
fn names_are_read_as_well_as_kinds() {
    finds(&words("tennis"), &["tennis"]);
    finds(&words("church"), &["church", "church-cafe"]);
    finds(&Question { kinds: set([KindId::from("church")]), ..Question::default() }, &["church"]);
    begins_with(&words("church"), &["church"]);
    begins_with(&words("ivy house"), &["pub"]);
}

#[test]
fn words_are_left_out_only_where_nothing_has_them_all() {
    for (engine, town) in &*quiet_towns() {
        let found = ask(town, &words("guitar zzzzzz"));
        assert!(found.understood.loosened, "{engine}");
        assert_eq!(found.total, 3, "{engine}");
        // Where not even some of the words are found among what the filters leave, the counts are those of all words.
        let question = Question { kinds: set([KindId::from("library")]), ..words("guitar pelican") };
        let found = ask(town, &question);
        assert_eq!((found.total, found.understood.loosened, found.facets.kinds.len()), (0, false, 0), "{engine}");
        let found = ask(town, &words("zzzzzz"));
        assert_eq!((found.total, found.understood.loosened), (0, false), "{engine}");
        assert!(found.hits.is_empty() && found.facets.kinds.is_empty());
    }
}

#[test]
fn what_was_understood_is_told() {
    for (engine, town) in &*quiet_towns() {
        let found = ask(town, &words("gutar at the boozer"));
        let parts = &found.understood.parts;
        assert_eq!(parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>(), ["gutar", "boozer"], "{engine}");
        assert_eq!(parts[0].mended.as_deref(), Some("guitar"), "{engine}");
        assert_eq!(parts[1].concepts, [crate::vocabulary::Concept::Kind(KindId::from("pub"))], "{engine}");
        assert!(found.highlight.contains(&"guitar".to_owned()), "{engine}");
    }
}

#[test]
fn the_circle_holds_what_is_near_and_says_how_far() {
    let circle = |metres| Question { near: peckham(), within_m: Some(metres), ..words("rehearsal") };
    finds(&circle(1_000), &["premises"]);
    finds(&circle(1_770), &["premises"]);
    finds(&circle(1_790), &["premises", "bunker"]);
    finds(&circle(3_000), &["premises", "bunker"]);
    finds(&circle(20_000), &["premises", "bunker", "north"]);
    for (engine, town) in &*quiet_towns() {
        let found = ask(town, &circle(3_000));
        let far = found.hits.iter().find(|hit| hit.venue == id("bunker")).unwrap().distance_m.unwrap();
        assert!((1_775..1_785).contains(&far), "{engine}: {far}");
        let found = ask(town, &Question { near: peckham(), ..words("church") });
        assert_eq!(found.hits.iter().find(|hit| hit.venue == id("church")).unwrap().distance_m, None, "{engine}");
    }
}

#[test]
fn each_filter_narrows() {
    let all = Question::default;
    finds(&Question { domains: set([Domain::Faith]), ..all() }, &["church"]);
    finds(&Question { kinds: set([KindId::from("music-place")]), ..all() }, &["premises", "bunker", "north"]);
    finds(&Question { kinds: set([KindId::from("cinema"), KindId::from("museum")]), ..all() }, &["cinema", "museum"]);
    let activity = |id: &str| Question { activities: set([ActivityId::from(id)]), ..all() };
    finds(&activity("guitar"), &["premises", "bunker", "north"]);
    finds(&activity("playing-music"), &["premises", "bunker", "north", "church"]);
    finds(&activity("no-such-thing"), &[]);
    finds(&Question { boroughs: set(["Lewisham".to_owned()]), ..all() }, &["museum", "church"]);
    finds(&Question { access: set([Access::StepFree]), ..all() }, &["premises", "library"]);
    finds(&Question { access: set([Access::StepFree, Access::Wifi]), ..all() }, &["premises"]);
    finds(&Question { max_cost: Some(0), ..all() }, &["premises", "library"]);
    finds(&Question { max_cost: Some(1_500), ..all() }, &["premises", "library", "bunker"]);
    finds(&Question { setting: Some(Mark::Amber), ..all() }, &["cafe"]);
    finds(&Question { places_now: true, ..all() }, &["premises"]);
}

#[test]
fn what_a_card_does_not_show_does_not_count() {
    for (engine, town) in towns() {
        let facts = |json: serde_json::Value| serde_json::from_value::<crate::venues::Facts>(json).unwrap();
        town.put("lead", None, &facts(serde_json::json!({"name": "Quizzical Hall", "kinds": ["pub"]})));
        let twin = serde_json::json!({
            "name": "Quizzical Hall", "kinds": ["cafe"], "description": "Zither evenings.", "activities": ["guitar"],
            "point": {"lat": 51.4741, "lon": -0.0691}, "precision": "exact", "borough": "Lewisham",
            "access": {"step_free": {"answer": "yes"}}, "cost_to_try": {"pence": 0},
            "setting": {"mark": "green", "reason": "Open to all"}, "assured_at": "2026-02-02",
            "opening": {"rules": [{"byday": "MO", "from": "08:00", "to": "23:00"}]},
            "offers": [{"kind": "session", "title": "Zither lesson", "places": {"state": "open", "left": 3}}],
        });
        town.put("lead-osm", Some("lead"), &facts(twin));
        town.catch_up();
        let zither = || words("zither");
        for question in [
            zither(),
            Question { kinds: set([KindId::from("cafe")]), ..zither() },
            Question { activities: set([ActivityId::from("guitar")]), ..zither() },
            Question { domains: set([Domain::Arts]), ..zither() },
            Question { near: peckham(), ..zither() },
        ] {
            let found = ask(&town, &question);
            assert_eq!(ids(&found), [id("lead")], "{engine}: {question:?}");
            assert_eq!(found.hits[0].distance_m, None, "{engine}");
            assert_eq!((found.facets.free, found.facets.places_now, found.facets.access.len()), (0, 0, 0), "{engine}");
        }
        let monday = OpenAt { day: Weekday::Mon, time: None };
        for question in [
            Question { access: set([Access::StepFree]), ..zither() },
            Question { max_cost: Some(500), ..zither() },
            Question { places_now: true, ..zither() },
            Question { open: Some(monday), ..zither() },
            Question { setting: Some(Mark::Green), ..zither() },
            Question { boroughs: set(["Lewisham".to_owned()]), ..zither() },
            Question { near: peckham(), within_m: Some(5_000), ..zither() },
        ] {
            assert_eq!(ask(&town, &question).total, 0, "{engine}: {question:?}");
        }
    }
}

#[test]
fn counts_are_not_narrowed_by_their_own_group() {
    for (engine, town) in &*quiet_towns() {
        let question =
            Question { kinds: set([KindId::from("library")]), boroughs: set(["Southwark".to_owned()]), ..Question::default() };
        let found = ask(town, &question);
        assert_eq!(found.total, 1, "{engine}");
        assert_eq!(found.facets.kinds[&KindId::from("cafe")], 3, "{engine}: kinds within the borough");
        assert_eq!(found.facets.boroughs["Hackney"], 1, "{engine}: boroughs with a library");
        assert_eq!(found.facets.boroughs.get("Lewisham"), None, "{engine}");
        assert_eq!(found.facets.activities[&ActivityId::from("reading")], 1, "{engine}");
        assert_eq!((found.facets.free, found.facets.places_now), (1, 0), "{engine}");
        assert_eq!(found.facets.access[&Access::StepFree], 1, "{engine}");
        assert_eq!(found.facets.settings[&Mark::Green], 1, "{engine}");
        let found = ask(town, &Question { max_cost: Some(0), setting: Some(Mark::Green), ..Question::default() });
        assert_eq!((found.total, found.facets.free), (2, 2), "{engine}");
        assert_eq!(found.facets.settings.get(&Mark::Amber), None, "{engine}");
        assert_eq!(found.facets.domains[&Domain::Arts], 1, "{engine}");
    }
}

#[test]
fn sorts_put_the_right_one_first() {
    let near = |sort, text| Question { near: peckham(), sort, ..words(text) };
    begins_with(&near(Sort::Best, "rehearsal"), &["premises", "bunker", "north"]);
    begins_with(&near(Sort::Nearest, "rehearsal"), &["premises", "bunker", "north"]);
    begins_with(&near(Sort::Nearest, ""), &["premises", "library", "pelican"]);
    begins_with(&near(Sort::Name, ""), &["cafe-shut", "bunker", "cafe", "tennis", "hackney-library"]);
    begins_with(&near(Sort::Checked, ""), &["premises", "library"]);
    for (engine, town) in &*quiet_towns() {
        // Which of two cafés comes first, the nearer or the one that is called so, is each engine's own.
        let found = ids(&ask(town, &near(Sort::Best, "cafe")));
        assert_eq!(set(found[..2].to_vec()), set([id("cafe"), id("pelican")]), "{engine}");
        assert_eq!(found[2], id("church-cafe"), "{engine}");
        let found = ids(&ask(town, &words("cafe")));
        assert_eq!(found.last(), Some(&id("cafe-shut")), "{engine}: closed for now comes last");
    }
}

#[test]
fn pages_follow_one_another() {
    for (engine, town) in &*quiet_towns() {
        let page = |page, per_page| ids(&ask(town, &Question { page, per_page, ..Question::default() }));
        let whole = page(1, 100);
        let pages: Vec<VenueId> = (1..=5).flat_map(|number| page(number, 3)).collect();
        assert_eq!(pages, whole, "{engine}");
        assert!(page(6, 3).is_empty() && page(MAX_DEPTH, 100).is_empty() && page(u32::MAX, 100).is_empty(), "{engine}");
        assert_eq!(page(0, 0).len(), 1, "{engine}: nonsense is put right");
        assert_eq!(ask(town, &Question { page: 9, per_page: 3, ..Question::default() }).total, 14, "{engine}");
    }
}

#[test]
fn the_same_question_gives_the_same_answer() {
    for (engine, town) in &*quiet_towns() {
        let question = Question { near: peckham(), ..words("cafe") };
        assert_eq!(ask(town, &question), ask(town, &question), "{engine}");
    }
}

#[test]
fn hostile_words_do_no_harm() {
    let long = "guitar ".repeat(10_000);
    let endless = "x".repeat(50_000);
    for text in [
        "\"",
        "'",
        "\"\"\"''",
        "( OR AND NOT",
        "name:pub",
        "pub~2",
        "[a TO z]",
        "*",
        "?",
        ".*",
        "^$\\",
        "+-!{}",
        "🎸🎸🎸",
        "\u{0}",
        "<script>alert(1)</script>",
        "'; DROP TABLE venues; --",
        "％％",
        "日本語",
        "ß",
        "a",
        " ",
        &long,
        &endless,
        "\u{301}\u{301}",
        "the the the",
        "& & &",
        "ﷺ",
    ] {
        for (engine, town) in &*quiet_towns() {
            let found = ask(town, &words(text));
            assert!(found.hits.len() <= 20, "{engine}");
            assert!(town.engine.here().suggest(text, 8).len() <= 8);
        }
    }
}

#[test]
fn another_spelling_is_offered_where_it_finds_far_more() {
    for (engine, town) in towns() {
        let mut facts = crate::venues::Facts { name: "Camberwel Hall".to_owned(), ..Default::default() };
        town.put("slip", None, &facts);
        facts.name = "Camberwell Hall".to_owned();
        for number in 0..12 {
            town.put(&format!("right-{number}"), None, &facts);
        }
        town.catch_up();
        let found = ask(&town, &words("the camberwel hall "));
        assert_eq!(found.did_you_mean.as_deref(), Some("the camberwell hall "), "{engine}");
        assert_eq!(ask(&town, &words("camberwell hall")).did_you_mean, None, "{engine}");
    }
}

#[test]
fn suggestions_come_while_typing() {
    for (engine, town) in &*quiet_towns() {
        let labels = |text: &str| town.engine.here().suggest(text, 6).into_iter().map(|found| found.label).collect::<Vec<_>>();
        assert_eq!(labels("guit"), ["Playing the guitar"], "{engine}");
        let libraries = labels("libr");
        assert_eq!(libraries[0], "Library", "{engine}");
        assert_eq!(
            set(libraries[1..].to_vec()),
            set(["Hackney Central Library".to_owned(), "Peckham Library".to_owned()]),
            "{engine}"
        );
        let found = town.engine.here().suggest("hackney central", 6);
        assert_eq!(found[0].kind, super::Suggested::Venue(id("hackney-library")), "{engine}");
        assert_eq!(town.engine.places(), 14, "{engine}");
        assert!(labels("peckh").contains(&"Peckham Pelican".to_owned()), "{engine}");
        assert!(labels("").is_empty() && labels("'").is_empty(), "{engine}");
    }
}
