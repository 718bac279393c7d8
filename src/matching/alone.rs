//! Whether a place suits someone, seen by itself: for places that are new or have changed, in a process that may have no index.

use std::sync::Arc;

use chrono::NaiveDate;

use super::{
    choose::{Chooser, Parts},
    score::{Circumstances, Measure},
    understand::Reader,
    verbs::Ask,
};
use crate::{
    search::{
        entry::{self, Record},
        settings::Settings,
    },
    values::{Point, VenueId},
    venues::{Card, Mark},
};

/// What reads wishes and places without an index.
#[derive(Clone)]
pub struct Matcher {
    reader: Arc<Reader>,
    likely: f32,
}

/// A place, read and ready to be measured.
pub(crate) struct Alone {
    /// What marks and pages call it by.
    lead: VenueId,
    record: Record,
}

impl Matcher {
    /// Reads places as the index does with these settings.
    pub fn new(reader: Arc<Reader>, settings: &Settings) -> Self {
        Self { reader, likely: settings.shares.likely }
    }

    /// What understands wishes.
    pub(crate) fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Reads some places as they are on a day in London; those that are closed are left out.
    pub(crate) fn places(&self, cards: &[Card], today: NaiveDate) -> Vec<Alone> {
        let read = |card: &Card| {
            let record = entry::alone(card, &self.reader.vocabulary, self.likely, today)?;
            Some(Alone { lead: card.lead.id, record })
        };
        cards.iter().filter_map(read).filter(|place| !place.record.closed_for_now).collect()
    }

    /// The best of some places for what was asked, at most `most`: good ones of which nothing is known that doesn't fit.
    pub(crate) fn best(&self, ask: &Ask, places: &[Alone], today: NaiveDate, most: usize) -> Vec<VenueId> {
        let understanding = self.reader.understand(&ask.wish);
        if understanding.wanted.is_nothing() {
            return Vec::new();
        }
        let measure = Measure::new(&understanding.needs, today);
        let (reader, parts) = (self.reader(), Parts::default());
        let chooser =
            Chooser { reader, understanding: &understanding, measure: &measure, hidden: &ask.hidden, only: None, parts };
        let circle = ask.circle(&understanding);
        let suits = |place: &Alone| {
            let place_there = place.circumstances(&chooser, circle)?;
            Some((chooser.suits(&place.record.profile, &place_there)?, place.lead))
        };
        let hidden = |place: &&Alone| ask.hidden.contains(&place.lead);
        let mut found: Vec<(f32, VenueId)> = places.iter().filter(|place| !hidden(place)).filter_map(suits).collect();
        found.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
        found.into_iter().take(most).map(|(_, venue)| venue).collect()
    }
}

impl Alone {
    /// What is known of it; none where it is outside the circle.
    fn circumstances<'p>(&'p self, chooser: &Chooser<'_>, circle: Option<(Point, u32)>) -> Option<Circumstances<'p>> {
        let record = &self.record;
        let metres = match circle {
            None => None,
            Some((from, within_m)) => {
                let (lat, lon) = record.point?;
                Some(Point::new(lat, lon)?.metres_to(from)).filter(|metres| *metres <= f64::from(within_m)).map(Some)?
            }
        };
        Some(Circumstances {
            metres,
            cost: record.cost,
            usually_free: chooser.usually_free(&record.profile),
            access: record.access,
            traits: &record.traits,
            hours: &record.hours,
            mark: usize::from(record.mark).checked_sub(1).and_then(|at| Mark::ALL.get(at)).copied(),
            checked: record.checked,
            assured: record.assured,
            closed: record.closed_for_now,
            speaks: chooser.speaks(record.key.as_bytes()),
            got_on: None,
        })
    }
}
