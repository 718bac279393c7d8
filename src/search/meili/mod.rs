//! The engine on a server of its own: Meilisearch.
//!
//! It finds, counts and ranks. What words mean is understood here, as with the embedded engine, and the filters say exactly what
//! a place must have; so both find the same places and count the same, and only the order of "best match" is each engine's own.

mod configure;
mod document;
mod feed;
mod filter;
mod health;
mod look;
mod loosen;
mod question;
mod rebuild;
mod transport;
mod trouble;
mod week;

use std::{collections::HashSet, future::Future, sync::Arc, time::Duration};

use meilisearch_sdk::{
    client::Client,
    indexes::Index,
    key::{Action, KeyBuilder},
};
use tokio::runtime::{Builder, Runtime};
use url::Url;

pub use self::{feed::Fed, trouble::Trouble};
use self::{health::Health, transport::Transport};
use super::{Found, Question, settings::Settings, understand::Understanding};
use crate::{
    clock::Clock,
    values::Point,
    vocabulary::{Concept, Vocabulary},
};

/// How long a question may take before the embedded engine answers it.
const ASK_WITHIN: Duration = Duration::from_secs(1);
/// How long one request of the feed may take.
const FEED_WITHIN: Duration = Duration::from_secs(30);
/// Changes that its answers may lack while it is still asked.
const MOST_BEHIND: i64 = 5_000;

/// Where the server is and what may be done there.
#[derive(Clone)]
pub struct Server {
    /// Scheme, host and port.
    pub url: Url,
    /// A key that may use the indexes.
    pub key: Option<String>,
    /// What the names of all its indexes begin with.
    pub index: String,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("url", &self.url.as_str()).field("index", &self.index).finish_non_exhaustive()
    }
}

/// What was found on the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Examined {
    /// No index of ours.
    Nothing,
    /// An index made with other settings, or by another version.
    OfOtherSettings,
    /// An index that fits.
    Index {
        /// How many places it holds.
        places: u64,
        /// Whose change log it follows.
        database: String,
        /// The last change it holds.
        cursor: i64,
    },
}

/// The engine on a server. Questions wait for nothing but the server, and at most a second for that.
pub struct Meili {
    asking: Client<Transport>,
    feeding: Client<Transport>,
    names: Names,
    vocabulary: Arc<Vocabulary>,
    settings: Settings,
    clock: Clock,
    health: Health,
    made_with: String,
    /// When this process began, in seconds: of two versions that want other settings the younger process has its way.
    begun: i64,
    /// Connections live on threads of their own, so that they outlast the thread that first used them.
    runtime: Option<Runtime>,
}

/// The names of the indexes.
struct Names {
    /// The one that answers.
    shown: String,
    /// The one that is being filled beside it.
    next: String,
    /// The note of how far it came.
    state: String,
}

impl Meili {
    /// Asks nothing of the server yet.
    pub fn new(server: &Server, vocabulary: Arc<Vocabulary>, settings: Settings, clock: Clock) -> Result<Self, Trouble> {
        let threads = Builder::new_multi_thread().worker_threads(2).thread_name("meilisearch").enable_all().build();
        Ok(Self {
            asking: client(server, ASK_WITHIN)?,
            feeding: client(server, FEED_WITHIN)?,
            names: Names {
                shown: server.index.clone(),
                next: format!("{}_next", server.index),
                state: format!("{}_state", server.index),
            },
            made_with: configure::made_with(&vocabulary, &settings),
            vocabulary,
            settings,
            clock,
            health: Health::default(),
            begun: clock.now().timestamp(),
            runtime: Some(threads.map_err(|cause| Trouble::Unreachable(cause.to_string()))?),
        })
    }

    /// Whether a question would be sent there now.
    pub fn is_usable(&self) -> bool {
        self.health.is_usable()
    }

    /// The last change that its answers take into account, as last seen.
    pub fn cursor(&self) -> i64 {
        self.health.cursor()
    }

    /// Answers a question, or says why not. A failure has the embedded engine asked until a look finds the server well.
    pub async fn ask(self: &Arc<Self>, question: &Question, understanding: &Understanding) -> Result<Found, Trouble> {
        let asked = question::Asked::new(question, &understanding.parts, &self.vocabulary, &self.settings.ranking);
        let near = question.near.as_ref().map(|near| near.point);
        let me = Arc::clone(self);
        self.in_time(async move { me.answer(&asked, near).await }).await
    }

