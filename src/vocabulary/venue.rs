//! Reads venues: what kind of place one is, and what one can do there.

use super::{
    Activity, ActivityId, Domain, Kind, KindId, Ref, Vocabulary,
    phrases::{Exactness, Fit, Word, longest},
    text::tokens,
};
use crate::venues::{Facts, Offer, OfferKind};

/// A kind's life domains count for what is done there from this sureness on.
const SURE_ENOUGH: f32 = 0.5;
/// Words after which a name says where or for whom, no longer what.
const TAIL: &[&str] = &["of", "at", "in", "for", "on", "by", "near"];

/// What the vocabulary makes of a venue.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VenueReading {
    /// The kinds given and those seen in the name, with the wider ones; in the order of their ids.
    pub kinds: Vec<KindId>,
    /// What one can do there and how surely, wider activities included; the surest first.
    pub activities: Vec<(ActivityId, f32)>,
    /// Its life domains.
    pub domains: Vec<Domain>,
}

/// The same in small numbers, for indexes; activities in the order of those.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Places {
    pub(crate) kinds: Vec<u16>,
    pub(crate) activities: Vec<(u16, f32)>,
    pub(crate) domains: Vec<Domain>,
}

/// What leads to what, worked out once: every answer reads many venues.
#[derive(Debug, Default)]
pub(super) struct Links {
    /// For each activity the wider ones.
    wider: Vec<Vec<u16>>,
    /// For each kind the wider ones.
    wider_kinds: Vec<Vec<u16>>,
    /// For each kind what one can do there and how surely, wider activities included.
    offered: Vec<Vec<(u16, f32)>>,
}

impl Links {
    /// The links of a vocabulary whose kinds and activities are complete.
    pub(super) fn of(vocabulary: &Vocabulary) -> Self {
        let wider = |activity: &Activity| activity.wider.iter().filter_map(|id| vocabulary.activity_place(id)).collect();
        let wider_kinds = |kind: &Kind| kind.wider.iter().filter_map(|id| vocabulary.kind_place(id)).collect();
        let wider: Vec<Vec<u16>> = vocabulary.activities.iter().map(wider).collect();
        let offered = |kind: &Kind| {
            let mut evidence = Evidence::new(vocabulary);
            for (activity, sureness) in &kind.offers {
                evidence.add_with_wider(vocabulary.activity_place(activity), *sureness, &wider);
            }
            evidence.all()
        };
        let offered = vocabulary.kinds.iter().map(offered).collect();
        Self { wider_kinds: vocabulary.kinds.iter().map(wider_kinds).collect(), offered, wider }
    }
}

impl Vocabulary {
    /// What kind of place it is and what one can do there, from all that is known of it; the strongest evidence wins.
    pub fn read_venue(&self, facts: &Facts) -> VenueReading {
        let places = self.read_places(facts);
        let activities = places.surest_first();
        VenueReading {
            kinds: places.kinds.iter().map(|at| self.kinds[usize::from(*at)].id.clone()).collect(),
            activities: activities.map(|(at, sure)| (self.activities[usize::from(at)].id.clone(), sure)).collect(),
            domains: places.domains.clone(),
        }
    }

    pub(crate) fn read_places(&self, facts: &Facts) -> Places {
        let words: Vec<Word> = tokens(&facts.name).iter().map(|token| self.word(&token.word)).collect();
        let fits = self.named.fits(&words, Exactness::Plural, |joined| self.word(joined));
        let kinds = self.kinds_of(facts, &words, &fits);
        let mut evidence = Evidence::new(self);
        for activity in &facts.activities {
            evidence.add(self.activity_place(activity), 1.0);
        }
        if !self.given_kinds(facts).any(|kind| self.kinds[usize::from(kind)].fanciful_names) {
            for (at, sureness) in named_activities(&fits) {
                evidence.add(Some(at), sureness);
            }
        }
        for offer in &facts.offers {
            self.read_offer(offer, &mut evidence);
        }
        let mut domains: Vec<Domain> = self.own_domains(&kinds, &evidence, facts);
        for (activity, sureness) in evidence.all() {
            self.links.wider[usize::from(activity)].iter().for_each(|wider| evidence.add(Some(*wider), sureness));
        }
        for kind in &kinds {
            let offered = &self.links.offered[usize::from(*kind)];
            offered.iter().for_each(|(activity, sureness)| evidence.add(Some(*activity), *sureness));
        }
        domains.sort_unstable();
        domains.dedup();
        Places { kinds, activities: evidence.all(), domains }
    }

    fn read_offer(&self, offer: &Offer, evidence: &mut Evidence) {
        for activity in &offer.activities {
            evidence.add(self.activity_place(activity), 1.0);
        }
        let words: Vec<Word> = tokens(&offer.title).iter().map(|token| self.word(&token.word)).collect();
        for phrases in [&self.said, &self.named] {
            let fits = phrases.fits(&words, Exactness::Loose, |joined| self.word(joined));
            for (at, sureness) in named_activities(&fits) {
                evidence.add(Some(at), sureness);
            }
        }
    }

