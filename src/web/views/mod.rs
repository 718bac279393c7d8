//! What pages show, worked out from the catalogue's values in plain words. Pure: values in, words out.

pub mod card;
pub mod filters;
pub mod map;
mod origins;
pub mod results;
pub mod samples;
pub mod say;
mod terms;
mod venue;
mod week;

pub use card::{AccessLine, Freshness, Marked, Marks, Snippet, VenueCard, closed, place, unmarked, venue_href};
pub use terms::{Kindly, Term, Words, icon};
pub use venue::VenueView;
