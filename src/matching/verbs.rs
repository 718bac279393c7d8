//! One unit of work: a wish becomes places, with reasons.

use std::{collections::HashSet, sync::Arc};

use actix_web::web::Data;

use super::{
    choose::{Choice, Chooser, Chosen, Parts, Tally},
    loosen::{Loosen, loosen},
    score::Measure,
    understand::{Understanding, Wish},
};
use crate::{
    app::App,
    db::Conn,
    error::Failure,
    places::Place,
    search::verbs::NotReady,
    values::{Point, VenueId},
    venues::{self, Card},
    vocabulary::{Concept, Domain, Ref},
};

/// How far around places are looked for where nobody says, in metres.
pub const USUAL_WITHIN_M: u32 = 8_000;
/// Most things that an engine elsewhere is asked for at once.
const MOST_ASKED: usize = 16;
/// Fewer good places than this are few.
pub(crate) const FEW: u32 = 3;

/// A wish, and where from.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    /// What is wished for.
    pub(crate) wish: Wish,
    /// Where from.
    pub(crate) near: Option<Place>,
    /// Only so many metres from there.
    pub(crate) within_m: Option<u32>,
    /// So many places.
    pub(crate) limit: usize,
    /// Places that must not come.
    pub(crate) hidden: HashSet<VenueId>,
}

impl Ask {
    /// The circle to look in. A wish to go far makes it wider where nobody says how wide.
    pub(crate) fn circle(&self, understanding: &Understanding) -> Option<(Point, u32)> {
        let point = self.near.as_ref()?.point;
        let wished =
            understanding.needs.iter().find_map(|need| if let super::need::Need::Within(m) = need { Some(*m) } else { None });
        Some((point, self.within_m.unwrap_or_else(|| wished.unwrap_or(0).max(USUAL_WITHIN_M))))
    }
}

/// What a wish comes to.
pub(crate) struct Answer {
    /// How it was understood.
    pub(crate) understanding: Understanding,
    /// The places, each with its card, in order. One that is no longer published is left out, whatever the index says.
    pub(crate) places: Vec<(Chosen, Card)>,
    /// How many places would do at all.
    pub(crate) total: usize,
    /// What would bring more.
    pub(crate) loosen: Vec<Loosen>,
    /// How many good places there are.
    pub(crate) tally: Tally,
    /// Whether the engine that is usually asked was away.
    pub(crate) behind: bool,
    /// Whether these are places to start with, since nothing was understood.
    pub(crate) to_start: bool,
}

/// Reads what was asked, understands, chooses, and shows what was chosen. None holds a connection while a server is waited for.
pub(crate) async fn find<T, Read, Show>(app: &Data<App>, read: Read, show: Show) -> Result<T, Failure>
where
    Read: FnOnce(&App, &mut Conn) -> Result<Ask, Failure> + Send + 'static,
    Show: FnOnce(&App, &mut Conn, Ask, Answer) -> Result<T, Failure> + Send + 'static,
    T: Send + 'static,
{
    let shared = app.clone();
    let Some(server) = app.search.server() else {
        let behind = app.search.fed_server().is_some();
        return app
            .db
            .read(move |c| {
                let ask = read(&shared, c)?;
                let understanding = shared.reader.understand_or_start(&ask.wish);
                shown(&shared, c, ask, understanding, None, behind, show)
            })
            .await;
    };
    let reading = app.db.read(move |c| {
        let ask = read(&shared, c)?;
        let understanding = shared.reader.understand_or_start(&ask.wish);
        Ok((ask, understanding))
    });
    let (ask, understanding) = reading.await?;
    let only = server.having(looked_for(app, &understanding), ask.circle(&understanding)).await.ok();
    let shared = app.clone();
    let behind = only.is_none();
    app.db.read(move |c| shown(&shared, c, ask, understanding, only.as_ref(), behind, show)).await
}

fn looked_for(app: &App, understanding: &Understanding) -> Vec<Concept> {
    let foremost: Vec<Ref> = understanding.wanted.foremost(MOST_ASKED);
    foremost.into_iter().map(|concept| app.vocabulary.concept(concept)).collect()
}

fn shown<T, Show>(
    app: &App,
    c: &mut Conn,
    ask: Ask,
    understanding: Understanding,
    only: Option<&HashSet<u128>>,
    behind: bool,
    show: Show,
) -> Result<T, Failure>
where
    Show: FnOnce(&App, &mut Conn, Ask, Answer) -> Result<T, Failure>,
{
    if !app.search.ready() {
        return Err(Failure::Unavailable(Arc::new(NotReady)));
    }
    let (choice, loosen) = chosen(app, &ask, &understanding, only);
    let leads: Vec<VenueId> = choice.places.iter().map(|one| one.venue).collect();
    let mut chosen = choice.places.into_iter().peekable();
    let mut places = Vec::with_capacity(leads.len());
    for card in venues::store::cards(c, &leads)? {
        // Cards come in the order asked; those that are gone are passed over.
        while chosen.next_if(|one| one.venue != card.lead.card).is_some() {}
        places.extend(chosen.next().map(|one| (one, card)));
    }
    let to_start = understanding.to_start;
    let answer = Answer { understanding, places, total: choice.total, loosen, tally: choice.tally, behind, to_start };
    show(app, c, ask, answer)
}

fn chosen(app: &App, ask: &Ask, understanding: &Understanding, only: Option<&HashSet<u128>>) -> (Choice, Vec<Loosen>) {
    let measure = Measure::new(&understanding.needs, app.clock.in_london().date_naive());
    let chooser =
        Chooser { reader: &app.reader, understanding, measure: &measure, hidden: &ask.hidden, only, parts: Parts::default() };
    let circle = ask.circle(understanding);
    let here = app.search.here();
    let choice = chooser.choose(&here.around(circle, &understanding.names), ask.limit);
    let wider = |within_m: u32| {
        let (point, _) = circle?;
        // What an engine elsewhere chose for a smaller circle says nothing of a wider one.
        Some(Chooser { only: None, ..chooser }.tally(&here.around(Some((point, within_m)), &[])).good)
    };
    let loosen = loosen(understanding, &choice.tally, circle.map(|(_, within_m)| within_m), wider);
    (choice, loosen)
}

/// The parts of life that someone's words speak of, the surest first; none where it is no more than a guess, since they are kept as theirs.
pub fn domains(app: &App, words: &str) -> Vec<Domain> {
    let understanding = app.reader.understand(&Wish { text: words.to_owned(), ..Wish::default() });
    let sure = if understanding.unsure { Vec::new() } else { understanding.domains };
    sure.into_iter().map(|(domain, _)| domain).collect()
}
