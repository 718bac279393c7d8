//! Words from clinics, so that a page can ask gently: did you mean to? A place might see them.

use serde::Deserialize;

use crate::{
    settings_files::{Mistake, SettingsFiles},
    vocabulary::text::folded,
    web::form::Typed,
};

/// Where they are, below `search-config/`.
const FILE: &str = "clinical-words.toml";
/// Most words that a page names.
const MOST: usize = 5;

/// The words.
#[derive(Debug, Clone, Default)]
pub struct Clinical(Vec<String>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    words: Vec<String>,
}

impl Clinical {
    /// Reads the words, or says what is wrong with their file. A folder without one takes the built-in words.
    pub fn load(files: &SettingsFiles) -> Result<Self, Mistake> {
        let told = |line, message: String| Mistake { file: FILE.to_owned(), line, message };
        let read = |files: &SettingsFiles| files.one(FILE).map_err(|cause| told(1, cause.to_string()));
        let file = match read(files)? {
            Some(file) => Some(file),
            None => read(&SettingsFiles::default())?,
        };
        let text = file.map(|file| file.text).unwrap_or_default();
        let line = |at: usize| text[..at.min(text.len())].matches('\n').count() + 1;
        let parsed: File = toml::from_str(&text)
            .map_err(|cause| told(cause.span().map_or(1, |span| line(span.start)), cause.message().to_owned()))?;
        Ok(Self(parsed.words.iter().map(|word| folded(word)).filter(|word| !word.is_empty()).collect()))
    }

    /// Those of the words that stand in a text, in the order of the list.
    pub fn found(&self, text: &str) -> Vec<&str> {
        self.standing(text).take(MOST).collect()
    }

    fn standing(&self, text: &str) -> impl Iterator<Item = &str> {
        let text = format!(" {} ", folded(text));
        let stands = move |word: &&String| text.match_indices(word.as_str()).any(|(at, _)| bounded(&text, at, word.len()));
        self.0.iter().filter(stands).map(String::as_str)
    }
}

impl Clinical {
    /// What to ask gently about such words; none where there are none, or it was asked before, which the form
    /// says in `meant`.
    pub fn ask(&self, text: &str, typed: &Typed) -> Option<String> {
        self.ask_anew("", text, typed)
    }

    /// The same of what is changed: words that stood there before were meant, and aren't asked about again.
    pub fn ask_anew(&self, before: &str, text: &str, typed: &Typed) -> Option<String> {
        let meant: Vec<&str> = self.standing(before).collect();
        let found: Vec<&str> = self.standing(text).filter(|word| !meant.contains(word)).take(MOST).collect();
        if found.is_empty() || typed.one("meant") == "yes" {
            return None;
        }
        let words: Vec<String> = found.iter().map(|word| format!("“{word}”")).collect();
        Some(format!(
            "You wrote {}. Did you mean to? Places don’t need to know that. Take it out, or send it as it is.",
            words.join(", ")
        ))
    }
}

fn bounded(text: &str, at: usize, long: usize) -> bool {
    text[..at].ends_with(' ') && text[at + long..].starts_with(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> Clinical {
        Clinical::load(&SettingsFiles::default()).unwrap()
    }

    #[test]
    fn words_from_clinics_are_found_and_ordinary_ones_are_not() {
        let words = words();
        assert_eq!(words.found("He has Schizophrenia, on depot."), ["schizophrenia", "depot"]);
        assert_eq!(words.found("self-harm"), ["self harm"]);
        for plain in ["I feel low and I want to drum", "a bus depots museum", "I like to sing. Manically happy!", ""] {
            assert!(words.found(plain).is_empty(), "{plain}");
        }
    }

    #[test]
    fn words_that_stood_there_before_are_not_asked_about_again() {
        let words = words();
        let before = "psychosis, lithium, depot, ptsd, bpd, manic";
        assert_eq!(words.ask_anew(before, "depot and lithium", &Typed::default()), None);
        let asked = words.ask_anew(before, &format!("{before} and clozapine"), &Typed::default()).unwrap();
        assert!(asked.starts_with("You wrote “clozapine”."), "{asked}");
        assert_eq!(words.ask_anew("", "clozapine", &Typed::default().with("meant", "yes")), None);
    }

    #[test]
    fn a_mistake_in_the_file_names_its_line() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), "words = [\n\"one\",\n2]\n").unwrap();
        let mistake = Clinical::load(&SettingsFiles::new(Some(folder.path().to_owned()))).unwrap_err();
        assert_eq!((mistake.file.as_str(), mistake.line), (FILE, 3), "{mistake}");
    }
}
