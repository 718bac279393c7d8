//! A person's record, for those who go along: what they can give and want at the top, one timeline below, and short forms to add to it.

use std::collections::HashMap;

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Bytes, Data, Path, Query},
};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use serde::{Deserialize, Serialize};

use super::{store, words};
use crate::{
    accounts::{self, Principal, Role, clients},
    app::App,
    audit::Actor,
    clock::london_day,
    db::Conn,
    error::{Failure, Problem},
    mail::{self, NewMessage},
    people::{self, About, aspirations, caseload, tasks, timeline},
    referrals::{
        self, By,
        state::{State, Who},
    },
    values::{AccountId, ReferralId, SubjectId, TaskId},
    vault::{Private, Vault},
    web::{
        form::{Choose, Field, Typed},
        page::Page,
        see_other,
        views::say,
    },
};

/// Entries of the timeline on one page.
const PER_PAGE: i64 = 20;
/// Furthest page.
const LAST_PAGE: i64 = 10_000;
/// Things to do that are shown.
const MOST_TASKS: i64 = 50;
/// Longest entry, in characters.
const LONGEST: usize = 2_000;
/// The longest that someone may stand in, in days.
const LONGEST_COVER: i64 = 92;

/// Something said of oneself, under its heading.
#[derive(Debug, Clone, Serialize)]
pub struct Said {
    /// "Good at".
    pub label: &'static str,
    /// Their words.
    pub text: String,
}

/// An aspiration with the way to its places.
#[derive(Debug, Clone, Serialize)]
pub struct WishLine {
    /// Its id.
    pub id: String,
    /// Where its places are.
    pub href: String,
    /// Their words.
    pub words: String,
    /// How it stands.
    pub state: &'static str,
    /// Whether it is open.
    pub open: bool,
}

/// An entry of the timeline.
#[derive(Debug, Clone, Serialize)]
pub struct EntryLine {
    /// `contact`, `note`, `message`, `move`, `mark`.
    pub sort: &'static str,
    /// "In touch".
    pub label: &'static str,
    /// Who wrote it.
    pub who: String,
    /// When.
    pub when: String,
    /// What it says, line by line.
    pub lines: Vec<String>,
}

/// Something to do.
#[derive(Debug, Clone, Serialize)]
pub struct TaskLine {
    /// Its id.
    pub id: String,
    /// What.
    pub what: String,
    /// Until when.
    pub due: String,
}

/// A button that moves things on.
#[derive(Debug, Clone, Serialize)]
pub struct MoveButton {
    /// Its code.
    pub code: &'static str,
    /// What it says.
    pub label: &'static str,
}

/// A person's record.
#[derive(Debug, Clone, Serialize)]
pub struct RecordPage {
    /// Where it is.
    pub href: String,
    /// What they are called.
    pub called: String,
    /// Their pronouns.
    pub pronouns: String,
    /// How things stand.
    pub state: &'static str,
    /// The day until which they paused.
    pub paused_until: Option<String>,
    /// Who goes along with them.
    pub along: Vec<String>,
    /// Why someone stands in, and until when.
    pub covers: Vec<String>,
    /// What they can give: strengths first.
    pub gives: Vec<Said>,
    /// What they want.
    pub wishes: Vec<WishLine>,
    /// How to get in touch.
    pub reach: Vec<Said>,
    /// What must not be left in a message.
    pub never_say: String,
    /// What helps them.
    pub needs: Vec<Said>,
    /// What is to be done.
    pub tasks: Vec<TaskLine>,
    /// What can be done now.
    pub moves: Vec<MoveButton>,
    /// The timeline.
    pub entries: Vec<EntryLine>,
    /// The page before.
    pub newer: Option<String>,
    /// The page after.
    pub older: Option<String>,
    /// The form for an entry: sort and words.
    pub sort: Choose,
    /// Its words.
    pub body: Field,
    /// The form for something to do.
    pub what: Field,
    /// Until when.
    pub due: Field,
    /// The form for someone who stands in; only for coordinators.
    pub cover: Option<CoverForm>,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// What was done.
    pub done: Option<&'static str>,
}

