//! What is read at the moment someone asks: jobs, the index, the database.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64},
    },
    time::Duration,
};

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{
        counter::Counter,
        family::Family,
        gauge::{ConstGauge, Gauge},
    },
    registry::Registry,
};
use tokio::sync::Semaphore;

use crate::{
    clock::Clock,
    db::{Db, blocking},
    error::Failure,
    jobs::{self, Kind},
    search::engine::Engine,
    venues::store,
};

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is looked at when someone asks.
#[derive(Clone)]
pub struct Watched {
    db: Db,
    clock: Clock,
    search: Option<Engine>,
    /// One look at the database at a time, so that one that hangs doesn't gather more and more threads.
    looking: Arc<Semaphore>,
}

/// What the database says.
struct Told {
    jobs: Vec<jobs::Count>,
    newest_change: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfKind {
    kind: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfPool {
    pool: &'static str,
}

type ByKind = Family<OfKind, Gauge<i64, AtomicI64>>;
type ByPool = Family<OfPool, Gauge<i64, AtomicI64>>;

impl Watched {
    /// Looks at the database's jobs and connections, and at the index where this process has one.
    pub fn new(db: Db, clock: Clock, search: Option<Engine>) -> Self {
        Self { db, clock, search, looking: Arc::new(Semaphore::new(1)) }
    }

    /// A reading of everything. Where the database doesn't answer in time it says so and leaves out what only the database knows.
    pub(super) async fn read(&self) -> Registry {
        let told = tokio::time::timeout(PATIENCE, self.ask()).await.ok().and_then(Result::ok);
        let mut reading = Registry::default();
        let up = ConstGauge::new(i64::from(told.is_some()));
        reading.register("footbridge_database_up", "Whether the database answers in time", up);
        self.pools(&mut reading);
        if let Some(search) = &self.search {
            index(&mut reading, search, told.as_ref());
        }
        if let Some(told) = told {
            self.jobs(&mut reading, &told.jobs);
        }
        reading
    }

    async fn ask(&self) -> Result<Told, Failure> {
        let permit = self.looking.clone().try_acquire_owned().map_err(|busy| Failure::Unavailable(Arc::new(busy)))?;
        let this = self.clone();
        blocking(move || {
            let _permit = permit;
            let ask = |c: &mut _| Ok(Told { jobs: jobs::counts(c, this.clock.stamp())?, newest_change: store::last_change(c)? });
            this.db.read_now(ask)
        })
        .await
    }

    fn jobs(&self, reading: &mut Registry, counts: &[jobs::Count]) {
        let [waiting, oldest, set_aside] = [(); 3].map(|()| ByKind::default());
        for count in counts {
            let of = OfKind { kind: count.kind.map_or("other", Kind::code) };
            let age = count.oldest.map_or(0, |due| (self.clock.stamp() - due).num_seconds().max(0));
            waiting.get_or_create(&of).set(count.waiting);
            oldest.get_or_create(&of).set(age);
            set_aside.get_or_create(&of).set(count.set_aside);
        }
        reading.register("footbridge_jobs_waiting", "Jobs that are due and not begun", waiting);
        reading.register("footbridge_jobs_oldest_waiting_seconds", "How long the oldest of them has been due", oldest);
        reading.register("footbridge_jobs_set_aside", "Jobs that failed too often and wait for a person", set_aside);
    }

    fn pools(&self, reading: &mut Registry) {
        let [connections, in_use] = [(); 2].map(|()| ByPool::default());
        let waited: Family<OfPool, Counter<f64, AtomicU64>> = Family::default();
        for pool in self.db.pools() {
            let of = OfPool { pool: pool.name };
            connections.get_or_create(&of).set(pool.connections.into());
            in_use.get_or_create(&of).set(pool.in_use.into());
            waited.get_or_create(&of).inc_by(pool.waited.as_secs_f64());
        }
        reading.register("footbridge_database_connections", "Connections that are open", connections);
        reading.register("footbridge_database_connections_in_use", "Those of them that are in use", in_use);
        reading.register("footbridge_database_wait_seconds", "Time spent waiting for a free connection", waited);
        let most = ConstGauge::new(i64::from(self.db.most()));
        reading.register("footbridge_database_connections_most", "How many connections a pool may open", most);
    }
}

fn index(reading: &mut Registry, search: &Engine, told: Option<&Told>) {
    let ready = ConstGauge::new(i64::from(search.ready()));
    reading.register("footbridge_index_ready", "Whether there is an index to ask", ready);
    let places = ConstGauge::new(i64::try_from(search.places()).unwrap_or(i64::MAX));
    reading.register("footbridge_index_places", "Places that can be found", places);
    if let Some(told) = told {
        let behind = ConstGauge::new(search.behind(told.newest_change));
        reading.register("footbridge_index_behind_changes", "Changes that the index has yet to take in", behind);
    }
    let Some(server) = search.fed_server() else { return };
    let usable = ConstGauge::new(i64::from(server.is_usable()));
    reading.register("footbridge_meilisearch_usable", "Whether questions go to Meilisearch now", usable);
    if let Some(told) = told.filter(|_| server.is_usable()) {
        let behind = ConstGauge::new((told.newest_change - server.cursor()).max(0));
        reading.register(
            "footbridge_meilisearch_behind_changes",
            "Changes that Meilisearch had yet to take in when last looked at",
            behind,
        );
    }
}
