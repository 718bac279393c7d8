//! Marks the words that were looked for in a text that is shown.

use crate::vocabulary::text::tokens;

/// The text in pieces, each marked or not; `highlight` as in `Found`. The pieces put together are the text.
pub fn marks(text: &str, highlight: &[String]) -> Vec<(String, bool)> {
    let mut pieces = Vec::new();
    let mut done = 0;
    for token in tokens(text) {
        if !highlight.iter().any(|word| token.word.starts_with(word.as_str())) {
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
}
