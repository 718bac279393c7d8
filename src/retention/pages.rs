//! How long things are kept, for administrators, in counts; and whose record ends soon, for the coordinators who know them.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data, Path, Query},
};
use serde::Serialize;

use super::{Day, Line, Sort, Within, keep_longer, kinds, preview, soon, table};
use crate::{
    accounts::{Principal, Role},
    app::App,
    db::Conn,
    error::{Failure, Problem},
    people,
    routes::{Object, Route, Shows, Site, Who, get, post},
    values::SubjectId,
    vault::Vault,
    web::{
        asked::Asked,
        form::{Field, Typed},
        form_page::FormPage,
        page::Page,
        views::say,
    },
};

/// Records on one page.
const PER_PAGE: usize = 25;
/// Furthest page.
const LAST_PAGE: u16 = 2_000;
/// Longest reason, in characters.
const LONGEST: usize = 500;
/// Those who look after the service.
const LOOK_AFTER: Who = Who::Having(&[Role::Administrator]);
/// Those who know the people.
const SHARE_OUT: Who = Who::Having(&[Role::Coordinator]);

/// This room's lines of the route table.
pub fn routes() -> Vec<Route> {
    use Shows::{Operations, Records};
    use Site::Page;
    vec![
        get("/retention", Page, Operations, table_page).only(LOOK_AFTER, Object::Nothing),
        get("/retention/soon", Page, Records, list).only(SHARE_OUT, Object::Own),
        get("/people/{person}/keep", Page, Records, ask).only(SHARE_OUT, Object::InCare),
        post("/people/{person}/keep", Page, Records, kept).only(SHARE_OUT, Object::InCare),
    ]
}

/// A kind of thing, in words.
#[derive(Debug, Clone, Serialize)]
pub struct KindLine {
    /// What is kept.
    pub what: &'static str,
    /// How long.
    pub how_long: String,
    /// Why.
    pub why: &'static str,
    /// How many there are now, as far as that gives nobody away.
    pub now: String,
}

/// How many records end on a day, in words.
#[derive(Debug, Clone, Serialize)]
pub struct DayLine {
    /// "3 December 2026".
    pub day: String,
    /// What sort of record.
    pub sort: &'static str,
    /// How many, as far as that gives nobody away.
    pub records: String,
}

/// How long things are kept.
#[derive(Debug, Clone, Serialize)]
pub struct RetentionPage {
    /// Each kind of thing.
    pub lines: Vec<KindLine>,
    /// What ends in the next 60 days.
    pub days: Vec<DayLine>,
}

impl RetentionPage {
    fn new(lines: Vec<Line>, days: Vec<Day>) -> Self {
        let line = |day: Day| DayLine { day: say::date(day.day), sort: day.sort.label(), records: protected(day.records) };
        let kind = |line: Line| {
            let now = usize::try_from(line.now).unwrap_or_default();
            let now = if line.about_people { protected(now) } else { now.to_string() };
            KindLine { what: line.what, how_long: line.how_long, why: line.why, now }
        };
        Self { lines: lines.into_iter().map(kind).collect(), days: days.into_iter().map(line).collect() }
    }
}

/// Administrators see no record, so a small number might tell them of one: 1 to 7 aren't told apart, and the rest goes to the nearest 5.
fn protected(records: usize) -> String {
    match records {
        0 => "0".to_owned(),
        1..=7 => "*".to_owned(),
        more => format!("{}", (more + 2) / 5 * 5),
    }
}

impl Page for RetentionPage {
    const TEMPLATE: &'static str = "retention.html";

    fn title(&self) -> String {
        "How long things are kept".to_owned()
    }

    fn samples() -> Vec<Self> {
        let day = |sort| Day { day: crate::web::views::samples::now().date(), sort, records: 3 };
        let days = vec![day(Sort::NotBegun), day(Sort::OpenDoor)];
        vec![Self::new(kinds::samples(), Vec::new()), Self::new(kinds::samples(), days)]
    }
}

/// `GET /retention`
pub async fn table_page(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let (keep, now) = (app.config.keep, app.clock.stamp());
    let made = app.db.read(move |c| Ok(RetentionPage::new(table(c, &keep, now)?, preview(c, &keep, now.date())?)));
    app.page(&request, &made.await?)
}

/// A record that ends soon.
#[derive(Debug, Clone, Serialize)]
pub struct SoonLine {
    /// The record.
    pub href: String,
    /// Whose it is.
    pub called: String,
    /// What sort of record it is.
    pub sort: &'static str,
    /// When anything last happened with it.
    pub last: String,
    /// When it ends.
    pub ends: String,
}

/// Whose record ends soon.
#[derive(Debug, Clone, Serialize)]
pub struct SoonPage {
    /// One page of them, the soonest first.
    pub lines: Vec<SoonLine>,
    /// "3 records".
    pub total: String,
    /// The page before.
    pub previous: Option<String>,
    /// The page after.
    pub next: Option<String>,
    /// What was done.
    pub done: Option<&'static str>,
}

impl Page for SoonPage {
    const TEMPLATE: &'static str = "retention-soon.html";

    fn title(&self) -> String {
        "Records that end soon".to_owned()
    }

