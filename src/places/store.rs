//! SQL of the postcode table.

use diesel::{dsl::avg, prelude::*};

use crate::{
    db::Conn,
    error::Failure,
    schema::postcodes,
    values::{Point, Postcode},
};

/// The point of a full postcode, if the table has it.
pub fn postcode_point(c: &mut Conn, postcode: &Postcode) -> Result<Option<Point>, Failure> {
    let found: Option<(f64, f64)> =
        postcodes::table.find(postcode.compact()).select((postcodes::lat, postcodes::lon)).first(c).optional()?;
    Ok(found.and_then(|(lat, lon)| Point::new(lat, lon)))
}

/// The middle of a district's postcodes.
pub fn district_middle(c: &mut Conn, district: &str) -> Result<Option<Point>, Failure> {
    let found: (Option<f64>, Option<f64>) =
        postcodes::table.filter(postcodes::district.eq(district)).select((avg(postcodes::lat), avg(postcodes::lon))).first(c)?;
    Ok(middle(found))
}

/// The middle of a borough's postcodes.
pub fn authority_middle(c: &mut Conn, code: &str) -> Result<Option<Point>, Failure> {
    let found: (Option<f64>, Option<f64>) =
        postcodes::table.filter(postcodes::authority.eq(code)).select((avg(postcodes::lat), avg(postcodes::lon))).first(c)?;
    Ok(middle(found))
}

fn middle((lat, lon): (Option<f64>, Option<f64>)) -> Option<Point> {
    Point::new(lat?, lon?)
}
