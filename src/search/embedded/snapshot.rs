//! What questions are asked of: the index as of one commit. It never changes; a new commit makes a new one.

use std::{collections::HashMap, sync::Arc};

use tantivy::{
    DocSet, Searcher, SegmentReader, TERMINATED,
    index::{InvertedIndexReader, SegmentId},
    postings::{SegmentPostings, TermInfo},
    schema::IndexRecordOption,
};

use super::{
    columns::{Columns, DATED, Moved},
    folder::Reached,
    schema::Fields,
};

/// Where a word may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    Name,
    Text,
    Address,
    Concept,
}

/// One segment, opened.
pub(super) struct Segment {
    pub(super) columns: Arc<Columns>,
    reader: SegmentReader,
    terms: [Arc<InvertedIndexReader>; 4],
}

/// The index as of one commit.
#[derive(Default)]
pub(super) struct Snapshot {
    pub(super) segments: Vec<Segment>,
    /// How many places there are.
    pub(super) places: u64,
    /// How far it came.
    pub(super) reached: Reached,
}

impl Snapshot {
    /// Opens what a searcher sees. Columns of segments that the last snapshot had are kept. `None` inside an `Ok`
    /// means records that can't be read.
    pub(super) fn load(
        searcher: &Searcher,
        fields: &Fields,
        moved: Option<&Moved>,
        last: &Self,
        reached: Reached,
    ) -> tantivy::Result<Option<Self>> {
        let kept: HashMap<SegmentId, &Arc<Columns>> = last.segments.iter().map(|s| (s.reader.segment_id(), &s.columns)).collect();
        let mut segments = Vec::new();
        for reader in searcher.segment_readers() {
            let columns = match kept.get(&reader.segment_id()) {
                Some(columns) => Arc::clone(columns),
                None => match Columns::load(reader, fields, moved)? {
                    Some(columns) => Arc::new(columns),
                    None => return Ok(None),
                },
            };
            let terms = |field| reader.inverted_index(field);
            let terms = [terms(fields.name)?, terms(fields.text)?, terms(fields.place)?, terms(fields.concept)?];
            segments.push(Segment { columns, reader: reader.clone(), terms });
        }
        Ok(Some(Self { segments, places: searcher.num_docs(), reached }))
    }

    /// The ids of the cards whose hours depend on the day.
    pub(super) fn dated(&self) -> Vec<u128> {
        let of = |segment: &'_ Segment| {
            let columns = &segment.columns;
            let dated = (0..segment.max_doc()).filter(|doc| columns.rows[*doc as usize].flags & DATED != 0);
            dated.filter(|doc| segment.is_alive(*doc)).map(|doc| columns.ids[doc as usize]).collect::<Vec<_>>()
        };
        self.segments.iter().flat_map(of).collect()
    }

    /// In how many places' names, texts or addresses a word stands.
    pub(super) fn frequency(&self, place: Place, word: &str) -> u64 {
        self.segments.iter().filter_map(|segment| segment.info(place, word)).map(|info| u64::from(info.doc_freq)).sum()
    }
}

impl Segment {
    pub(super) fn info(&self, place: Place, word: &str) -> Option<TermInfo> {
        // A term dictionary in memory can't fail to be read; a damaged one was turned down when it was opened.
        self.terms[place as usize].terms().get(word.as_bytes()).ok().flatten()
    }

    pub(super) fn dictionary(&self, place: Place) -> &InvertedIndexReader {
        &self.terms[place as usize]
    }

    pub(super) fn postings(&self, place: Place, info: &TermInfo) -> Option<SegmentPostings> {
        self.terms[place as usize].read_postings_from_terminfo(info, IndexRecordOption::Basic).ok()
    }

    pub(super) fn is_alive(&self, doc: u32) -> bool {
        self.reader.alive_bitset().is_none_or(|alive| alive.is_alive(doc))
    }

    pub(super) fn max_doc(&self) -> u32 {
        self.reader.max_doc()
    }

    /// The terms that begin like this, with how often they occur; at most `limit`.
    pub(super) fn beginning(&self, place: Place, prefix: &str, limit: usize) -> Vec<(usize, TermInfo)> {
        let mut found = Vec::new();
        let range = self.terms[place as usize].terms().range().ge(prefix.as_bytes());
        let Ok(mut stream) = range.into_stream() else { return found };
        while found.len() < limit && stream.advance() && stream.key().starts_with(prefix.as_bytes()) {
            found.push((stream.key().len(), stream.value().clone()));
        }
        found
    }
}

/// Sees every document of the list that lies in the ranges.
pub(super) fn each_in(postings: &mut SegmentPostings, ranges: &[(u32, u32)], mut see: impl FnMut(u32)) {
    for (from, to) in ranges {
        let mut doc = if postings.doc() < *from { postings.seek(*from) } else { postings.doc() };
        while doc < *to {
            see(doc);
            doc = postings.advance();
        }
        if doc == TERMINATED {
            return;
        }
    }
}
