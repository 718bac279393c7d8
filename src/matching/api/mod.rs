//! Matching as JSON.

mod answer;
mod request;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data},
};

pub use answer::MatchAnswer;
pub use request::MatchRequest;

use super::{unmet::Asker, verbs};
use crate::{
    app::App,
    db::Conn,
    error::{Failure, ProblemDetails},
    web::json,
};

/// Finds places for a wish. Nothing of the wish is kept but counts.
#[utoipa::path(
    post,
    path = "/api/v1/match",
    operation_id = "match",
    tag = "matching",
    request_body = MatchRequest,
    responses(
        (status = 200, description = "The places, and how the wish was understood", body = MatchAnswer),
        (status = 413, description = "The wish is too large", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 422, description = "A field can't be used; `errors` names it", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn find(app: Data<App>, request: HttpRequest, body: Bytes) -> Result<HttpResponse, Failure> {
    let asker = Asker::of(&request);
    let read = move |app: &App, c: &mut Conn| request::ask(app, c, &body);
    let body = verbs::find(&app, read, move |app, _, ask, answer| {
        app.unmet.note(app, &ask, &answer, asker);
        json::body(&MatchAnswer::of(&app.vocabulary, answer))
    });
    Ok(HttpResponse::Ok().content_type("application/json").insert_header(("cache-control", "no-store")).body(body.await?))
}
