//! Places that are new or have changed and may suit something that someone wants, until they and whoever goes along have seen them.
//! Ids and days alone; a place that was shown once isn't shown again as new.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;

use super::aspirations::{By, State};
use crate::{
    db::Conn,
    error::Failure,
    on_each_engine,
    schema::{aspirations, fresh_places},
    values::{AspirationId, SubjectId, VenueId},
};

/// How long such a place is remembered.
const KEEP: TimeDelta = TimeDelta::days(90);
/// People in one question; SQLite takes so many values.
const AT_ONCE: usize = 500;

/// A place that nobody on one side has seen yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fresh {
    /// Whose aspiration it may suit.
    pub person: SubjectId,
    /// The aspiration.
    pub aspiration: AspirationId,
    /// The place.
    pub venue: VenueId,
}

/// Keeps that places may suit an aspiration; those that were found before stay as they are.
pub fn add(c: &mut Conn, id: AspirationId, venues: &[VenueId], now: NaiveDateTime) -> Result<(), Failure> {
    for venue in venues {
        let row = (
            fresh_places::aspiration_id.eq(id.to_string()),
            fresh_places::venue_id.eq(venue.to_string()),
            fresh_places::found_at.eq(now),
        );
        on_each_engine!(c, inner => diesel::insert_into(fresh_places::table).values(row).on_conflict_do_nothing().execute(inner))?;
    }
    Ok(())
}

/// What one side of these people hasn't seen yet, for what they want now: the latest first, at most `most`. A peer looks in, and takes
/// nothing off another's desk.
pub fn unseen(c: &mut Conn, people: &[SubjectId], by: By, most: i64) -> Result<Vec<Fresh>, Failure> {
    let ids: Vec<String> = people.iter().take(AT_ONCE).map(ToString::to_string).collect();
    let open = aspirations::person_id.eq_any(ids).and(aspirations::state.eq(State::Open.code()));
    let all = fresh_places::table
        .inner_join(aspirations::table)
        .filter(open)
        .order((fresh_places::found_at.desc(), fresh_places::aspiration_id, fresh_places::venue_id))
        .limit(most)
        .select((aspirations::person_id, fresh_places::aspiration_id, fresh_places::venue_id));
    let rows: Vec<(String, String, String)> = match by {
        By::Person => all.filter(fresh_places::seen_by_person.is_null()).load(c)?,
        By::Worker => all.filter(fresh_places::seen_by_worker.is_null()).load(c)?,
        By::Peer => Vec::new(),
    };
    let fresh = |(person, aspiration, venue): (String, String, String)| {
        Some(Fresh { person: person.parse().ok()?, aspiration: aspiration.parse().ok()?, venue: venue.parse().ok()? })
    };
    Ok(rows.into_iter().filter_map(fresh).collect())
}

/// What one side hasn't seen yet for an aspiration, at most `most`; from now on they have seen all of it.
pub fn see(c: &mut Conn, id: AspirationId, by: By, most: i64, now: NaiveDateTime) -> Result<Vec<VenueId>, Failure> {
    let its = fresh_places::aspiration_id.eq(id.to_string());
    let all = fresh_places::table
        .filter(its.clone())
        .order((fresh_places::found_at.desc(), fresh_places::venue_id))
        .limit(most)
        .select(fresh_places::venue_id);
    let rows: Vec<String> = match by {
        By::Person => all.filter(fresh_places::seen_by_person.is_null()).load(c)?,
        By::Worker => all.filter(fresh_places::seen_by_worker.is_null()).load(c)?,
        By::Peer => Vec::new(),
    };
    let here = fresh_places::table.filter(its);
    match by {
        By::Person => diesel::update(here.filter(fresh_places::seen_by_person.is_null()))
            .set(fresh_places::seen_by_person.eq(now))
            .execute(c)?,
        By::Worker => diesel::update(here.filter(fresh_places::seen_by_worker.is_null()))
            .set(fresh_places::seen_by_worker.eq(now))
            .execute(c)?,
        By::Peer => 0,
    };
    Ok(rows.into_iter().filter_map(|id| id.parse().ok()).collect())
}

/// Someone said what they think of a place, so it is new to nobody.
pub fn spoken_of(c: &mut Conn, id: AspirationId, venue: VenueId, now: NaiveDateTime) -> Result<(), Failure> {
    let its = fresh_places::aspiration_id.eq(id.to_string()).and(fresh_places::venue_id.eq(venue.to_string()));
    let set = (fresh_places::seen_by_person.eq(now), fresh_places::seen_by_worker.eq(now));
    diesel::update(fresh_places::table.filter(its)).set(set).execute(c)?;
    Ok(())
}

/// Drops what was found long ago.
pub fn tidy(c: &mut Conn, now: NaiveDateTime) -> Result<(), Failure> {
    diesel::delete(fresh_places::table.filter(fresh_places::found_at.lt(now - KEEP))).execute(c)?;
    Ok(())
}
