//! The figures of a run beside those of the run before, as a table.

use std::{collections::BTreeMap, fs, path::PathBuf};

use crate::site;

/// What got worse by more than this share is marked.
const WORSE: f64 = 0.1;

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Wanted {
    /// At least so much.
    AtLeast(f64),
    /// At most so much.
    AtMost(f64),
    /// More is better.
    More,
    /// Less is better.
    Less,
    /// Neither is better.
    Told,
}

/// One figure.
struct Figure {
    key: String,
    label: String,
    value: f64,
    unit: &'static str,
    wanted: Wanted,
}

/// All figures of a run.
pub struct Figures {
    all: Vec<Figure>,
    last: BTreeMap<String, f64>,
    notes: Vec<String>,
}

impl Figures {
    /// None yet; what the run before left is read.
    pub fn new() -> Self {
        let last = fs::read(file()).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        Self { all: Vec::new(), last, notes: Vec::new() }
    }

    /// Adds a figure and says it at once.
    pub fn add(&mut self, key: impl Into<String>, label: impl Into<String>, value: f64, unit: &'static str, wanted: Wanted) {
        let figure = Figure { key: key.into(), label: label.into(), value, unit, wanted };
        eprintln!("  {}: {}", figure.label, shown(value, unit));
        self.all.push(figure);
    }

    /// A line under the table.
    pub fn note(&mut self, text: impl Into<String>) {
        let text = text.into();
        eprintln!("  {text}");
        self.notes.push(text);
    }

    /// A figure of this run.
    pub fn get(&self, key: &str) -> Option<f64> {
        self.all.iter().find(|figure| figure.key == key).map(|figure| figure.value)
    }

    /// The table, in Markdown.
    pub fn table(&self) -> String {
        let mut table = "| measured | figure | wanted | to the run before |\n|---|---|---|---|\n".to_owned();
        for figure in &self.all {
            let (wanted, before) = (wanted(figure), self.before(figure));
            table.push_str(&format!("| {} | {} | {wanted} | {before} |\n", figure.label, shown(figure.value, figure.unit)));
        }
        for note in &self.notes {
            table.push_str(&format!("\n{note}\n"));
        }
        table
    }

    fn before(&self, figure: &Figure) -> String {
        let Some(last) = self.last.get(&figure.key).filter(|last| **last > 0.0) else { return "new".to_owned() };
        let ratio = figure.value / last;
        let worse = match figure.wanted {
            Wanted::AtLeast(_) | Wanted::More => ratio < 1.0 - WORSE,
            Wanted::AtMost(_) | Wanted::Less => ratio > 1.0 + WORSE,
            Wanted::Told => false,
        };
        format!("x {ratio:.2}{}", if worse { " **worse**" } else { "" })
    }

    /// Keeps the figures for the next run; those that weren't measured stay as they were.
    pub fn keep(&self) {
        let mut all = self.last.clone();
        all.extend(self.all.iter().map(|figure| (figure.key.clone(), figure.value)));
        fs::write(file(), serde_json::to_vec_pretty(&all).expect("JSON")).expect("the figures are kept");
    }
}

fn file() -> PathBuf {
    site::folder().join("last.json")
}

fn wanted(figure: &Figure) -> String {
    let (met, text) = match figure.wanted {
        Wanted::AtLeast(least) => (figure.value >= least, format!("at least {}", shown(least, figure.unit))),
        Wanted::AtMost(most) => (figure.value <= most, format!("at most {}", shown(most, figure.unit))),
        Wanted::More | Wanted::Less | Wanted::Told => return String::new(),
    };
    if met { text } else { format!("{text}: **missed**") }
}

fn shown(value: f64, unit: &str) -> String {
    let number = match value.abs() {
        size if size >= 100.0 => thousands(value),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    };
    format!("{number} {unit}").trim_end().to_owned()
}

/// A whole number with commas between thousands.
pub fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
