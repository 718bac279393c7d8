//! Errors as pages for people, as problem+json for programs.

use actix_web::{
    Error, HttpRequest, HttpResponse, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{StatusCode, header},
    middleware::Next,
    web::Data,
};

use super::{page, plain::ErrorPage, trace::RequestId};
use crate::{app::App, error::Failure};

/// What is not a page for people, by the beginning of its path.
const NO_PAGES: [&str; 4] = ["/api/", "/assets/", "/health/", "/venues/suggest"];

/// Turns a failed answer into a page that helps, where a person asked for a page.
pub async fn as_pages<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if NO_PAGES.iter().any(|prefix| request.path().starts_with(prefix)) {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let response = next.call(request).await?;
    let Some(failure) = response.response().error().map(failure_of) else { return Ok(response.map_into_boxed_body()) };
    // The page that takes its place knows no cause any more.
    if let Some(cause) = failure.cause() {
        tracing::error!(cause = %cause, "a request failed");
    }
    let allow = response.headers().get(header::ALLOW).cloned();
    let made = error_page(response.request(), &failure);
    let mut page = response.into_response(made);
    if let Some(allow) = allow {
        page.headers_mut().insert(header::ALLOW, allow);
    }
    Ok(page)
}

/// Answers a request with a failure from within middleware, so that `as_pages` sees it like any other.
pub fn refuse(request: ServiceRequest, failure: Failure) -> ServiceResponse<BoxBody> {
    request.error_response(failure)
}

/// What is answered where no route is.
pub async fn nothing_here() -> Result<HttpResponse, Failure> {
    Err(Failure::NotFound)
}

/// Our own failure, or the nearest to what the framework says.
pub fn failure_of(error: &Error) -> Failure {
    if let Some(failure) = error.as_error::<Failure>() {
        return failure.clone();
    }
    match error.as_response_error().status_code() {
        StatusCode::NOT_FOUND => Failure::NotFound,
        status if status.is_client_error() => Failure::Refused(status, "bad-request"),
        _ => Failure::internal(error.to_string()),
    }
}

/// The page for a failure; plain text if even that can't be made.
fn error_page(request: &HttpRequest, failure: &Failure) -> HttpResponse {
    let status = failure.status_code();
    let mut response = HttpResponse::build(status);
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    if let Some(seconds) = failure.retry_after() {
        response.insert_header((header::RETRY_AFTER, seconds.to_string()));
    }
    let id = trace_id(request);
    let Some(app) = request.app_data::<Data<App>>() else { return response.body(failure.title()) };
    match app.html(request, &ErrorPage::new(failure, &id)) {
        Ok(html) => response.content_type(page::HTML).body(html),
        Err(cause) => {
            tracing::error!(cause = %cause, "the error page can't be made");
            response.content_type("text/plain; charset=utf-8").body(failure.title())
        }
    }
}

fn trace_id(request: &HttpRequest) -> String {
    use actix_web::HttpMessage;
    request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default()
}
