//! A card becomes a document: the words it can be found by, and its record.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate, NaiveTime, Timelike};
use tantivy::TantivyDocument;

use super::{
    circle,
    record::{Hours, Profile, Record, WEEK},
    schema::Fields,
};
use crate::{
    values::VenueId,
    venues::{Access, Answer, Card, Cost, Facts, Mark, Places, Schedule, Status, Venue},
    vocabulary::{
        Vocabulary,
        text::{folded, singular, tokens},
    },
};

/// Most words of one field of one card.
const MOST_WORDS: usize = 20_000;

/// The document for a card, or none for a place that is closed for good.
pub(super) fn document(card: &Card, vocabulary: &Vocabulary, likely: f32, fields: &Fields) -> Option<TantivyDocument> {
    if card.lead.facts.status() == Status::Closed {
        return None;
    }
    let record = record(card, vocabulary, likely);
    let mut document = TantivyDocument::default();
    document.add_text(fields.id, id_text(card.lead.card));
    document.add_u64(fields.code, record.point.map_or(circle::NOWHERE, |(lat, lon)| circle::code(lat, lon)).into());
    document.add_text(fields.name, words(members(card).map(|venue| venue.facts.name.as_str())));
    document.add_text(fields.text, words(members(card).flat_map(texts)));
    let places: Vec<String> = members(card).flat_map(place_words).collect();
    document.add_text(fields.place, words(places.iter().map(String::as_str)));
    document.add_text(fields.concept, concepts(&record.profile));
    document.add_bytes(fields.record, &record.pack());
    Some(document)
}

/// How a card's id stands in the index.
pub(super) fn id_text(id: VenueId) -> String {
    id.to_string()
}

/// How a kind, an activity or a life domain stands in the index.
pub(super) fn concept_text(sort: char, place: u16) -> String {
    format!("{sort}{place}")
}

fn members(card: &Card) -> impl Iterator<Item = &Venue> {
    std::iter::once(&card.lead).chain(&card.twins)
}

fn texts(venue: &Venue) -> Vec<&str> {
    let facts = &venue.facts;
    let mut all: Vec<&str> = facts.description.as_deref().into_iter().collect();
    for offer in &facts.offers {
        all.push(&offer.title);
        all.extend(offer.description.as_deref());
    }
    all.extend(venue.sources.iter().filter_map(|source| source.category.as_deref()));
    all
}

fn place_words(venue: &Venue) -> Vec<String> {
    let facts = &venue.facts;
    let mut all: Vec<String> = facts.address.iter().chain(&facts.borough).cloned().collect();
    if let Some(postcode) = &facts.postcode {
        all.extend([postcode.as_str().to_owned(), postcode.compact()]);
    }
    all
}

/// Each word once, and its singular where that differs.
fn words<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    let mut all: BTreeSet<String> = BTreeSet::new();
    for token in texts.flat_map(tokens) {
        let one = singular(&token.word);
        if *one != *token.word {
            all.insert(one.into_owned());
        }
        all.insert(token.word);
        if all.len() > MOST_WORDS {
            break;
        }
    }
    all.into_iter().collect::<Vec<_>>().join(" ")
}

fn concepts(profile: &Profile) -> String {
    let domains = (0..16).filter(|bit| profile.domains & (1 << bit) != 0).map(|bit| concept_text('d', bit));
    let kinds = profile.kinds.iter().map(|kind| concept_text('k', *kind));
    let activities = profile.activities.iter().map(|(activity, _)| concept_text('a', *activity));
    domains.chain(kinds).chain(activities).collect::<Vec<_>>().join(" ")
}

