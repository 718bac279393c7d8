//! The vocabulary as JSON: life domains, kinds and activities, for whoever builds on the catalogue.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde::Serialize;
use utoipa::ToSchema;

use super::Domain;
use crate::{app::App, error::Failure, web::json};

/// Everything the catalogue can be filtered by.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicVocabulary {
    /// The nine life domains.
    domains: Vec<DomainEntry>,
    /// The kinds of venue, by label.
    kinds: Vec<KindEntry>,
    /// The activities, by label.
    activities: Vec<ActivityEntry>,
}

/// A life domain.
#[derive(Debug, Serialize, ToSchema)]
struct DomainEntry {
    id: Domain,
    label: &'static str,
}

/// A kind of venue.
#[derive(Debug, Serialize, ToSchema)]
struct KindEntry {
    id: String,
    label: String,
    domains: Vec<Domain>,
    /// The next wider kinds.
    kind_of: Vec<String>,
}

/// An activity.
#[derive(Debug, Serialize, ToSchema)]
struct ActivityEntry {
    id: String,
    label: String,
    domains: Vec<Domain>,
    /// The next wider activities.
    kind_of: Vec<String>,
}

/// The words that venues can be searched and filtered by.
#[utoipa::path(
    get,
    path = "/api/v1/vocabulary",
    operation_id = "getVocabulary",
    tag = "vocabulary",
    responses((status = 200, description = "The vocabulary", body = PublicVocabulary), (status = 304, description = "Not changed since the entity tag you hold"))
)]
pub async fn all(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let words = &app.vocabulary;
    let vocabulary = PublicVocabulary {
        domains: Domain::ALL.iter().map(|id| DomainEntry { id: *id, label: id.label() }).collect(),
        kinds: words
            .kinds()
            .map(|kind| KindEntry {
                id: kind.id.to_string(),
                label: kind.label.clone(),
                domains: kind.domains.clone(),
                kind_of: kind.kind_of.iter().map(ToString::to_string).collect(),
            })
            .collect(),
        activities: words
            .activities()
            .map(|activity| ActivityEntry {
                id: activity.id.to_string(),
                label: activity.label.clone(),
                domains: activity.domains.clone(),
                kind_of: activity.kind_of.iter().map(ToString::to_string).collect(),
            })
            .collect(),
    };
    json::answer(&request, &vocabulary)
}
