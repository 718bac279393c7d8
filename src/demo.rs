//! The demo catalogue: made-up venues of an invented London borough, imported like any publisher's file.

use std::{io, path::PathBuf};

use crate::{
    clock::Clock,
    db::{self, Conn, Db},
    error::Failure,
    exchange::{ImportError, Progress, Summary, postcodes, venues},
    settings_files::SettingsFiles,
};

/// The made-up venues, in our own format.
pub const VENUES: &str = include_str!("../data/demo/venues.geojson");
/// The made-up postcodes.
pub const POSTCODES: &str = include_str!("../data/demo/postcodes.csv");
/// The feed that the demo comes by.
pub const FEED: &str = "demo";

const NAME: &str = "demo";

/// Whether the demo catalogue was loaded.
pub fn is_demo(c: &mut Conn) -> Result<bool, Failure> {
    Ok(db::setting(c, NAME)?.as_deref() == Some("yes"))
}

/// Writes down that the demo catalogue is loaded, which every page then says.
pub fn mark(c: &mut Conn) -> Result<(), Failure> {
    db::set_setting(c, NAME, "yes")
}

/// The demo can't be loaded.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// Its files can't be put down to be imported.
    #[error("the demo's files can't be written: {0}")]
    Files(#[from] io::Error),
    /// Real data is there already.
    #[error("this database holds real data; give the demo a DATA_DIR or DATABASE_URL of its own")]
    RealData,
    /// The import failed.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] Failure),
}

/// Loads the demo catalogue, or brings it up to date. Blocks until all is written.
pub fn load(db: &Db, files: &SettingsFiles, clock: Clock) -> Result<Summary, DemoError> {
    if db.read_now(|c| crate::venues::store::other_feeds(c, FEED))? {
        return Err(DemoError::RealData);
    }
    let folder = Folder::new()?;
    let put = |name: &str, text: &str| {
        let path = folder.0.join(name);
        std::fs::write(&path, text).map(|()| path)
    };
    let mut quiet = Progress::Silent;
    postcodes::import(db, &put("postcodes.csv", POSTCODES)?, false, &mut quiet)?;
    let options = venues::Options {
        paths: vec![put("venues.geojson", VENUES)?],
        mapping: None,
        feed: Some(FEED.to_owned()),
        dry_run: false,
        allow_gone: true,
        rejects: folder.0.join("rejects.csv"),
    };
    let summary = venues::import(db, files, clock, &options, &mut quiet)?;
    db.write_now(mark)?;
    Ok(summary)
}

/// A folder that is gone when it is no longer needed.
struct Folder(PathBuf);

impl Folder {
    fn new() -> io::Result<Self> {
        let folder = std::env::temp_dir().join(format!("footbridge-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(cause) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(%cause, "a temporary folder is left over");
        }
    }
}