    fn samples() -> Vec<Self> {
        let line = |sort: Sort| SoonLine {
            href: "/people/6f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d8".to_owned(),
            called: "Jo Marsh".to_owned(),
            sort: sort.label(),
            last: "21 November 2024".to_owned(),
            ends: "22 November 2026".to_owned(),
        };
        let full = Self {
            lines: Sort::ALL.iter().map(|sort| line(*sort)).collect(),
            total: "60 records".to_owned(),
            previous: Some("/retention/soon?page=1".to_owned()),
            next: Some("/retention/soon?page=3".to_owned()),
            done: done("kept"),
        };
        vec![Self { lines: Vec::new(), total: String::new(), previous: None, next: None, done: None }, full]
    }
}

fn done(what: &str) -> Option<&'static str> {
    match what {
        "kept" => Some("The record is kept for another year."),
        "none" => Some("That record doesn’t end soon. It may have been kept before you."),
        _ => None,
    }
}

/// `GET /retention/soon`
pub async fn list(app: Data<App>, request: HttpRequest, who: Principal, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    let page = usize::from(asked.page(LAST_PAGE));
    let (shared, done) = (app.clone(), done(&asked.done));
    let made = app.db.write(move |c| listed(c, &shared, &who, page, done));
    app.page(&request, &made.await?)
}

/// That someone saw the names is written down, as of any list.
fn listed(c: &mut Conn, app: &App, who: &Principal, page: usize, done: Option<&'static str>) -> Result<SoonPage, Failure> {
    let (keep, now) = (&app.config.keep, app.clock.stamp());
    let all = soon(c, keep, &Within::Teams(who.teams_as(Role::Coordinator)), now.date())?;
    let here: Vec<_> = all.iter().skip((page - 1) * PER_PAGE).take(PER_PAGE).collect();
    let ids: Vec<SubjectId> = here.iter().map(|one| one.person).collect();
    let abouts = people::read_list(c, &app.vault, who, &ids, now)?;
    let line = |one: &&super::Ending| {
        Some(SoonLine {
            href: format!("/people/{}", one.person),
            called: abouts.get(&one.person)?.called().to_owned(),
            sort: one.sort.label(),
            last: say::date(one.last),
            ends: say::date(one.ends(keep, now.date())),
        })
    };
    let at = |page: usize| format!("/retention/soon?page={page}");
    Ok(SoonPage {
        lines: here.iter().filter_map(line).collect(),
        total: say::count(all.len() as u64, "record", "records"),
        previous: (page > 1).then(|| at(page - 1)),
        next: (page * PER_PAGE < all.len() && page < usize::from(LAST_PAGE)).then(|| at(page + 1)),
        done,
    })
}

/// `GET /people/{person}/keep`
pub async fn ask(app: Data<App>, request: HttpRequest, who: Principal, person: Path<SubjectId>) -> Result<HttpResponse, Failure> {
    keep_page(&app, who, *person, Typed::default(), Vec::new()).await?.shown(&app, &request)
}

async fn keep_page(
    app: &Data<App>,
    who: Principal,
    id: SubjectId,
    typed: Typed,
    problems: Vec<Problem>,
) -> Result<FormPage, Failure> {
    let (vault, now) = (app.vault.clone(), app.clock.stamp());
    let called = app.db.write(move |c| name(c, &vault, &who, id, now)).await?;
    Ok(form(id, &called, &typed, problems))
}

fn name(c: &mut Conn, vault: &Vault, who: &Principal, id: SubjectId, now: chrono::NaiveDateTime) -> Result<String, Failure> {
    let abouts = people::read_list(c, vault, who, &[id], now)?;
    Ok(abouts.get(&id).ok_or(Failure::NotFound)?.called().to_owned())
}

fn form(id: SubjectId, called: &str, typed: &Typed, problems: Vec<Problem>) -> FormPage {
    let reason = Field { longest: LONGEST, ..Field::area("reason", "Why do you keep it?") };
    FormPage::new("Keep this record for another year", format!("/people/{id}/keep"), "Keep it for another year")
        .say(format!("This is the record of {called}. When a year has passed, it comes back onto your list."))
        .ask(reason.hint("They can read this. Say what you know, such as that they plan to come back.").typed(typed, &problems))
        .or("/retention/soon", "Back to the list")
        .wrong(problems)
}

/// `POST /people/{person}/keep`
pub async fn kept(
    app: Data<App>,
    request: HttpRequest,
    who: Principal,
    person: Path<SubjectId>,
    body: Bytes,
) -> Result<HttpResponse, Failure> {
    let (typed, id, now) = (Typed::read(&body), *person, app.clock.stamp());
    let (shared, by) = (app.clone(), who.clone());
    app.write_or_ask_again(
        reason(&typed),
        move |c, reason| {
            let until = keep_longer(c, &shared.vault, &shared.config.keep, &by, id, &reason, now)?;
            Ok(format!("/retention/soon?done={}", if until.is_some() { "kept" } else { "none" }))
        },
        async |problems| keep_page(&app, who, id, typed, problems).await?.shown(&app, &request),
    )
    .await
}

fn reason(typed: &Typed) -> Result<String, Vec<Problem>> {
    let reason = typed.one("reason");
    let fits = !reason.is_empty() && reason.chars().count() <= LONGEST;
    if fits { Ok(reason.to_owned()) } else { Err(vec![Problem::new("reason", "Write why, in up to 500 letters.")]) }
}

/// The form of this room, as it may look.
pub fn samples() -> Vec<FormPage> {
    let (id, problem) = (SubjectId(uuid::Uuid::nil()), Problem::new("reason", "Write why, in up to 500 letters."));
    vec![form(id, "Jo Marsh", &Typed::default(), Vec::new()), form(id, "Jo Marsh", &Typed::default(), vec![problem])]
}
