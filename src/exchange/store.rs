//! SQL of imports: feeds, source rows, postcodes.

use chrono::NaiveDateTime;
use diesel::{connection::SimpleConnection, prelude::*};

use crate::{
    db::Conn,
    error::Failure,
    on_each_engine,
    schema::{feeds, postcodes, source_rows, venue_edits, venues},
};

/// Rows of one multi-row statement: with 20 columns well under SQLite's limit of 32,766 parameters.
const BATCH: usize = 500;
/// Rows that are read at a time.
const PAGE: i64 = 10_000;

/// A stored postcode, without its space.
#[derive(Queryable, Selectable, Insertable, Clone, Debug)]
#[diesel(table_name = postcodes)]
#[diesel(treat_none_as_default_value = false)]
pub(super) struct PostcodeRow {
    pub(super) postcode: String,
    pub(super) district: String,
    pub(super) lat: f64,
    pub(super) lon: f64,
    pub(super) authority: Option<String>,
}

/// A source row as it is written.
#[derive(Insertable, Clone)]
#[diesel(table_name = source_rows)]
#[diesel(treat_none_as_default_value = false)]
pub(super) struct SourceRow {
    pub(super) id: String,
    pub(super) venue_id: String,
    pub(super) feed: String,
    pub(super) source: String,
    pub(super) source_id: Option<String>,
    pub(super) licence: String,
    pub(super) dated: Option<String>,
    pub(super) name_key: String,
    pub(super) lat: Option<f64>,
    pub(super) lon: Option<f64>,
    pub(super) rough: bool,
    pub(super) locality: Option<String>,
    pub(super) raw: String,
    pub(super) listing: String,
    pub(super) digest: String,
    pub(super) first_seen_at: NaiveDateTime,
    pub(super) last_changed_at: NaiveDateTime,
    pub(super) gone_since: Option<NaiveDateTime>,
}

/// What of a stored row is needed to know it again.
#[derive(Queryable, Selectable)]
#[diesel(table_name = source_rows)]
pub(super) struct KnownRow {
    pub(super) id: String,
    pub(super) venue_id: String,
    pub(super) feed: String,
    pub(super) source: String,
    pub(super) source_id: Option<String>,
    pub(super) licence: String,
    pub(super) name_key: String,
    pub(super) lat: Option<f64>,
    pub(super) lon: Option<f64>,
    pub(super) rough: bool,
    pub(super) locality: Option<String>,
    pub(super) digest: String,
    pub(super) gone_since: Option<NaiveDateTime>,
}

/// What of a stored row is needed to compute its venue.
#[derive(Queryable, Selectable)]
#[diesel(table_name = source_rows)]
pub(super) struct StoredListing {
    pub(super) id: String,
    pub(super) source: String,
    pub(super) source_id: Option<String>,
    pub(super) licence: String,
    pub(super) dated: Option<String>,
    pub(super) listing: String,
    pub(super) gone_since: Option<NaiveDateTime>,
}

/// What of a stored venue is needed to plan.
#[derive(Queryable, Selectable)]
#[diesel(table_name = venues)]
pub(super) struct KnownVenue {
    pub(super) id: String,
    pub(super) card_id: String,
    pub(super) published: bool,
    pub(super) created_at: NaiveDateTime,
}

/// An edit of one field.
#[derive(Queryable, Selectable, Clone)]
#[diesel(table_name = venue_edits)]
pub(super) struct Edit {
    pub(super) venue_id: String,
    pub(super) field: String,
    pub(super) value: String,
    pub(super) edited_at: NaiveDateTime,
}

/// Memory of SQLite's page cache during an import, in kilobytes.
const CACHE_KB: u32 = 48_000;

/// On SQLite: no map of the whole file into memory, and a larger page cache for many small writes all over it.
pub(super) fn spare_memory(c: &mut Conn) -> Result<(), Failure> {
    if let Conn::Sqlite(inner) = c {
        inner.batch_execute(&format!("PRAGMA mmap_size = 0; PRAGMA cache_size = -{CACHE_KB};"))?;
    }
    Ok(())
}

/// Hands every row of a table to `each`, a page at a time in the order of its key.
macro_rules! every {
    ($name:ident, $table:ident, $row:ty, $key:ident, $doc:literal) => {
        #[doc = $doc]
        pub(super) fn $name(c: &mut Conn, mut each: impl FnMut($row)) -> Result<(), Failure> {
            let mut after = String::new();
            loop {
                let page: Vec<$row> = $table::table
                    .filter($table::$key.gt(&after))
                    .order($table::$key)
                    .limit(PAGE)
                    .select(<$row>::as_select())
                    .load(c)?;
                let Some(last) = page.last() else { return Ok(()) };
                after.clone_from(&last.$key);
                page.into_iter().for_each(&mut each);
            }
        }
    };
}

every!(every_postcode, postcodes, PostcodeRow, postcode, "Every postcode, in order.");
every!(every_row, source_rows, KnownRow, id, "Every source row, in the order of ids.");
every!(every_venue, venues, KnownVenue, id, "Every venue, in the order of ids.");

