//! Which rows speak of the same place. Pure, and blind to the order of the rows.
//!
//! Rows of one licence are one venue where folded name and point (within 150 m) agree, or where the publisher's id and one
//! of the two agree. A row whose point is only a sector's or a district's middle has to share the name and the district.
//! Near things are joined first, and no venue gets wider than 500 m, so that a street of shops of one name doesn't melt into
//! one venue by short hops. The same place under another licence becomes a twin on one card; a card has one venue a licence.

use std::collections::{BTreeMap, HashMap, HashSet};

use uuid::Uuid;

use super::names::Sym;
use crate::values::Point;

/// How far apart two points of one place may be, in metres.
const NEAR_M: f64 = 150.0;
/// How wide a venue or a card may get, in metres.
const WIDE_M: f64 = 500.0;
/// 150 metres in degrees of latitude, and a little more.
const NEAR_DEGREES: f64 = 0.001_36;
/// An id that more rows share than this is none.
const SHARED_ID: usize = 1000;
/// Weight of what is only known to lie in one district: after all that is near, in millimetres.
const ROUGH_WEIGHT: u64 = 1_000_000_000;

/// What of a row tells which place it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Identity {
    /// Of source, id, licence, name and place: says nothing of feed or order.
    pub(super) key: Uuid,
    pub(super) feed: Sym,
    pub(super) source: Sym,
    pub(super) source_id: Option<Sym>,
    pub(super) licence: Sym,
    pub(super) name: Sym,
    pub(super) point: Option<Point>,
    /// The point is a sector's or a district's middle, or there is none.
    pub(super) rough: bool,
    pub(super) locality: Option<Sym>,
}

impl Identity {
    /// The point, if it is sure to be the place's own.
    fn sure(&self) -> Option<Point> {
        self.point.filter(|_| !self.rough)
    }

    /// How near the two lie, as a weight; none where they aren't in one place.
    pub(super) fn nearness(&self, other: &Self) -> Option<u64> {
        if let (Some(a), Some(b)) = (self.sure(), other.sure()) {
            let metres = a.metres_to(b);
            return (metres <= NEAR_M).then(|| millimetres(metres));
        }
        let shared = self.locality.is_some() && self.locality == other.locality;
        (shared || self.key == other.key).then(|| ROUGH_WEIGHT + self.metres_apart(other).map_or(ROUGH_WEIGHT, millimetres))
    }

    fn metres_apart(&self, other: &Self) -> Option<f64> {
        Some(self.point?.metres_to(other.point?))
    }

    fn same_id(&self, other: &Self) -> bool {
        self.source_id.is_some() && self.source_id == other.source_id && self.source == other.source
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "never over the half of the Earth, never below 0")]
fn millimetres(metres: f64) -> u64 {
    (metres * 1000.0).round() as u64
}

/// Weight, and the two rows.
type Edge = (u64, u32, u32);

/// Groups that grow by joining, each a ring of rows.
struct Groups<'a> {
    rows: &'a [Identity],
    parent: Vec<u32>,
    next: Vec<u32>,
}

impl<'a> Groups<'a> {
    fn new(rows: &'a [Identity]) -> Self {
        let each: Vec<u32> = (0_u32..).take(rows.len()).collect();
        Self { rows, parent: each.clone(), next: each }
    }

    fn root(&mut self, mut at: u32) -> u32 {
        while self.parent[at as usize] != at {
            let above = self.parent[self.parent[at as usize] as usize];
            self.parent[at as usize] = above;
            at = above;
        }
        at
    }

    fn members(&self, root: u32) -> impl Iterator<Item = u32> {
        let mut at = Some(root);
        std::iter::from_fn(move || {
            let here = at?;
            let next = self.next[here as usize];
            at = (next != root).then_some(next);
            Some(here)
        })
    }

