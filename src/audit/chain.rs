//! The chain: each entry's hash is over the hash before it and all that the entry says, so nothing can be changed unnoticed.

use std::{fmt, str::FromStr};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::store::{self, Row};
use crate::{db::Conn, error::Failure, vault::joined};

/// How many entries are read at once.
const AT_ONCE: i64 = 1_000;
/// How a written head begins.
const MARK: &str = "footbridge-audit 1";

/// The end of the record: kept elsewhere, it later shows whether the record was cut or written anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The newest entry's number; 0 where there is none.
    pub position: i64,
    /// Its hash.
    pub hash: String,
}

impl Head {
    /// The end of a record without entries.
    pub(super) fn start() -> Self {
        Self { position: 0, hash: BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(MARK)) }
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{MARK} {} {}", self.position, self.hash)
    }
}

/// The text is not a head that was written by this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not what `footbridge audit head` prints")]
pub struct NotAHead;

impl FromStr for Head {
    type Err = NotAHead;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (position, hash) = text.trim().strip_prefix(MARK).and_then(|rest| rest.trim().split_once(' ')).ok_or(NotAHead)?;
        Ok(Self { position: position.parse().map_err(|_| NotAHead)?, hash: hash.to_owned() })
    }
}

/// What is wrong with the record, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// An entry isn't there.
    #[error("entry {0} is missing")]
    Missing(i64),
    /// An entry stands before the first.
    #[error("an entry numbered {0} was put before the first")]
    Early(i64),
    /// An entry isn't what was written.
    #[error("entry {0} is not what was written there: it was changed, moved or put in")]
    Changed(i64),
    /// Entries that were there when the head was exported aren't any more.
    #[error("the record ends with entry {ends}, but had {had} when the head was exported: the newest were cut off")]
    Cut {
        /// The newest entry that is left.
        ends: i64,
        /// The newest when the head was exported.
        had: i64,
    },
    /// The whole record was made anew.
    #[error("entry {0} is another than when the head was exported: the record up to there was written anew")]
    Rewritten(i64),
}

/// The hash of an entry that follows the one with the hash `before`.
pub(super) fn hash(before: &str, row: &Row) -> String {
    let maybe = |value: &Option<String>| value.as_ref().map_or_else(String::new, |value| format!("={value}"));
    let (position, subject, about) = (row.position.to_string(), maybe(&row.subject), maybe(&row.about));
    let parts = [before, &position, &row.at, &row.actor, &row.action, &subject, &about];
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(joined(&parts)))
}

/// Reads the whole record, a part at a time, and gives its end, or the first that is wrong.
pub fn verify(c: &mut Conn, exported: Option<&Head>) -> Result<Result<Head, Wrong>, Failure> {
    let mut head = Head::start();
    let mut last = None;
    if let Some(wrong) = beyond(&head, exported) {
        return Ok(Err(wrong));
    }
    loop {
        let rows = store::after(c, last, AT_ONCE)?;
        let Some(newest) = rows.last() else { break };
        last = Some(newest.position);
        for row in rows {
            if let Some(wrong) = follow(&mut head, &row).or_else(|| beyond(&head, exported)) {
                return Ok(Err(wrong));
            }
        }
    }
    Ok(match exported {
        Some(exported) if exported.position > head.position => Err(Wrong::Cut { ends: head.position, had: exported.position }),
        _ => Ok(head),
    })
}

/// Goes on to the next entry.
fn follow(head: &mut Head, row: &Row) -> Option<Wrong> {
    let expected = head.position + 1;
    if row.position != expected {
        return Some(if row.position < 1 { Wrong::Early(row.position) } else { Wrong::Missing(expected) });
    }
    if hash(&head.hash, row) != row.hash {
        return Some(Wrong::Changed(row.position));
    }
    *head = Head { position: row.position, hash: row.hash.clone() };
    None
}

/// Whether this is where the exported head was, and it was another.
fn beyond(head: &Head, exported: Option<&Head>) -> Option<Wrong> {
    let there = exported.filter(|exported| exported.position == head.position)?;
    (there.hash != head.hash).then_some(Wrong::Rewritten(head.position))
}
