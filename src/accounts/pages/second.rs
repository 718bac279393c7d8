//! The second step: a code from an app, setting the app up, and recovery codes.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data, Query},
};
use chrono::NaiveDateTime;
use serde::Serialize;

use super::on;
use crate::{
    accounts::{
        Principal,
        letters::Sender,
        people,
        second::{self, MOST_TRIES, SetUp},
        session::{self, Browser, Jar, Stage},
        store, ticket,
        token::Token,
    },
    app::App,
    db::Conn,
    error::{Failure, Problem},
    mail::Change,
    values::AccountId,
    vault::Vault,
    web::{
        form::{Field, Typed},
        form_page::FormPage,
        page::Page,
        see_other, way_back,
    },
};

/// Sets up the second step.
#[derive(Debug, Clone, Serialize)]
pub struct SetUpPage {
    /// The secret, to type.
    pub typed: String,
    /// The same as a picture: the path of its dark squares.
    pub picture: String,
    /// Squares on a side, with room around.
    pub side: usize,
    /// The field for the first code.
    pub code: Field,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

impl Page for SetUpPage {
    const TEMPLATE: &'static str = "set-up-second.html";

    fn title(&self) -> String {
        "Set up your second step".to_owned()
    }

    fn is_wrong(&self) -> bool {
        !self.problems.is_empty()
    }

    fn is_secret(&self) -> bool {
        true
    }

    fn samples() -> Vec<Self> {
        let problem = Problem::new("code", "That code doesn’t fit. Wait for the next one and try that.");
        let page = |problems| Self::new("ABCD EFGH", "M0 0h1v1h-1z", 29, problems);
        vec![page(Vec::new()), page(vec![problem])]
    }
}

impl SetUpPage {
    fn new(typed: &str, picture: &str, side: usize, problems: Vec<Problem>) -> Self {
        let code = Field::line("code", "Code from the app").hint("6 numbers").digits().filled("one-time-code");
        Self {
            typed: typed.to_owned(),
            picture: picture.to_owned(),
            side,
            code: code.typed(&Typed::default(), &problems),
            problems,
        }
    }
}

/// New recovery codes, shown once.
#[derive(Debug, Clone, Serialize)]
pub struct CodesPage {
    /// The codes.
    pub codes: Vec<String>,
}

impl Page for CodesPage {
    const TEMPLATE: &'static str = "recovery-codes.html";

    fn title(&self) -> String {
        "Your recovery codes".to_owned()
    }

    fn is_secret(&self) -> bool {
        true
    }

