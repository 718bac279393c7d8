//! Times, money and distances in words.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Weekday};

use crate::venues::{ByDay, Cost, Rule, Slot};

/// Metres that people walk in a minute.
const WALK_M_A_MINUTE: u32 = 80;
/// The fewest letters in capitals that are taken for shouting, not for initials.
const LEAST_SHOUT: usize = 9;
/// The same in an address, where initials are rare.
const LEAST_SHOUT_IN_ADDRESS: usize = 5;
/// Beyond so many minutes people don't walk.
const LONGEST_WALK: u32 = 45;

/// "about 12 minutes' walk, 0.9 km"; only the distance where it is too far to walk.
pub fn distance(metres: u32) -> String {
    let km = kilometres(metres);
    let minutes = metres.div_ceil(WALK_M_A_MINUTE).max(1);
    match minutes {
        1 => format!("about 1 minute’s walk, {km}"),
        2..=LONGEST_WALK => format!("about {minutes} minutes’ walk, {km}"),
        _ => format!("{km} away"),
    }
}

/// With a capital at its beginning.
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// With a small letter at its beginning, unless it begins with initials such as "DJ".
pub fn uncapital(text: &str) -> String {
    let mut letters = text.chars();
    let (first, second) = (letters.next(), letters.next());
    match (first, second) {
        (Some(first), Some(second)) if first.is_uppercase() && second.is_uppercase() => text.to_owned(),
        (Some(first), _) => first.to_lowercase().chain(text.chars().skip(1)).collect(),
        (None, _) => String::new(),
    }
}

/// "0.9 km", "12 km", "60 m".
pub fn kilometres(metres: u32) -> String {
    match metres {
        0..100 => format!("{} m", metres.div_ceil(10) * 10),
        100..9_950 => format!("{}.{} km", (metres + 50) / 1000, (metres + 50) % 1000 / 100),
        _ => format!("{} km", (metres + 500) / 1000),
    }
}

/// "Free", "£5", "£8.50".
pub fn money(pence: u32) -> String {
    match (pence / 100, pence % 100) {
        (0, 0) => "Free".to_owned(),
        (pounds, 0) => format!("£{pounds}"),
        (pounds, pence) => format!("£{pounds}.{pence:02}"),
    }
}

/// "£8.50 an hour"; none where only a note is known.
pub fn price(cost: &Cost) -> Option<String> {
    let pence = cost.pence?;
    let per = cost.per.as_deref().filter(|_| pence > 0);
    Some(match per {
        Some("hour") => format!("{} an hour", money(pence)),
        Some(per) => format!("{} a {per}", money(pence)),
        None => money(pence),
    })
}

/// Price and note in one: "£12 an hour. £9 before 5pm".
pub fn cost(cost: &Cost) -> String {
    match (price(cost), cost.note.as_deref()) {
        (Some(price), Some(note)) => format!("{price}. {note}"),
        (Some(price), None) => price,
        (None, note) => note.unwrap_or_default().to_owned(),
    }
}

/// "7pm", "7.30pm", "midday", "midnight".
pub fn time(time: NaiveTime) -> String {
    let (afternoon, hour) = time.hour12();
    match (time.hour(), time.minute()) {
        (0, 0) | (23, 59) => "midnight".to_owned(),
        (12, 0) => "midday".to_owned(),
        (_, 0) => format!("{hour}{}", if afternoon { "pm" } else { "am" }),
        (_, minute) => format!("{hour}.{minute:02}{}", if afternoon { "pm" } else { "am" }),
    }
}

/// "10am to 5.30pm".
pub fn hours(from: NaiveTime, to: NaiveTime) -> String {
    if from == to { "all day and night".to_owned() } else { format!("{} to {}", time(from), time(to)) }
}

/// "14 October 2026".
pub fn date(day: NaiveDate) -> String {
    format!("{} {} {}", day.day(), month(day.month()), day.year())
}

/// "Thursday 24 December".
pub fn day_and_date(day: NaiveDate) -> String {
    format!("{} {} {}", weekday(day.weekday()), day.day(), month(day.month()))
}

