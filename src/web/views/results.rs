//! The list of results: what was asked, how it was taken, what was found, and where to go from there.

use chrono::NaiveDateTime;
use serde::Serialize;

use super::{
    Kindly, Snippet, VenueCard, Words,
    filters::{Chip, Choice, Filters, chips, results_href},
    map::{Map, MapView, Tiles},
    samples, say,
};
use crate::{
    error::Problem,
    places::{Place, PlaceKind},
    search::{Found, MAX_DEPTH, Meaning, Question, Sort, ask::Fields},
    venues::Card,
    vocabulary::Concept,
    web::page::Page,
};

/// Everything that goes into a page of results.
pub struct Answer<'a> {
    /// What was typed.
    pub fields: &'a Fields,
    /// What could not be used of it.
    pub problems: &'a [Problem],
    /// What it was taken for.
    pub question: &'a Question,
    /// What was found.
    pub found: &'a Found,
    /// The cards of the hits, in the same order; a hit without a card was hidden meanwhile.
    pub cards: &'a [Card],
    /// Cuts a name into pieces, the ones asked for marked.
    pub marks: &'a dyn Fn(&str) -> Vec<(String, bool)>,
    /// The sentence of a text that has a word asked for, in pieces.
    pub snippet: &'a Snippet<'a>,
    /// Whether the map is wanted.
    pub map: bool,
    /// Tiles for the map.
    pub tiles: Option<Tiles>,
    /// Something to know about these results, such as that they may be a little behind.
    pub notice: Option<String>,
    /// What would find something, where nothing was found.
    pub tries: &'a [Try],
    /// London wall clock.
    pub now: NaiveDateTime,
}

/// Another question that finds something.
#[derive(Debug, Clone)]
pub struct Try {
    /// What it does: "Without “On Sunday”".
    pub label: String,
    /// What it asks.
    pub fields: Fields,
    /// How much it finds.
    pub total: u64,
}

/// The list of results.
#[derive(Debug, Clone, Serialize)]
pub struct Results {
    /// What was typed.
    pub fields: Fields,
    /// What went wrong: the field's element, and what to do.
    pub problems: Vec<(String, String)>,
    /// What went wrong with the words.
    pub q_error: Option<String>,
    /// What went wrong with the place.
    pub near_error: Option<String>,
    /// "Places for “guitar” near SE15".
    pub heading: String,
    /// "We found 42 places."
    pub total: String,
    /// "These are 21 to 40."
    pub shown: Option<String>,
    /// How the words were taken.
    pub understood: Vec<Taken>,
    /// The place that was found in the words.
    pub place_in_words: Option<String>,
    /// Where `near` is only about right.
    pub place_is_rough: Option<String>,
    /// A better spelling, and the link that asks it.
    pub did_you_mean: Option<(String, String)>,
    /// Whether some words were left out to find anything.
    pub loosened: bool,
    /// Something to know about these results.
    pub notice: Option<String>,
    /// Filters that are on.
    pub chips: Vec<Chip>,
    /// The same words without any filter.
    pub clear: String,
    /// What these filters leave out since too little is known of it.
    pub left_out: Option<String>,
    /// Whether for some of these places the cost is not known.
    pub cost_unknown: bool,
    /// All filters.
    pub filters: Filters,
    /// The orders to choose from: the choice and its link.
    pub sorts: Vec<(Choice, String)>,
    /// Whether the map is shown first.
    pub map_first: bool,
    /// The results as a list.
    pub list_href: String,
    /// The results as a map.
    pub map_href: String,
    /// The map; none where nothing has a place on it.
    pub map: Option<MapView>,
    /// Number of the first card.
    pub first: usize,
    /// The places.
    pub cards: Vec<VenueCard>,
    /// Pages.
    pub pages: Pages,
    /// What to try where nothing was found: words and link.
    pub tries: Vec<(String, String)>,
}

/// How one part of the words was taken.
#[derive(Debug, Clone, Serialize)]
pub struct Taken {
    /// As typed.
    pub typed: String,
    /// "Cinema".
    pub meaning: String,
}

/// Links to other pages of results.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Pages {
    /// The page before.
    pub previous: Option<String>,
    /// The page after.
    pub next: Option<String>,
    /// Numbered pages; none is a gap.
    pub numbers: Vec<Option<PageLink>>,
}

/// A numbered page.
#[derive(Debug, Clone, Serialize)]
pub struct PageLink {
    /// From 1.
    pub number: u64,
    /// Its address.
    pub href: String,
    /// Whether it is this one.
    pub here: bool,
}

