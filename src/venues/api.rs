//! Venues as JSON: the public type, and one venue by its id.

use std::collections::BTreeMap;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::{
    Access, Card, Cost, Fact, Field, FirstVisit, How, Offer, Origin, Precision, Schedule, Setting, SourceRef, Status, Venue,
    store,
};
use crate::{
    app::App,
    error::{Failure, ProblemDetails},
    values::VenueId,
    vocabulary::{Domain, Vocabulary},
    web::json,
};

/// A venue as anyone may see it. A field that isn't there is not known, which is not "no".
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicVenue<'v> {
    /// Stays the same.
    #[schema(value_type = String, format = Uuid)]
    id: VenueId,
    /// Its page here.
    url: String,
    /// The first of `external_ids`.
    external_id: Option<String>,
    /// `source/source_id` of every publisher's row about this place, those of its twins too.
    external_ids: Vec<String>,
    /// What the place is called.
    name: String,
    /// A few sentences.
    description: Option<String>,
    /// Kinds of place, by id.
    kinds: Vec<&'v str>,
    /// Activities, by id, the surest first.
    activities: Vec<&'v str>,
    /// Life domains.
    domains: Vec<Domain>,
    /// Street and number.
    address: Option<String>,
    /// Full postcode.
    postcode: Option<String>,
    /// Borough.
    borough: Option<String>,
    /// Latitude, degrees, WGS 84.
    lat: Option<f64>,
    /// Longitude, degrees, WGS 84.
    lon: Option<f64>,
    /// How near the point is to the door.
    precision: Option<Precision>,
    /// Metres from `near`, where it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    distance_m: Option<u32>,
    /// Public phone number.
    phone: Option<String>,
    /// Public e-mail address.
    email: Option<String>,
    /// Website.
    website: Option<String>,
    /// Opening times.
    opening: Option<Schedule>,
    /// Known access facts.
    access: BTreeMap<Access, Fact>,
    /// Known first-visit facts.
    first_visit: BTreeMap<FirstVisit, Fact>,
    /// What it costs to try once.
    cost_to_try: Option<Cost>,
    /// What it usually costs.
    usual_cost: Option<Cost>,
    /// How ordinary the setting is; none is "not marked".
    setting: Option<Setting>,
    /// Whether it is there to go to.
    status: Status,
    /// What one can do there.
    offers: Vec<Offer>,
    /// The day the listing was last checked with the venue.
    assured_at: Option<NaiveDate>,
    /// When this record last changed.
    updated_at: DateTime<Utc>,
    /// SPDX licence id of the data.
    licence: String,
    /// The publishers' rows it was computed from.
    sources: Vec<PublicSource>,
    /// Where each value came from.
    #[serde(serialize_with = "public_origins")]
    #[schema(value_type = BTreeMap<Field, PublicOrigin>)]
    origins: BTreeMap<Field, Origin>,
    /// The same place in data under another licence, kept apart.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(no_recursion)]
    twins: Vec<PublicVenue<'v>>,
}

/// One publisher's row behind a venue.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicSource {
    /// The data set.
    source: String,
    /// The row there.
    source_id: Option<String>,
    /// The data set's plain name.
    label: String,
    /// SPDX licence id.
    licence: String,
    /// How old the data is: a year, month or day.
    dated: Option<String>,
    /// The publisher's own word for the kind of place.
    category: Option<String>,
}

/// Where one value came from.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicOrigin<'o> {
    /// Places in the venue's `sources`, from 0, the one that gave most of it first; none for a correction.
    sources: &'o [usize],
    /// Given by the publisher, worked out, or corrected.
    how: How,
    /// The day of a correction.
    #[serde(skip_serializing_if = "Option::is_none")]
    on: Option<NaiveDate>,
}

/// Written as they are held, since each answer has hundreds.
fn public_origins<S: Serializer>(origins: &BTreeMap<Field, Origin>, to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(origins.iter().map(|(field, origin)| {
        let Origin { sources, how, on } = origin;
        (field, PublicOrigin { sources, how: *how, on: *on })
    }))
}

impl<'v> PublicVenue<'v> {
    /// A card as JSON: its lead, with the twins inside.
    pub fn of(card: Card, vocabulary: &'v Vocabulary, distance_m: Option<u32>) -> Self {
        let twins: Vec<Self> = card.twins.into_iter().map(|twin| Self::alone(twin, vocabulary, None)).collect();
        let mut lead = Self::alone(card.lead, vocabulary, distance_m);
        lead.external_ids.extend(twins.iter().flat_map(|twin| twin.external_ids.iter().cloned()));
        lead.external_id = lead.external_ids.first().cloned();
        lead.twins = twins;
        lead
    }

    fn alone(venue: Venue, vocabulary: &'v Vocabulary, distance_m: Option<u32>) -> Self {
        let places = vocabulary.read_places(&venue.facts);
        let external_ids = venue.external_ids();
        let status = venue.facts.status();
        let facts = venue.facts;
        Self {
            id: venue.id,
            url: format!("/venues/{}", venue.id),
            external_id: external_ids.first().cloned(),
            external_ids,
            name: facts.name,
            description: facts.description,
            kinds: places.kinds.iter().map(|at| vocabulary.kind_list()[usize::from(*at)].id.as_str()).collect(),
            activities: places.surest_first().map(|(at, _)| vocabulary.activity_list()[usize::from(at)].id.as_str()).collect(),
            domains: places.domains,
            address: facts.address,
            postcode: facts.postcode.map(String::from),
            borough: facts.borough,
            lat: facts.point.map(|point| point.lat),
            lon: facts.point.map(|point| point.lon),
            precision: facts.precision,
            distance_m,
            phone: facts.phone,
            email: facts.email,
            website: facts.website.map(String::from),
            opening: facts.opening,
            access: facts.access,
            first_visit: facts.first_visit,
            cost_to_try: facts.cost_to_try,
            usual_cost: facts.usual_cost,
            setting: facts.setting,
            status,
            offers: facts.offers,
            assured_at: facts.assured_at,
            updated_at: venue.updated_at.and_utc(),
            licence: venue.licence,
            sources: venue.sources.into_iter().map(PublicSource::from).collect(),
            origins: venue.origins,
            twins: Vec::new(),
        }
    }
}

impl From<SourceRef> for PublicSource {
    fn from(row: SourceRef) -> Self {
        Self {
            source: row.source,
            source_id: row.source_id,
            label: row.label,
            licence: row.licence,
            dated: row.dated,
            category: row.category,
        }
    }
}

/// One venue. The id of a twin answers with the card that shows it.
#[utoipa::path(
    get,
    path = "/api/v1/venues/{id}",
    operation_id = "getVenue",
    tag = "venues",
    params(("id" = String, Path, description = "The venue's id, a UUID")),
    responses(
        (status = 200, description = "The venue", body = PublicVenue),
        (status = 304, description = "Not changed since the entity tag you hold"),
        (status = 404, description = "There is no such venue, or it is not published", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn one(app: Data<App>, id: Path<String>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let id: VenueId = id.parse().map_err(|_| Failure::NotFound)?;
    let card = app
        .db
        .read(move |c| {
            let lead = store::card_of(c, id)?.ok_or(Failure::NotFound)?;
            store::cards(c, &[lead])?.pop().ok_or(Failure::NotFound)
        })
        .await?;
    json::answer(&request, &PublicVenue::of(card, &app.vocabulary, None))
}
