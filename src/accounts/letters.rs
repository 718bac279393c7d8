//! The letters that let people in.

use chrono::NaiveDateTime;

use super::{people, ticket};
use crate::{
    db::Conn,
    error::Failure,
    jobs::Means,
    mail::{self, SignIn},
    values::SubjectId,
};

/// Posts the letter for a link that was asked for, if its address has an account. What the job of that kind does.
pub fn send_link(means: &Means, c: &mut Conn, ticket: &str, now: NaiveDateTime) -> Result<(), Failure> {
    let Some((account, secrets)) = ticket::answer(c, &means.vault, ticket, now)? else { return Ok(()) };
    let Some((_, Some(address))) = people::opened(c, &means.vault, &account)? else { return Ok(()) };
    let (first, last) = secrets.code.split_at(secrets.code.len() / 2);
    let letter =
        SignIn { link: format!("{}sign-in/link/{}", means.public_url, secrets.link.show()), code: format!("{first} {last}") };
    let to: SubjectId = account.id.parse().map_err(|_| Failure::internal("an account without an id"))?;
    mail::post(c, &means.vault, to, &address, &letter, now)
}
