//! Mappings: one small file for each publisher's format, under `search-config/imports/`.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Deserialize;
use toml::Spanned;

use super::{error::ImportError, sheet::Sheet};
use crate::{
    settings_files::{Mistake, SettingsFile, SettingsFiles},
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
struct ByPart {
    begins: String,
    /// For a category none of whose parts is known.
    otherwise: Vec<Spanned<String>>,
    #[serde(default)]
    parts: BTreeMap<String, Vec<Spanned<String>>>,
}

/// The same, ready to be asked.
#[derive(Debug, Clone)]
struct Parted {
    begins: String,
    otherwise: Vec<KindId>,
    parts: HashMap<String, Vec<KindId>>,
}

/// Rows whose column says one of some words, or anything at all.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct StatusRule {
    column: String,
    #[serde(default)]
    words: Vec<String>,
    status: Status,
}

/// Rows that are no venue for us.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct LeaveOut {
    column: String,
    words: Vec<String>,
    reason: String,
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

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: String,
    #[serde(default)]
    needs: Vec<String>,
    #[serde(default)]
    file_names: Vec<String>,
    #[serde(default)]
    own_format: bool,
    #[serde(default)]
    unknown: Vec<String>,
    #[serde(default)]
    columns: Columns,
    #[serde(default)]
    category_from_file_name: bool,
    #[serde(default)]
    sources: Vec<Source>,
    #[serde(default)]
    kinds: BTreeMap<String, Vec<Spanned<String>>>,
    #[serde(default)]
    kinds_by_part: Vec<ByPart>,
    #[serde(default)]
    status: Vec<StatusRule>,
    #[serde(default)]
    leave_out: Vec<LeaveOut>,
    #[serde(default)]
    opening: Option<OpeningWords>,
    #[serde(default)]
    shared_building: Option<SharedBuilding>,
}

impl File {
    /// Columns are found whatever their case.
    fn lower_columns(&mut self) {
        let c = &mut self.columns;
        let single = [
            &mut c.name, &mut c.description, &mut c.postcode, &mut c.lat, &mut c.lon, &mut c.borough, &mut c.borough_code,
            &mut c.council, &mut c.phone, &mut c.email, &mut c.website, &mut c.category, &mut c.source, &mut c.source_id,
            &mut c.licence, &mut c.date, &mut c.position,
        ];
        let lists = c.address.iter_mut().flat_map(|names| match names {
            Names::One(name) => std::slice::from_mut(name),
            Names::Many(names) => names.as_mut_slice(),
        });
        let days = self.opening.iter_mut().flat_map(|opening| opening.days.iter_mut().chain(&mut opening.hours));
        let rules = self.status.iter_mut().map(|rule| &mut rule.column).chain(self.leave_out.iter_mut().map(|rule| &mut rule.column));
        let also = self.shared_building.iter_mut().flat_map(|shared| &mut shared.also);
        for name in single.into_iter().flatten().chain(lists).chain(days).chain(rules).chain(also).chain(&mut self.needs) {
            *name = name.to_lowercase();
        }
        if let Some(shared) = &mut self.shared_building {
            shared.columns = std::mem::take(&mut shared.columns).into_iter().map(|(name, words)| (name.to_lowercase(), words)).collect();
        }
    }
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
    needs: Vec<String>,
    file_names: Vec<String>,
    unknown: HashSet<String>,
    category_from_file_name: bool,
    kinds: HashMap<String, Vec<KindId>>,
    by_part: Vec<Parted>,
    categories: Vec<String>,
    status: Vec<StatusRule>,
    leave_out: Vec<LeaveOut>,
}

