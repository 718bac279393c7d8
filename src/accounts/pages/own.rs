//! One's own account: who one is here, where one is signed in, password and codes.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data, Query},
};
use chrono::{DateTime, NaiveDateTime, TimeZone};
use chrono_tz::Europe::London;
use serde::Serialize;

use super::sign_out;
use crate::{
    accounts::{Principal, Role, passkey, people, second, session, store},
    app::App,
    error::Failure,
    mail,
    web::{asked::Asked, form::Typed, page::Page, see_other, views::say},
};

/// A session as its owner sees it.
#[derive(Debug, Clone, Serialize)]
pub struct SessionLine {
    /// Its name, to end it by.
    pub id: String,
    /// "Firefox on Android".
    pub device: String,
    /// "21 November 2026, 12:00".
    pub began: String,
    /// When it was last seen.
    pub seen: String,
    /// Whether it is this one.
    pub here: bool,
}

/// One's own account.
#[derive(Debug, Clone, Serialize)]
pub struct AccountPage {
    /// What they are called.
    pub name: String,
    /// Where letters go.
    pub email: Option<String>,
    /// What they are here as.
    pub roles: Vec<String>,
    /// Where they are signed in.
    pub sessions: Vec<SessionLine>,
    /// Whether their role signs in with a passkey, or a password and a second step.
    pub staff: bool,
    /// Whether they have a password.
    pub password: bool,
    /// Recovery codes left.
    pub codes_left: i64,
    /// Their passkeys; none where the service has none, since its address is no name.
    pub passkeys: Option<Vec<passkey::Line>>,
    /// Whether they look after accounts.
    pub looks_after: bool,
    /// Letters that could not be sent, for whoever looks after those: "3 letters".
    pub unsent: Option<String>,
    /// Whether they take referrals in.
    pub takes_in: bool,
    /// Whether they go along with people.
    pub goes_along: bool,
    /// Whether they have a path of their own here, and begin elsewhere.
    pub path: bool,
    /// What was done.
    pub done: Option<&'static str>,
}

impl Page for AccountPage {
    const TEMPLATE: &'static str = "account.html";

    fn title(&self) -> String {
        "Your account".to_owned()
    }

    fn samples() -> Vec<Self> {
        let line = |here| SessionLine {
            id: "kG2".to_owned(),
            device: "Firefox on Android".to_owned(),
            began: "21 November 2026, 12:00".to_owned(),
            seen: "21 November 2026, 12:00".to_owned(),
            here,
        };
        let staff = Self {
            name: "Rowan Ashby".to_owned(),
            email: Some("rowan@example.org".to_owned()),
            roles: vec!["Bridge builder, East team".to_owned()],
            sessions: vec![line(true), line(false)],
            staff: true,
            password: true,
            codes_left: 2,
            passkeys: Some(vec![passkey::Line {
                id: "k1".to_owned(),
                name: "My phone".to_owned(),
                added_at: NaiveDateTime::default(),
            }]),
            looks_after: true,
            unsent: Some(unsent(3)),
            takes_in: true,
            goes_along: true,
            path: true,
            done: done("password"),
        };
        let client = Self {
            email: None,
            roles: Vec::new(),
            sessions: vec![line(true)],
            staff: false,
            password: false,
            passkeys: None,
            looks_after: false,
            unsent: None,
            takes_in: false,
            goes_along: false,
            path: false,
            done: None,
            ..staff.clone()
        };
        vec![staff, client]
    }
}

fn done(what: &str) -> Option<&'static str> {
    match what {
        "password" => Some("Your password is changed."),
        "passkey" => Some("That passkey no longer works here."),
        "passkey-added" => Some("Your passkey is set up. You can use it to sign in."),
        "address" => Some("Your mail goes to your new address from now on. Use it to sign in."),
        "mail" => Some("Your choice is kept."),
        "declined" => Some("You said no. Nobody hears that you have an account here."),
        "session" => Some("You are signed out there."),
        _ => None,
    }
}

/// `GET /account`
pub async fn account(app: Data<App>, request: HttpRequest, who: Principal, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    let (vault, done, has_passkeys) = (app.vault.clone(), done(&asked.done), app.passkeys.is_some());
    let page = app.db.read(move |c| {
        let row = store::account(c, who.account)?.ok_or(Failure::NotFound)?;
        let (name, email) = people::opened(c, &vault, &row)?.ok_or(Failure::NotFound)?;
        let sessions = session::all_of(c, who.account)?;
        Ok(AccountPage {
            name: name.show().to_owned(),
            email: email.map(|email| email.show().to_owned()),
            roles: roles(&who, &store::teams(c, MOST_TEAMS)?),
            sessions: sessions.into_iter().map(|row| line(row, &who)).collect(),
            staff: who.is_any(Role::STAFF),
            password: row.password.is_some(),
            codes_left: second::codes_left(c, who.account)?,
            passkeys: if has_passkeys { Some(passkey::named(c, &vault, who.account)?) } else { None },
            looks_after: who.is_any(&[Role::Administrator, Role::Coordinator]),
            unsent: if who.is(Role::Administrator) { Some(unsent(mail::count_failed(c)?)) } else { None },
            takes_in: who.is(Role::Coordinator),
            goes_along: who.is_any(&[Role::BridgeBuilder, Role::Peer]),
            path: who.is(Role::Client) && who.home().0 != "/my-path",
            done,
        })
    });
    app.page(&request, &page.await?)
}

/// How many letters could not be sent, in words.
pub(super) fn unsent(letters: i64) -> String {
    say::count(u64::try_from(letters).unwrap_or(0), "letter", "letters")
}

/// Most teams that are read at once.
pub(super) const MOST_TEAMS: i64 = 500;

/// Roles in words, each with its team; being a client goes without saying.
fn roles(who: &Principal, teams: &[store::Team]) -> Vec<String> {
    let said = who.grants.iter().filter(|grant| grant.role != Role::Client);
    said.map(|grant| in_words(*grant, teams)).collect()
}

pub(super) fn in_words(grant: crate::accounts::Grant, teams: &[store::Team]) -> String {
    let team = grant.team.and_then(|id| teams.iter().find(|team| team.id == id));
    team.map_or_else(
        || grant.role.label().to_owned(),
        |team| format!("{}, {} ({})", grant.role.label(), team.name, team.organisation),
    )
}

fn line(row: session::Row, who: &Principal) -> SessionLine {
    let here = row.id == who.session;
    SessionLine { began: moment(row.began_at), seen: moment(row.seen_at), here, id: row.id, device: row.device }
}

/// An instant as people in London say it: "21 November 2026, 12:00".
pub(super) fn moment(at: NaiveDateTime) -> String {
    let there: DateTime<_> = London.from_utc_datetime(&at);
    there.format("%-d %B %Y, %H:%M").to_string()
}

/// `POST /account/sessions`: ends one of one's sessions, or all but this one.
pub async fn end_session(app: Data<App>, who: Principal, body: Bytes) -> Result<HttpResponse, Failure> {
    let id = Typed::read(&body).one("session").to_owned();
    let here = id == who.session;
    app.db
        .write(move |c| {
            if id.is_empty() {
                return session::end_all(c, who.account, Some(&who.session));
            }
            let theirs = session::all_of(c, who.account)?.iter().any(|row| row.id == id);
            if theirs { session::end(c, &id) } else { Err(Failure::NotFound) }
        })
        .await?;
    if here { sign_out(&app, see_other("/")) } else { Ok(see_other("/account?done=session")) }
}
