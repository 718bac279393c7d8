//! The person: who they are, what they want from life, what they agreed to, and what was done with them and for them.
//!
//! A person is a customer. Whatever they wrote is sealed under their own key, and whoever but they themself reads it is written
//! down in the very transaction that reads.

mod about;
pub mod aspirations;
pub mod caseload;
pub mod columns;
pub mod consents;
pub mod earlier;
mod erase;
pub mod export;
pub mod fresh;
mod likeness;
pub mod lists;
pub mod peers;
pub mod profile;
pub mod steps;
pub mod store;
pub mod tasks;
pub mod timeline;

use std::collections::HashMap;

use chrono::{NaiveDateTime, TimeDelta};
use uuid::Uuid;

pub(crate) use self::erase::erase_account;
pub use self::{
    about::{About, Contact, Line, Name, Reach, Words},
    erase::{erase, remove_again},
    likeness::{Like, known_already, like},
};
use crate::{
    accounts::{Principal, Role, clients},
    audit::{self, Action, Actor, Entry},
    db::Conn,
    error::Failure,
    retention,
    values::{SubjectId, TeamId},
    vault::{Key, Place, Private, Vault},
};

/// That someone saw a name in a list is written down again only after so long.
const LIST_AGAIN: TimeDelta = TimeDelta::hours(1);

/// Keeps someone new, under a new key.
pub fn add(c: &mut Conn, vault: &Vault, team: Option<TeamId>, about: &About, now: NaiveDateTime) -> Result<SubjectId, Failure> {
    let id = SubjectId(Uuid::new_v4());
    let key = vault.new_key(c, id, now)?;
    add_with(c, vault, &key, team, about, now)?;
    Ok(id)
}

/// Keeps someone new who has a key already, since they began before they were anybody here.
pub fn add_with(
    c: &mut Conn,
    vault: &Vault,
    key: &Key,
    team: Option<TeamId>,
    about: &About,
    now: NaiveDateTime,
) -> Result<(), Failure> {
    let id = key.subject();
    store::add(c, id, team, &key.seal(&about_place(id), &serde_json::to_string(about)?), now)?;
    likeness::keep(c, vault, id, about)
}

fn about_place(id: SubjectId) -> Place {
    Place::new("people", "about", id)
}

/// The key of someone; not found where they were erased or never there.
pub fn key(c: &mut Conn, vault: &Vault, id: SubjectId) -> Result<Key, Failure> {
    vault.key(c, id)?.ok_or(Failure::NotFound)
}

/// What someone says about themself; none where they aren't there. Nothing is written down: for whoever but they themself, `read`.
pub fn about(c: &mut Conn, vault: &Vault, id: SubjectId) -> Result<Option<About>, Failure> {
    Ok(abouts(c, vault, &[id])?.remove(&id))
}

/// The same of several; those who aren't there are left out.
pub fn abouts(c: &mut Conn, vault: &Vault, ids: &[SubjectId]) -> Result<HashMap<SubjectId, About>, Failure> {
    let keys = vault.keys(c, ids)?;
    let opened = |(id, sealed): (SubjectId, crate::vault::Sealed)| {
        let key = keys.get(&id)?;
        Some(key.open(&about_place(id), &sealed).and_then(|text| Ok((id, serde_json::from_str(text.show())?))))
    };
    store::abouts(c, ids)?.into_iter().filter_map(opened).collect()
}

/// What someone says about themself, for this reader. That they read it is written down, unless it is their own.
pub fn read(c: &mut Conn, vault: &Vault, reader: &Principal, id: SubjectId, now: NaiveDateTime) -> Result<About, Failure> {
    let about = about(c, vault, id)?.ok_or(Failure::NotFound)?;
    note_read(c, reader, id, Action::RecordRead, now)?;
    Ok(about)
}

/// The same of several of whom a list shows little more than the name; written down once an hour for each.
pub fn read_list(
    c: &mut Conn,
    vault: &Vault,
    reader: &Principal,
    ids: &[SubjectId],
    now: NaiveDateTime,
) -> Result<HashMap<SubjectId, About>, Failure> {
    let abouts = abouts(c, vault, ids)?;
    let noted = audit::since(c, Actor::Account(reader.account), Action::ListRead, ids, now - LIST_AGAIN)?;
    for id in ids.iter().filter(|id| abouts.contains_key(id) && !noted.contains(id)) {
        note_read(c, reader, *id, Action::ListRead, now)?;
    }
    Ok(abouts)
}

