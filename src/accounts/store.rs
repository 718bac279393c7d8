//! SQL about accounts, teams and grants: one function for one question.

use chrono::NaiveDateTime;
use diesel::{
    dsl::count_star,
    prelude::*,
    result::{DatabaseErrorKind, Error::DatabaseError},
};

use super::{Grant, Role, Sort, State};
use crate::{
    db::Conn,
    error::Failure,
    on_each_engine,
    schema::{accounts, grants, organisations, teams},
    values::{AccountId, OrganisationId, SubjectId, TeamId},
    vault::Sealed,
};

/// What stands in `team_id` for a role that belongs to no team; a key's columns can't be empty.
const NO_TEAM: &str = "";

/// Values in one question; SQLite takes so many.
const AT_ONCE: usize = 500;

/// An account as it is kept; name and address are sealed.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = accounts)]
pub struct Row {
    /// Its id.
    pub id: String,
    /// How it stands.
    pub state: String,
    /// Sealed name.
    pub name: Sealed,
    /// Sealed address.
    pub email: Option<Sealed>,
    /// Keyed hash of the address.
    pub email_mark: Option<String>,
    /// Argon2id of the password.
    pub password: Option<String>,
    /// Sealed secret of the second step.
    pub totp: Option<Sealed>,
    /// The last step of time for which a code was taken; none while it isn't set up.
    pub totp_step: Option<i64>,
    /// Their own record.
    pub person_id: Option<String>,
    /// Sessions of an older epoch are over.
    pub epoch: i32,
    /// When it was made.
    pub created_at: NaiveDateTime,
    /// When it was last changed.
    pub updated_at: NaiveDateTime,
}

impl Row {
    /// Whether its owner can come in: one that is closed for work still leads someone who is helped here to their own path.
    pub fn lets_in(&self) -> bool {
        self.state == State::Active.code() || (self.is_closed() && self.person_id.is_some())
    }

    /// Whether it is closed.
    pub fn is_closed(&self) -> bool {
        self.state == State::Disabled.code()
    }
}

/// A team with its organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// Its id.
    pub id: TeamId,
    /// Its name.
    pub name: String,
    /// The organisation it belongs to.
    pub organisation: String,
    /// What sort of organisation that is.
    pub sort: Sort,
}

/// An account by its id.
pub fn account(c: &mut Conn, id: AccountId) -> Result<Option<Row>, Failure> {
    Ok(accounts::table.find(id.to_string()).select(Row::as_select()).first(c).optional()?)
}

/// An account by the mark of its address.
pub fn account_by_mark(c: &mut Conn, mark: &str) -> Result<Option<Row>, Failure> {
    Ok(accounts::table.filter(accounts::email_mark.eq(mark)).select(Row::as_select()).first(c).optional()?)
}

/// The sealed names of accounts.
pub fn names(c: &mut Conn, ids: &[AccountId]) -> Result<Vec<(AccountId, Sealed)>, Failure> {
    let mut found = Vec::with_capacity(ids.len());
    for some in ids.chunks(AT_ONCE) {
        let some: Vec<String> = some.iter().map(ToString::to_string).collect();
        let rows: Vec<(String, Sealed)> =
            accounts::table.filter(accounts::id.eq_any(some)).select((accounts::id, accounts::name)).load(c)?;
        found.extend(rows.into_iter().filter_map(|(id, name)| Some((id.parse().ok()?, name))));
    }
    Ok(found)
}

/// Keeps a new account. `false` where its address has one already.
pub fn add_account(c: &mut Conn, row: &Row) -> Result<bool, Failure> {
    let added =
        on_each_engine!(c, inner => diesel::insert_into(accounts::table).values(row).on_conflict_do_nothing().execute(inner))?;
    Ok(added == 1)
}

/// The record that belongs to an account.
pub fn person_of(c: &mut Conn, id: AccountId) -> Result<Option<SubjectId>, Failure> {
    let person: Option<Option<String>> = accounts::table.find(id.to_string()).select(accounts::person_id).first(c).optional()?;
    Ok(person.flatten().and_then(|person| person.parse().ok()))
}

