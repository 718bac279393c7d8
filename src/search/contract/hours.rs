//! What is found to be open, and when.

use chrono::{NaiveTime, Weekday};

use super::{ask, catalogue::Town, finds, towns, words};
use crate::search::{OpenAt, Question};

#[test]
fn open_then_means_known_to_be_open_or_on() {
    let open = |day, time: Option<(u32, u32)>| {
        let time = time.map(|(hour, minute)| NaiveTime::from_hms_opt(hour, minute, 0).unwrap());
        Question { open: Some(OpenAt { day, time }), ..Question::default() }
    };
    finds(&open(Weekday::Mon, None), &["premises", "library", "cinema"]);
    finds(&open(Weekday::Mon, Some((0, 30))), &["cinema"]);
    finds(&open(Weekday::Mon, Some((9, 30))), &["library"]);
    finds(&open(Weekday::Mon, Some((17, 0))), &["premises"]);
    finds(&open(Weekday::Sat, Some((23, 0))), &["premises"]);
    finds(&open(Weekday::Sun, Some((1, 30))), &["premises"]);
    finds(&open(Weekday::Sun, Some((2, 0))), &[]);
    finds(&open(Weekday::Tue, Some((8, 0))), &[]);
}

/// On which days of the week a place with this opening is found to be open.
fn days_open(town: &Town, opening: &serde_json::Value) -> Vec<Weekday> {
    let facts = serde_json::json!({"name": "Quizzical Hall", "opening": opening});
    town.put("sometimes", None, &serde_json::from_value(facts).unwrap());
    town.catch_up();
    let days = (0..7).map(|day| Weekday::try_from(day).unwrap());
    days.filter(|day| ask(town, &Question { open: Some(OpenAt { day: *day, time: None }), ..words("quizzical") }).total > 0)
        .collect()
}

#[test]
fn open_then_counts_what_is_really_on_in_the_next_four_weeks() {
    use Weekday::{Fri, Sat, Sun, Thu, Wed};
    for (engine, town) in towns() {
        let rule = |rule: serde_json::Value| serde_json::json!({"rules": [rule]});
        for (opening, days) in [
            (rule(serde_json::json!({"byday": "WE,TH", "from": "10:00", "to": "12:00"})), vec![Wed, Thu]),
            (rule(serde_json::json!({"byday": "WE", "from": "10:00", "to": "12:00", "starts": "2099-01-01"})), vec![]),
            (rule(serde_json::json!({"byday": "WE", "from": "10:00", "to": "12:00", "starts": "2026-03-20"})), vec![Wed]),
            (rule(serde_json::json!({"byday": "WE,FR", "from": "10:00", "to": "12:00", "until": "2026-03-05"})), vec![Wed]),
            (
                rule(serde_json::json!({"byday": "TH", "from": "10:00", "to": "12:00", "every": 2, "starts": "2026-03-05"})),
                vec![Thu],
            ),
            (
                rule(serde_json::json!({"byday": "TH", "from": "10:00", "to": "12:00", "every": 9, "starts": "2026-02-26"})),
                vec![],
            ),
            (rule(serde_json::json!({"byday": "-1FR", "from": "10:00", "to": "12:00"})), vec![Fri]),
            (rule(serde_json::json!({"byday": "5MO,1TU", "from": "10:00", "to": "12:00"})), vec![Weekday::Mon]),
            (rule(serde_json::json!({"byday": "SA", "from": "22:00", "to": "02:00", "until": "2026-03-07"})), vec![Sat, Sun]),
            (
                serde_json::json!({"exceptions": [{"on": "2026-03-06", "from": "10:00", "to": "12:00"}, {"on": "2026-03-07", "closed": true}]}),
                vec![Fri],
            ),
            (
                serde_json::json!({"rules": [{"byday": "SU", "from": "10:00", "to": "12:00", "until": "2026-03-08"}],
                    "exceptions": [{"on": "2026-03-08", "closed": true}]}),
                vec![],
            ),
        ] {
            assert_eq!(days_open(&town, &opening), days, "{engine}: {opening}");
        }
    }
}
