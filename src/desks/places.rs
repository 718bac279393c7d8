//! Places for something that someone wants: found by the matcher, marked by the person and by whoever goes along, chosen by the person.

use std::collections::HashMap;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data, Path, Query},
};
use chrono::NaiveDateTime;
use serde::Serialize;

use super::{
    ask,
    before::{Before, EarlierLine, before},
    path::own as own_record,
    record::Said,
};
use crate::{
    accounts::Principal,
    app::App,
    audit::Action,
    clock::london_day,
    db::Conn,
    error::Failure,
    matching::{
        choose::{self, Chosen},
        need::Need,
        reasons::{About, Reason},
        verbs::{self, Answer, Ask},
    },
    people::{
        self,
        aspirations::{self, Aspiration, By, Company, Mark, Opinion, State, Wanted},
        fresh, lists, steps,
    },
    values::{AspirationId, SubjectId, VenueId},
    vault::{Private, Vault},
    venues::{self, Card, Venue},
    web::{
        asked::Asked,
        form::Typed,
        page::Page,
        see_other,
        views::{card::venue_href, say},
    },
};

/// Places that are looked for.
const MOST: usize = 12;
/// New places that are shown.
const MOST_FRESH: i64 = 10;
/// Reasons beside each, and those of them that say what it offers: what they need comes beside that.
const MOST_REASONS: usize = 6;
const MOST_OFFERS: usize = 2;
/// Longest reason for a mark, in characters.
const LONGEST_WHY: usize = 200;

/// A place, with what is thought of it.
#[derive(Debug, Clone, Serialize)]
pub struct PlaceLine {
    /// Its id.
    pub id: String,
    /// Its page.
    pub href: String,
    /// Its name.
    pub name: String,
    /// How far, where it is and what it is.
    pub about: String,
    /// Why it fits, or what to ask.
    pub reasons: Vec<String>,
    /// What the person thinks: "I like it", with why.
    pub theirs: Option<String>,
    /// What their bridge builder thinks.
    pub along: Option<String>,
    /// What a peer who walks along thinks.
    pub peer: Option<String>,
    /// Whether either said that it isn't for them.
    pub theirs_no: bool,
    /// The code of the reader's own mark.
    pub mine: &'static str,
    /// Whether the person chose it.
    pub chosen: bool,
}

/// Places for something that someone wants.
#[derive(Debug, Clone, Serialize)]
pub struct PlacesPage {
    /// Where marks are sent.
    pub action: String,
    /// Back.
    pub back: String,
    /// Whether it is the person's own page.
    pub own: bool,
    /// Their words.
    pub words: String,
    /// How it stands.
    pub state: &'static str,
    /// What the state may be set to, by the person.
    pub states: Vec<(&'static str, &'static str)>,
    /// What was said beside the words.
    pub said: Vec<Said>,
    /// What it said before it was changed, the latest first.
    pub earlier: Vec<EarlierLine>,
    /// Who wrote what it says now with them, and when, where they didn't write that alone.
    pub with_them: Option<(String, String)>,
    /// What places are measured by: "£5 at most".
    pub looked_for: Vec<String>,
    /// Whether nothing much was made of the words.
    pub unclear: bool,
    /// Where they said, if we don't know where that is.
    pub unknown_near: Option<String>,
    /// Until when a list of these places can be opened by a link.
    pub list: Option<String>,
    /// Whether the reader sends lists.
    pub sends: bool,
    /// What was done.
    pub done: Option<&'static str>,
    /// Where what was said can be changed, by those who may.
    pub change: Option<String>,
    /// Those that are new or have changed since the reader last looked.
    pub fresh: Vec<PlaceLine>,
    /// Those that someone marked, chosen ones first.
    pub marked: Vec<PlaceLine>,
    /// Those that the matcher found and nobody marked yet.
    pub found: Vec<PlaceLine>,
}

impl Page for PlacesPage {
    const TEMPLATE: &'static str = "wish-places.html";

    fn title(&self) -> String {
        "Places for a wish".to_owned()
    }

