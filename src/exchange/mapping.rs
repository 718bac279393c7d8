//! Mappings: one small file for each publisher's format, under `search-config/imports/`.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Deserialize;
use toml::Spanned;

use super::sheet::Sheet;
use crate::{
    venues::{Precision, Status},
    vocabulary::KindId,
};

/// One name or several.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Names {
    One(String),
    Many(Vec<String>),
}

impl Names {
    pub(super) fn list(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Many(names) => names,
        }
    }
}

/// Which of the publisher's columns holds what.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Columns {
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) address: Option<Names>,
    pub(super) postcode: Option<String>,
    pub(super) lat: Option<String>,
    pub(super) lon: Option<String>,
    pub(super) borough: Option<String>,
    pub(super) borough_code: Option<String>,
    pub(super) council: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) email: Option<String>,
    pub(super) website: Option<String>,
    pub(super) category: Option<String>,
    pub(super) source: Option<String>,
    pub(super) source_id: Option<String>,
    pub(super) licence: Option<String>,
    pub(super) date: Option<String>,
    pub(super) position: Option<String>,
}

/// What is known of one data set.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Source {
    pub(super) id: String,
    pub(super) label: String,
    pub(super) licence: String,
    #[serde(default)]
    pub(super) date: Option<String>,
    /// What its points are, where they aren't the publisher's own.
    #[serde(default)]
    pub(super) position: Option<Precision>,
}

/// Categories made of a beginning and parts, such as "Place of worship: Christian/anglican;methodist".
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ByPart {
    pub(super) begins: String,
    /// For a category none of whose parts is known.
    pub(super) otherwise: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) parts: BTreeMap<String, Vec<Spanned<String>>>,
}

/// The same, ready to be asked.
#[derive(Debug, Clone)]
pub(super) struct Parted {
    pub(super) begins: String,
    pub(super) otherwise: Vec<KindId>,
    pub(super) parts: HashMap<String, Vec<KindId>>,
}

/// Rows whose column says one of some words, or anything at all.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StatusRule {
    pub(super) column: String,
    #[serde(default)]
    pub(super) words: Vec<String>,
    pub(super) status: Status,
}

/// Rows that are no venue for us.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LeaveOut {
    pub(super) column: String,
    pub(super) words: Vec<String>,
    pub(super) reason: String,
}

/// Opening times as words, a column a day.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OpeningWords {
    /// Seven columns, Monday first.
    pub(super) days: Vec<String>,
    /// The column with the number of hours a week.
    #[serde(default)]
    pub(super) hours: Option<String>,
    /// The publisher's words in plain words.
    #[serde(default)]
    pub(super) words: BTreeMap<String, String>,
}

/// Columns that are ticked where the venue shares its building.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SharedBuilding {
    pub(super) begin: String,
    pub(super) columns: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) also: Option<String>,
}

/// How one publisher's rows are read.
#[derive(Debug, Clone)]
pub(super) struct Mapping {
    /// The file's name without its ending.
    pub(super) name: String,
    /// A plain name for people.
    pub(super) title: String,
    /// Footbridge's own GeoJSON, whose properties are a venue's own fields.
    pub(super) own_format: bool,
    pub(super) columns: Columns,
    pub(super) opening: Option<OpeningWords>,
    pub(super) shared_building: Option<SharedBuilding>,
    pub(super) sources: HashMap<String, Source>,
    /// The data set of every row, where no column says it.
    pub(super) only_source: Option<String>,
    pub(super) needs: Vec<String>,
    pub(super) file_names: Vec<String>,
    pub(super) unknown: HashSet<String>,
    pub(super) category_from_file_name: bool,
    pub(super) kinds: HashMap<String, Vec<KindId>>,
    pub(super) by_part: Vec<Parted>,
    pub(super) categories: Vec<String>,
    pub(super) status: Vec<StatusRule>,
    pub(super) leave_out: Vec<LeaveOut>,
}

