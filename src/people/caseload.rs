//! Who goes along with whom, and who stands in for a while; that says who may see a record.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::{
    dsl::{count_star, exists},
    prelude::*,
    select,
};
use uuid::Uuid;

use super::{key, seal, store};
use crate::{
    accounts::Principal,
    audit::{self, Action, Actor, Entry},
    db::Conn,
    error::Failure,
    schema::{caseload, cover, people},
    values::{AccountId, SubjectId, TeamId, choice},
    vault::{Private, Sealed, Vault},
};

/// Rows that are changed at once.
const AT_ONCE: usize = 500;

choice! {
    /// As what someone goes along.
    Along {
        Worker = "worker", "Bridge builder";
        Peer = "peer", "Peer worker or volunteer";
    }
}

/// From now on someone goes along with a person. Whoever did so in the same way before, does so no more.
pub fn begin(
    c: &mut Conn,
    person: SubjectId,
    account: AccountId,
    along: Along,
    chosen_by_person: bool,
    now: NaiveDateTime,
) -> Result<(), Failure> {
    if along == Along::Worker {
        store::hold(c, person)?;
        end_all(c, person, Along::Worker, now)?;
    }
    let row = (
        caseload::id.eq(Uuid::new_v4().to_string()),
        caseload::person_id.eq(person.to_string()),
        caseload::account_id.eq(account.to_string()),
        caseload::role.eq(along.code()),
        caseload::since.eq(now),
        caseload::chosen_by_person.eq(chosen_by_person),
    );
    diesel::insert_into(caseload::table).values(row).execute(c)?;
    Ok(())
}

/// Nobody goes along with a person in this way any more.
pub fn end_all(c: &mut Conn, person: SubjectId, along: Along, now: NaiveDateTime) -> Result<(), Failure> {
    let running = caseload::person_id.eq(person.to_string()).and(caseload::role.eq(along.code())).and(caseload::until.is_null());
    diesel::update(caseload::table.filter(running)).set(caseload::until.eq(now)).execute(c)?;
    Ok(())
}

/// Someone goes along with people in the care of these teams alone.
pub fn part(c: &mut Conn, account: AccountId, along: Along, still: &[TeamId], now: NaiveDateTime) -> Result<(), Failure> {
    let running =
        caseload::account_id.eq(account.to_string()).and(caseload::role.eq(along.code())).and(caseload::until.is_null());
    let rows: Vec<(String, Option<String>)> =
        caseload::table.inner_join(people::table).filter(running).select((caseload::id, people::team_id)).load(c)?;
    for some in in_no_team(rows, still).chunks(AT_ONCE) {
        diesel::update(caseload::table.filter(caseload::id.eq_any(some))).set(caseload::until.eq(now)).execute(c)?;
    }
    Ok(())
}

/// The rows about people whom none of these teams has in its care.
pub(crate) fn in_no_team(rows: Vec<(String, Option<String>)>, teams: &[TeamId]) -> Vec<String> {
    let still = |team: &Option<String>| teams.iter().any(|one| team.as_deref() == Some(&one.to_string()));
    rows.into_iter().filter(|(_, team)| !still(team)).map(|(id, _)| id).collect()
}

/// One of them goes along no more.
pub fn end(c: &mut Conn, person: SubjectId, account: AccountId, along: Along, now: NaiveDateTime) -> Result<(), Failure> {
    let theirs = caseload::person_id.eq(person.to_string()).and(caseload::account_id.eq(account.to_string()));
    let running = theirs.and(caseload::role.eq(along.code())).and(caseload::until.is_null());
    diesel::update(caseload::table.filter(running)).set(caseload::until.eq(now)).execute(c)?;
    Ok(())
}

/// Whether someone goes along with a person as their bridge builder.
pub(super) fn goes_along(c: &mut Conn, person: SubjectId, account: AccountId) -> Result<bool, Failure> {
    let theirs = caseload::person_id.eq(person.to_string()).and(caseload::account_id.eq(account.to_string()));
    let running = theirs.and(caseload::role.eq(Along::Worker.code())).and(caseload::until.is_null());
    Ok(select(exists(caseload::table.filter(running))).get_result(c)?)
}