impl Results {
    /// The page of results for an answer.
    pub fn new(answer: &Answer<'_>, words: &dyn Words) -> Self {
        let Answer { fields, question, found, .. } = *answer;
        let first = (question.page.saturating_sub(1) * question.per_page + 1) as usize;
        let cards = cards(answer, words);
        let error = |field: &str| answer.problems.iter().find(|p| p.field == field).map(|p| p.message.clone());
        let chips = chips(fields, words, answer.map);
        let from = question.near.as_ref();
        let map = if answer.map { map(answer, &cards, first) } else { None };
        Self {
            problems: answer.problems.iter().map(|p| (element(&p.field).to_owned(), p.message.clone())).collect(),
            q_error: error("q"),
            near_error: error("near"),
            heading: heading(fields, question),
            total: total(found.total),
            shown: shown(first, cards.len(), found.total),
            understood: found.understood.parts.iter().filter_map(|part| taken(part, words)).collect(),
            place_in_words: found.understood.near.as_ref().map(|place| place.label.clone()),
            place_is_rough: from.and_then(rough),
            did_you_mean: found
                .did_you_mean
                .as_ref()
                .map(|better| (better.clone(), results_href(&respelled(fields, better, question.near.as_ref()), answer.map))),
            loosened: found.understood.loosened && found.total > 0,
            notice: answer.notice.clone(),
            clear: results_href(&only_words(fields), answer.map),
            left_out: left_out(fields),
            cost_unknown: cards.iter().any(|card| card.cost.is_none()),
            filters: Filters::new(fields, &found.facets, words, &error),
            sorts: sorts(fields, question.sort, from.is_some(), answer.map),
            map_first: answer.map,
            list_href: results_href(&fields.without("per_page", ""), false),
            map_href: results_href(&fields.without("per_page", ""), true),
            map,
            first,
            pages: pages(answer),
            tries: answer.tries.iter().map(|one| try_link(one, answer.map)).collect(),
            chips,
            cards,
            fields: fields.clone(),
        }
    }
}

impl Page for Results {
    const TEMPLATE: &'static str = "results.html";

    fn title(&self) -> String {
        self.heading.clone()
    }

    fn is_wrong(&self) -> bool {
        !self.problems.is_empty()
    }

    fn samples() -> Vec<Self> {
        samples::results()
    }
}

fn map(answer: &Answer<'_>, cards: &[VenueCard], first: usize) -> Option<MapView> {
    let mut map = Map::of(cards, first, answer.question.near.as_ref(), answer.question.within_m);
    map.tiles.clone_from(&answer.tiles);
    map.with_labels().view()
}

fn cards(answer: &Answer<'_>, words: &dyn Words) -> Vec<VenueCard> {
    let distance = |card: &Card| {
        let hit = answer.found.hits.iter().find(|hit| hit.venue == card.lead.card || hit.venue == card.lead.id);
        hit.and_then(|hit| hit.distance_m)
    };
    let near = answer.question.near.as_ref().map_or("", |place| typed_place(answer.fields, place));
    let one = |card: &Card| {
        let mut shown = VenueCard::new(card, distance(card), near, answer.marks, words, answer.now);
        if !shown.name.iter().any(|(_, marked)| *marked) {
            shown.found_in = found_in(card, answer.snippet);
        }
        shown
    };
    answer.cards.iter().map(one).collect()
}

/// The first sentence of the description or of an offer that has a word asked for.
fn found_in(card: &Card, snippet: &Snippet) -> Option<Vec<(String, bool)>> {
    let facts = &card.lead.facts;
    let offers = facts.offers.iter().flat_map(|offer| [Some(&offer.title), offer.description.as_ref()]);
    facts.description.iter().chain(offers.flatten()).find_map(|text| snippet(text))
}

/// The place as typed; where it stood among the words, as it is called.
fn typed_place<'a>(fields: &'a Fields, place: &'a Place) -> &'a str {
    if fields.near.is_empty() { &place.label } else { &fields.near }
}

/// The element that a problem with this field points to.
fn element(field: &str) -> &str {
    match field {
        "q" | "near" | "within_km" | "day" | "time" | "max_cost" | "setting" => field,
        "domain" | "kind" | "activity" | "access" | "borough" => field,
        "free" => "max_cost",
        _ => "q",
    }
}

/// The fields with other words; a place that stood among the old words stays.
fn respelled(fields: &Fields, words: &str, near: Option<&Place>) -> Fields {
    let better = fields.with("q", words);
    match near {
        Some(place) => better.with("near", typed_place(fields, place)),
        None => better,
    }
}

