//! One import at a time. A plan is made for the catalogue as it was read, so it must not change until the plan is written.

use std::time::{Duration, Instant};

use super::{error::ImportError, progress::Progress};
use crate::{
    db::Db,
    error::Failure,
    lease::{Lease, Right},
};

/// An import that was killed goes on after three seconds.
const IMPORT: Right = Right { name: "import", holds: Duration::from_secs(3) };
/// How long an import waits for another one to end.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);
/// How often one who waits looks again.
const LOOK: Duration = Duration::from_millis(200);

/// Takes the right to import, or waits for it as long as `patience` allows.
pub(super) fn take_turn(db: &Db, patience: Duration, progress: &mut Progress) -> Result<Lease, ImportError> {
    let begun = Instant::now();
    let mut told = false;
    loop {
        if let Some(lease) = Lease::take(db, IMPORT)? {
            return Ok(lease);
        }
        if begun.elapsed() >= patience {
            return Err(ImportError::Busy { seconds: patience.as_secs() });
        }
        if !told {
            progress.stage("Another import is running; waiting for it to end", None);
            told = true;
        }
        std::thread::sleep(LOOK);
    }
}

/// Why an import could not go on.
pub(super) fn explain(lease: &Lease, failure: Failure) -> ImportError {
    if lease.is_lost() { ImportError::TakenOver } else { failure.into() }
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "tests may stop")]
mod tests {
    use super::*;

    #[test]
    fn one_import_waits_for_the_other() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let db = Db::open(&format!("sqlite://{}", folder.path().join("a.db").display()), 2).expect("a database");
        let take = |patience| take_turn(&db, Duration::from_millis(patience), &mut Progress::Silent);
        let first = take(0).expect("free");
        let message = take(300).err().map(|refused| refused.to_string()).unwrap_or_default();
        assert!(message.contains("another import"), "{message}");
        let waited = std::thread::scope(|scope| {
            let second = scope.spawn(|| take(5000).map(drop));
            std::thread::sleep(Duration::from_millis(500));
            drop(first);
            second.join().expect("no panic")
        });
        waited.expect("its turn came");
    }
}