    fn samples() -> Vec<Self> {
        let place = |mine: &'static str, chosen| PlaceLine {
            id: format!("6f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d{}", u8::from(chosen)),
            href: "/venues/6f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d8".to_owned(),
            name: "Arches Rehearsal Rooms".to_owned(),
            about: "900 m from SE29".to_owned(),
            reasons: vec!["A rehearsal studio, which suits what you wrote".to_owned()],
            theirs: Some("I like it".to_owned()),
            along: Some("Maybe: the stairs are steep".to_owned()),
            peer: Some("I like it".to_owned()),
            theirs_no: mine == "maybe",
            mine,
            chosen,
        };
        let page = |own| Self {
            action: "/my-path/wishes/w1".to_owned(),
            back: "/my-path".to_owned(),
            own,
            words: "Play with others again".to_owned(),
            state: State::Open.label(),
            states: states(State::Open),
            said: vec![Said { label: "When", text: "Tuesday mornings".to_owned() }],
            with_them: Some(("Rowan Ashby".to_owned(), "3 March 2027".to_owned())),
            earlier: vec![EarlierLine {
                id: own.then(|| "9f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d8".to_owned()),
                words: "Play the guitar".to_owned(),
                said: vec![Said { label: "Cost", text: "Nothing".to_owned() }],
                until: "3 March 2027".to_owned(),
                by: "Rowan Ashby".to_owned(),
            }],
            looked_for: vec!["On Tuesday".to_owned(), "In the morning".to_owned()],
            unclear: own,
            unknown_near: None,
            list: Some("5 December 2026".to_owned()),
            sends: !own,
            done: done("list-no-mail"),
            change: Some("/my-path/wishes/w1/change".to_owned()),
            fresh: vec![PlaceLine {
                id: "8f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d8".to_owned(),
                theirs: None,
                along: None,
                peer: None,
                ..place("", false)
            }],
            marked: vec![place("like", true), place("maybe", false)],
            found: vec![PlaceLine {
                id: "7f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d8".to_owned(),
                theirs: None,
                along: None,
                peer: None,
                ..place("", false)
            }],
        };
        let nothing = Self {
            fresh: Vec::new(),
            marked: Vec::new(),
            found: Vec::new(),
            said: Vec::new(),
            earlier: Vec::new(),
            with_them: None,
            looked_for: Vec::new(),
            unknown_near: Some("By the old mill".to_owned()),
            list: None,
            done: None,
            change: None,
            ..page(true)
        };
        vec![page(true), page(false), nothing]
    }
}

fn states(now: State) -> Vec<(&'static str, &'static str)> {
    State::ALL.iter().filter(|state| **state != now).map(|state| (state.code(), state.label())).collect()
}

/// Who looks.
struct Reader {
    by: By,
    /// Whether they may change what was said.
    writes: bool,
    /// Where they come from.
    back: String,
    /// What they did.
    done: Option<&'static str>,
}

fn done(what: &str) -> Option<&'static str> {
    match what {
        "list-sent" => Some("The list is on its way. The link in the letter works for 14 days."),
        "list-none" => Some("Tick at least one place for the list."),
        "list-no-mail" => Some(
            "No letter can go to them now. They may want fewer letters, or have no address. You can look at the list together here.",
        ),
        "earlier" => Some("Your earlier words stand again."),
        "chosen" => Some("It is chosen. It stands with the places that you marked, and whoever goes along with you sees it."),
        "not-chosen" => Some("It is kept. You have not chosen this place any more."),
        "marked" => Some("What you think of it is kept, with the places that one of you marked."),
        "list-ended" => Some("The list can’t be opened any more."),
        _ => None,
    }
}

/// `GET /my-path/wishes/{aspiration}`
pub async fn own(
    app: Data<App>,
    request: HttpRequest,
    who: Principal,
    wish: Path<AspirationId>,
    asked: Query<Asked>,
) -> Result<HttpResponse, Failure> {
    let person = own_record(&who)?;
    let reader = Reader { by: By::Person, writes: true, back: "/my-path".to_owned(), done: done(&asked.done) };
    shown(&app, &request, who, person, *wish, reader).await
}

