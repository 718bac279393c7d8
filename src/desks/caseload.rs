//! A bridge builder's desk: whoever needs something first. A coordinator sees their whole team's people here.

mod cases;

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, web::Data, web::Query};
use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

use self::cases::Case;
use super::{
    attention::{Known, Why},
    news::{self, NewsLine},
    store, words,
};
use crate::{
    accounts::{Principal, Role},
    app::App,
    clock::london_day,
    db::Conn,
    error::Failure,
    people::{self, fresh::Fresh, tasks},
    referrals::state::State,
    values::{AccountId, SubjectId},
    vault::Vault,
    web::{asked, page::Page, views::say},
};

/// People on one page.
const PER_PAGE: usize = 30;
/// Furthest page.
const LAST_PAGE: usize = 1_000;
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
    /// Who goes along with them, where the reader shares out the work.
    pub with: String,
    /// The last day on which the reader stands in for someone else, where they do.
    pub stands_in: Option<String>,
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
    /// The bridge builders of the reader's teams, where they share out the work: account, name, whether their people are shown.
    pub builders: Vec<(String, String, bool)>,
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
    /// Whether more were found than are shown.
    pub cut: bool,
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
            with: "Rowan Ashby".to_owned(),
            stands_in: Some("5 December 2026".to_owned()),
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
            builders: vec![("1".to_owned(), "Rowan Ashby".to_owned(), true)],
            show: String::new(),
            shows: Wanted::default().shows(),
            lines: vec![line(&[Why::Waits(1), Why::Due(2)]), line(&[Why::New]), line(&[Why::Quiet(4)]), line(&[])],
            total: "60 people".to_owned(),
            previous: Some("/desk?page=1".to_owned()),
            next: Some("/desk?page=3".to_owned()),
            cut: true,
            news: vec![news(&["The Clay Room"]), news(&["The Clay Room", "Kiln Corner"])],
            tasks: vec![task],
            intake: true,
        };
        let empty = Self {
            lines: Vec::new(),
            q: String::new(),
            builders: Vec::new(),
            total: String::new(),
            previous: None,
            next: None,
            cut: false,
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
    /// A bridge builder's account, for those who share out the work.
    #[serde(default)]
    with: String,
    #[serde(default)]
    page: String,
}

/// What a desk is to show.
#[derive(Debug, Default)]
struct Wanted {
    /// Which list.
    show: String,
    /// Whose people.
    with: Option<AccountId>,
    /// Words of a name.
    q: String,
    /// Which page, from 1.
    page: usize,
}

/// `GET /desk`
pub async fn desk(app: Data<App>, request: HttpRequest, who: Principal, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    let show = if SHOWS.iter().any(|(code, _)| *code == asked.show) { asked.show.clone() } else { String::new() };
    let with = asked.with.parse().ok().filter(|_| who.is(Role::Coordinator));
    let wanted = Wanted { show, with, q: String::new(), page: asked::page(&asked.page, LAST_PAGE) };
    app.page(&request, &shown(&app, who, wanted).await?)
}

/// `POST /desk`: looks for someone by name; posted, so that no address holds a name.
pub async fn search(
    app: Data<App>,
    request: HttpRequest,
    who: Principal,
    body: actix_web::web::Bytes,
) -> Result<HttpResponse, Failure> {
    let q: String = crate::web::form::Typed::read(&body).one("q").chars().take(100).collect();
    app.page(&request, &shown(&app, who, Wanted { q, page: 1, ..Wanted::default() }).await?)
}

async fn shown(app: &Data<App>, who: Principal, wanted: Wanted) -> Result<DeskPage, Failure> {
    let (vault, now) = (app.vault.clone(), app.clock.stamp());
    app.db.write(move |c| made(c, &vault, &who, &wanted, now)).await
}

/// The lists that a desk can show.
const SHOWS: [(&str, &str); 5] =
    [("", "Everyone"), ("needs", "Needs something"), ("paused", "Paused"), ("door", "Open door"), ("ended", "Not with us now")];

impl Wanted {
    /// Where a list is, whoever's people it shows.
    fn at(&self, show: &str, page: usize) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if !show.is_empty() {
            query.append_pair("show", show);
        }
        if let Some(with) = self.with {
            query.append_pair("with", &with.to_string());
        }
        if page > 1 {
            query.append_pair("page", &page.to_string());
        }
        match query.finish() {
            none if none.is_empty() => "/desk".to_owned(),
            some => format!("/desk?{some}"),
        }
    }

    fn shows(&self) -> Vec<Show> {
        SHOWS.iter().map(|(code, label)| Show { href: self.at(code, 1), label, here: *code == self.show }).collect()
    }
}

