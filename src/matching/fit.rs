//! How well a place offers what someone speaks of.

use std::collections::HashMap;

use super::evidence::Evidence;
use crate::{
    search::entry::Profile,
    vocabulary::{Domain, Ref, Vocabulary},
};

/// Evidence weaker than this share of the strongest is left out.
const LEAST: f32 = 0.05;
/// Most things looked for at once.
const MOST: usize = 60;
/// How much one thing that is surely there adds; many that point to one kind of place make it likely together.
const ADDS: f32 = 0.3;
/// Strong evidence counts for more than its share.
const SHARPNESS: f32 = 1.4;
/// How much what is said outright counts beside what people mean who say such things.
const OUTRIGHT: f32 = 0.8;
/// What the rest adds to the best.
const REST: f32 = 0.25;
/// How sure it is that a place is of a kind that only its name says.
const ONLY_NAMED: f32 = 0.85;
/// A meaning weaker than this is none.
const LEAST_MEANING: f32 = 0.02;
/// What a life domain has of that.
const DOMAIN: f32 = 0.3;

/// Numbers by concept.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ByConcept {
    kinds: Vec<f32>,
    activities: Vec<f32>,
    domains: [f32; Domain::ALL.len()],
}

impl ByConcept {
    fn new(vocabulary: &Vocabulary) -> Self {
        let zeros = |len: usize| vec![0.0; len];
        Self {
            kinds: zeros(vocabulary.kind_list().len()),
            activities: zeros(vocabulary.activity_list().len()),
            ..Self::default()
        }
    }

    fn put(&mut self, concept: Ref, number: f32) {
        match concept {
            Ref::Kind(at) => self.kinds[usize::from(at)] = number,
            Ref::Activity(at) => self.activities[usize::from(at)] = number,
            Ref::Domain(domain) => self.domains[domain as usize] = number,
        }
    }

    /// The number of one concept.
    fn of(&self, concept: Ref) -> f32 {
        let number = match concept {
            Ref::Kind(at) => self.kinds.get(usize::from(at)),
            Ref::Activity(at) => self.activities.get(usize::from(at)),
            Ref::Domain(domain) => self.domains.get(domain as usize),
        };
        number.copied().unwrap_or(0.0)
    }
}

/// What is looked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Wanted {
    /// What people mean who say such things, as a share of "just right".
    meant: ByConcept,
    /// What is said outright or hinted at, the strongest being worth 1, as what it adds.
    said: ByConcept,
}

impl Wanted {
    /// What evidence and voices ask for.
    pub(crate) fn of(vocabulary: &Vocabulary, evidence: &[Evidence], meaning: &HashMap<Ref, f32>) -> Self {
        let mut wanted = Self { meant: ByConcept::new(vocabulary), said: ByConcept::new(vocabulary) };
        let best = evidence.first().map_or(1.0, |one| one.strength);
        let strong = evidence.iter().map(|one| (one.concept, one.strength / best)).filter(|(_, share)| *share >= LEAST);
        strong.take(MOST).for_each(|(concept, share)| wanted.said.put(concept, ADDS * share.powf(SHARPNESS)));
        let meant = meaning.iter().filter(|(_, right)| **right >= LEAST_MEANING);
        meant.for_each(|(concept, right)| wanted.meant.put(*concept, *right));
        wanted
    }

    /// Whether nothing is looked for.
    pub(crate) fn is_nothing(&self) -> bool {
        self.foremost(1).is_empty()
    }

    /// What is looked for most, for an engine elsewhere to find.
    pub(crate) fn foremost(&self, most: usize) -> Vec<Ref> {
        let kinds = (0..self.meant.kinds.len()).filter_map(|at| u16::try_from(at).ok()).map(Ref::Kind);
        let activities = (0..self.meant.activities.len()).filter_map(|at| u16::try_from(at).ok()).map(Ref::Activity);
        let mut all: Vec<(Ref, f32)> = kinds.chain(activities).map(|concept| (concept, self.worth(concept))).collect();
        all.retain(|(_, worth)| *worth > 0.0);
        all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        all.into_iter().take(most).map(|(concept, _)| concept).collect()
    }

    /// From 0, nothing of it is there, to about 2.
    pub(crate) fn fit(&self, profile: &Profile) -> f32 {
        let (mut best, mut all, mut missing) = (0.0_f32, 0.0, 1.0);
        self.each(profile, |meant, said| {
            best = best.max(meant);
            all += meant;
            missing *= 1.0 - said;
        });
        best + REST * all + OUTRIGHT * (1.0 - missing)
    }

    /// What one thing that is surely there adds.
    pub(crate) fn worth(&self, concept: Ref) -> f32 {
        self.meant.of(concept) * (1.0 + REST) + OUTRIGHT * self.said.of(concept)
    }

    /// What each thing that a place has is worth: as meant, as said.
    fn each(&self, profile: &Profile, mut see: impl FnMut(f32, f32)) {
        for kind in &profile.kinds {
            let (at, sure) = (usize::from(*kind), if profile.named.contains(kind) { ONLY_NAMED } else { 1.0 });
            see(self.meant.kinds[at] * sure, self.said.kinds[at] * sure);
        }
        for (at, sureness) in &profile.activities {
            let (at, sure) = (usize::from(*at), f32::from(*sureness) / 255.0);
            see(self.meant.activities[at] * sure, self.said.activities[at] * sure);
        }
        for at in (0..Domain::ALL.len()).filter(|at| profile.domains & (1 << at) != 0) {
            see(self.meant.domains[at] * DOMAIN, self.said.domains[at] * DOMAIN);
        }
    }
}