/// Says which record belongs to an account.
pub fn set_person(c: &mut Conn, id: AccountId, person: Option<SubjectId>) -> Result<(), Failure> {
    let set = accounts::person_id.eq(person.map(|person| person.to_string()));
    diesel::update(accounts::table.find(id.to_string())).set(set).execute(c)?;
    Ok(())
}

/// The roles an account holds.
pub fn grants(c: &mut Conn, id: AccountId) -> Result<Vec<Grant>, Failure> {
    let rows: Vec<(String, String)> = grants::table
        .filter(grants::account_id.eq(id.to_string()))
        .order((grants::role, grants::team_id))
        .select((grants::role, grants::team_id))
        .load(c)?;
    let grant = |(role, team): (String, String)| Some(Grant { role: Role::from_code(&role)?, team: team.parse().ok() });
    Ok(rows.into_iter().filter_map(grant).collect())
}

/// The roles that count while an account stands as it does: one that is closed leaves its owner what is theirs as someone who is helped here.
pub fn grants_now(c: &mut Conn, id: AccountId, row: &Row) -> Result<Vec<Grant>, Failure> {
    let mut held = grants(c, id)?;
    held.retain(|grant| !row.is_closed() || grant.role == Role::Client);
    Ok(held)
}

/// Sets the roles an account holds.
pub fn set_grants(c: &mut Conn, id: AccountId, to: &[Grant], now: NaiveDateTime) -> Result<(), Failure> {
    diesel::delete(grants::table.filter(grants::account_id.eq(id.to_string()))).execute(c)?;
    for grant in to {
        let team = grant.team.map_or_else(|| NO_TEAM.to_owned(), |team| team.to_string());
        let row = (
            grants::account_id.eq(id.to_string()),
            grants::role.eq(grant.role.code()),
            grants::team_id.eq(team),
            grants::granted_at.eq(now),
        );
        diesel::insert_into(grants::table).values(row).execute(c)?;
    }
    Ok(())
}

/// Sets how an account stands.
pub fn set_state(c: &mut Conn, id: AccountId, state: State, now: NaiveDateTime) -> Result<(), Failure> {
    let set = (accounts::state.eq(state.code()), accounts::updated_at.eq(now));
    diesel::update(accounts::table.find(id.to_string())).set(set).execute(c)?;
    Ok(())
}

/// Sets the sealed name of an account.
pub fn set_name(c: &mut Conn, id: AccountId, name: &Sealed, now: NaiveDateTime) -> Result<(), Failure> {
    let set = (accounts::name.eq(name), accounts::updated_at.eq(now));
    diesel::update(accounts::table.find(id.to_string())).set(set).execute(c)?;
    Ok(())
}

