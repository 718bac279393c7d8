//! Filters as Meilisearch reads them, written from types alone: no part of a filter is ever someone's text as it came.

use std::fmt::{self, Display, Formatter, Write};

use crate::values::Point;

/// One condition on a place, or several together.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Clause {
    /// A field holds one of these texts.
    Holds(&'static str, Vec<String>),
    /// A field holds one of these numbers.
    HoldsNumber(&'static str, Vec<u32>),
    /// A field holds a text that begins so.
    Begins(&'static str, String),
    /// A field's number is at most this.
    AtMost(&'static str, u32),
    /// A field is true.
    True(&'static str),
    /// At most so many metres from a point.
    Circle(Point, u32),
    /// Each of these; everything where there are none.
    All(Vec<Self>),
    /// One of these; nothing where there are none.
    Any(Vec<Self>),
}

impl Display for Clause {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Holds(field, texts) => {
                write!(f, "{field} IN [")?;
                listed(f, texts.iter().map(|text| Quoted(text)))?;
                f.write_char(']')
            }
            Self::HoldsNumber(field, numbers) => {
                write!(f, "{field} IN [")?;
                listed(f, numbers.iter())?;
                f.write_char(']')
            }
            Self::Begins(field, text) => write!(f, "{field} STARTS WITH {}", Quoted(text)),
            Self::AtMost(field, most) => write!(f, "{field} <= {most}"),
            Self::True(field) => write!(f, "{field} = true"),
            Self::Circle(point, metres) => write!(f, "_geoRadius({}, {}, {metres})", point.lat, point.lon),
            Self::All(clauses) => joined(f, clauses, " AND ", "every = footbridge"),
            Self::Any(clauses) => joined(f, clauses, " OR ", "every = nothing"),
        }
    }
}

/// A text in quotation marks. A backslash has no spelling there, so it goes; no place has one in what is filtered.
struct Quoted<'t>(&'t str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for letter in self.0.chars().filter(|letter| *letter != '\\') {
            if letter == '"' {
                f.write_char('\\')?;
            }
            f.write_char(letter)?;
        }
        f.write_char('"')
    }
}

fn listed(f: &mut Formatter<'_>, items: impl Iterator<Item = impl Display>) -> fmt::Result {
    for (at, item) in items.enumerate() {
        if at > 0 {
            f.write_str(", ")?;
        }
        item.fmt(f)?;
    }
    Ok(())
}

fn joined(f: &mut Formatter<'_>, clauses: &[Clause], between: &str, none: &str) -> fmt::Result {
    if clauses.is_empty() {
        return f.write_str(none);
    }
    for (at, clause) in clauses.iter().enumerate() {
        f.write_str(if at > 0 { between } else { "" })?;
        match clause {
            Clause::All(_) | Clause::Any(_) => write!(f, "({clause})")?,
            _ => clause.fmt(f)?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_are_written_as_meilisearch_reads_them() {
        let any = Clause::Any(vec![
            Clause::Holds("terms", vec!["w:a".to_owned(), "k:pub".to_owned()]),
            Clause::Begins("terms", "w:gui".to_owned()),
        ]);
        let circle = Clause::Circle(Point { lat: 51.5, lon: -0.07 }, 8_000);
        let all = Clause::All(vec![any, circle, Clause::AtMost("cost", 500), Clause::True("places_now"), Clause::All(vec![])]);
        assert_eq!(
            all.to_string(),
            "(terms IN [\"w:a\", \"k:pub\"] OR terms STARTS WITH \"w:gui\") AND _geoRadius(51.5, -0.07, 8000) \
             AND cost <= 500 AND places_now = true AND (every = footbridge)"
        );
        assert_eq!(Clause::Any(vec![]).to_string(), "every = nothing");
        assert_eq!(Clause::HoldsNumber("hours", vec![1, 20]).to_string(), "hours IN [1, 20]");
    }

    #[test]
    fn a_text_cannot_leave_its_quotation_marks() {
        for (text, written) in [
            ("a\" OR id EXISTS OR borough = \"", "borough IN [\"a\\\" OR id EXISTS OR borough = \\\"\"]"),
            ("a\\", "borough IN [\"a\"]"),
            ("\\\"", "borough IN [\"\\\"\"]"),
        ] {
            assert_eq!(Clause::Holds("borough", vec![text.to_owned()]).to_string(), written);
        }
    }
}
