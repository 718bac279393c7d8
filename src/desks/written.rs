//! Everything that was written about someone, for them to read: contacts, notes, messages, what changed.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Query},
};
use chrono::NaiveDateTime;
use serde::Serialize;

use super::{path::own, record::EntryLine, timeline, words};
use crate::{
    accounts::Principal,
    app::App,
    db::Conn,
    error::Failure,
    people::timeline::Sort,
    values::SubjectId,
    vault::Vault,
    web::{asked::Asked, page::Page},
};

/// Entries on one page.
const PER_PAGE: i64 = 20;
/// Furthest page.
const LAST_PAGE: i64 = 10_000;

/// What was written about someone.
#[derive(Debug, Clone, Serialize)]
pub struct WrittenPage {
    /// The entries, the latest first.
    pub entries: Vec<EntryLine>,
    /// The page before.
    pub newer: Option<String>,
    /// The page after.
    pub older: Option<String>,
}

impl Page for WrittenPage {
    const TEMPLATE: &'static str = "written.html";

    fn title(&self) -> String {
        "What was written".to_owned()
    }

    fn samples() -> Vec<Self> {
        let entry = |sort: Sort, who: &str| EntryLine {
            sort: sort.code(),
            label: sort.label(),
            who: who.to_owned(),
            when: words::moment(NaiveDateTime::default()),
            lines: vec!["We met. Tea at the library.".to_owned()],
            out: None,
        };
        let entries = vec![entry(Sort::Message, "You"), entry(Sort::Contact, "Rowan Ashby"), entry(Sort::Note, "")];
        let (newer, older) = (Some("/my-path/written?page=1".to_owned()), Some("/my-path/written?page=3".to_owned()));
        vec![Self { entries: Vec::new(), newer: None, older: None }, Self { entries, newer, older }]
    }
}

/// `GET /my-path/written`
pub async fn written(app: Data<App>, request: HttpRequest, who: Principal, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    let (person, page) = (own(&who)?, asked.page(LAST_PAGE));
    let vault = app.vault.clone();
    let made = app.db.read(move |c| made(c, &vault, person, page)).await?;
    app.page(&request, &made)
}

fn made(c: &mut Conn, vault: &Vault, person: SubjectId, page: i64) -> Result<WrittenPage, Failure> {
    let (entries, total) = timeline::page(c, vault, person, (page, PER_PAGE), (words::YOU, None))?;
    let at = |page: i64| format!("/my-path/written?page={page}");
    Ok(WrittenPage {
        entries,
        newer: (page > 1).then(|| at(page - 1)),
        older: (page * PER_PAGE < total && page < LAST_PAGE).then(|| at(page + 1)),
    })
}
