//! Footbridge: a bridge-building referral service and a directory of mainstream venues.
//!
//! The map, one line for each room; from URL to SQL there are at most three jumps: handler, verb, store.

/// Who signs in, and who may do what.
pub mod accounts;
/// What every part shares.
pub mod app;
/// The record of who did what and who read what: append-only, hash-chained.
pub mod audit;
/// Tasks that run beside everything else until they are told to stop.
pub mod background;
/// Backups that only their owner can open, and restoring one.
pub mod backup;
/// Looks whether everything is there that a service needs.
pub mod check;
/// Time, asked in one place.
pub mod clock;
/// Typed settings from the environment.
pub mod config;
/// One connection type over SQLite and PostgreSQL; read() and write().
pub mod db;
/// The made-up catalogue.
pub mod demo;
/// My path, the bridge builder's desk, a person's record.
pub mod desks;
/// The few ways a request fails.
pub mod error;
/// Imports: CSV and GeoJSON, row by row, into the catalogue.
pub mod exchange;
/// Feeds Meilisearch from the change log; one process at a time.
pub mod feed;
/// Keeps this process's copy of the index in step.
pub mod follow;
/// What a load balancer asks.
pub mod health;
/// Jobs: written with the data, claimed by a lease, retried, never lost.
pub mod jobs;
/// A right that one process has at a time.
pub mod lease;
/// The outbox, and how letters go out.
pub mod mail;
/// From someone's own words to places, with reasons.
pub mod matching;
/// Figures for whoever runs the service.
pub mod metrics;
/// The person: who they are, what they want from life, what they agreed to, what was done.
pub mod people;
/// Postcodes and districts to points; distance.
pub mod places;
/// Into the service: ways, states and moves.
pub mod referrals;
/// How long what is kept stays, and its end.
pub mod retention;
/// The route table: every route, who may reach it, what it is about, what it shows.
pub mod routes;
/// diesel's tables.
pub mod schema;
/// Question -> Found; the engine, and keeping it in step.
pub mod search;
/// Start and stop of the web server.
pub mod server;
/// The files under `search-config/`: built in, or from a folder.
pub mod settings_files;
/// The signals that ask a process to stop.
pub mod signals;
/// A line in the log for each query that takes long.
pub mod slow_queries;
/// Ids, postcodes, points.
pub mod values;
/// Sealed values: a key for each person, wrapped by a key outside the database.
pub mod vault;
/// The catalogue: venues, offers, access facts, opening times.
pub mod venues;
/// Life domains, activities, venue kinds; recognises them in plain words.
pub mod vocabulary;
/// Pages, their files, and what every request passes through.
pub mod web;
/// Background work: runs jobs, here or in processes of its own.
pub mod work;
