//! The order of places, and the few that a page shows.

use std::cmp::Ordering;

use chrono::NaiveDateTime;

use super::{
    circle::{Circle, metres},
    columns::{ASSURED, CLOSED_FOR_NOW, Columns, HAS_POINT, Row},
    snapshot::Segment,
};
use crate::search::{Sort, entry::days, settings::Ranking};

/// A place in the running for a page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ranked {
    /// Larger comes first.
    key: u64,
    pub(super) id: u128,
    segment: u32,
    doc: u32,
    chord: f64,
}

/// The best so many places.
pub(super) struct Best<'s> {
    segments: &'s [Segment],
    sort: Sort,
    wanted: usize,
    kept: Vec<Ranked>,
    /// A place must come before this one, once there are enough.
    least: (u64, u128),
}

impl<'s> Best<'s> {
    pub(super) fn new(segments: &'s [Segment], sort: Sort, wanted: usize) -> Self {
        Self { segments, sort, wanted, kept: Vec::with_capacity(wanted.min(256) * 2 + 64), least: (0, u128::MAX) }
    }

    #[inline]
    pub(super) fn offer(&mut self, key: u64, id: u128, (segment, doc): (usize, u32), chord: f64) {
        let (least, last) = self.least;
        if key < least || self.wanted == 0 || (key == least && id >= last && self.sort != Sort::Name) {
            return;
        }
        self.kept.push(Ranked { key, id, segment: segment as u32, doc, chord });
        if self.kept.len() >= self.wanted * 2 + 64 {
            self.thin();
        }
    }

    fn thin(&mut self) {
        let (segments, sort) = (self.segments, self.sort);
        self.kept.select_nth_unstable_by(self.wanted - 1, |a, b| order(segments, sort, a, b));
        self.kept.truncate(self.wanted);
        let last = self.kept.iter().map(|ranked| (ranked.key, ranked.id)).min_by_key(|(key, id)| (*key, !*id));
        self.least = last.unwrap_or((0, u128::MAX));
    }

    /// In order: those after the first `skip`.
    pub(super) fn page(mut self, skip: usize) -> Vec<Ranked> {
        let (segments, sort) = (self.segments, self.sort);
        self.kept.sort_unstable_by(|a, b| order(segments, sort, a, b));
        self.kept.truncate(self.wanted);
        self.kept.drain(..skip.min(self.kept.len()));
        self.kept
    }
}

impl Ranked {
    /// Metres from the middle, where both points are known.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "no two places are further apart")]
    pub(super) fn distance_m(&self) -> Option<u32> {
        self.chord.is_finite().then(|| metres(self.chord).round() as u32)
    }

    pub(super) fn place(&self) -> (usize, u32) {
        (self.segment as usize, self.doc)
    }
}

fn order(segments: &[Segment], sort: Sort, a: &Ranked, b: &Ranked) -> Ordering {
    let by_key = b.key.cmp(&a.key);
    let by_name = || {
        let key = |ranked: &Ranked| segments[ranked.segment as usize].columns.key(ranked.doc);
        if sort == Sort::Name { key(a).cmp(key(b)) } else { Ordering::Equal }
    };
    by_key.then_with(by_name).then_with(|| a.id.cmp(&b.id))
}

/// Makes the key of a place, by the order asked for.
pub(super) struct Keys<'q> {
    pub(super) sort: Sort,
    pub(super) ranking: &'q Ranking,
    pub(super) circle: Option<&'q Circle>,
    today: u16,
    half: f32,
}

impl<'q> Keys<'q> {
    pub(super) fn new(sort: Sort, ranking: &'q Ranking, circle: Option<&'q Circle>, now: NaiveDateTime) -> Self {
        // Half as much at a distance means 1 / (1 + d / half).
        Self { sort, ranking, circle, today: days(now.date()), half: 1.0 / ranking.half_at_m }
    }

    #[inline]
    pub(super) fn key(&self, columns: &Columns, doc: u32, row: &Row, score: f32, chord: f64) -> u64 {
        match self.sort {
            Sort::Best => rising(self.best(row, score, chord)),
            Sort::Nearest if chord.is_finite() => !chord.to_bits(),
            Sort::Nearest => 0,
            Sort::Name => !first_letters(columns.key(doc)),
            Sort::Checked => u64::from(row.flags & ASSURED) << 16 | u64::from(row.checked),
        }
    }

    #[inline]
    #[allow(clippy::cast_possible_truncation, reason = "a rank needs no more")]
    fn best(&self, row: &Row, score: f32, chord: f64) -> f32 {
        let mut best = score;
        if self.circle.is_some() {
            // Straight lines are near enough here. A place without a point is taken for far.
            let away = if row.flags & HAS_POINT != 0 { chord.sqrt() as f32 * 6_371_008.8 } else { 50_000.0 };
            best /= 1.0 + away * self.half;
        }
        if row.flags & ASSURED != 0 && f32::from(self.today.saturating_sub(row.checked)) <= self.ranking.fresh_days {
            best *= 1.0 + self.ranking.fresh_bonus;
        }
        if row.flags & CLOSED_FOR_NOW != 0 {
            best *= self.ranking.closed_share;
        }
        best
    }
}

/// Bits that rise with a number that isn't negative.
#[inline]
fn rising(number: f32) -> u64 {
    u64::from(number.max(0.0).to_bits())
}

#[inline]
fn first_letters(key: &[u8]) -> u64 {
    let mut letters = [0_u8; 8];
    let len = key.len().min(8);
    letters[..len].copy_from_slice(&key[..len]);
    u64::from_be_bytes(letters)
}
