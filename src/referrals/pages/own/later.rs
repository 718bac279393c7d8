//! A note that is left for now: taken up again on this device or by a mailed link, thrown away, or sent already.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data, Path, Query},
};
use chrono::NaiveDateTime;

use super::{Asked, CHECK, FIRST, held};
use crate::{
    accounts::{session::Jar, token::Token, tries},
    app::App,
    db::Conn,
    error::{Failure, Problem},
    mail::{self, GoOn},
    referrals::{
        Step, draft,
        pages::{LINKS, on},
    },
    values::Email,
    vault::Private,
    web::{
        form::{Choose, Field, Typed},
        form_page::{FormPage, Link},
        see_other,
    },
};

/// What a browser shows that sent its note before.
pub(super) fn sent_page() -> FormPage {
    FormPage::new("We have your note", "/refer/myself/new", "Write another note")
        .say("You sent your note from this device. One of us reads it and gets in touch.")
        .say("Was it someone else who wrote it? Then start a new note. No one sees what was in the last one.")
}

/// `POST /refer/myself/new`: this browser holds the sent note no more.
pub async fn anew(app: Data<App>) -> HttpResponse {
    on(FIRST, &Jar::Note.take(&app))
}

/// `POST /refer/myself/delete`: throws away what wasn't sent.
pub async fn delete(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    if let Some(browser) = Jar::Note.held(&app, &request) {
        let now = app.clock.stamp();
        app.db.write(move |c| draft::discard(c, &browser, now)).await?;
    }
    Ok(on("/", &Jar::Note.take(&app)))
}

/// `GET /refer/myself/later`
pub async fn later(app: Data<App>, request: HttpRequest, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    match held(&app, &request).await? {
        Some(draft) if draft.is_sent() => Ok(see_other(FIRST)),
        Some(draft) => {
            let page = later_page(draft.step.unwrap_or(Step::Words), &Typed::default(), Vec::new());
            let notice = (asked.from == "sent").then(|| "A letter with your link is on its way.".to_owned());
            FormPage { notice, ..page }.shown(&app, &request)
        }
        None if asked.from == "off" => off_page().shown(&app, &request),
        None if asked.from == "gone" => not_here_page().shown(&app, &request),
        None => Ok(see_other(FIRST)),
    }
}

/// What a browser shows that holds the answers no more.
fn off_page() -> FormPage {
    FormPage { below: vec![Link::new("/", "To the front page")], ..FormPage::new("Your answers are off this device", "", "") }
        .say("A letter with your link is on its way. The link alone leads to your answers now, for 14 days.")
}

/// What a browser shows that should mail a link and holds the answers no more.
fn not_here_page() -> FormPage {
    FormPage { below: vec![Link::new(FIRST, "Start anew")], ..FormPage::new("Your answers are not on this device", "", "") }
        .say("So we could not mail a link to them. If a link was mailed before, it still leads to them.")
}

fn later_page(step: Step, typed: &Typed, problems: Vec<Problem>) -> FormPage {
    FormPage::new("Your answers are kept", "/refer/myself/later", "Mail me a link")
        .say("Take your time. Come back to this page on this device within 14 days, and you go on where you stopped.")
        .say("Is it a shared device? Or do you want to go on elsewhere? Then we can mail you a link. It says nothing of what you wrote.")
        .ask(Field::email("email", "Your e-mail address").typed(typed, &problems))
        .ask(
            Choose::several("off", "Do others use this device?", &[("yes", "Yes. Take my answers off it. Only the link leads to them then.")])
                .hint("Look at the address once more first: without the link, nobody finds them.")
                .typed(typed, &problems),
        )
        .or(step.path(), "Go on now")
        .or(CHECK, "See all my answers, or delete them")
        .wrong(problems)
}

/// `POST /refer/myself/later`
pub async fn send_link(app: Data<App>, request: HttpRequest, body: Bytes) -> Result<HttpResponse, Failure> {
    let Some(browser) = Jar::Note.held(&app, &request) else { return Ok(see_other(FIRST)) };
    let typed = Typed::read(&body);
    let (email, off) = (typed.one("email").parse::<Email>(), typed.one("off") == "yes");
    let (shared, now) = (app.clone(), app.clock.stamp());
    app.write_or_ask_again(
        email.map_err(|_| vec![Problem::new("email", "Type your e-mail address, such as name@example.org.")]),
        move |c, email| {
            if !post_link(c, &shared, &browser, &email, now)? {
                return Ok("/refer/myself/later?from=gone".to_owned());
            }
            if off {
                draft::leave(c, &browser, now)?;
            }
            Ok(format!("/refer/myself/later?from={}", if off { "off" } else { "sent" }))
        },
        async |problems| {
            let step = held(&app, &request).await?.and_then(|draft| draft.step).unwrap_or(Step::Words);
            later_page(step, &typed, problems).shown(&app, &request)
        },
    )
    .await
}

/// Mails a link to the answers that a browser holds. `false` where it holds none any more.
fn post_link(c: &mut Conn, app: &App, browser: &Token, email: &Email, now: NaiveDateTime) -> Result<bool, Failure> {
    if !tries::count(c, &app.vault, LINKS, email.as_str(), now)? {
        return Err(Failure::TooMany(60 * 60));
    }
    let Some(draft) = draft::held(c, &app.vault, browser, now)? else { return Ok(false) };
    let Some(link) = draft::resume_link(c, browser, now)? else { return Ok(false) };
    let days = u32::try_from(draft::LASTS.num_days()).unwrap_or_default();
    let letter = GoOn { link: format!("{}note/{}", app.web.public_url(), link.show()), days };
    mail::post(c, &app.vault, draft.subject, &Private::new(email.as_str()), &letter, now)?;
    Ok(true)
}

/// `GET /note/{token}`: a button; a mail scanner that follows links takes nothing up.
pub async fn again(app: Data<App>, request: HttpRequest, token: Path<String>) -> Result<HttpResponse, Failure> {
    again_page(&token).shown(&app, &request)
}

fn again_page(token: &str) -> FormPage {
    FormPage::new("Go on where you stopped", format!("/note/{token}"), "Go on")
        .say("Press the button to see your answers on this device. They are then on this device only.")
}

fn gone_page() -> FormPage {
    FormPage { below: vec![Link::new(FIRST, "Start anew")], ..FormPage::new("This link doesn’t work", "", "") }
        .say("Your note was sent, or deleted, or it waited for more than 14 days. Or you asked for a newer link.")
}

/// `POST /note/{token}`
pub async fn resume(app: Data<App>, request: HttpRequest, token: Path<String>) -> Result<HttpResponse, Failure> {
    let (link, vault, now) = (Token::sent(&token), app.vault.clone(), app.clock.stamp());
    match app.db.write(move |c| draft::resume(c, &vault, &link, now)).await? {
        Some((browser, draft)) => {
            let to = draft.step.unwrap_or(Step::Words).path();
            Ok(on(&to, &Jar::Note.give(&app, &browser)))
        }
        None => gone_page().shown(&app, &request),
    }
}

pub(in super::super) fn samples() -> Vec<FormPage> {
    let problem = vec![Problem::new("email", "Type your e-mail address, such as name@example.org.")];
    let page = later_page(Step::Name, &Typed::default(), Vec::new());
    vec![
        sent_page(),
        off_page(),
        not_here_page(),
        later_page(Step::Name, &Typed::default().with("email", "morgan"), problem),
        FormPage { notice: Some("A letter with your link is on its way.".to_owned()), ..page },
        again_page("token"),
        gone_page(),
    ]
}
