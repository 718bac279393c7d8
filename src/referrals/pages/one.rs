//! One referral, as a coordinator sees it, and what they decide about it.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Bytes, Data, Path, Query},
};
use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use crate::{
    accounts::{self, Principal, Role},
    app::App,
    audit::Action,
    clock::london_day,
    db::Conn,
    error::{Failure, Problem},
    people::{self, About, Like, Reach, consents},
    referrals::{
        Referrer, Taken, Way, clocks,
        intake::{self, Builder},
        state::State,
        store::{self, MoveRow, Row},
    },
    values::{AccountId, ReferralId, SubjectId, TeamId, VenueId},
    vault::Key,
    venues,
    web::{
        form::{Answer, Field, Typed},
        form_page::FormPage,
        page::Page,
        see_other,
        views::say,
    },
};

/// A label and what stands beside it.
#[derive(Debug, Clone, Serialize)]
pub struct Fact {
    /// What it is.
    pub label: &'static str,
    /// What was said.
    pub text: String,
}

/// A move that was made.
#[derive(Debug, Clone, Serialize)]
pub struct Moved {
    /// "21 November 2026".
    pub day: String,
    /// Where it led.
    pub to: &'static str,
    /// Who wrote it down.
    pub by: String,
    /// Why.
    pub why: Option<String>,
}

/// Someone who may be the same.
#[derive(Debug, Clone, Serialize)]
pub struct Alike {
    /// Whose record it is.
    pub person: String,
    /// What they want to be called.
    pub name: String,
    /// In what they are alike: "the same phone number".
    pub likes: String,
    /// How they stand.
    pub state: &'static str,
}

/// One referral.
#[derive(Debug, Clone, Serialize)]
pub struct ReferralPage {
    /// Where it is.
    pub href: String,
    /// What they want to be called.
    pub name: String,
    /// How it stands.
    pub state: &'static str,
    /// The same as a code.
    pub code: &'static str,
    /// "Wrote to us themself, on our page, 12 days ago".
    pub came: String,
    /// The first contact; none while there was none.
    pub first_contact: Option<String>,
    /// What they would like to do.
    pub words: String,
    /// The place they would like to try: its page and name.
    pub venue: Option<(String, String)>,
    /// What they say about themself.
    pub about: Vec<Fact>,
    /// How to reach them.
    pub contact: Vec<Fact>,
    /// What must not be said in a message.
    pub never_say: Option<String>,
    /// Who wrote for them.
    pub referrer: Vec<Fact>,
    /// What they agreed to.
    pub consents: Vec<Fact>,
    /// Who goes along.
    pub worker: Option<String>,
    /// Who may be the same.
    pub alike: Vec<Alike>,
    /// What was decided so far.
    pub moves: Vec<Moved>,
    /// The teams that can take it on; one where there is no choice.
    pub teams: Vec<(String, String)>,
    /// What was done.
    pub done: Option<&'static str>,
}

impl Page for ReferralPage {
    const TEMPLATE: &'static str = "referral.html";

    fn title(&self) -> String {
        "A note from someone".to_owned()
    }

