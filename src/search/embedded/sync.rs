//! Keeps the index in step with the database: a few changes at a time, or all of it anew beside the old one.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use chrono::NaiveDate;
use tantivy::{IndexWriter, Term};

use super::{
    Embedded, document,
    folder::{Generation, Reached},
    snapshot::Snapshot,
    writing::{commit, one_segment, writer},
};
use crate::{
    db::{self, Conn},
    error::Failure,
    search::{
        Progress,
        entry::{Entry, days},
    },
    values::VenueId,
    venues::{Card, store},
};

/// Cards read at a time.
const BATCH: u16 = 500;
/// Changes taken in at a time that were made while an index was made anew.
const MEANWHILE: u32 = 2_000;

/// What was taken into an index.
struct Taken {
    cards: u64,
    /// How far the index is with them; none where there were no changes.
    reached: Option<Reached>,
}

impl Embedded {
    /// Takes up to `max` changes into the index and commits them. An index that doesn't fit is made anew. Once `ending`
    /// is set, nothing long is begun or gone on with.
    pub fn catch_up(&self, c: &mut Conn, max: u32, ending: &AtomicBool) -> Result<Progress, Failure> {
        if self.needs_rebuild() || self.lost_track(c)? {
            let _one_at_a_time = self.rebuilding.lock().unwrap_or_else(PoisonError::into_inner);
            // Another thread may have made it anew meanwhile.
            if (self.needs_rebuild() || self.lost_track(c)?) && !self.make_anew(c, ending, &mut |_| {})? {
                return self.progress(c, 0);
            }
        }
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(generation) = kept.as_ref() else { return Err(Failure::internal("there is no index")) };
        self.begin_day(generation, c, ending)?;
        let taken = self.take_in(generation, c, self.reached(), max)?;
        if let Some(reached) = taken.reached {
            self.show_committed(generation, reached)?;
        }
        self.progress(c, taken.cards)
    }

