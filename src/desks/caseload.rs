//! A bridge builder's desk: whoever needs something first. A coordinator sees their whole team's people here.

use std::collections::HashSet;

use actix_web::{HttpRequest, HttpResponse, web::Data, web::Query};
use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

use super::{
    attention::{self, Known, Why},
    news::{self, NewsLine},
    store,
};
use crate::{
    accounts::{Principal, Role},
    app::App,
    clock::london_day,
    db::Conn,
    error::Failure,
    people::{self, fresh::Fresh, tasks, timeline},
    referrals::state::State,
    values::SubjectId,
    vault::Vault,
    vocabulary::text::folded,
    web::{asked, page::Page, views::say},
};

/// People on one page.
const PER_PAGE: usize = 30;
/// Furthest page.
const LAST_PAGE: usize = 1_000;
/// Most people whose names are looked through for some words.
const MOST_SEARCHED: usize = 10_000;
/// Names that are opened at once.
const AT_ONCE: usize = 500;
/// Things to do that are shown.
const MOST_TASKS: i64 = 20;

/// Someone on a desk.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    /// Their record.
    pub href: String,
    /// What they are called.
    pub called: String,
    /// Why they need attention.
    pub why: Vec<String>,
    /// How things stand.
    pub state: &'static str,
    /// When they were last in touch.
    pub last: String,
}

/// Something to do.
#[derive(Debug, Clone, Serialize)]
pub struct TaskLine {
    /// For whom: their record.
    pub href: String,
    /// What they are called.
    pub called: String,
    /// What.
    pub what: String,
    /// "today", "tomorrow", "3 December 2026".
    pub due: String,
    /// Whether its day has passed.
    pub late: bool,
}

/// A way to narrow the list.
#[derive(Debug, Clone, Serialize)]
pub struct Show {
    /// Where it leads.
    pub href: String,
    /// What it says.
    pub label: &'static str,
    /// Whether it is on.
    pub here: bool,
}

/// A desk.
#[derive(Debug, Clone, Serialize)]
pub struct DeskPage {
    /// "Your people", "Your team’s people".
    pub heading: &'static str,
    /// The words that were looked for.
    pub q: String,
    /// Which list is shown.
    pub show: String,
    /// Ways to narrow it.
    pub shows: Vec<Show>,
    /// The people.
    pub lines: Vec<Line>,
    /// "12 people".
    pub total: String,
    /// The page before.
    pub previous: Option<String>,
    /// The page after.
    pub next: Option<String>,
    /// New places for what people want.
    pub news: Vec<NewsLine>,
    /// What is to be done.
    pub tasks: Vec<TaskLine>,
    /// Whether they take in referrals.
    pub intake: bool,
}

impl Page for DeskPage {
    const TEMPLATE: &'static str = "desk.html";

    fn title(&self) -> String {
        self.heading.to_owned()
    }

    fn samples() -> Vec<Self> {
        let line = |why: &[Why]| Line {
            href: "/people/6f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d8".to_owned(),
            called: "Jo Marsh".to_owned(),
            why: why.iter().map(|why| why.words()).collect(),
            state: State::Active.label(),
            last: "2 days ago".to_owned(),
        };
        let task = TaskLine {
            href: line(&[]).href,
            called: "Jo Marsh".to_owned(),
            what: "Call the studio with Jo".to_owned(),
            due: "today".to_owned(),
            late: true,
        };
        let news = |places: &[&str]| NewsLine {
            href: line(&[]).href,
            called: "Jo Marsh".to_owned(),
            places: places.join(" and "),
            one: places.len() == 1,
        };
        let full = Self {
            heading: "Your people",
            q: "jo".to_owned(),
            show: String::new(),
            shows: shows(""),
            lines: vec![line(&[Why::Waits(1), Why::Due(2)]), line(&[Why::New]), line(&[Why::Quiet(4)]), line(&[])],
            total: "60 people".to_owned(),
            previous: Some("/desk?page=1".to_owned()),
            next: Some("/desk?page=3".to_owned()),
            news: vec![news(&["The Clay Room"]), news(&["The Clay Room", "Kiln Corner"])],
            tasks: vec![task],
            intake: true,
        };
        let empty = Self {
            lines: Vec::new(),
            q: String::new(),
            total: String::new(),
            previous: None,
            next: None,
            news: Vec::new(),
            tasks: Vec::new(),
            intake: false,
            ..full.clone()
        };
        vec![empty, full]
    }
}

