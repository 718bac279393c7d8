//! One place in a list: enough to decide whether to look closer.

use chrono::{NaiveDate, NaiveDateTime};
use serde::Serialize;

use super::{Term, Words, say};
use crate::venues::{Answer, Card, Facts, Mark, OfferKind, Places, Precision, Status, Venue};

/// How far ahead "next on" looks, in days.
const AHEAD_DAYS: u64 = 14;
/// Most access facts on a card.
const MOST_ACCESS: usize = 4;

/// A place in a list of results, in a shortlist, or near another place.
#[derive(Debug, Clone, Serialize)]
pub struct VenueCard {
    /// The venue's id.
    pub id: String,
    /// Where its page is.
    pub href: String,
    /// The name, in pieces; a piece that was asked for is marked.
    pub name: Vec<(String, bool)>,
    /// The name in one piece.
    pub plain_name: String,
    /// The first kind of place it is.
    pub kind: Option<Term>,
    /// Other kinds, as one line.
    pub also_kinds: String,
    /// "Closed for now", if it isn't simply open.
    pub closed: Option<&'static str>,
    /// "about 12 minutes' walk, 0.9 km".
    pub distance: Option<String>,
    /// Whether the point on the map is only about right.
    pub about_here: bool,
    /// "14 Saltgate Row, SE29 2AE, Marlhythe", as far as known.
    pub place: String,
    /// What it costs to try.
    pub cost: Option<String>,
    /// Whether trying it is free.
    pub free: bool,
    /// "Open mic, on Tuesday, 8pm".
    pub next: Option<String>,
    /// "4 places left".
    pub places: Option<String>,
    /// Access facts, the known ones.
    pub access: Vec<AccessLine>,
    /// How many more access facts are known.
    pub more_access: usize,
    /// How ordinary the setting is.
    pub mark: Option<Marked>,
    /// How sure the listing is.
    pub fresh: Freshness,
    /// Others who list the same place.
    pub also_listed: Vec<String>,
    /// Phone number, for a printed list.
    pub phone: Option<String>,
    /// Latitude and longitude, for the map.
    pub point: Option<(f64, f64)>,
    /// Where the name has none of the words asked for: what else says them, in pieces, marked or not.
    pub found_in: Option<Vec<(String, bool)>>,
    /// Why it is shown, for and against.
    pub why: Vec<Why>,
    /// Whether one can say "more like this" and "not for me".
    pub can_be_corrected: bool,
}

/// A reason for or against a place.
#[derive(Debug, Clone, Serialize)]
pub struct Why {
    /// A short plain sentence.
    pub text: String,
    /// for, against or ask.
    pub says: &'static str,
}

/// One access fact.
#[derive(Debug, Clone, Serialize)]
pub struct AccessLine {
    /// "Step-free entrance".
    pub label: &'static str,
    /// yes, partly or no.
    pub answer: &'static str,
}

/// A setting mark in words.
#[derive(Debug, Clone, Serialize)]
pub struct Marked {
    /// green, amber or red.
    pub code: &'static str,
    /// What it means.
    pub label: &'static str,
}

impl From<Mark> for Marked {
    fn from(mark: Mark) -> Self {
        Self { code: mark.code(), label: mark.label() }
    }
}

/// How sure a listing is.
#[derive(Debug, Clone, Serialize)]
pub struct Freshness {
    /// "Checked 3 weeks ago", "Data from 2023, not checked yet".
    pub text: String,
    /// Whether someone checked it in the last year.
    pub checked: bool,
}

impl Freshness {
    /// How sure a venue's listing is, today.
    pub fn of(venue: &Venue, today: NaiveDate) -> Self {
        if let Some(day) = venue.facts.assured_at {
            let checked = (today - day).num_days() < 366;
            return Self { text: format!("Checked {}", say::ago(today, day)), checked };
        }
        let dated = venue.sources.iter().filter_map(|source| source.dated.as_deref()).max();
        let text = match dated {
            Some(dated) => format!("Data from {}, not checked yet", say::dated(dated)),
            None => "Not checked yet".to_owned(),
        };
        Self { text, checked: false }
    }
}

impl VenueCard {
    /// The card of a place. `near` is what was asked, to be kept in links; `marks` are the words to highlight.
    pub fn new(card: &Card, distance_m: Option<u32>, near: &str, marks: &Marks, words: &dyn Words, now: NaiveDateTime) -> Self {
        let facts = &card.lead.facts;
        let mut kinds = facts.kinds.iter().filter_map(|kind| words.kind(kind));
        let kind = kinds.next();
        let known: Vec<AccessLine> = access(facts);
        let about_here = matches!(facts.precision, Some(Precision::Sector | Precision::District));
        Self {
            id: card.lead.id.to_string(),
            href: venue_href(&card.lead, near),
            name: marks(&say::calm(&facts.name)),
            plain_name: say::calm(&facts.name),
            kind,
            also_kinds: say::list(&kinds.map(|kind| kind.label.to_lowercase()).collect::<Vec<_>>(), "and"),
            closed: closed(&card.lead),
            distance: distance_m.map(|metres| distance(metres, about_here)),
            about_here,
            place: place(facts),
            cost: facts.cost_to_try.as_ref().map(cost_to_try),
            free: facts.cost_to_try.as_ref().is_some_and(|cost| cost.pence == Some(0)),
            next: next(facts, now),
            places: places(facts),
            more_access: known.len().saturating_sub(MOST_ACCESS),
            access: known.into_iter().take(MOST_ACCESS).collect(),
            mark: facts.setting.as_ref().map(|setting| setting.mark.into()),
            fresh: Freshness::of(&card.lead, now.date()),
            also_listed: also_listed(card),
            phone: facts.phone.clone(),
            point: facts.point.map(|point| (point.lat, point.lon)),
            found_in: None,
            why: Vec::new(),
            can_be_corrected: false,
        }
    }
}

