//! "Tell us what you'd like to do": one question a page, without an account, to be left and taken up again.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Bytes, Data, Path, Query},
};
use serde::{Deserialize, Serialize};

use super::{LINKS, NOTES, on};
use crate::{
    accounts::{
        session::{Browser, Jar},
        token::Token,
        tries,
    },
    app::App,
    db::Conn,
    error::{Failure, Problem},
    mail::{self, GoOn},
    people::Reach,
    referrals::{
        self, Answers, Step,
        draft::{self, Draft},
    },
    values::{Email, VenueId},
    vault::Private,
    venues,
    web::{
        form::{Choose, Field, Typed},
        form_page::{FormPage, Link, Part},
        page::Page,
        see_other,
        views::say,
    },
};

/// Where a note begins.
const FIRST: &str = "/refer/myself";
/// Where it is checked.
const CHECK: &str = "/refer/myself/check";
/// Where it says that we have it.
const THANKS: &str = "/refer/thanks";

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
        let problem = if self.problems.is_empty() { "" } else { "Problem: " };
        format!("{problem}{} ({} of {})", self.heading, self.number, self.of)
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
        let hidden = if step == Step::Words { carried_along(typed) } else { Vec::new() };
        Self {
            heading: heading(step),
            number: step.number(),
            of: Step::ALL.len(),
            back: step.before().map(Step::path),
            venue: None,
            notice: None,
            action: step.path(),
            hidden,
            parts: parts(step, typed, &problems),
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

    fn shown(&self, app: &App, request: &HttpRequest) -> Result<HttpResponse, Failure> {
        let mut answer = app.page(request, self)?;
        if !self.problems.is_empty() {
            *answer.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        }
        Ok(answer)
    }
}

fn carried_along(typed: &Typed) -> Vec<(&'static str, String)> {
    let there = ["venue", "near"].into_iter().filter(|name| typed.has(name));
    there.map(|name| (name, typed.one(name).to_owned())).collect()
}

fn heading(step: Step) -> &'static str {
    match step {
        Step::Words => "Tell us what you’d like to do",
        Step::GoodAt => "What do you like, or what are you good at?",
        Step::Name => "What shall we call you?",
        Step::Contact => "How can we reach you?",
        Step::Care => "When can we get in touch?",
        Step::Area => "Where do you spend your days?",
        Step::Needs => "What would make it easier for you?",
        Step::Helper => "Is someone helping you with this?",
        Step::Check => "Check what you wrote",
    }
}

fn parts(step: Step, typed: &Typed, problems: &[Problem]) -> Vec<Part> {
    let fields = match step {
        Step::Words => vec![
            Field { longest: 5000, ..Field::area("words", "In your own words") }
                .hint("A few lines are enough, or a few words. Not sure yet? Leave it blank and go on.")
                .optional(),
        ],
        Step::GoodAt => vec![
            Field { longest: 2000, ..Field::area("good_at", "What you like or are good at") }
                .hint("Cooking, fixing things, making people laugh: anything counts.")
                .optional(),
        ],
        Step::Name => {
            vec![
                Field { longest: 100, ..Field::line("name", "Your name") }
                    .hint("A first name or a nickname is fine.")
                    .filled("nickname"),
            ]
        }
        Step::Contact => return contact_parts(typed, problems),
        Step::Care => vec![
            Field::line("when", "When is a good time?").hint("Such as “weekdays after 2”.").optional(),
            Field { longest: 500, ..Field::area("never_say", "What must we not say in a message?") }
                .hint("Others may hear your voicemail or see your post. We never say what it is about.")
                .optional(),
        ],
        Step::Area => vec![
            Field { longest: 100, ..Field::line("area", "Postcode or part of town") }
                .hint("So that we find places near you. The first half is enough, such as SE15.")
                .filled("postal-code")
                .optional(),
        ],
        Step::Needs => vec![
            Field { longest: 2000, ..Field::area("access", "What helps?") }
                .hint("No steps, a quiet room, a friend beside you, days that are better than others.")
                .optional(),
            Field::line("languages", "Languages you speak").optional(),
        ],
        Step::Helper => vec![
            Field { longest: 100, ..Field::line("helper", "Who is helping you?") }
                .hint("Their name, and who they are to you. On your own? Then leave this blank.")
                .optional(),
        ],
        Step::Check => Vec::new(),
    };
    fields.into_iter().map(|field| Part::from(field.typed(typed, problems))).collect()
}

