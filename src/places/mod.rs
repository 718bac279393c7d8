//! Postcodes, districts and boroughs as points on the map.

use serde::Serialize;

use crate::values::Point;

/// What sort of place it is, which says how far its point may be off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
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
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Place {
    /// How it is called on a page.
    pub label: String,
    /// What sort of place it is.
    pub kind: PlaceKind,
    /// Its middle.
    pub point: Point,
}
