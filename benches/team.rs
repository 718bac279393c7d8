//! A made-up team of any size: people, what was written down about them, and those who look after them.

use std::{fs, path::Path};

use chrono::{NaiveDateTime, TimeDelta};
use clap::Parser;
use diesel::{RunQueryDsl, sql_query};
use footbridge::{
    accounts::{
        self, Grant, Role, Sort,
        session::{self, Browser, Stage},
        start, store,
    },
    audit::Actor,
    clock::Clock,
    config::Config,
    db::{Conn, Db},
    error::Failure,
    people::{self, About, tasks, timeline},
    referrals::{
        self, By, New, Taken, Way,
        state::{Move, Who},
    },
    values::{AccountId, SubjectId, TeamId},
    vault::{Private, Vault},
};

/// People whom each bridge builder goes along with.
pub const CASELOAD: usize = 60;
/// Entries on each person's timeline.
pub const ENTRIES: usize = 40;
/// People who are made in one transaction.
const AT_ONCE: usize = 100;
/// Days between two entries.
const EVERY: i64 = 6;

/// Those of a team who look at it.
pub struct Team {
    /// What the browser of a bridge builder holds who has a full caseload.
    pub bridge_builder: String,
    /// What the browser of a coordinator holds.
    pub coordinator: String,
    /// The records of that caseload.
    pub records: Vec<SubjectId>,
}

#[derive(Parser)]
struct Settings {
    #[command(flatten)]
    config: Config,
}

/// The database in a folder that is made anew, or another that is empty, and what seals its values.
pub fn fresh(folder: &Path, database: Option<&str>) -> (Db, Vault) {
    if folder.exists() {
        fs::remove_dir_all(folder).expect("the old folder goes");
    }
    fs::create_dir_all(folder).expect("a folder");
    let data = folder.display().to_string();
    let mut words = vec!["footbridge", "--data-dir", &data, "--mail-url", "memory:"];
    words.extend(database.iter().flat_map(|url| ["--database-url", url]));
    let config = Settings::try_parse_from(words).expect("settings").config;
    let db = Db::open(&config.database(), 2).expect("a database");
    let vault = Vault::open(&config, &db, Clock::System).expect("keys");
    (db, vault)
}

/// Fills a database with a team that looks after so many people.
pub fn make(folder: &Path, database: Option<&str>, size: usize) -> Team {
    let (db, vault) = fresh(folder, database);
    let now = Clock::System.stamp();
    let (team, coordinator, workers) =
        db.write_now(|c| staff(c, &vault, size.div_ceil(CASELOAD), now)).expect("those who work there");
    let mut records = Vec::new();
    for from in (0..size).step_by(AT_ONCE) {
        let made = db.write_now(|c| {
            let numbers = from..(from + AT_ONCE).min(size);
            numbers.map(|at| person(c, &vault, team, workers[at / CASELOAD], at, now)).collect::<Result<Vec<_>, Failure>>()
        });
        records.extend(made.expect("people"));
    }
    records.truncate(CASELOAD);
    if database.is_some() {
        // PostgreSQL does so by itself within a minute or two.
        db.write_now(|c| Ok(sql_query("ANALYZE").execute(c)?)).expect("counts");
    }
    let browser =
        |account| db.write_now(|c| session::begin(c, account, Stage::Whole, &Browser::default(), now)).expect("a session");
    let (bridge_builder, coordinator) = (browser(workers[0]), browser(coordinator));
    Team { bridge_builder: bridge_builder.show().to_owned(), coordinator: coordinator.show().to_owned(), records }
}

fn staff(
    c: &mut Conn,
    vault: &Vault,
    workers: usize,
    now: NaiveDateTime,
) -> Result<(TeamId, AccountId, Vec<AccountId>), Failure> {
    let team = start::team(c, "Harbour Trust", Sort::Voluntary, "East team", now)?;
    let mut one = |role, name: String| account(c, vault, role, Some(team), &name, now);
    let coordinator = one(Role::Coordinator, "coordinator".to_owned())?;
    let workers: Result<Vec<_>, _> = (0..workers).map(|at| one(Role::BridgeBuilder, format!("worker-{at}"))).collect();
    Ok((team, coordinator, workers?))
}

/// An account that can sign in by mail.
pub fn account(
    c: &mut Conn,
    vault: &Vault,
    role: Role,
    team: Option<TeamId>,
    name: &str,
    now: NaiveDateTime,
) -> Result<AccountId, Failure> {
    let email = format!("{name}@bench.example").parse().map_err(|_| Failure::internal("an address"))?;
    let id = accounts::people::add(c, vault, Some(&email), &Private::new(name), accounts::State::Active, now)?;
    store::set_grants(c, id, &[Grant { role, team }], now)?;
    Ok(id)
}

/// Someone on a caseload: most go on, some are new, paused or behind the open door.
fn person(
    c: &mut Conn,
    vault: &Vault,
    team: TeamId,
    worker: AccountId,
    at: usize,
    now: NaiveDateTime,
) -> Result<SubjectId, Failure> {
    let long_ago = now - TimeDelta::days(EVERY * ENTRIES as i64 + 30);
    let text = |_| Failure::internal("the words are too long");
    let about = About { chosen_name: format!("Person {at}").parse().map_err(text)?, ..About::default() };
    let person = people::add(c, vault, Some(team), &about, long_ago)?;
    moved_on(c, vault, person, (team, worker), at, long_ago)?;
    for entry in 0..ENTRIES {
        let (sort, by) = match entry % 4 {
            0 => (timeline::Sort::Message, None),
            1 => (timeline::Sort::Message, Some(worker)),
            2 => (timeline::Sort::Contact, Some(worker)),
            _ => (timeline::Sort::Note, Some(worker)),
        };
        let when = now - TimeDelta::days(EVERY * (ENTRIES - entry) as i64 + (at % 40) as i64);
        timeline::add(c, vault, person, sort, by, "We met at the library and had tea. Next week the studio.", when)?;
    }
    // Every seventh waits for an answer.
    if !at.is_multiple_of(7) {
        timeline::seen(c, person, true, (now, now))?;
    }
    if at.is_multiple_of(3) {
        tasks::add(c, vault, person, worker, "Ring the studio", now.date() + TimeDelta::days((at % 9) as i64 - 4))?;
    }
    Ok(person)
}

fn moved_on(
    c: &mut Conn,
    vault: &Vault,
    person: SubjectId,
    (team, worker): (TeamId, AccountId),
    at: usize,
    when: NaiveDateTime,
) -> Result<(), Failure> {
    let new = New {
        person,
        way: Way::Own,
        taken: Taken::Page,
        team: Some(team),
        venue: None,
        referrer: None,
        words: Private::new("I would like to play guitar with others"),
        form_mark: person.to_string(),
    };
    let key = people::key(c, vault, person)?;
    let referral = referrals::open(c, &key, &new, Actor::Visitor, when)?.ok_or(Failure::NotFound)?;
    let go = |c: &mut Conn, step, who| referrals::apply(c, vault, referral, step, By { who, written: Actor::System }, None, when);
    go(c, Move::Accept, Who::Coordinator)?;
    go(c, Move::Allocate, Who::Coordinator)?;
    referrals::give_to(c, referral, worker, Actor::System, when)?;
    if at % 10 == 1 {
        return Ok(());
    }
    go(c, Move::Begin, Who::BridgeBuilder)?;
    match at % 10 {
        2 => go(c, Move::Pause { until: Some(when.date() + TimeDelta::days(400)) }, Who::Person).map(drop),
        3 => go(c, Move::OpenDoor, Who::Person).map(drop),
        _ => Ok(()),
    }
}
