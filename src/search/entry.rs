//! What an index holds of a card, whatever engine keeps it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};

use super::hours;
use crate::{
    venues::{Access, Answer, Card, Cost, Facts, FirstVisit, Limits, Mark, Places, Status, Venue},
    vocabulary::{
        Ref, Vocabulary,
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
pub(crate) struct Hours {
    /// First minute of the week.
    pub(crate) from: u16,
    /// The minute after the last.
    pub(crate) to: u16,
    /// Last day it holds, in days from 2000; `u16::MAX` where it goes on.
    pub(crate) until: u16,
}

/// What a place is and what one can do there. Many places share one.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Profile {
    /// Places in the vocabulary's list, wider kinds included, in order.
    pub(crate) kinds: Vec<u16>,
    /// Those of them that only its name says, in order.
    pub(crate) named: Vec<u16>,
    /// Places in the vocabulary's list and how surely, in 255ths, in order.
    pub(crate) activities: Vec<(u16, u8)>,
    /// A bit for each life domain.
    pub(crate) domains: u16,
}

/// What matching asks beyond what a filter asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Traits {
    /// A bit for each access fact known to be "partly".
    pub(crate) partly: u16,
    /// A bit for each access fact known to be "no".
    pub(crate) never: u16,
    /// Youngest and oldest that any offer takes, in years.
    pub(crate) ages: (u8, u8),
    /// Whether someone may come alone.
    pub(crate) alone: Known,
    /// Whether an offer invites beginners.
    pub(crate) beginners: Known,
    /// Whether there is room on an offer.
    pub(crate) room: Known,
    /// Whether it says that it is for women, or for men.
    pub(crate) women: bool,
    pub(crate) men: bool,
}

impl Default for Traits {
    fn default() -> Self {
        let unknown = Known::Unknown;
        Self {
            partly: 0,
            never: 0,
            ages: (0, u8::MAX),
            alone: unknown,
            beginners: unknown,
            room: unknown,
            women: false,
            men: false,
        }
    }
}

/// What is known of a question.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Known {
    /// It is so.
    Yes,
    /// In part.
    Partly,
    /// Nobody has said.
    #[default]
    Unknown,
    /// It isn't so.
    No,
}

impl From<Option<bool>> for Known {
    fn from(answer: Option<bool>) -> Self {
        answer.map_or(Self::Unknown, |yes| if yes { Self::Yes } else { Self::No })
    }
}

impl Profile {
    /// How surely an activity is offered, from 0 to 1.
    pub(crate) fn sureness(&self, activity: u16) -> f32 {
        let found = self.activities.binary_search_by_key(&activity, |(at, _)| *at);
        found.map_or(0.0, |found| f32::from(self.activities[found].1) / 255.0)
    }

    /// How surely the place is that, or offers that, from 0 to 1.
    pub(crate) fn offers(&self, concept: Ref) -> f32 {
        let is = |yes: bool| f32::from(u8::from(yes));
        match concept {
            Ref::Kind(at) => is(self.kinds.binary_search(&at).is_ok()),
            Ref::Domain(domain) => is(self.domains & (1 << domain as u16) != 0),
            Ref::Activity(at) => self.sureness(at),
        }
    }
}

/// Everything but the words.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Record {
    pub(crate) id: u128,
    /// Latitude and longitude in degrees.
    pub(crate) point: Option<(f64, f64)>,
    pub(crate) profile: Profile,
    pub(crate) borough: String,
    /// A bit for each access fact known to be "yes".
    pub(crate) access: u16,
    /// The cheapest known cost in pence.
    pub(crate) cost: Option<u32>,
    /// The day of the last check or the date of the data, in days from 2000; 0 where unknown.
    pub(crate) checked: u16,
    /// Whether `checked` is a check with the venue.
    pub(crate) assured: bool,
    /// 0 for "not marked", else 1 more than the mark's place.
    pub(crate) mark: u8,
    pub(crate) places_now: bool,
    pub(crate) closed_for_now: bool,
    /// Whether the hours may be others on another day.
    pub(crate) dated: bool,
    pub(crate) name: String,
    /// The name, folded.
    pub(crate) key: String,
    pub(crate) hours: Vec<Hours>,
    pub(crate) traits: Traits,
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

