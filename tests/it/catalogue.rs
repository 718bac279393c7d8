//! A bridge builder looks for places in the demo catalogue: by words, by place, by filters.

use serde_json::Value;

use crate::{
    harness::{Site, Visit},
    on_both_databases,
};

on_both_databases!(
    words_find_places_and_slips_are_mended,
    a_place_in_the_words_is_understood,
    a_place_in_the_words_counts_like_one_given_apart,
    every_filter_narrows_and_says_how_far,
    pages_of_results_neither_repeat_nor_lose,
    a_venue_is_the_same_in_list_page_and_interface,
    what_is_not_known_is_not_no,
    a_hidden_venue_is_nowhere,
    strange_questions_get_answers,
    bad_input_is_named_beside_its_field_and_kept,
    the_page_and_the_interface_agree,
    words_found_in_a_description_are_shown_and_marked,
    suggestions_come_while_typing,
    every_page_says_it_is_a_demo,
);

const ANY: &str = "/api/v1/venues";

async fn ask(site: &Site, query: &str) -> Value {
    let visit = site.get(&format!("{ANY}?{query}")).await;
    assert_eq!(visit.status, 200, "{query}: {visit:?}");
    visit.json()
}

fn names(page: &Value) -> Vec<String> {
    items(page).iter().map(|venue| venue["name"].as_str().expect("a name").to_owned()).collect()
}

fn items(page: &Value) -> &Vec<Value> {
    page["items"].as_array().expect("items")
}

fn kinds(venue: &Value) -> Vec<&str> {
    venue["kinds"].as_array().expect("kinds").iter().filter_map(Value::as_str).collect()
}

async fn words_find_places_and_slips_are_mended(site: &mut Site) {
    site.load_demo();
    let cases = [
        ("gutar", "music-school"),
        ("libary", "library"),
        ("flicks", "cinema"),
        ("boozer", "pub"),
        ("musuem", "museum"),
        ("coffe", "cafe"),
        ("rehearsal", "theatre-rehearsal-studio"),
        ("rehearsal guitar", "rehearsal-studio"),
        ("table tenis", "sports-club"),
        ("caff", "cafe"),
    ];
    for (words, kind) in cases {
        let page = ask(site, &format!("q={words}")).await;
        let first = items(&page).first().unwrap_or_else(|| panic!("{words} finds nothing"));
        assert!(kinds(first).contains(&kind), "{words} gives {} {:?}", first["name"], kinds(first));
    }
    assert_eq!(names(&ask(site, "q=tin+drum").await)[0], "The Tin Drum");
    assert_eq!(names(&ask(site, "q=drum+the+tin").await)[0], "The Tin Drum", "words in any order");
    assert_eq!(names(&ask(site, "q=wick+wander").await)[0], "Wick Wanderers Walking Club", "a word half typed");
    let typed = ask(site, "q=flicks").await;
    assert_eq!(typed["understood"]["parts"][0]["concepts"][0]["id"], "cinema", "{typed}");
}

async fn a_place_in_the_words_is_understood(site: &mut Site) {
    site.load_demo();
    let page = ask(site, "q=guitar+rehearsal+near+SE29").await;
    assert_eq!(page["understood"]["near"]["label"], "SE29", "{page}");
    assert!(kinds(&items(&page)[0]).contains(&"rehearsal-studio"));
    assert!(items(&page)[0]["distance_m"].as_u64().is_some());
    let borough = ask(site, "q=library+in+Marlhythe").await;
    assert_eq!(borough["understood"]["near"]["kind"], "borough");
    let nearest = ask(site, "near=SE29+2AE&sort=nearest").await;
    let distances: Vec<u64> = items(&nearest).iter().filter_map(|v| v["distance_m"].as_u64()).collect();
    assert!(distances.is_sorted() && distances.len() == 20, "{distances:?}");
}

async fn a_place_in_the_words_counts_like_one_given_apart(site: &mut Site) {
    site.load_demo();
    let apart = ask(site, "q=guitar&near=SE29&within_km=2&sort=nearest").await;
    let inside = ask(site, "q=guitar+near+SE29&within_km=2&sort=nearest").await;
    assert_eq!(names(&inside), names(&apart));
    assert!(apart["total"].as_u64() > Some(0));
    let page = site.get("/venues?q=guitar+near+SE29").await;
    for link in page.attributes(".order__sort a", "href") {
        assert_eq!(site.get(&link).await.status, 200, "{link}");
    }
    let slip = site.get("/venues?q=guitar+near+SE29&within_km=2").await;
    assert_eq!((slip.status, slip.attributes("input[name=q]", "value")), (200, vec!["guitar near SE29".to_owned()]));
}

