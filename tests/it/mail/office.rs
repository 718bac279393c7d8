//! A database with an outbox and someone to write to, at whatever time a test says.

use std::path::Path;

use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;
use footbridge::{
    clock::Clock,
    config::KeepConfig,
    db::Db,
    jobs::{Lane, Means, Runner},
    mail::{self, Letter, NewMessage, Transport},
    schema::outbox,
    values::SubjectId,
    vault::{Private, Vault},
};
use tempfile::TempDir;
use uuid::Uuid;

use super::CHOOSE;
use crate::harness::{Engine, LEASE, clock, config_with, database};

/// How long records are kept; no matter here.
const KEEP: KeepConfig = KeepConfig { keep_not_begun_years: 2, keep_open_door_years: 8 };
/// Whom the letters are to.
pub const ADDRESS: &str = "ada@example.org";

/// How a letter stands.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = outbox)]
pub struct Stands {
    pub id: String,
    pub state: String,
    pub attempts: i32,
    pub last_error: Option<String>,
    pub address: String,
    pub text_form: String,
    pub html_form: String,
    pub message_id: String,
    pub ended_at: Option<NaiveDateTime>,
}

impl Stands {
    /// State, attempts and error.
    pub fn short(&self) -> (&str, i32, &str) {
        (&self.state, self.attempts, self.last_error.as_deref().unwrap_or(""))
    }
}

pub struct Office {
    pub db: Db,
    pub vault: Vault,
    pub mail: Transport,
    pub someone: SubjectId,
    pub url: String,
    pub folder: TempDir,
}

impl Office {
    /// Where letters go by these flags; none where the machine lacks the database.
    pub fn open(engine: Engine, flags: &[&str]) -> Option<Self> {
        let folder = TempDir::new().expect("a folder");
        let url = database(engine, folder.path())?;
        let db = Db::open(&url, 4).expect("the database opens");
        let config = config_with(folder.path(), flags);
        let vault = Vault::open(&config, &db, clock()).expect("the vault opens");
        let mail = Transport::new(&config).expect("a transport");
        let someone = SubjectId(Uuid::new_v4());
        db.write_now(|c| vault.new_key(c, someone, clock().stamp())).expect("a key");
        Some(Self { db, vault, mail, someone, url, folder })
    }

    /// One whose letters go to a mail server on this machine.
    pub fn with_server(engine: Engine, port: u16) -> Option<Self> {
        Self::open(engine, &["--mail-url", &format!("smtp://127.0.0.1:{port}"), "--mail-from", "post@footbridge.example"])
    }

    pub fn post(&self, letter: &impl Letter) {
        let now = clock().stamp();
        let address = Private::new(ADDRESS);
        self.db.write_now(|c| mail::post(c, &self.vault, self.someone, &address, letter, now)).expect("it is posted");
    }

    /// Posts a letter with this link in it.
    pub fn post_link(&self, link: &str) {
        self.post(&NewMessage { link: link.to_owned(), choose: CHOOSE.to_owned() });
    }

    pub fn means(&self, late: Duration) -> Means {
        let (db, vault, mail) = (self.db.clone(), self.vault.clone(), self.mail.clone());
        Means {
            db,
            clock: later(late),
            vault,
            mail,
            matcher: crate::harness::matcher(),
            public_url: footbridge::config::local_url(8080),
            keep: KEEP,
        }
    }

    /// Whoever runs jobs, so much later.
    pub fn runner(&self, late: Duration) -> Runner {
        Runner::new(self.means(late), Lane::Outside, LEASE)
    }

    /// Runs every job that is due by then; says how many.
    pub fn run_jobs(&self, late: Duration) -> u32 {
        let runner = self.runner(late);
        let mut jobs = 0;
        while runner.run_one().expect("the database answers") {
            jobs += 1;
        }
        jobs
    }

    /// How every letter stands, in the order they were posted.
    pub fn outbox(&self) -> Vec<Stands> {
        let all = outbox::table.order((outbox::posted_at, outbox::id)).select(Stands::as_select());
        self.db.read_now(|c| Ok(all.load(c)?)).expect("the outbox")
    }

    /// How the one letter stands.
    pub fn letter(&self) -> Stands {
        let mut all = self.outbox();
        assert_eq!(all.len(), 1, "one letter");
        all.remove(0)
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

pub fn later(late: Duration) -> Clock {
    Clock::Fixed(clock().now() + late)
}
