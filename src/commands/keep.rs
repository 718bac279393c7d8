//! Backups, and whether everything is there.

use std::{io::Write, path::Path};

use footbridge::{
    backup,
    clock::Clock,
    config::{Config, WebConfig},
};

use super::Outcome;

/// Writes a backup.
pub fn make(config: &Config, file: &Path, lock: &backup::Lock) -> Outcome {
    backup::make(config, lock, Clock::System, file)?;
    eprintln!(
        "{} is made. It doesn't hold {}: keep a copy of that and of the erasure ledger beside it, and never beside this backup.",
        file.display(),
        config.key_file().display()
    );
    Ok(())
}

/// Makes a key that opens backups, and prints whom to encrypt them to.
pub fn make_key(file: &Path) -> Outcome {
    writeln!(std::io::stdout(), "{}", backup::make_key(file)?)?;
    Ok(())
}

/// Fills an empty database from a backup.
pub fn restore(config: &Config, file: &Path, unlock: &backup::Unlock, without_ledger: bool) -> Outcome {
    let made_at = backup::restore(config, unlock, Clock::System, file, without_ledger)?;
    eprintln!("What there was at {made_at} is restored and whole, and whoever was erased since is erased again.");
    Ok(())
}

/// Looks whether everything is there that a service needs.
pub fn check(config: &Config, web: &WebConfig) -> Outcome {
    match footbridge::check::check(config, web, &mut std::io::stdout().lock())? {
        0 => Ok(()),
        1 => Err("one thing is wrong".into()),
        n => Err(format!("{n} things are wrong").into()),
    }
}
