//! All that is kept about someone, opened, for them to take away. Made from the one list of columns, so that nothing can be left out.

use std::collections::{BTreeMap, HashMap};

use diesel::{
    QueryableByName, RunQueryDsl, sql_query,
    sql_types::{Nullable, Text},
};
use serde_json::{Map, Value};

use super::columns::{ABOUT_A_PERSON, Kind, ROWS_OF_A_PERSON, ROWS_OF_AN_ACCOUNT};
use crate::{
    accounts::{self, clients},
    audit,
    db::Conn,
    error::Failure,
    on_each_engine,
    values::{AccountId, SubjectId, VenueId},
    vault::{Key, Place, Sealed, Vault},
    venues,
};

/// Pages of the record of who did what that are taken along, each of 50 entries.
const MOST_PAGES: u32 = 200;
/// Places that are asked for at once.
const AT_ONCE: usize = 100;

/// All that is kept about someone: for each table its rows, for each row its columns.
#[derive(Debug, Clone, Default)]
pub struct Export(pub Vec<(&'static str, Vec<Map<String, Value>>)>);

impl Export {
    /// As JSON, to be read by programs.
    pub fn json(&self) -> Value {
        let table = |(name, rows): &(&'static str, Vec<Map<String, Value>>)| {
            ((*name).to_owned(), Value::Array(rows.iter().cloned().map(Value::Object).collect()))
        };
        Value::Object(self.0.iter().map(table).collect())
    }
}

#[derive(QueryableByName)]
struct Cell {
    #[diesel(sql_type = Text)]
    at: String,
    #[diesel(sql_type = Nullable<Text>)]
    value: Option<String>,
}

/// Gathers all that is kept about someone. Not found where they were erased or never there.
pub fn export(c: &mut Conn, vault: &Vault, person: SubjectId) -> Result<Export, Failure> {
    let key = super::key(c, vault, person)?;
    let mut export = Export::default();
    for (table, theirs) in ROWS_OF_A_PERSON.iter().rev() {
        export.0.push((table, rows(c, vault, &key, table, theirs, &person.to_string())?));
    }
    if let Some(account) = clients::account_of(c, person)? {
        let key = super::key(c, vault, SubjectId(account.0))?;
        for (table, theirs) in ROWS_OF_AN_ACCOUNT.iter().rev() {
            export.0.push((table, rows(c, vault, &key, table, theirs, &account.to_string())?));
        }
    }
    export.0.push(("audit", record(c, person)?));
    export.0.retain(|(_, rows)| !rows.is_empty());
    Ok(export)
}

/// A person's rows of one table, column by column.
fn rows(
    c: &mut Conn,
    vault: &Vault,
    key: &Key,
    table: &'static str,
    theirs: &str,
    id: &str,
) -> Result<Vec<Map<String, Value>>, Failure> {
    let mut rows: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    let columns =
        ABOUT_A_PERSON.iter().filter(|(of, _, kind)| *of == table && matches!(kind, Kind::Words | Kind::Fact | Kind::Staff));
    for (_, column, kind) in columns {
        let row = row_of(table);
        let query = format!("SELECT {row} AS at, CAST({column} AS TEXT) AS value FROM {table} WHERE {theirs} ORDER BY 1");
        let cells: Vec<Cell> = on_each_engine!(c, inner => sql_query(query).bind::<Text, _>(id).load(inner))?;
        let names = if *kind == Kind::Staff { named(c, vault, &cells)? } else { HashMap::new() };
        for Cell { at: row, value } in cells {
            let value = match (kind, value) {
                (_, None) => Value::Null,
                (Kind::Words, Some(sealed)) => words(key, table, column, &row, sealed)?,
                (Kind::Staff, Some(id)) => names.get(&id).cloned().map_or(Value::Null, Value::String),
                (_, Some(fact)) => Value::String(fact),
            };
            rows.entry(row).or_default().insert((*column).to_owned(), value);
        }
    }
    let mut rows: Vec<Map<String, Value>> = rows.into_values().collect();
    name_places(c, &mut rows)?;
    rows.sort_by_key(|row| WHEN.iter().find_map(|name| row.get(*name)?.as_str()).unwrap_or_default().to_owned());
    Ok(rows)
}

/// Says beside each place's id what the place is called.
fn name_places(c: &mut Conn, rows: &mut [Map<String, Value>]) -> Result<(), Failure> {
    let id = |row: &Map<String, Value>| row.get("venue_id")?.as_str()?.parse::<VenueId>().ok();
    let ids: Vec<VenueId> = rows.iter().filter_map(id).collect();
    let mut names: HashMap<VenueId, String> = HashMap::new();
    for some in ids.chunks(AT_ONCE) {
        names.extend(venues::store::cards(c, some)?.into_iter().map(|card| (card.lead.id, card.lead.facts.name)));
    }
    for row in rows {
        if let Some(name) = id(row).and_then(|id| names.get(&id)) {
            row.insert("place".to_owned(), Value::String(name.clone()));
        }
    }
    Ok(())
}

/// The columns that say when a row was written, by which rows are put in order.
const WHEN: [&str; 9] = ["at", "marked_at", "changed_at", "created_at", "received_at", "given_at", "since", "from_at", "sent_at"];

/// What those are called whose ids stand in some cells; whoever left is called nothing.
fn named(c: &mut Conn, vault: &Vault, cells: &[Cell]) -> Result<HashMap<String, String>, Failure> {
    let ids: Vec<AccountId> = cells.iter().filter_map(|cell| cell.value.as_ref()?.parse().ok()).collect();
    Ok(accounts::people::names(c, vault, &ids)?.into_iter().map(|(id, name)| (id.to_string(), name)).collect())
}

/// What tells a table's rows apart; sealed values are bound to it.
fn row_of(table: &str) -> &'static str {
    match table {
        "aspiration_marks" => "aspiration_id || ' ' || venue_id || ' ' || marked_by",
        "fresh_places" => "aspiration_id || ' ' || venue_id",
        "grants" => "role || ' ' || team_id",
        "profiles" | "mail_choices" => "account_id",
        "record_ends" => "person_id",
        "likenesses" => "mark",
        "own_steps" => "step",
        "recovery_codes" => "code",
        _ => "id",
    }
}

/// Sealed words, opened; those that are a document are shown as one.
fn words(key: &Key, table: &'static str, column: &'static str, row: &str, sealed: String) -> Result<Value, Failure> {
    let opened = key.open(&Place::new(table, column, row), &Sealed::kept(sealed))?;
    let text = opened.show();
    let document = text.starts_with('{').then(|| serde_json::from_str(text).ok()).flatten();
    Ok(document.unwrap_or_else(|| Value::String(text.to_owned())))
}

/// What was done with someone's record, and when.
fn record(c: &mut Conn, person: SubjectId) -> Result<Vec<Map<String, Value>>, Failure> {
    let mut all = Vec::new();
    for page in 1..=MOST_PAGES {
        let found = audit::of(c, person, page)?;
        all.extend(found.entries.iter().map(|entry| {
            let fields = [("at", entry.at.to_string()), ("action", entry.action.label().to_owned())];
            fields.into_iter().map(|(name, value)| (name.to_owned(), Value::String(value))).collect::<Map<_, _>>()
        }));
        if !found.more {
            break;
        }
    }
    Ok(all)
}
