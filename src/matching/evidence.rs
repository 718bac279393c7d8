//! What a text speaks of, and how strongly: named things first, then hints that say it without naming it.

use std::{collections::BTreeMap, ops::Range};

use crate::vocabulary::{
    Ref, Vocabulary,
    text::{Token, folded},
};

/// What a hint is worth beside a name.
const HINT: f32 = 0.6;

/// What is left of a name that is an ordinary word, too.
const ORDINARY: f32 = 0.5;
/// What is left of a name of a whole life domain: it says little about which place.
const DOMAIN: f32 = 0.2;

/// Something a text speaks of.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Evidence {
    /// What.
    pub(crate) concept: Ref,
    /// How strongly, above 0 and below 1.
    pub(crate) strength: f32,
    /// The bytes of the text that say so.
    pub(crate) said_by: Vec<Range<usize>>,
}

/// Everything that some words of a text speak of, the strongest first.
pub(crate) fn evidence(vocabulary: &Vocabulary, text: &str, tokens: &[Token]) -> Vec<Evidence> {
    evidence_of(vocabulary, text, tokens, (true, true))
}

/// The same of names, of hints, or of both.
pub(crate) fn evidence_of(vocabulary: &Vocabulary, text: &str, tokens: &[Token], (names, hints): (bool, bool)) -> Vec<Evidence> {
    let mut all: BTreeMap<Ref, Evidence> = BTreeMap::new();
    let mut add = |concept: Ref, strength: f32, span: Range<usize>| {
        let known = all.entry(concept).or_insert_with(|| Evidence { concept, strength: 0.0, said_by: Vec::new() });
        known.strength = 1.0 - (1.0 - known.strength) * (1.0 - strength.min(0.99));
        if !known.said_by.contains(&span) {
            known.said_by.push(span);
        }
    };
    let named = if names { vocabulary.named_in(tokens) } else { Vec::new() };
    let alone = |span: &Range<usize>| !text[span.clone()].contains(' ') && vocabulary.is_ordinary(&folded(&text[span.clone()]));
    let all_said = share_named(vocabulary, tokens, &named);
    let sure: Vec<Ref> = named.iter().filter(|(_, _, span)| !alone(span)).map(|(concept, ..)| *concept).collect();
    for (concept, sureness, span) in named {
        // "At the Bar", "a pound a bowl": an ordinary word by itself may mean something else here, but not among its like:
        // "squash, badminton".
        let ordinary = alone(&span) && !sure.iter().any(|other| *other != concept && vocabulary.are_near(concept, *other));
        let share = if ordinary { ORDINARY + (1.0 - ORDINARY) * all_said } else { 1.0 }
            * if matches!(concept, Ref::Domain(_)) { DOMAIN } else { 1.0 };
        add(concept, sureness * share, span);
    }
    for hint in vocabulary.hints_in(if hints { tokens } else { &[] }) {
        let span = tokens[hint.from].span.start..tokens[hint.from + hint.len - 1].span.end;
        let sum: f32 = hint.at.iter().map(|(_, strength)| strength).sum();
        for (concept, strength) in hint.at {
            // A hint that points many ways says less of each.
            add(*concept, HINT * strength * (strength / sum).sqrt(), span.clone());
        }
    }
    let mut found: Vec<Evidence> = all.into_values().collect();
    found.sort_by(|a, b| b.strength.total_cmp(&a.strength).then(a.concept.cmp(&b.concept)));
    found
}

/// The share of telling words that name something: in "chess and bowls" nothing else is said that could make them mean another thing.
#[allow(clippy::cast_precision_loss, reason = "a count of words")]
fn share_named(vocabulary: &Vocabulary, tokens: &[Token], named: &[(Ref, f32, Range<usize>)]) -> f32 {
    let telling = tokens.iter().filter(|token| !vocabulary.is_stop_word(&token.word));
    let inside = |token: &Token| named.iter().any(|(_, _, span)| span.start <= token.span.start && token.span.end <= span.end);
    let (all, inside) = telling.fold((0, 0), |(all, so_far), token| (all + 1, so_far + usize::from(inside(token))));
    inside as f32 / all.max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings_files::SettingsFiles;

    fn strongest(text: &str, most: usize) -> Vec<String> {
        let vocabulary = Vocabulary::load(&SettingsFiles::default()).expect("the shipped vocabulary");
        let found = evidence(&vocabulary, text, &crate::vocabulary::text::tokens(text));
        found.iter().take(most).map(|one| vocabulary.label(&vocabulary.concept(one.concept)).to_owned()).collect()
    }

    #[test]
    fn what_is_named_comes_before_what_is_hinted_at() {
        assert_eq!(strongest("I play guitar", 1), ["Playing the guitar"]);
    }

    #[test]
    fn hints_together_say_what_none_says_alone() {
        let found = strongest("compost, a trowel and seedlings on the windowsill", 3);
        assert!(found.iter().any(|label| label.contains("rowing") || label.contains("arden")), "{found:?}");
    }

    #[test]
    fn nothing_is_made_of_nothing() {
        assert!(strongest("", 9).is_empty() && strongest("qwx zzyx", 9).is_empty());
    }
}
