#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::fs;

use super::*;
use crate::{search::contract::catalogue::settings_in, venues::Facts};

fn small() -> Vocabulary {
    let folder = tempfile::tempdir().unwrap();
    Vocabulary::load(&settings_in(folder.path())).unwrap()
}

fn seen(vocabulary: &Vocabulary, text: &str) -> Vec<(String, String, Option<String>)> {
    let reading = vocabulary.recognise(text);
    let told =
        |sighting: Sighting| (text[sighting.span].to_owned(), vocabulary.label(&sighting.concept).to_owned(), sighting.mended);
    reading.sightings.into_iter().map(told).collect()
}

fn one(vocabulary: &Vocabulary, text: &str) -> String {
    seen(vocabulary, text).into_iter().next().map(|(_, label, _)| label).unwrap_or_default()
}

#[test]
fn words_are_recognised_in_every_form() {
    let vocabulary = small();
    for (text, label) in [
        ("libraries", "Library"),
        ("Tai-Chi", "T'ai chi"),
        ("t’ai chi", "T'ai chi"),
        ("taichi", "T'ai chi"),
        ("the mens shed", "Woodwork"),
        ("MEN'S SHED!", "Woodwork"),
        ("strumming", "Playing the guitar"),
        ("carving", "Woodwork"),
        ("guitarists", "Playing the guitar"),
        ("bookclub", "Reading"),
        ("CAFÉ", "Café"),
        ("sports", "Sports"),
    ] {
        assert_eq!(one(&vocabulary, text), label, "{text}");
    }
}

#[test]
fn the_longest_phrase_wins() {
    let vocabulary = small();
    assert_eq!(one(&vocabulary, "rehearsal"), "Playing music");
    assert_eq!(seen(&vocabulary, "a rehearsal studio"), [("rehearsal studio".to_owned(), "Rehearsal studio".to_owned(), None)]);
}

#[test]
fn misspellings_are_mended_and_ordinary_words_are_not() {
    let vocabulary = small();
    for (slip, meant) in
        [("gutar", "guitar"), ("libary", "library"), ("musuem", "museum"), ("xhurch", "church"), ("wodwork", "woodwork")]
    {
        assert_eq!(seen(&vocabulary, slip)[0].2.as_deref(), Some(meant), "{slip}");
    }
    for word in ["evening", "corner", "quiet", "dates", "pubx1", "in", "art7"] {
        assert!(seen(&vocabulary, word).is_empty(), "{word}");
    }
}

#[test]
fn what_is_not_recognised_is_told_without_stop_words() {
    let vocabulary = small();
    let text = "I would like to play guitar with Zephaniah";
    let left: Vec<&str> = vocabulary.recognise(text).unrecognised.into_iter().map(|span| &text[span]).collect();
    assert_eq!(left, ["play", "Zephaniah"]);
}

#[test]
fn sureness_comes_from_the_list_and_the_weight() {
    let vocabulary = small();
    let sure = |text: &str| vocabulary.recognise(text).sightings[0].sureness;
    assert!((sure("pub") - 1.0).abs() < 1e-6);
    assert!((sure("local") - 0.4).abs() < 1e-6);
    assert!((sure("strum") - 0.85).abs() < 1e-6);
    assert!(sure("gutar") < sure("guitar"));
}

#[test]
fn venues_are_read() {
    let vocabulary = small();
    let read = |name: &str, kinds: &[&str]| {
        let kinds = kinds.iter().map(|kind| KindId::from(*kind)).collect();
        vocabulary.read_venue(&Facts { name: name.to_owned(), kinds, ..Facts::default() })
    };
    let kinds = |reading: &VenueReading| reading.kinds.iter().map(ToString::to_string).collect::<Vec<_>>();
    let activities = |reading: &VenueReading| reading.activities.iter().map(|(id, _)| id.to_string()).collect::<Vec<_>>();

    let tennis = read("DULWICH LAWN TENNIS CLUB", &["sports-club"]);
    assert_eq!((activities(&tennis), tennis.domains), (vec!["tennis".to_owned()], vec![Domain::Sports]));
    let studio = read("Bunker", &["rehearsal-studio"]);
    assert_eq!(kinds(&studio), ["music-place", "rehearsal-studio"]);
    assert_eq!(studio.activities[0], (ActivityId::from("guitar"), 0.9));
    assert_eq!(studio.activities[1].1, 0.9, "the wider one is as sure as the surest narrower one");
    assert_eq!(kinds(&read("The Old Church Café", &["cafe"])), ["cafe"]);
    assert_eq!(kinds(&read("The Library", &["pub"])), ["pub"]);
    assert_eq!(kinds(&read("Horniman Museum of Things", &["cafe"])), ["cafe", "museum"]);
    assert_eq!(kinds(&read("Peckham Library", &[])), ["library"]);
}

#[test]
fn wider_and_narrower_are_known() {
    let vocabulary = small();
    let music = vocabulary.activity(&"playing-music".into()).unwrap();
    assert_eq!(music.narrower, [ActivityId::from("guitar"), ActivityId::from("singing")]);
    let offered: Vec<&str> = music.offered_by.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(offered, ["music-place", "rehearsal-studio", "pub"]);
    let labels: Vec<&str> = vocabulary.kinds().map(|kind| kind.label.as_str()).collect();
    assert_eq!(labels[..2], ["Café", "Church"]);
}

