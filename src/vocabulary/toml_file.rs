//! Settings files as tables that know their lines, so that every mistake can name its own.

use std::ops::Range;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::settings_files::{Mistake, SettingsFile};

/// Collects the mistakes of one file.
#[derive(Debug)]
pub(crate) struct Reader<'f> {
    file: &'f SettingsFile,
    lines: Vec<usize>,
    mistakes: Vec<Mistake>,
}

/// A table and where it stands.
pub(crate) struct Table<'f, 't> {
    /// Where it begins and ends, in bytes.
    pub(crate) span: Range<usize>,
    entries: &'t DeTable<'f>,
}

impl<'f> Reader<'f> {
    pub(crate) fn new(file: &'f SettingsFile) -> Self {
        let lines = file.text.match_indices('\n').map(|(at, _)| at).collect();
        Self { file, lines, mistakes: Vec::new() }
    }

    /// The file's own table; what can't be read is a mistake.
    pub(crate) fn parse(&mut self) -> Spanned<DeTable<'f>> {
        let (table, errors) = DeTable::parse_recoverable(&self.file.text);
        for error in errors {
            self.mistake(error.span().unwrap_or(0..0), error.message().to_owned());
        }
        table
    }

    /// Notes a mistake at a place in the file.
    pub(crate) fn mistake(&mut self, span: Range<usize>, message: impl Into<String>) {
        let line = self.line(span.start);
        self.mistakes.push(Mistake { file: self.file.path.clone(), line, message: message.into() });
    }

    /// The line of a byte, from 1.
    pub(crate) fn line(&self, at: usize) -> usize {
        self.lines.partition_point(|end| *end < at) + 1
    }

    pub(crate) fn into_mistakes(self) -> Vec<Mistake> {
        self.mistakes
    }

    /// The tables under `[[name]]`; any other key of the file is a mistake.
    pub(crate) fn each<'t>(&mut self, root: &'t Spanned<DeTable<'f>>, name: &str) -> Vec<Table<'f, 't>> {
        for (key, _) in root.get_ref().iter().filter(|(key, _)| key.get_ref() != name) {
            self.mistake(key.span(), format!("`{}` is not known here; this file holds [[{name}]]", key.get_ref()));
        }
        self.each_of(root, name)
    }

    /// The tables under `[[name]]`.
    pub(crate) fn each_of<'t>(&mut self, root: &'t Spanned<DeTable<'f>>, name: &str) -> Vec<Table<'f, 't>> {
        let Some((_, value)) = root.get_ref().iter().find(|(key, _)| key.get_ref() == name) else { return Vec::new() };
        let Some(list) = value.get_ref().as_array() else {
            self.mistake(value.span(), format!("write [[{name}]], with two brackets"));
            return Vec::new();
        };
        let mut found = Vec::new();
        for item in list.iter() {
            match item.get_ref() {
                DeValue::Table(entries) => found.push(Table { span: item.span(), entries }),
                _ => self.mistake(item.span(), format!("write [[{name}]] and its lines")),
            }
        }
        found
    }

    /// A table inside a table, if it is there.
    pub(crate) fn table<'t>(&mut self, from: &'t DeTable<'f>, name: &str) -> Option<Table<'f, 't>> {
        let value = from.iter().find(|(key, _)| key.get_ref() == name)?.1;
        match value.get_ref() {
            DeValue::Table(entries) => Some(Table { span: value.span(), entries }),
            _ => {
                self.mistake(value.span(), format!("`{name}` should be a table"));
                None
            }
        }
    }

    /// Any key of the table that isn't in the list is a mistake.
    pub(crate) fn only(&mut self, table: &Table<'f, '_>, known: &[&str]) {
        for (key, _) in table.entries {
            if !known.contains(&key.get_ref().as_ref()) {
                self.mistake(key.span(), format!("`{}` is not known here; there are {}", key.get_ref(), known.join(", ")));
            }
        }
    }

    /// A text that must be there.
    pub(crate) fn text(&mut self, table: &Table<'f, '_>, name: &str) -> Option<Spanned<String>> {
        let found = self.maybe_text(table, name);
        if found.is_none() && table.get(name).is_none() {
            self.mistake(table.span.clone(), format!("`{name}` is missing"));
        }
        found
    }

    /// A text that may be there; an empty one is a mistake.
    pub(crate) fn maybe_text(&mut self, table: &Table<'f, '_>, name: &str) -> Option<Spanned<String>> {
        let value = table.get(name)?;
        match value.get_ref().as_str().map(str::trim) {
            Some(text) if !text.is_empty() => Some(Spanned::new(value.span(), text.to_owned())),
            Some(_) => {
                self.mistake(value.span(), format!("`{name}` is empty"));
                None
            }
            None => {
                self.mistake(value.span(), format!("`{name}` should be a text in quotes"));
                None
            }
        }
    }

    /// A list of texts; none is an empty one.
    pub(crate) fn texts(&mut self, table: &Table<'f, '_>, name: &str) -> Vec<Spanned<String>> {
        let Some(value) = table.get(name) else { return Vec::new() };
        let Some(list) = value.get_ref().as_array() else {
            self.mistake(value.span(), format!("`{name}` should be a list in square brackets"));
            return Vec::new();
        };
        let mut found = Vec::with_capacity(list.len());
        for item in list.iter() {
            match item.get_ref().as_str() {
                Some(text) => found.push(Spanned::new(item.span(), text.to_owned())),
                None => self.mistake(item.span(), format!("`{name}` should hold texts in quotes")),
            }
        }
        found
    }

    /// `true` or `false`; `false` where it isn't written.
    pub(crate) fn flag(&mut self, table: &Table<'f, '_>, name: &str) -> bool {
        let Some(value) = table.get(name) else { return false };
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.mistake(value.span(), format!("`{name}` should be true or false"));
        }
        flag.unwrap_or_default()
    }

    /// A number between two bounds, both allowed.
    pub(crate) fn number(&mut self, table: &Table<'f, '_>, name: &str, from: f64, to: f64) -> Option<f64> {
        let value = table.get(name)?;
        let number = number_of(value.get_ref());
        if number.is_none_or(|n| !(from..=to).contains(&n)) {
            self.mistake(value.span(), format!("`{name}` should be a number from {from} to {to}"));
            return None;
        }
        number
    }
}

impl<'f, 't> Table<'f, 't> {
    /// The file's own table.
    pub(crate) fn whole(root: &'t Spanned<DeTable<'f>>) -> Self {
        Self { span: root.span(), entries: root.get_ref() }
    }

    /// The keys and values.
    pub(crate) fn entries(&self) -> &'t DeTable<'f> {
        self.entries
    }

    fn get(&self, name: &str) -> Option<&'t Spanned<DeValue<'f>>> {
        self.entries.iter().find(|(key, _)| key.get_ref() == name).map(|(_, value)| value)
    }
}

/// A whole or broken number.
pub(crate) fn number_of(value: &DeValue<'_>) -> Option<f64> {
    let text = match value {
        DeValue::Float(float) => float.as_str(),
        DeValue::Integer(whole) if whole.radix() == 10 => whole.as_str(),
        _ => return None,
    };
    text.parse().ok().filter(|n: &f64| n.is_finite())
}