/// What the desk's address holds; never a name.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    show: String,
    #[serde(default)]
    page: String,
}

/// `GET /desk`
pub async fn desk(app: Data<App>, request: HttpRequest, who: Principal, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    let show = if SHOWS.iter().any(|(code, _)| *code == asked.show) { asked.show.clone() } else { String::new() };
    let page = shown(&app, who, show, String::new(), asked::page(&asked.page, LAST_PAGE)).await?;
    app.page(&request, &page)
}

/// `POST /desk`: looks for someone by name; posted, so that no address holds a name.
pub async fn search(
    app: Data<App>,
    request: HttpRequest,
    who: Principal,
    body: actix_web::web::Bytes,
) -> Result<HttpResponse, Failure> {
    let q: String = crate::web::form::Typed::read(&body).one("q").chars().take(100).collect();
    let page = shown(&app, who, String::new(), q, 1).await?;
    app.page(&request, &page)
}

async fn shown(app: &Data<App>, who: Principal, show: String, q: String, page: usize) -> Result<DeskPage, Failure> {
    let (vault, now) = (app.vault.clone(), app.clock.stamp());
    app.db.write(move |c| made(c, &vault, &who, show, q, page, now)).await
}

/// The lists that a desk can show.
const SHOWS: [(&str, &str); 5] =
    [("", "Everyone"), ("needs", "Needs something"), ("paused", "Paused"), ("door", "Open door"), ("ended", "Not with us now")];

fn shows(now: &str) -> Vec<Show> {
    let href = |code: &str| if code.is_empty() { "/desk".to_owned() } else { format!("/desk?show={code}") };
    SHOWS.iter().map(|(code, label)| Show { href: href(code), label, here: *code == now }).collect()
}

/// Someone with what is known of them and why they need attention.
type Case = (SubjectId, Known, Vec<Why>);

fn made(
    c: &mut Conn,
    vault: &Vault,
    who: &Principal,
    show: String,
    q: String,
    page: usize,
    now: NaiveDateTime,
) -> Result<DeskPage, Failure> {
    let today = london_day(now);
    let coordinates = who.is(Role::Coordinator);
    let mut cases = cases(c, who, show == "ended" || !q.is_empty(), now)?;
    // News stands on the first page of the whole list; a pause is left in peace.
    let news = if show.is_empty() && q.is_empty() && page == 1 { fresh(c, who, &cases, now)? } else { Vec::new() };
    // Whoever is looked for by name is found however things stand.
    cases.retain(|(_, known, why)| if q.is_empty() { shown_in(&show, known, why) } else { known.state != State::EnteredInError });
    let found = if q.is_empty() { cases } else { named(c, vault, cases, &q)? };
    let total = found.len();
    let here: Vec<Case> = found.into_iter().skip((page - 1) * PER_PAGE).take(PER_PAGE).collect();
    let mut ids: Vec<SubjectId> = here.iter().map(|(id, ..)| *id).chain(news.iter().map(|one| one.person)).collect();
    ids.sort_unstable();
    ids.dedup();
    let abouts = people::read_list(c, vault, who, &ids, now)?;
    let called = |id: &SubjectId| abouts.get(id).map(|about| about.called().to_owned());
    let lines = here.iter().filter_map(|(id, known, why)| Some(line(*id, called(id)?, known, why, today))).collect();
    let at = |page: usize| format!("/desk?show={show}&page={page}");
    Ok(DeskPage {
        heading: if coordinates { "Your team’s people" } else { "Your people" },
        shows: shows(&show),
        lines,
        total: say::count(total as u64, "person", "people"),
        previous: (page > 1).then(|| at(page - 1)),
        next: (page * PER_PAGE < total && page < LAST_PAGE && q.is_empty()).then(|| at(page + 1)),
        news: news::lines(c, &news, &abouts)?,
        tasks: to_do(c, vault, who, now)?,
        intake: coordinates,
        q,
        show,
    })
}

/// New places for those whom someone goes along with, where they don't pause.
fn fresh(c: &mut Conn, who: &Principal, cases: &[Case], now: NaiveDateTime) -> Result<Vec<Fresh>, Failure> {
    let along = store::with(c, who, now)?;
    let going =
        |id: &SubjectId| cases.iter().any(|(case, known, _)| case == id && known.state.stands() && known.state != State::Paused);
    let people: Vec<SubjectId> = along.into_iter().map(|(id, _)| id).filter(going).collect();
    news::for_desk(c, &people)
}

