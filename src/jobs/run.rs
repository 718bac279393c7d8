//! Runs jobs, each under its lease.

use std::time::Duration;

use chrono::TimeDelta;
use url::Url;

use super::{Became, Claimed, Kind, Outside, Runs, State, Went, claim};
use crate::{
    clock::Clock, config::KeepConfig, db::Db, error::Failure, lease::Renewing, mail::Transport, matching::alone::Matcher,
    vault::Vault,
};

/// How often is tried to put down how a job went outside, since it would otherwise be done again.
const NOTES: u32 = 5;
/// How long is waited between.
const BETWEEN_NOTES: Duration = Duration::from_secs(1);

/// What jobs may use.
#[derive(Clone)]
pub struct Means {
    /// The database.
    pub db: Db,
    /// The only source of time.
    pub clock: Clock,
    /// Opens sealed values.
    pub vault: Vault,
    /// How letters go out.
    pub mail: Transport,
    /// Reads wishes and places.
    pub matcher: Matcher,
    /// How people reach the service, for links in letters.
    pub public_url: Url,
    /// How long records are kept.
    pub keep: KeepConfig,
}

/// Which jobs a runner takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Every kind.
    All,
    /// Those that change only the database.
    Inside,
    /// Those that reach outside, where a slow server may hold them up.
    Outside,
}

impl Lane {
    fn kinds(self) -> Vec<Kind> {
        let takes = |kind: &Kind| self == Self::All || (self == Self::Outside) == matches!(kind.runs(), Runs::Outside(_));
        Kind::ALL.into_iter().filter(takes).collect()
    }
}

/// Whoever runs jobs.
#[derive(Clone)]
pub struct Runner {
    means: Means,
    lane: Lane,
    lease: Duration,
}

impl Runner {
    /// A runner whose jobs are another's once it has been silent for `lease`.
    pub fn new(means: Means, lane: Lane, lease: Duration) -> Self {
        Self { means, lane, lease }
    }

    /// Claims and runs one job, if any is due. Says whether there was one.
    pub fn run_one(&self) -> Result<bool, Failure> {
        let Some(job) = self.claim()? else { return Ok(false) };
        self.run(&job)?;
        Ok(true)
    }

    /// Claims the job that is due longest.
    pub fn claim(&self) -> Result<Option<Claimed>, Failure> {
        let kinds = self.lane.kinds();
        self.means.db.write_now(|c| claim(c, &kinds, self.lease_time(), self.means.clock.stamp()))
    }

    /// Runs a claimed job and puts down how it went.
    pub fn run(&self, job: &Claimed) -> Result<(), Failure> {
        let _renewing = self.renewing(job.clone());
        let clock = self.means.clock;
        let outcome = match job.kind.map(Kind::runs) {
            Some(Runs::InOneTransaction(work)) => self.means.db.write_now(|c| {
                work(&self.means, c, &job.payload, clock.stamp())?;
                job.done(c, clock.stamp())
            }),
            Some(Runs::Outside(outside)) => return self.reach_out(job, outside),
            None => Err(Failure::internal("this version knows no such kind of job")),
        };
        match outcome {
            Ok(()) => tracing::info!(job = job.id, "a job is done"),
            Err(failure) => self.not_done(job, failure.to_string())?,
        }
        Ok(())
    }

    fn not_done(&self, job: &Claimed, cause: String) -> Result<(), Failure> {
        let went = Went::NotNow(cause);
        let became = self.means.db.write_now(|c| job.put_down(c, &went, self.means.clock.stamp()))?;
        tell(job, became.as_ref());
        Ok(())
    }

    fn reach_out(&self, job: &Claimed, outside: Outside) -> Result<(), Failure> {
        let went = (outside.run)(&self.means, &job.payload).unwrap_or_else(|failure| {
            tracing::warn!(job = job.id, cause = %failure, "a job could not be begun");
            Went::NotNow(failure.code().to_owned())
        });
        tell(job, self.noted(job, outside, &went)?.as_ref());
        Ok(())
    }

    /// A database that is busy is asked again: what was done outside can't be undone.
    fn noted(&self, job: &Claimed, outside: Outside, went: &Went) -> Result<Option<Became>, Failure> {
        let mut tries = 1;
        loop {
            match self.note(job, outside, went) {
                Err(Failure::Unavailable(cause)) if tries < NOTES => {
                    tracing::warn!(job = job.id, %cause, "how a job went could not be put down yet");
                    std::thread::sleep(BETWEEN_NOTES);
                    tries += 1;
                }
                outcome => return outcome,
            }
        }
    }

    fn note(&self, job: &Claimed, outside: Outside, went: &Went) -> Result<Option<Became>, Failure> {
        self.means.db.write_now(|c| {
            let now = self.means.clock.stamp();
            let became = job.put_down(c, went, now)?;
            if let Some(became) = &became {
                (outside.note)(c, &job.payload, became, now)?;
            }
            Ok(became)
        })
    }

    fn renewing(&self, job: Claimed) -> Renewing {
        let (this, lease) = (self.clone(), self.lease_time());
        // A database that is busy now is asked again; whether the lease was lost shows when the job is put down as done.
        let renew = move || this.means.db.write_now(|c| job.renew(c, lease, this.means.clock.stamp())).unwrap_or(true);
        Renewing::of(self.lease, renew)
    }

    fn lease_time(&self) -> TimeDelta {
        TimeDelta::from_std(self.lease).unwrap_or(TimeDelta::MAX)
    }
}

fn tell(job: &Claimed, became: Option<&Became>) {
    let cause = became.and_then(|became| became.cause.as_deref());
    match became.map(|became| became.state) {
        Some(State::Done) => tracing::info!(job = job.id, "a job is done"),
        Some(state) => {
            let state = state.code();
            tracing::warn!(job = job.id, attempts = job.attempts, state, cause, "a job did not go through");
        }
        None => tracing::warn!(job = job.id, "another had taken over a job; what was done in the database is undone"),
    }
}
