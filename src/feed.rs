//! Feeds Meilisearch from the change log. Of all processes that could, one at a time does.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use crate::{
    background::Stopped,
    db::{Db, blocking},
    lease::{Lease, Right},
    search::meili::{Fed, Meili, Trouble},
};

/// How often the change log is looked at.
const EVERY: Duration = Duration::from_secs(1);
/// The longest pause after a failure.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// How long a round that is under way gets to end when the service stops; what it leaves undone is done later.
const END_WITHIN: Duration = Duration::from_secs(2);
/// The right to feed. A round may wait long for the server; the lease is renewed meanwhile.
const RIGHT: Right = Right { name: "feeding Meilisearch", holds: Duration::from_secs(10) };

/// Feeds until it is told to stop.
pub async fn feed(server: Arc<Meili>, db: Db, mut stopped: Stopped) {
    let ending = Arc::new(AtomicBool::new(false));
    let mut lease: Option<Lease> = None;
    let mut failures: u32 = 0;
    loop {
        let (to_take, kept) = (db.clone(), lease.take());
        lease = blocking(move || hold(kept, &to_take)).await.unwrap_or(None);
        let outcome = match &lease {
            Some(_) => round(&server, &db, &ending, &mut stopped).await,
            None => Ok(Fed::InStep),
        };
        failures = told(&outcome, failures);
        let pause = match outcome {
            Ok(Fed::Some) => Duration::ZERO,
            Ok(Fed::InStep) => EVERY,
            Err(_) => (EVERY * 2_u32.pow(failures.min(6))).min(LONGEST_PAUSE),
        };
        if ending.load(Ordering::Relaxed) || !stopped.pause(pause).await {
            // Giving the lease back asks the database.
            let given_back = blocking(move || {
                drop(lease);
                Ok(())
            });
            _ = given_back.await;
            return;
        }
    }
}

/// The lease as before, or a new one where nobody else has it.
fn hold(kept: Option<Lease>, db: &Db) -> Result<Option<Lease>, crate::error::Failure> {
    match kept {
        Some(lease) if !lease.is_lost() => Ok(Some(lease)),
        _ => Lease::take(db, RIGHT),
    }
}

async fn round(server: &Arc<Meili>, db: &Db, ending: &Arc<AtomicBool>, stopped: &mut Stopped) -> Result<Fed, Trouble> {
    let work = server.feed(db, ending);
    tokio::pin!(work);
    tokio::select! {
        outcome = &mut work => outcome,
        () = stopped.told() => {
            ending.store(true, Ordering::Relaxed);
            tokio::time::timeout(END_WITHIN, work).await.unwrap_or(Err(Trouble::Stopping))
        }
    }
}

/// Logs when feeding begins to fail and when it goes through again. Gives the failures in a row.
fn told(outcome: &Result<Fed, Trouble>, failures: u32) -> u32 {
    match outcome {
        Ok(_) if failures > 0 => {
            tracing::info!("Meilisearch is fed again");
            0
        }
        Ok(_) | Err(Trouble::Stopping) => failures,
        Err(trouble) => {
            if failures == 0 {
                tracing::warn!(cause = %trouble, "Meilisearch can't be fed; trying again");
            }
            failures + 1
        }
    }
}
