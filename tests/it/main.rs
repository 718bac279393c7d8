//! Black-box tests: through HTTP, as a person, on both databases; a file for each journey.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod accounts;
mod audit;
mod backup;
mod broken;
mod catalogue;
mod check;
mod desks;
mod doors;
mod following;
mod harness;
mod import;
mod intake;
mod lists;
mod mail;
mod matching;
mod meili;
mod news;
mod notices;
mod operations;
mod packed;
mod parting;
mod people;
mod postgres;
mod process;
mod records;
mod referrals;
mod rolling;
mod skeleton;
mod strings;
mod vault;
mod vocabulary;
mod wants;
mod wishes;
mod work;
mod work_kills;
