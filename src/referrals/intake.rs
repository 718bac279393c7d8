//! What a coordinator decides about a referral: taking it on, or not, and who goes along.

use chrono::{NaiveDateTime, TimeDelta};

use super::{
    By, Way, apply, give_to,
    join::{self, Join},
    note,
    state::{Move, State, Who},
    store::{self, Row},
    take,
    telling::{self, ELSEWHERE},
};
use crate::{
    accounts::{self, Principal, Role, clients, notices},
    app::App,
    audit::{Action, Actor},
    db::Conn,
    error::{Failure, Problem},
    mail::{self, NotWithUs, StillHere},
    people::{
        self, caseload,
        profile::{self, Profile},
        steps,
        timeline::{self, Sort},
    },
    values::{AccountId, Email, ReferralId, SubjectId, TeamId, Text},
    vault::{Private, Vault},
};

/// How often whoever waits is told that they are on the list.
pub const TELL_AGAIN: TimeDelta = TimeDelta::days(14);
/// Most who are looked through, and who are told, at once.
const MOST_TOLD: i64 = 200;
const MOST_AT_ONCE: usize = 200;
/// How often as many are looked through for those whom a letter reaches.
const MOST_ROUNDS: i64 = 20;
/// Most bridge builders of a team who are shown.
const MOST_BUILDERS: i64 = 200;

/// Whose decision it is, written down by this account.
fn by(who: Who, principal: &Principal) -> By {
    By { who, written: Actor::Account(principal.account) }
}

/// Takes a referral on, into a team's waiting list.
pub fn accept(c: &mut Conn, app: &App, who: &Principal, id: ReferralId, team: TeamId, now: NaiveDateTime) -> Result<(), Failure> {
    if !who.teams_as(Role::Coordinator).contains(&team) {
        return Err(Failure::Invalid(vec![Problem::new("team", "Choose one of your teams.")]));
    }
    apply(c, &app.vault, id, Move::Accept, by(Who::Coordinator, who), None, now)?;
    take(c, id, team, now)
}

/// Doesn't take a referral on; says why and where else to try. A team that decides has the record. Whether a letter tells the person.
pub fn decline(
    c: &mut Conn,
    app: &App,
    who: &Principal,
    id: ReferralId,
    reason: &Text<1000>,
    elsewhere: &Text<1000>,
    now: NaiveDateTime,
) -> Result<bool, Failure> {
    let step = Move::Decline { reason: !reason.is_empty(), elsewhere: !elsewhere.is_empty() };
    let why = Private::new(format!("{}{ELSEWHERE}{}", reason.as_str(), elsewhere.as_str()));
    apply(c, &app.vault, id, step, by(Who::Coordinator, who), Some(&why), now)?;
    into_own_team(c, who, id, now)?;
    let row = store::one(c, id)?.ok_or(Failure::NotFound)?;
    let letter = NotWithUs {
        own: Way::from_code(&row.way).is_some_and(|way| matches!(way, Way::Own | Way::Return)),
        reason: reason.as_str().to_owned(),
        elsewhere: elsewhere.as_str().to_owned(),
    };
    write_to(c, &app.vault, row.person_id.parse().map_err(Failure::internal)?, &letter, now)
}

/// Letters that a reason has at least: less is no answer to someone.
const LEAST_WORDS: usize = 10;

/// What is wrong with what is said to someone who isn't taken on, all of it at once.
pub fn unkind(reason: &Text<1000>, elsewhere: &Text<1000>) -> Vec<Problem> {
    let short = |text: &Text<1000>| text.as_str().chars().count() < LEAST_WORDS;
    let reason = short(reason).then(|| Problem::new("reason", "Say why, in a few kind words."));
    let elsewhere =
        short(elsewhere).then(|| Problem::new("elsewhere", "Say where else they could try: a name, and how to reach it."));
    reason.into_iter().chain(elsewhere).collect()
}

/// Posts a letter to a person who has an address for it. Whether they have.
fn write_to(c: &mut Conn, vault: &Vault, person: SubjectId, letter: &NotWithUs, now: NaiveDateTime) -> Result<bool, Failure> {
    let about = people::about(c, vault, person)?.ok_or(Failure::NotFound)?;
    let own = about.contact.email.map(|email| Private::new(email.as_str()));
    let address = match own {
        Some(own) => Some(own),
        None => clients::address_of(c, vault, person)?.map(|(_, address)| address),
    };
    let Some(address) = address else { return Ok(false) };
    mail::post(c, vault, person, &address, letter, now)?;
    Ok(true)
}

