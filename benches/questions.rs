//! The 600 questions: what people look for, from 200 middles all over London. The same every time for the same files.

use std::{collections::BTreeSet, io::Read, path::Path};

use flate2::read::GzDecoder;
use footbridge::{
    settings_files::SettingsFiles,
    vocabulary::{ActivityId, KindId, Vocabulary},
};
use serde_json::Value;

use crate::{
    catalogue::{self, Size},
    http,
};

/// How many questions.
pub const QUESTIONS: usize = 600;
/// How far around each middle, in kilometres.
pub const WITHIN_KM: u32 = 8;
/// Middles that are points, and those that are postcodes.
const POINTS: usize = 140;
const POSTCODES: usize = 60;
/// How many of the questions name a kind or an activity, a place's name, or have a slip in them; the rest are typed.
const SAID: usize = 300;
const NAMED: usize = 100;
const SLIPPED: usize = 80;

/// As people type them.
const TYPED: &str = include_str!("typed.txt");

/// One question.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Question {
    /// The words.
    pub words: String,
    /// The middle as typed: a point or a postcode.
    pub near: String,
    /// The middle's latitude and longitude.
    pub point: (String, String),
}

impl Question {
    fn query(&self) -> String {
        let km = WITHIN_KM.to_string();
        let pairs = [("q", self.words.as_str()), ("near", &self.near), ("within_km", &km)];
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
    }

    /// As a request to the JSON interface.
    pub fn to_api(&self) -> Vec<u8> {
        http::get(&format!("/api/v1/venues?{}", self.query()), None)
    }

    /// As a request for a page.
    pub fn to_page(&self, accepts: Option<&str>) -> Vec<u8> {
        http::get(&format!("/venues?{}", self.query()), accepts)
    }
}

/// The questions. `facets` are the counts of the whole London catalogue, so that only what is there is asked for.
pub fn questions(facets: &Value) -> Vec<Question> {
    let middles = middles();
    let words = words(facets);
    let all: Vec<Question> = (0..QUESTIONS)
        .map(|at| {
            let (near, point) = &middles[(at * 13 + at / middles.len()) % middles.len()];
            // A stride without a common factor mixes the sorts of words.
            Question { words: words[at * 7 % words.len()].clone(), near: near.clone(), point: point.clone() }
        })
        .collect();
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), QUESTIONS, "every question is asked once");
    all
}

fn words(facets: &Value) -> Vec<String> {
    let said = labels(facets);
    let mut all: Vec<String> = spread(&said, SAID);
    all.extend(spread(&names(), NAMED));
    let long: Vec<String> = said.iter().filter(|label| label.len() >= 8).cloned().collect();
    all.extend(spread(&long, SLIPPED).iter().map(|label| slip(label)));
    let typed: Vec<String> = TYPED.lines().map(str::to_owned).collect();
    let left = QUESTIONS - all.len();
    all.extend(spread(&typed, left));
    all
}

/// So many of them, evenly; each several times where there are fewer.
fn spread(from: &[String], count: usize) -> Vec<String> {
    (0..count).map(|at| from[if from.len() >= count { at * from.len() / count } else { at % from.len() }].clone()).collect()
}

/// The kinds and activities that the catalogue has, in lower case.
fn labels(facets: &Value) -> Vec<String> {
    let vocabulary = Vocabulary::load(&SettingsFiles::default()).expect("a vocabulary");
    let ids = |group: &str| facets[group].as_object().expect("counts").keys().cloned().collect::<Vec<_>>();
    let kinds = ids("kinds").into_iter().filter_map(|id| Some(vocabulary.kind(&KindId::from(&*id))?.label.to_lowercase()));
    let activities = ids("activities").into_iter();
    let activities = activities.filter_map(|id| Some(vocabulary.activity(&ActivityId::from(&*id))?.label.to_lowercase()));
    let all: BTreeSet<String> = kinds.chain(activities).collect();
    all.into_iter().collect()
}

/// The first two letters after the second change places.
fn slip(word: &str) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    letters.swap(2, 3);
    letters.into_iter().collect()
}

fn names() -> Vec<String> {
    let all = rows(&Size::London.files()[0]);
    all.into_iter().map(|row| row[2].to_owned()).filter(|name| name.split(' ').count() >= 2).collect()
}

fn middles() -> Vec<(String, (String, String))> {
    let places: Vec<_> = Size::London.files().iter().flat_map(|file| rows(file)).filter(|row| !row[6].is_empty()).collect();
    let postcodes = rows(&catalogue::postcodes());
    let every = |count: usize, of: usize| (0..count).map(move |at| at * of / count);
    let points = every(POINTS, places.len()).map(|at| {
        let (lat, lon) = (places[at][6].to_owned(), places[at][7].to_owned());
        (format!("{lat},{lon}"), (lat, lon))
    });
    let codes = every(POSTCODES, postcodes.len()).map(|at| {
        let row = &postcodes[at];
        (row[0].to_owned(), (row[1].to_owned(), row[2].to_owned()))
    });
    points.chain(codes).collect()
}

fn rows(path: &Path) -> Vec<csv::StringRecord> {
    let bytes = std::fs::read(path).expect("a file");
    let mut text = String::new();
    if path.extension().is_some_and(|end| end == "gz") {
        GzDecoder::new(&*bytes).read_to_string(&mut text).expect("text");
    } else {
        text = String::from_utf8(bytes).expect("text");
    }
    csv::Reader::from_reader(text.as_bytes()).records().map(|row| row.expect("a row")).collect()
}
