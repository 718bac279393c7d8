//! From all places around to the few that are shown: the best, and different from one another.

mod spread;

use std::collections::{BTreeSet, HashSet};

use super::{
    need::Need,
    reasons::{Reason, reasons},
    score::{Circumstances, Measure, Part},
    understand::{Reader, Understanding},
};
use crate::{
    search::{
        embedded::near::{Around, Near},
        entry::{Known, Profile},
    },
    values::VenueId,
    vocabulary::Ref,
};

/// A place must offer at least this, and this share of what the best offers.
const LEAST: f32 = 0.05;
const LEAST_SHARE: f32 = 0.2;
/// A place that offers at least this is a good one.
const GOOD: f32 = 0.45;
/// How much a word in its own name adds to what a place offers.
const NAMED: f32 = 0.35;
/// The best places that are looked at closer.
const CLOSER: usize = 120;
/// Most places that can be shown.
pub const MOST: usize = 50;

/// A place that is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Chosen {
    /// The lead of its card.
    pub venue: VenueId,
    /// Metres away, where that was asked and is known.
    pub distance_m: Option<u32>,
    /// How well it suits, from 0 to 1.
    pub score: f32,
    /// For and against, what weighs most first.
    pub reasons: Vec<Reason>,
}

/// How many good places there are, and what is known of each need there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Good places that aren't known not to fit.
    pub(crate) good: u32,
    /// Good places, whatever is needed.
    pub(crate) in_all: u32,
    /// For each need: known to fit, not known.
    pub(crate) needs: Vec<(u32, u32)>,
}

/// What was chosen.
#[derive(Debug, Default)]
pub(crate) struct Choice {
    pub(crate) places: Vec<Chosen>,
    pub(crate) tally: Tally,
    /// How many places would do at all.
    pub(crate) total: usize,
}

/// What to choose by.
pub(crate) struct Chooser<'c> {
    pub(crate) reader: &'c Reader,
    pub(crate) understanding: &'c Understanding,
    pub(crate) measure: &'c Measure<'c>,
    /// Places that must not come again.
    pub(crate) hidden: &'c HashSet<VenueId>,
    /// Only these, where another engine chose them.
    pub(crate) only: Option<&'c HashSet<u128>>,
    /// Parts that are left out, to see what each is for.
    pub(crate) parts: Parts,
}

/// Which ingredients count.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parts {
    pub(crate) names: bool,
    pub(crate) circumstances: bool,
    pub(crate) spread: bool,
}

impl Default for Parts {
    fn default() -> Self {
        Self { names: true, circumstances: true, spread: true }
    }
}

struct Candidate<'s> {
    near: Near<'s>,
    id: VenueId,
    fit: f32,
    total: f32,
}

