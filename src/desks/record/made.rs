//! A record as its reader sees it. That they read it is written down in the same transaction.

use std::collections::{HashMap, HashSet};

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path, Query},
};
use chrono::{NaiveDate, NaiveDateTime};

use super::{CoverForm, Liked, MoveButton, PAUSE, RecordPage, Said, TaskLine, WishLine, WrittenFor, done};
use crate::{
    accounts::{self, Principal, Role},
    app::App,
    clock::london_day,
    db::Conn,
    desks::{self, news, store, words},
    error::{Failure, Problem},
    people::{
        self, About,
        aspirations::{self, By, Opinion},
        caseload, steps, tasks, timeline,
    },
    referrals::{self, state::State},
    values::{AccountId, AspirationId, SubjectId, VenueId},
    vault::Vault,
    venues,
    web::{
        asked::Asked,
        form::{Choose, Field, Typed},
        views::say,
    },
};

/// Entries of the timeline on one page.
const PER_PAGE: i64 = 20;
/// Furthest page.
const LAST_PAGE: i64 = 10_000;
/// Places that are shown beside something that someone wants.
const MOST_LIKED: usize = 5;
/// Things to do that are shown.
const MOST_TASKS: i64 = 50;

/// `GET /people/{person}`
pub async fn page(
    app: Data<App>,
    request: HttpRequest,
    who: Principal,
    person: Path<SubjectId>,
    asked: Query<Asked>,
) -> Result<HttpResponse, Failure> {
    let page = asked.page(LAST_PAGE);
    shown(&app, &request, who, *person, page, Typed::default(), Vec::new(), done(&asked.done)).await
}

#[allow(clippy::too_many_arguments, reason = "one page, shown after a visit or a mistake")]
async fn shown(
    app: &Data<App>,
    request: &HttpRequest,
    who: Principal,
    person: SubjectId,
    page: i64,
    typed: Typed,
    problems: Vec<Problem>,
    done: Option<&'static str>,
) -> Result<HttpResponse, Failure> {
    let (vault, now) = (app.vault.clone(), app.clock.stamp());
    let made = app.db.write(move |c| {
        let mut made = made(c, &vault, &who, person, page, now)?;
        made.fill(&typed, problems);
        made.done = done;
        Ok(made)
    });
    app.page(request, &made.await?)
}

/// Back to the record, with what is wrong and what was typed.
pub(super) async fn again(
    app: &Data<App>,
    request: &HttpRequest,
    who: Principal,
    person: SubjectId,
    typed: Typed,
    problems: Vec<Problem>,
) -> Result<HttpResponse, Failure> {
    shown(app, request, who, person, 1, typed, problems, None).await
}

fn made(
    c: &mut Conn,
    vault: &Vault,
    who: &Principal,
    person: SubjectId,
    page: i64,
    now: NaiveDateTime,
) -> Result<RecordPage, Failure> {
    let today = london_day(now);
    let about = people::read(c, vault, who, person, now)?;
    let along = caseload::with(c, person)?;
    // Someone may have a role elsewhere and be a peer here.
    let works = people::may_work_with(c, who, person, now)?;
    let coordinates = works && who.is(Role::Coordinator);
    let covers = caseload::all_cover(c, vault, person, 5)?;
    let (entries, total) = desks::timeline::page(c, vault, person, (page, PER_PAGE), (about.called(), Some(who.account)))?;
    let accounts: Vec<AccountId> = along.iter().map(|(id, _)| *id).chain(covers.iter().map(|cover| cover.account)).collect();
    let names = accounts::people::names(c, vault, &accounts)?;
    let name = |id: &AccountId| names.get(id).cloned().unwrap_or_else(|| words::WORKED_HERE.to_owned());
    let state = store::states(c, &[person])?.remove(&person);
    let at = |page: i64| format!("/people/{person}?page={page}");
    let running = covers.iter().filter(|cover| cover.until > now);
    Ok(RecordPage {
        href: format!("/people/{person}"),
        called: about.called().to_owned(),
        pronouns: about.pronouns.as_str().to_owned(),
        state: state.map_or("", |(state, _)| state.label()),
        paused_until: state.and_then(|(_, until)| until).map(say::date),
        open_door: state.is_some_and(|(state, _)| state == State::OpenDoor),
        along: along.iter().map(|(id, along)| format!("{} ({})", name(id), say::uncapital(along.label()))).collect(),
        covers: running.map(|cover| words::standing_in(cover, &name)).collect(),
        gives: gives(&about),
        wishes: wishes(c, vault, person, &format!("/people/{person}"), if works { By::Worker } else { By::Peer })?,
        written_for: written_for(c, vault, person)?,
        reach: reach(&about),
        never_say: about.contact.never_say.as_str().to_owned(),
        needs: needs(&about),
        news: news_from(c, person)?,
        answers: steps::is_to_answer(c, who, person, now)?,
        shown_at: words::stamp(now),
        tasks: to_do(c, vault, person, (!works).then_some(who.account), today)?,
        moves: if works { moves(who, state.map(|(state, _)| state)) } else { Vec::new() },
        pause: (works && state.is_some_and(|(state, _)| state == State::Active))
            .then(|| words::pause_field(PAUSE, "Until which day do they want it?")),
        entries,
        newer: (page > 1).then(|| at(page - 1)),
        older: (page * PER_PAGE < total && page < LAST_PAGE).then(|| at(page + 1)),
        writes: works,
        referral: if coordinates { referrals::standing(c, person)?.map(|id| format!("/intake/{id}")) } else { None },
        cover: if coordinates { Some(cover_form(c, vault, who, person)?) } else { None },
        ..RecordPage::blank()
    })
}

