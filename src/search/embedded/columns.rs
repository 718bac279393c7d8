//! One segment's records in memory, column by column: what every question reads of every place it looks at.

use std::collections::HashMap;

use tantivy::{SegmentReader, TantivyDocument, schema::Value};

use super::{circle, record::Cursor, schema::Fields};
use crate::search::entry::{Hours, Profile, Traits};

/// Facts of one place that fit into few bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Row {
    /// Place in `Columns::profiles`.
    pub(super) profile: u32,
    /// The cheapest known cost in pence; `u32::MAX` where none is known.
    pub(super) cost: u32,
    /// Place in `Columns::boroughs`.
    pub(super) borough: u16,
    pub(super) access: u16,
    pub(super) checked: u16,
    pub(super) mark: u8,
    pub(super) flags: u8,
    /// Place in `Columns::traits`.
    pub(super) traits: u16,
}

pub(super) const ASSURED: u8 = 1;
pub(super) const PLACES_NOW: u8 = 2;
pub(super) const CLOSED_FOR_NOW: u8 = 4;
pub(super) const HAS_POINT: u8 = 8;
pub(super) const DATED: u8 = 16;

/// All places of a segment, by document number.
#[derive(Debug, Default)]
pub(super) struct Columns {
    pub(super) ids: Vec<u128>,
    /// Points on the ball.
    pub(super) points: Vec<[f64; 3]>,
    /// Codes of the points, in order.
    pub(super) codes: Vec<u32>,
    pub(super) rows: Vec<Row>,
    pub(super) profiles: Vec<Profile>,
    pub(super) boroughs: Vec<String>,
    /// Few places say anything here, so that most share one.
    pub(super) traits: Vec<Traits>,
    hours: Runs<Hours>,
    names: Runs<u8>,
    keys: Runs<u8>,
}

/// Lists of any length, one after another.
#[derive(Debug)]
struct Runs<T> {
    items: Vec<T>,
    ends: Vec<u32>,
}

impl<T> Default for Runs<T> {
    fn default() -> Self {
        Self { items: Vec::new(), ends: Vec::new() }
    }
}

impl<T: Copy> Runs<T> {
    fn push(&mut self, items: impl IntoIterator<Item = T>) {
        self.items.extend(items);
        self.ends.push(u32::try_from(self.items.len()).unwrap_or(u32::MAX));
    }

    fn get(&self, at: u32) -> &[T] {
        let at = at as usize;
        let from = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.items[from as usize..self.ends[at] as usize]
    }
}

/// Where the vocabulary's lists stand now, for an index made with an older one.
#[derive(Debug, Clone, Default)]
pub(super) struct Moved {
    /// For each old place the new one, if it is still there.
    pub(super) kinds: Vec<Option<u16>>,
    pub(super) activities: Vec<Option<u16>>,
}

impl Moved {
    fn profile(&self, profile: &Profile) -> Profile {
        let find = |list: &[Option<u16>], at: u16| list.get(usize::from(at)).copied().flatten();
        let mut kinds: Vec<u16> = profile.kinds.iter().filter_map(|at| find(&self.kinds, *at)).collect();
        let activities = profile.activities.iter().filter_map(|(at, sure)| Some((find(&self.activities, *at)?, *sure)));
        let mut activities: Vec<(u16, u8)> = activities.collect();
        let mut named: Vec<u16> = profile.named.iter().filter_map(|at| find(&self.kinds, *at)).collect();
        kinds.sort_unstable();
        named.sort_unstable();
        activities.sort_unstable();
        Profile { kinds, named, activities, domains: profile.domains }
    }
}

impl Columns {
    /// Reads a whole segment. `None` inside an `Ok` means a record that can't be read.
    pub(super) fn load(reader: &SegmentReader, fields: &Fields, moved: Option<&Moved>) -> tantivy::Result<Option<Self>> {
        let mut loader = Loader {
            columns: Self::default(),
            profiles: HashMap::new(),
            boroughs: HashMap::new(),
            traits: HashMap::new(),
            moved,
        };
        let store = reader.get_store_reader(1)?;
        for document in store.iter::<TantivyDocument>(None) {
            let document = document?;
            let bytes = document.get_first(fields.record).and_then(|value| value.as_bytes());
            if bytes.and_then(|bytes| loader.take(bytes)).is_none() {
                return Ok(None);
            }
        }
        let mut columns = loader.columns;
        columns.shrink();
        Ok((columns.ids.len() == reader.max_doc() as usize).then_some(columns))
    }

    fn shrink(&mut self) {
        self.ids.shrink_to_fit();
        self.points.shrink_to_fit();
        self.codes.shrink_to_fit();
        self.rows.shrink_to_fit();
        self.names.items.shrink_to_fit();
        self.keys.items.shrink_to_fit();
    }

