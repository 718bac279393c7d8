//! Postcodes, districts and boroughs as points on the map.
//!
//! Districts and sectors of Great Britain come with the binary (`data/`: Office for National Statistics, Open Government
//! Licence v3; contains OS data and Royal Mail data, Crown and Royal Mail copyright and database right 2025). Full
//! postcodes are in the database, once `footbridge import postcodes` has put them there.

pub mod store;

use std::{
    collections::{BTreeMap, HashMap},
    sync::LazyLock,
};

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    db::Conn,
    error::Failure,
    values::{Point, Postcode, is_district},
};

/// What sort of place it is, which says how far its point may be off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlaceKind {
    /// A full postcode.
    Postcode,
    /// A postcode sector, such as `SE15 4`.
    Sector,
    /// A postcode district, such as `SE15`.
    District,
    /// A borough.
    Borough,
    /// A point someone gave.
    Point,
}

/// A place that a question can be asked from.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Place {
    /// How it is called on a page.
    pub label: String,
    /// What sort of place it is.
    pub kind: PlaceKind,
    /// Its middle.
    pub point: Point,
}

/// One postcode district, for labels on a map that has no tiles.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct District {
    /// Such as `SE15`.
    pub code: String,
    /// Its middle.
    pub point: Point,
}

/// A borough: its code in the official tables, its plain name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Borough {
    /// Such as `E09000028`.
    pub code: String,
    /// Such as "Southwark".
    pub name: String,
}

struct Area {
    point: Point,
    postcodes: f64,
    authority: String,
}

/// The tables that come with the binary.
struct Shipped {
    /// In order, so that every process adds them up in the same order and comes to the same middle.
    districts: BTreeMap<String, Area>,
    sectors: HashMap<String, Point>,
    boroughs: Vec<Borough>,
}

static SHIPPED: LazyLock<Shipped> = LazyLock::new(|| Shipped {
    districts: areas(include_str!("../../data/outcodes_gb.csv")),
    sectors: areas(include_str!("../../data/sectors_gb.csv")).into_iter().map(|(code, area)| (code, area.point)).collect(),
    boroughs: boroughs(include_str!("../../data/boroughs.csv")),
});

/// `code,lat,lon,postcodes,authority,...`, as both shipped tables are.
fn areas(table: &str) -> BTreeMap<String, Area> {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    reader
        .records()
        .filter_map(|record| {
            let record = record.ok()?;
            let number = |at: usize| record.get(at)?.parse::<f64>().ok();
            let area =
                Area { point: Point::new(number(1)?, number(2)?)?, postcodes: number(3)?, authority: record.get(4)?.to_owned() };
            Some((record.get(0)?.to_owned(), area))
        })
        .collect()
}

fn boroughs(table: &str) -> Vec<Borough> {
    let lines = table.lines().skip(1).filter_map(|line| line.split_once(','));
    lines.map(|(code, name)| Borough { code: code.to_owned(), name: name.trim().to_owned() }).collect()
}

/// The middle of a postcode district, such as `SE15`.
pub fn district_point(code: &str) -> Option<Point> {
    SHIPPED.districts.get(code).map(|area| area.point)
}

/// The middle of a postcode sector, such as `SE15 4`.
pub fn sector_point(code: &str) -> Option<Point> {
    SHIPPED.sectors.get(code).copied()
}

/// The boroughs whose names are known here.
pub fn known_boroughs() -> &'static [Borough] {
    &SHIPPED.boroughs
}

/// The borough with this official code.
pub fn borough_by_code(code: &str) -> Option<&'static Borough> {
    SHIPPED.boroughs.iter().find(|borough| borough.code == code)
}

/// The borough of this name; "London Borough of" before it, `&` for "and" and any case are taken.
pub fn borough_by_name(name: &str) -> Option<&'static Borough> {
    let wanted = borough_key(name);
    SHIPPED.boroughs.iter().find(|borough| borough_key(&borough.name) == wanted)
}

fn borough_key(name: &str) -> String {
    let lower = name.to_lowercase().replace('&', " and ").replace('-', " ");
    let words: Vec<_> = lower.split_whitespace().collect();
    let key = words.join(" ");
    let bare = ["london borough of ", "royal borough of ", "city of ", "the "]
        .iter()
        .fold(key.as_str(), |k, p| k.strip_prefix(p).unwrap_or(k));
    if bare == "london" { key } else { bare.to_owned() }
}

