//! The accounts of people who are helped: one for each, pointing at their record, made when they first need a way in.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use zeroize::Zeroizing;

use super::{Grant, Role, State, people, store, ticket};
use crate::{
    db::Conn,
    error::Failure,
    people as records,
    schema::accounts,
    values::{AccountId, Email, SubjectId},
    vault::{Private, Vault},
};

/// The account that points at a record.
pub fn account_of(c: &mut Conn, person: SubjectId) -> Result<Option<AccountId>, Failure> {
    let theirs = accounts::table.filter(accounts::person_id.eq(person.to_string()));
    let id: Option<String> = theirs.select(accounts::id).first(c).optional()?;
    Ok(id.and_then(|id| id.parse().ok()))
}

/// The account of a person, made where there is none yet. Where their address has an account that points at no record yet, that one
/// becomes theirs; one that points elsewhere stays as it is, and theirs has no address.
pub fn account_for(
    c: &mut Conn,
    vault: &Vault,
    person: SubjectId,
    name: &str,
    email: Option<&Email>,
    now: NaiveDateTime,
) -> Result<AccountId, Failure> {
    if let Some(id) = account_of(c, person)? {
        return Ok(id);
    }
    let known = match email {
        Some(email) => store::account_by_mark(c, &vault.mark("email", email.as_str()))?,
        None => None,
    };
    let id = match &known {
        Some(row) if row.person_id.is_none() => row.id.parse().map_err(|_| Failure::internal("an account without an id"))?,
        Some(_) => people::add(c, vault, None, &Private::new(name), State::Active, now)?,
        None => people::add(c, vault, email, &Private::new(name), State::Active, now)?,
    };
    let mut grants = store::grants(c, id)?;
    let client = Grant { role: Role::Client, team: None };
    if !grants.contains(&client) {
        grants.push(client);
        store::set_grants(c, id, &grants, now)?;
    }
    store::set_person(c, id, Some(person))?;
    Ok(id)
}

/// Where a person's letters go, with the account whose key seals them; none where they have no address.
pub fn address_of(c: &mut Conn, vault: &Vault, person: SubjectId) -> Result<Option<(AccountId, Private)>, Failure> {
    let Some(id) = account_of(c, person)? else { return Ok(None) };
    let Some(row) = store::account(c, id)?.filter(|row| row.state == State::Active.code()) else { return Ok(None) };
    let address = people::opened(c, vault, &row)?.and_then(|(_, email)| email);
    Ok(address.map(|address| (id, address)))
}

/// A code for a card that lets a person in once, without an address.
pub fn print_card(c: &mut Conn, vault: &Vault, person: SubjectId, now: NaiveDateTime) -> Result<Zeroizing<String>, Failure> {
    let about = records::about(c, vault, person)?.ok_or(Failure::NotFound)?;
    let id = account_for(c, vault, person, about.called(), about.contact.email.as_ref(), now)?;
    ticket::print_card(c, vault, id, now)
}
