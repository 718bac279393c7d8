//! When a place is open and what is on: this week, every week, and on days that differ.

use chrono::{Days, NaiveDateTime};
use serde::Serialize;

use super::say;
use crate::venues::{Facts, Limits, Offer, OfferKind, Places, Schedule, Slot};

/// How far ahead "next" looks, in days.
const AHEAD_DAYS: u64 = 60;
/// How far ahead days that differ are named, in days.
const EXCEPTIONS_AHEAD: u64 = 120;

/// One day of the coming week.
#[derive(Debug, Clone, Serialize)]
pub struct Day {
    /// "Today, Monday", "Wednesday 25 November".
    pub name: String,
    /// "10am to 10pm", "Closed"; none where not known.
    pub open: Option<String>,
    /// Why it differs from other weeks.
    pub note: Option<String>,
    /// What is on, in order.
    pub events: Vec<Event>,
}

/// Something on at a time.
#[derive(Debug, Clone, Serialize)]
pub struct Event {
    /// "7pm to 9.30pm".
    pub hours: String,
    /// What it is called.
    pub title: String,
    /// "Free", "£5 a session".
    pub price: Option<String>,
    /// Whether it is full.
    pub full: bool,
}

/// Regular opening times.
#[derive(Debug, Clone, Serialize)]
pub struct Opening {
    /// "Open now, until 10pm"; "Closed now. Opens tomorrow, 10am".
    pub now: Option<String>,
    /// Weekday and hours.
    pub days: Vec<(&'static str, String)>,
    /// Days that differ: date, and what is different.
    pub exceptions: Vec<(String, String)>,
    /// The rest.
    pub note: Option<String>,
}

/// Something one can do at a place.
#[derive(Debug, Clone, Serialize)]
pub struct OfferView {
    /// A short name.
    pub title: String,
    /// "Session", "Volunteer role".
    pub kind: &'static str,
    /// The icon beside it.
    pub icon: &'static str,
    /// What happens there.
    pub description: Option<String>,
    /// "every Monday, 7pm to 9.30pm".
    pub when: Vec<String>,
    /// "Next: today, 7pm".
    pub next: Option<String>,
    /// What it costs.
    pub cost: Option<String>,
    /// "4 places left", "Full".
    pub places: Option<String>,
    /// Whether it is full.
    pub full: bool,
    /// "18 and over".
    pub ages: Option<String>,
    /// Other limits.
    pub limits: Option<String>,
    /// How to join.
    pub how_to_join: Option<String>,
    /// "When it is on and how to join": what people would have to ask.
    pub unknown: String,
    /// Whether it invites beginners.
    pub beginners: bool,
}

/// The coming seven days; none where neither opening times nor times of offers are known.
pub fn week(facts: &Facts, now: NaiveDateTime) -> Vec<Day> {
    let timed: Vec<&Offer> = facts.offers.iter().filter(|offer| offer.schedule.is_some() && is_event(offer)).collect();
    let known = facts.opening.as_ref().is_some_and(|opening| !opening.rules.is_empty() || !opening.exceptions.is_empty());
    if timed.is_empty() && !known {
        return Vec::new();
    }
    (0..7).filter_map(|ahead| now.date().checked_add_days(Days::new(ahead))).map(|day| one_day(facts, &timed, now, day)).collect()
}

fn one_day(facts: &Facts, timed: &[&Offer], now: NaiveDateTime, day: chrono::NaiveDate) -> Day {
    let mut events: Vec<(Slot, Event)> = Vec::new();
    for offer in timed {
        for slot in offer.schedule.iter().flat_map(|schedule| schedule.on(day)).filter(|slot| slot.to > now) {
            let price = offer.cost.as_ref().and_then(say::price);
            let full = matches!(offer.places, Some(Places::Full {}));
            let hours = say::hours(slot.from.time(), slot.to.time());
            events.push((slot, Event { hours, title: offer.title.clone(), price, full }));
        }
    }
    events.sort_by_key(|(slot, _)| *slot);
    let name = match (day - now.date()).num_days() {
        0 => format!("Today, {}", say::weekday(chrono::Datelike::weekday(&day))),
        1 => format!("Tomorrow, {}", say::weekday(chrono::Datelike::weekday(&day))),
        _ => say::day_and_date(day),
    };
    Day {
        name,
        open: facts.opening.as_ref().filter(|opening| opening.speaks_of(day)).map(|opening| hours_on(opening, day)),
        note: facts.opening.as_ref().and_then(|opening| opening.note_on(day)).map(str::to_owned),
        events: events.into_iter().map(|(_, event)| event).collect(),
    }
}

fn is_event(offer: &Offer) -> bool {
    matches!(offer.kind, OfferKind::Session | OfferKind::Class)
}

fn hours_on(schedule: &Schedule, day: chrono::NaiveDate) -> String {
    let slots = schedule.on(day);
    if slots.is_empty() {
        return "Closed".to_owned();
    }
    let hours: Vec<String> = slots.iter().map(|slot| say::hours(slot.from.time(), slot.to.time())).collect();
    say::sentence(&say::list(&hours, "and"))
}

/// Regular opening times, without the days that differ.
pub fn opening(schedule: &Schedule, now: NaiveDateTime) -> Opening {
    let regular = Schedule { rules: schedule.rules.clone(), ..Schedule::default() };
    let monday = now.date().week(chrono::Weekday::Mon).first_day();
    let days = (0..7).filter_map(|ahead| monday.checked_add_days(Days::new(ahead)));
    let days = days.map(|day| (say::weekday(chrono::Datelike::weekday(&day)), hours_on(&regular, day)));
    let last = now.date().checked_add_days(Days::new(EXCEPTIONS_AHEAD)).unwrap_or(now.date());
    let mut differ: Vec<_> = schedule.exceptions.iter().filter(|e| (now.date()..=last).contains(&e.on)).collect();
    differ.sort_by_key(|exception| exception.on);
    differ.dedup_by_key(|exception| exception.on);
    let exceptions = differ.into_iter().map(|exception| {
        let hours = hours_on(schedule, exception.on);
        let said = exception.note.as_ref().map_or(hours.clone(), |note| format!("{hours}. {note}"));
        (say::day_and_date(exception.on), said)
    });
    Opening {
        now: schedule.next(now, 7).map(|slot| match slot.from <= now {
            true => format!("Open {}", say::when(now, slot)),
            false => format!("Closed now. Opens {}", say::when(now, slot)),
        }),
        days: if schedule.rules.is_empty() { Vec::new() } else { days.collect() },
        exceptions: exceptions.collect(),
        note: schedule.note.clone(),
    }
}

/// What one can do at a place: what is for everyone first, then roles and jobs.
pub fn offers(facts: &Facts, now: NaiveDateTime) -> Vec<OfferView> {
    facts.offers.iter().map(|offer| view(offer, now)).collect()
}

fn view(offer: &Offer, now: NaiveDateTime) -> OfferView {
    let (full, places) = match offer.places {
        Some(Places::Full {}) => (true, Some("Full. Ask about a waiting list.".to_owned())),
        Some(Places::Open { left: Some(left) }) => (false, Some(say::count(u64::from(left), "place left", "places left"))),
        Some(Places::Open { left: None }) => (false, Some("Places left".to_owned())),
        None => (false, None),
    };
    let schedule = offer.schedule.as_ref();
    let mut when: Vec<String> =
        schedule.iter().flat_map(|schedule| schedule.rules.iter().map(|rule| say::sentence(&say::rule(rule)))).collect();
    when.extend(schedule.and_then(|schedule| schedule.note.clone()));
    let starts = schedule.and_then(|schedule| schedule.rules.iter().filter_map(|rule| rule.starts).min());
    when.extend(starts.filter(|first| *first > now.date()).map(|first| format!("Starts on {}", say::day_and_date(first))));
    let when_known = !when.is_empty();
    OfferView {
        title: offer.title.clone(),
        kind: offer.kind.label(),
        icon: icon_of(offer.kind),
        description: offer.description.clone(),
        when,
        next: schedule.and_then(|schedule| schedule.next(now, AHEAD_DAYS)).map(|slot| say::when(now, slot)),
        cost: offer.cost.as_ref().map(say::cost),
        places,
        full,
        ages: offer.ages.and_then(ages),
        limits: offer.limits.clone(),
        how_to_join: offer.how_to_join.clone(),
        unknown: unknown(offer, when_known),
        beginners: offer.beginners_welcome == Some(true),
    }
}

/// What is not known of an offer, as far as it matters: a room to hire needs no times, a job has no price.
fn unknown(offer: &Offer, when_known: bool) -> String {
    let timed = !matches!(offer.kind, OfferKind::Hire | OfferKind::Membership | OfferKind::RoomToHost);
    let priced = !matches!(offer.kind, OfferKind::Job | OfferKind::VolunteerRole);
    let open = [
        (timed && !when_known, "when it is"),
        (priced && offer.cost.is_none(), "what it costs"),
        (offer.how_to_join.is_none(), "how to join"),
    ];
    let open: Vec<String> = open.into_iter().filter(|(unknown, _)| *unknown).map(|(_, what)| what.to_owned()).collect();
    say::sentence(&say::list(&open, "and"))
}

fn icon_of(kind: OfferKind) -> &'static str {
    use super::icon;
    match kind {
        OfferKind::Session => icon("calendar"),
        OfferKind::Class => icon("graduation-cap"),
        OfferKind::Hire => icon("key-round"),
        OfferKind::Membership => icon("ticket"),
        OfferKind::VolunteerRole => icon("hand-heart"),
        OfferKind::Job => icon("briefcase"),
        OfferKind::RoomToHost => icon("door-open"),
    }
}

fn ages(limits: Limits) -> Option<String> {
    match (limits.min, limits.max) {
        (Some(min), Some(max)) => Some(format!("Ages {min} to {max}")),
        (Some(min), None) => Some(format!("Age {min} and over")),
        (None, Some(max)) => Some(format!("Up to age {max}")),
        (None, None) => None,
    }
}