    /// The documents whose codes lie in the runs, as ranges; everything where a segment isn't in order.
    pub(super) fn ranges(&self, runs: &[(u32, u32)]) -> Vec<(u32, u32)> {
        let mut found: Vec<(u32, u32)> = Vec::with_capacity(runs.len());
        for (first, last) in runs {
            let from = self.codes.partition_point(|code| code < first);
            let to = from + self.codes[from..].partition_point(|code| code <= last);
            let (Ok(from), Ok(to)) = (u32::try_from(from), u32::try_from(to)) else { continue };
            match found.last_mut().filter(|(_, end)| *end == from) {
                Some(range) => range.1 = to,
                None if from < to => found.push((from, to)),
                None => {}
            }
        }
        found
    }

    pub(super) fn hours(&self, doc: u32) -> &[Hours] {
        self.hours.get(doc)
    }

    pub(super) fn name(&self, doc: u32) -> &str {
        std::str::from_utf8(self.names.get(doc)).unwrap_or_default()
    }

    /// The folded name.
    pub(super) fn key(&self, doc: u32) -> &[u8] {
        self.keys.get(doc)
    }

    pub(super) fn borough(&self, doc: u32) -> &str {
        &self.boroughs[usize::from(self.rows[doc as usize].borough)]
    }
}

struct Loader<'m> {
    columns: Columns,
    profiles: HashMap<Vec<u8>, u32>,
    boroughs: HashMap<String, u16>,
    traits: HashMap<Traits, u16>,
    moved: Option<&'m Moved>,
}

impl Loader<'_> {
    fn take(&mut self, bytes: &[u8]) -> Option<()> {
        let mut from = Cursor(bytes);
        self.columns.ids.push(from.u128()?);
        let point = if from.flag()? { Some((from.f64()?, from.f64()?)) } else { None };
        self.columns.points.push(point.map_or([f64::NAN; 3], |(lat, lon)| circle::on_ball(lat, lon)));
        self.columns.codes.push(point.map_or(circle::NOWHERE, |(lat, lon)| circle::code(lat, lon)));
        let profile = self.profile(from.bytes()?)?;
        let borough = self.borough(from.text()?)?;
        let (access, cost, checked) = (from.u16()?, from.u32()?, from.u16()?);
        let (assured, mark, places_now, closed) = (from.flag()?, from.u8()?, from.flag()?, from.flag()?);
        let dated = from.flag()?;
        let flag = |set: bool, bit: u8| if set { bit } else { 0 };
        let flags = flag(assured, ASSURED)
            | flag(places_now, PLACES_NOW)
            | flag(closed, CLOSED_FOR_NOW)
            | flag(dated, DATED)
            | flag(point.is_some(), HAS_POINT);
        self.columns.names.push(from.text()?.bytes());
        self.columns.keys.push(from.text()?.bytes());
        let mut hours = Vec::new();
        for _ in 0..from.u16()? {
            hours.push(Hours { from: from.u16()?, to: from.u16()?, until: from.u16()? });
        }
        self.columns.hours.push(hours);
        let traits = self.traits(Traits::unpack(&mut from)?);
        self.columns.rows.push(Row { profile, cost, borough, access, checked, mark: mark.min(3), flags, traits });
        Some(())
    }

    fn profile(&mut self, bytes: &[u8]) -> Option<u32> {
        if let Some(at) = self.profiles.get(bytes) {
            return Some(*at);
        }
        let at = u32::try_from(self.columns.profiles.len()).ok()?;
        let profile = Profile::unpack(bytes)?;
        let profile = self.moved.map_or_else(|| profile.clone(), |moved| moved.profile(&profile));
        self.columns.profiles.push(profile);
        self.profiles.insert(bytes.to_vec(), at);
        Some(at)
    }

    /// Where there are too many sorts of traits, the rest count as saying nothing.
    fn traits(&mut self, traits: Traits) -> u16 {
        if self.columns.traits.is_empty() {
            self.columns.traits.push(Traits::default());
            self.traits.insert(Traits::default(), 0);
        }
        if let Some(at) = self.traits.get(&traits) {
            return *at;
        }
        let Ok(at) = u16::try_from(self.columns.traits.len()) else { return 0 };
        self.columns.traits.push(traits);
        self.traits.insert(traits, at);
        at
    }

    fn borough(&mut self, name: &str) -> Option<u16> {
        if let Some(at) = self.boroughs.get(name) {
            return Some(*at);
        }
        let at = u16::try_from(self.columns.boroughs.len()).ok()?;
        self.columns.boroughs.push(name.to_owned());
        self.boroughs.insert(name.to_owned(), at);
        Some(at)
    }
}
