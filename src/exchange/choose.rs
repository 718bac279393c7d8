//! Which mapping a file is read with.

use super::{error::ImportError, mapping::Mapping, sheet::Sheet};

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

    #[test]
    fn patterns_take_one_star() {
        assert!(matches("gla2023-*", "gla2023-cinemas.csv") && matches("*.csv", "a.csv") && matches("a.csv", "a.csv"));
        assert!(!matches("gla2023-*", "gla2019-pubs.csv") && !matches("ab*ba", "aba") && !matches("*.csv", "a.csv.gz"));
    }
}
