//! SQL for the desks: what stands beside each name of a caseload.

use std::collections::{HashMap, HashSet};

use chrono::{NaiveDate, NaiveDateTime};
use diesel::{
    dsl::{exists, not},
    prelude::*,
};

use crate::{
    accounts::{Principal, Role, State as AccountState},
    db::Conn,
    error::Failure,
    people::{self as people_room, caseload::Along},
    referrals::state::State,
    schema::{accounts, caseload, cover, grants, people, referrals},
    values::{AccountId, SubjectId, TeamId},
};

/// Most people that one desk holds.
const MOST: i64 = 2_000;
/// Most people that a coordinator's desk holds.
const MOST_IN_TEAMS: i64 = 10_000;
/// Values in one question; SQLite takes so many.
const AT_ONCE: usize = 500;

/// Whom someone goes along with now, as a bridge builder or a peer, or stands in for, and since when.
pub fn with(c: &mut Conn, who: &Principal, now: NaiveDateTime) -> Result<Vec<(SubjectId, NaiveDateTime)>, Failure> {
    let account = who.account;
    let along = caseload::account_id.eq(account.to_string()).and(caseload::until.is_null());
    let as_worker = caseload::role.eq(if who.is(Role::BridgeBuilder) { Along::Worker.code() } else { "" });
    let as_peer = caseload::role.eq(if who.is(Role::Peer) { Along::Peer.code() } else { "" });
    let chosen = as_worker.or(as_peer.and(caseload::chosen_by_person));
    let mut rows: Vec<(String, NaiveDateTime)> = caseload::table
        .filter(along.and(chosen))
        .order((caseload::since, caseload::id))
        .limit(MOST)
        .select((caseload::person_id, caseload::since))
        .load(c)?;
    let standing_in = cover::account_id.eq(account.to_string()).and(cover::from_at.le(now)).and(cover::until_at.gt(now));
    rows.extend(
        cover::table
            .filter(standing_in)
            .order((cover::from_at, cover::id))
            .limit(MOST)
            .select((cover::person_id, cover::from_at))
            .load::<(String, NaiveDateTime)>(c)?,
    );
    let mut found: Vec<(SubjectId, NaiveDateTime)> = Vec::with_capacity(rows.len());
    for (id, since) in rows {
        let Ok(id) = id.parse() else { continue };
        if found.iter().all(|(known, _)| *known != id) {
            found.push((id, since));
        }
    }
    Ok(found)
}

/// Those who chose someone as a peer.
pub fn as_peer(c: &mut Conn, account: AccountId) -> Result<HashSet<SubjectId>, Failure> {
    let running = caseload::account_id.eq(account.to_string()).and(caseload::until.is_null());
    let chosen = running.and(caseload::role.eq(Along::Peer.code())).and(caseload::chosen_by_person);
    let rows: Vec<String> = caseload::table.filter(chosen).limit(MOST).select(caseload::person_id).load(c)?;
    Ok(rows.into_iter().filter_map(|id| id.parse().ok()).collect())
}

/// For whom someone stands in now, and until when.
pub fn covered(c: &mut Conn, account: AccountId, now: NaiveDateTime) -> Result<HashMap<SubjectId, NaiveDateTime>, Failure> {
    let running = cover::account_id.eq(account.to_string()).and(cover::from_at.le(now)).and(cover::until_at.gt(now));
    let first = cover::table.filter(running).order((cover::from_at, cover::id)).limit(AT_ONCE as i64);
    let rows: Vec<(String, NaiveDateTime)> = first.select((cover::person_id, cover::until_at)).load(c)?;
    Ok(rows.into_iter().filter_map(|(id, until)| Some((id.parse().ok()?, until))).collect())
}

/// Everyone in the care of some teams, since when, and when each was last in touch, or written to.
pub fn all_in_teams(c: &mut Conn, teams: &[TeamId]) -> Result<Vec<(SubjectId, NaiveDateTime, Option<NaiveDateTime>)>, Failure> {
    let ids: Vec<String> = teams.iter().map(ToString::to_string).collect();
    let rows: Vec<(String, NaiveDateTime, Option<NaiveDateTime>)> = people::table
        .filter(people::team_id.eq_any(&ids))
        .order((people::created_at.desc(), people::id))
        .limit(MOST_IN_TEAMS)
        .select((people::id, people::created_at, people::heard_at))
        .load(c)?;
    Ok(rows.into_iter().filter_map(|(id, at, heard)| Some((id.parse().ok()?, at, heard))).collect())
}