    fn samples() -> Vec<Self> {
        let new = Self {
            href: "/intake/6f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d8".to_owned(),
            name: "Morgan Vale".to_owned(),
            state: State::Received.label(),
            code: State::Received.code(),
            came: "Wrote to us themself, on our page, 12 days ago".to_owned(),
            first_contact: None,
            words: "I want to drum again,\nwith others.".to_owned(),
            venue: Some(("/venues/1".to_owned(), "Sample Studio".to_owned())),
            about: vec![Fact { label: "What helps", text: "No steps".to_owned() }],
            contact: vec![Fact { label: "A call", text: "07700 900123".to_owned() }],
            never_say: Some("The name of the team".to_owned()),
            referrer: Vec::new(),
            consents: vec![Fact { label: "21 November 2026", text: consents::Purpose::Keep.label().to_owned() }],
            worker: None,
            alike: vec![Alike {
                person: "6f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d9".to_owned(),
                name: "Morgan V".to_owned(),
                likes: Like::Phone.label().to_owned(),
                state: State::OpenDoor.label(),
            }],
            moves: Vec::new(),
            teams: vec![("1".to_owned(), "East team".to_owned())],
            done: done("received"),
        };
        let moved = |to: State, why: Option<&str>| Moved {
            day: "21 November 2026".to_owned(),
            to: to.label(),
            by: "Cora Lindqvist".to_owned(),
            why: why.map(str::to_owned),
        };
        let waiting = Self {
            code: State::Accepted.code(),
            state: State::Accepted.label(),
            first_contact: Some("2 days".to_owned()),
            venue: None,
            never_say: None,
            words: String::new(),
            referrer: vec![Fact { label: "Name", text: "Sam Reid".to_owned() }],
            alike: Vec::new(),
            moves: vec![moved(State::Accepted, None)],
            done: None,
            ..new.clone()
        };
        let going = Self {
            code: State::Active.code(),
            state: State::Active.label(),
            worker: Some("Rowan Ashby".to_owned()),
            ..waiting.clone()
        };
        let why = Some("We have no one who can.\n\nWhere else to try: the library");
        let declined = Self {
            code: State::Declined.code(),
            state: State::Declined.label(),
            moves: vec![moved(State::Declined, why)],
            ..waiting.clone()
        };
        let teams = vec![("1".to_owned(), "East team".to_owned()), ("2".to_owned(), "West team".to_owned())];
        vec![Self { teams, ..new.clone() }, new, waiting, going, declined]
    }
}

fn done(what: &str) -> Option<&'static str> {
    match what {
        "received" => Some("It is written down. It stands in the list with the others."),
        "accepted" => Some("They are on the waiting list."),
        "declined" => Some("It is noted. Tell them kindly, and tell them where else to try."),
        "withdrawn" => Some("It is noted that they took it back."),
        "stopped" => Some("It is noted. The door stays open for them."),
        "allocated" => Some("Their bridge builder has it now, and a letter about it."),
        "contact" => Some("It is noted."),
        "error" => Some("It is noted that this was entered in error."),
        "joined" => Some("The two records are one now."),
        _ => None,
    }
}

/// What the address holds.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    done: String,
    #[serde(default)]
    with: String,
}

/// `GET /intake/{referral}`
pub async fn one(
    app: Data<App>,
    request: HttpRequest,
    who: Principal,
    id: Path<ReferralId>,
    asked: Query<Asked>,
) -> Result<HttpResponse, Failure> {
    let (shared, now, id, done) = (app.clone(), app.clock.stamp(), *id, done(&asked.done));
    let page = app.db.write(move |c| Ok(ReferralPage { done, ..shown(c, &shared, &who, id, now)? })).await?;
    app.page(&request, &page)
}

/// The page; that it was read is written down in the same transaction, for everyone of whom it shows something.
fn shown(c: &mut Conn, app: &App, who: &Principal, id: ReferralId, now: NaiveDateTime) -> Result<ReferralPage, Failure> {
    let row = store::one(c, id)?.ok_or(Failure::NotFound)?;
    let person: SubjectId = row.person_id.parse().map_err(Failure::internal)?;
    let key = people::key(c, &app.vault, person)?;
    let state = State::from_code(&row.state).unwrap_or(State::Received);
    let referrer = opened_referrer(&key, &row)?;
    let words = people::open(&key, "referrals", "words", &row.id, &row.words)?.show().to_owned();
    let venue = row.venue_id.as_deref().and_then(|venue| venue.parse().ok());
    let moves = store::moves(c, id)?;
    let names = names(c, app, &row, &moves)?;
    let moves = moves.iter().map(|row| moved(&key, row, &names)).collect::<Result<_, Failure>>()?;
    let consents = consents::of(c, person)?.iter().map(agreed).collect();
    let alike = if state == State::Received { alike(c, app, who, person, now)? } else { Vec::new() };
    let teams = own_teams(c, who, &row)?;
    let venue = venue.map_or(Ok(None), |venue| place(c, venue))?;
    let about = people::read(c, &app.vault, who, person, now)?;
    Ok(ReferralPage {
        href: format!("/intake/{id}"),
        name: about.called().to_owned(),
        state: state.label(),
        code: state.code(),
        came: came(&row, now),
        first_contact: row.first_contact_at.map(|first| clocks::said(clocks::days(row.received_at, first))),
        words,
        venue,
        contact: contact(&about),
        never_say: Some(about.contact.never_say.as_str().to_owned()).filter(|said| !said.is_empty()),
        about: facts(&about),
        referrer: referrer.map(|referrer| wrote(&referrer)).unwrap_or_default(),
        consents,
        worker: row.worker_id.and_then(|worker| names.into_iter().find(|(id, _)| *id == worker)).map(|(_, name)| name),
        alike,
        moves,
        teams,
        done: None,
    })
}

