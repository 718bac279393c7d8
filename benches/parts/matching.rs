//! Matching over the JSON interface: a wish in someone's own words, a circle of 8 km, ten places with reasons.

use std::sync::Arc;

use footbridge::{matching::understand::Reader, settings_files::SettingsFiles, vocabulary::Vocabulary};
use serde::Deserialize;

use super::{MB, tell};
use crate::{
    ALLOCATED,
    catalogue::Size,
    figures::{Figures, Wanted},
    http, load, process,
    site::Site,
};

/// The aspirations that matching is judged by.
const FILES: [&str; 2] =
    [include_str!("../../tests/match/aspirations.toml"), include_str!("../../tests/match/aspirations-second.toml")];

#[derive(Deserialize)]
struct File {
    aspiration: Vec<Wish>,
}

#[derive(Deserialize)]
struct Wish {
    text: String,
    near: String,
}

pub fn measure(figures: &mut Figures) {
    memory(figures);
    let files: Vec<File> = FILES.iter().map(|file| toml::from_str(file).expect("aspirations")).collect();
    let wishes: Vec<Wish> = files.into_iter().flat_map(|file| file.aspiration).collect();
    for size in [Size::London, Size::Britain] {
        one(figures, size, &wishes);
    }
    let median = |size: &str| figures.get(&format!("matching.{size}.median")).unwrap_or(f64::NAN);
    let ratio = median("britain") / median("london");
    figures.add("matching.growth", "median on 177,739 rows to that on 19,396", ratio, "times", Wanted::AtMost(2.5));
}

fn one(figures: &mut Figures, size: Size, wishes: &[Wish]) {
    let site = Site::start(&size.folder(), None, &[]);
    let posted = |wish: &Wish| {
        let body = serde_json::json!({"text": wish.text, "near": wish.near, "within_km": 8, "limit": 10});
        http::json("POST", "/api/v1/match", "", &body.to_string())
    };
    let searched = |wish: &Wish| {
        let words: String = wish.text.chars().take(200).collect();
        let pairs = [("q", words.as_str()), ("near", &wish.near), ("within_km", "8"), ("per_page", "10")];
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        http::get(&format!("/api/v1/venues?{query}"), None)
    };
    let (key, label) = (format!("matching.{}", size.code()), format!("matching, {}", size.label()));
    let requests: Vec<Vec<u8>> = wishes.iter().map(posted).collect();
    // The sayings are listened to a moment after the start.
    http::Connection::open(site.address).and_then(|mut connection| connection.body(&requests[0])).expect("an answer");
    let outcome = load::run(&[site.address], &requests, &|| vec![site.pid()]);
    // The large catalogue is held to its growth.
    let most = |most: f64| if size == Size::London { Wanted::AtMost(most) } else { Wanted::Told };
    tell(figures, &key, &label, &outcome, Wanted::More, most(30.0));
    figures.add(format!("{key}.wanted"), format!("{label}: median, against what is wanted"), outcome.median, "ms", most(8.0));
    let plain: Vec<Vec<u8>> = wishes.iter().map(searched).collect();
    let baseline = load::run(&[site.address], &plain, &|| vec![site.pid()]);
    tell(
        figures,
        &format!("{key}.search"),
        &format!("the same words searched for, {}", size.label()),
        &baseline,
        Wanted::Told,
        Wanted::Told,
    );
}

/// What the vocabulary and everything that understands wishes take: what is kept, and what the system counts when it is loaded,
/// which is more by what loading needed for a while.
fn memory(figures: &mut Figures) {
    let resident = || process::usage(std::process::id()).unwrap_or_default().resident;
    let (before, alive_before) = (resident(), ALLOCATED.current_usage());
    ALLOCATED.reset_peak_usage();
    let files = SettingsFiles::default();
    let vocabulary = Arc::new(Vocabulary::load(&files).expect("a vocabulary"));
    let reader = Reader::load(&files, vocabulary).expect("settings");
    reader.listen();
    let (taken, kept) = ((resident() - before) / MB, mb(ALLOCATED.current_usage() - alive_before));
    let most = Wanted::AtMost(30.0);
    figures.add("matching.vocabulary", "vocabulary, hints and voices: growth in memory", taken, "MB", most);
    figures.add("matching.kept", "vocabulary, hints and voices: kept", kept, "MB", most);
    figures.add("matching.voices", "of which the voices' index", mb(reader.voices_size()), "MB", Wanted::Told);
    let most_at_once = mb(ALLOCATED.peak_usage() - alive_before);
    figures.add("matching.loading", "most at once while loading", most_at_once, "MB", Wanted::Less);
}

fn mb(bytes: usize) -> f64 {
    bytes as f64 / MB
}