async fn every_filter_narrows_and_says_how_far(site: &mut Site) {
    site.load_demo();
    let all = ask(site, "").await;
    let total = all["total"].as_u64().expect("a total");
    assert!(total >= 150, "{total}");
    for filter in [
        "domain=faith",
        "activity=guitar",
        "kind=cafe",
        "borough=Marlhythe&kind=pub",
        "access=step_free&access=hearing_loop",
        "day=sa&time=10:30",
        "day=su",
        "free=true",
        "max_cost=300",
        "setting=amber",
        "places=true&kind=library",
        "near=SE29+2AE&within_km=0.8",
    ] {
        let found = ask(site, filter).await;
        let count = found["total"].as_u64().expect("a total");
        assert!(count > 0 && count < total, "{filter}: {count} of {total}");
    }
    for (venue, key) in items(&ask(site, "access=hearing_loop&per_page=100").await).iter().zip(std::iter::repeat("hearing_loop"))
    {
        assert_eq!(venue["access"][key]["answer"], "yes", "{}", venue["name"]);
    }
    for venue in items(&ask(site, "near=SE29+2AE&within_km=0.8&per_page=100").await) {
        assert!(venue["distance_m"].as_u64().expect("a distance") <= 800, "{}", venue["name"]);
    }
    let faith = all["facets"]["domains"]["faith"].as_u64();
    assert_eq!(ask(site, "domain=faith").await["total"].as_u64(), faith, "a count is what the filter gives");
    let cafes = ask(site, "kind=cafe").await;
    assert_eq!(cafes["facets"]["kinds"]["pub"], all["facets"]["kinds"]["pub"], "a choice doesn't narrow its own group");
}

async fn pages_of_results_neither_repeat_nor_lose(site: &mut Site) {
    site.load_demo();
    for sort in ["best", "name", "checked", "nearest"] {
        let mut seen = Vec::new();
        for page in 1.. {
            let found = ask(site, &format!("near=SE30&sort={sort}&per_page=33&page={page}")).await;
            let ids: Vec<String> = items(&found).iter().map(|v| v["id"].to_string()).collect();
            if ids.is_empty() {
                assert_eq!(found["total"].as_u64(), Some(seen.len() as u64), "{sort}");
                break;
            }
            seen.extend(ids);
        }
        let mut once = seen.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), seen.len(), "{sort} repeats a venue");
    }
}

async fn a_venue_is_the_same_in_list_page_and_interface(site: &mut Site) {
    site.load_demo();
    let mut listed = items(&ask(site, "q=tin+drum").await)[0].clone();
    let id = listed["id"].as_str().expect("an id").to_owned();
    let alone = site.get(&format!("{ANY}/{id}")).await.json();
    listed.as_object_mut().expect("a venue").remove("distance_m");
    assert_eq!(listed, alone);
    assert_eq!(alone["external_id"], "demo/demo-001");
    assert_eq!(alone["licence"], "CC0-1.0");
    assert_eq!(alone["origins"]["name"]["how"], "given");

    let page = site.get(&format!("/venues/{id}")).await;
    assert_eq!((page.status, page.all("h1")), (200, vec!["The Tin Drum".to_owned()]));
    for words in [
        "Your first hour is free",
        "Just hand back the key, no questions",
        "Ramp at the side door",
        "Monday jam",
        "020 7946 0786",
    ] {
        assert!(page.text.contains(words), "the page lacks “{words}”");
    }
    assert!(page.text.contains("A working studio, open to anyone who books."));
}

async fn what_is_not_known_is_not_no(site: &mut Site) {
    site.load_demo();
    let (first, second) = (ask(site, "per_page=100").await, ask(site, "per_page=100&page=2").await);
    let unknown = |venue: &&Value| venue["access"].as_object().is_some_and(serde_json::Map::is_empty);
    let bare = items(&first).iter().chain(items(&second)).find(unknown).expect("a venue of which little is known");
    let visit = site.get(bare["url"].as_str().expect("a url")).await;
    assert!(visit.text.contains("Not known"), "{visit:?}");
}

