//! Start and stop of the web server and of what runs beside it.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    time::Duration,
};

use actix_web::{
    App as Web, HttpServer,
    dev::ServerHandle,
    middleware,
    web::{Data, ServiceConfig},
};
use tokio::task::JoinHandle;

use crate::{
    app::App,
    background::Background,
    follow::{follow, watch_server},
    health::{self, Stopping},
    matching::unmet::write_down_often,
    metrics::{self, Metrics},
    routes::{Listed, Route, listed_only, mount, routes},
    search::verbs::reindex_asked,
    signals::Signals,
    vault::ledger,
    web::{errors, headers, limits, packed, trace},
};

/// The largest form or body, in bytes.
const MAX_BODY: usize = 1024 * 1024;

/// How long after its start a service makes ready to understand wishes.
const LISTEN_AFTER: Duration = Duration::from_millis(500);

/// A server that listens.
pub struct Running {
    /// Where it listens; the port is the real one where 0 was asked for.
    pub address: SocketAddr,
    handle: ServerHandle,
    serving: JoinHandle<io::Result<()>>,
    background: Background,
    /// Where the figures are served, if they are.
    pub metrics: Option<metrics::Serving>,
    stopping: Data<Stopping>,
    drain: Duration,
}

/// Binds and serves in the background.
pub fn start(app: &Data<App>) -> io::Result<Running> {
    start_with(app, routes, |_| {})
}

/// The same with another route table and something mounted outside it; for tests of the table itself.
pub fn start_with(app: &Data<App>, table: fn() -> Vec<Route>, outside: fn(&mut ServiceConfig)) -> io::Result<Running> {
    let listener = TcpListener::bind(app.web.bind)?;
    let address = listener.local_addr()?;
    let limits = Data::new(limits::Limits::new(&app.web));
    let security = Data::new(headers::SecurityHeaders::new(&app.web));
    let stopping = Data::new(Stopping::default());
    let counts = Data::new(Metrics::default());
    let listed = Data::new(Listed::of(&table()));
    let (shared, told, counted) = (app.clone(), stopping.clone(), counts.clone());
    let mut server = HttpServer::new(move || {
        Web::new()
            .app_data(shared.clone())
            .app_data(told.clone())
            .app_data(counted.clone())
            .app_data(limits.clone())
            .app_data(listed.clone())
            .app_data(security.clone())
            .app_data(actix_web::web::PayloadConfig::new(MAX_BODY))
            .wrap(middleware::from_fn(listed_only))
            .wrap(middleware::from_fn(limits::limit))
            .wrap(middleware::from_fn(errors::as_pages))
            .wrap(middleware::from_fn(packed::pack))
            .wrap(middleware::from_fn(headers::secure))
            .wrap(middleware::from_fn(trace::trace))
            .wrap(middleware::from_fn(health::say_goodbye))
            .configure(outside)
            .configure(|config| mount(config, table()))
    })
    .disable_signals()
    .shutdown_timeout(app.web.stop_seconds)
    .client_request_timeout(Duration::from_secs(15));
    if let Some(workers) = app.web.workers {
        server = server.workers(usize::from(workers));
    }
    let server = server.listen(listener)?.run();
    let handle = server.handle();
    let metrics = app.web.work.metrics_bind.map(|bind| metrics::serve(bind, counts, app.watched())).transpose()?;
    let (background, drain) = (background(app), app.web.drain());
    Ok(Running { address, handle, serving: tokio::spawn(server), background, metrics, stopping, drain })
}

fn background(app: &Data<App>) -> Background {
    let mut background = Background::default();
    let followed = app.clone();
    let asked = app.db.read_now(reindex_asked).unwrap_or(None);
    background.run(|stopped| follow(followed, asked, stopped));
    let (counted, listening) = (app.clone(), app.clone());
    background.run(|stopped| write_down_often(counted, stopped));
    background.run(|mut stopped| async move {
        // The first wish needn't wait for that then. Nothing waits for the thread, so that stopping needn't either.
        if stopped.pause(LISTEN_AFTER).await {
            std::thread::spawn(move || listening.reader.listen());
        }
    });
    let (vault, db) = (app.vault.clone(), app.db.clone());
    background.run(|stopped| ledger::keep(vault, db, stopped));
    if app.search.fed_server().is_some() {
        let watched = app.clone();
        background.run(|stopped| watch_server(watched, stopped));
    }
    if !app.web.no_work {
        app.work().start(&mut background);
    }
    background
}

impl Running {
    /// Stops taking requests, lets running ones finish, ends the background work.
    pub async fn stop(self, gracefully: bool) -> io::Result<()> {
        self.background.tell();
        self.handle.stop(gracefully).await;
        self.background.stop().await;
        if let Some(metrics) = self.metrics {
            metrics.stop().await?;
        }
        self.serving.await.map_err(io::Error::other)?
    }

    /// Serves until the first stop signal. Then a load balancer is told to send no more visitors and gets time to hear it, while
    /// everything is still served; after that, what runs finishes. A second signal ends the process at once.
    pub async fn until_stopped(self, signals: Signals) -> io::Result<()> {
        signals.first().await;
        self.stopping.begin();
        tracing::info!("stopping: running requests finish, a second signal ends at once");
        tokio::time::sleep(self.drain).await;
        self.stop(true).await
    }
}
