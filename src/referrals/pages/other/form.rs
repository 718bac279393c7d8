//! What the pages ask: about the writer, about the person, and whether they agree.

use uuid::Uuid;

use super::Sheet;
use crate::{
    error::Problem,
    referrals::{Learns, Way, pages::own::contact_parts},
    web::{
        form::{Choose, Field, Typed},
        form_page::{FormPage, Part},
    },
};

/// The page as it was typed.
pub(in super::super) fn page(sheet: Sheet, typed: &Typed, problems: Vec<Problem>) -> FormPage {
    let mark = if typed.has("mark") { typed.one("mark").to_owned() } else { Uuid::new_v4().simple().to_string() };
    let mut page = FormPage::new(sheet.heading(), sheet.path(), "Send").carry("mark", &mark);
    page.lead = sheet.lead().iter().map(|words| (*words).to_owned()).collect();
    page.read_by = if sheet == Sheet::Back { "Our team can read this." } else { "Our team can read this. So can the person." };
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
    let heading = |page: FormPage| FormPage { parts: [page.parts, vec![Part::Heading("About you")]].concat(), ..page };
    match sheet {
        Sheet::Someone => heading(page)
            .ask(put(name.filled("name")))
            .ask(put(line("organisation", "Where you work", 200).filled("organization")))
            .ask(put(email.hint("One of the two is enough: an e-mail address or a phone number.")))
            .ask(put(phone)),
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
                .ask(put(Field::email("your_email", "Their e-mail address").filled("off").optional()))
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
        page.parts.push(Part::Heading("About the person"));
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
        .ask(put(line("languages", "Which languages do they speak?", 200).filled("off").optional()))
        .ask(put(line("when", "When is a good time to get in touch?", 200).filled("off").optional()))
        .ask(put(Field { longest: 500, ..Field::area("never_say", "What must we not say in a message to them?") }.optional()))
}

/// The questions about how to reach someone, as they are asked about another.
fn told(part: Part, own: bool) -> Part {
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
    let learns: Vec<(&str, &str)> = Learns::ALL.iter().map(|learns| (learns.code(), learns.label())).collect();
    if sheet == Sheet::Back {
        return page.ask(agree);
    }
    if sheet == Sheet::Phone {
        let learn = Choose::one("learn", "If someone rang for them: what may that one hear from us?", &learns);
        return page.ask(agree).ask(learn.hint("We ask the person, too. Skip it where the person rang.").typed(typed, problems));
    }
    let learn = Choose::one("learn", "What would they like you to hear from us?", &learns);
    page.ask(agree).ask(learn.hint("We ask them, too. You hear only what they themself tell us you may.").typed(typed, problems))
}
