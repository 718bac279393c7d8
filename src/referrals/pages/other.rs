//! One page each for a professional, for family or a friend, and for someone who comes back; and the same by phone.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data},
};
use uuid::Uuid;

use super::{NOTES, own::contact_parts};
use crate::{
    accounts::{session::Browser, tries},
    app::App,
    audit::Actor,
    error::{Failure, Problem},
    people::About,
    referrals::{
        Learns, Referrer, Taken, Way,
        answers::{contact, reach},
        other::{Note, receive},
    },
    values::{Email, Text},
    web::{
        form::{Choose, Field, Typed},
        form_page::FormPage,
        see_other,
    },
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

/// The page as it was typed.
pub(super) fn page(sheet: Sheet, typed: &Typed, problems: Vec<Problem>) -> FormPage {
    let mark = if typed.has("mark") { typed.one("mark").to_owned() } else { Uuid::new_v4().simple().to_string() };
    let mut page = FormPage::new(sheet.heading(), sheet.path(), "Send").carry("mark", &mark);
    page.lead = sheet.lead().iter().map(|words| (*words).to_owned()).collect();
    page = about_the_writer(page, sheet, typed, &problems);
    page = about_them(page, sheet, typed, &problems);
    agreement(page, sheet, typed, &problems).wrong(problems)
}

fn line(name: &'static str, label: &str, longest: usize) -> Field {
    Field { longest, ..Field::line(name, label) }
}

fn about_the_writer(page: FormPage, sheet: Sheet, typed: &Typed, problems: &[Problem]) -> FormPage {
    let put = |field: Field| field.typed(typed, problems);
    let name = line("your_name", "Your name", 100);
    let email = Field::email("your_email", "Your e-mail address");
    let phone = Field { sort: "tel", autocomplete: Some("tel"), ..line("your_phone", "Your phone number", 40) };
    let heading = |page: FormPage| FormPage {
        parts: [page.parts, vec![crate::web::form_page::Part::Heading("About you")]].concat(),
        ..page
    };
    match sheet {
        Sheet::Someone => heading(page)
            .ask(put(name.filled("name")))
            .ask(put(line("organisation", "Where you work", 200).filled("organization")))
            .ask(put(email.hint("We need this or a phone number.").optional()))
            .ask(put(phone.optional())),
        Sheet::Friend => heading(page)
            .ask(put(name.filled("name")))
            .ask(
                Choose::one("relation", "Who are you to them?", &[("family", "Family"), ("friend", "A friend or neighbour")])
                    .typed(typed, problems),
            )
            .ask(put(email.optional()))
            .ask(put(phone.optional())),
        Sheet::Back => page,
        Sheet::Phone => {
            let ways: Vec<(&str, &str)> = Way::ALL.iter().map(|way| (way.code(), rang(*way))).collect();
            page.ask(Choose::one("way", "Who rang?", &ways).typed(typed, problems))
                .ask(put(line("your_name", "Name of whoever rang for them", 100).filled("off").optional()))
                .ask(put(line("organisation", "Where they work", 200).filled("off").optional()))
                .ask(put(Field { autocomplete: Some("off"), ..phone_of_caller() }.optional()))
        }
    }
}

fn phone_of_caller() -> Field {
    Field { sort: "tel", ..line("your_phone", "Their phone number", 40) }
}

fn rang(way: Way) -> &'static str {
    match way {
        Way::Own => "The person",
        Way::Professional => "Someone who works with them",
        Way::Family => "Family",
        Way::Friend => "A friend or neighbour",
        Way::Return => "The person, who was here before",
    }
}

fn about_them(mut page: FormPage, sheet: Sheet, typed: &Typed, problems: &[Problem]) -> FormPage {
    let put = |field: Field| field.typed(typed, problems);
    let own = sheet == Sheet::Back;
    if !own {
        page.parts.push(crate::web::form_page::Part::Heading("About the person"));
    }
    let called = if own { "What you are called" } else { "What they want to be called" };
    let name = line("name", called, 100).filled(if own { "nickname" } else { "off" });
    page = page.ask(put(name));
    for part in contact_parts(typed, problems) {
        page = page.ask(told(part, own));
    }
    let words = Field {
        longest: 5000,
        ..Field::area("words", if own { "What would you like now?" } else { "What would they like to do?" })
    };
    if own {
        return page.ask(put(words.hint("A word or two is enough.").optional()));
    }
    page.ask(put(line("area", "Postcode or part of town", 100)
        .hint("The first half of the postcode is enough, such as SE15.")
        .filled("off")
        .optional()))
        .ask(put(words
            .hint("In their own words, if you can. A place may one day see a part of this, if they want it to.")
            .optional()))
        .ask(put(Field { longest: 2000, ..Field::area("access", "What makes it easier for them?") }
            .hint("No steps, a quiet room, certain days, a language.")
            .optional()))
        .ask(put(Field { longest: 500, ..Field::area("never_say", "What must we not say in a message to them?") }.optional()))
}

