//! A mapping as it stands in its file, with its checks: a mistake names file and line.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::{
    error::ImportError,
    gate::Known,
    mapping::{ByPart, Columns, LeaveOut, Mapping, Names, OpeningWords, Parted, SharedBuilding, Source, StatusRule, plain},
    provenance,
};
use crate::{
    settings_files::{Mistake, SettingsFile, SettingsFiles},
    vocabulary::KindId,
};

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
            &mut c.name,
            &mut c.description,
            &mut c.postcode,
            &mut c.lat,
            &mut c.lon,
            &mut c.borough,
            &mut c.borough_code,
            &mut c.council,
            &mut c.phone,
            &mut c.email,
            &mut c.website,
            &mut c.category,
            &mut c.source,
            &mut c.source_id,
            &mut c.licence,
            &mut c.date,
            &mut c.position,
        ];
        let lists = c.address.iter_mut().flat_map(|names| match names {
            Names::One(name) => std::slice::from_mut(name),
            Names::Many(names) => names.as_mut_slice(),
        });
        let days = self.opening.iter_mut().flat_map(|opening| opening.days.iter_mut().chain(&mut opening.hours));
        let rules =
            self.status.iter_mut().map(|rule| &mut rule.column).chain(self.leave_out.iter_mut().map(|rule| &mut rule.column));
        let also = self.shared_building.iter_mut().flat_map(|shared| &mut shared.also);
        for name in single.into_iter().flatten().chain(lists).chain(days).chain(rules).chain(also).chain(&mut self.needs) {
            *name = name.to_lowercase();
        }
        if let Some(shared) = &mut self.shared_building {
            shared.columns =
                std::mem::take(&mut shared.columns).into_iter().map(|(name, words)| (name.to_lowercase(), words)).collect();
        }
    }
}

/// The mapping in this file, or its first mistake. `known` are the kinds there are, where that is known.
fn parse(file: &SettingsFile, known: Option<&Known>) -> Result<Mapping, Mistake> {
    let mut raw: File = toml::from_str(&file.text).map_err(|cause| {
        let line = cause.span().map_or(1, |span| line_at(&file.text, span.start));
        mistake(file, line, cause.message())
    })?;
    check(file, &raw, known)?;
    raw.lower_columns();
    let values = |list: &[Spanned<String>]| list.iter().map(|kind| KindId::from(kind.as_ref().as_str())).collect::<Vec<_>>();
    let by_part = raw.kinds_by_part.iter().map(|rule| Parted {
        begins: plain(&rule.begins),
        otherwise: values(&rule.otherwise),
        parts: rule.parts.iter().map(|(part, list)| (plain(part), values(list))).collect(),
    });
    Ok(Mapping {
        name: file.path.rsplit('/').next().unwrap_or_default().trim_end_matches(".toml").to_owned(),
        by_part: by_part.collect(),
        kinds: raw.kinds.iter().map(|(word, list)| (plain(word), values(list))).collect(),
        categories: raw.kinds.keys().cloned().collect(),
        only_source: raw.columns.source.is_none().then(|| raw.sources.first().map(|s| s.id.clone())).flatten(),
        sources: raw.sources.into_iter().map(|source| (source.id.clone(), in_one_spelling(source))).collect(),
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

fn in_one_spelling(source: Source) -> Source {
    let licence = provenance::licence(&source.licence).map_or_else(|| source.licence.clone(), str::to_owned);
    Source { licence, date: source.date.as_deref().and_then(provenance::dated), ..source }
}

fn mistake(file: &SettingsFile, line: usize, message: impl Into<String>) -> Mistake {
    Mistake { file: file.path.clone(), line, message: message.into() }
}

fn line_at(text: &str, byte: usize) -> usize {
    text.as_bytes().iter().take(byte).filter(|b| **b == b'\n').count() + 1
}

fn check(file: &SettingsFile, raw: &File, known: Option<&Known>) -> Result<(), Mistake> {
    let at = |word: &str| line_at(&file.text, file.text.find(word).unwrap_or(0));
    let parts = raw.kinds_by_part.iter().flat_map(|rule| rule.parts.values().chain(std::iter::once(&rule.otherwise)));
    for kind in raw.kinds.values().chain(parts).flatten() {
        if known.is_some_and(|known| !known.has_kind(kind.as_ref())) {
            let message = format!("there is no kind `{}` in vocabulary/kinds.toml", kind.as_ref());
            return Err(mistake(file, line_at(&file.text, kind.span().start), message));
        }
    }
    for source in &raw.sources {
        if provenance::licence(&source.licence).is_none() {
            let message = format!("we know no licence `{}`; write an SPDX name such as OGL-UK-3.0", source.licence);
            return Err(mistake(file, at(&source.licence), message));
        }
        if let Some(date) = source.date.as_ref().filter(|date| provenance::dated(date).is_none()) {
            return Err(mistake(file, at(date), "`date` has to be a year, a month or a day, such as 2026-03"));
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
pub(super) fn load(files: &SettingsFiles, known: Option<&Known>) -> Result<Vec<Mapping>, ImportError> {
    let found = files.below("imports/").map_err(ImportError::Mappings)?;
    found.iter().map(|file| parse(file, known).map_err(ImportError::Mistake)).collect()
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "tests may stop")]
mod tests {
    use super::*;

    const SOUND: &str = "title = \"A\"\nneeds = [\"name\"]\n\n[columns]\nname = \"Name\"\n\n[[sources]]\nid = \"a\"\nlabel = \"A\"\n\
                         licence = \"CC0-1.0\"\n\n[kinds]\n\"Flicks\" = [\"cinema\"]\n";

    fn parse(text: &str) -> Result<Mapping, Mistake> {
        let known = Known::of_kinds(&["cinema"]);
        super::parse(&SettingsFile { path: "imports/a.toml".to_owned(), text: text.to_owned().into() }, Some(&known))
    }

    #[test]
    fn a_mistake_names_file_and_line() {
        assert!(parse(SOUND).is_ok());
        for (from, to, line, says) in [
            ("[\"cinema\"]", "[\"cinma\"]", 13, "no kind `cinma`"),
            ("name = \"Name\"", "nam = \"Name\"", 5, "unknown field `nam`"),
            ("name = \"Name\"", "lat = \"Name\"", 4, "`name`"),
            ("CC0-1.0", "All mine", 10, "no licence `All mine`"),
            ("licence =", "date = \"lately\"\nlicence =", 10, "a year"),
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
}
