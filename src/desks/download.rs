//! All that is kept about someone, for them: to read, and as a file.

use actix_web::{HttpRequest, HttpResponse, http::header, web::Data};
use chrono::NaiveDateTime;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::{path::own, words};
use crate::{
    accounts::Principal,
    app::App,
    error::Failure,
    people::export::{self, Export},
    web::page::Page,
};

/// One thing that is kept.
#[derive(Debug, Clone, Serialize)]
pub struct Kept {
    /// Its fields: name and value.
    pub fields: Vec<(String, String)>,
}

/// Things of one sort.
#[derive(Debug, Clone, Serialize)]
pub struct Section {
    /// What they are.
    pub heading: &'static str,
    /// Each of them.
    pub rows: Vec<Kept>,
}

/// All that is kept about someone, to read.
#[derive(Debug, Clone, Serialize)]
pub struct DownloadPage {
    /// By sort.
    pub sections: Vec<Section>,
}

impl Page for DownloadPage {
    const TEMPLATE: &'static str = "download.html";

    fn title(&self) -> String {
        "All that we keep about you".to_owned()
    }

    fn samples() -> Vec<Self> {
        let kept = Kept { fields: vec![("Chosen name".to_owned(), "Jo Marsh".to_owned())] };
        vec![Self { sections: vec![Section { heading: "About you", rows: vec![kept] }] }]
    }
}

/// The sorts in plain words.
fn heading(table: &str) -> &'static str {
    match table {
        "people" => "About you",
        "aspirations" => "What you want",
        "earlier_aspirations" => "What you wrote before",
        "aspiration_marks" => "What was thought of places",
        "shared_lists" => "Lists of places by a link",
        "fresh_places" => "New places for what you want",
        "consents" => "What you agreed to",
        "referrals" => "How you came to us",
        "referral_moves" => "How things moved on",
        "entries" => "Contacts, notes and messages",
        "own_steps" => "What is new from you",
        "tasks" => "Things to do",
        "caseload" => "Who goes along with you",
        "cover" => "Who stood in",
        "record_ends" => "How long your record is kept",
        "accounts" | "grants" | "profiles" => "Your account",
        "mail_choices" => "How much mail you get",
        "sessions" => "Where you are signed in",
        "tickets" => "Links and cards",
        "passkeys" => "Passkeys",
        "audit" => "What was done with your record",
        _ => "Other things",
    }
}

/// `GET /my-path/download`
pub async fn page(app: Data<App>, request: HttpRequest, who: Principal) -> Result<HttpResponse, Failure> {
    let export = gather(&app, &who).await?;
    app.page(&request, &DownloadPage { sections: export.0.iter().map(|(table, rows)| section(table, rows)).collect() })
}

async fn gather(app: &Data<App>, who: &Principal) -> Result<Export, Failure> {
    let (person, vault) = (own(who)?, app.vault.clone());
    app.db.read(move |c| export::export(c, &vault, person)).await
}

fn section(table: &str, rows: &[serde_json::Map<String, Value>]) -> Section {
    let kept = |row: &serde_json::Map<String, Value>| {
        let mut fields = Vec::new();
        row.iter().for_each(|(name, value)| flatten(name, value, &mut fields));
        Kept { fields }
    };
    Section { heading: heading(table), rows: rows.iter().map(kept).filter(|kept| !kept.fields.is_empty()).collect() }
}

/// A value in words; a document's fields each by themselves, and what is blank not at all.
fn flatten(name: &str, value: &Value, into: &mut Vec<(String, String)>) {
    match value {
        Value::Null => {}
        Value::Object(fields) => fields.iter().for_each(|(name, value)| flatten(name, value, into)),
        Value::Array(values) => {
            let words: Vec<String> = values.iter().map(plain).filter(|text| !text.is_empty()).collect();
            if !words.is_empty() {
                into.push((label(name), words.join(", ")));
            }
        }
        one => {
            let text = plain(one);
            if !text.is_empty() {
                into.push((label(name), text));
            }
        }
    }
}

/// A value in words: instants as people say them, ids not at all.
fn plain(value: &Value) -> String {
    let Some(text) = value.as_str() else { return value.to_string() };
    let instant = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"];
    let instant = instant.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    match instant {
        Some(at) => words::moment(at),
        None if Uuid::parse_str(text).is_ok() => String::new(),
        None => text.to_owned(),
    }
}

/// A column or a field in plain words.
fn label(name: &str) -> String {
    let words = match name {
        "worker_id" => "Who goes along",
        "account_id" => "Who",
        "by_account" | "changed_by" | "sent_by" | "kept_by" => "By whom",
        "chosen_by_person" => "Chosen by you",
        "marked_by" => "Who said so",
        "from_state" => "How it stood before",
        "to_state" => "How it stood then",
        "taken_by" => "How it reached us",
        "seen_at" => "Seen",
        "venue_id" => "The place’s number",
        "never_say" => "Never in a message",
        other => return crate::web::views::say::sentence(&other.replace('_', " ")),
    };
    words.to_owned()
}

/// `GET /my-path/download.json`
pub async fn json(app: Data<App>, who: Principal) -> Result<HttpResponse, Failure> {
    let export = gather(&app, &who).await?;
    let text = serde_json::to_vec_pretty(&export.json())?;
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"my-record.json\""))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(text))
}