    /// The places nearest by that have any of these, for matching to choose from, or why not.
    pub async fn having(
        self: &Arc<Self>,
        concepts: Vec<Concept>,
        circle: Option<(Point, u32)>,
    ) -> Result<HashSet<u128>, Trouble> {
        let me = Arc::clone(self);
        self.in_time(async move { Ok(me.nearest_having(&concepts, circle).await?.into_iter().collect()) }).await
    }

    /// What is asked, if it comes in time. A failure has the embedded engine asked until a look finds the server well.
    async fn in_time<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Trouble>> + Send + 'static,
    ) -> Result<T, Trouble> {
        let answer = self.apart(async move { tokio::time::timeout(ASK_WITHIN, work).await }).await;
        let answer = answer.and_then(|in_time| in_time.unwrap_or(Err(Trouble::Late)));
        match &answer {
            Ok(_) => self.health.answered(),
            Err(trouble) => self.health.failed(trouble),
        }
        answer
    }

    /// Looks whether the server is well and its index fits; `newest` is the last change this process knows. For a background task.
    pub async fn look(self: &Arc<Self>, database: String, newest: i64) {
        if !self.health.is_rested() {
            return;
        }
        let me = Arc::clone(self);
        let seen = self.apart(async move { tokio::time::timeout(ASK_WITHIN, me.glance()).await }).await;
        match seen.and_then(|in_time| in_time.unwrap_or(Err(Trouble::Late))) {
            Ok(Some(state)) => {
                let fits = state.database == database && state.made_with == self.made_with;
                self.health.seen(fits && newest - state.cursor <= MOST_BEHIND, state.cursor);
            }
            Ok(None) => self.health.seen(false, 0),
            Err(trouble) => self.health.still_failing(&trouble),
        }
    }

    /// What there is on the server, for `footbridge check`. Waits; not for threads that must not.
    pub fn examine(self: &Arc<Self>) -> Result<Examined, Trouble> {
        let Some(runtime) = &self.runtime else { return Err(Trouble::Stopping) };
        runtime.block_on(async {
            let Some(state) = self.glance().await? else { return Ok(Examined::Nothing) };
            if state.made_with != self.made_with {
                return Ok(Examined::OfOtherSettings);
            }
            let places = self.index(&self.names.shown).get_stats().await?.number_of_documents as u64;
            Ok(Examined::Index { places, database: state.database, cursor: state.cursor })
        })
    }

    /// Runs something on the threads that the connections live on.
    async fn apart<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Result<T, Trouble> {
        let Some(runtime) = &self.runtime else { return Err(Trouble::Stopping) };
        runtime.spawn(work).await.map_err(|cause| Trouble::Unreachable(cause.to_string()))
    }

    /// Takes its indexes off the server; for tests that leave nothing behind.
    #[cfg(test)]
    pub(crate) async fn take_away(self: &Arc<Self>) {
        let me = Arc::clone(self);
        let gone = self.apart(async move {
            for name in [&me.names.shown, &me.names.next, &me.names.state] {
                _ = me.feeding.delete_index(name).await;
            }
        });
        _ = gone.await;
    }

    fn index(&self, name: &str) -> Index<Transport> {
        self.asking.index(name)
    }
}

impl Drop for Meili {
    fn drop(&mut self) {
        // The last owner may be on a thread that must not wait.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// A way to the server on which each request takes at most `deadline`.
fn client(server: &Server, deadline: Duration) -> Result<Client<Transport>, Trouble> {
    let transport = Transport::new(server.key.as_deref(), deadline).map_err(|_| Trouble::Unreadable)?;
    Ok(Client::new_with_client(server.url.as_str().trim_end_matches('/'), server.key.clone(), transport))
}

/// Makes a key for the running service, with a key that may make keys: it opens these indexes only. For the command line.
pub async fn make_key(server: &Server) -> Result<String, Trouble> {
    let client = client(server, FEED_WITHIN)?;
    let mut key = KeyBuilder::new();
    key.with_actions([
        Action::Search,
        Action::DocumentsAdd,
        Action::DocumentsGet,
        Action::DocumentsDelete,
        Action::IndexesCreate,
        Action::IndexesGet,
        Action::IndexesDelete,
        Action::Unknown("indexes.swap".to_owned()),
        Action::SettingsUpdate,
        Action::TasksGet,
        Action::StatsGet,
    ]);
    key.with_index(format!("{}*", server.index)).with_name("Footbridge").with_description("The running service");
    Ok(key.execute(&client).await?.key)
}
