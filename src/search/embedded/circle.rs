//! Circles on the map. Places are numbered along a curve that keeps neighbours together (Morton), so that a circle is
//! a few runs of numbers.

use crate::values::{EARTH_RADIUS_M, METRES_A_DEGREE, Point};

/// The code of a place without a point; it comes after all others.
pub(super) const NOWHERE: u32 = u32::MAX;
/// Bits of each of latitude and longitude in a code: about 300 m.
const BITS: u32 = 16;
/// A circle is laid out in cells of at least this part of its width.
const PARTS: f64 = 10.0;

/// Where a place stands on the curve.
pub(super) fn code(lat: f64, lon: f64) -> u32 {
    let cells = f64::from(1_u32 << BITS);
    spread(cell((lat + 90.0) / 180.0 * cells)) << 1 | spread(cell((lon + 180.0) / 360.0 * cells))
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "held between the first and the last cell")]
fn cell(at: f64) -> u32 {
    // The very last code is kept for places without a point.
    at.clamp(0.0, f64::from((1_u32 << BITS) - 1) - 1.0) as u32
}

fn spread(mut bits: u32) -> u32 {
    bits &= 0xffff;
    bits = (bits | bits << 8) & 0x00ff_00ff;
    bits = (bits | bits << 4) & 0x0f0f_0f0f;
    bits = (bits | bits << 2) & 0x3333_3333;
    (bits | bits << 1) & 0x5555_5555
}

/// A point on the ball of radius 1, so that near and far need no angles.
pub(super) fn on_ball(lat: f64, lon: f64) -> [f64; 3] {
    let (lat, lon) = (lat.to_radians(), lon.to_radians());
    [lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()]
}

/// The square of the straight line between two points on the ball.
pub(super) fn chord(a: &[f64; 3], b: &[f64; 3]) -> f64 {
    (a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2) + (a[2] - b[2]).powi(2)
}

/// Great-circle metres for the square of a straight line.
pub(super) fn metres(chord: f64) -> f64 {
    2.0 * EARTH_RADIUS_M * (chord.sqrt() / 2.0).min(1.0).asin()
}

/// The square of the straight line for great-circle metres.
fn chord_of(metres: f64) -> f64 {
    (2.0 * (metres / (2.0 * EARTH_RADIUS_M)).min(std::f64::consts::FRAC_PI_2).sin()).powi(2)
}

/// Where a question is asked from, and how far it reaches.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Circle {
    /// The middle on the ball.
    pub(super) middle: [f64; 3],
    /// The square of the longest straight line; none without an edge.
    pub(super) most: Option<f64>,
    /// Runs of codes that hold all of it, both ends included; empty without an edge.
    pub(super) runs: Vec<(u32, u32)>,
}

impl Circle {
    pub(super) fn new(point: Point, within_m: Option<u32>) -> Self {
        let runs = within_m.map(|metres| runs(point, f64::from(metres))).unwrap_or_default();
        Self { middle: on_ball(point.lat, point.lon), most: within_m.map(|metres| chord_of(f64::from(metres))), runs }
    }
}

struct Cover {
    south: f64,
    north: f64,
    west: f64,
    east: f64,
    finest: u32,
    runs: Vec<(u32, u32)>,
}

fn runs(point: Point, metres: f64) -> Vec<(u32, u32)> {
    let tall = metres / METRES_A_DEGREE;
    let wide = tall / point.lat.to_radians().cos().abs().max(0.01);
    let mut finest = 0;
    while finest < BITS && 180.0 / f64::from(1_u32 << finest) > 2.0 * tall / PARTS {
        finest += 1;
    }
    let mut cover = Cover {
        south: point.lat - tall,
        north: point.lat + tall,
        west: point.lon - wide,
        east: point.lon + wide,
        finest,
        runs: Vec::new(),
    };
    cover.split(0, 0, 0);
    cover.runs
}

impl Cover {
    fn split(&mut self, row: u32, column: u32, level: u32) {
        let cells = f64::from(1_u32 << level);
        let (south, west) = (f64::from(row) * 180.0 / cells - 90.0, f64::from(column) * 360.0 / cells - 180.0);
        let (north, east) = (south + 180.0 / cells, west + 360.0 / cells);
        if south > self.north || north < self.south || west > self.east || east < self.west {
            return;
        }
        let inside = south >= self.south && north <= self.north && west >= self.west && east <= self.east;
        if inside || level >= self.finest {
            self.push(row, column, level);
            return;
        }
        for (down, right) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            self.split(row * 2 + down, column * 2 + right, level + 1);
        }
    }

    fn push(&mut self, row: u32, column: u32, level: u32) {
        let shift = 2 * (BITS - level);
        let (first, last) = if shift >= 32 {
            (0, NOWHERE - 1)
        } else {
            let first = (spread(row) << 1 | spread(column)) << shift;
            (first, first | ((1_u32 << shift) - 1))
        };
        match self.runs.last_mut().filter(|(_, end)| end.checked_add(1) == Some(first)) {
            Some(run) => run.1 = last,
            None => self.runs.push((first, last)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_circle_holds_what_lies_in_it(lat in 49.9..60.0_f64, lon in -8.0..1.7_f64, turn in 0.0..std::f64::consts::TAU, share in 0.0..1.0_f64, metres in 100_u32..100_000) {
            let middle = Point { lat, lon };
            let away = f64::from(metres) * share / METRES_A_DEGREE;
            let other = Point { lat: lat + away * turn.sin(), lon: lon + away * turn.cos() / lat.to_radians().cos() };
            let circle = Circle::new(middle, Some(metres));
            let chord = chord(&circle.middle, &on_ball(other.lat, other.lon));
            let exact = middle.metres_to(other);
            prop_assert!((super::metres(chord) - exact).abs() < 0.01);
            if exact <= f64::from(metres) {
                let code = code(other.lat, other.lon);
                prop_assert!(circle.runs.iter().any(|(from, to)| (*from..=*to).contains(&code)));
            }
            prop_assert!(circle.runs.len() < 80);
            prop_assert!(circle.runs.is_sorted());
        }
    }

    #[test]
    fn the_ends_of_the_earth_have_codes() {
        for (lat, lon) in [(90.0, 180.0), (-90.0, -180.0), (0.0, 0.0), (90.0, -180.0)] {
            assert!(code(lat, lon) < NOWHERE);
            assert!(!Circle::new(Point { lat, lon }, Some(100_000)).runs.is_empty());
        }
    }
}