/// Writes down that someone read about a person; what a person reads of their own isn't.
pub fn note_read(c: &mut Conn, reader: &Principal, id: SubjectId, action: Action, now: NaiveDateTime) -> Result<(), Failure> {
    if reader.person == Some(id) {
        return Ok(());
    }
    audit::record(c, &Entry { actor: Actor::Account(reader.account), action, subject: Some(id), about: None }, now)
}

/// Changes what someone says about themself. Not found where they aren't there.
pub fn change(c: &mut Conn, vault: &Vault, id: SubjectId, about: &About, now: NaiveDateTime) -> Result<(), Failure> {
    let key = key(c, vault, id)?;
    let sealed = key.seal(&about_place(id), &serde_json::to_string(about)?);
    if !store::change(c, id, &sealed, now)? {
        return Err(Failure::NotFound);
    }
    clients::rename(c, vault, id, about.chosen_name.as_str(), now)?;
    likeness::keep(c, vault, id, about)
}

/// Takes away what is left of a record whose rows are another's now. Its account opens the other only where someone made sure that it is
/// theirs and the other has none.
pub(crate) fn forget_after_joining(
    c: &mut Conn,
    vault: &Vault,
    (gone, kept): (SubjectId, SubjectId),
    account_is_theirs: bool,
    now: NaiveDateTime,
) -> Result<(), Failure> {
    likeness::forget(c, gone)?;
    retention::forget(c, gone)?;
    steps::hand_over(c, gone, kept, now)?;
    if let Some(at) = store::last_heard(c, gone)? {
        store::heard(c, kept, at)?;
    }
    let moves = account_is_theirs && erase::accounts_of(c, kept)?.is_empty();
    for account in erase::accounts_of(c, gone)? {
        if moves {
            crate::accounts::store::set_person(c, account, Some(kept))?;
        } else {
            erase::part_from(c, vault, account, now)?;
        }
    }
    store::remove(c, gone)
}

/// Puts a person into a team's care.
pub fn into_team(c: &mut Conn, id: SubjectId, team: TeamId, now: NaiveDateTime) -> Result<(), Failure> {
    store::set_team(c, id, team, now)
}

/// Who may see a record: the person, bridge builders who go along with them or cover, coordinators of the record's team, and peers
/// whom the person chose. While no team has taken it, any coordinator may.
pub fn may_see(c: &mut Conn, who: &Principal, id: SubjectId, now: NaiveDateTime) -> Result<bool, Failure> {
    let Some(team) = store::team_of(c, id)? else { return Ok(false) };
    if who.person == Some(id) && who.is(Role::Client) {
        return Ok(true);
    }
    Ok(works_with(c, who, id, team, now)? || (who.is(Role::Peer) && caseload::was_chosen(c, id, who.account)?))
}

/// Who may do what a peer may not, and nobody for themself: bridge builders who go along or cover, and coordinators of the team.
pub fn may_work_with(c: &mut Conn, who: &Principal, id: SubjectId, now: NaiveDateTime) -> Result<bool, Failure> {
    let Some(team) = store::team_of(c, id)? else { return Ok(false) };
    works_with(c, who, id, team, now)
}

fn works_with(c: &mut Conn, who: &Principal, id: SubjectId, team: Option<TeamId>, now: NaiveDateTime) -> Result<bool, Failure> {
    let coordinates = match team {
        Some(team) => who.teams_as(Role::Coordinator).contains(&team),
        None => who.is(Role::Coordinator),
    };
    if coordinates {
        return Ok(true);
    }
    if who.is(Role::BridgeBuilder) && caseload::goes_along(c, id, who.account)? {
        return Ok(true);
    }
    let covers = team.is_some_and(|team| who.teams_as(Role::BridgeBuilder).contains(&team));
    Ok(covers && caseload::covers(c, id, who.account, now)?)
}

/// Seals text about a person for a column of a row of theirs.
pub(crate) fn seal(key: &Key, table: &'static str, column: &'static str, row: &str, text: &str) -> crate::vault::Sealed {
    key.seal(&Place::new(table, column, row), text)
}

/// Opens text about a person from a column of a row of theirs.
pub(crate) fn open(
    key: &Key,
    table: &'static str,
    column: &'static str,
    row: &str,
    sealed: &crate::vault::Sealed,
) -> Result<Private, Failure> {
    key.open(&Place::new(table, column, row), sealed)
}