/// "today", "tomorrow", "on Thursday", "on 3 December".
pub fn day_from(today: NaiveDate, day: NaiveDate) -> String {
    match (day - today).num_days() {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        2..=6 => format!("on {}", weekday(day.weekday())),
        _ => format!("on {} {}", day.day(), month(day.month())),
    }
}

/// "now, until 9pm", "today, 7pm", "on Thursday, 7pm".
pub fn when(now: NaiveDateTime, slot: Slot) -> String {
    if slot.from <= now {
        return format!("now, until {}", time(slot.to.time()));
    }
    format!("{}, {}", day_from(now.date(), slot.from.date()), time(slot.from.time()))
}

/// "today", "3 days ago", "3 weeks ago", "2 years ago".
pub fn ago(today: NaiveDate, day: NaiveDate) -> String {
    let days = (today - day).num_days();
    let (number, unit) = match days {
        ..=0 => return "today".to_owned(),
        1 => return "yesterday".to_owned(),
        2..=13 => (days, "days"),
        14..=59 => (days / 7, "weeks"),
        60..=729 => (days * 12 / 365, "months"),
        _ => (days / 365, "years"),
    };
    format!("{number} {unit} ago")
}

/// `2023`, `2023-05` or `2023-05-01` as people say it.
pub fn dated(text: &str) -> String {
    if let Ok(day) = text.parse() {
        return date(day);
    }
    match NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d") {
        Ok(first) => format!("{} {}", month(first.month()), first.year()),
        Err(_) => text.to_owned(),
    }
}

/// "every Monday and Wednesday, 7pm to 9.30pm", "the first Saturday of the month, 10am to midday".
pub fn rule(rule: &Rule) -> String {
    let weekly = rule.byday.0.iter().all(|by| by.nth.is_none());
    let all_days: Vec<Weekday> = rule.byday.0.iter().map(|by| by.day).collect();
    let days = match all_days.as_slice() {
        [] => String::new(),
        days if weekly && days.len() == 7 => "every day".to_owned(),
        days if weekly && is_working_week(days) => "Monday to Friday".to_owned(),
        _ if weekly && rule.every == Some(2) => format!("every other {}", list(&names(&rule.byday.0), "and")),
        _ if weekly => format!("every {}", list(&names(&rule.byday.0), "and")),
        _ => format!("the {} of the month", list(&names(&rule.byday.0), "and the")),
    };
    format!("{days}, {}", hours(rule.from, rule.to))
}

/// "one", "two and three", "one, two and three".
pub fn list(words: &[String], and: &str) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} {and} {last}", first.join(", ")),
    }
}

/// "1 place", "1,204 places".
pub fn count(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", thousands(number), if number == 1 { one } else { many })
}

/// "1,204".
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut said = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            said.push(',');
        }
        said.push(digit);
    }
    said
}

/// "Monday".
pub fn weekday(day: Weekday) -> &'static str {
    const NAMES: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    NAMES[day.num_days_from_monday() as usize]
}

/// "October".
pub fn month(number: u32) -> &'static str {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    NAMES[(number.clamp(1, 12) - 1) as usize]
}

/// A name that is all in capitals as people would write it; any other as it is.
pub fn calm(name: &str) -> String {
    calm_from(name, LEAST_SHOUT)
}

/// An address that is all in capitals as people would write it.
pub fn calm_address(address: &str) -> String {
    calm_from(address, LEAST_SHOUT_IN_ADDRESS)
}

/// A postcode as it is written, however it was typed; any other place as typed.
pub fn place_name(typed: &str) -> String {
    if typed.chars().any(|c| c.is_ascii_digit()) { typed.to_uppercase() } else { typed.to_owned() }
}

fn calm_from(name: &str, least: usize) -> String {
    let letters = name.chars().filter(|c| c.is_alphabetic()).count();
    if letters < least || name.chars().any(char::is_lowercase) {
        return name.to_owned();
    }
    let mut calm = String::with_capacity(name.len());
    let mut word = String::new();
    for letter in name.chars().chain([' ']) {
        if letter.is_alphanumeric() || matches!(letter, '\'' | '’') {
            word.push(letter);
        } else {
            calm.push_str(&calm_word(&word, calm.is_empty()));
            calm.push(letter);
            word.clear();
        }
    }
    calm.pop();
    calm
}

