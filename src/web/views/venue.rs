//! Everything that is known of one place, and what isn't.

use chrono::NaiveDateTime;
use serde::Serialize;

use super::{
    Freshness, Marked, VenueCard, Words, card,
    map::{Map, MapView, Tiles},
    origins::{self, OriginRow, Thanks, TwinView},
    say, unmarked,
    week::{self, Day, OfferView, Opening},
};
use crate::{
    places::Place,
    venues::{Access, Card, Fact, Facts, FirstVisit, Precision, Schedule, Status, Venue},
    vocabulary::ActivityId,
};

/// Most activities that are named.
const MOST_ACTIVITIES: usize = 6;

/// A kind of place or an activity, with the list of all such places.
#[derive(Debug, Clone, Serialize)]
pub struct KindLink {
    /// What it is called.
    pub label: String,
    /// Its icon.
    pub icon: String,
    /// All such places.
    pub href: String,
}

/// A question and what is known about it.
#[derive(Debug, Clone, Serialize)]
pub struct Known {
    /// The question.
    pub question: &'static str,
    /// yes, partly, no; empty where there is no such answer.
    pub code: &'static str,
    /// "Yes", "Partly", "No".
    pub answer: Option<&'static str>,
    /// The rest.
    pub note: Option<String>,
    /// Whether anything is known.
    pub known: bool,
}

/// Something to know before one goes.
#[derive(Debug, Clone, Serialize)]
pub struct Warning {
    /// "Closed for now".
    pub title: &'static str,
    /// What to do.
    pub text: &'static str,
}

/// How to get there.
#[derive(Debug, Clone, Serialize)]
pub struct Journey {
    /// Street, postcode, borough.
    pub address: String,
    /// "about 12 minutes' walk, 0.9 km".
    pub distance: Option<String>,
    /// From where.
    pub from: Option<String>,
    /// Where the point is only about right.
    pub rough: Option<&'static str>,
    /// A link that a phone's map opens.
    pub geo: Option<String>,
    /// Directions on the web.
    pub directions: Option<String>,
    /// "Bus M4 to Saltgate Row".
    pub transport: Option<String>,
}

/// Ways to reach them.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Contacts {
    /// Number as written, and as a link.
    pub phone: Option<(String, String)>,
    /// E-mail address.
    pub email: Option<String>,
    /// Address, and what to show of it.
    pub website: Option<(String, String)>,
}

/// Everything that is known of one place.
#[derive(Debug, Clone, Serialize)]
pub struct VenueView {
    /// What goes into a list of places too.
    pub card: VenueCard,
    /// Its kinds.
    pub kinds: Vec<KindLink>,
    /// What one can do there.
    pub good_for: Vec<KindLink>,
    /// What to know before one goes, where it isn't simply open.
    pub warning: Option<Warning>,
    /// Whether it is closed for good, so that nothing is left to plan.
    pub over: bool,
    /// A few plain sentences.
    pub description: Option<String>,
    /// How ordinary the setting is.
    pub mark: Option<Marked>,
    /// Why someone says so.
    pub mark_reason: Option<String>,
    /// How sure the listing is.
    pub fresh: Freshness,
    /// Questions about a first visit.
    pub first_visit: Vec<Known>,
    /// Whether anything is known about a first visit.
    pub first_visit_known: bool,
    /// Questions about a first visit that nobody has answered.
    pub to_ask: Vec<&'static str>,
    /// What it costs to try once.
    pub cost_to_try: Option<String>,
    /// What it usually costs.
    pub usual_cost: Option<String>,
    /// The coming seven days.
    pub week: Vec<Day>,
    /// What one can do there.
    pub offers: Vec<OfferView>,
    /// Getting in and being at ease there.
    pub access: Vec<Known>,
    /// Whether anything is known about getting in.
    pub access_known: bool,
    /// What is not known about getting in.
    pub access_unknown: Vec<&'static str>,
    /// Opening times.
    pub opening: Option<Opening>,
    /// How to get there.
    pub journey: Journey,
    /// Ways to reach them.
    pub contacts: Contacts,
    /// Where it is.
    pub map: Option<MapView>,
    /// Where each fact came from.
    pub origins: Vec<OriginRow>,
    /// Everyone to thank.
    pub thanks: Vec<Thanks>,
    /// What others say of the same place.
    pub twins: Vec<TwinView>,
}

impl VenueView {
    /// A place, seen from `near` where that is known.
    pub fn new(card: &Card, near: Option<(&Place, &str)>, tiles: Option<Tiles>, words: &dyn Words, now: NaiveDateTime) -> Self {
        let lead = &card.lead;
        let facts = &lead.facts;
        let distance_m = near.and_then(|(place, _)| distance(place, facts));
        let small = VenueCard::new(card, distance_m, near.map_or("", |(_, typed)| typed), &unmarked, words, now);
        let first_visit: Vec<Known> =
            FirstVisit::ALL.iter().map(|question| known(question.label(), facts.first_visit.get(question))).collect();
        Self {
            kinds: kinds(facts, words),
            good_for: Vec::new(),
            warning: warning(lead),
            over: facts.status() == Status::Closed,
            description: facts.description.clone(),
            mark: facts.setting.as_ref().map(|setting| setting.mark.into()),
            mark_reason: facts.setting.as_ref().map(|setting| setting.reason.clone()),
            fresh: Freshness::of(lead, now.date()),
            first_visit_known: first_visit.iter().any(|one| one.known),
            to_ask: to_ask(&first_visit, facts),
            first_visit,
            cost_to_try: facts.cost_to_try.as_ref().map(say::cost),
            usual_cost: facts.usual_cost.as_ref().map(say::cost),
            week: if facts.status() == Status::Active { week::week(facts, now) } else { Vec::new() },
            offers: week::offers(facts, now),
            access: Access::ALL.iter().map(|access| known(access.label(), facts.access.get(access))).collect(),
            access_known: Access::ALL.iter().any(|one| is_known(facts.access.get(one))),
            access_unknown: Access::ALL.iter().filter(|one| !is_known(facts.access.get(one))).map(|one| one.label()).collect(),
            opening: facts.opening.as_ref().map(|schedule| opening(schedule, facts.status(), now)),
            journey: journey(facts, distance_m, near.map(|(place, _)| place)),
            contacts: contacts(facts),
            map: map(&small, near.map(|(place, _)| place), tiles),
            origins: origins::rows(lead),
            thanks: origins::thanks(card),
            twins: origins::twins(card, words),
            card: small,
        }
    }
}

