//! The real program as a process of its own, killed at the latest when the test ends.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// Runs a command to its end: whether it went well, and all it said.
pub fn run(words: &[&str], database: &str, folder: &Path, variables: &[(&str, &str)]) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_footbridge"));
    command.args(words).env("DATABASE_URL", database).env("DATA_DIR", folder).env("LOG", "off");
    for name in ["MEILI_URL", "KEY_FILE", "BACKUP_RECIPIENT", "BACKUP_PASSPHRASE_FILE", "BACKUP_IDENTITY_FILE"] {
        command.env_remove(name);
    }
    let run = command.envs(variables.iter().copied()).stdin(Stdio::null()).output().expect("the program runs");
    (run.status.success(), String::from_utf8_lossy(&[run.stdout, run.stderr].concat()).into_owned())
}

/// A running program and what it said so far.
pub struct Process {
    child: Child,
    said: Arc<Mutex<Vec<String>>>,
    reader: Option<JoinHandle<()>>,
}

impl Process {
    /// Starts the program on a database, with variables of its own.
    pub fn start(words: &[&str], database: &str, folder: &Path, variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_footbridge"));
        command
            .args(words)
            .env("DATABASE_URL", database)
            .env("DATA_DIR", folder)
            .env_remove("MEILI_URL")
            .env_remove("KEY_FILE")
            .env_remove("MAIL_URL")
            .env_remove("MAIL_FROM")
            .envs(variables.iter().copied());
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program starts");
        let lines = BufReader::new(child.stderr.take().expect("its words")).lines().map_while(Result::ok);
        let said = Arc::new(Mutex::new(Vec::new()));
        let heard = said.clone();
        let reader = std::thread::spawn(move || lines.for_each(|line| heard.lock().expect("its words").push(line)));
        Self { child, said, reader: Some(reader) }
    }

    /// What it said so far, line by line.
    pub fn said(&self) -> Vec<String> {
        self.said.lock().expect("its words").clone()
    }

    /// Waits until a line holds these words; gives the line.
    pub fn heard(&mut self, words: &str) -> String {
        let began = Instant::now();
        loop {
            if let Some(line) = self.said().into_iter().find(|line| line.contains(words)) {
                return line;
            }
            assert!(self.runs() && began.elapsed() < Duration::from_secs(30), "no `{words}` in:\n{}", self.said().join("\n"));
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub fn runs(&mut self) -> bool {
        self.child.try_wait().expect("its state").is_none()
    }

    /// Sends a signal, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(sent.expect("kill runs").success());
    }

    /// Kills it without a word; gives all it had said.
    pub fn kill(&mut self) -> Vec<String> {
        self.child.kill().expect("it stops");
        self.ended(Duration::from_secs(10));
        self.said()
    }

    /// Waits until it has ended by itself, and until its last words are read.
    pub fn ended(&mut self, within: Duration) -> ExitStatus {
        let began = Instant::now();
        while self.runs() {
            assert!(began.elapsed() < within, "it doesn't end:\n{}", self.said().join("\n"));
            std::thread::sleep(Duration::from_millis(10));
        }
        if let Some(reader) = self.reader.take() {
            reader.join().expect("its words");
        }
        self.child.wait().expect("its status")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
