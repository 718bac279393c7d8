//! What someone says about themself: theirs to change, or written down with them by those who go along.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data, Path},
};
use chrono::NaiveDateTime;

use super::path::own as own_record;
use crate::{
    accounts::Principal,
    app::App,
    db::Conn,
    error::{Failure, Problem},
    people::{
        self, About, Reach,
        steps::{self, Step},
        timeline::{self, Sort},
    },
    values::{SubjectId, Text},
    vault::Vault,
    web::{
        form::{Choose, Field, Typed},
        form_page::{FormPage, Part},
        meanwhile,
    },
};

/// A field: name, label, hint, whether it is long, and what a note calls it.
type Asking = (&'static str, &'static str, &'static str, bool, &'static str);

const GIVES: [Asking; 12] = [
    ("chosen_name", "What would you like to be called?", "", false, "name"),
    ("pronouns", "Your pronouns", "Such as she/her or they/them.", false, "pronouns"),
    ("area", "Where do you live, roughly?", "A postcode or a part of town.", false, "area"),
    ("strengths", "What are you good at?", "", true, "strengths"),
    ("skills", "What have you learnt to do?", "", true, "skills"),
    ("interests", "What interests you?", "", true, "interests"),
    ("could_teach", "What could you teach someone?", "", true, "could teach"),
    ("could_help_with", "What could you lend a hand with?", "", true, "could lend a hand with"),
    ("could_host", "What could you host?", "Tea at your place, a game, a walk.", true, "could host"),
    ("could_start", "What could you start?", "", true, "could start"),
    ("access_needs", "What makes it easier for you?", "A seat, no steps, a quiet corner.", true, "what helps"),
    ("languages", "Languages you speak", "", false, "languages"),
];
const REACHED: [Asking; 6] = [
    ("phone", "Your phone number", "", false, "phone"),
    ("email", "Your e-mail address", "To get in touch. It doesn’t change how you sign in.", false, "e-mail"),
    ("address", "Your postal address", "", false, "address"),
    ("through", "Through whom, if not yourself?", "Someone you trust, and how to reach them.", false, "through"),
    ("when", "When is a good time to get in touch?", "", false, "good time"),
    ("never_say", "What should we never leave in a message?", "", false, "not to be said"),
];

/// A number with fewer digits reaches nobody.
const FEWEST_DIGITS: usize = 7;

/// What a note calls the ways that someone chose.
const WAYS: &str = "how to get in touch";

/// What a place might one day be told, if the person wants it to be.
const OPEN: [&str; 8] =
    ["strengths", "skills", "interests", "could_teach", "could_help_with", "could_host", "could_start", "access_needs"];

/// Who can read it.
pub(super) const READ_BY: &str =
    "Those who go along with you and the team’s coordinator can read this. No place you go to sees it.";

/// `GET /my-path/about`
pub async fn own(app: Data<App>, request: HttpRequest, who: Principal) -> Result<HttpResponse, Failure> {
    let (person, vault) = (own_record(&who)?, app.vault.clone());
    let about = app.db.read(move |c| people::about(c, &vault, person)).await?.ok_or(Failure::NotFound)?;
    let typed = typed(&about);
    own_page(&typed, Vec::new()).shown_with(&typed).shown(&app, &request)
}

fn own_page(typed: &Typed, problems: Vec<Problem>) -> FormPage {
    let page = FormPage::new("About you", "/my-path/about", "Keep it")
        .say("Say as much or as little as you like. You can leave any of it blank.")
        .read_by(READ_BY);
    asked(page, typed, &problems).or("/my-path", "Back to your path").wrong(problems)
}

fn their_page(person: &str, typed: &Typed, problems: Vec<Problem>) -> FormPage {
    let page = FormPage::new("What they say about themselves", format!("/people/{person}/about"), "Keep it")
        .say("Write it down with them, in their words.")
        .read_by(
            "They can read all of it, and that you changed it. So can those who go along with them, and the team’s coordinator.",
        );
    asked(page, typed, &problems).or(format!("/people/{person}"), "Back").wrong(problems)
}