/// The middle of the districts that lie mainly in the borough, weighted by their postcodes.
fn borough_point(borough: &Borough) -> Option<Point> {
    let mut sums = (0.0, 0.0, 0.0);
    for area in SHIPPED.districts.values().filter(|area| area.authority == borough.code) {
        sums = (sums.0 + area.point.lat * area.postcodes, sums.1 + area.point.lon * area.postcodes, sums.2 + area.postcodes);
    }
    if sums.2 > 0.0 { Point::new(sums.0 / sums.2, sums.1 / sums.2) } else { None }
}

/// The districts whose middle lies within `metres`, nearest first, at most `limit`.
pub fn districts_near(point: Point, metres: f64, limit: usize) -> Vec<District> {
    let mut near: Vec<_> = SHIPPED
        .districts
        .iter()
        .map(|(code, area)| (point.metres_to(area.point), code, area.point))
        .filter(|(distance, ..)| *distance <= metres)
        .collect();
    near.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(b.1)));
    near.into_iter().take(limit).map(|(_, code, point)| District { code: code.clone(), point }).collect()
}

/// The place that someone's words name: a postcode, sector, district, borough, or `lat,lon`. None if we know no such place.
pub fn resolve(c: &mut Conn, text: &str) -> Result<Option<Place>, Failure> {
    let text = text.trim();
    if let Some(point) = point_in(text) {
        return Ok(Some(Place { label: "your point on the map".to_owned(), kind: PlaceKind::Point, point }));
    }
    if let Ok(postcode) = text.parse::<Postcode>() {
        return resolve_postcode(c, &postcode);
    }
    let code = text.to_ascii_uppercase();
    if is_district(&code) {
        return resolve_district(c, &code);
    }
    if let Some(point) = sector_point(&code) {
        return Ok(Some(Place { label: code, kind: PlaceKind::Sector, point }));
    }
    resolve_borough(c, text)
}

/// `51.47,-0.06`
fn point_in(text: &str) -> Option<Point> {
    let (lat, lon) = text.split_once(',')?;
    Point::new(lat.trim().parse().ok()?, lon.trim().parse().ok()?)
}

fn resolve_postcode(c: &mut Conn, postcode: &Postcode) -> Result<Option<Place>, Failure> {
    if let Some(point) = store::postcode_point(c, postcode)? {
        return Ok(Some(Place { label: postcode.to_string(), kind: PlaceKind::Postcode, point }));
    }
    if let Some(point) = sector_point(postcode.sector()) {
        return Ok(Some(Place { label: postcode.sector().to_owned(), kind: PlaceKind::Sector, point }));
    }
    resolve_district(c, postcode.district())
}

fn resolve_district(c: &mut Conn, code: &str) -> Result<Option<Place>, Failure> {
    let point = match district_point(code) {
        Some(point) => Some(point),
        None => store::district_middle(c, code)?,
    };
    Ok(point.map(|point| Place { label: code.to_owned(), kind: PlaceKind::District, point }))
}

fn resolve_borough(c: &mut Conn, name: &str) -> Result<Option<Place>, Failure> {
    let Some(borough) = borough_by_name(name) else { return Ok(None) };
    let point = match borough_point(borough) {
        Some(point) => Some(point),
        None => store::authority_middle(c, &borough.code)?,
    };
    Ok(point.map(|point| Place { label: borough.name.clone(), kind: PlaceKind::Borough, point }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_boroughs_are_taken_as_people_write_them() {
        for name in ["southwark", "London Borough of Southwark", " SOUTHWARK "] {
            assert_eq!(borough_by_name(name).map(|b| b.code.as_str()), Some("E09000028"), "{name}");
        }
        assert_eq!(borough_by_name("Hammersmith & Fulham").map(|b| b.code.as_str()), Some("E09000013"));
        assert_eq!(borough_by_name("City of London").map(|b| b.code.as_str()), Some("E09000001"));
        assert_eq!(borough_by_name("Narnia"), None);
    }

    #[test]
    fn every_london_borough_has_a_middle_inside_london() {
        for borough in known_boroughs().iter().filter(|b| b.code.starts_with('E') && b.code != "E09000001") {
            let Some(point) = borough_point(borough) else { panic!("{} has no middle", borough.name) };
            assert!((51.25..51.70).contains(&point.lat) && (-0.55..0.35).contains(&point.lon), "{} at {point:?}", borough.name);
        }
    }

    #[test]
    fn the_nearest_districts_come_first() {
        let here = district_point("SE15").unwrap_or(Point { lat: 0.0, lon: 0.0 });
        let near = districts_near(here, 5_000.0, 5);
        assert_eq!(near.first().map(|d| d.code.as_str()), Some("SE15"));
        assert_eq!(near.len(), 5);
    }
}
