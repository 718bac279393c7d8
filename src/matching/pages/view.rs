//! What the page of a wish shows.

use chrono::NaiveDateTime;
use serde::Serialize;

use super::samples::sampled;
use crate::{
    error::Problem,
    matching::{
        choose::{Chosen, MOST},
        fields::{self, Fields, STEP},
        loosen::Loosen,
        need::Need,
        reasons::{About, Reason},
        understand::Understanding,
        verbs::{Answer, Ask},
    },
    venues::Card,
    vocabulary::{Ref, Vocabulary},
    web::{
        page::Page,
        views::{
            VenueCard, Words,
            card::{Why, venue_href},
            filters::{Choice, Pick},
            say, unmarked,
        },
    },
};

/// Most reasons on a card.
const MOST_REASONS: usize = 7;
/// Most unknown words that are shown.
const MOST_UNKNOWN: usize = 5;
/// How far around one may look, in kilometres.
const CIRCLES_KM: [u32; 7] = [1, 2, 3, 5, 8, 12, 20];
/// What can be ticked as needed.
const TICKS: [&str; 16] = [
    "access:step_free",
    "access:accessible_toilet",
    "access:hearing_loop",
    "access:gentle_lighting",
    "access:quiet",
    "access:seating",
    "access:public_transport",
    "cost:0",
    "cost:500",
    "time:morning",
    "time:afternoon",
    "time:evening",
    "day:SA",
    "day:SU",
    "women",
    "beginners",
];

/// Something understood, with the button that takes it away.
#[derive(Debug, Clone, Serialize)]
pub struct Chip {
    /// What it says.
    pub label: String,
    /// The value of the button.
    pub code: String,
}

/// A row of chips under one heading.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// What they are.
    pub title: &'static str,
    /// The chips.
    pub chips: Vec<Chip>,
}

/// Something that would bring more places, with its button.
#[derive(Debug, Clone, Serialize)]
pub struct Way {
    /// What it brings.
    pub text: String,
    /// What the button says.
    pub button: String,
    /// The button's name and value.
    pub name: &'static str,
    /// Its value.
    pub value: String,
}

/// A wish and the places for it.
#[derive(Debug, Clone, Serialize)]
pub struct WishPage {
    /// What was typed and corrected.
    pub fields: Fields,
    /// What went wrong: the field's element, and what to do.
    pub problems: Vec<(String, String)>,
    /// What went wrong with the words.
    pub text_error: Option<String>,
    /// What went wrong with the place.
    pub near_error: Option<String>,
    /// What went wrong with what was added.
    pub add_error: Option<String>,
    /// What was typed to be added.
    pub add: String,
    /// Whether something was asked.
    pub asked: bool,
    /// "Places for you near SE15".
    pub heading: String,
    /// "We found 42 places. Here are the best 10."
    pub total: String,
    /// What was understood, in rows.
    pub rows: Vec<Row>,
    /// Words that we don't know.
    pub unknown: Vec<String>,
    /// Whether nothing much was understood.
    pub unsure: bool,
    /// Whether these are places to start with, not for the wish.
    pub to_start: bool,
    /// Whether only the beginning of the text was read.
    pub cut: bool,
    /// Whether help comes first.
    pub crisis: bool,
    /// What no place tells.
    pub untold: Option<String>,
    /// How far around to look.
    pub within: Pick,
    /// What can be ticked as needed.
    pub ticks: Vec<Choice>,
    /// What would bring more.
    pub ways: Vec<Way>,
    /// Places that were put aside.
    pub put_aside: usize,
    /// The places.
    pub cards: Vec<VenueCard>,
    /// The number of places that "show more" asks for.
    pub next_limit: Option<usize>,
    /// Something to know about these places.
    pub notice: Option<String>,
}

impl Page for WishPage {
    const TEMPLATE: &'static str = "wish.html";

    fn title(&self) -> String {
        self.heading.clone()
    }

    fn is_wrong(&self) -> bool {
        !self.problems.is_empty()
    }

    fn samples() -> Vec<Self> {
        sampled()
    }
}

impl WishPage {
    /// The page before anything was asked.
    pub fn blank(fields: Fields, problems: &[Problem]) -> Self {
        let error = |field: &str| problems.iter().find(|p| p.field == field).map(|p| p.message.clone());
        Self {
            problems: problems.iter().map(|p| (p.field.clone(), p.message.clone())).collect(),
            text_error: error("text"),
            near_error: error("near"),
            add_error: error("add"),
            add: fields.add.clone(),
            asked: false,
            heading: "What would you like to do?".to_owned(),
            total: String::new(),
            rows: Vec::new(),
            unknown: Vec::new(),
            unsure: false,
            to_start: false,
            cut: false,
            crisis: false,
            untold: None,
            within: within(&fields, error("within_km")),
            ticks: Vec::new(),
            ways: Vec::new(),
            put_aside: fields.hide.len(),
            cards: Vec::new(),
            next_limit: None,
            notice: None,
            fields,
        }
    }