/// The form for someone who stands in.
#[derive(Debug, Clone, Serialize)]
pub struct CoverForm {
    /// Who.
    pub account: Choose,
    /// Until when.
    pub until: Field,
    /// Why.
    pub reason: Field,
}

impl Page for RecordPage {
    const TEMPLATE: &'static str = "record.html";

    fn title(&self) -> String {
        // The title stands in the browser's history, so it names nobody.
        if self.problems.is_empty() { "A record".to_owned() } else { "Problem: a record".to_owned() }
    }

    fn samples() -> Vec<Self> {
        samples()
    }
}

/// A card to print, with a code that lets its owner in once.
#[derive(Debug, Clone, Serialize)]
pub struct CardPage {
    /// Back to the record.
    pub href: String,
    /// The code.
    pub code: String,
    /// Where to type it.
    pub address: String,
    /// Days for which it works.
    pub days: i64,
}

impl Page for CardPage {
    const TEMPLATE: &'static str = "card.html";

    fn title(&self) -> String {
        "A card to print".to_owned()
    }

    fn samples() -> Vec<Self> {
        let href = "/people/6f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d8".to_owned();
        let address = "https://footbridge.example/sign-in/card".to_owned();
        vec![Self { href, code: "ABCD-EFGH-JKLM".to_owned(), address, days: 28 }]
    }
}

/// What the record's address holds.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    page: String,
    #[serde(default)]
    done: String,
}

fn done(what: &str) -> Option<&'static str> {
    match what {
        "entry" => Some("It is written down."),
        "message" => Some("Your message is on its way."),
        "task" => Some("It is on your list."),
        "task-done" => Some("Done. It is off your list."),
        "move" => Some("It is moved on."),
        "cover" => Some("They can stand in now. The person can read why."),
        _ => None,
    }
}

