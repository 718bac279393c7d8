//! Places that are new or have changed, beside what people want: a job matches them against open aspirations, batch by batch, and
//! the desks show what it found. All of it happens in this process; nobody outside is asked.

use std::collections::HashMap;

use chrono::{NaiveDateTime, TimeDelta, Timelike};
use serde::Serialize;

use super::ask;
use crate::{
    clock::london_day,
    db::{self, Conn},
    error::Failure,
    jobs::{self, Kind, Means},
    people::{
        self, About,
        aspirations::{self, By},
        fresh::{self, Fresh},
    },
    values::{AspirationId, SubjectId, VenueId},
    venues,
    web::views::say,
};

/// Up to where changes of the catalogue were looked at.
const CURSOR: &str = "fresh-places";
/// More changes than this since the last time are a whole catalogue that came in, and none of it is news.
const MOST_CHANGES: i64 = 10_000;
/// Changes that are looked at together.
const WINDOW: i64 = 1_000;
/// Aspirations that one job looks at.
const BATCH: i64 = 40;
/// Places that are kept for one aspiration of those that changed together.
const MOST_FOUND: usize = 3;
/// Places that are read for a desk, and aspirations that it names.
const MOST_READ: i64 = 30;
const MOST_SHOWN: usize = 5;

/// Makes sure that changes are looked at when the next hour begins.
pub fn ask_for_next(c: &mut Conn, now: NaiveDateTime) -> Result<(), Failure> {
    let hour = now.date().and_hms_opt(now.hour(), 0, 0).unwrap_or(now) + TimeDelta::hours(1);
    jobs::ask_for(c, &format!("fresh-{}", hour.format("%Y-%m-%dT%H")), Kind::FreshPlaces, "", hour, now)
}

/// Looks whether places that changed suit what people want. The payload is blank, or says up to where changes are looked at and
/// which aspiration was the last that was looked at.
pub fn look(means: &Means, c: &mut Conn, payload: &str, now: NaiveDateTime) -> Result<(), Failure> {
    let newest = venues::store::last_change(c)?;
    let from: Option<i64> = db::setting(c, CURSOR)?.and_then(|at| at.parse().ok());
    let going_on = payload.split_once(' ');
    let near = |from: &i64| going_on.is_some() || (0..=MOST_CHANGES).contains(&(newest - from));
    let Some(from) = from.filter(near) else { return done(c, newest, newest, now) };
    let mut changes = venues::store::changes_after(c, from, WINDOW)?;
    let (upto, after): (i64, Option<AspirationId>) = match going_on {
        Some((upto, after)) => (upto.parse().map_err(Failure::internal)?, Some(after.parse().map_err(Failure::internal)?)),
        None => (changes.last().map_or(newest, |(at, _)| *at), None),
    };
    changes.retain(|(at, _)| *at <= upto);
    let mut leads: Vec<VenueId> = changes.into_iter().map(|(_, lead)| lead).collect();
    leads.sort_unstable();
    leads.dedup();
    match batch(means, c, &leads, after, now)? {
        Some(last) => jobs::ask_for(c, &format!("fresh-{upto}-{last}"), Kind::FreshPlaces, &format!("{upto} {last}"), now, now),
        None => done(c, upto, newest, now),
    }
}

/// Every aspiration was looked at: on to later changes, now where there are any.
fn done(c: &mut Conn, upto: i64, newest: i64, now: NaiveDateTime) -> Result<(), Failure> {
    db::set_setting(c, CURSOR, &upto.to_string())?;
    if upto < newest {
        return jobs::ask_for(c, &format!("fresh-{upto}"), Kind::FreshPlaces, "", now, now);
    }
    ask_for_next(c, now)
}

