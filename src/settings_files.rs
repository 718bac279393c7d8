//! The files under `search-config/`: built into the binary, or read from the folder that `SEARCH_CONFIG` names.

use std::{
    borrow::Cow,
    fmt, io,
    path::{Path, PathBuf},
};

use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "search-config"]
struct BuiltIn;

/// Where the settings files come from.
#[derive(Debug, Clone, Default)]
pub struct SettingsFiles {
    folder: Option<PathBuf>,
}

/// One settings file.
#[derive(Debug, Clone)]
pub struct SettingsFile {
    /// Its path below `search-config/`, with forward slashes.
    pub path: String,
    /// What is in it; of a built-in file no copy.
    pub text: Cow<'static, str>,
}

/// A mistake in a settings file, for whoever wrote it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Mistake {
    /// The file, below `search-config/`.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "search-config/{}:{}: {}", self.file, self.line, self.message)
    }
}

impl SettingsFiles {
    /// The built-in files, or those of `folder`.
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self { folder }
    }

    /// All `.toml` files below a folder such as `vocabulary/`, by path. An error if the folder can't be read.
    pub fn below(&self, prefix: &str) -> io::Result<Vec<SettingsFile>> {
        let mut files = match &self.folder {
            Some(folder) => read_below(folder, &folder.join(prefix))?,
            None => built_in_below(prefix),
        };
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }

    /// One file, if it is there.
    pub fn one(&self, path: &str) -> io::Result<Option<SettingsFile>> {
        let Some(folder) = &self.folder else { return Ok(built_in(path)) };
        match std::fs::read_to_string(folder.join(path)) {
            Ok(text) => Ok(Some(SettingsFile { path: path.to_owned(), text: text.into() })),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(cause),
        }
    }
}

fn built_in_below(prefix: &str) -> Vec<SettingsFile> {
    let below = BuiltIn::iter().filter(|path| path.starts_with(prefix) && path.ends_with(".toml"));
    below.filter_map(|path| built_in(&path)).collect()
}

fn built_in(path: &str) -> Option<SettingsFile> {
    let text = match BuiltIn::get(path)?.data {
        Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
        Cow::Owned(bytes) => String::from_utf8_lossy(&bytes).into_owned().into(),
    };
    Some(SettingsFile { path: path.to_owned(), text })
}

fn read_below(root: &Path, folder: &Path) -> io::Result<Vec<SettingsFile>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(read_below(root, &path)?);
        } else if path.extension().is_some_and(|ending| ending == "toml") {
            let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            files.push(SettingsFile { path: name, text: std::fs::read_to_string(&path)?.into() });
        }
    }
    Ok(files)
}