    pub(crate) fn new(
        fields: Fields,
        problems: &[Problem],
        ask: &Ask,
        answer: &Answer,
        vocabulary: &Vocabulary,
        now: NaiveDateTime,
    ) -> Self {
        let Answer { understanding, places, .. } = answer;
        let needs: Vec<&Need> = understanding.needs.iter().collect();
        let near = ask.near.as_ref().map(|near| format!(" near {}", near.label)).unwrap_or_default();
        let limit = fields.limit();
        let blank = Self::blank(fields, problems);
        Self {
            asked: true,
            heading: format!("Places for you{near}"),
            total: total(answer),
            rows: rows(understanding, vocabulary),
            unknown: understanding.unrecognised.iter().take(MOST_UNKNOWN).cloned().collect(),
            unsure: understanding.unsure,
            to_start: answer.to_start,
            cut: understanding.cut,
            crisis: understanding.crisis,
            untold: untold(&needs),
            ticks: ticks(&needs),
            ways: answer.loosen.iter().filter_map(way).collect(),
            cards: places.iter().map(|(chosen, card)| place(chosen, card, ask, vocabulary, now)).collect(),
            next_limit: (answer.total > limit && limit < MOST).then(|| (limit + STEP).min(MOST)),
            notice: answer.behind.then(|| "Our main search is having a rest. These places may be a little behind.".to_owned()),
            ..blank
        }
    }
}

fn place(chosen: &Chosen, card: &Card, ask: &Ask, words: &dyn Words, now: NaiveDateTime) -> VenueCard {
    let near = ask.near.as_ref().map_or("", |near| near.label.as_str());
    let mut shown = VenueCard::new(card, chosen.distance_m, near, &unmarked, words, now);
    shown.href = venue_href(&card.lead, near);
    let stands_there = |reason: &&Reason| match reason.about {
        About::Distance => true,
        About::Cost => shown.free && reason.weight > 0.0,
        About::Room => shown.places.is_some() && reason.weight > 0.0,
        About::Offers | About::MayOffer | About::Other => false,
    };
    // What stands among the facts already isn't told twice.
    let told = chosen.reasons.iter().filter(|reason| !stands_there(reason));
    shown.why = told.take(MOST_REASONS).map(why).collect();
    shown.can_be_corrected = true;
    shown
}

fn why(reason: &Reason) -> Why {
    let says = match reason.weight {
        _ if reason.about == About::MayOffer => "ask",
        weight if weight > 0.0 => "for",
        weight if weight < 0.0 => "against",
        _ => "ask",
    };
    Why { text: reason.text.clone(), says }
}

fn total(answer: &Answer) -> String {
    let shown = answer.places.len();
    match answer.total {
        0 => "We found no place for that.".to_owned(),
        _ if answer.to_start => "Here are some places that are easy to start with.".to_owned(),
        1 => "We found 1 place.".to_owned(),
        total if total <= shown => format!("We found {total} places."),
        total => format!("We found {} places. Here are the best {shown}.", say::thousands(total as u64)),
    }
}

/// What was understood, each with the code of its button.
fn rows(understanding: &Understanding, vocabulary: &Vocabulary) -> Vec<Row> {
    let chip = |concept: Ref, prefix: &str| {
        let concept = vocabulary.concept(concept);
        Chip { label: vocabulary.label(&concept).to_owned(), code: format!("{prefix}{}", fields::code(&concept)) }
    };
    let meant = |kinds: bool| {
        let some = understanding.meant.iter().filter(|one| matches!(one.concept, Ref::Kind(_)) == kinds);
        some.map(|one| chip(one.concept, "")).collect::<Vec<_>>()
    };
    let domains = understanding.domains.iter().map(|(domain, _)| chip(Ref::Domain(*domain), ""));
    let needs = understanding.needs.iter().map(|need| Chip { label: need.label(), code: format!("need:{need}") });
    let refused = understanding.refused.iter().map(|concept| chip(*concept, "not:"));
    let all = vec![
        Row { title: "What you’d like", chips: meant(false) },
        Row { title: "Where", chips: meant(true) },
        Row { title: "Part of life", chips: domains.collect() },
        Row { title: "What you need", chips: needs.collect() },
        Row { title: "Not wanted", chips: refused.collect() },
    ];
    all.into_iter().filter(|row| !row.chips.is_empty()).collect()
}

/// Needs that no listing tells about.
pub(super) fn untold(needs: &[&Need]) -> Option<String> {
    let small = needs.iter().any(|need| matches!(need, Need::Small));
    small.then(|| "No place tells us yet how many people come. You can ask them.".to_owned())
}

/// What can be ticked as needed.
pub(super) fn ticks(needs: &[&Need]) -> Vec<Choice> {
    let tick = |code: &&str| {
        let need = Need::from_code(code)?;
        Some(Choice { value: (*code).to_owned(), label: need.label(), count: None, chosen: needs.contains(&&need) })
    };
    TICKS.iter().filter_map(tick).collect()
}

fn within(fields: &Fields, error: Option<String>) -> Pick {
    let usual = Choice {
        value: String::new(),
        label: "As far as you said, or 8 km".to_owned(),
        count: None,
        chosen: fields.within_km.is_empty(),
    };
    let circle = |km: u32| {
        let value = km.to_string();
        Choice { label: format!("Up to {km} km"), count: None, chosen: fields.within_km == value, value }
    };
    let mut options: Vec<Choice> = std::iter::once(usual).chain(CIRCLES_KM.into_iter().map(circle)).collect();
    if !options.iter().any(|option| option.chosen) {
        options.push(Choice {
            label: format!("Up to {} km", fields.within_km),
            value: fields.within_km.clone(),
            count: None,
            chosen: true,
        });
    }
    Pick { name: "within_km", label: "How far away?", error, options }
}

fn way(loosen: &Loosen) -> Option<Way> {
    let text = loosen.text.clone();
    if let Some(km) = loosen.within_km {
        return Some(Way { text, button: format!("Look up to {km} km away"), name: "within_km", value: km.to_string() });
    }
    let need = loosen.without.as_deref()?;
    let label = Need::from_code(need)?.label();
    Some(Way { text, button: format!("Leave out “{label}”"), name: "drop", value: format!("need:{need}") })
}
