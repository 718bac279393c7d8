//! Making the index on the server anew, beside the one that answers, and swapping the two.

use std::{collections::VecDeque, sync::atomic::AtomicBool};

use meilisearch_sdk::{client::SwapIndexes, indexes::Index, task_info::TaskInfo};

use super::{Meili, Trouble, configure, feed::News, transport::Transport};
use crate::{db::Db, values::VenueId, venues::store};

/// Cards sent at a time when the index is made anew.
const FILL: u16 = 2_000;
/// How many places are sent between two lines in the log.
const TOLD_EVERY: usize = 20_000;
/// Batches on their way at once.
const UNDER_WAY: usize = 4;

impl Meili {
    /// Fills a new index, lets it answer in the old one's place, and notes how far it came.
    pub(super) async fn make_anew(&self, db: &Db, news: &News, ending: &AtomicBool) -> Result<(), Trouble> {
        tracing::info!("making Meilisearch's index anew, beside the one that answers");
        let mut state = self.beginning(news);
        let next = &self.names.next;
        let index = self.empty_index(ending).await?;
        self.fill(&index, db, ending).await?;
        // What changed meanwhile is taken in before the new index answers, so that nothing that could be found is missing.
        while let Some(last) = self.put_changes(next, db, state.cursor, ending).await? {
            state.cursor = last;
        }
        self.swap(ending).await?;
        self.note(&state, ending).await?;
        tracing::info!("Meilisearch's new index answers");
        Ok(())
    }

    async fn empty_index(&self, ending: &AtomicBool) -> Result<Index<Transport>, Trouble> {
        let next = &self.names.next;
        self.expect(self.feeding.delete_index(next).await, ending, Some("index_not_found")).await?;
        self.expect(self.feeding.create_index(next, Some("id")).await, ending, None).await?;
        let index = self.feeding.index(next);
        let settings = configure::settings(&self.vocabulary, &self.settings);
        self.expect(index.set_settings(&settings).await, ending, None).await?;
        Ok(index)
    }

    async fn fill(&self, index: &Index<Transport>, db: &Db, ending: &AtomicBool) -> Result<(), Trouble> {
        let mut under_way: VecDeque<(TaskInfo, Vec<VenueId>)> = VecDeque::new();
        let (mut after, mut done) = (None, 0);
        loop {
            let leads = db.read(move |c| store::leads_after(c, after, FILL.into())).await?;
            let Some(last) = leads.last() else { break };
            after = Some(*last);
            done += leads.len();
            if done % TOLD_EVERY < leads.len() {
                tracing::info!(places = done, "sending places to Meilisearch");
            }
            let (documents, _) = self.documents(db, leads.clone()).await?;
            if !documents.is_empty() {
                under_way.push_back((index.add_documents(&documents, Some("id")).await.map_err(Trouble::from)?, leads));
            }
            if under_way.len() >= UNDER_WAY {
                self.oldest_done(&mut under_way, db, ending).await?;
            }
        }
        while !under_way.is_empty() {
            self.oldest_done(&mut under_way, db, ending).await?;
        }
        Ok(())
    }

    /// Waits for the oldest batch; one that is refused is sent again in parts, so that only what is refused is missing.
    async fn oldest_done(
        &self,
        under_way: &mut VecDeque<(TaskInfo, Vec<VenueId>)>,
        db: &Db,
        ending: &AtomicBool,
    ) -> Result<(), Trouble> {
        let Some((task, leads)) = under_way.pop_front() else { return Ok(()) };
        if let Some(cause) = self.done(task, ending).await? {
            tracing::warn!(cause, places = leads.len(), "Meilisearch refused a batch; it is sent again in parts");
            self.put(&self.names.next, db, leads, ending).await?;
        }
        Ok(())
    }

    /// Lets the new index answer, and takes the old one away.
    async fn swap(&self, ending: &AtomicBool) -> Result<(), Trouble> {
        let (shown, next) = (&self.names.shown, &self.names.next);
        self.expect(self.feeding.create_index(shown, Some("id")).await, ending, Some("index_already_exists")).await?;
        let both = SwapIndexes { indexes: (shown.clone(), next.clone()), rename: None };
        let fresh = self.made_at(next).await?;
        self.feeding.swap_indexes([&both]).await.map_err(Trouble::from)?;
        // A key for these indexes alone can't ask after a swap. What is done after it can be asked after, and what it did can be seen.
        self.expect(self.feeding.delete_index(next).await, ending, None).await?;
        if self.made_at(shown).await? == fresh { Ok(()) } else { Err(Trouble::Refused("the swap of the indexes".to_owned())) }
    }

    /// When an index was made, as the server says.
    async fn made_at(&self, name: &str) -> Result<String, Trouble> {
        let told = self.feeding.get_raw_index(name).await.map_err(Trouble::from)?;
        told["createdAt"].as_str().map(str::to_owned).ok_or(Trouble::Unreadable)
    }
}