/// Looks at some aspirations. The last of them, where there may be more.
fn batch(
    means: &Means,
    c: &mut Conn,
    leads: &[VenueId],
    after: Option<AspirationId>,
    now: NaiveDateTime,
) -> Result<Option<AspirationId>, Failure> {
    let today = london_day(now);
    let places = means.matcher.places(&venues::store::cards(c, leads)?, today);
    if places.is_empty() {
        return Ok(None);
    }
    let wanted = aspirations::open_after(c, &means.vault, after, BATCH)?;
    let ids: Vec<SubjectId> = wanted.all.iter().map(|(person, _)| *person).collect();
    let abouts = people::abouts(c, &means.vault, &ids)?;
    let home = |person: &SubjectId| abouts.get(person).map_or("", |about| about.area.as_str());
    let mut marked = aspirations::marked(c, &wanted.all.iter().map(|(_, one)| one.id).collect::<Vec<_>>())?;
    for (person, aspiration) in &wanted.all {
        let mut ask = ask::ask(means.matcher.reader(), c, aspiration, home(person), MOST_FOUND)?;
        ask.hidden = marked.remove(&aspiration.id).unwrap_or_default();
        fresh::add(c, aspiration.id, &means.matcher.best(&ask, &places, today, MOST_FOUND), now)?;
    }
    Ok(wanted.more)
}

/// New places for something that someone wants.
#[derive(Debug, Clone, Serialize)]
pub struct NewsLine {
    /// Where they are shown.
    pub href: String,
    /// Who wants it.
    pub called: String,
    /// "The Clay Room and Kiln Corner".
    pub places: String,
    /// Whether it is one place.
    pub one: bool,
}

/// What whoever goes along with these people hasn't seen yet.
pub(super) fn for_desk(c: &mut Conn, people: &[SubjectId]) -> Result<Vec<Fresh>, Failure> {
    fresh::unseen(c, people, By::Worker, MOST_READ)
}

/// The lines of a desk: one for each aspiration.
pub(super) fn lines(c: &mut Conn, news: &[Fresh], abouts: &HashMap<SubjectId, About>) -> Result<Vec<NewsLine>, Failure> {
    let names = names(c, news)?;
    let mut lines = Vec::new();
    for (person, aspiration, places) in by_aspiration(news, &names) {
        let Some(about) = abouts.get(&person) else { continue };
        lines.push(NewsLine {
            href: format!("/people/{person}/wishes/{aspiration}"),
            called: about.called().to_owned(),
            one: places.len() == 1,
            places: say::list(&places, "and"),
        });
    }
    lines.truncate(MOST_SHOWN);
    Ok(lines)
}

/// The names of new places for each thing that someone wants, which one side hasn't seen yet.
pub(super) fn of_person(c: &mut Conn, person: SubjectId, by: By) -> Result<HashMap<AspirationId, Vec<String>>, Failure> {
    let news = fresh::unseen(c, &[person], by, MOST_READ)?;
    let names = names(c, &news)?;
    Ok(by_aspiration(&news, &names).into_iter().map(|(_, aspiration, places)| (aspiration, places)).collect())
}

/// The names of those that are still published.
fn names(c: &mut Conn, news: &[Fresh]) -> Result<HashMap<VenueId, String>, Failure> {
    let ids: Vec<VenueId> = news.iter().map(|one| one.venue).collect();
    let venues = venues::store::published(c, &ids)?;
    Ok(venues.into_iter().map(|venue| (venue.id, say::calm(&venue.facts.name))).collect())
}

fn by_aspiration(news: &[Fresh], names: &HashMap<VenueId, String>) -> Vec<(SubjectId, AspirationId, Vec<String>)> {
    let mut all: Vec<(SubjectId, AspirationId, Vec<String>)> = Vec::new();
    for one in news {
        let Some(name) = names.get(&one.venue) else { continue };
        match all.iter_mut().find(|(_, aspiration, _)| *aspiration == one.aspiration) {
            Some((.., places)) => places.push(name.clone()),
            None => all.push((one.person, one.aspiration, vec![name.clone()])),
        }
    }
    all
}
