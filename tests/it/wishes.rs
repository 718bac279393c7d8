//! A wish becomes places, with reasons: through HTTP, as a visitor and as a program.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    harness::{Site, Visit},
    on_both_databases,
};

on_both_databases!(
    a_wish_brings_places_with_reasons,
    what_is_not_wanted_does_not_come,
    what_was_understood_can_be_corrected,
    reasons_are_true_to_the_place_s_own_page,
    bad_input_names_its_field,
    awkward_texts_get_a_helpful_answer,
    a_wish_is_corrected_on_the_page_without_script,
    a_place_is_put_aside_for_the_visit_and_brought_back,
    who_writes_of_dying_is_told_first_where_help_is,
    a_page_keeps_what_was_typed_when_something_is_wrong,
    counts_stay_and_words_do_not,
    a_word_is_told_once_three_askers_used_it_on_three_days,
);

async fn ask(site: &Site, wish: Value) -> Visit {
    Visit::read(site.request("POST", "/api/v1/match").json(&wish)).await
}

async fn found(site: &Site, wish: Value) -> Value {
    let visit = ask(site, wish).await;
    assert_eq!(visit.status, 200, "{visit:?}");
    visit.json()
}

fn kinds_of(place: &Value) -> Vec<&str> {
    place["venue"]["kinds"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

fn names(answer: &Value) -> Vec<&str> {
    answer["matches"].as_array().into_iter().flatten().filter_map(|place| place["venue"]["name"].as_str()).collect()
}

fn ids<'a>(answer: &'a Value, what: &str) -> Vec<&'a str> {
    answer["understood"][what].as_array().into_iter().flatten().filter_map(|one| one["id"].as_str()).collect()
}

fn texts(place: &Value) -> Vec<&str> {
    place["reasons"].as_array().into_iter().flatten().filter_map(|reason| reason["text"].as_str()).collect()
}

async fn a_wish_brings_places_with_reasons(site: &mut Site) {
    site.load_demo();
    let answer =
        found(site, json!({"text": "I play guitar and want to practise with a drummer", "near": "SE29", "limit": 5})).await;
    let first = &answer["matches"][0];
    assert!(kinds_of(first).iter().any(|kind| kind.contains("rehearsal") || kind.contains("music")), "{first}");
    assert!(ids(&answer, "activities").contains(&"guitar"), "{answer}");
    assert!(first["score"].as_f64().is_some_and(|score| (0.3..=1.0).contains(&score)), "{first}");
    assert!(first["distance_m"].as_u64().is_some());
    assert!(texts(first).iter().any(|text| text.contains("walk") || text.contains("km")), "{first}");
    assert!(texts(first).len() >= 2 && answer["matches"].as_array().is_some_and(|all| all.len() == 5));
    let again =
        found(site, json!({"text": "I play guitar and want to practise with a drummer", "near": "SE29", "limit": 5})).await;
    assert_eq!(answer, again, "the same question gives the same answer");
}

async fn what_is_not_wanted_does_not_come(site: &mut Site) {
    site.load_demo();
    let with = found(site, json!({"text": "a quiz and some company", "near": "SE29", "limit": 20})).await;
    let pubs = |answer: &Value| {
        let all = answer["matches"].as_array().cloned().unwrap_or_default();
        all.iter().filter(|place| kinds_of(place).contains(&"pub")).count()
    };
    assert!(pubs(&with) > 0, "{:?}", names(&with));
    let without = found(site, json!({"text": "a quiz and some company, but not a pub", "near": "SE29", "limit": 20})).await;
    assert!(ids(&without, "not_wanted").contains(&"pub"), "{without}");
    assert_eq!(pubs(&without), 0, "{:?}", names(&without));
    assert!(!names(&without).is_empty());
}

async fn what_was_understood_can_be_corrected(site: &mut Site) {
    site.load_demo();
    let plain = found(site, json!({"text": "chess", "near": "SE29"})).await;
    let more = found(site, json!({"text": "chess", "near": "SE29", "activities": ["swimming"]})).await;
    assert!(ids(&more, "activities").contains(&"swimming"));
    assert_ne!(names(&plain), names(&more));
    let days =
        found(site, json!({"text": "chess", "near": "SE29", "days": ["sa"], "max_cost": 500, "access": ["step_free"]})).await;
    let codes: Vec<&str> =
        days["understood"]["constraints"].as_array().into_iter().flatten().filter_map(|one| one["code"].as_str()).collect();
    assert_eq!(codes, ["cost:500", "access:step_free", "day:SA"]);
    let spoken = found(site, json!({"text": "chess on a Saturday, no steps, a fiver at most", "near": "SE29"})).await;
    assert_eq!(days["understood"]["constraints"], spoken["understood"]["constraints"]);
}