    fn progress(&self, c: &mut Conn, changed: u64) -> Result<Progress, Failure> {
        let behind = store::last_change(c)?.saturating_sub(self.cursor()).max(0).unsigned_abs();
        Ok(Progress { changed, behind })
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
    /// `false` where it was left unfinished because `ending` was set.
    pub fn rebuild(&self, c: &mut Conn, ending: &AtomicBool, mut progress: impl FnMut(u64)) -> Result<bool, Failure> {
        let _one_at_a_time = self.rebuilding.lock().unwrap_or_else(PoisonError::into_inner);
        self.make_anew(c, ending, &mut progress)
    }

    fn make_anew(&self, c: &mut Conn, ending: &AtomicBool, progress: &mut dyn FnMut(u64)) -> Result<bool, Failure> {
        let generation = self.folder.fresh(db::identity(c)?).map_err(Failure::internal)?;
        let number = generation.number;
        let done = self.fill_and_swap(generation, c, ending, progress);
        if !matches!(done, Ok(true)) {
            self.folder.remove(number);
        }
        done
    }

    fn fill_and_swap(
        &self,
        generation: Generation,
        c: &mut Conn,
        ending: &AtomicBool,
        progress: &mut dyn FnMut(u64),
    ) -> Result<bool, Failure> {
        let mut reached = Reached { cursor: store::last_change(c)?, day: days(self.today()) };
        if !self.fill(&generation, c, reached, ending, progress)? {
            return Ok(false);
        }
        // What changed meanwhile the old index has by now; the new one shall not fall behind it.
        while let Some(further) = self.take_in(&generation, c, reached, MEANWHILE)?.reached {
            reached = further;
            if ending.load(Ordering::Relaxed) {
                return Ok(false);
            }
        }
        generation.reader.reload().map_err(Failure::internal)?;
        let fresh = load(&generation, &self.fields, &Snapshot::default(), reached)?;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        self.folder.serve(&generation, &self.vocabulary).map_err(Failure::internal)?;
        self.folder.sweep(Some(generation.number));
        *kept = Some(generation);
        self.show(fresh);
        self.ready.store(true, Ordering::Release);
        self.outdated.store(false, Ordering::Release);
        Ok(true)
    }

    /// On a new day, looks again at every card whose hours depend on the day.
    fn begin_day(&self, generation: &Generation, c: &mut Conn, ending: &AtomicBool) -> Result<(), Failure> {
        let reached = Reached { day: days(self.today()), ..self.reached() };
        if reached == self.reached() {
            return Ok(());
        }
        let dated = self.dated();
        let mut writer = writer(generation).map_err(Failure::internal)?;
        for leads in dated.chunks(BATCH.into()) {
            if ending.load(Ordering::Relaxed) {
                return Ok(());
            }
            let cards = store::cards(c, leads)?;
            self.put(&writer, leads, &cards).map_err(Failure::internal)?;
        }
        commit(&mut writer, reached).and_then(|()| writer.wait_merging_threads()).map_err(Failure::internal)?;
        self.show_committed(generation, reached)
    }

    fn take_in(&self, generation: &Generation, c: &mut Conn, from: Reached, max: u32) -> Result<Taken, Failure> {
        let changes = store::changes_after(c, from.cursor, max.into())?;
        let Some((cursor, _)) = changes.last().copied() else { return Ok(Taken { cards: 0, reached: None }) };
        let leads: BTreeSet<VenueId> = changes.iter().map(|(_, lead)| *lead).collect();
        let leads: Vec<VenueId> = leads.into_iter().collect();
        let cards = store::cards(c, &leads)?;
        let reached = Reached { cursor, ..from };
        self.write(generation, &leads, &cards, reached).map_err(Failure::internal)?;
        Ok(Taken { cards: leads.len() as u64, reached: Some(reached) })
    }

    /// Whether it was finished before `ending` was set.
    fn fill(
        &self,
        generation: &Generation,
        c: &mut Conn,
        reached: Reached,
        ending: &AtomicBool,
        progress: &mut dyn FnMut(u64),
    ) -> Result<bool, Failure> {
        let mut writer = writer(generation).map_err(Failure::internal)?;
        let (mut after, mut done) = (None, 0);
        loop {
            if ending.load(Ordering::Relaxed) {
                return Ok(false);
            }
            let leads = store::leads_after(c, after, BATCH.into())?;
            let Some(last) = leads.last() else { break };
            after = Some(*last);
            for card in store::cards(c, &leads)? {
                self.add(&writer, &card).map_err(Failure::internal)?;
            }
            done += leads.len() as u64;
            progress(done);
        }
        commit(&mut writer, reached).map_err(Failure::internal)?;
        one_segment(writer, generation).map_err(Failure::internal)?;
        Ok(true)
    }

    fn write(&self, generation: &Generation, leads: &[VenueId], cards: &[Card], reached: Reached) -> tantivy::Result<()> {
        let mut writer = writer(generation)?;
        self.put(&writer, leads, cards)?;
        commit(&mut writer, reached)?;
        writer.wait_merging_threads()
    }

    fn put(&self, writer: &IndexWriter, leads: &[VenueId], cards: &[Card]) -> tantivy::Result<()> {
        for lead in leads {
            writer.delete_term(Term::from_field_text(self.fields.id, &document::id_text(*lead)));
        }
        cards.iter().try_for_each(|card| self.add(writer, card))
    }

    fn add(&self, writer: &IndexWriter, card: &Card) -> tantivy::Result<()> {
        match Entry::of(card, &self.vocabulary, self.settings.shares.likely, self.today()) {
            Some(entry) => writer.add_document(document::document(&entry, &self.fields)).map(|_| ()),
            None => Ok(()),
        }
    }

    fn today(&self) -> NaiveDate {
        self.clock.in_london().date_naive()
    }

    fn reached(&self) -> Reached {
        self.snapshot().reached
    }

    fn show_committed(&self, generation: &Generation, reached: Reached) -> Result<(), Failure> {
        generation.reader.reload().map_err(Failure::internal)?;
        self.show(load(generation, &self.fields, &self.snapshot(), reached)?);
        Ok(())
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
    reached: Reached,
) -> Result<Snapshot, Failure> {
    let searcher = generation.reader.searcher();
    let loaded = Snapshot::load(&searcher, fields, generation.moved.as_ref(), last, reached).map_err(Failure::internal)?;
    loaded.ok_or_else(|| Failure::internal("the index holds records that can't be read"))
}
