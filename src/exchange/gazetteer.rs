//! Full postcodes in memory: from a postcode to its point and borough, and from a point to the nearest postcode.

use super::store::PostcodeRow;
use crate::{
    places,
    values::{Point, Postcode},
    venues::Precision,
};

/// How far a postcode may be from a point to be taken for its own, in metres.
const NEAR_M: f64 = 150.0;
/// Width of a cell of the grid, in degrees.
const CELL: f64 = 0.002;

/// About 20 bytes a postcode.
#[derive(Clone, Copy)]
struct Entry {
    code: [u8; 7],
    authority: u16,
    lat: f32,
    lon: f32,
}

/// All known full postcodes.
#[derive(Default)]
pub(super) struct Gazetteer {
    entries: Vec<Entry>,
    authorities: Vec<String>,
    /// Cell and entry, sorted.
    grid: Vec<(u32, u32)>,
}

/// Where a place is, and how surely.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Found {
    pub(super) point: Point,
    pub(super) precision: Precision,
}

fn packed(compact: &str) -> Option<[u8; 7]> {
    let mut code = [b' '; 7];
    code.get_mut(..compact.len())?.copy_from_slice(compact.as_bytes());
    Some(code)
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "degrees are in range, so cells fit")]
fn cell(lat: f64, lon: f64, down: i32, right: i32) -> u32 {
    let row = ((lat + 90.0) / CELL) as i32 + down;
    let column = ((lon + 180.0) / CELL) as i32 + right;
    // 90,000 rows of 180,000 columns don't fit 32 bits; a clash only adds a far candidate.
    (row as u32).wrapping_mul(180_001).wrapping_add(column as u32)
}

impl Gazetteer {
    /// Takes one postcode; `finish` has to follow the last.
    #[allow(clippy::cast_possible_truncation, reason = "a metre is enough")]
    pub(super) fn add(&mut self, row: &PostcodeRow) {
        let Some(code) = packed(&row.postcode) else { return };
        let authority = row.authority.as_deref().unwrap_or_default();
        let known = self.authorities.iter().rposition(|name| name == authority);
        let authority = known.unwrap_or_else(|| {
            self.authorities.push(authority.to_owned());
            self.authorities.len() - 1
        });
        let authority = u16::try_from(authority).unwrap_or(u16::MAX);
        self.entries.push(Entry { code, authority, lat: row.lat as f32, lon: row.lon as f32 });
    }

    /// Makes ready to be asked.
    pub(super) fn finish(&mut self) {
        self.entries.sort_unstable_by_key(|entry| entry.code);
        let cells = self.entries.iter().zip(0_u32..);
        self.grid = cells.map(|(e, at)| (cell(f64::from(e.lat), f64::from(e.lon), 0, 0), at)).collect();
        self.grid.sort_unstable();
    }

    fn entry(&self, postcode: &Postcode) -> Option<&Entry> {
        let code = packed(&postcode.compact())?;
        self.entries.binary_search_by_key(&code, |entry| entry.code).ok().and_then(|at| self.entries.get(at))
    }

    /// The middle of a postcode; of its sector or district where the full table doesn't have it.
    pub(super) fn place(&self, postcode: &Postcode) -> Option<Found> {
        if let Some(entry) = self.entry(postcode) {
            return Some(Found { point: entry.point(), precision: Precision::Postcode });
        }
        let sector = places::sector_point(postcode.sector());
        sector.map(|point| Found { point, precision: Precision::Sector }).or_else(|| Self::district(postcode.district()))
    }

    /// The middle of a district.
    pub(super) fn district(code: &str) -> Option<Found> {
        places::district_point(code).map(|point| Found { point, precision: Precision::District })
    }

    /// The borough of a postcode.
    pub(super) fn borough(&self, postcode: &Postcode) -> Option<&'static str> {
        let entry = self.entry(postcode)?;
        let code = self.authorities.get(usize::from(entry.authority))?;
        places::borough_by_code(code).map(|borough| borough.name.as_str())
    }

    /// The nearest full postcode, if one is near enough.
    pub(super) fn nearest(&self, point: Point) -> Option<Postcode> {
        let mut best: Option<(f64, [u8; 7])> = None;
        for down in -1..=1 {
            for right in -2..=2 {
                let wanted = cell(point.lat, point.lon, down, right);
                let from = self.grid.partition_point(|(cell, _)| *cell < wanted);
                let here = self.grid[from..].iter().take_while(|(cell, _)| *cell == wanted);
                for entry in here.filter_map(|(_, at)| self.entries.get(*at as usize)) {
                    let candidate = (point.metres_to(entry.point()), entry.code);
                    if candidate.0 <= NEAR_M && best.is_none_or(|best| candidate < best) {
                        best = Some(candidate);
                    }
                }
            }
        }
        std::str::from_utf8(&best?.1).ok()?.parse().ok()
    }
}

impl Entry {
    fn point(&self) -> Point {
        Point { lat: rounded(f64::from(self.lat)), lon: rounded(f64::from(self.lon)) }
    }
}

/// To five decimals, a metre.
pub(super) fn rounded(degrees: f64) -> f64 {
    (degrees * 1e5).round() / 1e5
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "tests may stop")]
mod tests {
    use super::*;

    fn gazetteer() -> Gazetteer {
        let row = |postcode: &str, lat, lon, authority: &str| PostcodeRow {
            postcode: postcode.to_owned(),
            district: String::new(),
            lat,
            lon,
            authority: Some(authority.to_owned()),
        };
        let mut gazetteer = Gazetteer::default();
        gazetteer.add(&row("SE154QL", 51.47350, -0.06910, "E09000028"));
        gazetteer.add(&row("SE14UP", 51.4700, -0.0700, "E09000028"));
        gazetteer.finish();
        gazetteer
    }

    #[test]
    fn a_postcode_has_a_point_and_else_its_sector_and_else_its_district() {
        let place = |code: &str| gazetteer().place(&code.parse().expect("a postcode")).map(|found| found.precision);
        assert_eq!(place("SE15 4QL"), Some(Precision::Postcode));
        assert_eq!(place("SE15 4ZZ"), Some(Precision::Sector));
        assert_eq!(place("ZZ99 9ZZ"), None);
        assert_eq!(gazetteer().borough(&"SE15 4QL".parse().expect("a postcode")), Some("Southwark"));
    }

    #[test]
    fn the_nearest_postcode_is_within_150_metres() {
        let near = Point { lat: 51.47360, lon: -0.06900 };
        assert_eq!(gazetteer().nearest(near).map(|p| p.to_string()), Some("SE15 4QL".to_owned()));
        assert_eq!(gazetteer().nearest(Point { lat: 51.4751, lon: -0.0691 }), None);
    }
}