fn asked(page: FormPage, typed: &Typed, problems: &[Problem]) -> FormPage {
    let field = |(name, label, hint, long, _): Asking| {
        let field = if long { Field::area(name, label) } else { Field::line(name, label) };
        let field = if hint.is_empty() { field } else { field.hint(hint) };
        Part::from(field.optional().typed(typed, problems))
    };
    let page = GIVES.into_iter().fold(page, |page, asking| page.ask(field(asking)));
    let ways: Vec<(&str, &str)> = Reach::ALL.iter().map(|way| (way.code(), way.label())).collect();
    let page = page.ask(Choose::several("ways", "How may we get in touch?", &ways).typed(typed, problems));
    REACHED.into_iter().fold(page, |page, asking| page.ask(field(asking)))
}

/// What someone said, as the form shows it.
fn typed(about: &About) -> Typed {
    let contact = &about.contact;
    let fields: [(&str, &str); 18] = [
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
        ("email", contact.email.as_ref().map_or("", |email| email.as_str())),
        ("address", contact.address.as_str()),
        ("through", contact.through.as_str()),
        ("when", contact.when.as_str()),
        ("never_say", contact.never_say.as_str()),
    ];
    let typed = fields.into_iter().fold(Typed::default(), |typed, (name, value)| typed.with(name, value));
    let ways: Vec<String> = contact.ways.iter().map(|way| way.code().to_owned()).collect();
    typed.with_all("ways", ways)
}

/// `POST /my-path/about`
pub async fn change(app: Data<App>, request: HttpRequest, who: Principal, body: Bytes) -> Result<HttpResponse, Failure> {
    let (person, vault, now) = (own_record(&who)?, app.vault.clone(), app.clock.stamp());
    let (stands, typed, problems) = meanwhile(&app, person, &Typed::read(&body)).await?;
    if let Some(notice) = gentle(&app, &stands, &typed) {
        return own_page(&typed, problems).asking(notice).shown_with(&stands).shown(&app, &request);
    }
    app.write_or_ask_again(
        if problems.is_empty() { Ok(typed.clone()) } else { Err(problems) },
        move |c, typed| {
            let what = changed(c, &vault, person, &typed, now)?;
            if what.iter().any(|what| *what == WAYS || REACHED.iter().any(|asking| asking.4 == *what)) {
                steps::took(c, person, Step::Reach, now)?;
            }
            Ok("/my-path?done=about".to_owned())
        },
        async |problems| own_page(&typed, problems).shown_with(&stands).shown(&app, &request),
    )
    .await
}

/// `GET /people/{person}/about`
pub async fn theirs(
    app: Data<App>,
    request: HttpRequest,
    who: Principal,
    person: Path<SubjectId>,
) -> Result<HttpResponse, Failure> {
    let (id, vault, now) = (*person, app.vault.clone(), app.clock.stamp());
    let about = app.db.write(move |c| people::read(c, &vault, &who, id, now)).await?;
    let typed = typed(&about);
    their_page(&id.to_string(), &typed, Vec::new()).shown_with(&typed).shown(&app, &request)
}

/// `POST /people/{person}/about`: what was changed, but not how, stands in the timeline.
pub async fn change_theirs(
    app: Data<App>,
    request: HttpRequest,
    who: Principal,
    person: Path<SubjectId>,
    body: Bytes,
) -> Result<HttpResponse, Failure> {
    let (id, vault, now) = (*person, app.vault.clone(), app.clock.stamp());
    let (stands, typed, problems) = meanwhile(&app, id, &Typed::read(&body)).await?;
    if let Some(notice) = gentle(&app, &stands, &typed) {
        return their_page(&id.to_string(), &typed, problems).asking(notice).shown_with(&stands).shown(&app, &request);
    }
    app.write_or_ask_again(
        if problems.is_empty() { Ok(typed.clone()) } else { Err(problems) },
        move |c, typed| {
            let what = changed(c, &vault, id, &typed, now)?;
            if !what.is_empty() {
                let note = format!("Changed what is written about them: {}.", what.join(", "));
                timeline::add(c, &vault, id, Sort::Note, Some(who.account), &note, now)?;
            }
            Ok(format!("/people/{id}?done=about"))
        },
        async |problems| their_page(&id.to_string(), &typed, problems).shown_with(&stands).shown(&app, &request),
    )
    .await
}

