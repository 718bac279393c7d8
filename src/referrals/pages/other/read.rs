//! Reads what someone else wrote for a person.

use uuid::Uuid;

use super::{Sheet, page};
use crate::{
    app::App,
    error::Problem,
    people::About,
    referrals::{
        Learns, Referrer, Taken, Way,
        answers::{contact, reach},
        other::Note,
    },
    values::{Email, Text},
    web::{form::Typed, form_page::FormPage},
};

/// What was typed, if it can be received now; else the page to show once more.
pub(in super::super) fn read(app: &App, sheet: Sheet, typed: &Typed) -> Result<Note, Box<FormPage>> {
    let note = parse(sheet, typed).map_err(|problems| Box::new(page(sheet, typed, problems)))?;
    match gentle(app, &note, typed) {
        Some(notice) => Err(Box::new(asked_gently(sheet, typed, notice))),
        None => Ok(note),
    }
}

/// What was typed, or what can't be used of it.
pub(super) fn parse(sheet: Sheet, typed: &Typed) -> Result<Note, Vec<Problem>> {
    let mut problems = Vec::new();
    let way = way(sheet, typed, &mut problems);
    let referrer = referrer(sheet, way, typed, &mut problems);
    let name: Text<100> = typed.text("name", &mut problems);
    if name.is_empty() {
        let whom = if sheet == Sheet::Back { "you" } else { "them" };
        problems.push(Problem::new("name", format!("Tell us what to call {whom}. A first name is enough.")));
    }
    let mut wrong = Vec::new();
    let (by, at) = reach(typed, &mut wrong);
    problems.append(&mut wrong);
    let mut about = About { chosen_name: name, contact: contact(by, &at), ..About::default() };
    about.area = typed.text("area", &mut problems);
    about.access_needs = typed.text("access", &mut problems);
    about.languages = typed.text("languages", &mut problems);
    about.contact.when = typed.text("when", &mut problems);
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
        problems.push(Problem::new("learn", "Choose what they would like."));
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
fn gentle(app: &App, note: &Note, typed: &Typed) -> Option<String> {
    app.clinical.ask(&format!("{}\n{}", note.words.as_str(), note.about.access_needs.as_str()), typed)
}

/// Shows the page again with a gentle question; the next time it is sent as it is.
pub(super) fn asked_gently(sheet: Sheet, typed: &Typed, notice: String) -> FormPage {
    page(sheet, typed, Vec::new()).asking(notice)
}
