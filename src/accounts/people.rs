//! Those who work here: inviting them, what they may do, closing their account.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDateTime;
use uuid::Uuid;

use super::{
    Grant, Principal, Role, State,
    letters::Sender,
    offers, passkey,
    password::Password,
    session, store,
    ticket::{self, Purpose},
    token::Token,
};
use crate::{
    app::App,
    audit::{self, Action, Actor, Entry},
    db::Conn,
    demo,
    error::{Failure, Problem},
    mail::Change,
    referrals,
    values::{AccountId, Email, SubjectId},
    vault::{Place, Private, Sealed, Vault},
};

/// Longest name, in characters.
pub const LONGEST_NAME: usize = 100;

/// Someone to invite.
#[derive(Debug, Clone)]
pub struct Invite {
    /// Where their letters go.
    pub email: Email,
    /// What they are called.
    pub name: Private,
    /// What they will be here as.
    pub grants: Vec<Grant>,
}

/// Who does it, for the record.
pub fn actor(by: Option<&Principal>) -> Actor {
    by.map_or(Actor::System, |by| Actor::Account(by.account))
}

/// Makes an account and its invitation. A problem where the address has an account already that `by` can see; any other stays unseen.
pub fn invite(
    c: &mut Conn,
    vault: &Vault,
    invite: &Invite,
    by: Option<&Principal>,
    now: NaiveDateTime,
) -> Result<(AccountId, Token), Failure> {
    let mark = offers::free_mark(c, vault, &invite.email, by)?;
    let id = add_as(c, vault, Some((&invite.email, mark)), &invite.name, State::Invited, now)?;
    store::set_grants(c, id, &invite.grants, now)?;
    note(c, by, Action::AccountInvited, id, now)?;
    Ok((id, ticket::issue(c, id, Purpose::Invitation, now)?))
}

/// Makes an account and posts its invitation.
pub fn invite_by_letter(c: &mut Conn, app: &App, invited: &Invite, by: Option<&Principal>) -> Result<(), Failure> {
    let now = app.clock.stamp();
    let (id, link) = invite(c, &app.vault, invited, by, now)?;
    offers::post(c, &Sender::of(app), id, &link, now)
}

/// Keeps a new account, its name and address sealed.
pub fn add(
    c: &mut Conn,
    vault: &Vault,
    email: Option<&Email>,
    name: &Private,
    state: State,
    now: NaiveDateTime,
) -> Result<AccountId, Failure> {
    let email = email.map(|email| (email, vault.mark("email", email.as_str())));
    add_as(c, vault, email, name, state, now)
}

/// The same, found by this mark of its address.
fn add_as(
    c: &mut Conn,
    vault: &Vault,
    email: Option<(&Email, String)>,
    name: &Private,
    state: State,
    now: NaiveDateTime,
) -> Result<AccountId, Failure> {
    let id = AccountId(Uuid::new_v4());
    let key = vault.new_key(c, SubjectId(id.0), now)?;
    let row = store::Row {
        id: id.to_string(),
        state: state.code().to_owned(),
        name: key.seal(&name_place(id), name.show()),
        email: email.as_ref().map(|(email, _)| key.seal(&email_place(id), email.as_str())),
        email_mark: email.map(|(_, mark)| mark),
        password: None,
        totp: None,
        totp_step: None,
        person_id: None,
        epoch: 1,
        created_at: now,
        updated_at: now,
    };
    if store::add_account(c, &row)? {
        Ok(id)
    } else {
        Err(Failure::Invalid(vec![Problem::new("email", "There is an account with that address already.")]))
    }
}

fn name_place(id: AccountId) -> Place {
    Place::new("accounts", "name", id)
}

fn email_place(id: AccountId) -> Place {
    Place::new("accounts", "email", id)
}

/// Changes what an account is called.
pub fn rename(c: &mut Conn, vault: &Vault, id: AccountId, name: &str, now: NaiveDateTime) -> Result<(), Failure> {
    let key = vault.key(c, SubjectId(id.0))?.ok_or(Failure::NotFound)?;
    store::set_name(c, id, &key.seal(&name_place(id), name), now)
}

/// Changes where the letters of an account go, which is also how it is found when its owner signs in. `false` where another account has
/// that address.
pub fn move_to(c: &mut Conn, vault: &Vault, id: AccountId, email: &Email, now: NaiveDateTime) -> Result<bool, Failure> {
    let key = vault.key(c, SubjectId(id.0))?.ok_or(Failure::NotFound)?;
    let mark = vault.mark("email", email.as_str());
    store::set_email(c, id, &key.seal(&email_place(id), email.as_str()), &mark, now)
}