    fn samples() -> Vec<Self> {
        vec![Self { codes: vec!["ABCD-EFGH-JKLM".to_owned(); 10] }]
    }
}

/// `GET /sign-in/second`
pub async fn blank(app: Data<App>, request: HttpRequest, back: Query<super::sign_in::Back>) -> Result<HttpResponse, Failure> {
    if unfinished(&app, &request, Stage::Second).await?.is_none() {
        return Ok(see_other("/sign-in/password"));
    }
    page(Vec::new(), back.path()).shown(&app, &request)
}

fn page(problems: Vec<Problem>, back: &str) -> FormPage {
    let code = Field::line("code", "Code").hint("6 numbers from the app on your phone, or a recovery code.");
    FormPage::new("Your second step", "/sign-in/second", "Sign in")
        .say("Open the app on your phone that makes your codes. Type the code that it shows now.")
        .carry("to", back)
        .ask(code.filled("one-time-code").typed(&Typed::default(), &problems))
        .or("/sign-in/password", "Start again")
        .wrong(problems)
}

/// `POST /sign-in/second`
pub async fn take(app: Data<App>, request: HttpRequest, body: Bytes) -> Result<HttpResponse, Failure> {
    let typed = Typed::read(&body);
    let back = way_back(typed.one("to")).to_owned();
    let Some(half) = unfinished(&app, &request, Stage::Second).await? else { return Ok(see_other("/sign-in/password")) };
    let (vault, now, browser) = (app.vault.clone(), app.clock.stamp(), Browser::of(&app, &request));
    let code = typed.one("code").to_owned();
    let inside = app.db.write(move |c| finish(c, &vault, &half, &code, &browser, now)).await?;
    let Some((session, known)) = inside else {
        let problem = Problem::new("code", "That code doesn’t fit, or it was used before. Wait for the next one and try that.");
        return page(vec![problem], &back).shown(&app, &request);
    };
    let to = if back.is_empty() { "/start" } else { &back };
    Ok(on(to, vec![Jar::Session.give(&app, &session), Jar::Known.give(&app, &known)]))
}

/// The half of a sign-in that is done already.
async fn unfinished(app: &Data<App>, request: &HttpRequest, stage: Stage) -> Result<Option<session::Row>, Failure> {
    let Some(token) = Jar::Session.held(app, request) else { return Ok(None) };
    let now = app.clock.stamp();
    Ok(app.db.read(move |c| session::standing(c, &token, stage, now)).await?.map(|(row, _)| row))
}

/// The half of a sign-in in which the second step is set up; none once it is, wherever that was done.
async fn setting_up(app: &Data<App>, request: &HttpRequest) -> Result<Option<session::Row>, Failure> {
    let Some(half) = unfinished(app, request, Stage::SetUp).await? else { return Ok(None) };
    let account: AccountId = half.account_id.parse().map_err(|_| Failure::internal("a session without an account"))?;
    let row = app.db.read(move |c| store::account(c, account)).await?;
    Ok(row.filter(|row| row.totp_step.is_none()).map(|_| half))
}

/// Takes the code and signs in: a new session in place of the half one, and a browser that is known. Many wrong codes end it.
fn finish(
    c: &mut Conn,
    vault: &Vault,
    half: &session::Row,
    code: &str,
    browser: &Browser,
    now: NaiveDateTime,
) -> Result<Option<(Token, Token)>, Failure> {
    let account: AccountId = half.account_id.parse().map_err(|_| Failure::internal("a session without an account"))?;
    let row = store::account(c, account)?.ok_or(Failure::NotFound)?;
    let late = half.stage == Stage::SetUp.code() && row.totp_step.is_some();
    if late || session::count_try(c, &half.id)? > MOST_TRIES {
        session::end(c, &half.id)?;
        return Ok(None);
    }
    if !second::take(c, vault, &row, code, now)? {
        return Ok(None);
    }
    ticket::signed_in(c, account, now)?;
    let session = session::begin(c, account, Stage::Whole, browser, now)?;
    Ok(Some((session, ticket::make_known(c, account, now)?)))
}

/// `GET /sign-in/set-up`
pub async fn set_up(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let Some(half) = setting_up(&app, &request).await? else { return Ok(see_other("/sign-in/password")) };
    set_up_page(&app, &request, half, Vec::new()).await
}

async fn set_up_page(
    app: &Data<App>,
    request: &HttpRequest,
    half: session::Row,
    problems: Vec<Problem>,
) -> Result<HttpResponse, Failure> {
    let (vault, now) = (app.vault.clone(), app.clock.stamp());
    let SetUp { typed, picture, side } = app
        .db
        .write(move |c| {
            let account = half.account_id.parse().map_err(|_| Failure::internal("a session without an account"))?;
            let row = store::account(c, account)?.ok_or(Failure::NotFound)?;
            second::set_up(c, &vault, &row, now)
        })
        .await?;
    app.page(request, &SetUpPage::new(&typed, &picture, side, problems))
}

/// `POST /sign-in/set-up`
pub async fn take_first(app: Data<App>, request: HttpRequest, body: Bytes) -> Result<HttpResponse, Failure> {
    let Some(half) = setting_up(&app, &request).await? else { return Ok(see_other("/sign-in/password")) };
    let (sender, now, browser) = (Sender::of(&app), app.clock.stamp(), Browser::of(&app, &request));
    let (code, same) = (Typed::read(&body).one("code").to_owned(), half.clone());
    let inside = app.db.write(move |c| {
        let Some((session, known)) = finish(c, &sender.vault, &same, &code, &browser, now)? else { return Ok(None) };
        let account = same.account_id.parse().map_err(|_| Failure::internal("a session without an account"))?;
        if second::had_codes(c, account)? {
            sender.changed(c, account, Change::SignIn, now)?;
        }
        Ok(Some((session, known, second::new_codes(c, &sender.vault, account)?)))
    });
    let Some((session, known, codes)) = inside.await? else {
        let problem = Problem::new("code", "That code doesn’t fit. Wait for the next one and try that.");
        return set_up_page(&app, &request, half, vec![problem]).await;
    };
    let codes = codes.iter().map(|code| code.to_string()).collect();
    let mut answer = app.page(&request, &CodesPage { codes })?;
    for cookie in [Jar::Session.give(&app, &session), Jar::Known.give(&app, &known)] {
        answer.add_cookie(&cookie).map_err(Failure::internal)?;
    }
    Ok(answer)
}

/// `POST /account/codes`: new recovery codes in place of the old ones.
pub async fn new_codes(app: Data<App>, request: HttpRequest, who: Principal) -> Result<HttpResponse, Failure> {
    let (sender, now) = (Sender::of(&app), app.clock.stamp());
    let codes = app.db.write(move |c| {
        let codes = second::new_codes(c, &sender.vault, who.account)?;
        people::codes_renewed(c, &sender, &who, now).map(|()| codes)
    });
    let codes = codes.await?;
    app.page(&request, &CodesPage { codes: codes.iter().map(|code| code.to_string()).collect() })
}

pub(super) fn samples() -> Vec<FormPage> {
    vec![page(Vec::new(), "/accounts"), page(vec![Problem::new("code", "That code doesn’t fit. Try the next one.")], "")]
}
