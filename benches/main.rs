//! What the service does in a second, how large it is and how long things take: `make bench`.
//!
//! Everything runs on this machine, the asking too, so figures are for both together. Each part can be named:
//! `make bench PARTS="search pages"`. The last figures are kept in `target/bench/last.json`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a measurement that can't be taken stops"
)]

mod catalogue;
mod figures;
mod http;
mod load;
mod parts;
mod process;
mod questions;
mod site;
mod team;

use figures::Figures;
use peak_alloc::PeakAlloc;

/// Counts what this process has allocated.
#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

fn main() {
    let named: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let parts: Vec<_> = parts::ALL.iter().filter(|(name, _)| named.is_empty() || named.iter().any(|n| n == name)).collect();
    let known = parts::ALL.map(|(name, _)| name).join(", ");
    assert!(named.len() <= parts.len(), "there are only these parts: {known}");
    if !catalogue::is_there() {
        println!("skipped: {} is not there; FOOTBRIDGE_SHARED names its folder", catalogue::postcodes().display());
        return;
    }
    let mut figures = Figures::new();
    for (name, measure) in parts {
        eprintln!("{name}");
        measure(&mut figures);
    }
    println!("{}", figures.table());
    figures.keep();
}