/// Categories and layers are compared without case, `_` and `-`.
pub(super) fn plain(word: &str) -> String {
    word.replace(['_', '-'], " ").split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

impl Mapping {
    /// The kinds of venue that a category stands for; none where the mapping doesn't know it.
    pub(super) fn kinds(&self, category: &str) -> Option<Vec<KindId>> {
        let word = plain(category);
        if let Some(kinds) = self.kinds.get(&word) {
            return Some(kinds.clone());
        }
        let fits = |rule: &&Parted| word.starts_with(rule.begins.as_str());
        let rule = self.by_part.iter().filter(fits).max_by_key(|rule| rule.begins.len())?;
        let rest = word[rule.begins.len()..].split(['/', ';', ',']).map(str::trim);
        let mut kinds: Vec<KindId> = rest.filter_map(|part| rule.parts.get(part)).flatten().cloned().collect();
        kinds.sort_unstable();
        kinds.dedup();
        Some(if kinds.is_empty() { rule.otherwise.clone() } else { kinds })
    }

    /// The category that a file's name tells: the longest one it contains.
    pub(super) fn category_of_file(&self, stem: &str) -> Option<String> {
        if !self.category_from_file_name {
            return None;
        }
        let name = plain(stem);
        self.categories.iter().filter(|category| name.contains(&plain(category))).max_by_key(|category| category.len()).cloned()
    }

    /// Whether this publisher writes this word for what isn't known.
    pub(super) fn is_unknown(&self, text: &str) -> bool {
        !self.unknown.is_empty() && self.unknown.contains(&text.to_lowercase())
    }

    /// What the row says of whether the place is there to go to.
    pub(super) fn status(&self, known: impl Fn(&str) -> Option<String>) -> Option<Status> {
        self.status.iter().find(|rule| says(known(&rule.column), &rule.words)).map(|rule| rule.status)
    }

    /// Why the row is no venue for us.
    pub(super) fn left_out(&self, known: impl Fn(&str) -> Option<String>) -> Option<&str> {
        self.leave_out.iter().find(|rule| says(known(&rule.column), &rule.words)).map(|rule| rule.reason.as_str())
    }

    /// The columns that are needed and not there. A GeoJSON file has its points outside of them.
    pub(super) fn missing(&self, sheet: &Sheet) -> Vec<&str> {
        let drawn = |name: &str| sheet.is_geojson() && [&self.columns.lat, &self.columns.lon].contains(&&Some(name.to_owned()));
        self.needs.iter().map(String::as_str).filter(|name| !sheet.header.has(name) && !drawn(name)).collect()
    }
}

/// Whether a cell holds one of the words, or anything where there are none.
fn says(cell: Option<String>, words: &[String]) -> bool {
    cell.is_some_and(|cell| words.is_empty() || words.iter().any(|word| word.eq_ignore_ascii_case(&cell)))
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "tests may stop")]
mod tests {
    use super::*;
    use crate::{exchange::mapping_file::load, settings_files::SettingsFiles};

    fn shipped(name: &str) -> Mapping {
        load(&SettingsFiles::default(), None).expect("sound").into_iter().find(|m| m.name == name).expect("shipped")
    }

    #[test]
    fn categories_stand_for_kinds() {
        let london = shipped("london");
        for (category, kinds) in [
            ("Music all", vec!["music-venue"]),
            ("Skate Parks", vec!["skate-park"]),
            ("Museum: Arts-Music", vec!["museum"]),
            ("Place of worship: Christian", vec!["church"]),
            ("Place of worship: Christian/evangelical", vec!["church"]),
            ("Place of worship: Christian/roman_catholic;anglican", vec!["anglican-church", "catholic-church"]),
            ("Place of worship: Muslim/sunni", vec!["mosque"]),
            ("Place of worship: Jain", vec!["place-of-worship"]),
        ] {
            let found = london.kinds(category).expect(category);
            assert_eq!(found.iter().map(|k| k.as_str()).collect::<Vec<_>>(), kinds, "{category}");
        }
        assert_eq!(london.kinds("Something new"), None);
    }

    #[test]
    fn a_files_name_tells_its_layer() {
        let layers = shipped("gla-2023");
        assert_eq!(layers.kinds.len(), 26);
        for (stem, layer) in [
            ("gla2023-artists-workspaces", Some("Artists workspaces")),
            ("Theatre_rehearsal_studios", Some("Theatre rehearsal studios")),
            ("theatre", Some("Theatre")),
            ("something", None),
        ] {
            assert_eq!(layers.category_of_file(stem).as_deref(), layer);
        }
    }
}
