//! What a visitor typed into the search form or a URL, and the `Question` it makes.

use std::collections::BTreeSet;

use chrono::{NaiveTime, Weekday};
use serde::Serialize;

use super::{MAX_DEPTH, MAX_PER_PAGE, MAX_WITHIN_M, MAX_WORDS, OpenAt, Question, Sort, place_candidates};
use crate::{
    error::{Failure, Problem},
    places::Place,
    venues::{Access, Mark, day_from_code},
    vocabulary::{ActivityId, Domain, KindId, Vocabulary},
};

/// Most values of one repeated parameter.
const MAX_CHOICES: usize = 40;
/// Longest value of any parameter but the words, in characters.
const MAX_VALUE: usize = 100;
/// The dearest limit on cost, in pence.
const MAX_COST: u32 = 1_000_000;

/// The search form as typed; nothing is lost when something in it can't be used.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Fields {
    /// Words.
    pub q: String,
    /// A postcode, district, borough or `lat,lon`.
    pub near: String,
    /// Kilometres.
    pub within_km: String,
    /// Life domains.
    pub domain: Vec<String>,
    /// Activities.
    pub activity: Vec<String>,
    /// Kinds of venue.
    pub kind: Vec<String>,
    /// Boroughs.
    pub borough: Vec<String>,
    /// Access facts.
    pub access: Vec<String>,
    /// A weekday.
    pub day: String,
    /// `HH:MM`.
    pub time: String,
    /// Only what is free.
    pub free: String,
    /// Pence.
    pub max_cost: String,
    /// Green, amber or red.
    pub setting: String,
    /// Only where there are places now.
    pub places: String,
    /// The order.
    pub sort: String,
    /// Page, from 1.
    pub page: String,
    /// Hits a page.
    pub per_page: String,
}

impl Fields {
    /// Reads a query string or a form body; parameters it doesn't know are left out.
    pub fn read(query: &str) -> Self {
        let mut fields = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let longest = if name == "q" { MAX_WORDS } else { MAX_VALUE };
            let value: String = value.chars().filter(|c| !c.is_control()).take(longest).collect();
            fields.put(&name, value.trim().to_owned());
        }
        fields
    }

    fn put(&mut self, name: &str, value: String) {
        if let Some(one) = self.single(name) {
            *one = value;
        } else if let Some(many) = self.several(name)
            && !value.is_empty()
            && !many.contains(&value)
            && many.len() < MAX_CHOICES
        {
            many.push(value);
        }
    }

    fn single(&mut self, name: &str) -> Option<&mut String> {
        Some(match name {
            "q" => &mut self.q,
            "near" => &mut self.near,
            "within_km" => &mut self.within_km,
            "day" => &mut self.day,
            "time" => &mut self.time,
            "free" => &mut self.free,
            "max_cost" => &mut self.max_cost,
            "setting" => &mut self.setting,
            "places" => &mut self.places,
            "sort" => &mut self.sort,
            "page" => &mut self.page,
            "per_page" => &mut self.per_page,
            _ => return None,
        })
    }

    fn several(&mut self, name: &str) -> Option<&mut Vec<String>> {
        Some(match name {
            "domain" => &mut self.domain,
            "activity" => &mut self.activity,
            "kind" => &mut self.kind,
            "borough" => &mut self.borough,
            "access" => &mut self.access,
            _ => return None,
        })
    }

    /// Every value with its parameter's name, in a fixed order; empty ones are left out.
    pub fn pairs(&self) -> Vec<(&'static str, &str)> {
        let mut pairs: Vec<(&'static str, &str)> = vec![("q", &self.q), ("near", &self.near), ("within_km", &self.within_km)];
        let lists = [
            ("domain", &self.domain),
            ("activity", &self.activity),
            ("kind", &self.kind),
            ("borough", &self.borough),
            ("access", &self.access),
        ];
        pairs.extend(lists.into_iter().flat_map(|(name, values)| values.iter().map(move |value| (name, value.as_str()))));
        pairs.extend([
            ("day", self.day.as_str()),
            ("time", &self.time),
            ("free", &self.free),
            ("max_cost", &self.max_cost),
            ("setting", &self.setting),
            ("places", &self.places),
            ("sort", &self.sort),
            ("page", &self.page),
            ("per_page", &self.per_page),
        ]);
        pairs.retain(|(_, value)| !value.is_empty());
        pairs
    }

    /// The query string that asks the same again.
    pub fn query(&self) -> String {
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(self.pairs()).finish()
    }

    /// The same fields without one value, on the first page: what taking a filter away asks.
    pub fn without(&self, name: &str, value: &str) -> Self {
        let mut less = self.clone();
        if let Some(one) = less.single(name) {
            one.clear();
        } else if let Some(many) = less.several(name) {
            many.retain(|held| held != value);
        }
        less.page.clear();
        less
    }

    /// The same fields with one value set, on the first page unless that is what is set.
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut more = self.clone();
        more.page.clear();
        more.put(name, value.to_owned());
        more
    }
}

/// The question that a form makes, as far as it can be used.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The question. Its words are without the place, where they named one.
    pub question: Question,
    /// The place found in the words ("near SE15"), where `near` was left empty.
    pub place_in_words: Option<Place>,
    /// What can't be used.
    pub problems: Vec<Problem>,
}

