//! Every place around a point, with what is known of it in memory: what matching chooses from.

use super::{
    Embedded,
    answer::ranges,
    circle::{Circle, chord, metres},
    columns::Columns,
};
use crate::{search::entry::Profile, values::Point};

/// A place as it lies in memory.
pub(crate) struct Near<'s> {
    columns: &'s Columns,
    doc: u32,
    /// Which of the profiles it has; places with the same number in one segment are alike.
    pub(crate) profile_number: u32,
    /// Which segment it is in.
    pub(crate) segment: usize,
    /// Metres away.
    pub(crate) metres: f64,
}

impl Near<'_> {
    /// The lead of its card.
    pub(crate) fn id(&self) -> u128 {
        self.columns.ids[self.doc as usize]
    }

    /// What it is and what one can do there.
    pub(crate) fn profile(&self) -> &Profile {
        &self.columns.profiles[self.profile_number as usize]
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        self.columns.name(self.doc)
    }
}

impl Embedded {
    /// Sees every place within so many metres, each once, in no order.
    pub(crate) fn each_near(&self, point: Point, within_m: u32, mut see: impl FnMut(&Near<'_>)) {
        let snapshot = self.snapshot();
        let circle = Circle::new(point, Some(within_m));
        let most = circle.most.unwrap_or(f64::INFINITY);
        for (segment, one) in snapshot.segments.iter().enumerate() {
            let columns = &*one.columns;
            for doc in ranges(one, Some(&circle)).iter().flat_map(|(from, to)| *from..*to) {
                let away = chord(&circle.middle, &columns.points[doc as usize]);
                if away <= most && one.is_alive(doc) {
                    let profile_number = columns.rows[doc as usize].profile;
                    see(&Near { columns, doc, profile_number, segment, metres: metres(away) });
                }
            }
        }
    }
}
