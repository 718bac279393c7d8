//! The command line: what can be asked for. What each does is in `commands`, a file for each family.

mod commands;

use std::{io::IsTerminal, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use footbridge::{
    audit, backup,
    clock::Clock,
    config::{Config, WebConfig, WorkConfig},
    retention, slow_queries, vault,
};
use tracing_subscriber::EnvFilter;

use crate::commands::{Outcome, import, keep, open_db, search, serve, user};

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
        what: import::Import,
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
    /// How long things are kept, and what ends soon.
    Retention {
        #[command(subcommand)]
        command: retention::command::Command,
    },
    /// Make the search index anew, beside the old one, and swap.
    Reindex,
    /// Let in the first of those who work here.
    User {
        #[command(subcommand)]
        what: user::User,
    },
}

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
        Command::Serve { web, demo } => serve::serve(cli.config, web, demo),
        Command::Work { settings } => serve::work(cli.config, settings),
        Command::Import { what } => import::run(&cli.config, what),
        Command::Demo => serve::load_demo(&cli.config),
        Command::MeiliKey => search::meili_key(&cli.config),
        Command::Audit { command } => audit::command::run(&open_db(&cli.config)?, &command, &mut std::io::stdout().lock()),
        Command::Backup { file, lock } => keep::make(&cli.config, &file, &lock),
        Command::BackupKey { file } => keep::make_key(&file),
        Command::Restore { file, unlock, without_ledger } => keep::restore(&cli.config, &file, &unlock, without_ledger),
        Command::Check { web } => keep::check(&cli.config, &web),
        Command::Evaluate { files, worst, leave_out } => search::evaluate(&cli.config, &files, worst, leave_out),
        Command::Vault { command } => {
            vault::command::run(&cli.config, &open_db(&cli.config)?, &command, &mut std::io::stdout().lock())
        }
        Command::Retention { command } => {
            let (db, keep, out) = (open_db(&cli.config)?, cli.config.keep, &mut std::io::stdout().lock());
            retention::command::run(&db, &keep, command, Clock::System.stamp(), out)
        }
        Command::Wishes => search::wishes(&cli.config),
        Command::Reindex => search::reindex(&cli.config),
        Command::User { what } => user::run(&cli.config, &what),
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
