//! The key file: there, whole, nobody else's, and this database's own.

use std::path::Path;

use super::database::Told;
use crate::vault::Keys;

/// Looks at the key file, and whether it belongs to the database.
pub(super) fn look(path: &Path, told: Option<&Told>) -> Result<String, String> {
    let theirs = told.and_then(|told| told.key_file.as_ref());
    let Some(keys) = Keys::read(path).map_err(|trouble| trouble.to_string())? else {
        return match theirs {
            Some(_) => Err(format!("{} isn't there; put its copy back, or say in KEY_FILE where it is", path.display())),
            None => Ok(format!("none yet; the first start makes {}", path.display())),
        };
    };
    match theirs {
        Some((fingerprint, _)) if *fingerprint != keys.fingerprint() => {
            Err(format!("{} belongs to another database; say in KEY_FILE where the right one is", path.display()))
        }
        Some((_, master)) if keys.numbers().all(|number| number != *master) => Err(format!(
            "{} lacks master key {master}, which this database needs; put the copy there that has it",
            path.display()
        )),
        Some(_) => Ok(format!("{} belongs to this database; keep a copy elsewhere", path.display())),
        None => Ok(format!("{} is whole; no database uses it yet", path.display())),
    }
}
