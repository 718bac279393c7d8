//! Whether Meilisearch may be asked now. After a failure it rests, longer each time, until a look behind the scenes finds it well.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use super::Trouble;

/// The first rest after a failure; each further one is twice as long.
const FIRST_REST: Duration = Duration::from_millis(500);
/// The longest rest.
const LONGEST_REST: Duration = Duration::from_secs(15);

/// A single late answer may be the question's fault; so many in a row are the server's.
const LATE_IN_A_ROW: u32 = 3;

/// What is known of the server's health.
#[derive(Debug, Default)]
pub(super) struct Health {
    /// It answered last time, from an index that fits.
    usable: AtomicBool,
    /// Failures in a row since a question was last answered.
    failures: AtomicU32,
    /// Late answers in a row.
    late: AtomicU32,
    rest_until: Mutex<Option<Instant>>,
    /// The last change that its answers take into account, as last seen.
    cursor: AtomicI64,
}

impl Health {
    /// Whether a question may go there.
    pub(super) fn is_usable(&self) -> bool {
        self.usable.load(Ordering::Acquire)
    }

    /// Whether it is time for another look.
    pub(super) fn is_rested(&self) -> bool {
        self.rest_until.lock().unwrap_or_else(PoisonError::into_inner).is_none_or(|until| Instant::now() >= until)
    }

    /// A look found it well, or found an index there that can't be used yet.
    pub(super) fn seen(&self, usable: bool, cursor: i64) {
        self.cursor.store(cursor, Ordering::Relaxed);
        if usable && !self.usable.swap(true, Ordering::AcqRel) {
            tracing::info!("Meilisearch answers questions");
        } else if !usable && self.usable.swap(false, Ordering::AcqRel) {
            tracing::warn!("Meilisearch's index can't be used now; the embedded engine answers");
        }
    }

    /// A question was answered.
    pub(super) fn answered(&self) {
        if self.late.load(Ordering::Relaxed) > 0 {
            self.late.store(0, Ordering::Relaxed);
        }
        if self.failures.load(Ordering::Relaxed) > 0 {
            self.failures.store(0, Ordering::Relaxed);
        }
    }

    /// A question failed. Of many that fail at once only the first counts.
    pub(super) fn failed(&self, trouble: &Trouble) {
        if *trouble == Trouble::Late && self.late.fetch_add(1, Ordering::Relaxed) + 1 < LATE_IN_A_ROW {
            return;
        }
        self.late.store(0, Ordering::Relaxed);
        if self.usable.swap(false, Ordering::AcqRel) {
            tracing::warn!(cause = %trouble, "Meilisearch failed; the embedded engine answers");
            self.rest();
        }
    }

    /// A look behind the scenes failed.
    pub(super) fn still_failing(&self, trouble: &Trouble) {
        if self.usable.swap(false, Ordering::AcqRel) || self.failures.load(Ordering::Relaxed) == 0 {
            tracing::warn!(cause = %trouble, "Meilisearch failed; the embedded engine answers");
        }
        self.rest();
    }

    /// The last change that its answers take into account, as last seen.
    pub(super) fn cursor(&self) -> i64 {
        self.cursor.load(Ordering::Relaxed)
    }

    fn rest(&self) {
        let before = self.failures.fetch_add(1, Ordering::Relaxed).min(10);
        let rest = (FIRST_REST * 2_u32.pow(before)).min(LONGEST_REST);
        *self.rest_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_rests_after_a_failure_and_only_a_look_brings_it_back() {
        let health = Health::default();
        assert!(!health.is_usable() && health.is_rested());
        health.seen(true, 7);
        assert!(health.is_usable());
        health.failed(&Trouble::Late);
        health.failed(&Trouble::Late);
        health.answered();
        health.failed(&Trouble::Late);
        health.failed(&Trouble::Late);
        assert!(health.is_usable(), "a late answer now and then is no failure");
        for _ in 0..2 {
            health.failed(&Trouble::Late);
        }
        health.seen(false, 7);
        health.seen(true, 7);
        let failures = health.failures.load(Ordering::Relaxed);
        for _ in 0..16 {
            health.failed(&Trouble::Unreadable);
        }
        assert!(!health.is_usable() && !health.is_rested());
        assert_eq!(health.failures.load(Ordering::Relaxed), failures + 1, "many at once are one failure");
        std::thread::sleep(FIRST_REST * 2 + Duration::from_millis(20));
        assert!(health.is_rested() && !health.is_usable());
        health.seen(true, 8);
        assert!(health.is_usable());
        assert_eq!(health.cursor(), 8);
    }

    #[test]
    fn rests_grow_up_to_a_limit() {
        let health = Health::default();
        for _ in 0..40 {
            health.still_failing(&Trouble::Late);
        }
        let left = health.rest_until.lock().unwrap().unwrap() - Instant::now();
        assert!(left <= LONGEST_REST && left > LONGEST_REST / 2);
        health.seen(true, 1);
        health.answered();
        assert_eq!(health.failures.load(Ordering::Relaxed), 0);
    }
}
