//! From someone's own words to places, with reasons. Pure but for the places, which the search engine brings.

pub mod choose;
pub mod evaluate;
pub(crate) mod evidence;
pub(crate) mod fit;
pub(crate) mod language;
pub mod need;
pub(crate) mod reading;
pub mod reasons;
pub(crate) mod score;
pub mod understand;
pub(crate) mod voices;
