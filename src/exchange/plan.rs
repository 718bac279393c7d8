//! What an import will do, worked out before anything is written. Pure: the same rows over the same catalogue give the same
//! plan, in whatever order they come.
//!
//! A venue keeps its id when rows join or leave it; a new one gets the UUIDv5 of its smallest row key. Where two venues turn
//! out to be one, the one that people edited stays, else the older, else the one with the smaller id; the other hands over
//! its rows and edits and is unpublished, its card pointing to the one that stays. Where one venue turns out to be two, the
//! id stays with the part that has most of its rows.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDateTime;
use uuid::Uuid;

use super::{
    again::Seen,
    identity::{Identity, group},
    names::{Names, Sym},
    naming::{components, name_venues},
    units::units,
};

/// Names of rows and venues grow from here.
const ROOT: Uuid = Uuid::from_u128(0x6c1d_7f1e_52a3_5b0e_9d44_f007_b41d_6e00);

/// What happens to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It stays as it is.
    Kept,
    /// It wasn't there before.
    New,
    /// It says something else than before.
    Changed,
    /// It was gone and is back, saying the same.
    Returned,
    /// It isn't in its feed any more.
    Goes,
    /// It went earlier.
    Gone,
}

impl Fate {
    pub(super) fn is_live(self) -> bool {
        !matches!(self, Self::Goes | Self::Gone)
    }
}

/// A row that is stored.
pub(super) struct Held {
    pub(super) id: Uuid,
    pub(super) venue: Uuid,
}

/// A venue that is stored.
pub(super) struct Standing {
    pub(super) card: Uuid,
    pub(super) published: bool,
    pub(super) created: NaiveDateTime,
    pub(super) edited: bool,
    /// An edit says that it is there, whatever becomes of its rows.
    pub(super) kept: bool,
}

/// The catalogue as it is.
#[derive(Default)]
pub(super) struct Catalogue {
    pub(super) rows: Vec<Held>,
    pub(super) seen: Vec<Seen>,
    pub(super) venues: HashMap<Uuid, Standing>,
}

/// One row in the plan.
pub(super) struct Planned {
    pub(super) id: Uuid,
    pub(super) fate: Fate,
    /// Which incoming row it is, if it is one.
    pub(super) incoming: Option<u32>,
    /// The venue it is stored under.
    pub(super) from: Option<Uuid>,
}

/// One venue in the plan.
pub(super) struct VenuePlan {
    pub(super) id: Uuid,
    pub(super) is_new: bool,
    pub(super) card: Uuid,
    pub(super) published: bool,
    pub(super) rows: Vec<u32>,
    /// Venues that turned out to be this one.
    pub(super) absorbs: Vec<Uuid>,
}

/// Venues that have to be written together.
pub(super) struct Unit {
    pub(super) venues: Vec<VenuePlan>,
    /// A row of it goes.
    pub(super) loses: bool,
}

/// All that an import will do.
pub(super) struct Plan {
    pub(super) rows: Vec<Planned>,
    pub(super) units: Vec<Unit>,
    /// For each incoming row: the first of its new venue, or one that joins.
    pub(super) leads: HashSet<u32>,
}

/// The name of a row's content, whatever feed brought it.
pub(super) fn key(names: &Names, row: &Identity) -> Uuid {
    let word = |sym: Option<Sym>| sym.map_or("", |sym| names.word(sym));
    let place = match row.point.filter(|_| !row.rough) {
        Some(point) => format!("{:.5},{:.5}", point.lat, point.lon),
        None => word(row.locality).to_owned(),
    };
    let parts = [names.word(row.source), word(row.source_id), names.word(row.licence), names.word(row.name), &place];
    Uuid::new_v5(&ROOT, parts.join("\u{1f}").as_bytes())
}

/// Plans what becomes of the catalogue. `matches` says for each incoming row which stored row it is; stored rows of `feeds`
/// that none is go.
pub(super) fn plan(
    catalogue: &Catalogue,
    incoming: &[Seen],
    matches: &[Option<u32>],
    feeds: &HashSet<Sym>,
    names: &Names,
) -> Plan {
    let (rows, identities) = rows(catalogue, incoming, matches, feeds, names);
    let (venues, cards) = group(&identities);
    let components = components(&rows, &identities, &venues);
    let named = name_venues(catalogue, &rows, &identities, components);
    units(catalogue, rows, &identities, named, &cards, names)
}

fn rows(
    catalogue: &Catalogue,
    incoming: &[Seen],
    matches: &[Option<u32>],
    feeds: &HashSet<Sym>,
    names: &Names,
) -> (Vec<Planned>, Vec<Identity>) {
    let taken: HashMap<u32, u32> = matches.iter().zip(0_u32..).filter_map(|(old, at)| Some(((*old)?, at))).collect();
    let mut rows = Vec::with_capacity(catalogue.rows.len() + incoming.len());
    let mut identities = Vec::with_capacity(rows.capacity());
    for ((held, seen), at) in catalogue.rows.iter().zip(&catalogue.seen).zip(0_u32..) {
        let now = taken.get(&at).copied();
        let fate = match now.and_then(|now| incoming.get(now as usize)) {
            Some(new) if new.digest != seen.digest => Fate::Changed,
            Some(_) if seen.gone => Fate::Returned,
            Some(_) => Fate::Kept,
            None if seen.gone => Fate::Gone,
            None if feeds.contains(&seen.identity.feed) => Fate::Goes,
            None => Fate::Kept,
        };
        let identity = now.and_then(|now| incoming.get(now as usize)).map_or(seen.identity, |new| new.identity);
        rows.push(Planned { id: held.id, fate, incoming: now, from: Some(held.venue) });
        identities.push(identity);
    }
    let mut used: HashSet<Uuid> = catalogue.rows.iter().map(|held| held.id).collect();
    let mut new: Vec<(&Seen, u32)> = incoming.iter().zip(0_u32..).filter(|(_, at)| matches[*at as usize].is_none()).collect();
    // The same key more than once: numbered by what else they say, so that the order in the file doesn't matter.
    new.sort_by_key(|(seen, _)| (seen.identity.key, seen.digest));
    for (seen, at) in new {
        let feed = Uuid::new_v5(&seen.identity.key, names.word(seen.identity.feed).as_bytes());
        let ids = (0_u32..).map(|n| row_id(seen.identity.key, Uuid::new_v5(&feed, &n.to_be_bytes())));
        let id = ids.into_iter().find(|id| used.insert(*id)).unwrap_or(feed);
        rows.push(Planned { id, fate: Fate::New, incoming: Some(at), from: None });
        identities.push(seen.identity);
    }
    (rows, identities)
}