/// What an account is called and where its letters go, opened; none where its key is gone.
pub fn opened(c: &mut Conn, vault: &Vault, row: &store::Row) -> Result<Option<(Private, Option<Private>)>, Failure> {
    let Ok(id) = row.id.parse::<AccountId>() else { return Ok(None) };
    let Some(key) = vault.key(c, SubjectId(id.0))? else { return Ok(None) };
    let email = row.email.as_ref().map(|email| key.open(&email_place(id), email)).transpose()?;
    Ok(Some((key.open(&name_place(id), &row.name)?, email)))
}

/// Where the letters of an account go; none where it has no address, or lets nobody in.
pub fn address_of(c: &mut Conn, vault: &Vault, id: AccountId) -> Result<Option<Private>, Failure> {
    let Some(row) = store::account(c, id)?.filter(store::Row::lets_in) else { return Ok(None) };
    Ok(opened(c, vault, &row)?.and_then(|(_, address)| address))
}

/// What these accounts are called; those whose key is gone are left out.
pub fn names(c: &mut Conn, vault: &Vault, ids: &[AccountId]) -> Result<HashMap<AccountId, String>, Failure> {
    let mut wanted = ids.to_vec();
    wanted.sort_unstable();
    wanted.dedup();
    let keys = vault.keys(c, &wanted.iter().map(|id| SubjectId(id.0)).collect::<Vec<_>>())?;
    let opened = |(id, name): (AccountId, Sealed)| {
        let key = keys.get(&SubjectId(id.0))?;
        Some(key.open(&name_place(id), &name).map(|name| (id, name.show().to_owned())))
    };
    store::names(c, &wanted)?.into_iter().filter_map(opened).collect()
}

/// Someone invited sets their password and is in, up to the second step. Where they had one before, they are told.
pub fn accept(
    c: &mut Conn,
    sender: &Sender,
    link: &Token,
    password: Option<&str>,
    now: NaiveDateTime,
) -> Result<Option<AccountId>, Failure> {
    let Some(id) = ticket::redeem_invitation(c, link, now)?.map(|redeemed| redeemed.account) else { return Ok(None) };
    let Some(account) = store::account(c, id)?.filter(|account| account.state != State::Disabled.code()) else {
        return Ok(None);
    };
    if account.password.is_some() && password.is_some() {
        sender.changed(c, id, Change::SignIn, now)?;
    }
    if let Some(password) = password {
        store::set_password(c, id, password, now)?;
    }
    store::set_state(c, id, State::Active, now)?;
    note(c, None, Action::InvitationAccepted, id, now)?;
    Ok(Some(id))
}

/// Changes a password; every other session of the account ends.
pub fn change_password(c: &mut Conn, sender: &Sender, by: &Principal, hashed: &str, now: NaiveDateTime) -> Result<(), Failure> {
    store::set_password(c, by.account, hashed, now)?;
    session::end_all(c, by.account, Some(&by.session))?;
    sender.changed(c, by.account, Change::SignIn, now)?;
    note(c, Some(by), Action::PasswordChanged, by.account, now)
}

/// Notes that someone's recovery codes were made anew.
pub fn codes_renewed(c: &mut Conn, sender: &Sender, by: &Principal, now: NaiveDateTime) -> Result<(), Failure> {
    sender.changed(c, by.account, Change::Codes, now)?;
    note(c, Some(by), Action::CodesRenewed, by.account, now)
}

/// Closes an account; its sessions end at the next request. Someone who is helped here, too, keeps their own path, which nobody else sees.
pub fn close(c: &mut Conn, sender: &Sender, by: Option<&Principal>, id: AccountId, now: NaiveDateTime) -> Result<(), Failure> {
    let helped = store::person_of(c, id)?.is_some();
    sender.changed(c, id, if helped { Change::ClosedForWork } else { Change::Closed }, now)?;
    store::set_state(c, id, State::Disabled, now)?;
    session::end_all(c, id, None)?;
    referrals::part(c, id, &[], now)?;
    note(c, by, Action::AccountClosed, id, now)
}

/// Opens a closed account again. Whoever needs a password and never set one is invited still, but for the demo's people, who have none.
pub fn reopen(c: &mut Conn, sender: &Sender, by: Option<&Principal>, id: AccountId, now: NaiveDateTime) -> Result<(), Failure> {
    let account = store::account(c, id)?.ok_or(Failure::NotFound)?;
    let needs_password = offers::needs_password(&store::grants(c, id)?) && !demo::is_demo(c)?;
    let ready = account.password.is_some() || !(needs_password || offers::is_offer(&account));
    store::set_state(c, id, if ready { State::Active } else { State::Invited }, now)?;
    sender.changed(c, id, Change::Reopened, now)?;
    note(c, by, Action::AccountReopened, id, now)
}

