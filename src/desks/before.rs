//! What a wish said before it was changed, as it is shown beside its places.

use serde::Serialize;

use super::{places::beside, record::Said, words};
use crate::{
    accounts,
    clock::london_day,
    db::Conn,
    error::Failure,
    people::{
        aspirations::By,
        earlier::{self, Earlier},
    },
    values::{AccountId, AspirationId, SubjectId},
    vault::Vault,
    web::views::say,
};

/// What someone wrote before.
#[derive(Debug, Clone, Serialize)]
pub struct EarlierLine {
    /// Their words.
    pub words: String,
    /// What was said beside them.
    pub said: Vec<Said>,
    /// Until when it said so: "3 March 2027".
    pub until: String,
    /// Who changed it: "You", a name.
    pub by: String,
}

/// What it said before, with who changed it.
pub(super) fn lines(
    c: &mut Conn,
    vault: &Vault,
    person: SubjectId,
    wish: AspirationId,
    reader: By,
) -> Result<Vec<EarlierLine>, Failure> {
    let earlier = earlier::of(c, vault, person, wish)?;
    let staff: Vec<AccountId> = earlier.iter().filter_map(|one| one.by).collect();
    let names = accounts::people::names(c, vault, &staff)?;
    let themself = if reader == By::Person { "you" } else { "themself" };
    let by = |id: &AccountId| names.get(id).cloned().unwrap_or_else(|| words::WORKED_HERE.to_owned());
    let line = |one: Earlier| EarlierLine {
        words: one.wanted.words.as_str().to_owned(),
        said: beside(&one.wanted, one.wanted.near.as_str().to_owned()),
        until: say::date(london_day(one.at)),
        by: one.by.as_ref().map_or_else(|| themself.to_owned(), by),
    };
    Ok(earlier.into_iter().map(line).collect())
}
