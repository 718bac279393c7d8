//! The rows of a run, in memory, and small: what tells the place, and the two texts that are stored.

use std::{
    collections::{BTreeMap, HashSet},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    again::Seen,
    choose::choose,
    error::{Fault, ImportError},
    gate::{Known, NAME_LIMIT},
    gazetteer::Gazetteer,
    identity::Identity,
    listing::{Draft, Reader, own_source},
    mapping::Mapping,
    names::{Names, Sym},
    plan::key,
    progress::Progress,
    sheet::{Item, Row, Sheet},
    summary::FileSummary,
    text::{fold, known},
};
use crate::venues::Precision;

/// Most different notes on one file.
const NOTES: usize = 50;

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

/// Everything that files are read by.
pub(super) struct By<'a> {
    pub(super) mappings: &'a [Mapping],
    pub(super) gazetteer: &'a Gazetteer,
    pub(super) known: Option<&'a Known>,
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
        by: &By<'_>,
        options: &super::venues::Options,
        progress: &mut Progress,
    ) -> Result<(), ImportError> {
        let fault = |fault: Fault| fault.in_file(path);
        let mut sheet = Sheet::open(path).map_err(fault)?;
        let mapping = choose(by.mappings, options.mapping.as_deref(), path, &sheet)?;
        let stem = stem(path);
        let feed = options.feed.clone().unwrap_or_else(|| stem.clone());
        let own = if mapping.own_format {
            let message = "its `footbridge` object has to name a `source` and a `licence` that we know, such as OGL-UK-3.0";
            Some(own_source(&sheet.about).ok_or_else(|| Fault::new(None, message)).map_err(fault)?)
        } else {
            None
        };
        let (gazetteer, known) = (by.gazetteer, by.known);
        let reader = Reader { mapping, gazetteer, known, own, category: mapping.category_of_file(&stem) };
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
            Item::Row(row) => {
                let taken = reader.read(&row).and_then(|draft| {
                    self.keep(&row, &draft)?;
                    let notes = self.files.last_mut().map(|file| &mut file.notes);
                    notes.into_iter().for_each(|notes| draft.notes.iter().for_each(|note| take_down(notes, note)));
                    Ok(())
                });
                let Err(reason) = taken else { return };
                let column = reader.mapping.columns.name.as_deref().unwrap_or("name").to_lowercase();
                let mut name = known(row.cell(&column)).unwrap_or_default();
                name.truncate(name.floor_char_boundary(NAME_LIMIT));
                (row.line, reason, name)
            }
        };
        if let Some(file) = self.files.last_mut() {
            file.counts.rejected += 1;
        }
        self.rejects.push(Reject { file: path.to_owned(), line, reason, name });
    }

    fn keep(&mut self, row: &Row, draft: &Draft) -> Result<(), String> {
        let unwritable = |cause: serde_json::Error| format!("it can't be written down: {cause}");
        let raw = row.raw().map_err(unwritable)?;
        let listing = serde_json::to_string(&draft.listing).map_err(unwritable)?;
        let feed = self.feeds.last().copied().ok_or("it is in no file")?;
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
        Ok(())
    }
}

/// Counts a note; where there are too many different ones, the rest together.
fn take_down(notes: &mut BTreeMap<String, u64>, note: &str) {
    let note = if notes.len() < NOTES || notes.contains_key(note) { note } else { "other things that were left out" };
    *notes.entry(note.to_owned()).or_default() += 1;
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
