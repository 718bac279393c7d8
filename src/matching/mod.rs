//! From someone's own words to places, with reasons. Pure but for the places, which the search engine brings.

pub mod evaluate;
pub(crate) mod evidence;
pub(crate) mod fit;