/// Categories and layers are compared without case, `_` and `-`.
fn plain(word: &str) -> String {
    word.replace(['_', '-'], " ").split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

impl Mapping {
    /// The mapping in this file, or its first mistake. `kinds` are the kinds there are, where that is known.
    fn parse(file: &SettingsFile, kinds: Option<&HashSet<String>>) -> Result<Self, Mistake> {
        let mut raw: File = toml::from_str(&file.text).map_err(|cause| {
            let line = cause.span().map_or(1, |span| line_at(&file.text, span.start));
            mistake(file, line, cause.message())
        })?;
        check(file, &raw, kinds)?;
        raw.lower_columns();
        let values = |list: &[Spanned<String>]| list.iter().map(|kind| KindId::from(kind.as_ref().as_str())).collect::<Vec<_>>();
        let by_part = raw.kinds_by_part.iter().map(|rule| Parted {
            begins: plain(&rule.begins),
            otherwise: values(&rule.otherwise),
            parts: rule.parts.iter().map(|(part, list)| (plain(part), values(list))).collect(),
        });
        Ok(Self {
            name: file.path.rsplit('/').next().unwrap_or_default().trim_end_matches(".toml").to_owned(),
            by_part: by_part.collect(),
            kinds: raw.kinds.iter().map(|(word, list)| (plain(word), values(list))).collect(),
            categories: raw.kinds.keys().cloned().collect(),
            only_source: raw.columns.source.is_none().then(|| raw.sources.first().map(|s| s.id.clone())).flatten(),
            sources: raw.sources.into_iter().map(|source| (source.id.clone(), source)).collect(),
            title: raw.title,
            own_format: raw.own_format,
            columns: raw.columns,
            opening: raw.opening.map(|opening| OpeningWords {
                words: opening.words.into_iter().map(|(word, plain)| (word.to_lowercase(), plain)).collect(),
                ..opening
            }),
            shared_building: raw.shared_building,
            needs: raw.needs,
            file_names: raw.file_names,
            unknown: raw.unknown.iter().map(|word| word.to_lowercase()).collect(),
            category_from_file_name: raw.category_from_file_name,
            status: raw.status,
            leave_out: raw.leave_out,
        })
    }

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
    fn missing(&self, sheet: &Sheet) -> Vec<&str> {
        let drawn = |name: &str| sheet.is_geojson() && [&self.columns.lat, &self.columns.lon].contains(&&Some(name.to_owned()));
        self.needs.iter().map(String::as_str).filter(|name| !sheet.header.has(name) && !drawn(name)).collect()
    }
}

/// Whether a cell holds one of the words, or anything where there are none.
fn says(cell: Option<String>, words: &[String]) -> bool {
    cell.is_some_and(|cell| words.is_empty() || words.iter().any(|word| word.eq_ignore_ascii_case(&cell)))
}

fn mistake(file: &SettingsFile, line: usize, message: impl Into<String>) -> Mistake {
    Mistake { file: file.path.clone(), line, message: message.into() }
}

fn line_at(text: &str, byte: usize) -> usize {
    text.as_bytes().iter().take(byte).filter(|b| **b == b'\n').count() + 1
}

fn check(file: &SettingsFile, raw: &File, known: Option<&HashSet<String>>) -> Result<(), Mistake> {
    let at = |word: &str| line_at(&file.text, file.text.find(word).unwrap_or(0));
    let parts = raw.kinds_by_part.iter().flat_map(|rule| rule.parts.values().chain(std::iter::once(&rule.otherwise)));
    for kind in raw.kinds.values().chain(parts).flatten() {
        if known.is_some_and(|known| !known.contains(kind.as_ref())) {
            let message = format!("there is no kind `{}` in vocabulary/kinds.toml", kind.as_ref());
            return Err(mistake(file, line_at(&file.text, kind.span().start), message));
        }
    }
    if raw.own_format {
        return Ok(());
    }
    if raw.needs.is_empty() {
        return Err(mistake(file, 1, "`needs` has to list the columns by which the format is known"));
    }
    if raw.columns.name.is_none() {
        return Err(mistake(file, at("[columns]"), "[columns] has to say which column is the `name`"));
    }
    if raw.columns.source.is_none() && raw.sources.len() != 1 {
        let message = "one [[sources]] is needed, or a `source` under [columns] that tells which one a row belongs to";
        return Err(mistake(file, at("[columns]"), message));
    }
    if raw.opening.as_ref().is_some_and(|opening| opening.days.len() != 7) {
        return Err(mistake(file, at("[opening]"), "`days` under [opening] needs seven columns, Monday first"));
    }
    Ok(())
}

/// All mappings, by name.
pub(super) fn load(files: &SettingsFiles) -> Result<Vec<Mapping>, ImportError> {
    let kinds = kind_ids(files).map_err(ImportError::Mappings)?;
    let found = files.below("imports/").map_err(ImportError::Mappings)?;
    found.iter().map(|file| Mapping::parse(file, kinds.as_ref()).map_err(ImportError::Mistake)).collect()
}

/// The ids in `vocabulary/kinds.toml`; none where it isn't there or is broken, which its own room reports.
fn kind_ids(files: &SettingsFiles) -> std::io::Result<Option<HashSet<String>>> {
    #[derive(Deserialize)]
    struct Kind {
        id: String,
    }
    #[derive(Deserialize)]
    struct Kinds {
        kind: Vec<Kind>,
    }
    let all = files.below("")?;
    let file = all.iter().find(|file| file.path == "vocabulary/kinds.toml");
    let kinds = file.and_then(|file| toml::from_str::<Kinds>(&file.text).ok());
    Ok(kinds.map(|kinds| kinds.kind.into_iter().map(|kind| kind.id).collect()))
}

/// The mapping that was asked for, or the one that the columns tell: the most specific, then the one that knows the file's name.
pub(super) fn choose<'a>(
    mappings: &'a [Mapping],
    wanted: Option<&str>,
    file: &std::path::Path,
    sheet: &Sheet,
) -> Result<&'a Mapping, ImportError> {
    let known = || mappings.iter().map(|m| format!("{} ({})", m.name, m.title)).collect::<Vec<_>>().join(", ");
    if let Some(name) = wanted {
        let found = mappings.iter().find(|m| m.name == name);
        let mapping = found.ok_or_else(|| ImportError::UnknownMapping { name: name.to_owned(), known: known() })?;
        let missing = mapping.missing(sheet);
        if missing.is_empty() && (!mapping.own_format || sheet.about.contains_key("footbridge")) {
            return Ok(mapping);
        }
        let missing = if missing.is_empty() { "footbridge (beside `features`)".to_owned() } else { missing.join(", ") };
        return Err(ImportError::MissingColumns { file: file.to_owned(), mapping: name.to_owned(), missing });
    }
    let name = file.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let fits = |m: &&Mapping| m.missing(sheet).is_empty() && m.own_format == sheet.about.contains_key("footbridge");
    let rank = |m: &Mapping| (m.needs.len(), m.file_names.iter().any(|pattern| matches(pattern, &name)));
    // The first of equals, so that the answer doesn't depend on chance.
    let best = mappings.iter().filter(fits).rev().max_by_key(|m| rank(m));
    best.ok_or_else(|| {
        let columns = sheet.header.names.iter().take(12).cloned().collect::<Vec<_>>().join(", ");
        ImportError::UnknownColumns { file: file.to_owned(), columns, known: known() }
    })
}

