//! How well a place suits someone: what it offers, times what speaks for or against going there.
//!
//! Every part is a factor between 0 and 1, so that the reasons can be told from the very numbers that ranked the place.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::need::{Need, PartOfDay};
use crate::{
    search::entry::{Hours, Known, Traits, access_bit, days},
    venues::{Access, Mark},
};

/// So many metres away is a step.
const STEP_M: f32 = 3_000.0;
/// How much each step counts, and how much where someone needs it near.
const FAR: f32 = 0.15;
const FAR_WHEN_NEAR: f32 = 0.35;
/// What is left of a place that is known to fit a need, in part, unknown to, and known not to.
const FITS: [f32; 4] = [1.0, 0.92, 0.8, 0.1];
/// Known to be too dear, and likely to be free.
const TOO_DEAR: f32 = 0.2;
const LIKELY_FREE: f32 = 0.95;
/// Someone too young or too old.
const WRONG_AGE: f32 = 0.1;
/// Ordinary places come first.
const GREEN: f32 = 1.0;
const NOT_MARKED: f32 = 0.98;
const AMBER: f32 = 0.85;
const RED: f32 = 0.6;
/// A listing that was checked within a year, within three, ever, never.
const FRESH: [f32; 4] = [1.0, 0.985, 0.975, 0.97];
/// Days of a year.
const YEAR: u16 = 366;
/// Room left, nobody has said, full.
const ROOM: [f32; 3] = [1.0, 0.99, 0.85];
/// What is left of a place that is closed for now.
const CLOSED: f32 = 0.3;
/// Where nobody asks for it, an invitation to beginners still counts a little.
const UNINVITED: f32 = 0.995;

/// What is known of a place, whichever engine brought it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Circumstances<'p> {
    /// Metres away; none where nobody knows.
    pub(crate) metres: Option<f64>,
    /// The cheapest known cost in pence.
    pub(crate) cost: Option<u32>,
    /// Whether such places are usually free.
    pub(crate) usually_free: bool,
    /// A bit for each access fact known to be "yes".
    pub(crate) access: u16,
    /// Other answers.
    pub(crate) traits: &'p Traits,
    /// When it is open, or has something on.
    pub(crate) hours: &'p [Hours],
    /// How ordinary the setting is.
    pub(crate) mark: Option<Mark>,
    /// The day of the last check or the date of the data, in days from 2000; 0 where unknown.
    pub(crate) checked: u16,
    /// Whether that was a check with the venue.
    pub(crate) assured: bool,
    /// Whether it is closed for now.
    pub(crate) closed: bool,
    /// Whether its name says the language looked for.
    pub(crate) speaks: bool,
    /// How people with like wishes got on there.
    pub(crate) got_on: Option<GotOn>,
}

/// How people with like wishes got on at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GotOn {
    /// How many it went well for.
    pub(crate) well: u32,
    /// Of how many.
    pub(crate) of: u32,
}

impl GotOn {
    /// So many people count as much as what is usual.
    const USUAL_COUNTS: f32 = 5.0;
    /// How many it usually goes well for.
    const USUAL: f32 = 0.6;
    /// How much it counts at most.
    const COUNTS: f32 = 0.3;

    /// The share it went well for; few cases are pulled towards what is usual.
    #[allow(clippy::cast_precision_loss, reason = "so many people won't go to one place")]
    pub(crate) fn share(self) -> f32 {
        (self.well.min(self.of) as f32 + Self::USUAL * Self::USUAL_COUNTS) / (self.of as f32 + Self::USUAL_COUNTS)
    }

    fn factor(got_on: Option<Self>) -> f32 {
        let share = got_on.map_or(Self::USUAL, Self::share);
        1.0 - Self::COUNTS * (1.0 - share)
    }
}

/// A part of the score, besides what the place offers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Part<'n> {
    /// How far it is.
    Distance,
    /// A need, and what is known of it.
    Need(&'n Need, Known),
    /// Whether it is open, or has something on, when someone can go.
    Times(Known),
    /// How ordinary the setting is.
    Setting,
    /// How fresh and sure the listing is.
    Fresh,
    /// Whether there is room.
    Room,
    /// Whether it is closed for now.
    Closed,
    /// Whether beginners are invited, where nobody asked.
    Invites,
    /// How people with like wishes got on there.
    GotOn,
}

/// What someone needs, made ready to measure many places by.
#[derive(Debug)]
pub(crate) struct Measure<'n> {
    needs: &'n BTreeSet<Need>,
    within: Option<f32>,
    when: Vec<(u16, u16)>,
    today: u16,
}

impl<'n> Measure<'n> {
    /// `today` is London's.
    pub(crate) fn new(needs: &'n BTreeSet<Need>, today: NaiveDate) -> Self {
        let within =
            needs.iter().find_map(|need| if let Need::Within(metres) = need { Some(narrow(f64::from(*metres))) } else { None });
        Self { needs, within, when: when(needs), today: days(today) }
    }

    /// The product of all parts.
    pub(crate) fn factor(&self, place: &Circumstances<'_>) -> f32 {
        let mut product = 1.0;
        self.each(place, |_, factor| product *= factor);
        product
    }

