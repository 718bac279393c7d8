//! What the commands do; the work itself is the library's.

pub mod import;
pub mod keep;
pub mod search;
pub mod serve;
pub mod user;

use footbridge::{config::Config, db::Db};

/// What a command ends with; the cause is printed.
pub type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Opens the database, brought up to date; the folder is made.
pub fn open_db(config: &Config) -> Result<Db, Box<dyn std::error::Error>> {
    std::fs::create_dir_all(&config.data_dir).map_err(|cause| format!("{}: {cause}", config.data_dir.display()))?;
    Ok(Db::open(&config.database(), config.db_pool)?)
}
