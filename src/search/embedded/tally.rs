//! Counts for the filters. A place that passes all of them counts everywhere; one that fails a single group counts for
//! that group alone, so that a group's own choice doesn't narrow its own counts.

use std::collections::BTreeMap;

use super::{
    columns::{Columns, PLACES_NOW, Row},
    filter::group,
};
use crate::{
    search::Facets,
    venues::{Access, Mark},
    vocabulary::{Domain, Vocabulary},
};

const ACCESSES: usize = 16;
const MARKS: usize = 4;

/// Counts of one segment, by small numbers.
#[derive(Debug, Default)]
pub(super) struct Tally {
    profiles: Vec<u32>,
    domains_only: Vec<u32>,
    kinds_only: Vec<u32>,
    activities_only: Vec<u32>,
    boroughs: Vec<u32>,
    access: [u32; ACCESSES],
    marks: [u32; MARKS],
    free: u32,
    places_now: u32,
    total: u64,
}

/// Counts over all segments.
#[derive(Debug)]
pub(super) struct Totals {
    domains: [u64; 16],
    kinds: Vec<u64>,
    activities: Vec<u64>,
    boroughs: BTreeMap<String, u64>,
    access: [u64; ACCESSES],
    marks: [u64; MARKS],
    free: u64,
    places_now: u64,
    /// How many places pass everything.
    pub(super) total: u64,
}

impl Tally {
    /// Makes ready for a segment, keeping the room.
    pub(super) fn start(&mut self, columns: &Columns) {
        for list in [&mut self.profiles, &mut self.domains_only, &mut self.kinds_only, &mut self.activities_only] {
            list.clear();
            list.resize(columns.profiles.len(), 0);
        }
        self.boroughs.clear();
        self.boroughs.resize(columns.boroughs.len(), 0);
        self.access = [0; ACCESSES];
        self.marks = [0; MARKS];
        (self.free, self.places_now, self.total) = (0, 0, 0);
    }

    /// Counts a place that fails these groups; whether it passes.
    #[inline]
    pub(super) fn count(&mut self, row: &Row, failed: u8) -> bool {
        let passes = failed == 0;
        if !passes && !failed.is_power_of_two() {
            return false;
        }
        let profile = row.profile as usize;
        match failed {
            0 => {
                self.profiles[profile] += 1;
                self.total += 1;
            }
            group::DOMAINS => self.domains_only[profile] += 1,
            group::KINDS => self.kinds_only[profile] += 1,
            group::ACTIVITIES => self.activities_only[profile] += 1,
            _ => {}
        }
        if passes || failed == group::BOROUGHS {
            self.boroughs[usize::from(row.borough)] += 1;
        }
        if passes || failed == group::ACCESS {
            self.access(row.access);
        }
        if passes || failed == group::SETTING {
            self.marks[usize::from(row.mark)] += 1;
        }
        self.free += u32::from((passes || failed == group::COST) && row.cost == 0);
        self.places_now += u32::from((passes || failed == group::PLACES) && row.flags & PLACES_NOW != 0);
        passes
    }

    #[inline]
    fn access(&mut self, mut bits: u16) {
        while bits != 0 {
            self.access[bits.trailing_zeros() as usize] += 1;
            bits &= bits - 1;
        }
    }
}

impl Totals {
    pub(super) fn new(vocabulary: &Vocabulary) -> Self {
        Self {
            domains: [0; 16],
            kinds: vec![0; vocabulary.kind_list().len()],
            activities: vec![0; vocabulary.activity_list().len()],
            boroughs: BTreeMap::new(),
            access: [0; ACCESSES],
            marks: [0; MARKS],
            free: 0,
            places_now: 0,
            total: 0,
        }
    }

    /// Adds a segment's counts.
    pub(super) fn add(&mut self, tally: &Tally, columns: &Columns) {
        for (at, profile) in columns.profiles.iter().enumerate() {
            let all = u64::from(tally.profiles[at]);
            let (domains, kinds) = (all + u64::from(tally.domains_only[at]), all + u64::from(tally.kinds_only[at]));
            let activities = all + u64::from(tally.activities_only[at]);
            if domains > 0 {
                (0..16).filter(|bit| profile.domains & (1 << bit) != 0).for_each(|bit| self.domains[bit] += domains);
            }
            if kinds > 0 {
                profile.kinds.iter().for_each(|kind| self.kinds[usize::from(*kind)] += kinds);
            }
            if activities > 0 {
                profile.activities.iter().for_each(|(at, _)| self.activities[usize::from(*at)] += activities);
            }
        }
        for (name, count) in columns.boroughs.iter().zip(&tally.boroughs).filter(|(name, count)| **count > 0 && !name.is_empty())
        {
            *self.boroughs.entry(name.clone()).or_default() += u64::from(*count);
        }
        self.access.iter_mut().zip(tally.access).for_each(|(sum, count)| *sum += u64::from(count));
        self.marks.iter_mut().zip(tally.marks).for_each(|(sum, count)| *sum += u64::from(count));
        self.free += u64::from(tally.free);
        self.places_now += u64::from(tally.places_now);
        self.total += tally.total;
    }

    /// The counts by name; what nothing has is left out.
    pub(super) fn facets(self, vocabulary: &Vocabulary) -> Facets {
        let kinds = vocabulary.kind_list().iter().zip(&self.kinds).filter(|(_, count)| **count > 0);
        let activities = vocabulary.activity_list().iter().zip(&self.activities).filter(|(_, count)| **count > 0);
        let domains = Domain::ALL.iter().map(|domain| (*domain, self.domains[*domain as usize]));
        let access = Access::ALL.iter().map(|access| (*access, self.access[*access as usize]));
        let marks = Mark::ALL.iter().map(|mark| (*mark, self.marks[*mark as usize + 1]));
        Facets {
            domains: domains.filter(|(_, count)| *count > 0).collect(),
            kinds: kinds.map(|(kind, count)| (kind.id.clone(), *count)).collect(),
            activities: activities.map(|(activity, count)| (activity.id.clone(), *count)).collect(),
            boroughs: self.boroughs,
            access: access.filter(|(_, count)| *count > 0).collect(),
            settings: marks.filter(|(_, count)| *count > 0).collect(),
            free: self.free,
            places_now: self.places_now,
        }
    }
}
