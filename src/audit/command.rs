//! `footbridge audit`: looks whether the record is whole, and prints its end.

use std::{
    error::Error,
    io::Write,
    path::{Path, PathBuf},
};

use clap::Subcommand;

use super::{Head, head, verify};
use crate::db::Db;

/// What to do with the record.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Say whether the record of who did what is as it was written, or which entry is the first that isn't.
    Verify {
        /// A file with the head as `footbridge audit head` printed it earlier; shows as well whether the record was cut or written anew.
        #[arg(long)]
        head: Option<PathBuf>,
    },
    /// Print the head of the record, one line to be kept elsewhere.
    Head,
}

/// Does it.
pub fn run(db: &Db, command: &Command, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    match command {
        Command::Head => writeln!(out, "{}", db.read_now(head)?)?,
        Command::Verify { head } => {
            let exported = head.as_deref().map(read).transpose()?;
            let end = db.read_now(|c| verify(c, exported.as_ref()))??;
            writeln!(out, "{} entries, each as it was written", end.position)?;
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<Head, Box<dyn Error>> {
    let trouble = |cause: &dyn Error| format!("{}: {cause}", path.display());
    let text = std::fs::read_to_string(path).map_err(|cause| trouble(&cause))?;
    Ok(text.parse().map_err(|cause: super::NotAHead| trouble(&cause))?)
}
