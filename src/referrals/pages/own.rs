//! "Tell us what you'd like to do": one question a page, without an account, to be left and taken up again.

mod check;
mod later;
mod questions;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data, Path, Query},
};
use serde::{Deserialize, Serialize};

pub use self::check::CheckPage;
pub(super) use self::{
    check::{check, send},
    later::{again, anew, delete, later, resume, samples, send_link},
    questions::contact_parts,
};
use super::{NOTES, on};
use crate::{
    accounts::{
        session::{Browser, Jar},
        token::Token,
        tries,
    },
    app::App,
    error::{Failure, Problem},
    referrals::{
        self, Answers, Step,
        draft::{self, Draft},
    },
    values::VenueId,
    web::{form::Typed, form_page::Part, page::Page, see_other},
};

/// Where a note begins.
const FIRST: &str = "/refer/myself";
/// Where it is checked.
const CHECK: &str = "/refer/myself/check";
/// Where one begins that can't go on.
const LOST_PLACE: &str = "/refer/myself?lost=yes";

/// One question.
#[derive(Debug, Clone, Serialize)]
pub struct Question {
    /// The question.
    pub heading: &'static str,
    /// Its number, from 1.
    pub number: usize,
    /// How many there are.
    pub of: usize,
    /// The page before.
    pub back: Option<String>,
    /// The place they would like to try.
    pub venue: Option<String>,
    /// Something to know.
    pub notice: Option<&'static str>,
    /// Where the answers go.
    pub action: String,
    /// What is sent along unseen: name and value.
    pub hidden: Vec<(&'static str, String)>,
    /// What can be answered.
    pub parts: Vec<Part>,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

impl Page for Question {
    const TEMPLATE: &'static str = "question.html";

    fn title(&self) -> String {
        format!("{} ({} of {})", self.heading, self.number, self.of)
    }

    fn is_wrong(&self) -> bool {
        !self.problems.is_empty()
    }

    fn is_secret(&self) -> bool {
        // Whoever comes to this device next finds none of it by going back.
        true
    }

    fn samples() -> Vec<Self> {
        let questions = Step::ALL.iter().filter(|step| **step != Step::Check);
        let mut samples: Vec<Self> = questions.map(|step| Self::new(*step, &Typed::default(), Vec::new())).collect();
        let typed = Typed::default().with("reach", "email").with("reach_at", "morgan");
        let problem = Problem::new("reach_at", "Type an e-mail address, such as name@example.org.");
        samples.push(Self::new(Step::Contact, &typed, vec![problem]).coming_from("check"));
        samples.push(Self { venue: Some("Sample Studio".to_owned()), ..samples[0].clone() });
        samples.push(Self { notice: Some(LOST), ..samples[0].clone() });
        samples
    }
}

/// What a page says that was reached without the answers before it.
const LOST: &str =
    "We lost your place. If this goes on, your browser may block cookies. You can also ring us, or ask someone to write for you.";

impl Question {
    fn new(step: Step, typed: &Typed, problems: Vec<Problem>) -> Self {
        let hidden = if step == Step::Words { questions::carried_along(typed) } else { Vec::new() };
        Self {
            heading: questions::heading(step),
            number: step.number(),
            of: Step::ALL.len(),
            back: step.before().map(Step::path),
            venue: None,
            notice: None,
            action: step.path(),
            hidden,
            parts: questions::parts(step, typed, &problems),
            problems,
        }
    }

    fn coming_from(mut self, from: &str) -> Self {
        if from == "check" {
            self.hidden.push(("from", from.to_owned()));
            self.back = Some(CHECK.to_owned());
        }
        self
    }
}

/// What an address may hold: a place, and where one came from. No words, ever.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    venue: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    lost: String,
}

/// What this browser holds.
async fn held(app: &Data<App>, request: &HttpRequest) -> Result<Option<Draft>, Failure> {
    let Some(browser) = Jar::Note.held(app, request) else { return Ok(None) };
    let (vault, now) = (app.vault.clone(), app.clock.stamp());
    app.db.read(move |c| draft::held(c, &vault, &browser, now)).await
}

/// The name of a place, if it is one of ours.
async fn venue_name(app: &Data<App>, typed: &Typed) -> Result<Option<String>, Failure> {
    let Ok(id) = typed.one("venue").parse::<VenueId>() else { return Ok(None) };
    app.db.read(move |c| referrals::place(c, id)).await
}

/// `GET /refer/myself`
pub async fn first(app: Data<App>, request: HttpRequest, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    let draft = held(&app, &request).await?;
    if draft.as_ref().is_some_and(Draft::is_sent) {
        return later::sent_page().shown(&app, &request);
    }
    let typed = draft.map_or_else(Typed::default, |draft| questions::answered(Step::Words, &draft.answers));
    let typed = if asked.venue.is_empty() { typed } else { typed.with("venue", &asked.venue) };
    let notice = (!asked.lost.is_empty()).then_some(LOST);
    let page = Question { notice, ..Question::new(Step::Words, &typed, Vec::new()) };
    first_page(&app, &request, page.coming_from(&asked.from), &typed).await
}

async fn first_page(app: &Data<App>, request: &HttpRequest, page: Question, typed: &Typed) -> Result<HttpResponse, Failure> {
    app.page(request, &Question { venue: venue_name(app, typed).await?, ..page })
}

/// `POST /refer/myself/start`: words and a place carried along from a list of places. Nothing is kept until they go on.
pub async fn carried(app: Data<App>, request: HttpRequest, body: Bytes) -> Result<HttpResponse, Failure> {
    let sent = Typed::read(&body);
    let draft = held(&app, &request).await?.filter(|draft| !draft.is_sent());
    let before = draft.as_ref().map_or("", |draft| draft.answers.words.as_str());
    let words = match (before, sent.one("text")) {
        (before, "") => before.to_owned(),
        ("", now) => now.to_owned(),
        (before, now) if before.contains(now) => before.to_owned(),
        (before, now) => format!("{before}\n\n{now}"),
    };
    let words: String = words.chars().take(5000).collect();
    let typed = Typed::default().with("words", &words).with("venue", sent.one("venue")).with("near", sent.one("near"));
    first_page(&app, &request, Question::new(Step::Words, &typed, Vec::new()), &typed).await
}

/// `POST /refer/myself`
pub async fn answer_first(app: Data<App>, request: HttpRequest, body: Bytes) -> Result<HttpResponse, Failure> {
    let typed = Typed::read(&body);
    if !typed.has("without") {
        return take_answer(&app, &request, Step::Words, &typed).await;
    }
    take_place_off(&app, &request).await?;
    let typed = typed.with("venue", "");
    let page = Question::new(Step::Words, &typed, Vec::new()).coming_from(typed.one("from"));
    first_page(&app, &request, page, &typed).await
}

/// `POST /refer/myself/without-place`
pub async fn without_place(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    take_place_off(&app, &request).await?;
    Ok(see_other(CHECK))
}

/// The place that came along leaves the note that this browser holds, if it holds one.
async fn take_place_off(app: &Data<App>, request: &HttpRequest) -> Result<(), Failure> {
    let Some(browser) = Jar::Note.held(app, request) else { return Ok(()) };
    let (vault, now) = (app.vault.clone(), app.clock.stamp());
    let without = |answers: &mut Answers| {
        answers.venue = None;
        Step::Words
    };
    app.db.write(move |c| draft::change(c, &vault, &browser, now, without)).await.map(|_| ())
}

/// `GET /refer/myself/{step}`
pub async fn question(
    app: Data<App>,
    request: HttpRequest,
    step: Path<String>,
    asked: Query<Asked>,
) -> Result<HttpResponse, Failure> {
    let step = Step::from_code(&step).ok_or(Failure::NotFound)?;
    match held(&app, &request).await? {
        Some(draft) if draft.is_sent() => Ok(see_other(FIRST)),
        Some(draft) => {
            let typed = questions::answered(step, &draft.answers);
            let page = Question::new(step, &typed, Vec::new()).coming_from(&asked.from);
            first_page(&app, &request, page, &typed).await
        }
        None => Ok(see_other(LOST_PLACE)),
    }
}

/// `POST /refer/myself/{step}`
pub async fn answer(app: Data<App>, request: HttpRequest, step: Path<String>, body: Bytes) -> Result<HttpResponse, Failure> {
    let step = Step::from_code(&step).ok_or(Failure::NotFound)?;
    take_answer(&app, &request, step, &Typed::read(&body)).await
}

/// Keeps what was answered on one page and leads on; or shows it again, as it was typed, with what is wrong.
async fn take_answer(app: &Data<App>, request: &HttpRequest, step: Step, typed: &Typed) -> Result<HttpResponse, Failure> {
    let problems = Answers::default().take(step, typed);
    if !problems.is_empty() {
        let page = Question::new(step, typed, problems).coming_from(typed.one("from"));
        return first_page(app, request, page, typed).await;
    }
    let to = if typed.has("later") {
        "/refer/myself/later".to_owned()
    } else if typed.one("from") == "check" {
        CHECK.to_owned()
    } else {
        step.next().path()
    };
    match keep(app, request, step, typed.clone()).await? {
        Kept::Here => Ok(see_other(&to)),
        Kept::Begun(browser) => Ok(on(&to, &Jar::Note.give(app, &browser))),
        Kept::Sent => Ok(see_other(FIRST)),
        Kept::Lost => Ok(see_other(LOST_PLACE)),
    }
}

/// What became of an answer.
enum Kept {
    /// It is with the others.
    Here,
    /// It is the first; this is for the browser to hold.
    Begun(Token),
    /// The note was sent before.
    Sent,
    /// There are no others for it to be with.
    Lost,
}

async fn keep(app: &Data<App>, request: &HttpRequest, step: Step, typed: Typed) -> Result<Kept, Failure> {
    let (browser, network) = (Jar::Note.held(app, request), Browser::of(app, request).network);
    let (vault, now) = (app.vault.clone(), app.clock.stamp());
    app.db
        .write(move |c| {
            if let Some(browser) = &browser {
                let take = |answers: &mut Answers| {
                    answers.take(step, &typed);
                    step.next()
                };
                if draft::change(c, &vault, browser, now, take)?.is_some() {
                    return Ok(Kept::Here);
                }
                if draft::held(c, &vault, browser, now)?.is_some() {
                    return Ok(Kept::Sent);
                }
            }
            if step != Step::Words {
                return Ok(Kept::Lost);
            }
            if !network.is_empty() && !tries::count(c, &vault, NOTES, &network, now)? {
                return Err(Failure::TooMany(15 * 60));
            }
            let mut answers = Answers::default();
            answers.take(step, &typed);
            draft::begin(c, &vault, &answers, step.next(), now).map(Kept::Begun)
        })
        .await
}
