//! Erasing someone: their key first, so that nothing opens any more, then every row of theirs.

use chrono::NaiveDateTime;
use diesel::{RunQueryDsl, prelude::*, sql_query, sql_types::Text};

use super::columns::{ROWS_OF_A_PERSON, ROWS_OF_AN_ACCOUNT};
use crate::{
    accounts::{self, Role},
    audit::{self, Action, Actor, Entry},
    db::Conn,
    error::Failure,
    mail, on_each_engine,
    schema::accounts::dsl,
    values::{AccountId, SubjectId},
    vault::Vault,
};

/// Erases a person: keys, rows, letters, and the account that is theirs alone. What was done stays in the record, without a word of it.
/// An account that is also someone's place of work stays, and points at nobody.
pub fn erase(c: &mut Conn, vault: &Vault, person: SubjectId, by: Actor, now: NaiveDateTime) -> Result<(), Failure> {
    mail::forget(c, person)?;
    for account in accounts_of(c, person)? {
        part_from(c, vault, account, now)?;
    }
    mail::clear_soon(c, now)?;
    remove(c, ROWS_OF_A_PERSON, &person.to_string())?;
    // A backup from before two records were joined has both.
    for one in audit::joined_into(c, person)?.into_iter().chain([person]) {
        vault.erase(c, one, now)?;
    }
    audit::record(c, &Entry { actor: by, action: Action::Erased, subject: Some(person), about: None }, now)
}

/// An account points at nobody any more; one that was a client's alone is erased.
pub(super) fn part_from(c: &mut Conn, vault: &Vault, account: AccountId, now: NaiveDateTime) -> Result<(), Failure> {
    accounts::store::set_person(c, account, None)?;
    let client = accounts::store::grants(c, account)?.iter().all(|grant| grant.role == Role::Client);
    if client { erase_account(c, vault, account, now) } else { Ok(()) }
}

/// Erases an account: its key, its rows, the letters to it.
pub(crate) fn erase_account(c: &mut Conn, vault: &Vault, account: AccountId, now: NaiveDateTime) -> Result<(), Failure> {
    mail::forget(c, SubjectId(account.0))?;
    remove(c, ROWS_OF_AN_ACCOUNT, &account.to_string())?;
    mail::clear_soon(c, now)?;
    vault.erase(c, SubjectId(account.0), now)
}

/// Removes the rows of someone whose key was destroyed, a person or an account of theirs: a backup from before may have brought them back.
pub fn remove_again(c: &mut Conn, subject: SubjectId) -> Result<(), Failure> {
    mail::forget(c, subject)?;
    remove(c, ROWS_OF_AN_ACCOUNT, &subject.to_string())?;
    remove(c, ROWS_OF_A_PERSON, &subject.to_string())
}

/// The accounts that point at a person.
pub(super) fn accounts_of(c: &mut Conn, person: SubjectId) -> Result<Vec<AccountId>, Failure> {
    let ids: Vec<String> = dsl::accounts.filter(dsl::person_id.eq(person.to_string())).select(dsl::id).load(c)?;
    Ok(ids.into_iter().filter_map(|id| id.parse().ok()).collect())
}

fn remove(c: &mut Conn, rows: &[(&str, &str)], id: &str) -> Result<(), Failure> {
    for (table, theirs) in rows {
        let gone = format!("DELETE FROM {table} WHERE {theirs}");
        on_each_engine!(c, inner => sql_query(gone).bind::<Text, _>(id).execute(inner))?;
    }
    Ok(())
}
