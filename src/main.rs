//! The command line.

use std::{
    io::{IsTerminal, Write},
    path::PathBuf,
    process::ExitCode,
    sync::atomic::AtomicBool,
};

use clap::{Parser, Subcommand};
use footbridge::{
    accounts::{
        Role, Sort,
        start::{self, First},
        token::Token,
    },
    app::{self, App},
    audit, backup,
    clock::Clock,
    config::{Config, WebConfig, WorkConfig, local_url},
    db::Db,
    demo, desks,
    error::Failure,
    exchange::{Progress, postcodes, venues},
    matching::{evaluate, store},
    places,
    search::{
        engine::{Engine, OpenError},
        meili, verbs,
    },
    server,
    settings_files::SettingsFiles,
    signals::Signals,
    slow_queries,
    vault::{self, Vault},
    work::Work,
};
use tracing_subscriber::EnvFilter;

/// Footbridge finds ordinary places for people to join, and says why they fit.
#[derive(Parser)]
#[command(name = "footbridge", version, max_term_width = 110)]
struct Cli {
    #[command(flatten)]
    config: Config,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the website and the JSON interface.
    Serve {
        #[command(flatten)]
        web: WebConfig,
        /// Load the made-up demo catalogue first, if it isn't there.
        #[arg(long)]
        demo: bool,
    },
    /// Do background work only, without a website. Any number of these may share one database.
    Work {
        #[command(flatten)]
        settings: WorkConfig,
    },
    /// Bring in data that others publish.
    Import {
        #[command(subcommand)]
        what: Import,
    },
    /// Load the made-up demo catalogue.
    Demo,
    /// Make a key for the running service with Meilisearch's master key, given as MEILI_KEY. It opens our indexes only.
    MeiliKey,
    /// The record of who did what and who read what.
    Audit {
        #[command(subcommand)]
        command: audit::command::Command,
    },
    /// Write everything in the database into an encrypted file, while the service runs. The key file is not in it: keep that elsewhere.
    Backup {
        /// The file to make.
        file: PathBuf,
        #[command(flatten)]
        lock: backup::Lock,
    },
    /// Make a key that opens backups, in a file of its own, and print the recipient to encrypt them to.
    BackupKey {
        /// The file to make. Take it away from this machine afterwards.
        file: PathBuf,
    },
    /// Fill an empty database from a backup, look whether it is whole, and erase again whoever was erased since.
    Restore {
        /// The backup.
        file: PathBuf,
        #[command(flatten)]
        unlock: backup::Unlock,
        /// Go on although the erasure ledger isn't there. Whoever was erased after the backup was made is then readable again.
        #[arg(long)]
        without_ledger: bool,
    },
    /// Look whether everything is there that a service with these settings needs. Changes nothing.
    Check {
        #[command(flatten)]
        web: WebConfig,
    },
    /// Say how good the matches are, by aspirations with graded kinds of venue. The service must not run on the same DATA_DIR.
    Evaluate {
        /// Files like tests/match/aspirations.toml.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// How many of the worst to show.
        #[arg(long, default_value_t = 20)]
        worst: usize,
        /// Also say how good they are with each ingredient left out.
        #[arg(long)]
        leave_out: bool,
    },
    /// Say what was wished for and hardly found, by activity and district, and which words the vocabulary lacks.
    Wishes,
    /// The keys that open what is sealed in the database.
    Vault {
        #[command(subcommand)]
        command: vault::command::Command,
    },
    /// Make the search index anew, beside the old one, and swap.
    Reindex,
    /// Let in the first of those who work here.
    User {
        #[command(subcommand)]
        what: User,
    },
}

#[derive(Subcommand)]
enum User {
    /// Invite someone; prints the link of the invitation, which works once, for 7 days.
    Add(UserAdd),
    /// A new invitation for someone who lost password and phone; prints its link.
    Again {
        /// Their e-mail address.
        email: String,
        #[command(flatten)]
        web: WebConfig,
    },
}

#[derive(clap::Args)]
struct UserAdd {
    /// Their e-mail address.
    #[arg(long)]
    email: String,
    /// What they are called.
    #[arg(long)]
    name: String,
    /// peer, bridge-builder, coordinator, venue-manager, commissioner or administrator.
    #[arg(long)]
    role: String,
    /// The organisation of their team, for the first three.
    #[arg(long, requires = "team")]
    organisation: Option<String>,
    /// statutory or voluntary, where the organisation is new.
    #[arg(long, default_value = "voluntary")]
    sort: String,
    /// Their team.
    #[arg(long, requires = "organisation")]
    team: Option<String>,
    #[command(flatten)]
    web: WebConfig,
}

