//! The letters that let people in, and those that tell them what was changed about their account.

use chrono::{NaiveDateTime, TimeZone};
use chrono_tz::Europe::London;
use url::Url;

use super::{State, people, store, ticket};
use crate::{
    app::App,
    db::Conn,
    error::Failure,
    jobs::Means,
    mail::{self, AccountChanged, Change, SignIn},
    values::{AccountId, SubjectId},
    vault::Vault,
};

/// Where someone finds what to do who did not change it themself.
const NOT_ME: &str = "sign-in/not-me";

/// What is needed to tell someone of a change to their account.
#[derive(Clone)]
pub struct Sender {
    /// Opens their address and seals the letter.
    pub vault: Vault,
    /// How people reach the service.
    pub site: Url,
}

impl Sender {
    /// What a running service tells people with.
    pub fn of(app: &App) -> Self {
        Self { vault: app.vault.clone(), site: app.web.public_url() }
    }

    /// Posts word of a change to whoever's account it is, in the transaction that makes it. None to someone without an address, and none
    /// to someone who has yet to take up their invitation: nothing is theirs until then.
    pub fn changed(&self, c: &mut Conn, account: AccountId, change: Change, now: NaiveDateTime) -> Result<(), Failure> {
        let row = store::account(c, account)?.filter(|row| row.state != State::Invited.code());
        let Some(row) = row else { return Ok(()) };
        let Some((_, Some(address))) = people::opened(c, &self.vault, &row)? else { return Ok(()) };
        let when = London.from_utc_datetime(&now).naive_local();
        let letter = AccountChanged::new(change, when, format!("{}{NOT_ME}", self.site));
        mail::post(c, &self.vault, SubjectId(account.0), &address, &letter, now)
    }
}

/// Posts the letter for a link that was asked for, if its address has an account. What the job of that kind does.
pub fn send_link(means: &Means, c: &mut Conn, ticket: &str, now: NaiveDateTime) -> Result<(), Failure> {
    let Some((account, secrets)) = ticket::answer(c, &means.vault, ticket, now)? else { return Ok(()) };
    let Some((_, Some(address))) = people::opened(c, &means.vault, &account)? else { return Ok(()) };
    let link = format!("{}sign-in/link/{}", means.public_url, secrets.link.show());
    let letter = SignIn { link, code: spaced(&secrets.code) };
    let to: SubjectId = account.id.parse().map_err(|_| Failure::internal("an account without an id"))?;
    mail::post(c, &means.vault, to, &address, &letter, now)
}

/// A code in two halves, for people to read.
pub fn spaced(code: &str) -> String {
    let (first, last) = code.split_at(code.len() / 2);
    format!("{first} {last}")
}
