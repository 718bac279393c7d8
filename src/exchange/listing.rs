//! One publisher's row, read through its mapping: what it says of a venue, mended, with gaps filled from postcode and point.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    contact::{Contact, Located, contact, is_email, is_phone, located, split_postcode},
    gate::{self, Known, NAME_LIMIT},
    gazetteer::Gazetteer,
    mapping::{Mapping, Source},
    provenance,
    sheet::Row,
    text::{fold, known},
};
use crate::{
    places,
    values::{Point, Postcode, is_district},
    venues::{Facts, Field, How, Precision, Schedule},
};

/// Longest id of a row, in bytes.
const ID_LIMIT: usize = 500;

/// What a row says, as it is kept beside the row itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Listing {
    /// A plain name for the data set.
    pub(super) label: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) category: Option<String>,
    pub(super) facts: Facts,
    /// How the values came to be that the publisher didn't give.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) how: BTreeMap<Field, How>,
}

/// A row that is read.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) source: String,
    pub(super) source_id: Option<String>,
    pub(super) licence: String,
    pub(super) dated: Option<String>,
    /// Where two rows may be told to be one place although the points aren't sure: the district, or the address.
    pub(super) locality: Option<String>,
    pub(super) listing: Listing,
    /// What was mended that a person may want to hear of.
    pub(super) notes: Vec<String>,
}

/// Everything a row is read with.
pub(super) struct Reader<'a> {
    pub(super) mapping: &'a Mapping,
    pub(super) gazetteer: &'a Gazetteer,
    /// The kinds and activities that there are, where that is known.
    pub(super) known: Option<&'a Known>,
    /// What a file in our own format says of itself.
    pub(super) own: Option<Source>,
    /// The category that the file's name tells.
    pub(super) category: Option<String>,
}

/// The data set that a GeoJSON file in our own format names.
pub(super) fn own_source(about: &Map<String, Value>) -> Option<Source> {
    let own = about.get("footbridge")?;
    let text = |name: &str| own.get(name).and_then(Value::as_str).and_then(known);
    let id = text("source")?;
    Some(Source {
        label: text("label").or_else(|| text("attribution")).unwrap_or_else(|| id.clone()),
        licence: provenance::licence(&text("licence")?)?.to_owned(),
        date: text("date"),
        position: None,
        id,
    })
}