/// `GET /people/{person}`
pub async fn page(
    app: Data<App>,
    request: HttpRequest,
    who: Principal,
    person: Path<SubjectId>,
    asked: Query<Asked>,
) -> Result<HttpResponse, Failure> {
    let page = asked.page.parse::<i64>().ok().filter(|page| (1..=LAST_PAGE).contains(page)).unwrap_or(1);
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
    let made = made.await?;
    let mut answer = app.page(request, &made)?;
    if !made.problems.is_empty() {
        *answer.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(answer)
}

/// Back to the record, with what is wrong and what was typed.
async fn again(
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
    // Whoever may read a message has read it now.
    if who.is_any(&[Role::BridgeBuilder, Role::Peer]) {
        timeline::seen(c, person, true, now)?;
    }
    let (entries, total) = timeline::page(c, vault, person, page, PER_PAGE)?;
    let along = caseload::with(c, person)?;
    let covers = caseload::all_cover(c, vault, person, 5)?;
    let writers = entries.iter().filter_map(|entry| entry.by);
    let accounts: Vec<AccountId> =
        writers.chain(along.iter().map(|(id, _)| *id)).chain(covers.iter().map(|cover| cover.account)).collect();
    let names = accounts::people::names(c, vault, &accounts)?;
    let name = |id: &AccountId| names.get(id).cloned().unwrap_or_else(|| "Someone who worked here".to_owned());
    let state = store::states(c, &[person])?.remove(&person);
    let at = |page: i64| format!("/people/{person}?page={page}");
    let running = covers.iter().filter(|cover| cover.until > now);
    Ok(RecordPage {
        href: format!("/people/{person}"),
        called: about.called().to_owned(),
        pronouns: about.pronouns.as_str().to_owned(),
        state: state.map_or("", |(state, _)| state.label()),
        paused_until: state.and_then(|(_, until)| until).map(say::date),
        along: along.iter().map(|(id, along)| format!("{} ({})", name(id), say::uncapital(along.label()))).collect(),
        covers: running
            .map(|cover| {
                format!("{} until {}: {}", name(&cover.account), say::date(london_day(cover.until)), cover.reason.show())
            })
            .collect(),
        gives: gives(&about),
        wishes: wishes(c, vault, person, &format!("/people/{person}"))?,
        reach: reach(&about),
        never_say: about.contact.never_say.as_str().to_owned(),
        needs: needs(&about),
        tasks: to_do(c, vault, person, today)?,
        moves: moves(who, state.map(|(state, _)| state)),
        entries: entries.iter().map(|entry| line(entry, about.called(), &name)).collect(),
        newer: (page > 1).then(|| at(page - 1)),
        older: (page * PER_PAGE < total && page < LAST_PAGE).then(|| at(page + 1)),
        cover: if who.is(Role::Coordinator) { Some(cover_form(c, vault, who)?) } else { None },
        ..RecordPage::blank()
    })
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
pub(super) fn wishes(c: &mut Conn, vault: &Vault, person: SubjectId, at: &str) -> Result<Vec<WishLine>, Failure> {
    let line = |wish: aspirations::Aspiration| WishLine {
        id: wish.id.to_string(),
        href: format!("{at}/wishes/{}", wish.id),
        words: wish.wanted.words.as_str().to_owned(),
        state: wish.state.label(),
        open: wish.state == aspirations::State::Open,
    };
    Ok(aspirations::of(c, vault, person)?.into_iter().map(line).collect())
}

fn to_do(c: &mut Conn, vault: &Vault, person: SubjectId, today: NaiveDate) -> Result<Vec<TaskLine>, Failure> {
    let line = |task: tasks::Task| TaskLine {
        id: task.id.to_string(),
        what: task.what.show().to_owned(),
        due: if task.due < today { format!("was due {}", say::date(task.due)) } else { say::day_from(today, task.due) },
    };
    Ok(tasks::for_person(c, vault, person, MOST_TASKS)?.into_iter().map(line).collect())
}

fn line(entry: &timeline::Entry, called: &str, name: &dyn Fn(&AccountId) -> String) -> EntryLine {
    EntryLine {
        sort: entry.sort.code(),
        label: entry.sort.label(),
        who: entry.by.as_ref().map_or_else(|| called.to_owned(), name),
        when: words::moment(entry.at),
        lines: entry.body.show().lines().map(str::to_owned).collect(),
    }
}

/// What whoever goes along can do now. Pausing is the person's to decide; here it is written down for them.
fn moves(who: &Principal, state: Option<State>) -> Vec<MoveButton> {
    let button = |code, label| MoveButton { code, label };
    if !who.is_any(&[Role::BridgeBuilder, Role::Coordinator]) {
        return Vec::new();
    }
    match state {
        Some(State::Allocated) if who.is(Role::BridgeBuilder) => vec![button("begin", "We have begun")],
        Some(State::Active) => vec![button("open-door", "Step back: open the door")],
        Some(State::Paused) if who.is(Role::BridgeBuilder) => vec![button("resume", "They are back")],
        Some(State::OpenDoor) => vec![button("return", "They came back")],
        _ => Vec::new(),
    }
}

fn cover_form(c: &mut Conn, vault: &Vault, who: &Principal) -> Result<CoverForm, Failure> {
    let builders = store::bridge_builders(c, &who.teams_as(Role::Coordinator))?;
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

/// How one was in touch.
const SORTS: [(&str, &str); 6] = [
    ("met", "We met"),
    ("along", "I went along"),
    ("called", "We spoke by phone"),
    ("wrote", "We wrote"),
    ("note", "A note for the team"),
    ("message", "A message to them"),
];

impl RecordPage {
    fn blank() -> Self {
        Self {
            href: String::new(),
            called: String::new(),
            pronouns: String::new(),
            state: "",
            paused_until: None,
            along: Vec::new(),
            covers: Vec::new(),
            gives: Vec::new(),
            wishes: Vec::new(),
            reach: Vec::new(),
            never_say: String::new(),
            needs: Vec::new(),
            tasks: Vec::new(),
            moves: Vec::new(),
            entries: Vec::new(),
            newer: None,
            older: None,
            sort: Choose::one("sort", "What is it?", &SORTS),
            body: Field::area("body", "In a few words").hint("They can read all that is written here."),
            what: Field::line("what", "What is to be done?"),
            due: Field { sort: "date", ..Field::line("due", "Until which day?") },
            cover: None,
            problems: Vec::new(),
            done: None,
        }
    }

    fn fill(&mut self, typed: &Typed, problems: Vec<Problem>) {
        self.sort = self.sort.clone().typed(typed, &problems);
        self.body = self.body.clone().typed(typed, &problems);
        self.what = self.what.clone().typed(typed, &problems);
        self.due = self.due.clone().typed(typed, &problems);
        if let Some(form) = &mut self.cover {
            form.account = form.account.clone().typed(typed, &problems);
            form.until = form.until.clone().typed(typed, &problems);
            form.reason = form.reason.clone().typed(typed, &problems);
        }
        self.problems = problems;
    }
}

/// `POST /people/{person}/entries`: a contact, a note or a message, in one form of two fields.
pub async fn write(
    app: Data<App>,
    request: HttpRequest,
    who: Principal,
    person: Path<SubjectId>,
    body: Bytes,
) -> Result<HttpResponse, Failure> {
    let typed = Typed::read(&body);
    let (sort, text) = (typed.one("sort").to_owned(), typed.one("body").to_owned());
    let mut problems = Vec::new();
    if !SORTS.iter().any(|(code, _)| *code == sort) {
        problems.push(Problem::new("sort", "Choose what it is."));
    }
    if text.is_empty() || text.chars().count() > LONGEST {
        problems.push(Problem::new("body", "Write a few words, up to 2,000 letters."));
    }
    if !problems.is_empty() {
        return again(&app, &request, who, *person, typed, problems).await;
    }
    let (shared, id, message) = (app.clone(), *person, sort == "message");
    app.db.write(move |c| keep(c, &shared, &who, id, &sort, &text)).await?;
    Ok(see_other(&format!("/people/{id}?done={}", if message { "message" } else { "entry" })))
}

fn keep(c: &mut Conn, app: &App, who: &Principal, person: SubjectId, sort: &str, text: &str) -> Result<(), Failure> {
    let now = app.clock.stamp();
    let (kind, words) = match sort {
        "message" => (timeline::Sort::Message, text.to_owned()),
        "note" => (timeline::Sort::Note, text.to_owned()),
        how => {
            let how = SORTS.iter().find(|(code, _)| *code == how).map_or("", |(_, label)| label);
            (timeline::Sort::Contact, format!("{how}. {text}"))
        }
    };
    timeline::add(c, &app.vault, person, kind, Some(who.account), &words, now)?;
    if kind != timeline::Sort::Note {
        referrals::store::first_contact(c, person, now)?;
    }
    if kind == timeline::Sort::Message {
        tell_of_message(c, app, person, now)?;
    }
    Ok(())
}

/// A letter to the person that a message waits, if they have an account with an address.
fn tell_of_message(c: &mut Conn, app: &App, person: SubjectId, now: NaiveDateTime) -> Result<(), Failure> {
    let Some((account, address)) = clients::address_of(c, &app.vault, person)? else { return Ok(()) };
    let letter = NewMessage { link: format!("{}my-path", app.web.public_url()) };
    mail::post(c, &app.vault, SubjectId(account.0), &address, &letter, now)
}

/// `POST /people/{person}/tasks`
pub async fn task(
    app: Data<App>,
    request: HttpRequest,
    who: Principal,
    person: Path<SubjectId>,
    body: Bytes,
) -> Result<HttpResponse, Failure> {
    let typed = Typed::read(&body);
    let (what, due) = (typed.one("what").to_owned(), typed.one("due").parse::<NaiveDate>());
    let mut problems = Vec::new();
    if what.is_empty() || what.chars().count() > crate::web::form::LINE {
        problems.push(Problem::new("what", "Write what is to be done, up to 200 letters."));
    }
    let due = due.map_err(|_| problems.push(Problem::new("due", "Choose a day.")));
    let Ok(due) = due.and_then(|due| if problems.is_empty() { Ok(due) } else { Err(()) }) else {
        return again(&app, &request, who, *person, typed, problems).await;
    };
    let (vault, id) = (app.vault.clone(), *person);
    app.db.write(move |c| tasks::add(c, &vault, id, who.account, &what, due)).await?;
    Ok(see_other(&format!("/people/{id}?done=task")))
}

/// `POST /people/{person}/tasks/done`
pub async fn task_done(app: Data<App>, person: Path<SubjectId>, body: Bytes) -> Result<HttpResponse, Failure> {
    let task: TaskId = Typed::read(&body).one("task").parse().map_err(|_| Failure::NotFound)?;
    let (id, now) = (*person, app.clock.stamp());
    let found = app.db.write(move |c| tasks::done(c, id, task, now)).await?;
    if found { Ok(see_other(&format!("/people/{id}?done=task-done"))) } else { Err(Failure::NotFound) }
}

/// `POST /people/{person}/moves`: what the bridge builder decides, or writes down for the person.
pub async fn step(app: Data<App>, who: Principal, person: Path<SubjectId>, body: Bytes) -> Result<HttpResponse, Failure> {
    let code = Typed::read(&body).one("move").to_owned();
    let (vault, id, now) = (app.vault.clone(), *person, app.clock.stamp());
    let step = words::move_of(&code, None).filter(|_| moves_allow(&who, &code)).ok_or_else(super::path::unknown)?;
    let decided = match code.as_str() {
        "return" => Who::Person,
        "open-door" if !who.is(Role::BridgeBuilder) => Who::Coordinator,
        _ => Who::BridgeBuilder,
    };
    app.db
        .write(move |c| {
            let referral = standing(c, id)?.ok_or(Failure::NotFound)?;
            referrals::apply(c, &vault, referral, step, By { who: decided, written: Actor::Account(who.account) }, None, now)
        })
        .await?;
    Ok(see_other(&format!("/people/{id}?done=move")))
}

fn moves_allow(who: &Principal, code: &str) -> bool {
    State::ALL.iter().any(|state| moves(who, Some(*state)).iter().any(|button| button.code == code))
}

/// A person's latest referral, but for those entered in error.
pub(super) fn standing(c: &mut Conn, person: SubjectId) -> Result<Option<ReferralId>, Failure> {
    let all = referrals::store::of(c, person)?;
    let latest = all.into_iter().find(|row| row.state != State::EnteredInError.code());
    Ok(latest.and_then(|row| row.id.parse().ok()))
}

/// `POST /people/{person}/card`: a card with a code, for someone without an e-mail address. It is shown once.
pub async fn card(app: Data<App>, request: HttpRequest, person: Path<SubjectId>) -> Result<HttpResponse, Failure> {
    let (vault, id, now) = (app.vault.clone(), *person, app.clock.stamp());
    let code = app.db.write(move |c| clients::print_card(c, &vault, id, now)).await?;
    let address = format!("{}sign-in/card", app.web.public_url());
    let days = accounts::ticket::CARD_LASTS.num_days();
    app.page(&request, &CardPage { href: format!("/people/{id}"), code: code.to_string(), address, days })
}

/// `POST /people/{person}/cover`: a bridge builder of the team stands in for a while.
pub async fn cover(
    app: Data<App>,
    request: HttpRequest,
    who: Principal,
    person: Path<SubjectId>,
    body: Bytes,
) -> Result<HttpResponse, Failure> {
    let typed = Typed::read(&body);
    let (vault, id, now) = (app.vault.clone(), *person, app.clock.stamp());
    let (by, asked) = (who.clone(), typed.clone());
    let outcome = app.db.write(move |c| stand_in(c, &vault, &by, id, &asked, now)).await;
    match outcome {
        Ok(()) => Ok(see_other(&format!("/people/{id}?done=cover"))),
        Err(Failure::Invalid(problems)) => again(&app, &request, who, id, typed, problems).await,
        Err(failure) => Err(failure),
    }
}

fn stand_in(
    c: &mut Conn,
    vault: &Vault,
    by: &Principal,
    person: SubjectId,
    typed: &Typed,
    now: NaiveDateTime,
) -> Result<(), Failure> {
    let mut problems = Vec::new();
    let builders = store::bridge_builders(c, &by.teams_as(Role::Coordinator))?;
    let account = typed.one("account").parse::<AccountId>().ok().filter(|id| builders.contains(id));
    if account.is_none() {
        problems.push(Problem::new("account", "Choose who stands in."));
    }
    let today = london_day(now);
    let last = today + TimeDelta::days(LONGEST_COVER);
    let until = typed.one("until").parse::<NaiveDate>().ok().filter(|day| (today..=last).contains(day));
    if until.is_none() {
        problems.push(Problem::new("until", "Choose a day within the next three months."));
    }
    let reason = typed.one("reason");
    if reason.is_empty() || reason.chars().count() > crate::web::form::LINE {
        problems.push(Problem::new("reason", "Say why, up to 200 letters. The person can read it."));
    }
    let (Some(account), Some(until), true) = (account, until, problems.is_empty()) else {
        return Err(Failure::Invalid(problems));
    };
    let until = (until + TimeDelta::days(1)).and_time(NaiveTime::MIN);
    caseload::stand_in(c, vault, by, &caseload::Cover { person, account, reason: Private::new(reason), from: now, until }, now)
}

fn samples() -> Vec<RecordPage> {
    let entry = |sort: timeline::Sort, text: &str| EntryLine {
        sort: sort.code(),
        label: sort.label(),
        who: "Rowan Ashby".to_owned(),
        when: "21 November 2026, midday".to_owned(),
        lines: vec![text.to_owned()],
    };
    let said = |label, text: &str| vec![Said { label, text: text.to_owned() }];
    let names: HashMap<&str, &str> = HashMap::from([("a", "Nell Okafor")]);
    let answers: Vec<(&str, &str)> = names.into_iter().collect();
    let full = RecordPage {
        href: "/people/6f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d8".to_owned(),
        called: "Jo Marsh".to_owned(),
        pronouns: "they/them".to_owned(),
        state: State::Paused.label(),
        paused_until: Some("3 December 2026".to_owned()),
        along: vec!["Rowan Ashby (bridge builder)".to_owned()],
        covers: vec!["Nell Okafor until 1 December 2026: Rowan is on holiday".to_owned()],
        gives: said("Good at", "Rhythm guitar, listening"),
        wishes: vec![WishLine {
            id: "w1".to_owned(),
            href: "/people/6f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d8/wishes/w1".to_owned(),
            words: "Play with others again, not too loud".to_owned(),
            state: aspirations::State::Open.label(),
            open: true,
        }],
        reach: said("How", "A text message"),
        never_say: "Don’t say where you are from".to_owned(),
        needs: said("What helps", "A seat near the door"),
        tasks: vec![TaskLine { id: "t1".to_owned(), what: "Call the studio".to_owned(), due: "tomorrow".to_owned() }],
        moves: vec![MoveButton { code: "resume", label: "They are back" }],
        entries: vec![
            entry(timeline::Sort::Contact, "We met. Had tea at the studio."),
            entry(timeline::Sort::Message, "See you on Tuesday?"),
        ],
        newer: Some("/people/x?page=1".to_owned()),
        older: Some("/people/x?page=3".to_owned()),
        cover: Some(CoverForm {
            account: Choose::one("account", "Who stands in?", &answers),
            until: Field { sort: "date", ..Field::line("until", "Until which day?") },
            reason: Field::line("reason", "Why?").hint("The person can read this."),
        }),
        done: done("entry"),
        ..RecordPage::blank()
    };
    let mut wrong = RecordPage { href: full.href.clone(), called: "Jo Marsh".to_owned(), ..RecordPage::blank() };
    wrong.fill(&Typed::default(), vec![Problem::new("body", "Write a few words, up to 2,000 letters.")]);
    vec![wrong, full]
}