/// Venues that people edited, with the field, in a stable order.
pub(super) fn edited(c: &mut Conn) -> Result<Vec<(String, String)>, Failure> {
    let columns = (venue_edits::venue_id, venue_edits::field);
    Ok(venue_edits::table.order(columns).select(columns).load(c)?)
}

/// The edits of these venues, in a stable order.
pub(super) fn edits(c: &mut Conn, ids: &[String]) -> Result<Vec<Edit>, Failure> {
    let mut found = Vec::new();
    for part in ids.chunks(BATCH) {
        let query = venue_edits::table.filter(venue_edits::venue_id.eq_any(part));
        found.extend(query.order((venue_edits::venue_id, venue_edits::field)).select(Edit::as_select()).load::<Edit>(c)?);
    }
    Ok(found)
}

/// Gives the edits of one venue to another, where that has none of its own for the field.
pub(super) fn move_edits(c: &mut Conn, from: &str, to: &str) -> Result<(), Failure> {
    let taken: Vec<String> = venue_edits::table.filter(venue_edits::venue_id.eq(to)).select(venue_edits::field).load(c)?;
    let movable = venue_edits::table.filter(venue_edits::venue_id.eq(from)).filter(venue_edits::field.ne_all(taken));
    diesel::update(movable).set(venue_edits::venue_id.eq(to)).execute(c)?;
    Ok(())
}

/// The listings of these rows.
pub(super) fn listings(c: &mut Conn, ids: &[String]) -> Result<Vec<StoredListing>, Failure> {
    let mut found = Vec::new();
    for part in ids.chunks(BATCH) {
        let query = source_rows::table.filter(source_rows::id.eq_any(part)).select(StoredListing::as_select());
        found.extend(query.load::<StoredListing>(c)?);
    }
    Ok(found)
}

/// Writes new source rows.
pub(super) fn add_rows(c: &mut Conn, rows: &[SourceRow]) -> Result<(), Failure> {
    for part in rows.chunks(BATCH) {
        on_each_engine!(c, inner => diesel::insert_into(source_rows::table).values(part).execute(inner))?;
    }
    Ok(())
}

/// Writes what a row says now; when it was first seen stays.
pub(super) fn update_row(c: &mut Conn, row: &SourceRow) -> Result<(), Failure> {
    use source_rows as r;
    diesel::update(r::table.find(&row.id))
        .set((
            (r::venue_id.eq(&row.venue_id), r::source.eq(&row.source), r::source_id.eq(&row.source_id)),
            (r::licence.eq(&row.licence), r::dated.eq(&row.dated), r::name_key.eq(&row.name_key)),
            (r::lat.eq(row.lat), r::lon.eq(row.lon), r::rough.eq(row.rough), r::locality.eq(&row.locality)),
            (r::raw.eq(&row.raw), r::listing.eq(&row.listing), r::digest.eq(&row.digest)),
            (r::last_changed_at.eq(row.last_changed_at), r::gone_since.eq(row.gone_since)),
        ))
        .execute(c)?;
    Ok(())
}

/// Puts rows under another venue.
pub(super) fn move_rows(c: &mut Conn, ids: &[String], venue: &str) -> Result<(), Failure> {
    for part in ids.chunks(BATCH) {
        diesel::update(source_rows::table.filter(source_rows::id.eq_any(part)))
            .set(source_rows::venue_id.eq(venue))
            .execute(c)?;
    }
    Ok(())
}

/// Marks rows as gone, or as there again.
pub(super) fn mark_gone(c: &mut Conn, ids: &[String], since: Option<NaiveDateTime>) -> Result<(), Failure> {
    for part in ids.chunks(BATCH) {
        diesel::update(source_rows::table.filter(source_rows::id.eq_any(part)))
            .set(source_rows::gone_since.eq(since))
            .execute(c)?;
    }
    Ok(())
}

/// Makes a feed known, if it isn't yet.
pub(super) fn ensure_feed(c: &mut Conn, name: &str, mapping: &str) -> Result<(), Failure> {
    let there: i64 = feeds::table.filter(feeds::name.eq(name)).count().get_result(c)?;
    if there == 0 {
        diesel::insert_into(feeds::table).values((feeds::name.eq(name), feeds::mapping.eq(mapping))).execute(c)?;
    }
    Ok(())
}

/// Writes down that a feed was imported to its end.
pub(super) fn finish_feed(c: &mut Conn, name: &str, mapping: &str, digest: &str, at: NaiveDateTime) -> Result<(), Failure> {
    diesel::update(feeds::table.find(name))
        .set((feeds::mapping.eq(mapping), feeds::last_digest.eq(digest), feeds::last_imported_at.eq(at)))
        .execute(c)?;
    Ok(())
}


/// Writes postcodes, in the place of any that are there.
pub(super) fn put_postcodes(c: &mut Conn, rows: &[PostcodeRow], replace: bool) -> Result<(), Failure> {
    for part in rows.chunks(BATCH) {
        if replace {
            let codes: Vec<&str> = part.iter().map(|row| row.postcode.as_str()).collect();
            diesel::delete(postcodes::table.filter(postcodes::postcode.eq_any(codes))).execute(c)?;
        }
        on_each_engine!(c, inner => diesel::insert_into(postcodes::table).values(part).execute(inner))?;
    }
    Ok(())
}