async fn reasons_are_true_to_the_place_s_own_page(site: &mut Site) {
    site.load_demo();
    let wish = json!({"text": "company and something to do with my hands", "near": "SE29", "access": ["step_free"], "limit": 50});
    let answer = found(site, wish).await;
    let mut seen = BTreeSet::new();
    for place in answer["matches"].as_array().into_iter().flatten() {
        let id = place["venue"]["id"].as_str().unwrap_or_default();
        let page = site.get(&format!("/venues/{id}?near=SE29")).await;
        let fact = &place["venue"]["access"]["step_free"]["answer"];
        let told = texts(place).into_iter().find(|text| text.starts_with("Step-free entrance")).expect("the need is spoken of");
        let expected = match fact.as_str() {
            Some("yes") => "Step-free entrance",
            Some("partly") => "Step-free entrance: partly",
            Some("no") => "Step-free entrance: no",
            _ => "Step-free entrance: not known. Ask them",
        };
        assert_eq!(told, expected, "{place}");
        seen.insert(expected);
        let offers = texts(place).into_iter().find_map(|text| text.strip_prefix("You can do this here: "));
        let on_page = page.text.to_lowercase();
        assert!(offers.is_none_or(|offer| on_page.contains(&offer.to_lowercase())), "{offers:?}: {id}");
    }
    assert!(seen.len() >= 3, "known to fit, known not to, not known: {seen:?}");
}

async fn bad_input_names_its_field(site: &mut Site) {
    for (wish, field) in [
        (json!({}), "text"),
        (json!({"text": ""}), "text"),
        (json!({"text": 7}), "text"),
        (json!({"text": "chess", "near": "Nowhere at all"}), "near"),
        (json!({"text": "chess", "near": 3}), "near"),
        (json!({"text": "chess", "within_km": 5}), "near"),
        (json!({"text": "chess", "near": "SE29", "within_km": 0}), "within_km"),
        (json!({"text": "chess", "limit": 0}), "limit"),
        (json!({"text": "chess", "limit": 51}), "limit"),
        (json!({"text": "chess", "activities": ["nothing-such"]}), "activities"),
        (json!({"text": "chess", "activities": "guitar"}), "activities"),
        (json!({"text": "chess", "domains": ["fun"]}), "domains"),
        (json!({"text": "chess", "access": ["stairs"]}), "access"),
        (json!({"text": "chess", "days": ["someday"]}), "days"),
        (json!({"text": "chess", "max_cost": -1}), "max_cost"),
        (json!([]), "body"),
    ] {
        let visit = ask(site, wish.clone()).await;
        assert_eq!((visit.status, visit.header("content-type")), (422, "application/problem+json"), "{wish}: {visit:?}");
        assert_eq!(visit.json()["errors"][0]["field"], field, "{wish}: {visit:?}");
    }
    let broken = Visit::read(site.request("POST", "/api/v1/match").body("{\"text\":")).await;
    assert_eq!((broken.status, broken.json()["errors"][0]["field"].as_str()), (422, Some("body")));
}

async fn awkward_texts_get_a_helpful_answer(site: &mut Site) {
    site.load_demo();
    let long = "somewhere to grow beans and have tea ".repeat(1_400);
    let emoji = "🎸".repeat(20_000);
    let nothing_wanted = ["not a pub", "no church, no gym, no school", "nothing with people"];
    let texts = [
        "   ",
        long.as_str(),
        emoji.as_str(),
        "🎸🥁🎤",
        "Quiero cantar con otras personas",
        "أريد أن ألعب الشطرنج",
        "我想学画画",
        nothing_wanted[0],
        nothing_wanted[1],
        nothing_wanted[2],
        "'; DROP TABLE venues; --",
        "<script>alert(1)</script><b>chess</b>",
        "{{ 7 * 7 }} {% include 'x' %}",
        "qwx zzyx vbbnm",
        "?!...,,,;;;---",
        "a",
        "1234567890 £££ 99999999999999 miles",
        "\u{202e}\u{0}\u{7}\u{feff}chess",
        "NOT not NOT not no no except except",
        "I'm 999 years old and need it within 0 km for £-5 at 25:61",
    ];
    for text in texts {
        let said: String = text.chars().take(40).collect();
        let visit = ask(site, json!({"text": text, "near": "SE29"})).await;
        let empty = text.trim().is_empty();
        assert_eq!(visit.status, if empty { 422 } else { 200 }, "{said}: {visit:?}");
        if !empty {
            assert!(!names(&visit.json()).is_empty(), "{said}: something to start with");
        }
        let page = post(site, &[("text", text), ("near", "SE29")]).await;
        assert_eq!(page.status, if empty { 422 } else { 200 }, "{said}");
        assert!(!page.text.contains("<script>alert") && !page.text.contains("49 "), "{said}");
        let helped = !page.all(".cards .place__name").is_empty() || !page.all(".govuk-error-message").is_empty();
        assert!(helped, "{said}: {}", page.text.len());
    }
    let cut = found(site, json!({"text": long})).await;
    assert_eq!(cut["understood"]["cut"], true);
    let refused = found(site, json!({"text": "no church, no gym, no school", "near": "SE29", "limit": 50})).await;
    let all = refused["matches"].as_array().cloned().unwrap_or_default();
    assert!(all.iter().all(|place| !kinds_of(place).iter().any(|kind| ["church", "gym", "school"].contains(kind))));
}