    /// Sees every part that counts for a place, and its factor.
    pub(crate) fn each(&self, place: &Circumstances<'_>, mut see: impl FnMut(Part<'n>, f32)) {
        if let Some(metres) = place.metres {
            see(Part::Distance, self.distance(narrow(metres)));
        }
        for need in self.needs {
            if let Some((known, factor)) = met(need, place) {
                see(Part::Need(need, known), factor);
            }
        }
        if !self.when.is_empty() {
            let known = self.times(place.hours);
            see(Part::Times(known), FITS[known as usize]);
        }
        see(Part::Setting, setting(place.mark));
        see(Part::Fresh, self.fresh(place));
        see(Part::Room, room(place.traits.room));
        if place.closed {
            see(Part::Closed, CLOSED);
        }
        if !self.needs.contains(&Need::Beginners) {
            see(Part::Invites, if place.traits.beginners == Known::Yes { 1.0 } else { UNINVITED });
        }
        see(Part::GotOn, GotOn::factor(place.got_on));
    }

    fn distance(&self, metres: f32) -> f32 {
        let beyond = self.within.map_or(1.0, |within| (within / metres.max(1.0)).min(1.0));
        let (step, power) = self.within.map_or((STEP_M, FAR), |within| (within.min(STEP_M), FAR_WHEN_NEAR));
        (1.0 + metres / step).powf(-power) * beyond
    }

    fn times(&self, hours: &[Hours]) -> Known {
        let fits =
            |hours: &Hours| self.when.iter().any(|(from, to)| hours.from < *to && *from < hours.to && self.today <= hours.until);
        if hours.is_empty() { Known::Unknown } else { Known::from(Some(hours.iter().any(fits))) }
    }

    fn fresh(&self, place: &Circumstances<'_>) -> f32 {
        let age = self.today.saturating_sub(place.checked);
        let at = match (place.assured, place.checked) {
            (_, 0) => 3,
            (true, _) if age < YEAR => 0,
            (true, _) if age < 3 * YEAR => 1,
            (true, _) => 2,
            (false, _) if age < 4 * YEAR => 2,
            (false, _) => 3,
        };
        FRESH[at]
    }
}

#[allow(clippy::cast_possible_truncation, reason = "metres need no more")]
fn narrow(metres: f64) -> f32 {
    metres as f32
}

/// The minutes of the week at which someone can go; empty where any will do.
fn when(needs: &BTreeSet<Need>) -> Vec<(u16, u16)> {
    const DAY: u16 = 24 * 60;
    let mut all: Vec<u16> =
        needs.iter().filter_map(|need| if let Need::Day(day) = need { Some(u16::from(*day)) } else { None }).collect();
    let parts: Vec<(u16, u16)> = needs
        .iter()
        .filter_map(|need| if let Need::Time(part) = need { Some(PartOfDay::minutes(*part)) } else { None })
        .collect();
    if all.is_empty() && parts.is_empty() {
        return Vec::new();
    }
    if all.is_empty() {
        all = (0..7).collect();
    }
    let parts = if parts.is_empty() { vec![(0, DAY)] } else { parts };
    all.iter().flat_map(|day| parts.iter().map(move |(from, to)| (day * DAY + from, day * DAY + to))).collect()
}

/// What is known of a need at a place, and what is left of it; none where it counts elsewhere, or no place says.
fn met(need: &Need, place: &Circumstances<'_>) -> Option<(Known, f32)> {
    let traits = place.traits;
    let known = match need {
        Need::Within(_) | Need::Day(_) | Need::Time(_) | Need::Small => return None,
        Need::Cost(most) => return Some(cost(*most, place)),
        Need::Age(age) => {
            let fits = (traits.ages.0..=traits.ages.1).contains(age);
            let known = if traits.ages == (0, u8::MAX) { Known::Unknown } else { Known::from(Some(fits)) };
            return Some((known, if fits { 1.0 } else { WRONG_AGE }));
        }
        Need::Access(access) => answered(*access, place),
        Need::Women => said(traits.women, traits.men),
        Need::Men => said(traits.men, traits.women),
        Need::Alone => traits.alone,
        Need::Beginners => traits.beginners,
        Need::Language(_) => said(place.speaks, false),
    };
    Some((known, FITS[known as usize]))
}

fn answered(access: Access, place: &Circumstances<'_>) -> Known {
    let bit = access_bit(access);
    let answers = [(place.access, Known::Yes), (place.traits.partly, Known::Partly), (place.traits.never, Known::No)];
    answers.into_iter().find(|(bits, _)| bits & bit != 0).map_or(Known::Unknown, |(_, known)| known)
}

fn said(for_them: bool, for_others: bool) -> Known {
    match (for_them, for_others) {
        (true, _) => Known::Yes,
        (false, true) => Known::No,
        (false, false) => Known::Unknown,
    }
}

fn cost(most: u32, place: &Circumstances<'_>) -> (Known, f32) {
    match place.cost {
        Some(cost) if cost <= most => (Known::Yes, 1.0),
        Some(_) => (Known::No, TOO_DEAR),
        None if place.usually_free => (Known::Partly, LIKELY_FREE),
        None => (Known::Unknown, FITS[Known::Unknown as usize]),
    }
}

fn setting(mark: Option<Mark>) -> f32 {
    match mark {
        Some(Mark::Green) => GREEN,
        None => NOT_MARKED,
        Some(Mark::Amber) => AMBER,
        Some(Mark::Red) => RED,
    }
}

fn room(known: Known) -> f32 {
    match known {
        Known::Yes | Known::Partly => ROOM[0],
        Known::Unknown => ROOM[1],
        Known::No => ROOM[2],
    }
}