    fn given_kinds(&self, facts: &Facts) -> impl Iterator<Item = u16> {
        facts.kinds.iter().filter_map(|kind| self.kind_place(kind))
    }

    fn kinds_of(&self, facts: &Facts, words: &[Word], fits: &[Fit]) -> Vec<u16> {
        let given: Vec<u16> = self.given_kinds(facts).collect();
        let mut all = given.clone();
        for fit in &of_type(fits, |concept| matches!(concept, Ref::Kind(_))) {
            for meant in &fit.meant {
                let Ref::Kind(at) = meant.concept else { continue };
                if meant.sureness >= SURE_ENOUGH && (given.is_empty() || self.fits_given(at, &given, words, fit)) {
                    all.push(at);
                }
            }
        }
        for at in all.clone() {
            all.extend(&self.links.wider_kinds[usize::from(at)]);
        }
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Where a publisher says what a place is, its name says more only if it narrows that, or ends with, and
    /// doesn't begin with, a kind of the same family or one that shares its house: "Church Café" is no church, "Kennington Bowl" no bowls
    /// club, a pub called "The Library" no library.
    fn fits_given(&self, at: u16, given: &[u16], words: &[Word], fit: &Fit) -> bool {
        let kind = &self.kinds[usize::from(at)];
        let narrows = self.links.wider_kinds[usize::from(at)].iter().any(|wider| given.contains(wider));
        let end = words.iter().position(|word| TAIL.contains(&word.raw.as_str())).unwrap_or(words.len());
        let first = usize::from(words.first().is_some_and(|word| word.raw == "the"));
        let last = fit.from + fit.len == end || fit.from + fit.len == words.len();
        let sibling = |other: &u16| self.kinds[usize::from(*other)].kind_of.iter().any(|wider| kind.kind_of.contains(wider));
        narrows || (last && fit.from > first && (kind.shares_house || given.iter().any(sibling)))
    }

    fn own_domains(&self, kinds: &[u16], evidence: &Evidence, facts: &Facts) -> Vec<Domain> {
        let of_kinds = kinds.iter().flat_map(|at| &self.kinds[usize::from(*at)].domains);
        let sure = evidence.all().into_iter().filter(|(_, sureness)| *sureness >= SURE_ENOUGH);
        let of_activities = sure.flat_map(|(at, _)| &self.activities[usize::from(at)].domains);
        let of_offers = facts.offers.iter().filter_map(|offer| match offer.kind {
            OfferKind::Job => Some(&Domain::Employment),
            OfferKind::VolunteerRole => Some(&Domain::Volunteering),
            _ => None,
        });
        of_kinds.chain(of_activities).chain(of_offers).copied().collect()
    }
}

impl Places {
    /// The activities, the surest first.
    pub(crate) fn surest_first(&self) -> impl Iterator<Item = (u16, f32)> + use<> {
        let mut activities = self.activities.clone();
        activities.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        activities.into_iter()
    }
}

/// How surely each activity can be done; the strongest evidence wins.
struct Evidence {
    /// For each activity, below 0 where nothing says so.
    sure: Vec<f32>,
    /// Those that something speaks for.
    seen: Vec<u16>,
}

impl Evidence {
    fn new(vocabulary: &Vocabulary) -> Self {
        Self { sure: vec![-1.0; vocabulary.activities.len()], seen: Vec::with_capacity(64) }
    }

    fn add(&mut self, activity: Option<u16>, sureness: f32) {
        let Some(at) = activity else { return };
        let best = &mut self.sure[usize::from(at)];
        if *best < 0.0 {
            self.seen.push(at);
        }
        *best = best.max(sureness);
    }

    fn add_with_wider(&mut self, activity: Option<u16>, sureness: f32, wider: &[Vec<u16>]) {
        self.add(activity, sureness);
        let wider = activity.into_iter().flat_map(|at| &wider[usize::from(at)]);
        wider.for_each(|at| self.add(Some(*at), sureness));
    }

    /// In the order of the activities.
    fn all(&self) -> Vec<(u16, f32)> {
        let mut seen = self.seen.clone();
        seen.sort_unstable();
        seen.into_iter().map(|at| (at, self.sure[usize::from(at)])).collect()
    }
}

fn of_type(fits: &[Fit], wanted: impl Fn(Ref) -> bool) -> Vec<Fit> {
    let some = fits.iter().filter_map(|fit| {
        let meant: Vec<_> = fit.meant.iter().copied().filter(|meant| wanted(meant.concept)).collect();
        (!meant.is_empty()).then_some(Fit { from: fit.from, len: fit.len, meant })
    });
    let some: Vec<Fit> = some.collect();
    let words = some.iter().map(|fit| fit.from + fit.len).max().unwrap_or(0);
    longest(some, words)
}

fn named_activities(fits: &[Fit]) -> Vec<(u16, f32)> {
    of_type(fits, |concept| matches!(concept, Ref::Activity(_)))
        .iter()
        .flat_map(|fit| &fit.meant)
        .filter_map(|meant| match meant.concept {
            Ref::Activity(at) => Some((at, meant.sureness)),
            _ => None,
        })
        .collect()
}