/// Whether a file's name fits a pattern with at most one `*`.
fn matches(pattern: &str, name: &str) -> bool {
    let pattern = pattern.to_lowercase();
    match pattern.split_once('*') {
        None => pattern == name,
        Some((head, tail)) => name.strip_prefix(head).is_some_and(|rest| rest.ends_with(tail)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = "title = \"A\"\nneeds = [\"name\"]\n\n[columns]\nname = \"Name\"\n\n[[sources]]\nid = \"a\"\nlabel = \"A\"\n\
                         licence = \"CC0-1.0\"\n\n[kinds]\n\"Flicks\" = [\"cinema\"]\n";

    fn parse(text: &str) -> Result<Mapping, Mistake> {
        let kinds = ["cinema".to_owned()].into_iter().collect();
        Mapping::parse(&SettingsFile { path: "imports/a.toml".to_owned(), text: text.to_owned() }, Some(&kinds))
    }

    #[test]
    fn a_mistake_names_file_and_line() {
        assert!(parse(SOUND).is_ok());
        for (from, to, line, says) in [
            ("[\"cinema\"]", "[\"cinma\"]", 13, "no kind `cinma`"),
            ("name = \"Name\"", "nam = \"Name\"", 5, "unknown field `nam`"),
            ("name = \"Name\"", "lat = \"Name\"", 4, "`name`"),
            ("title = \"A\"", "title = A", 1, ""),
            ("needs = [\"name\"]", "", 1, "`needs`"),
            ("[columns]", "[opening]\ndays = [\"a\"]\n[columns]", 4, "seven"),
            ("[[sources]]\nid = \"a\"\nlabel = \"A\"\nlicence = \"CC0-1.0\"", "", 4, "[[sources]]"),
        ] {
            let mistake = parse(&SOUND.replacen(from, to, 1)).expect_err(to);
            assert_eq!((mistake.line, mistake.message.contains(says)), (line, true), "{to}: {mistake}");
            assert!(mistake.to_string().starts_with("search-config/imports/a.toml:"));
        }
    }

    fn shipped(name: &str) -> Mapping {
        load(&SettingsFiles::default()).expect("sound").into_iter().find(|m| m.name == name).expect("shipped")
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

    #[test]
    fn patterns_take_one_star() {
        assert!(matches("gla2023-*", "gla2023-cinemas.csv") && matches("*.csv", "a.csv") && matches("a.csv", "a.csv"));
        assert!(!matches("gla2023-*", "gla2019-pubs.csv") && !matches("ab*ba", "aba"));
    }
}
