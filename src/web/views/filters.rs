//! The filters beside a list of results: what can be chosen, what is chosen, and links that take a choice away.

use serde::Serialize;

use super::{Words, say};
use crate::{
    search::{Facets, ask::Fields},
    venues::{Access, Mark},
    vocabulary::{ActivityId, Domain, KindId},
};

/// How many choices of a long list are shown at first.
const TOP: usize = 6;
/// How many more "show all" shows; beyond that, words find them better.
const REST: usize = 54;

/// One box to tick.
#[derive(Debug, Clone, Serialize)]
pub struct Choice {
    /// The value in the URL.
    pub value: String,
    /// What it is called.
    pub label: String,
    /// How many places have it.
    pub count: Option<String>,
    /// Whether it is ticked.
    pub chosen: bool,
}

/// A list of boxes to tick.
#[derive(Debug, Clone, Serialize)]
pub struct Group {
    /// The parameter.
    pub name: &'static str,
    /// The question it answers.
    pub legend: &'static str,
    /// What went wrong with it.
    pub error: Option<String>,
    /// The choices seen at first: the ones with most places, and the ticked ones.
    pub top: Vec<Choice>,
    /// The others.
    pub rest: Vec<Choice>,
    /// "Show 12 more".
    pub more: String,
    /// Whether some were left out.
    pub cut: bool,
}

/// A list to pick one from.
#[derive(Debug, Clone, Serialize)]
pub struct Pick {
    /// The parameter.
    pub name: &'static str,
    /// The question it answers.
    pub label: &'static str,
    /// What went wrong with it.
    pub error: Option<String>,
    /// The choices; the first is "any".
    pub options: Vec<Choice>,
}

/// All filters.
#[derive(Debug, Clone, Serialize)]
pub struct Filters {
    /// How far.
    pub within: Pick,
    /// Which day.
    pub day: Pick,
    /// What time.
    pub time: Pick,
    /// At most how much.
    pub cost: Pick,
    /// Long lists.
    pub groups: Vec<Group>,
    /// Setting marks.
    pub setting: Pick,
    /// Places left now; none where no place here has any.
    pub places: Option<Choice>,
    /// How many filters are on; where to look stands apart from them.
    pub on: usize,
}

/// A filter that is on, and the link that takes it away.
#[derive(Debug, Clone, Serialize)]
pub struct Chip {
    /// What it says.
    pub label: String,
    /// The same results without it.
    pub href: String,
    /// Whether it says near where to look.
    pub is_place: bool,
}

impl Filters {
    /// The filters for what was asked, with counts. `error` finds what went wrong with a field.
    pub fn new(fields: &Fields, facets: &Facets, words: &dyn Words, error: &dyn Fn(&str) -> Option<String>) -> Self {
        let groups = groups(fields, facets, words, error);
        Self {
            within: Pick { name: "within_km", label: "How far away?", error: error("within_km"), options: within(fields) },
            day: Pick { name: "day", label: "Which day?", error: error("day"), options: days(fields) },
            time: Pick { name: "time", label: "What time?", error: error("time"), options: times(fields) },
            cost: Pick { name: "max_cost", label: "What can it cost?", error: error("max_cost"), options: costs(fields, facets) },
            setting: Pick {
                name: "setting",
                label: "What sort of setting?",
                error: error("setting"),
                options: marks(fields, facets),
            },
            places: places(fields, facets),
            on: chips(fields, words, false).iter().filter(|chip| !chip.is_place).count(),
            groups,
        }
    }
}

/// Every filter that is on, as a link that takes it away; from a map it leads to a map.
pub fn chips(fields: &Fields, words: &dyn Words, map: bool) -> Vec<Chip> {
    let chip = |(label, less, is_place): (String, Fields, bool)| Chip { label, href: results_href(&less, map), is_place };
    removable(fields, words).into_iter().map(chip).collect()
}

/// Every filter that is on: what it says, the fields without it, and whether it says near where to look.
pub fn removable(fields: &Fields, words: &dyn Words) -> Vec<(String, Fields, bool)> {
    let mut found = Vec::new();
    for (name, value) in fields.pairs() {
        let Some(label) = chip_label(name, value, words) else { continue };
        let mut less = fields.without(name, value);
        if name == "near" {
            less.within_km.clear();
            less.sort.clear();
        }
        if name == "day" {
            less.time.clear();
        }
        found.push((label, less, name == "near"));
    }
    found
}

