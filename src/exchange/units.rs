//! What of a plan has to be written, and what of that together: cards with their leads, venues that exchange rows.

use std::collections::{BTreeMap, HashMap, HashSet};

use uuid::Uuid;

use super::{
    identity::Identity,
    names::Names,
    naming::Named,
    plan::{Catalogue, Fate, Plan, Planned, Unit, VenuePlan},
};

/// Open licences first, share-alike last, so that a card's lead doesn't depend on the order of imports.
fn licence_rank(licence: &str) -> u8 {
    match licence {
        "OGL-UK-3.0" => 0,
        "CC0-1.0" => 1,
        "CC-BY-4.0" => 2,
        "ODbL-1.0" => 4,
        _ => 3,
    }
}

/// Puts together what has to be written together, and leaves out what stays as it is.
pub(super) fn units(
    catalogue: &Catalogue,
    rows: Vec<Planned>,
    identities: &[Identity],
    named: Vec<Named>,
    cards: &[u32],
    names: &Names,
) -> Plan {
    let live: Vec<bool> = named.iter().map(|venue| is_live(catalogue, &rows, venue)).collect();
    let leads = card_leads(&named, &live, identities, cards, names);
    let (dirty, together) = dirty(catalogue, &rows, &named, &leads, cards);
    let first_rows = named.iter().filter(|venue| venue.is_new).filter_map(|venue| {
        let new = venue.rows.iter().find(|row| rows[**row as usize].fate == Fate::New)?;
        rows[*new as usize].incoming
    });
    let leading: HashSet<u32> = first_rows.collect();
    let mut units: BTreeMap<usize, Unit> = BTreeMap::new();
    for (at, venue) in named.into_iter().enumerate().filter(|(at, _)| dirty[*at]) {
        let unit = units.entry(together[at]).or_insert(Unit { venues: Vec::new(), loses: false });
        unit.loses |= venue.rows.iter().any(|row| rows[*row as usize].fate == Fate::Goes);
        let Named { rows, id, is_new, absorbs } = venue;
        unit.venues.push(VenuePlan { id, is_new, card: leads[at], published: live[at], rows, absorbs });
    }
    let mut units: Vec<Unit> = units.into_values().collect();
    // What goes is marked last: a run that is killed before has hidden nothing.
    // In the order of ids, so that neighbours in the database's trees are written together.
    units.sort_by_key(|unit| (unit.loses, unit.venues[0].id));
    Plan { rows, units, leads: leading }
}

fn is_live(catalogue: &Catalogue, rows: &[Planned], venue: &Named) -> bool {
    let kept = |id: &Uuid| catalogue.venues.get(id).is_some_and(|standing| standing.kept);
    venue.rows.iter().any(|row| rows[*row as usize].fate.is_live()) || kept(&venue.id) || venue.absorbs.iter().any(kept)
}

/// For each venue the one that leads its card: one that is there, of the most open licence, of the smallest id.
fn card_leads(named: &[Named], live: &[bool], identities: &[Identity], cards: &[u32], names: &Names) -> Vec<Uuid> {
    let card = |venue: &Named| cards[venue.rows[0] as usize];
    let mut best: HashMap<u32, (bool, u8, Uuid)> = HashMap::new();
    for (venue, live) in named.iter().zip(live) {
        let licence = names.word(identities[venue.rows[0] as usize].licence);
        let rank = (!live, licence_rank(licence), venue.id);
        best.entry(card(venue)).and_modify(|held| *held = rank.min(*held)).or_insert(rank);
    }
    named.iter().map(|venue| best.get(&card(venue)).map_or(venue.id, |(.., id)| *id)).collect()
}

/// Which venues change, and for each the first of those that it has to be written with.
fn dirty(catalogue: &Catalogue, rows: &[Planned], named: &[Named], leads: &[Uuid], cards: &[u32]) -> (Vec<bool>, Vec<usize>) {
    let mut dirty: Vec<bool> = Vec::with_capacity(named.len());
    let mut parent: Vec<usize> = (0..named.len()).collect();
    let mut home: HashMap<Uuid, usize> = HashMap::with_capacity(named.len());
    let mut card: HashMap<u32, usize> = HashMap::new();
    for (at, venue) in named.iter().enumerate() {
        home.extend(venue.absorbs.iter().chain([&venue.id]).map(|id| (*id, at)));
        join(&mut parent, at, *card.entry(cards[venue.rows[0] as usize]).or_insert(at));
        let moves = |row: &u32| {
            let row = &rows[*row as usize];
            !matches!(row.fate, Fate::Kept | Fate::Gone) || row.from != Some(venue.id)
        };
        let new_card = catalogue.venues.get(&venue.id).is_none_or(|standing| standing.card != leads[at]);
        dirty.push(new_card || !venue.absorbs.is_empty() || venue.rows.iter().any(moves));
    }
    for (at, venue) in named.iter().enumerate() {
        for left in venue.rows.iter().filter_map(|row| home.get(&rows[*row as usize].from?)).filter(|left| **left != at) {
            dirty[*left] = true;
            join(&mut parent, at, *left);
        }
    }
    let together = (0..named.len()).map(|at| root(&parent, at)).collect();
    (dirty, together)
}

fn root(parent: &[usize], mut at: usize) -> usize {
    while parent[at] != at {
        at = parent[at];
    }
    at
}

fn join(parent: &mut [usize], a: usize, b: usize) {
    let (a, b) = (root(parent, a), root(parent, b));
    parent[a.max(b)] = a.min(b);
}