fn record(card: &Card, vocabulary: &Vocabulary, likely: f32) -> Record {
    let first = |value: fn(&Facts) -> Option<String>| members(card).find_map(|venue| value(&venue.facts)).unwrap_or_default();
    let lead = &card.lead;
    let (checked, assured) = checked(card);
    let mut hours: Vec<Hours> = members(card).flat_map(|venue| schedules(&venue.facts)).flat_map(hours_of).collect();
    hours.sort_unstable();
    hours.dedup();
    Record {
        id: lead.card.0.as_u128(),
        point: members(card).find_map(|venue| venue.facts.point).map(|point| (point.lat, point.lon)),
        profile: profile(card, vocabulary, likely),
        borough: first(|facts| facts.borough.clone()),
        access: access(card),
        cost: members(card).filter_map(|venue| cheapest(&venue.facts)).min(),
        checked,
        assured,
        mark: members(card).find_map(|venue| venue.facts.setting.as_ref()).map_or(0, |setting| mark_place(setting.mark)),
        places_now: members(card).any(|venue| has_places(&venue.facts)),
        closed_for_now: lead.facts.status() == Status::TemporarilyClosed,
        name: lead.facts.name.clone(),
        key: folded(&lead.facts.name),
        hours,
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a sureness is from 0 to 1")]
fn profile(card: &Card, vocabulary: &Vocabulary, likely: f32) -> Profile {
    let mut profile = Profile::default();
    let mut activities = std::collections::BTreeMap::<u16, u8>::new();
    for venue in members(card) {
        let places = vocabulary.read_places(&venue.facts);
        profile.kinds.extend(places.kinds);
        places.domains.iter().for_each(|domain| profile.domains |= 1 << *domain as u16);
        for (activity, sureness) in places.activities.into_iter().filter(|(_, sureness)| *sureness >= likely) {
            let best = activities.entry(activity).or_insert(0);
            *best = (*best).max((sureness.clamp(0.0, 1.0) * 255.0).round() as u8);
        }
    }
    profile.kinds.sort_unstable();
    profile.kinds.dedup();
    profile.activities = activities.into_iter().collect();
    profile
}

/// 1 more than the mark's place; 0 is "not marked".
pub(super) fn mark_place(mark: Mark) -> u8 {
    mark as u8 + 1
}

/// The bit of an access fact.
pub(super) fn access_bit(access: Access) -> u16 {
    1 << access as u16
}

fn access(card: &Card) -> u16 {
    let known = members(card).flat_map(|venue| &venue.facts.access);
    known.filter(|(_, fact)| fact.answer == Some(Answer::Yes)).map(|(access, _)| access_bit(*access)).fold(0, |a, b| a | b)
}

fn cheapest(facts: &Facts) -> Option<u32> {
    let own = facts.cost_to_try.iter().chain(&facts.usual_cost);
    let offers = facts.offers.iter().filter_map(|offer| offer.cost.as_ref());
    own.chain(offers).filter_map(|cost: &Cost| cost.pence).min()
}

fn has_places(facts: &Facts) -> bool {
    facts.offers.iter().any(|offer| matches!(offer.places, Some(Places::Open { left }) if left != Some(0)))
}

/// The last check with the venue, or else the date of the newest data.
fn checked(card: &Card) -> (u16, bool) {
    if let Some(day) = members(card).filter_map(|venue| venue.facts.assured_at).max() {
        return (days(day), true);
    }
    let dated = members(card).flat_map(|venue| &venue.sources).filter_map(|source| source.dated.as_deref()).filter_map(date);
    (dated.max().map_or(0, days), false)
}

/// A year, a month or a day as its first day.
fn date(text: &str) -> Option<NaiveDate> {
    let mut parts = text.splitn(3, '-');
    let year = parts.next()?.parse().ok()?;
    let mut number = || parts.next().map_or(Some(1), |part| part.parse().ok());
    let (month, day) = (number()?, number()?);
    NaiveDate::from_ymd_opt(year, month, day)
}

/// Days from 2000.
pub(super) fn days(day: NaiveDate) -> u16 {
    const FIRST: i32 = 730_120;
    u16::try_from((day.num_days_from_ce() - FIRST).max(0)).unwrap_or(u16::MAX)
}

fn schedules(facts: &Facts) -> impl Iterator<Item = &Schedule> {
    facts.opening.iter().chain(facts.offers.iter().filter_map(|offer| offer.schedule.as_ref()))
}

/// The regular times. Something on every second week, or every month, counts as on.
fn hours_of(schedule: &Schedule) -> Vec<Hours> {
    let mut all = Vec::new();
    for rule in &schedule.rules {
        let until = rule.until.map_or(u16::MAX, days);
        for by in &rule.byday.0 {
            let midnight = minutes_of(by.day.num_days_from_monday());
            let from = midnight + minute(rule.from);
            let last = if rule.to <= rule.from { 24 * 60 } else { 0 };
            let to = midnight + minute(rule.to) + last;
            all.push(Hours { from, to: to.min(WEEK), until });
            if to > WEEK {
                all.push(Hours { from: 0, to: to - WEEK, until });
            }
        }
    }
    all
}

fn minute(time: NaiveTime) -> u16 {
    u16::try_from(time.num_seconds_from_midnight() / 60).unwrap_or(0)
}

/// The first minute of a day of the week, Monday being 0.
pub(super) fn minutes_of(day: u32) -> u16 {
    u16::try_from(day * 24 * 60).unwrap_or(0)
}
