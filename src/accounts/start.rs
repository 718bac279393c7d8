//! The first accounts: from the command line, and those of the demo.

use chrono::NaiveDateTime;
use uuid::Uuid;

use super::{
    Grant, Role, Sort, State,
    letters::Sender,
    people::{self, Invite},
    store,
    ticket::{self, Purpose},
    token::Token,
};
use crate::{
    db::Conn,
    error::{Failure, Problem},
    values::{AccountId, Email, OrganisationId, TeamId},
    vault::{Private, Vault},
};

/// Most teams that are looked through.
const MOST_TEAMS: i64 = 10_000;

/// A team by its organisation's name and its own; made where it isn't there.
pub fn team(c: &mut Conn, organisation: &str, sort: Sort, name: &str, now: NaiveDateTime) -> Result<TeamId, Failure> {
    let known = store::teams(c, MOST_TEAMS)?.into_iter().find(|team| team.organisation == organisation && team.name == name);
    if let Some(team) = known {
        return Ok(team.id);
    }
    let of = match store::organisation_named(c, organisation)? {
        Some(id) => id,
        None => {
            let id = OrganisationId(Uuid::new_v4());
            store::add_organisation(c, id, organisation, sort, now)?;
            id
        }
    };
    let id = TeamId(Uuid::new_v4());
    store::add_team(c, id, of, name, now)?;
    Ok(id)
}

/// Someone to begin with, from the command line.
pub struct First {
    /// Where letters go.
    pub email: Email,
    /// What they are called.
    pub name: String,
    /// What they are here as.
    pub role: Role,
    /// Organisation, its sort and the team; for roles that belong to one.
    pub team: Option<(String, Sort, String)>,
}

/// Invites them. What comes back is for the invitation's link.
pub fn add(c: &mut Conn, vault: &Vault, first: &First, now: NaiveDateTime) -> Result<Token, Failure> {
    let team = match &first.team {
        Some((organisation, sort, name)) => Some(team(c, organisation, *sort, name, now)?),
        None => None,
    };
    let grants = vec![Grant { role: first.role, team }];
    if !people::may_grant(None, &grants) || first.role.is_in_a_team() != team.is_some() {
        let message = "Peer workers, bridge builders and coordinators belong to a team; others don’t.";
        return Err(Failure::Invalid(vec![Problem::new("role", message)]));
    }
    let invite = Invite { email: first.email.clone(), name: Private::new(first.name.as_str()), grants };
    people::invite(c, vault, &invite, None, now).map(|(_, link)| link)
}

/// A new invitation for someone who is locked out; their second step is set up anew. None where there is no such account.
pub fn again(c: &mut Conn, sender: &Sender, email: &Email, now: NaiveDateTime) -> Result<Option<Token>, Failure> {
    let Some(row) = store::account_by_mark(c, &sender.vault.mark("email", email.as_str()))? else { return Ok(None) };
    let id: AccountId = row.id.parse().map_err(|_| Failure::internal("an account without an id"))?;
    people::forget_second_step(c, sender, None, id, now)?;
    ticket::issue(c, id, Purpose::Invitation, now).map(Some)
}

/// Someone of the demo: name, address, role, and team where there is one.
const DEMO: [(&str, &str, Role, Option<&str>); 9] = [
    ("Ada Fenwick", "ada@demo.example", Role::Administrator, None),
    ("Cora Lindqvist", "cora@demo.example", Role::Coordinator, Some(EAST)),
    ("Rowan Ashby", "rowan@demo.example", Role::BridgeBuilder, Some(EAST)),
    ("Imran Sethi", "imran@demo.example", Role::BridgeBuilder, Some(EAST)),
    ("Nell Okafor", "nell@demo.example", Role::BridgeBuilder, Some(WEST)),
    ("Pat Doyle", "pat@demo.example", Role::Peer, Some(EAST)),
    ("Max Tran", "max@demo.example", Role::VenueManager, None),
    ("Corin Hale", "corin@demo.example", Role::Commissioner, None),
    ("Jo Marsh", "jo@demo.example", Role::Client, None),
];
const EAST: &str = "East team";
const WEST: &str = "West team";
/// The demo's one organisation.
const DEMO_ORGANISATION: &str = "Harbour Trust";

/// Adds the demo's people where they aren't there yet. Each is active, without a password.
pub fn demo(c: &mut Conn, vault: &Vault, now: NaiveDateTime) -> Result<(), Failure> {
    for (name, email, role, in_team) in DEMO {
        let Ok(email) = email.parse::<Email>() else { continue };
        if store::account_by_mark(c, &vault.mark("email", email.as_str()))?.is_some() {
            continue;
        }
        let team = in_team.map(|name| team(c, DEMO_ORGANISATION, Sort::Voluntary, name, now)).transpose()?;
        let id = people::add(c, vault, Some(&email), &Private::new(name), State::Active, now)?;
        store::set_grants(c, id, &[Grant { role, team }], now)?;
    }
    Ok(())
}

/// The team of most of the demo's people.
pub fn demo_team(c: &mut Conn, now: NaiveDateTime) -> Result<TeamId, Failure> {
    team(c, DEMO_ORGANISATION, Sort::Voluntary, EAST, now)
}

/// A link for each of the demo's people: the role in words, the name, and what the link ends with.
pub fn demo_links(c: &mut Conn, vault: &Vault, now: NaiveDateTime) -> Result<Vec<(&'static str, &'static str, Token)>, Failure> {
    let mut links = Vec::new();
    for (name, email, role, _) in DEMO {
        if let Some(row) = store::account_by_mark(c, &vault.mark("email", email))? {
            let id = row.id.parse().map_err(|_| Failure::internal("an account without an id"))?;
            links.push((role.label(), name, ticket::issue(c, id, Purpose::Demo, now)?));
        }
    }
    Ok(links)
}