impl Reader<'_> {
    /// What the row says, or why it is no venue.
    pub(super) fn read(&self, row: &Row) -> Result<Draft, String> {
        let cell = |column: &str| known(row.cell(column)).filter(|text| !self.mapping.is_unknown(text));
        if let Some(reason) = self.mapping.left_out(cell) {
            return Err(reason.to_owned());
        }
        let at = |column: &Option<String>| column.as_deref().and_then(cell);
        let columns = &self.mapping.columns;
        let set = self.source(at(&columns.source).as_deref())?;
        let mut notes = Vec::new();
        let source_id = if self.mapping.own_format { cell("id") } else { at(&columns.source_id) };
        if source_id.as_ref().is_some_and(|id| id.len() > ID_LIMIT) {
            return Err(format!("its id is longer than {ID_LIMIT} letters"));
        }
        let mut draft = Draft {
            source_id,
            licence: licence(at(&columns.licence), set)?,
            dated: dated(at(&columns.date), &mut notes).or_else(|| dated(set.date.clone(), &mut notes)),
            locality: None,
            listing: Listing {
                label: set.label.clone(),
                category: at(&columns.category).or_else(|| self.category.clone()),
                facts: Facts::default(),
                how: BTreeMap::new(),
            },
            notes,
            source: set.id.clone(),
        };
        let district =
            if self.mapping.own_format { self.own_facts(row, &mut draft)? } else { self.facts(row, &cell, set, &mut draft)? };
        gate::shorten(&mut draft.listing.facts, &mut draft.notes);
        self.fill(&mut draft, district);
        Ok(draft)
    }

    fn source(&self, named: Option<&str>) -> Result<&Source, String> {
        if let Some(own) = &self.own {
            return Ok(own);
        }
        let id = named.or(self.mapping.only_source.as_deref()).ok_or("it doesn't say which data set it is from")?;
        self.mapping.sources.get(id).ok_or_else(|| format!("the mapping `{}` knows no data set `{id}`", self.mapping.name))
    }

    /// A feature of our own format: its properties are a venue's fields.
    fn own_facts(&self, row: &Row, draft: &mut Draft) -> Result<Option<String>, String> {
        let mut properties = row.properties.clone().ok_or("it is no GeoJSON feature")?;
        properties.remove("id");
        let mut facts = gate::facts(properties, self.known, &mut draft.notes)?;
        facts.name = named(known(&facts.name))?;
        facts.point = point(row, &None, &None, &mut draft.notes).or(facts.point);
        facts.precision = facts.point.map(|_| facts.precision.unwrap_or(Precision::Exact));
        draft.listing.facts = facts;
        Ok(None)
    }

    /// Fills in what the columns say; gives the postcode district where only that is known.
    fn facts(&self, row: &Row, cell: Cell<'_>, set: &Source, draft: &mut Draft) -> Result<Option<String>, String> {
        let columns = &self.mapping.columns;
        let at = |column: &Option<String>| column.as_deref().and_then(cell);
        let listing = &mut draft.listing;
        let facts = &mut listing.facts;
        facts.name = named(at(&columns.name))?;
        facts.kinds = listing.category.as_deref().and_then(|category| self.mapping.kinds(category)).unwrap_or_default();
        let postcode = at(&columns.postcode);
        facts.postcode = postcode.as_deref().and_then(|text| text.parse().ok());
        if let Some(names) = &columns.address {
            let parts: Vec<String> = names.list().iter().filter_map(|name| cell(name)).collect();
            (facts.address, facts.postcode) = address(&parts, &facts.name, facts.postcode.as_ref());
        }
        facts.point = point(row, &at(&columns.lat), &at(&columns.lon), &mut draft.notes);
        let position = at(&columns.position).map(|word| Precision::from_code(&word).unwrap_or(Precision::Exact));
        facts.precision = facts.point.map(|_| position.or(set.position).unwrap_or(Precision::Exact));
        facts.borough = at(&columns.borough_code)
            .and_then(|code| places::borough_by_code(&code).map(|borough| borough.name.clone()))
            .or_else(|| at(&columns.borough).map(|name| borough_named(&name).unwrap_or(name)))
            .or_else(|| at(&columns.council).and_then(|name| borough_named(&name)));
        facts.description = at(&columns.description).or_else(|| self.shared_building(cell));
        self.contacts(cell, facts, &mut draft.notes);
        facts.status = self.mapping.status(cell);
        facts.opening = self.opening(cell);
        Ok(postcode.map(|text| text.to_ascii_uppercase()).and_then(|text| {
            let district = text.split(' ').next().unwrap_or_default();
            is_district(district).then(|| district.to_owned())
        }))
    }

    fn contacts(&self, cell: Cell<'_>, facts: &mut Facts, notes: &mut Vec<String>) {
        let columns = &self.mapping.columns;
        let at = |column: &Option<String>| column.as_deref().and_then(cell);
        facts.phone = at(&columns.phone).filter(|text| is_phone(text));
        facts.email = at(&columns.email).filter(|text| is_email(text));
        match at(&columns.website).map(|text| contact(&text)) {
            Some(Some(Contact::Website(site))) => facts.website = Some(site),
            Some(Some(Contact::Phone(number))) => facts.phone = facts.phone.take().or(Some(number)),
            Some(Some(Contact::Email(email))) => facts.email = facts.email.take().or(Some(email)),
            Some(None) => notes.push("websites that can't be read, left out".to_owned()),
            None => {}
        }
    }

    /// Opening times as words, days with the same words together.
    fn opening(&self, cell: Cell<'_>) -> Option<Schedule> {
        const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
        let opening = self.mapping.opening.as_ref()?;
        let says = |column: &String| cell(column).map(|word| opening.words.get(&word.to_lowercase()).cloned().unwrap_or(word));
        let mut spans: Vec<(usize, usize, String)> = Vec::new();
        for (day, column) in opening.days.iter().enumerate() {
            let Some(word) = says(column).filter(|word| !word.is_empty()) else { continue };
            match spans.last_mut() {
                Some((_, last, same)) if *same == word && *last + 1 == day => *last = day,
                _ => spans.push((day, day, word)),
            }
        }
        let days = |first: usize, last: usize| match last - first {
            0 => DAYS[first].to_owned(),
            1 => format!("{} and {}", DAYS[first], DAYS[last]),
            _ => format!("{} to {}", DAYS[first], DAYS[last]),
        };
        let mut parts: Vec<String> = spans.iter().map(|(first, last, word)| format!("{}: {word}", days(*first, *last))).collect();
        let hours = opening.hours.as_deref().and_then(cell).filter(|hours| hours.parse::<f64>().is_ok_and(|n| n > 0.0));
        parts.extend(hours.filter(|_| !parts.is_empty()).map(|hours| format!("{hours} hours a week")));
        (!parts.is_empty()).then(|| Schedule { note: Some(format!("{}.", parts.join("; "))), ..Schedule::default() })
    }

    /// A sentence on what else is in the building.
    fn shared_building(&self, cell: Cell<'_>) -> Option<String> {
        let shared = self.mapping.shared_building.as_ref()?;
        let mut others: Vec<String> =
            shared.columns.iter().filter(|(column, _)| cell(column).is_some()).map(|(_, words)| words.clone()).collect();
        others.extend(shared.also.as_deref().and_then(cell).filter(|text| !text.starts_with('[')));
        (!others.is_empty()).then(|| format!("{} {}.", shared.begin, others.join(", ")))
    }
}

