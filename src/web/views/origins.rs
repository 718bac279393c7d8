//! Where each fact of a venue came from, and what its licence asks of us.

use serde::Serialize;

use super::{Words, say};
use crate::venues::{Card, Facts, Field, How, Origin, SourceRef, Venue};

/// Where one value came from.
#[derive(Debug, Clone, Serialize)]
pub struct OriginRow {
    /// "Opening times".
    pub field: &'static str,
    /// The publisher.
    pub publisher: String,
    /// The licence's plain name.
    pub licence: String,
    /// How old the data is.
    pub dated: String,
    /// How the value came to be.
    pub how: &'static str,
}

/// A publisher to thank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Thanks {
    /// The data set.
    pub label: String,
    /// What the licence asks us to say, or nothing.
    pub words: &'static str,
    /// The licence's plain name.
    pub licence: String,
    /// Where the licence is.
    pub href: Option<&'static str>,
    /// How old the data is.
    pub dated: Option<String>,
}

/// The same place as another publisher lists it.
#[derive(Debug, Clone, Serialize)]
pub struct TwinView {
    /// The publisher.
    pub label: String,
    /// The licence's plain name.
    pub licence: String,
    /// What they say: field and value.
    pub values: Vec<(&'static str, String)>,
}

/// Where each value of a venue came from, in the order of the page.
pub fn rows(venue: &Venue) -> Vec<OriginRow> {
    venue.origins.iter().map(|(field, origin)| row(venue, *field, origin)).collect()
}

fn row(venue: &Venue, field: Field, origin: &Origin) -> OriginRow {
    let sources: Vec<&SourceRef> = origin.sources.iter().filter_map(|at| venue.sources.get(*at)).collect();
    // Several rows of one data set are one publisher.
    let each = |words: &dyn Fn(&SourceRef) -> Option<String>| {
        let mut said: Vec<String> = Vec::new();
        for word in sources.iter().filter_map(|source| words(source)) {
            if !said.contains(&word) {
                said.push(word);
            }
        }
        say::list(&said, "and")
    };
    let dates = || Some(each(&|source| source.dated.as_deref().map(say::dated))).filter(|dates| !dates.is_empty());
    OriginRow {
        field: field.label(),
        publisher: if sources.is_empty() { "Footbridge".to_owned() } else { each(&|source| Some(source.label.clone())) },
        licence: each(&|source| Some(licence(&source.licence).0)),
        dated: origin.on.map(say::date).or_else(dates).unwrap_or_else(|| "Not known".to_owned()),
        how: match origin.how {
            How::Given => "They say so",
            How::FromPoint => "Worked out from the map",
            How::FromPostcode => "Worked out from the postcode",
            How::Edited => "Put right by a person",
        },
    }
}

/// Everyone to thank for a card, each once.
pub fn thanks(card: &Card) -> Vec<Thanks> {
    let mut all: Vec<Thanks> = Vec::new();
    for source in std::iter::once(&card.lead).chain(&card.twins).flat_map(|venue| &venue.sources) {
        let one = thanks_to(source);
        if !all.contains(&one) {
            all.push(one);
        }
    }
    all
}

fn thanks_to(source: &SourceRef) -> Thanks {
    let (name, href) = licence(&source.licence);
    Thanks {
        label: source.label.clone(),
        words: match source.licence.as_str() {
            "OGL-UK-3.0" => "Contains public sector information.",
            "ODbL-1.0" => "© OpenStreetMap contributors.",
            _ => "",
        },
        licence: name,
        href,
        dated: source.dated.as_deref().map(say::dated),
    }
}

/// A licence's plain name and address.
fn licence(id: &str) -> (String, Option<&'static str>) {
    let (name, href) = match id {
        "OGL-UK-3.0" => {
            ("Open Government Licence 3.0", "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/")
        }
        "ODbL-1.0" => ("Open Database License 1.0", "https://opendatacommons.org/licenses/odbl/1-0/"),
        "CC0-1.0" => ("CC0 1.0, free for all", "https://creativecommons.org/publicdomain/zero/1.0/"),
        "CC-BY-4.0" => ("Creative Commons Attribution 4.0", "https://creativecommons.org/licenses/by/4.0/"),
        "CC-BY-SA-4.0" => ("Creative Commons Attribution-ShareAlike 4.0", "https://creativecommons.org/licenses/by-sa/4.0/"),
        other => return (other.to_owned(), None),
    };
    (name.to_owned(), Some(href))
}

/// What other publishers say of the same place, apart from ours.
pub fn twins(card: &Card, words: &dyn Words) -> Vec<TwinView> {
    let view = |twin: &Venue| TwinView {
        label: say::list(&twin.sources.iter().map(|source| source.label.clone()).collect::<Vec<_>>(), "and"),
        licence: licence(&twin.licence).0,
        values: values(&twin.facts, words),
    };
    card.twins.iter().map(view).collect()
}

fn values(facts: &Facts, words: &dyn Words) -> Vec<(&'static str, String)> {
    let kinds: Vec<String> = facts.kinds.iter().filter_map(|kind| words.kind(kind)).map(|term| term.label).collect();
    let opening = facts.opening.as_ref().map(|schedule| {
        let rules = schedule.rules.iter().map(say::rule).chain(schedule.note.clone());
        rules.collect::<Vec<_>>().join("; ")
    });
    let known = [
        (Field::Name, Some(facts.name.clone())),
        (Field::Kinds, Some(say::list(&kinds, "and")).filter(|text| !text.is_empty())),
        (Field::Description, facts.description.clone()),
        (Field::Address, facts.address.clone()),
        (Field::Postcode, facts.postcode.as_ref().map(ToString::to_string)),
        (Field::Phone, facts.phone.clone()),
        (Field::Email, facts.email.clone()),
        (Field::Website, facts.website.as_ref().map(ToString::to_string)),
        (Field::Opening, opening),
        (Field::UsualCost, facts.usual_cost.as_ref().map(say::cost)),
    ];
    let mut values: Vec<(&'static str, String)> =
        known.into_iter().filter_map(|(field, value)| Some((field.label(), value?))).collect();
    for (access, fact) in &facts.access {
        let answer = fact.answer.map(|answer| answer.label().to_owned());
        let said: Vec<String> = answer.into_iter().chain(fact.note.clone()).collect();
        values.push((access.label(), said.join(". ")));
    }
    values
}
