//! How much of what people do the vocabulary knows, by published lists, and how it takes misspellings.

use std::{collections::BTreeSet, fs::read_to_string};

use footbridge::{settings_files::SettingsFiles, vocabulary::Vocabulary};
use serde_json::Value;

use crate::harness::shared;

fn vocabulary() -> Vocabulary {
    Vocabulary::load(&SettingsFiles::default()).expect("the shipped vocabulary")
}

#[allow(clippy::cast_precision_loss)]
fn at_least(share: f64, what: &str, all: usize, missed: &[String]) {
    let known = 1.0 - missed.len() as f64 / all as f64;
    assert!(all > 100 && known >= share, "{what}: {known:.3} of {all}; not {:?}", &missed[..missed.len().min(80)]);
}

#[test]
fn activities_of_the_published_list_are_known() {
    let Some(path) = shared("vocabulary/openactive_activity-list.jsonld") else { return };
    let list: Value = serde_json::from_str(&read_to_string(path).expect("a file")).expect("JSON");
    let vocabulary = vocabulary();
    let labels: Vec<&str> =
        list["concept"].as_array().into_iter().flatten().filter_map(|one| one["prefLabel"].as_str()).collect();
    let missed: Vec<String> =
        labels.iter().filter(|label| vocabulary.recognise(label).sightings.is_empty()).map(|label| (*label).to_owned()).collect();
    at_least(0.95, "OpenActive activities", labels.len(), &missed);
}

#[test]
fn hobbies_of_the_published_list_are_known() {
    let Some(path) = shared("vocabulary/hobbylist.csv") else { return };
    let vocabulary = vocabulary();
    let mut reader = csv::Reader::from_path(path).expect("a table");
    let hobbies: Vec<String> = reader.records().filter_map(|row| Some(row.ok()?.get(0)?.to_owned())).collect();
    let missed: Vec<String> = hobbies.iter().filter(|hobby| vocabulary.recognise(hobby).sightings.is_empty()).cloned().collect();
    at_least(0.85, "hobbies", hobbies.len(), &missed);
}

/// Single words that name an activity.
fn activity_words(vocabulary: &Vocabulary) -> BTreeSet<String> {
    let single = |phrase: &&str| phrase.len() >= 5 && phrase.chars().all(|c| c.is_ascii_lowercase());
    let words = vocabulary.phrases().map(|(phrase, _)| phrase).filter(single);
    words.filter(|word| !vocabulary.is_ordinary(word)).map(str::to_owned).collect()
}

fn same_meaning(vocabulary: &Vocabulary, slip: &str, word: &str) -> bool {
    let meant = |text: &str| vocabulary.recognise(text).sightings.into_iter().map(|one| one.concept).collect::<BTreeSet<_>>();
    let (of_slip, of_word) = (meant(slip), meant(word));
    !of_slip.is_disjoint(&of_word)
}

#[test]
fn misspellings_of_activities_are_understood() {
    let vocabulary = vocabulary();
    let words = activity_words(&vocabulary);
    let Some(path) = shared("vocabulary/cspell_misspellings_en-gb.json") else { return };
    let text = read_to_string(path).expect("a file");
    let pairs = regex::Regex::new("\"([a-z]+)->([a-z]+)\"").expect("a pattern");
    let of_ours: Vec<(String, String)> = pairs
        .captures_iter(&text)
        .map(|pair| (pair[1].to_owned(), pair[2].to_owned()))
        .filter(|(_, word)| vocabulary.recognise(word).sightings.iter().any(|one| one.mended.is_none()))
        .filter(|(_, word)| word.len() >= 5 && !vocabulary.is_ordinary(word))
        .collect();
    let missed: Vec<String> =
        of_ours.iter().filter(|(slip, word)| !same_meaning(&vocabulary, slip, word)).map(|(slip, _)| slip.clone()).collect();
    let known = of_ours.len() - missed.len();
    assert!(!of_ours.is_empty() && known * 10 >= of_ours.len() * 9, "{known} of {}: {missed:?}", of_ours.len());
    assert!(words.len() > 500, "{}", words.len());
}

#[test]
fn every_single_letter_slip_in_an_activity_s_word_is_understood_nine_times_in_ten() {
    let vocabulary = vocabulary();
    let (mut all, mut missed) = (0, Vec::new());
    // Every seventh word, each letter left out, doubled, swapped with the next, and replaced.
    for word in activity_words(&vocabulary).iter().step_by(7) {
        let slips = (0..word.len()).flat_map(|at| {
            let (before, after) = word.split_at(at);
            let doubled = format!("{before}{}{after}", &after[..1]);
            let swapped = after.get(1..2).map(|next| format!("{before}{next}{}{}", &after[..1], &after[2..]));
            [Some(format!("{before}{}", &after[1..])), Some(doubled), swapped, Some(format!("{before}x{}", &after[1..]))]
        });
        for slip in slips.flatten().filter(|slip| slip != word && slip.len() >= 4 && !vocabulary.is_ordinary(slip)) {
            all += 1;
            if !same_meaning(&vocabulary, &slip, word) {
                missed.push(format!("{slip} ({word})"));
            }
        }
    }
    at_least(0.90, "single-letter slips", all, &missed);
}

#[test]
fn ordinary_words_are_not_mended_into_activities() {
    let vocabulary = vocabulary();
    let text = "although always another around because before behind between brought building certain children company consider \
                country different during enough evening every family father finally following friend government having herself \
                himself however important inside interest letter little matter minute moment morning mother myself national \
                nothing number often order other people perhaps picture possible problem question really reason second several \
                should single social something sometimes special started still street strong through together towards trouble \
                turned under until usually waiting watching week whether while window without wonder working would writing yesterday using";
    let mended =
        vocabulary.recognise(text).sightings.into_iter().filter_map(|one| Some((text[one.span].to_owned(), one.mended?)));
    assert_eq!(mended.collect::<Vec<_>>(), Vec::<(String, String)>::new());
}
