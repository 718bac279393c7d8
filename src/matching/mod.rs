//! From someone's own words to places, with reasons. Pure but for the places, which the search engine brings.
//!
//! A wish is read word by word (`reading`: the wish, needs, refusals, reasons), understood (`understand`: what is named or hinted
//! at, and what people mean who say such things), measured against places (`fit`, `score`), and the best are chosen (`choose`),
//! each with its reasons.

pub mod alone;
pub mod api;
pub mod choose;
pub mod evaluate;
pub(crate) mod evidence;
pub mod fields;
pub(crate) mod fit;
pub(crate) mod language;
pub mod loosen;
pub mod need;
pub mod pages;
#[cfg(test)]
mod properties;
pub(crate) mod reading;
pub mod reasons;
pub(crate) mod score;
pub(crate) mod signs;
pub mod store;
pub mod understand;
pub mod unmet;
pub mod verbs;
pub(crate) mod voices;
