//! SQL about the end of records. When anything last happened is asked in one place, so that the preview, the list and the run agree.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use diesel::{
    QueryableByName,
    prelude::*,
    sql_query,
    sql_types::{Date, Nullable, Text, Timestamp},
};

use super::{Ending, Sort};
use crate::{
    audit::Action,
    config::KeepConfig,
    db::Conn,
    error::Failure,
    on_each_engine,
    referrals::state::State,
    schema::record_ends,
    values::{AccountId, SubjectId, TeamId},
    vault::Sealed,
};

/// Values in one statement; SQLite takes so many.
const AT_ONCE: usize = 500;

/// Which of the records are asked for.
#[derive(Debug, Clone)]
pub enum Within {
    /// All.
    All,
    /// Those of these teams, and those that no team has taken.
    Teams(Vec<TeamId>),
    /// This one.
    Person(SubjectId),
    /// Those on the list.
    Listed,
    /// Those that aren't on it.
    Unlisted,
    /// Those that have been on it since this day or longer.
    ListedBefore(NaiveDate),
}

impl Within {
    /// As SQL. What stands in it are ids and days, which can hold nothing else.
    fn sql(&self) -> String {
        match self {
            Self::All => "TRUE".to_owned(),
            Self::Teams(teams) => {
                let teams: Vec<String> = teams.iter().map(|team| format!(", '{team}'")).collect();
                format!("(p.team_id IS NULL OR p.team_id IN (''{}))", teams.concat())
            }
            Self::Person(person) => format!("p.id = '{person}'"),
            Self::Listed => "r.listed_on IS NOT NULL".to_owned(),
            Self::Unlisted => "r.listed_on IS NULL".to_owned(),
            Self::ListedBefore(day) => format!("r.listed_on <= '{day}'"),
        }
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    person_id: String,
    #[diesel(sql_type = Text)]
    sort: String,
    #[diesel(sql_type = Timestamp)]
    newest: NaiveDateTime,
    #[diesel(sql_type = Nullable<Date>)]
    kept_until: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Date>)]
    listed_on: Option<NaiveDate>,
}

/// Records whose time is up by this day, those first with which nothing happened for longest, at most `most`.
pub(super) fn near(c: &mut Conn, keep: &KeepConfig, by: NaiveDate, within: &Within, most: i64) -> Result<Vec<Ending>, Failure> {
    let query = question(c, keep, by, within, most);
    let rows: Vec<Row> = on_each_engine!(c, inner => sql_query(query).load(inner))?;
    rows.iter().map(ending).collect()
}

fn ending(row: &Row) -> Result<Ending, Failure> {
    Ok(Ending {
        person: row.person_id.parse().map_err(Failure::internal)?,
        sort: Sort::from_code(&row.sort).ok_or_else(|| Failure::internal("a sort of record that nobody knows"))?,
        last: row.newest.date(),
        kept_until: row.kept_until,
        listed_on: row.listed_on,
    })
}

