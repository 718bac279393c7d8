//! A line in the log for each query that takes long: its SQL and its duration, never its values, which may be personal.

use std::{
    sync::OnceLock,
    time::{Duration, Instant},
};

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};

/// What diesel writes between a query and its values.
const BEFORE_VALUES: &str = " -- binds: ";
/// Characters of a query that are logged; one that writes many rows names each value's place.
const MOST_SQL: usize = 600;

static LIMIT: OnceLock<Duration> = OnceLock::new();

/// Logs, on every connection opened from now on, each query that takes `limit` or longer. The first call in a process counts.
pub fn log_from(limit: Duration) {
    LIMIT.get_or_init(|| limit);
    // It fails only where another thread panicked while it did the same.
    let _ = set_default_instrumentation(|| Some(Box::new(Watch { began: None })));
}

struct Watch {
    began: Option<Instant>,
}

impl Instrumentation for Watch {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartQuery { .. } => self.began = Some(Instant::now()),
            InstrumentationEvent::FinishQuery { query, .. } => {
                let took = self.began.take().map(|began| began.elapsed());
                if let Some(took) = took.filter(|took| LIMIT.get().is_some_and(|limit| took >= limit)) {
                    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
                    tracing::warn!(ms, sql = without_values(&query.to_string()), "a slow query");
                }
            }
            _ => {}
        }
    }
}

fn without_values(query: &str) -> String {
    let sql = query.split(BEFORE_VALUES).next().unwrap_or_default();
    sql.chars().take(MOST_SQL).collect()
}
