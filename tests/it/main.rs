//! Black-box tests: through HTTP, as a person, on both databases; a file for each journey.

mod catalogue;
mod following;
mod harness;
mod import;
mod postgres;
mod skeleton;