/// A way to reach someone, and what goes with it.
pub(super) fn contact_parts(typed: &Typed, problems: &[Problem]) -> Vec<Part> {
    let ways: Vec<(&str, &str)> = Reach::ALL.iter().map(|reach| (reach.code(), reach.label())).collect();
    let at = Field { longest: 300, ..Field::line("reach_at", "The number or address for that") }
        .hint("Your phone number, your e-mail or postal address, or the name and number of someone you trust.");
    vec![
        Choose::one("reach", "Which way do you like best?", &ways).typed(typed, problems).into(),
        at.typed(typed, problems).into(),
    ]
}

/// What was answered on a page, as it was typed.
fn answered(step: Step, answers: &Answers) -> Typed {
    let typed = Typed::default();
    match step {
        Step::Words => {
            let typed = typed.with("words", answers.words.as_str());
            answers.venue.map_or(typed.clone(), |venue| typed.with("venue", &venue.to_string()))
        }
        Step::GoodAt => typed.with("good_at", answers.good_at.as_str()),
        Step::Name => typed.with("name", answers.name.as_str()),
        Step::Contact => typed.with("reach", answers.reach.map_or("", Reach::code)).with("reach_at", answers.reach_at.as_str()),
        Step::Care => typed.with("when", answers.when.as_str()).with("never_say", answers.never_say.as_str()),
        Step::Area => typed.with("area", answers.area.as_str()),
        Step::Needs => typed.with("access", answers.access.as_str()).with("languages", answers.languages.as_str()),
        Step::Helper => typed.with("helper", answers.helper.as_str()),
        Step::Check => typed,
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
    app.db.read(move |c| name_of(c, id)).await
}

fn name_of(c: &mut Conn, id: VenueId) -> Result<Option<String>, Failure> {
    Ok(venues::store::cards(c, &[id])?.pop().map(|card| say::calm(&card.lead.facts.name)))
}

/// `GET /refer/myself`
pub async fn first(app: Data<App>, request: HttpRequest, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    let draft = held(&app, &request).await?;
    if draft.as_ref().is_some_and(Draft::is_sent) {
        return sent_page().shown(&app, &request);
    }
    let typed = draft.map_or_else(Typed::default, |draft| answered(Step::Words, &draft.answers));
    let typed = if asked.venue.is_empty() { typed } else { typed.with("venue", &asked.venue) };
    let notice = (!asked.lost.is_empty()).then_some(LOST);
    let page = Question { notice, ..Question::new(Step::Words, &typed, Vec::new()) };
    first_page(&app, &request, page.coming_from(&asked.from), &typed).await
}

async fn first_page(app: &Data<App>, request: &HttpRequest, page: Question, typed: &Typed) -> Result<HttpResponse, Failure> {
    Question { venue: venue_name(app, typed).await?, ..page }.shown(app, request)
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
    take_answer(&app, &request, Step::Words, &Typed::read(&body)).await
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
            let typed = answered(step, &draft.answers);
            let page = Question::new(step, &typed, Vec::new()).coming_from(&asked.from);
            first_page(&app, &request, page, &typed).await
        }
        None => Ok(see_other("/refer/myself?lost=yes")),
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
        Kept::Lost => Ok(see_other("/refer/myself?lost=yes")),
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
        let problem = if self.problems.is_empty() { "" } else { "Problem: " };
        format!("{problem}{} (9 of 9)", heading(Step::Check))
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
        error: crate::web::form::error(problems, id),
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
    let Some(draft) = held(app, request).await? else { return Ok(see_other("/refer/myself?lost=yes")) };
    if draft.is_sent() {
        return Ok(see_other(FIRST));
    }
    let venue = draft.answers.venue;
    let venue = app.db.read(move |c| venue.map_or(Ok(None), |venue| name_of(c, venue))).await?;
    let page = CheckPage::new(&draft.answers, venue, &app.clinical, problems);
    let mut answer = app.page(request, &page)?;
    if !page.problems.is_empty() {
        *answer.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(answer)
}

/// `POST /refer/myself/check`: sends it.
pub async fn send(app: Data<App>, request: HttpRequest, body: Bytes) -> Result<HttpResponse, Failure> {
    let Some(browser) = Jar::Note.held(&app, &request) else { return Ok(see_other("/refer/myself?lost=yes")) };
    let Some(draft) = held(&app, &request).await? else { return Ok(see_other("/refer/myself?lost=yes")) };
    if draft.is_sent() {
        return Ok(see_other(THANKS));
    }
    let mut problems = draft.answers.lacking();
    if Typed::read(&body).one("agree") != "yes" {
        problems.push(Problem::new("agree", AGREE));
    }
    if !problems.is_empty() {
        return check_page(&app, &request, problems).await;
    }
    let (shared, now) = (app.clone(), app.clock.stamp());
    app.db.write(move |c| referrals::own::send(c, &shared, &browser, now)).await?;
    Ok(see_other(THANKS))
}

/// What is said to whoever has sent a note: the same to all.
#[derive(Debug, Clone, Serialize)]
pub struct ThanksPage {}

impl Page for ThanksPage {
    const TEMPLATE: &'static str = "thanks.html";

    fn title(&self) -> String {
        "Thank you. We have your note".to_owned()
    }

    fn samples() -> Vec<Self> {
        vec![Self {}]
    }
}

/// `GET /refer/thanks`
pub async fn thanks(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    app.page(&request, &ThanksPage {})
}

/// Who it is for.
#[derive(Debug, Clone, Serialize)]
pub struct WhoPage {}

impl Page for WhoPage {
    const TEMPLATE: &'static str = "refer.html";

    fn title(&self) -> String {
        "Who is it for?".to_owned()
    }

    fn samples() -> Vec<Self> {
        vec![Self {}]
    }
}

/// `GET /refer`
pub async fn who(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    app.page(&request, &WhoPage {})
}

fn sent_page() -> FormPage {
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
        None => Ok(see_other(FIRST)),
    }
}

