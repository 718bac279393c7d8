//! Someone's one timeline: what was written, how things moved on, and who came to go along. Each stands in its own table; here they are
//! one list, read a page at a time.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::{prelude::*, sql_query, sql_types};

use super::{record::EntryLine, words};
use crate::{
    accounts,
    db::Conn,
    error::Failure,
    on_each_engine,
    people::{
        caseload::{self, Along, Cover},
        timeline::{self, Entry, Sort},
    },
    referrals::{
        self, Way,
        state::State,
        store::{MoveRow, Row as Referral},
    },
    values::{AccountId, SubjectId},
    vault::Vault,
    web::views::say,
};

// What an item is, in the order in which such items stand that happened at the same moment: someone goes along first, and then it begins.
const CAME: i32 = 1;
const MOVED: i32 = 2;
const PARTED: i32 = 3;
const BESIDE: i32 = 4;
const BEGUN: i32 = 5;
const STOOD_IN: i32 = 6;
const WRITTEN: i32 = 7;

/// Everything that happened to someone, from the tables in which it stands.
fn everything() -> String {
    let allocated = State::Allocated;
    format!(
        "SELECT {CAME} AS rank, id, received_at AS at FROM referrals WHERE person_id = $1
        UNION ALL SELECT CASE from_state WHEN '{allocated}' THEN {BEGUN} ELSE {MOVED} END, id, at FROM referral_moves
            WHERE person_id = $1 AND to_state <> '{allocated}'
        UNION ALL SELECT {PARTED}, id, until FROM caseload WHERE person_id = $1 AND until IS NOT NULL
        UNION ALL SELECT {BESIDE}, id, since FROM caseload WHERE person_id = $1
        UNION ALL SELECT {STOOD_IN}, id, from_at FROM cover WHERE person_id = $1
        UNION ALL SELECT {WRITTEN}, id, at FROM entries WHERE person_id = $1"
    )
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = sql_types::Integer)]
    rank: i32,
    #[diesel(sql_type = sql_types::Text)]
    id: String,
    #[diesel(sql_type = sql_types::Timestamp)]
    at: NaiveDateTime,
}

#[derive(QueryableByName)]
struct Total {
    #[diesel(sql_type = sql_types::BigInt)]
    total: i64,
}

/// One page of someone's timeline, the latest first, and how long it is in all. `own` is what the person is called on it, and `reader` the
/// account that reads it; none where it is the person themself.
pub(super) fn page(
    c: &mut Conn,
    vault: &Vault,
    person: SubjectId,
    (page, per_page): (i64, i64),
    (own, reader): (&str, Option<AccountId>),
) -> Result<(Vec<EntryLine>, i64), Failure> {
    let (id, skip) = (person.to_string(), (page - 1).max(0) * per_page);
    let all = everything();
    let count = format!("SELECT COUNT(*) AS total FROM ({all}) AS everything");
    let total: Total = on_each_engine!(c, inner => sql_query(count).bind::<sql_types::Text, _>(&id).get_result(inner))?;
    let some = format!("{all} ORDER BY at DESC, rank DESC, id LIMIT {per_page} OFFSET {skip}");
    let found: Vec<Found> = on_each_engine!(c, inner => sql_query(some).bind::<sql_types::Text, _>(&id).load(inner))?;
    let what = What::read(c, vault, person, &found)?;
    let names = what.names(c, vault)?;
    let themself = accounts::clients::account_of(c, person)?;
    let name = |id: &AccountId| {
        if themself == Some(*id) {
            return own.to_owned();
        }
        names.get(id).cloned().unwrap_or_else(|| words::WORKED_HERE.to_owned())
    };
    let lines = found.iter().filter_map(|found| what.line(found, (own, reader), &name)).collect();
    Ok((lines, total.total))
}

/// What stands on a page, by the ids of its tables.
struct What {
    entries: HashMap<String, Entry>,
    moves: HashMap<String, MoveRow>,
    referrals: HashMap<String, Referral>,
    along: HashMap<String, (AccountId, Along)>,
    covers: HashMap<String, Cover>,
}