/// A record that no team has yet goes to the team of whoever decides.
fn into_own_team(c: &mut Conn, who: &Principal, id: ReferralId, now: NaiveDateTime) -> Result<(), Failure> {
    let taken = store::one(c, id)?.is_some_and(|row| row.team_id.is_some());
    match who.teams_as(Role::Coordinator).first() {
        Some(team) if !taken => take(c, id, *team, now),
        _ => Ok(()),
    }
}

/// The person took it back; a coordinator writes it down.
pub fn withdraw(c: &mut Conn, app: &App, who: &Principal, id: ReferralId, now: NaiveDateTime) -> Result<(), Failure> {
    apply(c, &app.vault, id, Move::Withdraw, by(Who::Person, who), None, now)?;
    into_own_team(c, who, id, now)
}

/// The person says stop: from now on the door is open. A coordinator writes it down.
pub fn stop(c: &mut Conn, app: &App, who: &Principal, id: ReferralId, now: NaiveDateTime) -> Result<(), Failure> {
    apply(c, &app.vault, id, Move::OpenDoor, by(Who::Person, who), None, now).map(|_| ())
}

/// There should never have been such a referral.
pub fn enter_in_error(
    c: &mut Conn,
    app: &App,
    who: &Principal,
    id: ReferralId,
    why: &Text<500>,
    now: NaiveDateTime,
) -> Result<(), Failure> {
    if why.is_empty() {
        return Err(Failure::invalid("why", "Say what was wrong."));
    }
    apply(c, &app.vault, id, Move::EnterInError, by(Who::Coordinator, who), Some(&Private::new(why.as_str())), now)?;
    into_own_team(c, who, id, now)
}

/// Someone got in touch with the person.
pub fn in_touch(
    c: &mut Conn,
    app: &App,
    who: &Principal,
    id: ReferralId,
    said: &Text<2000>,
    now: NaiveDateTime,
) -> Result<(), Failure> {
    if said.is_empty() {
        return Err(Failure::invalid("said", "Write a line about it."));
    }
    let person = store::person_of(c, id)?.ok_or(Failure::NotFound)?;
    timeline::add(c, &app.vault, person, Sort::Contact, Some(who.account), said.as_str(), now)?;
    telling::in_touch(c, &app.vault, person, Actor::Account(who.account), (now, now))?;
    steps::put_aside(c, who, person, now, now)
}

/// A bridge builder, with what helps to choose.
pub struct Builder {
    /// Their account.
    pub account: AccountId,
    /// What they are called.
    pub name: Private,
    /// How many people they go along with now.
    pub people: i64,
    /// What they know well.
    pub profile: Profile,
}

/// The bridge builders of a team, those with the fewest people first.
pub fn builders(c: &mut Conn, app: &App, team: TeamId) -> Result<Vec<Builder>, Failure> {
    let rows = accounts::store::holding(c, Role::BridgeBuilder, &[team], MOST_BUILDERS)?;
    let ids: Vec<AccountId> = rows.iter().filter_map(|row| row.id.parse().ok()).collect();
    let counts = caseload::counts(c, &ids)?;
    let mut profiles = profile::of(c, &app.vault, &ids)?;
    let mut builders = Vec::with_capacity(rows.len());
    for row in &rows {
        let (Ok(account), Some((name, _))) = (row.id.parse(), accounts::people::opened(c, &app.vault, row)?) else {
            continue;
        };
        let people = counts.get(&account).copied().unwrap_or_default();
        builders.push(Builder { account, name, people, profile: profiles.remove(&account).unwrap_or_default() });
    }
    builders.sort_by_key(|builder| builder.people);
    Ok(builders)
}

