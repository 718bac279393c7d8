//! Forms that keep what was typed: what came in, bounded, and fields that show it again with what is wrong beside it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{error::Problem, values::Text};

/// Longest single line, in characters.
pub const LINE: usize = 200;
/// Longest text of several lines, in characters.
pub const TEXT: usize = 5_000;
/// Most fields of a form, and most values of one field.
const MOST: usize = 200;

/// What was typed into a form. It may be personal, so it shows nowhere by itself.
#[derive(Clone, Default)]
pub struct Typed(BTreeMap<String, Vec<String>>);

impl std::fmt::Debug for Typed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Typed(..)")
    }
}

impl Typed {
    /// Reads a form's body, or an address's query. Control characters go, but for line breaks.
    pub fn read(body: &[u8]) -> Self {
        let mut fields: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(body).take(MOST) {
            let value: String = value.chars().filter(|c| !c.is_control() || *c == '\n').take(TEXT + 1).collect();
            fields.entry(name.into_owned()).or_default().push(value);
        }
        Self(fields)
    }

    /// The value of a field, without blanks around it; empty where it wasn't sent.
    pub fn one(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// The value of a field as it was typed, for passwords.
    pub fn raw(&self, name: &str) -> &str {
        self.0.get(name).and_then(|values| values.last()).map_or("", String::as_str)
    }

    /// Every value of a field.
    pub fn all(&self, name: &str) -> &[String] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    /// The names of the fields that are there.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether a field was sent with something in it.
    pub fn has(&self, name: &str) -> bool {
        !self.one(name).is_empty()
    }

    /// The value of a field as bounded text; a problem with the field where it is too long.
    pub fn text<const MAX: usize>(&self, name: &str, problems: &mut Vec<Problem>) -> Text<MAX> {
        self.one(name).parse().unwrap_or_else(|_| {
            problems.push(Problem::new(name, format!("That is more than we can take. Use up to {MAX} letters.")));
            Text::default()
        })
    }

    /// Puts a value in, for a form that is shown with one.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.0.insert(name.to_owned(), vec![value.to_owned()]);
        self
    }
}

impl Typed {
    /// Puts several values in.
    pub fn with_all(mut self, name: &str, values: Vec<String>) -> Self {
        self.0.insert(name.to_owned(), values);
        self
    }
}

/// What is wrong with a field, if anything is.
pub fn error(problems: &[Problem], name: &str) -> Option<String> {
    problems.iter().find(|problem| problem.field == name).map(|problem| problem.message.clone())
}

/// One field to type into.
#[derive(Debug, Clone, Serialize)]
pub struct Field {
    /// Its name and id.
    pub name: &'static str,
    /// What to type.
    pub label: String,
    /// More about it.
    pub hint: Option<String>,
    /// What was typed.
    pub value: String,
    /// What is wrong with it.
    pub error: Option<String>,
    /// `text`, `email`, `password`, `tel`, `date`, or `area` for several lines.
    pub sort: &'static str,
    /// What a browser may fill in.
    pub autocomplete: Option<&'static str>,
    /// Whether digits are typed.
    pub digits: bool,
    /// Whether it may be left blank, which the label says.
    pub optional: bool,
    /// Longest value, in characters.
    pub longest: usize,
}

impl Field {
    /// A line of text.
    pub fn line(name: &'static str, label: &str) -> Self {
        Self {
            name,
            label: label.to_owned(),
            hint: None,
            value: String::new(),
            error: None,
            sort: "text",
            autocomplete: None,
            digits: false,
            optional: false,
            longest: LINE,
        }
    }

    /// Several lines.
    pub fn area(name: &'static str, label: &str) -> Self {
        Self { sort: "area", longest: TEXT, ..Self::line(name, label) }
    }

    /// An e-mail address.
    pub fn email(name: &'static str, label: &str) -> Self {
        Self { sort: "email", autocomplete: Some("email"), ..Self::line(name, label) }
    }

