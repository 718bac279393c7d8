//! Hints: words that point to something without naming it. One alone says little; several together say much.

use super::{
    Ref,
    lexicon::{Lexicon, small},
    phrases::Word,
};

/// Longest hint in words that say something.
const MOST_WORDS: usize = 8;

/// Hints by their words' stems.
#[derive(Debug, Default)]
pub(crate) struct Hints {
    /// The keys of the words, joined by spaces.
    keys: Lexicon,
    /// For each the end of what it points to.
    ends: Vec<u32>,
    pointing: Vec<(Ref, f32)>,
}

/// Some words of a text that hint at something.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Hint<'h> {
    /// The first word.
    pub(crate) from: usize,
    /// How many words.
    pub(crate) len: usize,
    /// What they point to and how strongly, above 0 and at most 1.
    pub(crate) at: &'h [(Ref, f32)],
}

/// Hints as they are read.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    keys: Lexicon,
    all: Vec<(u32, Ref, f32)>,
}

impl Gathered {
    /// Adds a hint by its words that say something; of the same twice, the stronger counts. `false` where there are too many
    /// words to be found again, or none.
    pub(crate) fn add(&mut self, words: &[Word], concept: Ref, strength: f32) -> bool {
        self.all.push((self.keys.add(&key(words)), concept, strength));
        (1..=MOST_WORDS).contains(&words.len())
    }

    pub(crate) fn finish(self) -> Hints {
        let Self { mut keys, mut all } = self;
        keys.finish();
        // The strongest of the same comes first.
        all.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then(b.2.total_cmp(&a.2)));
        all.dedup_by_key(|(key, concept, _)| (*key, *concept));
        let ends = (0..small(keys.len())).map(|key| small(all.partition_point(|(other, ..)| *other <= key)));
        Hints { ends: ends.collect(), pointing: all.iter().map(|(_, concept, strength)| (*concept, *strength)).collect(), keys }
    }
}

impl Hints {
    /// Every hint in words that say something, each with its place in the text; longer hints, too.
    pub(crate) fn read(&self, words: &[(usize, Word)]) -> Vec<Hint<'_>> {
        let mut found = Vec::new();
        for (at, (from, _)) in words.iter().enumerate() {
            let mut key = String::new();
            for (len, (to, word)) in (1..=MOST_WORDS).zip(&words[at..]) {
                if len > 1 {
                    key.push(' ');
                }
                key.push_str(&word.stem.key);
                if let Some(at) = self.keys.place(&key) {
                    found.push(Hint { from: *from, len: to - from + 1, at: self.pointing(at) });
                }
            }
        }
        found
    }

    fn pointing(&self, at: u32) -> &[(Ref, f32)] {
        let end = |at: u32| self.ends[at as usize] as usize;
        &self.pointing[at.checked_sub(1).map_or(0, end)..end(at)]
    }
}

fn key(words: &[Word]) -> String {
    words.iter().map(|word| word.stem.key.as_str()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use crate::vocabulary::Vocabulary;

    /// A vocabulary with two activities, a kind, and these hints.
    fn with(hints: &str) -> Result<Vocabulary, Vec<String>> {
        let folder = tempfile::tempdir().expect("a folder");
        let files = crate::search::contract::catalogue::settings_in(folder.path());
        std::fs::create_dir_all(folder.path().join("vocabulary/hints")).expect("a folder");
        std::fs::write(folder.path().join("vocabulary/hints/all.toml"), hints).expect("a file");
        Vocabulary::load(&files).map_err(|mistakes| mistakes.iter().map(ToString::to_string).collect())
    }

    fn pointed_to(vocabulary: &Vocabulary, text: &str) -> Vec<String> {
        let tokens = crate::vocabulary::text::tokens(text);
        let all = vocabulary.hints_in(&tokens);
        let say = |hint: &super::Hint<'_>| {
            let words = &text[tokens[hint.from].span.start..tokens[hint.from + hint.len - 1].span.end];
            hint.at
                .iter()
                .map(|(at, strength)| format!("{words}: {} {strength}", vocabulary.label(&vocabulary.concept(*at))))
                .collect::<Vec<_>>()
        };
        all.iter().flat_map(say).collect()
    }

    #[test]
    fn hints_are_found_whatever_their_endings_and_small_words_between() {
        let vocabulary =
            with("[activities]\nguitar = [\"six strings ~0.8\", \"pluck\"]\n[kinds]\nlibrary = [\"hush of pages ~1\"]\n")
                .expect("no mistakes");
        assert_eq!(
            pointed_to(&vocabulary, "I plucked at the six strings"),
            ["plucked: Playing the guitar 0.5", "six strings: Playing the guitar 0.8"]
        );
        assert_eq!(pointed_to(&vocabulary, "the hush of the pages"), ["hush of the pages: Library 1"]);
        assert!(pointed_to(&vocabulary, "six old strings").is_empty());
    }

    #[test]
    fn mistakes_in_hints_name_file_and_line() {
        let mistakes = with("[activities]\nno-such = [\"soil\"]\nguitar = [\"of the\", \"soil ~3\"]\n[places]\nx = []\n")
            .expect_err("mistakes");
        let all = mistakes.join("\n");
        assert!(all.contains("hints/all.toml:2: there is no such activity"), "{all}");
        assert!(all.contains("hints/all.toml:3: the hint `of the` has no word"), "{all}");
        assert!(all.contains("hints/all.toml:3: `~3` should be a number"), "{all}");
        assert_eq!(mistakes.len(), 4, "{all}");
    }
}
