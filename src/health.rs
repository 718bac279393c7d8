//! What a load balancer asks: is the process alive, and may it get visitors?

use actix_web::{HttpResponse, web::Data};
use diesel::RunQueryDsl;
use serde::Serialize;

use crate::{app::App, error::Failure};

/// Changes that the index may be behind while the process still counts as ready.
const MOST_BEHIND: i64 = 50_000;

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

/// The database answers and the index is made.
pub async fn ready(app: Data<App>) -> HttpResponse {
    let asked = app.db.read(|c| {
        diesel::sql_query("SELECT 1").execute(c)?;
        crate::venues::store::last_change(c)
    });
    let newest = asked.await;
    let search = newest.as_ref().is_ok_and(|newest| app.search.ready() && app.search.behind(*newest) <= MOST_BEHIND);
    let database = newest.is_ok();
    if let Err(failure) = newest {
        log(&failure);
    }
    let status = if database && search { "ok" } else { "not ready" };
    let mut response = if database && search { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    response.json(Health { status, database, search })
}

fn log(failure: &Failure) {
    tracing::error!(cause = %failure, "the database does not answer");
}
