//! GeoJSON, feature by feature, so that a large file takes little memory.

use std::io::BufRead;

use serde_json::{Map, Value};

use super::{error::Fault, text::decode};

/// Most bytes of one feature; a longer one is rejected.
const FEATURE_LIMIT: usize = 1 << 20;

/// One element of `features`.
pub(super) struct Feature {
    /// The line it begins on, from 1.
    pub(super) line: u64,
    /// Its text; none where it is longer than allowed.
    pub(super) text: Option<String>,
}

/// A feature collection, read from its start to its end.
pub(super) struct Features<R> {
    input: R,
    line: u64,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the opening brace.
    Start,
    /// Among the members of the collection; the flag says that one has gone before.
    Members(bool),
    /// In `features`; the flag says that one has gone before.
    Features(bool),
    End,
}

/// What comes next in a feature collection.
pub(super) enum Part {
    Member(String, Value),
    Feature(Feature),
}

impl<R: BufRead> Features<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, line: 1, state: State::Start }
    }

    /// The next member or feature; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<Part>, Fault> {
        loop {
            let next = self.peek()?;
            match (self.state, next) {
                (State::Start, b'{') => self.go(State::Members(false))?,
                (State::Start, _) => return Err(self.wrong("this is JSON, but not a GeoJSON FeatureCollection")),
                (State::Members(_), b'}') => return self.end(),
                (State::Members(true), b',') | (State::Features(true), b',') => {
                    self.take()?;
                    self.state = if self.state == State::Members(true) { State::Members(false) } else { State::Features(false) };
                }
                (State::Members(false), b'"') => {
                    if let Some(part) = self.member()? {
                        return Ok(Some(part));
                    }
                }
                (State::Features(_), b']') => self.go(State::Members(true))?,
                (State::Features(false), _) => return self.feature().map(Some),
                (State::End, _) => return Ok(None),
                _ => return Err(self.wrong("this is not sound JSON")),
            }
        }
    }

    fn go(&mut self, to: State) -> Result<(), Fault> {
        self.take()?;
        self.state = to;
        Ok(())
    }

    fn end(&mut self) -> Result<Option<Part>, Fault> {
        self.go(State::End)?;
        Ok(None)
    }

    /// A member's name and value; none where it is `features`, which is read one by one.
    fn member(&mut self) -> Result<Option<Part>, Fault> {
        let name: String = self.parsed()?;
        if self.peek()? != b':' {
            return Err(self.wrong("this is not sound JSON: a colon is missing"));
        }
        self.take()?;
        if name == "features" {
            if self.peek()? != b'[' {
                return Err(self.wrong("`features` is not a list"));
            }
            self.go(State::Features(false))?;
            return Ok(None);
        }
        let value = self.parsed()?;
        self.state = State::Members(true);
        Ok(Some(Part::Member(name, value)))
    }

    fn feature(&mut self) -> Result<Part, Fault> {
        let line = self.line;
        let text = self.value()?;
        self.state = State::Features(true);
        Ok(Part::Feature(Feature { line, text }))
    }

    fn parsed<T: serde::de::DeserializeOwned>(&mut self) -> Result<T, Fault> {
        let line = self.line;
        let text = self.value()?.ok_or_else(|| Fault::new(Some(line), "a value is longer than 1 MB"))?;
        serde_json::from_str(&text).map_err(|cause| Fault::new(Some(line), format!("this is not sound JSON: {cause}")))
    }

    /// The text of the value that begins here; none where it is too long.
    fn value(&mut self) -> Result<Option<String>, Fault> {
        self.peek()?;
        let mut bytes = Vec::new();
        let (mut depth, mut in_string, mut escaped, mut too_long) = (0_u32, false, false, false);
        loop {
            let byte = self.here()?;
            let ends_before = depth == 0 && !in_string && !bytes.is_empty() && matches!(byte, b',' | b'}' | b']' | b':');
            if ends_before {
                break;
            }
            self.take()?;
            if bytes.len() < FEATURE_LIMIT {
                bytes.push(byte)
            } else {
                too_long = true
            }
            match byte {
                _ if escaped => escaped = false,
                b'\\' if in_string => escaped = true,
                b'"' => in_string = !in_string,
                b'{' | b'[' if !in_string => depth += 1,
                b'}' | b']' if !in_string => {
                    depth = depth.checked_sub(1).ok_or_else(|| self.wrong("this is not sound JSON"))?;
                    if depth == 0 {
                        break;
                    }
                }
                _ => {}
            }
        }
        Ok((!too_long).then(|| decode(&bytes).into_owned()))
    }

    /// The next byte that isn't white space, left in place; a space after the end of the collection.
    fn peek(&mut self) -> Result<u8, Fault> {
        if self.state == State::End {
            return Ok(b' ');
        }
        loop {
            match self.here()? {
                b' ' | b'\t' | b'\r' | b'\n' | 0 => self.take()?,
                byte => return Ok(byte),
            }
        }
    }

    fn here(&mut self) -> Result<u8, Fault> {
        match self.input.fill_buf() {
            Ok([byte, ..]) => Ok(*byte),
            Ok([]) => Err(Fault::new(Some(self.line), "the file ends in the middle; it is cut short")),
            Err(cause) => Err(Fault::io(self.line, &cause)),
        }
    }

    fn take(&mut self) -> Result<(), Fault> {
        let byte = self.here()?;
        self.line += u64::from(byte == b'\n');
        self.input.consume(1);
        Ok(())
    }

    fn wrong(&self, message: &str) -> Fault {
        Fault::new(Some(self.line), message)
    }
}