/// What is new from someone, until it is answered or put aside.
fn news_from(c: &mut Conn, person: SubjectId) -> Result<Vec<String>, Failure> {
    let messages = timeline::unread(c, &[person])?.remove(&person).unwrap_or_default();
    let messages = (messages > 0).then(|| say::count(messages.unsigned_abs(), "message", "messages"));
    let steps = steps::unseen(c, &[person])?.remove(&person).unwrap_or_default();
    let steps = steps.into_iter().map(|(step, at)| format!("{}, {}", step.label(), say::date(london_day(at))));
    Ok(messages.into_iter().chain(steps).collect())
}

/// What someone can give comes before what they need.
fn gives(about: &About) -> Vec<Said> {
    said(&[
        ("Good at", about.strengths.as_str()),
        ("Can do", about.skills.as_str()),
        ("Likes", about.interests.as_str()),
        ("Could teach", about.could_teach.as_str()),
        ("Could lend a hand with", about.could_help_with.as_str()),
        ("Could host", about.could_host.as_str()),
        ("Could start", about.could_start.as_str()),
    ])
}

fn reach(about: &About) -> Vec<Said> {
    let contact = &about.contact;
    let ways: Vec<String> = contact.ways.iter().map(|way| way.label().to_owned()).collect();
    let email = contact.email.as_ref().map_or("", |email| email.as_str());
    said(&[
        ("How", &say::list(&ways, "or")),
        ("Phone", contact.phone.as_str()),
        ("E-mail", email),
        ("Post", contact.address.as_str()),
        ("Through", contact.through.as_str()),
        ("When", contact.when.as_str()),
    ])
}

fn needs(about: &About) -> Vec<Said> {
    said(&[
        ("What helps", about.access_needs.as_str()),
        ("Languages", about.languages.as_str()),
        ("Part of town", about.area.as_str()),
    ])
}

