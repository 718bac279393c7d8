//! One page each for a professional, for family or a friend, and for someone who comes back; and the same by phone.

mod form;
mod read;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data},
};

use self::read::{asked_gently, parse};
pub(super) use self::{form::page, read::read};
use super::NOTES;
use crate::{
    accounts::{session::Browser, tries},
    app::App,
    audit::Actor,
    error::Failure,
    referrals::other::receive,
    web::{forget_pages, form::Typed, form_page::FormPage, see_other},
};

/// Which of the pages it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sheet {
    /// A professional writes.
    Someone,
    /// Family or a friend writes.
    Friend,
    /// The person writes again.
    Back,
    /// A coordinator writes down what was said on the phone.
    Phone,
}

impl Sheet {
    fn path(self) -> &'static str {
        match self {
            Self::Someone => "/refer/someone",
            Self::Friend => "/refer/friend",
            Self::Back => "/refer/back",
            Self::Phone => "/intake/by-phone",
        }
    }

    fn heading(self) -> &'static str {
        match self {
            Self::Someone => "Write to us for someone you work with",
            Self::Friend => "Write to us for family or a friend",
            Self::Back => "Welcome back",
            Self::Phone => "Someone rang",
        }
    }

    fn lead(self) -> &'static [&'static str] {
        match self {
            Self::Someone => &[
                "We help people to find places they like, and we come along at first: a café, a band, a course, a job.",
                "Please leave out any diagnosis, medicine or history. We don’t need them and have no place for them.",
            ],
            Self::Friend => &[
                "We help people to find places they like, and we come along at first.",
                "Could they write a few lines themself? You can help them: that page is short, and most of it can be skipped.",
            ],
            Self::Back => &[
                "The door is still open. You need no one to send you.",
                "Tell us who you are and how to reach you. We find what we had, and one of us gets in touch.",
            ],
            Self::Phone => {
                &["Say that it is up to them and that their benefits don’t depend on it. Write it down in their own words."]
            }
        }
    }
}

async fn take(app: Data<App>, request: HttpRequest, sheet: Sheet, body: &[u8]) -> Result<HttpResponse, Failure> {
    let typed = Typed::read(body);
    let note = match read(&app, sheet, &typed) {
        Ok(note) => note,
        Err(page) => return page.shown(&app, &request),
    };
    let (network, vault, now) = (Browser::of(&app, &request).network, app.vault.clone(), app.clock.stamp());
    if !network.is_empty() && !app.db.write(move |c| tries::count(c, &vault, NOTES, &network, now)).await? {
        return Err(Failure::TooMany(15 * 60));
    }
    receive(&app, note, None, Actor::Visitor).await?;
    Ok(forget_pages(see_other("/refer/thanks")))
}

/// `GET /refer/someone`
pub async fn someone(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    page(Sheet::Someone, &Typed::default(), Vec::new()).shown(&app, &request)
}

/// `POST /refer/someone`
pub async fn take_someone(app: Data<App>, request: HttpRequest, body: Bytes) -> Result<HttpResponse, Failure> {
    take(app, request, Sheet::Someone, &body).await
}

/// `GET /refer/friend`
pub async fn friend(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    page(Sheet::Friend, &Typed::default(), Vec::new()).or("/refer/myself", "Let them write themself").shown(&app, &request)
}

/// `POST /refer/friend`
pub async fn take_friend(app: Data<App>, request: HttpRequest, body: Bytes) -> Result<HttpResponse, Failure> {
    take(app, request, Sheet::Friend, &body).await
}

/// `GET /refer/back`
pub async fn back(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    page(Sheet::Back, &Typed::default(), Vec::new()).shown(&app, &request)
}

/// `POST /refer/back`
pub async fn take_back(app: Data<App>, request: HttpRequest, body: Bytes) -> Result<HttpResponse, Failure> {
    take(app, request, Sheet::Back, &body).await
}

pub(super) fn samples() -> Vec<FormPage> {
    let blank = Typed::default();
    let all = [Sheet::Someone, Sheet::Friend, Sheet::Back, Sheet::Phone];
    let wrong = |sheet: Sheet| page(sheet, &blank, parse(sheet, &blank).err().unwrap_or_default());
    let mut samples: Vec<FormPage> = all.into_iter().flat_map(|sheet| [page(sheet, &blank, Vec::new()), wrong(sheet)]).collect();
    samples.push(asked_gently(Sheet::Someone, &blank, "You wrote “depot”. Did you mean to?".to_owned()));
    samples
}