/// The address of the results.
pub fn results_href(fields: &Fields, map: bool) -> String {
    let query = fields.query();
    match (query.is_empty(), map) {
        (true, false) => "/venues".to_owned(),
        (true, true) => "/venues?view=map".to_owned(),
        (false, false) => format!("/venues?{query}"),
        (false, true) => format!("/venues?{query}&view=map"),
    }
}

fn chip_label(name: &str, value: &str, words: &dyn Words) -> Option<String> {
    Some(match name {
        "near" => format!("Near {}", say::place_name(value)),
        "within_km" => format!("Up to {value} km away"),
        "domain" => super::Kindly::from(Domain::from_code(value)?).label.to_owned(),
        "kind" => words.kind(&KindId::from(value))?.label,
        "activity" => words.activity(&ActivityId::from(value))?.label,
        "borough" => value.to_owned(),
        "access" => Access::from_code(value)?.label().to_owned(),
        "day" => format!("On {}", day_label(value)?),
        "time" => format!("At {}", say::time(clock(value)?)),
        "free" if value != "false" => "Free".to_owned(),
        "max_cost" => match value.parse() {
            Ok(0) => "Free".to_owned(),
            Ok(pence) => format!("{} or less", say::money(pence)),
            Err(_) => return None,
        },
        "setting" => Mark::from_code(value)?.label().to_owned(),
        "places" => "Has places left now".to_owned(),
        _ => return None,
    })
}

fn groups(fields: &Fields, facets: &Facets, words: &dyn Words, error: &dyn Fn(&str) -> Option<String>) -> Vec<Group> {
    let domains = facets.domains.iter().map(|(domain, count)| (domain.code().to_owned(), domain_label(*domain), *count));
    let kinds = facets.kinds.iter().filter_map(|(id, count)| Some((id.to_string(), words.kind(id)?.plural, *count)));
    let activities = facets.activities.iter().filter_map(|(id, count)| Some((id.to_string(), words.activity(id)?.label, *count)));
    let boroughs = facets.boroughs.iter().map(|(name, count)| (name.clone(), name.clone(), *count));
    let access = facets.access.iter().map(|(access, count)| (access.code().to_owned(), access.label().to_owned(), *count));
    let label_of = |name: &str, value: &str| chip_label(name, value, words);
    [
        ("domain", "What part of life?", domains.collect::<Vec<_>>(), &fields.domain, 9),
        ("kind", "What kind of place?", kinds.collect(), &fields.kind, TOP),
        ("activity", "What can you do there?", activities.collect(), &fields.activity, TOP),
        ("access", "What should it have?", access.collect(), &fields.access, 10),
        ("borough", "Which borough?", boroughs.collect(), &fields.borough, TOP),
    ]
    .into_iter()
    .map(|(name, legend, found, chosen, top)| group(name, legend, error(name), found, chosen, top, &label_of))
    .filter(|group| !group.top.is_empty())
    .collect()
}

/// The choices with most places first; what is ticked always shows, even where no place has it.
fn group(
    name: &'static str,
    legend: &'static str,
    error: Option<String>,
    mut found: Vec<(String, String, u64)>,
    chosen: &[String],
    top: usize,
    label_of: &dyn Fn(&str, &str) -> Option<String>,
) -> Group {
    for value in chosen {
        if !found.iter().any(|(known, ..)| known == value)
            && let Some(label) = label_of(name, value)
        {
            found.push((value.clone(), label, 0));
        }
    }
    found.retain(|(value, _, count)| *count > 0 || chosen.contains(value));
    found.sort_by(|a, b| {
        let ticked = |value: &String| !chosen.contains(value);
        (ticked(&a.0), b.2, &a.1).cmp(&(ticked(&b.0), a.2, &b.1))
    });
    let cut = found.len() > top + REST;
    found.truncate(top + REST);
    let first = top.max(chosen.len()).min(found.len());
    let mut all: Vec<Choice> = found
        .into_iter()
        .map(|(value, label, count)| Choice { chosen: chosen.contains(&value), value, label, count: Some(say::thousands(count)) })
        .collect();
    let rest = all.split_off(first);
    let more = if cut { format!("Show the top {}", first + rest.len()) } else { format!("Show all {}", first + rest.len()) };
    Group { name, legend, error, top: all, rest, more, cut }
}

fn domain_label(domain: Domain) -> String {
    super::Kindly::from(domain).label.to_owned()
}