/// A feature's latitude and longitude; for lines and areas, the middle of the box around them.
pub(super) fn position(geometry: Option<&Value>) -> Option<(f64, f64)> {
    let mut span: Option<(f64, f64, f64, f64)> = None;
    collect(geometry?.get("coordinates")?, &mut span);
    span.map(|(south, west, north, east)| (f64::midpoint(south, north), f64::midpoint(west, east)))
}

fn collect(coordinates: &Value, span: &mut Option<(f64, f64, f64, f64)>) {
    let Some(list) = coordinates.as_array() else { return };
    match (list.first().and_then(Value::as_f64), list.get(1).and_then(Value::as_f64)) {
        (Some(lon), Some(lat)) => {
            let (south, west, north, east) = span.unwrap_or((lat, lon, lat, lon));
            *span = Some((south.min(lat), west.min(lon), north.max(lat), east.max(lon)));
        }
        _ => list.iter().for_each(|part| collect(part, span)),
    }
}

/// A property as one cell of a table.
pub(super) fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A feature's properties; an empty map where it has none.
pub(super) fn properties(feature: &Value) -> Map<String, Value> {
    feature.get("properties").and_then(Value::as_object).cloned().unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "tests may stop")]
mod tests {
    use super::*;

    fn parts(text: &str) -> Result<Vec<String>, Fault> {
        let mut features = Features::new(std::io::BufReader::with_capacity(3, text.as_bytes()));
        let mut found = Vec::new();
        while let Some(part) = features.next()? {
            found.push(match part {
                Part::Member(name, value) => format!("{name}={value}"),
                Part::Feature(feature) => format!("{}:{}", feature.line, feature.text.unwrap_or_default()),
            });
        }
        Ok(found)
    }

    #[test]
    fn members_and_features_come_in_their_order() {
        let text =
            "{\"type\": \"FeatureCollection\", \"features\": [\n {\"a\": \"]}\\\"\"},\n{}\n], \"n\": 3, \"o\": {\"x\": []} }\n";
        let expected = ["type=\"FeatureCollection\"", "2:{\"a\": \"]}\\\"\"}", "3:{}", "n=3", "o={\"x\":[]}"];
        assert_eq!(parts(text).expect("sound"), expected);
        assert_eq!(parts("{\"features\":[]}").expect("sound"), Vec::<String>::new());
    }

    #[test]
    fn a_file_cut_anywhere_is_a_fault() {
        let text = "{\"type\": \"FeatureCollection\",\n\"features\": [{\"a\": 1}, {\"b\": [2]}], \"n\": 3}";
        for end in 0..text.len() {
            assert!(parts(&text[..end]).is_err(), "cut after {}", &text[..end]);
        }
    }

    #[test]
    fn what_is_no_collection_is_a_fault() {
        for text in
            ["[]", "{\"features\": 3}", "{\"a\" 3}", "{,}", "{\"features\": [}]}", "{\"a\": 1 \"b\": 2}", "{\"a\": nonsense}"]
        {
            assert!(parts(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_area_lies_at_the_middle_of_its_box() {
        let square =
            serde_json::json!({"type": "Polygon", "coordinates": [[[0.0, 51.0], [0.2, 51.0], [0.2, 51.4], [0.0, 51.0]]]});
        assert_eq!(position(Some(&square)), Some((51.2, 0.1)));
        assert_eq!(position(Some(&Value::Null)), None);
    }
}
