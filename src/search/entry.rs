//! What an index holds of a card, whatever engine keeps it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};

use super::hours;
use crate::{
    venues::{Access, Answer, Card, Cost, Facts, Mark, Places, Status, Venue},
    vocabulary::{
        Vocabulary,
        text::{folded, singular, tokens},
    },
};

/// Most words of one field of one card.
const MOST_WORDS: usize = 20_000;

/// A card as an index sees it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Entry {
    /// Everything but the words.
    pub(super) record: Record,
    /// Words of names, and their singulars.
    pub(super) name: BTreeSet<String>,
    /// Words of descriptions and offers.
    pub(super) text: BTreeSet<String>,
    /// Words of address, borough and postcode.
    pub(super) place: BTreeSet<String>,
}

impl Entry {
    /// What a card holds as of a day, or none for a place that is closed for good.
    pub(super) fn of(card: &Card, vocabulary: &Vocabulary, likely: f32, today: NaiveDate) -> Option<Self> {
        if card.lead.facts.status() == Status::Closed {
            return None;
        }
        let places: Vec<String> = members(card).flat_map(place_words).collect();
        Some(Self {
            record: record(card, vocabulary, likely, today),
            name: words(members(card).map(|venue| venue.facts.name.as_str())),
            text: words(members(card).flat_map(texts)),
            place: words(places.iter().map(String::as_str)),
        })
    }
}

/// A time of the week at which something is open or on; never past midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Hours {
    /// First minute of the week.
    pub(super) from: u16,
    /// The minute after the last.
    pub(super) to: u16,
    /// Last day it holds, in days from 2000; `u16::MAX` where it goes on.
    pub(super) until: u16,
}

/// What a place is and what one can do there. Many places share one.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Profile {
    /// Places in the vocabulary's list, wider kinds included, in order.
    pub(crate) kinds: Vec<u16>,
    /// Places in the vocabulary's list and how surely, in 255ths, in order.
    pub(crate) activities: Vec<(u16, u8)>,
    /// A bit for each life domain.
    pub(crate) domains: u16,
}

/// Everything but the words.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Record {
    pub(super) id: u128,
    /// Latitude and longitude in degrees.
    pub(super) point: Option<(f64, f64)>,
    pub(super) profile: Profile,
    pub(super) borough: String,
    /// A bit for each access fact known to be "yes".
    pub(super) access: u16,
    /// The cheapest known cost in pence.
    pub(super) cost: Option<u32>,
    /// The day of the last check or the date of the data, in days from 2000; 0 where unknown.
    pub(super) checked: u16,
    /// Whether `checked` is a check with the venue.
    pub(super) assured: bool,
    /// 0 for "not marked", else 1 more than the mark's place.
    pub(super) mark: u8,
    pub(super) places_now: bool,
    pub(super) closed_for_now: bool,
    /// Whether the hours may be others on another day.
    pub(super) dated: bool,
    pub(super) name: String,
    /// The name, folded.
    pub(super) key: String,
    pub(super) hours: Vec<Hours>,
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
fn words<'t>(texts: impl Iterator<Item = &'t str>) -> BTreeSet<String> {
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
    all
}

/// People see the facts of the card's lead, so those are what filters go by. What the place is comes from all of it.
fn record(card: &Card, vocabulary: &Vocabulary, likely: f32, today: NaiveDate) -> Record {
    let facts = &card.lead.facts;
    let (checked, assured) = checked(&card.lead);
    Record {
        id: card.lead.card.0.as_u128(),
        point: facts.point.map(|point| (point.lat, point.lon)),
        profile: profile(card, vocabulary, likely),
        borough: facts.borough.clone().unwrap_or_default(),
        access: access(facts),
        cost: cheapest(facts),
        checked,
        assured,
        mark: facts.setting.as_ref().map_or(0, |setting| mark_place(setting.mark)),
        places_now: has_places(facts),
        closed_for_now: facts.status() == Status::TemporarilyClosed,
        dated: hours::depend_on_day(facts, today),
        name: facts.name.clone(),
        key: folded(&facts.name),
        hours: hours::hours(facts, today),
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a sureness is from 0 to 1")]
fn profile(card: &Card, vocabulary: &Vocabulary, likely: f32) -> Profile {
    let mut profile = Profile::default();
    let mut activities = BTreeMap::<u16, u8>::new();
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

fn access(facts: &Facts) -> u16 {
    let known = facts.access.iter().filter(|(_, fact)| fact.answer == Some(Answer::Yes));
    known.map(|(access, _)| access_bit(*access)).fold(0, |a, b| a | b)
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
fn checked(venue: &Venue) -> (u16, bool) {
    let dated = || venue.sources.iter().filter_map(|source| source.dated.as_deref()).filter_map(date).max();
    venue.facts.assured_at.map_or_else(|| (dated().map_or(0, days), false), |day| (days(day), true))
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