fn opened_referrer(key: &Key, row: &Row) -> Result<Option<Referrer>, Failure> {
    let Some(referrer) = &row.referrer else { return Ok(None) };
    let opened = people::open(key, "referrals", "referrer", &row.id, referrer)?;
    Ok(Some(serde_json::from_str(opened.show())?))
}

fn place(c: &mut Conn, venue: VenueId) -> Result<Option<(String, String)>, Failure> {
    let card = venues::store::cards(c, &[venue])?.pop();
    Ok(card.map(|card| (format!("/venues/{venue}"), say::calm(&card.lead.facts.name))))
}

fn came(row: &Row, now: NaiveDateTime) -> String {
    let way = Way::from_code(&row.way).map_or("", Way::label);
    let taken = Taken::from_code(&row.taken_by).map_or("", Taken::label).to_lowercase();
    match clocks::days(row.received_at, now) {
        ..=0 => format!("{way}, {taken}, today"),
        days => format!("{way}, {taken}, {} ago", clocks::said(days)),
    }
}

fn fact(label: &'static str, text: &str) -> Option<Fact> {
    (!text.is_empty()).then(|| Fact { label, text: text.to_owned() })
}

fn facts(about: &About) -> Vec<Fact> {
    let all = [
        fact("Likes, is good at", about.strengths.as_str()),
        fact("Area", &say::place_name(about.area.as_str())),
        fact("What helps", about.access_needs.as_str()),
        fact("Languages", about.languages.as_str()),
        fact("Pronouns", about.pronouns.as_str()),
        fact("Skills", about.skills.as_str()),
        fact("Interests", about.interests.as_str()),
    ];
    all.into_iter().flatten().collect()
}

/// The ways they want come first.
fn contact(about: &About) -> Vec<Fact> {
    let contact = &about.contact;
    let told = |reach: Reach| {
        let text = match reach {
            Reach::Phone | Reach::Message => contact.phone.as_str(),
            Reach::Email => contact.email.as_ref().map_or("", |email| email.as_str()),
            Reach::Post => contact.address.as_str(),
            Reach::Someone => contact.through.as_str(),
        };
        let label = if reach == Reach::Someone { "Through someone they trust" } else { reach.label() };
        fact(label, text)
    };
    let ways = contact.ways.iter().filter_map(|reach| told(*reach));
    ways.chain(fact("A good time", contact.when.as_str())).collect()
}

fn wrote(referrer: &Referrer) -> Vec<Fact> {
    let relation = Way::from_code(referrer.relation.as_str()).map_or("", Way::label);
    let all = [
        fact("Name", referrer.name.as_str()),
        fact("Who they are", relation),
        fact("Works at", referrer.organisation.as_str()),
        fact("E-mail", referrer.email.as_ref().map_or("", |email| email.as_str())),
        fact("Phone", referrer.phone.as_str()),
        fact("May hear", referrer.may_learn.label()),
    ];
    all.into_iter().flatten().collect()
}

fn agreed(consent: &consents::Consent) -> Fact {
    let day = |at: NaiveDateTime| say::date(london_day(at));
    let back = consent.withdrawn_at.map(|at| format!(" Taken back on {}.", day(at))).unwrap_or_default();
    let text = format!("{}. {}, {}.{back}", consent.purpose.label(), consent.how.label(), day(consent.given_at));
    Fact { label: "Agreed", text }
}

