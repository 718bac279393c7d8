//! Another address for mail and for signing in, or a first one.
//!
//! It is asked for by someone who has just proved who they are, and is theirs once they type the code that went there. Nothing tells
//! them whether it has an account already: where it has, the letter says so to whoever reads it.

use chrono::NaiveDateTime;

use super::{
    Principal, clients,
    letters::{Sender, spaced},
    people, session, store, ticket, tries,
};
use crate::{
    audit::{self, Action, Actor, Entry},
    db::Conn,
    error::Failure,
    mail::{self, Change, NewAddress},
    people as records,
    values::{Email, SubjectId},
    vault::{Private, Vault},
};

/// Posts a code to the address that someone wants. `false` where they asked too often.
pub fn ask(c: &mut Conn, sender: &Sender, who: &Principal, wanted: &Email, now: NaiveDateTime) -> Result<bool, Failure> {
    if !tries::count(c, &sender.vault, tries::ADDRESSES, &who.account.to_string(), now)? {
        return Ok(false);
    }
    let code = ticket::want_address(c, &sender.vault, who.account, wanted, now)?;
    let taken = store::account_by_mark(c, &sender.vault.mark("email", wanted.as_str()))?.is_some();
    let letter = NewAddress { code: (!taken).then(|| spaced(&code)) };
    mail::post(c, &sender.vault, SubjectId(who.account.0), &Private::new(wanted.as_str()), &letter, now)?;
    Ok(true)
}

/// Makes the address that someone wants theirs if this is the code that went there. The address before hears of it, and nothing that was
/// sent there lets anyone in any more. `false` where the code is wrong or too old.
pub fn take(c: &mut Conn, sender: &Sender, who: &Principal, code: &str, now: NaiveDateTime) -> Result<bool, Failure> {
    let Some((ticket, wanted)) = ticket::wanted_address(c, &sender.vault, who.account, now)? else { return Ok(false) };
    if !ticket::redeem_address(c, &sender.vault, &ticket, code, now)? {
        return Ok(false);
    }
    sender.changed(c, who.account, Change::Address, now)?;
    let wanted: Email = wanted.show().parse().map_err(Failure::internal)?;
    if let Some(person) = who.person {
        follow(c, &sender.vault, person, &wanted, now)?;
    }
    if !people::move_to(c, &sender.vault, who.account, &wanted, now)? {
        return Err(Failure::invalid("code", "That address has an account already. Ask for another one."));
    }
    ticket::end_links(c, who.account)?;
    session::end_all(c, who.account, Some(&who.session))?;
    let subject = Some(who.person.unwrap_or(SubjectId(who.account.0)));
    audit::record(c, &Entry { actor: Actor::Account(who.account), action: Action::AddressChanged, subject, about: None }, now)?;
    Ok(true)
}

/// Where someone's record says to write to the address before, or says none, it says the new one.
fn follow(c: &mut Conn, vault: &Vault, person: SubjectId, wanted: &Email, now: NaiveDateTime) -> Result<(), Failure> {
    let before = clients::address_of(c, vault, person)?.map(|(_, address)| address);
    let mut about = records::about(c, vault, person)?.ok_or(Failure::NotFound)?;
    let said = about.contact.email.as_ref().map(Email::as_str);
    if said != before.as_ref().map(Private::show) {
        return Ok(());
    }
    about.contact.email = Some(wanted.clone());
    records::change(c, vault, person, &about, now)
}
