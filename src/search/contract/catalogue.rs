//! A small made-up catalogue with a small vocabulary of its own, for the tests of every engine.

use std::{
    path::Path,
    sync::{Arc, atomic::AtomicBool},
};

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use crate::{
    clock::Clock,
    db::{Conn, Db},
    on_each_engine,
    schema::{offers, venues},
    search::{
        Found, Question,
        engine::Engine,
        meili::{Fed, Server},
    },
    settings_files::SettingsFiles,
    values::{Point, VenueId},
    venues::{
        Facts, SourceRef,
        store::{self, Document, VenueRow, offer_rows},
    },
    vocabulary::Vocabulary,
};

const KINDS: &str = include_str!("kinds.toml");
const ACTIVITIES: &str = include_str!("activities.toml");
const VENUES: &str = include_str!("venues.json");

/// A database, an engine over it and the folder they live in.
pub(crate) struct Town {
    pub(crate) db: Db,
    pub(crate) engine: Engine,
    pub(crate) files: SettingsFiles,
    folder: tempfile::TempDir,
    threads: tokio::runtime::Runtime,
}

/// The moment at which all questions are asked: a Wednesday.
pub(crate) fn now() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, 3, 4).unwrap().and_hms_opt(11, 0, 0).unwrap()
}

/// A clock that stands at `now`; it is winter, so London has UTC.
pub(crate) fn clock() -> Clock {
    Clock::Fixed(now().and_utc())
}

/// The id of a venue by its short name.
pub(crate) fn id(short: &str) -> VenueId {
    VenueId(uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, short.as_bytes()))
}

/// The small vocabulary and the real `search.toml`, in a folder.
pub(crate) fn settings_in(folder: &Path) -> SettingsFiles {
    let put = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let domains: String = crate::vocabulary::Domain::ALL
        .iter()
        .map(|domain| format!("[[domain]]\nid = \"{domain}\"\nlabel = \"{}\"\nwords = [\"{domain}\"]\n", domain.label()))
        .collect();
    put("vocabulary/domains.toml", &domains);
    put("vocabulary/kinds.toml", KINDS);
    put("vocabulary/activities/all.toml", ACTIVITIES);
    put("search.toml", include_str!("../../../search-config/search.toml"));
    put("common-words.toml", "words = \"corner water paper evening quiet date\"");
    SettingsFiles::new(Some(folder.to_owned()))
}

impl Town {
    /// The catalogue, searched by the embedded engine.
    pub(crate) fn embedded() -> Self {
        Self::with(None)
    }

    /// The catalogue, searched by a real Meilisearch under a name of its own; none where `MEILI_URL` names no server.
    pub(crate) fn on_server() -> Option<Self> {
        let Ok(url) = std::env::var("MEILI_URL") else {
            eprintln!("skipped: MEILI_URL names no server, so the contract runs over the embedded engine alone");
            return None;
        };
        let index = format!("footbridge_test_{}", uuid::Uuid::new_v4().simple());
        let server = Server { url: url.parse().unwrap(), key: std::env::var("MEILI_KEY").ok(), index };
        Some(Self::with(Some(&server)))
    }

    fn with(server: Option<&Server>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let files = settings_in(&folder.path().join("search-config"));
        let db = Db::open(&format!("sqlite://{}", folder.path().join("town.db").display()), 2).unwrap();
        let vocabulary = Arc::new(Vocabulary::load(&files).unwrap());
        let engine = Engine::open(&folder.path().join("index"), vocabulary, &files, clock(), server).unwrap();
        let threads = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let town = Self { db, engine, files, folder, threads };
        town.fill();
        town
    }

    pub(crate) fn index_folder(&self) -> std::path::PathBuf {
        self.folder.path().join("index")
    }