#[derive(Subcommand)]
enum Import {
    /// Venues from CSV or GeoJSON files, also gzipped.
    Venues(VenuesArgs),
    /// Full postcodes with their points, from a CSV file, also gzipped.
    Postcodes {
        /// A CSV file with the columns postcode, lat, lon and perhaps lad25cd.
        file: PathBuf,
        /// Read only; show the table and write nothing.
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(clap::Args)]
struct VenuesArgs {
    /// The files. Each is a feed of its own, named after the file, unless --feed says otherwise.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The publisher's format, one of search-config/imports/. Without it, the header decides.
    #[arg(long)]
    mapping: Option<String>,
    /// The feed these files are the newest edition of; rows it no longer has are marked as gone.
    #[arg(long)]
    feed: Option<String>,
    /// Read and plan only; show the table and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Go on even when over a tenth of the feed's rows would go.
    #[arg(long)]
    allow_gone: bool,
    /// Where rows that can't be used are written down. Without it, rejects-FEED.csv in DATA_DIR, or rejects-venues.csv.
    #[arg(long)]
    rejects: Option<PathBuf>,
}

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let cli = Cli::parse();
    slow_queries::log_from(cli.config.slow_query());
    if let Err(cause) = start_log(&cli.config).and_then(|()| run(cli)) {
        eprintln!("footbridge: {cause}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn run(cli: Cli) -> Outcome {
    match cli.command {
        Command::Serve { web, demo } => serve(cli.config, web, demo),
        Command::Work { settings } => work(cli.config, settings),
        Command::Import { what: Import::Venues(args) } => import_venues(&cli.config, args),
        Command::Import { what: Import::Postcodes { file, dry_run } } => import_postcodes(&cli.config, &file, dry_run),
        Command::Demo => load_demo(&cli.config),
        Command::MeiliKey => meili_key(&cli.config),
        Command::Audit { command } => audit::command::run(&open_db(&cli.config)?, &command, &mut std::io::stdout().lock()),
        Command::Backup { file, lock } => make_backup(&cli.config, &file, &lock),
        Command::BackupKey { file } => {
            writeln!(std::io::stdout(), "{}", backup::make_key(&file)?)?;
            Ok(())
        }
        Command::Restore { file, unlock, without_ledger } => restore(&cli.config, &file, &unlock, without_ledger),
        Command::Check { web } => check(&cli.config, &web),
        Command::Evaluate { files, worst, leave_out } => evaluate(&cli.config, &files, worst, leave_out),
        Command::Vault { command } => {
            vault::command::run(&cli.config, &open_db(&cli.config)?, &command, &mut std::io::stdout().lock())
        }
        Command::Wishes => wishes(&cli.config),
        Command::Reindex => reindex(&cli.config),
        Command::User { what: User::Add(args) } => user_add(&cli.config, &args),
        Command::User { what: User::Again { email, web } } => user_again(&cli.config, &email, &web),
    }
}

/// A panic's message may quote what a visitor typed, so only its place is logged.
fn log_panics_without_their_words() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "a panic");
    }));
}

fn start_log(config: &Config) -> Outcome {
    let filter = EnvFilter::try_new(&config.log).map_err(|cause| format!("LOG can't be used: {cause}"))?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if config.log_format == "json" {
        log.json().init();
    } else {
        log.with_ansi(std::io::stderr().is_terminal()).init();
    }
    log_panics_without_their_words();
    Ok(())
}

fn serve(config: Config, web: WebConfig, demo: bool) -> Outcome {
    if demo {
        load_demo(&config)?;
    }
    runtime()?.block_on(async {
        let signals = Signals::listen()?;
        let app = App::open(config, web, Clock::System)?;
        let running = server::start(&app)?;
        announce(&app, &running)?;
        running.until_stopped(signals).await?;
        Ok(())
    })
}

fn work(config: Config, settings: WorkConfig) -> Outcome {
    runtime()?.block_on(async {
        let signals = Signals::listen()?;
        let work = Work::open(config, settings, Clock::System)?;
        eprintln!("Footbridge is at work");
        work.until_stopped(signals).await?;
        Ok(())
    })
}

/// What actix needs to run in; each of its workers has a thread of its own.
fn runtime() -> Result<actix_web::rt::SystemRunner, Box<dyn std::error::Error>> {
    let tokio = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(actix_web::rt::System::with_tokio_rt(move || tokio))
}

