//! A small mail server of the tests' own: it takes letters, and dies, hangs or refuses where a test says.

use std::{
    io::{BufRead, BufReader, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread::JoinHandle,
    time::Duration,
};

/// The moments of one letter's way in, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    BeforeGreeting,
    Greeted,
    HelloHeard,
    HelloAnswered,
    FromHeard,
    FromAnswered,
    ToHeard,
    ToAnswered,
    DataHeard,
    DataAnswered,
    HalfOfTheWords,
    WordsHeard,
    Kept,
    KeptAndAnswered,
    GoodbyeHeard,
}

impl Moment {
    pub const ALL: [Self; 15] = [
        Self::BeforeGreeting,
        Self::Greeted,
        Self::HelloHeard,
        Self::HelloAnswered,
        Self::FromHeard,
        Self::FromAnswered,
        Self::ToHeard,
        Self::ToAnswered,
        Self::DataHeard,
        Self::DataAnswered,
        Self::HalfOfTheWords,
        Self::WordsHeard,
        Self::Kept,
        Self::KeptAndAnswered,
        Self::GoodbyeHeard,
    ];
}

/// What it does at a moment instead of going on.
#[derive(Debug, Clone)]
pub enum Does {
    /// Dies: the connection breaks, and nobody listens any more.
    Dies,
    /// Says nothing more, and keeps the connection.
    Hangs,
    /// Says half a line and nothing more.
    SaysHalf,
    /// Says one letter of an endless line every so often.
    Dribbles,
    /// Says half a line and closes the connection.
    SaysHalfAndGoes,
    /// Gives this answer instead of its own, whatever comes after.
    Says(&'static str),
}

/// A letter that was taken.
#[derive(Debug, Clone)]
pub struct Taken {
    pub from: String,
    pub to: String,
    pub words: String,
}

impl Taken {
    /// A header's value.
    pub fn header(&self, name: &str) -> &str {
        let begins = format!("{name}: ");
        self.words.lines().find_map(|line| line.strip_prefix(&begins)).unwrap_or_else(|| panic!("no {name} in {}", self.words))
    }
}

#[derive(Default)]
struct Shared {
    plan: Mutex<Option<(Moment, Does)>>,
    taken: Mutex<Vec<Taken>>,
    dead: Mutex<bool>,
}

/// The server. It serves one connection after the other.
pub struct Server {
    pub port: u16,
    shared: Arc<Shared>,
    serving: Option<JoinHandle<()>>,
}

/// The connection is over.
struct Over;

impl Server {
    pub fn start() -> Self {
        let mut server = Self { port: 0, shared: Arc::default(), serving: None };
        server.restart();
        server
    }

    /// What it is to do, once, when that moment comes.
    pub fn plan(&self, moment: Moment, does: Does) {
        *self.shared.plan.lock().expect("a plan") = Some((moment, does));
    }

    /// Whether what was planned has happened.
    pub fn has_done_as_planned(&self) -> bool {
        self.shared.plan.lock().expect("a plan").is_none()
    }

    /// Every letter that was taken so far.
    pub fn taken(&self) -> Vec<Taken> {
        self.shared.taken.lock().expect("letters").clone()
    }

    /// Stops listening.
    pub fn stop(&mut self) {
        *self.shared.dead.lock().expect("a word") = true;
        // Wakes the one that waits for a connection.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(serving) = self.serving.take() {
            serving.join().expect("it ends");
        }
    }

    /// Listens again, at the same port; what was taken is still there.
    pub fn restart(&mut self) {
        if let Some(serving) = self.serving.take() {
            serving.join().expect("it ended");
        }
        *self.shared.dead.lock().expect("a word") = false;
        let listener = TcpListener::bind(("127.0.0.1", self.port)).expect("a port");
        self.port = listener.local_addr().expect("an address").port();
        let shared = self.shared.clone();
        self.serving = Some(std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                if shared.is_dead() {
                    return;
                }
                Session::new(&shared, connection).serve();
                if shared.is_dead() {
                    return;
                }
            }
        }));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    fn is_dead(&self) -> bool {
        *self.dead.lock().expect("a word")
    }
}