async fn post(site: &Site, fields: &[(&str, &str)]) -> Visit {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = site.request("POST", "/match").header("sec-fetch-site", "same-origin");
    Visit::read(request.header("content-type", "application/x-www-form-urlencoded").body(body)).await
}

/// What the page's form would send, with the button that is pressed.
fn sent(page: &Visit, button: (&str, &str)) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    let names = page.attributes("#wish input[type=hidden]", "name");
    let values = page.attributes("#wish input[type=hidden]", "value");
    fields.extend(names.into_iter().zip(values));
    let ticked = "#wish input[type=checkbox][checked]";
    fields.extend(page.attributes(ticked, "name").into_iter().zip(page.attributes(ticked, "value")));
    fields.push(("text".to_owned(), page.all("#text").remove(0)));
    fields.push(("near".to_owned(), page.attributes("#near", "value").remove(0)));
    fields.push((button.0.to_owned(), button.1.to_owned()));
    fields
}

async fn press(site: &Site, page: &Visit, button: (&str, &str)) -> Visit {
    let fields = sent(page, button);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    post(site, &fields).await
}

async fn a_wish_is_corrected_on_the_page_without_script(site: &mut Site) {
    site.load_demo();
    let page = post(site, &[("text", "chess and gardening, step-free, not a pub"), ("near", "SE29")]).await;
    assert_eq!(page.status, 200, "{page:?}");
    let chips = page.all("button.chip");
    for chip in ["Take away: Chess", "Take away: Step-free entrance", "Take away: Pub"] {
        assert!(chips.iter().any(|one| one == chip), "{chip}: {chips:?}");
    }
    assert!(!page.all(".why__line").is_empty());
    let less = press(site, &page, ("drop", "activity:chess")).await;
    assert!(!less.all("button.chip").contains(&"Take away: Chess".to_owned()), "{:?}", less.all("button.chip"));
    assert_ne!(less.all(".place__name"), page.all(".place__name"), "the list follows");
    assert!(less.all(".why__line").iter().all(|line| !line.to_lowercase().contains("chess")), "no reason about it is left");
    let back = press(site, &less, ("add", "chess")).await;
    assert!(back.all("button.chip").contains(&"Take away: Chess".to_owned()));
    let steps = press(site, &back, ("drop", "need:access:step_free")).await;
    assert!(!steps.all("button.chip").iter().any(|chip| chip.contains("Step-free")), "{:?}", steps.all("button.chip"));
    let pubs = press(site, &steps, ("drop", "not:kind:pub")).await;
    assert!(!pubs.all("dt").contains(&"Not wanted".to_owned()));
    let first = page.attributes(".place__say button[name=more]", "value").remove(0);
    let like = press(site, &page, ("more", &first)).await;
    assert!(like.attributes("#wish input[name=added]", "value").len() == 1, "more of that kind");
    let longer = press(site, &page, ("limit", "20")).await;
    assert!(longer.all(".cards > li").len() > page.all(".cards > li").len());
}

async fn a_place_is_put_aside_for_the_visit_and_brought_back(site: &mut Site) {
    site.load_demo();
    let page = post(site, &[("text", "chess and gardening, step-free, not a pub"), ("near", "SE29")]).await;
    let places = |page: &Visit| page.attributes(".place__say button[name=hide]", "value");
    let first = places(&page).remove(0);
    let hidden = press(site, &page, ("hide", &first)).await;
    assert!(!places(&hidden).contains(&first));
    let still = press(site, &hidden, ("drop", "need:access:step_free")).await;
    assert!(!places(&still).contains(&first), "it stays away");
    assert!(still.text.contains("One place is put aside"), "{}", still.text.len());
    let back = press(site, &hidden, ("drop", "hide")).await;
    assert_eq!(places(&back), places(&page), "all is as before");
}

