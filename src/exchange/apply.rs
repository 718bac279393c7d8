//! Carries out a plan in short transactions, each whole in itself: venues, rows, offers and the change log together.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use chrono::NaiveDateTime;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    gate::Known,
    incoming::{Incoming, Texts},
    listing::Listing,
    merge::{Merged, Voice, Wish, merge},
    plan::{Fate, Plan, Unit, VenuePlan},
    progress::Progress,
    store::{self, Edit, SourceRow, StoredListing},
};
use crate::{
    db::{Conn, Db, Scheme},
    error::Failure,
    lease::Lease,
    values::VenueId,
    venues::{
        SourceRef,
        store::{self as venues, Document, OfferRow, VenueRow},
    },
};

/// How long a transaction should take; a running server must not wait over 200 ms.
const WANTED: Duration = Duration::from_millis(30);
const TOO_LONG: Duration = Duration::from_millis(60);
/// Rows in the first transaction, and in the largest.
const FIRST: usize = 100;
const MOST: usize = 2000;

/// What is needed to write a plan down.
pub(super) struct Writer<'a> {
    pub(super) plan: &'a Plan,
    pub(super) incoming: &'a Incoming,
    pub(super) now: NaiveDateTime,
    pub(super) known: Option<&'a Known>,
}

/// Writes the plan, in as many transactions as it takes, each only while the lease holds. Gives the edits that were left out.
pub(super) fn apply(db: &Db, writer: &Writer<'_>, lease: &Lease, progress: &mut Progress) -> Result<Vec<String>, Failure> {
    let units = &writer.plan.units;
    progress.stage("Writing venues", Some(units.iter().map(|unit| unit.venues.len() as u64).sum()));
    if !units.is_empty() {
        // Not in a transaction's own time.
        db.write_now(store::spare_memory)?;
    }
    let mut left_out = Vec::new();
    let (mut from, mut size, mut longest) = (0, FIRST, Duration::ZERO);
    while from < units.len() {
        let to = from + batch(&units[from..], size);
        let batch = &units[from..to];
        let begun = Instant::now();
        left_out.extend(db.write_now(|c| {
            lease.renew(c)?;
            writer.write(c, batch)
        })?);
        let took = begun.elapsed();
        longest = longest.max(took);
        size = next_size(size, took);
        let_others_write(db, took);
        progress.step(batch.iter().map(|unit| unit.venues.len() as u64).sum());
        from = to;
    }
    tracing::info!(longest_ms = longest.as_millis(), venues = units.len(), "the catalogue was written");
    Ok(left_out)
}

/// SQLite has one writer, and those who wait only look now and then: leaves the door open for half as long as it was shut.
pub(super) fn let_others_write(db: &Db, took: Duration) {
    if db.scheme() == Scheme::Sqlite {
        std::thread::sleep((took / 2).min(TOO_LONG));
    }
}

/// How many units make up about so many rows; at least one.
fn batch(units: &[Unit], rows: usize) -> usize {
    let mut sum = 0;
    let fits = units.iter().take_while(|unit| {
        sum += unit.venues.iter().map(|venue| venue.rows.len()).sum::<usize>();
        sum <= rows
    });
    fits.count().max(1)
}

/// More rows while transactions are short, half as many when one was long.
fn next_size(size: usize, took: Duration) -> usize {
    match took {
        _ if took > TOO_LONG => (size / 2).max(1),
        _ if took < WANTED => (size + size / 2 + 1).min(MOST),
        _ => size,
    }
}

/// What is stored of the venues in a batch.
struct Stored {
    venues: HashMap<String, VenueRow>,
    listings: HashMap<String, StoredListing>,
    edits: HashMap<String, Vec<Edit>>,
}

