//! A look at an index folder that changes nothing, while a service may be using it.

use std::{io, path::Path};

use super::folder::Folder;
use crate::vocabulary::Vocabulary;

/// How often a look begins again where the index was swapped meanwhile.
const LOOKS: u32 = 3;

/// What stands in an index folder.
#[derive(Debug, Default)]
pub struct Looked {
    /// Whether a running process uses it.
    pub in_use: bool,
    /// Why it can't be used; none where it is whole.
    pub damage: Option<String>,
    /// Which database it was made from.
    pub database: String,
    /// The last change it holds.
    pub cursor: i64,
    /// How many places can be found.
    pub places: u64,
}

/// Looks at an index folder. An error where there is none, or it can't be read.
pub fn look(path: &Path, vocabulary: &Vocabulary) -> io::Result<Looked> {
    let (folder, in_use) = Folder::look(path)?;
    let mut looked = Looked { in_use, damage: Some("there is no index in it".to_owned()), ..Looked::default() };
    for _ in 0..LOOKS {
        match contents(&folder, vocabulary) {
            Ok(Some(found)) => return Ok(Looked { in_use, ..found }),
            Ok(None) => {}
            Err(damage) => looked.damage = Some(damage),
        }
    }
    Ok(looked)
}

fn contents(folder: &Folder, vocabulary: &Vocabulary) -> Result<Option<Looked>, String> {
    let Some(generation) = folder.current(vocabulary)? else { return Ok(None) };
    let cursor = generation.reached().map_err(|cause| cause.to_string())?.cursor;
    let places = generation.reader.searcher().num_docs();
    Ok(Some(Looked { cursor, places, database: generation.database, ..Looked::default() }))
}
