//! The filters of a question, as groups: what a place fails decides which counts it still belongs to.

use chrono::{Datelike, Days, NaiveDateTime, Timelike};

use super::columns::{Columns, PLACES_NOW, Row};
use crate::{
    search::{
        OpenAt, Question,
        entry::{Profile, access_bit, days, mark_place},
        hours::minutes_of,
    },
    vocabulary::Vocabulary,
};

/// A group of filters that has counts of its own.
pub(super) mod group {
    pub(in super::super) const DOMAINS: u8 = 1;
    pub(in super::super) const KINDS: u8 = 2;
    pub(in super::super) const ACTIVITIES: u8 = 4;
    pub(in super::super) const BOROUGHS: u8 = 8;
    pub(in super::super) const ACCESS: u8 = 16;
    pub(in super::super) const SETTING: u8 = 32;
    pub(in super::super) const COST: u8 = 64;
    pub(in super::super) const PLACES: u8 = 128;
}

/// When something has to be open.
#[derive(Debug, Clone, Copy)]
struct When {
    /// First minute of the week.
    from: u16,
    /// The minute after the last.
    to: u16,
    /// The next such day, in days from 2000.
    day: u16,
}

/// A question's filters over one vocabulary.
#[derive(Debug)]
pub(super) struct Filters<'q> {
    domains: u16,
    kinds: Option<Vec<u16>>,
    activities: Option<Vec<u16>>,
    boroughs: Option<&'q std::collections::BTreeSet<String>>,
    access: u16,
    mark: u8,
    max_cost: Option<u32>,
    places_now: bool,
    when: Option<When>,
}

/// The filters over one segment, with what was worked out once.
pub(super) struct SegmentFilters<'f> {
    filters: &'f Filters<'f>,
    columns: &'f Columns,
    boroughs: Vec<bool>,
    /// For each profile the groups it fails, where that is known.
    profiles: Vec<u8>,
    known: Vec<bool>,
}

impl<'q> Filters<'q> {
    pub(super) fn new(question: &'q Question, vocabulary: &Vocabulary, now: NaiveDateTime) -> Self {
        let kinds = question.kinds.iter().filter_map(|id| vocabulary.kind_place(id)).collect();
        let activities = question.activities.iter().filter_map(|id| vocabulary.activity_place(id)).collect();
        Self {
            domains: question.domains.iter().map(|domain| 1 << *domain as u16).fold(0, |a, b: u16| a | b),
            kinds: (!question.kinds.is_empty()).then_some(kinds),
            activities: (!question.activities.is_empty()).then_some(activities),
            boroughs: (!question.boroughs.is_empty()).then_some(&question.boroughs),
            access: question.access.iter().map(|access| access_bit(*access)).fold(0, |a, b| a | b),
            mark: question.setting.map_or(0, mark_place),
            max_cost: question.max_cost,
            places_now: question.places_now,
            when: question.open.map(|open| when(open, now)),
        }
    }

    pub(super) fn over<'f>(&'f self, columns: &'f Columns) -> SegmentFilters<'f> {
        let wanted = |name: &String| self.boroughs.is_none_or(|all| all.iter().any(|b| b.eq_ignore_ascii_case(name)));
        let by_profile = self.domains != 0 || self.kinds.is_some() || self.activities.is_some();
        let size = if by_profile { columns.profiles.len() } else { 0 };
        SegmentFilters {
            filters: self,
            columns,
            boroughs: columns.boroughs.iter().map(wanted).collect(),
            profiles: vec![0; size],
            known: vec![false; size],
        }
    }

    fn failed_by(&self, profile: &Profile) -> u8 {
        let none_of = |wanted: &Option<Vec<u16>>, has: &dyn Fn(u16) -> bool| {
            wanted.as_ref().is_some_and(|wanted| !wanted.iter().any(|at| has(*at)))
        };
        let mut failed = 0;
        if self.domains != 0 && self.domains & profile.domains == 0 {
            failed |= group::DOMAINS;
        }
        if none_of(&self.kinds, &|at| profile.kinds.binary_search(&at).is_ok()) {
            failed |= group::KINDS;
        }
        if none_of(&self.activities, &|at| profile.activities.binary_search_by_key(&at, |(at, _)| *at).is_ok()) {
            failed |= group::ACTIVITIES;
        }
        failed
    }
}

impl SegmentFilters<'_> {
    /// The groups that a place fails; none where it fails a filter that has no counts.
    #[inline]
    pub(super) fn failed(&mut self, doc: u32, row: &Row) -> Option<u8> {
        let filters = self.filters;
        let mut failed = self.by_profile(row.profile as usize);
        if !self.boroughs[usize::from(row.borough)] {
            failed |= group::BOROUGHS;
        }
        if row.access & filters.access != filters.access {
            failed |= group::ACCESS;
        }
        if filters.mark != 0 && row.mark != filters.mark {
            failed |= group::SETTING;
        }
        if filters.max_cost.is_some_and(|most| row.cost == u32::MAX || row.cost > most) {
            failed |= group::COST;
        }
        if filters.places_now && row.flags & PLACES_NOW == 0 {
            failed |= group::PLACES;
        }
        match filters.when {
            Some(when) if !self.open(doc, when) => None,
            _ => Some(failed),
        }
    }

    #[inline]
    fn by_profile(&mut self, profile: usize) -> u8 {
        let Some(known) = self.known.get_mut(profile) else { return 0 };
        if !*known {
            *known = true;
            self.profiles[profile] = self.filters.failed_by(&self.columns.profiles[profile]);
        }
        self.profiles[profile]
    }

    fn open(&self, doc: u32, when: When) -> bool {
        self.columns.hours(doc).iter().any(|hours| hours.from < when.to && when.from < hours.to && when.day <= hours.until)
    }
}

fn when(open: OpenAt, now: NaiveDateTime) -> When {
    let today = now.date();
    let ahead = (open.day.num_days_from_monday() + 7 - today.weekday().num_days_from_monday()) % 7;
    let day = days(today.checked_add_days(Days::new(ahead.into())).unwrap_or(today));
    let midnight = minutes_of(open.day.num_days_from_monday());
    match open.time {
        None => When { from: midnight, to: midnight + 24 * 60, day },
        Some(time) => {
            let minute = midnight + u16::try_from(time.num_seconds_from_midnight() / 60).unwrap_or(0);
            When { from: minute, to: minute + 1, day }
        }
    }
}
