//! What someone agreed to that whoever wrote for them hears: theirs to give and to take back, or written down as they said it.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data, Path, Query},
};
use chrono::NaiveDateTime;
use serde::Serialize;

use super::path::own as own_record;
use crate::{
    accounts::Principal,
    app::App,
    audit::{Action, Actor},
    clock::london_day,
    db::Conn,
    error::{Failure, Problem},
    people::{
        self,
        consents::{self, Consent, How, Purpose},
    },
    referrals::{
        Referrer,
        telling::{self, PURPOSES},
    },
    values::SubjectId,
    vault::Vault,
    web::{
        asked::Asked,
        form::{Choose, Typed},
        page::Page,
        views::say,
    },
};

/// How someone tells those who go along.
const SAID: [How; 2] = [How::InPerson, How::Phone];

/// Something that can be agreed to.
#[derive(Debug, Clone, Serialize)]
pub struct AgreedLine {
    /// Its code.
    pub code: &'static str,
    /// What it is.
    pub label: &'static str,
    /// "Agreed on 3 May 2026, by phone", as it was so far, the latest first.
    pub said: Vec<String>,
    /// Whether they agree now.
    pub stands: bool,
    /// Whether they agreed before the latest note came, and so not about whoever wrote that one.
    pub earlier: bool,
}

/// What someone agreed to.
#[derive(Debug, Clone, Serialize)]
pub struct AgreedPage {
    /// Where the form is sent.
    pub action: String,
    /// Back.
    pub back: String,
    /// Whether it is the person's own page.
    pub own: bool,
    /// Who wrote for them: "Sam Reid, Harbour surgery"; none where it was they themself.
    pub writer: Option<String>,
    /// What can be agreed to.
    pub lines: Vec<AgreedLine>,
    /// What else they agreed to.
    pub others: Vec<AgreedLine>,
    /// The form of those who go along: to what they agree.
    pub what: Choose,
    /// How they said so.
    pub how: Choose,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// What was done.
    pub done: Option<&'static str>,
}

impl Page for AgreedPage {
    const TEMPLATE: &'static str = "agreed.html";

    fn title(&self) -> String {
        if self.own { "What I agreed to" } else { "What they agreed to" }.to_owned()
    }

    fn is_wrong(&self) -> bool {
        !self.problems.is_empty()
    }

    fn samples() -> Vec<Self> {
        let line = |purpose: Purpose, stands| AgreedLine {
            code: purpose.code(),
            label: purpose.label(),
            said: vec!["Agreed on 3 May 2026, by phone".to_owned()],
            stands,
            earlier: !stands,
        };
        let own = Self {
            action: "/my-path/agreed".to_owned(),
            back: "/my-path".to_owned(),
            own: true,
            writer: Some("Sam Reid, Harbour surgery".to_owned()),
            lines: vec![line(Purpose::Told, true), line(Purpose::Progress, false)],
            others: vec![line(Purpose::Keep, true)],
            what: what(&[line(Purpose::Progress, false)]),
            how: how(),
            problems: Vec::new(),
            done: done("yes"),
        };
        let staff = Self { own: false, back: "/people/1".to_owned(), action: "/people/1/agreed".to_owned(), ..own.clone() };
        let problems = vec![Problem::new("how", "Choose how they said so.")];
        let wrong = Self { how: how().typed(&Typed::default(), &problems), problems, done: None, ..staff.clone() };
        vec![Self { writer: None, lines: Vec::new(), done: None, ..own.clone() }, own, staff, wrong]
    }
}

fn what(lines: &[AgreedLine]) -> Choose {
    let open: Vec<(&str, &str)> = lines.iter().filter(|line| !line.stands).map(|line| (line.code, line.label)).collect();
    Choose::one("purpose", "What do they agree to, in their words?", &open)
}

fn how() -> Choose {
    let said: Vec<(&str, &str)> = SAID.iter().map(|how| (how.code(), how.label())).collect();
    Choose::one("how", "How did they say so?", &said)
}

fn done(what: &str) -> Option<&'static str> {
    match what {
        "yes" => Some("It is noted. You can take it back at any time."),
        "no" => Some("It is taken back. From now on, nothing of that is told."),
        "theirs" => Some("It is noted, with the day and how they said it."),
        _ => None,
    }
}

/// Whose page it is, and where.
#[derive(Clone)]
struct Place {
    person: SubjectId,
    own: bool,
    back: String,
}

impl Place {
    fn own(who: &Principal) -> Result<Self, Failure> {
        Ok(Self { person: own_record(who)?, own: true, back: "/my-path".to_owned() })
    }

    fn theirs(person: SubjectId) -> Self {
        Self { person, own: false, back: format!("/people/{person}") }
    }
}

/// `GET /my-path/agreed`
pub async fn own(app: Data<App>, request: HttpRequest, who: Principal, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    let place = Place::own(&who)?;
    shown(&app, &request, who, place, &Typed::default(), Vec::new(), done(&asked.done)).await
}

/// `GET /people/{person}/agreed`
pub async fn theirs(
    app: Data<App>,
    request: HttpRequest,
    who: Principal,
    person: Path<SubjectId>,
    asked: Query<Asked>,
) -> Result<HttpResponse, Failure> {
    let place = Place::theirs(*person);
    shown(&app, &request, who, place, &Typed::default(), Vec::new(), done(&asked.done)).await
}

