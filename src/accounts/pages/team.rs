//! Those who work here, for those who look after them: a list, an invitation, one account.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data, Path, Query},
};
use serde::Serialize;

use super::own::{MOST_TEAMS, in_words, moment, unsent};
use crate::{
    accounts::{
        Grant, Principal, Role, State,
        letters::Sender,
        offers,
        people::{self, Invite, LONGEST_NAME},
        store::{self, Team, Within},
    },
    app::App,
    db::Conn,
    error::{Failure, Problem},
    mail,
    values::{AccountId, Email},
    vault::{Private, Vault},
    web::{
        asked::Asked,
        form::{Choose, Field, Typed},
        form_page::{FormPage, Part},
        page::Page,
        see_other,
    },
};

/// Accounts on one page.
const PER_PAGE: i64 = 25;
/// Furthest page.
const LAST_PAGE: i64 = 500;

/// An account in the list.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    /// Where it is.
    pub href: String,
    /// What they are called.
    pub name: String,
    /// Where letters go.
    pub email: String,
    /// What they are here as.
    pub roles: Vec<String>,
    /// How the account stands.
    pub state: &'static str,
}

/// The accounts of those who work here.
#[derive(Debug, Clone, Serialize)]
pub struct AccountsPage {
    /// One page of them.
    pub lines: Vec<Line>,
    /// How many there are.
    pub total: i64,
    /// The page before.
    pub previous: Option<String>,
    /// The page after.
    pub next: Option<String>,
    /// Letters that could not be sent, for whoever looks after those: "3 letters".
    pub unsent: Option<String>,
    /// What was done.
    pub done: Option<&'static str>,
}

impl Page for AccountsPage {
    const TEMPLATE: &'static str = "accounts.html";

    fn title(&self) -> String {
        "The people who work here".to_owned()
    }

    fn samples() -> Vec<Self> {
        let full = Self {
            lines: vec![sample()],
            total: 60,
            previous: Some("/accounts?page=1".to_owned()),
            next: Some("/accounts?page=3".to_owned()),
            unsent: Some(unsent(1)),
            done: done("invited"),
        };
        vec![Self { lines: Vec::new(), total: 0, previous: None, next: None, unsent: None, done: None }, full]
    }
}

fn sample() -> Line {
    Line {
        href: "/accounts/6f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d8".to_owned(),
        name: "Rowan Ashby".to_owned(),
        email: "rowan@example.org".to_owned(),
        roles: vec!["Bridge builder, East team (Harbour Trust)".to_owned()],
        state: State::Active.label(),
    }
}

/// One account, to look after.
#[derive(Debug, Clone, Serialize)]
pub struct OnePage {
    /// It, as in the list.
    pub line: Line,
    /// When it was made.
    pub since: String,
    /// Whether it is closed.
    pub closed: bool,
    /// Whether it is one's own, which one doesn't close.
    pub own: bool,
    /// Whether whoever asks may close it, open it again and let a new phone be set up.
    pub may: bool,
    /// Whether they have yet to take up their invitation.
    pub invited: bool,
    /// Whether they sign in as before once it is open again; else they are invited still.
    pub comes_back: bool,
    /// Whether it has a second step to forget.
    pub second: bool,
    /// What they may be here as.
    pub roles: Choose,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// What was done.
    pub done: Option<&'static str>,
}

impl Page for OnePage {
    const TEMPLATE: &'static str = "account-of.html";

    fn title(&self) -> String {
        "An account".to_owned()
    }

    fn is_wrong(&self) -> bool {
        !self.problems.is_empty()
    }

