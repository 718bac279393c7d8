//! The rows of a run, in memory, and small: what tells the place, and the two texts that are stored.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    again::Seen,
    error::{Fault, ImportError},
    gazetteer::Gazetteer,
    identity::Identity,
    listing::{Draft, Reader, own_source},
    mapping::{Mapping, choose},
    names::{Names, Sym},
    plan::key,
    progress::Progress,
    sheet::{Item, Row, Sheet},
    summary::FileSummary,
    text::{fold, known},
};
use crate::venues::Precision;

/// The texts of a row.
pub(super) struct Texts {
    /// Which file it is from.
    pub(super) file: u16,
    pub(super) dated: Option<Sym>,
    /// The row as it came; empty where the very same is stored already.
    pub(super) raw: Box<str>,
    /// What it says, read through its mapping; empty where the very same is stored already.
    pub(super) listing: Box<str>,
}

/// A row that can't be used.
pub(super) struct Reject {
    pub(super) file: PathBuf,
    pub(super) line: u64,
    pub(super) reason: String,
    pub(super) name: String,
}

/// All rows of a run.
#[derive(Default)]
pub(super) struct Incoming {
    pub(super) names: Names,
    pub(super) seen: Vec<Seen>,
    pub(super) texts: Vec<Texts>,
    pub(super) rejects: Vec<Reject>,
    pub(super) files: Vec<FileSummary>,
    /// The feed of each file.
    pub(super) feeds: Vec<Sym>,
    /// What is stored already, feed by feed: texts of such rows take no memory.
    pub(super) stored: HashSet<(Sym, u128)>,
}

impl Incoming {
    /// Reads a file to its end.
    pub(super) fn read(
        &mut self,
        path: &Path,
        mappings: &[Mapping],
        options: &super::venues::Options,
        gazetteer: &Gazetteer,
        progress: &mut Progress,
    ) -> Result<(), ImportError> {
        let fault = |fault: Fault| fault.in_file(path);
        let mut sheet = Sheet::open(path).map_err(fault)?;
        let mapping = choose(mappings, options.mapping.as_deref(), path, &sheet)?;
        let stem = stem(path);
        let feed = options.feed.clone().unwrap_or_else(|| stem.clone());
        let own = if mapping.own_format {
            let message = "its `footbridge` object has to name a `source` and a `licence`";
            Some(own_source(&sheet.about).ok_or_else(|| Fault::new(None, message)).map_err(fault)?)
        } else {
            None
        };
        let reader = Reader { mapping, gazetteer, own, category: mapping.category_of_file(&stem) };
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        self.feeds.push(self.names.sym(&feed));
        self.files.push(FileSummary { file: name, feed, mapping: mapping.name.clone(), ..FileSummary::default() });
        progress.stage(&format!("Reading {}", path.display()), None);
        while let Some(item) = sheet.next().map_err(fault)? {
            self.take(path, &reader, item);
            progress.step(1);
        }
        Ok(())
    }

    fn take(&mut self, path: &Path, reader: &Reader<'_>, item: Item) {
        let Some(file) = self.files.last_mut() else { return };
        file.counts.read += 1;
        let (line, reason, name) = match item {
            Item::Unreadable { line, reason } => (line, reason, String::new()),
            Item::Row(row) => match reader.read(&row) {
                Ok(draft) => {
                    draft.notes.iter().for_each(|note| *file.notes.entry(note).or_default() += 1);
                    return self.keep(&row, &draft);
                }
                Err(reason) => {
                    let column = reader.mapping.columns.name.as_deref().unwrap_or("name").to_lowercase();
                    (row.line, reason, known(row.cell(&column)).unwrap_or_default())
                }
            },
        };
        file.counts.rejected += 1;
        self.rejects.push(Reject { file: path.to_owned(), line, reason, name });
    }

    fn keep(&mut self, row: &Row, draft: &Draft) {
        let (Ok(raw), Ok(listing)) = (row.raw(), serde_json::to_string(&draft.listing)) else { return };
        let Some(feed) = self.feeds.last().copied() else { return };
        let names = &mut self.names;
        let facts = &draft.listing.facts;
        let mut identity = Identity {
            key: Uuid::nil(),
            feed,
            source: names.sym(&draft.source),
            source_id: draft.source_id.as_deref().map(|id| names.sym(id)),
            licence: names.sym(&draft.licence),
            name: names.sym(&fold(&facts.name)),
            point: facts.point,
            rough: !matches!(facts.precision, Some(Precision::Exact | Precision::Postcode)),
            locality: draft.locality.as_deref().map(|locality| names.sym(locality)),
        };
        identity.key = key(names, &identity);
        let dated = draft.dated.as_deref().map(|dated| names.sym(dated));
        let file = u16::try_from(self.files.len().saturating_sub(1)).unwrap_or(u16::MAX);
        let digest = digest(draft, &raw, &listing);
        let stored = self.stored.contains(&(feed, digest));
        let text = |text: String| if stored { Box::default() } else { text.into_boxed_str() };
        self.seen.push(Seen { identity, digest, gone: false });
        self.texts.push(Texts { file, dated, raw: text(raw), listing: text(listing) });
    }
}

/// The file's name without its endings: `london.csv.gz` is `london`.
fn stem(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let bare = name.strip_suffix(".gz").unwrap_or(&name);
    let stem = bare.rsplit_once('.').map_or(bare, |(stem, _)| stem);
    known(stem).unwrap_or_else(|| "import".to_owned())
}

/// Of all that a row says and how it was read, whatever feed brought it.
fn digest(draft: &Draft, raw: &str, listing: &str) -> u128 {
    let mut hash = Sha256::new();
    let parts = [Some(draft.source.as_str()), draft.source_id.as_deref(), Some(&draft.licence), draft.dated.as_deref()];
    for part in parts.into_iter().chain([draft.locality.as_deref(), Some(raw), Some(listing)]) {
        hash.update(part.unwrap_or("\u{1e}"));
        hash.update("\u{1f}");
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    u128::from_be_bytes(bytes)
}