/// The usual spelling of a borough that we know.
pub(super) fn borough_named(name: &str) -> Option<String> {
    places::borough_by_name(name).map(|borough| borough.name.clone())
}

/// A clean cell of a row by its column.
type Cell<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The row's point, the right way round: from its columns, or from a feature's geometry.
fn point(row: &Row, lat: &Option<String>, lon: &Option<String>, notes: &mut Vec<String>) -> Option<Point> {
    let drawn = row.position.map(|(lat, lon)| (lat.to_string(), lon.to_string()));
    let written = lat.as_deref().zip(lon.as_deref());
    let (lat, lon) = written.or_else(|| drawn.as_ref().map(|(lat, lon)| (lat.as_str(), lon.as_str())))?;
    match located(Some(lat), Some(lon)) {
        Located::Good(point) => Some(point),
        Located::Swapped(point) => {
            notes.push("points with latitude and longitude the wrong way round, put right".to_owned());
            Some(point)
        }
        Located::Wrong | Located::Unknown => {
            notes.push("points that can't be right, left out".to_owned());
            None
        }
    }
}

fn named(name: Option<String>) -> Result<String, String> {
    let name = name.ok_or("it has no name")?;
    let length = name.chars().count();
    if length > NAME_LIMIT { Err(format!("its name has {length} letters")) } else { Ok(name) }
}

/// One address line from several, without what stands there twice; a postcode among them is taken out.
fn address(parts: &[String], name: &str, given: Option<&Postcode>) -> (Option<String>, Option<Postcode>) {
    let (mut lines, mut postcode): (Vec<String>, _) = (Vec::new(), given.cloned());
    for part in parts {
        let (rest, found) = split_postcode(part);
        let another = given.is_some() && found.is_some() && found.as_ref() != given;
        let rest = if another { part } else { rest };
        postcode = postcode.or(found);
        let line = rest.trim_matches([' ', ',']);
        let twice = lines.iter().any(|before| before.eq_ignore_ascii_case(line));
        if !line.is_empty() && !twice && fold(line) != fold(name) {
            lines.push(line.to_owned());
        }
    }
    ((!lines.is_empty()).then(|| lines.join(", ")), postcode)
}

/// The licence of a row: its own, or else its data set's.
fn licence(own: Option<String>, set: &Source) -> Result<String, String> {
    let Some(own) = own else { return Ok(set.licence.clone()) };
    provenance::licence(&own).map(str::to_owned).ok_or_else(|| format!("we don't know its licence, `{own}`"))
}

fn dated(text: Option<String>, notes: &mut Vec<String>) -> Option<String> {
    let text = text?;
    let dated = provenance::dated(&text);
    if dated.is_none() {
        notes.push("the date of the data can't be read, left out".to_owned());
    }
    dated
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "tests may stop")]
mod tests {
    use super::*;
    use crate::{exchange::mapping_file::load, settings_files::SettingsFiles};

    fn read(mapping: &str, cells: &[(&str, &str)]) -> Result<Draft, String> {
        let mappings = load(&SettingsFiles::default(), None).expect("sound");
        let mapping = mappings.iter().find(|m| m.name == mapping).expect("shipped");
        let mut gazetteer = Gazetteer::default();
        gazetteer.finish();
        Reader { mapping, gazetteer: &gazetteer, known: None, own: None, category: None }.read(&Row::of(cells))
    }