    fn samples() -> Vec<Self> {
        let roles = Choose::several("roles", "What are they here as?", &[("administrator ", "Administrator")]);
        let one = Self {
            line: sample(),
            since: "21 November 2026, 12:00".to_owned(),
            closed: false,
            own: false,
            may: true,
            invited: false,
            comes_back: true,
            second: true,
            roles,
            problems: Vec::new(),
            done: done("roles"),
        };
        let problems = vec![Problem::new("roles", "Choose at least one.")];
        let others = Self { may: false, ..one.clone() };
        let invited = Self { invited: true, second: false, ..one.clone() };
        let never_came = Self { closed: true, comes_back: false, second: false, ..one.clone() };
        vec![invited, never_came, Self { closed: true, own: true, second: false, problems, ..one.clone() }, others, one]
    }
}

fn done(what: &str) -> Option<&'static str> {
    match what {
        "invited" => Some("The invitation is on its way."),
        "invited-again" => Some("A new invitation is on its way. The one before works no more."),
        "roles" => Some("The roles are changed. They sign in again to use them."),
        "closed" => Some("The account is closed."),
        "reopened" => Some("The account is open again."),
        "second-step" => Some("They set up their second step anew when they next sign in."),
        _ => None,
    }
}

/// `GET /accounts`
pub async fn list(app: Data<App>, request: HttpRequest, who: Principal, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    let page = asked.page(LAST_PAGE);
    let (vault, done) = (app.vault.clone(), done(&asked.done));
    let administers = who.is(Role::Administrator);
    let within = if administers { Within::All } else { Within::Teams(who.teams_as(Role::Coordinator)) };
    let shown = app.db.read(move |c| {
        let teams = store::teams(c, MOST_TEAMS)?;
        let (rows, total) = store::listed(c, &within, page, PER_PAGE)?;
        let lines: Result<Vec<Line>, Failure> = rows.iter().map(|row| line(c, &vault, row, &teams)).collect();
        let at = |page: i64| format!("/accounts?page={page}");
        Ok(AccountsPage {
            lines: lines?,
            total,
            previous: (page > 1).then(|| at(page - 1)),
            next: (page * PER_PAGE < total && page < LAST_PAGE).then(|| at(page + 1)),
            unsent: if administers { Some(unsent(mail::count_failed(c)?)) } else { None },
            done,
        })
    });
    app.page(&request, &shown.await?)
}

fn line(c: &mut Conn, vault: &Vault, row: &store::Row, teams: &[Team]) -> Result<Line, Failure> {
    let id: AccountId = row.id.parse().map_err(|_| Failure::internal("an account without an id"))?;
    let (name, email) = people::opened(c, vault, row)?.ok_or(Failure::NotFound)?;
    let grants = store::grants(c, id)?;
    Ok(Line {
        href: format!("/accounts/{id}"),
        name: name.show().to_owned(),
        email: email.map(|email| email.show().to_owned()).unwrap_or_default(),
        roles: grants.iter().filter(|grant| grant.role != Role::Client).map(|grant| in_words(*grant, teams)).collect(),
        state: State::from_code(&row.state).map_or("", State::label),
    })
}

/// Every role that `who` may give, each in each team it may be held in: value and words.
fn choices(who: &Principal, teams: &[Team]) -> Vec<(String, String)> {
    let anywhere = Role::ALL.iter().filter(|role| !role.is_in_a_team()).map(|role| Grant { role: *role, team: None });
    let in_teams = teams.iter().flat_map(|team| Role::IN_TEAMS.iter().map(|role| Grant { role: *role, team: Some(team.id) }));
    let may = anywhere.chain(in_teams).filter(|grant| people::may_grant(Some(who), &[*grant]));
    may.map(|grant| (value(grant), in_words(grant, teams))).collect()
}

fn value(grant: Grant) -> String {
    format!("{} {}", grant.role, grant.team.map(|team| team.to_string()).unwrap_or_default())
}

fn chosen(value: &str) -> Option<Grant> {
    let (role, team) = value.split_once(' ')?;
    Some(Grant { role: Role::from_code(role)?, team: if team.is_empty() { None } else { Some(team.parse().ok()?) } })
}

fn roles_field(who: &Principal, teams: &[Team]) -> Choose {
    let choices = choices(who, teams);
    let choices: Vec<(&str, &str)> = choices.iter().map(|(value, words)| (value.as_str(), words.as_str())).collect();
    Choose::several("roles", "What are they here as?", &choices)
}

