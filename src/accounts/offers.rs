//! Invitations to someone whose address has an account already. Whoever invites must not learn that it has one: to them it is an
//! invitation like any other, and whoever has the account takes it up there, by their own hand.
//!
//! Such an invitation is an account like that of anyone invited, but for the mark of its address: it can't be signed in to, and it
//! goes once it was taken up.

use chrono::NaiveDateTime;

use super::{
    Grant, Principal, Role, State, door,
    letters::Sender,
    people, session, store,
    ticket::{self, Purpose},
    token::Token,
};
use crate::{
    audit::{self, Action, Actor, Entry},
    db::Conn,
    error::{Failure, Problem},
    mail::{self, Change, StaffInvitation},
    people as records,
    values::{AccountId, Email, SubjectId},
    vault::Vault,
};

/// Most invitations that wait for one address at once, of teams that don't see each other's.
const MOST: usize = 10;
/// What the mark of such an invitation begins with.
const OFFER: &str = "offer:";
/// Where they are taken up.
const PAGE: &str = "account/offers";

fn marks<'a>(vault: &'a Vault, email: &'a str) -> impl Iterator<Item = String> + 'a {
    (0..MOST).map(move |at| format!("{OFFER}{}", vault.mark("offer", &format!("{at} {email}"))))
}

/// Whether an account is no more than such an invitation.
pub fn is_offer(row: &store::Row) -> bool {
    row.email_mark.as_deref().is_some_and(|mark| mark.starts_with(OFFER))
}

/// The mark for a new account of this address: its own where nobody has it, else one for an invitation beside it. A problem where
/// whoever invites sees in their list that there is one.
pub fn free_mark(c: &mut Conn, vault: &Vault, email: &Email, by: Option<&Principal>) -> Result<String, Failure> {
    let own = vault.mark("email", email.as_str());
    for mark in std::iter::once(own).chain(marks(vault, email.as_str())) {
        let Some(row) = store::account_by_mark(c, &mark)? else { return Ok(mark) };
        let id: AccountId = row.id.parse().map_err(|_| Failure::internal("an account without an id"))?;
        if by.map_or(Ok(true), |by| door::may_see_account(c, by, id))? {
            break;
        }
    }
    Err(Failure::Invalid(vec![Problem::new("email", "There is an account with that address already. Look for it in the list.")]))
}

/// Posts the invitation to an account that was invited. Its link works once; whoever has an account already signs in there.
pub fn post(c: &mut Conn, sender: &Sender, id: AccountId, link: &Token, now: NaiveDateTime) -> Result<(), Failure> {
    let row = store::account(c, id)?.ok_or(Failure::NotFound)?;
    let Some((_, Some(address))) = people::opened(c, &sender.vault, &row)? else { return Ok(()) };
    let known = is_offer(&row);
    if known {
        let theirs = store::account_by_mark(c, &sender.vault.mark("email", address.show()))?;
        if theirs.is_none_or(|row| row.state == State::Disabled.code()) {
            return Ok(());
        }
    }
    let link = if known { format!("{}{PAGE}", sender.site) } else { format!("{}invitation/{}", sender.site, link.show()) };
    let days = u32::try_from(ticket::INVITATION_LASTS.num_days()).unwrap_or_default();
    mail::post(c, &sender.vault, SubjectId(id.0), &address, &StaffInvitation { link, days, known }, now)
}

/// Invites someone again who didn't take it up; the link before ends. A problem where they have come already, or are closed.
pub fn invite_again(
    c: &mut Conn,
    sender: &Sender,
    by: Option<&Principal>,
    id: AccountId,
    now: NaiveDateTime,
) -> Result<(), Failure> {
    let row = store::account(c, id)?.ok_or(Failure::NotFound)?;
    if row.state != State::Invited.code() {
        return Err(Failure::invalid("account", "This account has no invitation to send again."));
    }
    ticket::end_invitations(c, id)?;
    let link = ticket::issue(c, id, Purpose::Invitation, now)?;
    post(c, sender, id, &link, now)?;
    let entry = Entry { actor: people::actor(by), action: Action::AccountInvited, subject: Some(SubjectId(id.0)), about: None };
    audit::record(c, &entry, now)
}

/// What waits for whoever has this account: each invitation with its roles.
pub fn of(c: &mut Conn, vault: &Vault, account: AccountId, now: NaiveDateTime) -> Result<Vec<(AccountId, Vec<Grant>)>, Failure> {
    let Some(row) = store::account(c, account)? else { return Ok(Vec::new()) };
    let Some((_, Some(address))) = people::opened(c, vault, &row)? else { return Ok(Vec::new()) };
    let mut waiting = Vec::new();
    for mark in marks(vault, address.show()) {
        let Some(row) = store::account_by_mark(c, &mark)?.filter(|row| row.state == State::Invited.code()) else { continue };
        let id: AccountId = row.id.parse().map_err(|_| Failure::internal("an account without an id"))?;
        if ticket::is_invited(c, id, now)? {
            waiting.push((id, store::grants(c, id)?));
        }
    }
    Ok(waiting)
}

/// Takes up all that waits: the roles are theirs, too, with the password where one is needed. Their other sessions end. Not found where
/// nothing waits.
pub fn take_up(
    c: &mut Conn,
    sender: &Sender,
    who: &Principal,
    password: Option<&str>,
    now: NaiveDateTime,
) -> Result<(), Failure> {
    // Whoever presses twice at once waits here for the first, and then finds nothing.
    session::end_all(c, who.account, Some(&who.session))?;
    let waiting = of(c, &sender.vault, who.account, now)?;
    let mut grants = store::grants(c, who.account)?;
    for (id, offered) in &waiting {
        grants.extend(offered.iter().filter(|grant| !who.grants.contains(grant)));
        records::erase_account(c, &sender.vault, *id, now)?;
    }
    if waiting.is_empty() {
        return Err(Failure::NotFound);
    }
    grants.sort_unstable_by_key(|grant| (grant.role.code(), grant.team));
    grants.dedup();
    store::set_grants(c, who.account, &grants, now)?;
    if let Some(password) = password {
        store::set_password(c, who.account, password, now)?;
    }
    sender.changed(c, who.account, Change::Roles, now)?;
    let subject = Some(SubjectId(who.account.0));
    audit::record(c, &Entry { actor: Actor::Account(who.account), action: Action::InvitationAccepted, subject, about: None }, now)
}

/// Says no to all that waits. Whoever invited sees an invitation that nobody took up.
pub fn decline(c: &mut Conn, vault: &Vault, who: &Principal, now: NaiveDateTime) -> Result<(), Failure> {
    for (id, _) in of(c, vault, who.account, now)? {
        ticket::end_invitations(c, id)?;
    }
    Ok(())
}

/// Whether whoever holds these roles signs in with a password and a second step.
pub fn needs_password(grants: &[Grant]) -> bool {
    grants.iter().any(|grant| Role::is_staff(grant.role))
}