/// Sets the sealed address of an account and its mark. `false` where another account has that address.
pub fn set_email(c: &mut Conn, id: AccountId, email: &Sealed, mark: &str, now: NaiveDateTime) -> Result<bool, Failure> {
    let set = (accounts::email.eq(email), accounts::email_mark.eq(mark), accounts::updated_at.eq(now));
    match diesel::update(accounts::table.find(id.to_string())).set(set).execute(c) {
        Err(DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Ok(false),
        changed => Ok(changed? == 1),
    }
}

/// Sets an account's password, as argon2 writes it.
pub fn set_password(c: &mut Conn, id: AccountId, password: &str, now: NaiveDateTime) -> Result<(), Failure> {
    let set = (accounts::password.eq(password), accounts::updated_at.eq(now));
    diesel::update(accounts::table.find(id.to_string())).set(set).execute(c)?;
    Ok(())
}

/// Sets the sealed secret of an account's second step, or takes it away. It isn't set up until a code was taken.
pub fn set_totp(c: &mut Conn, id: AccountId, totp: Option<&Sealed>, now: NaiveDateTime) -> Result<(), Failure> {
    let set = (accounts::totp.eq(totp), accounts::totp_step.eq(None::<i64>), accounts::updated_at.eq(now));
    diesel::update(accounts::table.find(id.to_string())).set(set).execute(c)?;
    Ok(())
}

/// Takes a step of time once: `false` where it, or a later one, was taken before.
pub fn take_totp_step(c: &mut Conn, id: AccountId, step: i64) -> Result<bool, Failure> {
    let fresh = accounts::totp_step.is_null().or(accounts::totp_step.lt(step).assume_not_null());
    let taken = diesel::update(accounts::table.filter(accounts::id.eq(id.to_string()).and(fresh)))
        .set(accounts::totp_step.eq(step))
        .execute(c)?;
    Ok(taken == 1)
}

/// Keeps a new organisation.
pub fn add_organisation(c: &mut Conn, id: OrganisationId, name: &str, sort: Sort, now: NaiveDateTime) -> Result<(), Failure> {
    let row = (
        organisations::id.eq(id.to_string()),
        organisations::name.eq(name),
        organisations::sort.eq(sort.code()),
        organisations::created_at.eq(now),
    );
    diesel::insert_into(organisations::table).values(row).execute(c)?;
    Ok(())
}

/// Keeps a new team.
pub fn add_team(c: &mut Conn, id: TeamId, of: OrganisationId, name: &str, now: NaiveDateTime) -> Result<(), Failure> {
    let row = (
        teams::id.eq(id.to_string()),
        teams::organisation_id.eq(of.to_string()),
        teams::name.eq(name),
        teams::created_at.eq(now),
    );
    diesel::insert_into(teams::table).values(row).execute(c)?;
    Ok(())
}

/// An organisation by its name.
pub fn organisation_named(c: &mut Conn, name: &str) -> Result<Option<OrganisationId>, Failure> {
    let id: Option<String> =
        organisations::table.filter(organisations::name.eq(name)).select(organisations::id).first(c).optional()?;
    Ok(id.and_then(|id| id.parse().ok()))
}

/// At most `most` teams, by organisation and name.
pub fn teams(c: &mut Conn, most: i64) -> Result<Vec<Team>, Failure> {
    let rows: Vec<(String, String, String, String)> = teams::table
        .inner_join(organisations::table)
        .order((organisations::name, teams::name))
        .limit(most)
        .select((teams::id, teams::name, organisations::name, organisations::sort))
        .load(c)?;
    let team = |(id, name, organisation, sort): (String, String, String, String)| {
        Some(Team { id: id.parse().ok()?, name, organisation, sort: Sort::from_code(&sort)? })
    };
    Ok(rows.into_iter().filter_map(team).collect())
}

/// Open accounts that hold a role in one of these teams, the oldest first, at most `most`.
pub fn holding(c: &mut Conn, role: Role, teams: &[TeamId], most: i64) -> Result<Vec<Row>, Failure> {
    let teams: Vec<String> = teams.iter().map(ToString::to_string).collect();
    let ids = grants::table.filter(grants::role.eq(role.code()).and(grants::team_id.eq_any(teams))).select(grants::account_id);
    let open = accounts::id.eq_any(ids).and(accounts::state.eq(State::Active.code()));
    let sorted = accounts::table.filter(open).order((accounts::created_at, accounts::id));
    Ok(sorted.limit(most).select(Row::as_select()).load(c)?)
}

/// Which accounts a list shows.
#[derive(Debug, Clone)]
pub enum Within {
    /// All who work here.
    All,
    /// Those of these teams.
    Teams(Vec<TeamId>),
}

/// One page of the accounts of those who work here, the newest first, and how many there are.
pub fn listed(c: &mut Conn, within: &Within, page: i64, per_page: i64) -> Result<(Vec<Row>, i64), Failure> {
    let working = grants::table.filter(grants::role.ne(Role::Client.code())).select(grants::account_id).into_boxed();
    let working = match within {
        Within::All => working,
        Within::Teams(teams) => working.filter(grants::team_id.eq_any(teams.iter().map(ToString::to_string).collect::<Vec<_>>())),
    };
    let ids: Vec<String> = working.distinct().load(c)?;
    let total: i64 = accounts::table.filter(accounts::id.eq_any(&ids)).select(count_star()).first(c)?;
    let rows = accounts::table
        .filter(accounts::id.eq_any(&ids))
        .order((accounts::created_at.desc(), accounts::id))
        .offset((page - 1) * per_page)
        .limit(per_page)
        .select(Row::as_select())
        .load(c)?;
    Ok((rows, total))
}
