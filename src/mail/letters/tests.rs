//! Every letter, in each of its states: both forms say the same, and neither says too much.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may stop")]

use std::collections::BTreeSet;

use scraper::{Html, Selector};

use super::*;
use crate::web::page::reading_age::{flesch_kincaid, our_sentences, sentences_in};

/// Words that would tell a stranger what Footbridge is about.
const TELLING: [&str; 22] = [
    "refer",
    "health",
    "mental",
    "illness",
    "diagnos",
    "crisis",
    "samaritans",
    "nhs",
    "hospital",
    "clinic",
    "patient",
    "client",
    "service user",
    "worker",
    "nurse",
    "therap",
    "recovery",
    "care ",
    "support",
    "bridge builder",
    "venue",
    "wellbeing",
];

struct Rendered {
    name: String,
    kind: &'static str,
    heading: &'static str,
    text: String,
    html: String,
}

fn render_all<L: Letter>(into: &mut Vec<Rendered>) {
    let samples = L::samples();
    assert!(!samples.is_empty(), "{} has no samples", L::KIND);
    for (at, sample) in samples.iter().enumerate() {
        let Forms { text, html } = render(sample).unwrap_or_else(|cause| panic!("{}: {cause}", L::KIND));
        into.push(Rendered { name: format!("{}-{at}", L::KIND), kind: L::KIND, heading: L::HEADING, text, html });
    }
}

fn every_letter() -> Vec<Rendered> {
    let mut letters = Vec::new();
    render_all::<SignIn>(&mut letters);
    render_all::<StaffInvitation>(&mut letters);
    render_all::<NewAddress>(&mut letters);
    render_all::<AccountChanged>(&mut letters);
    render_all::<NoteReceived>(&mut letters);
    render_all::<NewMessage>(&mut letters);
    render_all::<WhatIsNew>(&mut letters);
    render_all::<GoOn>(&mut letters);
    render_all::<SharedList>(&mut letters);
    render_all::<StillHere>(&mut letters);
    render_all::<RecordEnds>(&mut letters);
    render_all::<NotWithUs>(&mut letters);
    render_all::<NoteArrived>(&mut letters);
    render_all::<NoteFurther>(&mut letters);
    letters
}

fn links(text: &str) -> BTreeSet<String> {
    text.split_whitespace().filter(|word| word.contains("://")).map(str::to_owned).collect()
}

fn words(page: &Html) -> String {
    page.root_element().text().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_template_is_rendered_by_a_sample() {
    let kinds: BTreeSet<&str> = every_letter().iter().map(|letter| letter.kind).collect();
    for file in Files::iter().filter(|name| !name.starts_with("frame.")) {
        assert!(kinds.contains(file.rsplit_once('.').unwrap().0), "{file} has no letter");
    }
}

#[test]
fn every_kind_has_words_of_its_own() {
    let kinds: BTreeSet<&str> = every_letter().iter().map(|letter| letter.kind).collect();
    let words: BTreeSet<&str> = kinds.iter().map(|kind| in_words(kind)).filter(|words| *words != OTHER).collect();
    assert_eq!(words.len(), kinds.len(), "{words:?}");
}

#[test]
fn both_forms_hold_the_same_links_and_codes() {
    for Rendered { name, text, html, .. } in every_letter() {
        let page = Html::parse_document(&html);
        let anchors = page.select(&Selector::parse("a").unwrap()).map(|a| a.attr("href").unwrap().to_owned()).collect();
        assert_eq!(links(&text), anchors, "{name}");
        assert_eq!(links(&words(&page)), links(&text), "{name}: a link can be copied by hand");
        let digits = |text: &str| text.split(' ').filter(|word| word.parse::<u32>().is_ok()).map(str::to_owned).collect();
        let (there, here): (Vec<String>, Vec<String>) = (digits(&words(&page)), digits(&text.replace('\n', " ")));
        assert_eq!(there, here, "{name}");
    }
    assert!(every_letter().iter().any(|letter| letter.text.contains("482 913")), "the code");
}

#[test]
fn a_letter_tells_nobody_what_it_is_about() {
    for Rendered { name, heading, text, html, .. } in every_letter() {
        for said in [heading, &text, &words(&Html::parse_document(&html))] {
            let said = said.to_lowercase();
            let telling: Vec<_> = TELLING.iter().filter(|word| said.contains(**word)).collect();
            assert!(telling.is_empty(), "{name} says {telling:?}");
        }
        assert!(heading.is_ascii() && heading.len() < 60, "{name}: {heading}");
    }
}

#[test]
fn a_letter_in_html_is_whole_and_fetches_nothing() {
    for Rendered { name, heading, html, .. } in every_letter() {
        let page = Html::parse_document(&html);
        let count = |css: &str| page.select(&Selector::parse(css).unwrap()).count();
        assert_eq!((count("h1"), count("html[lang='en-GB']"), count("title")), (1, 1, 1), "{name}");
        assert_eq!(count("img, link, script, iframe, [src], [background]"), 0, "{name}");
        assert_eq!(count("table:not([role=presentation])"), 0, "{name}");
        assert!(!html.contains("url(") && !html.contains("@import"), "{name}");
        assert!(words(&page).contains(heading), "{name}");
    }
}

#[test]
fn every_letter_reads_at_grade_six_or_less() {
    for Rendered { name, text, html, .. } in every_letter() {
        let text = text.lines().filter(|line| !line.contains("://")).collect::<Vec<_>>().join("\n");
        for sentences in [sentences_in(&text), our_sentences(&Html::parse_document(&html))] {
            assert!(sentences.len() > 4, "{name}: {sentences:?}");
            let grade = flesch_kincaid(&sentences);
            assert!(grade <= 6.0, "{name} reads at grade {grade:.1}: {sentences:#?}");
        }
    }
}

#[test]
fn what_is_given_to_a_letter_is_escaped_in_html_only() {
    let link = "https://a.example/?a=<b>&c=\"d\"".to_owned();
    let Forms { text, html } = render(&NewMessage { link: link.clone(), choose: "https://a.example/mail".to_owned() }).unwrap();
    assert!(text.contains(&link) && !html.contains("<b>"));
    assert_eq!(Html::parse_document(&html).select(&Selector::parse("a").unwrap()).next().unwrap().attr("href"), Some(&*link));
}

#[test]
fn lines_of_text_are_short_but_for_links() {
    for Rendered { name, text, .. } in every_letter() {
        assert!(!text.starts_with('\n') && text.ends_with('\n') && !text.contains("\n\n\n"), "{name}: {text}");
        for line in text.lines().filter(|line| !line.contains("://")) {
            assert!(line.len() <= 76 && line.trim_end() == line, "{name}: `{line}`");
        }
    }
}
