//! A name for each request, one log line about it, and its place in the figures: the route's pattern, never the path or the query, which may be personal.

use actix_web::{
    Error, HttpMessage,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderName, HeaderValue},
    middleware::Next,
    web::Data,
};
use tracing::Instrument;
use uuid::Uuid;

use crate::{error::Failure, metrics::Metrics};

/// The answer's header that carries the request's name.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A request's random name, for the log and for people who report a mistake.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// Names the request, logs how it went and why it failed.
pub async fn trace<B: MessageBody>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, Error> {
    let id = Uuid::new_v4().simple().to_string();
    request.extensions_mut().insert(RequestId(id.clone()));
    let began = std::time::Instant::now();
    let span = tracing::info_span!("request", id, method = %request.method());
    let outcome = next.call(request).instrument(span.clone()).await;
    let _entered = span.enter();
    let mut response = outcome.inspect_err(log_cause)?;
    if let Some(error) = response.response().error() {
        log_cause(error);
    }
    let (route, took) = (response.request().match_pattern(), began.elapsed());
    if let Some(metrics) = response.request().app_data::<Data<Metrics>>() {
        metrics.answered(route.as_deref(), response.request().method(), response.status(), took);
    }
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(route = route.as_deref().unwrap_or("none"), status = response.status().as_u16(), ms, "answered");
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    Ok(response)
}

fn log_cause(error: &Error) {
    if let Some(cause) = error.as_error::<Failure>().and_then(Failure::cause) {
        tracing::error!(cause = %cause, "a request failed");
    }
}
