//! `footbridge vault`: looks after the keys.

use std::{error::Error, io::Write};

use clap::Subcommand;

use super::Vault;
use crate::{clock::Clock, config::Config, db::Db};

/// What to do with the keys.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a new master key and wrap every person's key with it. The service may run meanwhile. Killed, it can be run again.
    Rotate {
        /// Only add the new master key to the file, so that it can be copied to other machines first. `rotate` then goes on with it.
        #[arg(long)]
        add_only: bool,
    },
}

/// Does it.
pub fn run(config: &Config, db: &Db, command: &Command, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let (vault, file) = (Vault::open(config, db, Clock::System)?, config.key_file());
    match command {
        Command::Rotate { add_only: true } => {
            let number = vault.add_master(db)?;
            writeln!(
                out,
                "{} holds master key {number}; copy it to every machine, then run `footbridge vault rotate`",
                file.display()
            )?;
        }
        Command::Rotate { add_only: false } => {
            let rotated = vault.rotate(db, Clock::System)?;
            writeln!(out, "{rotated}")?;
            writeln!(
                out,
                "Copy {} to every machine and to its safe place, and make a backup now: older backups need the key file as it was.",
                file.display()
            )?;
            if rotated.damaged > 0 {
                return Err("not every key could be wrapped anew".into());
            }
        }
    }
    Ok(())
}
