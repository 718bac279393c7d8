//! The description of the JSON interface, OpenAPI 3.1.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use utoipa::{
    OpenApi,
    openapi::{ContentBuilder, Ref, ResponseBuilder, path::Operation},
};

use crate::{
    app::App,
    error::Failure,
    matching,
    search::{self, Sort},
    venues::{self, Access, Mark},
    vocabulary::{self, Domain},
    web::json,
};

/// The interface as it is mounted.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Footbridge",
        version = "1",
        description = "A directory of mainstream venues. Reading needs no key. A field that is not there is not known, which is not \"no\". \
                       Each venue names its licence and its sources: please name them too where you show it."
    ),
    paths(search::api::list, venues::api::one, matching::api::find, vocabulary::api::all),
    components(schemas(Access, Domain, Mark, Sort)),
    tags(
        (name = "venues", description = "Places and what one can do there"),
        (name = "matching", description = "From someone's own words to places, with reasons"),
        (name = "vocabulary", description = "Life domains, kinds of venue, activities"),
    )
)]
pub struct Description;

/// What any operation may answer besides its own.
const ANY: [(&str, &str); 4] = [
    ("400", "The request can't be read"),
    ("405", "The path has no such method; `Allow` names those it has"),
    ("429", "Too many requests from one address; try again after `Retry-After` seconds"),
    ("503", "A part of the service is away for a moment; try again after `Retry-After` seconds"),
];

/// Adds to an operation what any of them may answer.
fn add_common_answers(operation: &mut Operation) {
    for (status, about) in ANY {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("ProblemDetails"))).build();
        let answer = ResponseBuilder::new().description(about).content("application/problem+json", content).build();
        operation.responses.responses.entry(status.to_owned()).or_insert_with(|| answer.into());
    }
}

/// The description, with this server's own address.
pub fn description(app: &App) -> utoipa::openapi::OpenApi {
    let mut description = Description::openapi();
    description.info.license = None;
    description
        .paths
        .paths
        .values_mut()
        .flat_map(|path| [path.get.as_mut(), path.post.as_mut()])
        .flatten()
        .for_each(add_common_answers);
    let address = app.web.public_url().as_str().trim_end_matches('/').to_owned();
    description.servers = Some(vec![utoipa::openapi::Server::new(address)]);
    description
}

/// `/api/openapi.json`
pub async fn document(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    json::answer(&request, &description(&app))
}