/// A row's own name: it begins like its key, which names its venue, so that both lie side by side in the database's trees.
fn row_id(key: Uuid, own: Uuid) -> Uuid {
    let ((front, _), (_, back)) = (key.as_u64_pair(), own.as_u64_pair());
    Uuid::from_u64_pair(front, back)
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "tests may stop")]
mod tests {
    use super::*;
    use crate::{exchange::again::matches, values::Point};

    /// Rows of one feed by name, metres and what they say.
    fn rows(names: &mut Names, list: &[(&str, f64, u128)]) -> Vec<Seen> {
        list.iter()
            .map(|(name, metres, says)| {
                let mut identity = Identity {
                    key: Uuid::nil(),
                    feed: names.sym("feed"),
                    source: names.sym("source"),
                    source_id: None,
                    licence: names.sym("OGL-UK-3.0"),
                    name: names.sym(name),
                    point: Point::new(51.5 + metres / 111_195.0, -0.1),
                    rough: false,
                    locality: None,
                };
                identity.key = key(names, &identity);
                Seen { identity, digest: *says, gone: false }
            })
            .collect()
    }

    fn planned(catalogue: &Catalogue, incoming: &[Seen], names: &mut Names) -> Plan {
        let feeds = [names.sym("feed")].into();
        let matched = matches(&catalogue.seen, incoming);
        plan(catalogue, incoming, &matched, &feeds, names)
    }

    /// The catalogue after a plan.
    fn after(plan: &Plan, incoming: Vec<Seen>) -> Catalogue {
        let mut catalogue = Catalogue::default();
        let mut incoming: Vec<Option<Seen>> = incoming.into_iter().map(Some).collect();
        for venue in plan.units.iter().flat_map(|unit| &unit.venues) {
            let created = NaiveDateTime::default();
            let standing = Standing { card: venue.card, published: true, created, edited: false, kept: false };
            catalogue.venues.insert(venue.id, standing);
            for row in venue.rows.iter().map(|at| &plan.rows[*at as usize]) {
                catalogue.rows.push(Held { id: row.id, venue: venue.id });
                catalogue.seen.extend(row.incoming.and_then(|at| incoming[at as usize].take()));
            }
        }
        catalogue
    }

    #[test]
    fn the_same_rows_give_the_same_names_in_any_order() {
        let list = [("a", 0.0, 1), ("a", 100.0, 2), ("a", 0.0, 1), ("a", 0.0, 5), ("b", 0.0, 3), ("c", 9.0, 4)];
        let ids = |list: &[(&str, f64, u128)]| {
            let mut names = Names::default();
            let incoming = rows(&mut names, list);
            let plan = planned(&Catalogue::default(), &incoming, &mut names);
            let row =
                |at: &u32| (plan.rows[*at as usize].id, incoming[plan.rows[*at as usize].incoming.unwrap_or(0) as usize].digest);
            let venues = plan.units.iter().flat_map(|unit| &unit.venues);
            venues.map(|venue| (venue.id, venue.rows.iter().map(row).collect::<Vec<_>>())).collect::<Vec<_>>()
        };
        let mut turned = list;
        turned.reverse();
        assert_eq!(ids(&list), ids(&turned));
        assert_eq!(ids(&list).len(), 3);
    }

    #[test]
    fn nothing_new_is_nothing_to_do() {
        let mut names = Names::default();
        let list = [("a", 0.0, 1), ("a", 100.0, 2), ("b", 0.0, 3)];
        let incoming = rows(&mut names, &list);
        let catalogue = after(&planned(&Catalogue::default(), &incoming, &mut names), incoming);
        let again = rows(&mut names, &list);
        assert!(planned(&catalogue, &again, &mut names).units.is_empty());
    }

    #[test]
    fn a_venue_keeps_its_id_when_rows_join_and_leave() {
        let mut names = Names::default();
        let incoming = rows(&mut names, &[("a", 0.0, 1), ("b", 0.0, 9)]);
        let first = planned(&Catalogue::default(), &incoming, &mut names);
        let catalogue = after(&first, incoming);
        for metres in [20.0, 40.0, 60.0, 80.0] {
            let more = rows(&mut names, &[("a", 0.0, 1), ("a", metres, 2), ("b", 0.0, 9)]);
            let plan = planned(&catalogue, &more, &mut names);
            let venue = &plan.units[0].venues[0];
            assert!(catalogue.venues.contains_key(&venue.id) && !venue.is_new && plan.units.len() == 1);
        }
        let moved = rows(&mut names, &[("b", 0.0, 9)]);
        let plan = planned(&catalogue, &moved, &mut names);
        assert!(plan.units.len() == 1 && plan.units[0].loses && !plan.units[0].venues[0].published);
    }
}