    /// A password; it is never shown again.
    pub fn password(name: &'static str, label: &str, autocomplete: &'static str) -> Self {
        Self { sort: "password", autocomplete: Some(autocomplete), ..Self::line(name, label) }
    }

    /// With more about it.
    pub fn hint(self, hint: &str) -> Self {
        Self { hint: Some(hint.to_owned()), ..self }
    }

    /// What a browser may fill in.
    pub fn filled(self, autocomplete: &'static str) -> Self {
        Self { autocomplete: Some(autocomplete), ..self }
    }

    /// A code made of digits.
    pub fn digits(self) -> Self {
        Self { digits: true, ..self }
    }

    /// It may be left blank.
    pub fn optional(self) -> Self {
        Self { optional: true, ..self }
    }

    /// With what was typed and what is wrong with it.
    pub fn typed(self, typed: &Typed, problems: &[Problem]) -> Self {
        let value = if self.sort == "password" { String::new() } else { typed.one(self.name).to_owned() };
        Self { value, error: error(problems, self.name), ..self }
    }
}

/// One answer of several.
#[derive(Debug, Clone, Serialize)]
pub struct Answer {
    /// The value.
    pub value: String,
    /// What it is called.
    pub label: String,
    /// More about it.
    pub hint: Option<String>,
    /// Whether it is chosen.
    pub chosen: bool,
}

/// A question with answers to choose from: one (radio buttons), or several (boxes to tick).
#[derive(Debug, Clone, Serialize)]
pub struct Choose {
    /// Its name and id.
    pub name: &'static str,
    /// The question.
    pub legend: String,
    /// More about it.
    pub hint: Option<String>,
    /// What is wrong with it.
    pub error: Option<String>,
    /// The answers.
    pub answers: Vec<Answer>,
    /// Whether several may be chosen.
    pub several: bool,
}

impl Choose {
    /// One of these answers: value and words.
    pub fn one(name: &'static str, legend: &str, answers: &[(&str, &str)]) -> Self {
        let answer = |(value, label): &(&str, &str)| Answer {
            value: (*value).to_owned(),
            label: (*label).to_owned(),
            hint: None,
            chosen: false,
        };
        Self {
            name,
            legend: legend.to_owned(),
            hint: None,
            error: None,
            answers: answers.iter().map(answer).collect(),
            several: false,
        }
    }

    /// Any of these answers.
    pub fn several(name: &'static str, legend: &str, answers: &[(&str, &str)]) -> Self {
        Self { several: true, ..Self::one(name, legend, answers) }
    }

    /// With more about it.
    pub fn hint(self, hint: &str) -> Self {
        Self { hint: Some(hint.to_owned()), ..self }
    }

    /// With what was chosen and what is wrong with it.
    pub fn typed(mut self, typed: &Typed, problems: &[Problem]) -> Self {
        let chosen = typed.all(self.name);
        for answer in &mut self.answers {
            answer.chosen = chosen.contains(&answer.value);
        }
        self.error = error(problems, self.name);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_kept_and_bounded() {
        let typed = Typed::read(b"name=+Ann%00e+&day=MO&day=TU&note=one%0Atwo");
        assert_eq!((typed.one("name"), typed.one("note")), ("Anne", "one\ntwo"));
        assert_eq!(typed.all("day"), ["MO", "TU"]);
        assert!(!typed.has("nothing"));
        let long = Typed::read(format!("note={}", "x".repeat(100_000)).as_bytes());
        assert_eq!(long.one("note").len(), TEXT + 1);
        assert!(!format!("{typed:?}").contains("Anne"));
    }

    #[test]
    fn a_password_is_never_shown_again() {
        let typed = Typed::default().with("password", "lantern otter").with("email", "a@example.org");
        assert_eq!(Field::password("password", "Password", "current-password").typed(&typed, &[]).value, "");
        assert_eq!(Field::email("email", "E-mail").typed(&typed, &[]).value, "a@example.org");
    }
}