/// Whether a person chose someone as a peer.
pub(super) fn was_chosen(c: &mut Conn, person: SubjectId, account: AccountId) -> Result<bool, Failure> {
    let theirs = caseload::person_id.eq(person.to_string()).and(caseload::account_id.eq(account.to_string()));
    let running = theirs.and(caseload::role.eq(Along::Peer.code())).and(caseload::until.is_null());
    Ok(select(exists(caseload::table.filter(running.and(caseload::chosen_by_person)))).get_result(c)?)
}

/// Who goes along with a person now.
pub fn with(c: &mut Conn, person: SubjectId) -> Result<Vec<(AccountId, Along)>, Failure> {
    let running = caseload::person_id.eq(person.to_string()).and(caseload::until.is_null());
    let rows: Vec<(String, String)> = caseload::table
        .filter(running)
        .order((caseload::role.desc(), caseload::since))
        .select((caseload::account_id, caseload::role))
        .load(c)?;
    Ok(rows.into_iter().filter_map(|(id, along)| Some((id.parse().ok()?, Along::from_code(&along)?))).collect())
}

/// Who went along in these rows, and as what.
pub fn these(c: &mut Conn, ids: &[String]) -> Result<HashMap<String, (AccountId, Along)>, Failure> {
    let rows: Vec<(String, String, String)> =
        caseload::table.filter(caseload::id.eq_any(ids)).select((caseload::id, caseload::account_id, caseload::role)).load(c)?;
    Ok(rows
        .into_iter()
        .filter_map(|(id, account, along)| Some((id, (account.parse().ok()?, Along::from_code(&along)?))))
        .collect())
}

/// How many people each of these goes along with now, as their bridge builder.
pub fn counts(c: &mut Conn, accounts: &[AccountId]) -> Result<HashMap<AccountId, i64>, Failure> {
    let ids: Vec<String> = accounts.iter().map(ToString::to_string).collect();
    let running = caseload::until.is_null().and(caseload::role.eq(Along::Worker.code()));
    let rows: Vec<(String, i64)> = caseload::table
        .filter(caseload::account_id.eq_any(ids).and(running))
        .group_by(caseload::account_id)
        .select((caseload::account_id, count_star()))
        .load(c)?;
    Ok(rows.into_iter().filter_map(|(id, count)| Some((id.parse().ok()?, count))).collect())
}

/// Someone stands in until a time, with a reason that the person can read. It is written down who said so.
pub fn stand_in(c: &mut Conn, vault: &Vault, by: &Principal, cover: &Cover, now: NaiveDateTime) -> Result<(), Failure> {
    let id = Uuid::new_v4().to_string();
    let key = key(c, vault, cover.person)?;
    let row = (
        cover::id.eq(&id),
        cover::person_id.eq(cover.person.to_string()),
        cover::account_id.eq(cover.account.to_string()),
        cover::reason.eq(seal(&key, "cover", "reason", &id, cover.reason.show())),
        cover::from_at.eq(cover.from),
        cover::until_at.eq(cover.until),
    );
    diesel::insert_into(cover::table).values(row).execute(c)?;
    let entry = Entry {
        actor: Actor::Account(by.account),
        action: Action::CoverBegan,
        subject: Some(cover.person),
        about: Some(cover.account.to_string()),
    };
    audit::record(c, &entry, now)
}

/// Nobody stands in for a person any more. It is written down with whose doing that came.
pub fn end_all_cover(c: &mut Conn, actor: Actor, person: SubjectId, now: NaiveDateTime) -> Result<(), Failure> {
    let running = || cover::table.filter(cover::person_id.eq(person.to_string()).and(cover::until_at.gt(now)));
    let accounts: Vec<String> = running().order(cover::id).select(cover::account_id).load(c)?;
    diesel::update(running()).set(cover::until_at.eq(now)).execute(c)?;
    let entry = |about| Entry { actor, action: Action::CoverEnded, subject: Some(person), about: Some(about) };
    accounts.into_iter().try_for_each(|account| audit::record(c, &entry(account), now))
}

