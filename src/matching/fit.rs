//! How well a place offers what someone speaks of.

use super::evidence::Evidence;
use crate::{search::entry::Profile, vocabulary::Ref};

/// Evidence weaker than this share of the strongest is left out.
const LEAST: f32 = 0.05;
/// Most things looked for at once.
const MOST: usize = 60;
/// How much one thing that is surely there adds; many that point to one kind of place make it likely together.
const ADDS: f32 = 0.3;
/// Strong evidence counts for more than its share.
const SHARPNESS: f32 = 1.4;

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
        let missing = |(concept, weight): &(Ref, f32)| 1.0 - ADDS * weight.powf(SHARPNESS) * offered(*concept, profile);
        1.0 - self.0.iter().map(missing).product::<f32>()
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
