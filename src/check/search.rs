//! What searching needs: settings files without mistakes, and this machine's copy of the index.

use std::{io::ErrorKind, sync::Arc};

use super::{Finding, database::Told};
use crate::{
    clock::Clock,
    config::Config,
    health::MOST_BEHIND,
    search::{
        embedded::look::{Looked, look as look_at_index},
        meili::{Examined, Meili, Server, Trouble},
        settings::Settings,
    },
    settings_files::{Mistake, SettingsFiles},
    vocabulary::Vocabulary,
};

/// Looks at the settings files and at the index. Another engine has its own line here.
pub(super) fn look(config: &Config, files: &SettingsFiles, told: Option<&Told>) -> Vec<Finding> {
    let vocabulary = Vocabulary::load(files);
    let settings = Settings::load(files);
    let mistakes = [vocabulary.as_ref().err(), settings.as_ref().err()].into_iter().flatten().flatten();
    let mistakes: Vec<String> = mistakes.map(Mistake::to_string).collect();
    let words = match mistakes.len() {
        0 => Ok("no mistakes".to_owned()),
        n => Err(format!("{n} mistakes to put right:\n{}", mistakes.join("\n"))),
    };
    let index = match &vocabulary {
        Ok(vocabulary) => index(config, vocabulary, told),
        Err(_) => Err("not known until the settings files are right".to_owned()),
    };
    let mut findings = vec![Finding::new("settings files", words), Finding::new("search index", index)];
    if let (Some(server), Ok(vocabulary), Ok(settings)) = (config.meili(), vocabulary, settings) {
        findings.push(Finding::new("Meilisearch", meilisearch(&server, vocabulary, settings, told)));
    }
    findings
}

fn meilisearch(server: &Server, vocabulary: Vocabulary, settings: Settings, told: Option<&Told>) -> Result<String, String> {
    let url = server.url.as_str().trim_end_matches('/');
    let named = Meili::new(server, Arc::new(vocabulary), settings, Clock::System).map(Arc::new);
    let examined = named.and_then(|meili| meili.examine()).map_err(|trouble| format!("{url}: {}", what_to_do(&trouble)))?;
    match examined {
        Examined::Nothing => Ok(format!("{url} answers; there is no index yet, a running service makes it")),
        Examined::OfOtherSettings => Ok(format!("{url} answers; its index has other settings, a running service makes it anew")),
        Examined::Index { places, database, cursor } => match told {
            Some(told) if told.identity != database => {
                Err(format!("{url}: its index was made from another database; give each database a MEILI_INDEX of its own"))
            }
            Some(told) => {
                let behind = told.newest_change.saturating_sub(cursor).max(0);
                Ok(format!("{url} answers, {places} places, {behind} changes behind"))
            }
            None => Ok(format!("{url} answers, {places} places")),
        },
    }
}

fn what_to_do(trouble: &Trouble) -> String {
    match trouble {
        Trouble::Refused(code) if code.contains("api_key") || code.contains("authorization") => {
            format!("{trouble}; make a key with `footbridge meili-key` and set it as MEILI_KEY")
        }
        Trouble::Refused(_) | Trouble::Unreadable => {
            format!("{trouble}; see whether it is a Meilisearch of version 1.50 or later")
        }
        _ => format!("{trouble}; start it, or put MEILI_URL right; until then the embedded engine answers"),
    }
}

fn index(config: &Config, vocabulary: &Vocabulary, told: Option<&Told>) -> Result<String, String> {
    let folder = config.index_folder();
    let looked = look_at_index(&folder, vocabulary).map_err(|cause| match cause.kind() {
        ErrorKind::NotFound => "there is none yet; `footbridge serve` or `footbridge reindex` makes it".to_owned(),
        _ => format!("{} can't be read ({cause}); give this user the right to", folder.display()),
    })?;
    let used = if looked.in_use { "in use by a running service" } else { "not in use" };
    let whole = whole(&looked)?;
    let Some(told) = told else { return Ok(format!("whole, {used}, {whole}")) };
    if looked.database != told.identity {
        return Err("it was made from another database; a service that starts makes it anew".to_owned());
    }
    let behind = told.newest_change.saturating_sub(looked.cursor).max(0);
    if looked.in_use && behind > MOST_BEHIND {
        return Err(format!("it is {behind} changes behind, though a service uses it; see why in the service's log"));
    }
    Ok(format!("whole, {used}, {whole}, {behind} changes behind"))
}

fn whole(looked: &Looked) -> Result<String, String> {
    match &looked.damage {
        Some(damage) => Err(format!("it can't be used ({damage}); a service that starts makes it anew, or `footbridge reindex`")),
        None => Ok(format!("{} places", looked.places)),
    }
}
