//! How well a place offers what someone speaks of.

use super::evidence::Evidence;
use crate::{search::entry::Profile, vocabulary::Ref};

/// Evidence weaker than this share of the strongest is left out.
const LEAST: f32 = 0.15;
/// Most things looked for at once.
const MOST: usize = 24;
/// What further things that fit add, beside the best.
const FURTHER: f32 = 0.25;

/// What is looked for, the strongest first, the strongest being worth 1.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Wanted(Vec<(Ref, f32)>);

impl Wanted {
    /// What evidence asks for.
    pub(crate) fn of(evidence: &[Evidence]) -> Self {
        let Some(best) = evidence.first().map(|one| one.strength) else { return Self::default() };
        let strong = evidence.iter().map(|one| (one.concept, one.strength / best)).filter(|(_, share)| *share >= LEAST);
        Self(strong.take(MOST).collect())
    }

    /// From 0, nothing of it is there, to 1.
    pub(crate) fn fit(&self, profile: &Profile) -> f32 {
        let (mut best, mut rest) = (0.0_f32, 1.0_f32);
        for (concept, weight) in &self.0 {
            let there = weight * offered(*concept, profile);
            rest *= 1.0 - 0.5 * there.min(best);
            if there > best {
                rest *= 1.0 - 0.5 * best;
                best = there;
            }
        }
        best * (1.0 - FURTHER) + (1.0 - rest) * FURTHER
    }
}

/// How surely a place offers something, from 0 to 1.
fn offered(concept: Ref, profile: &Profile) -> f32 {
    match concept {
        Ref::Kind(at) => f32::from(u8::from(profile.kinds.binary_search(&at).is_ok())),
        Ref::Domain(domain) => 0.3 * f32::from(u8::from(profile.domains & (1 << domain as u16) != 0)),
        Ref::Activity(at) => {
            let found = profile.activities.binary_search_by_key(&at, |(at, _)| *at);
            found.map_or(0.0, |found| f32::from(profile.activities[found].1) / 255.0)
        }
    }
}