/// The questions about how to reach someone, as they are asked about another.
fn told(part: crate::web::form_page::Part, own: bool) -> crate::web::form_page::Part {
    use crate::web::form_page::Part;
    match part {
        Part::Choose(choose) if !own => {
            Part::Choose(Choose { legend: "Which way do they like best to be reached?".to_owned(), ..third_person(choose) })
        }
        Part::Field(field) if !own => Part::Field(Field {
            hint: Some(
                "Their phone number, their e-mail or postal address, or the name and number of someone they trust.".to_owned(),
            ),
            autocomplete: Some("off"),
            ..field
        }),
        other => other,
    }
}

fn third_person(mut choose: Choose) -> Choose {
    for answer in choose.answers.iter_mut().filter(|answer| answer.value == "someone") {
        answer.label = "Through someone they trust".to_owned();
    }
    choose
}

fn agreement(page: FormPage, sheet: Sheet, typed: &Typed, problems: &[Problem]) -> FormPage {
    let (legend, yes) = match sheet {
        Sheet::Someone => ("Do they agree?", "Yes. They know that I write this. They want you to keep it and to get in touch."),
        Sheet::Friend => ("Do they agree?", "Yes. They know that I write this. They want you to keep it and to get in touch."),
        Sheet::Back => {
            ("Is that all right?", "Yes. You may keep what I wrote here. The team may read it and get in touch with me.")
        }
        Sheet::Phone => ("Do they agree?", "Yes. They, or whoever rang for them, said that we may keep this and get in touch."),
    };
    let agree = Choose::several("agree", legend, &[("yes", yes)]).typed(typed, problems);
    if sheet != Sheet::Someone && sheet != Sheet::Friend {
        return page.ask(agree);
    }
    let learns: Vec<(&str, &str)> = Learns::ALL.iter().map(|learns| (learns.code(), learns.label())).collect();
    let learn = Choose::one("learn", "What did they agree that you may hear from us?", &learns);
    page.ask(agree).ask(learn.hint("They can change this at any time.").typed(typed, problems))
}

/// What was typed, or what can't be used of it.
pub(super) fn parse(sheet: Sheet, typed: &Typed) -> Result<Note, Vec<Problem>> {
    let mut problems = Vec::new();
    let way = way(sheet, typed, &mut problems);
    let referrer = referrer(sheet, way, typed, &mut problems);
    let name: Text<100> = typed.text("name", &mut problems);
    if name.is_empty() {
        problems.push(Problem::new("name", "Tell us what to call them. A first name is enough."));
    }
    let mut wrong = Vec::new();
    let (by, at) = reach(typed, &mut wrong);
    problems.append(&mut wrong);
    let mut about = About { chosen_name: name, contact: contact(by, &at), ..About::default() };
    about.area = typed.text("area", &mut problems);
    about.access_needs = typed.text("access", &mut problems);
    about.contact.never_say = typed.text("never_say", &mut problems);
    let words = typed.text("words", &mut problems);
    if typed.one("agree") != "yes" {
        let message = if sheet == Sheet::Back {
            "We need your yes to keep this and to get in touch."
        } else {
            "We can only keep this if they know and agree. Ask them first."
        };
        problems.push(Problem::new("agree", message));
    }
    if (sheet == Sheet::Someone || sheet == Sheet::Friend) && Learns::from_code(typed.one("learn")).is_none() {
        problems.push(Problem::new("learn", "Choose what they agreed to."));
    }
    let taken = if sheet == Sheet::Phone { Taken::Phone } else { Taken::Page };
    match way {
        Some(way) if problems.is_empty() => {
            let mark: String = typed.one("mark").chars().take(64).collect();
            // Without a mark there is nothing by which two are one.
            let mark = if mark.is_empty() { Uuid::new_v4().to_string() } else { mark };
            Ok(Note { way, taken, about, words, referrer, mark })
        }
        _ => Err(problems),
    }
}

