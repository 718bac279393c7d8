//! How far an import is: a bar on a terminal, plain lines elsewhere.

use std::{
    io::{IsTerminal, Write},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

use super::summary::grouped;

/// How often a plain line is written at most.
const PAUSE: Duration = Duration::from_secs(5);

/// Where progress is shown.
#[derive(Default)]
pub enum Progress {
    /// Nowhere.
    #[default]
    Silent,
    /// On the terminal behind standard error.
    Bar(ProgressBar),
    /// As lines on standard error.
    Lines(Lines),
}

/// Progress as plain lines.
pub struct Lines {
    doing: String,
    last: Instant,
    at: u64,
}

impl Progress {
    /// A bar if standard error is a terminal, else lines.
    pub fn on_stderr() -> Self {
        if std::io::stderr().is_terminal() {
            return Self::Bar(ProgressBar::no_length());
        }
        Self::Lines(Lines { doing: String::new(), last: Instant::now(), at: 0 })
    }

    /// A new stage, of so many steps where that is known.
    pub(super) fn stage(&mut self, doing: &str, steps: Option<u64>) {
        match self {
            Self::Silent => {}
            Self::Bar(bar) => {
                let template =
                    if steps.is_some() { "{msg} {wide_bar} {human_pos}/{human_len} {eta}" } else { "{msg} {human_pos}" };
                if let Ok(style) = ProgressStyle::with_template(template) {
                    bar.set_style(style);
                }
                bar.reset();
                bar.set_message(doing.to_owned());
                steps.map_or_else(|| bar.unset_length(), |steps| bar.set_length(steps));
            }
            Self::Lines(lines) => {
                let of = steps.map(|steps| format!(" ({})", grouped(steps))).unwrap_or_default();
                say(&format!("{doing}{of}"));
                *lines = Lines { doing: doing.to_owned(), last: Instant::now(), at: 0 };
            }
        }
    }

    /// So many more steps are done.
    pub(super) fn step(&mut self, steps: u64) {
        match self {
            Self::Silent => {}
            Self::Bar(bar) => bar.inc(steps),
            Self::Lines(lines) => {
                lines.at += steps;
                if lines.last.elapsed() >= PAUSE {
                    lines.last = Instant::now();
                    say(&format!("{}: {}", lines.doing, grouped(lines.at)));
                }
            }
        }
    }

    /// All is done.
    pub(super) fn finish(&self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

/// A line on standard error; whether anyone reads it doesn't matter.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
