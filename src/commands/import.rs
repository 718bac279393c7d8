//! Bringing in data that others publish.

use std::path::PathBuf;

use clap::Subcommand;
use footbridge::{
    clock::Clock,
    config::Config,
    demo,
    exchange::{Progress, postcodes, venues},
    settings_files::SettingsFiles,
};

use super::{Outcome, open_db};

/// What can be imported.
#[derive(Subcommand)]
pub enum Import {
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

/// Which venues, and how.
#[derive(clap::Args)]
pub struct VenuesArgs {
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

/// Imports.
pub fn run(config: &Config, what: Import) -> Outcome {
    match what {
        Import::Venues(args) => import_venues(config, args),
        Import::Postcodes { file, dry_run } => import_postcodes(config, &file, dry_run),
    }
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
