//! The page of one place, and the shortlist.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{header, uri::Uri},
    web::{Data, Path},
};
use chrono::NaiveDateTime;
use serde::Serialize;

use super::{Card, Precision, Status, store};
use crate::{
    app::App,
    db::Conn,
    error::Failure,
    places::{self, Place, PlaceKind},
    search::{Question, Sort},
    values::VenueId,
    vocabulary::ActivityId,
    web::{
        page::Page,
        views::{VenueCard, VenueView, Words, map::Tiles, samples, say, unmarked},
    },
};

/// Most places that are shown as like a place.
const MOST_SIMILAR: usize = 4;
/// How far away a place may be to be shown as near, in metres.
const SIMILAR_WITHIN_M: u32 = 8_000;

/// How far a point that is only about right may be out, in metres.
const ROUGHLY_M: u32 = 1_000;

/// Longest value of a parameter that is read, in characters.
const MAX_PARAMETER: usize = 300;

/// Most places on a shortlist.
pub const MOST_KEPT: usize = 50;

/// The page of one place.
#[derive(Debug, Clone, Serialize)]
pub struct VenuePage {
    /// Everything known of it.
    pub venue: VenueView,
    /// The list that someone came from.
    pub back: Option<String>,
    /// Places like it, near it.
    pub similar: Vec<VenueCard>,
}

/// What the page of one place is made from.
pub struct About<'a> {
    /// The place.
    pub card: &'a Card,
    /// What one can do there, the surest first.
    pub activities: &'a [ActivityId],
    /// Where someone would come from: the place, and what they typed.
    pub near: Option<(&'a Place, &'a str)>,
    /// Places like it, with their distance from it.
    pub similar: &'a [(Card, Option<u32>)],
    /// The list that someone came from.
    pub back: Option<String>,
    /// Tiles for the map.
    pub tiles: Option<Tiles>,
    /// London wall clock.
    pub now: NaiveDateTime,
}

impl VenuePage {
    /// The page of one place.
    pub fn new(about: About<'_>, words: &dyn Words) -> Self {
        let typed = about.near.map_or("", |(_, typed)| typed);
        let one = |(card, metres): &(Card, Option<u32>)| {
            let mut small = VenueCard::new(card, None, typed, &unmarked, words, about.now);
            // Where one of the two points is only about right, a short distance says nothing.
            let rough = small.about_here || is_about_right(about.card);
            let told = metres.filter(|metres| !rough || *metres >= ROUGHLY_M);
            small.distance = told.map(|metres| format!("{} from here", say::kilometres(metres)));
            small
        };
        Self {
            venue: VenueView::new(about.card, about.near, about.tiles, words, about.now).good_for(about.activities, words),
            back: about.back,
            similar: about.similar.iter().map(one).collect(),
        }
    }
}

impl Page for VenuePage {
    const TEMPLATE: &'static str = "venue.html";

    fn title(&self) -> String {
        let card = &self.venue.card;
        match &card.kind {
            Some(kind) => format!("{}, {}", card.plain_name, kind.label.to_lowercase()),
            None => card.plain_name.clone(),
        }
    }

    fn samples() -> Vec<Self> {
        let cards = samples::cards();
        let place = samples::place();
        let near = Some((&place, "SE29"));
        let activities = ["guitar", "drums", "playing-in-a-band"].map(ActivityId::from);
        let similar: Vec<(Card, Option<u32>)> = cards.iter().skip(1).cloned().map(|card| (card, Some(840))).collect();
        let about = |(at, card)| About {
            card,
            activities: if at == 0 { &activities } else { &[] },
            near: near.filter(|_| at != 3),
            similar: if at == 4 { &[] } else { &similar[..2] },
            back: (at == 0).then(|| "/venues?q=guitar&near=SE29".to_owned()),
            tiles: None,
            now: samples::now(),
        };
        cards.iter().enumerate().map(|card| Self::new(about(card), &samples::SampleWords)).collect()
    }
}

/// The places someone keeps. Made by script from the device's own store, or here from ids in the address.
#[derive(Debug, Clone, Serialize)]
pub struct Shortlist {
    /// Whether the address names places.
    pub asked: bool,
    /// The places, in the order kept.
    pub kept: Vec<Kept>,
    /// The ids, to be sent along when another is added.
    pub ids: Vec<String>,
    /// How many of the ids stand for no place we can show.
    pub lost: usize,
    /// Whether there were more than we take.
    pub cut: bool,
    /// What went wrong with what was added.
    pub add_error: Option<String>,
    /// What was typed to be added.
    pub add: String,
    /// A link that writes an e-mail with the list.
    pub mail: String,
    /// The most that a list holds.
    pub most: usize,
}