/// The names of those of the staff who had to do with it.
fn names(c: &mut Conn, app: &App, row: &Row, moves: &[MoveRow]) -> Result<Vec<(String, String)>, Failure> {
    let mut ids: Vec<&String> = moves.iter().filter_map(|row| row.by_account.as_ref()).chain(row.worker_id.as_ref()).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut names = Vec::with_capacity(ids.len());
    for id in ids {
        let Some(account) = id.parse::<AccountId>().ok().map(|id| accounts::store::account(c, id)).transpose()?.flatten() else {
            continue;
        };
        if let Some((name, _)) = accounts::people::opened(c, &app.vault, &account)? {
            names.push((id.clone(), name.show().to_owned()));
        }
    }
    Ok(names)
}

fn moved(key: &Key, row: &MoveRow, names: &[(String, String)]) -> Result<Moved, Failure> {
    let why = row.why.as_ref().map(|why| people::open(key, "referral_moves", "why", &row.id, why)).transpose()?;
    let by = row.by_account.as_ref().and_then(|by| names.iter().find(|(id, _)| id == by)).map_or("", |(_, name)| name.as_str());
    Ok(Moved {
        day: say::date(london_day(row.at)),
        to: State::from_code(&row.to_state).map_or("", State::label),
        by: by.to_owned(),
        why: why.map(|why| why.show().to_owned()),
    })
}

fn alike(c: &mut Conn, app: &App, who: &Principal, person: SubjectId, now: NaiveDateTime) -> Result<Vec<Alike>, Failure> {
    let found = people::like(c, person, &who.teams_as(Role::Coordinator))?;
    let ids: Vec<SubjectId> = found.iter().map(|(id, _)| *id).collect();
    let abouts = people::read_list(c, &app.vault, who, &ids, now)?;
    let mut alike = Vec::with_capacity(found.len());
    for (id, likes) in found {
        let Some(about) = abouts.get(&id) else { continue };
        let likes: Vec<&str> = likes.into_iter().map(Like::label).collect();
        alike.push(Alike {
            person: id.to_string(),
            name: about.called().to_owned(),
            likes: likes.join(", "),
            state: how_they_stand(c, id)?,
        });
    }
    Ok(alike)
}

fn how_they_stand(c: &mut Conn, person: SubjectId) -> Result<&'static str, Failure> {
    let latest = store::of(c, person)?.into_iter().next();
    Ok(latest.and_then(|row| State::from_code(&row.state)).map_or("", State::label))
}

/// The teams that can take it on: the one that has it, or those of whoever decides.
fn own_teams(c: &mut Conn, who: &Principal, row: &Row) -> Result<Vec<(String, String)>, Failure> {
    let own = who.teams_as(Role::Coordinator);
    let all = accounts::store::teams(c, MOST_TEAMS)?.into_iter().filter(|team| own.contains(&team.id));
    let fits = |team: &accounts::store::Team| row.team_id.as_ref().is_none_or(|id| *id == team.id.to_string());
    Ok(all.filter(fits).map(|team| (team.id.to_string(), team.name)).collect())
}

/// Most teams that are read at once.
const MOST_TEAMS: i64 = 500;

fn back(id: ReferralId, done: &str) -> HttpResponse {
    see_other(&format!("/intake/{id}?done={done}"))
}

/// `POST /intake/{referral}/accept`
pub async fn accept(app: Data<App>, who: Principal, id: Path<ReferralId>, body: Bytes) -> Result<HttpResponse, Failure> {
    let (shared, now, id) = (app.clone(), app.clock.stamp(), *id);
    let team = Typed::read(&body).one("team").parse::<TeamId>();
    let team = team.map_err(|_| Failure::invalid("team", "Choose one of your teams."))?;
    app.db.write(move |c| intake::accept(c, &shared, &who, id, team, now)).await?;
    Ok(back(id, "accepted"))
}

/// `POST /intake/{referral}/withdrawn`
pub async fn withdrawn(app: Data<App>, who: Principal, id: Path<ReferralId>) -> Result<HttpResponse, Failure> {
    let (shared, now, id) = (app.clone(), app.clock.stamp(), *id);
    app.db.write(move |c| intake::withdraw(c, &shared, &who, id, now)).await?;
    Ok(back(id, "withdrawn"))
}

