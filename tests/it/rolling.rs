//! Restarting one process after the other behind a load balancer: no visitor notices.

use std::{
    io::{ErrorKind, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{
    harness::{Engine, database},
    process::Process,
    work::wait_until,
};

/// How many restarts there are, where `FOOTBRIDGE_RESTARTS` says nothing else.
const RESTARTS: usize = 4;
/// Visitors who ask all the time, each on connections that are kept.
const VISITORS: usize = 6;
/// How often the balancer asks whether a process is ready.
const CHECK_EVERY: Duration = Duration::from_millis(200);
/// How long a connection is kept that nobody uses: less than the service keeps it.
const KEEP: Duration = Duration::from_secs(2);
/// What visitors ask for.
const PATHS: [&str; 4] = ["/", "/venues?q=guitar+rehearsal", "/api/v1/venues?q=choir", "/about"];

/// A process as the balancer knows it.
struct Backend {
    address: SocketAddr,
    ready: AtomicBool,
}

/// What one answer said.
pub struct Answer {
    pub status: u16,
    pub closes: bool,
    pub text: String,
}

/// A connection that is kept.
struct Kept {
    stream: TcpStream,
    used: Instant,
}

impl Kept {
    fn open(address: SocketAddr) -> Result<Self, String> {
        let stream = TcpStream::connect_timeout(&address, Duration::from_secs(2)).map_err(|cause| cause.to_string())?;
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a timeout");
        stream.set_nodelay(true).expect("no delay");
        Ok(Self { stream, used: Instant::now() })
    }

    /// Whether another request may be sent: it was used a moment ago, and nobody has closed it.
    fn usable(&self) -> bool {
        self.stream.set_nonblocking(true).expect("it can be asked");
        let open = matches!(self.stream.peek(&mut [0]), Err(cause) if cause.kind() == ErrorKind::WouldBlock);
        self.stream.set_nonblocking(false).expect("it can be asked");
        open && self.used.elapsed() < KEEP
    }

    fn ask(&mut self, path: &str) -> Result<Answer, String> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: footbridge.example\r\n\r\n");
        self.stream.write_all(request.as_bytes()).map_err(|cause| format!("sending: {cause}"))?;
        let (mut bytes, mut part) = (Vec::new(), [0; 16 * 1024]);
        loop {
            let read = self.stream.read(&mut part).map_err(|cause| format!("reading: {cause}"))?;
            if read == 0 {
                return Err(format!("closed after {} bytes", bytes.len()));
            }
            bytes.extend(&part[..read]);
            if let Some(answer) = Answer::whole(&bytes) {
                self.used = Instant::now();
                return Ok(answer);
            }
        }
    }
}

impl Answer {
    /// The answer, if all of it is there.
    fn whole(bytes: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n")?;
        let head = head.to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).map(|n| n.parse().expect("a number"));
        let there = bytes.len() - head.len() - 4;
        let complete = length.map_or_else(|| body.ends_with("0\r\n\r\n"), |length: usize| there >= length);
        let status = head.split(' ').nth(1)?.parse().ok()?;
        complete.then(|| Self { status, closes: head.contains("\r\nconnection: close"), text: text.into_owned() })
    }
}

/// An address that nobody listens on.
pub fn free_port() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|l| l.local_addr()).expect("a free port")
}

/// Asks once, on a connection of its own.
pub fn once(address: SocketAddr, path: &str) -> Result<Answer, String> {
    Kept::open(address)?.ask(path)
}

impl Backend {
    fn check_until(&self, over: &AtomicBool) {
        while !over.load(Ordering::Relaxed) {
            let ready = once(self.address, "/health/ready").is_ok_and(|answer| answer.status == 200);
            self.ready.store(ready, Ordering::Relaxed);
            std::thread::sleep(CHECK_EVERY);
        }
    }
}

