//! A form that was open while someone else changed the same: what its writer left as it was shown follows what stands now, and where both
//! changed a field, the form comes back and says so.
//!
//! The form carries a short mark of each value that it was shown with, and no value twice.

use std::{
    collections::BTreeSet,
    hash::{DefaultHasher, Hash, Hasher},
};

use super::form::Typed;
use crate::error::Problem;

/// The field in which the marks come back.
pub const SHOWN: &str = "shown";

/// A mark of each value that a form is shown with.
pub fn marks(shown: &Typed) -> String {
    let mut all = url::form_urlencoded::Serializer::new(String::new());
    shown.names().for_each(|name| {
        all.append_pair(name, &mark(shown, name));
    });
    all.finish()
}

/// A field's values as a mark; a field that wasn't sent is a blank one.
fn mark(typed: &Typed, name: &str) -> String {
    let mut hasher = DefaultHasher::new();
    let values = typed.all(name).iter().map(|value| value.trim()).filter(|value| !value.is_empty());
    values.for_each(|value| value.hash(&mut hasher));
    format!("{:016x}", hasher.finish())
}

/// What was typed, put upon what stands now, and what is wrong where both are new: next to each such field, with what it says now unless
/// it is one of `choices`. A form without marks stands as it was typed.
pub fn upon(typed: &Typed, now: &Typed, choices: &[&str]) -> (Typed, Vec<Problem>) {
    let shown = Typed::read(typed.one(SHOWN).as_bytes());
    let (mut merged, mut problems) = (typed.clone(), Vec::new());
    let names: BTreeSet<&str> = shown.names().collect();
    for name in names {
        let (before, here, there) = (shown.one(name), mark(typed, name), mark(now, name));
        if there == before || there == here {
            continue;
        }
        if here == before {
            merged = merged.with_all(name, now.all(name).to_vec());
        } else {
            problems.push(Problem::new(name, meanwhile(name, now, choices)));
        }
    }
    (merged, problems)
}

fn meanwhile(name: &str, now: &Typed, choices: &[&str]) -> String {
    match now.one(name) {
        _ if choices.contains(&name) => {
            "Someone changed this while you wrote. Look at it again, and send it once more.".to_owned()
        }
        "" => "Someone made this blank while you wrote. Send it once more to keep yours.".to_owned(),
        said => format!("Someone changed this while you wrote. It says now: “{said}”. Send it once more to keep yours."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(phone: &str, area: &str, ways: &[&str]) -> Typed {
        let ways = ways.iter().map(|way| (*way).to_owned()).collect();
        Typed::default().with("phone", phone).with("area", area).with_all("ways", ways)
    }

    #[test]
    fn what_was_left_as_it_was_shown_follows_what_stands_now() {
        let shown = form("1", "SE29", &["phone"]);
        let sent = form("1", "SE15", &["phone"]).with(SHOWN, &marks(&shown));
        let (merged, problems) = upon(&sent, &form("2", "SE29", &["post", "email"]), &["ways"]);
        assert_eq!((merged.one("phone"), merged.one("area"), problems.len()), ("2", "SE15", 0));
        assert_eq!(merged.all("ways"), ["post", "email"]);
    }

    #[test]
    fn what_both_changed_comes_back_with_what_it_says_now() {
        let sent = form("3", "SE29", &[]).with(SHOWN, &marks(&form("1", "SE29", &["phone"])));
        let (merged, problems) = upon(&sent, &form("2", "SE29", &["post"]), &["ways"]);
        let fields: Vec<&str> = problems.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!((merged.one("phone"), fields), ("3", vec!["phone", "ways"]));
        assert!(problems[0].message.contains("“2”") && !problems[1].message.contains("post"));
    }

    #[test]
    fn the_same_change_by_both_and_a_form_without_marks_stand() {
        let both = form("2", "SE29", &[]).with(SHOWN, &marks(&form("1", "SE29", &[])));
        assert!(upon(&both, &form("2", "SE29", &[]), &[]).1.is_empty());
        let (merged, problems) = upon(&form("3", "", &[]), &form("2", "SE29", &[]), &[]);
        assert_eq!((merged.one("phone"), merged.one("area"), problems.len()), ("3", "", 0));
        let blanks = form(" 1\r\n", "", &[""]).with(SHOWN, &marks(&form("1", "", &[])));
        assert_eq!(upon(&blanks, &form("2", "", &[]), &[]).0.one("phone"), "2", "blanks around it are no change");
    }
}
