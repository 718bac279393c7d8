//! How much mail someone gets.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data},
};

use crate::{
    accounts::{
        Principal,
        notices::{self, Choice},
        store,
    },
    app::App,
    error::{Failure, Problem},
    web::{
        form::{Choose, Typed},
        form_page::{FormPage, Part},
    },
};

/// `GET /account/mail`
pub async fn blank(app: Data<App>, request: HttpRequest, who: Principal) -> Result<HttpResponse, Failure> {
    let (email, choice) = app
        .db
        .read(move |c| {
            let row = store::account(c, who.account)?.ok_or(Failure::NotFound)?;
            Ok((row.email.is_some(), notices::choice(c, who.account)?))
        })
        .await?;
    let shown = if email { page(&Typed::default().with("choice", choice.code()), Vec::new()) } else { no_address() };
    shown.shown(&app, &request)
}

fn hint(choice: Choice) -> &'static str {
    match choice {
        Choice::Each => "A short letter each time something waits for you here.",
        Choice::Daily => "One letter for all that is new. None if nothing is.",
        Choice::Needed => "Nothing else. You look in when you like.",
    }
}

fn page(typed: &Typed, problems: Vec<Problem>) -> FormPage {
    let answers: Vec<(&str, &str)> = Choice::ALL.iter().map(|choice| (choice.code(), choice.label())).collect();
    let mut choose = Choose::one("choice", "How much mail do you want?", &answers).typed(typed, &problems);
    for (answer, choice) in choose.answers.iter_mut().zip(Choice::ALL) {
        answer.hint = Some(hint(*choice).to_owned());
    }
    FormPage::new("How much mail you get", "/account/mail", "Keep my choice")
        .say("No letter says what a message is about. It only says that something waits for you.")
        .say("Some letters always come: links to sign in, what you ask for, and word of a change to your account.")
        .ask(Part::from(choose))
        .or("/account", "Your account")
        .wrong(problems)
}

fn no_address() -> FormPage {
    FormPage::new("How much mail you get", "", "")
        .say("You have no e-mail address here, so we send you no mail. There is nothing to choose.")
        .or("/account", "Your account")
}

/// `POST /account/mail`
pub async fn chosen(app: Data<App>, request: HttpRequest, who: Principal, body: Bytes) -> Result<HttpResponse, Failure> {
    let typed = Typed::read(&body);
    let now = app.clock.stamp();
    app.write_or_ask_again(
        Choice::from_code(typed.one("choice")).ok_or_else(|| vec![Problem::new("choice", "Choose one of these.")]),
        move |c, choice| {
            notices::choose(c, who.account, choice, now)?;
            Ok("/account?done=mail".to_owned())
        },
        async |problems| page(&typed, problems).shown(&app, &request),
    )
    .await
}

pub(super) fn samples() -> Vec<FormPage> {
    let typed = Typed::default().with("choice", Choice::Daily.code());
    vec![page(&typed, Vec::new()), page(&Typed::default(), vec![Problem::new("choice", "Choose one of these.")]), no_address()]
}
