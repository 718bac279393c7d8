//! The wish form as typed and corrected; nothing is lost when something in it can't be used.

use std::collections::{BTreeSet, HashSet};

use serde::Serialize;

use super::{need::Need, understand::Wish};
use crate::{
    error::Problem,
    values::VenueId,
    vocabulary::{ActivityId, Concept, Domain, KindId, Ref, Vocabulary, text::folded},
};

/// Longest text that is given back, in characters; fewer are read.
const MAX_TEXT: usize = 100_000;
/// Longest other value, in characters.
const MAX_VALUE: usize = 100;
/// Most values of one sort.
const MAX_VALUES: usize = 60;
/// Places shown at first, and how many more each time.
pub(crate) const STEP: usize = 10;

/// The form.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Fields {
    /// The person's own words.
    pub text: String,
    /// A postcode, district or borough.
    pub near: String,
    /// Kilometres.
    pub within_km: String,
    /// Codes of what they took away.
    pub taken: Vec<String>,
    /// Codes of what they added.
    pub added: Vec<String>,
    /// What must be so.
    pub need: Vec<String>,
    /// What needn't be so, though the words seem to say it.
    pub unneed: Vec<String>,
    /// Codes of what they want after all.
    pub allow: Vec<String>,
    /// Places that aren't for them.
    pub hide: Vec<String>,
    /// How many places.
    pub limit: String,
    /// A correction of a wish that was counted already.
    pub again: String,
    /// Something to add, in words.
    #[serde(skip)]
    pub add: String,
    /// What was shown as ticked.
    #[serde(skip)]
    pub(crate) ticked: Vec<String>,
    /// Whether a button was pressed that takes something away.
    #[serde(skip)]
    pub(crate) pressed: bool,
    /// What the button takes away.
    #[serde(skip)]
    pub(crate) drop: String,
    /// The place that more shall be like.
    #[serde(skip)]
    pub more: String,
}

impl std::fmt::Debug for Fields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fields(..)")
    }
}

impl Fields {
    /// Reads a form's body; names it doesn't know are left out.
    pub fn read(body: &[u8]) -> Self {
        let mut fields = Self::default();
        for (name, value) in url::form_urlencoded::parse(body) {
            let longest = if name == "text" { MAX_TEXT } else { MAX_VALUE };
            let value: String = value.chars().filter(|c| !c.is_control() || *c == '\n').take(longest).collect();
            fields.put(&name, value.trim().to_owned());
        }
        fields.apply();
        fields
    }

    fn put(&mut self, name: &str, value: String) {
        let one = match name {
            "text" => &mut self.text,
            "near" => &mut self.near,
            "within_km" => &mut self.within_km,
            "limit" => &mut self.limit,
            "again" => &mut self.again,
            "add" => &mut self.add,
            "drop" => &mut self.drop,
            "more" => &mut self.more,
            _ => return self.put_several(name, value),
        };
        // A button's value comes after that of the field of the same name.
        *one = value;
    }

    fn put_several(&mut self, name: &str, value: String) {
        let several = match name {
            "taken" => &mut self.taken,
            "added" => &mut self.added,
            "need" => &mut self.need,
            "unneed" => &mut self.unneed,
            "allow" => &mut self.allow,
            "hide" => &mut self.hide,
            "ticked" => &mut self.ticked,
            _ => return,
        };
        if !value.is_empty() && several.len() < MAX_VALUES && !several.contains(&value) {
            several.push(value);
        }
    }

    /// Does what the button that was pressed says.
    fn apply(&mut self) {
        // A box that was ticked and isn't any more is as good as a chip taken away.
        for code in std::mem::take(&mut self.ticked) {
            if !self.need.contains(&code) {
                self.put_several("unneed", code);
            }
        }
        let code = std::mem::take(&mut self.drop);
        self.pressed = !code.is_empty();
        if let Some(need) = code.strip_prefix("need:") {
            self.need.retain(|other| other != need);
            self.put_several("unneed", need.to_owned());
        } else if code == "hide" {
            self.hide.clear();
        } else if let Some(refused) = code.strip_prefix("not:") {
            self.put_several("allow", refused.to_owned());
        } else {
            self.added.retain(|other| *other != code);
            self.put_several("taken", code);
        }
        self.unneed.retain(|other| !self.need.contains(other));
    }

    /// Adds something to the wish.
    pub(crate) fn add_concept(&mut self, code: String) {
        self.taken.retain(|other| *other != code);
        self.put_several("added", code);
    }

    /// The wish that the form makes.
    pub(crate) fn wish(&self, vocabulary: &Vocabulary) -> Wish {
        let all = |codes: &[String]| codes.iter().filter_map(|code| concept(vocabulary, code)).collect::<BTreeSet<Ref>>();
        let needs = |codes: &[String]| codes.iter().filter_map(|code| Need::from_code(code)).collect::<BTreeSet<Need>>();
        Wish {
            text: self.text.clone(),
            added: all(&self.added),
            taken: all(&self.taken),
            needs: needs(&self.need),
            needs_taken: needs(&self.unneed),
            allowed: all(&self.allow),
        }
    }

    /// Places that must not come.
    pub(crate) fn hidden(&self) -> HashSet<VenueId> {
        self.hide.iter().filter_map(|id| id.parse().ok()).collect()
    }

    /// How many places to show.
    pub(crate) fn limit(&self) -> usize {
        self.limit.parse().ok().filter(|limit| (1..=super::choose::MOST).contains(limit)).unwrap_or(STEP)
    }

    /// How far around, in metres.
    pub(crate) fn within_m(&self, problems: &mut Vec<Problem>) -> Option<u32> {
        if self.within_km.is_empty() {
            return None;
        }
        let metres = self.within_km.parse::<u32>().ok().filter(|km| (1..=100).contains(km)).map(|km| km * 1_000);
        if metres.is_none() {
            problems.push(Problem::new("within_km", "Choose how far from the list."));
        }
        metres
    }
}

/// `activity:guitar`, `kind:pub`, `domain:arts`.
pub(crate) fn code(concept: &Concept) -> String {
    match concept {
        Concept::Domain(id) => format!("domain:{id}"),
        Concept::Kind(id) => format!("kind:{id}"),
        Concept::Activity(id) => format!("activity:{id}"),
    }
}

/// What a code stands for, if the vocabulary knows it.
pub(crate) fn concept(vocabulary: &Vocabulary, code: &str) -> Option<Ref> {
    let (sort, id) = code.split_once(':')?;
    vocabulary.place_of(&match sort {
        "domain" => Concept::Domain(Domain::from_code(id)?),
        "kind" => Concept::Kind(KindId::from(id)),
        "activity" => Concept::Activity(ActivityId::from(id)),
        _ => return None,
    })
}

/// The activity or kind that some words name most surely, if they name any.
pub(crate) fn named(vocabulary: &Vocabulary, words: &str) -> Option<Concept> {
    let folded = folded(words);
    let by_label = vocabulary.activities().find(|activity| crate::vocabulary::text::folded(&activity.label) == folded);
    by_label.map(|activity| Concept::Activity(activity.id.clone())).or_else(|| {
        let sightings = vocabulary.recognise(words).sightings;
        let best = sightings.into_iter().max_by(|a, b| a.sureness.total_cmp(&b.sureness).then(a.span.len().cmp(&b.span.len())));
        best.map(|sighting| sighting.concept)
    })
}
