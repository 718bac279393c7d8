//! What a coordinator decides about a referral, and what they write down about it.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data, Path},
};
use chrono::NaiveDateTime;

use super::one::at;
use crate::{
    accounts::Principal,
    app::App,
    db::Conn,
    error::{Failure, Problem},
    referrals::intake,
    values::{ReferralId, TeamId},
    web::{
        form::{Field, Typed},
        form_page::FormPage,
        see_other,
    },
};

/// `POST /intake/{referral}/accept`
pub async fn accept(app: Data<App>, who: Principal, id: Path<ReferralId>, body: Bytes) -> Result<HttpResponse, Failure> {
    let team = Typed::read(&body).one("team").parse::<TeamId>();
    let team = team.map_err(|_| Failure::invalid("team", "Choose one of your teams."))?;
    decided(app, who, *id, "accepted", move |c, app, who, id, now| intake::accept(c, app, who, id, team, now)).await
}

/// `POST /intake/{referral}/withdrawn`
pub async fn withdrawn(app: Data<App>, who: Principal, id: Path<ReferralId>) -> Result<HttpResponse, Failure> {
    decided(app, who, *id, "withdrawn", intake::withdraw).await
}

/// `POST /intake/{referral}/stopped`
pub async fn stopped(app: Data<App>, who: Principal, id: Path<ReferralId>) -> Result<HttpResponse, Failure> {
    decided(app, who, *id, "stopped", intake::stop).await
}

/// Writes down a decision that takes no words, and goes back to the referral.
async fn decided<F>(app: Data<App>, who: Principal, id: ReferralId, done: &str, verb: F) -> Result<HttpResponse, Failure>
where
    F: FnOnce(&mut Conn, &App, &Principal, ReferralId, NaiveDateTime) -> Result<(), Failure> + Send + 'static,
{
    let (shared, now) = (app.clone(), app.clock.stamp());
    app.db.write(move |c| verb(c, &shared, &who, id, now)).await?;
    Ok(see_other(&at(id, done)))
}

/// What is done with what was typed; the code of what was done.
type Verb = fn(&mut Conn, &App, &Principal, ReferralId, &Typed, NaiveDateTime) -> Result<&'static str, Failure>;

/// A form with words to write down about a referral.
#[derive(Clone, Copy)]
struct Sheet {
    page: fn(ReferralId, &Typed, Vec<Problem>) -> FormPage,
    verb: Verb,
}

impl Sheet {
    fn blank(self, app: &App, request: &HttpRequest, id: ReferralId) -> Result<HttpResponse, Failure> {
        (self.page)(id, &Typed::default(), Vec::new()).shown(app, request)
    }

    async fn written(
        self,
        app: &Data<App>,
        request: &HttpRequest,
        who: Principal,
        id: ReferralId,
        body: &[u8],
    ) -> Result<HttpResponse, Failure> {
        let (typed, shared, now) = (Typed::read(body), app.clone(), app.clock.stamp());
        app.write_or_ask_again(
            Ok(typed.clone()),
            move |c, typed| Ok(at(id, (self.verb)(c, &shared, &who, id, &typed, now)?)),
            async |problems| (self.page)(id, &typed, problems).shown(app, request),
        )
        .await
    }
}

const DECLINE: Sheet = Sheet {
    page: decline_page,
    verb: |c, app, who, id, typed, now| {
        let mut problems = Vec::new();
        let said = (typed.text("reason", &mut problems), typed.text("elsewhere", &mut problems));
        if problems.is_empty() {
            problems = intake::unkind(&said.0, &said.1);
        }
        usable(problems)?;
        let written = intake::decline(c, app, who, id, &said.0, &said.1, now)?;
        Ok(if written { "written" } else { "declined" })
    },
};

const ERROR: Sheet = Sheet {
    page: error_page,
    verb: |c, app, who, id, typed, now| {
        let mut problems = Vec::new();
        let why = typed.text("why", &mut problems);
        usable(problems)?;
        intake::enter_in_error(c, app, who, id, &why, now).map(|()| "error")
    },
};

const CONTACT: Sheet = Sheet {
    page: contact_page,
    verb: |c, app, who, id, typed, now| {
        let mut problems = Vec::new();
        let said = typed.text("said", &mut problems);
        usable(problems)?;
        intake::in_touch(c, app, who, id, &said, now).map(|()| "contact")
    },
};

