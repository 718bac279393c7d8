//! What Meilisearch is told about language and rank: all of it from `search-config/`.

use std::collections::{BTreeMap, HashMap};

use meilisearch_sdk::settings::{
    FacetingSettings, FilterFeatureModes, FilterFeatures, FilterableAttribute, FilterableAttributesSettings, MinWordSizeForTypos,
    PaginationSetting, Settings as Pushed, TypoToleranceSettings,
};
use sha2::{Digest, Sha256};

use super::document::{EVERY, VERSION};
use crate::{
    search::{MAX_DEPTH, settings::Settings},
    vocabulary::{
        Vocabulary,
        text::{folded, tokens},
    },
};

/// Most values of one kind of count: more than there are activities.
const MOST_VALUES: usize = 5_000;
/// Words of a phrase that Meilisearch may take for another.
const MOST_WORDS: usize = 3;
/// Phrases that one phrase may be taken for.
const MOST_MEANINGS: usize = 8;
/// The order of places in "best match": words found, slips, what a place is before what it mentions, then the order asked for.
const RANKING: [&str; 5] = ["words", "typo", "attributeRank", "sort", "exactness"];
/// And at last, where a fresh check counts at all.
const CHECKED: &str = "assured:desc";
/// Fields that places are found by as given.
const EQUAL: [&str; 13] = [
    "terms",
    "domains",
    "kinds",
    "activities",
    "borough",
    "access",
    "setting",
    "free",
    "places_now",
    "hours",
    "days",
    "every",
    "dated",
];
/// Fields that places are ordered by.
const SORTED: [&str; 5] = ["_geo", "key", "checked", "assured", "closed"];

/// Settings for an index.
pub(super) fn settings(vocabulary: &Vocabulary, settings: &Settings) -> Pushed {
    let owned = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let mut stop_words: Vec<String> = vocabulary.stop_words().map(str::to_owned).collect();
    stop_words.sort_unstable();
    let mut ranking = owned(&RANKING);
    if settings.ranking.fresh_bonus > 0.0 {
        ranking.push(CHECKED.to_owned());
    }
    Pushed {
        synonyms: Some(synonyms(vocabulary)),
        stop_words: Some(stop_words),
        ranking_rules: Some(ranking),
        filterable_attributes: Some(filterable()),
        sortable_attributes: Some(owned(&SORTED)),
        searchable_attributes: Some(owned(&["what", "about", "every"])),
        displayed_attributes: Some(owned(&["id", "_geo"])),
        pagination: Some(PaginationSetting { max_total_hits: MAX_DEPTH as usize }),
        faceting: Some(FacetingSettings { max_values_per_facet: MOST_VALUES, sort_facet_values_by: None }),
        typo_tolerance: Some(typos(settings)),
        // Ranking doesn't ask how near words stand to each other, so that needn't be indexed word by word.
        proximity_precision: Some("byAttribute".to_owned()),
        ..Pushed::default()
    }
}

fn filterable() -> Vec<FilterableAttribute> {
    let mode = |names: &[&str], comparison| {
        FilterableAttribute::Settings(FilterableAttributesSettings {
            attribute_patterns: names.iter().map(|name| (*name).to_owned()).collect(),
            features: FilterFeatures { facet_search: false, filter: FilterFeatureModes { equality: true, comparison } },
        })
    };
    vec![mode(&EQUAL, false), mode(&["cost"], true), "_geo".into()]
}

/// Slips are forgiven from the same lengths on; Meilisearch counts letters as bytes of at most 255.
fn typos(settings: &Settings) -> TypoToleranceSettings {
    let letters = |from: usize| Some(u8::try_from(from).unwrap_or(u8::MAX));
    TypoToleranceSettings {
        enabled: Some(true),
        disable_on_attributes: Some(vec!["every".to_owned()]),
        disable_on_words: Some(vec![EVERY.to_owned()]),
        min_word_size_for_typos: Some(MinWordSizeForTypos {
            one_typo: letters(settings.typos.one_slip_from),
            two_typos: letters(settings.typos.two_slips_from),
        }),
        disable_on_numbers: Some(true),
    }
}

/// What people say, and the labels it stands for.
fn synonyms(vocabulary: &Vocabulary) -> HashMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (phrase, concept) in vocabulary.phrases() {
        let label = folded(vocabulary.label(&concept));
        let short = |text: &str| (1..=MOST_WORDS).contains(&tokens(text).len());
        if phrase == label || !short(phrase) || !short(&label) {
            continue;
        }
        let labels = all.entry(phrase.to_owned()).or_default();
        if labels.len() < MOST_MEANINGS && !labels.contains(&label) {
            labels.push(label);
        }
    }
    all.into_iter().collect()
}

/// Names all that an index is made with, so that a change of it is noticed.
pub(super) fn made_with(vocabulary: &Vocabulary, settings: &Settings) -> String {
    let mut digest = Sha256::new();
    digest.update(VERSION.to_le_bytes());
    digest.update(vocabulary.fingerprint());
    digest.update(format!("{settings:?}"));
    digest.update(format!("{RANKING:?} {EQUAL:?} {SORTED:?}"));
    digest.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