/// `POST /intake/{referral}/stopped`
pub async fn stopped(app: Data<App>, who: Principal, id: Path<ReferralId>) -> Result<HttpResponse, Failure> {
    let (shared, now, id) = (app.clone(), app.clock.stamp(), *id);
    app.db.write(move |c| intake::stop(c, &shared, &who, id, now)).await?;
    Ok(back(id, "stopped"))
}

fn decline_page(id: ReferralId, typed: &Typed, problems: Vec<Problem>) -> FormPage {
    let reason = Field { longest: 1000, ..Field::area("reason", "Why can we not help?") };
    let elsewhere = Field { longest: 1000, ..Field::area("elsewhere", "Where else could they try?") };
    FormPage::new("We can’t take this on", format!("/intake/{id}/decline"), "Keep this")
        .say("Write it as you would say it to them. They can read it.")
        .ask(reason.typed(typed, &problems))
        .ask(elsewhere.hint("A name and a number. Nobody is sent away with nothing.").typed(typed, &problems))
        .or(format!("/intake/{id}"), "Back")
        .wrong(problems)
}

/// `GET /intake/{referral}/decline`
pub async fn decline(app: Data<App>, request: HttpRequest, id: Path<ReferralId>) -> Result<HttpResponse, Failure> {
    decline_page(*id, &Typed::default(), Vec::new()).shown(&app, &request)
}

/// `POST /intake/{referral}/decline`
pub async fn declined(
    app: Data<App>,
    request: HttpRequest,
    who: Principal,
    id: Path<ReferralId>,
    body: Bytes,
) -> Result<HttpResponse, Failure> {
    let (typed, id) = (Typed::read(&body), *id);
    let (reason, elsewhere) = (typed.one("reason").to_owned(), typed.one("elsewhere").to_owned());
    let (shared, now) = (app.clone(), app.clock.stamp());
    match app.db.write(move |c| intake::decline(c, &shared, &who, id, &reason, &elsewhere, now)).await {
        Ok(()) => Ok(back(id, "declined")),
        Err(Failure::Invalid(problems)) => decline_page(id, &typed, problems).shown(&app, &request),
        Err(failure) => Err(failure),
    }
}

fn error_page(id: ReferralId, typed: &Typed, problems: Vec<Problem>) -> FormPage {
    FormPage::new("Entered in error", format!("/intake/{id}/error"), "It was entered in error")
        .say("It stays in the list of what was done, and leaves every queue.")
        .ask(Field { longest: 500, ..Field::line("why", "What was wrong?") }.typed(typed, &problems))
        .or(format!("/intake/{id}"), "Back")
        .wrong(problems)
}

/// `GET /intake/{referral}/error`
pub async fn error(app: Data<App>, request: HttpRequest, id: Path<ReferralId>) -> Result<HttpResponse, Failure> {
    error_page(*id, &Typed::default(), Vec::new()).shown(&app, &request)
}

/// `POST /intake/{referral}/error`
pub async fn entered_in_error(
    app: Data<App>,
    request: HttpRequest,
    who: Principal,
    id: Path<ReferralId>,
    body: Bytes,
) -> Result<HttpResponse, Failure> {
    let (typed, id) = (Typed::read(&body), *id);
    let (why, shared, now) = (typed.one("why").to_owned(), app.clone(), app.clock.stamp());
    match app.db.write(move |c| intake::enter_in_error(c, &shared, &who, id, &why, now)).await {
        Ok(()) => Ok(back(id, "error")),
        Err(Failure::Invalid(problems)) => error_page(id, &typed, problems).shown(&app, &request),
        Err(failure) => Err(failure),
    }
}

fn contact_page(id: ReferralId, typed: &Typed, problems: Vec<Problem>) -> FormPage {
    FormPage::new("We got in touch", format!("/intake/{id}/contact"), "Keep this")
        .say("Write it so that they can read it. They see their own record.")
        .ask(Field { longest: 2000, ..Field::area("said", "What was said?") }.typed(typed, &problems))
        .or(format!("/intake/{id}"), "Back")
        .wrong(problems)
}

