//! Which rows are one venue in a plan, and which id it has: the one it had, wherever possible.

use std::collections::{BTreeMap, HashMap, HashSet};

use uuid::Uuid;

use super::{
    identity::Identity,
    plan::{Catalogue, Planned},
};

/// The rows of one place, the one with the smallest key first.
pub(super) type Component = Vec<u32>;

/// The groups of rows, in an order that says nothing of the order in the files.
pub(super) fn components(rows: &[Planned], identities: &[Identity], roots: &[u32]) -> Vec<Component> {
    let mut order: Vec<u32> = (0_u32..).take(rows.len()).collect();
    order.sort_unstable_by_key(|at| (roots[*at as usize], identities[*at as usize].key, rows[*at as usize].id));
    let same = |a: &u32, b: &u32| roots[*a as usize] == roots[*b as usize];
    let mut components: Vec<Component> = order.chunk_by(same).map(<[u32]>::to_vec).collect();
    components.sort_by_key(|component| {
        let first = component[0] as usize;
        (identities[first].key, rows[first].id)
    });
    components
}

/// A group of rows with its venue's id.
pub(super) struct Named {
    pub(super) rows: Component,
    pub(super) id: Uuid,
    pub(super) is_new: bool,
    pub(super) absorbs: Vec<Uuid>,
}

/// Gives every component its venue's id.
pub(super) fn name_venues(
    catalogue: &Catalogue,
    rows: &[Planned],
    identities: &[Identity],
    components: Vec<Component>,
) -> Vec<Named> {
    let homes = homes(rows, &components);
    let mut claims: Vec<Vec<Uuid>> = vec![Vec::new(); components.len()];
    for (venue, home) in homes {
        claims[home].push(venue);
    }
    let mut used: HashSet<Uuid> = catalogue.venues.keys().copied().collect();
    let rank = |id: &Uuid| catalogue.venues.get(id).map(|venue| (!venue.edited, venue.created, *id));
    let named = components.into_iter().zip(claims).map(|(component, mut claims)| {
        claims.sort_by_key(rank);
        let mut claims = claims.into_iter();
        let (id, is_new) = match claims.next() {
            Some(id) => (id, false),
            None => {
                let key = identities[component[0] as usize].key;
                // The key may be taken by a venue whose rows went elsewhere.
                let others = (1_u32..).map(|n| Uuid::new_v5(&key, &n.to_be_bytes()));
                let id = std::iter::once(key).chain(others).find(|id| used.insert(*id));
                (id.unwrap_or(key), true)
            }
        };
        Named { rows: component, id, is_new, absorbs: claims.collect() }
    });
    named.collect()
}

/// For each stored venue the component with most of its rows; among equals the first.
fn homes(rows: &[Planned], components: &[Component]) -> BTreeMap<Uuid, usize> {
    let mut counts: HashMap<Uuid, Vec<(usize, usize)>> = HashMap::new();
    for (at, component) in components.iter().enumerate() {
        for venue in component.iter().filter_map(|row| rows[*row as usize].from) {
            let list = counts.entry(venue).or_default();
            match list.last_mut() {
                Some((last, count)) if *last == at => *count += 1,
                _ => list.push((at, 1)),
            }
        }
    }
    let most = |list: Vec<(usize, usize)>| list.into_iter().rev().max_by_key(|(_, count)| *count).map(|(at, _)| at);
    counts.into_iter().filter_map(|(venue, list)| Some((venue, most(list)?))).collect()
}