/// Reads the fields. `resolve` finds a place by its name.
pub fn question(
    fields: &Fields,
    vocabulary: &Vocabulary,
    mut resolve: impl FnMut(&str) -> Result<Option<Place>, Failure>,
) -> Result<Asked, Failure> {
    let mut reader = Reader { problems: Vec::new() };
    let given = if fields.near.is_empty() { None } else { resolve(&fields.near)? };
    if given.is_none() && !fields.near.is_empty() {
        reader
            .problem("near", "We don’t know that place. Try a postcode such as SE15 4QL, a district such as SE15, or a borough.");
    }
    let (words, place_in_words) =
        if fields.near.is_empty() { split_off_place(&fields.q, &mut resolve)? } else { (fields.q.clone(), None) };
    let near = given.or_else(|| place_in_words.clone());
    let nowhere = near.is_none() && fields.near.is_empty();
    let within_m = reader.within(&fields.within_km);
    if within_m.is_some() && nowhere {
        reader.problem("near", "Say where from: a postcode, a district or a borough.");
    }
    let per_page = reader.number("per_page", &fields.per_page, 1..=MAX_PER_PAGE).unwrap_or(20);
    let question = Question {
        words,
        within_m: within_m.filter(|_| near.is_some()),
        near,
        domains: reader.choices("domain", &fields.domain, Domain::from_code),
        activities: reader.choices("activity", &fields.activity, |id| known_activity(vocabulary, id)),
        kinds: reader.choices("kind", &fields.kind, |id| known_kind(vocabulary, id)),
        boroughs: fields.borough.iter().cloned().collect(),
        access: reader.choices("access", &fields.access, Access::from_code),
        open: reader.open(&fields.day, &fields.time),
        max_cost: reader.max_cost(&fields.free, &fields.max_cost),
        setting: reader.choice("setting", &fields.setting, Mark::from_code),
        places_now: reader.switch("places", &fields.places),
        sort: reader.choice("sort", &fields.sort, Sort::from_code).unwrap_or(Sort::Best),
        page: reader.number("page", &fields.page, 1..=MAX_DEPTH / per_page).unwrap_or(1),
        per_page,
    };
    if question.sort == Sort::Nearest && nowhere {
        reader.problem("near", "To sort by nearest, say where from.");
    }
    Ok(Asked { question, place_in_words, problems: reader.problems })
}

/// The words without the first place in them that is known, and that place.
fn split_off_place(
    words: &str,
    resolve: &mut impl FnMut(&str) -> Result<Option<Place>, Failure>,
) -> Result<(String, Option<Place>), Failure> {
    for (rest, name) in place_candidates(words) {
        if let Some(place) = resolve(&name)? {
            return Ok((rest, Some(place)));
        }
    }
    Ok((words.to_owned(), None))
}

fn known_activity(vocabulary: &Vocabulary, id: &str) -> Option<ActivityId> {
    let id = ActivityId::from(id);
    vocabulary.activity(&id).map(|_| id)
}

fn known_kind(vocabulary: &Vocabulary, id: &str) -> Option<KindId> {
    let id = KindId::from(id);
    vocabulary.kind(&id).map(|_| id)
}

struct Reader {
    problems: Vec<Problem>,
}

impl Reader {
    fn problem(&mut self, field: &str, message: impl Into<String>) {
        self.problems.push(Problem::new(field, message));
    }

    fn number(&mut self, field: &str, text: &str, range: std::ops::RangeInclusive<u32>) -> Option<u32> {
        if text.is_empty() {
            return None;
        }
        let number = text.parse().ok().filter(|number| range.contains(number));
        if number.is_none() {
            self.problem(field, format!("Give a whole number from {} to {}.", range.start(), range.end()));
        }
        number
    }

    fn within(&mut self, text: &str) -> Option<u32> {
        if text.is_empty() {
            return None;
        }
        let metres = text.parse::<f64>().ok().map(|km| km * 1000.0).filter(|m| (100.0..=f64::from(MAX_WITHIN_M)).contains(m));
        if metres.is_none() {
            self.problem("within_km", "Give a distance in kilometres, from 0.1 to 100.");
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range, checked above")]
        metres.map(|m| m.round() as u32)
    }

    fn choices<T: Ord>(&mut self, field: &str, codes: &[String], find: impl Fn(&str) -> Option<T>) -> BTreeSet<T> {
        let mut found = BTreeSet::new();
        for code in codes {
            found.extend(self.choice(field, code, &find));
        }
        found
    }

    fn choice<T>(&mut self, field: &str, code: &str, find: impl Fn(&str) -> Option<T>) -> Option<T> {
        if code.is_empty() {
            return None;
        }
        let found = find(code);
        if found.is_none() {
            self.problem(field, format!("We don't know “{code}”. Choose one from the list."));
        }
        found
    }

    fn switch(&mut self, field: &str, text: &str) -> bool {
        match text {
            "" | "0" | "false" | "no" | "off" => false,
            "1" | "true" | "yes" | "on" => true,
            _ => {
                self.problem(field, "Say true or false.");
                false
            }
        }
    }

    fn max_cost(&mut self, free: &str, max_cost: &str) -> Option<u32> {
        let most = self.number("max_cost", max_cost, 0..=MAX_COST);
        if self.switch("free", free) { Some(0) } else { most }
    }

    fn open(&mut self, day: &str, time: &str) -> Option<OpenAt> {
        let time = if time.is_empty() { None } else { Some(self.time(time)?) };
        if day.is_empty() {
            if time.is_some() {
                self.problem("day", "Choose a day to go with the time.");
            }
            return None;
        }
        let found = weekday(day);
        if found.is_none() {
            self.problem("day", "Choose a day of the week.");
        }
        found.map(|day| OpenAt { day, time })
    }

    fn time(&mut self, text: &str) -> Option<NaiveTime> {
        let time = NaiveTime::parse_from_str(text, "%H:%M").ok();
        if time.is_none() {
            self.problem("time", "Give a time such as 09:30 or 18:00.");
        }
        time
    }
}

/// `mo`, `Mon`, `monday`.
fn weekday(text: &str) -> Option<Weekday> {
    day_from_code(text).or_else(|| text.parse().ok())
}