/// `GET /intake/{referral}/contact`
pub async fn contact_form(app: Data<App>, request: HttpRequest, id: Path<ReferralId>) -> Result<HttpResponse, Failure> {
    contact_page(*id, &Typed::default(), Vec::new()).shown(&app, &request)
}

/// `POST /intake/{referral}/contact`
pub async fn in_touch(
    app: Data<App>,
    request: HttpRequest,
    who: Principal,
    id: Path<ReferralId>,
    body: Bytes,
) -> Result<HttpResponse, Failure> {
    let (typed, id) = (Typed::read(&body), *id);
    let (said, shared, now) = (typed.one("said").to_owned(), app.clone(), app.clock.stamp());
    match app.db.write(move |c| intake::in_touch(c, &shared, &who, id, &said, now)).await {
        Ok(()) => Ok(back(id, "contact")),
        Err(Failure::Invalid(problems)) => contact_page(id, &typed, problems).shown(&app, &request),
        Err(failure) => Err(failure),
    }
}

/// Who could go along.
#[derive(Debug, Clone, Serialize)]
pub struct AllocatePage {
    /// Where the referral is.
    pub href: String,
    /// What the person wants to be called.
    pub name: String,
    /// What they would like to do.
    pub words: String,
    /// Where they are, what they speak.
    pub about: Vec<Fact>,
    /// The bridge builders of the team: the choice, and what each knows well.
    pub builders: Vec<BuilderLine>,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// What is wrong with the choice.
    pub error: Option<String>,
}

/// One bridge builder.
#[derive(Debug, Clone, Serialize)]
pub struct BuilderLine {
    /// The value and words of the choice.
    pub answer: Answer,
    /// How many people they go along with.
    pub people: i64,
    /// What they know well.
    pub interests: String,
    /// Where.
    pub areas: String,
    /// Which languages.
    pub languages: String,
}

impl Page for AllocatePage {
    const TEMPLATE: &'static str = "allocate.html";

    fn title(&self) -> String {
        let problem = if self.problems.is_empty() { "" } else { "Problem: " };
        format!("{problem}Who goes along?")
    }

    fn samples() -> Vec<Self> {
        let line = |value: &str, name: &str, people| BuilderLine {
            answer: Answer { value: value.to_owned(), label: name.to_owned(), hint: None, chosen: false },
            people,
            interests: "Studios, open mics".to_owned(),
            areas: "Peckham".to_owned(),
            languages: "English, Yoruba".to_owned(),
        };
        let full = Self {
            href: "/intake/6f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d8".to_owned(),
            name: "Morgan Vale".to_owned(),
            words: "I want to drum again".to_owned(),
            about: vec![Fact { label: "Area", text: "SE15".to_owned() }],
            builders: vec![line("1", "Rowan Ashby", 4), line("2", "Imran Sethi", 11)],
            problems: Vec::new(),
            error: None,
        };
        let problems = vec![Problem::new("worker", "Choose a bridge builder.")];
        let error = Some("Choose a bridge builder.".to_owned());
        vec![Self { problems, error, ..full.clone() }, Self { builders: Vec::new(), ..full.clone() }, full]
    }
}

/// `GET /intake/{referral}/allocate`
pub async fn allocate(
    app: Data<App>,
    request: HttpRequest,
    who: Principal,
    id: Path<ReferralId>,
) -> Result<HttpResponse, Failure> {
    allocate_page(&app, &request, who, *id, Vec::new()).await
}