    fn fill(&self) {
        let list: Vec<serde_json::Value> = serde_json::from_str(VENUES).unwrap();
        for mut entry in list {
            let entry = entry.as_object_mut().unwrap();
            let short = entry.remove("short").unwrap();
            let twin_of = entry.remove("twin_of");
            let facts: Facts = serde_json::from_value(serde_json::Value::Object(entry.clone())).unwrap();
            let short = short.as_str().unwrap();
            self.put(short, twin_of.as_ref().and_then(|of| of.as_str()), &facts);
        }
        self.catch_up();
    }

    /// Adds or changes a venue, with its entry in the change log.
    pub(crate) fn put(&self, short: &str, twin_of: Option<&str>, facts: &Facts) {
        self.db
            .write_now(|c| {
                put(c, short, twin_of.unwrap_or(short), facts, true);
                store::log_changes(c, &[id(twin_of.unwrap_or(short))], now())
            })
            .unwrap();
    }

    /// Hides a venue, with its entry in the change log.
    pub(crate) fn hide(&self, short: &str) {
        self.db
            .write_now(|c| {
                let row = venues::table.filter(venues::id.eq(id(short).to_string()));
                diesel::update(row).set(venues::published.eq(false)).execute(c)?;
                store::log_changes(c, &[id(short)], now())
            })
            .unwrap();
    }

    pub(crate) fn catch_up(&self) {
        let engine = &self.engine;
        while self.db.read_now(|c| engine.catch_up(c, 10, &AtomicBool::new(false))).unwrap().changed > 0 {}
        if let Some(server) = engine.fed_server() {
            let ending = Arc::new(AtomicBool::new(false));
            while self.threads.block_on(server.feed(&self.db, &ending)).unwrap() == Fed::Some {}
            let database = self.db.read_now(crate::db::identity).unwrap();
            self.threads.block_on(engine.look_at_server(database));
        }
    }

    /// What the engine answers: the server where this town has one.
    pub(crate) fn ask(&self, question: &Question) -> Found {
        let here = self.engine.here();
        match self.engine.fed_server() {
            None => here.ask(question, now()),
            Some(_) => {
                let server = self.engine.server().expect("the server may be asked");
                let understanding = here.understand(&question.words);
                here.explain(self.threads.block_on(server.ask(question, &understanding)).unwrap(), &understanding)
            }
        }
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        if let Some(server) = self.engine.fed_server() {
            self.threads.block_on(server.take_away());
        }
    }
}

fn put(c: &mut Conn, short: &str, card: &str, facts: &Facts, published: bool) {
    let source = SourceRef {
        source: "town".to_owned(),
        source_id: Some(short.to_owned()),
        label: "Town".to_owned(),
        licence: "OGL-UK-3.0".to_owned(),
        dated: Some("2020".to_owned()),
        category: None,
    };
    let list = offer_rows(id(short), &facts.offers).unwrap();
    let mut plain = facts.clone();
    plain.offers.clear();
    let document = Document { facts: plain, sources: vec![source], origins: std::collections::BTreeMap::new() };
    let row = VenueRow {
        id: id(short).to_string(),
        card_id: id(card).to_string(),
        name: facts.name.clone(),
        licence: "OGL-UK-3.0".to_owned(),
        status: facts.status().code().to_owned(),
        published,
        gone_since: None,
        lat: facts.point.map(|p: Point| p.lat),
        lon: facts.point.map(|p: Point| p.lon),
        assured_at: facts.assured_at,
        facts: serde_json::to_string(&document).unwrap(),
        digest: String::new(),
        created_at: now(),
        updated_at: now(),
    };
    diesel::delete(offers::table.filter(offers::venue_id.eq(&row.id))).execute(c).unwrap();
    diesel::delete(venues::table.filter(venues::id.eq(&row.id))).execute(c).unwrap();
    on_each_engine!(c, inner => diesel::insert_into(venues::table).values(&row).execute(inner)).unwrap();
    on_each_engine!(c, inner => diesel::insert_into(offers::table).values(&list).execute(inner)).unwrap();
}
