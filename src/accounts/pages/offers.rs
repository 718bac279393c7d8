//! Invitations that wait for someone who has an account already: they say yes or no.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data},
};

use super::{
    on,
    own::{MOST_TEAMS, in_words},
    password::{again_field, new_field, own_words},
};
use crate::{
    accounts::{
        Grant, Principal,
        letters::Sender,
        offers,
        password::Password,
        people,
        session::{self, Browser, Jar, Stage},
        store,
        token::Token,
    },
    app::App,
    db::{Conn, blocking},
    error::{Failure, Problem},
    web::{
        form::{Choose, Typed},
        form_page::{FormPage, Part},
        see_other,
    },
};

/// What waits for someone.
#[derive(Debug, Clone, Default)]
struct Waiting {
    /// The roles, in words.
    roles: Vec<String>,
    /// Whether they sign in with a password and a second step from then on.
    staff: bool,
    /// Whether they have yet to choose a password.
    password: bool,
}

async fn waiting(app: &Data<App>, who: &Principal) -> Result<Waiting, Failure> {
    let (vault, account, now) = (app.vault.clone(), who.account, app.clock.stamp());
    app.db
        .read(move |c| {
            let offered: Vec<Grant> = offers::of(c, &vault, account, now)?.into_iter().flat_map(|(_, grants)| grants).collect();
            let teams = store::teams(c, MOST_TEAMS)?;
            let staff = offers::needs_password(&offered);
            let password = staff && store::account(c, account)?.is_some_and(|row| row.password.is_none());
            Ok(Waiting { roles: offered.iter().map(|grant| in_words(*grant, &teams)).collect(), staff, password })
        })
        .await
}

/// `GET /account/offers`
pub async fn blank(app: Data<App>, request: HttpRequest, who: Principal) -> Result<HttpResponse, Failure> {
    page(&waiting(&app, &who).await?, &Typed::default(), Vec::new()).shown(&app, &request)
}

fn page(waiting: &Waiting, typed: &Typed, problems: Vec<Problem>) -> FormPage {
    if waiting.roles.is_empty() {
        return FormPage::new("Nothing waits for you", "", "")
            .say("An invitation works for 7 days. Ask whoever invited you for a new one.")
            .or("/account", "Your account");
    }
    let answers = [("yes", "Yes, I want this"), ("no", "No, thank you")];
    let page = FormPage::new("You are invited", "/account/offers", "Keep my answer")
        .say(format!("You are asked to be here as: {}.", waiting.roles.join("; ")))
        .say("Whoever asked you can’t see that you have an account. If you say yes, they see your name and your e-mail address.");
    let page =
        if waiting.staff { page.say("With this you always sign in with a password and a code from your phone.") } else { page };
    let page = page.ask(Choose::one("answer", "Do you want this?", &answers).typed(typed, &problems));
    let page = if waiting.password {
        let choose = Part::Words("If you say yes, choose a password now.".to_owned());
        page.ask(choose).ask(new_field(&problems)).ask(again_field(&problems))
    } else {
        page
    };
    page.or("/account", "Your account").wrong(problems)
}

/// `POST /account/offers`
pub async fn answer(app: Data<App>, request: HttpRequest, who: Principal, body: Bytes) -> Result<HttpResponse, Failure> {
    let (typed, waiting) = (Typed::read(&body), waiting(&app, &who).await?);
    if waiting.roles.is_empty() {
        return page(&waiting, &typed, Vec::new()).shown(&app, &request);
    }
    match typed.one("answer") {
        "yes" => {}
        "no" => {
            let (vault, now) = (app.vault.clone(), app.clock.stamp());
            app.db.write(move |c| offers::decline(c, &vault, &who, now)).await?;
            return Ok(see_other("/account?done=declined"));
        }
        _ => return page(&waiting, &typed, vec![Problem::new("answer", "Choose yes or no.")]).shown(&app, &request),
    }
    let new = match chosen(&app, &who, &waiting, &typed).await? {
        Ok(new) => new,
        Err(problems) => return page(&waiting, &typed, problems).shown(&app, &request),
    };
    let browser = Browser::of(&app, &request);
    let shared = app.clone();
    Ok(match blocking(move || take_up(&shared, &who, new.as_ref(), &browser)).await? {
        Some(session) => on("/sign-in/set-up", vec![Jar::Session.give(&app, &session)]),
        None => see_other("/start"),
    })
}

/// The password they chose, where they need one; or what is wrong with it.
async fn chosen(
    app: &Data<App>,
    who: &Principal,
    waiting: &Waiting,
    typed: &Typed,
) -> Result<Result<Option<Password>, Vec<Problem>>, Failure> {
    if !waiting.password {
        return Ok(Ok(None));
    }
    let (vault, account) = (app.vault.clone(), who.account);
    let (name, email) = app.db.read(move |c| own_words(c, &vault, account)).await?;
    Ok(people::new_password(typed.raw("password"), typed.raw("again"), &name, &email).map(Some))
}

/// Takes it up. A session to set up the second step, where they have none yet; it stands in place of the one they came with.
fn take_up(app: &App, who: &Principal, new: Option<&Password>, browser: &Browser) -> Result<Option<Token>, Failure> {
    let (hashed, now) = (new.map(Password::hashed).transpose()?, app.clock.stamp());
    let sender = Sender::of(app);
    app.db.write_now(|c: &mut Conn| {
        offers::take_up(c, &sender, who, hashed.as_deref(), now)?;
        let row = store::account(c, who.account)?.ok_or(Failure::NotFound)?;
        let unfinished = row.totp_step.is_none() && offers::needs_password(&store::grants(c, who.account)?);
        if unfinished { session::begin(c, who.account, Stage::SetUp, browser, now).map(Some) } else { Ok(None) }
    })
}

pub(super) fn samples() -> Vec<FormPage> {
    let waiting =
        Waiting { roles: vec!["Peer worker or volunteer, East team (Harbour Trust)".to_owned()], staff: true, password: true };
    let typed = Typed::default();
    vec![
        page(&Waiting::default(), &typed, Vec::new()),
        page(&waiting, &typed, Vec::new()),
        page(&Waiting { password: false, ..waiting.clone() }, &typed, Vec::new()),
        page(&waiting, &typed, vec![Problem::new("answer", "Choose yes or no.")]),
    ]
}
