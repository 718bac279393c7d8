//! Start and stop: the web server, the follower that keeps the index in step, and the runner of jobs.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use actix_web::{App as Web, HttpServer, dev::ServerHandle, middleware, web::Data};
use tokio::{sync::watch, task::JoinHandle};

use crate::{
    app::{App, Route, mount, routes},
    db::blocking,
    error::Failure,
    jobs, search,
    web::{errors, headers, limits, packed, trace},
};

/// How often the change log is looked at.
const FOLLOW_EVERY: Duration = Duration::from_millis(1_000);
/// How often due jobs are looked for.
const JOBS_EVERY: Duration = Duration::from_secs(2);
/// Changes that the index takes in at once.
const FOLLOW_BATCH: u32 = 2_000;
/// The largest form or body, in bytes.
const MAX_BODY: usize = 64 * 1024;

/// A server that listens.
pub struct Running {
    /// Where it listens; the port is the real one where 0 was asked for.
    pub address: SocketAddr,
    handle: ServerHandle,
    serving: JoinHandle<io::Result<()>>,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

/// Binds and serves in the background.
pub fn start(app: &Data<App>) -> io::Result<Running> {
    start_with(app, routes)
}

/// The same with another route table; for tests of the table itself.
pub fn start_with(app: &Data<App>, table: fn() -> Vec<Route>) -> io::Result<Running> {
    let listener = TcpListener::bind(app.web.bind)?;
    let address = listener.local_addr()?;
    let limits = Data::new(limits::Limits::new(&app.web));
    let security = Data::new(headers::SecurityHeaders::new(&app.web));
    let shared = app.clone();
    let mut server = HttpServer::new(move || {
        Web::new()
            .app_data(shared.clone())
            .app_data(limits.clone())
            .app_data(security.clone())
            .app_data(actix_web::web::PayloadConfig::new(MAX_BODY))
            .wrap(middleware::from_fn(limits::limit))
            .wrap(middleware::from_fn(errors::as_pages))
            .wrap(middleware::from_fn(packed::pack))
            .wrap(middleware::from_fn(headers::secure))
            .wrap(middleware::from_fn(trace::trace))
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
    let (stop, stopped) = watch::channel(false);
    let tasks = vec![tokio::spawn(follow(app.clone(), stopped.clone())), tokio::spawn(run_jobs(app.clone(), stopped))];
    Ok(Running { address, handle, serving: tokio::spawn(server), stop, tasks })
}

impl Running {
    /// Stops taking requests, lets running ones finish, ends the background work.
    pub async fn stop(self, gracefully: bool) -> io::Result<()> {
        self.stop.send_replace(true);
        self.handle.stop(gracefully).await;
        for task in self.tasks {
            if task.await.is_err() {
                tracing::error!("a background task ended badly");
            }
        }
        self.serving.await.map_err(io::Error::other)?
    }

    /// Serves until the first stop signal, then finishes what runs; a second signal ends the process at once.
    pub async fn until_stopped(self, mut signals: Signals) -> io::Result<()> {
        signals.next().await;
        tracing::info!("stopping: running requests finish, a second signal ends at once");
        tokio::spawn(async move {
            signals.next().await;
            tracing::warn!("stopped at once");
            std::process::exit(130);
        });
        self.stop(true).await
    }
}

/// The signals that ask the service to stop, listened for from the moment this is made.
pub struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// Begins to listen. Needs a running tokio.
    pub fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
impl Signals {
    /// Begins to listen. Needs a running tokio.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {})
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Waits, unless it is time to stop. Says whether to go on.
async fn wait(stopped: &mut watch::Receiver<bool>, time: Duration) -> bool {
    tokio::select! {
        () = tokio::time::sleep(time) => !*stopped.borrow(),
        _ = stopped.changed() => false,
    }
}

/// Keeps this process's copy of the index in step with the change log, and makes it anew where that is asked for.
async fn follow(app: Data<App>, mut stopped: watch::Receiver<bool>) {
    let ending = Arc::new(AtomicBool::new(false));
    let mut asked = app.db.read(search::verbs::reindex_asked).await.unwrap_or(None);
    loop {
        let (shared, flag, before) = (app.clone(), ending.clone(), asked.clone());
        let work = blocking(move || follow_once(&shared, &flag, before.as_deref()));
        tokio::pin!(work);
        let outcome = tokio::select! {
            outcome = &mut work => outcome,
            _ = stopped.changed() => {
                ending.store(true, Ordering::Relaxed);
                work.await
            }
        };
        match outcome {
            Ok(now_asked) => asked = now_asked,
            Err(cause) => tracing::error!(cause = %cause, "the search index can't be brought up to date; trying again"),
        }
        if ending.load(Ordering::Relaxed) || !wait(&mut stopped, FOLLOW_EVERY).await {
            return;
        }
    }
}

/// One look at the database. Says which reindexing was asked for last, now done.
fn follow_once(app: &App, ending: &AtomicBool, before: Option<&str>) -> Result<Option<String>, Failure> {
    app.refresh_demo()?;
    catch_up(app, ending)?;
    let asked = app.db.read_now(search::verbs::reindex_asked)?;
    if asked.as_deref() != before {
        tracing::info!("making the search index anew");
        app.db.read_now(|c| app.search.rebuild(c, ending, |_| ()))?;
    }
    Ok(asked)
}

/// Takes in every change there is, batch by batch.
pub fn catch_up(app: &App, ending: &AtomicBool) -> Result<(), Failure> {
    while !ending.load(Ordering::Relaxed) {
        let done = app.db.read_now(|c| app.search.catch_up(c, FOLLOW_BATCH, ending))?;
        if done.changed == 0 {
            break;
        }
    }
    Ok(())
}

async fn run_jobs(app: Data<App>, mut stopped: watch::Receiver<bool>) {
    let asked = app.clone();
    let first = app.db.write(move |c| jobs::ask_for_tidying(c, asked.clock.stamp())).await;
    if let Err(cause) = first {
        tracing::error!(cause = %cause, "the daily tidying can't be asked for");
    }
    loop {
        let shared = app.clone();
        let outcome = blocking(move || jobs::run_one(&shared.db, shared.clock.stamp())).await;
        if let Err(cause) = &outcome {
            tracing::error!(cause = %cause, "jobs can't be run; trying again");
        }
        let pause = if matches!(outcome, Ok(true)) { Duration::ZERO } else { JOBS_EVERY };
        if !wait(&mut stopped, pause).await {
            return;
        }
    }
}
