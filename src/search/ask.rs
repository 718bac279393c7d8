//! What a visitor typed into the search form or a URL, and the `Question` it makes.

use serde::Serialize;

use super::MAX_WORDS;

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