async fn who_writes_of_dying_is_told_first_where_help_is(site: &mut Site) {
    site.load_demo();
    let page = post(site, &[("text", "I want to die"), ("near", "SE29")]).await;
    assert!(page.all(".help-first").concat().contains("Samaritans"), "{}", page.text.len());
    assert!(page.all(".why__line").iter().all(|line| !line.contains("suits what you wrote")), "{:?}", page.all(".why__line"));
    assert_eq!(found(site, json!({"text": "I want to die", "near": "SE29"})).await["understood"]["crisis"], true);
    let other = post(site, &[("text", "cakes to die for"), ("near", "SE29")]).await;
    assert!(other.all(".help-first").is_empty());
}

async fn a_page_keeps_what_was_typed_when_something_is_wrong(site: &mut Site) {
    site.load_demo();
    let page = post(site, &[("text", "mend bikes & sing <loud>"), ("near", "Atlantis")]).await;
    assert_eq!(page.status, 422);
    assert_eq!(page.all("#text"), ["mend bikes & sing <loud>"]);
    assert_eq!(page.attributes("#near", "value"), ["Atlantis"]);
    assert!(page.all("#near-error")[0].contains("We don’t know that place"));
    assert!(!page.all(".place__name").is_empty(), "the places are shown all the same");
    let page = post(site, &[("text", ""), ("near", "SE29")]).await;
    assert!(page.status == 422 && page.all("#text-error")[0].contains("Write what you would like to do"));
    let page = post(site, &[("text", "chess"), ("add", "zzqx")]).await;
    assert!(page.status == 422 && page.attributes("#add", "value") == ["zzqx"], "{:?}", page.all("#add-error"));
    let from_elsewhere = Visit::read(site.request("POST", "/match").header("sec-fetch-site", "cross-site").body("text=chess"));
    assert_eq!(from_elsewhere.await.status, 403);
}

async fn counts_stay_and_words_do_not(site: &mut Site) {
    site.load_demo();
    let secret = "Aunt Bronagh never let me learn zitherplonk";
    found(site, json!({"text": format!("{secret}, and chess"), "near": "SE29 2AE"})).await;
    site.app.unmet.write_down(&site.app).expect("counts are written");
    let app = site.app.clone();
    let (counts, words) = app
        .db
        .read(move |c| Ok((footbridge::matching::store::unmet(c, 50)?, footbridge::matching::store::told_words(c, 50)?)))
        .await
        .expect("the counts");
    let chess = counts.iter().find(|count| count.wish == "activity:chess").expect("chess is counted");
    assert_eq!((chess.district.as_str(), chess.asked), ("SE29", 1), "a district, and nobody's street");
    assert!(words.is_empty(), "no word is told yet: {words:?}");
    let everything = std::fs::read(site.folder.path().join("footbridge.db")).unwrap_or_default();
    let log = std::fs::read(site.folder.path().join("footbridge.db-wal")).unwrap_or_default();
    for word in ["Bronagh", "bronagh", "zitherplonk"] {
        let holds = |bytes: &[u8]| bytes.windows(word.len()).any(|part| part == word.as_bytes());
        assert!(!holds(&everything) && !holds(&log), "{word} is in no file");
    }
}

async fn a_word_is_told_once_three_askers_used_it_on_three_days(site: &mut Site) {
    use chrono::NaiveDate;
    let day = |day| NaiveDate::from_ymd_opt(2026, 11, day);
    let asker = |last: u8| Some(std::net::IpAddr::from([203, 0, 113, last]));
    let told = |site: &Site| {
        let words = site.app.db.read_now(|c| footbridge::matching::store::told_words(c, 10));
        words.expect("words").into_iter().collect::<BTreeSet<String>>()
    };
    let uses = [(1, 1), (1, 2), (2, 2), (2, 2), (1, 3), (3, 3), (4, 4)];
    for (at, (who, on)) in uses.into_iter().enumerate() {
        assert!(told(site).is_empty(), "not after {at} uses");
        let noted =
            site.app.db.write_now(|c| footbridge::matching::unmet::note_word(c, "zorbing", asker(who), day(on).expect("a day")));
        noted.expect("it is noted");
        if told(site).len() == 1 {
            assert!(at >= 5, "three askers on three days: {at}");
            break;
        }
    }
    assert_eq!(told(site), BTreeSet::from(["zorbing".to_owned()]));
}
