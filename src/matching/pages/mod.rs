//! A wish and the places for it, as a page. The wish is posted, so that it is in no address and no log.

mod samples;
mod view;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data},
};

pub use view::{Chip, Row, Way, WishPage};

use super::{
    fields::{self, Fields},
    unmet::Asker,
    verbs::{self, Answer, Ask},
};
use crate::{
    app::App,
    db::Conn,
    error::{Failure, Problem},
    places, venues,
    vocabulary::{Concept, Vocabulary},
};

/// `GET /match`
pub async fn blank(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    app.page(&request, &WishPage::blank(Fields::default(), &[]))
}

/// `POST /match`
pub async fn find(app: Data<App>, request: HttpRequest, body: Bytes) -> Result<HttpResponse, Failure> {
    let fields = Fields::read(&body);
    let asker = Asker::of(&request);
    let shared = app.clone();
    let (fields, asked, problems) = app.db.read(move |c| ask(&shared, c, fields)).await?;
    let Some(asked) = asked else {
        return app.page(&request, &WishPage::blank(fields, &problems));
    };
    let first = fields.again.is_empty();
    let show = move |app: &App, _: &mut Conn, ask: Ask, answer: Answer| {
        if first {
            app.unmet.note(app, &ask, &answer, asker);
        }
        Ok(WishPage::new(fields, &problems, &ask, &answer, &app.vocabulary, app.clock.in_london().naive_local()))
    };
    let page = verbs::find(&app, move |_, _| Ok(asked), show).await?;
    app.page(&request, &page)
}

/// What the form asks, as far as it can be used; none where it asks nothing.
#[allow(clippy::type_complexity, reason = "three things that belong together here only")]
fn ask(app: &App, c: &mut Conn, mut fields: Fields) -> Result<(Fields, Option<Ask>, Vec<Problem>), Failure> {
    let mut problems = Vec::new();
    add_what_was_typed(&mut fields, &app.vocabulary, &mut problems);
    add_more_like(&mut fields, c)?;
    let near = if fields.near.is_empty() { None } else { places::resolve(c, &fields.near)? };
    if near.is_none() && !fields.near.is_empty() {
        let message = "We don’t know that place. Try a postcode such as SE15 4QL, a district such as SE15, or a borough.";
        problems.push(Problem::new("near", message));
    }
    let wish = fields.wish(&app.vocabulary);
    if wish.is_empty() {
        problems.push(Problem::new("text", "Write what you would like to do. A word or two is enough."));
        return Ok((fields, None, problems));
    }
    let within_m = fields.within_m(&mut problems).filter(|_| near.is_some());
    let ask = Ask { wish, near, within_m, limit: fields.limit(), hidden: fields.hidden() };
    Ok((fields, Some(ask), problems))
}

fn add_what_was_typed(fields: &mut Fields, vocabulary: &Vocabulary, problems: &mut Vec<Problem>) {
    let words = fields.add.clone();
    // Another button was pressed, so what stands there isn't finished.
    if words.is_empty() || fields.pressed || !fields.more.is_empty() {
        return;
    }
    match fields::named(vocabulary, &words) {
        Some(concept) => {
            fields.add.clear();
            fields.add_concept(fields::code(&concept));
        }
        None => problems.push(Problem::new("add", "We don’t know that yet. Try another word, such as “chess” or “baking”.")),
    }
}

/// More places of the kind of one place.
fn add_more_like(fields: &mut Fields, c: &mut Conn) -> Result<(), Failure> {
    let Ok(id) = std::mem::take(&mut fields.more).parse() else { return Ok(()) };
    if let Some(card) = venues::store::cards(c, &[id])?.pop() {
        let facts = card.lead.facts;
        let kind = facts.kinds.into_iter().next().map(|kind| fields::code(&Concept::Kind(kind)));
        let activity = || facts.activities.into_iter().next().map(|activity| fields::code(&Concept::Activity(activity)));
        if let Some(code) = kind.or_else(activity) {
            fields.add_concept(code);
        }
    }
    Ok(())
}