fn later_page(step: Step, typed: &Typed, problems: Vec<Problem>) -> FormPage {
    FormPage::new("Your answers are kept", "/refer/myself/later", "Mail me a link")
        .say("Take your time. Come back to this page on this device within 14 days, and you go on where you stopped.")
        .say("Is it a shared device? Or do you want to go on elsewhere? Then we can mail you a link. It says nothing of what you wrote.")
        .ask(Field::email("email", "Your e-mail address").typed(typed, &problems))
        .or(step.path(), "Go on now")
        .or("/refer/myself/check", "See all my answers, or delete them")
        .wrong(problems)
}

/// `POST /refer/myself/later`
pub async fn send_link(app: Data<App>, request: HttpRequest, body: Bytes) -> Result<HttpResponse, Failure> {
    let Some(browser) = Jar::Note.held(&app, &request) else { return Ok(see_other(FIRST)) };
    let typed = Typed::read(&body);
    let Ok(email) = typed.one("email").parse::<Email>() else {
        let step = held(&app, &request).await?.and_then(|draft| draft.step).unwrap_or(Step::Words);
        let problem = Problem::new("email", "Type your e-mail address, such as name@example.org.");
        return later_page(step, &typed, vec![problem]).shown(&app, &request);
    };
    let (shared, now) = (app.clone(), app.clock.stamp());
    app.db.write(move |c| post_link(c, &shared, &browser, &email, now)).await?;
    Ok(see_other("/refer/myself/later?from=sent"))
}

fn post_link(c: &mut Conn, app: &App, browser: &Token, email: &Email, now: chrono::NaiveDateTime) -> Result<(), Failure> {
    if !tries::count(c, &app.vault, LINKS, email.as_str(), now)? {
        return Err(Failure::TooMany(60 * 60));
    }
    let Some(draft) = draft::held(c, &app.vault, browser, now)? else { return Ok(()) };
    let Some(link) = draft::resume_link(c, browser, now)? else { return Ok(()) };
    let days = u32::try_from(draft::LASTS.num_days()).unwrap_or_default();
    let letter = GoOn { link: format!("{}note/{}", app.web.public_url(), link.show()), days };
    mail::post(c, &app.vault, draft.subject, &Private::new(email.as_str()), &letter, now)
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

pub(super) fn forms() -> Vec<FormPage> {
    let problem = vec![Problem::new("email", "Type your e-mail address, such as name@example.org.")];
    let page = later_page(Step::Name, &Typed::default(), Vec::new());
    vec![
        sent_page(),
        later_page(Step::Name, &Typed::default().with("email", "morgan"), problem),
        FormPage { notice: Some("A letter with your link is on its way.".to_owned()), ..page },
        again_page("token"),
        gone_page(),
    ]
}
