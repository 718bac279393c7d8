//! What a bridge builder knows well, so that a coordinator finds the right one for someone; what a peer says about themself.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Line, Words};
use crate::{
    db::Conn,
    error::Failure,
    on_each_engine,
    schema::profiles,
    values::{AccountId, SubjectId},
    vault::{Place, Sealed, Vault},
};

/// What a bridge builder knows well, and what a peer says about themself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// "Rehearsal studios, open mics".
    pub interests: Words,
    /// "Peckham, New Cross".
    pub areas: Words,
    /// "English, some Yoruba".
    pub languages: Words,
    /// What a peer says about themself, for people who may choose them; blank where they don't want to be chosen.
    pub hello: Line,
}

fn place(account: AccountId) -> Place {
    Place::new("profiles", "about", account)
}

/// Keeps what someone knows well. Not found where they have no account.
pub fn keep(c: &mut Conn, vault: &Vault, account: AccountId, profile: &Profile, now: NaiveDateTime) -> Result<(), Failure> {
    let key = vault.key(c, SubjectId(account.0))?.ok_or(Failure::NotFound)?;
    let about = key.seal(&place(account), &serde_json::to_string(profile)?);
    let row = (profiles::account_id.eq(account.to_string()), profiles::about.eq(&about), profiles::updated_at.eq(now));
    on_each_engine!(c, inner => diesel::insert_into(profiles::table)
        .values(row)
        .on_conflict(profiles::account_id)
        .do_update()
        .set((profiles::about.eq(&about), profiles::updated_at.eq(now)))
        .execute(inner))?;
    Ok(())
}

/// What these know well; those who never said are left out.
pub fn of(c: &mut Conn, vault: &Vault, accounts: &[AccountId]) -> Result<HashMap<AccountId, Profile>, Failure> {
    let ids: Vec<String> = accounts.iter().map(ToString::to_string).collect();
    let rows: Vec<(String, Sealed)> =
        profiles::table.filter(profiles::account_id.eq_any(ids)).select((profiles::account_id, profiles::about)).load(c)?;
    let subjects: Vec<SubjectId> = accounts.iter().map(|account| SubjectId(account.0)).collect();
    let keys = vault.keys(c, &subjects)?;
    let opened = |(id, about): (String, Sealed)| {
        let id: AccountId = id.parse().ok()?;
        let text = keys.get(&SubjectId(id.0))?.open(&place(id), &about);
        Some(text.and_then(|text| Ok((id, serde_json::from_str(text.show())?))))
    };
    rows.into_iter().filter_map(opened).collect()
}
