//! Marks the words that were looked for in a text that is shown.

use crate::vocabulary::text::tokens;

/// The text in pieces, each marked or not; `highlight` as in `Found`. The pieces put together are the text.
pub fn marks(text: &str, highlight: &[String]) -> Vec<(String, bool)> {
    let mut pieces = Vec::new();
    let mut done = 0;
    for token in tokens(text) {
        if !is_looked_for(&token.word, highlight) {
            continue;
        }
        if token.span.start > done {
            pieces.push((text[done..token.span.start].to_owned(), false));
        }
        done = token.span.end;
        pieces.push((text[token.span].to_owned(), true));
    }
    if done < text.len() {
        pieces.push((text[done..].to_owned(), false));
    }
    pieces
}

/// What a text says around the first word that was looked for, in pieces as in `marks`: its sentence, or as much of a
/// long one as fits into `around` characters, cut between words, with an ellipsis where something is left out. None
/// where the text has no such word.
pub fn snippet(text: &str, highlight: &[String], around: usize) -> Option<Vec<(String, bool)>> {
    let is_marked = |text: &str| tokens(text).into_iter().find(|token| is_looked_for(&token.word, highlight));
    let sentence = sentences(text).find(|sentence| is_marked(sentence).is_some())?.trim();
    let first = is_marked(sentence)?;
    let (from, to) = cut(sentence, first.span.start, around);
    let mut pieces = marks(sentence[from..to].trim(), highlight);
    if from > 0 {
        pieces.insert(0, ("… ".to_owned(), false));
    }
    if to < sentence.len() {
        pieces.push((" …".to_owned(), false));
    }
    Some(pieces)
}

/// The sentences of a text: each ends with a line, or with a full stop and a space.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let mut last = ' ';
    text.split_inclusive(move |this: char| {
        let ends = this == '\n' || (this.is_whitespace() && matches!(last, '.' | '!' | '?'));
        last = this;
        ends
    })
}

/// The bytes of a sentence to show: whole words around the one that begins at `at`, a third of the room before it.
fn cut(sentence: &str, at: usize, around: usize) -> (usize, usize) {
    let characters = |from: usize, to: usize| sentence[from..to].chars().count();
    if characters(0, sentence.len()) <= around {
        return (0, sentence.len());
    }
    let gaps = || sentence.char_indices().filter(|(_, this)| this.is_whitespace());
    let mut starts = std::iter::once(0).chain(gaps().map(|(gap, this)| gap + this.len_utf8())).filter(|from| *from <= at);
    let from = starts.find(|from| characters(*from, at) <= around / 3).unwrap_or(at);
    let mut ends = gaps().map(|(gap, _)| gap).chain([sentence.len()]).filter(|to| *to > at);
    let first = ends.next().unwrap_or(sentence.len());
    (from, ends.take_while(|to| characters(from, *to) <= around).last().unwrap_or(first))
}

fn is_looked_for(word: &str, highlight: &[String]) -> bool {
    highlight.iter().any(|looked_for| word.starts_with(looked_for.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_begin_so_are_marked_and_nothing_is_lost() {
        let highlight = ["cafe".to_owned(), "rehears".to_owned()];
        let pieces = marks("The Café & Rehearsal <b>Rooms</b>", &highlight);
        let marked: Vec<&str> = pieces.iter().filter(|(_, marked)| *marked).map(|(piece, _)| piece.as_str()).collect();
        assert_eq!(marked, ["Café", "Rehearsal"]);
        assert_eq!(pieces.iter().map(|(piece, _)| piece.as_str()).collect::<String>(), "The Café & Rehearsal <b>Rooms</b>");
        assert!(marks("", &highlight).is_empty());
    }

    #[test]
    fn a_snippet_is_the_sentence_that_has_the_word() {
        let highlight = ["zither".to_owned()];
        let text = "We are open to all. Come to the Zither evening! Bring a friend.";
        let pieces =
            |around| snippet(text, &highlight, around).map(|all| all.into_iter().map(|(piece, _)| piece).collect::<String>());
        assert_eq!(pieces(160).as_deref(), Some("Come to the Zither evening!"));
        assert_eq!(pieces(18).as_deref(), Some("… the Zither …"));
        assert_eq!(pieces(0).as_deref(), Some("… Zither …"));
        assert_eq!(snippet(text, &highlight, 160).unwrap()[1], ("Zither".to_owned(), true));
        assert_eq!(snippet("Nothing of the kind.", &highlight, 160), None);
        assert_eq!(snippet("", &highlight, 160), None);
    }

    proptest::proptest! {
        #[test]
        fn a_snippet_is_short_and_has_the_word(before in "\\PC{0,300}", after in "\\PC{0,300}", around in 0_usize..200) {
            let text = format!("{before} zither {after}");
            let pieces = snippet(&text, &["zither".to_owned()], around).unwrap();
            proptest::prop_assert!(pieces.iter().any(|(_, marked)| *marked));
            let shown: usize = pieces.iter().map(|(piece, _)| piece.chars().count()).sum();
            proptest::prop_assert!(shown <= around.max(6) + 4, "{pieces:?}");
        }
    }
}
