//! SQL of the catalogue: one function for one question.

use std::collections::{BTreeMap, HashMap};

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Card, Facts, Field, Offer, Origin, SourceRef, Venue, among::Among};
use crate::{
    db::{Conn, lock_changes},
    error::Failure,
    on_each_engine,
    schema::{change_log, feeds, offers, venues},
    values::{OfferId, VenueId},
};

/// Most ids in one `IN (...)`, well under SQLite's and PostgreSQL's limits on parameters.
const BATCH: usize = 500;

/// A stored venue; only this room reads it.
#[derive(Queryable, Selectable, Insertable, AsChangeset, Clone)]
#[diesel(table_name = venues)]
#[diesel(treat_none_as_null = true)]
#[diesel(treat_none_as_default_value = false)]
pub struct VenueRow {
    pub(crate) id: String,
    pub(crate) card_id: String,
    pub(crate) name: String,
    pub(crate) licence: String,
    pub(crate) status: String,
    pub(crate) published: bool,
    pub(crate) gone_since: Option<NaiveDateTime>,
    pub(crate) lat: Option<f64>,
    pub(crate) lon: Option<f64>,
    pub(crate) assured_at: Option<NaiveDate>,
    pub(crate) facts: String,
    pub(crate) digest: String,
    pub(crate) created_at: NaiveDateTime,
    pub(crate) updated_at: NaiveDateTime,
}

/// A stored offer.
#[derive(Queryable, Selectable, Insertable, Clone)]
#[diesel(table_name = offers)]
pub struct OfferRow {
    pub(crate) id: String,
    pub(crate) venue_id: String,
    pub(crate) position: i32,
    pub(crate) kind: String,
    pub(crate) title: String,
    pub(crate) facts: String,
}

/// What a card needs of a stored venue.
#[derive(Queryable, Selectable)]
#[diesel(table_name = venues)]
struct CardRow {
    id: String,
    card_id: String,
    licence: String,
    published: bool,
    gone_since: Option<NaiveDateTime>,
    facts: String,
    updated_at: NaiveDateTime,
}

/// A venue and one of its offers: place and facts. A venue with several comes several times.
type Found = (CardRow, Option<(i32, String)>);

#[derive(Insertable)]
#[diesel(table_name = change_log)]
struct ChangeRow {
    position: i64,
    card_id: String,
    changed_at: NaiveDateTime,
}

/// What the `facts` column holds: the values but for the offers, and where they came from.
#[derive(Serialize, Deserialize)]
pub(crate) struct Document {
    pub(crate) facts: Facts,
    pub(crate) sources: Vec<SourceRef>,
    pub(crate) origins: BTreeMap<Field, Origin>,
}

/// The stored form of an offer: the id comes from the venue and the offer's own id, or else its title.
pub(crate) fn offer_rows(venue: VenueId, list: &[Offer]) -> Result<Vec<OfferRow>, Failure> {
    let mut seen: HashMap<String, u32> = HashMap::new();
    list.iter()
        .enumerate()
        .map(|(at, offer)| {
            let name = offer.id.clone().unwrap_or_else(|| format!("{}/{}", offer.kind, offer.title));
            let again = seen.entry(name.clone()).and_modify(|n| *n += 1).or_insert(0);
            let id = OfferId(uuid::Uuid::new_v5(&venue.0, format!("{name}#{again}").as_bytes()));
            Ok(OfferRow {
                id: id.to_string(),
                venue_id: venue.to_string(),
                position: i32::try_from(at).map_err(Failure::internal)?,
                kind: offer.kind.code().to_owned(),
                title: offer.title.clone(),
                facts: serde_json::to_string(offer)?,
            })
        })
        .collect()
}

/// The published venues among `ids`, with their offers; in no particular order.
pub fn published(c: &mut Conn, ids: &[VenueId]) -> Result<Vec<Venue>, Failure> {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let mut found: Vec<Found> = Vec::with_capacity(ids.len());
    for part in ids.chunks(BATCH) {
        found.extend(
            venues::table
                .left_join(offers::table)
                .filter(Among::new(venues::id, part).and(venues::published.eq(true)))
                .select((CardRow::as_select(), (offers::position, offers::facts).nullable()))
                .load::<Found>(c)?,
        );
    }
    with_offers(found)
}

