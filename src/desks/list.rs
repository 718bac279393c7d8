//! A list of places that someone opens by a mailed link without signing in, or looks at side by side, and chooses from. It shows the
//! places and nothing else of anyone; what is said there counts as said by the person.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data, Path},
};
use chrono::NaiveDateTime;
use serde::Serialize;

use super::{path::own as own_record, places};
use crate::{
    accounts::{Principal, clients, notices, pages::on, session::Jar, token::Token},
    app::App,
    audit::{self, Action, Actor, Entry},
    db::Conn,
    error::{Failure, Problem},
    mail::{self, Letter, SharedList},
    people::{
        aspirations::{self, By, Opinion},
        lists::{self, Shared},
        timeline,
    },
    values::{AspirationId, SubjectId, VenueId},
    venues::{self, Card},
    web::{
        form::Typed,
        form_page::FormPage,
        page::Page,
        see_other,
        views::{card::venue_href, say},
    },
};

/// Most places on a list.
const MOST: usize = 20;

/// A place on a list, with what the person said of it.
#[derive(Debug, Clone, Serialize)]
pub struct Listed {
    /// Its id.
    pub id: String,
    /// Its page.
    pub href: String,
    /// Its name.
    pub name: String,
    /// Where it is and what it is.
    pub about: String,
    /// The code of their mark.
    pub mine: &'static str,
    /// The same in words.
    pub said: &'static str,
    /// Whether they chose it.
    pub chosen: bool,
}

/// A list of places to choose from.
#[derive(Debug, Clone, Serialize)]
pub struct ListPage {
    /// The places.
    pub places: Vec<Listed>,
}

impl Page for ListPage {
    const TEMPLATE: &'static str = "list.html";

    fn title(&self) -> String {
        "Places to look at".to_owned()
    }

    fn samples() -> Vec<Self> {
        let place = |mine: Option<Opinion>, chosen| Listed {
            id: format!("6f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d{}", u8::from(chosen)),
            href: "/venues/6f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d8".to_owned(),
            name: "Arches Rehearsal Rooms".to_owned(),
            about: "14 Canal Street, Marlhythe".to_owned(),
            mine: mine.map_or("", Opinion::code),
            said: mine.map_or("", Opinion::label),
            chosen,
        };
        vec![Self { places: vec![place(None, false), place(Some(Opinion::Like), true)] }, Self { places: Vec::new() }]
    }
}

/// `POST /people/{person}/wishes/{aspiration}/list`: to the person by mail, or side by side on this screen.
pub async fn share(
    app: Data<App>,
    who: Principal,
    path: Path<(SubjectId, AspirationId)>,
    body: Bytes,
) -> Result<HttpResponse, Failure> {
    let ((person, wish), typed, shared, now) = (*path, Typed::read(&body), app.clone(), app.clock.stamp());
    let here = typed.one("how") == "here";
    let mut venues: Vec<VenueId> = typed.all("place").iter().filter_map(|id| id.parse().ok()).take(MOST).collect();
    venues.dedup();
    let made = app.db.write(move |c| {
        aspirations::one(c, &shared.vault, person, wish)?;
        let there = venues::store::published(c, &venues)?;
        venues.retain(|id| there.iter().any(|venue| venue.id == *id));
        if venues.is_empty() {
            return Ok(Err("list-none"));
        }
        if here { keep(c, &who, person, wish, &venues, now).map(Ok) } else { send(c, &shared, &who, person, wish, &venues, now) }
    });
    let done = match made.await? {
        Ok(token) if here => return Ok(on("/list", vec![Jar::List.give(&app, &token)])),
        Ok(_) => "list-sent",
        Err(why_not) => why_not,
    };
    Ok(see_other(&format!("/people/{person}/wishes/{wish}?done={done}")))
}