/// Those whom no team ever had in its care and who aren't with us now, and since when. Any coordinator may see them.
pub fn ended_in_no_team(c: &mut Conn) -> Result<Vec<(SubjectId, NaiveDateTime)>, Failure> {
    let codes = |fits: fn(State) -> bool| -> Vec<&str> {
        State::ALL.iter().filter(|state| fits(**state)).map(|state| state.code()).collect()
    };
    let theirs = referrals::person_id.eq(people::id);
    let ended = referrals::table.filter(theirs.and(referrals::state.eq_any(codes(State::has_ended))));
    let standing = referrals::table.filter(theirs.and(referrals::state.eq_any(codes(State::stands))));
    let rows: Vec<(String, NaiveDateTime)> = people::table
        .filter(people::team_id.is_null().and(exists(ended)).and(not(exists(standing))))
        .order((people::created_at.desc(), people::id))
        .limit(MOST_IN_TEAMS)
        .select((people::id, people::created_at))
        .load(c)?;
    Ok(rows.into_iter().filter_map(|(id, at)| Some((id.parse().ok()?, at))).collect())
}

/// How the latest referral of each person stands, and until which day they paused.
pub fn states(c: &mut Conn, people: &[SubjectId]) -> Result<HashMap<SubjectId, (State, Option<NaiveDate>)>, Failure> {
    Ok(standings(c, people)?.into_iter().map(|(id, (state, until, _))| (id, (state, until))).collect())
}

/// How a referral stands, until which day it is paused, and which bridge builder is responsible.
pub type Standing = (State, Option<NaiveDate>, Option<AccountId>);

/// How the latest referral of each person stands.
pub fn standings(c: &mut Conn, people: &[SubjectId]) -> Result<HashMap<SubjectId, Standing>, Failure> {
    let mut found = HashMap::new();
    for some in texts(people).chunks(AT_ONCE) {
        let rows: Vec<(String, String, Option<NaiveDate>, Option<String>)> = referrals::table
            .filter(referrals::person_id.eq_any(some).and(referrals::state.ne(State::EnteredInError.code())))
            .order((referrals::received_at, referrals::id))
            .select((referrals::person_id, referrals::state, referrals::paused_until, referrals::worker_id))
            .load(c)?;
        let known = |(id, state, until, worker): (String, String, _, Option<String>)| {
            let worker = worker.and_then(|worker| worker.parse().ok());
            Some((id.parse().ok()?, (State::from_code(&state)?, until, worker)))
        };
        found.extend(rows.into_iter().filter_map(known));
    }
    Ok(found)
}

/// When each person was last in touch, or written to.
pub fn last_words(c: &mut Conn, people: &[SubjectId]) -> Result<HashMap<SubjectId, NaiveDateTime>, Failure> {
    let mut found = HashMap::new();
    for some in texts(people).chunks(AT_ONCE) {
        let rows: Vec<(String, Option<NaiveDateTime>)> =
            people::table.filter(people::id.eq_any(some)).select((people::id, people::heard_at)).load(c)?;
        found.extend(rows.into_iter().filter_map(|(id, at)| Some((id.parse().ok()?, at?))));
    }
    Ok(found)
}

fn texts(people: &[SubjectId]) -> Vec<String> {
    people.iter().map(ToString::to_string).collect()
}

/// Who may stand in for a person, as a coordinator sees it: the other bridge builders of the team that has the record.
pub fn may_stand_in(c: &mut Conn, who: &Principal, person: SubjectId) -> Result<Vec<AccountId>, Failure> {
    let team = people_room::store::team_of(c, person)?.flatten();
    let teams: Vec<TeamId> = who.teams_as(Role::Coordinator).into_iter().filter(|one| Some(*one) == team).collect();
    let beside = people_room::caseload::with(c, person)?;
    let mut all = bridge_builders(c, &teams)?;
    all.retain(|account| !beside.contains(&(*account, Along::Worker)));
    Ok(all)
}

/// The bridge builders of some teams whose accounts are open.
pub fn bridge_builders(c: &mut Conn, teams: &[TeamId]) -> Result<Vec<AccountId>, Failure> {
    let ids: Vec<String> = teams.iter().map(ToString::to_string).collect();
    let rows: Vec<String> = grants::table
        .inner_join(accounts::table)
        .filter(grants::team_id.eq_any(ids).and(grants::role.eq(Role::BridgeBuilder.code())))
        .filter(accounts::state.eq(AccountState::Active.code()))
        .order(grants::account_id)
        .limit(MOST)
        .select(grants::account_id)
        .load(c)?;
    Ok(rows.into_iter().filter_map(|id| id.parse().ok()).collect())
}
