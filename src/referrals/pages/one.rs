//! One referral, as a coordinator sees it.

mod made;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path, Query},
};
use serde::Serialize;

pub(super) use self::made::{about_them, how_they_stand};
use crate::{
    accounts::Principal,
    app::App,
    error::Failure,
    people::{Like, consents},
    referrals::state::State,
    values::ReferralId,
    web::{asked::Asked, page::Page},
};

/// A label and what stands beside it.
#[derive(Debug, Clone, Serialize)]
pub struct Fact {
    /// What it is.
    pub label: &'static str,
    /// What was said.
    pub text: String,
}

/// A move that was made.
#[derive(Debug, Clone, Serialize)]
pub struct Moved {
    /// "21 November 2026".
    pub day: String,
    /// Where it led.
    pub to: &'static str,
    /// Who wrote it down.
    pub by: String,
    /// Why.
    pub why: Option<String>,
}

/// A message that was written since.
#[derive(Debug, Clone, Serialize)]
pub struct Message {
    /// "21 November 2026".
    pub day: String,
    /// Whether they wrote it; else someone of the team did.
    pub theirs: bool,
    /// What it says.
    pub text: String,
}

/// Someone who may be the same.
#[derive(Debug, Clone, Serialize)]
pub struct Alike {
    /// Whose record it is.
    pub person: String,
    /// What they want to be called.
    pub name: String,
    /// In what they are alike: "the same phone number".
    pub likes: String,
    /// How they stand.
    pub state: &'static str,
}

/// One referral.
#[derive(Debug, Clone, Serialize)]
pub struct ReferralPage {
    /// Where it is.
    pub href: String,
    /// What they want to be called.
    pub name: String,
    /// How it stands.
    pub state: &'static str,
    /// The same as a code.
    pub code: &'static str,
    /// "Wrote to us themself, on our page, 12 days ago".
    pub came: String,
    /// The first contact; none while there was none.
    pub first_contact: Option<String>,
    /// What they would like to do.
    pub words: String,
    /// Messages that were written since, the latest first.
    pub messages: Vec<Message>,
    /// Their record, where messages are answered.
    pub record: String,
    /// The place they would like to try: its page and name.
    pub venue: Option<(String, String)>,
    /// What they say about themself.
    pub about: Vec<Fact>,
    /// How to reach them.
    pub contact: Vec<Fact>,
    /// What must not be said in a message.
    pub never_say: Option<String>,
    /// Who wrote for them.
    pub referrer: Vec<Fact>,
    /// What they agreed to.
    pub consents: Vec<Fact>,
    /// Where it is written down what whoever wrote for them may hear; none where nobody did.
    pub agreed: Option<String>,
    /// Who goes along.
    pub worker: Option<String>,
    /// Who may be the same.
    pub alike: Vec<Alike>,
    /// What was decided so far.
    pub moves: Vec<Moved>,
    /// The teams that can take it on; one where there is no choice.
    pub teams: Vec<(String, String)>,
    /// What was done.
    pub done: Option<&'static str>,
}

impl Page for ReferralPage {
    const TEMPLATE: &'static str = "referral.html";

    fn title(&self) -> String {
        "A note from someone".to_owned()
    }

    fn samples() -> Vec<Self> {
        let new = Self {
            href: "/intake/6f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d8".to_owned(),
            name: "Morgan Vale".to_owned(),
            state: State::Received.label(),
            code: State::Received.code(),
            came: "Wrote to us themself, on our page, 12 days ago".to_owned(),
            first_contact: None,
            words: "I want to drum again,\nwith others.".to_owned(),
            messages: vec![Message {
                day: "21 November 2026".to_owned(),
                theirs: true,
                text: "Please don’t ring, write to me.".to_owned(),
            }],
            record: "/people/6f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d8".to_owned(),
            venue: Some(("/venues/1".to_owned(), "Sample Studio".to_owned())),
            about: vec![Fact { label: "What helps", text: "No steps".to_owned() }],
            contact: vec![Fact { label: "A call", text: "07700 900123".to_owned() }],
            never_say: Some("The name of the team".to_owned()),
            referrer: Vec::new(),
            agreed: None,
            consents: vec![Fact { label: "21 November 2026", text: consents::Purpose::Keep.label().to_owned() }],
            worker: None,
            alike: vec![Alike {
                person: "6f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d9".to_owned(),
                name: "Morgan V".to_owned(),
                likes: Like::Phone.label().to_owned(),
                state: State::OpenDoor.label(),
            }],
            moves: Vec::new(),
            teams: vec![("1".to_owned(), "East team".to_owned())],
            done: done("received"),
        };
        let moved = |to: State, why: Option<&str>| Moved {
            day: "21 November 2026".to_owned(),
            to: to.label(),
            by: "Cora Lindqvist".to_owned(),
            why: why.map(str::to_owned),
        };
        let waiting = Self {
            code: State::Accepted.code(),
            state: State::Accepted.label(),
            first_contact: Some("2 days".to_owned()),
            venue: None,
            never_say: None,
            words: String::new(),
            referrer: vec![Fact { label: "Name", text: "Sam Reid".to_owned() }],
            agreed: Some("/people/6f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d8/agreed".to_owned()),
            alike: Vec::new(),
            moves: vec![moved(State::Accepted, None)],
            done: None,
            ..new.clone()
        };
        let going = Self {
            code: State::Active.code(),
            state: State::Active.label(),
            worker: Some("Rowan Ashby".to_owned()),
            ..waiting.clone()
        };
        let why = Some("We have no one who can.\n\nWhere else to try: the library");
        let declined = Self {
            code: State::Declined.code(),
            state: State::Declined.label(),
            moves: vec![moved(State::Declined, why)],
            ..waiting.clone()
        };
        let teams = vec![("1".to_owned(), "East team".to_owned()), ("2".to_owned(), "West team".to_owned())];
        vec![Self { teams, ..new.clone() }, new, waiting, going, declined]
    }
}

fn done(what: &str) -> Option<&'static str> {
    match what {
        "received" => Some("It is written down. It stands in the list with the others."),
        "accepted" => Some("They are on the waiting list."),
        "declined" => Some("It is noted. Tell them kindly, and tell them where else to try."),
        "written" => Some("It is noted, and a letter to them is on its way."),
        "withdrawn" => Some("It is noted that they took it back."),
        "stopped" => Some("It is noted. The door stays open for them."),
        "allocated" => Some("Their bridge builder has it now, and a letter about it."),
        "contact" => Some("It is noted."),
        "error" => Some("It is noted that this was entered in error."),
        "joined" => Some("The two records are one now."),
        _ => None,
    }
}

/// `GET /intake/{referral}`
pub async fn one(
    app: Data<App>,
    request: HttpRequest,
    who: Principal,
    id: Path<ReferralId>,
    asked: Query<Asked>,
) -> Result<HttpResponse, Failure> {
    let (shared, now, id, done) = (app.clone(), app.clock.stamp(), *id, done(&asked.done));
    let page = app.db.write(move |c| Ok(ReferralPage { done, ..made::shown(c, &shared, &who, id, now)? })).await?;
    app.page(&request, &page)
}

/// Back to a referral, which says what was done.
pub(super) fn at(id: ReferralId, done: &str) -> String {
    format!("/intake/{id}?done={done}")
}
