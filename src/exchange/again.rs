//! Knows a feed's rows again in its next edition. Pure, and blind to the order of the rows.

use std::collections::{HashMap, HashSet};

use super::{identity::Identity, names::Sym};

/// An id that more rows share than this is none.
const SHARED_ID: usize = 1000;

/// A row with the digest of what it says.
pub(super) struct Seen {
    pub(super) identity: Identity,
    pub(super) digest: u128,
    /// Stored, and gone for now.
    pub(super) gone: bool,
}

/// For each new row the stored row of the same feed that it is, if there is one.
///
/// First rows that say the very same; then rows with the same id, of which name or point agree; then, without an id, rows
/// of which name and point agree. Each stored row is taken once, by the row that is most like it.
pub(super) fn matches(stored: &[Seen], incoming: &[Seen]) -> Vec<Option<u32>> {
    let mut found = vec![None; incoming.len()];
    let mut taken = vec![false; stored.len()];
    exact(stored, incoming, &mut found, &mut taken);
    let by_id = |row: &Identity| row.source_id.map(|id| (row.feed, row.source, id));
    let by_name = |row: &Identity| row.source_id.is_none().then_some((row.feed, row.source, row.name));
    similar(stored, incoming, &mut found, &mut taken, by_id, same_id);
    similar(stored, incoming, &mut found, &mut taken, by_name, |a, b| a.nearness(b).map(|near| (false, near)));
    found
}

fn exact(stored: &[Seen], incoming: &[Seen], found: &mut [Option<u32>], taken: &mut [bool]) {
    let mut by_digest: HashMap<(Sym, u128), Vec<u32>> = HashMap::with_capacity(stored.len());
    for (row, at) in stored.iter().zip(0_u32..) {
        by_digest.entry((row.identity.feed, row.digest)).or_default().push(at);
    }
    // Rows that are there come before rows that are gone; the stored order is that of their ids.
    by_digest.values_mut().for_each(|list| list.sort_by_key(|at| std::cmp::Reverse((stored[*at as usize].gone, *at))));
    for (row, slot) in incoming.iter().zip(found) {
        *slot = by_digest.get_mut(&(row.identity.feed, row.digest)).and_then(Vec::pop);
        if let Some(at) = *slot {
            taken[at as usize] = true;
        }
    }
}

/// The same id, and the name or the point agrees; the name says more.
fn same_id(a: &Identity, b: &Identity) -> Option<(bool, u64)> {
    let near = a.nearness(b);
    if a.name == b.name { Some((false, near.unwrap_or(u64::MAX))) } else { near.map(|near| (true, near)) }
}

/// Pairs what is left, best pairs first.
fn similar<K: Eq + std::hash::Hash>(
    stored: &[Seen],
    incoming: &[Seen],
    found: &mut [Option<u32>],
    taken: &mut [bool],
    key: impl Fn(&Identity) -> Option<K>,
    likeness: impl Fn(&Identity, &Identity) -> Option<(bool, u64)>,
) {
    let mut free: HashMap<K, Vec<u32>> = HashMap::new();
    for (row, at) in stored.iter().zip(0_u32..).filter(|(_, at)| !taken[*at as usize]) {
        if let Some(key) = key(&row.identity) {
            free.entry(key).or_default().push(at);
        }
    }
    let mut pairs = Vec::new();
    for (new, at) in incoming.iter().zip(0_u32..).filter(|(_, at)| found[*at as usize].is_none()) {
        let candidates = key(&new.identity).and_then(|key| free.get(&key)).filter(|list| list.len() <= SHARED_ID);
        for &old in candidates.into_iter().flatten() {
            let held = &stored[old as usize];
            if let Some(likeness) = likeness(&held.identity, &new.identity) {
                pairs.push((likeness, held.gone, held.identity.key, new.identity.key, new.digest, old, at));
            }
        }
    }
    pairs.sort_unstable();
    let mut placed = HashSet::new();
    for (.., old, at) in pairs {
        if !taken[old as usize] && placed.insert(at) {
            taken[old as usize] = true;
            found[at as usize] = Some(old);
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{exchange::names::Names, values::Point};

    fn row(names: &mut Names, id: Option<&str>, name: &str, metres: f64, says: u128) -> Seen {
        let point = Point::new(51.5 + metres / 111_195.0, -0.1);
        let key = Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("{id:?}{name}{metres}").as_bytes());
        let identity = Identity {
            key,
            feed: names.sym("feed"),
            source: names.sym("source"),
            source_id: id.map(|id| names.sym(id)),
            licence: names.sym("licence"),
            name: names.sym(name),
            point,
            rough: false,
            locality: None,
        };
        Seen { identity, digest: says, gone: false }
    }

    #[test]
    fn an_id_alone_is_no_identity() {
        let mut n = Names::default();
        let stored = [row(&mut n, Some("1"), "a", 0.0, 1), row(&mut n, Some("2"), "b", 0.0, 2), row(&mut n, Some("3"), "c", 0.0, 3)];
        let incoming = [
            row(&mut n, Some("1"), "other", 9000.0, 11),
            row(&mut n, Some("2"), "renamed", 100.0, 12),
            row(&mut n, Some("3"), "c", 9000.0, 13),
        ];
        assert_eq!(matches(&stored, &incoming), [None, Some(1), Some(2)]);
    }

    #[test]
    fn without_an_id_name_and_point_tell() {
        let mut n = Names::default();
        let stored = [row(&mut n, None, "costa", 0.0, 1), row(&mut n, None, "costa", 1000.0, 2)];
        let incoming = [
            row(&mut n, None, "costa", 1100.0, 11),
            row(&mut n, None, "costa", 20.0, 12),
            row(&mut n, None, "nero", 0.0, 13),
            row(&mut n, None, "costa", 130.0, 14),
        ];
        assert_eq!(matches(&stored, &incoming), [Some(1), Some(0), None, None]);
    }

    #[test]
    fn the_very_same_row_comes_before_a_similar_one() {
        let mut n = Names::default();
        let stored = [row(&mut n, Some("7"), "hendon", 0.0, 1), row(&mut n, Some("7"), "local studies", 0.0, 2)];
        let incoming = [row(&mut n, Some("7"), "local studies", 0.0, 2), row(&mut n, Some("7"), "hendon library", 0.0, 3)];
        assert_eq!(matches(&stored, &incoming), [Some(1), Some(0)]);
    }
}
