//! The map: data for the script, and the same as a plain drawing that needs neither script nor tiles.

use serde::Serialize;

use super::VenueCard;
use crate::{
    config::WebConfig,
    places::{self, Place},
    values::{METRES_A_DEGREE, Point},
};

/// Width and height of the plain drawing, in its own units.
const SIZE: (f64, f64) = (800.0, 560.0);
/// Room left at the edges of the drawing.
const MARGIN: f64 = 56.0;
/// The smallest stretch a map shows, in metres, so that one place isn't lost in a void.
const LEAST_METRES: f64 = 1_200.0;
/// Most names of districts on a map.
const MOST_LABELS: usize = 40;
/// Lengths of a scale bar in metres.
const SCALES: [f64; 10] = [100.0, 200.0, 500.0, 1_000.0, 2_000.0, 5_000.0, 10_000.0, 20_000.0, 50_000.0, 100_000.0];

/// Tiles to draw under the places.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tiles {
    /// An address with `{z}`, `{x}` and `{y}`.
    pub url: String,
    /// Whom to thank, as text.
    pub credit: String,
}

impl Tiles {
    /// The tiles that the settings name.
    pub fn from_config(config: &WebConfig) -> Option<Self> {
        let url = config.map_tiles_url.as_ref()?.template.clone();
        Some(Self { url, credit: config.map_tiles_credit.clone() })
    }
}

/// A place's name on the map.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Label {
    /// "SE15".
    pub text: String,
    /// Where it stands.
    pub point: Point,
}

/// One place on the map.
#[derive(Debug, Clone, Serialize)]
pub struct Pin {
    /// Its number in the list.
    pub number: usize,
    /// Its name.
    pub name: String,
    /// Its page.
    pub href: String,
    /// What it is, where it is.
    pub about: String,
    /// Where it is.
    pub point: Point,
}

/// Everything a map shows.
#[derive(Debug, Clone, Serialize)]
pub struct Map {
    /// Tiles; none for a plain map.
    pub tiles: Option<Tiles>,
    /// Where the question was asked from.
    pub from: Option<Label>,
    /// The circle around it, in metres.
    pub within_m: Option<u32>,
    /// The places.
    pub pins: Vec<Pin>,
    /// Names of districts.
    pub labels: Vec<Label>,
}

/// A map and its plain drawing.
#[derive(Debug, Clone, Serialize)]
pub struct MapView {
    /// For the script.
    pub data: Map,
    /// For everyone else.
    pub plain: Plain,
}

impl Map {
    /// A map of these cards, numbered as in their list from `first`.
    pub fn of(cards: &[VenueCard], first: usize, from: Option<&Place>, within_m: Option<u32>) -> Self {
        let pin = |(at, card): (usize, &VenueCard)| {
            let (lat, lon) = card.point?;
            let about = [card.kind.as_ref().map(|kind| kind.label.clone()), card.distance.clone()];
            let about = about.into_iter().flatten().collect::<Vec<_>>().join(", ");
            let (name, href) = (card.plain_name.clone(), card.href.clone());
            Some(Pin { number: first + at, name, href, about, point: Point { lat, lon } })
        };
        Self {
            tiles: None,
            from: from.map(|place| Label { text: place.label.clone(), point: place.point }),
            within_m,
            pins: cards.iter().enumerate().filter_map(pin).collect(),
            labels: Vec::new(),
        }
    }

    /// With the names of the postcode districts in view.
    #[must_use]
    pub fn with_labels(mut self) -> Self {
        if let Some((low, high)) = self.bounds() {
            let middle = Point { lat: f64::midpoint(low.lat, high.lat), lon: f64::midpoint(low.lon, high.lon) };
            let reach = middle.metres_to(high).max(LEAST_METRES) * 1.5;
            let near = places::districts_near(middle, reach, MOST_LABELS);
            let ground = near.into_iter().filter(|district| !is_only_for_post(&district.code));
            self.labels = ground.map(|district| Label { text: district.code, point: district.point }).collect();
        }
        self
    }

    /// The box that the map shows, south-west and north-east; none where there is nothing to show.
    pub fn bounds(&self) -> Option<(Point, Point)> {
        let mut points: Vec<Point> = self.pins.iter().map(|pin| pin.point).collect();
        points.extend(self.from.iter().map(|from| from.point));
        let mut frame = points.iter().fold(None, |frame, point| Some(stretch(frame, *point)))?;
        if let (Some(from), Some(within)) = (&self.from, self.within_m) {
            let (up, across) = (f64::from(within) / METRES_A_DEGREE, f64::from(within) / metres_a_degree_lon(from.point.lat));
            for (dy, dx) in [(up, across), (-up, -across)] {
                frame = stretch(Some(frame), Point { lat: from.point.lat + dy, lon: from.point.lon + dx });
            }
        }
        Some(frame)
    }