async fn a_hidden_venue_is_nowhere(site: &mut Site) {
    site.load_demo();
    let id = items(&ask(site, "q=tin+drum").await)[0]["id"].as_str().expect("an id").to_owned();
    let hidden = id.clone();
    site.app
        .db
        .write(move |c| {
            use diesel::prelude::*;
            use footbridge::schema::venues;
            diesel::update(venues::table.find(hidden)).set(venues::published.eq(false)).execute(c)?;
            Ok(())
        })
        .await
        .expect("it can be hidden");
    assert!(
        !names(&ask(site, "q=tin+drum").await).contains(&"The Tin Drum".to_owned()),
        "the index still has it, the page must not"
    );
    assert_eq!(site.get(&format!("/venues/{id}")).await.status, 404);
    assert_eq!(site.get(&format!("{ANY}/{id}")).await.status, 404);
    assert!(!site.get("/venues/suggest?q=tin+dr").await.text.contains("Tin Drum"), "nor is it suggested");
}

async fn strange_questions_get_answers(site: &mut Site) {
    site.load_demo();
    let long = "guitar ".repeat(2_000);
    let strange = [
        "\"",
        "'; DROP TABLE venues; --",
        "name:* AND (",
        "[1 TO 2]",
        "\u{1F3B8}\u{1F3B8}",
        "<script>alert(1)</script>",
        "\\",
        "AND OR NOT",
        "*",
        "ｇｕｉｔａｒ",
        "گیتار",
        "e\u{301}\u{301}\u{301}",
        "\u{0}\u{7}",
        "~~~^2",
        "%",
        &long,
        "a",
        "the of and",
        "🏳️‍🌈",
        "near",
        "near near SE29",
        "in",
    ];
    for words in strange {
        for path in ["/venues", ANY, "/venues/suggest"] {
            let visit = Visit::read(site.request("GET", path).query(&[("q", words)])).await;
            assert!(visit.status < 500 && visit.status != 404, "{path} {words:?}: {visit:?}");
            assert!(!visit.text.contains("<script>alert(1)"), "{path} repeats markup");
        }
    }
}

async fn bad_input_is_named_beside_its_field_and_kept(site: &mut Site) {
    site.load_demo();
    let visit = site.get("/venues?q=guitar&near=Narnia&within_km=5").await;
    assert!(visit.status < 500);
    assert_eq!(visit.attributes("input[name=near]", "value"), ["Narnia"], "what was typed is kept");
    assert_eq!(visit.attributes("input[name=near]", "aria-invalid"), ["true"]);
    assert_eq!(visit.attributes("input[name=q]", "value"), ["guitar"]);
    let said = visit.all("#near-error");
    assert!(said.len() == 1 && said[0].contains("We don’t know that place"), "{said:?}");
}

async fn the_page_and_the_interface_agree(site: &mut Site) {
    site.load_demo();
    for query in ["q=guitar&near=SE29", "kind=library", "q=choir&sort=name", "domain=employment&near=SE30&within_km=2"] {
        let api = names(&ask(site, query).await);
        let page = site.get(&format!("/venues?{query}")).await;
        assert_eq!(page.all("article.place .place__name a"), api, "{query}");
    }
}

async fn words_found_in_a_description_are_shown_and_marked(site: &mut Site) {
    site.load_demo();
    let page = site.get("/venues?q=drill").await;
    assert!(page.all(".place__said mark").iter().any(|word| word == "drill"), "{:?}", page.all(".place__said"));
}

async fn suggestions_come_while_typing(site: &mut Site) {
    site.load_demo();
    let list = site.get("/venues/suggest?q=gui").await.json();
    let labels: Vec<_> = list.as_array().expect("a list").iter().filter_map(|s| s["label"].as_str()).collect();
    assert!(labels.iter().any(|label| label.to_lowercase().contains("guitar")), "{labels:?}");
    let venues = site.get("/venues/suggest?q=tin+dr").await.json();
    assert!(venues.as_array().expect("a list").iter().any(|s| s["label"] == "The Tin Drum"), "{venues}");
}

async fn every_page_says_it_is_a_demo(site: &mut Site) {
    let before = site.get("/").await;
    assert!(!before.text.contains("made up"), "not before the demo is loaded");
    site.load_demo();
    for path in ["/", "/venues", "/about", "/shortlist", "/privacy", "/cookies", "/accessibility", "/api", "/nothing"] {
        assert!(site.get(path).await.text.contains("made up"), "{path}");
    }
}
