//! What an import did, as a table.

use std::{collections::BTreeMap, fmt, path::PathBuf};

/// Counts of rows. `read` is the sum of all others but `gone`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rows in the file.
    pub read: u64,
    /// Rows that made a new venue.
    pub added: u64,
    /// Rows that say something else than before, or are back.
    pub updated: u64,
    /// Rows that say the same as before.
    pub unchanged: u64,
    /// New rows about a venue that another row made.
    pub merged: u64,
    /// Rows of earlier runs of the feed that aren't there any more.
    pub gone: u64,
    /// Rows that can't be used.
    pub rejected: u64,
}

/// One file's part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileSummary {
    /// The file's name.
    pub file: String,
    /// The feed it was a run of.
    pub feed: String,
    /// The mapping it was read with.
    pub mapping: String,
    /// Its counts.
    pub counts: Counts,
    /// What was mended, and how often.
    pub notes: BTreeMap<String, u64>,
}

/// What an import did, or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// File by file, in the order given.
    pub files: Vec<FileSummary>,
    /// Published venues afterwards.
    pub venues: u64,
    /// Nothing was written.
    pub dry_run: bool,
    /// People's edits that were left out, each with the venue and the reason.
    pub edits_left_out: Vec<String>,
    /// Where the rejected rows are listed, if there are any.
    pub rejects: Option<PathBuf>,
}

impl Summary {
    /// All files together.
    pub fn total(&self) -> Counts {
        self.files.iter().fold(Counts::default(), |sum, file| {
            let more = file.counts;
            Counts {
                read: sum.read + more.read,
                added: sum.added + more.added,
                updated: sum.updated + more.updated,
                unchanged: sum.unchanged + more.unchanged,
                merged: sum.merged + more.merged,
                gone: sum.gone + more.gone,
                rejected: sum.rejected + more.rejected,
            }
        })
    }
}

impl Counts {
    const HEADS: [&'static str; 7] = ["read", "added", "updated", "unchanged", "merged", "gone", "rejected"];

    fn list(self) -> [u64; 7] {
        [self.read, self.added, self.updated, self.unchanged, self.merged, self.gone, self.rejected]
    }
}

/// 17342 as 17,342.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines: Vec<(String, Counts)> = self.files.iter().map(|file| (file.file.clone(), file.counts)).collect();
        if lines.len() > 1 {
            lines.push(("total".to_owned(), self.total()));
        }
        let first = lines.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0).max(4);
        write!(f, "{:first$}", "file")?;
        for head in Counts::HEADS {
            write!(f, " {head:>10}")?;
        }
        for (name, counts) in &lines {
            write!(f, "\n{name:first$}")?;
            for count in counts.list() {
                write!(f, " {:>10}", grouped(count))?;
            }
        }
        for file in &self.files {
            for (note, count) in &file.notes {
                write!(f, "\n{}: {note}: {}", file.file, grouped(*count))?;
            }
        }
        for edit in &self.edits_left_out {
            write!(f, "\n{edit}")?;
        }
        if let Some(path) = &self.rejects {
            write!(f, "\nRejected rows, with line and reason: {}", path.display())?;
        }
        match self.dry_run {
            true => {
                write!(f, "\nThis was a dry run: nothing was written. The catalogue would have {} venues.", grouped(self.venues))
            }
            false => write!(f, "\nThe catalogue has {} venues.", grouped(self.venues)),
        }
    }
}
