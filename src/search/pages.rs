//! The front page and the list of results.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::Data,
};
use chrono::NaiveDateTime;
use serde::Serialize;

use super::{Found, MAX_DEPTH, MAX_PER_PAGE, Question, Sort, Suggested, Suggestion, ask::Fields, verbs};
use crate::{
    app::App,
    db::{Conn, blocking},
    error::{Failure, Problem},
    places::PlaceKind,
    venues::{self, Card},
    vocabulary::{Concept, Domain, KindId},
    web::{
        page::Page,
        views::{
            Kindly, Term, VenueCard, Words,
            filters::{Chip, Choice, Filters, chips, results_href},
            map::{Map, MapView, Tiles},
            samples, say,
        },
    },
};

/// Most suggestions while someone types.
const MOST_SUGGESTED: usize = 8;

/// Kinds of place that the front page offers, as far as the vocabulary has them.
const WAYS_IN: [&str; 12] = [
    "cafe",
    "library",
    "rehearsal-studio",
    "makerspace",
    "allotment",
    "community-centre",
    "swimming-pool",
    "cinema",
    "museum",
    "place-of-worship",
    "volunteer-centre",
    "adult-learning-centre",
];

/// The front page.
#[derive(Debug, Clone, Serialize)]
pub struct Home {
    /// The life domains, as wishes.
    pub wishes: Vec<Kindly>,
    /// Some kinds of places: address and term.
    pub kinds: Vec<(String, Term)>,
    /// Words to try.
    pub ideas: Vec<(String, &'static str)>,
    /// How many places there are, in words; none where there are none.
    pub total: Option<String>,
}

impl Home {
    /// The front page of a catalogue with so many places.
    pub fn new(total: u64, words: &dyn Words) -> Self {
        let way_in = |id: &&str| Some((format!("/venues?kind={id}"), words.kind(&KindId::from(*id))?));
        let ideas = ["play guitar", "fix a bike", "somewhere warm to read", "sing with other people", "grow things"];
        let idea = |words: &'static str| {
            let fields = Fields { q: words.to_owned(), ..Fields::default() };
            (results_href(&fields, false), words)
        };
        Self {
            wishes: Domain::ALL.iter().map(|domain| Kindly::from(*domain)).collect(),
            kinds: WAYS_IN.iter().filter_map(way_in).collect(),
            ideas: ideas.into_iter().map(idea).collect(),
            total: (total > 0).then(|| say::thousands(total)),
        }
    }
}

impl Page for Home {
    const TEMPLATE: &'static str = "home.html";

    fn title(&self) -> String {
        "What would you like to do?".to_owned()
    }

    fn samples() -> Vec<Self> {
        vec![Self::new(1_204, &samples::SampleWords), Self::new(0, &samples::SampleWords)]
    }
}

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
    /// Whether the map is wanted.
    pub map: bool,
    /// Tiles for the map.
    pub tiles: Option<Tiles>,
    /// Something to know about these results, such as that they may be a little behind.
    pub notice: Option<String>,
    /// London wall clock.
    pub now: NaiveDateTime,
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
        let chips = chips(fields, words);
        let from = question.near.as_ref().or(found.understood.near.as_ref());
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
                .map(|better| (better.clone(), results_href(&fields.with("q", better), answer.map))),
            loosened: found.understood.loosened && found.total > 0,
            notice: answer.notice.clone(),
            clear: results_href(&Fields { q: fields.q.clone(), near: fields.near.clone(), ..Fields::default() }, answer.map),
            filters: Filters::new(fields, &found.facets, words, &error),
            sorts: sorts(fields, question.sort, from.is_some()),
            map_first: answer.map,
            list_href: results_href(&fields.without("per_page", ""), false),
            map_href: results_href(&fields.without("per_page", ""), true),
            map,
            first,
            pages: pages(answer),
            tries: if found.total == 0 { tries(fields, question, &chips) } else { Vec::new() },
            chips,
            cards,
            fields: fields.clone(),
        }
    }
}

impl Page for Results {
    const TEMPLATE: &'static str = "results.html";

    fn title(&self) -> String {
        if self.problems.is_empty() { self.heading.clone() } else { format!("Problem: {}", self.heading) }
    }

    fn samples() -> Vec<Self> {
        samples::results()
    }
}

fn map(answer: &Answer<'_>, cards: &[VenueCard], first: usize) -> Option<MapView> {
    let from = answer.question.near.as_ref().or(answer.found.understood.near.as_ref());
    let mut map = Map::of(cards, first, from, answer.question.within_m);
    map.tiles.clone_from(&answer.tiles);
    map.with_labels().view()
}

