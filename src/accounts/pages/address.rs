//! Another address for mail and for signing in.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data},
};

use super::password::own_words;
use crate::{
    accounts::{Principal, address, letters::Sender, ticket},
    app::App,
    error::{Failure, Problem},
    values::Email,
    web::{
        form::{Field, Typed},
        form_page::FormPage,
        see_other,
    },
};

/// Where the code is typed.
pub(super) const CODE: &str = "/account/address/code";

/// `GET /account/address`
pub async fn blank(app: Data<App>, request: HttpRequest, who: Principal) -> Result<HttpResponse, Failure> {
    let now = address_of(&app, &who).await?;
    page(now.as_deref(), &Typed::default(), Vec::new()).shown(&app, &request)
}

async fn address_of(app: &App, who: &Principal) -> Result<Option<String>, Failure> {
    let (vault, account) = (app.vault.clone(), who.account);
    let (_, email) = app.db.read(move |c| own_words(c, &vault, account)).await?;
    Ok(Some(email).filter(|email| !email.is_empty()))
}

fn page(now: Option<&str>, typed: &Typed, problems: Vec<Problem>) -> FormPage {
    let page = match now {
        Some(now) => FormPage::new("Change your address", "/account/address", "Send a code there")
            .say(format!("Your mail goes to {now}. You sign in with that address, too.")),
        None => FormPage::new("Add an address", "/account/address", "Send a code there")
            .say("With an e-mail address you can sign in by a link. You need no card then."),
    };
    page.say("We send a code to the new address. Nothing changes until you type it here.")
        .ask(Field::email("email", "Your new e-mail address").typed(typed, &problems))
        .or("/account", "Back to your account")
        .wrong(problems)
}

/// `POST /account/address`
pub async fn ask(app: Data<App>, request: HttpRequest, who: Principal, body: Bytes) -> Result<HttpResponse, Failure> {
    let (typed, before) = (Typed::read(&body), address_of(&app, &who).await?);
    let wanted = match typed.one("email").parse::<Email>() {
        Err(_) => Err(Problem::new("email", "Type an e-mail address, such as name@example.org.")),
        Ok(wanted) if before.as_deref() == Some(wanted.as_str()) => Err(Problem::new("email", "Your mail goes there already.")),
        Ok(wanted) => Ok(wanted),
    };
    let (sender, now) = (Sender::of(&app), app.clock.stamp());
    app.write_or_ask_again(
        wanted.map_err(|problem| vec![problem]),
        move |c, wanted: Email| {
            if address::ask(c, &sender, &who, &wanted, now)? { Ok(CODE.to_owned()) } else { Err(Failure::TooMany(60 * 60)) }
        },
        async |problems| page(before.as_deref(), &typed, problems).shown(&app, &request),
    )
    .await
}

/// `GET /account/address/code`
pub async fn code(app: Data<App>, request: HttpRequest, who: Principal) -> Result<HttpResponse, Failure> {
    match wanted(&app, &who).await? {
        Some(wanted) => code_page(&wanted, app.demo(), Vec::new()).shown(&app, &request),
        None => Ok(see_other("/account/address")),
    }
}

async fn wanted(app: &App, who: &Principal) -> Result<Option<String>, Failure> {
    let (vault, account, now) = (app.vault.clone(), who.account, app.clock.stamp());
    let wanted = app.db.read(move |c| ticket::wanted_address(c, &vault, account, now)).await?;
    Ok(wanted.map(|(_, wanted)| wanted.show().to_owned()))
}

fn code_page(wanted: &str, demo: bool, problems: Vec<Problem>) -> FormPage {
    let page = FormPage::new("Look at your mail", CODE, "This is my address now")
        .say(format!("A letter with a code is on its way to {wanted}. It may take a minute. The code works for an hour."))
        .ask(Field::line("code", "Code from the letter").typed(&Typed::default(), &problems))
        .or("/account/address", "Another address")
        .or("/account", "Leave it as it was")
        .wrong(problems);
    if demo { page.or("/demo/post", "Letters that this demo sent") } else { page }
}

/// `POST /account/address/code`
pub async fn take(app: Data<App>, request: HttpRequest, who: Principal, body: Bytes) -> Result<HttpResponse, Failure> {
    let Some(wanted) = wanted(&app, &who).await? else { return Ok(see_other("/account/address")) };
    let (sender, code, now) = (Sender::of(&app), Typed::read(&body).one("code").to_owned(), app.clock.stamp());
    let taken = app.db.write(move |c| address::take(c, &sender, &who, &code, now)).await;
    let problems = match taken {
        Ok(true) => return Ok(see_other("/account?done=address")),
        Ok(false) => vec![Problem::new("code", "That is not the code from the newest letter. Try again, or ask for a new one.")],
        Err(Failure::Invalid(problems)) => problems,
        Err(other) => return Err(other),
    };
    code_page(&wanted, app.demo(), problems).shown(&app, &request)
}

pub(super) fn samples() -> Vec<FormPage> {
    let wrong = |field, words| vec![Problem::new(field, words)];
    vec![
        page(Some("name@example.org"), &Typed::default(), Vec::new()),
        page(None, &Typed::default().with("email", "name"), wrong("email", "Type an e-mail address, such as name@example.org.")),
        code_page("new@example.org", true, Vec::new()),
        code_page("new@example.org", false, wrong("code", "That is not the code from the newest letter.")),
    ]
}