    /// With its plain drawing; none where there is nothing to show.
    pub fn view(self) -> Option<MapView> {
        let plain = Plain::of(&self)?;
        Some(MapView { data: self, plain })
    }
}

/// The plain drawing, in units of an SVG.
#[derive(Debug, Clone, Serialize)]
pub struct Plain {
    width: f64,
    height: f64,
    /// Upright lines.
    columns: Vec<f64>,
    /// Level lines.
    rows: Vec<f64>,
    labels: Vec<Mark>,
    from: Option<Mark>,
    radius: Option<f64>,
    pins: Vec<Mark>,
    scale: f64,
    scale_text: String,
}

#[derive(Debug, Clone, Serialize)]
struct Mark {
    x: f64,
    y: f64,
    text: String,
    number: usize,
    href: String,
}

impl Plain {
    fn of(map: &Map) -> Option<Self> {
        let (low, high) = map.bounds()?;
        let middle = Point { lat: f64::midpoint(low.lat, high.lat), lon: f64::midpoint(low.lon, high.lon) };
        let across = ((high.lon - low.lon) * metres_a_degree_lon(middle.lat)).max(LEAST_METRES);
        let up = ((high.lat - low.lat) * METRES_A_DEGREE).max(LEAST_METRES);
        let unit = ((SIZE.0 - 2.0 * MARGIN) / across).min((SIZE.1 - 2.0 * MARGIN) / up);
        let place = |point: Point| {
            let x = SIZE.0 / 2.0 + (point.lon - middle.lon) * metres_a_degree_lon(middle.lat) * unit;
            let y = SIZE.1 / 2.0 - (point.lat - middle.lat) * METRES_A_DEGREE * unit;
            (tenth(x), tenth(y))
        };
        let mark = |text: &str, point: Point, number: usize, href: &str| {
            let (x, y) = place(point);
            Mark { x, y, text: text.to_owned(), number, href: href.to_owned() }
        };
        let scale = SCALES.into_iter().rfind(|metres| metres * unit <= 180.0).unwrap_or(SCALES[0]);
        let step = scale * unit;
        let from = map.from.as_ref().map(|from| mark(&from.text, from.point, 0, ""));
        let inside = |mark: &Mark| (20.0..SIZE.0 - 20.0).contains(&mark.x) && (20.0..SIZE.1 - 40.0).contains(&mark.y);
        Some(Self {
            width: SIZE.0,
            height: SIZE.1,
            columns: lines(SIZE.0, step),
            rows: lines(SIZE.1, step),
            labels: apart(map.labels.iter().map(|label| mark(&label.text, label.point, 0, "")).filter(inside), from.as_ref()),
            from,
            radius: map.within_m.map(|metres| tenth(f64::from(metres) * unit)),
            pins: map.pins.iter().rev().map(|pin| mark(&pin.name, pin.point, pin.number, &pin.href)).collect(),
            scale: tenth(step),
            scale_text: if scale < 1000.0 { format!("{scale} m") } else { format!("{} km", scale / 1000.0) },
        })
    }
}

/// Districts numbered 90 and above are for large users of the post and lie nowhere.
fn is_only_for_post(code: &str) -> bool {
    code.trim_start_matches(|c: char| c.is_ascii_alphabetic()).parse::<u32>().is_ok_and(|number| number >= 90)
}

/// Leaves out names that would stand on one another; the nearest to the middle stay.
fn apart(marks: impl Iterator<Item = Mark>, from: Option<&Mark>) -> Vec<Mark> {
    let mut kept: Vec<Mark> = Vec::new();
    for mark in marks {
        let clash = |other: &Mark| (other.x - mark.x).abs() < 70.0 && (other.y - mark.y).abs() < 26.0;
        if !kept.iter().any(clash) && !from.is_some_and(clash) {
            kept.push(mark);
        }
    }
    kept
}

fn lines(length: f64, step: f64) -> Vec<f64> {
    let mut at = (length / 2.0) % step;
    let mut found = Vec::new();
    while at < length && found.len() < 60 {
        found.push(tenth(at));
        at += step;
    }
    found
}

fn stretch(frame: Option<(Point, Point)>, point: Point) -> (Point, Point) {
    let (low, high) = frame.unwrap_or((point, point));
    (
        Point { lat: low.lat.min(point.lat), lon: low.lon.min(point.lon) },
        Point { lat: high.lat.max(point.lat), lon: high.lon.max(point.lon) },
    )
}

fn metres_a_degree_lon(lat: f64) -> f64 {
    METRES_A_DEGREE * lat.to_radians().cos().max(0.01)
}

fn tenth(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}
