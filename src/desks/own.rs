//! What is the person's own to see and to decide: who has looked, and whether it is kept at all.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data, Query},
};
use serde::Serialize;

use super::{path::own as own_record, words};
use crate::{
    accounts::{self, Principal},
    app::App,
    audit::{self, Actor, Recorded},
    db::Conn,
    error::{Failure, Problem},
    people,
    values::{AccountId, SubjectId},
    vault::Vault,
    web::{
        asked::Asked,
        form::{Choose, Typed},
        form_page::FormPage,
        page::Page,
    },
};

/// Furthest page.
const LAST_PAGE: u32 = 10_000;

/// Something that was done with someone's record.
#[derive(Debug, Clone, Serialize)]
pub struct LookLine {
    /// Who.
    pub who: String,
    /// What.
    pub what: &'static str,
    /// When.
    pub when: String,
}

/// Who has looked at someone's record, and what was done with it.
#[derive(Debug, Clone, Serialize)]
pub struct LookedPage {
    /// What was done, the newest first.
    pub lines: Vec<LookLine>,
    /// The page before.
    pub newer: Option<String>,
    /// The page after.
    pub older: Option<String>,
}

impl Page for LookedPage {
    const TEMPLATE: &'static str = "looked.html";

    fn title(&self) -> String {
        "Who has looked".to_owned()
    }

    fn samples() -> Vec<Self> {
        let line = |action: audit::Action| LookLine {
            who: "Rowan Ashby".to_owned(),
            what: action.label(),
            when: "21 November 2026, midday".to_owned(),
        };
        let lines = audit::Action::ALL.iter().map(|action| line(*action)).collect();
        let (newer, older) = (Some("/my-path/looked?page=1".to_owned()), Some("/my-path/looked?page=3".to_owned()));
        vec![Self { lines: Vec::new(), newer: None, older: None }, Self { lines, newer, older }]
    }
}

/// `GET /my-path/looked`
pub async fn looked(app: Data<App>, request: HttpRequest, who: Principal, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    let person = own_record(&who)?;
    let page = asked.page(LAST_PAGE);
    let vault = app.vault.clone();
    let made = app.db.read(move |c| {
        let found = audit::of(c, person, page)?;
        let at = |page: u32| format!("/my-path/looked?page={page}");
        let lines = looks(c, &vault, who.account, &found.entries)?;
        Ok(LookedPage { lines, newer: (page > 1).then(|| at(page - 1)), older: found.more.then(|| at(page + 1)) })
    });
    app.page(&request, &made.await?)
}

/// Who did what, in words; the person's own doing is theirs.
pub(super) fn looks(c: &mut Conn, vault: &Vault, own: AccountId, entries: &[Recorded]) -> Result<Vec<LookLine>, Failure> {
    let accounts: Vec<AccountId> = entries.iter().filter_map(|entry| account(entry.actor)).collect();
    let names = accounts::people::names(c, vault, &accounts)?;
    let who = |actor: Actor| match actor {
        Actor::Account(id) if id == own => "You".to_owned(),
        Actor::Account(id) => names.get(&id).cloned().unwrap_or_else(|| words::WORKED_HERE.to_owned()),
        Actor::Person(_) => "You".to_owned(),
        Actor::System => "Footbridge itself".to_owned(),
        Actor::Visitor => "Whoever sent the form".to_owned(),
    };
    let line = |entry: &Recorded| LookLine { who: who(entry.actor), what: entry.action.label(), when: words::moment(entry.at) };
    Ok(entries.iter().map(line).collect())
}

fn account(actor: Actor) -> Option<AccountId> {
    if let Actor::Account(id) = actor { Some(id) } else { None }
}

/// `GET /my-path/erase`
pub async fn erase(app: Data<App>, request: HttpRequest, who: Principal) -> Result<HttpResponse, Failure> {
    own_record(&who)?;
    erase_page(Vec::new()).shown(&app, &request)
}

fn erase_page(problems: Vec<Problem>) -> FormPage {
    FormPage::new("Erase all that is about you", "/my-path/erase", "Erase it all now")
        .say("We erase what you wrote, what others wrote about you, and your way in. It can’t be brought back, by no one.")
        .say("You may want to download it first. If you only want to stop for now, you can do that and keep it.")
        .ask(Choose::several("sure", "Are you sure?", &[("yes", "Yes, erase it all")]).typed(&Typed::default(), &problems))
        .or("/my-path/download", "Download it first")
        .or("/my-path", "No, go back")
        .wrong(problems)
}

/// `POST /my-path/erase`
pub async fn erased(app: Data<App>, request: HttpRequest, who: Principal, body: Bytes) -> Result<HttpResponse, Failure> {
    let person: SubjectId = own_record(&who)?;
    if Typed::read(&body).one("sure") != "yes" {
        return erase_page(vec![Problem::new("sure", "Tick this if you are sure.")]).shown(&app, &request);
    }
    let (vault, now) = (app.vault.clone(), app.clock.stamp());
    app.db.write(move |c| people::erase(c, &vault, person, Actor::Account(who.account), now)).await?;
    let (vault, db) = (app.vault.clone(), app.db.clone());
    crate::db::blocking(move || vault.note_erasures(&db)).await?;
    let answer = FormPage::new("It is erased", "", "")
        .say("Nothing of it is left with us. You can come back at any time and begin anew.")
        .or("/", "To the front page")
        .shown(&app, &request)?;
    accounts::pages::sign_out(&app, answer)
}

pub(super) fn samples() -> Vec<FormPage> {
    let problem = |field: &str| vec![Problem::new(field, "That is too long. Use up to 100 letters.")];
    vec![erase_page(Vec::new()), erase_page(problem("sure"))]
}
