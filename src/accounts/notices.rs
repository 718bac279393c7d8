//! How much mail someone wants, and the notices that this is about: that something waits for them.
//!
//! Links to sign in, invitations, receipts and word of a change to an account always go; they don't come through here. For those who
//! want one letter a day at most, notices are counted, and a job posts one letter for all of them.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use url::Url;
use uuid::Uuid;

use super::{Role, people, store};
use crate::{
    audit::{self, Action, Actor, Entry},
    db::Conn,
    error::Failure,
    jobs::{self, Kind, Means},
    mail::{self, Letter, NewMessage, WhatIsNew},
    on_each_engine,
    people::{caseload, timeline},
    schema::mail_choices,
    values::{AccountId, SubjectId, choice},
    vault::{Private, Vault},
};

/// Where someone chooses, once they are signed in.
pub const CHOOSE: &str = "account/mail";
/// Least time between two letters to whoever wants one a day at most.
const A_DAY: TimeDelta = TimeDelta::days(1);

choice! {
    /// How much mail someone wants.
    Choice {
        Each = "each", "Every message, as it comes";
        Daily = "daily", "At most one letter a day";
        Needed = "needed", "Only what I need to sign in, and what I ask for";
    }
}

/// How much mail an account wants; all of it where nobody chose.
pub fn choice(c: &mut Conn, account: AccountId) -> Result<Choice, Failure> {
    let chosen: Option<String> =
        mail_choices::table.find(account.to_string()).select(mail_choices::choice).first(c).optional()?;
    Ok(chosen.and_then(|chosen| Choice::from_code(&chosen)).unwrap_or(Choice::Each))
}

/// Keeps how much mail someone wants from now on.
pub fn choose(c: &mut Conn, account: AccountId, choice: Choice, now: NaiveDateTime) -> Result<(), Failure> {
    let set = (mail_choices::choice.eq(choice.code()), mail_choices::chosen_at.eq(now));
    let row = (mail_choices::account_id.eq(account.to_string()), mail_choices::gathered.eq(0), set);
    on_each_engine!(c, inner => diesel::insert_into(mail_choices::table)
        .values(row)
        .on_conflict(mail_choices::account_id)
        .do_update()
        .set(set)
        .execute(inner))?;
    let subject = Some(SubjectId(account.0));
    let entry =
        Entry { actor: Actor::Account(account), action: Action::MailChosen, subject, about: Some(choice.code().to_owned()) };
    audit::record(c, &entry, now)
}

/// Tells someone that a message waits for them on this path of the site, as far as they want to be told.
pub fn tell(
    c: &mut Conn,
    vault: &Vault,
    site: &Url,
    account: AccountId,
    address: &Private,
    path: &str,
    now: NaiveDateTime,
) -> Result<(), Failure> {
    let letter = NewMessage { link: format!("{site}{path}"), choose: format!("{site}{CHOOSE}") };
    notice(c, vault, (account, address), &letter, now)
}

/// Posts a notice, or gathers it, as far as they want to be told.
fn notice<L: Letter>(
    c: &mut Conn,
    vault: &Vault,
    (account, address): (AccountId, &Private),
    letter: &L,
    now: NaiveDateTime,
) -> Result<(), Failure> {
    match choice(c, account)? {
        Choice::Each => mail::post(c, vault, SubjectId(account.0), address, letter, now),
        Choice::Daily => gather(c, account, now),
        Choice::Needed => Ok(()),
    }
}

/// Tells someone who works here that there is something new on their desk, as far as they want to be told.
pub fn tell_staff(c: &mut Conn, vault: &Vault, site: &Url, account: AccountId, now: NaiveDateTime) -> Result<(), Failure> {
    let Some(address) = people::address_of(c, vault, account)? else { return Ok(()) };
    let letter = WhatIsNew { link: format!("{site}start"), choose: format!("{site}{CHOOSE}") };
    notice(c, vault, (account, &address), &letter, now)
}

/// Tells those for whom it is to answer a person that a message waits.
pub fn tell_whoever_answers(
    c: &mut Conn,
    vault: &Vault,
    site: &Url,
    person: SubjectId,
    now: NaiveDateTime,
) -> Result<(), Failure> {
    for account in caseload::answering(c, person, now)? {
        if let Some(address) = people::address_of(c, vault, account)? {
            tell(c, vault, site, account, &address, "start", now)?;
        }
    }
    Ok(())
}

/// Counts a notice, and asks for the letter with the first. The count also makes whoever comes second wait for the first.
fn gather(c: &mut Conn, account: AccountId, now: NaiveDateTime) -> Result<(), Failure> {
    let theirs = mail_choices::table.find(account.to_string());
    diesel::update(theirs.clone()).set(mail_choices::gathered.eq(mail_choices::gathered + 1)).execute(c)?;
    let (gathered, told_at): (i32, Option<NaiveDateTime>) =
        theirs.select((mail_choices::gathered, mail_choices::told_at)).first(c)?;
    if gathered > 1 {
        return Ok(());
    }
    let at = told_at.map_or(now, |told| now.max(told + A_DAY));
    jobs::ask_for(c, &format!("gathered-{}", Uuid::new_v4()), Kind::GatheredLetter, &account.to_string(), at, now)
}

/// Posts one letter for all that was gathered, unless there is nothing left to tell. What the job of that kind does.
pub fn send_gathered(means: &Means, c: &mut Conn, account: &str, now: NaiveDateTime) -> Result<(), Failure> {
    let gathered = mail_choices::table.filter(mail_choices::account_id.eq(account).and(mail_choices::gathered.gt(0)));
    let any = diesel::update(gathered).set(mail_choices::gathered.eq(0)).execute(c)?;
    let Ok(id) = account.parse::<AccountId>() else { return Ok(()) };
    if any == 0 || choice(c, id)? == Choice::Needed || has_seen_all(c, id)? {
        return Ok(());
    }
    let Some(address) = people::address_of(c, &means.vault, id)? else { return Ok(()) };
    let site = &means.public_url;
    let letter = WhatIsNew { link: format!("{site}start"), choose: format!("{site}{CHOOSE}") };
    mail::post(c, &means.vault, SubjectId(id.0), &address, &letter, now)?;
    told(c, id, now)
}

/// Whether someone who is here for themself alone has read every message meanwhile.
fn has_seen_all(c: &mut Conn, account: AccountId) -> Result<bool, Failure> {
    let Some(person) = store::person_of(c, account)? else { return Ok(false) };
    let client = store::grants(c, account)?.iter().all(|grant| grant.role == Role::Client);
    Ok(client && !timeline::unseen(c, person)?)
}

/// Whether a letter that isn't a notice, but can be done without, may go to someone now; if so, it counts as theirs for the day.
pub fn may_write(c: &mut Conn, account: AccountId, now: NaiveDateTime) -> Result<bool, Failure> {
    match choice(c, account)? {
        Choice::Each => Ok(true),
        Choice::Needed => Ok(false),
        Choice::Daily => {
            let told_at: Option<NaiveDateTime> =
                mail_choices::table.find(account.to_string()).select(mail_choices::told_at).first(c)?;
            let may = told_at.is_none_or(|told| told + A_DAY <= now);
            if may {
                told(c, account, now)?;
            }
            Ok(may)
        }
    }
}

fn told(c: &mut Conn, account: AccountId, now: NaiveDateTime) -> Result<(), Failure> {
    diesel::update(mail_choices::table.find(account.to_string())).set(mail_choices::told_at.eq(now)).execute(c)?;
    Ok(())
}
