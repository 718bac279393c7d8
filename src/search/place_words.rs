//! Finds the place in a question's words: "near SE15", "in Hackney", "around E8 4". It resolves nothing.

use crate::values::{Postcode, is_district};

/// Words that a place follows.
const LEADS: &[&[&str]] = &[
    &["close", "to"],
    &["near", "to"],
    &["next", "to"],
    &["not", "far", "from"],
    &["walking", "distance", "of"],
    &["walking", "distance", "from"],
    &["near"],
    &["nearby"],
    &["around"],
    &["round"],
    &["in"],
    &["at"],
    &["by"],
    &["from"],
];
/// Most words of a place's name.
const LONGEST: usize = 5;

/// Every way to split a place off the words, the likeliest first: what is left, and the place as typed.
pub fn place_candidates(words: &str) -> Vec<(String, String)> {
    let list: Vec<&str> = words.split_whitespace().take(60).collect();
    let mut found = Vec::new();
    for (from, to) in postcodes(&list) {
        found.push(split(&list, before(&list, from), from, to));
    }
    for at in (0..list.len()).rev() {
        let Some(lead) = lead_at(&list, at) else { continue };
        let from = at + lead;
        for to in (from + 1..=list.len().min(from + LONGEST)).rev() {
            found.push(split(&list, before(&list, from), from, to));
        }
    }
    found.dedup();
    found
}

fn split(list: &[&str], cut: usize, from: usize, to: usize) -> (String, String) {
    let rest: Vec<&str> = list[..cut].iter().chain(&list[to..]).copied().collect();
    let place = list[from..to].join(" ");
    (rest.join(" "), place.trim_matches(|c: char| !c.is_alphanumeric()).to_owned())
}

fn bare(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric()).to_ascii_uppercase()
}

/// Where the words have the shape of a postcode, a sector or a district.
fn postcodes(list: &[&str]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for at in 0..list.len() {
        let word = bare(list[at]);
        let next = list.get(at + 1).map(|next| bare(next)).unwrap_or_default();
        if is_district(&word) {
            let whole = format!("{word}{next}").parse::<Postcode>().is_ok();
            let sector = next.len() == 1 && next.bytes().all(|byte| byte.is_ascii_digit());
            found.push((at, if whole || sector { at + 2 } else { at + 1 }));
        } else if word.parse::<Postcode>().is_ok() {
            found.push((at, at + 1));
        }
    }
    found.reverse();
    found
}

fn lead_at(list: &[&str], at: usize) -> Option<usize> {
    let fits = |lead: &&[&str]| {
        list.len() > at + lead.len() && lead.iter().zip(&list[at..]).all(|(wanted, word)| wanted.eq_ignore_ascii_case(word))
    };
    LEADS.iter().find(|lead| fits(lead)).map(|lead| lead.len())
}

/// The first word to cut when a place begins at `from`: its leading words go with it.
fn before(list: &[&str], from: usize) -> usize {
    (from.saturating_sub(3)..from).find(|at| lead_at(list, *at).is_some_and(|lead| at + lead == from)).unwrap_or(from)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words without the likeliest place in them, and the place as typed; the words as they are where none is named.
    fn split_place(words: &str) -> (String, Option<String>) {
        match place_candidates(words).into_iter().next() {
            Some((rest, place)) => (rest, Some(place)),
            None => (words.to_owned(), None),
        }
    }

    #[test]
    fn places_are_split_off() {
        for (words, rest, place) in [
            ("guitar rehearsal near SE15", "guitar rehearsal", "SE15"),
            ("choir in Hackney", "choir", "Hackney"),
            ("cafe around e8 4", "cafe", "e8 4"),
            ("yoga close to SE15 4QL, please", "yoga please", "SE15 4QL"),
            ("se154ql yoga", "yoga", "se154ql"),
            ("library not far from tower hamlets", "library", "tower hamlets"),
            ("near E8", "", "E8"),
        ] {
            assert_eq!(split_place(words), (rest.to_owned(), Some(place.to_owned())), "{words}");
        }
    }

    #[test]
    fn words_without_a_place_stay() {
        for words in ["", "guitar", "in", "near ", "🎸 ''"] {
            assert_eq!(split_place(words), (words.to_owned(), None));
        }
        assert!(place_candidates(&"in ".repeat(50_000)).len() < 400);
    }

    #[test]
    fn every_way_to_read_a_place_is_offered() {
        let found = place_candidates("choir in Hackney on Sundays");
        assert!(found.contains(&("choir on Sundays".to_owned(), "Hackney".to_owned())));
    }
}