#[test]
fn completions_begin_with_what_was_typed() {
    let vocabulary = small();
    let labels = |text: &str| vocabulary.complete(text, 3).into_iter().map(|found| found.label).collect::<Vec<_>>();
    assert_eq!(labels("guita"), ["Playing the guitar"]);
    assert_eq!(labels("reh")[0], "Rehearsal studio");
    assert!(labels("zzz").is_empty() && labels("").is_empty());
}

#[test]
fn every_mistake_is_told_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let files = settings_in(folder.path());
    fs::write(
        folder.path().join("vocabulary/activities/all.toml"),
        r#"[[activity]]
id = "a"
label = "A"
domains = ["arts"]
kind_of = ["b"]
words = ["aa ~2", "", "ok ~0.5"]
colour = "red"

[[activity]]
id = "b"
label = "B"
domains = ["artz"]
kind_of = ["a", "missing"]
offered_by = { library = 1.5, nowhere = 0.5 }

[[activity]]
id = "b"
label = "B again"
domains = ["arts"]

[[activity]]
id = "C!"
label = ""

[[thing]]
id = "x"
"#,
    )
    .unwrap();
    let mistakes = Vocabulary::load(&files).unwrap_err();
    assert!(mistakes.iter().all(|mistake| mistake.file == "vocabulary/activities/all.toml"), "{mistakes:?}");
    let lines: Vec<usize> = mistakes.iter().map(|mistake| mistake.line).collect();
    for line in [5, 6, 7, 12, 13, 14, 17, 22, 23, 25] {
        assert!(lines.contains(&line), "line {line}: {mistakes:#?}");
    }
    assert!(mistakes[0].to_string().starts_with("search-config/vocabulary/activities/all.toml:"));
    fs::write(folder.path().join("vocabulary/kinds.toml"), "[[kind]\nid = ").unwrap();
    assert!(Vocabulary::load(&files).unwrap_err().iter().any(|mistake| mistake.file == "vocabulary/kinds.toml"));
}

#[test]
fn settings_are_checked_with_their_line() {
    let folder = tempfile::tempdir().unwrap();
    let files = settings_in(folder.path());
    let path = folder.path().join("search.toml");
    let text = fs::read_to_string(&path).unwrap().replace("name = 5.0", "name = 30").replace("prefix = 0.7", "prefixx = 0.7");
    fs::write(&path, text).unwrap();
    let mistakes = crate::search::settings::Settings::load(&files).unwrap_err();
    assert_eq!(mistakes.len(), 3, "{mistakes:?}");
    assert!(mistakes.iter().all(|mistake| mistake.line > 10), "{mistakes:?}");
}

#[test]
fn long_texts_and_odd_ones_are_taken() {
    let vocabulary = small();
    let started = std::time::Instant::now();
    let text = "I uzed to play gutar and zing in a choirr at the libary. ".repeat(1_000);
    assert_eq!(vocabulary.recognise(&text).sightings.len() % 1_000, 0);
    for text in ["", " ", "🎸", "\u{0}", "'; DROP", "<b>", "\u{301}", "ﷺ"] {
        assert!(vocabulary.recognise(text).sightings.is_empty(), "{text}");
    }
    assert!(started.elapsed().as_secs() < 5);
}

#[test]
fn names_do_not_gainsay_what_the_publisher_says() {
    let vocabulary = Vocabulary::load(&crate::settings_files::SettingsFiles::default()).unwrap();
    let read = |name: &str, kind: &str| {
        let reading =
            vocabulary.read_venue(&Facts { name: name.to_owned(), kinds: vec![KindId::from(kind)], ..Facts::default() });
        (reading.kinds, reading.activities.into_iter().map(|(id, _)| id.to_string()).collect::<Vec<_>>())
    };
    let has = |name: &str, kind: &str, seen: &str| read(name, kind).0.contains(&KindId::from(seen));
    for (name, kind, seen) in [
        ("Kennington-Bowl", "skate-park", "bowls-club"),
        ("The Old Goldsmiths", "pub", "jewellery-workshop"),
        ("Streatham Ice Rink", "pub", "ice-rink"),
        ("The Chapel Gallery Gym", "gym", "museum"),
    ] {
        assert!(!has(name, kind, seen), "{name}");
    }
    for (name, kind, seen) in [
        ("Dulwich Lawn Tennis Club", "sports-club", "tennis-club"),
        ("Horniman Museum Café", "museum", "cafe"),
        ("St Mary's Church Library", "church", "library"),
        ("The Bush Pub and Theatre", "pub", "theatre"),
        ("Masons Arms", "music-venue", "pub"),
        ("Forest Hill Kingdom Hall", "church", "kingdom-hall"),
    ] {
        assert!(has(name, kind, seen), "{name}");
    }
    for (name, kind, done) in [
        ("The Blacksmiths Arms", "pub", "blacksmithing"),
        ("Plumbers Arms", "pub", "plumbing"),
        ("The Cricketers", "pub", "cricket"),
        ("The Angler Hotel", "hotel", "fishing"),
        ("Goldsmiths", "college", "jewellery-making"),
    ] {
        assert_eq!(read(name, kind).1, read("Nameless", kind).1, "{name}: {done}");
    }
    assert!(read("Peckham Plumbing", "shop").1.contains(&"plumbing".to_owned()));
}