    /// Joins two groups, if every pair across them may be together.
    fn join(&mut self, a: u32, b: u32, may: impl Fn(&Identity, &Identity) -> bool) {
        let (a, b) = (self.root(a), self.root(b));
        let fits = |x: u32, y: u32| may(&self.rows[x as usize], &self.rows[y as usize]);
        if a != b && self.members(a).all(|x| self.members(b).all(|y| fits(x, y))) {
            let (low, high) = (a.min(b), a.max(b));
            self.parent[high as usize] = low;
            self.next.swap(a as usize, b as usize);
        }
    }

    fn roots(mut self) -> Vec<u32> {
        (0_u32..).take(self.rows.len()).map(|at| self.root(at)).collect()
    }
}

fn not_too_wide(a: &Identity, b: &Identity) -> bool {
    match (a.sure(), b.sure()) {
        (Some(a), Some(b)) => a.metres_to(b) <= WIDE_M,
        _ => true,
    }
}

/// For each row a row that stands for its venue, and one that stands for its card.
pub(super) fn group(rows: &[Identity]) -> (Vec<u32>, Vec<u32>) {
    let mut venues = Groups::new(rows);
    let mut edges = by_name(rows, |a, b| a.licence == b.licence);
    edges.extend(by_id(rows));
    for (_, a, b) in sorted(rows, edges) {
        venues.join(a, b, not_too_wide);
    }
    let twins = by_name(rows, |a, b| a.licence != b.licence);
    let mut cards = Groups { rows, parent: venues.parent.clone(), next: venues.next.clone() };
    for (_, a, b) in sorted(rows, twins) {
        cards.join(a, b, |a, b| a.licence != b.licence && not_too_wide(a, b));
    }
    (venues.roots(), cards.roots())
}

/// Nearest first; ties by what the rows say, never by where they stood.
fn sorted(rows: &[Identity], mut edges: Vec<Edge>) -> Vec<Edge> {
    let place = |at: u32| (rows[at as usize].key, rows[at as usize].feed);
    edges.sort_by_cached_key(|&(weight, a, b)| (weight, place(a).min(place(b)), place(a).max(place(b))));
    edges
}

/// Runs of rows with the same `what`, which is none for rows that take no part.
fn runs<K: Ord + Copy>(rows: &[Identity], what: impl Fn(&Identity) -> Option<K>) -> Vec<Vec<u32>> {
    let mut order: Vec<(K, u32)> = rows.iter().zip(0_u32..).filter_map(|(row, at)| Some((what(row)?, at))).collect();
    order.sort_unstable();
    order.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() > 1).map(|run| run.iter().map(|(_, at)| *at).collect()).collect()
}

/// Pairs of one name that lie near each other.
fn by_name(rows: &[Identity], wanted: impl Fn(&Identity, &Identity) -> bool) -> Vec<Edge> {
    let mut edges = Vec::new();
    for mut run in runs(rows, |row| Some(row.name)) {
        near_pairs(rows, &mut run, &wanted, &mut edges);
        rough_pairs(rows, &run, &wanted, &mut edges);
    }
    edges
}

/// Pairs of sure points within 150 m, found from south to north.
fn near_pairs(rows: &[Identity], run: &mut [u32], wanted: &impl Fn(&Identity, &Identity) -> bool, edges: &mut Vec<Edge>) {
    let lat = |at: u32| rows[at as usize].sure().map_or(f64::INFINITY, |point| point.lat);
    run.sort_by(|a, b| lat(*a).total_cmp(&lat(*b)).then(a.cmp(b)));
    for (i, &a) in run.iter().enumerate() {
        for &b in run[i + 1..].iter().take_while(|b| lat(**b) - lat(a) <= NEAR_DEGREES) {
            let (x, y) = (&rows[a as usize], &rows[b as usize]);
            if let Some(weight) = x.nearness(y).filter(|_| wanted(x, y)) {
                edges.push((weight, a, b));
            }
        }
    }
}

