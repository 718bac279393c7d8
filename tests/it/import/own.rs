//! Files in our own format, people's edits, dates and licences: all pass one gate.

use std::fs;

use footbridge::{
    exchange::{Progress, postcodes},
    venues::{Access, Answer, Field, FirstVisit},
};
use serde_json::{Value, json};

use super::{DANCE, Desk, PUB, THEATRE};

/// A file in our own format with these features.
fn collection(date: &str, features: &[Value]) -> Vec<u8> {
    let features: Vec<Value> = features.iter().map(|properties| feature(properties, [-0.1, 51.5])).collect();
    let about = json!({"source": "guide", "licence": "CC0-1.0", "attribution": "A guide", "date": date});
    json!({"type": "FeatureCollection", "footbridge": about, "features": features}).to_string().into_bytes()
}

fn feature(properties: &Value, coordinates: [f64; 2]) -> Value {
    json!({"type": "Feature", "geometry": {"type": "Point", "coordinates": coordinates}, "properties": properties})
}

/// Which sources a field is credited to, by their dates.
fn credited(desk: &Desk, field: Field) -> Vec<String> {
    let venue = desk.venues().remove(0);
    let origin = serde_json::to_value(&venue.origins[&field]).expect("JSON");
    let sources = origin["sources"].as_array().cloned().unwrap_or_default();
    let dated = |at: &Value| venue.sources[at.as_u64().expect("a place") as usize].dated.clone().unwrap_or_default();
    sources.iter().map(dated).collect()
}

pub fn facts_of_several_rows_are_merged_key_by_key_and_each_source_is_credited(desk: &Desk) {
    let older = json!({"id": "1", "name": "Hall", "kinds": ["theatre"],
        "access": {"step_free": {"answer": "no"}, "wifi": {"answer": "yes"}, "quiet": {"answer": "no"}},
        "first_visit": {"come_alone": {"answer": "yes"}},
        "offers": [{"kind": "class", "title": "Drums"}, {"kind": "class", "title": "Bass"}]});
    let newer = json!({"id": "1", "name": "Hall", "kinds": ["theatre", "pub"],
        "access": {"step_free": {"answer": "yes"}}, "first_visit": {"just_watch": {"answer": "no"}},
        "offers": [{"kind": "class", "title": "Bass"}]});
    let (a, b) = (collection("2024", &[older]), collection("2025", &[newer]));
    desk.import(&[desk.bytes("a.geojson", &a), desk.bytes("b.geojson", &b)]);
    let venue = desk.venue("Hall");
    let access = |key| venue.facts.access.get(&key).and_then(|fact| fact.answer);
    assert_eq!(access(Access::StepFree), Some(Answer::Yes), "the newer");
    assert_eq!(
        (access(Access::Wifi), access(Access::Quiet)),
        (Some(Answer::Yes), Some(Answer::No)),
        "and what only the older says"
    );
    assert!([FirstVisit::ComeAlone, FirstVisit::JustWatch].iter().all(|key| venue.facts.first_visit.contains_key(key)));
    assert_eq!(credited(desk, Field::Access), ["2024", "2025"], "the one that gave most of it first");
    assert_eq!(credited(desk, Field::FirstVisit), ["2025", "2024"], "among equals the newer first");
    assert_eq!(credited(desk, Field::Kinds), ["2025", "2024"]);
    assert_eq!(credited(desk, Field::Offers), ["2025", "2024"]);
    assert_eq!(credited(desk, Field::Name).len(), 1);
}

pub fn our_own_format_is_mended_and_checked_like_any_other(desk: &Desk) {
    let long = "word ".repeat(2000);
    let features = [
        json!({"id": "1", "name": " Kingâ€™s\u{200b} Hall ", "description": long, "address": "N/A", "phone": "ring the bell",
            "email": "nobody", "website": "javascript:alert(1)", "kinds": ["theatre", "castle-in-spain"],
            "activities": ["guitar", "levitating"], "assured_at": "31/02/2026", "status": "ajar", "colour": "red",
            "access": {"step_free": {"answer": "yes"}, "lift": {"answer": "yes"}, "wifi": {"note": " "}},
            "offers": [{"kind": "class", "title": "CafÃ©"}, {"kind": "class"}, {"kind": "class", "title": "Drums", "activities": ["no-such"]}]}),
        json!({"id": "2", "name": "Second", "website": "www.example.org", "assured_at": "05/10/2026"}),
        json!({"id": "3", "name": "x".repeat(201)}),
    ];
    let summary = desk.import(&[desk.bytes("own.geojson", &collection("2026-11-01", &features))]);
    assert_eq!((summary.total().added, summary.total().rejected), (2, 1), "{summary}");
    let hall = desk.venue("King’s Hall");
    let facts = &hall.facts;
    assert_eq!((&facts.address, &facts.phone, &facts.email, &facts.website), (&None, &None, &None, &None));
    assert_eq!((super::kinds(&hall), facts.activities.len(), facts.status, facts.assured_at), (vec!["theatre"], 1, None, None));
    assert!(facts.description.as_ref().is_some_and(|text| (4_900..=5_000).contains(&text.chars().count())));
    assert_eq!(facts.access.keys().collect::<Vec<_>>(), [&Access::StepFree]);
    assert_eq!(
        facts.offers.iter().map(|offer| (&*offer.title, offer.activities.len())).collect::<Vec<_>>(),
        [("Café", 0), ("Drums", 0)]
    );
    let second = desk.venue("Second");
    assert_eq!(second.facts.website.map(String::from).as_deref(), Some("http://www.example.org/"));
    assert_eq!(second.facts.assured_at, chrono::NaiveDate::from_ymd_opt(2026, 10, 5));
    let told = summary.to_string();
    for said in [
        "castle-in-spain",
        "levitating",
        "no-such",
        "Last checked",
        "Website",
        "E-mail",
        "Phone",
        "5,000",
        "colour",
        "Open or closed",
        "lift",
    ] {
        assert!(told.contains(said), "{said} in {told}");
    }
}

