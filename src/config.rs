//! Typed settings from the environment. Nonsense is refused at start, with the variable's name.

use std::{net::SocketAddr, path::PathBuf, str::FromStr, time::Duration};

use clap::{Args, builder::BoolishValueParser};
use ipnet::IpNet;
use lettre::Address;
use url::Url;

use crate::{
    db::Scheme,
    mail::{MailUrl, MailUrlParser},
    search::meili::Server,
};

/// Every setting; each can be a variable or a flag.
#[derive(Debug, Clone, Args)]
pub struct Config {
    /// The database: sqlite://PATH or postgres://USER@HOST/NAME. Without it, SQLite in DATA_DIR.
    #[arg(long, env = "DATABASE_URL", value_parser = database_url, hide_env_values = true, global = true)]
    pub database_url: Option<DatabaseUrl>,

    /// The folder for the SQLite database and the search index.
    #[arg(long, env = "DATA_DIR", default_value = "footbridge-data", global = true)]
    pub data_dir: PathBuf,

    /// The file with the keys that open what is sealed in the database. Without it, footbridge.keys in DATA_DIR.
    #[arg(long, env = "KEY_FILE", global = true)]
    pub key_file: Option<PathBuf>,

    /// A folder laid out like search-config/, to use in place of the built-in one.
    #[arg(long, env = "SEARCH_CONFIG", global = true)]
    pub search_config: Option<PathBuf>,

    /// Connections to the database at most.
    #[arg(long, env = "DB_POOL", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=200), global = true)]
    pub db_pool: u32,

    /// A Meilisearch server that answers questions, such as http://localhost:7700. Without it, the engine in the process does.
    #[arg(long, env = "MEILI_URL", value_parser = public_url, global = true)]
    pub meili_url: Option<Url>,

    /// The key for Meilisearch; `footbridge meili-key` makes one that opens our indexes only.
    #[arg(long, env = "MEILI_KEY", value_parser = secret, hide_env_values = true, global = true)]
    pub meili_key: Option<Secret>,

    /// What the names of our indexes on Meilisearch begin with: letters, digits, - and _.
    #[arg(long, env = "MEILI_INDEX", default_value = "footbridge", value_parser = index_name, global = true)]
    pub meili_index: String,

    /// Where letters go: smtp://USER:PASSWORD@HOST:PORT, smtps://USER:PASSWORD@HOST:PORT, or folder:PATH. smtp:// is encrypted once
    /// the server has greeted us, unless it is on this machine. Without it, letters are only kept, in post in DATA_DIR.
    #[arg(long, env = "MAIL_URL", value_parser = MailUrlParser, hide_env_values = true, global = true)]
    pub mail_url: Option<MailUrl>,

    /// The address that letters are from, such as post@footbridge.example.
    #[arg(long, env = "MAIL_FROM", global = true)]
    pub mail_from: Option<Address>,

    /// What to log: error, warn, info, debug, or module=level pairs.
    #[arg(long, env = "LOG", default_value = "info,actix_server=warn,actix_http=off", global = true)]
    pub log: String,

    /// How to log: text for people, json for programs.
    #[arg(long, env = "LOG_FORMAT", default_value = "text", value_parser = ["text", "json"], global = true)]
    pub log_format: String,

    /// Milliseconds from which a query to the database is slow and its SQL is logged, without its values.
    #[arg(long, env = "SLOW_QUERY_MS", default_value_t = 250, value_parser = clap::value_parser!(u64).range(0..=3_600_000), global = true)]
    pub slow_query_ms: u64,

    /// How long records are kept.
    #[command(flatten)]
    pub keep: KeepConfig,
}

/// How long records are kept with which nothing happens any more. The usual times are those by which English councils keep what they
/// know of adults in their care, under the Records Management Code of Practice for Health and Social Care 2021 (NHS England, appendix II).
#[derive(Debug, Clone, Copy, Args)]
pub struct KeepConfig {
    /// Years for which a record is kept that came to nothing: not taken on, taken back, or entered in error. Councils keep a first
    /// contact for 2.
    #[arg(long, env = "KEEP_NOT_BEGUN_YEARS", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=100), global = true)]
    pub keep_not_begun_years: u32,