fn heading(fields: &Fields, question: &Question) -> String {
    let what = if fields.q.is_empty() { "Places to try".to_owned() } else { format!("Places for “{}”", fields.q) };
    match &question.near {
        Some(_) if fields.near.is_empty() => what,
        Some(Place { label, kind: PlaceKind::Borough | PlaceKind::Point, .. }) => format!("{what} near {label}"),
        Some(_) => format!("{what} near {}", say::place_name(&fields.near)),
        None => what,
    }
}

fn total(number: u64) -> String {
    match number {
        0 => "We found nothing this time.".to_owned(),
        _ => format!("We found {}.", say::count(number, "place", "places")),
    }
}

fn shown(first: usize, cards: usize, total: u64) -> Option<String> {
    let last = first + cards.saturating_sub(1);
    let all = cards as u64 >= total;
    (cards > 0 && !all).then(|| format!("These are {first} to {last}."))
}

fn taken(part: &Meaning, words: &dyn Words) -> Option<Taken> {
    let labels: Vec<String> = part.concepts.iter().filter_map(|concept| concept_label(concept, words)).take(2).collect();
    let same = |text: &str| labels.first().is_some_and(|label| label.to_lowercase() == text.to_lowercase());
    let meaning = match (&part.mended, labels.is_empty()) {
        (Some(mended), true) => mended.clone(),
        (Some(mended), false) if same(mended) => mended.clone(),
        (_, false) if !same(&part.text) => say::list(&labels, "or"),
        _ => return None,
    };
    Some(Taken { typed: part.text.clone(), meaning })
}

fn concept_label(concept: &Concept, words: &dyn Words) -> Option<String> {
    match concept {
        Concept::Domain(domain) => Some(Kindly::from(*domain).label.to_owned()),
        Concept::Kind(id) => words.kind(id).map(|term| term.label),
        Concept::Activity(id) => words.activity(id).map(|term| term.label),
    }
}

fn rough(place: &Place) -> Option<String> {
    let what = match place.kind {
        PlaceKind::Sector | PlaceKind::District => "area",
        PlaceKind::Borough => "borough",
        PlaceKind::Postcode | PlaceKind::Point => return None,
    };
    Some(format!("We measure from the middle of the {what} {}.", place.label))
}

fn sorts(fields: &Fields, now: Sort, from: bool, map: bool) -> Vec<(Choice, String)> {
    let offered = Sort::ALL.iter().filter(|sort| from || **sort != Sort::Nearest);
    offered
        .map(|sort| {
            let code = if *sort == Sort::Best { "" } else { sort.code() };
            let choice =
                Choice { value: sort.code().to_owned(), label: sort.label().to_owned(), count: None, chosen: *sort == now };
            (choice, results_href(&fields.with("sort", code), map))
        })
        .collect()
}

fn pages(answer: &Answer<'_>) -> Pages {
    let per_page = u64::from(answer.question.per_page.max(1));
    let last = answer.found.total.div_ceil(per_page).min(u64::from(MAX_DEPTH) / per_page);
    let here = u64::from(answer.question.page);
    if last < 2 {
        return Pages::default();
    }
    let href = |number: u64| {
        let page = if number == 1 { String::new() } else { number.to_string() };
        results_href(&answer.fields.with("page", &page), answer.map)
    };
    let mut numbers: Vec<Option<PageLink>> = Vec::new();
    for number in (1..=last).filter(|n| *n == 1 || *n == last || n.abs_diff(here) < 2) {
        let before = numbers.last().and_then(Option::as_ref).map_or(0, |link| link.number);
        if number > before + 1 {
            numbers.push(None);
        }
        numbers.push(Some(PageLink { number, href: href(number), here: number == here }));
    }
    Pages { previous: (here > 1).then(|| href(here - 1)), next: (here < last).then(|| href(here + 1)), numbers }
}

/// The same words and place without any filter.
pub fn only_words(fields: &Fields) -> Fields {
    Fields { q: fields.q.clone(), ..Fields::default() }
}

fn try_link(one: &Try, map: bool) -> (String, String) {
    let label = format!("{}: {}", one.label, say::count(one.total, "place", "places"));
    (label, results_href(&one.fields, map))
}

/// What filters leave out because nobody has said: unknown is not "no".
fn left_out(fields: &Fields) -> Option<String> {
    let parts = [
        (!fields.day.is_empty() || !fields.time.is_empty(), "when they are open"),
        (!fields.max_cost.is_empty() || !fields.free.is_empty(), "what they cost"),
        (!fields.access.is_empty(), "if they have what you ticked"),
    ];
    let parts: Vec<String> = parts.into_iter().filter(|(on, _)| *on).map(|(_, what)| what.to_owned()).collect();
    let what = say::list(&parts, "or");
    (!parts.is_empty()).then(|| format!("We left out places if we don’t know {what}. Some of them may suit you too."))
}