impl Writer<'_> {
    fn write(&self, c: &mut Conn, units: &[Unit]) -> Result<Vec<String>, Failure> {
        let mut left_out = Vec::new();
        let venues: Vec<&VenuePlan> = units.iter().flat_map(|unit| &unit.venues).collect();
        let mut cards = self.absorb(c, &venues)?;
        let stored = self.stored(c, &venues)?;
        let (mut new, mut new_offers, mut changed) = (Vec::new(), Vec::new(), Vec::new());
        for venue in &venues {
            let held = stored.venues.get(&venue.id.to_string());
            let (row, offers) = self.venue(venue, held, &stored, &mut left_out)?;
            if held.is_some_and(|held| held.digest == row.digest && held.card_id == row.card_id) {
                continue;
            }
            cards.push(VenueId(venue.card));
            cards.extend(
                held.map(|held| &held.card_id).filter(|card| **card != row.card_id).and_then(|card| card.parse::<VenueId>().ok()),
            );
            match held {
                Some(_) => changed.push((row, offers)),
                None => {
                    new.push(row);
                    new_offers.extend(offers);
                }
            }
        }
        venues::add(c, &new, &new_offers)?;
        self.rows(c, &venues)?;
        for (row, offers) in changed {
            venues::update(c, &row, &offers)?;
        }
        cards.sort_unstable();
        cards.dedup();
        venues::log_changes(c, &cards, self.now)?;
        Ok(left_out)
    }

    /// Unpublishes venues that turned out to be another one, and hands their edits over. Gives the cards they were on.
    fn absorb(&self, c: &mut Conn, venues: &[&VenuePlan]) -> Result<Vec<VenueId>, Failure> {
        let mut cards = Vec::new();
        for venue in venues {
            for mut lost in venues::rows(c, &venue.absorbs.iter().map(Uuid::to_string).collect::<Vec<_>>())? {
                store::move_edits(c, &lost.id, &venue.id.to_string())?;
                cards.extend(lost.card_id.parse::<VenueId>().ok());
                lost.card_id = venue.id.to_string();
                (lost.published, lost.gone_since, lost.updated_at) = (false, Some(self.now), self.now);
                venues::update(c, &lost, &[])?;
            }
        }
        Ok(cards)
    }

    fn stored(&self, c: &mut Conn, venues: &[&VenuePlan]) -> Result<Stored, Failure> {
        let old: Vec<String> = venues.iter().filter(|venue| !venue.is_new).map(|venue| venue.id.to_string()).collect();
        let planned = venues.iter().flat_map(|venue| &venue.rows).map(|at| &self.plan.rows[*at as usize]);
        let unseen: Vec<String> = planned.filter(|row| self.text(row.incoming).is_none()).map(|row| row.id.to_string()).collect();
        let mut edits: HashMap<String, Vec<Edit>> = HashMap::new();
        for edit in store::edits(c, &old)? {
            edits.entry(edit.venue_id.clone()).or_default().push(edit);
        }
        Ok(Stored {
            venues: venues::rows(c, &old)?.into_iter().map(|row| (row.id.clone(), row)).collect(),
            listings: store::listings(c, &unseen)?.into_iter().map(|row| (row.id.clone(), row)).collect(),
            edits,
        })
    }

    /// A venue as it is written.
    fn venue(
        &self,
        plan: &VenuePlan,
        held: Option<&VenueRow>,
        stored: &Stored,
        left_out: &mut Vec<String>,
    ) -> Result<(VenueRow, Vec<OfferRow>), Failure> {
        let mut voices = Vec::new();
        let mut gone: Option<NaiveDateTime> = None;
        for at in &plan.rows {
            let row = &self.plan.rows[*at as usize];
            let listing = stored.listings.get(&row.id.to_string());
            let since = match row.fate {
                Fate::Goes => Some(self.now),
                Fate::Gone => listing.and_then(|listing| listing.gone_since),
                _ => None,
            };
            gone = gone.max(since);
            let is_live = !matches!(row.fate, Fate::Goes | Fate::Gone);
            if let Some((voice, licence)) = self.voice(row.incoming, listing)? {
                voices.push((is_live, voice, licence));
            }
        }
        // What is gone says nothing beside what is there; alone it still says what the place was.
        let any_live = voices.iter().any(|(live, ..)| *live);
        voices.retain(|(live, ..)| *live || !any_live);
        let licence = voices.first().map(|(.., licence)| licence.clone()).unwrap_or_default();
        let id = plan.id.to_string();
        let wishes: Vec<Wish> = stored.edits.get(&id).into_iter().flatten().map(wish).collect();
        let merged = merge(voices.into_iter().map(|(_, voice, _)| voice).collect(), &wishes, self.known);
        left_out.extend(merged.problems.iter().map(|problem| format!("An edit of venue {id} was left out. {problem}")));
        let gone_since = if plan.published { None } else { gone.or(Some(self.now)) };
        self.venue_row(plan, held, merged, licence, gone_since)
    }

    fn venue_row(
        &self,
        plan: &VenuePlan,
        held: Option<&VenueRow>,
        mut merged: Merged,
        licence: String,
        gone_since: Option<NaiveDateTime>,
    ) -> Result<(VenueRow, Vec<OfferRow>), Failure> {
        let offers = venues::offer_rows(VenueId(plan.id), &std::mem::take(&mut merged.facts.offers))?;
        let point = merged.facts.point;
        let name = merged.facts.name.clone();
        let status = merged.facts.status().code().to_owned();
        let assured_at = merged.facts.assured_at;
        let document = Document { facts: merged.facts, sources: merged.sources, origins: merged.origins };
        let facts = serde_json::to_string(&document)?;
        let mut digest = Sha256::new();
        digest.update(&facts);
        offers.iter().for_each(|offer| digest.update(&offer.facts));
        digest.update(format!("{licence} {} {gone_since:?}", plan.published));
        let row = VenueRow {
            id: plan.id.to_string(),
            card_id: plan.card.to_string(),
            name,
            licence,
            status,
            published: plan.published,
            gone_since,
            lat: point.map(|point| point.lat),
            lon: point.map(|point| point.lon),
            assured_at,
            facts,
            digest: hex(&digest.finalize()[..16]),
            created_at: held.map_or(self.now, |held| held.created_at),
            updated_at: self.now,
        };
        Ok((row, offers))
    }

    /// What a row says, from the file or from the store, with its licence.
    fn voice(&self, incoming: Option<u32>, stored: Option<&StoredListing>) -> Result<Option<(Voice, String)>, Failure> {
        let (source, source_id, licence, dated, text) = match (self.text(incoming), stored) {
            (Some((at, text)), _) => {
                let (identity, names) = (&self.incoming.seen[at as usize].identity, &self.incoming.names);
                let word = |sym| names.word(sym).to_owned();
                let (source, id) = (word(identity.source), identity.source_id.map(word));
                (source, id, word(identity.licence), text.dated.map(word), &*text.listing)
            }
            (None, Some(row)) => {
                (row.source.clone(), row.source_id.clone(), row.licence.clone(), row.dated.clone(), row.listing.as_str())
            }
            (None, None) => return Ok(None),
        };
        let listing: Listing = serde_json::from_str(text)?;
        let (label, category) = (listing.label.clone(), listing.category.clone());
        let source = SourceRef { source, source_id, label, licence: licence.clone(), dated, category };
        Ok(Some((Voice { source, listing }, licence)))
    }

    /// The texts of an incoming row; none where the store has the very same.
    fn text(&self, incoming: Option<u32>) -> Option<(u32, &Texts)> {
        let at = incoming?;
        self.incoming.texts.get(at as usize).filter(|text| !text.listing.is_empty()).map(|text| (at, text))
    }

    /// Writes rows that are new, changed, moved, gone or back.
    fn rows(&self, c: &mut Conn, venues: &[&VenuePlan]) -> Result<(), Failure> {
        let (mut new, mut goes, mut back) = (Vec::new(), Vec::new(), Vec::new());
        for venue in venues {
            let id = venue.id.to_string();
            let mut moved = Vec::new();
            for row in venue.rows.iter().map(|at| &self.plan.rows[*at as usize]) {
                match (row.fate, row.incoming) {
                    (Fate::New, Some(at)) => new.push(self.source_row(row.id, &id, at)),
                    (Fate::Changed, Some(at)) => store::update_row(c, &self.source_row(row.id, &id, at))?,
                    (Fate::Goes, _) => goes.push(row.id.to_string()),
                    (Fate::Returned, _) => back.push(row.id.to_string()),
                    _ => {}
                }
                if row.from.is_some_and(|from| from != venue.id) {
                    moved.push(row.id.to_string());
                }
            }
            store::move_rows(c, &moved, &id)?;
        }
        store::add_rows(c, &new)?;
        store::mark_gone(c, &goes, Some(self.now))?;
        store::mark_gone(c, &back, None)
    }

    fn source_row(&self, id: Uuid, venue: &str, at: u32) -> SourceRow {
        let (seen, text) = (&self.incoming.seen[at as usize], &self.incoming.texts[at as usize]);
        let identity = &seen.identity;
        let word = |sym| self.incoming.names.word(sym).to_owned();
        SourceRow {
            id: id.to_string(),
            venue_id: venue.to_owned(),
            feed: word(identity.feed),
            source: word(identity.source),
            source_id: identity.source_id.map(word),
            licence: word(identity.licence),
            dated: text.dated.map(word),
            name_key: word(identity.name),
            lat: identity.point.map(|point| point.lat),
            lon: identity.point.map(|point| point.lon),
            rough: identity.rough,
            locality: identity.locality.map(word),
            raw: text.raw.to_string(),
            listing: text.listing.to_string(),
            digest: format!("{:032x}", seen.digest),
            first_seen_at: self.now,
            last_changed_at: self.now,
            gone_since: None,
        }
    }
}

fn wish(edit: &Edit) -> Wish {
    Wish { field: edit.field.clone(), value: edit.value.clone(), on: edit.edited_at.date() }
}

/// Bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
