//! Who signs in: accounts, their roles, sessions, and who may do what.
//!
//! An account is not a record: what a person wrote and what was done for them is in other rooms, and a client's account only
//! points there. Whoever signs in becomes a `Principal`, made by the door before a route from the browser's cookie.

pub mod address;
pub mod clients;
pub mod door;
pub mod letters;
pub mod notices;
pub mod offers;
pub mod pages;
pub mod passkey;
pub mod password;
pub mod people;
pub mod second;
pub mod session;
pub mod start;
pub mod store;
pub mod ticket;
pub mod token;
pub mod tries;

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};
use chrono::NaiveDateTime;

pub use pages::routes;

use crate::{
    db::Conn,
    error::Failure,
    values::{AccountId, SubjectId, TeamId, choice},
};

choice! {
    /// What someone is here as. A person may be several.
    Role {
        Client = "client", "Client";
        Peer = "peer", "Peer worker or volunteer";
        BridgeBuilder = "bridge-builder", "Bridge builder";
        Coordinator = "coordinator", "Coordinator";
        VenueManager = "venue-manager", "Venue manager";
        Commissioner = "commissioner", "Commissioner";
        Administrator = "administrator", "Administrator";
    }
}

impl Role {
    /// Roles that sign in with a password and a second step.
    pub const STAFF: &'static [Self] =
        &[Self::Peer, Self::BridgeBuilder, Self::Coordinator, Self::Commissioner, Self::Administrator];
    /// Roles that belong to a team.
    pub const IN_TEAMS: &'static [Self] = &[Self::Peer, Self::BridgeBuilder, Self::Coordinator];

    /// Whether the role signs in with a password and a second step.
    pub fn is_staff(self) -> bool {
        Self::STAFF.contains(&self)
    }

    /// Whether the role belongs to a team.
    pub fn is_in_a_team(self) -> bool {
        Self::IN_TEAMS.contains(&self)
    }
}

/// Drops what nobody can sign in with any more.
pub fn tidy(c: &mut Conn, now: NaiveDateTime) -> Result<(), Failure> {
    session::tidy(c, now)?;
    ticket::tidy(c, now)?;
    passkey::tidy(c, now)?;
    tries::tidy(c, now)
}

/// Ends every session and every ticket: what a restored backup holds of them may have been ended since.
pub fn end_everything(c: &mut Conn) -> Result<(), Failure> {
    session::end_everyones(c)?;
    ticket::end_all(c)
}

choice! {
    /// How an account stands.
    State {
        Invited = "invited", "Invited";
        Active = "active", "Active";
        Disabled = "disabled", "Closed";
    }
}

choice! {
    /// What sort of organisation a team belongs to.
    Sort {
        Statutory = "statutory", "Statutory";
        Voluntary = "voluntary", "Voluntary";
    }
}

/// A role, and the team it is held in where it belongs to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// The team; none for roles that belong to none.
    pub team: Option<TeamId>,
}

/// Whoever signed in and asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// Their account.
    pub account: AccountId,
    /// What they are here as.
    pub grants: Vec<Grant>,
    /// Their own record, where they have one.
    pub person: Option<SubjectId>,
    /// The name of their session: a hash of what their browser holds.
    pub session: String,
    /// When they last proved who they are.
    pub proved_at: NaiveDateTime,
}

impl Principal {
    /// Whether they hold a role.
    pub fn is(&self, role: Role) -> bool {
        self.grants.iter().any(|grant| grant.role == role)
    }

    /// Whether they hold one of these roles.
    pub fn is_any(&self, roles: &[Role]) -> bool {
        self.grants.iter().any(|grant| roles.contains(&grant.role))
    }

    /// The teams they hold a role in.
    pub fn teams_as(&self, role: Role) -> Vec<TeamId> {
        self.grants.iter().filter(|grant| grant.role == role).filter_map(|grant| grant.team).collect()
    }

    /// Where they begin after signing in: path and words.
    pub fn home(&self) -> (&'static str, &'static str) {
        if self.is_any(&[Role::BridgeBuilder, Role::Peer, Role::Coordinator]) {
            ("/desk", "Your desk")
        } else if self.is(Role::Client) {
            ("/my-path", "My path")
        } else {
            ("/account", "Your account")
        }
    }
}

/// Who asks; a route for everyone asks for `Option<Principal>`.
impl FromRequest for Principal {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let known = request.extensions().get::<Self>().cloned();
        ready(known.ok_or_else(|| Failure::internal("the route table lets people in here whom it doesn't know")))
    }
}
