//! What each of the pages asks, and what was answered there before.

use crate::{
    error::Problem,
    people::Reach,
    referrals::{Answers, Step},
    web::{
        form::{Choose, Field, Typed},
        form_page::Part,
    },
};

/// The question of a page.
pub(super) fn heading(step: Step) -> &'static str {
    match step {
        Step::Words => "Tell us what you’d like to do",
        Step::GoodAt => "What do you like, or what are you good at?",
        Step::Name => "What shall we call you?",
        Step::Contact => "How can we reach you?",
        Step::Care => "When can we get in touch?",
        Step::Area => "Where do you spend your days?",
        Step::Needs => "What would make it easier for you?",
        Step::Helper => "Is someone helping you with this?",
        Step::Check => "Check what you wrote",
    }
}

/// What can be answered on a page, with what was typed there and what is wrong with it.
pub(super) fn parts(step: Step, typed: &Typed, problems: &[Problem]) -> Vec<Part> {
    let fields = match step {
        Step::Words => vec![
            Field { longest: 5000, ..Field::area("words", "In your own words") }
                .hint("A few lines are enough, or a few words. Not sure yet? Leave it blank and go on. Our team reads it.")
                .optional(),
        ],
        Step::GoodAt => vec![
            Field { longest: 2000, ..Field::area("good_at", "What you like or are good at") }
                .hint("Cooking, fixing things, making people laugh: anything counts. Our team reads it.")
                .optional(),
        ],
        Step::Name => {
            vec![
                Field { longest: 100, ..Field::line("name", "Your name") }
                    .hint("A first name or a nickname is fine.")
                    .filled("nickname"),
            ]
        }
        Step::Contact => return contact_parts(typed, problems),
        Step::Care => vec![
            Field::line("when", "When is a good time?").hint("Such as “weekdays after 2”.").optional(),
            Field { longest: 500, ..Field::area("never_say", "What must we not say in a message?") }
                .hint("Others may hear your voicemail or see your post. We never say what it is about. Our team reads it.")
                .optional(),
        ],
        Step::Area => vec![
            Field { longest: 100, ..Field::line("area", "Postcode or part of town") }
                .hint("So that we find places near you. The first half is enough, such as SE15.")
                .filled("postal-code")
                .optional(),
        ],
        Step::Needs => vec![
            Field { longest: 2000, ..Field::area("access", "What helps?") }
                .hint("No steps, a quiet room, a friend beside you, days that are better than others. Our team reads it.")
                .optional(),
            Field::line("languages", "Languages you speak").optional(),
        ],
        Step::Helper => vec![
            Field { longest: 100, ..Field::line("helper", "Who is helping you?") }
                .hint("Their name, and who they are to you. On your own? Then leave this blank.")
                .optional(),
        ],
        Step::Check => Vec::new(),
    };
    fields.into_iter().map(|field| Part::from(field.typed(typed, problems))).collect()
}

/// A way to reach someone, and what goes with it.
pub(in super::super) fn contact_parts(typed: &Typed, problems: &[Problem]) -> Vec<Part> {
    let ways: Vec<(&str, &str)> = Reach::ALL.iter().map(|reach| (reach.code(), reach.label())).collect();
    let at = Field { longest: 300, ..Field::line("reach_at", "The number or address for that") }
        .hint("Your phone number, your e-mail or postal address, or the name and number of someone you trust.");
    vec![
        Choose::one("reach", "Which way do you like best?", &ways).typed(typed, problems).into(),
        at.typed(typed, problems).into(),
    ]
}

/// What was answered on a page, as it was typed.
pub(super) fn answered(step: Step, answers: &Answers) -> Typed {
    let typed = Typed::default();
    match step {
        Step::Words => {
            let typed = typed.with("words", answers.words.as_str());
            answers.venue.map_or(typed.clone(), |venue| typed.with("venue", &venue.to_string()))
        }
        Step::GoodAt => typed.with("good_at", answers.good_at.as_str()),
        Step::Name => typed.with("name", answers.name.as_str()),
        Step::Contact => typed.with("reach", answers.reach.map_or("", Reach::code)).with("reach_at", answers.reach_at.as_str()),
        Step::Care => typed.with("when", answers.when.as_str()).with("never_say", answers.never_say.as_str()),
        Step::Area => typed.with("area", answers.area.as_str()),
        Step::Needs => typed.with("access", answers.access.as_str()).with("languages", answers.languages.as_str()),
        Step::Helper => typed.with("helper", answers.helper.as_str()),
        Step::Check => typed,
    }
}

/// What is sent along unseen with the first page.
pub(super) fn carried_along(typed: &Typed) -> Vec<(&'static str, String)> {
    let there = ["venue", "near"].into_iter().filter(|name| typed.has(name));
    there.map(|name| (name, typed.one(name).to_owned())).collect()
}