/// Changes what someone may do; their sessions end at the next request.
pub fn change_roles(
    c: &mut Conn,
    sender: &Sender,
    by: Option<&Principal>,
    id: AccountId,
    to: &[Grant],
    now: NaiveDateTime,
) -> Result<(), Failure> {
    let (held, given): (HashSet<Grant>, HashSet<Grant>) =
        (store::grants(c, id)?.into_iter().collect(), to.iter().copied().collect());
    if held != given {
        sender.changed(c, id, Change::Roles, now)?;
    }
    store::set_grants(c, id, to, now)?;
    session::end_all(c, id, None)?;
    referrals::part(c, id, to, now)?;
    note(c, by, Action::RolesChanged, id, now)
}

/// A second step is set up anew at the next sign-in, for someone who lost their phone and their codes. Their passkeys end, since one may
/// be on that phone.
pub fn forget_second_step(
    c: &mut Conn,
    sender: &Sender,
    by: Option<&Principal>,
    id: AccountId,
    now: NaiveDateTime,
) -> Result<(), Failure> {
    sender.changed(c, id, Change::SignIn, now)?;
    store::set_totp(c, id, None, now)?;
    passkey::forget(c, id)?;
    session::end_all(c, id, None)?;
    note(c, by, Action::SecondStepForgotten, id, now)
}

fn note(c: &mut Conn, by: Option<&Principal>, action: Action, about: AccountId, now: NaiveDateTime) -> Result<(), Failure> {
    audit::record(c, &Entry { actor: actor(by), action, subject: Some(SubjectId(about.0)), about: None }, now)
}

/// What `by` may make of someone: administrators anything but clients; coordinators peers and bridge builders of their own teams.
pub fn may_grant(by: Option<&Principal>, grants: &[Grant]) -> bool {
    let Some(by) = by else { return true };
    let teams = by.teams_as(Role::Coordinator);
    let own_team = |grant: &Grant| {
        matches!(grant.role, Role::Peer | Role::BridgeBuilder) && grant.team.is_some_and(|team| teams.contains(&team))
    };
    let fits = |grant: &Grant| grant.role != Role::Client && grant.role.is_in_a_team() == grant.team.is_some();
    !grants.is_empty() && grants.iter().all(|grant| fits(grant) && (by.is(Role::Administrator) || own_team(grant)))
}

/// Whether `by` looks after someone who holds these roles: they must be able to give each of them. Being helped here, too, is no bar.
pub fn may_look_after(by: &Principal, held: &[Grant]) -> bool {
    let working: Vec<Grant> = held.iter().copied().filter(|grant| grant.role != Role::Client).collect();
    may_grant(Some(by), &working)
}

/// A new password for someone with this name and address, or what to do.
pub fn new_password(text: &str, again: &str, name: &str, email: &str) -> Result<Password, Vec<Problem>> {
    let own: Vec<&str> = name.split_whitespace().chain([name]).chain(email.split(['@', '.'])).collect();
    let mut problems = Vec::new();
    let password = Password::new(text, &own).map_err(|what| problems.push(Problem::new("password", what)));
    if text != again {
        problems.push(Problem::new("again", "This is not the same as the password above. Type it again."));
    }
    match password {
        Ok(password) if problems.is_empty() => Ok(password),
        _ => Err(problems),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::TeamId;

    fn by(role: Role, team: Option<TeamId>) -> Principal {
        Principal {
            account: AccountId(Uuid::new_v4()),
            grants: vec![Grant { role, team }],
            person: None,
            session: String::new(),
            proved_at: NaiveDateTime::default(),
        }
    }

    #[test]
    fn a_coordinator_invites_into_their_own_team_only() {
        let (own, other) = (TeamId(Uuid::new_v4()), TeamId(Uuid::new_v4()));
        let coordinator = by(Role::Coordinator, Some(own));
        let grant = |role, team| vec![Grant { role, team }];
        assert!(may_grant(Some(&coordinator), &grant(Role::BridgeBuilder, Some(own))));
        assert!(!may_grant(Some(&coordinator), &grant(Role::BridgeBuilder, Some(other))));
        assert!(!may_grant(Some(&coordinator), &grant(Role::Coordinator, Some(own))));
        assert!(!may_grant(Some(&coordinator), &grant(Role::Administrator, None)));
        assert!(!may_grant(Some(&coordinator), &[]));
    }

    #[test]
    fn an_administrator_makes_nobody_a_client_and_no_role_without_its_team() {
        let administrator = by(Role::Administrator, None);
        let grant = |role, team| vec![Grant { role, team }];
        assert!(may_grant(Some(&administrator), &grant(Role::Commissioner, None)));
        assert!(!may_grant(Some(&administrator), &grant(Role::Client, None)));
        assert!(!may_grant(Some(&administrator), &grant(Role::Coordinator, None)));
    }
}