pub fn an_edit_that_is_wrong_is_left_out_and_reported(desk: &Desk) {
    desk.import(&[desk.file("feed.csv", &[THEATRE, PUB])]);
    let albany = desk.venue("The Albany");
    for (field, value) in [
        (Field::Website, "\"ftp://example.org\""),
        (Field::Email, "\"nobody\""),
        (Field::Kinds, "[\"theatre\", \"castle-in-spain\"]"),
        (Field::Name, "\" \""),
        (Field::Point, "{\"lat\": 0, \"lon\": 0}"),
        (Field::Description, "\"A cafÃ©, and more.\""),
    ] {
        desk.edit(&albany, field, value);
    }
    let summary = desk.import(&[desk.file("feed.csv", &[&THEATRE.replace("Douglas Way", "1 Douglas Way"), PUB])]);
    let edited = desk.venue("The Albany");
    assert_eq!((&edited.facts.website, &edited.facts.email), (&None, &None));
    assert_eq!((super::kinds(&edited), edited.facts.point), (vec!["theatre"], albany.facts.point));
    assert_eq!(edited.facts.description.as_deref(), Some("A café, and more."));
    let told = summary.to_string();
    for said in ["Website", "E-mail", "Kind of place", "Name", "Place on the map", &albany.id.to_string()] {
        assert!(told.contains(said), "{said} in {told}");
    }
    assert!(!told.contains("Description"), "{told}");
}

pub fn dates_and_licences_are_known_ones_or_reported(desk: &Desk) {
    let head = "source,source_id,name,category,address,postcode,lat,lon,position,licence";
    let row = |id: u32, licence: &str| format!("gla-cim-2023,{id},Place {id},Cinemas,,,51.{id}0,-0.1,,{licence}");
    let rows =
        [row(1, "Open Government Licence v3.0"), row(2, "OGL-UK-3.0"), row(3, "All rights reserved"), row(4, ""), row(5, "odbl")];
    let summary = desk.import(&[desk.bytes("feed.csv", format!("{head}\n{}\n", rows.join("\n")).as_bytes())]);
    assert_eq!((summary.total().added, summary.total().rejected), (4, 1), "{summary}");
    let licences: Vec<String> = desk.venues().into_iter().map(|venue| venue.licence).collect();
    assert_eq!(licences, ["OGL-UK-3.0", "OGL-UK-3.0", "OGL-UK-3.0", "ODbL-1.0"]);
    let rejects = fs::read_to_string(desk.folder.path().join("rejects.csv")).expect("the rejects");
    assert!(rejects.contains("4,") && rejects.contains("All rights reserved"), "{rejects}");
    let dated = |name: &str, date: &str| {
        let file = desk.bytes(&format!("{name}.geojson"), &collection(date, &[json!({"id": name, "name": name})]));
        let told = desk.import(&[file]).to_string();
        (desk.venue(name).sources[0].dated.clone(), told.contains("date of the data"))
    };
    assert_eq!(dated("British", "01/05/2023"), (Some("2023-05-01".to_owned()), false));
    assert_eq!(dated("Vague", "last summer"), (None, true));
}

pub fn two_imports_at_once_take_turns(desk: &Desk) {
    let rows: Vec<String> =
        (0..1500).map(|n| format!("gla-cim-2023,{n},Place {n},Cinemas,,,51.{:05},-0.1", 30_000 + n * 10)).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let file = desk.file("feed.csv", &rows);
    let both = std::thread::scope(|scope| {
        let runs = [(); 2].map(|()| scope.spawn(|| desk.run(&desk.options(std::slice::from_ref(&file)))));
        runs.map(|run| run.join().expect("no panic").expect("an import").total())
    });
    assert_eq!((both[0].added + both[1].added, both[0].unchanged + both[1].unchanged), (1500, 1500));
}

pub fn two_imports_of_postcodes_at_once_take_turns(desk: &Desk) {
    let codes: Vec<String> = (0..2000)
        .map(|n| {
            let letter = |n: u8| char::from(b'A' + n);
            format!("SE{} {}{}{},51.5,-0.1", 1 + n / 600, n / 60 % 10, letter((n % 20) as u8), letter((n / 20 % 3) as u8))
        })
        .collect();
    let file = desk.bytes("postcodes.csv", format!("postcode,lat,lon\n{}\n", codes.join("\n")).as_bytes());
    let added = std::thread::scope(|scope| {
        let runs = [(); 2].map(|()| scope.spawn(|| postcodes::import(&desk.db, &file, false, &mut Progress::Silent)));
        runs.map(|run| run.join().expect("no panic").expect("an import").added)
    });
    assert!(added.contains(&2000) && added.contains(&0), "{added:?}");
}

pub fn a_clean_run_takes_an_old_list_of_rejects_away(desk: &Desk) {
    let rejects = desk.folder.path().join("rejects.csv");
    desk.import(&[desk.file("feed.csv", &[THEATRE, DANCE, ",,,,,,,"])]);
    assert!(rejects.exists());
    desk.import(&[desk.file("feed.csv", &[THEATRE, DANCE])]);
    assert!(!rejects.exists());
}
