//! Keeps this process's copy of the index in step with the change log, and makes it anew where that is asked for.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use actix_web::web::Data;

use crate::{
    app::App,
    background::Stopped,
    db::blocking,
    error::Failure,
    lease::{Lease, Right},
    search::verbs,
};

/// How often the change log is looked at.
const EVERY: Duration = Duration::from_millis(1_000);
/// How often the search server is looked at.
const WATCH_EVERY: Duration = Duration::from_millis(500);
/// Changes that the index takes in at once.
const BATCH: u32 = 2_000;
/// The right to make an index anew where that was asked of every process.
pub const REINDEX: Right = Right { name: "reindexing", holds: Duration::from_secs(10) };

/// Follows until it is told to stop. A reindexing other than `asked` is one that was asked for since.
pub async fn follow(app: Data<App>, mut asked: Option<String>, mut stopped: Stopped) {
    let ending = Arc::new(AtomicBool::new(false));
    loop {
        let (shared, flag, before) = (app.clone(), ending.clone(), asked.clone());
        let work = blocking(move || follow_once(&shared, &flag, before.as_deref()));
        tokio::pin!(work);
        let outcome = tokio::select! {
            outcome = &mut work => outcome,
            () = stopped.told() => {
                ending.store(true, Ordering::Relaxed);
                work.await
            }
        };
        match outcome {
            Ok(now_asked) => asked = now_asked,
            Err(cause) => tracing::error!(cause = %cause, "the search index can't be brought up to date; trying again"),
        }
        if ending.load(Ordering::Relaxed) || !stopped.pause(EVERY).await {
            return;
        }
    }
}

/// Looks again and again whether the search server may be asked, until it is told to stop.
pub async fn watch_server(app: Data<App>, mut stopped: Stopped) {
    let mut database = None;
    loop {
        if database.is_none() {
            database = app.db.read(crate::db::identity).await.ok();
        }
        if let Some(name) = &database {
            app.search.look_at_server(name.clone()).await;
        }
        if !stopped.pause(WATCH_EVERY).await {
            return;
        }
    }
}

/// One look at the database. Says which reindexing was asked for last, now done.
fn follow_once(app: &App, ending: &AtomicBool, before: Option<&str>) -> Result<Option<String>, Failure> {
    app.refresh_demo()?;
    catch_up(app, ending)?;
    let asked = app.db.read_now(verbs::reindex_asked)?;
    if asked.as_deref() == before {
        return Ok(asked);
    }
    // One process at a time, so that the others answer as quickly as ever; whoever finds the lease taken looks again.
    let Some(_lease) = Lease::take(&app.db, REINDEX)? else { return Ok(before.map(str::to_owned)) };
    tracing::info!("making the search index anew");
    app.db.read_now(|c| app.search.rebuild(c, ending, |_| ()))?;
    Ok(asked)
}

/// Takes in every change there is, batch by batch.
pub fn catch_up(app: &App, ending: &AtomicBool) -> Result<(), Failure> {
    while !ending.load(Ordering::Relaxed) {
        let done = app.db.read_now(|c| app.search.catch_up(c, BATCH, ending))?;
        if done.changed == 0 {
            break;
        }
    }
    Ok(())
}