fn usable(problems: Vec<Problem>) -> Result<(), Failure> {
    if problems.is_empty() { Ok(()) } else { Err(Failure::Invalid(problems)) }
}

fn decline_page(id: ReferralId, typed: &Typed, problems: Vec<Problem>) -> FormPage {
    let reason = Field { longest: 1000, ..Field::area("reason", "Why can we not help?") };
    let elsewhere = Field { longest: 1000, ..Field::area("elsewhere", "Where else could they try?") };
    FormPage::new("We can’t take this on", format!("/intake/{id}/decline"), "Keep this")
        .say("Write it as you would say it to them, and leave out what they asked us not to say in a message.")
        .read_by("They can read it. If we know their e-mail address, a letter with it goes there.")
        .ask(reason.typed(typed, &problems))
        .ask(elsewhere.hint("A name and a number. Nobody is sent away with nothing.").typed(typed, &problems))
        .or(format!("/intake/{id}"), "Back")
        .wrong(problems)
}

/// `GET /intake/{referral}/decline`
pub async fn decline(app: Data<App>, request: HttpRequest, id: Path<ReferralId>) -> Result<HttpResponse, Failure> {
    DECLINE.blank(&app, &request, *id)
}

/// `POST /intake/{referral}/decline`
pub async fn declined(
    app: Data<App>,
    request: HttpRequest,
    who: Principal,
    id: Path<ReferralId>,
    body: Bytes,
) -> Result<HttpResponse, Failure> {
    DECLINE.written(&app, &request, who, *id, &body).await
}

fn error_page(id: ReferralId, typed: &Typed, problems: Vec<Problem>) -> FormPage {
    FormPage::new("Entered in error", format!("/intake/{id}/error"), "It was entered in error")
        .say("It stays in the list of what was done, and leaves every queue.")
        .ask(
            Field { longest: 500, ..Field::line("why", "What was wrong?") }
                .hint("They can read this, too.")
                .typed(typed, &problems),
        )
        .or(format!("/intake/{id}"), "Back")
        .wrong(problems)
}

/// `GET /intake/{referral}/error`
pub async fn error(app: Data<App>, request: HttpRequest, id: Path<ReferralId>) -> Result<HttpResponse, Failure> {
    ERROR.blank(&app, &request, *id)
}

/// `POST /intake/{referral}/error`
pub async fn entered_in_error(
    app: Data<App>,
    request: HttpRequest,
    who: Principal,
    id: Path<ReferralId>,
    body: Bytes,
) -> Result<HttpResponse, Failure> {
    ERROR.written(&app, &request, who, *id, &body).await
}

fn contact_page(id: ReferralId, typed: &Typed, problems: Vec<Problem>) -> FormPage {
    FormPage::new("We got in touch", format!("/intake/{id}/contact"), "Keep this")
        .say("Write it as you would say it to them.")
        .read_by("They can read it. So can those who go along with them.")
        .ask(Field { longest: 2000, ..Field::area("said", "What was said?") }.typed(typed, &problems))
        .or(format!("/intake/{id}"), "Back")
        .wrong(problems)
}

/// `GET /intake/{referral}/contact`
pub async fn contact_form(app: Data<App>, request: HttpRequest, id: Path<ReferralId>) -> Result<HttpResponse, Failure> {
    CONTACT.blank(&app, &request, *id)
}

/// `POST /intake/{referral}/contact`
pub async fn in_touch(
    app: Data<App>,
    request: HttpRequest,
    who: Principal,
    id: Path<ReferralId>,
    body: Bytes,
) -> Result<HttpResponse, Failure> {
    CONTACT.written(&app, &request, who, *id, &body).await
}

pub(super) fn samples() -> Vec<FormPage> {
    let (id, blank) = (ReferralId(uuid::Uuid::nil()), Typed::default());
    vec![
        decline_page(id, &blank, Vec::new()),
        decline_page(id, &blank, vec![Problem::new("elsewhere", "Say where else they could try.")]),
        error_page(id, &blank, vec![Problem::new("why", "Say what was wrong.")]),
        contact_page(id, &blank, Vec::new()),
    ]
}