async fn allocate_page(
    app: &Data<App>,
    request: &HttpRequest,
    who: Principal,
    id: ReferralId,
    problems: Vec<Problem>,
) -> Result<HttpResponse, Failure> {
    let (shared, now) = (app.clone(), app.clock.stamp());
    let page = app.db.write(move |c| {
        let row = store::one(c, id)?.ok_or(Failure::NotFound)?;
        let person: SubjectId = row.person_id.parse().map_err(Failure::internal)?;
        let key = people::key(c, &shared.vault, person)?;
        let words = people::open(&key, "referrals", "words", &row.id, &row.words)?.show().to_owned();
        let team = row.team_id.as_deref().and_then(|team| team.parse().ok());
        let builders = team.map_or(Ok(Vec::new()), |team| intake::builders(c, &shared, team))?;
        let about = people::read(c, &shared.vault, &who, person, now)?;
        Ok(AllocatePage {
            href: format!("/intake/{id}"),
            name: about.called().to_owned(),
            words,
            about: facts(&about),
            builders: builders.into_iter().map(builder_line).collect(),
            error: crate::web::form::error(&problems, "worker"),
            problems,
        })
    });
    let page = page.await?;
    let mut answer = app.page(request, &page)?;
    if !page.problems.is_empty() {
        *answer.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(answer)
}

fn builder_line(builder: Builder) -> BuilderLine {
    let Builder { account, name, people, profile, .. } = builder;
    BuilderLine {
        answer: Answer { value: account.to_string(), label: name.show().to_owned(), hint: None, chosen: false },
        people,
        interests: profile.interests.as_str().to_owned(),
        areas: profile.areas.as_str().to_owned(),
        languages: profile.languages.as_str().to_owned(),
    }
}

/// `POST /intake/{referral}/allocate`
pub async fn allocated(
    app: Data<App>,
    request: HttpRequest,
    who: Principal,
    id: Path<ReferralId>,
    body: Bytes,
) -> Result<HttpResponse, Failure> {
    let (id, worker) = (*id, Typed::read(&body).one("worker").to_owned());
    let (shared, now, by) = (app.clone(), app.clock.stamp(), who.clone());
    match app.db.write(move |c| intake::allocate(c, &shared, &by, id, &worker, now)).await {
        Ok(()) => Ok(back(id, "allocated")),
        Err(Failure::Invalid(problems)) => allocate_page(&app, &request, who, id, problems).await,
        Err(failure) => Err(failure),
    }
}

/// Two records side by side.
#[derive(Debug, Clone, Serialize)]
pub struct JoinPage {
    /// Where the referral is.
    pub href: String,
    /// Whose record it would be joined into.
    pub other: String,
    /// What each says, row by row: what, this one, the other.
    pub rows: Vec<(&'static str, String, String)>,
}

impl Page for JoinPage {
    const TEMPLATE: &'static str = "join.html";

    fn title(&self) -> String {
        "Are they the same person?".to_owned()
    }

    fn samples() -> Vec<Self> {
        let row = |what: &'static str, one: &str, other: &str| (what, one.to_owned(), other.to_owned());
        vec![Self {
            href: "/intake/6f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d8".to_owned(),
            other: "6f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d9".to_owned(),
            rows: vec![
                row("Name", "Morgan", "Morgan Vale"),
                row("Phone", "07700 900123", "07700 900123"),
                row("Area", "", "SE15"),
            ],
        }]
    }
}

fn side_by_side(one: &About, other: &About) -> Vec<(&'static str, String, String)> {
    let email = |about: &About| about.contact.email.as_ref().map(|email| email.as_str().to_owned()).unwrap_or_default();
    let row = |what: &'static str, of: fn(&About) -> &str| (what, of(one).to_owned(), of(other).to_owned());
    vec![
        row("Name", |about| about.chosen_name.as_str()),
        row("Pronouns", |about| about.pronouns.as_str()),
        row("Phone", |about| about.contact.phone.as_str()),
        ("E-mail", email(one), email(other)),
        row("Address", |about| about.contact.address.as_str()),
        row("Through", |about| about.contact.through.as_str()),
        row("Area", |about| about.area.as_str()),
        row("Languages", |about| about.languages.as_str()),
        row("What helps", |about| about.access_needs.as_str()),
    ]
}

/// `GET /intake/{referral}/join`
pub async fn join(
    app: Data<App>,
    request: HttpRequest,
    who: Principal,
    id: Path<ReferralId>,
    asked: Query<Asked>,
) -> Result<HttpResponse, Failure> {
    let Ok(other) = asked.with.parse::<SubjectId>() else { return Ok(see_other(&format!("/intake/{id}"))) };
    let (shared, now, id) = (app.clone(), app.clock.stamp(), *id);
    let page = app.db.write(move |c| {
        let person = store::person_of(c, id)?.ok_or(Failure::NotFound)?;
        if person == other || !people::may_see(c, &who, other, now)? {
            return Err(Failure::NotFound);
        }
        let one = people::about(c, &shared.vault, person)?.ok_or(Failure::NotFound)?;
        let two = people::about(c, &shared.vault, other)?.ok_or(Failure::NotFound)?;
        let (here, there) = (how_they_stand(c, person)?, how_they_stand(c, other)?);
        let mut rows = side_by_side(&one, &two);
        rows.retain(|(_, one, other)| !one.is_empty() || !other.is_empty());
        rows.push(("How it stands", here.to_owned(), there.to_owned()));
        people::note_read(c, &who, person, Action::RecordRead, now)?;
        people::note_read(c, &who, other, Action::RecordRead, now)?;
        Ok(JoinPage { href: format!("/intake/{id}"), other: other.to_string(), rows })
    });
    app.page(&request, &page.await?)
}

/// `POST /intake/{referral}/join`
pub async fn joined(app: Data<App>, who: Principal, id: Path<ReferralId>, body: Bytes) -> Result<HttpResponse, Failure> {
    let other = Typed::read(&body).one("other").parse::<SubjectId>();
    let other = other.map_err(|_| Failure::invalid("other", "Choose the record that it is to be joined with."))?;
    let (shared, now, id) = (app.clone(), app.clock.stamp(), *id);
    let stands = app.db.write(move |c| intake::join_into(c, &shared, &who, id, other, now)).await?;
    Ok(stands.map_or_else(|| see_other("/intake?done=joined"), |id| back(id, "joined")))
}

/// `GET /my-work`: what a bridge builder knows well.
pub async fn my_work(app: Data<App>, request: HttpRequest, who: Principal, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    let vault = app.vault.clone();
    let profile = app.db.read(move |c| Ok(people::profile::of(c, &vault, &[who.account])?.remove(&who.account))).await?;
    let profile = profile.unwrap_or_default();
    let typed = Typed::default()
        .with("interests", profile.interests.as_str())
        .with("areas", profile.areas.as_str())
        .with("languages", profile.languages.as_str());
    let page = work_page(&typed, Vec::new());
    let notice = (asked.done == "kept").then(|| "It is kept.".to_owned());
    FormPage { notice, ..page }.shown(&app, &request)
}

fn work_page(typed: &Typed, problems: Vec<Problem>) -> FormPage {
    let area = |name, label| Field { longest: 2000, ..Field::area(name, label) };
    FormPage::new("What you know well", "/my-work", "Keep this")
        .say("Your coordinator sees this when they choose who goes along with someone.")
        .ask(
            area("interests", "What do you like and know about?")
                .hint("Such as studios, allotments, cricket, cafés.")
                .optional()
                .typed(typed, &problems),
        )
        .ask(area("areas", "Which parts of town do you know?").optional().typed(typed, &problems))
        .ask(area("languages", "Which languages do you speak?").optional().typed(typed, &problems))
        .wrong(problems)
}

/// `POST /my-work`
pub async fn keep_my_work(app: Data<App>, request: HttpRequest, who: Principal, body: Bytes) -> Result<HttpResponse, Failure> {
    let (typed, mut problems) = (Typed::read(&body), Vec::new());
    let profile = people::profile::Profile {
        interests: typed.text("interests", &mut problems),
        areas: typed.text("areas", &mut problems),
        languages: typed.text("languages", &mut problems),
    };
    if !problems.is_empty() {
        return work_page(&typed, problems).shown(&app, &request);
    }
    let (vault, now) = (app.vault.clone(), app.clock.stamp());
    app.db.write(move |c| people::profile::keep(c, &vault, who.account, &profile, now)).await?;
    Ok(see_other("/my-work?done=kept"))
}

pub(super) fn samples() -> Vec<FormPage> {
    let (id, blank) = (ReferralId(uuid::Uuid::nil()), Typed::default());
    vec![
        decline_page(id, &blank, Vec::new()),
        decline_page(id, &blank, vec![Problem::new("elsewhere", "Say where else they could try.")]),
        error_page(id, &blank, vec![Problem::new("why", "Say what was wrong.")]),
        contact_page(id, &blank, Vec::new()),
        work_page(&blank, Vec::new()),
    ]
}
