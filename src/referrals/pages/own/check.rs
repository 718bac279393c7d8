//! Everything that was answered, to check before it is sent.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data},
};
use serde::Serialize;

use super::{FIRST, LOST_PLACE, held, questions::heading};
use crate::{
    accounts::Principal,
    accounts::session::Jar,
    app::App,
    error::{Failure, Problem},
    referrals::{self, Answers, Step},
    web::{
        forget_pages,
        form::{Choose, Typed, error},
        page::Page,
        see_other,
    },
};

/// Where it says that we have it.
const THANKS: &str = "/refer/thanks";

/// One answer to check.
#[derive(Debug, Clone, Serialize)]
pub struct Answered {
    /// The field's name, by which a problem finds it.
    pub id: &'static str,
    /// What was asked.
    pub question: &'static str,
    /// What was answered; blank where it was skipped.
    pub answer: String,
    /// Where to change it.
    pub change: String,
    /// Words that a place need not see.
    pub gentle: Vec<String>,
    /// What is wrong.
    pub error: Option<String>,
}

/// Everything, to check before it is sent.
#[derive(Debug, Clone, Serialize)]
pub struct CheckPage {
    /// The answers.
    pub answers: Vec<Answered>,
    /// The place they would like to try.
    pub venue: Option<String>,
    /// Whether they agree.
    pub agree: Choose,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

impl Page for CheckPage {
    const TEMPLATE: &'static str = "check.html";

    fn title(&self) -> String {
        format!("{} (9 of 9)", heading(Step::Check))
    }

    fn is_wrong(&self) -> bool {
        !self.problems.is_empty()
    }

    fn is_secret(&self) -> bool {
        // Whoever comes to this device next finds none of it by going back.
        true
    }

    fn samples() -> Vec<Self> {
        let mut answers = Answers::default();
        answers.take(Step::Words, &Typed::default().with("words", "I’d like to drum again.\nI was sectioned in May."));
        answers.take(Step::Name, &Typed::default().with("name", "Morgan"));
        let clinical = referrals::Clinical::default();
        let mut full = Self::new(&answers, Some("Sample Studio".to_owned()), &clinical, Vec::new());
        full.answers[0].gentle = vec!["sectioned".to_owned()];
        let problems = vec![Problem::new("reach", "Tell us how to reach you."), Problem::new("agree", AGREE)];
        vec![full, Self::new(&answers, None, &clinical, problems)]
    }
}

/// What to do for whoever hasn't agreed.
const AGREE: &str = "We need your yes to keep this and to get in touch.";

impl CheckPage {
    fn new(answers: &Answers, venue: Option<String>, clinical: &referrals::Clinical, problems: Vec<Problem>) -> Self {
        let yes = "Yes. You may keep what I wrote here. The team may read it and get in touch with me.";
        let agree = Choose::several("agree", "Is that all right?", &[("yes", yes)]).hint("You can take this back at any time.");
        Self { answers: rows(answers, clinical, &problems), venue, agree: agree.typed(&Typed::default(), &problems), problems }
    }
}

fn rows(answers: &Answers, clinical: &referrals::Clinical, problems: &[Problem]) -> Vec<Answered> {
    let row = |step: Step, id: &'static str, question: &'static str, answer: &str| Answered {
        id,
        question,
        answer: answer.to_owned(),
        change: format!("{}?from=check#{id}", step.path()),
        gentle: Vec::new(),
        error: error(problems, id),
    };
    // What a place might one day be told, if the person wants it to be.
    let open = |row: Answered| Answered { gentle: clinical.found(&row.answer).into_iter().map(str::to_owned).collect(), ..row };
    let reach = match answers.reach {
        Some(reach) => format!("{}: {}", reach.label(), answers.reach_at.as_str()),
        None => String::new(),
    };
    vec![
        open(row(Step::Words, "words", "What you’d like to do", answers.words.as_str())),
        open(row(Step::GoodAt, "good_at", "What you like or are good at", answers.good_at.as_str())),
        row(Step::Name, "name", "Your name", answers.name.as_str()),
        row(Step::Contact, "reach", "How to reach you", &reach),
        row(Step::Care, "when", "A good time", answers.when.as_str()),
        row(Step::Care, "never_say", "What not to say in a message", answers.never_say.as_str()),
        row(Step::Area, "area", "Where you are", answers.area.as_str()),
        open(row(Step::Needs, "access", "What helps", answers.access.as_str())),
        row(Step::Needs, "languages", "Languages", answers.languages.as_str()),
        row(Step::Helper, "helper", "Who helps you", answers.helper.as_str()),
    ]
}

/// `GET /refer/myself/check`
pub async fn check(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    check_page(&app, &request, Vec::new()).await
}

async fn check_page(app: &Data<App>, request: &HttpRequest, problems: Vec<Problem>) -> Result<HttpResponse, Failure> {
    let Some(draft) = held(app, request).await? else { return Ok(see_other(LOST_PLACE)) };
    if draft.is_sent() {
        return Ok(see_other(FIRST));
    }
    let venue = draft.answers.venue;
    let venue = app.db.read(move |c| venue.map_or(Ok(None), |venue| referrals::place(c, venue))).await?;
    app.page(request, &CheckPage::new(&draft.answers, venue, &app.clinical, problems))
}

/// `POST /refer/myself/check`: sends it.
pub async fn send(app: Data<App>, request: HttpRequest, who: Option<Principal>, body: Bytes) -> Result<HttpResponse, Failure> {
    let Some(browser) = Jar::Note.held(&app, &request) else { return Ok(see_other(LOST_PLACE)) };
    let Some(draft) = held(&app, &request).await? else { return Ok(see_other(LOST_PLACE)) };
    if draft.is_sent() {
        return Ok(see_other(THANKS));
    }
    let mut problems = draft.answers.lacking();
    if Typed::read(&body).one("agree") != "yes" {
        problems.push(Problem::new("agree", AGREE));
    }
    let (shared, now) = (app.clone(), app.clock.stamp());
    let sent = app.write_or_ask_again(
        if problems.is_empty() { Ok(browser) } else { Err(problems) },
        move |c, browser| {
            referrals::own::send(c, &shared, &browser, who.as_ref(), now)?;
            Ok(THANKS.to_owned())
        },
        async |problems| check_page(&app, &request, problems).await,
    );
    Ok(forget_pages(sent.await?))
}