fn places(fields: &Fields, facets: &Facets) -> Option<Choice> {
    let chosen = !matches!(fields.places.as_str(), "" | "0" | "false" | "no" | "off");
    let count = Some(say::thousands(facets.places_now));
    let label = "Has places left now".to_owned();
    (chosen || facets.places_now > 0).then(|| Choice { value: "true".to_owned(), label, count, chosen })
}

fn option(value: impl Into<String>, label: impl Into<String>, chosen: bool) -> Choice {
    Choice { value: value.into(), label: label.into(), count: None, chosen }
}

/// Keeps what was typed even where it isn't in our list.
fn keep_typed(mut options: Vec<Choice>, typed: &str, label: impl FnOnce() -> String) -> Vec<Choice> {
    if !typed.is_empty() && !options.iter().any(|choice| choice.chosen) {
        options.push(option(typed, label(), true));
    }
    options
}

fn within(fields: &Fields) -> Vec<Choice> {
    let typed = fields.within_km.parse::<f64>().ok();
    let steps = [
        ("0.5", "½ km, a short walk"),
        ("1", "1 km, a walk"),
        ("2", "2 km, a long walk"),
        ("3", "3 km"),
        ("5", "5 km"),
        ("8", "8 km"),
        ("15", "15 km"),
        ("30", "30 km"),
    ];
    let same = |value: &str| typed.is_some() && value.parse().ok() == typed;
    let mut options = vec![option("", "Any distance", fields.within_km.is_empty())];
    options.extend(steps.into_iter().map(|(value, label)| option(value, label, same(value))));
    keep_typed(options, &fields.within_km, || match typed {
        Some(km) => format!("{km} km"),
        None => fields.within_km.clone(),
    })
}

fn days(fields: &Fields) -> Vec<Choice> {
    const DAYS: [&str; 7] = ["mo", "tu", "we", "th", "fr", "sa", "su"];
    let typed = fields.day.to_lowercase();
    let mut options = vec![option("", "Any day", typed.is_empty())];
    options.extend(DAYS.into_iter().map(|code| option(code, day_label(code).unwrap_or_default(), typed.starts_with(code))));
    keep_typed(options, &fields.day, || fields.day.clone())
}

fn times(fields: &Fields) -> Vec<Choice> {
    let typed = clock(&fields.time);
    let mut options = vec![option("", "Any time", fields.time.is_empty())];
    for hour in 7..=22 {
        let Some(at) = chrono::NaiveTime::from_hms_opt(hour, 0, 0) else { continue };
        options.push(option(format!("{hour:02}:00"), say::time(at), typed == Some(at)));
    }
    keep_typed(options, &fields.time, || typed.map_or_else(|| fields.time.clone(), say::time))
}

fn costs(fields: &Fields, facets: &Facets) -> Vec<Choice> {
    let free = !matches!(fields.free.as_str(), "" | "0" | "false" | "no" | "off");
    let typed = if free { "0" } else { fields.max_cost.as_str() };
    let free_label = format!("Free ({})", say::thousands(facets.free));
    let mut options = vec![option("", "Any cost", typed.is_empty()), option("0", free_label, typed == "0")];
    for pence in [300, 500, 1_000, 2_000] {
        let value = pence.to_string();
        let chosen = typed == value;
        options.push(option(value, format!("{} or less", say::money(pence)), chosen));
    }
    keep_typed(options, typed, || match typed.parse() {
        Ok(pence) => format!("{} or less", say::money(pence)),
        Err(_) => typed.to_owned(),
    })
}

fn marks(fields: &Fields, facets: &Facets) -> Vec<Choice> {
    let mut options = vec![option("", "Any setting", fields.setting.is_empty())];
    for mark in Mark::ALL {
        let count = facets.settings.get(mark).copied().unwrap_or(0);
        if count == 0 && fields.setting != mark.code() {
            continue;
        }
        let label = format!("{} ({})", mark.label(), say::thousands(count));
        options.push(option(mark.code(), label, fields.setting == mark.code()));
    }
    keep_typed(options, &fields.setting, || fields.setting.clone())
}

fn day_label(code: &str) -> Option<&'static str> {
    let start: String = code.to_lowercase().chars().take(2).collect();
    crate::venues::day_from_code(&start).map(say::weekday)
}

fn clock(text: &str) -> Option<chrono::NaiveTime> {
    chrono::NaiveTime::parse_from_str(text, "%H:%M").ok()
}