/// Makes the list and posts its link, where they have an address and want a letter now.
fn send(
    c: &mut Conn,
    app: &App,
    who: &Principal,
    person: SubjectId,
    wish: AspirationId,
    venues: &[VenueId],
    now: NaiveDateTime,
) -> Result<Result<Token, &'static str>, Failure> {
    let Some((account, address)) = clients::address_of(c, &app.vault, person)? else { return Ok(Err("list-no-mail")) };
    let lately = now - lists::PRESSED_TWICE;
    if lists::is_there(c, wish, venues, lately)? && mail::was_posted(c, SubjectId(account.0), SharedList::KIND, lately)? {
        return Ok(Err("list-sent"));
    }
    if !notices::may_write(c, account, now)? {
        return Ok(Err("list-no-mail"));
    }
    let token = keep(c, who, person, wish, venues, now)?;
    let link = format!("{}list/{}", app.web.public_url(), token.show());
    mail::post(c, &app.vault, SubjectId(account.0), &address, &SharedList { link, days: lists::LASTS.num_days() }, now)?;
    Ok(Ok(token))
}

fn keep(
    c: &mut Conn,
    who: &Principal,
    person: SubjectId,
    wish: AspirationId,
    venues: &[VenueId],
    now: NaiveDateTime,
) -> Result<Token, Failure> {
    let token = lists::share(c, wish, venues, who.account, now)?;
    note(c, Actor::Account(who.account), Action::ListShared, person, wish, now)?;
    Ok(token)
}

fn note(
    c: &mut Conn,
    actor: Actor,
    action: Action,
    person: SubjectId,
    wish: AspirationId,
    now: NaiveDateTime,
) -> Result<(), Failure> {
    audit::record(c, &Entry { actor, action, subject: Some(person), about: Some(wish.to_string()) }, now)
}

/// `POST /people/{person}/wishes/{aspiration}/list/end`
pub async fn end_theirs(app: Data<App>, who: Principal, path: Path<(SubjectId, AspirationId)>) -> Result<HttpResponse, Failure> {
    let (person, wish) = *path;
    end(&app, Actor::Account(who.account), person, wish).await?;
    Ok(see_other(&format!("/people/{person}/wishes/{wish}?done=list-ended")))
}

/// `POST /my-path/wishes/{aspiration}/list/end`
pub async fn end_own(app: Data<App>, who: Principal, wish: Path<AspirationId>) -> Result<HttpResponse, Failure> {
    end(&app, Actor::Account(who.account), own_record(&who)?, *wish).await?;
    Ok(see_other(&format!("/my-path/wishes/{wish}?done=list-ended")))
}

async fn end(app: &Data<App>, by: Actor, person: SubjectId, wish: AspirationId) -> Result<(), Failure> {
    let (vault, now) = (app.vault.clone(), app.clock.stamp());
    app.db
        .write(move |c| {
            aspirations::one(c, &vault, person, wish)?;
            lists::end(c, wish, now)?;
            note(c, by, Action::ListEnded, person, wish, now)
        })
        .await
}

/// `GET /list/{token}`: a button, whatever the token; only pressing it opens the list, so that a scanner that follows links does nothing.
pub async fn door(app: Data<App>, request: HttpRequest, token: Path<String>) -> Result<HttpResponse, Failure> {
    door_page(Token::sent(&token).show()).shown(&app, &request)
}

fn door_page(token: &str) -> FormPage {
    FormPage::new("There is something for you to look at", format!("/list/{token}"), "Open it")
        .say("Press the button to open it. You need not sign in.")
        .say("Are you on a device that others use? Then close the page when you are done.")
}

/// `POST /list/{token}`: this browser may look at the list for a while; from here on no address holds the token.
pub async fn open(app: Data<App>, request: HttpRequest, token: Path<String>) -> Result<HttpResponse, Failure> {
    let (token, now) = (Token::sent(&token), app.clock.stamp());
    let sent = token.clone();
    let opened = app.db.write(move |c| {
        let Some(shared) = lists::opened(c, &sent, now)? else { return Ok(false) };
        note(c, Actor::Person(shared.person), Action::ListOpened, shared.person, shared.aspiration, now)?;
        Ok(true)
    });
    if opened.await? { Ok(on("/list", vec![Jar::List.give(&app, &token)])) } else { gone().shown(&app, &request) }
}

