//! How easy words are to read (Flesch-Kincaid), for the tests of pages and letters.

#![allow(clippy::unwrap_used, reason = "tests may stop")]

use scraper::{ElementRef, Html, Node, Selector};

const BLOCKS: [&str; 21] = [
    "p",
    "li",
    "h1",
    "h2",
    "h3",
    "h4",
    "td",
    "th",
    "dt",
    "dd",
    "label",
    "legend",
    "summary",
    "option",
    "button",
    "caption",
    "div",
    "title",
    "figcaption",
    "article",
    "section",
];

/// The sentences that we wrote, without the words of venues and publishers, one for each block.
pub(crate) fn our_sentences(page: &Html) -> Vec<String> {
    let mut text = String::new();
    for root in page.select(&Selector::parse("body").unwrap()) {
        gather(root, &mut text);
    }
    sentences_in(&text)
}

/// The sentences of plain text.
pub(crate) fn sentences_in(text: &str) -> Vec<String> {
    let sentences = text.split(['.', '?', '!', ':', '\n']).map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "));
    sentences.filter(|sentence| sentence.chars().any(char::is_alphabetic)).collect()
}

fn gather(element: ElementRef<'_>, text: &mut String) {
    let name = element.value().name();
    if element.attr("data-theirs").is_some() || matches!(name, "script" | "svg" | "style") {
        text.push(' ');
        return;
    }
    for child in element.children() {
        match child.value() {
            Node::Text(words) => text.push_str(words),
            Node::Element(_) => gather(ElementRef::wrap(child).unwrap(), text),
            _ => {}
        }
    }
    if BLOCKS.contains(&name) {
        text.push('\n');
    }
}

/// The grade of an American school that reads these with ease.
pub(crate) fn flesch_kincaid(sentences: &[String]) -> f64 {
    let words: Vec<&str> = sentences.iter().flat_map(|sentence| sentence.split_whitespace()).collect();
    let words: Vec<&str> = words.into_iter().filter(|word| word.chars().any(char::is_alphabetic)).collect();
    let syllables: usize = words.iter().map(|word| syllables(word)).sum();
    let (sentences, words, syllables) = (sentences.len() as f64, words.len() as f64, syllables as f64);
    0.39 * words / sentences + 11.8 * syllables / words - 15.59
}

/// A fair guess: groups of vowels, without a silent e at the end.
fn syllables(word: &str) -> usize {
    let word: String = word.to_lowercase().chars().filter(|c| c.is_ascii_alphabetic()).collect();
    let vowel = |c: char| "aeiouy".contains(c);
    let mut groups = 0;
    let mut before = false;
    for letter in word.chars() {
        if vowel(letter) && !before {
            groups += 1;
        }
        before = vowel(letter);
    }
    let silent =
        word.ends_with('e') && !word.ends_with("le") || word.ends_with("ed") && !word.ends_with("ted") && !word.ends_with("ded");
    if silent && groups > 1 { groups - 1 } else { groups.max(1) }
}