/// The cards that these leads stand for, in the order asked; a lead that isn't published is left out.
pub fn cards(c: &mut Conn, leads: &[VenueId]) -> Result<Vec<Card>, Failure> {
    let names: Vec<String> = leads.iter().map(ToString::to_string).collect();
    let mut found: Vec<Found> = Vec::with_capacity(names.len());
    for part in names.chunks(BATCH) {
        found.extend(
            venues::table
                .left_join(offers::table)
                .filter(Among::new(venues::card_id, part).and(venues::published.eq(true)))
                .select((CardRow::as_select(), (offers::position, offers::facts).nullable()))
                .load::<Found>(c)?,
        );
    }
    let mut by_card: HashMap<VenueId, Vec<Venue>> = HashMap::new();
    for venue in with_offers(found)? {
        by_card.entry(venue.card).or_default().push(venue);
    }
    Ok(leads.iter().filter_map(|lead| card(*lead, by_card.remove(lead)?)).collect())
}

/// A card, if its lead is among the venues; a twin leads where the lead is hidden.
fn card(lead: VenueId, mut members: Vec<Venue>) -> Option<Card> {
    let at = members.iter().position(|venue| venue.id == lead).unwrap_or(0);
    let lead = (!members.is_empty()).then(|| members.remove(at))?;
    Some(Card { lead, twins: members })
}

/// The card that shows this venue: its own, its twin's, or that of the venue it was found to be the same as. None if it is hidden.
pub fn card_of(c: &mut Conn, id: VenueId) -> Result<Option<VenueId>, Failure> {
    let id = id.to_string();
    let found: Option<(String, bool)> =
        venues::table.find(&id).select((venues::card_id, venues::published)).first(c).optional()?;
    let card = found.filter(|(card, published)| *published || *card != id);
    card.map(|(card, _)| card.parse().map_err(Failure::internal)).transpose()
}

/// Up to `limit` leads of cards with something published, after this one, in the order of their ids: for a rebuild of an index.
pub fn leads_after(c: &mut Conn, after: Option<VenueId>, limit: i64) -> Result<Vec<VenueId>, Failure> {
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    let found: Vec<String> = venues::table
        .filter(venues::card_id.gt(after).and(venues::published.eq(true)))
        .select(venues::card_id)
        .distinct()
        .order(venues::card_id)
        .limit(limit)
        .load(c)?;
    found.iter().map(|text| text.parse().map_err(Failure::internal)).collect()
}

/// How many venues are published.
pub fn count(c: &mut Conn) -> Result<u64, Failure> {
    let found: i64 = venues::table.filter(venues::published.eq(true)).count().get_result(c)?;
    u64::try_from(found).map_err(Failure::internal)
}

/// The stored venues among `ids`, published or not; in no particular order.
pub(crate) fn rows(c: &mut Conn, ids: &[String]) -> Result<Vec<VenueRow>, Failure> {
    let mut found = Vec::with_capacity(ids.len());
    for part in ids.chunks(BATCH) {
        found.extend(venues::table.filter(venues::id.eq_any(part)).select(VenueRow::as_select()).load::<VenueRow>(c)?);
    }
    Ok(found)
}

/// Writes new venues with their offers.
pub(crate) fn add(c: &mut Conn, rows: &[VenueRow], offer_rows: &[OfferRow]) -> Result<(), Failure> {
    for part in rows.chunks(BATCH) {
        on_each_engine!(c, inner => diesel::insert_into(venues::table).values(part).execute(inner))?;
    }
    add_offers(c, offer_rows)
}