async fn shown(
    app: &Data<App>,
    request: &HttpRequest,
    who: Principal,
    place: Place,
    typed: &Typed,
    problems: Vec<Problem>,
    done: Option<&'static str>,
) -> Result<HttpResponse, Failure> {
    let (vault, now) = (app.vault.clone(), app.clock.stamp());
    let page = app.db.write(move |c| {
        people::note_read(c, &who, place.person, Action::RecordRead, now)?;
        made(c, &vault, &place)
    });
    let page = page.await?;
    let (what, how) = (page.what.clone().typed(typed, &problems), page.how.clone().typed(typed, &problems));
    app.page(request, &AgreedPage { what, how, problems, done, ..page })
}

fn made(c: &mut Conn, vault: &Vault, place: &Place) -> Result<AgreedPage, Failure> {
    let name = |referrer: &Referrer| {
        let parts = [referrer.name.as_str(), referrer.organisation.as_str()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    };
    let mut writers: Vec<String> = telling::writers(c, vault, place.person)?.iter().map(name).collect();
    writers.dedup();
    let writer = (!writers.is_empty()).then(|| writers.join("; "));
    let all = consents::of(c, place.person)?;
    let since = telling::latest_note(c, place.person)?;
    let lines: Vec<AgreedLine> = PURPOSES.iter().map(|purpose| line(*purpose, &all, since)).collect();
    let lines = if writer.is_some() { lines } else { Vec::new() };
    let others = Purpose::ALL
        .iter()
        .filter(|purpose| !PURPOSES.contains(purpose))
        .map(|purpose| line(*purpose, &all, NaiveDateTime::default()));
    Ok(AgreedPage {
        action: format!("{}/agreed", place.back),
        back: place.back.clone(),
        own: place.own,
        writer,
        what: what(&lines),
        lines,
        others: others.filter(|line| !line.said.is_empty()).collect(),
        how: how(),
        problems: Vec::new(),
        done: None,
    })
}

fn line(purpose: Purpose, all: &[Consent], since: NaiveDateTime) -> AgreedLine {
    let of_it = all.iter().filter(|consent| consent.purpose == purpose);
    // What another said for them counts only for keeping what was written.
    let theirs = |consent: &&Consent| consent.how != How::Told || purpose == Purpose::Keep;
    let of_it: Vec<&Consent> = of_it.filter(theirs).collect();
    let stands = of_it.iter().any(|consent| consent.withdrawn_at.is_none() && consent.given_at >= since);
    AgreedLine {
        code: purpose.code(),
        label: purpose.label(),
        said: of_it.iter().map(|consent| said(consent)).collect(),
        stands,
        earlier: !stands && of_it.iter().any(|consent| consent.withdrawn_at.is_none()),
    }
}

fn said(consent: &Consent) -> String {
    let day = |at: NaiveDateTime| say::date(london_day(at));
    let back = consent.withdrawn_at.map(|at| format!(", taken back on {}", day(at))).unwrap_or_default();
    format!("Agreed on {}, {}{back}", day(consent.given_at), say::uncapital(consent.how.label()))
}

/// `POST /my-path/agreed`
pub async fn own_answer(app: Data<App>, request: HttpRequest, who: Principal, body: Bytes) -> Result<HttpResponse, Failure> {
    let place = Place::own(&who)?;
    answer(&app, &request, who, place, &Typed::read(&body)).await
}

/// `POST /people/{person}/agreed`: as the person said it.
pub async fn their_answer(
    app: Data<App>,
    request: HttpRequest,
    who: Principal,
    person: Path<SubjectId>,
    body: Bytes,
) -> Result<HttpResponse, Failure> {
    answer(&app, &request, who, Place::theirs(*person), &Typed::read(&body)).await
}

async fn answer(
    app: &Data<App>,
    request: &HttpRequest,
    who: Principal,
    place: Place,
    typed: &Typed,
) -> Result<HttpResponse, Failure> {
    let (vault, now, by, at) = (app.vault.clone(), app.clock.stamp(), Actor::Account(who.account), place.clone());
    app.write_or_ask_again(
        parse(typed, place.own),
        move |c, (purpose, how)| {
            let done = match how {
                None => telling::take_back(c, at.person, purpose, by, now).map(|()| "no"),
                Some(how) => {
                    telling::agree(c, &vault, at.person, (purpose, how), by, now).map(|()| if at.own { "yes" } else { "theirs" })
                }
            };
            Ok(format!("{}/agreed?done={}", at.back, done?))
        },
        async |problems| shown(app, request, who, place, typed, problems, None).await,
    )
    .await
}

/// To what, and how they said yes; none where it is taken back.
fn parse(typed: &Typed, own: bool) -> Result<(Purpose, Option<How>), Vec<Problem>> {
    let mut problems = Vec::new();
    let purpose = Purpose::from_code(typed.one("purpose")).filter(|purpose| PURPOSES.contains(purpose));
    if purpose.is_none() {
        problems.push(Problem::new("purpose", "Choose what it is about."));
    }
    let how = match (typed.one("answer"), own) {
        ("no", _) => None,
        (_, true) => Some(How::Page),
        (_, false) => {
            let how = How::from_code(typed.one("how")).filter(|how| SAID.contains(how));
            if how.is_none() {
                problems.push(Problem::new("how", "Choose how they said so."));
            }
            how
        }
    };
    purpose.filter(|_| problems.is_empty()).map(|purpose| (purpose, how)).ok_or(problems)
}
