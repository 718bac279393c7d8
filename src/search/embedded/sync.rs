//! Keeps the index in step with the database: a few changes at a time, or all of it anew beside the old one.

use std::{
    collections::BTreeSet,
    sync::{Arc, PoisonError, atomic::Ordering},
};

use tantivy::{IndexWriter, Term, merge_policy::LogMergePolicy};

use super::{Embedded, document, folder::Generation, snapshot::Snapshot};
use crate::{
    db::{self, Conn},
    error::Failure,
    search::Progress,
    values::VenueId,
    venues::{Card, store},
};

/// Memory for documents not yet written, in bytes.
const HEAP: usize = 50_000_000;
/// Cards read at a time.
const BATCH: i64 = 500;
/// Changes taken in at a time that were made while an index was made anew.
const MEANWHILE: u32 = 2_000;

/// What was taken into an index.
struct Taken {
    cards: u64,
    /// The last change of them; none where there were no changes.
    cursor: Option<i64>,
}

impl Embedded {
    /// Takes up to `max` changes into the index and commits them. An index that doesn't fit is made anew.
    pub fn catch_up(&self, c: &mut Conn, max: u32) -> Result<Progress, Failure> {
        if self.needs_rebuild() || self.lost_track(c)? {
            let _one_at_a_time = self.rebuilding.lock().unwrap_or_else(PoisonError::into_inner);
            // Another thread may have made it anew meanwhile.
            if self.needs_rebuild() || self.lost_track(c)? {
                self.make_anew(c, &mut |_| {})?;
            }
        }
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(generation) = kept.as_ref() else { return Err(Failure::internal("there is no index")) };
        let taken = self.take_in(generation, c, self.cursor(), max)?;
        if let Some(cursor) = taken.cursor {
            generation.reader.reload().map_err(Failure::internal)?;
            self.show(load(generation, &self.fields, &self.snapshot(), cursor)?);
        }
        let behind = store::last_change(c)?.saturating_sub(self.cursor()).max(0).unsigned_abs();
        Ok(Progress { changed: taken.cards, behind })
    }

    /// Whether the change log can't bring the index up to date: it is another database's, or changes after the cursor were dropped.
    fn lost_track(&self, c: &mut Conn) -> Result<bool, Failure> {
        let cursor = self.cursor();
        let dropped = store::oldest_change(c)?.is_some_and(|oldest| oldest > cursor + 1);
        let database = db::identity(c)?;
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let other = kept.as_ref().is_some_and(|generation| generation.database != database);
        Ok(other || dropped || store::last_change(c)? < cursor)
    }

    /// Makes the index anew from the whole table, beside the one that serves, and swaps. Says how many cards are done.
    pub fn rebuild(&self, c: &mut Conn, mut progress: impl FnMut(u64)) -> Result<(), Failure> {
        let _one_at_a_time = self.rebuilding.lock().unwrap_or_else(PoisonError::into_inner);
        self.make_anew(c, &mut progress)
    }

    fn make_anew(&self, c: &mut Conn, progress: &mut dyn FnMut(u64)) -> Result<(), Failure> {
        let mut cursor = store::last_change(c)?;
        let generation = self.folder.fresh(db::identity(c)?).map_err(Failure::internal)?;
        self.fill(&generation, c, cursor, progress)?;
        // What changed meanwhile the old index has by now; the new one shall not fall behind it.
        while let Some(last) = self.take_in(&generation, c, cursor, MEANWHILE)?.cursor {
            cursor = last;
        }
        generation.reader.reload().map_err(Failure::internal)?;
        let fresh = load(&generation, &self.fields, &Snapshot::default(), cursor)?;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        self.folder.serve(&generation, &self.vocabulary).map_err(Failure::internal)?;
        self.folder.sweep(Some(generation.number));
        *kept = Some(generation);
        self.show(fresh);
        self.outdated.store(false, Ordering::Release);
        Ok(())
    }

    fn take_in(&self, generation: &Generation, c: &mut Conn, cursor: i64, max: u32) -> Result<Taken, Failure> {
        let changes = store::changes_after(c, cursor, max.into())?;
        let Some((last, _)) = changes.last().copied() else { return Ok(Taken { cards: 0, cursor: None }) };
        let leads: BTreeSet<VenueId> = changes.iter().map(|(_, lead)| *lead).collect();
        let leads: Vec<VenueId> = leads.into_iter().collect();
        let cards = store::cards(c, &leads)?;
        self.write(generation, &leads, &cards, last).map_err(Failure::internal)?;
        Ok(Taken { cards: leads.len() as u64, cursor: Some(last) })
    }

    fn fill(&self, generation: &Generation, c: &mut Conn, cursor: i64, progress: &mut dyn FnMut(u64)) -> Result<(), Failure> {
        let mut writer = writer(generation).map_err(Failure::internal)?;
        let (mut after, mut done) = (None, 0);
        loop {
            let leads = store::leads_after(c, after, BATCH)?;
            let Some(last) = leads.last() else { break };
            after = Some(*last);
            for card in store::cards(c, &leads)? {
                self.add(&writer, &card).map_err(Failure::internal)?;
            }
            done += leads.len() as u64;
            progress(done);
        }
        commit(&mut writer, cursor).map_err(Failure::internal)?;
        one_segment(writer, generation).map_err(Failure::internal)
    }

    fn write(&self, generation: &Generation, leads: &[VenueId], cards: &[Card], cursor: i64) -> tantivy::Result<()> {
        let mut writer = writer(generation)?;
        for lead in leads {
            writer.delete_term(Term::from_field_text(self.fields.id, &document::id_text(*lead)));
        }
        for card in cards {
            self.add(&writer, card)?;
        }
        commit(&mut writer, cursor)?;
        writer.wait_merging_threads()
    }

    fn add(&self, writer: &IndexWriter, card: &Card) -> tantivy::Result<()> {
        match document::document(card, &self.vocabulary, self.settings.shares.likely, &self.fields) {
            Some(document) => writer.add_document(document).map(|_| ()),
            None => Ok(()),
        }
    }

    fn show(&self, snapshot: Snapshot) {
        *self.shown.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(snapshot);
    }
}

/// What an index holds, for questions.
pub(super) fn load(
    generation: &Generation,
    fields: &super::schema::Fields,
    last: &Snapshot,
    cursor: i64,
) -> Result<Snapshot, Failure> {
    let searcher = generation.reader.searcher();
    let loaded = Snapshot::load(&searcher, fields, generation.moved.as_ref(), last, cursor).map_err(Failure::internal)?;
    loaded.ok_or_else(|| Failure::internal("the index holds records that can't be read"))
}

fn writer(generation: &Generation) -> tantivy::Result<IndexWriter> {
    let writer: IndexWriter = generation.index.writer_with_num_threads(1, HEAP)?;
    let mut policy = LogMergePolicy::default();
    policy.set_min_num_segments(4);
    policy.set_del_docs_ratio_before_merge(0.3);
    writer.set_merge_policy(Box::new(policy));
    Ok(writer)
}

fn commit(writer: &mut IndexWriter, cursor: i64) -> tantivy::Result<()> {
    let mut prepared = writer.prepare_commit()?;
    prepared.set_payload(&cursor.to_string());
    prepared.commit()?;
    Ok(())
}

/// Questions are quickest where there is one segment.
fn one_segment(mut writer: IndexWriter, generation: &Generation) -> tantivy::Result<()> {
    let segments = generation.index.searchable_segment_ids()?;
    if segments.len() > 1 {
        writer.merge(&segments).wait()?;
    }
    writer.garbage_collect_files().wait()?;
    writer.wait_merging_threads()
}
