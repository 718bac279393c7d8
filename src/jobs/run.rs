//! Runs jobs, each under its lease.

use std::time::Duration;

use chrono::TimeDelta;

use super::{Claimed, Runs, claim};
use crate::{clock::Clock, db::Db, error::Failure, lease::Renewing};

/// Whoever runs jobs.
#[derive(Clone)]
pub struct Runner {
    db: Db,
    clock: Clock,
    lease: Duration,
}

impl Runner {
    /// A runner whose jobs are another's once it has been silent for `lease`.
    pub fn new(db: Db, clock: Clock, lease: Duration) -> Self {
        Self { db, clock, lease }
    }

    /// Claims and runs one job, if any is due. Says whether there was one.
    pub fn run_one(&self) -> Result<bool, Failure> {
        let Some(job) = self.claim()? else { return Ok(false) };
        self.run(&job)?;
        Ok(true)
    }

    /// Claims the job that is due longest.
    pub fn claim(&self) -> Result<Option<Claimed>, Failure> {
        self.db.write_now(|c| claim(c, self.lease_time(), self.clock.stamp()))
    }

    /// Runs a claimed job and puts down how it went.
    pub fn run(&self, job: &Claimed) -> Result<(), Failure> {
        let _renewing = self.renewing(job.clone());
        let outcome = match job.kind.map(super::Kind::runs) {
            Some(Runs::InOneTransaction(work)) => self.db.write_now(|c| {
                work(c, self.clock.stamp())?;
                job.done(c, self.clock.stamp())
            }),
            None => Err(Failure::internal("this version knows no such kind of job")),
        };
        match outcome {
            Ok(()) => tracing::info!(job = job.id, "a job is done"),
            Err(failure) => self.not_done(job, &failure.to_string())?,
        }
        Ok(())
    }

    fn not_done(&self, job: &Claimed, cause: &str) -> Result<(), Failure> {
        let mine = self.db.write_now(|c| job.not_done(c, cause, self.clock.stamp()))?;
        tracing::warn!(job = job.id, attempts = job.attempts, mine, cause, "a job did not go through");
        Ok(())
    }

    fn renewing(&self, job: Claimed) -> Renewing {
        let (this, lease) = (self.clone(), self.lease_time());
        // A database that is busy now is asked again; whether the lease was lost shows when the job is put down as done.
        Renewing::of(self.lease, move || this.db.write_now(|c| job.renew(c, lease, this.clock.stamp())).unwrap_or(true))
    }

    fn lease_time(&self) -> TimeDelta {
        TimeDelta::from_std(self.lease).unwrap_or(TimeDelta::MAX)
    }
}
