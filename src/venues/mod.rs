//! The catalogue: venues, what they offer, how to get in, and where each fact came from.

mod among;
pub mod api;
mod facts;
pub mod pages;
mod schedule;
pub mod store;

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

pub use facts::{
    Access, Answer, Cost, Fact, Facts, Field, FirstVisit, Limits, Mark, Offer, OfferKind, Places, Precision, Setting, Status,
};
pub use schedule::{ByDay, ByDays, Exception, Rule, Schedule, Slot, day_code, day_from_code};

use crate::values::VenueId;

/// How a value of a venue came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// The publisher says so.
    Given,
    /// Worked out from the map point, which is less sure.
    FromPoint,
    /// Worked out from the postcode, which is less sure.
    FromPostcode,
    /// A person corrected it.
    Edited,
}

/// Where one value of a venue came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Places in `Venue::sources`, the one that gave most of it first; none for an edit.
    #[serde(default)]
    pub sources: Vec<usize>,
    /// How the value came to be.
    pub how: How,
    /// The day of an edit.
    pub on: Option<NaiveDate>,
}

/// One publisher's row behind a venue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceRef {
    /// The publisher's data set, such as `gla-cim-2023`.
    pub source: String,
    /// The row's name there, if it has one.
    pub source_id: Option<String>,
    /// A plain name for the data set, such as "GLA Cultural Infrastructure Map 2023".
    pub label: String,
    /// SPDX licence id.
    pub licence: String,
    /// How old the data is, as the publisher says: a year, a month or a day (`2023`, `2023-05`, `2023-05-01`).
    pub dated: Option<String>,
    /// The publisher's own word for what this is.
    pub category: Option<String>,
}

impl SourceRef {
    /// `source/source_id`, or none where the publisher gives no id.
    pub fn external_id(&self) -> Option<String> {
        self.source_id.as_ref().map(|id| format!("{}/{id}", self.source))
    }
}

/// One place, as computed from its source rows under people's edits.
#[derive(Debug, Clone, PartialEq)]
pub struct Venue {
    /// Stays the same over imports and rebuilds.
    pub id: VenueId,
    /// The venue whose card shows this one: itself, or its twin under another licence.
    pub card: VenueId,
    /// SPDX licence id of all its rows.
    pub licence: String,
    /// Hidden venues are in no search and on no page.
    pub published: bool,
    /// When its last source row disappeared from its feed.
    pub gone_since: Option<NaiveDateTime>,
    /// When the stored venue last changed.
    pub updated_at: NaiveDateTime,
    /// The values.
    pub facts: Facts,
    /// The rows it was computed from, in a stable order.
    pub sources: Vec<SourceRef>,
    /// Where each value came from.
    pub origins: BTreeMap<Field, Origin>,
}

impl Venue {
    /// `source/source_id` of every row, in a stable order.
    pub fn external_ids(&self) -> Vec<String> {
        self.sources.iter().filter_map(SourceRef::external_id).collect()
    }
}

/// What a card on a page stands for: a venue and its twins under other licences, whose values stay apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    /// The venue that leads the card.
    pub lead: Venue,
    /// The same place under other licences.
    pub twins: Vec<Venue>,
}