/// As what someone stands beside a person: they may have a role elsewhere and be a peer here.
fn beside(c: &mut Conn, who: &Principal, person: SubjectId, now: NaiveDateTime) -> Result<By, Failure> {
    Ok(if people::may_work_with(c, who, person, now)? { By::Worker } else { By::Peer })
}

/// `GET /people/{person}/wishes/{aspiration}`
pub async fn theirs(
    app: Data<App>,
    request: HttpRequest,
    who: Principal,
    path: Path<(SubjectId, AspirationId)>,
    asked: Query<Asked>,
) -> Result<HttpResponse, Failure> {
    let ((person, wish), by, now) = (*path, who.clone(), app.clock.stamp());
    let by = app.db.read(move |c| beside(c, &by, person, now)).await?;
    let reader = Reader { by, writes: by == By::Worker, back: format!("/people/{person}"), done: done(&asked.done) };
    shown(&app, &request, who, person, wish, reader).await
}

async fn shown(
    app: &Data<App>,
    request: &HttpRequest,
    who: Principal,
    person: SubjectId,
    wish: AspirationId,
    reader: Reader,
) -> Result<HttpResponse, Failure> {
    let (vault, now, by) = (app.vault.clone(), app.clock.stamp(), reader.by);
    let kept = app.db.write(move |c| {
        let kept = kept(c, &vault, person, wish, by, now)?;
        people::note_read(c, &who, person, Action::RecordRead, now)?;
        Ok(kept)
    });
    let kept = kept.await?;
    let (asked, home) = (kept.aspiration.clone(), kept.area.clone());
    // What is new may be further down, and is shown with its reasons.
    let limit = if kept.fresh.is_empty() { MOST } else { choose::MOST };
    let read = move |app: &App, c: &mut Conn| ask::ask(&app.reader, c, &asked, &home, limit);
    let show = move |_: &App, c: &mut Conn, ask: Ask, answer: Answer| made(c, &kept, reader, &ask, &answer);
    let page = verbs::find(app, read, show).await?;
    app.page(request, &page)
}

/// What is kept of something that someone wants.
struct Kept {
    aspiration: Aspiration,
    marks: Vec<Mark>,
    /// Places that are new to the reader.
    fresh: Vec<VenueId>,
    /// Where they live.
    area: String,
    /// Until when a list can be opened.
    list: Option<NaiveDateTime>,
    /// What it said before.
    before: Before,
}

/// What is kept of an aspiration; from now on the reader has seen what was new. Not found where it isn't theirs.
fn kept(c: &mut Conn, vault: &Vault, person: SubjectId, wish: AspirationId, by: By, now: NaiveDateTime) -> Result<Kept, Failure> {
    let aspiration = aspirations::one(c, vault, person, wish)?;
    let marks = aspirations::marks(c, vault, person)?.into_iter().filter(|(id, _)| *id == wish).map(|(_, mark)| mark);
    let area = people::about(c, vault, person)?.map(|about| about.area.as_str().to_owned()).unwrap_or_default();
    let (fresh, list) = (fresh::see(c, wish, by, MOST_FRESH, now)?, lists::until(c, wish, now)?);
    let before = before(c, vault, person, &aspiration, by)?;
    Ok(Kept { aspiration, marks: marks.collect(), fresh, area, list, before })
}

