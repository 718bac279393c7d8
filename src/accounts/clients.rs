//! The accounts of people who are helped: one for each, pointing at their record, made when they first need a way in.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use zeroize::Zeroizing;

use super::{Grant, Principal, Role, State, letters::Sender, people, store, ticket};
use crate::{
    audit::{self, Action, Actor, Entry},
    db::Conn,
    error::Failure,
    mail::Change,
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

/// The account of a person, made where there is none yet. Where their address has a client's account that points at no record, that one
/// becomes theirs. Any other with that address stays as it is, since nobody has shown that the address is theirs, and theirs has none.
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
        Some(row) if is_free(c, row)? => row.id.parse().map_err(|_| Failure::internal("an account without an id"))?,
        Some(_) => people::add(c, vault, None, &Private::new(name), State::Active, now)?,
        None => people::add(c, vault, email, &Private::new(name), State::Active, now)?,
    };
    store::set_grants(c, id, &[Grant { role: Role::Client, team: None }], now)?;
    store::set_person(c, id, Some(person))?;
    Ok(id)
}

/// Whether an account is a client's alone and points at no record.
fn is_free(c: &mut Conn, row: &store::Row) -> Result<bool, Failure> {
    let id = row.id.parse().map_err(|_| Failure::internal("an account without an id"))?;
    let client = store::grants(c, id)?.iter().all(|grant| grant.role == Role::Client);
    Ok(client && row.person_id.is_none())
}

/// Where a person's letters go, with the account whose key seals them; none where they have no address.
pub fn address_of(c: &mut Conn, vault: &Vault, person: SubjectId) -> Result<Option<(AccountId, Private)>, Failure> {
    let Some(id) = account_of(c, person)? else { return Ok(None) };
    Ok(people::address_of(c, vault, id)?.map(|address| (id, address)))
}

/// A code for a card that lets a person in once, without an address. They can see who printed it, and get word of it where they have one.
pub fn print_card(
    c: &mut Conn,
    sender: &Sender,
    person: SubjectId,
    by: &Principal,
    now: NaiveDateTime,
) -> Result<Zeroizing<String>, Failure> {
    let about = records::about(c, &sender.vault, person)?.ok_or(Failure::NotFound)?;
    let id = account_for(c, &sender.vault, person, about.called(), about.contact.email.as_ref(), now)?;
    let code = ticket::print_card(c, &sender.vault, id, now)?;
    sender.changed(c, id, Change::CardPrinted, now)?;
    let actor = Actor::Account(by.account);
    audit::record(c, &Entry { actor, action: Action::CardPrinted, subject: Some(person), about: None }, now)?;
    Ok(code)
}

/// A person's account is called what they want to be called; one that is also a place of work keeps the name the others know.
pub fn rename(c: &mut Conn, vault: &Vault, person: SubjectId, name: &str, now: NaiveDateTime) -> Result<(), Failure> {
    let Some(id) = account_of(c, person)? else { return Ok(()) };
    let client = store::grants(c, id)?.iter().all(|grant| grant.role == Role::Client);
    if client && !name.is_empty() { people::rename(c, vault, id, name, now) } else { Ok(()) }
}
