//! The search index, the matches and what was wished for.

use std::{io::Write, path::PathBuf, sync::atomic::AtomicBool};

use footbridge::{
    app,
    clock::Clock,
    config::Config,
    matching::{evaluate as trials, store},
    places,
    search::{
        engine::{Engine, OpenError},
        meili, verbs,
    },
    settings_files::SettingsFiles,
};

use super::{Outcome, open_db};

/// Makes a key for Meilisearch that opens our indexes only.
pub fn meili_key(config: &Config) -> Outcome {
    let server = config.meili().ok_or("name the server in MEILI_URL and its master key in MEILI_KEY")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let key = runtime.block_on(meili::make_key(&server)).map_err(|trouble| format!("Meilisearch: {trouble}"))?;
    writeln!(std::io::stdout(), "{key}")?;
    Ok(())
}

/// Says how good the matches are.
pub fn evaluate(config: &Config, files: &[PathBuf], worst: usize, leave_out: bool) -> Outcome {
    let db = open_db(config)?;
    let settings = SettingsFiles::new(config.search_config.clone());
    let vocabulary = std::sync::Arc::new(app::vocabulary(&settings)?);
    let engine = Engine::open(&config.index_folder(), vocabulary.clone(), &settings, Clock::System, None)?;
    db.read_now(|c| engine.catch_up(c, u32::MAX, &AtomicBool::new(false)))?;
    let mut out = std::io::stdout();
    let reader = app::reader(&settings, vocabulary)?;
    let trial = trials::Trial::new(engine.here(), &reader, Clock::System.in_london().date_naive());
    for file in files {
        let text = std::fs::read_to_string(file)?;
        let all: trials::Aspirations = toml::from_str(&text)?;
        let (mut scores, mut tried) = (Vec::new(), Vec::new());
        for aspiration in &all.aspiration {
            let place = db.read_now(|c| places::resolve(c, &aspiration.near))?;
            let Some(place) = place else {
                return Err(format!("{}: no such place as {}", aspiration.id, aspiration.near).into());
            };
            scores.extend(trials::score(&trial, aspiration, place.point));
            tried.push((aspiration, place.point));
        }
        writeln!(out, "{}", trials::report(&file.display().to_string(), &scores, worst))?;
        if leave_out {
            writeln!(out, "{}", trials::left_out(&trial, &tried))?;
        }
    }
    Ok(())
}

/// Most lines of each list.
const MOST_LINES: i64 = 200;

/// Says what was wished for and hardly found.
pub fn wishes(config: &Config) -> Outcome {
    let db = open_db(config)?;
    let mut out = std::io::stdout();
    writeln!(out, "wish\tdistrict\tasked\thardly any place")?;
    for count in db.read_now(|c| store::unmet(c, MOST_LINES))? {
        writeln!(out, "{}\t{}\t{}\t{}", count.wish, count.district, count.asked, count.unmet)?;
    }
    writeln!(out, "\nwords that three askers used on three days and the vocabulary lacks")?;
    for word in db.read_now(|c| store::told_words(c, MOST_LINES))? {
        writeln!(out, "{word}")?;
    }
    Ok(())
}

/// Makes the index anew, or asks the running service to.
pub fn reindex(config: &Config) -> Outcome {
    let db = open_db(config)?;
    let files = SettingsFiles::new(config.search_config.clone());
    let vocabulary = std::sync::Arc::new(app::vocabulary(&files)?);
    match Engine::open(&config.index_folder(), vocabulary, &files, Clock::System, None) {
        Ok(engine) => {
            db.read_now(|c| engine.rebuild(c, &AtomicBool::new(false), |done| tracing::info!(done, "reindexing")))?;
            db.write_now(verbs::ask_for_reindex)?;
            eprintln!(
                "The search index is made anew; other processes and Meilisearch, where there are any, are asked to do the same."
            );
        }
        Err(OpenError::InUse(_)) => {
            db.write_now(verbs::ask_for_reindex)?;
            eprintln!("The running service was asked to make its index anew; it goes on serving meanwhile.");
        }
        Err(cause) => return Err(cause.into()),
    }
    Ok(())
}