/// Whoever has something under way isn't asked about at all. Whatever happened counts, and so does that they signed in.
fn question(c: &Conn, keep: &KeepConfig, by: NaiveDate, within: &Within, most: i64) -> String {
    let running: Vec<String> = State::RUNNING.iter().map(|state| format!("'{state}'")).collect();
    let (running, door) = (running.join(", "), State::OpenDoor);
    // The record of who did what keeps its times as text.
    let signed_in_at = match c {
        Conn::Sqlite(_) => "REPLACE(audit.at, 'T', ' ')",
        Conn::Postgres(_) => "CAST(audit.at AS TIMESTAMP)",
    };
    let bound = |sort: Sort| by - keep.time(sort) + TimeDelta::days(1);
    let (not_begun, open_door) = (bound(Sort::NotBegun), bound(Sort::OpenDoor));
    format!(
        "WITH ended (person_id, sort) AS (
            SELECT id, CASE WHEN EXISTS (SELECT 1 FROM referrals WHERE person_id = people.id AND state = '{door}')
                THEN '{open}' ELSE '{none}' END
            FROM people WHERE NOT EXISTS (SELECT 1 FROM referrals WHERE person_id = people.id AND state IN ({running}))
        ),
        happened (person_id, happened_at) AS (
            SELECT id, updated_at FROM people
            UNION ALL SELECT person_id, updated_at FROM referrals
            UNION ALL SELECT person_id, at FROM referral_moves
            UNION ALL SELECT person_id, at FROM entries
            UNION ALL SELECT person_id, updated_at FROM aspirations
            UNION ALL SELECT aspirations.person_id, marked_at FROM aspiration_marks
                JOIN aspirations ON aspirations.id = aspiration_marks.aspiration_id
            UNION ALL SELECT person_id, given_at FROM consents
            UNION ALL SELECT person_id, withdrawn_at FROM consents
            UNION ALL SELECT person_id, done_at FROM tasks
            UNION ALL SELECT person_id, since FROM caseload
            UNION ALL SELECT person_id, until_at FROM cover
            UNION ALL SELECT accounts.person_id, {signed_in_at} FROM accounts
                JOIN audit ON audit.subject IN (accounts.id, accounts.person_id)
                WHERE audit.action IN ('{signed_in}', '{card_used}') AND accounts.person_id IS NOT NULL
        ),
        newest (person_id, newest) AS (
            SELECT person_id, MAX(happened_at) FROM happened
            WHERE person_id IN (SELECT person_id FROM ended) GROUP BY person_id
        )
        SELECT e.person_id, e.sort, n.newest, r.kept_until, r.listed_on FROM ended e
            JOIN newest n ON n.person_id = e.person_id
            JOIN people p ON p.id = e.person_id
            LEFT JOIN record_ends r ON r.person_id = e.person_id
        WHERE ((e.sort = '{none}' AND n.newest < '{not_begun}') OR (e.sort = '{open}' AND n.newest < '{open_door}'))
            AND (r.kept_until IS NULL OR r.kept_until <= '{by}') AND {within}
        ORDER BY n.newest, e.person_id LIMIT {most}",
        open = Sort::OpenDoor,
        none = Sort::NotBegun,
        signed_in = Action::SignedIn,
        card_used = Action::CardUsed,
        within = within.sql(),
    )
}

/// Puts records onto the list.
pub(super) fn put_on(c: &mut Conn, people: &[SubjectId], today: NaiveDate) -> Result<(), Failure> {
    for person in people {
        let set = record_ends::listed_on.eq(today);
        let row = (record_ends::person_id.eq(person.to_string()), set);
        on_each_engine!(c, inner => diesel::insert_into(record_ends::table)
            .values(row)
            .on_conflict(record_ends::person_id)
            .do_update()
            .set(set)
            .execute(inner))?;
    }
    Ok(())
}

/// Takes off the list whoever isn't among these.
pub(super) fn take_off(c: &mut Conn, near: &[SubjectId]) -> Result<(), Failure> {
    let listed: Vec<String> =
        record_ends::table.filter(record_ends::listed_on.is_not_null()).select(record_ends::person_id).load(c)?;
    let near: std::collections::HashSet<String> = near.iter().map(ToString::to_string).collect();
    let off: Vec<&String> = listed.iter().filter(|person| !near.contains(*person)).collect();
    for some in off.chunks(AT_ONCE) {
        let those = record_ends::table.filter(record_ends::person_id.eq_any(some.iter().copied()));
        diesel::update(those).set(record_ends::listed_on.eq(None::<NaiveDate>)).execute(c)?;
    }
    Ok(())
}

/// Keeps a record until a day, and takes it off the list.
pub(super) fn keep(
    c: &mut Conn,
    person: SubjectId,
    until: NaiveDate,
    reason: &Sealed,
    by: AccountId,
    now: NaiveDateTime,
) -> Result<(), Failure> {
    let row = (record_ends::person_id.eq(person.to_string()), record_ends::listed_on.eq(None::<NaiveDate>));
    on_each_engine!(c, inner => diesel::insert_into(record_ends::table).values(row).on_conflict_do_nothing().execute(inner))?;
    let set = (
        record_ends::listed_on.eq(None::<NaiveDate>),
        record_ends::kept_until.eq(until),
        record_ends::reason.eq(reason),
        record_ends::kept_by.eq(by.to_string()),
        record_ends::kept_at.eq(now),
    );
    diesel::update(record_ends::table.find(person.to_string())).set(set).execute(c)?;
    Ok(())
}

/// Forgets about the end of a record that is another's now.
pub fn forget(c: &mut Conn, person: SubjectId) -> Result<(), Failure> {
    diesel::delete(record_ends::table.find(person.to_string())).execute(c)?;
    Ok(())
}