/// What a card holds as of a day, but for its words; none for a place that is closed for good.
pub(crate) fn alone(card: &Card, vocabulary: &Vocabulary, likely: f32, today: NaiveDate) -> Option<Record> {
    (card.lead.facts.status() != Status::Closed).then(|| record(card, vocabulary, likely, today))
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
        access: access(facts, Answer::Yes),
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
        traits: traits(facts),
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a sureness is from 0 to 1")]
fn profile(card: &Card, vocabulary: &Vocabulary, likely: f32) -> Profile {
    let mut profile = Profile::default();
    let mut given = BTreeSet::<u16>::new();
    let mut activities = BTreeMap::<u16, u8>::new();
    for venue in members(card) {
        let places = vocabulary.read_places(&venue.facts);
        for kind in venue.facts.kinds.iter().filter_map(|id| vocabulary.kind(id)) {
            given.extend(kind.wider.iter().chain([&kind.id]).filter_map(|id| vocabulary.kind_place(id)));
        }
        profile.kinds.extend(places.kinds);
        places.domains.iter().for_each(|domain| profile.domains |= 1 << *domain as u16);
        for (activity, sureness) in places.activities.into_iter().filter(|(_, sureness)| *sureness >= likely) {
            let best = activities.entry(activity).or_insert(0);
            *best = (*best).max((sureness.clamp(0.0, 1.0) * 255.0).round() as u8);
        }
    }
    profile.kinds.sort_unstable();
    profile.kinds.dedup();
    profile.named = profile.kinds.iter().copied().filter(|kind| !given.contains(kind)).collect();
    profile.activities = activities.into_iter().collect();
    profile
}

/// 1 more than the mark's place; 0 is "not marked".
pub(super) fn mark_place(mark: Mark) -> u8 {
    mark as u8 + 1
}

/// The bit of an access fact.
pub(crate) fn access_bit(access: Access) -> u16 {
    1 << access as u16
}

fn access(facts: &Facts, answer: Answer) -> u16 {
    let known = facts.access.iter().filter(|(_, fact)| fact.answer == Some(answer));
    known.map(|(access, _)| access_bit(*access)).fold(0, |a, b| a | b)
}

fn traits(facts: &Facts) -> Traits {
    let alone = facts.first_visit.get(&FirstVisit::ComeAlone).and_then(|fact| fact.answer);
    let said: Vec<&str> = std::iter::once(facts.name.as_str())
        .chain(facts.offers.iter().flat_map(|offer| std::iter::once(offer.title.as_str()).chain(offer.limits.as_deref())))
        .collect();
    let says = |words: &[&str]| said.iter().flat_map(|text| tokens(text)).any(|token| words.contains(&token.word.as_str()));
    Traits {
        partly: access(facts, Answer::Partly),
        never: access(facts, Answer::No),
        ages: ages(facts),
        alone: alone.map_or(Known::Unknown, |answer| match answer {
            Answer::Yes => Known::Yes,
            Answer::Partly => Known::Partly,
            Answer::No => Known::No,
        }),
        beginners: any(facts.offers.iter().filter_map(|offer| offer.beginners_welcome)),
        room: any(facts
            .offers
            .iter()
            .filter_map(|offer| offer.places)
            .map(|places| matches!(places, Places::Open { left } if left != Some(0)))),
        women: says(&["women", "womens", "woman", "ladies", "girls", "sisters"]),
        men: says(&["men", "mens", "lads", "boys", "blokes"]),
    }
}

/// Yes where any is so, no where all are known not to be.
fn any(answers: impl Iterator<Item = bool>) -> Known {
    answers.reduce(|a, b| a || b).into()
}

/// The widest range, so that nobody is turned away whom some offer takes.
fn ages(facts: &Facts) -> (u8, u8) {
    let limited = facts.offers.iter().map(|offer| offer.ages.unwrap_or_default());
    let small = |age: u32| u8::try_from(age).unwrap_or(u8::MAX);
    let range = |limits: Limits| (limits.min.map_or(0, small), limits.max.map_or(u8::MAX, small));
    limited.map(range).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))).unwrap_or((0, u8::MAX))
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
pub(crate) fn days(day: NaiveDate) -> u16 {
    const FIRST: i32 = 730_120;
    u16::try_from((day.num_days_from_ce() - FIRST).max(0)).unwrap_or(u16::MAX)
}
