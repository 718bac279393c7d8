//! Fills what a row leaves open, and marks it: a point from the postcode, a postcode and a borough from the point.

use super::{
    gazetteer::{Gazetteer, rounded},
    listing::{Draft, Reader, borough_named},
    text::fold,
};
use crate::{
    values::Point,
    venues::{Facts, Field, How, Precision},
};

impl Reader<'_> {
    /// Fills gaps: a point from the postcode, a postcode and a borough from the point.
    pub(super) fn fill(&self, draft: &mut Draft, district: Option<String>) {
        let (facts, how) = (&mut draft.listing.facts, &mut draft.listing.how);
        if let Some(point) = facts.point {
            facts.point = Some(Point { lat: rounded(point.lat), lon: rounded(point.lon) });
        } else {
            let by_postcode = facts.postcode.as_ref().and_then(|postcode| self.gazetteer.place(postcode));
            if let Some(found) = by_postcode.or_else(|| Gazetteer::district(district.as_deref()?)) {
                (facts.point, facts.precision) = (Some(found.point), Some(found.precision));
                how.insert(Field::Point, How::FromPostcode);
            }
        }
        let sure = facts.point.filter(|_| matches!(facts.precision, Some(Precision::Exact | Precision::Postcode)));
        if facts.postcode.is_none() {
            facts.postcode = sure.and_then(|point| self.gazetteer.nearest(point));
            if facts.postcode.is_some() {
                how.insert(Field::Postcode, How::FromPoint);
            }
        }
        if facts.borough.is_none() {
            facts.borough = Self::borough_in_address(facts);
        }
        if facts.borough.is_none() {
            let given = facts.postcode.as_ref().filter(|_| !how.contains_key(&Field::Postcode));
            let by_postcode = given.and_then(|postcode| self.gazetteer.borough(postcode)).map(|name| (name, How::FromPostcode));
            let by_point = || Some((self.gazetteer.borough(&self.gazetteer.nearest(sure?)?)?, How::FromPoint));
            if let Some((name, from)) = by_postcode.or_else(by_point) {
                facts.borough = Some(name.to_owned());
                how.insert(Field::Borough, from);
            }
        }
        let district = facts.postcode.as_ref().map(|postcode| postcode.district().to_owned()).or(district);
        draft.locality = district.or_else(|| facts.address.as_deref().map(|address| format!("at {}", fold(address))));
    }

    /// The borough that an address in London ends with. Towns elsewhere have the same names.
    fn borough_in_address(facts: &Facts) -> Option<String> {
        let in_london = |point: Point| (51.28..51.70).contains(&point.lat) && (-0.52..0.34).contains(&point.lon);
        let last = facts.address.as_deref()?.rsplit(',').next()?.trim();
        facts.point.is_some_and(in_london).then(|| borough_named(last)).flatten()
    }
}
