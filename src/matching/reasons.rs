//! Why a place is shown, for and against, made from the numbers that ranked it.

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    need::{Need, weekday},
    score::{Circumstances, Measure, Part},
    understand::{Reader, Understanding},
};
use crate::{
    search::entry::{Known, Profile},
    venues::Mark,
    vocabulary::Ref,
    web::views::say,
};

/// Most things a place offers that are named as reasons.
const MOST_OFFERS: usize = 3;
/// Something that adds less to how well a place fits is no reason.
const LEAST: f32 = 0.05;
/// How surely a place offers what we say it offers, and usually offers.
const SURELY: f32 = 0.85;
const USUALLY: f32 = 0.5;

/// One reason.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Reason {
    /// A short plain sentence.
    pub text: String,
    /// How much it counts: above 0 for the place, below 0 against it, 0 where nobody knows.
    pub weight: f32,
    /// What it is about, so that nothing is told twice.
    #[serde(skip)]
    pub(crate) about: About,
}

/// What a reason is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    /// What it offers, or is.
    Offers,
    /// What it may offer: one has to ask.
    MayOffer,
    Distance,
    Cost,
    Room,
    Other,
}

/// The reasons for a place: what it offers, then how far it is, then what was needed, then the rest.
pub(crate) fn reasons(
    reader: &Reader,
    understanding: &Understanding,
    measure: &Measure<'_>,
    profile: &Profile,
    place: &Circumstances<'_>,
    distance_m: Option<u32>,
) -> Vec<Reason> {
    let mut all = offers(reader, understanding, profile);
    measure.each(place, |part, factor| {
        if let Some((text, about)) = said(&part, place, understanding, distance_m) {
            all.push(Reason { text, weight: weight(&part, factor), about });
        }
    });
    all
}

/// How much a part counts beside a place of which nobody knows anything; distance beside the far side of the circle.
fn weight(part: &Part<'_>, factor: f32) -> f32 {
    let usual = match part {
        Part::Need(_, Known::Unknown) | Part::Times(Known::Unknown) => factor,
        Part::Need(..) | Part::Times(_) => 0.8,
        Part::Distance => 0.85,
        Part::Setting => 0.98,
        Part::Fresh => 0.975,
        Part::Room | Part::Closed | Part::Invites | Part::GotOn => 0.99,
    };
    let rounded = ((factor / usual - 1.0) * 1_000.0).round() / 1_000.0;
    if rounded == 0.0 { 0.0 } else { rounded }
}

/// What the place has of what is looked for, what counts most first.
fn offers(reader: &Reader, understanding: &Understanding, profile: &Profile) -> Vec<Reason> {
    let wanted = &understanding.wanted;
    let mut found: Vec<(Ref, f32, f32)> = Vec::new();
    let mut see = |concept: Ref, sure: f32| {
        let worth = wanted.worth(concept) * sure;
        if worth >= LEAST {
            found.push((concept, sure, worth));
        }
    };
    profile.activities.iter().for_each(|(at, sure)| see(Ref::Activity(*at), f32::from(*sure) / 255.0));
    profile.kinds.iter().for_each(|at| see(Ref::Kind(*at), 1.0));
    found.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.0.cmp(&b.0)));
    drop_wider(reader, &mut found);
    let (mut activities, mut kinds) = (0, 0);
    found.retain(|(concept, ..)| {
        let (count, most) = if matches!(concept, Ref::Kind(_)) { (&mut kinds, 1) } else { (&mut activities, MOST_OFFERS) };
        *count += 1;
        *count <= most
    });
    let reason = |(concept, sure, worth): (Ref, f32, f32)| {
        let (text, about) = offered(reader, understanding, concept, sure);
        Reason { text, weight: (worth * 1_000.0).round() / 1_000.0, about }
    };
    found.into_iter().map(reason).collect()
}

/// A wider kind or activity says nothing where a narrower one is there.
fn drop_wider(reader: &Reader, found: &mut Vec<(Ref, f32, f32)>) {
    let all: Vec<Ref> = found.iter().map(|(concept, ..)| *concept).collect();
    let is_wider = |concept: &Ref| all.iter().any(|other| other != concept && reader.wider(*other).contains(concept));
    found.retain(|(concept, ..)| !is_wider(concept));
}

