//! What to loosen where hardly any place fits.

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    choose::{Tally, one_for_times},
    need::Need,
    understand::Understanding,
    verbs::FEW,
};
use crate::web::views::say;

/// Wider circles that are tried, in metres.
const WIDER_M: [u32; 4] = [5_000, 12_000, 20_000, 50_000];

/// Something that would bring more places.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Loosen {
    /// In a short plain sentence.
    pub text: String,
    /// How many good places there are then.
    pub places: u32,
    /// A wider circle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within_km: Option<u32>,
    /// A need that is given up, or asked about, by its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub without: Option<String>,
}

/// What brings more, each with how many; `wider` counts the good places in a wider circle.
pub(crate) fn loosen(
    understanding: &Understanding,
    tally: &Tally,
    within_m: Option<u32>,
    wider: impl Fn(u32) -> Option<u32>,
) -> Vec<Loosen> {
    let mut all: Vec<Loosen> = Vec::new();
    if tally.good < FEW && !understanding.meant.is_empty() {
        all.extend(farther(tally.good, within_m, wider));
    }
    for (at, need) in one_for_times(&understanding.needs) {
        let (fit, to_ask) = tally.needs.get(at).copied().unwrap_or_default();
        if fit == 0 && tally.in_all > 0 && counted(need) {
            all.push(asking(need, to_ask, tally.in_all));
        }
    }
    all
}

/// The nearest wider circle with more places, and the nearest with enough.
fn farther(good: u32, within_m: Option<u32>, wider: impl Fn(u32) -> Option<u32>) -> Vec<Loosen> {
    let mut all: Vec<Loosen> = Vec::new();
    let mut best = good;
    for metres in WIDER_M.into_iter().filter(|metres| within_m.is_some_and(|within| within < *metres)) {
        let Some(places) = wider(metres).filter(|places| *places > best) else { continue };
        best = places;
        let km = metres / 1_000;
        let text = format!("{} if you can go up to {km} km", say::count(u64::from(places), "place", "places"));
        all.push(Loosen { text, places, within_km: Some(km), without: None });
        if places >= FEW {
            break;
        }
    }
    all
}

/// Needs that a place may be known to fit.
fn counted(need: &Need) -> bool {
    !matches!(need, Need::Within(_) | Need::Small | Need::Age(_))
}

fn asking(need: &Need, to_ask: u32, in_all: u32) -> Loosen {
    let what = match need {
        Need::Day(_) | Need::Time(_) => "the times that you can go".to_owned(),
        need => format!("“{}”", need.label()),
    };
    let text = match to_ask {
        0 => format!("No place here is known to fit {what}. {} without it", say::count(u64::from(in_all), "place", "places")),
        1 => format!("No place here is known to fit {what}. There is 1 to ask"),
        _ => format!("No place here is known to fit {what}. There are {} to ask", say::thousands(u64::from(to_ask))),
    };
    Loosen { text, places: if to_ask == 0 { in_all } else { to_ask }, within_km: None, without: Some(need.to_string()) }
}