fn cards(answer: &Answer<'_>, words: &dyn Words) -> Vec<VenueCard> {
    let distance = |card: &Card| {
        let hit = answer.found.hits.iter().find(|hit| hit.venue == card.lead.card || hit.venue == card.lead.id);
        hit.and_then(|hit| hit.distance_m)
    };
    let near = answer.question.near.as_ref().map_or("", |_| answer.fields.near.as_str());
    let one = |card| VenueCard::new(card, distance(card), near, answer.marks, words, answer.now);
    answer.cards.iter().map(one).collect()
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

fn heading(fields: &Fields, question: &Question) -> String {
    let what = if fields.q.is_empty() { "Places to try".to_owned() } else { format!("Places for “{}”", fields.q) };
    if question.near.is_none() { what } else { format!("{what} near {}", fields.near) }
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

fn taken(part: &super::Meaning, words: &dyn Words) -> Option<Taken> {
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

fn rough(place: &crate::places::Place) -> Option<String> {
    let what = match place.kind {
        PlaceKind::Sector | PlaceKind::District => "area",
        PlaceKind::Borough => "borough",
        PlaceKind::Postcode | PlaceKind::Point => return None,
    };
    Some(format!("We measure from the middle of the {what} {}.", place.label))
}

fn sorts(fields: &Fields, now: Sort, from: bool) -> Vec<(Choice, String)> {
    let offered = Sort::ALL.iter().filter(|sort| from || **sort != Sort::Nearest);
    offered
        .map(|sort| {
            let code = if *sort == Sort::Best { "" } else { sort.code() };
            let choice =
                Choice { value: sort.code().to_owned(), label: sort.label().to_owned(), count: None, chosen: *sort == now };
            (choice, results_href(&fields.with("sort", code), false))
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

/// What might find something: wider, or one filter less.
fn tries(fields: &Fields, question: &Question, chips: &[Chip]) -> Vec<(String, String)> {
    let mut tries = Vec::new();
    if question.within_m.is_some_and(|metres| metres < 15_000) {
        tries.push(("Look up to 15 km away".to_owned(), results_href(&fields.with("within_km", "15"), false)));
    }
    let removable = chips.iter().filter(|chip| !chip.label.starts_with("Up to"));
    tries.extend(removable.map(|chip| (format!("Take away “{}”", chip.label), chip.href.clone())));
    if !fields.q.is_empty() && !chips.is_empty() {
        tries
            .push(("Keep only your words".to_owned(), results_href(&Fields { q: fields.q.clone(), ..Fields::default() }, false)));
    }
    tries.truncate(6);
    tries
}

/// One suggestion while someone types, for the page's script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Offered {
    /// What it says.
    label: String,
    /// What it is, in words.
    kind: String,
    /// Where it leads; without one it is put into the box.
    url: Option<String>,
}

impl From<Suggestion> for Offered {
    fn from(found: Suggestion) -> Self {
        let (kind, url) = match found.kind {
            Suggested::Activity(_) => ("Something to do".to_owned(), None),
            Suggested::Kind(_) => ("Kind of place".to_owned(), None),
            Suggested::Venue(id) => {
                let place = found.place.map(|borough| format!("Place in {borough}"));
                (place.unwrap_or_else(|| "Place".to_owned()), Some(format!("/venues/{id}")))
            }
        };
        Self { label: found.label, kind, url }
    }
}

/// `GET /`
pub async fn home(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let total = app.db.read(venues::store::count).await?;
    app.page(&request, &Home::new(total, &*app.vocabulary))
}

/// `GET /venues`
pub async fn results(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let query = request.query_string();
    let fields = Fields::read(query);
    let map = url::form_urlencoded::parse(query.as_bytes()).any(|(name, value)| name == "view" && value == "map");
    let shared = app.clone();
    let page = app.db.read(move |c| look(&shared, c, &fields, map)).await?;
    let mut response = app.page(&request, &page)?;
    if !page.problems.is_empty() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

fn look(app: &App, c: &mut Conn, fields: &Fields, map: bool) -> Result<Results, Failure> {
    let (mut question, problems) = verbs::question(app, c, fields)?;
    if map && fields.per_page.is_empty() {
        question.per_page = MAX_PER_PAGE;
        question.page = question.page.min(MAX_DEPTH / MAX_PER_PAGE);
    }
    let verbs::Answer { found, cards } = verbs::find(app, c, &question)?;
    let answer = Answer {
        fields,
        problems: &problems,
        question: &question,
        found: &found,
        cards: &cards,
        marks: &|text: &str| super::marks(text, &found.highlight),
        map,
        tiles: Tiles::from_config(&app.web),
        notice: None,
        now: app.clock.in_london().naive_local(),
    };
    Ok(Results::new(&answer, &*app.vocabulary))
}

/// `GET /venues/suggest`
pub async fn suggest(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let words = Fields::read(request.query_string()).q;
    let shared = app.clone();
    let found = blocking(move || shared.search.suggest(&words, MOST_SUGGESTED)).await?;
    let offered: Vec<Offered> = found.into_iter().map(Offered::from).collect();
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "private, max-age=60")).json(offered))
}
