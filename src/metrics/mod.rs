//! Figures for whoever runs the service, in the Prometheus text format, on an address of their own.
//!
//! Nothing here is about visitors: a request counts under its route's pattern, never under its path, and every label has a
//! bounded number of values.

mod reading;
mod serve;

use std::{fmt, time::Duration};

use actix_web::http::{Method, StatusCode};
use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{family::Family, gauge::Gauge, histogram::Histogram, info::Info},
    registry::Registry,
};

pub use reading::Watched;
pub use serve::{Serving, serve};

use crate::clock::Clock;

/// Upper bounds of a request's duration, in seconds.
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    route: String,
    method: &'static str,
    status: u16,
}

/// What is counted while the process runs.
pub struct Metrics {
    registry: Registry,
    requests: Family<Request, Histogram, fn() -> Histogram>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::default();
        let requests = Family::new_with_constructor((|| Histogram::new(SECONDS)) as fn() -> Histogram);
        let help = "Time until an answer began, by route pattern, method and status";
        registry.register("footbridge_request_duration_seconds", help, requests.clone());
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("footbridge_build", "Which version runs", version);
        let started: Gauge = Gauge::default();
        started.set(Clock::System.now().timestamp());
        registry.register("process_start_time_seconds", "When the process began, in seconds from 1970", started);
        Self { registry, requests }
    }
}

impl Metrics {
    /// Counts a request. `route` is its pattern; none where there is no such route.
    pub fn answered(&self, route: Option<&str>, method: &Method, status: StatusCode, took: Duration) {
        let request = Request { route: route.unwrap_or("none").to_owned(), method: known(method), status: status.as_u16() };
        self.requests.get_or_create(&request).observe(took.as_secs_f64());
    }

    /// Everything there is to tell, with a reading of what doesn't count itself.
    fn text(&self, reading: &Registry) -> Result<String, fmt::Error> {
        let mut text = String::new();
        text::encode_registry(&mut text, &self.registry)?;
        text::encode_registry(&mut text, reading)?;
        text::encode_eof(&mut text)?;
        Ok(text)
    }
}

/// Anyone may make up methods; they share one name.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
