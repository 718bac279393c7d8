//! What pages show, worked out from the catalogue's values in plain words. Pure: values in, words out.

mod card;
pub mod filters;
pub mod map;
pub mod samples;
pub mod say;
mod terms;
mod origins;
mod venue;
mod week;

pub use card::{AccessLine, Freshness, Marked, Marks, VenueCard, closed, place, unmarked, venue_href};
pub use venue::VenueView;
pub use terms::{Kindly, Term, Words, icon};
