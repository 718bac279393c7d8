//! The coordinator's queue: who waits, how long, and who came back.

use std::collections::BTreeSet;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data, Query},
};
use chrono::{NaiveDateTime, TimeDelta};
use serde::{Deserialize, Serialize};

use super::other::{self, Sheet};
use crate::{
    accounts::{Principal, Role},
    app::App,
    audit::Actor,
    db::Conn,
    error::Failure,
    people::{self, timeline},
    referrals::{
        Way, clocks, intake,
        other::receive,
        store::{self, Queue, Row},
    },
    values::{SubjectId, TeamId},
    web::{asked, form::Typed, page::Page, see_other, views::say},
};

/// Referrals on one page.
const PER_PAGE: i64 = 25;
/// Furthest page.
const LAST_PAGE: i64 = 400;
/// How far back the clocks look.
const CLOCKS_OVER: TimeDelta = TimeDelta::days(365);
/// Most referrals that the clocks look at.
const MOST_CLOCKED: i64 = 5_000;

/// One who waits.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    /// Where it is.
    pub href: String,
    /// What they want to be called.
    pub name: String,
    /// "Wrote to us themself".
    pub way: &'static str,
    /// Where they are.
    pub area: String,
    /// "12 days".
    pub waits: String,
    /// Whether someone has been in touch.
    pub in_touch: bool,
    /// Whether no team has taken it yet.
    pub no_team: bool,
    /// Whether they wrote something since that nobody has read.
    pub wrote: bool,
    /// Whether they may be known already.
    pub known: bool,
}

/// One of the lists.
#[derive(Debug, Clone, Serialize)]
pub struct Tab {
    /// Where it is.
    pub href: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// How many are on it.
    pub count: i64,
    /// Whether it is this one.
    pub here: bool,
}

/// The queue.
#[derive(Debug, Clone, Serialize)]
pub struct IntakePage {
    /// The lists.
    pub tabs: Vec<Tab>,
    /// One page of one of them.
    pub lines: Vec<Line>,
    /// "12 days", of whoever waits longest and has heard nothing.
    pub longest: Option<String>,
    /// "3 days", to the first contact.
    pub median: Option<String>,
    /// "19 days", to the first contact.
    pub slowest: Option<String>,
    /// How many on the waiting list could get a letter now.
    pub letters: usize,
    /// The page before.
    pub previous: Option<String>,
    /// The page after.
    pub next: Option<String>,
    /// What was done.
    pub done: Option<String>,
}

impl Page for IntakePage {
    const TEMPLATE: &'static str = "intake.html";

    fn title(&self) -> String {
        "Who is waiting".to_owned()
    }

    fn samples() -> Vec<Self> {
        let line = |in_touch, no_team| Line {
            href: "/intake/6f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d8".to_owned(),
            name: "Morgan Vale".to_owned(),
            way: Way::Own.label(),
            area: "SE15".to_owned(),
            waits: clocks::said(12),
            in_touch,
            no_team,
            wrote: no_team,
            known: no_team,
        };
        let empty = Self {
            tabs: tabs(Queue::New, [0, 0, 0]),
            lines: Vec::new(),
            longest: None,
            median: None,
            slowest: None,
            letters: 0,
            previous: None,
            next: None,
            done: None,
        };
        let full = Self {
            tabs: tabs(Queue::Waiting, [3, 60, 1]),
            lines: vec![line(false, true), line(true, false)],
            longest: Some(clocks::said(12)),
            median: Some(clocks::said(3)),
            slowest: Some(clocks::said(19)),
            letters: 4,
            previous: Some("/intake?show=waiting&page=1".to_owned()),
            next: Some("/intake?show=waiting&page=3".to_owned()),
            done: done("told-4"),
        };
        vec![empty, full]
    }
}

fn tabs(here: Queue, counts: [i64; 3]) -> Vec<Tab> {
    let all = [
        (Queue::New, "/intake", "New"),
        (Queue::Waiting, "/intake?show=waiting", "Waiting list"),
        (Queue::Alone, "/intake?show=alone", "Nobody beside them"),
    ];
    all.into_iter().zip(counts).map(|((queue, href, label), count)| Tab { href, label, count, here: queue == here }).collect()
}

fn done(what: &str) -> Option<String> {
    match what {
        "joined" => Some("The two records are one now.".to_owned()),
        "told-0" => Some("There was nobody to write to. Those without e-mail like to be rung.".to_owned()),
        "told-1" => Some("One letter is on its way.".to_owned()),
        told => {
            let count: u32 = told.strip_prefix("told-")?.parse().ok()?;
            Some(format!("{count} letters are on their way."))
        }
    }
}

/// What the address holds.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    show: String,
    #[serde(default)]
    page: String,
    #[serde(default)]
    done: String,
}

impl Asked {
    fn queue(&self) -> (Queue, &'static str) {
        match self.show.as_str() {
            "waiting" => (Queue::Waiting, "waiting"),
            "alone" => (Queue::Alone, "alone"),
            _ => (Queue::New, "new"),
        }
    }

