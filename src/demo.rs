//! The demo catalogue: made-up venues of an invented London borough, imported like any publisher's file.

use diesel::prelude::*;

use crate::{db::Conn, error::Failure, on_each_engine, schema::settings};

/// The made-up venues, in our own format.
pub const VENUES: &str = include_str!("../data/demo/venues.geojson");
/// The made-up postcodes.
pub const POSTCODES: &str = include_str!("../data/demo/postcodes.csv");
/// The feed that the demo comes by.
pub const FEED: &str = "demo";

const NAME: &str = "demo";

/// Whether the demo catalogue was loaded.
pub fn is_demo(c: &mut Conn) -> Result<bool, Failure> {
    let value: Option<String> = settings::table.find(NAME).select(settings::value).first(c).optional()?;
    Ok(value.as_deref() == Some("yes"))
}

/// Writes down that the demo catalogue is loaded, which every page then says.
pub fn mark(c: &mut Conn) -> Result<(), Failure> {
    let row = (settings::name.eq(NAME), settings::value.eq("yes"));
    on_each_engine!(c, inner => diesel::insert_into(settings::table).values(row).on_conflict_do_nothing().execute(inner))?;
    Ok(())
}