/// What stands now, what was typed upon it, and what is wrong where someone else changed the same meanwhile.
async fn meanwhile(app: &App, person: SubjectId, said: &Typed) -> Result<(Typed, Typed, Vec<Problem>), Failure> {
    let vault = app.vault.clone();
    let about = app.db.read(move |c| people::about(c, &vault, person)).await?.ok_or(Failure::NotFound)?;
    let stands = typed(&about);
    let (merged, problems) = meanwhile::upon(said, &stands, &["ways"]);
    Ok((stands, merged, problems))
}

/// What to ask gently about what was said, where it didn't stand there before.
fn gentle(app: &App, stands: &Typed, said: &Typed) -> Option<String> {
    app.clinical.ask_anew(&open(stands), &open(said), said)
}

fn open(typed: &Typed) -> String {
    OPEN.map(|name| typed.one(name)).join("\n")
}

/// Changes it; says what is otherwise now.
fn changed(
    c: &mut Conn,
    vault: &Vault,
    person: SubjectId,
    said: &Typed,
    now: NaiveDateTime,
) -> Result<Vec<&'static str>, Failure> {
    let mut about = people::about(c, vault, person)?.ok_or(Failure::NotFound)?;
    let before = typed(&about);
    let problems = fill(&mut about, said);
    if !problems.is_empty() {
        return Err(Failure::Invalid(problems));
    }
    people::change(c, vault, person, &about, now)?;
    let after = typed(&about);
    let other = |(name, .., what): &Asking| (before.one(name) != after.one(name)).then_some(*what);
    let mut what: Vec<&str> = GIVES.iter().chain(&REACHED).filter_map(other).collect();
    what.extend((before.all("ways") != after.all("ways")).then_some(WAYS));
    Ok(what)
}

fn fill(about: &mut About, typed: &Typed) -> Vec<Problem> {
    let mut problems = Vec::new();
    let (contact, all) = (&mut about.contact, &mut problems);
    put(&mut about.chosen_name, typed, "chosen_name", all);
    put(&mut about.pronouns, typed, "pronouns", all);
    put(&mut about.area, typed, "area", all);
    put(&mut about.languages, typed, "languages", all);
    put(&mut contact.phone, typed, "phone", all);
    let digits = contact.phone.as_str().chars().filter(char::is_ascii_digit).count();
    if !contact.phone.is_empty() && digits < FEWEST_DIGITS {
        all.push(Problem::new("phone", "That is too short for a phone number. Look at it once more."));
    }
    put(&mut contact.address, typed, "address", all);
    put(&mut contact.through, typed, "through", all);
    put(&mut contact.when, typed, "when", all);
    put(&mut contact.never_say, typed, "never_say", all);
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
    long.into_iter().for_each(|(field, name)| put(field, typed, name, all));
    contact.ways = typed.all("ways").iter().filter_map(|code| Reach::from_code(code)).collect();
    match typed.one("email") {
        "" => contact.email = None,
        email => match email.parse() {
            Ok(email) => contact.email = Some(email),
            Err(_) => all.push(Problem::new("email", "Type an e-mail address, such as name@example.org.")),
        },
    }
    problems
}

fn put<const MAX: usize>(field: &mut Text<MAX>, typed: &Typed, name: &str, problems: &mut Vec<Problem>) {
    match typed.one(name).parse() {
        Ok(text) => *field = text,
        Err(_) => problems.push(Problem::new(name, format!("That is too long. Use up to {MAX} letters."))),
    }
}

/// Each form of this room, as it may look.
pub(super) fn samples() -> Vec<FormPage> {
    let problem = vec![Problem::new("chosen_name", "That is too long. Use up to 100 letters.")];
    vec![
        own_page(&Typed::default(), Vec::new()),
        own_page(&Typed::default().with("chosen_name", "Jo"), problem),
        their_page("6f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d8", &Typed::default(), Vec::new()),
    ]
}