    fn page(&self) -> i64 {
        asked::page(&self.page, LAST_PAGE)
    }
}

/// `GET /intake`
pub async fn list(app: Data<App>, request: HttpRequest, who: Principal, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    let (shared, now) = (app.clone(), app.clock.stamp());
    let page = app.db.write(move |c| shown(c, &shared, &who, &asked, now)).await?;
    app.page(&request, &page)
}

/// The page; whose names it shows is written down in the same transaction.
fn shown(c: &mut Conn, app: &App, who: &Principal, asked: &Asked, now: NaiveDateTime) -> Result<IntakePage, Failure> {
    let teams = who.teams_as(Role::Coordinator);
    let ((queue, name), page) = (asked.queue(), asked.page());
    let mut counts = [0; 3];
    for (at, queue) in [Queue::New, Queue::Waiting, Queue::Alone].into_iter().enumerate() {
        counts[at] = store::queue_length(c, queue, &teams)?;
    }
    let total = [Queue::New, Queue::Waiting, Queue::Alone].iter().position(|one| *one == queue).map_or(0, |at| counts[at]);
    let rows = store::queue(c, queue, &teams, page, PER_PAGE)?;
    let clock = clocks::clocks(&store::waits(c, &teams, now - CLOCKS_OVER, MOST_CLOCKED)?);
    let longest = store::longest_waiting(c, &teams)?.map(|came| clocks::days(came, now));
    let letters = if queue == Queue::Waiting { writable(c, app, &teams, now)? } else { 0 };
    let at = |page: i64| format!("/intake?show={name}&page={page}");
    Ok(IntakePage {
        tabs: tabs(queue, counts),
        lines: lines(c, app, who, queue, &rows, now)?,
        longest: longest.map(clocks::said),
        median: clock.median.map(clocks::said),
        slowest: clock.slowest.map(clocks::said),
        letters,
        previous: (page > 1).then(|| at(page - 1)),
        next: (page * PER_PAGE < total && page < LAST_PAGE).then(|| at(page + 1)),
        done: done(&asked.done),
    })
}

fn lines(c: &mut Conn, app: &App, who: &Principal, queue: Queue, rows: &[Row], now: NaiveDateTime) -> Result<Vec<Line>, Failure> {
    let people: Vec<SubjectId> = rows.iter().filter_map(|row| row.person_id.parse().ok()).collect();
    let abouts = people::read_list(c, &app.vault, who, &people, now)?;
    let unread = timeline::unread(c, &people)?;
    // Two records are joined before a team takes the second on.
    let teams = who.teams_as(Role::Coordinator);
    let known = if queue == Queue::New { people::known_already(c, &people, &teams)? } else { BTreeSet::new() };
    let line = |row: &Row| {
        let person = row.person_id.parse().ok()?;
        let about = abouts.get(&person)?;
        Some(Line {
            href: format!("/intake/{}", row.id),
            name: about.called().to_owned(),
            way: Way::from_code(&row.way).map_or("", Way::label),
            area: say::place_name(about.area.as_str()),
            waits: clocks::said(clocks::days(row.received_at, now)),
            in_touch: row.first_contact_at.is_some(),
            no_team: row.team_id.is_none(),
            wrote: unread.contains_key(&person),
            known: known.contains(&person),
        })
    };
    Ok(rows.iter().filter_map(line).collect())
}

/// How many of those who wait could get a letter. Nobody is shown, so nothing is written down.
fn writable(c: &mut Conn, app: &App, teams: &[TeamId], now: NaiveDateTime) -> Result<usize, Failure> {
    Ok(intake::reachable(c, app, teams, now)?.len())
}

/// `POST /intake/letters`: a neutral letter to those who wait.
pub async fn letters(app: Data<App>, who: Principal) -> Result<HttpResponse, Failure> {
    let (shared, now) = (app.clone(), app.clock.stamp());
    let told = app.db.write(move |c| intake::tell_those_who_wait(c, &shared, &who, now)).await?;
    Ok(see_other(&format!("/intake?show=waiting&done=told-{told}")))
}

/// `GET /intake/by-phone`
pub async fn by_phone(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    other::page(Sheet::Phone, &Typed::default(), Vec::new()).or("/intake", "Back to the list").shown(&app, &request)
}

/// `POST /intake/by-phone`
pub async fn take_by_phone(app: Data<App>, request: HttpRequest, who: Principal, body: Bytes) -> Result<HttpResponse, Failure> {
    let typed = Typed::read(&body);
    let note = match other::read(&app, Sheet::Phone, &typed) {
        Ok(note) => note,
        Err(page) => return page.shown(&app, &request),
    };
    let team = who.teams_as(Role::Coordinator).first().copied();
    let id = receive(&app, note, team, Actor::Account(who.account)).await?;
    Ok(see_other(&format!("/intake/{id}?done=received")))
}
