//! How often something may be tried: by address, account and network. Counted in the database, since several processes serve.
//!
//! What counts is a keyed hash, so that the table names nobody. A browser in which someone signed in before is counted apart from
//! strangers, so that strangers who guess never lock anybody out.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;

use crate::{db::Conn, error::Failure, on_each_engine, schema::tries, vault::Vault};

/// So many in so long.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// What is limited.
    pub what: &'static str,
    /// How often.
    pub most: i32,
    /// In how long.
    pub within: TimeDelta,
}

/// Wrong passwords for one address in one browser that knows it, or in all that don't.
pub const PASSWORD: Limit = Limit { what: "password", most: 10, within: TimeDelta::minutes(15) };
/// Passwords from one network, for whatever address.
pub const NETWORK: Limit = Limit { what: "password-network", most: 60, within: TimeDelta::minutes(15) };
/// Letters with a link to one account that one browser it knows, or one network, asked for.
pub const LETTERS: Limit = Limit { what: "letters", most: 5, within: TimeDelta::hours(1) };
/// Letters with a link to one account that browsers it doesn't know asked for, from wherever.
pub const LETTERS_IN_ALL: Limit = Limit { what: "letters-in-all", most: 30, within: TimeDelta::hours(1) };
/// Those that still go once there were so many.
pub const LETTERS_BEYOND: Limit = Limit { what: "letters-beyond", most: 1, within: TimeDelta::hours(1) };
/// Letters to new addresses that one account wants instead of its own.
pub const ADDRESSES: Limit = Limit { what: "addresses", most: 5, within: TimeDelta::hours(1) };
/// Links asked for from one network, for whatever address.
pub const ASKED: Limit = Limit { what: "links-network", most: 30, within: TimeDelta::minutes(15) };
/// Codes of printed cards from one network.
pub const CARDS: Limit = Limit { what: "cards-network", most: 20, within: TimeDelta::minutes(15) };
/// Codes of the second step for one account, in whatever browser.
pub const SECOND: Limit = Limit { what: "second", most: 30, within: TimeDelta::hours(1) };
/// Receipts for notes to one address, whoever typed it.
pub const RECEIPTS: Limit = Limit { what: "receipts", most: 10, within: TimeDelta::days(1) };
/// The longest that any of these looks back.
const LONGEST: TimeDelta = TimeDelta::days(1);

/// Counts a try. Whether it is within the limit.
pub fn count(c: &mut Conn, vault: &Vault, limit: Limit, who: &str, now: NaiveDateTime) -> Result<bool, Failure> {
    let id = vault.mark(limit.what, who);
    let row = (tries::id.eq(&id), tries::count.eq(0), tries::since.eq(now));
    on_each_engine!(c, inner => diesel::insert_into(tries::table).values(row).on_conflict_do_nothing().execute(inner))?;
    let running = tries::table.filter(tries::id.eq(&id).and(tries::since.gt(now - limit.within)));
    if diesel::update(running).set(tries::count.eq(tries::count + 1)).execute(c)? == 0 {
        diesel::update(tries::table.find(&id)).set((tries::count.eq(1), tries::since.eq(now))).execute(c)?;
    }
    let count: i32 = tries::table.find(&id).select(tries::count).first(c)?;
    Ok(count <= limit.most)
}

/// Forgets the tries of someone who got it right.
pub fn forget(c: &mut Conn, vault: &Vault, limit: Limit, who: &str) -> Result<(), Failure> {
    diesel::delete(tries::table.find(vault.mark(limit.what, who))).execute(c)?;
    Ok(())
}

/// Drops what no limit looks back to.
pub fn tidy(c: &mut Conn, now: NaiveDateTime) -> Result<(), Failure> {
    diesel::delete(tries::table.filter(tries::since.lt(now - LONGEST))).execute(c)?;
    Ok(())
}
