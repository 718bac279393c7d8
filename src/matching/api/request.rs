//! What is asked, read field by field, so that each mistake names its own.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{
    app::App,
    db::Conn,
    error::{Failure, Problem},
    matching::{choose::MOST, need::Need, understand::Wish, verbs::Ask},
    places,
    search::MAX_WITHIN_M,
    venues::{Access, day_from_code},
    vocabulary::{ActivityId, Domain, Ref, Vocabulary},
};

/// Places where nobody says how many.
const USUAL_LIMIT: usize = 10;
/// Most entries of a list.
const MOST_LISTED: usize = 40;
/// Longest name of a place to start from, in characters.
const LONGEST_NEAR: usize = 100;
/// The dearest limit on cost, in pence.
const MAX_COST: u64 = 1_000_000;

/// A wish, for the description of the interface; it is read field by field.
#[derive(Deserialize, ToSchema)]
#[allow(dead_code, reason = "read by the description only")]
pub struct MatchRequest {
    /// In the person's own words. The first 2,000 characters count. Needed unless there are activities or domains.
    #[schema(example = "I used to weld and I'd like to work with my hands again, not too far")]
    text: Option<String>,
    /// Where from: a postcode, district, borough or `lat,lon`.
    #[schema(example = "SE15 4QL")]
    near: Option<String>,
    /// Only so many kilometres from `near`; 8 unless told.
    #[schema(minimum = 0.1, maximum = 100)]
    within_km: Option<f64>,
    /// So many places; 10 unless told.
    #[schema(minimum = 1, maximum = 50)]
    limit: Option<u32>,
    /// Activities wished for besides, by id. See `/api/v1/vocabulary`.
    activities: Option<Vec<String>>,
    /// Life domains wished for besides.
    domains: Option<Vec<Domain>>,
    /// Access facts that are needed.
    access: Option<Vec<Access>>,
    /// Weekdays on any of which someone can go: `mo` to `su`.
    days: Option<Vec<String>>,
    /// At most so many pence; 0 is free.
    #[schema(minimum = 0, maximum = 1_000_000)]
    max_cost: Option<u32>,
}

/// The wish of a body, or every field of it that can't be used.
pub(super) fn ask(app: &App, c: &mut Conn, body: &[u8]) -> Result<Ask, Failure> {
    let value: Value = serde_json::from_slice(body)
        .map_err(|_| Failure::invalid("body", "Send a JSON object such as {\"text\": \"play guitar\", \"near\": \"SE15\"}."))?;
    let Value::Object(fields) = value else { return Err(Failure::invalid("body", "Send a JSON object.")) };
    let mut reader = FieldReader { fields: &fields, problems: Vec::new() };
    let mut ask = Ask { wish: reader.wish(&app.vocabulary), limit: reader.limit(), within_m: reader.within(), ..Ask::default() };
    let near = reader.text("near", LONGEST_NEAR);
    let mut problems = reader.problems;
    if let Some(near) = near.filter(|near| !near.trim().is_empty()) {
        ask.near = places::resolve(c, near.trim())?;
        if ask.near.is_none() {
            problems.push(Problem::new(
                "near",
                "We don’t know that place. Try a postcode such as SE15 4QL, a district such as SE15, or a borough.",
            ));
        }
    } else if ask.within_m.is_some() {
        problems.push(Problem::new("near", "Say where from: a postcode, a district or a borough."));
    }
    if ask.wish.is_empty() && problems.is_empty() {
        problems.push(Problem::new("text", "Say what you would like to do, in your own words."));
    }
    if problems.is_empty() { Ok(ask) } else { Err(Failure::Invalid(problems)) }
}

struct FieldReader<'f> {
    fields: &'f Map<String, Value>,
    problems: Vec<Problem>,
}

impl<'f> FieldReader<'f> {
    fn problem(&mut self, field: &str, message: &str) {
        self.problems.push(Problem::new(field, message));
    }

    fn given(&self, field: &str) -> Option<&'f Value> {
        self.fields.get(field).filter(|value| !value.is_null())
    }

    fn text(&mut self, field: &str, longest: usize) -> Option<String> {
        let value = self.given(field)?;
        let Some(text) = value.as_str() else {
            self.problem(field, "Give a text.");
            return None;
        };
        if text.chars().nth(longest).is_some() {
            self.problem(field, &format!("Give at most {longest} characters."));
            return None;
        }
        Some(text.to_owned())
    }

    fn wish(&mut self, vocabulary: &Vocabulary) -> Wish {
        let mut wish = Wish { text: self.text("text", usize::MAX).unwrap_or_default(), ..Wish::default() };
        let activity = |id: &str| vocabulary.activity_place(&ActivityId::from(id)).map(Ref::Activity);
        wish.added.extend(self.each("activities", activity));
        wish.added.extend(self.each("domains", |code| Domain::from_code(code).map(Ref::Domain)));
        wish.needs.extend(self.each("access", |code| Access::from_code(code).map(Need::Access)));
        wish.needs.extend(self.each("days", |code| day_from_code(code).map(Need::day)));
        if let Some(cost) = self.given("max_cost") {
            match cost.as_u64().filter(|cost| *cost <= MAX_COST).and_then(|cost| u32::try_from(cost).ok()) {
                Some(cost) => drop(wish.needs.insert(Need::Cost(cost))),
                None => self.problem("max_cost", "Give whole pence from 0 to 1,000,000."),
            }
        }
        wish
    }

    fn each<T: Ord>(&mut self, field: &str, find: impl Fn(&str) -> Option<T>) -> BTreeSet<T> {
        let Some(value) = self.given(field) else { return BTreeSet::new() };
        let Some(list) = value.as_array().filter(|list| list.len() <= MOST_LISTED) else {
            self.problem(field, &format!("Give a list of at most {MOST_LISTED} texts."));
            return BTreeSet::new();
        };
        let mut found = BTreeSet::new();
        for item in list {
            match item.as_str().and_then(&find) {
                Some(one) => drop(found.insert(one)),
                None => self.problem(field, &format!("We don’t know {item}.")),
            }
        }
        found
    }

    fn limit(&mut self) -> usize {
        let Some(value) = self.given("limit") else { return USUAL_LIMIT };
        let limit = value.as_u64().and_then(|limit| usize::try_from(limit).ok()).filter(|limit| (1..=MOST).contains(limit));
        if limit.is_none() {
            self.problem("limit", &format!("Give a whole number from 1 to {MOST}."));
        }
        limit.unwrap_or(USUAL_LIMIT)
    }

    fn within(&mut self) -> Option<u32> {
        let value = self.given("within_km")?;
        let metres = value.as_f64().map(|km| km * 1000.0).filter(|m| (100.0..=f64::from(MAX_WITHIN_M)).contains(m));
        if metres.is_none() {
            self.problem("within_km", "Give a distance in kilometres, from 0.1 to 100.");
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range, checked above")]
        metres.map(|m| m.round() as u32)
    }
}