/// A place on the shortlist, with what one needs when one goes.
#[derive(Debug, Clone, Serialize)]
pub struct Kept {
    /// The place.
    pub venue: VenueView,
    /// The list without it.
    pub without: String,
}

impl Shortlist {
    /// The list of these cards. `ids` are the ones asked for, `site` is the public address of the service.
    pub fn new(
        ids: &[VenueId],
        cards: &[Card],
        add: Result<(), &str>,
        site: &str,
        words: &dyn Words,
        now: NaiveDateTime,
    ) -> Self {
        let shown: Vec<VenueId> = cards.iter().map(|card| card.lead.id).collect();
        let kept: Vec<Kept> = cards
            .iter()
            .map(|card| Kept {
                venue: VenueView::new(card, None, None, words, now),
                without: address(shown.iter().filter(|id| **id != card.lead.id)),
            })
            .collect();
        Self {
            asked: !ids.is_empty() || add.is_err(),
            lost: ids.len().saturating_sub(cards.len()),
            cut: ids.len() >= MOST_KEPT,
            add_error: add
                .is_err()
                .then(|| "That isn’t the link of a place here. Copy it from the bar at the top of your browser.".to_owned()),
            add: add.err().unwrap_or_default().to_owned(),
            mail: mail(&kept, site),
            ids: shown.iter().map(ToString::to_string).collect(),
            most: MOST_KEPT,
            kept,
        }
    }
}

impl Page for Shortlist {
    const TEMPLATE: &'static str = "shortlist.html";

    fn title(&self) -> String {
        "Your shortlist".to_owned()
    }

    fn is_wrong(&self) -> bool {
        self.add_error.is_some()
    }

    fn samples() -> Vec<Self> {
        let cards = samples::cards();
        let ids: Vec<VenueId> = cards.iter().map(|card| card.lead.id).collect();
        let make = |ids: &[VenueId], cards: &[Card], add| {
            Self::new(ids, cards, add, "http://localhost:8080", &samples::SampleWords, samples::now())
        };
        vec![make(&[], &[], Ok(())), make(&ids, &cards[..4], Ok(())), make(&ids[..1], &cards[..1], Err("no such place"))]
    }
}

/// The address of a shortlist.
pub fn address<'a>(ids: impl Iterator<Item = &'a VenueId>) -> String {
    let query = ids.map(|id| format!("v={id}")).collect::<Vec<_>>().join("&");
    if query.is_empty() { "/shortlist".to_owned() } else { format!("/shortlist?{query}") }
}

/// The id in what someone pasted: an id, or an address that ends with one.
pub fn pasted(text: &str) -> Option<VenueId> {
    let path = text.trim().split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    path.rsplit('/').next()?.parse().ok()
}