/// Asks again and again, each time one that is ready; gives what went wrong.
fn visit_until(backends: &[Backend], over: &AtomicBool, asked: &AtomicU64, turn: &AtomicUsize) -> Vec<String> {
    let mut kept: Vec<Option<Kept>> = backends.iter().map(|_| None).collect();
    let mut wrong = Vec::new();
    while !over.load(Ordering::Relaxed) {
        let n = turn.fetch_add(1, Ordering::Relaxed);
        let ready = (0..backends.len()).map(|i| (n + i) % backends.len()).find(|i| backends[*i].ready.load(Ordering::Relaxed));
        let Some(at) = ready else {
            wrong.push("nobody is ready".to_owned());
            std::thread::sleep(CHECK_EVERY);
            continue;
        };
        let connection = kept[at].take().filter(Kept::usable).map_or_else(|| Kept::open(backends[at].address), Ok);
        let outcome = connection.and_then(|mut connection| Ok((connection.ask(PATHS[n % PATHS.len()])?, connection)));
        asked.fetch_add(1, Ordering::Relaxed);
        match outcome {
            Ok((answer, connection)) if answer.status == 200 => kept[at] = (!answer.closes).then_some(connection),
            Ok((answer, _)) => wrong.push(format!("status {}", answer.status)),
            Err(cause) => wrong.push(cause),
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    wrong
}

#[test]
fn no_request_fails_while_one_process_after_the_other_is_restarted() {
    let restarts = std::env::var("FOOTBRIDGE_RESTARTS").map_or(RESTARTS, |text| text.parse().expect("a number of restarts"));
    let folders = [TempDir::new().expect("a folder"), TempDir::new().expect("a folder")];
    let Some(url) = database(Engine::Postgres, folders[0].path()) else { return };
    let mut demo = Process::start(&["demo"], &url, folders[0].path(), &[]);
    assert!(demo.ended(Duration::from_secs(60)).success(), "the demo loads");
    let backends = [(); 2].map(|()| Backend { address: free_port(), ready: AtomicBool::new(false) });
    let start = |at: usize| {
        let bind = backends[at].address.to_string();
        let keys = folders[0].path().join("footbridge.keys").display().to_string();
        let variables = [("BIND", bind.as_str()), ("DRAIN_SECONDS", "1"), ("WORKERS", "2"), ("LOG", "warn"), ("KEY_FILE", &keys)];
        Process::start(&["serve"], &url, folders[at].path(), &variables)
    };
    let (over, asked, turn) = (AtomicBool::new(false), AtomicU64::new(0), AtomicUsize::new(0));
    let mut running = [start(0), start(1)];
    let wrong: Vec<String> = std::thread::scope(|scope| {
        backends.iter().for_each(|backend| drop(scope.spawn(|| backend.check_until(&over))));
        let ready = |at: usize| wait_until("it is ready", Duration::from_secs(60), || backends[at].ready.load(Ordering::Relaxed));
        let restarted = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            (0..2).for_each(ready);
            let visitors: Vec<_> = (0..VISITORS).map(|_| scope.spawn(|| visit_until(&backends, &over, &asked, &turn))).collect();
            for restart in 0..restarts {
                let at = restart % 2;
                std::thread::sleep(Duration::from_millis(500));
                running[at].signal("TERM");
                assert!(running[at].ended(Duration::from_secs(30)).success());
                running[at] = start(at);
                ready(at);
            }
            visitors
        }));
        over.store(true, Ordering::Relaxed);
        let visitors = restarted.unwrap_or_else(|cause| std::panic::resume_unwind(cause));
        visitors.into_iter().flat_map(|visitor| visitor.join().expect("a visitor")).collect()
    });
    let asked = asked.load(Ordering::Relaxed);
    eprintln!("{restarts} restarts, {asked} requests, {} failed", wrong.len());
    assert!(wrong.is_empty(), "{} of {asked} failed: {:?}", wrong.len(), &wrong[..wrong.len().min(10)]);
    assert!(asked > 100 * restarts as u64, "only {asked} requests");
}

#[test]
fn a_process_that_stops_says_so_and_serves_on_until_a_second_signal() {
    let folder = TempDir::new().expect("a folder");
    let url = database(Engine::Sqlite, folder.path()).expect("a database");
    let address = free_port();
    let variables = [("BIND", address.to_string()), ("DRAIN_SECONDS", "30".to_owned())];
    let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut server = Process::start(&["serve"], &url, folder.path(), &variables);
    server.heard("Footbridge is at");
    wait_until("it is ready", Duration::from_secs(30), || once(address, "/health/ready").is_ok_and(|a| a.status == 200));
    assert!(!once(address, "/about").expect("an answer").closes);
    server.signal("TERM");
    server.heard("stopping");
    let ready = once(address, "/health/ready").expect("an answer");
    assert_eq!((ready.status, ready.closes), (503, true));
    assert!(ready.text.contains("\"stopping\""), "{}", ready.text);
    let page = once(address, "/about").expect("an answer");
    assert_eq!((page.status, page.closes), (200, true), "visitors are still served");
    server.signal("TERM");
    assert_eq!(server.ended(Duration::from_secs(5)).code(), Some(130));
}
