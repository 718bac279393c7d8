//! One unit of work: a form becomes a question, a question becomes venues.

use std::sync::Arc;

use uuid::Uuid;

use super::{
    Found,
    ask::{self, Asked},
};
use crate::{
    app::App,
    db::{self, Conn},
    error::Failure,
    places,
    values::VenueId,
    venues::{self, Card},
};

/// What was found, with the rows behind it as they are now.
pub struct Answer {
    /// What the engine says.
    pub found: Found,
    /// This page's cards, in order. One that is no longer published is left out, whatever the index says.
    pub cards: Vec<Card>,
}

/// Reads a form against this catalogue.
pub fn read(app: &App, c: &mut Conn, fields: &ask::Fields) -> Result<Asked, Failure> {
    ask::question(fields, &app.vocabulary, |name| places::resolve(c, name))
}

/// Asks the engine and reads the rows.
pub fn find(app: &App, c: &mut Conn, asked: &Asked) -> Result<Answer, Failure> {
    if !app.search.ready() {
        return Err(Failure::Unavailable(Arc::new(NotReady)));
    }
    let mut found = app.search.ask(&asked.question, app.clock.in_london().naive_local())?;
    found.understood.near = asked.place_in_words.clone();
    let leads: Vec<VenueId> = found.hits.iter().map(|hit| hit.venue).collect();
    let cards = venues::store::cards(c, &leads)?;
    Ok(Answer { found, cards })
}

/// The first index is still being made, so nothing that is there could be found.
#[derive(Debug, thiserror::Error)]
#[error("the search index is being made")]
struct NotReady;

/// The setting that changes when every process shall make its index anew.
const REINDEX: &str = "reindex";

/// Asks every process that serves this database to make its index anew, beside the old one.
pub fn ask_for_reindex(c: &mut Conn) -> Result<(), Failure> {
    db::set_setting(c, REINDEX, &Uuid::new_v4().to_string())
}

/// Which reindexing was asked for last.
pub fn reindex_asked(c: &mut Conn) -> Result<Option<String>, Failure> {
    db::setting(c, REINDEX)
}