    /// Years for which the record of someone with an open door is kept after they were last in touch or last signed in. Councils keep
    /// the records of adults in their care for 8; where these are part of the mental-health records of an NHS trust, take 20.
    #[arg(long, env = "KEEP_OPEN_DOOR_YEARS", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=100), global = true)]
    pub keep_open_door_years: u32,
}

/// The port that is listened on where nobody says otherwise.
const USUAL_PORT: u16 = 8080;

/// Settings of the web server.
#[derive(Debug, Clone, Args)]
pub struct WebConfig {
    /// The address and port to listen on.
    #[arg(long, env = "BIND", default_value = "127.0.0.1:8080")]
    pub bind: SocketAddr,

    /// Map tiles, such as https://tiles.example/{z}/{x}/{y}.png. Without it, a plain map.
    #[arg(long, env = "MAP_TILES_URL", value_parser = tiles_url)]
    pub map_tiles_url: Option<TilesUrl>,

    /// Whom to thank for the map tiles, as plain text.
    #[arg(long, env = "MAP_TILES_CREDIT", default_value = "© OpenStreetMap contributors")]
    pub map_tiles_credit: String,

    /// Requests a minute that one address may make. Off while BIND is loopback and no TRUSTED_PROXY is named.
    #[arg(long, env = "RATE_LIMIT", default_value_t = 240, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub rate_limit: u32,

    /// Proxies whose X-Forwarded-For is believed: addresses or networks, with commas between.
    #[arg(long, env = "TRUSTED_PROXY", value_delimiter = ',', value_parser = network)]
    pub trusted_proxy: Vec<IpNet>,

    /// Threads that answer requests. Without it, one for each core.
    #[arg(long, env = "WORKERS", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub workers: Option<u16>,

    /// Seconds from the first stop signal in which all is still served while /health/ready says no. Behind a load balancer, give it
    /// two rounds of its health checks, say 5; without one, waiting helps nobody.
    #[arg(long, env = "DRAIN_SECONDS", default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=600))]
    pub drain_seconds: u64,

    /// Seconds that running requests get to finish after that.
    #[arg(long, env = "STOP_SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(0..=600))]
    pub stop_seconds: u64,

    /// Leave background work to processes of `footbridge work`; without it, this process does it, too.
    #[arg(long, env = "NO_WORK", value_parser = BoolishValueParser::new())]
    pub no_work: bool,

    /// Settings of background work.
    #[command(flatten)]
    pub work: WorkConfig,
}

/// Settings of every process that goes on running: background work, and who watches it.
#[derive(Debug, Clone, Args)]
pub struct WorkConfig {
    /// How people reach the service: scheme, host and port, no path. Without it, http://localhost and the port of BIND.
    #[arg(long, env = "PUBLIC_URL", value_parser = public_url)]
    pub public_url: Option<Url>,

    /// Seconds after which the job of a process that died is taken up by another.
    #[arg(long, env = "JOB_LEASE", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub job_lease: u64,

    /// An address and port of their own for figures about the process, at /metrics. Without it, there are none.
    #[arg(long, env = "METRICS_BIND")]
    pub metrics_bind: Option<SocketAddr>,
}

impl Config {
    /// The database to use.
    pub fn database(&self) -> String {
        match &self.database_url {
            Some(url) => url.0.clone(),
            None => format!("sqlite://{}", self.data_dir.join("footbridge.db").display()),
        }
    }

    /// The Meilisearch server, where one is named.
    pub fn meili(&self) -> Option<Server> {
        let key = self.meili_key.as_ref().map(|key| key.0.clone());
        Some(Server { url: self.meili_url.clone()?, key, index: self.meili_index.clone() })
    }

    /// From when on a query is slow.
    pub fn slow_query(&self) -> Duration {
        Duration::from_millis(self.slow_query_ms)
    }

    /// Where the keys are that open what is sealed in the database.
    pub fn key_file(&self) -> PathBuf {
        self.key_file.clone().unwrap_or_else(|| self.data_dir.join("footbridge.keys"))
    }