impl What {
    fn read(c: &mut Conn, vault: &Vault, person: SubjectId, found: &[Found]) -> Result<Self, Failure> {
        let of = |ranks: &[i32]| -> Vec<String> {
            found.iter().filter(|found| ranks.contains(&found.rank)).map(|found| found.id.clone()).collect()
        };
        let entries = timeline::these(c, vault, person, &of(&[WRITTEN]))?;
        Ok(Self {
            entries: entries.into_iter().map(|entry| (entry.id.to_string(), entry)).collect(),
            moves: referrals::store::these_moves(c, &of(&[MOVED, BEGUN]))?.into_iter().map(|row| (row.id.clone(), row)).collect(),
            referrals: referrals::store::of(c, person)?.into_iter().map(|row| (row.id.clone(), row)).collect(),
            along: caseload::these(c, &of(&[PARTED, BESIDE]))?,
            covers: caseload::these_covers(c, vault, person, &of(&[STOOD_IN]))?,
        })
    }

    fn names(&self, c: &mut Conn, vault: &Vault) -> Result<HashMap<AccountId, String>, Failure> {
        let writers = self.entries.values().filter_map(|entry| entry.by);
        let movers = self.moves.values().filter_map(mover);
        let along = self.along.values().map(|(account, _)| *account).chain(self.covers.values().map(|cover| cover.account));
        accounts::people::names(c, vault, &writers.chain(movers).chain(along).collect::<Vec<_>>())
    }

    fn line(
        &self,
        found: &Found,
        (own, reader): (&str, Option<AccountId>),
        name: &dyn Fn(&AccountId) -> String,
    ) -> Option<EntryLine> {
        let told = |who: String, words: String| EntryLine {
            sort: Sort::Move.code(),
            label: Sort::Move.label(),
            who,
            when: words::moment(found.at),
            lines: vec![words],
            out: None,
        };
        match found.rank {
            CAME => Some(told(String::new(), came(self.referrals.get(&found.id)?))),
            MOVED | BEGUN => {
                let row = self.moves.get(&found.id)?;
                Some(told(mover(row).map_or_else(String::new, |by| name(&by)), moved(row)))
            }
            PARTED | BESIDE => {
                let (account, along) = self.along.get(&found.id)?;
                Some(told(String::new(), beside(&name(account), *along, found.rank == BESIDE)))
            }
            STOOD_IN => {
                let stood = words::standing_in(self.covers.get(&found.id)?, &|account| name(account));
                Some(told(String::new(), format!("Stands in: {}", stood.text)))
            }
            _ => Some(EntryLine::of(self.entries.get(&found.id)?, own, name, reader)),
        }
    }
}

fn mover(row: &MoveRow) -> Option<AccountId> {
    row.by_account.as_ref().and_then(|by| by.parse().ok())
}

fn came(row: &Referral) -> String {
    format!("A note came. {}.", Way::from_code(&row.way).map_or("", Way::label))
}

fn beside(name: &str, along: Along, begins: bool) -> String {
    match (along, begins) {
        (Along::Worker, true) => format!("{name} goes along from now on."),
        (Along::Peer, true) => format!("{name} walks along from now on, as a peer."),
        (_, false) => format!("{name} no longer goes along."),
    }
}

/// How things moved on, in words that the person and whoever goes along can both read.
fn moved(row: &MoveRow) -> String {
    let (from, to) = (State::from_code(&row.from_state), State::from_code(&row.to_state));
    match (from, to) {
        (_, Some(State::Accepted)) => "Taken on. On the waiting list now.".to_owned(),
        (_, Some(State::Declined)) => "Not taken on, with word of where else to try.".to_owned(),
        (_, Some(State::Withdrawn)) => "The note was taken back.".to_owned(),
        (Some(State::Paused), Some(State::Active)) => "On again after the pause.".to_owned(),
        (Some(State::OpenDoor), Some(State::Active)) => "Back again. That took no new note.".to_owned(),
        (_, Some(State::Active)) => "It has begun.".to_owned(),
        (_, Some(State::Paused)) => row.paused_until.map_or_else(|| "A pause.".to_owned(), pause),
        (_, Some(State::OpenDoor)) => "The door stays open from now on.".to_owned(),
        (_, Some(State::EnteredInError)) => "It was one too many: an error, or one with another note.".to_owned(),
        (_, other) => other.map_or_else(String::new, |state| format!("{}.", state.label())),
    }
}

fn pause(until: NaiveDate) -> String {
    format!("A pause until {}.", say::date(until))
}
