//! Signing in with a password, proving again who one is, and changing the password.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data, Query},
};
use serde::Deserialize;

use super::{on, sign_in::send_link};
use crate::{
    accounts::{
        Principal,
        letters::Sender,
        passkey,
        password::{self, Outcome, Password},
        people, session,
        session::{Browser, Jar},
        store, ticket,
    },
    app::App,
    db::blocking,
    error::{Failure, Problem},
    values::Email,
    web::{
        form::{Field, Typed},
        form_page::FormPage,
        see_other, way_back,
    },
};

/// Where to go afterwards, and what to say before.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    /// A path of this site.
    #[serde(default)]
    to: String,
    /// Whether a link made this browser known.
    #[serde(default)]
    known: String,
}

/// `GET /sign-in/password`
pub async fn blank(app: Data<App>, request: HttpRequest, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    let mut page = page(&Typed::default(), Vec::new(), way_back(&asked.to));
    let browser = Browser::of(&app, &request);
    if app.passkeys.is_some() && app.db.read(move |c| passkey::offered(c, &browser)).await?.is_some() {
        page.passkey = Some(way_back(&asked.to).to_owned());
    }
    if !asked.known.is_empty() {
        page.notice = Some("We know this browser now. Your role needs your password as well.".to_owned());
    }
    page.shown(&app, &request)
}

fn page(typed: &Typed, problems: Vec<Problem>, back: &str) -> FormPage {
    FormPage::new("Sign in with your password", "/sign-in/password", "Go on")
        .say("For people who work here. The next page asks for a code from your phone.")
        .carry("to", back)
        .ask(Field::email("email", "Your e-mail address").filled("username").typed(typed, &problems))
        .ask(Field::password("password", "Password", "current-password").typed(typed, &problems))
        .or("/sign-in", "I have no password")
        .wrong(problems)
}

/// `POST /sign-in/password`
pub async fn sign_in(app: Data<App>, request: HttpRequest, body: Bytes) -> Result<HttpResponse, Failure> {
    let typed = Typed::read(&body);
    let back = way_back(typed.one("to")).to_owned();
    let Ok(email) = typed.one("email").parse::<Email>() else {
        let problem = Problem::new("email", "Type your e-mail address, such as name@example.org.");
        return page(&typed, vec![problem], &back).shown(&app, &request);
    };
    let (browser, secret) = (Browser::of(&app, &request), Password::typed(typed.raw("password")));
    let shared = app.clone();
    let outcome = blocking(move || password::sign_in(&shared, &email, &secret, &browser)).await?;
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("to", &back).finish();
    let what = match outcome {
        Outcome::Second(token) => {
            return Ok(on(&format!("/sign-in/second?{query}"), vec![Jar::Session.give(&app, &token)]));
        }
        Outcome::SetUp(token) => return Ok(on("/sign-in/set-up", vec![Jar::Session.give(&app, &token)])),
        Outcome::No => Problem::new("password", "That address and that password don’t go together. Try again."),
        Outcome::TooManyForAddress => Problem::new(
            "email",
            "There were too many tries for that address. Ask for a link by mail first. Then this browser is known.",
        ),
        Outcome::TooManyFromNetwork => Problem::new("email", "There were too many tries from where you are. Wait 15 minutes."),
    };
    page(&typed, vec![what], &back).shown(&app, &request)
}

/// `GET /sign-in/again`
pub async fn again(app: Data<App>, request: HttpRequest, who: Principal, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    let proof = proof_of(&app, &who).await?;
    again_page(&proof, Vec::new(), way_back(&asked.to)).shown(&app, &request)
}

/// How someone proves again who they are: in the way in which they sign in.
enum Proof {
    Password,
    /// A link to the address with this mark.
    Link(String),
    Card,
}

async fn proof_of(app: &Data<App>, who: &Principal) -> Result<Proof, Failure> {
    let account = who.account;
    let row = app.db.read(move |c| store::account(c, account)).await?.ok_or(Failure::NotFound)?;
    let closed = row.is_closed();
    Ok(match (row.password, row.email_mark) {
        (Some(_), _) if !closed => Proof::Password,
        (_, Some(mark)) => Proof::Link(mark),
        (_, None) => Proof::Card,
    })
}

fn again_page(proof: &Proof, problems: Vec<Problem>, back: &str) -> FormPage {
    let button = if matches!(proof, Proof::Link(_)) { "Send me a link" } else { "Go on" };
    let page = FormPage::new("Is it you?", "/sign-in/again", button)
        .say("What you want to do next matters. So we make sure that it is you. Then we don’t ask for 10 minutes.")
        .carry("to", back);
    let blank = Typed::default();
    let page = match proof {
        Proof::Password => page.ask(Field::password("password", "Password", "current-password").typed(&blank, &problems)),
        Proof::Link(_) => page.say("We send a link to your e-mail address. It brings you back here."),
        Proof::Card => page
            .say("Type the code on your newest card. You can do that as often as you like. Lost it? Ask your bridge builder for a new one.")
            .ask(Field::line("code", "Code on the card").hint("Like ABCD-EFGH-JKLM.").typed(&blank, &problems)),
    };
    page.or("/start", "No, go back").wrong(problems)
}

