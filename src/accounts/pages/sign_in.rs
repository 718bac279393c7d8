//! Signing in by a link in a letter, by the code beside it, or by a printed card; signing out.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data, Path, Query},
};
use serde::Deserialize;

use super::{arrived, on, sign_out};
use crate::{
    accounts::{
        Principal,
        letters::Sender,
        session::{self, Browser, Jar},
        ticket::{self, Redeemed},
        token::Token,
        tries,
    },
    app::App,
    db::Conn,
    error::{Failure, Problem},
    mail::Change,
    values::Email,
    vault::Vault,
    web::{
        form::{Field, Typed},
        form_page::FormPage,
        see_other, way_back,
    },
};

/// Where to go afterwards.
#[derive(Debug, Default, Deserialize)]
pub struct Back {
    /// A path of this site.
    #[serde(default)]
    to: String,
}

impl Back {
    /// The path, if it is one of ours; else blank.
    pub fn path(&self) -> &str {
        way_back(&self.to)
    }
}

/// `GET /sign-in`
pub async fn blank(app: Data<App>, request: HttpRequest, back: Query<Back>) -> Result<HttpResponse, Failure> {
    page(&Typed::default(), Vec::new(), back.path()).shown(&app, &request)
}

fn page(typed: &Typed, problems: Vec<Problem>, back: &str) -> FormPage {
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("to", back).finish();
    let keep = |path: &str| if back.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    FormPage::new("Sign in", "/sign-in", "Send me a link")
        .say("You need no password. We send a link to your e-mail address. It lets you in.")
        .carry("to", back)
        .ask(Field::email("email", "Your e-mail address").typed(typed, &problems))
        .or(keep("/sign-in/card"), "I have a card with a code")
        .or(keep("/sign-in/password"), "I work here and have a password")
        .wrong(problems)
}

/// `POST /sign-in`
pub async fn ask(app: Data<App>, request: HttpRequest, body: Bytes) -> Result<HttpResponse, Failure> {
    let typed = Typed::read(&body);
    let back = way_back(typed.one("to")).to_owned();
    let Ok(email) = typed.one("email").parse::<Email>() else {
        let problem = Problem::new("email", "Type your e-mail address, such as name@example.org.");
        return page(&typed, vec![problem], &back).shown(&app, &request);
    };
    let mark = app.vault.mark("email", email.as_str());
    send_link(&app, &request, mark, back).await
}

/// Sends a link to an address, known by its mark; it leads back to this path.
pub(super) async fn send_link(
    app: &Data<App>,
    request: &HttpRequest,
    mark: String,
    back: String,
) -> Result<HttpResponse, Failure> {
    let browser = Browser::of(app, request);
    let (vault, now) = (app.vault.clone(), app.clock.stamp());
    let asked = app.db.write(move |c| ticket::ask_for_link(c, &vault, mark, &browser, &back, now));
    match asked.await? {
        Some(asked) => Ok(on("/sign-in/sent", vec![Jar::Asked.give(app, &asked)])),
        None => Err(Failure::TooMany(15 * 60)),
    }
}

/// `GET /sign-in/sent`
pub async fn sent(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    sent_page(app.demo(), Vec::new()).shown(&app, &request)
}

fn sent_page(demo: bool, problems: Vec<Problem>) -> FormPage {
    let page = FormPage::new("Look at your mail", "/sign-in/code", "Sign in with the code")
        .say("If we know your address, a letter is on its way. It may take a minute.")
        .say("Open the link in it on this device, in this browser. The link works once, for 10 minutes.")
        .say("Do you read your mail on another device? Then type the code from the letter here.")
        .ask(
            Field::line("code", "Code from the letter")
                .hint("8 numbers")
                .digits()
                .filled("one-time-code")
                .typed(&Typed::default(), &problems),
        )
        .or("/sign-in", "No letter? Ask again")
        .wrong(problems);
    if demo { page.or("/demo/post", "This is a demo: see the letters here") } else { page }
}

/// `POST /sign-in/code`
pub async fn code(app: Data<App>, request: HttpRequest, body: Bytes) -> Result<HttpResponse, Failure> {
    let typed = Typed::read(&body);
    let code = typed.one("code").to_owned();
    let redeem = move |c: &mut Conn, vault: &Vault, browser: &Browser, now| ticket::redeem_code(c, vault, &code, browser, now);
    let answer = let_in(&app, &request, "", redeem).await?;
    answer.map_or_else(
        || {
            let problem = Problem::new("code", "That code doesn’t work. Look at the newest letter, or ask for another.");
            sent_page(app.demo(), vec![problem]).shown(&app, &request)
        },
        Ok,
    )
}

/// `GET /sign-in/link/{token}`: a button; only pressing it uses the link up, so that a mail scanner that follows links does no harm.
pub async fn link(app: Data<App>, request: HttpRequest, token: Path<String>) -> Result<HttpResponse, Failure> {
    let (link, browser) = (Token::sent(&token), Browser::of(&app, &request));
    let here = app.db.read(move |c| ticket::asked_here(c, &link, &browser)).await?;
    link_page(&token, here).shown(&app, &request)
}

fn link_page(token: &str, here: bool) -> FormPage {
    if here {
        return FormPage::new("Sign in", format!("/sign-in/link/{token}"), "Sign in")
            .say("Press the button and you are in. The link works once.");
    }
    FormPage::new("Go back to where you asked", "", "")
        .say("You asked for this link on another device or in another browser.")
        .say("Go back there and type the code from the letter. Or ask for a new link here.")
        .or("/sign-in", "Ask for a new link here")
}