/// Writes what a venue is now, and its offers in the place of the earlier ones.
pub(crate) fn update(c: &mut Conn, row: &VenueRow, offer_rows: &[OfferRow]) -> Result<(), Failure> {
    diesel::update(venues::table.find(&row.id)).set(row).execute(c)?;
    diesel::delete(offers::table.filter(offers::venue_id.eq(&row.id))).execute(c)?;
    add_offers(c, offer_rows)
}

fn add_offers(c: &mut Conn, rows: &[OfferRow]) -> Result<(), Failure> {
    for part in rows.chunks(BATCH) {
        on_each_engine!(c, inner => diesel::insert_into(offers::table).values(part).execute(inner))?;
    }
    Ok(())
}

/// Whether venues came by any feed but this one.
pub fn other_feeds(c: &mut Conn, feed: &str) -> Result<bool, Failure> {
    let others = feeds::table.filter(feeds::name.ne(feed));
    Ok(diesel::select(diesel::dsl::exists(others)).get_result(c)?)
}

/// Writes down, in commit order, that these cards changed; each copy of the index catches up from there.
pub fn log_changes(c: &mut Conn, leads: &[VenueId], at: NaiveDateTime) -> Result<(), Failure> {
    if leads.is_empty() {
        return Ok(());
    }
    lock_changes(c)?;
    let last = last_change(c)?;
    let rows: Vec<ChangeRow> = (last + 1..)
        .zip(leads)
        .map(|(position, lead)| ChangeRow { position, card_id: lead.to_string(), changed_at: at })
        .collect();
    for part in rows.chunks(BATCH) {
        on_each_engine!(c, inner => diesel::insert_into(change_log::table).values(part).execute(inner))?;
    }
    Ok(())
}

/// The newest position in the change log; 0 where it is empty.
pub fn last_change(c: &mut Conn) -> Result<i64, Failure> {
    Ok(change_log::table.select(diesel::dsl::max(change_log::position)).first::<Option<i64>>(c)?.unwrap_or(0))
}

/// The oldest position that the change log still has; none where it is empty.
pub fn oldest_change(c: &mut Conn) -> Result<Option<i64>, Failure> {
    Ok(change_log::table.select(diesel::dsl::min(change_log::position)).first(c)?)
}

/// Up to `limit` changes after `position`, in order: the position and the card's lead.
pub fn changes_after(c: &mut Conn, position: i64, limit: i64) -> Result<Vec<(i64, VenueId)>, Failure> {
    let found: Vec<(i64, String)> = change_log::table
        .filter(change_log::position.gt(position))
        .order(change_log::position)
        .limit(limit)
        .select((change_log::position, change_log::card_id))
        .load(c)?;
    found.into_iter().map(|(at, id)| Ok((at, id.parse().map_err(Failure::internal)?))).collect()
}

/// Each venue once, in the order of their ids, with its offers in order.
fn with_offers(mut found: Vec<Found>) -> Result<Vec<Venue>, Failure> {
    found.sort_unstable_by(|(a, one), (b, other)| a.id.cmp(&b.id).then_with(|| position(one).cmp(&position(other))));
    let mut all: Vec<Venue> = Vec::with_capacity(found.len());
    let mut last = String::new();
    for (row, offer) in found {
        if all.is_empty() || row.id != last {
            last.clone_from(&row.id);
            all.push(venue(&row)?);
        }
        if let (Some(venue), Some((_, facts))) = (all.last_mut(), offer) {
            venue.facts.offers.push(serde_json::from_str(&facts)?);
        }
    }
    Ok(all)
}

fn position(offer: &Option<(i32, String)>) -> Option<i32> {
    offer.as_ref().map(|(position, _)| *position)
}

fn venue(row: &CardRow) -> Result<Venue, Failure> {
    let mut document: Document = serde_json::from_str(&row.facts)?;
    document.facts.offers.clear();
    Ok(Venue {
        id: row.id.parse().map_err(Failure::internal)?,
        card: row.card_id.parse().map_err(Failure::internal)?,
        licence: row.licence.clone(),
        published: row.published,
        gone_since: row.gone_since,
        updated_at: row.updated_at,
        facts: document.facts,
        sources: document.sources,
        origins: document.origins,
    })
}