fn said(all: &[(&'static str, &str)]) -> Vec<Said> {
    let filled = all.iter().filter(|(_, text)| !text.is_empty());
    filled.map(|(label, text)| Said { label, text: (*text).to_owned() }).collect()
}

/// What someone wants, each with the way to its places below `at`.
pub(in crate::desks) fn wishes(
    c: &mut Conn,
    vault: &Vault,
    person: SubjectId,
    at: &str,
    reader: By,
) -> Result<Vec<WishLine>, Failure> {
    let mut news = news::of_person(c, person, reader)?;
    let mut liked = liked(c, vault, person)?;
    let line = |wish: aspirations::Aspiration| WishLine {
        id: wish.id.to_string(),
        href: format!("{at}/wishes/{}", wish.id),
        words: wish.wanted.words.as_str().to_owned(),
        state: wish.state.label(),
        open: wish.state == aspirations::State::Open,
        fresh: news.remove(&wish.id).map(|places| say::list(&places, "and")).unwrap_or_default(),
        liked: liked.remove(&wish.id).unwrap_or_default(),
    };
    Ok(aspirations::of(c, vault, person)?.into_iter().map(line).collect())
}

/// What others wrote for someone; open where it is no wish of theirs yet.
pub(in crate::desks) fn written_for(c: &mut Conn, vault: &Vault, person: SubjectId) -> Result<Vec<WrittenFor>, Failure> {
    let written = referrals::written_for(c, vault, person)?;
    if written.is_empty() {
        return Ok(Vec::new());
    }
    let wishes = aspirations::of(c, vault, person)?;
    let line = |one: &referrals::WrittenFor| WrittenFor {
        by: one.by.in_words(),
        words: one.words.show().to_owned(),
        open: wishes.iter().all(|wish| wish.wanted.words.as_str() != one.words.show()),
    };
    Ok(written.iter().map(line).collect())
}

/// The places that someone likes for each thing they want, those they chose first, then the latest.
fn liked(c: &mut Conn, vault: &Vault, person: SubjectId) -> Result<HashMap<AspirationId, Vec<Liked>>, Failure> {
    let mut marks = aspirations::marks(c, vault, person)?;
    marks.retain(|(_, mark)| mark.by == By::Person && mark.opinion == Opinion::Like);
    marks.sort_by_key(|(_, mark)| !mark.chosen);
    let venues: HashSet<VenueId> = marks.iter().map(|(_, mark)| mark.venue).collect();
    let cards = venues::store::cards(c, &venues.into_iter().collect::<Vec<_>>())?;
    let mut all: HashMap<AspirationId, Vec<Liked>> = HashMap::new();
    for (wish, mark) in marks {
        let Some(card) = cards.iter().find(|card| card.lead.id == mark.venue) else { continue };
        let places = all.entry(wish).or_default();
        if places.len() < MOST_LIKED {
            let name = say::calm(&card.lead.facts.name);
            places.push(Liked { href: format!("/venues/{}", mark.venue), name, chosen: mark.chosen });
        }
    }
    Ok(all)
}

/// What is to be done; a peer, `of`, ticks off what they put down themself.
fn to_do(
    c: &mut Conn,
    vault: &Vault,
    person: SubjectId,
    of: Option<AccountId>,
    today: NaiveDate,
) -> Result<Vec<TaskLine>, Failure> {
    let line = |task: tasks::Task| TaskLine {
        id: of.is_none_or(|of| of == task.by).then(|| task.id.to_string()),
        what: task.what.show().to_owned(),
        due: if task.due < today { format!("was due {}", say::date(task.due)) } else { say::day_from(today, task.due) },
    };
    Ok(tasks::for_person(c, vault, person, MOST_TASKS)?.into_iter().map(line).collect())
}

/// What whoever goes along can do now. Pausing is the person's to decide; here it is written down for them.
pub(super) fn moves(who: &Principal, state: Option<State>) -> Vec<MoveButton> {
    let button = |code, label| MoveButton { code, label };
    match state {
        Some(State::Allocated) if who.is(Role::BridgeBuilder) => vec![button("begin", "We have begun")],
        Some(State::Active) => vec![button("open-door", "Step back: open the door")],
        Some(State::Paused) if who.is(Role::BridgeBuilder) => vec![button("resume", "They are back")],
        Some(State::OpenDoor) => vec![button("return", "They came back")],
        _ => Vec::new(),
    }
}

fn cover_form(c: &mut Conn, vault: &Vault, who: &Principal, person: SubjectId) -> Result<CoverForm, Failure> {
    let builders = store::may_stand_in(c, who, person)?;
    let names = accounts::people::names(c, vault, &builders)?;
    let mut answers: Vec<(String, String)> = names.into_iter().map(|(id, name)| (id.to_string(), name)).collect();
    answers.sort_by(|one, other| one.1.cmp(&other.1));
    let answers: Vec<(&str, &str)> = answers.iter().map(|(id, name)| (id.as_str(), name.as_str())).collect();
    Ok(CoverForm {
        account: Choose::one("account", "Who stands in?", &answers),
        until: Field { sort: "date", ..Field::line("until", "Until which day?") },
        reason: Field::line("reason", "Why?").hint("The person can read this."),
    })
}