/// `POST /sign-in/link/{token}`
pub async fn redeem(app: Data<App>, request: HttpRequest, token: Path<String>) -> Result<HttpResponse, Failure> {
    let link = Token::sent(&token);
    let redeem = move |c: &mut Conn, _: &Vault, browser: &Browser, now| ticket::redeem_link(c, &link, browser, now);
    match let_in(&app, &request, "", redeem).await? {
        Some(answer) => Ok(answer),
        None => spent().shown(&app, &request),
    }
}

fn spent() -> FormPage {
    FormPage::new("This link doesn’t work", "", "")
        .say("A link works once, for 10 minutes, in the browser that asked for it.")
        .or("/sign-in", "Ask for a new link")
        .or("/sign-in/sent", "Type the code from the letter")
        .wrong(vec![Problem::new("main", "This link was used, or it is too old, or you asked for it elsewhere.")])
}

/// `GET /sign-in/card`
pub async fn card(app: Data<App>, request: HttpRequest, back: Query<Back>) -> Result<HttpResponse, Failure> {
    card_page(&Typed::default().with("to", back.path()), Vec::new()).shown(&app, &request)
}

fn card_page(typed: &Typed, problems: Vec<Problem>) -> FormPage {
    FormPage::new("Sign in with your card", "/sign-in/card", "Sign in")
        .say("Your bridge builder gave you a card with a code. You can use it once. This device then knows you.")
        .carry("to", way_back(typed.one("to")))
        .ask(
            Field::line("code", "Code on the card")
                .hint("Like ABCD-EFGH-JKLM. Small letters are fine, too.")
                .typed(typed, &problems),
        )
        .or("/sign-in", "I have an e-mail address")
        .wrong(problems)
}

/// `POST /sign-in/card`
pub async fn redeem_card(app: Data<App>, request: HttpRequest, body: Bytes) -> Result<HttpResponse, Failure> {
    let typed = Typed::read(&body);
    let (code, sender) = (typed.one("code").to_owned(), Sender::of(&app));
    let redeem = move |c: &mut Conn, vault: &Vault, browser: &Browser, now| {
        if !browser.network.is_empty() && !tries::count(c, vault, tries::CARDS, &browser.network, now)? {
            return Ok(None);
        }
        let redeemed = ticket::redeem_card(c, vault, &code, now)?;
        if let Some(redeemed) = &redeemed {
            sender.changed(c, redeemed.account, Change::CardUsed, now)?;
        }
        Ok(redeemed)
    };
    match let_in(&app, &request, way_back(typed.one("to")), redeem).await? {
        Some(answer) => Ok(answer),
        None => {
            let problem =
                Problem::new("code", "That code doesn’t work. Each card works once. Ask your bridge builder for a new one.");
            card_page(&typed, vec![problem]).shown(&app, &request)
        }
    }
}

/// Redeems something and lets in whoever it is for, to where it leads or else to this path; none where it can't be redeemed.
async fn let_in<F>(app: &Data<App>, request: &HttpRequest, to: &str, redeem: F) -> Result<Option<HttpResponse>, Failure>
where
    F: FnOnce(&mut Conn, &Vault, &Browser, chrono::NaiveDateTime) -> Result<Option<Redeemed>, Failure> + Send + 'static,
{
    let browser = Browser::of(app, request);
    let (vault, now) = (app.vault.clone(), app.clock.stamp());
    let arrival = app.db.write(move |c| match redeem(c, &vault, &browser, now)? {
        Some(redeemed) => Ok(Some((ticket::arrive(c, &redeemed, &browser, now)?, redeemed.back))),
        None => Ok(None),
    });
    let arrival = arrival.await?;
    Ok(arrival.and_then(|(arrival, back)| arrived(app, &arrival, back.as_deref().map_or(to, way_back))))
}

/// `GET /start`: on to where whoever signed in belongs.
pub async fn start(principal: Principal) -> HttpResponse {
    see_other(principal.home().0)
}

/// `POST /sign-out`
pub async fn out(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    if let Some(token) = Jar::Session.held(&app, &request) {
        app.db.write(move |c| session::end(c, &token.hash())).await?;
    }
    sign_out(&app, see_other("/"))
}

/// `GET /sign-in/not-me`: what to do for whoever hears of a change to their account that they didn't make.
pub async fn not_me(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    not_me_page().shown(&app, &request)
}

fn not_me_page() -> FormPage {
    FormPage::new("Was it not you?", "", "")
        .say("Someone else may have been in your account. Please do these three things now.")
        .say("1. Sign in, if you still can. On the page of your account, sign out everywhere else. Change your password, if you have one.")
        .say("2. Change the password of your e-mail, too.")
        .say("3. Tell us. Call the team that you know, or whoever invited you. They can close the account for now.")
        .say("You have done nothing wrong.")
        .or("/sign-in", "Sign in")
        .or("/account", "Your account")
}

pub(super) fn samples() -> Vec<FormPage> {
    let problem = |field: &str| vec![Problem::new(field, "Type your e-mail address, such as name@example.org.")];
    let typed = Typed::default().with("email", "name.example.org");
    vec![
        page(&Typed::default(), Vec::new(), "/accounts"),
        page(&typed, problem("email"), ""),
        sent_page(true, Vec::new()),
        sent_page(false, problem("code")),
        link_page("token", true),
        link_page("token", false),
        spent(),
        not_me_page(),
        card_page(&Typed::default(), Vec::new()),
        card_page(&typed, problem("code")),
    ]
}
