//! Lists of places for something that someone wants, which they open by a link without signing in, for some days.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use uuid::Uuid;

use crate::{
    accounts::token::Token,
    db::Conn,
    error::Failure,
    schema::{aspirations, shared_lists},
    values::{AccountId, AspirationId, SubjectId, VenueId},
};

/// How long a link works.
pub const LASTS: TimeDelta = TimeDelta::days(14);
/// So long the same list is one, pressed twice.
pub const PRESSED_TWICE: TimeDelta = TimeDelta::minutes(10);
/// How long is kept that there was one.
const KEEP: TimeDelta = TimeDelta::days(30);

/// A list that can be opened.
#[derive(Debug, Clone)]
pub struct Shared {
    /// Whose it is.
    pub person: SubjectId,
    /// For what.
    pub aspiration: AspirationId,
    /// The places, in order.
    pub venues: Vec<VenueId>,
}

/// Whether the same list was made since a time and stands.
pub fn is_there(c: &mut Conn, id: AspirationId, venues: &[VenueId], since: NaiveDateTime) -> Result<bool, Failure> {
    let lately = shared_lists::sent_at.gt(since).and(shared_lists::ended_at.is_null());
    let same = shared_lists::aspiration_id.eq(id.to_string()).and(shared_lists::venues.eq(spelt(venues)));
    Ok(diesel::select(diesel::dsl::exists(shared_lists::table.filter(same.and(lately)))).get_result(c)?)
}

fn spelt(venues: &[VenueId]) -> String {
    venues.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// Makes a list, in place of the one before. The token is shown here alone.
pub fn share(c: &mut Conn, id: AspirationId, venues: &[VenueId], by: AccountId, now: NaiveDateTime) -> Result<Token, Failure> {
    end(c, id, now)?;
    let token = Token::random()?;
    let row = (
        shared_lists::id.eq(Uuid::new_v4().to_string()),
        shared_lists::aspiration_id.eq(id.to_string()),
        shared_lists::token.eq(token.hash()),
        shared_lists::venues.eq(spelt(venues)),
        shared_lists::sent_by.eq(by.to_string()),
        shared_lists::sent_at.eq(now),
        shared_lists::expires_at.eq(now + LASTS),
    );
    diesel::insert_into(shared_lists::table).values(row).execute(c)?;
    Ok(token)
}

/// The list that a token opens, if it still does.
pub fn opened(c: &mut Conn, token: &Token, now: NaiveDateTime) -> Result<Option<Shared>, Failure> {
    let stands = shared_lists::ended_at.is_null().and(shared_lists::expires_at.gt(now));
    let row: Option<(String, String, String)> = shared_lists::table
        .inner_join(aspirations::table)
        .filter(shared_lists::token.eq(token.hash()).and(stands))
        .select((aspirations::person_id, aspirations::id, shared_lists::venues))
        .first(c)
        .optional()?;
    let shared = |(person, aspiration, venues): (String, String, String)| {
        let venues = venues.split(' ').filter_map(|id| id.parse().ok()).collect();
        Some(Shared { person: person.parse().ok()?, aspiration: aspiration.parse().ok()?, venues })
    };
    Ok(row.and_then(shared))
}

/// Until when the list of an aspiration can be opened, if there is one.
pub fn until(c: &mut Conn, id: AspirationId, now: NaiveDateTime) -> Result<Option<NaiveDateTime>, Failure> {
    let stands = shared_lists::ended_at.is_null().and(shared_lists::expires_at.gt(now));
    let its = shared_lists::table.filter(shared_lists::aspiration_id.eq(id.to_string()).and(stands));
    Ok(its.select(shared_lists::expires_at).first(c).optional()?)
}

/// From now on no list of an aspiration can be opened.
pub fn end(c: &mut Conn, id: AspirationId, now: NaiveDateTime) -> Result<(), Failure> {
    let its = shared_lists::aspiration_id.eq(id.to_string()).and(shared_lists::ended_at.is_null());
    diesel::update(shared_lists::table.filter(its)).set(shared_lists::ended_at.eq(now)).execute(c)?;
    Ok(())
}

/// Drops lists that nobody can open any more.
pub fn tidy(c: &mut Conn, now: NaiveDateTime) -> Result<(), Failure> {
    diesel::delete(shared_lists::table.filter(shared_lists::expires_at.lt(now - KEEP))).execute(c)?;
    Ok(())
}
