//! Letters that could not be sent, for administrators: what kind each is and why it failed. Never to whom, and never what it says.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data, Query},
};
use serde::Serialize;

use super::{in_london, sample_moment};
use crate::{
    accounts::Principal,
    app::App,
    audit::Actor,
    error::Failure,
    mail::{self, Failed, Paged, Reason, letters},
    values::LetterId,
    web::{asked::Asked, form::Typed, page::Page, see_other, views::say},
};

/// A letter that could not be sent.
#[derive(Debug, Clone, Serialize)]
pub struct FailedLine {
    /// To send it again by.
    pub id: String,
    /// What kind of letter it is.
    pub kind: &'static str,
    /// Its subject line.
    pub heading: String,
    /// When it was posted: "21 November 2026, midday".
    pub posted: String,
    /// When it was given up.
    pub failed: String,
    /// "12 tries".
    pub tries: String,
    /// Why it failed.
    pub why: &'static str,
    /// The same as a code.
    pub error: String,
    /// Whether it can be sent again.
    pub can_be_sent: bool,
}

/// Letters that failed for the same reason.
#[derive(Debug, Clone, Serialize)]
pub struct ReasonLine {
    /// Why.
    pub why: &'static str,
    /// The same as a code.
    pub error: String,
    /// "3 letters".
    pub letters: String,
}

/// The letters that could not be sent.
#[derive(Debug, Clone, Serialize)]
pub struct FailedPage {
    /// "3 letters"; none where every letter went.
    pub total: Option<String>,
    /// Reasons that kept several from going.
    pub reasons: Vec<ReasonLine>,
    /// One page of them, the latest first.
    pub letters: Vec<FailedLine>,
    /// The page with later ones.
    pub newer: Option<String>,
    /// The page with earlier ones.
    pub older: Option<String>,
    /// What was done.
    pub done: Option<&'static str>,
}

fn done(what: &str) -> Option<&'static str> {
    match what {
        "one" => Some("The letter is on its way again."),
        "all" => Some("The letters are on their way again. If any are left here, you can send those too."),
        "none" => Some("There was nothing to send. Someone may have sent it again before you."),
        _ => None,
    }
}

/// `GET /letters/failed`
pub async fn list(app: Data<App>, request: HttpRequest, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    let (page, now) = (asked.page(mail::LAST_PAGE), app.clock.stamp());
    let (letters, reasons) = app.db.read(move |c| Ok((mail::failed(c, page, now)?, mail::reasons(c, now)?))).await?;
    app.page(&request, &FailedPage::new(letters, reasons, done(&asked.done)))
}

/// `POST /letters/failed`: sends one again, or all that failed for one reason.
pub async fn again(app: Data<App>, who: Principal, body: Bytes) -> Result<HttpResponse, Failure> {
    let (typed, now, by) = (Typed::read(&body), app.clock.stamp(), Actor::Account(who.account));
    let letter = typed.one("letter").parse::<LetterId>();
    let sent = app.db.write(move |c| match letter {
        Ok(letter) => mail::send_again(c, letter, by, now).map(|()| "one"),
        Err(_) => mail::send_all_again(c, typed.one("reason"), by, now).map(|sent| if sent == 0 { "none" } else { "all" }),
    });
    let done = match sent.await {
        Err(Failure::NotFound) => "none",
        sent => sent?,
    };
    Ok(see_other(&format!("/letters/failed?done={done}")))
}

impl FailedPage {
    fn new(letters: Paged<Failed>, reasons: Vec<Reason>, done: Option<&'static str>) -> Self {
        let href = |page: u32| format!("/letters/failed?page={page}");
        let shared = reasons.into_iter().filter(|reason| reason.letters > 1);
        Self {
            total: (letters.total > 0).then(|| count(letters.total)),
            reasons: shared.map(ReasonLine::new).collect(),
            newer: (letters.page > 1).then(|| href(letters.page - 1)),
            older: (letters.page < letters.pages).then(|| href(letters.page + 1)),
            letters: letters.items.into_iter().map(FailedLine::new).collect(),
            done,
        }
    }
}

fn count(letters: i64) -> String {
    say::count(u64::try_from(letters).unwrap_or(0), "letter", "letters")
}

impl ReasonLine {
    fn new(reason: Reason) -> Self {
        Self { why: reason.why, error: reason.error, letters: count(reason.letters) }
    }
}

impl FailedLine {
    fn new(letter: Failed) -> Self {
        Self {
            id: letter.id.to_string(),
            kind: letters::in_words(&letter.kind),
            heading: letter.heading,
            posted: in_london(letter.posted_at),
            failed: letter.failed_at.map(in_london).unwrap_or_default(),
            tries: say::count(u64::try_from(letter.attempts).unwrap_or(0), "try", "tries"),
            why: letter.why,
            error: letter.error,
            can_be_sent: letter.can_be_sent,
        }
    }
}

impl Page for FailedPage {
    const TEMPLATE: &'static str = "failed-letters.html";

    fn title(&self) -> String {
        "Letters that could not be sent".to_owned()
    }

    fn samples() -> Vec<Self> {
        let letter = |kind: &str, error: &str, can_be_sent| Failed {
            id: LetterId(uuid::Uuid::nil()),
            kind: kind.to_owned(),
            heading: "A new message is waiting for you".to_owned(),
            posted_at: sample_moment(),
            failed_at: Some(sample_moment()),
            attempts: 12,
            error: error.to_owned(),
            why: mail::in_words(error),
            can_be_sent,
        };
        let items = vec![letter("new-message", "no-connection", true), letter("sign-in", "refused-550", false)];
        let full = Paged { items, page: 2, pages: 3, total: 54 };
        let reason = Reason { error: "no-connection".to_owned(), why: mail::in_words("no-connection"), letters: 12 };
        let empty = Paged { items: Vec::new(), page: 1, pages: 1, total: 0 };
        vec![Self::new(empty, Vec::new(), None), Self::new(full, vec![reason], done("all"))]
    }
}