fn made(c: &mut Conn, kept: &Kept, reader: Reader, ask: &Ask, answer: &Answer) -> Result<PlacesPage, Failure> {
    let Kept { aspiration, marks, area, .. } = kept;
    let near = ask.near.as_ref().map_or("", |near| near.label.as_str());
    let from = ask::from(&aspiration.wanted, area);
    let Reader { by, writes, back, done } = reader;
    let action = format!("{back}/wishes/{}", aspiration.id);
    let mut spoken_of: Vec<VenueId> = Vec::new();
    for mark in marks {
        if !spoken_of.contains(&mark.venue) {
            spoken_of.push(mark.venue);
        }
    }
    let reasons: HashMap<VenueId, &Chosen> = answer.places.iter().map(|(chosen, card)| (card.lead.id, chosen)).collect();
    let mut lines = |ids: &[VenueId]| -> Result<Vec<PlaceLine>, Failure> {
        let cards = venues::store::cards(c, ids)?;
        Ok(cards.iter().map(|card| line(card, reasons.get(&card.lead.id).copied(), near, marks, by)).collect())
    };
    let mut marked = lines(&spoken_of)?;
    marked.sort_by_key(|place| (!place.chosen, place.mine == Opinion::NotForMe.code()));
    let new: Vec<VenueId> = kept.fresh.iter().copied().filter(|venue| !spoken_of.contains(venue)).collect();
    let fresh = lines(&new)?;
    let shown = |id: &VenueId| spoken_of.contains(id) || new.contains(id);
    let found = answer.places.iter().filter(|(chosen, card)| !shown(&chosen.venue) && !shown(&card.lead.id)).take(MOST);
    Ok(PlacesPage {
        list: kept.list.map(|until| say::date(london_day(until))),
        sends: writes && by == By::Worker,
        done,
        change: writes.then(|| format!("{action}/change")),
        action,
        own: by == By::Person,
        words: aspiration.wanted.words.as_str().to_owned(),
        state: aspiration.state.label(),
        states: states(aspiration.state),
        said: said(aspiration, area),
        earlier: kept.before.lines.clone(),
        with_them: kept.before.with_them.clone(),
        looked_for: answer.understanding.needs.iter().map(Need::label).collect(),
        unclear: answer.to_start || answer.understanding.unsure,
        unknown_near: (ask.near.is_none() && !from.is_empty()).then(|| from.to_owned()),
        fresh,
        found: found.map(|(chosen, card)| line(card, Some(chosen), near, marks, by)).collect(),
        marked,
        back,
    })
}

/// What was said beside the words, under short headings.
fn said(aspiration: &Aspiration, area: &str) -> Vec<Said> {
    let wanted = &aspiration.wanted;
    let home =
        if wanted.near.is_empty() && !area.is_empty() { format!("{area}, near home") } else { wanted.near.as_str().to_owned() };
    let mut said = around(wanted, home);
    let domains: Vec<String> = aspiration.domains.iter().map(|domain| domain.label().to_owned()).collect();
    if !domains.is_empty() {
        said.push(Said { label: "Part of life", text: domains.join(", ") });
    }
    said
}

/// Where, when and how, under short headings.
pub(super) fn around(wanted: &Wanted, near: String) -> Vec<Said> {
    let far = wanted.within_km.map(|km| format!("Up to {km} km")).unwrap_or_default();
    let access: Vec<String> = wanted.access.iter().map(|access| access.label().to_owned()).collect();
    let all = [
        ("Near", near),
        ("How far", far),
        ("When", wanted.when.as_str().to_owned()),
        ("Cost", wanted.cost.as_str().to_owned()),
        ("With whom", wanted.with_whom.map_or("", Company::label).to_owned()),
        ("What makes it easier", access.join(", ")),
        ("And", wanted.easier.as_str().to_owned()),
    ];
    all.into_iter().filter(|(_, text)| !text.is_empty()).map(|(label, text)| Said { label, text }).collect()
}

fn line(card: &Card, chosen: Option<&Chosen>, near: &str, marks: &[Mark], reader: By) -> PlaceLine {
    let venue = &card.lead;
    let by = |by: By| marks.iter().find(|mark| mark.venue == venue.id && mark.by == by);
    let distance = chosen.and_then(|chosen| chosen.distance_m).map(|metres| format!("{} from {near}", say::distance(metres)));
    let place = crate::web::views::card::place(&venue.facts);
    let about: Vec<String> = distance.into_iter().chain((!place.is_empty()).then_some(place)).collect();
    let reasons = chosen.map(|chosen| &chosen.reasons[..]).unwrap_or_default();
    PlaceLine {
        id: venue.id.to_string(),
        href: venue_href(venue, near),
        name: say::calm(&venue.facts.name),
        about: about.join(", "),
        reasons: told(reasons),
        theirs: by(By::Person).map(in_words),
        along: by(By::Worker).map(in_words),
        peer: by(By::Peer).map(in_words),
        theirs_no: marks.iter().any(|mark| mark.venue == venue.id && mark.opinion == Opinion::NotForMe),
        mine: by(reader).map_or("", |mark| mark.opinion.code()),
        chosen: by(By::Person).is_some_and(|mark| mark.chosen),
    }
}

