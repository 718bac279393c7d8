//! The program under measurement: its commands, and `serve` on a free port.

use std::{
    fs::File,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    http::{self, Connection},
    process::{self, Ending, Usage},
};

/// How long a start may take.
const PATIENCE: Duration = Duration::from_secs(300);

/// A command of the program over a folder, and over another database than the folder's if one is named. Its settings
/// are those that everyone gets who sets nothing; what it says goes to a file.
pub fn command(data: &Path, database: Option<&str>, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_footbridge"));
    for name in ["SEARCH_CONFIG", "DB_POOL", "LOG", "LOG_FORMAT", "WORKERS", "RATE_LIMIT", "TRUSTED_PROXY", "DATABASE_URL"] {
        command.env_remove(name);
    }
    for name in ["MEILI_URL", "MEILI_KEY", "MEILI_INDEX", "KEY_FILE"] {
        command.env_remove(name);
    }
    if let Some(url) = database {
        command.env("DATABASE_URL", url);
    }
    let log = File::options().append(true).create(true).open(folder().join("footbridge.log")).expect("a log");
    command.env("DATA_DIR", data).args(words).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    command
}

/// Where everything is kept between runs.
pub fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench");
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// A server that is ready.
pub struct Site {
    /// Where it listens.
    pub address: SocketAddr,
    /// Seconds from its start until it was ready.
    pub ready_after: f64,
    process: Ending,
}

impl Site {
    /// Starts a server and waits until it is ready.
    pub fn start(data: &Path, database: Option<&str>, settings: &[(&str, &str)]) -> Self {
        let address = free_address();
        let mut command = command(data, database, &["serve"]);
        command.env("BIND", address.to_string()).envs(settings.iter().copied());
        let began = Instant::now();
        let process = Ending(command.spawn().expect("the server starts"));
        while !is_ready(address) {
            assert!(began.elapsed() < PATIENCE, "the server does not get ready; see {}", folder().display());
            thread::sleep(Duration::from_millis(5));
        }
        Self { address, ready_after: began.elapsed().as_secs_f64(), process }
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.process.0.id()
    }

    /// What it has taken so far.
    pub fn usage(&self) -> Usage {
        process::usage(self.pid()).expect("the server runs")
    }

    /// An answer of the JSON interface.
    pub fn json(&self, path: &str) -> serde_json::Value {
        let mut connection = Connection::open(self.address).expect("a connection");
        let (answer, body) = connection.body(&http::get(path, None)).expect("an answer");
        assert!(answer.status == 200, "{path}: {}", answer.status);
        serde_json::from_slice(&body).expect("JSON")
    }
}

fn is_ready(address: SocketAddr) -> bool {
    let asked = Connection::open(address).and_then(|mut connection| connection.ask(&http::get("/health/ready", None)));
    asked.is_ok_and(|answer| answer.status == 200)
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port")
}
