//! The description of the JSON interface, OpenAPI 3.1.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use utoipa::OpenApi;

use crate::{
    app::App,
    error::Failure,
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
    paths(search::api::list, venues::api::one, vocabulary::api::all),
    components(schemas(Access, Domain, Mark, Sort)),
    tags(
        (name = "venues", description = "Places and what one can do there"),
        (name = "vocabulary", description = "Life domains, kinds of venue, activities"),
    )
)]
pub struct Description;

/// The description, with this server's own address.
pub fn description(app: &App) -> utoipa::openapi::OpenApi {
    let mut description = Description::openapi();
    description.info.license = None;
    let address = app.web.public_url().as_str().trim_end_matches('/').to_owned();
    description.servers = Some(vec![utoipa::openapi::Server::new(address)]);
    description
}

/// `/api/openapi.json`
pub async fn document(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    json::answer(&request, &description(&app))
}
