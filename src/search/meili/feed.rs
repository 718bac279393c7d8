//! Keeping the index on the server in step with the change log, batch by batch.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use meilisearch_sdk::{documents::DocumentsQuery, errors::Error, task_info::TaskInfo, tasks::Task};
use serde::{Deserialize, Serialize};

use super::{Meili, Trouble, document::Document};
use crate::{
    db::{self, Db},
    search::{
        entry::{Entry, days},
        verbs,
    },
    values::VenueId,
    venues::store,
};

/// Changes taken in at a time.
const BATCH: u16 = 1_000;
/// How long a task may take; the server does one after another, and the first may have much to do.
const TASK_WITHIN: Duration = Duration::from_secs(600);
/// How often a task is asked after, at first and at last.
const ASK_AFTER: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(500));
/// The one document in the index of notes.
const NOTE: &str = "state";

/// How far the index came and what it was made with. The note lies on the server, so it is lost and restored together with the index.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct State {
    id: String,
    /// The last change it holds.
    pub(super) cursor: i64,
    /// The day its hours were worked out on, in days from 2000.
    day: u16,
    /// Whose change log it follows.
    pub(super) database: String,
    /// The settings it was made with.
    pub(super) made_with: String,
    /// When the process began that made it, in seconds.
    begun: i64,
    /// The reindexing that was asked for last and is done.
    reindexed: Option<String>,
}

/// How one round of feeding went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fed {
    /// Nothing was left to do.
    InStep,
    /// There may be more.
    Some,
}

/// What the database says, read at once.
pub(super) struct News {
    database: String,
    newest: i64,
    oldest: Option<i64>,
    reindex: Option<String>,
}

impl Meili {
    /// One round: takes in a batch of changes, or makes the index anew where the change log can't bring it up to date.
    /// Only one process at a time may feed. Stops soon once `ending` is set.
    pub async fn feed(self: &Arc<Self>, db: &Db, ending: &Arc<AtomicBool>) -> Result<Fed, Trouble> {
        let (me, db, ending) = (Arc::clone(self), db.clone(), Arc::clone(ending));
        self.apart(async move { me.feed_here(&db, &ending).await }).await?
    }

    async fn feed_here(&self, db: &Db, ending: &AtomicBool) -> Result<Fed, Trouble> {
        let news = db.read(news).await?;
        match self.state().await? {
            Some(state) if self.follows(&state, &news) => self.take_in(db, state, &news, ending).await,
            state => {
                if state.as_ref().is_some_and(|state| state.made_with != self.made_with && state.begun > self.begun) {
                    // A younger version made it. It stays as it is until this process has been replaced, too.
                    return Ok(Fed::InStep);
                }
                self.make_anew(db, &news, ending).await?;
                Ok(Fed::Some)
            }
        }
    }

    /// Whether the change log can bring the index up to date.
    fn follows(&self, state: &State, news: &News) -> bool {
        let unbroken = news.oldest.is_none_or(|oldest| oldest <= state.cursor + 1) && news.newest >= state.cursor;
        let asked = news.reindex.is_none() || news.reindex == state.reindexed;
        state.made_with == self.made_with && state.database == news.database && unbroken && asked
    }

    async fn take_in(&self, db: &Db, mut state: State, news: &News, ending: &AtomicBool) -> Result<Fed, Trouble> {
        let today = days(self.today());
        if state.day != today {
            self.begin_day(db, ending).await?;
            state.day = today;
            self.note(&state, ending).await?;
        }
        if state.cursor >= news.newest {
            return Ok(Fed::InStep);
        }
        let Some(last) = self.put_changes(&self.names.shown, db, state.cursor, ending).await? else { return Ok(Fed::InStep) };
        state.cursor = last;
        self.note(&state, ending).await?;
        Ok(if last < news.newest { Fed::Some } else { Fed::InStep })
    }

    /// Takes one batch of changes after a position into an index. Gives the last of them; none where there are none.
    pub(super) async fn put_changes(&self, name: &str, db: &Db, after: i64, ending: &AtomicBool) -> Result<Option<i64>, Trouble> {
        let changes = db.read(move |c| store::changes_after(c, after, BATCH.into())).await?;
        let Some((last, _)) = changes.last().copied() else { return Ok(None) };
        let leads: BTreeSet<VenueId> = changes.into_iter().map(|(_, lead)| lead).collect();
        self.put(name, db, leads.into_iter().collect(), ending).await?;
        Ok(Some(last))
    }

    /// What is noted of an index that is begun now.
    pub(super) fn beginning(&self, news: &News) -> State {
        State {
            id: NOTE.to_owned(),
            cursor: news.newest,
            day: days(self.today()),
            database: news.database.clone(),
            made_with: self.made_with.clone(),
            begun: self.begun,
            reindexed: news.reindex.clone(),
        }
    }

    /// On a new day, looks again at every card whose hours depend on the day.
    async fn begin_day(&self, db: &Db, ending: &AtomicBool) -> Result<(), Trouble> {
        #[derive(Deserialize)]
        struct Named {
            id: String,
        }
        let index = self.feeding.index(&self.names.shown);
        let mut dated: Vec<VenueId> = Vec::new();
        loop {
            let mut query = DocumentsQuery::new(&index);
            let page = query.with_filter("dated = true").with_offset(dated.len()).with_limit(BATCH.into()).with_fields(["id"]);
            let page = page.execute::<Named>().await.map_err(Trouble::from)?.results;
            let last = page.len() < usize::from(BATCH);
            for named in page {
                dated.push(named.id.parse().map_err(|_| Trouble::Unreadable)?);
            }
            if last {
                break;
            }
        }
        for leads in dated.chunks(BATCH.into()) {
            self.put(&self.names.shown, db, leads.to_vec(), ending).await?;
        }
        Ok(())
    }