/// In each district, the first row without a sure point with all the others.
fn rough_pairs(rows: &[Identity], run: &[u32], wanted: &impl Fn(&Identity, &Identity) -> bool, edges: &mut Vec<Edge>) {
    let mut areas: BTreeMap<(Option<Sym>, Option<Uuid>), Vec<u32>> = BTreeMap::new();
    for &at in run {
        let row = &rows[at as usize];
        // Without a district, only a row that says the very same is the same place.
        let alone = row.locality.is_none().then_some(row.key);
        areas.entry((row.locality, alone)).or_default().push(at);
    }
    for area in areas.values().filter(|area| area.len() > 1) {
        let rough = area.iter().copied().filter(|at| rows[*at as usize].rough);
        let mut first: HashMap<Sym, u32> = HashMap::new();
        for at in rough {
            let row = &rows[at as usize];
            let best = first.entry(row.licence).or_insert(at);
            let held = &rows[*best as usize];
            if (row.key, row.feed) < (held.key, held.feed) {
                *best = at;
            }
        }
        for &hub in first.values() {
            for &at in area.iter().filter(|at| **at != hub) {
                let (x, y) = (&rows[hub as usize], &rows[at as usize]);
                if let Some(weight) = x.nearness(y).filter(|_| wanted(x, y)) {
                    edges.push((weight, hub, at));
                }
            }
        }
    }
}

