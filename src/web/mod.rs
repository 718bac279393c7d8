//! What every request passes through, and how pages are made.

pub mod assets;
pub mod page;
pub mod plain;
pub mod views;
