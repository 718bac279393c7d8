//! Made-up places and answers, to look at pages with and to test them by.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};
use uuid::Uuid;

use super::{
    Term, Words, icon,
    results::{Answer, Results, Try},
    unmarked,
};
use crate::{
    error::Problem,
    places::{Place, PlaceKind},
    search::{Facets, Found, Hit, Meaning, Question, Understood, ask::Fields},
    values::{Point, VenueId},
    venues::{Access, Card, Facts, Field, How, Mark, Origin, SourceRef, Venue},
    vocabulary::{ActivityId, Concept, Domain, KindId},
};

/// A few words, for samples only.
pub struct SampleWords;

impl Words for SampleWords {
    fn kind(&self, id: &KindId) -> Option<Term> {
        let icon = match id.as_str() {
            "cafe" => icon("coffee"),
            "library" => icon("library"),
            "rehearsal-studio" => icon("guitar"),
            "makerspace" => icon("hammer"),
            "allotment" => icon("sprout"),
            "community-centre" => icon("users"),
            "swimming-pool" => icon("waves"),
            "cinema" => icon("film"),
            "museum" => icon("landmark"),
            "volunteer-centre" => icon("hand-heart"),
            "adult-learning-centre" => icon("graduation-cap"),
            "pub" => icon("beer"),
            _ => icon("map-pin"),
        };
        let label = sentence(id.as_str());
        Some(Term { plural: format!("{label}s"), label, icon: icon.to_owned() })
    }

    fn activity(&self, id: &ActivityId) -> Option<Term> {
        Some(Term::new(sentence(id.as_str()), icon("star")))
    }
}

fn sentence(slug: &str) -> String {
    super::say::sentence(&slug.replace('-', " "))
}

/// Half past two on Monday 23 November 2026.
pub fn now() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, 11, 23).and_then(|day| day.and_hms_opt(14, 30, 0)).unwrap_or_default()
}

/// The sample places: one known well, two known fairly, one hardly known with a twin, one closed for now.
pub fn cards() -> Vec<Card> {
    let all: Vec<Facts> = serde_json::from_str(include_str!("samples.json")).unwrap_or_default();
    all.into_iter().enumerate().map(|(at, facts)| card(at, facts)).collect()
}

fn card(at: usize, facts: Facts) -> Card {
    let id = VenueId(Uuid::from_u128(at as u128 + 1));
    let sparse = facts.description.is_none();
    let lead = venue(id, id, facts, if sparse { public_map() } else { demo_source() });
    let twins = if sparse { vec![twin(id)] } else { Vec::new() };
    Card { lead, twins }
}

fn twin(lead: VenueId) -> Venue {
    let facts = Facts { name: "Peckham Audio Ltd".to_owned(), phone: Some("020 7946 0000".to_owned()), ..Facts::default() };
    let source = SourceRef {
        source: "openstreetmap".to_owned(),
        source_id: Some("node/1".to_owned()),
        label: "OpenStreetMap".to_owned(),
        licence: "ODbL-1.0".to_owned(),
        dated: Some("2026-05".to_owned()),
        category: None,
    };
    venue(VenueId(Uuid::from_u128(99)), lead, facts, source)
}

fn demo_source() -> SourceRef {
    SourceRef {
        source: "demo".to_owned(),
        source_id: Some("demo-001".to_owned()),
        label: "Made up for the Footbridge demo".to_owned(),
        licence: "CC0-1.0".to_owned(),
        dated: Some("2026-11-01".to_owned()),
        category: None,
    }
}

fn public_map() -> SourceRef {
    SourceRef {
        source: "gla-cim-2023".to_owned(),
        source_id: Some("Music_rehearsal_studios/12".to_owned()),
        label: "GLA Cultural Infrastructure Map 2023".to_owned(),
        licence: "OGL-UK-3.0".to_owned(),
        dated: Some("2023".to_owned()),
        category: Some("Music rehearsal studios".to_owned()),
    }
}

fn venue(id: VenueId, card: VenueId, facts: Facts, source: SourceRef) -> Venue {
    let given = |field| (field, Origin { sources: vec![0], how: How::Given, on: None });
    let mut origins: BTreeMap<Field, Origin> =
        [Field::Name, Field::Kinds, Field::Address, Field::Postcode, Field::Point, Field::Phone, Field::Opening, Field::Offers]
            .map(given)
            .into();
    origins.insert(Field::Borough, Origin { sources: vec![0], how: How::FromPoint, on: None });
    origins.insert(Field::Website, Origin { sources: Vec::new(), how: How::Edited, on: Some(now().date()) });
    Venue {
        id,
        card,
        licence: source.licence.clone(),
        published: true,
        gone_since: None,
        updated_at: now(),
        facts,
        sources: vec![source],
        origins,
    }
}

/// The middle of a made-up district.
pub fn place() -> Place {
    Place { label: "SE29".to_owned(), kind: PlaceKind::District, point: Point { lat: 51.4837, lon: 0.0421 } }
}