/// Says which bridge builder of the team goes along, in place of the one `before`: where someone else chose meanwhile, it is asked again.
/// Whoever has nobody beside them any more gets someone without another move.
pub fn allocate(
    c: &mut Conn,
    app: &App,
    who: &Principal,
    id: ReferralId,
    (before, worker): (&str, &str),
    now: NaiveDateTime,
) -> Result<(), Failure> {
    let person = store::person_of(c, id)?.ok_or(Failure::NotFound)?;
    people::store::hold(c, person)?;
    let row = store::one(c, id)?.ok_or(Failure::NotFound)?;
    let choose = || Failure::invalid("worker", "Choose a bridge builder.");
    if row.worker_id.as_deref().unwrap_or_default() != before {
        return Err(Failure::invalid(
            "worker",
            "Someone else chose meanwhile. See who goes along now, and choose again if need be.",
        ));
    }
    if !before.is_empty() && before == worker {
        return Ok(());
    }
    let team: TeamId = row.team_id.and_then(|team| team.parse().ok()).ok_or_else(choose)?;
    let chosen = builders(c, app, team)?.into_iter().find(|builder| builder.account.to_string() == worker).ok_or_else(choose)?;
    match State::from_code(&row.state) {
        Some(State::Accepted) => {
            apply(c, &app.vault, id, Move::Allocate, by(Who::Coordinator, who), None, now)?;
        }
        Some(State::Allocated | State::Active | State::Paused) => {}
        _ => return Err(Failure::invalid("worker", "That can’t be done as things stand now.")),
    }
    notices::tell_staff(c, &app.vault, &app.web.public_url(), chosen.account, now)?;
    give_to(c, id, chosen.account, Actor::Account(who.account), now)
}

/// Those who wait, have an address and weren't told lately, at most 200, whoever waits longest first. Those without one keep nobody out.
pub fn reachable(c: &mut Conn, app: &App, teams: &[TeamId], now: NaiveDateTime) -> Result<Vec<(Row, SubjectId, Email)>, Failure> {
    let mut found = Vec::new();
    for round in 0..MOST_ROUNDS {
        let rows = store::untold(c, teams, now - TELL_AGAIN, round * MOST_TOLD, MOST_TOLD)?;
        let people: Vec<SubjectId> = rows.iter().filter_map(|row| row.person_id.parse().ok()).collect();
        let abouts = people::abouts(c, &app.vault, &people)?;
        let there_are_no_more = rows.is_empty();
        found.extend(rows.into_iter().filter_map(|row| {
            let person = row.person_id.parse().ok()?;
            let email = abouts.get(&person)?.contact.email.clone()?;
            Some((row, person, email))
        }));
        if there_are_no_more || found.len() >= MOST_AT_ONCE {
            break;
        }
    }
    found.truncate(MOST_AT_ONCE);
    Ok(found)
}

/// Posts a letter to those of them who want one now. How many that were.
pub fn tell_those_who_wait(c: &mut Conn, app: &App, who: &Principal, now: NaiveDateTime) -> Result<usize, Failure> {
    let mut told = 0;
    for (row, person, email) in reachable(c, app, &who.teams_as(Role::Coordinator), now)? {
        told += usize::from(tell_one(c, app, who, (&row, person), &email, now)?);
    }
    Ok(told)
}

/// Posts the letter to one of them, where they want one now.
fn tell_one(
    c: &mut Conn,
    app: &App,
    who: &Principal,
    (row, person): (&Row, SubjectId),
    email: &Email,
    now: NaiveDateTime,
) -> Result<bool, Failure> {
    let account = clients::account_of(c, person)?;
    if let Some(account) = account
        && !notices::may_write(c, account, now)?
    {
        return Ok(false);
    }
    let choose = account.map(|_| format!("{}{}", app.web.public_url(), notices::CHOOSE));
    mail::post(c, &app.vault, person, &Private::new(email.as_str()), &StillHere { choose }, now)?;
    store::told(c, &row.id, now)?;
    note(c, Actor::Account(who.account), Action::LetterPosted, person, &row.id, now)?;
    Ok(true)
}

/// Joins the record of a referral into another that this coordinator sees. Which referral stands then, if it was kept.
pub fn join_into(
    c: &mut Conn,
    app: &App,
    who: &Principal,
    id: ReferralId,
    (other, ways_are_theirs): (SubjectId, bool),
    now: NaiveDateTime,
) -> Result<Option<ReferralId>, Failure> {
    let gone = store::person_of(c, id)?.ok_or(Failure::NotFound)?;
    if !people::may_see(c, who, other, now)? {
        return Err(Failure::NotFound);
    }
    let own = people::store::team_of(c, gone)?.flatten().or_else(|| who.teams_as(Role::Coordinator).first().copied());
    let team = people::store::team_of(c, other)?.flatten().or(own).ok_or(Failure::NotFound)?;
    join::join_and_tell(c, app, Join { kept: other, gone, by: who.account, ways_are_theirs }, now)?;
    steps::took(c, other, steps::Step::Noted, now)?;
    people::into_team(c, other, team, now)?;
    join::into_the_same_team(c, other)?;
    super::standing(c, other)
}