fn gone() -> FormPage {
    FormPage::new("This link doesn’t work", "", "")
        .say("A link works for 14 days, until a newer one is sent or someone ends it.")
        .say("Ask whoever sent it for a new one.")
        .or("/", "To the front page")
        .wrong(vec![Problem::new("main", "This link is too old, or it was ended.")])
}

/// `GET /list`
pub async fn page(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let Some(token) = Jar::List.held(&app, &request) else { return gone().shown(&app, &request) };
    let (vault, now) = (app.vault.clone(), app.clock.stamp());
    let made = app.db.read(move |c| {
        let Some(shared) = lists::opened(c, &token, now)? else { return Ok(None) };
        let marks = aspirations::marks(c, &vault, shared.person)?;
        let theirs = marks.into_iter().filter(|(id, mark)| *id == shared.aspiration && mark.by == By::Person);
        let marks: Vec<aspirations::Mark> = theirs.map(|(_, mark)| mark).collect();
        let cards = venues::store::cards(c, &shared.venues)?;
        Ok(Some(ListPage { places: cards.iter().map(|card| listed(card, &marks)).collect() }))
    });
    match made.await? {
        Some(made) => app.page(&request, &made),
        None => gone().shown(&app, &request),
    }
}

fn listed(card: &Card, marks: &[aspirations::Mark]) -> Listed {
    let venue = &card.lead;
    let mine = marks.iter().find(|mark| mark.venue == venue.id);
    Listed {
        id: venue.id.to_string(),
        href: venue_href(venue, ""),
        name: say::calm(&venue.facts.name),
        about: crate::web::views::card::place(&venue.facts),
        mine: mine.map_or("", |mark| mark.opinion.code()),
        said: mine.map_or("", |mark| mark.opinion.label()),
        chosen: mine.is_some_and(|mark| mark.chosen),
    }
}

/// `POST /list`: a mark or a choice, as if the person had signed in.
pub async fn mark(app: Data<App>, request: HttpRequest, body: Bytes) -> Result<HttpResponse, Failure> {
    let Some(token) = Jar::List.held(&app, &request) else { return gone().shown(&app, &request) };
    let (typed, shared, now) = (Typed::read(&body), app.clone(), app.clock.stamp());
    let kept = app.db.write(move |c| {
        let Some(list) = lists::opened(c, &token, now)? else { return Ok(false) };
        answered(c, &shared, &list, &typed, now)?;
        Ok(true)
    });
    if kept.await? { Ok(see_other("/list")) } else { gone().shown(&app, &request) }
}

fn answered(c: &mut Conn, app: &App, list: &Shared, typed: &Typed, now: NaiveDateTime) -> Result<(), Failure> {
    let mark = places::read(By::Person, typed, now)?;
    if !list.venues.contains(&mark.venue) {
        return Err(Failure::NotFound);
    }
    let venue = places::keep(c, &app.vault, list.person, list.aspiration, &mark)?;
    let said = if mark.chosen { "Chose it" } else { mark.opinion.label() };
    let words = format!("On the list: {}. {said}.", say::calm(&venue.facts.name));
    timeline::add(c, &app.vault, list.person, timeline::Sort::Mark, None, &words, now)?;
    note(c, Actor::Person(list.person), Action::ListAnswered, list.person, list.aspiration, now)
}

/// `POST /list/end`: the person wants it opened no more.
pub async fn end_here(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    if let Some(token) = Jar::List.held(&app, &request) {
        let now = app.clock.stamp();
        app.db
            .write(move |c| {
                let Some(list) = lists::opened(c, &token, now)? else { return Ok(()) };
                lists::end(c, list.aspiration, now)?;
                note(c, Actor::Person(list.person), Action::ListEnded, list.person, list.aspiration, now)
            })
            .await?;
    }
    Ok(on("/", vec![Jar::List.take(&app)]))
}

pub(super) fn samples() -> Vec<FormPage> {
    vec![door_page("token"), gone()]
}
