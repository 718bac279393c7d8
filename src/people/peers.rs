//! Peer workers and volunteers: who would walk along, and whom someone chose. Only the person chooses, and undoes it whenever they want.

use chrono::NaiveDateTime;

use super::{
    Line,
    caseload::{self, Along},
    profile, store,
};
use crate::{
    accounts::{self, Principal, Role},
    audit::{self, Action, Actor, Entry},
    db::Conn,
    error::Failure,
    values::{AccountId, SubjectId},
    vault::Vault,
};

/// Most peers of a team that are shown.
const MOST: i64 = 50;

/// Someone who would walk along, or does.
#[derive(Debug, Clone)]
pub struct Peer {
    /// Who.
    pub account: AccountId,
    /// What they are called.
    pub name: String,
    /// What they say about themself.
    pub hello: Line,
    /// Whether the person chose them.
    pub chosen: bool,
}

/// The peers of a person's team who said something about themself, and whoever the person chose. Nobody is their own peer.
pub fn around(c: &mut Conn, vault: &Vault, person: SubjectId) -> Result<Vec<Peer>, Failure> {
    let theirs = person.to_string();
    let team = store::team_of(c, person)?.flatten();
    let rows = match team {
        Some(team) => accounts::store::holding(c, Role::Peer, &[team], MOST)?,
        None => Vec::new(),
    };
    let others = rows.iter().filter(|row| row.person_id.as_ref() != Some(&theirs));
    let mut ids: Vec<AccountId> = others.filter_map(|row| row.id.parse().ok()).collect();
    let chosen = chosen(c, person)?;
    ids.extend(chosen.iter().filter(|id| !ids.contains(id)).copied().collect::<Vec<_>>());
    let (mut names, mut profiles) = (accounts::people::names(c, vault, &ids)?, profile::of(c, vault, &ids)?);
    let peer = |account: AccountId| {
        let hello = profiles.remove(&account).map(|profile| profile.hello).unwrap_or_default();
        Some(Peer { account, name: names.remove(&account)?, hello, chosen: chosen.contains(&account) })
    };
    let mut all: Vec<Peer> = ids.into_iter().filter_map(peer).collect();
    all.retain(|peer| peer.chosen || !peer.hello.is_empty());
    Ok(all)
}

fn chosen(c: &mut Conn, person: SubjectId) -> Result<Vec<AccountId>, Failure> {
    let along = caseload::with(c, person)?.into_iter().filter(|(_, along)| *along == Along::Peer).map(|(account, _)| account);
    let mut found: Vec<AccountId> = Vec::new();
    for account in along {
        if !found.contains(&account) && caseload::was_chosen(c, person, account)? {
            found.push(account);
        }
    }
    Ok(found)
}

/// A person chooses someone to walk along, who sees their record from then on. Not found where that one isn't there to be chosen.
pub fn choose(
    c: &mut Conn,
    vault: &Vault,
    by: &Principal,
    (person, account): (SubjectId, AccountId),
    now: NaiveDateTime,
) -> Result<(), Failure> {
    store::hold(c, person)?;
    let peer = around(c, vault, person)?.into_iter().find(|peer| peer.account == account).ok_or(Failure::NotFound)?;
    if peer.chosen {
        return Ok(());
    }
    caseload::begin(c, person, account, Along::Peer, true, now)?;
    note(c, by, Action::PeerChosen, (person, account), now)
}

/// They walk along no more, and see nothing any more.
pub fn let_go(
    c: &mut Conn,
    by: &Principal,
    (person, account): (SubjectId, AccountId),
    now: NaiveDateTime,
) -> Result<(), Failure> {
    if !caseload::was_chosen(c, person, account)? {
        return Ok(());
    }
    caseload::end(c, person, account, Along::Peer, now)?;
    note(c, by, Action::PeerLetGo, (person, account), now)
}

fn note(
    c: &mut Conn,
    by: &Principal,
    action: Action,
    (person, account): (SubjectId, AccountId),
    now: NaiveDateTime,
) -> Result<(), Failure> {
    let (actor, about) = (Actor::Account(by.account), Some(account.to_string()));
    audit::record(c, &Entry { actor, action, subject: Some(person), about }, now)
}