/// The reasons that are told. The distance stands above already.
fn told(reasons: &[Reason]) -> Vec<String> {
    let mut offers = 0;
    let mut tell = |reason: &&Reason| {
        let offer = matches!(reason.about, About::Offers | About::MayOffer);
        offers += usize::from(offer);
        reason.about != About::Distance && (!offer || offers <= MOST_OFFERS)
    };
    reasons.iter().filter(|reason| tell(reason)).take(MOST_REASONS).map(|reason| reason.text.clone()).collect()
}

fn in_words(mark: &Mark) -> String {
    match &mark.why {
        Some(why) => format!("{}: {}", mark.opinion.label(), why.show()),
        None => mark.opinion.label().to_owned(),
    }
}

/// `POST /my-path/wishes/{aspiration}`: a mark, or a choice.
pub async fn own_mark(app: Data<App>, who: Principal, wish: Path<AspirationId>, body: Bytes) -> Result<HttpResponse, Failure> {
    let (person, typed, vault, now) = (own_record(&who)?, Typed::read(&body), app.vault.clone(), app.clock.stamp());
    let mark = read(By::Person, &typed, now)?;
    let id = *wish;
    let done = if mark.chosen { "chosen" } else { "marked" };
    let kept = move |c: &mut Conn| {
        let was = aspirations::marks(c, &vault, person)?
            .into_iter()
            .any(|(wish, before)| wish == id && before.venue == mark.venue && before.by == By::Person && before.chosen);
        keep(c, &vault, person, id, &mark)?;
        Ok(if was && !mark.chosen { "not-chosen" } else { done })
    };
    let done = app.db.write(kept).await?;
    Ok(see_other(&format!("/my-path/wishes/{wish}?done={done}")))
}

/// `POST /people/{person}/wishes/{aspiration}`
pub async fn their_mark(
    app: Data<App>,
    who: Principal,
    path: Path<(SubjectId, AspirationId)>,
    body: Bytes,
) -> Result<HttpResponse, Failure> {
    let ((person, wish), vault, now) = (*path, app.vault.clone(), app.clock.stamp());
    let mark = read(By::Worker, &Typed::read(&body), now)?;
    let kept = move |c: &mut Conn| {
        let by = beside(c, &who, person, now)?;
        keep(c, &vault, person, wish, &Mark { by, ..mark })
    };
    app.db.write(kept).await?;
    Ok(see_other(&format!("/people/{person}/wishes/{wish}?done=marked")))
}

/// What someone says of a place; not found where it is nothing that can be said.
pub(super) fn read(by: By, typed: &Typed, now: NaiveDateTime) -> Result<Mark, Failure> {
    let venue: VenueId = typed.one("venue").parse().map_err(|_| Failure::NotFound)?;
    let chosen = by == By::Person && typed.one("mark") == "choose";
    let opinion = if chosen { Some(Opinion::Like) } else { Opinion::from_code(typed.one("mark")) };
    let why: String = typed.one("why").chars().take(LONGEST_WHY).collect();
    let why = (!why.is_empty()).then(|| Private::new(why));
    Ok(Mark { venue, by, opinion: opinion.ok_or(Failure::NotFound)?, why, chosen, marked_at: now })
}

/// Keeps it, and gives the place that it is about. Not found where that isn't published, or the aspiration isn't theirs.
pub(super) fn keep(c: &mut Conn, vault: &Vault, person: SubjectId, wish: AspirationId, mark: &Mark) -> Result<Venue, Failure> {
    let venue = venues::store::published(c, &[mark.venue])?.pop().ok_or(Failure::NotFound)?;
    aspirations::mark(c, vault, person, wish, mark)?;
    fresh::spoken_of(c, wish, mark.venue, mark.marked_at)?;
    if mark.chosen {
        steps::took(c, person, steps::Step::Chose, mark.marked_at)?;
    }
    Ok(venue)
}
