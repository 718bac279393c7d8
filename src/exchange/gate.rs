//! The gate that every value in our own format passes, from a file or from a person's edit: mended like a publisher's words,
//! of a sound shape, not too long, and with kinds and activities that there are. What doesn't pass is left out and noted.

use std::{collections::HashSet, io};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    contact::{Contact, Located, contact, is_email, is_phone, located},
    provenance,
    text::known,
};
use crate::{
    settings_files::SettingsFiles,
    venues::{Facts, Field},
};

/// Longest name of a venue or an offer, in letters.
pub(super) const NAME_LIMIT: usize = 200;
/// Longest text, in letters.
const TEXT_LIMIT: usize = 5000;
/// Most items of one list.
const LIST_LIMIT: usize = 500;

/// The ids that the vocabulary has.
#[derive(Debug, Default)]
pub(super) struct Known {
    kinds: HashSet<String>,
    activities: HashSet<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Entries {
    kind: Vec<Entry>,
    activity: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    id: String,
}

impl Known {
    /// The ids in `vocabulary/`; none where there are none or a file is broken, which its own room reports.
    pub(super) fn load(files: &SettingsFiles) -> io::Result<Option<Self>> {
        let mut known = Self::default();
        for file in files.below("")?.iter().filter(|file| file.path.starts_with("vocabulary/")) {
            let Ok(entries) = toml::from_str::<Entries>(&file.text) else { return Ok(None) };
            known.kinds.extend(entries.kind.into_iter().map(|entry| entry.id));
            known.activities.extend(entries.activity.into_iter().map(|entry| entry.id));
        }
        Ok((!known.kinds.is_empty()).then_some(known))
    }

    #[cfg(test)]
    pub(super) fn of_kinds(kinds: &[&str]) -> Self {
        Self { kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect(), activities: HashSet::new() }
    }

    pub(super) fn has_kind(&self, id: &str) -> bool {
        self.kinds.contains(id)
    }
}

/// The facts among a feature's properties, field by field.
pub(super) fn facts(properties: Map<String, Value>, known: Option<&Known>, notes: &mut Vec<String>) -> Result<Facts, String> {
    let mut sound = Map::new();
    for (name, value) in properties {
        if name == "precision" {
            sound.extend(parses(&name, &value).is_ok().then_some((name, value)));
        } else if let Some(field) = Field::from_code(&name) {
            sound.extend(value_of(field, value, known, notes).map(|value| (name, value)));
        } else {
            notes.push(format!("`{}` is no field of a venue, left out", cut(&name, 40)));
        }
    }
    serde_json::from_value(Value::Object(sound)).map_err(|cause| cause.to_string())
}

/// The value of a field, mended; none where nothing sound is left of it. What was left out or cut is noted.
pub(super) fn value_of(field: Field, value: Value, known: Option<&Known>, notes: &mut Vec<String>) -> Option<Value> {
    let value = mended(value)?;
    let mut note = |what: String| notes.push(format!("{}: {what}", field.label()));
    let left_out = "left out";
    match (field, value) {
        (Field::Website, Value::String(text)) => match contact(&text) {
            Some(Contact::Website(site)) => return Some(String::from(site).into()),
            _ => note(format!("no sound http or https address, {left_out}")),
        },
        (Field::Email, Value::String(text)) if !is_email(&text) => note(format!("no sound address, {left_out}")),
        (Field::Phone, Value::String(text)) if !is_phone(&text) => note(format!("no phone number, {left_out}")),
        (Field::AssuredAt, Value::String(text)) => match provenance::day(&text) {
            Some(day) => return Some(day.to_string().into()),
            None => note(format!("no day such as 2026-11-21, {left_out}")),
        },
        (Field::Point, Value::Object(point)) => {
            let degrees = |name: &str| point.get(name).and_then(Value::as_f64).map(|degrees| degrees.to_string());
            match located(degrees("lat").as_deref(), degrees("lon").as_deref()) {
                Located::Good(point) => return serde_json::to_value(point).ok(),
                _ => note(format!("no point in these islands, {left_out}")),
            }
        }
        (Field::Kinds, Value::Array(list)) => return Some(ids(list, "kind", known.map(|k| &k.kinds), &mut note)),
        (Field::Activities, Value::Array(list)) => {
            return Some(ids(list, "activity", known.map(|k| &k.activities), &mut note));
        }
        (Field::Offers, Value::Array(list)) => return Some(offers(list, known, &mut note)),
        (Field::Access | Field::FirstVisit, Value::Object(answers)) => return Some(answers_to(field, answers, &mut note)),
        (_, value) => {
            let value = shortened(field.code(), value, &mut note);
            match parses(field.code(), &value) {
                Ok(()) => return Some(value),
                Err(cause) => note(format!("can't be read ({}), {left_out}", cut(&cause.to_string(), 100))),
            }
        }
    }
    None
}

fn parses(name: &str, value: &Value) -> Result<(), serde_json::Error> {
    let alone: Map<String, Value> = std::iter::once((name.to_owned(), value.clone())).collect();
    serde_json::from_value::<Facts>(Value::Object(alone)).map(|_| ())
}

/// Clean words everywhere; nothing where the publisher wrote that it isn't known.
fn mended(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::String(text) => known(&text).map(Value::String),
        Value::Array(list) => Some(Value::Array(list.into_iter().filter_map(mended).collect())),
        Value::Object(map) => {
            Some(Value::Object(map.into_iter().filter_map(|(name, value)| Some((name, mended(value)?))).collect()))
        }
        other => Some(other),
    }
}