fn made(c: &mut Conn, vault: &Vault, who: &Principal, wanted: &Wanted, now: NaiveDateTime) -> Result<DeskPage, Failure> {
    let today = london_day(now);
    let (show, q, page) = (wanted.show.clone(), wanted.q.clone(), wanted.page);
    let cases::Desk { mut all, beside, covered, builders } = cases::desk(c, vault, who, show == "ended" || !q.is_empty(), now)?;
    // News stands on the first page of the whole list; a pause is left in peace.
    let whole = show.is_empty() && q.is_empty() && wanted.with.is_none() && page == 1;
    let news = if whole { fresh(c, who, &all, now)? } else { Vec::new() };
    // Whoever is looked for by name is found however things stand.
    all.retain(
        |(_, known, why)| {
            if q.is_empty() { cases::shown_in(&show, known, why) } else { known.state != State::EnteredInError }
        },
    );
    all.retain(|(id, ..)| wanted.with.is_none_or(|with| beside.get(id) == Some(&with)));
    let found = if q.is_empty() { all } else { cases::named(c, vault, all, &q)? };
    let total = found.len();
    let here: Vec<Case> = found.into_iter().skip((page - 1) * PER_PAGE).take(PER_PAGE).collect();
    let mut ids: Vec<SubjectId> = here.iter().map(|(id, ..)| *id).chain(news.iter().map(|one| one.person)).collect();
    ids.sort_unstable();
    ids.dedup();
    let abouts = people::read_list(c, vault, who, &ids, now)?;
    let called = |id: &SubjectId| abouts.get(id).map(|about| about.called().to_owned());
    let with = |id: &SubjectId| beside.get(id).and_then(|account| builders.get(account)).cloned().unwrap_or_default();
    let line = |(id, known, why): &Case| {
        let line = line(*id, (called(id)?, with(id)), known, why, today);
        Some(Line { stands_in: covered.get(id).map(|until| words::last_day(*until)), ..line })
    };
    let lines = here.iter().filter_map(line).collect();
    let coordinates = who.is(Role::Coordinator);
    Ok(DeskPage {
        heading: if coordinates { "Your team’s people" } else { "Your people" },
        shows: wanted.shows(),
        builders: chosen(&builders, wanted.with),
        lines,
        total: say::count(total as u64, "person", "people"),
        previous: (page > 1).then(|| wanted.at(&show, page - 1)),
        next: (page * PER_PAGE < total && page < LAST_PAGE && q.is_empty()).then(|| wanted.at(&show, page + 1)),
        cut: !q.is_empty() && total > PER_PAGE,
        news: news::lines(c, &news, &abouts)?,
        tasks: to_do(c, vault, who, &covered.into_keys().collect::<Vec<_>>(), now)?,
        intake: coordinates,
        q,
        show,
    })
}

/// The bridge builders in the order of their names, and whose people are shown.
fn chosen(builders: &HashMap<AccountId, String>, with: Option<AccountId>) -> Vec<(String, String, bool)> {
    let mut all: Vec<_> = builders.iter().map(|(id, name)| (id.to_string(), name.clone(), with == Some(*id))).collect();
    all.sort_by(|one, other| one.1.cmp(&other.1));
    all
}

/// New places for those whom someone goes along with, where they don't pause.
fn fresh(c: &mut Conn, who: &Principal, cases: &[Case], now: NaiveDateTime) -> Result<Vec<Fresh>, Failure> {
    let along = store::with(c, who, now)?;
    let going =
        |id: &SubjectId| cases.iter().any(|(case, known, _)| case == id && known.state.stands() && known.state != State::Paused);
    let people: Vec<SubjectId> = along.into_iter().map(|(id, _)| id).filter(going).collect();
    news::for_desk(c, &people)
}

fn line(id: SubjectId, (called, with): (String, String), known: &Known, why: &[Why], today: NaiveDate) -> Line {
    let last = known.last.map(|at| say::ago(today, london_day(at)));
    Line {
        href: format!("/people/{id}"),
        called,
        why: why.iter().map(|why| why.words()).collect(),
        state: known.state.label(),
        last: last.unwrap_or_else(|| "not yet".to_owned()),
        with,
        stands_in: None,
    }
}

/// What someone is to do, also for those for whom they stand in, where they may see the records.
fn to_do(
    c: &mut Conn,
    vault: &Vault,
    who: &Principal,
    covered: &[SubjectId],
    now: NaiveDateTime,
) -> Result<Vec<TaskLine>, Failure> {
    let today = london_day(now);
    let tasks = tasks::of(c, vault, who.account, covered, MOST_TASKS)?;
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
