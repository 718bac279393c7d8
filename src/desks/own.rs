//! What is the person's own to see and change: what they say about themself, who has looked, and whether it is kept at all.

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
    people::{self, About, Reach},
    values::{AccountId, SubjectId, Text},
    vault::Vault,
    web::{
        asked::Asked,
        form::{Choose, Field, Typed},
        form_page::{FormPage, Part},
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
        Actor::Account(id) => names.get(&id).cloned().unwrap_or_else(|| "Someone who worked here".to_owned()),
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

/// A field of what someone says about themself: name, label, hint, whether it is long.
type Asking = (&'static str, &'static str, &'static str, bool);

const ABOUT: [Asking; 13] = [
    ("chosen_name", "What would you like to be called?", "", false),
    ("pronouns", "Your pronouns", "Such as she/her or they/them.", false),
    ("area", "Where do you live, roughly?", "A postcode or a part of town.", false),
    ("strengths", "What are you good at?", "", true),
    ("skills", "What have you learnt to do?", "", true),
    ("interests", "What interests you?", "", true),
    ("could_teach", "What could you teach someone?", "", true),
    ("could_help_with", "What could you lend a hand with?", "", true),
    ("could_host", "What could you host?", "Tea at your place, a game, a walk.", true),
    ("could_start", "What could you start?", "", true),
    ("access_needs", "What makes it easier for you?", "A seat, no steps, a quiet corner.", true),
    ("languages", "Languages you speak", "", false),
    ("phone", "Your phone number", "", false),
];
const REACH_WHEN: Asking = ("when", "When is a good time to get in touch?", "", false);
const NEVER_SAY: Asking = ("never_say", "What should we never leave in a message?", "", false);

/// `GET /my-path/about`
pub async fn about(app: Data<App>, request: HttpRequest, who: Principal) -> Result<HttpResponse, Failure> {
    let (person, vault) = (own_record(&who)?, app.vault.clone());
    let about = app.db.read(move |c| people::about(c, &vault, person)).await?.ok_or(Failure::NotFound)?;
    about_page(&typed(&about), Vec::new()).shown(&app, &request)
}

fn about_page(typed: &Typed, problems: Vec<Problem>) -> FormPage {
    let page = FormPage::new("About you", "/my-path/about", "Keep it")
        .say("Say as much or as little as you like. You can leave any of it blank.")
        .say("Your bridge builder and the coordinator of the team can read this. No place you go to sees it.");
    let field = |(name, label, hint, long): Asking| {
        let field = if long { Field::area(name, label) } else { Field::line(name, label) };
        let field = if hint.is_empty() { field } else { field.hint(hint) };
        Part::from(field.optional().typed(typed, &problems))
    };
    let page = ABOUT.into_iter().fold(page, |page, asking| page.ask(field(asking)));
    let ways: Vec<(&str, &str)> = Reach::ALL.iter().map(|way| (way.code(), way.label())).collect();
    let page = page.ask(Choose::several("ways", "How may we get in touch?", &ways).typed(typed, &problems));
    let page = [REACH_WHEN, NEVER_SAY].into_iter().fold(page, |page, asking| page.ask(field(asking)));
    page.or("/my-path", "Back to your path").wrong(problems)
}

/// What someone said, as the form shows it.
fn typed(about: &About) -> Typed {
    let contact = &about.contact;
    let fields: [(&str, &str); 15] = [
        ("chosen_name", about.chosen_name.as_str()),
        ("pronouns", about.pronouns.as_str()),
        ("area", about.area.as_str()),
        ("strengths", about.strengths.as_str()),
        ("skills", about.skills.as_str()),
        ("interests", about.interests.as_str()),
        ("could_teach", about.could_teach.as_str()),
        ("could_help_with", about.could_help_with.as_str()),
        ("could_host", about.could_host.as_str()),
        ("could_start", about.could_start.as_str()),
        ("access_needs", about.access_needs.as_str()),
        ("languages", about.languages.as_str()),
        ("phone", contact.phone.as_str()),
        ("when", contact.when.as_str()),
        ("never_say", contact.never_say.as_str()),
    ];
    let typed = fields.into_iter().fold(Typed::default(), |typed, (name, value)| typed.with(name, value));
    let ways: Vec<String> = contact.ways.iter().map(|way| way.code().to_owned()).collect();
    typed.with_all("ways", ways)
}

/// `POST /my-path/about`
pub async fn change(app: Data<App>, request: HttpRequest, who: Principal, body: Bytes) -> Result<HttpResponse, Failure> {
    let (person, typed, vault, now) = (own_record(&who)?, Typed::read(&body), app.vault.clone(), app.clock.stamp());
    app.write_or_ask_again(
        Ok(typed.clone()),
        move |c, typed| {
            let mut about = people::about(c, &vault, person)?.ok_or(Failure::NotFound)?;
            let problems = fill(&mut about, &typed);
            if !problems.is_empty() {
                return Err(Failure::Invalid(problems));
            }
            people::change(c, &vault, person, &about, now)?;
            Ok("/my-path?done=about".to_owned())
        },
        async |problems| about_page(&typed, problems).shown(&app, &request),
    )
    .await
}

fn fill(about: &mut About, typed: &Typed) -> Vec<Problem> {
    let mut problems = Vec::new();
    put(&mut about.chosen_name, typed, "chosen_name", &mut problems);
    put(&mut about.pronouns, typed, "pronouns", &mut problems);
    put(&mut about.area, typed, "area", &mut problems);
    put(&mut about.languages, typed, "languages", &mut problems);
    put(&mut about.contact.phone, typed, "phone", &mut problems);
    put(&mut about.contact.when, typed, "when", &mut problems);
    put(&mut about.contact.never_say, typed, "never_say", &mut problems);
    let long = [
        (&mut about.strengths, "strengths"),
        (&mut about.skills, "skills"),
        (&mut about.interests, "interests"),
        (&mut about.could_teach, "could_teach"),
        (&mut about.could_help_with, "could_help_with"),
        (&mut about.could_host, "could_host"),
        (&mut about.could_start, "could_start"),
        (&mut about.access_needs, "access_needs"),
    ];
    long.into_iter().for_each(|(field, name)| put(field, typed, name, &mut problems));
    about.contact.ways = typed.all("ways").iter().filter_map(|code| Reach::from_code(code)).collect();
    problems
}

fn put<const MAX: usize>(field: &mut Text<MAX>, typed: &Typed, name: &str, problems: &mut Vec<Problem>) {
    match typed.one(name).parse() {
        Ok(text) => *field = text,
        Err(_) => problems.push(Problem::new(name, format!("That is too long. Use up to {MAX} letters."))),
    }
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
    vec![
        about_page(&Typed::default(), Vec::new()),
        about_page(&Typed::default().with("chosen_name", "Jo"), problem("chosen_name")),
        erase_page(Vec::new()),
        erase_page(problem("sure")),
    ]
}
