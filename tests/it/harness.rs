//! A whole service for each test: its own database, its own index, a clock that stands still, a port of its own.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use actix_web::web::Data;
use chrono::{NaiveDateTime, TimeDelta, TimeZone, Utc};
use clap::Parser;
use diesel::{BoolExpressionMethods, ExpressionMethods, QueryDsl, RunQueryDsl};
use footbridge::{
    app::{self, App},
    clock::Clock,
    config::{Config, WebConfig, local_url},
    db::Db,
    follow,
    jobs::{Lane, Means, Runner},
    mail::{Parcel, Transport},
    matching::{alone::Matcher, understand::Reader},
    schema::jobs,
    search::engine,
    server::{self, Running},
    settings_files::SettingsFiles,
    vault::Vault,
};
use scraper::{Html, Selector};
use serde_json::Value;
use tempfile::TempDir;

use crate::postgres;

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// Runs each test on SQLite and on PostgreSQL. A test is `async fn name(site: &mut Site)`.
#[macro_export]
macro_rules! on_both_databases {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[actix_web::test]
            async fn $name() {
                $crate::harness::run($crate::harness::Engine::Sqlite, async |site| super::$name(site).await).await;
            })+
        }
        mod postgres {
            $(#[actix_web::test]
            async fn $name() {
                $crate::harness::run($crate::harness::Engine::Postgres, async |site| super::$name(site).await).await;
            })+
        }
    };
}

#[derive(Parser)]
struct Settings {
    #[command(flatten)]
    config: Config,
    #[command(flatten)]
    web: WebConfig,
}

/// A running service and someone who visits it.
pub struct Site {
    pub app: Data<App>,
    pub base: String,
    pub folder: TempDir,
    pub database: String,
    seconds: &'static AtomicI64,
    client: reqwest::Client,
    running: Option<Running>,
}

/// Saturday 21 November 2026, noon in London.
pub fn clock() -> Clock {
    Clock::Fixed(Utc.with_ymd_and_hms(2026, 11, 21, 12, 0, 0).single().expect("a real instant"))
}

/// A fresh database of this engine; none where the machine has no such engine.
pub fn database(engine: Engine, folder: &Path) -> Option<String> {
    match engine {
        Engine::Sqlite => Some(format!("sqlite://{}", folder.join("footbridge.db").display())),
        Engine::Postgres => postgres::fresh_database(),
    }
}

/// The settings of a service on this database that keeps the rest in this folder.
pub fn config(url: &str, folder: &Path) -> Config {
    config_with(folder, &["--database-url", url])
}

/// The settings of a service that keeps everything in this folder and letters in memory, unless flags say otherwise.
pub fn config_with(folder: &Path, flags: &[&str]) -> Config {
    let data = folder.display().to_string();
    let mut words = vec!["footbridge", "--data-dir", &data];
    if !flags.contains(&"--mail-url") {
        words.extend(["--mail-url", "memory:"]);
    }
    words.extend(flags);
    config_of(&words)
}

/// The settings of a command line.
pub fn config_of(words: &[&str]) -> Config {
    Settings::parse_from(words).config
}

/// Runs a test against a service of its own and stops the service.
pub async fn run(engine: Engine, test: impl AsyncFnOnce(&mut Site)) {
    let folder = TempDir::new().expect("a folder");
    let Some(url) = database(engine, folder.path()) else { return };
    let mut site = Site::start(folder, &url, &[]);
    test(&mut site).await;
    site.finish_jobs().await;
    site.stop().await;
}

/// Opens a fresh database for a test that needs no web server.
pub fn open_database(engine: Engine, folder: &Path) -> Option<Db> {
    Some(Db::open(&database(engine, folder)?, 4).expect("the database opens"))
}

/// What jobs may use, letters going into memory.
pub fn means(db: &Db, folder: &Path, clock: Clock) -> Means {
    let config = config_with(folder, &[]);
    let vault = Vault::open(&config, db, clock).expect("the vault opens");
    let mail = Transport::new(&config).expect("a transport");
    Means { db: db.clone(), clock, vault, mail, matcher: matcher(), public_url: local_url(8080), keep: config.keep }
}

/// What reads wishes and places, once for all tests.
pub fn matcher() -> Matcher {
    static READER: OnceLock<Arc<Reader>> = OnceLock::new();
    let files = SettingsFiles::default();
    let read = || {
        let vocabulary = Arc::new(app::vocabulary(&files).expect("the vocabulary"));
        Arc::new(app::reader(&files, vocabulary).expect("the reader"))
    };
    Matcher::new(READER.get_or_init(read).clone(), &engine::settings(&files).expect("the settings"))
}

/// Whoever runs jobs of every kind, at this time.
pub fn runner(db: &Db, folder: &Path, clock: Clock) -> Runner {
    Runner::new(means(db, folder, clock), Lane::All, LEASE)
}

/// How long jobs are leased in tests.
pub const LEASE: Duration = Duration::from_secs(60);