/// `POST /sign-in/again`
pub async fn prove(app: Data<App>, request: HttpRequest, who: Principal, body: Bytes) -> Result<HttpResponse, Failure> {
    let typed = Typed::read(&body);
    let back = way_back(typed.one("to")).to_owned();
    let proof = proof_of(&app, &who).await?;
    let (right, problem) = match &proof {
        Proof::Link(mark) => return send_link(&app, &request, mark.clone(), back).await,
        Proof::Password => {
            let problem = Problem::new("password", "That is not your password. Try again.");
            (is_theirs(&app, &who, typed.raw("password")).await?, problem)
        }
        Proof::Card => {
            let problem = Problem::new("code", "That is not the code of your newest card. Try again, or ask for a new one.");
            (is_their_card(&app, &who, typed.one("code")).await?, problem)
        }
    };
    if !right {
        return again_page(&proof, vec![problem], &back).shown(&app, &request);
    }
    let now = app.clock.stamp();
    app.db.write(move |c| session::proved(c, &who.session, now)).await?;
    Ok(see_other(if back.is_empty() { "/start" } else { &back }))
}

/// Whether it is the password of whoever asks. Counted like signing in.
async fn is_theirs(app: &Data<App>, who: &Principal, typed: &str) -> Result<bool, Failure> {
    let (shared, who, typed) = (app.clone(), who.clone(), Password::typed(typed));
    blocking(move || {
        let now = shared.clock.stamp();
        let kept = shared.db.write_now(|c| password::kept_within_limits(c, &shared.vault, &who, now))?;
        typed.is(kept.as_deref())
    })
    .await
}

/// Whether it is the code of their newest card. Counted like a password.
async fn is_their_card(app: &Data<App>, who: &Principal, typed: &str) -> Result<bool, Failure> {
    let (vault, who, typed, now) = (app.vault.clone(), who.clone(), typed.to_owned(), app.clock.stamp());
    app.db
        .write(move |c| {
            Ok(password::within_limits(c, &vault, &who, now)? && ticket::is_card_of(c, &vault, who.account, &typed, now)?)
        })
        .await
}

/// `GET /account/password`
pub async fn change(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    change_page(Vec::new()).shown(&app, &request)
}

fn change_page(problems: Vec<Problem>) -> FormPage {
    let blank = Typed::default();
    FormPage::new("Change your password", "/account/password", "Change it")
        .say("You stay signed in here. Everywhere else you are signed out.")
        .ask(Field::password("old", "The password you have now", "current-password").typed(&blank, &problems))
        .ask(new_field(&problems))
        .ask(again_field(&problems))
        .or("/account", "Back to your account")
        .wrong(problems)
}

pub(super) fn new_field(problems: &[Problem]) -> Field {
    Field::password("password", "New password", "new-password")
        .hint("12 letters, numbers or signs, or more. Four words that don’t belong together work well.")
        .typed(&Typed::default(), problems)
}

pub(super) fn again_field(problems: &[Problem]) -> Field {
    Field::password("again", "The same once more", "new-password").typed(&Typed::default(), problems)
}

/// `POST /account/password`
pub async fn changed(app: Data<App>, request: HttpRequest, who: Principal, body: Bytes) -> Result<HttpResponse, Failure> {
    let typed = Typed::read(&body);
    let mut problems = Vec::new();
    if !is_theirs(&app, &who, typed.raw("old")).await? {
        problems.push(Problem::new("old", "That is not your password. Try again."));
    }
    let (vault, account) = (app.vault.clone(), who.account);
    let (name, email) = app.db.read(move |c| own_words(c, &vault, account)).await?;
    let new = people::new_password(typed.raw("password"), typed.raw("again"), &name, &email);
    let new = new.map_err(|found| problems.extend(found)).ok().filter(|_| problems.is_empty());
    let Some(new) = new else { return change_page(problems).shown(&app, &request) };
    let (shared, now) = (app.clone(), app.clock.stamp());
    blocking(move || {
        let hashed = new.hashed()?;
        shared.db.write_now(|c| people::change_password(c, &Sender::of(&shared), &who, &hashed, now))
    })
    .await?;
    Ok(see_other("/account?done=password"))
}

/// The name and address of an account, which no password may be made of.
pub(super) fn own_words(
    c: &mut crate::db::Conn,
    vault: &crate::vault::Vault,
    account: crate::values::AccountId,
) -> Result<(String, String), Failure> {
    let row = store::account(c, account)?.ok_or(Failure::NotFound)?;
    let (name, email) = people::opened(c, vault, &row)?.ok_or(Failure::NotFound)?;
    Ok((name.show().to_owned(), email.map(|email| email.show().to_owned()).unwrap_or_default()))
}

pub(super) fn samples() -> Vec<FormPage> {
    let wrong = || vec![Problem::new("password", "That address and that password don’t go together. Try again.")];
    vec![
        FormPage { passkey: Some("/accounts".to_owned()), ..page(&Typed::default(), Vec::new(), "/accounts") },
        page(&Typed::default().with("email", "name@example.org"), wrong(), ""),
        again_page(&Proof::Password, Vec::new(), "/accounts"),
        again_page(&Proof::Password, wrong(), ""),
        again_page(&Proof::Link(String::new()), Vec::new(), "/my-path/erase"),
        again_page(&Proof::Card, vec![Problem::new("code", "That is not the code of your newest card. Try again.")], ""),
        change_page(Vec::new()),
        change_page(wrong()),
    ]
}
