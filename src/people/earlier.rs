//! What someone wanted before it was changed, so that nobody's words are lost, whoever changes them.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use uuid::Uuid;

use super::{
    aspirations::{Aspiration, Wanted},
    key, open, seal,
};
use crate::{
    db::Conn,
    error::Failure,
    schema::earlier_aspirations as earlier,
    values::{AccountId, AspirationId, EarlierId, SubjectId},
    vault::{Key, Sealed, Vault},
};

/// Most that are kept of one aspiration.
const MOST: i64 = 20;

/// What an aspiration said until it was changed.
#[derive(Debug, Clone)]
pub struct Earlier {
    /// Its id.
    pub id: EarlierId,
    /// What they wanted.
    pub wanted: Wanted,
    /// Who changed it; none where it was the person themself.
    pub by: Option<AccountId>,
    /// When, UTC.
    pub at: NaiveDateTime,
}

/// Keeps what it says now. Beyond twenty, the oldest go.
pub(super) fn keep(
    c: &mut Conn,
    key: &Key,
    before: &Aspiration,
    by: Option<AccountId>,
    now: NaiveDateTime,
) -> Result<(), Failure> {
    let (id, aspiration) = (Uuid::new_v4().to_string(), before.id.to_string());
    let row = (
        earlier::id.eq(&id),
        earlier::person_id.eq(key.subject().to_string()),
        earlier::aspiration_id.eq(&aspiration),
        earlier::about.eq(seal(key, "earlier_aspirations", "about", &id, &serde_json::to_string(&before.wanted)?)),
        earlier::changed_by.eq(by.map(|by| by.to_string())),
        earlier::changed_at.eq(now),
    );
    diesel::insert_into(earlier::table).values(row).execute(c)?;
    let all = earlier::table.filter(earlier::aspiration_id.eq(&aspiration));
    let old: Vec<String> =
        all.order((earlier::changed_at.desc(), earlier::id)).offset(MOST).limit(MOST).select(earlier::id).load(c)?;
    diesel::delete(earlier::table.filter(earlier::id.eq_any(old))).execute(c)?;
    Ok(())
}

/// What something that someone wants said before, the latest first.
pub fn of(c: &mut Conn, vault: &Vault, person: SubjectId, id: AspirationId) -> Result<Vec<Earlier>, Failure> {
    let theirs = earlier::aspiration_id.eq(id.to_string()).and(earlier::person_id.eq(person.to_string()));
    let rows: Vec<(String, Sealed, Option<String>, NaiveDateTime)> = earlier::table
        .filter(theirs)
        .order((earlier::changed_at.desc(), earlier::id))
        .limit(MOST)
        .select((earlier::id, earlier::about, earlier::changed_by, earlier::changed_at))
        .load(c)?;
    let key = key(c, vault, person)?;
    let opened = |(id, about, by, at): (String, Sealed, Option<String>, NaiveDateTime)| {
        let wanted = serde_json::from_str(open(&key, "earlier_aspirations", "about", &id, &about)?.show())?;
        Ok(Earlier { id: id.parse().map_err(Failure::internal)?, wanted, by: by.and_then(|by| by.parse().ok()), at })
    };
    rows.into_iter().map(opened).collect()
}
