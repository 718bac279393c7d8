//! Names in the files become places in lists.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Range,
};

use toml::Spanned;

use super::entry::Raw;
use crate::vocabulary::{ActivityId, KindId, Ref, Vocabulary, text::folded, toml_file::Reader};

/// Ids to places in a sorted list; the second of two equal ids is a mistake.
pub(super) fn sorted(mut list: Vec<Raw>, readers: &mut [Reader<'_>]) -> (Vec<Raw>, HashMap<String, u16>) {
    list.sort_by(|a, b| a.id.get_ref().cmp(b.id.get_ref()));
    let mut places = HashMap::new();
    let mut kept: Vec<Raw> = Vec::with_capacity(list.len());
    for raw in list {
        match u16::try_from(kept.len()) {
            Ok(at) if !places.contains_key(raw.id.get_ref()) => {
                places.insert(raw.id.get_ref().clone(), at);
                kept.push(raw);
            }
            Ok(_) => readers[raw.file].mistake(raw.id.span(), format!("there is a `{}` already", raw.id.get_ref())),
            Err(_) => readers[raw.file].mistake(raw.id.span(), "there are too many of these"),
        }
    }
    (kept, places)
}

pub(super) fn look_up(
    names: &[Spanned<String>],
    file: usize,
    places: &HashMap<String, u16>,
    readers: &mut [Reader<'_>],
) -> Vec<u16> {
    let mut found = Vec::with_capacity(names.len());
    for name in names {
        match places.get(name.get_ref()) {
            Some(at) => found.push(*at),
            None => readers[file].mistake(name.span(), format!("there is no `{}`", name.get_ref())),
        }
    }
    found
}

/// A kind or an activity by its id; that there is none is a mistake.
pub(super) fn known(vocabulary: &Vocabulary, kind: bool, id: &str, span: Range<usize>, reader: &mut Reader<'_>) -> Option<Ref> {
    let (what, found) = match kind {
        true => ("kind", vocabulary.kind_place(&KindId::from(id)).map(Ref::Kind)),
        false => ("activity", vocabulary.activity_place(&ActivityId::from(id)).map(Ref::Activity)),
    };
    if found.is_none() {
        reader.mistake(span, format!("there is no such {what}"));
    }
    found
}

/// All wider ones of each, the nearest first. A circle is a mistake.
pub(super) fn closures(list: &[Raw], direct: &[Vec<u16>], readers: &mut [Reader<'_>]) -> Vec<Vec<u16>> {
    let mut all = Vec::with_capacity(list.len());
    for (at, raw) in list.iter().enumerate() {
        let mut wider: Vec<u16> = Vec::new();
        let mut next = 0;
        let mut queue = direct[at].clone();
        while next < queue.len() {
            let one = queue[next];
            next += 1;
            if usize::from(one) == at {
                readers[raw.file].mistake(span_of(&raw.kind_of, &raw.id), format!("`{}` is a kind of itself", raw.id.get_ref()));
                break;
            }
            if !wider.contains(&one) {
                wider.push(one);
                queue.extend(&direct[usize::from(one)]);
            }
        }
        all.push(wider);
    }
    all
}

fn span_of(names: &[Spanned<String>], id: &Spanned<String>) -> Range<usize> {
    names.first().unwrap_or(id).span()
}

pub(super) fn narrower(wider: &[Vec<u16>]) -> Vec<Vec<u16>> {
    let mut all = vec![Vec::new(); wider.len()];
    for (at, list) in (0..).zip(wider) {
        for one in list {
            all[usize::from(*one)].push(at);
        }
    }
    all
}

pub(super) fn by_label<T>(list: &[T], label: impl Fn(&T) -> &str) -> Vec<u16> {
    let mut places: Vec<u16> = (0..).take(list.len()).collect();
    places.sort_by_cached_key(|at| (folded(label(&list[usize::from(*at)])), *at));
    places
}

/// What each kind offers: its own figure for an activity, or else that of its nearest wider kind.
pub(super) fn link_offers(vocabulary: &mut Vocabulary, raw: &[Raw], places: &HashMap<String, u16>, readers: &mut [Reader<'_>]) {
    for (activity, one) in raw.iter().enumerate() {
        let mut given: BTreeMap<u16, f32> = BTreeMap::new();
        for (kind, sureness) in &one.offered_by {
            match places.get(kind.get_ref()) {
                Some(at) => _ = given.insert(*at, *sureness),
                None => readers[one.file].mistake(kind.span(), format!("there is no kind `{}`", kind.get_ref())),
            }
        }
        for at in 0..vocabulary.kinds.len() {
            let kind = &vocabulary.kinds[at];
            let chain = std::iter::once(&kind.id).chain(&kind.wider);
            let found = chain.filter_map(|id| given.get(&vocabulary.kind_place(id)?)).copied().next();
            let Some(sureness) = found.filter(|sureness| *sureness > 0.0) else { continue };
            let (kind, activity) = (&mut vocabulary.kinds[at], &mut vocabulary.activities[activity]);
            kind.offers.push((activity.id.clone(), sureness));
            activity.offered_by.push((kind.id.clone(), sureness));
        }
    }
    vocabulary.kinds.iter_mut().for_each(|kind| kind.offers.sort_by(|a, b| b.1.total_cmp(&a.1)));
    vocabulary.activities.iter_mut().for_each(|activity| activity.offered_by.sort_by(|a, b| b.1.total_cmp(&a.1)));
}
