//! From a question to an answer, over one snapshot.

use chrono::NaiveDateTime;

use super::{
    circle::{Circle, chord},
    filter::Filters,
    plan::{Plan, Planner},
    rank::{Best, Keys},
    scan::{Fit, Sheet, Want},
    snapshot::{Segment, Snapshot},
    tally::{Tally, Totals},
};
use crate::{
    search::{Found, Hit, MAX_DEPTH, MAX_PER_PAGE, Question, settings::Settings, understand::Part},
    values::VenueId,
    vocabulary::Vocabulary,
};

/// Room to work in, kept from question to question.
#[derive(Default)]
pub(super) struct Desk {
    sheet: Sheet,
    tally: Tally,
}

impl Desk {
    pub(super) fn sheet(&mut self) -> &mut Sheet {
        &mut self.sheet
    }
}

/// Everything an answer is made from.
pub(super) struct Asked<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) vocabulary: &'a Vocabulary,
    pub(super) settings: &'a Settings,
    pub(super) question: &'a Question,
    pub(super) now: NaiveDateTime,
}

impl Asked<'_> {
    /// Hits, total and counts; whether words had to be left out.
    pub(super) fn answer(&self, desk: &mut Desk, parts: &[Part]) -> Found {
        let planner = Planner { snapshot: self.snapshot, vocabulary: self.vocabulary, settings: self.settings };
        let plan = planner.plan(parts);
        let circle = self.question.near.as_ref().map(|near| Circle::new(near.point, self.question.within_m));
        let strict = self.run(desk, &plan, circle.as_ref(), Want::All, 0);
        if strict.total > 0 || plan.parts.len() < 2 {
            return strict;
        }
        let most = self.most_parts(desk, &plan, circle.as_ref());
        if most == 0 {
            return strict;
        }
        let mut loose = self.run(desk, &plan, circle.as_ref(), Want::Any, most);
        loose.understood.loosened = loose.total > 0;
        loose
    }

    /// The most parts that any place fits which passes the filters.
    fn most_parts(&self, desk: &mut Desk, plan: &Plan, circle: Option<&Circle>) -> u32 {
        let filters = Filters::new(self.question, self.vocabulary, self.now);
        let mut most = 0;
        for segment in &self.snapshot.segments {
            let ranges = ranges(segment, circle);
            let columns = &segment.columns;
            let mut filters = filters.over(columns);
            desk.sheet.scan(segment, plan, &ranges, Want::Any, self.shares(), |fit| {
                let passes = |filters: &mut super::filter::SegmentFilters<'_>| {
                    inside(segment, fit.doc, circle).is_some()
                        && filters.failed(fit.doc, &columns.rows[fit.doc as usize]) == Some(0)
                };
                if fit.parts > most && passes(&mut filters) {
                    most = fit.parts;
                }
            });
        }
        most
    }

    fn shares(&self) -> (f32, f32) {
        (self.settings.shares.second, self.settings.weights.whole_name)
    }

    fn run(&self, desk: &mut Desk, plan: &Plan, circle: Option<&Circle>, want: Want, least: u32) -> Found {
        let filters = Filters::new(self.question, self.vocabulary, self.now);
        let keys = Keys::new(self.question.sort, &self.settings.ranking, circle, self.now);
        let (skip, wanted) = self.page();
        let mut best = Best::new(&self.snapshot.segments, self.question.sort, wanted);
        let mut totals = Totals::new(self.vocabulary);
        for (at, segment) in self.snapshot.segments.iter().enumerate() {
            let columns = &segment.columns;
            let mut filters = filters.over(columns);
            let Desk { sheet, tally } = &mut *desk;
            tally.start(columns);
            let mut see = |fit: Fit| {
                if fit.parts < least {
                    return;
                }
                let Some(chord) = inside(segment, fit.doc, circle) else { return };
                let row = &columns.rows[fit.doc as usize];
                let Some(failed) = filters.failed(fit.doc, row) else { return };
                if tally.count(row, failed) {
                    let key = keys.key(columns, fit.doc, row, fit.score, chord);
                    best.offer(key, columns.ids[fit.doc as usize], (at, fit.doc), chord);
                }
            };
            let ranges = ranges(segment, circle);
            if plan.parts.is_empty() {
                ranges.iter().flat_map(|(from, to)| *from..*to).for_each(|doc| see(Fit { doc, score: 1.0, parts: 0 }));
            } else {
                sheet.scan(segment, plan, &ranges, want, self.shares(), see);
            }
            totals.add(tally, columns);
        }
        let hits = best.page(skip);
        let hits = hits.iter().map(|hit| Hit { venue: VenueId(uuid::Uuid::from_u128(hit.id)), distance_m: hit.distance_m() });
        Found { hits: hits.collect(), total: totals.total, facets: totals.facets(self.vocabulary), ..Found::default() }
    }

    /// How many hits to leave out, and how many to look for with those.
    fn page(&self) -> (usize, usize) {
        let per_page = self.question.per_page.clamp(1, MAX_PER_PAGE);
        let skip = u64::from(self.question.page.max(1) - 1) * u64::from(per_page);
        let wanted = (skip + u64::from(per_page)).min(MAX_DEPTH.into());
        let number = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        if skip >= u64::from(MAX_DEPTH) { (0, 0) } else { (number(skip), number(wanted)) }
    }
}

/// The documents to look at.
pub(super) fn ranges(segment: &Segment, circle: Option<&Circle>) -> Vec<(u32, u32)> {
    match circle.filter(|circle| circle.most.is_some()) {
        Some(circle) => segment.columns.ranges(&circle.runs),
        None => vec![(0, segment.max_doc())],
    }
}

/// How far off a place is that is still there and inside the circle; not a number where that isn't known.
#[inline]
fn inside(segment: &Segment, doc: u32, circle: Option<&Circle>) -> Option<f64> {
    if !segment.is_alive(doc) {
        return None;
    }
    let Some(circle) = circle else { return Some(f64::NAN) };
    let chord = chord(&circle.middle, &segment.columns.points[doc as usize]);
    match circle.most {
        // A place without a point is in no circle.
        Some(most) => (chord <= most).then_some(chord),
        None => Some(chord),
    }
}