/// Pairs with the publisher's same id, of which name or point agree.
fn by_id(rows: &[Identity]) -> Vec<Edge> {
    let mut edges = Vec::new();
    for run in runs(rows, |row| Some((row.source, row.source_id?, row.licence))) {
        if run.len() > SHARED_ID {
            continue;
        }
        let names: HashSet<(Sym, Sym)> = run.iter().map(|at| (rows[*at as usize].feed, rows[*at as usize].name)).collect();
        let named = |feed: Sym, name: Sym| names.contains(&(feed, name));
        for (i, &a) in run.iter().enumerate() {
            for &b in &run[i + 1..] {
                let (x, y) = (&rows[a as usize], &rows[b as usize]);
                let weight = if x.name == y.name {
                    Some(x.metres_apart(y).map_or(ROUGH_WEIGHT, millimetres)).filter(|_| not_too_wide(x, y))
                } else {
                    // One edition lists two names under one id: they are two places. Two editions: one was renamed.
                    let renamed = x.feed != y.feed && !named(x.feed, y.name) && !named(y.feed, x.name);
                    x.nearness(y).filter(|_| renamed)
                };
                edges.extend(weight.filter(|_| x.same_id(y)).map(|weight| (weight, a, b)));
            }
        }
    }
    edges
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::names::Names;

    struct Case {
        names: Names,
        rows: Vec<Identity>,
    }

    impl Case {
        fn new() -> Self {
            Self { names: Names::default(), rows: Vec::new() }
        }

        /// A row `metres` north of a point in London.
        fn row(&mut self, name: &str, metres: f64, licence: &str, id: Option<&str>, feed: &str) -> &mut Self {
            let lat = 51.5 + metres / 111_195.0;
            let key = Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("{name}{metres}{licence}{id:?}").as_bytes());
            let mut sym = |text: &str| self.names.sym(text);
            let row = Identity {
                key,
                feed: sym(feed),
                source: sym("source"),
                source_id: id.map(&mut sym),
                licence: sym(licence),
                name: sym(name),
                point: Point::new(lat, -0.1),
                rough: false,
                locality: Some(sym("SE1")),
            };
            self.rows.push(row);
            self
        }

        fn rough(&mut self, name: &str, locality: &str) -> &mut Self {
            self.row(name, 3000.0, "OGL", Some(locality), "feed");
            let locality = self.names.sym(locality);
            if let Some(row) = self.rows.last_mut() {
                (row.rough, row.locality) = (true, Some(locality));
            }
            self
        }

        /// Groups as sets of positions in the order the rows were made, whatever order they are grouped in.
        fn groups(&self, shift: usize) -> (Vec<Vec<usize>>, Vec<Vec<usize>>) {
            let n = self.rows.len();
            let order: Vec<usize> = (0..n).map(|i| (i * 7 + shift) % n).collect();
            let mut distinct = order.clone();
            distinct.sort_unstable();
            distinct.dedup();
            let order = if distinct.len() == n { order } else { (0..n).rev().collect() };
            let rows: Vec<Identity> = order.iter().map(|at| self.rows[*at]).collect();
            let (venues, cards) = group(&rows);
            let sets = |roots: Vec<u32>| {
                let mut sets: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
                for (at, root) in roots.into_iter().enumerate() {
                    sets.entry(root).or_default().push(order[at]);
                }
                let mut sets: Vec<Vec<usize>> = sets.into_values().collect();
                sets.iter_mut().for_each(|set| set.sort_unstable());
                sets.sort();
                sets
            };
            (sets(venues), sets(cards))
        }

        fn check(&self, venues: &[&[usize]], cards: Option<&[&[usize]]>) {
            for shift in 0..self.rows.len() {
                let (found, found_cards) = self.groups(shift);
                assert_eq!(found, venues, "venues");
                if let Some(cards) = cards {
                    assert_eq!(found_cards, cards, "cards");
                }
            }
        }
    }

    #[test]
    fn one_name_within_150_metres_is_one_venue() {
        let mut case = Case::new();
        case.row("a", 0.0, "OGL", None, "f").row("a", 140.0, "OGL", None, "g").row("a", 300.0, "OGL", None, "f");
        case.row("b", 0.0, "OGL", None, "f");
        case.check(&[&[0, 1], &[2], &[3]], None);
    }

    #[test]
    fn hops_do_not_chain_over_500_metres() {
        let mut case = Case::new();
        for step in 0..12 {
            case.row("costa", f64::from(step) * 100.0 + f64::from(step % 3), "OGL", None, "f");
        }
        let (venues, _) = case.groups(0);
        assert!(venues.len() >= 3, "{venues:?}");
        for shift in 1..12 {
            assert_eq!(case.groups(shift).0, venues);
        }
        for venue in venues {
            let (first, last) = (venue[0], venue[venue.len() - 1]);
            assert!(last - first <= 5, "{venue:?} is too wide");
        }
    }

    #[test]
    fn a_shared_id_needs_the_name_or_the_point() {
        let mut case = Case::new();
        case.row("hendon", 0.0, "OGL", Some("7"), "f").row("local studies", 0.0, "OGL", Some("7"), "f");
        case.row("hendon library", 10.0, "OGL", Some("8"), "f").row("hendon hub", 30.0, "OGL", Some("8"), "g");
        case.row("mobile", 0.0, "OGL", Some("9"), "f").row("mobile", 9000.0, "OGL", Some("9"), "f");
        case.row("moved", 0.0, "OGL", Some("10"), "f").row("moved", 400.0, "OGL", Some("10"), "g");
        case.check(&[&[0], &[1], &[2, 3], &[4], &[5], &[6, 7]], None);
    }

    #[test]
    fn another_licence_is_a_twin_on_the_card() {
        let mut case = Case::new();
        case.row("a", 0.0, "OGL", None, "f").row("a", 50.0, "ODbL", None, "g").row("a", 190.0, "ODbL", None, "g");
        case.row("a", 100.0, "CC", None, "h");
        case.check(&[&[0], &[1, 2], &[3]], Some(&[&[0, 1, 2, 3]]));
        let mut far = Case::new();
        far.row("a", 0.0, "OGL", None, "f").row("a", 120.0, "ODbL", None, "g").row("a", 240.0, "OGL", None, "f");
        let (_, cards) = far.groups(0);
        assert_eq!(cards.len(), 2, "a card has one venue a licence");
    }

    #[test]
    fn rough_points_need_name_and_district() {
        let mut case = Case::new();
        case.rough("club", "SE15").rough("club", "SE23").row("club", 0.0, "OGL", None, "g");
        let same = case.rows[0].locality;
        case.rows[2].locality = same;
        case.check(&[&[0, 2], &[1]], None);
    }
}