/// Someone stands in no more, if they did. It is written down who said so.
pub fn end_cover(c: &mut Conn, by: &Principal, person: SubjectId, account: AccountId, now: NaiveDateTime) -> Result<(), Failure> {
    let theirs = cover::person_id.eq(person.to_string()).and(cover::account_id.eq(account.to_string()));
    if diesel::update(cover::table.filter(theirs.and(cover::until_at.gt(now)))).set(cover::until_at.eq(now)).execute(c)? == 0 {
        return Ok(());
    }
    let (actor, about) = (Actor::Account(by.account), Some(account.to_string()));
    audit::record(c, &Entry { actor, action: Action::CoverEnded, subject: Some(person), about }, now)
}

/// Someone who stands in.
#[derive(Debug, Clone)]
pub struct Cover {
    /// For whom.
    pub person: SubjectId,
    /// Who stands in.
    pub account: AccountId,
    /// Why.
    pub reason: Private,
    /// From when, UTC.
    pub from: NaiveDateTime,
    /// Until when, UTC.
    pub until: NaiveDateTime,
}

/// Whether someone stands in for a person now; that they are of the same team is for the caller to see.
pub(super) fn covers(c: &mut Conn, person: SubjectId, account: AccountId, now: NaiveDateTime) -> Result<bool, Failure> {
    let theirs = cover::person_id.eq(person.to_string()).and(cover::account_id.eq(account.to_string()));
    let running = theirs.and(cover::from_at.le(now)).and(cover::until_at.gt(now));
    Ok(select(exists(cover::table.filter(running))).get_result(c)?)
}

/// For whom it is to answer a person now: their bridge builder, and whoever stands in.
pub fn answering(c: &mut Conn, person: SubjectId, now: NaiveDateTime) -> Result<Vec<AccountId>, Failure> {
    let beside = with(c, person)?.into_iter().filter(|(_, along)| *along == Along::Worker).map(|(account, _)| account);
    let running = cover::person_id.eq(person.to_string()).and(cover::from_at.le(now)).and(cover::until_at.gt(now));
    let standing_in: Vec<String> = cover::table.filter(running).order(cover::id).select(cover::account_id).load(c)?;
    let mut all: Vec<AccountId> = beside.chain(standing_in.into_iter().filter_map(|id| id.parse().ok())).collect();
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

type CoverRow = (String, String, Sealed, NaiveDateTime, NaiveDateTime);
const COVER: (cover::id, cover::account_id, cover::reason, cover::from_at, cover::until_at) =
    (cover::id, cover::account_id, cover::reason, cover::from_at, cover::until_at);

/// Everyone who stood or stands in for a person, the latest first, at most `most`.
pub fn all_cover(c: &mut Conn, vault: &Vault, person: SubjectId, most: i64) -> Result<Vec<Cover>, Failure> {
    let theirs = cover::table.filter(cover::person_id.eq(person.to_string()));
    let rows: Vec<CoverRow> = theirs.order((cover::from_at.desc(), cover::id)).limit(most).select(COVER).load(c)?;
    Ok(covers_opened(c, vault, person, rows)?.into_iter().map(|(_, cover)| cover).collect())
}

/// These who stood or stand in for a person, by the ids of their rows.
pub fn these_covers(c: &mut Conn, vault: &Vault, person: SubjectId, ids: &[String]) -> Result<HashMap<String, Cover>, Failure> {
    let theirs = cover::person_id.eq(person.to_string()).and(cover::id.eq_any(ids));
    let rows: Vec<CoverRow> = cover::table.filter(theirs).select(COVER).load(c)?;
    Ok(covers_opened(c, vault, person, rows)?.into_iter().collect())
}

fn covers_opened(c: &mut Conn, vault: &Vault, person: SubjectId, rows: Vec<CoverRow>) -> Result<Vec<(String, Cover)>, Failure> {
    let key = key(c, vault, person)?;
    let opened = |(id, account, reason, from, until): CoverRow| {
        let reason = super::open(&key, "cover", "reason", &id, &reason)?;
        let account = account.parse().map_err(Failure::internal)?;
        Ok((id, Cover { person, account, reason, from, until }))
    };
    rows.into_iter().map(opened).collect()
}