fn calm_word(word: &str, first: bool) -> String {
    const SMALL: [&str; 14] = ["AND", "AT", "BY", "DE", "FOR", "IN", "LA", "LE", "OF", "ON", "THE", "TO", "UPON", "WITH"];
    const SHORT: [&str; 13] = ["AFC", "BBC", "BFI", "BMX", "ICA", "IMAX", "RAF", "RUFC", "UCL", "UK", "USA", "YMCA", "YWCA"];
    const SPOKEN: [&str; 6] = ["DR", "LTD", "MR", "MRS", "RD", "ST"];
    let vowels = word.chars().any(|c| matches!(c, 'A' | 'E' | 'I' | 'O' | 'U' | 'Y'));
    if !first && SMALL.contains(&word) {
        return word.to_lowercase();
    }
    let kept = SHORT.contains(&word) || word.chars().any(|c| c.is_ascii_digit());
    if kept || !vowels && !SPOKEN.contains(&word) && word.chars().count() < 5 {
        return word.to_owned();
    }
    let mut letters = word.chars();
    letters.next().into_iter().chain(letters.flat_map(char::to_lowercase)).collect()
}

fn is_working_week(days: &[Weekday]) -> bool {
    days.len() == 5 && days.iter().all(|day| day.num_days_from_monday() < 5)
}

fn names(days: &[ByDay]) -> Vec<String> {
    let name = |by: &ByDay| match by.nth {
        None => weekday(by.day).to_owned(),
        Some(nth) => format!("{} {}", nth_word(nth), weekday(by.day)),
    };
    days.iter().map(name).collect()
}

fn nth_word(nth: i8) -> &'static str {
    match nth {
        1 => "first",
        2 => "second",
        3 => "third",
        4 => "fourth",
        5 => "fifth",
        -1 => "last",
        _ => "next to last",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: u32, minute: u32) -> NaiveTime {
        NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default()
    }

    #[test]
    fn times_read_as_people_say_them() {
        assert_eq!(time(at(19, 0)), "7pm");
        assert_eq!(time(at(7, 30)), "7.30am");
        assert_eq!(time(at(12, 0)), "midday");
        assert_eq!(time(at(0, 0)), "midnight");
        assert_eq!(time(at(23, 59)), "midnight");
        assert_eq!(time(at(0, 15)), "12.15am");
    }

    #[test]
    fn distances_are_walks_while_one_can_walk() {
        assert_eq!(distance(0), "about 1 minute’s walk, 0 m");
        assert_eq!(distance(910), "about 12 minutes’ walk, 0.9 km");
        assert_eq!(distance(3_600), "about 45 minutes’ walk, 3.6 km");
        assert_eq!(distance(5_260), "5.3 km away");
        assert_eq!(kilometres(960), "1.0 km");
        assert_eq!(kilometres(9_960), "10 km");
    }

    #[test]
    fn names_in_capitals_are_calmed_and_others_left_alone() {
        assert_eq!(calm("CARSHALTON RIFLE CLUB"), "Carshalton Rifle Club");
        assert_eq!(calm("CHISLEHURST AND WEST KENT CRICKET CLUB"), "Chislehurst and West Kent Cricket Club");
        assert_eq!(calm("ALDEBARAN CLUB K/A PARR'S PRIORY ROWING CLUB"), "Aldebaran Club K/A Parr's Priory Rowing Club");
        assert_eq!(calm("THE HORNSEY YMCA RFC LTD"), "The Hornsey YMCA RFC Ltd");
        assert_eq!(calm("ST. MARY-LE-BOW"), "St. Mary-le-Bow");
        for same in ["BFI IMAX", "SPACE", "CLUB de Fromage", "N°N°", ""] {
            assert_eq!(calm(same), same);
        }
    }

    #[test]
    fn money_is_never_zero_pounds() {
        assert_eq!(money(0), "Free");
        assert_eq!(money(850), "£8.50");
        assert_eq!(money(1_205), "£12.05");
        assert_eq!(thousands(1_234_567), "1,234,567");
    }
}