    /// Where this process keeps its copy of the search index.
    pub fn index_folder(&self) -> PathBuf {
        self.data_dir.join("index")
    }
}

impl WebConfig {
    /// Whether requests are limited: not while only this machine can reach us.
    pub fn limited(&self) -> bool {
        !(self.bind.ip().is_loopback() && self.trusted_proxy.is_empty())
    }

    /// How people reach the service.
    pub fn public_url(&self) -> Url {
        self.work.public_url.clone().unwrap_or_else(|| local_url(self.bind.port()))
    }

    /// How long a load balancer gets to hear that this process stops.
    pub fn drain(&self) -> Duration {
        Duration::from_secs(self.drain_seconds)
    }
}

impl WorkConfig {
    /// How people reach the service, for processes that don't serve it themselves.
    pub fn public_url(&self) -> Url {
        self.public_url.clone().unwrap_or_else(|| local_url(USUAL_PORT))
    }

    /// How long a job is another's before it may be claimed again.
    pub fn job_lease(&self) -> Duration {
        Duration::from_secs(self.job_lease)
    }
}

/// A database URL that names its engine. It may hold a password, so it isn't shown.
#[derive(Clone)]
pub struct DatabaseUrl(String);

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DatabaseUrl(...)")
    }
}

/// A secret; it isn't shown.
#[derive(Clone)]
pub struct Secret(pub(crate) String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(...)")
    }
}

/// A template of a tile's address with `{z}`, `{x}` and `{y}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TilesUrl {
    /// As given.
    pub template: String,
    /// Scheme, host and port, for the content security policy; `{s}` becomes `*`.
    pub origin: String,
}

/// This machine's own address.
#[allow(clippy::expect_used, reason = "a number between two constants")]
pub fn local_url(port: u16) -> Url {
    Url::parse(&format!("http://localhost:{port}/")).expect("a URL")
}

fn database_url(text: &str) -> Result<DatabaseUrl, String> {
    match Scheme::of(text) {
        Some(_) => Ok(DatabaseUrl(text.to_owned())),
        None => Err("begin it with sqlite:// or postgres://".to_owned()),
    }
}

/// A key must fit into a header.
fn secret(text: &str) -> Result<Secret, String> {
    let sound = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    if sound { Ok(Secret(text.to_owned())) } else { Err("a key has no spaces and only plain letters and signs".to_owned()) }
}

/// Meilisearch's own rule for names, and room for what we add.
fn index_name(text: &str) -> Result<String, String> {
    let sound =
        !text.is_empty() && text.len() <= 200 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if sound { Ok(text.to_owned()) } else { Err("use letters, digits, - and _".to_owned()) }
}

fn public_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|cause| cause.to_string())?;
    let sound = matches!(url.scheme(), "http" | "https") && url.host().is_some() && url.path() == "/" && url.query().is_none();
    if sound { Ok(url) } else { Err("give scheme, host and port only, such as https://footbridge.example".to_owned()) }
}

fn tiles_url(text: &str) -> Result<TilesUrl, String> {
    let bare = text.replace("{s}", "a").replace(['{', '}'], "");
    let url = Url::parse(&bare).map_err(|cause| cause.to_string())?;
    let complete = ["{z}", "{x}", "{y}"].iter().all(|part| text.contains(part));
    if !complete || !matches!(url.scheme(), "http" | "https") {
        return Err("give an http or https address with {z}, {x} and {y} in it".to_owned());
    }
    let origin: String = text.split('/').take(3).collect::<Vec<_>>().join("/").replace("{s}", "*");
    if origin.contains([' ', ';', ',', '{', '"', '\'']) {
        return Err("the host may hold {s} and no other placeholder".to_owned());
    }
    Ok(TilesUrl { template: text.to_owned(), origin })
}

fn network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    let alone = std::net::IpAddr::from_str(text).map(IpNet::from);
    alone.or_else(|_| IpNet::from_str(text)).map_err(|_| format!("`{text}` is not an address or a network such as 10.0.0.0/8"))
}