/// Cuts a text into pieces, the ones asked for marked.
pub type Marks<'a> = dyn Fn(&str) -> Vec<(String, bool)> + 'a;

/// Finds the sentence of a text that has a word asked for, in pieces.
pub type Snippet<'a> = dyn Fn(&str) -> Option<Vec<(String, bool)>> + 'a;

/// The whole text in one piece, nothing marked.
pub fn unmarked(text: &str) -> Vec<(String, bool)> {
    vec![(text.to_owned(), false)]
}

/// Where a venue's page is; `near` goes along, so that the page can say how far it is.
pub fn venue_href(venue: &Venue, near: &str) -> String {
    if near.is_empty() {
        return format!("/venues/{}", venue.id);
    }
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("near", near).finish();
    format!("/venues/{}?{query}", venue.id)
}

/// What to say when a place isn't simply open.
pub fn closed(venue: &Venue) -> Option<&'static str> {
    match venue.facts.status() {
        Status::Closed => Some("Closed for good"),
        Status::TemporarilyClosed => Some("Closed for now"),
        Status::Active if venue.gone_since.is_some() => Some("May have gone"),
        Status::Active => None,
    }
}

/// Address, postcode and borough on one line, nothing said twice.
pub fn place(facts: &Facts) -> String {
    let address = facts.address.as_deref().map(say::calm_address).unwrap_or_default();
    let mut parts: Vec<String> = Vec::new();
    for part in address.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        if !parts.iter().any(|before| before.to_lowercase() == part.to_lowercase()) {
            parts.push(part.to_owned());
        }
    }
    let said = |parts: &[String], text: &str| parts.iter().any(|part| part.to_lowercase().contains(&text.to_lowercase()));
    if let Some(postcode) = facts.postcode.as_ref().filter(|postcode| !said(&parts, postcode.as_str())) {
        parts.push(postcode.to_string());
    }
    if let Some(borough) = facts.borough.as_ref().filter(|borough| !said(&parts, borough)) {
        parts.push(borough.clone());
    }
    parts.join(", ")
}

/// The page says "roughly" before a distance to a point that is only about right; "about" would say it twice.
fn distance(metres: u32, about_here: bool) -> String {
    let said = say::distance(metres);
    if about_here { said.trim_start_matches("about ").to_owned() } else { said }
}

fn cost_to_try(cost: &crate::venues::Cost) -> String {
    match say::price(cost) {
        Some(price) => format!("{price} to try"),
        None => cost.note.clone().unwrap_or_default(),
    }
}

fn access(facts: &Facts) -> Vec<AccessLine> {
    let mut lines: Vec<(Answer, AccessLine)> = facts
        .access
        .iter()
        .filter_map(|(access, fact)| {
            let answer = fact.answer?;
            Some((answer, AccessLine { label: access.label(), answer: answer.code() }))
        })
        .collect();
    lines.sort_by_key(|(answer, _)| *answer);
    lines.into_iter().map(|(_, line)| line).collect()
}

/// The next thing one can go to; else when it opens.
fn next(facts: &Facts, now: NaiveDateTime) -> Option<String> {
    if facts.status() != Status::Active {
        return None;
    }
    let soonest = facts
        .offers
        .iter()
        .filter(|offer| matches!(offer.kind, OfferKind::Session | OfferKind::Class))
        .filter_map(|offer| Some((offer.schedule.as_ref()?.next(now, AHEAD_DAYS)?, offer)))
        .min_by_key(|(slot, _)| *slot);
    if let Some((slot, offer)) = soonest {
        return Some(format!("{}, {}", offer.title, say::when(now, slot)));
    }
    let slot = facts.opening.as_ref()?.next(now, AHEAD_DAYS)?;
    let verb = if slot.from <= now { "Open" } else { "Opens" };
    Some(format!("{verb} {}", say::when(now, slot)))
}

/// Whether there is room on what is offered, as far as known.
fn places(facts: &Facts) -> Option<String> {
    let known: Vec<Places> = facts.offers.iter().filter_map(|offer| offer.places).collect();
    let left: u32 = known.iter().filter_map(|places| if let Places::Open { left } = places { *left } else { None }).sum();
    if left > 0 {
        return Some(say::count(u64::from(left), "place left", "places left"));
    }
    let room = known.iter().any(|places| matches!(places, Places::Open { .. }));
    (!known.is_empty()).then(|| if room { "Places left".to_owned() } else { "Full now. Ask about a waiting list.".to_owned() })
}

fn also_listed(card: &Card) -> Vec<String> {
    let mut labels: Vec<String> =
        card.twins.iter().flat_map(|twin| twin.sources.iter().map(|source| source.label.clone())).collect();
    labels.dedup();
    labels
}