impl Chooser<'_> {
    /// The best `limit` places, in order.
    pub(crate) fn choose(&self, around: &Around<'_>, limit: usize) -> Choice {
        let (mut all, tally) = self.candidates(around);
        let total = all.len();
        let better = |a: &Candidate<'_>, b: &Candidate<'_>| b.total.total_cmp(&a.total).then(a.id.cmp(&b.id));
        if all.len() > CLOSER {
            all.select_nth_unstable_by(CLOSER - 1, better);
            all.truncate(CLOSER);
        }
        all.sort_unstable_by(better);
        let chosen = if self.parts.spread { spread::spread(all, limit, self.wishes()) } else { all };
        let places = chosen.into_iter().take(limit).map(|one| self.show(&one)).collect();
        Choice { places, tally, total }
    }

    /// How many good places there are.
    pub(crate) fn tally(&self, around: &Around<'_>) -> Tally {
        self.candidates(around).1
    }

    /// The places that offer enough of what the best offers.
    fn candidates<'s>(&self, around: &'s Around<'_>) -> (Vec<Candidate<'s>>, Tally) {
        let mut fits = Fits::default();
        let mut all = Vec::new();
        let mut best = 0.0_f32;
        let mut tally = Tally { needs: vec![(0, 0); self.understanding.needs.len()], ..Tally::default() };
        let mut see = |near: Near<'s>| {
            let offers = fits.of(&near, |profile| self.offers(profile));
            if offers <= LEAST {
                return;
            }
            let named = if self.parts.names { near.named } else { 0.0 };
            let fit = offers * (1.0 + NAMED * named);
            if offers >= GOOD {
                self.count(&self.circumstances(&near), &mut tally);
            }
            // How well it suits is worked out for those that are left in the end.
            let id = near.id();
            if fit >= best * LEAST_SHARE && !self.hidden.contains(&id) {
                best = best.max(fit);
                all.push(Candidate { near, id, fit, total: fit });
            }
        };
        match self.only {
            Some(ids) => around.these(ids, see),
            None => around.each(&mut see),
        }
        all.retain(|one| one.fit >= best * LEAST_SHARE);
        if self.parts.circumstances {
            all.iter_mut().for_each(|one| one.total *= self.measure.factor(&self.circumstances(&one.near)));
        }
        (all, tally)
    }

    /// How well a place suits that is a good one and not known not to fit; none of any other.
    pub(crate) fn suits(&self, profile: &Profile, place: &Circumstances<'_>) -> Option<f32> {
        let offers = self.offers(profile);
        let mut fits = offers >= GOOD;
        self.measure.each(place, |part, _| {
            fits &= !matches!(part, Part::Need(_, Known::No) | Part::Times(Known::No));
        });
        fits.then(|| offers * self.measure.factor(place))
    }

    fn offers(&self, profile: &Profile) -> f32 {
        let refused = |concept: &Ref| match concept {
            Ref::Kind(at) => profile.kinds.binary_search(at).is_ok(),
            Ref::Activity(_) | Ref::Domain(_) => false,
        };
        if self.understanding.refused.iter().any(refused) {
            return 0.0;
        }
        let share = |concept: &Ref| match concept {
            Ref::Activity(at) => profile.sureness(*at),
            Ref::Kind(_) | Ref::Domain(_) => 0.0,
        };
        let against = self.understanding.refused.iter().map(share).fold(0.0, f32::max);
        self.understanding.wanted.fit(profile) * (1.0 - 0.8 * against)
    }

    fn count(&self, place: &Circumstances<'_>, tally: &mut Tally) {
        tally.in_all += 1;
        let mut fits = true;
        self.measure.each(place, |part, _| {
            let (need, known) = match part {
                Part::Need(need, known) => (Some(need), known),
                Part::Times(known) => (None, known),
                _ => return,
            };
            fits &= known != Known::No;
            let needs = self.understanding.needs.iter();
            let at = needs
                .enumerate()
                .filter(|(_, other)| need.map_or(matches!(other, Need::Day(_) | Need::Time(_)), |need| need == *other));
            for (at, _) in at {
                tally.needs[at].0 += u32::from(matches!(known, Known::Yes | Known::Partly));
                tally.needs[at].1 += u32::from(known == Known::Unknown);
            }
        });
        tally.good += u32::from(fits);
    }

    fn circumstances<'s>(&self, near: &Near<'s>) -> Circumstances<'s> {
        Circumstances {
            metres: near.metres,
            cost: near.cost(),
            usually_free: self.usually_free(near.profile()),
            access: near.access(),
            traits: near.traits(),
            hours: near.hours(),
            mark: near.mark(),
            checked: near.checked(),
            assured: near.assured(),
            closed: near.closed(),
            speaks: self.speaks(near.key()),
            got_on: None,
        }
    }

    /// Whether such places are usually free.
    pub(crate) fn usually_free(&self, profile: &Profile) -> bool {
        profile.kinds.iter().any(|at| self.reader.language.usually_free.binary_search(at).is_ok())
    }

    /// Whether a place's name, folded, says the language looked for.
    pub(crate) fn speaks(&self, key: &[u8]) -> bool {
        let needs = &self.understanding.needs;
        needs.iter().any(|need| matches!(need, Need::Language(language) if says(key, language.as_bytes())))
    }

    /// Activities and kinds named outright, but for what they did before.
    fn wishes(&self) -> Vec<Ref> {
        let outright = self.understanding.meant.iter().filter(|one| one.outright && !one.past);
        outright.map(|one| one.concept).collect()
    }

    fn show(&self, one: &Candidate<'_>) -> Chosen {
        let place = self.circumstances(&one.near);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "no two places are further apart")]
        let distance_m = one.near.metres.filter(|metres| metres.is_finite()).map(|metres| metres.round() as u32);
        Chosen {
            venue: one.id,
            distance_m,
            score: 1.0 - (-1.6 * one.total).exp(),
            reasons: reasons(self.reader, self.understanding, self.measure, one.near.profile(), &place, distance_m),
        }
    }
}

/// What each profile offers, worked out once.
#[derive(Default)]
struct Fits(Vec<Vec<f32>>);

impl Fits {
    fn of(&mut self, near: &Near<'_>, offers: impl Fn(&Profile) -> f32) -> f32 {
        let at = near.profile_number() as usize;
        if self.0.len() <= near.segment {
            self.0.resize(near.segment + 1, Vec::new());
        }
        let known = &mut self.0[near.segment];
        if known.len() <= at {
            known.resize(at + 1, f32::NAN);
        }
        if known[at].is_nan() {
            known[at] = offers(near.profile());
        }
        known[at]
    }
}

fn says(key: &[u8], word: &[u8]) -> bool {
    key.split(|byte| *byte == b' ').any(|part| part == word)
}

/// Needs that speak of times count as one.
pub(crate) fn one_for_times(needs: &BTreeSet<Need>) -> impl Iterator<Item = (usize, &Need)> {
    let mut times = false;
    needs.iter().enumerate().filter(move |(_, need)| {
        let of_time = matches!(need, Need::Day(_) | Need::Time(_));
        let first = !of_time || !times;
        times |= of_time;
        first
    })
}