struct Session<'a> {
    shared: &'a Shared,
    reader: BufReader<TcpStream>,
    from: String,
    to: String,
}

impl<'a> Session<'a> {
    fn new(shared: &'a Shared, connection: TcpStream) -> Self {
        Self { shared, reader: BufReader::new(connection), from: String::new(), to: String::new() }
    }

    fn serve(mut self) {
        let _ = self.dialogue();
        let _ = self.reader.get_ref().shutdown(Shutdown::Both);
    }

    fn dialogue(&mut self) -> Result<(), Over> {
        self.answer(Moment::BeforeGreeting, "220 test ESMTP", Moment::Greeted)?;
        loop {
            let line = self.line()?;
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" => {
                    self.answer(Moment::HelloHeard, "250-test\r\n250-8BITMIME\r\n250 SIZE 1000000", Moment::HelloAnswered)?
                }
                "MAIL" => {
                    self.from = address(&line);
                    self.answer(Moment::FromHeard, "250 ok", Moment::FromAnswered)?;
                }
                "RCPT" => {
                    self.to = address(&line);
                    self.answer(Moment::ToHeard, "250 ok", Moment::ToAnswered)?;
                }
                "DATA" => {
                    self.answer(Moment::DataHeard, "354 go on", Moment::DataAnswered)?;
                    self.words()?;
                }
                "QUIT" => {
                    self.comes(Moment::GoodbyeHeard)?;
                    self.say("221 bye\r\n")?;
                    return Err(Over);
                }
                _ => self.say("502 what\r\n")?,
            }
        }
    }

    fn words(&mut self) -> Result<(), Over> {
        let mut words = String::new();
        loop {
            let line = self.line()?;
            if line == "." {
                break;
            }
            words.push_str(line.strip_prefix('.').unwrap_or(&line));
            words.push('\n');
            if words.len() > 400 {
                self.comes(Moment::HalfOfTheWords)?;
            }
        }
        self.comes(Moment::WordsHeard)?;
        let taken = Taken { from: self.from.clone(), to: self.to.clone(), words };
        self.shared.taken.lock().expect("letters").push(taken);
        self.answer(Moment::Kept, "250 kept", Moment::KeptAndAnswered)
    }

    fn answer(&mut self, before: Moment, answer: &str, after: Moment) -> Result<(), Over> {
        if !self.comes(before)? {
            self.say(&format!("{answer}\r\n"))?;
        }
        self.comes(after).map(|_| ())
    }

    /// Does what is planned for this moment; says whether that was an answer.
    fn comes(&mut self, moment: Moment) -> Result<bool, Over> {
        let planned = self.shared.plan.lock().expect("a plan").take_if(|(when, _)| *when == moment);
        match planned.map(|(_, does)| does) {
            None => Ok(false),
            Some(Does::Says(answer)) => self.say(&format!("{answer}\r\n")).map(|()| true),
            Some(Does::Dies) => {
                *self.shared.dead.lock().expect("a word") = true;
                Err(Over)
            }
            Some(Does::SaysHalfAndGoes) => self.say("25").and(Err(Over)),
            Some(Does::SaysHalf) => self.say("25").and_then(|()| self.wait()),
            Some(Does::Hangs) => self.wait(),
            Some(Does::Dribbles) => loop {
                self.say("2")?;
                std::thread::sleep(Duration::from_millis(500));
            },
        }
    }

    /// Waits until the other side goes.
    fn wait(&mut self) -> Result<bool, Over> {
        while self.line().is_ok() {}
        Err(Over)
    }

    fn line(&mut self) -> Result<String, Over> {
        let mut line = String::new();
        match self.reader.read_line(&mut line) {
            Ok(0) | Err(_) => Err(Over),
            Ok(_) => Ok(line.trim_end_matches(['\r', '\n']).to_owned()),
        }
    }

    fn say(&mut self, words: &str) -> Result<(), Over> {
        self.reader.get_mut().write_all(words.as_bytes()).map_err(|_| Over)
    }
}

/// The address between `<` and `>`.
fn address(line: &str) -> String {
    line.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(address, _)| address.to_owned()).unwrap_or_default()
}