fn offered(reader: &Reader, understanding: &Understanding, concept: Ref, sure: f32) -> (String, About) {
    let label = reader.vocabulary.label(&reader.vocabulary.concept(concept)).to_owned();
    let named = || understanding.meant.iter().any(|one| one.concept == concept && one.outright);
    match concept {
        Ref::Kind(_) if understanding.to_start => (format!("{label}, which is easy to start with"), About::Offers),
        Ref::Kind(_) if named() => (format!("{label}, as you asked"), About::Offers),
        Ref::Kind(_) => (format!("{label}, which suits what you wrote"), About::Offers),
        _ if sure >= SURELY => (format!("You can do this here: {label}"), About::Offers),
        _ if sure >= USUALLY => (format!("Such places usually offer: {label}"), About::Offers),
        _ => (format!("May offer: {label}. Ask them"), About::MayOffer),
    }
}

fn said(
    part: &Part<'_>,
    place: &Circumstances<'_>,
    understanding: &Understanding,
    distance_m: Option<u32>,
) -> Option<(String, About)> {
    Some(match part {
        Part::Distance => (say::sentence(&say::distance(distance_m?)), About::Distance),
        Part::Need(need, known) => {
            (needed(need, *known, place)?, if matches!(need, Need::Cost(_)) { About::Cost } else { About::Other })
        }
        Part::Times(known) => (times(understanding, *known), About::Other),
        Part::Setting => match place.mark? {
            Mark::Green => return None,
            Mark::Amber => ("A group for people who use services".to_owned(), About::Other),
            Mark::Red => ("Only for people who use services".to_owned(), About::Other),
        },
        Part::Fresh => return None,
        Part::Room => match place.traits.room {
            Known::Yes | Known::Partly => ("There are places left".to_owned(), About::Room),
            Known::No => ("Full just now. Ask about a waiting list".to_owned(), About::Room),
            Known::Unknown => return None,
        },
        Part::Closed => ("Closed for now".to_owned(), About::Other),
        Part::Invites if place.traits.beginners == Known::Yes => ("Beginners are welcome".to_owned(), About::Other),
        Part::Invites => return None,
        Part::GotOn => {
            place.got_on?;
            ("People with wishes like yours got on well here".to_owned(), About::Other)
        }
    })
}

fn needed(need: &Need, known: Known, place: &Circumstances<'_>) -> Option<String> {
    Some(match need {
        Need::Cost(most) => cost(*most, known, place.cost),
        Need::Age(age) => match known {
            Known::No => format!("Not for someone of {age}"),
            Known::Yes => format!("Takes someone of {age}"),
            Known::Partly | Known::Unknown => return None,
        },
        need => {
            let label = need.label();
            match known {
                Known::Yes => label,
                Known::Partly => format!("{label}: partly"),
                Known::Unknown => format!("{label}: not known. Ask them"),
                Known::No => format!("{label}: no"),
            }
        }
    })
}

fn cost(most: u32, known: Known, cost: Option<u32>) -> String {
    match (known, cost) {
        (_, Some(0)) => "Something here is free".to_owned(),
        (Known::Yes, Some(pence)) => format!("From {}", say::money(pence)),
        (_, Some(pence)) => format!(
            "Costs {} or more, over your {}",
            say::money(pence),
            if most == 0 { "“free”".to_owned() } else { say::money(most) }
        ),
        (Known::Partly, None) => "Such places are usually free to visit".to_owned(),
        (_, None) => "Cost not known. Ask them".to_owned(),
    }
}

/// "Open on Saturday", "Not known to be open in the evening".
fn times(understanding: &Understanding, known: Known) -> String {
    let needs = || understanding.needs.iter();
    let day = |need: &Need| if let Need::Day(day) = need { Some(say::weekday(weekday(*day)).to_owned()) } else { None };
    let part = |need: &Need| if let Need::Time(part) = need { Some(part.label()) } else { None };
    let days: Vec<String> = needs().filter_map(day).collect();
    let parts: Vec<&str> = needs().filter_map(part).collect();
    let on = if days.is_empty() { String::new() } else { format!("on {}", say::list(&days, "or")) };
    let when = [on, parts.join(" or ")].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    match known {
        Known::Yes | Known::Partly => format!("Open {when}"),
        Known::Unknown => format!("Opening times not known. Ask if it is open {when}"),
        Known::No => format!("Not known to be open {when}"),
    }
}
