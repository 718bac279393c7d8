//! What a load balancer asks: is the process alive, and may it get visitors?

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use actix_web::{
    Error, HttpResponse,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::ConnectionType,
    middleware::Next,
    web::Data,
};
use serde::Serialize;

use crate::{app::App, error::Failure};

/// Changes that the index may be behind while the process still counts as ready.
pub const MOST_BEHIND: i64 = 50_000;
/// How long the database may take to answer. A balancer doesn't wait for longer either.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether this process was asked to stop. It is still serving, but shall get no new visitors.
#[derive(Debug, Default)]
pub struct Stopping(AtomicBool);

impl Stopping {
    /// From now on it is.
    pub fn begin(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether it is.
    pub fn begun(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
    database: bool,
    search: bool,
}

/// The process answers.
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "status": "ok" }))
}

/// The database answers, the index is made and not far behind, and the process isn't about to stop.
pub async fn ready(app: Data<App>, stopping: Data<Stopping>) -> HttpResponse {
    let newest = newest_change(&app).await;
    let search = newest.as_ref().is_ok_and(|newest| app.search.ready() && app.search.behind(*newest) <= MOST_BEHIND);
    let database = newest.is_ok();
    if let Err(failure) = newest {
        tracing::error!(cause = %failure, "the database does not answer");
    }
    let status = match (stopping.begun(), database && search) {
        (true, _) => "stopping",
        (false, true) => "ok",
        (false, false) => "not ready",
    };
    let mut response = if status == "ok" { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    response.json(Health { status, database, search })
}

async fn newest_change(app: &App) -> Result<i64, Failure> {
    let asked = app.db.read(crate::venues::store::last_change);
    tokio::time::timeout(PATIENCE, asked).await.unwrap_or_else(|late| Err(Failure::Unavailable(Arc::new(late))))
}

/// While the process is about to stop, each answer is its connection's last, so that nobody sends another request on it.
pub async fn say_goodbye<B: MessageBody>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, Error> {
    let mut response = next.call(request).await?;
    let stopping = response.request().app_data::<Data<Stopping>>().is_some_and(|stopping| stopping.begun());
    if stopping {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    Ok(response)
}