    /// Sends cards as they are now; those that are no longer shown are taken out. What the server refuses is logged and left out.
    pub(super) async fn put(&self, name: &str, db: &Db, leads: Vec<VenueId>, ending: &AtomicBool) -> Result<(), Trouble> {
        let index = self.feeding.index(name);
        let (documents, gone) = self.documents(db, leads).await?;
        if !gone.is_empty() {
            self.expect(index.delete_documents(&gone).await, ending, None).await?;
        }
        let mut parts: Vec<&[Document]> = vec![&documents];
        while let Some(part) = parts.pop() {
            if part.is_empty() {
                continue;
            }
            let refused = match index.add_documents(part, Some("id")).await.map_err(Trouble::from) {
                Ok(task) => self.done(task, ending).await?,
                // Too much for one request, or a document that can't be read: fewer may do.
                Err(Trouble::Refused(code)) if part.len() > 1 && is_about_the_load(&code) => Some(code),
                Err(trouble) => return Err(trouble),
            };
            match refused {
                Some(_) if part.len() > 1 => {
                    let (first, second) = part.split_at(part.len() / 2);
                    parts.extend([first, second]);
                }
                Some(cause) => {
                    tracing::error!(cause, place = part[0].id(), "Meilisearch refused a place; it can't be found there")
                }
                None => {}
            }
        }
        Ok(())
    }

    /// The documents of cards, and the ids of those that have none.
    pub(super) async fn documents(&self, db: &Db, leads: Vec<VenueId>) -> Result<(Vec<Document>, Vec<String>), Trouble> {
        let (vocabulary, settings, today) = (self.vocabulary.clone(), self.settings, self.today());
        let made = db.read(move |c| {
            let cards = store::cards(c, &leads)?;
            let entries = cards.iter().filter_map(|card| Entry::of(card, &vocabulary, settings.shares.likely, today));
            let documents: Vec<Document> =
                entries.map(|entry| Document::of(&entry, &vocabulary, &settings.weights, today)).collect();
            let there: BTreeSet<&str> = documents.iter().map(Document::id).collect();
            let gone = leads.iter().map(ToString::to_string).filter(|lead| !there.contains(lead.as_str())).collect();
            Ok((documents, gone))
        });
        Ok(made.await?)
    }

    async fn state(&self) -> Result<Option<State>, Trouble> {
        match self.feeding.index(&self.names.state).get_document::<State>(NOTE).await.map_err(Trouble::from) {
            Ok(state) => Ok(Some(state)),
            Err(Trouble::Unreadable) => Ok(None),
            Err(trouble) if trouble.is_missing() => Ok(None),
            Err(trouble) => Err(trouble),
        }
    }

    pub(super) async fn note(&self, state: &State, ending: &AtomicBool) -> Result<(), Trouble> {
        self.expect(self.feeding.index(&self.names.state).add_documents(&[state], Some("id")).await, ending, None).await
    }

    /// Waits for a task that must go through; one error may be meant to happen.
    pub(super) async fn expect(
        &self,
        task: Result<TaskInfo, Error>,
        ending: &AtomicBool,
        unless: Option<&str>,
    ) -> Result<(), Trouble> {
        match self.done(task.map_err(Trouble::from)?, ending).await? {
            Some(cause) if !unless.is_some_and(|code| cause.starts_with(code)) => Err(Trouble::Refused(cause)),
            _ => Ok(()),
        }
    }

    /// Waits for a task. Gives the cause where the server refused it; such a cause quotes places, never people.
    pub(super) async fn done(&self, task: TaskInfo, ending: &AtomicBool) -> Result<Option<String>, Trouble> {
        let begun = Instant::now();
        let mut pause = ASK_AFTER.0;
        while begun.elapsed() < TASK_WITHIN {
            match self.feeding.get_task(&task).await.map_err(Trouble::from)? {
                Task::Succeeded { .. } => return Ok(None),
                Task::Failed { content } => {
                    let told = content.error;
                    return Ok(Some(format!("{}: {}", super::trouble::code(&told.error_code), told.error_message)));
                }
                Task::Enqueued { .. } | Task::Processing { .. } if ending.load(Ordering::Relaxed) => {
                    return Err(Trouble::Stopping);
                }
                Task::Enqueued { .. } | Task::Processing { .. } => tokio::time::sleep(pause).await,
            }
            pause = (pause * 2).min(ASK_AFTER.1);
        }
        Err(Trouble::Late)
    }

    fn today(&self) -> chrono::NaiveDate {
        self.clock.in_london().date_naive()
    }
}

/// Whether a server refused what was sent, and not whoever sent it or everyone for now.
fn is_about_the_load(code: &str) -> bool {
    ["payload_too_large", "status 413", "malformed_payload"].contains(&code) || code.contains("document")
}

fn news(c: &mut db::Conn) -> Result<News, crate::error::Failure> {
    Ok(News {
        database: db::identity(c)?,
        newest: store::last_change(c)?,
        oldest: store::oldest_change(c)?,
        reindex: verbs::reindex_asked(c)?,
    })
}