/// The roles that were chosen, if `who` may give them all.
fn roles_given(who: &Principal, typed: &Typed) -> Result<Vec<Grant>, Problem> {
    let grants: Option<Vec<Grant>> = typed.all("roles").iter().map(|value| chosen(value)).collect();
    let grants = grants.filter(|grants| people::may_grant(Some(who), grants));
    grants.ok_or_else(|| Problem::new("roles", "Choose at least one of these."))
}

/// `GET /accounts/invite`
pub async fn invite(app: Data<App>, request: HttpRequest, who: Principal) -> Result<HttpResponse, Failure> {
    let teams = app.db.read(|c| store::teams(c, MOST_TEAMS)).await?;
    invite_page(&roles_field(&who, &teams), &Typed::default(), Vec::new()).shown(&app, &request)
}

fn invite_page(roles: &Choose, typed: &Typed, problems: Vec<Problem>) -> FormPage {
    let name = Field::line("name", "What are they called?");
    FormPage::new("Invite someone to work here", "/accounts/invite", "Send the invitation")
        .say("They get a letter with a link. It works once, for 7 days.")
        .ask(name.filled("off").typed(typed, &problems))
        .ask(Field::email("email", "Their e-mail address").filled("off").typed(typed, &problems))
        .ask(Part::from(roles.clone().typed(typed, &problems)))
        .or("/accounts", "Back to the list")
        .wrong(problems)
}

/// `POST /accounts/invite`
pub async fn invited(app: Data<App>, request: HttpRequest, who: Principal, body: Bytes) -> Result<HttpResponse, Failure> {
    let typed = Typed::read(&body);
    let teams = app.db.read(|c| store::teams(c, MOST_TEAMS)).await?;
    let roles = roles_field(&who, &teams);
    let (shared, invite) = (app.clone(), parse(&who, &typed));
    app.write_or_ask_again(
        invite,
        move |c, invite| {
            people::invite_by_letter(c, &shared, &invite, Some(&who))?;
            Ok("/accounts?done=invited".to_owned())
        },
        async |problems| invite_page(&roles, &typed, problems).shown(&app, &request),
    )
    .await
}

fn parse(who: &Principal, typed: &Typed) -> Result<Invite, Vec<Problem>> {
    let mut problems = Vec::new();
    let name = typed.one("name");
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        problems.push(Problem::new("name", "Type a name of up to 100 letters."));
    }
    let email = typed.one("email").parse::<Email>();
    if email.is_err() {
        problems.push(Problem::new("email", "Type an e-mail address, such as name@example.org."));
    }
    let grants = roles_given(who, typed).map_err(|problem| problems.push(problem));
    match (email, grants) {
        (Ok(email), Ok(grants)) if problems.is_empty() => Ok(Invite { email, name: Private::new(name), grants }),
        _ => Err(problems),
    }
}

/// `GET /accounts/{account}`
pub async fn one(
    app: Data<App>,
    request: HttpRequest,
    who: Principal,
    id: Path<AccountId>,
    asked: Query<Asked>,
) -> Result<HttpResponse, Failure> {
    one_page(&app, &request, who, *id, Vec::new(), done(&asked.done)).await
}

async fn one_page(
    app: &Data<App>,
    request: &HttpRequest,
    who: Principal,
    id: AccountId,
    problems: Vec<Problem>,
    done: Option<&'static str>,
) -> Result<HttpResponse, Failure> {
    let vault = app.vault.clone();
    let shown = app.db.read(move |c| {
        let row = store::account(c, id)?.ok_or(Failure::NotFound)?;
        let teams = store::teams(c, MOST_TEAMS)?;
        let grants = store::grants(c, id)?;
        let may = people::may_look_after(&who, &grants);
        let comes_back = row.password.is_some() || !(offers::needs_password(&grants) || offers::is_offer(&row));
        let held: Vec<String> = grants.into_iter().map(value).collect();
        let mut roles = roles_field(&who, &teams);
        roles.answers.iter_mut().for_each(|answer| answer.chosen = held.contains(&answer.value));
        roles.error = crate::web::form::error(&problems, "roles");
        Ok(OnePage {
            line: line(c, &vault, &row, &teams)?,
            since: moment(row.created_at),
            closed: row.state == State::Disabled.code(),
            own: who.account == id,
            may,
            invited: row.state == State::Invited.code(),
            comes_back,
            second: row.totp_step.is_some(),
            roles,
            problems,
            done,
        })
    });
    app.page(request, &shown.await?)
}

