//! One unit of work: a form becomes a question, a question becomes venues.

use std::sync::Arc;

use actix_web::web::Data;
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

/// Reads what was asked, finds, and shows what was found: `read` and `show` get a connection, and none is held while a server
/// is waited for.
pub async fn find<T, Read, Show>(app: &Data<App>, read: Read, show: Show) -> Result<T, Failure>
where
    Read: FnOnce(&App, &mut Conn) -> Result<Asked, Failure> + Send + 'static,
    Show: FnOnce(&App, &mut Conn, Asked, Answer) -> Result<T, Failure> + Send + 'static,
    T: Send + 'static,
{
    let shared = app.clone();
    let Some(server) = app.search.server() else {
        // Nothing to wait for in between, so one turn on one thread does it all.
        return app.db.read(move |c| read(&shared, c).and_then(|asked| found_here(&shared, c, asked, show))).await;
    };
    let reading = app.db.read(move |c| {
        let asked = read(&shared, c)?;
        let understanding = shared.search.here().understand(&asked.question.words);
        Ok((asked, understanding))
    });
    let (asked, understanding) = reading.await?;
    let answer = server.ask(&asked.question, &understanding).await;
    let shared = app.clone();
    let showing = app.db.read(move |c| match answer {
        Ok(found) => {
            let found = shared.search.here().explain(found, &understanding);
            show_rows(&shared, c, asked, found, show)
        }
        Err(_) => found_here(&shared, c, asked, show),
    });
    showing.await
}

/// What this process's own copy of the index says, with how the words were understood.
pub fn here(app: &App, asked: &Asked) -> Result<Found, Failure> {
    if !app.search.ready() {
        return Err(Failure::Unavailable(Arc::new(NotReady)));
    }
    Ok(app.search.here().ask(&asked.question, app.clock.in_london().naive_local()))
}

fn found_here<T, Show>(app: &App, c: &mut Conn, asked: Asked, show: Show) -> Result<T, Failure>
where
    Show: FnOnce(&App, &mut Conn, Asked, Answer) -> Result<T, Failure>,
{
    let found = Found { behind: app.search.fed_server().is_some(), ..here(app, &asked)? };
    show_rows(app, c, asked, found, show)
}

fn show_rows<T, Show>(app: &App, c: &mut Conn, asked: Asked, mut found: Found, show: Show) -> Result<T, Failure>
where
    Show: FnOnce(&App, &mut Conn, Asked, Answer) -> Result<T, Failure>,
{
    found.understood.near = asked.place_in_words.clone();
    let leads: Vec<VenueId> = found.hits.iter().map(|hit| hit.venue).collect();
    let cards = venues::store::cards(c, &leads)?;
    show(app, c, asked, Answer { found, cards })
}

/// The first index is still being made, so nothing that is there could be found.
#[derive(Debug, thiserror::Error)]
#[error("the search index is being made")]
pub(crate) struct NotReady;

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
