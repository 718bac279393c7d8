//! Every place around a point, with what is known of it in memory: what matching chooses from.

use std::collections::HashMap;

use super::{
    Embedded,
    answer::ranges,
    circle::{Circle, chord, metres},
    columns::{ASSURED, CLOSED_FOR_NOW, Columns},
    snapshot::{Place, Snapshot, each_in},
};
use crate::{
    search::entry::{Hours, Profile, Traits},
    values::{Point, VenueId},
    venues::Mark,
};

/// A place as it lies in memory.
#[derive(Clone, Copy)]
pub(crate) struct Near<'s> {
    columns: &'s Columns,
    doc: u32,
    /// Which segment it is in.
    pub(crate) segment: usize,
    /// Metres away; none where nobody asked from where, or the place has no point.
    pub(crate) metres: Option<f64>,
    /// What its name says of what is looked for, from 0 to 1.
    pub(crate) named: f32,
}

impl<'s> Near<'s> {
    /// The lead of its card.
    pub(crate) fn id(&self) -> VenueId {
        VenueId(uuid::Uuid::from_u128(self.columns.ids[self.doc as usize]))
    }

    /// Places with the same number in one segment have the same profile.
    pub(crate) fn profile_number(&self) -> u32 {
        self.columns.rows[self.doc as usize].profile
    }

    /// What it is and what one can do there.
    pub(crate) fn profile(&self) -> &'s Profile {
        &self.columns.profiles[self.profile_number() as usize]
    }

    /// Its name.
    pub(crate) fn name(&self) -> &'s str {
        self.columns.name(self.doc)
    }

    /// Its name, folded.
    pub(crate) fn key(&self) -> &'s [u8] {
        self.columns.key(self.doc)
    }

    /// When it is open, or has something on.
    pub(crate) fn hours(&self) -> &'s [Hours] {
        self.columns.hours(self.doc)
    }

    /// The cheapest known cost in pence.
    pub(crate) fn cost(&self) -> Option<u32> {
        Some(self.columns.rows[self.doc as usize].cost).filter(|cost| *cost != u32::MAX)
    }

    /// A bit for each access fact known to be "yes".
    pub(crate) fn access(&self) -> u16 {
        self.columns.rows[self.doc as usize].access
    }

    /// The rest of what is known.
    pub(crate) fn traits(&self) -> &'s Traits {
        &self.columns.traits[usize::from(self.columns.rows[self.doc as usize].traits)]
    }

    /// How ordinary the setting is.
    pub(crate) fn mark(&self) -> Option<Mark> {
        usize::from(self.columns.rows[self.doc as usize].mark).checked_sub(1).and_then(|at| Mark::ALL.get(at)).copied()
    }

    /// The day of the last check or the date of the data, in days from 2000; 0 where unknown.
    pub(crate) fn checked(&self) -> u16 {
        self.columns.rows[self.doc as usize].checked
    }

    /// Whether that was a check with the venue.
    pub(crate) fn assured(&self) -> bool {
        self.columns.rows[self.doc as usize].flags & ASSURED != 0
    }

    /// Whether it is closed for now.
    pub(crate) fn closed(&self) -> bool {
        self.columns.rows[self.doc as usize].flags & CLOSED_FOR_NOW != 0
    }
}

/// Places to choose from, as of one moment.
pub(crate) struct Around<'w> {
    snapshot: std::sync::Arc<Snapshot>,
    circle: Option<Circle>,
    /// Words that a place may have in its name, with what each is worth at most.
    words: &'w [(String, f32)],
}

impl Embedded {
    /// The places within so many metres of a point, or all.
    pub(crate) fn around<'w>(&self, near: Option<(Point, u32)>, words: &'w [(String, f32)]) -> Around<'w> {
        let circle = near.map(|(point, within_m)| Circle::new(point, Some(within_m)));
        Around { snapshot: self.snapshot(), circle, words }
    }
}

impl Around<'_> {
    /// Sees every place, each once, in no order.
    pub(crate) fn each<'s>(&'s self, mut see: impl FnMut(Near<'s>)) {
        for segment in 0..self.snapshot.segments.len() {
            let one = &self.snapshot.segments[segment];
            let ranges = ranges(one, self.circle.as_ref());
            let named = self.named(segment, &ranges);
            for doc in ranges.iter().flat_map(|(from, to)| *from..*to).filter(|doc| one.is_alive(*doc)) {
                if let Some(metres) = self.inside(&one.columns, doc) {
                    let named = if named.is_empty() { 0.0 } else { named.get(&doc).copied().unwrap_or(0.0) };
                    see(Near { columns: &one.columns, doc, segment, metres, named });
                }
            }
        }
    }

    /// Sees those of the named places that are there; for an engine elsewhere that has chosen them.
    pub(crate) fn these<'s>(&'s self, ids: &std::collections::HashSet<u128>, mut see: impl FnMut(Near<'s>)) {
        self.each(|near| {
            if ids.contains(&near.id().0.as_u128()) {
                see(near);
            }
        });
    }

    /// How far off a place is, where it is inside the circle.
    #[allow(clippy::option_option, reason = "outside, or nobody knows how far")]
    fn inside(&self, columns: &Columns, doc: u32) -> Option<Option<f64>> {
        let Some(circle) = &self.circle else { return Some(None) };
        let away = chord(&circle.middle, &columns.points[doc as usize]);
        (away <= circle.most.unwrap_or(f64::INFINITY)).then(|| Some(metres(away)))
    }

    /// The places of a segment whose names have some of the words; a word that many names have is worth less.
    fn named(&self, segment: usize, ranges: &[(u32, u32)]) -> HashMap<u32, f32> {
        let one = &self.snapshot.segments[segment];
        let mut found: HashMap<u32, f32> = HashMap::new();
        for (word, worth) in self.words {
            let worth = worth * self.rarity(word);
            let postings = one.info(Place::Name, word).and_then(|info| one.postings(Place::Name, &info));
            let Some(mut postings) = postings.filter(|_| worth > 0.0) else { continue };
            each_in(&mut postings, ranges, |doc| {
                let said = found.entry(doc).or_default();
                *said = 1.0 - (1.0 - *said) * (1.0 - worth);
            });
        }
        found
    }

    /// 1 for a word that hardly any name has, 0 for one that every fiftieth has.
    fn rarity(&self, word: &str) -> f32 {
        #[allow(clippy::cast_precision_loss, reason = "a share")]
        let share = self.snapshot.frequency(Place::Name, word) as f32 / self.snapshot.places.max(1) as f32;
        (1.0 - share * 50.0).max(0.0)
    }
}
