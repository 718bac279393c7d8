//! An invitation: whoever is invited sets a password, or just comes in where their role needs none.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data, Path},
};

use super::{on, password};
use crate::{
    accounts::{
        letters::Sender,
        password::Password,
        people, session,
        session::{Browser, Jar, Stage},
        store, ticket,
        token::Token,
    },
    app::App,
    db::blocking,
    error::{Failure, Problem},
    web::{form::Typed, form_page::FormPage},
};

/// Whoever is invited.
#[derive(Clone)]
struct Invited {
    name: String,
    email: String,
    staff: bool,
}

/// `GET /invitation/{token}`
pub async fn blank(app: Data<App>, request: HttpRequest, token: Path<String>) -> Result<HttpResponse, Failure> {
    match invited(&app, &token).await? {
        Some(invited) => page(&token, invited.staff, Vec::new()).shown(&app, &request),
        None => spent().shown(&app, &request),
    }
}

async fn invited(app: &Data<App>, token: &str) -> Result<Option<Invited>, Failure> {
    let (link, vault, now) = (Token::sent(token), app.vault.clone(), app.clock.stamp());
    app.db
        .read(move |c| {
            let Some(account) = ticket::invited(c, &link, now)? else { return Ok(None) };
            let (name, email) = password::own_words(c, &vault, account)?;
            let staff = store::grants(c, account)?.iter().any(|grant| grant.role.is_staff());
            Ok(Some(Invited { name, email, staff }))
        })
        .await
}

fn page(token: &str, staff: bool, problems: Vec<Problem>) -> FormPage {
    let page = FormPage::new("Welcome", format!("/invitation/{token}"), "Go on").say("You were invited to Footbridge.");
    if !staff {
        return page.say("You need no password. Each time you want to come in, we send you a link by mail.");
    }
    page.say("Choose a password. After that you set up a code from your phone as a second step.")
        .ask(password::new_field(&problems))
        .ask(password::again_field(&problems))
        .wrong(problems)
}

fn spent() -> FormPage {
    FormPage::new("This invitation doesn’t work", "", "")
        .say("An invitation works once, for 7 days. Ask whoever invited you for a new one.")
        .or("/sign-in", "I have an account: sign in")
        .wrong(vec![Problem::new("main", "This invitation was used, or it is too old.")])
}

/// `POST /invitation/{token}`
pub async fn accept(app: Data<App>, request: HttpRequest, token: Path<String>, body: Bytes) -> Result<HttpResponse, Failure> {
    let Some(invited) = invited(&app, &token).await? else { return spent().shown(&app, &request) };
    let typed = Typed::read(&body);
    let new = if invited.staff {
        match people::new_password(typed.raw("password"), typed.raw("again"), &invited.name, &invited.email) {
            Ok(password) => Some(password),
            Err(problems) => return page(&token, true, problems).shown(&app, &request),
        }
    } else {
        None
    };
    let (shared, browser, link) = (app.clone(), Browser::of(&app, &request), Token::sent(&token));
    let stage = if invited.staff { Stage::SetUp } else { Stage::Whole };
    let session = blocking(move || begin(&shared, &link, new.as_ref(), stage, &browser)).await?;
    match session {
        Some(session) => {
            let to = if invited.staff { "/sign-in/set-up" } else { "/start" };
            Ok(on(to, vec![Jar::Session.give(&app, &session)]))
        }
        None => spent().shown(&app, &request),
    }
}

fn begin(app: &App, link: &Token, new: Option<&Password>, stage: Stage, browser: &Browser) -> Result<Option<Token>, Failure> {
    let (hashed, now) = (new.map(Password::hashed).transpose()?, app.clock.stamp());
    app.db.write_now(|c| match people::accept(c, &Sender::of(app), link, hashed.as_deref(), now)? {
        Some(account) => session::begin(c, account, stage, browser, now).map(Some),
        None => Ok(None),
    })
}

pub(super) fn samples() -> Vec<FormPage> {
    let problem = vec![Problem::new("again", "This is not the same as the password above. Type it again.")];
    vec![page("token", true, Vec::new()), page("token", true, problem), page("token", false, Vec::new()), spent()]
}
