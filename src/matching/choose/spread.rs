//! The list differs within itself: not ten branches of one house, and each of several wishes near the top.

use std::collections::HashMap;

use super::Candidate;
use crate::vocabulary::Ref;

/// What is left of another branch of the same house, of a third that share of that, and so on.
const SAME_HOUSE: f32 = 0.6;
/// Each of several wishes has a place among so many.
const NEAR_THE_TOP: usize = 5;
/// A place where a wish can surely be met.
const SURELY: f32 = 0.5;

/// The best `limit` of candidates in order, with what was wished for outright.
pub(super) fn spread<'s>(all: Vec<Candidate<'s>>, limit: usize, mut wishes: Vec<Ref>) -> Vec<Candidate<'s>> {
    wishes.truncate(NEAR_THE_TOP - 1);
    let mut spread = Spread {
        houses: all.iter().map(|one| house(one.near.key())).collect(),
        worth: all.iter().map(|one| one.total).collect(),
        left: wishes,
        several: false,
        shown: HashMap::new(),
        order: Vec::new(),
        all: &all,
    };
    spread.several = spread.left.len() > 1;
    while let Some(next) = (spread.order.len() < limit).then(|| spread.next()).flatten() {
        spread.take(next);
    }
    let order = spread.order;
    let mut all: Vec<Option<Candidate<'s>>> = all.into_iter().map(Some).collect();
    order.into_iter().filter_map(|at| all[at].take()).collect()
}

struct Spread<'c, 's> {
    all: &'c [Candidate<'s>],
    /// For each its house, and what it is worth now; nothing once it is taken.
    houses: Vec<&'s [u8]>,
    worth: Vec<f32>,
    /// Wishes that have no place yet, and whether there were several.
    left: Vec<Ref>,
    several: bool,
    /// How many of each house were taken.
    shown: HashMap<&'s [u8], i32>,
    order: Vec<usize>,
}

impl Spread<'_, '_> {
    fn next(&self) -> Option<usize> {
        // The last seats near the top are for wishes that have no place yet.
        let (taken, left) = (self.order.len(), self.left.len());
        let reserved = self.several && left > 0 && taken < NEAR_THE_TOP && taken + left >= NEAR_THE_TOP;
        let for_a_wish = || self.best(|one| self.left.iter().any(|wish| one.meets(*wish)));
        reserved.then(for_a_wish).flatten().or_else(|| self.best(|_| true))
    }

    /// The one that is worth most; of equals the earlier.
    fn best(&self, only: impl Fn(&Candidate<'_>) -> bool) -> Option<usize> {
        let fitting = (0..self.all.len()).filter(|at| self.worth[*at] > 0.0 && only(&self.all[*at]));
        fitting.max_by(|a, b| self.worth[*a].total_cmp(&self.worth[*b]).then(b.cmp(a)))
    }

    /// Others of its house are worth less from now on.
    fn take(&mut self, taken: usize) {
        let house = self.houses[taken];
        let count = self.shown.entry(house).or_default();
        *count += 1;
        let share = SAME_HOUSE.powi((*count).min(8));
        self.worth[taken] = 0.0;
        for at in (0..self.all.len()).filter(|at| self.houses[*at] == house) {
            if self.worth[at] > 0.0 {
                self.worth[at] = self.all[at].total * share;
            }
        }
        self.left.retain(|wish| !self.all[taken].meets(*wish));
        self.order.push(taken);
    }
}

impl Candidate<'_> {
    fn meets(&self, wish: Ref) -> bool {
        self.near.profile().offers(wish) >= SURELY
    }
}

/// The first two words of a name: branches of one house share them. A saint is a name of its own.
fn house(key: &[u8]) -> &[u8] {
    let first = key.split(|byte| *byte == b' ').next().unwrap_or_default();
    let many = if matches!(first, b"st" | b"saint" | b"the" | b"our") { 3 } else { 2 };
    let mut ends = key.iter().enumerate().filter(|(_, byte)| **byte == b' ').map(|(at, _)| at);
    ends.nth(many - 1).map_or(key, |end| &key[..end])
}
