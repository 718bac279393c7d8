//! A publisher's file as rows under named columns, whether it is CSV or GeoJSON.

use std::{collections::HashMap, path::Path, rc::Rc};

use serde_json::{Map, Value};

use super::{
    csv_rows::{CsvRows, Record},
    error::Fault,
    geojson::{self, Features, Part},
    source::{self, Format, Input},
    text::mend,
};

/// The names of the columns, in lower case, without blanks around them.
#[derive(Debug, Default)]
pub(super) struct Header {
    pub(super) names: Vec<String>,
    places: HashMap<String, usize>,
}

impl Header {
    fn new(names: impl IntoIterator<Item = String>) -> Self {
        let names: Vec<String> = names.into_iter().map(|name| mend(&name).trim().to_lowercase()).collect();
        let mut places = HashMap::with_capacity(names.len());
        for (at, name) in names.iter().enumerate() {
            places.entry(name.clone()).or_insert(at);
        }
        Self { names, places }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.places.contains_key(name)
    }
}

/// One row as the publisher wrote it.
pub(super) struct Row {
    /// Its line in the file, from 1.
    pub(super) line: u64,
    header: Rc<Header>,
    cells: Vec<String>,
    /// Latitude and longitude of a GeoJSON feature.
    pub(super) position: Option<(f64, f64)>,
    /// The properties of a GeoJSON feature.
    pub(super) properties: Option<Map<String, Value>>,
}

impl Row {
    /// The cell under this column, as it came.
    pub(super) fn cell(&self, column: &str) -> &str {
        self.header.places.get(column).and_then(|at| self.cells.get(*at)).map_or("", String::as_str)
    }

    /// The row as JSON: columns in their order, cells as they came.
    pub(super) fn raw(&self) -> Result<String, serde_json::Error> {
        if let Some(properties) = &self.properties {
            let position = self.position.map(|(lat, lon)| [lon, lat]);
            return serde_json::to_string(&serde_json::json!({"coordinates": position, "properties": properties}));
        }
        let cells = self.header.names.iter().zip(&self.cells).map(|(name, cell)| (name.clone(), Value::String(cell.clone())));
        serde_json::to_string(&cells.collect::<Map<_, _>>())
    }

    #[cfg(test)]
    pub(super) fn of(cells: &[(&str, &str)]) -> Self {
        let header = Rc::new(Header::new(cells.iter().map(|(name, _)| (*name).to_owned())));
        let cells = cells.iter().map(|(_, cell)| (*cell).to_owned()).collect();
        Self { line: 2, header, cells, position: None, properties: None }
    }
}

/// What a file gives, one at a time.
pub(super) enum Item {
    Row(Row),
    /// A row that can't be read, with the reason.
    Unreadable { line: u64, reason: String },
}

/// A file being read.
pub(super) struct Sheet {
    pub(super) header: Rc<Header>,
    /// What a GeoJSON file says of itself, beside its features.
    pub(super) about: Map<String, Value>,
    rows: Rows,
}

enum Rows {
    Csv(CsvRows<Input>, Record),
    GeoJson(Features<Input>),
}

impl Sheet {
    /// Opens a file and reads its header. A GeoJSON file is read to its end, to know its columns and that it is whole.
    pub(super) fn open(path: &Path) -> Result<Self, Fault> {
        let (input, format) = source::open(path)?;
        if format == Format::Csv {
            return Self::csv(input);
        }
        let (names, about) = survey(Features::new(input))?;
        let rows = Rows::GeoJson(Features::new(source::open(path)?.0));
        Ok(Self { header: Rc::new(Header::new(names)), about, rows })
    }

    fn csv(input: Input) -> Result<Self, Fault> {
        let mut rows = CsvRows::new(input)?;
        let mut record = Record::default();
        if !rows.read(&mut record)? {
            return Err(Fault::new(None, "the file is empty"));
        }
        if record.too_big {
            return Err(Fault::new(Some(1), "the first line is too long to be the names of columns"));
        }
        let header = Header::new((0..record.len()).map(|at| record.field(at).into_owned()));
        Ok(Self { header: Rc::new(header), about: Map::new(), rows: Rows::Csv(rows, record) })
    }

    /// Whether its points are drawn and not written in columns.
    pub(super) fn is_geojson(&self) -> bool {
        matches!(self.rows, Rows::GeoJson(_))
    }

    /// The next row; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<Item>, Fault> {
        match &mut self.rows {
            Rows::Csv(rows, record) => match rows.read(record)? {
                true => csv_row(&self.header, record).map(Some),
                false => Ok(None),
            },
            Rows::GeoJson(features) => loop {
                match features.next()? {
                    None => return Ok(None),
                    Some(Part::Member(..)) => {}
                    Some(Part::Feature(feature)) => return Ok(Some(feature_row(&self.header, &feature))),
                }
            },
        }
    }
}

fn csv_row(header: &Rc<Header>, record: &Record) -> Result<Item, Fault> {
    let line = record.line;
    if record.too_big {
        return Ok(Item::Unreadable { line, reason: "it is longer than 1 MB; a quote may be missing".to_owned() });
    }
    let (has, needs) = (record.len(), header.names.len());
    if has < needs && !record.ended {
        let message = format!("the file ends in the middle of a row ({has} of {needs} fields); it is cut short");
        return Err(Fault::new(Some(line), message));
    }
    let surplus = (needs..has).any(|at| !record.field(at).trim().is_empty());
    if has < needs || surplus {
        return Ok(Item::Unreadable { line, reason: format!("it has {has} fields where the header has {needs}") });
    }
    let cells = (0..needs).map(|at| record.field(at).into_owned()).collect();
    Ok(Item::Row(Row { line, header: header.clone(), cells, position: None, properties: None }))
}

fn feature_row(header: &Rc<Header>, feature: &geojson::Feature) -> Item {
    let line = feature.line;
    let Some(text) = &feature.text else {
        return Item::Unreadable { line, reason: "it is longer than 1 MB".to_owned() };
    };
    let value: Value = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(cause) => return Item::Unreadable { line, reason: format!("it is not sound JSON: {cause}") },
    };
    let properties = geojson::properties(&value);
    let by_name: HashMap<String, String> =
        properties.iter().map(|(name, value)| (name.trim().to_lowercase(), geojson::cell(value))).collect();
    let cells = header.names.iter().map(|name| by_name.get(name).cloned().unwrap_or_default()).collect();
    let position = geojson::position(value.get("geometry"));
    Item::Row(Row { line, header: header.clone(), cells, position, properties: Some(properties) })
}

/// The names of all properties, and the members beside the features.
fn survey(mut features: Features<Input>) -> Result<(Vec<String>, Map<String, Value>), Fault> {
    let (mut names, mut about) = (Vec::new(), Map::new());
    let mut seen = std::collections::HashSet::new();
    while let Some(part) = features.next()? {
        match part {
            Part::Member(name, value) => {
                about.insert(name, value);
            }
            Part::Feature(feature) => {
                let value: Value = feature.text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
                names.extend(geojson::properties(&value).keys().filter(|name| seen.insert((*name).clone())).cloned());
            }
        }
    }
    Ok((names, about))
}