impl VenueView {
    /// With what one can do there, the surest first.
    #[must_use]
    pub fn good_for(mut self, activities: &[ActivityId], words: &dyn Words) -> Self {
        let link = |id: &ActivityId| {
            let term = words.activity(id)?;
            Some(KindLink { label: term.label, icon: term.icon, href: format!("/venues?activity={id}") })
        };
        self.good_for = activities.iter().filter_map(link).take(MOST_ACTIVITIES).collect();
        self
    }
}

fn distance(place: &Place, facts: &Facts) -> Option<u32> {
    let metres = place.point.metres_to(facts.point?);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most half way round the Earth")]
    Some(metres.round() as u32)
}

fn kinds(facts: &Facts, words: &dyn Words) -> Vec<KindLink> {
    let link = |id: &crate::vocabulary::KindId| {
        let term = words.kind(id)?;
        Some(KindLink { label: term.label, icon: term.icon, href: format!("/venues?kind={id}") })
    };
    facts.kinds.iter().filter_map(link).collect()
}

fn warning(venue: &Venue) -> Option<Warning> {
    let title = card::closed(venue)?;
    let text = match venue.facts.status() {
        Status::Closed => "You can’t go there any more. Look below for places like it.",
        Status::TemporarilyClosed => "Ask them when they open again.",
        Status::Active => "Its publisher no longer lists this place. Ask before you go.",
    };
    Some(Warning { title, text })
}

/// Opening times; whether it is open now is left out where it is closed for longer.
fn opening(schedule: &Schedule, status: Status, now: NaiveDateTime) -> Opening {
    let mut opening = week::opening(schedule, now);
    opening.now = opening.now.filter(|_| status == Status::Active);
    opening
}

fn to_ask(first_visit: &[Known], facts: &Facts) -> Vec<&'static str> {
    let open = first_visit.iter().filter(|one| !one.known).map(|one| one.question);
    open.chain(facts.cost_to_try.is_none().then_some("What does it cost to try?")).collect()
}

fn is_known(fact: Option<&Fact>) -> bool {
    fact.is_some_and(|fact| fact.answer.is_some() || fact.note.is_some())
}

fn known(question: &'static str, fact: Option<&Fact>) -> Known {
    let answer = fact.and_then(|fact| fact.answer);
    let note = fact.and_then(|fact| fact.note.clone());
    Known {
        question,
        code: answer.map_or("", crate::venues::Answer::code),
        known: is_known(fact),
        answer: answer.map(crate::venues::Answer::label),
        note,
    }
}

fn journey(facts: &Facts, distance_m: Option<u32>, from: Option<&Place>) -> Journey {
    let rough = matches!(facts.precision, Some(Precision::Sector | Precision::District));
    let at = facts.point.filter(|_| !rough).map(|point| format!("{:.5},{:.5}", point.lat, point.lon));
    Journey {
        address: card::place(facts),
        distance: distance_m.map(say::distance),
        from: distance_m.and(from).map(|place| place.label.clone()),
        rough: match facts.precision {
            Some(Precision::Sector | Precision::District) => Some("We know only roughly where it is. Ask them for the way."),
            Some(Precision::Postcode) => Some("The map shows the middle of the postcode. The door may be a few steps away."),
            _ => None,
        },
        geo: at.as_ref().map(|at| format!("geo:{at}?q={at}")),
        directions: at.map(|at| format!("https://www.openstreetmap.org/directions?to={at}")),
        transport: facts.access.get(&Access::PublicTransport).and_then(|fact| fact.note.clone()),
    }
}

fn contacts(facts: &Facts) -> Contacts {
    let phone = facts.phone.as_ref().map(|phone| {
        let dial: String = phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
        (phone.clone(), format!("tel:{dial}"))
    });
    let website = facts.website.as_ref().map(|url| {
        let host = url.host_str().unwrap_or_default().trim_start_matches("www.").to_owned();
        (url.to_string(), host)
    });
    Contacts { phone, email: facts.email.clone(), website }
}

fn map(card: &VenueCard, from: Option<&Place>, tiles: Option<Tiles>) -> Option<MapView> {
    card.point?;
    let near = from.filter(|place| {
        let far = card.point.and_then(|(lat, lon)| crate::values::Point::new(lat, lon)).map(|at| place.point.metres_to(at));
        far.is_some_and(|metres| metres < 20_000.0)
    });
    let mut map = Map::of(std::slice::from_ref(card), 1, near, None);
    map.tiles = tiles;
    map.with_labels().view()
}