fn announce(app: &App, running: &server::Running) -> Outcome {
    let address = match &app.web.work.public_url {
        Some(url) => url.clone(),
        None => local_url(running.address.port()),
    };
    let shown = address.as_str().trim_end_matches('/');
    if app.db.read_now(footbridge::venues::store::count)? == 0 {
        eprintln!(
            "The catalogue is empty. Fill it with:\n    footbridge import venues FILE...\nor try the made-up one:\n    footbridge demo"
        );
    }
    if app.demo() {
        announce_demo(app, shown)?;
    }
    eprintln!("Footbridge is at {shown}");
    Ok(())
}

/// Ways in for trying the demo, one for each role; each works once.
fn announce_demo(app: &App, shown: &str) -> Outcome {
    let now = app.clock.stamp();
    let links = app.db.write_now(|c| start::demo_links(c, &app.vault, now))?;
    eprintln!("To look at the demo as someone, open one of these. Each works once, until this time tomorrow:");
    for (role, name, link) in links {
        eprintln!("    {:<26} {shown}/sign-in/link/{}", format!("{role} ({name})"), link.show());
    }
    Ok(())
}

fn user_add(config: &Config, args: &UserAdd) -> Outcome {
    let db = open_db(config)?;
    let vault = Vault::open(config, &db, Clock::System)?;
    let sort = Sort::from_code(&args.sort).ok_or("--sort is statutory or voluntary")?;
    let team = args.organisation.clone().zip(args.team.clone()).map(|(organisation, team)| (organisation, sort, team));
    let first = First {
        email: args.email.parse().map_err(|_| "--email is not an e-mail address")?,
        name: args.name.clone(),
        role: Role::from_code(&args.role).filter(|role| *role != Role::Client).ok_or("there is no such --role")?,
        team,
    };
    let link = db.write_now(|c| start::add(c, &vault, &first, Clock::System.stamp())).map_err(|failure| told(&failure))?;
    print_invitation(&args.web, &link)
}

fn user_again(config: &Config, email: &str, web: &WebConfig) -> Outcome {
    let db = open_db(config)?;
    let vault = Vault::open(config, &db, Clock::System)?;
    let email = email.parse().map_err(|_| "that is not an e-mail address")?;
    let link = db.write_now(|c| start::again(c, &vault, &email, Clock::System.stamp()))?;
    print_invitation(web, &link.ok_or("nobody has that address")?)
}

fn print_invitation(web: &WebConfig, link: &Token) -> Outcome {
    writeln!(std::io::stdout(), "{}invitation/{}", web.public_url(), link.show())?;
    Ok(())
}

/// What is wrong with what was asked, in words.
fn told(failure: &Failure) -> String {
    if matches!(failure, Failure::Invalid(_)) { failure.next_step() } else { failure.to_string() }
}

fn check(config: &Config, web: &WebConfig) -> Outcome {
    match footbridge::check::check(config, web, &mut std::io::stdout().lock())? {
        0 => Ok(()),
        1 => Err("one thing is wrong".into()),
        n => Err(format!("{n} things are wrong").into()),
    }
}

fn open_db(config: &Config) -> Result<Db, Box<dyn std::error::Error>> {
    std::fs::create_dir_all(&config.data_dir).map_err(|cause| format!("{}: {cause}", config.data_dir.display()))?;
    Ok(Db::open(&config.database(), config.db_pool)?)
}

fn import_venues(config: &Config, args: VenuesArgs) -> Outcome {
    let db = open_db(config)?;
    if db.read_now(demo::is_demo)? {
        return Err("this database holds the made-up demo; give real data a DATA_DIR or DATABASE_URL of its own".into());
    }
    let name = args.feed.as_deref().unwrap_or("venues");
    let options = venues::Options {
        rejects: args.rejects.unwrap_or_else(|| config.data_dir.join(format!("rejects-{name}.csv"))),
        paths: args.files,
        mapping: args.mapping,
        feed: args.feed,
        dry_run: args.dry_run,
        allow_gone: args.allow_gone,
    };
    let files = SettingsFiles::new(config.search_config.clone());
    let summary = venues::import(&db, &files, Clock::System, &options, &mut Progress::on_stderr())?;
    eprintln!("{summary}");
    Ok(())
}

fn import_postcodes(config: &Config, file: &std::path::Path, dry_run: bool) -> Outcome {
    let summary = postcodes::import(&open_db(config)?, file, dry_run, &mut Progress::on_stderr())?;
    eprintln!("{summary}");
    Ok(())
}

