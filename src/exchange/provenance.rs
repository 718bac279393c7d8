//! How old data is and under which licence it stands, as publishers write it, in one spelling.

use chrono::{Datelike, NaiveDate};

/// Licences that we know, by SPDX id.
const LICENCES: [&str; 10] = [
    "OGL-UK-3.0",
    "OGL-UK-2.0",
    "CC0-1.0",
    "PDDL-1.0",
    "CC-BY-3.0",
    "CC-BY-4.0",
    "CC-BY-SA-3.0",
    "CC-BY-SA-4.0",
    "ODC-By-1.0",
    "ODbL-1.0",
];

/// Other spellings, without case and punctuation, and the id that is meant.
const SPELLINGS: [(&str, &str); 29] = [
    ("ogl", "OGL-UK-3.0"),
    ("ogl3", "OGL-UK-3.0"),
    ("ogl30", "OGL-UK-3.0"),
    ("oglv3", "OGL-UK-3.0"),
    ("oglv30", "OGL-UK-3.0"),
    ("ogluk", "OGL-UK-3.0"),
    ("ogluk3", "OGL-UK-3.0"),
    ("ukogl", "OGL-UK-3.0"),
    ("opengovernmentlicence", "OGL-UK-3.0"),
    ("opengovernmentlicence3", "OGL-UK-3.0"),
    ("opengovernmentlicence30", "OGL-UK-3.0"),
    ("opengovernmentlicencev3", "OGL-UK-3.0"),
    ("opengovernmentlicencev30", "OGL-UK-3.0"),
    ("opengovernmentlicencev20", "OGL-UK-2.0"),
    ("odbl", "ODbL-1.0"),
    ("odbl1", "ODbL-1.0"),
    ("odcodbl", "ODbL-1.0"),
    ("odcodbl10", "ODbL-1.0"),
    ("opendatabaselicence", "ODbL-1.0"),
    ("opendatabaselicence10", "ODbL-1.0"),
    ("cc0", "CC0-1.0"),
    ("cc010universal", "CC0-1.0"),
    ("cczero", "CC0-1.0"),
    ("creativecommonszero", "CC0-1.0"),
    ("ccby", "CC-BY-4.0"),
    ("creativecommonsattribution40", "CC-BY-4.0"),
    ("creativecommonsattribution40international", "CC-BY-4.0"),
    ("ccbysa", "CC-BY-SA-4.0"),
    ("creativecommonsattributionsharealike40", "CC-BY-SA-4.0"),
];

/// The addresses at which licences stand, and the id that is meant.
const ADDRESSES: [(&str, &str); 6] = [
    ("nationalarchives.gov.uk/doc/open-government-licence/version/3", "OGL-UK-3.0"),
    ("nationalarchives.gov.uk/doc/open-government-licence/version/2", "OGL-UK-2.0"),
    ("opendatacommons.org/licenses/odbl", "ODbL-1.0"),
    ("creativecommons.org/publicdomain/zero/1.0", "CC0-1.0"),
    ("creativecommons.org/licenses/by/4.0", "CC-BY-4.0"),
    ("creativecommons.org/licenses/by-sa/4.0", "CC-BY-SA-4.0"),
];

/// The SPDX id of a licence that we know, from its usual spellings.
pub(super) fn licence(text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase().replace("license", "licence");
    let address = lower.replace("/licences/", "/licenses/");
    let bare: String = lower.chars().filter(|c| c.is_alphanumeric()).collect();
    let plain = |id: &str| id.to_lowercase().replace(['-', '.'], "");
    let by_id = LICENCES.into_iter().find(|id| plain(id) == bare);
    let by_address = || ADDRESSES.iter().find(|(part, _)| address.contains(part)).map(|(_, id)| *id);
    let by_name = || SPELLINGS.iter().find(|(name, _)| *name == bare.trim_start_matches("the")).map(|(_, id)| *id);
    by_id.or_else(by_name).or_else(by_address)
}

/// A year, a month or a day as `2023`, `2023-05` or `2023-05-01`; days are read the British way round.
pub(super) fn dated(text: &str) -> Option<String> {
    let text = text.trim();
    if text.len() == 4 {
        let year = text.parse().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()))?;
        return in_reach(NaiveDate::from_ymd_opt(year, 1, 1)?).map(|day| day.format("%Y").to_string());
    }
    if let Some(day) = day(text) {
        return Some(day.format("%Y-%m-%d").to_string());
    }
    // chrono wants a day.
    let with_day = format!("1 {text}");
    let month = ["%d %Y-%m", "%d %Y/%m", "%d %m/%Y", "%d %m-%Y", "%d %B %Y"]
        .iter()
        .find_map(|format| NaiveDate::parse_from_str(&with_day, format).ok());
    month.and_then(in_reach).map(|day| day.format("%Y-%m").to_string())
}

/// A day, the British way round; a time of day after it doesn't matter.
pub(super) fn day(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    let date = text.split_once('T').map_or(text, |(date, time)| if time.contains(':') { date } else { text });
    let date = date.rsplit_once(' ').map_or(date, |(date, time)| if time.contains(':') { date } else { text });
    let formats = ["%Y-%m-%d", "%Y/%m/%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d %B %Y", "%Y%m%d"];
    let found = formats.iter().find_map(|format| NaiveDate::parse_from_str(date, format).ok());
    found.and_then(in_reach)
}

/// "0023" and "20203" are slips.
fn in_reach(day: NaiveDate) -> Option<NaiveDate> {
    (1900..=2100).contains(&day.year()).then_some(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_a_year_a_month_or_a_day() {
        for (text, right) in [
            ("2023", Some("2023")),
            ("2023-05", Some("2023-05")),
            ("05/2023", Some("2023-05")),
            ("May 2023", Some("2023-05")),
            ("2023-05-01", Some("2023-05-01")),
            ("01/05/2023", Some("2023-05-01")),
            ("31/12/2023", Some("2023-12-31")),
            ("1 May 2023", Some("2023-05-01")),
            ("2023-05-01T10:00:00Z", Some("2023-05-01")),
            ("01/05/2023 10:00", Some("2023-05-01")),
            ("12/31/2023", None),
            ("2023-13", None),
            ("31/02/2023", None),
            ("0023-05-01", None),
            ("01/05/23", None),
            ("20203", None),
            ("last summer", None),
            ("", None),
        ] {
            assert_eq!(dated(text).as_deref(), right, "{text}");
        }
    }

    #[test]
    fn licences_are_known_by_their_usual_spellings() {
        for (text, right) in [
            ("OGL-UK-3.0", Some("OGL-UK-3.0")),
            ("ogl uk 3.0", Some("OGL-UK-3.0")),
            ("Open Government Licence v3.0", Some("OGL-UK-3.0")),
            ("http://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/", Some("OGL-UK-3.0")),
            ("ODbL", Some("ODbL-1.0")),
            ("Open Database License 1.0", Some("ODbL-1.0")),
            ("https://creativecommons.org/licenses/by-sa/4.0/", Some("CC-BY-SA-4.0")),
            ("CC BY 4.0", Some("CC-BY-4.0")),
            ("CC0", Some("CC0-1.0")),
            ("CC-BY-NC-4.0", None),
            ("All rights reserved", None),
            ("", None),
        ] {
            assert_eq!(licence(text), right, "{text}");
        }
    }
}