fn facets() -> Facets {
    let kinds = ["rehearsal-studio", "pub", "cafe", "makerspace", "library", "cinema", "museum", "allotment", "swimming-pool"];
    let activities = ["guitar", "drums", "singing", "open-mic", "folk-music", "songwriting", "recording", "chess"];
    let counted = |at: usize| 24 - 2 * at as u64;
    Facets {
        domains: Domain::ALL.iter().enumerate().map(|(at, domain)| (*domain, counted(at))).collect(),
        kinds: kinds.iter().enumerate().map(|(at, id)| (KindId::from(*id), counted(at))).collect(),
        activities: activities.iter().enumerate().map(|(at, id)| (ActivityId::from(*id), counted(at))).collect(),
        boroughs: [("Marlhythe".to_owned(), 40), ("Southwark".to_owned(), 2)].into(),
        access: Access::ALL.iter().enumerate().map(|(at, access)| (*access, counted(at))).collect(),
        settings: [(Mark::Green, 38), (Mark::Amber, 3)].into(),
        free: 12,
        places_now: 17,
    }
}

/// Pages of results in each of their states.
pub fn results() -> Vec<Results> {
    vec![found_many(false), found_many(true), found_nothing(), went_wrong()]
}

fn found_many(map: bool) -> Results {
    let fields = Fields {
        q: "gutar rehearsal".to_owned(),
        near: "SE29".to_owned(),
        within_km: "5".to_owned(),
        domain: vec!["arts".to_owned()],
        access: vec!["step_free".to_owned()],
        ..Fields::default()
    };
    let question = Question {
        words: fields.q.clone(),
        near: Some(place()),
        within_m: Some(5_000),
        page: 2,
        per_page: 5,
        ..Question::default()
    };
    let cards = cards();
    let understood = Understood {
        parts: vec![
            Meaning {
                text: "gutar".to_owned(),
                concepts: vec![Concept::Activity("guitar".into())],
                mended: Some("guitar".to_owned()),
            },
            Meaning { text: "rehearsal".to_owned(), concepts: vec![Concept::Kind("rehearsal-studio".into())], mended: None },
        ],
        near: None,
        loosened: false,
    };
    let found = Found {
        hits: cards
            .iter()
            .zip([420, 960, 1_200, 2_900, 4_100])
            .map(|(card, metres)| Hit { venue: card.lead.id, distance_m: Some(metres) })
            .collect(),
        total: 42,
        facets: facets(),
        understood,
        did_you_mean: Some("guitar rehearsal".to_owned()),
        behind: false,
        highlight: vec!["drum".to_owned()],
    };
    let marks = |text: &str| match text.split_once("Drum") {
        Some((before, after)) => vec![(before.to_owned(), false), ("Drum".to_owned(), true), (after.to_owned(), false)],
        None => unmarked(text),
    };
    let answer = Answer {
        fields: &fields,
        problems: &[],
        question: &question,
        found: &found,
        cards: &cards,
        marks: &marks,
        snippet: &|text| Some(marks(text)),
        map,
        tiles: None,
        notice: None,
        tries: &[],
        now: now(),
    };
    Results::new(&answer, &SampleWords)
}

fn found_nothing() -> Results {
    let fields = Fields {
        q: "zither lessons".to_owned(),
        near: "SE29 2AE".to_owned(),
        within_km: "1".to_owned(),
        max_cost: "0".to_owned(),
        ..Fields::default()
    };
    let question = Question { words: fields.q.clone(), near: Some(place()), within_m: Some(1_000), ..Question::default() };
    let less = fields.without("max_cost", "0");
    let tries = [Try { label: "Without “Free”".to_owned(), fields: less, total: 3 }];
    let found = Found { understood: Understood { loosened: true, ..Understood::default() }, ..Found::default() };
    let answer = Answer {
        fields: &fields,
        problems: &[],
        question: &question,
        found: &found,
        cards: &[],
        marks: &unmarked,
        snippet: &|_| None,
        map: false,
        tiles: None,
        notice: Some("These results may be a few minutes behind.".to_owned()),
        tries: &tries,
        now: now(),
    };
    Results::new(&answer, &SampleWords)
}

fn went_wrong() -> Results {
    let fields = Fields { q: "tea".to_owned(), near: "Nowhereville".to_owned(), time: "25:00".to_owned(), ..Fields::default() };
    let problems = [
        Problem::new("near", "We don’t know that place. Try a postcode such as SE15 4QL, a district such as SE15, or a borough."),
        Problem::new("time", "Give a time such as 09:30 or 18:00."),
    ];
    let cards = cards();
    let found = Found {
        hits: cards.iter().map(|card| Hit { venue: card.lead.id, distance_m: None }).collect(),
        total: cards.len() as u64,
        facets: facets(),
        ..Found::default()
    };
    let answer = Answer {
        fields: &fields,
        problems: &problems,
        question: &Question::default(),
        found: &found,
        cards: &cards,
        marks: &unmarked,
        snippet: &|_| None,
        map: false,
        tiles: None,
        notice: None,
        tries: &[],
        now: now(),
    };
    Results::new(&answer, &SampleWords)
}