fn load_demo(config: &Config) -> Outcome {
    let db = open_db(config)?;
    demo::load(&db, &SettingsFiles::new(config.search_config.clone()), Clock::System)?;
    let vault = Vault::open(config, &db, Clock::System)?;
    db.write_now(|c| {
        start::demo(c, &vault, Clock::System.stamp())?;
        desks::demo::people(c, &vault, Clock::System.stamp())
    })?;
    Ok(())
}

fn make_backup(config: &Config, file: &std::path::Path, lock: &backup::Lock) -> Outcome {
    backup::make(config, lock, Clock::System, file)?;
    eprintln!(
        "{} is made. It doesn't hold {}: keep a copy of that and of the erasure ledger beside it, and never beside this backup.",
        file.display(),
        config.key_file().display()
    );
    Ok(())
}

fn restore(config: &Config, file: &std::path::Path, unlock: &backup::Unlock, without_ledger: bool) -> Outcome {
    let made_at = backup::restore(config, unlock, Clock::System, file, without_ledger)?;
    eprintln!("What there was at {made_at} is restored and whole, and whoever was erased since is erased again.");
    Ok(())
}

fn meili_key(config: &Config) -> Outcome {
    let server = config.meili().ok_or("name the server in MEILI_URL and its master key in MEILI_KEY")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let key = runtime.block_on(meili::make_key(&server)).map_err(|trouble| format!("Meilisearch: {trouble}"))?;
    writeln!(std::io::stdout(), "{key}")?;
    Ok(())
}

fn evaluate(config: &Config, files: &[PathBuf], worst: usize, leave_out: bool) -> Outcome {
    let db = open_db(config)?;
    let settings = SettingsFiles::new(config.search_config.clone());
    let vocabulary = std::sync::Arc::new(app::vocabulary(&settings)?);
    let engine = Engine::open(&config.index_folder(), vocabulary.clone(), &settings, Clock::System, None)?;
    db.read_now(|c| engine.catch_up(c, u32::MAX, &AtomicBool::new(false)))?;
    let mut out = std::io::stdout();
    let reader = app::reader(&settings, vocabulary)?;
    let trial = evaluate::Trial::new(engine.here(), &reader, Clock::System.in_london().date_naive());
    for file in files {
        let text = std::fs::read_to_string(file)?;
        let all: evaluate::Aspirations = toml::from_str(&text)?;
        let (mut scores, mut tried) = (Vec::new(), Vec::new());
        for aspiration in &all.aspiration {
            let place = db.read_now(|c| places::resolve(c, &aspiration.near))?;
            let Some(place) = place else {
                return Err(format!("{}: no such place as {}", aspiration.id, aspiration.near).into());
            };
            scores.extend(evaluate::score(&trial, aspiration, place.point));
            tried.push((aspiration, place.point));
        }
        writeln!(out, "{}", evaluate::report(&file.display().to_string(), &scores, worst))?;
        if leave_out {
            writeln!(out, "{}", evaluate::left_out(&trial, &tried))?;
        }
    }
    Ok(())
}

/// Most lines of each list.
const MOST_LINES: i64 = 200;

fn wishes(config: &Config) -> Outcome {
    let db = open_db(config)?;
    let mut out = std::io::stdout();
    writeln!(out, "wish\tdistrict\tasked\thardly any place")?;
    for count in db.read_now(|c| store::unmet(c, MOST_LINES))? {
        writeln!(out, "{}\t{}\t{}\t{}", count.wish, count.district, count.asked, count.unmet)?;
    }
    writeln!(out, "\nwords that three askers used on three days and the vocabulary lacks")?;
    for word in db.read_now(|c| store::told_words(c, MOST_LINES))? {
        writeln!(out, "{word}")?;
    }
    Ok(())
}

fn reindex(config: &Config) -> Outcome {
    let db = open_db(config)?;
    let files = SettingsFiles::new(config.search_config.clone());
    let vocabulary = std::sync::Arc::new(app::vocabulary(&files)?);
    match Engine::open(&config.index_folder(), vocabulary, &files, Clock::System, None) {
        Ok(engine) => {
            db.read_now(|c| engine.rebuild(c, &AtomicBool::new(false), |done| tracing::info!(done, "reindexing")))?;
            db.write_now(verbs::ask_for_reindex)?;
            eprintln!(
                "The search index is made anew; other processes and Meilisearch, where there are any, are asked to do the same."
            );
        }
        Err(OpenError::InUse(_)) => {
            db.write_now(verbs::ask_for_reindex)?;
            eprintln!("The running service was asked to make its index anew; it goes on serving meanwhile.");
        }
        Err(cause) => return Err(cause.into()),
    }
    Ok(())
}