/// How many jobs failed, and how many are due or running.
pub fn left_over(db: &Db, clock: Clock) -> (i64, i64) {
    let waiting = jobs::state.eq("waiting").and(jobs::run_at.le(clock.stamp()));
    let open = jobs::table.filter(waiting.or(jobs::state.eq("running"))).count();
    let failed = jobs::table.filter(jobs::state.eq("failed")).count();
    db.read_now(|c| Ok((failed.get_result(c)?, open.get_result(c)?))).expect("counts")
}

impl Site {
    /// Starts a service on a free port, with more settings as command-line flags.
    pub fn start(folder: TempDir, database: &str, flags: &[&str]) -> Self {
        let data = folder.path().display().to_string();
        let mut words = vec!["footbridge", "--data-dir", &data, "--database-url", database, "--workers", "1"];
        if !flags.contains(&"--bind") {
            words.extend(["--bind", "127.0.0.1:0"]);
        }
        if !flags.contains(&"--mail-url") {
            words.extend(["--mail-url", "memory:"]);
        }
        words.extend(flags);
        let mut settings = Settings::parse_from(words);
        if !flags.contains(&"--meili-url") {
            // A server named in the environment is for the contract's test alone.
            settings.config.meili_url = None;
        }
        let seconds: &'static AtomicI64 = Box::leak(Box::new(AtomicI64::new(clock().now().timestamp())));
        let app = App::open(settings.config, settings.web, Clock::Moved(seconds)).expect("the service opens");
        let running = server::start(&app).expect("the service starts");
        let base = format!("http://127.0.0.1:{}", running.address.port());
        follow::catch_up(&app, &std::sync::atomic::AtomicBool::new(false)).expect("the first index is made");
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().expect("a client");
        Self { app, base, folder, database: database.to_owned(), seconds, client, running: Some(running) }
    }

    pub async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop(true).await.expect("the service stops");
        }
    }

    /// A request that the test may add to.
    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
        self.client.request(method, format!("{}{path}", self.base))
    }

    /// Visits a path.
    pub async fn get(&self, path: &str) -> Visit {
        Visit::read(self.request("GET", path)).await
    }

    /// Lets time pass.
    pub fn later(&self, time: TimeDelta) {
        self.seconds.fetch_add(time.num_seconds(), Ordering::SeqCst);
    }

    /// What time it is for the service, UTC.
    pub fn now(&self) -> NaiveDateTime {
        self.app.clock.stamp()
    }

    /// Runs every job that is due, here or in the service's own background, and fails if one is left over.
    pub async fn finish_jobs(&self) {
        let work = self.app.work();
        let runner = Runner::new(work.means(), Lane::All, LEASE);
        let began = Instant::now();
        while left_over(&self.app.db, self.app.clock).1 > 0 {
            let runner = runner.clone();
            tokio::task::spawn_blocking(move || while runner.run_one().expect("jobs run") {}).await.expect("jobs run");
            assert!(began.elapsed() < Duration::from_secs(60), "a job is left over");
        }
        assert_eq!(left_over(&self.app.db, self.app.clock).0, 0, "a job failed");
    }

    /// Every letter that was sent to this address so far, the oldest first.
    pub async fn letters(&self, to: &str) -> Vec<Parcel> {
        self.finish_jobs().await;
        self.app.mail.held().into_iter().filter(|letter| letter.to.show() == to).collect()
    }

    /// Imports the demo catalogue and brings the index up to date.
    pub fn load_demo(&self) {
        footbridge::demo::load(&self.app.db, &footbridge::settings_files::SettingsFiles::default(), clock())
            .expect("the demo loads");
        self.app.refresh_demo().expect("the database answers");
        self.catch_up();
    }

    /// Brings the index up to date now.
    pub fn catch_up(&self) {
        follow::catch_up(&self.app, &std::sync::atomic::AtomicBool::new(false)).expect("the index follows");
    }
}

/// A file of the shared data; none where the machine hasn't got it, which fails under CI=true.
pub fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?.join("shared/data").join(name);
    if path.exists() {
        return Some(path);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{} isn't there", path.display());
    eprintln!("skipped: {} isn't there", path.display());
    None
}

/// What a visit brought.
pub struct Visit {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Visit {
    /// Sends the request and reads the answer.
    pub async fn read(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, text: response.text().await.expect("text") }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|cause| panic!("not JSON ({cause}): {}", self.text))
    }

    /// The text of every element that fits the selector.
    pub fn all(&self, selector: &str) -> Vec<String> {
        let selector = Selector::parse(selector).expect("a selector");
        let page = Html::parse_document(&self.text);
        page.select(&selector).map(|e| e.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    }

    /// An attribute of every element that fits the selector.
    pub fn attributes(&self, selector: &str, name: &str) -> Vec<String> {
        let selector = Selector::parse(selector).expect("a selector");
        let page = Html::parse_document(&self.text);
        page.select(&selector).filter_map(|e| e.attr(name).map(str::to_owned)).collect()
    }
}

impl fmt::Debug for Visit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status, self.text.chars().take(500).collect::<String>())
    }
}