/// `POST /accounts/{account}/roles`: roles that whoever asks may not give stay as they are.
pub async fn set_roles(
    app: Data<App>,
    request: HttpRequest,
    who: Principal,
    id: Path<AccountId>,
    body: Bytes,
) -> Result<HttpResponse, Failure> {
    let (id, now, by, sender) = (*id, app.clock.stamp(), who.clone(), Sender::of(&app));
    app.write_or_ask_again(
        roles_given(&who, &Typed::read(&body)).map_err(|problem| vec![problem]),
        move |c, given| {
            let held = store::grants(c, id)?.into_iter();
            let others = held.filter(|grant| !people::may_grant(Some(&by), &[*grant]));
            let to: Vec<Grant> = given.into_iter().chain(others).collect();
            people::change_roles(c, &sender, Some(&by), id, &to, now)?;
            Ok(format!("/accounts/{id}?done=roles"))
        },
        async |problems| one_page(&app, &request, who, id, problems, None).await,
    )
    .await
}

/// `POST /accounts/{account}/close`
pub async fn close(app: Data<App>, who: Principal, id: Path<AccountId>) -> Result<HttpResponse, Failure> {
    if *id == who.account {
        return Err(Failure::invalid("account", "You can’t close your own account."));
    }
    change(&app, who, *id, "closed", people::close).await
}

/// `POST /accounts/{account}/reopen`
pub async fn reopen(app: Data<App>, who: Principal, id: Path<AccountId>) -> Result<HttpResponse, Failure> {
    change(&app, who, *id, "reopened", people::reopen).await
}

/// `POST /accounts/{account}/invitation`: sends it again, with a new link.
pub async fn invite_again(app: Data<App>, who: Principal, id: Path<AccountId>) -> Result<HttpResponse, Failure> {
    change(&app, who, *id, "invited-again", offers::invite_again).await
}

/// `POST /accounts/{account}/second-step`
pub async fn forget_second_step(app: Data<App>, who: Principal, id: Path<AccountId>) -> Result<HttpResponse, Failure> {
    change(&app, who, *id, "second-step", people::forget_second_step).await
}

type Change = fn(&mut Conn, &Sender, Option<&Principal>, AccountId, chrono::NaiveDateTime) -> Result<(), Failure>;

async fn change(app: &App, who: Principal, id: AccountId, done: &str, change: Change) -> Result<HttpResponse, Failure> {
    let (sender, now) = (Sender::of(app), app.clock.stamp());
    app.db
        .write(move |c| {
            if !people::may_look_after(&who, &store::grants(c, id)?) {
                return Err(Failure::invalid("account", "Only an administrator can do this."));
            }
            change(c, &sender, Some(&who), id, now)
        })
        .await?;
    Ok(see_other(&format!("/accounts/{id}?done={done}")))
}

pub(super) fn samples() -> Vec<FormPage> {
    let roles = Choose::several(
        "roles",
        "What are they here as?",
        &[("administrator ", "Administrator"), ("commissioner ", "Commissioner")],
    );
    let problems =
        vec![Problem::new("roles", "Choose at least one of these."), Problem::new("name", "Type a name of up to 100 letters.")];
    vec![
        invite_page(&roles, &Typed::default(), Vec::new()),
        invite_page(&roles, &Typed::default().with("name", "Rowan"), problems),
    ]
}