fn ids(list: Vec<Value>, what: &str, known: Option<&HashSet<String>>, note: &mut impl FnMut(String)) -> Value {
    let is_known = |id: &Value| match id.as_str() {
        Some(id) if known.is_none_or(|known| known.contains(id)) => true,
        _ => {
            let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
            note(format!("there is no {what} `{}`, left out", cut(&id, 60)));
            false
        }
    };
    list.into_iter().take(LIST_LIMIT).filter(is_known).collect()
}

fn offers(list: Vec<Value>, known: Option<&Known>, note: &mut impl FnMut(String)) -> Value {
    if list.len() > LIST_LIMIT {
        note(format!("more than {LIST_LIMIT}, the rest left out"));
    }
    let mut sound = Vec::with_capacity(list.len());
    for mut offer in list.into_iter().take(LIST_LIMIT) {
        if let Some(Value::Array(named)) = offer.get_mut("activities") {
            let kept = ids(std::mem::take(named), "activity", known.map(|k| &k.activities), note);
            offer["activities"] = kept;
        }
        let offer = shortened("offer", offer, note);
        match parses(Field::Offers.code(), &Value::Array(vec![offer.clone()])) {
            Ok(()) => sound.push(offer),
            Err(cause) => note(format!("one can't be read ({}), left out", cut(&cause.to_string(), 100))),
        }
    }
    Value::Array(sound)
}

fn answers_to(field: Field, answers: Map<String, Value>, note: &mut impl FnMut(String)) -> Value {
    let mut sound = Map::new();
    for (question, answer) in answers {
        if answer.as_object().is_some_and(Map::is_empty) {
            continue;
        }
        let answer = shortened(&question, answer, note);
        let alone: Map<String, Value> = std::iter::once((question.clone(), answer.clone())).collect();
        match parses(field.code(), &Value::Object(alone)) {
            Ok(()) => sound.extend([(question, answer)]),
            Err(_) => note(format!("`{}` can't be read, left out", cut(&question, 60))),
        }
    }
    Value::Object(sound)
}

/// Cuts what is too long, each text by the name it stands under.
fn shortened(name: &str, value: Value, note: &mut impl FnMut(String)) -> Value {
    match value {
        Value::String(text) => Value::String(fitting(text, limit(name), note)),
        Value::Array(list) => list.into_iter().take(LIST_LIMIT).map(|item| shortened(name, item, note)).collect(),
        Value::Object(map) => Value::Object(
            map.into_iter()
                .map(|(name, value)| {
                    let short = shortened(&name, value, note);
                    (name, short)
                })
                .collect(),
        ),
        other => other,
    }
}

/// Cuts the long texts of a publisher's row.
pub(super) fn shorten(facts: &mut Facts, notes: &mut Vec<String>) {
    let texts = [
        (Field::Description, facts.description.as_mut()),
        (Field::Address, facts.address.as_mut()),
        (Field::Borough, facts.borough.as_mut()),
        (Field::Phone, facts.phone.as_mut()),
        (Field::Opening, facts.opening.as_mut().and_then(|opening| opening.note.as_mut())),
    ];
    for (field, text) in texts {
        if let Some(text) = text {
            *text = fitting(std::mem::take(text), limit(field.code()), &mut |what| {
                notes.push(format!("{}: {what}", field.label()));
            });
        }
    }
}

/// Longest text under this name, in letters.
fn limit(name: &str) -> usize {
    match name {
        "phone" | "per" => 50,
        "title" | "id" | "borough" => NAME_LIMIT,
        "address" | "limits" => 500,
        // A longer name is no name, which is said by whoever asks for it.
        "name" => usize::MAX,
        _ => TEXT_LIMIT,
    }
}

fn fitting(text: String, limit: usize, note: &mut impl FnMut(String)) -> String {
    if text.len() <= limit || text.chars().count() <= limit {
        return text;
    }
    note(format!("longer than {} letters, cut", super::summary::grouped(limit as u64)));
    cut(&text, limit)
}

/// At most so many letters, if it can be whole words.
fn cut(text: &str, limit: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(limit.saturating_sub(1)) else { return text.to_owned() };
    if text[end..].chars().count() <= 1 {
        return text.to_owned();
    }
    let head = &text[..end];
    let whole = head.rfind(' ').filter(|at| *at > end / 2).map_or(head, |at| &head[..at]);
    format!("{}…", whole.trim_end_matches([' ', ',', ';']))
}
