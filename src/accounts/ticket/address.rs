//! The code that goes to an address which someone wants instead of their own.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;

use super::{MOST_TRIES, Purpose, Row, end, kept_code, use_up_by_code};
use crate::{
    accounts::token,
    db::Conn,
    error::Failure,
    schema::tickets,
    values::{AccountId, Email, SubjectId},
    vault::{Place, Private, Vault},
};

/// How long the code works.
pub const ADDRESS_LASTS: TimeDelta = TimeDelta::hours(1);

/// Keeps a new address that an account wants instead of its own, in place of any it wanted before. Comes back with the code for the letter there.
pub fn want_address(
    c: &mut Conn,
    vault: &Vault,
    account: AccountId,
    address: &Email,
    now: NaiveDateTime,
) -> Result<zeroize::Zeroizing<String>, Failure> {
    end(c, account, Purpose::Address)?;
    let (key, code) = (vault.key(c, SubjectId(account.0))?.ok_or(Failure::NotFound)?, token::digits()?);
    let row = Row { account_id: Some(account.to_string()), ..Row::new(Purpose::Address, ADDRESS_LASTS, now) };
    let address = Some(key.seal(&place(&row.id), address.as_str()));
    Row { code: Some(kept_code(vault, &row.id, &code)), address, ..row }.keep(c)?;
    Ok(code)
}

/// The address that an account wants, while its code still works, with the name of the ticket.
pub fn wanted_address(
    c: &mut Conn,
    vault: &Vault,
    account: AccountId,
    now: NaiveDateTime,
) -> Result<Option<(String, Private)>, Failure> {
    let theirs = tickets::account_id.eq(account.to_string()).and(tickets::purpose.eq(Purpose::Address.code()));
    let works = tickets::used_at.is_null().and(tickets::expires_at.gt(now)).and(tickets::tries.lt(MOST_TRIES));
    let row: Option<Row> = tickets::table.filter(theirs.and(works)).select(Row::as_select()).first(c).optional()?;
    let Some((id, Some(sealed))) = row.map(|row| (row.id, row.address)) else { return Ok(None) };
    let key = vault.key(c, SubjectId(account.0))?.ok_or(Failure::NotFound)?;
    let address = key.open(&place(&id), &sealed)?;
    Ok(Some((id, address)))
}

/// Uses up the code of the letter to a new address. Whether it was right.
pub fn redeem_address(c: &mut Conn, vault: &Vault, id: &str, code: &str, now: NaiveDateTime) -> Result<bool, Failure> {
    Ok(use_up_by_code(c, vault, id, code, now)?.is_some())
}

fn place(ticket: &str) -> Place {
    Place::new("tickets", "address", ticket)
}
