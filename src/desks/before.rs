//! What a wish said before it was changed, as it is shown beside its places.

use actix_web::{
    HttpResponse,
    web::{Bytes, Data, Path},
};
use chrono::NaiveDateTime;
use serde::Serialize;

use super::{path::own as own_record, places::around, record::Said, words};
use crate::{
    accounts::{self, Principal},
    app::App,
    clock::london_day,
    db::Conn,
    error::Failure,
    matching,
    people::{
        aspirations::{self, Aspiration, By},
        earlier::{self, Earlier},
    },
    values::{AccountId, AspirationId, EarlierId, SubjectId},
    vault::Vault,
    web::{form::Typed, see_other, views::say},
};

/// What someone wrote before.
#[derive(Debug, Clone, Serialize)]
pub struct EarlierLine {
    /// Its id, where its reader can let it stand again.
    pub id: Option<String>,
    /// Their words.
    pub words: String,
    /// What was said beside them.
    pub said: Vec<Said>,
    /// Until when it said so: "3 March 2027".
    pub until: String,
    /// Who changed it: "you", a name.
    pub by: String,
}

/// What a wish said before.
#[derive(Debug, Clone, Default)]
pub(super) struct Before {
    /// What it said each time, the latest first.
    pub lines: Vec<EarlierLine>,
    /// Who wrote what it says now with them, and when, where they didn't write that alone.
    pub with_them: Option<(String, String)>,
}

/// What it said before, with who changed it.
pub(super) fn before(c: &mut Conn, vault: &Vault, person: SubjectId, now: &Aspiration, reader: By) -> Result<Before, Failure> {
    let earlier = earlier::of(c, vault, person, now.id)?;
    let staff: Vec<AccountId> = earlier.iter().filter_map(|one| one.by).collect();
    let names = accounts::people::names(c, vault, &staff)?;
    let themself = if reader == By::Person { "you" } else { "themself" };
    let name = |id: AccountId| names.get(&id).cloned().unwrap_or_else(|| words::WORKED_HERE.to_owned());
    let day = |one: &Earlier| say::date(london_day(one.at));
    let with_them = earlier.first().and_then(|last| Some((name(last.by?), day(last))));
    let line = |one: &Earlier| EarlierLine {
        id: (reader == By::Person && one.wanted != now.wanted).then(|| one.id.to_string()),
        words: one.wanted.words.as_str().to_owned(),
        said: around(&one.wanted, one.wanted.near.as_str().to_owned()),
        until: day(one),
        by: one.by.map_or_else(|| themself.to_owned(), name),
    };
    Ok(Before { lines: earlier.iter().map(line).collect(), with_them })
}

/// `POST /my-path/wishes/{aspiration}/earlier`: what they said before stands again; what it says now is kept, too.
pub async fn put_back(app: Data<App>, who: Principal, wish: Path<AspirationId>, body: Bytes) -> Result<HttpResponse, Failure> {
    let (person, wish, shared, now) = (own_record(&who)?, *wish, app.clone(), app.clock.stamp());
    let id: EarlierId = Typed::read(&body).one("earlier").parse().map_err(|_| Failure::NotFound)?;
    app.db.write(move |c| stands_again(c, &shared, person, wish, id, now)).await?;
    Ok(see_other(&format!("/my-path/wishes/{wish}?done=earlier")))
}

/// The parts of life follow the words where they did so until now; those that were ticked stay.
fn stands_again(
    c: &mut Conn,
    app: &App,
    person: SubjectId,
    wish: AspirationId,
    id: EarlierId,
    now: NaiveDateTime,
) -> Result<(), Failure> {
    let kept = aspirations::one(c, &app.vault, person, wish)?;
    let all = earlier::of(c, &app.vault, person, wish)?;
    let wanted = all.into_iter().find(|one| one.id == id).ok_or(Failure::NotFound)?.wanted;
    let spoken = |words: &str| matching::verbs::domains(app, words);
    let followed = kept.domains == spoken(kept.wanted.words.as_str());
    let domains = if followed { spoken(wanted.words.as_str()) } else { kept.domains };
    aspirations::change(c, &app.vault, (person, wish), &wanted, &domains, None, now)?;
    Ok(())
}