fn way(sheet: Sheet, typed: &Typed, problems: &mut Vec<Problem>) -> Option<Way> {
    let (field, message) = if sheet == Sheet::Phone { ("way", "Choose who rang.") } else { ("relation", "Choose one.") };
    let way = match sheet {
        Sheet::Someone => return Some(Way::Professional),
        Sheet::Back => return Some(Way::Return),
        Sheet::Friend => Way::from_code(typed.one("relation")).filter(|way| matches!(way, Way::Family | Way::Friend)),
        Sheet::Phone => Way::from_code(typed.one("way")),
    };
    if way.is_none() {
        problems.push(Problem::new(field, message));
    }
    way
}

fn referrer(sheet: Sheet, way: Option<Way>, typed: &Typed, problems: &mut Vec<Problem>) -> Option<Referrer> {
    let themself = matches!(way, Some(Way::Own | Way::Return)) || (sheet == Sheet::Phone && way.is_none());
    if sheet == Sheet::Back || themself {
        return None;
    }
    let name: Text<100> = typed.text("your_name", problems);
    let organisation: Text<200> = typed.text("organisation", problems);
    let phone: Text<40> = typed.text("your_phone", problems);
    let email = typed.one("your_email");
    if name.is_empty() {
        problems.push(Problem::new(
            "your_name",
            if sheet == Sheet::Phone { "Type the name of whoever rang." } else { "Type your name." },
        ));
    }
    if sheet == Sheet::Someone && organisation.is_empty() {
        problems.push(Problem::new("organisation", "Type where you work."));
    }
    if !email.is_empty() && email.parse::<Email>().is_err() {
        problems.push(Problem::new("your_email", "Type an e-mail address, such as name@example.org."));
    }
    if sheet == Sheet::Someone && email.is_empty() && phone.is_empty() {
        problems.push(Problem::new("your_email", "Type an e-mail address or a phone number, so that we can ask you back."));
    }
    let may_learn = Learns::from_code(typed.one("learn")).unwrap_or(Learns::Nothing);
    let relation = way.map_or("", Way::code).parse().unwrap_or_default();
    Some(Referrer { name, organisation, relation, email: email.parse().ok(), phone, may_learn })
}

/// What to ask gently about words that a place might one day see; none where there are none, or it was asked before.
pub(super) fn gentle(app: &App, note: &Note, typed: &Typed) -> Option<String> {
    let found = app.clinical.found(&format!("{}\n{}", note.words.as_str(), note.about.access_needs.as_str()));
    if found.is_empty() || typed.one("meant") == "yes" {
        return None;
    }
    let words: Vec<String> = found.iter().map(|word| format!("“{word}”")).collect();
    Some(format!(
        "You wrote {}. Did you mean to? A place might see these words one day. Take them out, or send it as it is.",
        words.join(", ")
    ))
}

/// Shows the page again with a gentle question; the next time it is sent as it is.
pub(super) fn asked_gently(sheet: Sheet, typed: &Typed, notice: String) -> FormPage {
    FormPage { notice: Some(notice), ..page(sheet, typed, Vec::new()).carry("meant", "yes") }
}

async fn take(app: Data<App>, request: HttpRequest, sheet: Sheet, body: &[u8]) -> Result<HttpResponse, Failure> {
    let typed = Typed::read(body);
    let note = match parse(sheet, &typed) {
        Ok(note) => note,
        Err(problems) => return page(sheet, &typed, problems).shown(&app, &request),
    };
    if let Some(notice) = gentle(&app, &note, &typed) {
        return asked_gently(sheet, &typed, notice).shown(&app, &request);
    }
    let (network, vault, now) = (Browser::of(&app, &request).network, app.vault.clone(), app.clock.stamp());
    if !network.is_empty() && !app.db.write(move |c| tries::count(c, &vault, NOTES, &network, now)).await? {
        return Err(Failure::TooMany(15 * 60));
    }
    receive(&app, note, None, Actor::Visitor).await?;
    Ok(see_other("/refer/thanks"))
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
