//! What is answered.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    matching::{choose::Chosen, loosen::Loosen, reasons::Reason, understand::Understanding, verbs::Answer},
    venues::{Card, api::PublicVenue},
    vocabulary::{Concept, Ref, Vocabulary},
};

/// What a wish comes to.
#[derive(Debug, Serialize, ToSchema)]
pub struct MatchAnswer<'v> {
    /// How the wish was understood.
    understood: PublicUnderstanding,
    /// The places, best first.
    matches: Vec<Match<'v>>,
    /// What would bring more.
    loosen: Vec<Loosen>,
    /// Whether the usual search was away, so that this may be a little behind.
    behind: bool,
}

/// A place, how well it suits, and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct Match<'v> {
    /// The place.
    venue: PublicVenue<'v>,
    /// How well it suits, from 0 to 1.
    score: f32,
    /// Metres away, where that was asked and is known.
    distance_m: Option<u32>,
    /// For and against.
    reasons: Vec<Reason>,
}

/// How a wish was understood.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicUnderstanding {
    /// What they would like to do, the surest first.
    activities: Vec<UnderstoodThing>,
    /// Kinds of place they would like to go to.
    kinds: Vec<UnderstoodThing>,
    /// Life domains, the surest first.
    domains: Vec<UnderstoodThing>,
    /// What must be so.
    constraints: Vec<Constraint>,
    /// What must not come.
    not_wanted: Vec<NotWanted>,
    /// Words that nothing was made of.
    unrecognised: Vec<String>,
    /// Whether nothing much was understood.
    unsure: bool,
    /// Whether only the beginning of the text was read.
    cut: bool,
    /// Whether the words speak of wanting to die, or of hurting oneself: say first where help is.
    crisis: bool,
}

/// Something understood.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnderstoodThing {
    /// Its id in the vocabulary.
    id: String,
    /// Its name for people.
    label: String,
    /// How surely, from 0 to 1.
    sureness: f32,
}

/// Something that must be so.
#[derive(Debug, Serialize, ToSchema)]
pub struct Constraint {
    /// Its code, such as `access:step_free`, `within:3000` (metres), `cost:500` (pence).
    code: String,
    /// In a few words.
    label: String,
}

/// Something that must not come.
#[derive(Debug, Serialize, ToSchema)]
pub struct NotWanted {
    /// `kind` or `activity`.
    r#type: &'static str,
    /// Its id in the vocabulary.
    id: String,
    /// Its name for people.
    label: String,
}

impl<'v> MatchAnswer<'v> {
    /// What anyone may know of it.
    pub(super) fn of(vocabulary: &'v Vocabulary, answer: Answer) -> Self {
        Self {
            understood: PublicUnderstanding::of(vocabulary, &answer.understanding),
            matches: answer.places.into_iter().map(|(chosen, card)| Match::of(vocabulary, chosen, card)).collect(),
            loosen: answer.loosen,
            behind: answer.behind,
        }
    }
}

impl<'v> Match<'v> {
    fn of(vocabulary: &'v Vocabulary, chosen: Chosen, card: Card) -> Self {
        Self {
            venue: PublicVenue::of(card, vocabulary, chosen.distance_m),
            score: chosen.score,
            distance_m: chosen.distance_m,
            reasons: chosen.reasons,
        }
    }
}

impl PublicUnderstanding {
    fn of(vocabulary: &Vocabulary, understanding: &Understanding) -> Self {
        let thing = |concept: Ref, sureness: f32| UnderstoodThing::of(vocabulary, concept, sureness);
        let meant = |kinds: bool| {
            let some = understanding.meant.iter().filter(move |one| matches!(one.concept, Ref::Kind(_)) == kinds);
            some.map(|one| thing(one.concept, one.sureness)).collect()
        };
        let needs = understanding.needs.iter();
        Self {
            activities: meant(false),
            kinds: meant(true),
            domains: understanding.domains.iter().map(|(domain, share)| thing(Ref::Domain(*domain), *share)).collect(),
            constraints: needs.map(|need| Constraint { code: need.to_string(), label: need.label() }).collect(),
            not_wanted: understanding.refused.iter().map(|concept| NotWanted::of(vocabulary, *concept)).collect(),
            unrecognised: understanding.unrecognised.clone(),
            unsure: understanding.unsure,
            cut: understanding.cut,
            crisis: understanding.crisis,
        }
    }
}

impl UnderstoodThing {
    fn of(vocabulary: &Vocabulary, concept: Ref, sureness: f32) -> Self {
        let concept = vocabulary.concept(concept);
        Self { id: id_of(&concept), label: vocabulary.label(&concept).to_owned(), sureness: hundredths(sureness) }
    }
}

impl NotWanted {
    fn of(vocabulary: &Vocabulary, concept: Ref) -> Self {
        let r#type = if matches!(concept, Ref::Kind(_)) { "kind" } else { "activity" };
        let UnderstoodThing { id, label, .. } = UnderstoodThing::of(vocabulary, concept, 1.0);
        Self { r#type, id, label }
    }
}

fn id_of(concept: &Concept) -> String {
    match concept {
        Concept::Domain(domain) => domain.code().to_owned(),
        Concept::Kind(id) => id.to_string(),
        Concept::Activity(id) => id.to_string(),
    }
}

fn hundredths(number: f32) -> f32 {
    (number * 100.0).round() / 100.0
}
