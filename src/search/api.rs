//! The catalogue's search as JSON.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Facets, Meaning, Question, Sort, ask, verbs};
use crate::{
    app::App,
    db::Conn,
    error::{Failure, ProblemDetails},
    places::Place,
    venues::{Access, Mark, api::PublicVenue},
    vocabulary::Domain,
    web::json,
};

/// The parameters, for the description of the interface; `ask::Fields` reads them.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "read by the description only")]
pub struct Parameters {
    /// Words, in any order; slips of spelling are mended. At most 200 characters count.
    #[param(example = "guitar rehearsal")]
    q: Option<String>,
    /// A postcode, district, borough or `lat,lon`.
    #[param(example = "SE15 4QL")]
    near: Option<String>,
    /// Only so many kilometres from `near`, 0.1 to 100.
    #[param(minimum = 0.1, maximum = 100)]
    within_km: Option<f64>,
    /// Life domain; may be repeated, any counts.
    domain: Option<Vec<Domain>>,
    /// Activity, by id; may be repeated, any counts. See `/api/v1/vocabulary`.
    activity: Option<Vec<String>>,
    /// Kind of venue, by id; may be repeated, any counts. See `/api/v1/vocabulary`.
    kind: Option<Vec<String>>,
    /// Borough, by plain name; may be repeated, any counts.
    borough: Option<Vec<String>>,
    /// Access fact known to be "yes"; may be repeated, all count.
    access: Option<Vec<Access>>,
    /// Known to be open, or to have something on, on this weekday: `mo` to `su`.
    #[param(example = "sa", pattern = "^([Mm][Oo]|[Tt][Uu]|[Ww][Ee]|[Tt][Hh]|[Ff][Rr]|[Ss][Aa]|[Ss][Uu])$")]
    day: Option<String>,
    /// And at this time, `HH:MM`; needs `day`.
    #[param(example = "10:30", pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    time: Option<String>,
    /// Something there is known to be free.
    free: Option<bool>,
    /// Something there is known to cost at most so many pence.
    #[param(minimum = 0, maximum = 1_000_000)]
    max_cost: Option<u32>,
    /// Setting mark.
    setting: Option<Mark>,
    /// An offer is known to have places left now.
    places: Option<bool>,
    /// The order; `nearest` needs `near`.
    sort: Option<Sort>,
    /// Page, from 1; page x per_page is at most 10,000.
    #[param(minimum = 1, maximum = 10_000)]
    page: Option<u32>,
    /// Venues a page, 1 to 100; 20 unless told.
    #[param(minimum = 1, maximum = 100)]
    per_page: Option<u32>,
}

/// One page of venues.
#[derive(Debug, Serialize, ToSchema)]
pub struct VenuePage<'v> {
    /// How many there are in all.
    total: u64,
    /// This page, from 1.
    page: u32,
    /// Venues a page.
    per_page: u32,
    /// The venues, best first, or in the order asked.
    items: Vec<PublicVenue<'v>>,
    /// How many of them have each value; a group's own choice doesn't narrow its own counts.
    facets: Facets,
    /// How the words were understood.
    understood: PublicUnderstood,
    /// A spelling that would find more.
    did_you_mean: Option<String>,
    /// Whether the usual search was away, so that this may be a little behind.
    behind: bool,
}

/// How the words were understood.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicUnderstood {
    /// The parts, in the order typed.
    parts: Vec<Meaning>,
    /// Where from: as `near` said, or as the words did.
    near: Option<Place>,
    /// Whether some words had to be left out to find anything.
    loosened: bool,
    /// Words that hits are marked by.
    highlight: Vec<String>,
}

/// Searches the catalogue.
#[utoipa::path(
    get,
    path = "/api/v1/venues",
    operation_id = "searchVenues",
    tag = "venues",
    params(Parameters),
    responses(
        (status = 200, description = "One page of venues", body = VenuePage),
        (status = 304, description = "Not changed since the entity tag you hold"),
        (status = 422, description = "A parameter can't be used; `errors` names it", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn list(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let fields = ask::Fields::read(request.query_string());
    let read = move |app: &App, c: &mut Conn| {
        let asked = verbs::read(app, c, &fields)?;
        if asked.problems.is_empty() { Ok(asked) } else { Err(Failure::Invalid(asked.problems)) }
    };
    let body = verbs::find(&app, read, |app, _, asked, answer| json::body(&page(app, asked, answer))).await?;
    Ok(json::written(&request, body))
}

fn page(app: &App, asked: ask::Asked, answer: verbs::Answer) -> VenuePage<'_> {
    let Question { page, per_page, near, .. } = asked.question;
    let mut distances: HashMap<_, _> = answer.found.hits.iter().map(|hit| (hit.venue, hit.distance_m)).collect();
    let items = answer.cards.into_iter().map(|card| {
        let distance = distances.remove(&card.lead.card).flatten();
        PublicVenue::of(card, &app.vocabulary, distance)
    });
    VenuePage {
        total: answer.found.total,
        page,
        per_page,
        items: items.collect(),
        facets: answer.found.facets,
        understood: PublicUnderstood {
            parts: answer.found.understood.parts,
            near,
            loosened: answer.found.understood.loosened,
            highlight: answer.found.highlight,
        },
        did_you_mean: answer.found.did_you_mean,
        behind: answer.found.behind,
    }
}

/// Something the vocabulary knows, as the description shows it; `Concept` is what is sent.
#[derive(ToSchema)]
#[allow(dead_code, reason = "read by the description only")]
pub struct PublicConcept {
    /// `domain`, `kind` or `activity`.
    r#type: String,
    /// Its id.
    id: String,
}
