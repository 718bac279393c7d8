//! The address where the figures are asked for.

use std::{
    io,
    net::{SocketAddr, TcpListener},
};

use actix_web::{
    App, HttpResponse, HttpServer,
    dev::ServerHandle,
    web::{self, Data},
};
use tokio::task::JoinHandle;

use super::{Metrics, Watched};

/// What the text is, for Prometheus.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The server of figures.
pub struct Serving {
    /// Where it listens; the port is the real one where 0 was asked for.
    pub address: SocketAddr,
    handle: ServerHandle,
    task: JoinHandle<io::Result<()>>,
}

/// Serves `/metrics` at this address, in the background.
pub fn serve(bind: SocketAddr, metrics: Data<Metrics>, watched: Watched) -> io::Result<Serving> {
    let listener = TcpListener::bind(bind).map_err(|cause| io::Error::new(cause.kind(), format!("METRICS_BIND: {cause}")))?;
    let address = listener.local_addr()?;
    let watched = Data::new(watched);
    let server = HttpServer::new(move || {
        App::new().app_data(metrics.clone()).app_data(watched.clone()).route("/metrics", web::get().to(show))
    });
    let server = server.workers(1).disable_signals().shutdown_timeout(1).listen(listener)?.run();
    Ok(Serving { address, handle: server.handle(), task: tokio::spawn(server) })
}

impl Serving {
    /// Stops at once.
    pub async fn stop(self) -> io::Result<()> {
        self.handle.stop(false).await;
        self.task.await.map_err(io::Error::other)?
    }
}

async fn show(metrics: Data<Metrics>, watched: Data<Watched>) -> HttpResponse {
    match metrics.text(&watched.read().await) {
        Ok(text) => HttpResponse::Ok().content_type(OPEN_METRICS).body(text),
        Err(cause) => {
            tracing::error!(%cause, "the figures can't be written");
            HttpResponse::InternalServerError().finish()
        }
    }
}
