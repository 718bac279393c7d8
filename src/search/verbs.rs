//! One unit of work: a form becomes a question, a question becomes venues.

use uuid::Uuid;

use super::{Found, Question, ask, place_candidates};
use crate::{
    app::App,
    db::{self, Conn},
    error::{Failure, Problem},
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

/// The question that a form makes, as far as it can be used, and what can't be.
pub fn question(app: &App, c: &mut Conn, fields: &ask::Fields) -> Result<(Question, Vec<Problem>), Failure> {
    ask::question(fields, &app.vocabulary, |name| places::resolve(c, name))
}

/// Asks the engine and reads the rows. Where no place was given apart, one in the words ("near SE15") is taken.
pub fn find(app: &App, c: &mut Conn, question: &Question) -> Result<Answer, Failure> {
    let placed = with_place_from_words(c, question)?;
    let mut found = app.search.ask(placed.as_ref().unwrap_or(question), app.clock.in_london().naive_local())?;
    found.understood.near = placed.and_then(|placed| placed.near);
    let leads: Vec<VenueId> = found.hits.iter().map(|hit| hit.venue).collect();
    let cards = venues::store::cards(c, &leads)?;
    Ok(Answer { found, cards })
}

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

fn with_place_from_words(c: &mut Conn, question: &Question) -> Result<Option<Question>, Failure> {
    if question.near.is_some() {
        return Ok(None);
    }
    for (rest, name) in place_candidates(&question.words) {
        if let Some(place) = places::resolve(c, &name)? {
            return Ok(Some(Question { words: rest, near: Some(place), ..question.clone() }));
        }
    }
    Ok(None)
}