fn mail(kept: &[Kept], site: &str) -> String {
    let mut body = String::new();
    for Kept { venue, .. } in kept {
        let phone = venue.contacts.phone.as_ref().map(|(phone, _)| phone.as_str()).unwrap_or_default();
        let lines = [&venue.card.plain_name, venue.journey.address.as_str(), phone, &format!("{site}/venues/{}", venue.card.id)];
        body.push_str(&lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\r\n"));
        body.push_str("\r\n\r\n");
    }
    let encode = |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
    format!("mailto:?subject={}&body={}", encode("Places"), encode(&body))
}

/// `GET /venues/{id}`; the id of a twin shows the card it stands on.
pub async fn venue(app: Data<App>, id: Path<String>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let id: VenueId = id.parse().map_err(|_| Failure::NotFound)?;
    let near = parameters(&request, "near").into_iter().next().unwrap_or_default();
    let back = list_before(&request);
    let shared = app.clone();
    let page = app.db.read(move |c| look_at(&shared, c, id, &near, back)).await?;
    app.page(&request, &page)
}

fn look_at(app: &App, c: &mut Conn, id: VenueId, near: &str, back: Option<String>) -> Result<VenuePage, Failure> {
    let lead = store::card_of(c, id)?.ok_or(Failure::NotFound)?;
    let card = store::cards(c, &[lead])?.pop().ok_or(Failure::NotFound)?;
    let place = if near.is_empty() { None } else { places::resolve(c, near)? };
    let reading = app.vocabulary.read_venue(&card.lead.facts);
    let activities: Vec<ActivityId> = reading.activities.into_iter().map(|(id, _)| id).collect();
    let similar = similar(app, c, &card)?;
    let about = About {
        card: &card,
        activities: &activities,
        near: place.as_ref().map(|place| (place, near)),
        similar: &similar,
        back,
        tiles: Tiles::from_config(&app.web),
        now: app.clock.in_london().naive_local(),
    };
    Ok(VenuePage::new(about, &*app.vocabulary))
}

/// Places of the same kinds, the nearest first, that one can go to.
fn similar(app: &App, c: &mut Conn, card: &Card) -> Result<Vec<(Card, Option<u32>)>, Failure> {
    let facts = &card.lead.facts;
    let Some(point) = facts.point.filter(|_| !facts.kinds.is_empty()) else { return Ok(Vec::new()) };
    let question = Question {
        near: Some(Place { label: facts.name.clone(), kind: PlaceKind::Point, point }),
        within_m: Some(SIMILAR_WITHIN_M),
        kinds: facts.kinds.iter().take(1).cloned().collect(),
        sort: Sort::Nearest,
        per_page: 4 * MOST_SIMILAR as u32,
        ..Question::default()
    };
    let found = app.search.here().ask(&question, app.clock.in_london().naive_local());
    let hits: Vec<_> = found.hits.into_iter().filter(|hit| hit.venue != card.lead.card).collect();
    let leads: Vec<VenueId> = hits.iter().map(|hit| hit.venue).collect();
    let distance = |card: &Card| hits.iter().find(|hit| hit.venue == card.lead.card).and_then(|hit| hit.distance_m);
    let open = |card: &Card| card.lead.facts.status() == Status::Active && card.lead.gone_since.is_none();
    let cards = store::cards(c, &leads)?.into_iter().filter(open).take(MOST_SIMILAR);
    Ok(cards.map(|card| (card.clone(), distance(&card))).collect())
}

fn is_about_right(card: &Card) -> bool {
    matches!(card.lead.facts.precision, Some(Precision::Sector | Precision::District))
}

/// The list that someone followed a link from, if it was one of ours.
fn list_before(request: &HttpRequest) -> Option<String> {
    let before: Uri = request.headers().get(header::REFERER)?.to_str().ok()?.parse().ok()?;
    let host = request.headers().get(header::HOST)?.to_str().ok()?;
    let ours = before.authority().is_some_and(|authority| authority.as_str() == host) && before.path() == "/venues";
    ours.then(|| before.path_and_query().map(ToString::to_string)).flatten()
}

/// `GET /shortlist`
pub async fn shortlist(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let mut ids: Vec<VenueId> = Vec::new();
    let named = parameters(&request, "v").iter().filter_map(|text| text.parse().ok()).collect::<Vec<VenueId>>();
    let add = parameters(&request, "add").into_iter().next().unwrap_or_default();
    let added = pasted(&add);
    for id in named.into_iter().chain(added) {
        if !ids.contains(&id) && ids.len() < MOST_KEPT {
            ids.push(id);
        }
    }
    if added.is_some() {
        return Ok(HttpResponse::SeeOther().insert_header((header::LOCATION, address(ids.iter()))).finish());
    }
    let wanted = ids.clone();
    let cards = app.db.read(move |c| kept(c, &wanted)).await?;
    let add = if add.is_empty() { Ok(()) } else { Err(add.as_str()) };
    let site = app.web.public_url();
    let site = site.as_str().trim_end_matches('/');
    let page = Shortlist::new(&ids, &cards, add, site, &*app.vocabulary, app.clock.in_london().naive_local());
    app.page(&request, &page)
}

/// The cards that show these venues, in order, each once.
fn kept(c: &mut Conn, ids: &[VenueId]) -> Result<Vec<Card>, Failure> {
    let mut leads: Vec<VenueId> = Vec::new();
    for id in ids {
        leads.extend(store::card_of(c, *id)?.filter(|lead| !leads.contains(lead)));
    }
    store::cards(c, &leads)
}

fn parameters(request: &HttpRequest, wanted: &str) -> Vec<String> {
    let pairs = url::form_urlencoded::parse(request.query_string().as_bytes());
    pairs.filter(|(name, _)| name == wanted).map(|(_, value)| value.chars().take(MAX_PARAMETER).collect()).collect()
}
