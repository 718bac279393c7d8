//! What must be so for someone, besides what they wish for.

use std::fmt;

use chrono::Weekday;

use crate::{
    values::choice,
    venues::{Access, day_code, day_from_code},
    web::views::say,
};

choice! {
    /// A part of the day.
    PartOfDay {
        Morning = "morning", "in the morning";
        Afternoon = "afternoon", "in the afternoon";
        Evening = "evening", "in the evening";
        Night = "night", "late in the evening";
    }
}

impl PartOfDay {
    /// First minute of the day, and the minute after the last.
    pub(crate) fn minutes(self) -> (u16, u16) {
        match self {
            Self::Morning => (8 * 60, 12 * 60),
            Self::Afternoon => (12 * 60, 17 * 60),
            Self::Evening => (17 * 60, 22 * 60),
            Self::Night => (21 * 60, 24 * 60),
        }
    }
}

/// Something that must be so.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Need {
    /// So many metres away at most.
    Within(u32),
    /// So many pence at most; 0 is free.
    Cost(u32),
    /// An access fact.
    Access(Access),
    /// Open, or something on, on any of the days named.
    Day(u8),
    /// Open, or something on, at this part of the day.
    Time(PartOfDay),
    /// Few people at a time.
    Small,
    /// For women.
    Women,
    /// For men.
    Men,
    /// Someone of so many years may come.
    Age(u8),
    /// One can come alone.
    Alone,
    /// Beginners are welcome.
    Beginners,
    /// Where this language is spoken, in lower case.
    Language(String),
}

/// The farthest, dearest and oldest that can be asked for.
const MOST_M: u32 = 100_000;
const MOST_PENCE: u32 = 1_000_000;
const AGES: std::ops::RangeInclusive<u8> = 5..=120;
const LONGEST_LANGUAGE: usize = 30;

impl Need {
    /// A weekday.
    pub fn day(day: Weekday) -> Self {
        Self::Day(u8::try_from(day.num_days_from_monday()).unwrap_or(0))
    }

    /// The need that a form or a settings file writes so: `within:3000`, `access:step_free`, `women`.
    pub fn from_code(code: &str) -> Option<Self> {
        let (name, value) = code.split_once(':').unwrap_or((code, ""));
        Some(match name {
            "within" => Self::Within(value.parse().ok().filter(|metres| (100..=MOST_M).contains(metres))?),
            "cost" => Self::Cost(value.parse().ok().filter(|pence| *pence <= MOST_PENCE)?),
            "access" => Self::Access(Access::from_code(value)?),
            "day" => Self::day(day_from_code(value)?),
            "time" => Self::Time(PartOfDay::from_code(value)?),
            "age" => Self::Age(value.parse().ok().filter(|age| AGES.contains(age))?),
            "language" => Self::Language(language(value)?),
            _ if !value.is_empty() => return None,
            "small" => Self::Small,
            "women" => Self::Women,
            "men" => Self::Men,
            "alone" => Self::Alone,
            "beginners" => Self::Beginners,
            _ => return None,
        })
    }

    /// Whether two needs are about the same, so that the newer stands for both.
    pub(crate) fn replaces(&self, other: &Self) -> bool {
        matches!(
            (self, other),
            (Self::Within(_), Self::Within(_)) | (Self::Cost(_), Self::Cost(_)) | (Self::Age(_), Self::Age(_))
        )
    }

    /// In a few words, for a chip.
    pub fn label(&self) -> String {
        match self {
            Self::Within(metres) if metres % 1_000 == 0 => format!("Within {} km", metres / 1_000),
            Self::Within(metres) => format!("Within {}", say::kilometres(*metres)),
            Self::Cost(0) => "Free".to_owned(),
            Self::Cost(pence) => format!("{} at most", say::money(*pence)),
            Self::Access(access) => access.label().to_owned(),
            Self::Day(day) => format!("On {}", say::weekday(weekday(*day))),
            Self::Time(part) => say::sentence(part.label()),
            Self::Small => "Few people at a time".to_owned(),
            Self::Women => "For women".to_owned(),
            Self::Men => "For men".to_owned(),
            Self::Age(age) => format!("For someone of {age}"),
            Self::Alone => "Can come alone".to_owned(),
            Self::Beginners => "Beginners welcome".to_owned(),
            Self::Language(language) => format!("{} spoken", say::sentence(language)),
        }
    }
}

/// Monday is 0.
pub(crate) fn weekday(day: u8) -> Weekday {
    Weekday::try_from(day % 7).unwrap_or(Weekday::Mon)
}

fn language(text: &str) -> Option<String> {
    let fits = (2..=LONGEST_LANGUAGE).contains(&text.len()) && text.chars().all(|c| c.is_ascii_lowercase());
    fits.then(|| text.to_owned())
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Within(metres) => write!(f, "within:{metres}"),
            Self::Cost(pence) => write!(f, "cost:{pence}"),
            Self::Access(access) => write!(f, "access:{access}"),
            Self::Day(day) => write!(f, "day:{}", day_code(weekday(*day))),
            Self::Time(part) => write!(f, "time:{part}"),
            Self::Small => f.write_str("small"),
            Self::Women => f.write_str("women"),
            Self::Men => f.write_str("men"),
            Self::Age(age) => write!(f, "age:{age}"),
            Self::Alone => f.write_str("alone"),
            Self::Beginners => f.write_str("beginners"),
            Self::Language(language) => write!(f, "language:{language}"),
        }
    }
}