    #[test]
    fn an_address_comes_without_its_postcode_and_without_the_name() {
        let draft = read(
            "gla-2023",
            &[
                ("name", " Kingsgate Workshops"),
                ("address1", "Kingsgate Workshops"),
                ("address2", "110-116 Kingsgate Road\nKilburn,"),
                ("address3", "NW6 2JG"),
                ("borough_code", "E09000007"),
                ("website", "www.kingsgateworkshops.org.uk"),
                ("latitude", "51.54434518"),
                ("longitude", "-0.196835746"),
                ("easting", "1"),
            ],
        );
        let facts = draft.expect("a venue").listing.facts;
        assert_eq!(facts.name, "Kingsgate Workshops");
        assert_eq!(facts.address.as_deref(), Some("110-116 Kingsgate Road Kilburn"));
        assert_eq!(facts.postcode.map(|p| p.to_string()).as_deref(), Some("NW6 2JG"));
        assert_eq!(facts.borough.as_deref(), Some("Camden"));
        assert_eq!(facts.website.map(String::from).as_deref(), Some("http://www.kingsgateworkshops.org.uk/"));
        assert_eq!(facts.point, Point::new(51.54435, -0.19684));
    }

    #[test]
    fn a_library_tells_its_hours_its_neighbours_and_whether_it_is_closed() {
        let open = [
            ("name", "Watchet"),
            ("authority", "Somerset"),
            ("postcode", "TA23 0AJ"),
            ("type", "Static Library"),
            ("monday", "AM Only"),
            ("tuesday", "AM Only"),
            ("wednesday", "Closed"),
            ("friday", "All Day (continuous)"),
            ("saturday", "All Day (continuous)"),
            ("sunday", "All day (continuous)"),
            ("hours", "35"),
            ("co_located_museum", "X"),
            ("co_located_other_text", "Nursery"),
        ];
        let draft = read("ace-libraries", &open).expect("a venue");
        let facts = &draft.listing.facts;
        let hours = facts.opening.as_ref().and_then(|opening| opening.note.as_deref());
        let all_day = "morning, afternoon and evening";
        let right = format!("Monday and Tuesday: morning; Wednesday: closed; Friday to Sunday: {all_day}; 35 hours a week.");
        assert_eq!(hours, Some(right.as_str()));
        assert_eq!(facts.description.as_deref(), Some("In the same building: a museum, Nursery."));
        assert_eq!((facts.status, facts.borough.as_deref()), (None, None));
        assert_eq!((facts.precision, draft.locality.as_deref()), (Some(Precision::Sector), Some("TA23")));
        let closed = [("name", "Old"), ("closed", "2017"), ("monday", "N/A Closed"), ("postcode", "[Unknown]")];
        let facts = read("ace-libraries", &closed).expect("a venue").listing.facts;
        assert_eq!((facts.status, facts.opening, facts.postcode), (Some(crate::venues::Status::Closed), None, None));
        let prison = [("name", "HMP"), ("type", "Prison Library")];
        assert!(read("ace-libraries", &prison).expect_err("left out").contains("prison"));
    }

    #[test]
    fn the_borough_of_an_address_counts_in_london_only() {
        let row = |lat| {
            [
                ("source", "hmrc-casc"),
                ("name", "Club"),
                ("address", "High Street, SUTTON"),
                ("postcode", "SM1"),
                ("lat", lat),
                ("lon", "-0.19"),
            ]
        };
        let here = read("london", &row("51.36")).expect("a venue");
        assert_eq!(here.listing.facts.borough.as_deref(), Some("Sutton"));
        assert_eq!((here.listing.facts.precision, here.locality.as_deref()), (Some(Precision::Sector), Some("SM1")));
        assert_eq!(read("london", &row("53.39")).expect("a venue").listing.facts.borough, None);
    }

    #[test]
    fn a_row_without_a_usable_name_is_no_venue() {
        for (name, says) in [("", "no name"), ("n/a", "no name"), (&*"x".repeat(201), "201 letters")] {
            assert!(read("london", &[("source", "hmrc-casc"), ("name", name)]).expect_err(name).contains(says));
        }
    }
}