/// Everyone on someone's desk, whoever needs most first; for coordinators also those who came to nothing before any team had them, where
/// `ended` are asked for.
fn cases(c: &mut Conn, who: &Principal, ended: bool, now: NaiveDateTime) -> Result<Vec<Case>, Failure> {
    let today = london_day(now);
    let mut with = store::with(c, who, now)?;
    if who.is(Role::Coordinator) {
        let known: HashSet<SubjectId> = with.iter().map(|(id, _)| *id).collect();
        let mut others = store::all_in_teams(c, &who.teams_as(Role::Coordinator))?;
        if ended {
            others.extend(store::ended_in_no_team(c)?);
        }
        with.extend(others.into_iter().filter(|(id, _)| !known.contains(id)));
    }
    let ids: Vec<SubjectId> = with.iter().map(|(id, _)| *id).collect();
    let (states, last, unread, due) =
        (store::states(c, &ids)?, store::last_words(c, &ids)?, timeline::unread(c, &ids)?, store::due(c, who.account, today)?);
    let case = |(id, since): (SubjectId, NaiveDateTime)| {
        let (state, paused_until) = *states.get(&id)?;
        let known = Known {
            state,
            since,
            paused_until,
            last: last.get(&id).copied(),
            unread: unread.get(&id).copied().unwrap_or_default(),
            due: due.get(&id).copied().unwrap_or_default(),
        };
        let why = attention::why(&known, now, today);
        Some((id, known, why))
    };
    let mut cases: Vec<Case> = with.into_iter().filter_map(case).collect();
    cases.sort_by(|one, other| attention::order((&one.2, &one.1), (&other.2, &other.1)).then(one.0.cmp(&other.0)));
    Ok(cases)
}

fn shown_in(show: &str, known: &Known, why: &[Why]) -> bool {
    match show {
        "needs" => !why.is_empty(),
        "paused" => known.state == State::Paused,
        "door" => known.state == State::OpenDoor,
        "ended" => known.state.has_ended(),
        _ => !known.state.has_ended() && known.state != State::EnteredInError,
    }
}

/// Those of them whose name has the words in it.
fn named(c: &mut Conn, vault: &Vault, cases: Vec<Case>, q: &str) -> Result<Vec<Case>, Failure> {
    let wanted = folded(q);
    let ids: Vec<SubjectId> = cases.iter().take(MOST_SEARCHED).map(|(id, ..)| *id).collect();
    let mut fits: HashSet<SubjectId> = HashSet::new();
    for some in ids.chunks(AT_ONCE) {
        let abouts = people::abouts(c, vault, some)?;
        let found = abouts.into_iter().filter(|(_, about)| folded(about.chosen_name.as_str()).contains(&wanted));
        fits.extend(found.map(|(id, _)| id));
    }
    Ok(cases.into_iter().filter(|(id, ..)| fits.contains(id)).collect())
}

fn line(id: SubjectId, called: String, known: &Known, why: &[Why], today: NaiveDate) -> Line {
    let last = known.last.map(|at| say::ago(today, london_day(at)));
    Line {
        href: format!("/people/{id}"),
        called,
        why: why.iter().map(|why| why.words()).collect(),
        state: known.state.label(),
        last: last.unwrap_or_else(|| "not yet".to_owned()),
    }
}

/// What someone is to do, for those whose records they may see.
fn to_do(c: &mut Conn, vault: &Vault, who: &Principal, now: NaiveDateTime) -> Result<Vec<TaskLine>, Failure> {
    let today = london_day(now);
    let tasks = tasks::of(c, vault, who.account, MOST_TASKS)?;
    let mut ids: Vec<SubjectId> = Vec::new();
    for task in &tasks {
        if !ids.contains(&task.person) && people::may_see(c, who, task.person, now)? {
            ids.push(task.person);
        }
    }
    let abouts = people::read_list(c, vault, who, &ids, now)?;
    let line = |task: tasks::Task| {
        Some(TaskLine {
            href: format!("/people/{}", task.person),
            called: abouts.get(&task.person)?.called().to_owned(),
            what: task.what.show().to_owned(),
            due: say::day_from(today, task.due),
            late: task.due < today,
        })
    };
    Ok(tasks.into_iter().filter_map(line).collect())
}
