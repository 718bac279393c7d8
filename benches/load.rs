//! Many connections that ask without pause, each on a thread of its own, and how long every answer took.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use crate::{
    http::{Answer, Connection},
    process,
};

/// Connections that ask at once.
pub const CONNECTIONS: usize = 16;
/// Asked beforehand, so that nothing is measured cold.
const WARM: Duration = Duration::from_secs(3);
/// How long is measured.
const TIME: Duration = Duration::from_secs(10);

/// What came of a load.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Answers a second.
    pub rate: f64,
    /// Milliseconds in which half of the answers came.
    pub median: f64,
    /// Milliseconds in which 99 of 100 answers came.
    pub p99: f64,
    /// Bytes of an answer on the wire, on average.
    pub bytes: f64,
    /// Processor time of the watched processes, in milliseconds an answer.
    pub cpu: f64,
    /// The part of one processor that the watched processes took.
    pub busy: f64,
    /// The part of one processor that asking took.
    pub own: f64,
    /// The share of answers that another engine gave than the one that is measured.
    pub behind: f64,
}

struct Measured {
    micros: Vec<u32>,
    bytes: usize,
    behind: usize,
}

/// Asks all requests over and over; connections are dealt out to the addresses in turn. An answer that isn't 200 stops
/// the measurement. `watched` are the processes whose time counts.
pub fn run(addresses: &[SocketAddr], requests: &[Vec<u8>], watched: &dyn Fn() -> Vec<u32>) -> Outcome {
    let next = AtomicUsize::new(0);
    let from = Instant::now() + WARM;
    let to = from + TIME;
    let spent = |ids: &[u32]| ids.iter().filter_map(|id| process::cpu(*id)).sum::<f64>();
    let me = std::process::id();
    thread::scope(|scope| {
        let askers: Vec<_> = (0..CONNECTIONS)
            .map(|at| {
                let (next, address) = (&next, addresses[at % addresses.len()]);
                scope.spawn(move || ask(address, requests, next, from, to))
            })
            .collect();
        thread::sleep(from.saturating_duration_since(Instant::now()));
        let ids = watched();
        let (before, own_before) = (spent(&ids), spent(&[me]));
        thread::sleep(to.saturating_duration_since(Instant::now()));
        let (cpu, own) = (spent(&ids) - before, spent(&[me]) - own_before);
        let all: Vec<Measured> = askers.into_iter().map(|asker| asker.join().expect("every answer is 200")).collect();
        outcome(&all, cpu, own)
    })
}

fn ask(address: SocketAddr, requests: &[Vec<u8>], next: &AtomicUsize, from: Instant, to: Instant) -> Measured {
    let mut connection = Connection::open(address).expect("a connection");
    let mut measured = Measured { micros: Vec::with_capacity(64 * 1024), bytes: 0, behind: 0 };
    loop {
        let request = &requests[next.fetch_add(1, Ordering::Relaxed) % requests.len()];
        let began = Instant::now();
        let answer = connection.ask(request).expect("an answer");
        let ended = Instant::now();
        expect_200(request, answer);
        if ended >= to {
            return measured;
        }
        if began >= from {
            measured.micros.push(u32::try_from((ended - began).as_micros()).unwrap_or(u32::MAX));
            measured.bytes += answer.bytes;
            measured.behind += usize::from(answer.behind);
        }
    }
}

/// Stops where an answer is an error.
pub fn expect_200(request: &[u8], answer: Answer) {
    assert!(answer.status == 200, "{}: {}", String::from_utf8_lossy(request), answer.status);
}

fn outcome(all: &[Measured], cpu: f64, own: f64) -> Outcome {
    let mut micros: Vec<u32> = all.iter().flat_map(|one| one.micros.iter().copied()).collect();
    micros.sort_unstable();
    assert!(!micros.is_empty(), "no answer came in time");
    let count = micros.len() as f64;
    let at = |hundredths: usize| f64::from(micros[(micros.len() - 1) * hundredths / 100]) / 1000.0;
    let bytes: usize = all.iter().map(|one| one.bytes).sum();
    let seconds = TIME.as_secs_f64();
    Outcome {
        rate: count / seconds,
        median: at(50),
        p99: at(99),
        bytes: bytes as f64 / count,
        cpu: cpu * 1000.0 / count,
        busy: cpu / seconds,
        own: own / seconds,
        behind: all.iter().map(|one| one.behind).sum::<usize>() as f64 / count,
    }
}
