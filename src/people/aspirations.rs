//! What someone wants from life, in their own words, and what they and their bridge builder think of places for it.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Line, earlier, key, open, seal};
use crate::{
    db::Conn,
    error::Failure,
    on_each_engine,
    schema::{aspiration_marks, aspirations},
    values::{AccountId, AspirationId, SubjectId, Text, VenueId, choice},
    vault::{Key, Private, Sealed, Vault},
    venues::Access,
    vocabulary::Domain,
};

choice! {
    /// How it stands; they say so themself.
    State {
        Open = "open", "I want this";
        Paused = "paused", "Not just now";
        Reached = "reached", "I do this now";
        LetGo = "let-go", "I let it go";
    }
}

choice! {
    /// With whom.
    Company {
        Alone = "alone", "By myself";
        Someone = "someone", "With someone beside me at first";
        Others = "others", "With other people";
        Any = "any", "I don’t mind";
    }
}

choice! {
    /// What someone thinks of a place.
    Opinion {
        Like = "like", "I like it";
        Maybe = "maybe", "Maybe";
        NotForMe = "not-for-me", "Not for me";
    }
}

choice! {
    /// Who thinks so.
    By {
        Person = "person", "You";
        Worker = "worker", "Your bridge builder";
        Peer = "peer", "A peer worker or volunteer";
    }
}

/// What someone wants, in their own words. All of it is sealed, as one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Wanted {
    /// Their words.
    pub words: Text<5000>,
    /// A postcode, a district or words, as typed.
    pub near: Line,
    /// Kilometres.
    pub within_km: Option<u32>,
    /// "Tuesday mornings".
    pub when: Line,
    /// "Up to £5".
    pub cost: Line,
    /// With whom.
    pub with_whom: Option<Company>,
    /// What makes it easier, of what listings tell.
    pub access: Vec<Access>,
    /// "A seat near the door".
    pub easier: Line,
}

/// An aspiration.
#[derive(Debug, Clone)]
pub struct Aspiration {
    /// Its id.
    pub id: AspirationId,
    /// What they want.
    pub wanted: Wanted,
    /// The parts of life it sits in.
    pub domains: Vec<Domain>,
    /// How it stands.
    pub state: State,
    /// When it was written, UTC.
    pub created_at: NaiveDateTime,
    /// When it was last changed, UTC.
    pub updated_at: NaiveDateTime,
}

type Row = (String, Sealed, String, String, NaiveDateTime, NaiveDateTime);
type Columns = (
    aspirations::id,
    aspirations::about,
    aspirations::domains,
    aspirations::state,
    aspirations::created_at,
    aspirations::updated_at,
);
const ROW: Columns = (
    aspirations::id,
    aspirations::about,
    aspirations::domains,
    aspirations::state,
    aspirations::created_at,
    aspirations::updated_at,
);

/// Keeps something that someone wants.
pub fn add(
    c: &mut Conn,
    vault: &Vault,
    person: SubjectId,
    wanted: &Wanted,
    domains: &[Domain],
    now: NaiveDateTime,
) -> Result<AspirationId, Failure> {
    let key = key(c, vault, person)?;
    let id = AspirationId(Uuid::new_v4());
    let row = (
        aspirations::id.eq(id.to_string()),
        aspirations::person_id.eq(person.to_string()),
        aspirations::about.eq(seal(&key, "aspirations", "about", &id.to_string(), &serde_json::to_string(wanted)?)),
        aspirations::domains.eq(codes(domains)),
        aspirations::state.eq(State::Open.code()),
        aspirations::created_at.eq(now),
        aspirations::updated_at.eq(now),
    );
    diesel::insert_into(aspirations::table).values(row).execute(c)?;
    Ok(id)
}

fn codes(domains: &[Domain]) -> String {
    domains.iter().map(|domain| domain.code()).collect::<Vec<_>>().join(" ")
}

/// All that someone wants, open ones first, then the latest first.
pub fn of(c: &mut Conn, vault: &Vault, person: SubjectId) -> Result<Vec<Aspiration>, Failure> {
    let rows: Vec<Row> = aspirations::table
        .filter(aspirations::person_id.eq(person.to_string()))
        .order((aspirations::created_at.desc(), aspirations::id))
        .select(ROW)
        .load(c)?;
    let key = key(c, vault, person)?;
    let mut all: Vec<Aspiration> = rows.into_iter().map(|row| opened(&key, row)).collect::<Result<_, Failure>>()?;
    all.sort_by_key(|one| one.state);
    Ok(all)
}

fn opened(key: &Key, (id, about, domains, state, created_at, updated_at): Row) -> Result<Aspiration, Failure> {
    let wanted = open(key, "aspirations", "about", &id, &about)?;
    let wanted = serde_json::from_str(wanted.show())?;
    let domains = domains.split(' ').filter_map(Domain::from_code).collect();
    let id = id.parse().map_err(Failure::internal)?;
    let state = State::from_code(&state).unwrap_or(State::Open);
    Ok(Aspiration { id, wanted, domains, state, created_at, updated_at })
}

/// Some open aspirations of whomever, each with whose it is.
#[derive(Debug)]
pub struct Several {
    /// The aspirations, in the order of their ids; those of people whose key is gone are left out.
    pub all: Vec<(SubjectId, Aspiration)>,
    /// The last that was looked at, where there may be more after it.
    pub more: Option<AspirationId>,
}

/// Up to `most` open aspirations after this one, whosever they are.
pub fn open_after(c: &mut Conn, vault: &Vault, after: Option<AspirationId>, most: i64) -> Result<Several, Failure> {
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    let rows: Vec<(String, Row)> = aspirations::table
        .filter(aspirations::state.eq(State::Open.code()).and(aspirations::id.gt(after)))
        .order(aspirations::id)
        .limit(most)
        .select((aspirations::person_id, ROW))
        .load(c)?;
    let full = i64::try_from(rows.len()).is_ok_and(|len| len == most);
    let more = rows.last().filter(|_| full).map(|(_, row)| row.0.parse().map_err(Failure::internal)).transpose()?;
    let people: Vec<SubjectId> = rows.iter().filter_map(|(person, _)| person.parse().ok()).collect();
    let keys = vault.keys(c, &people)?;
    let opened = |(person, row): (String, Row)| {
        let person: SubjectId = person.parse().ok()?;
        Some(opened(keys.get(&person)?, row).map(|one| (person, one)))
    };
    Ok(Several { all: rows.into_iter().filter_map(opened).collect::<Result<_, Failure>>()?, more })
}

/// One thing that someone wants. Not found where it isn't theirs.
pub fn one(c: &mut Conn, vault: &Vault, person: SubjectId, id: AspirationId) -> Result<Aspiration, Failure> {
    of(c, vault, person)?.into_iter().find(|one| one.id == id).ok_or(Failure::NotFound)
}

/// Changes what someone wants; what it said before is kept, with who changed it: none where they did so themself. Whether anything of it
/// was changed. Not found where it isn't theirs.
pub fn change(
    c: &mut Conn,
    vault: &Vault,
    (person, id): (SubjectId, AspirationId),
    wanted: &Wanted,
    domains: &[Domain],
    by: Option<AccountId>,
    now: NaiveDateTime,
) -> Result<bool, Failure> {
    let before = one(c, vault, person, id)?;
    if before.wanted == *wanted && before.domains == domains {
        return Ok(false);
    }
    let key = key(c, vault, person)?;
    if before.wanted != *wanted {
        earlier::keep(c, &key, &before, by, now)?;
    }
    let about = seal(&key, "aspirations", "about", &id.to_string(), &serde_json::to_string(wanted)?);
    let set = (aspirations::about.eq(about), aspirations::domains.eq(codes(domains)), aspirations::updated_at.eq(now));
    diesel::update(aspirations::table.find(id.to_string())).set(set).execute(c)?;
    Ok(true)
}

/// Sets how it stands. Whether it stood otherwise before. Not found where it isn't theirs.
pub fn set_state(c: &mut Conn, person: SubjectId, id: AspirationId, to: State, now: NaiveDateTime) -> Result<bool, Failure> {
    let theirs = aspirations::id.eq(id.to_string()).and(aspirations::person_id.eq(person.to_string()));
    let before: Option<String> = aspirations::table.filter(theirs).select(aspirations::state).first(c).optional()?;
    let before = before.ok_or(Failure::NotFound)?;
    let set = (aspirations::state.eq(to.code()), aspirations::updated_at.eq(now));
    diesel::update(aspirations::table.find(id.to_string())).set(set).execute(c)?;
    Ok(before != to.code())
}

/// Takes away what someone never said they want, with all that hangs on it.
pub fn remove(c: &mut Conn, person: SubjectId, id: AspirationId) -> Result<(), Failure> {
    use crate::schema::{earlier_aspirations, fresh_places, shared_lists};
    let at = id.to_string();
    diesel::delete(aspiration_marks::table.filter(aspiration_marks::aspiration_id.eq(&at))).execute(c)?;
    diesel::delete(fresh_places::table.filter(fresh_places::aspiration_id.eq(&at))).execute(c)?;
    diesel::delete(shared_lists::table.filter(shared_lists::aspiration_id.eq(&at))).execute(c)?;
    diesel::delete(earlier_aspirations::table.filter(earlier_aspirations::aspiration_id.eq(&at))).execute(c)?;
    let theirs = aspirations::id.eq(&at).and(aspirations::person_id.eq(person.to_string()));
    diesel::delete(aspirations::table.filter(theirs)).execute(c)?;
    Ok(())
}

/// What someone thinks of a place for an aspiration.
#[derive(Debug, Clone)]
pub struct Mark {
    /// The place.
    pub venue: VenueId,
    /// Who thinks so.
    pub by: By,
    /// What they think.
    pub opinion: Opinion,
    /// Why.
    pub why: Option<Private>,
    /// Whether the person chose to go there.
    pub chosen: bool,
    /// When, UTC.
    pub marked_at: NaiveDateTime,
}

/// Keeps what someone thinks of a place, in place of what they thought before; who thinks the same and says no reason still has the one they
/// gave. Not found where the aspiration isn't the person's.
pub fn mark(c: &mut Conn, vault: &Vault, person: SubjectId, id: AspirationId, mark: &Mark) -> Result<(), Failure> {
    let key = key(c, vault, person)?;
    let theirs = aspirations::id.eq(id.to_string()).and(aspirations::person_id.eq(person.to_string()));
    let known: Option<String> = aspirations::table.filter(theirs).select(aspirations::id).first(c).optional()?;
    known.ok_or(Failure::NotFound)?;
    let place = mark_place(id, mark.venue, mark.by);
    let row = (id.to_string(), mark.venue.to_string(), mark.by.code().to_owned());
    let same = aspiration_marks::table.find(row).filter(aspiration_marks::mark.eq(mark.opinion.code()));
    let why = match &mark.why {
        Some(why) => Some(seal(&key, "aspiration_marks", "why", &place, why.show())),
        None => same.select(aspiration_marks::why).first::<Option<Sealed>>(c).optional()?.flatten(),
    };
    let set = (
        aspiration_marks::mark.eq(mark.opinion.code()),
        aspiration_marks::why.eq(&why),
        aspiration_marks::chosen.eq(mark.chosen),
        aspiration_marks::marked_at.eq(mark.marked_at),
    );
    let row = (
        aspiration_marks::aspiration_id.eq(id.to_string()),
        aspiration_marks::venue_id.eq(mark.venue.to_string()),
        aspiration_marks::marked_by.eq(mark.by.code()),
        set,
    );
    on_each_engine!(c, inner => diesel::insert_into(aspiration_marks::table)
        .values(row)
        .on_conflict((aspiration_marks::aspiration_id, aspiration_marks::venue_id, aspiration_marks::marked_by))
        .do_update()
        .set(set)
        .execute(inner))?;
    Ok(())
}

/// A mark has no id of its own.
fn mark_place(id: AspirationId, venue: VenueId, by: By) -> String {
    format!("{id} {venue} {by}")
}

/// The places of which anything was thought for each of these aspirations.
pub fn marked(c: &mut Conn, ids: &[AspirationId]) -> Result<HashMap<AspirationId, HashSet<VenueId>>, Failure> {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let rows: Vec<(String, String)> = aspiration_marks::table
        .filter(aspiration_marks::aspiration_id.eq_any(ids))
        .select((aspiration_marks::aspiration_id, aspiration_marks::venue_id))
        .load(c)?;
    let mut all: HashMap<AspirationId, HashSet<VenueId>> = HashMap::new();
    for (id, venue) in rows {
        if let (Ok(id), Ok(venue)) = (id.parse(), venue.parse()) {
            all.entry(id).or_default().insert(venue);
        }
    }
    Ok(all)
}

/// What was thought of places for someone's aspirations, the latest first.
pub fn marks(c: &mut Conn, vault: &Vault, person: SubjectId) -> Result<Vec<(AspirationId, Mark)>, Failure> {
    type Row = (String, String, String, String, Option<Sealed>, bool, NaiveDateTime);
    let theirs = aspirations::table.filter(aspirations::person_id.eq(person.to_string())).select(aspirations::id);
    let rows: Vec<Row> = aspiration_marks::table
        .filter(aspiration_marks::aspiration_id.eq_any(theirs))
        .order((aspiration_marks::marked_at.desc(), aspiration_marks::venue_id))
        .select((
            aspiration_marks::aspiration_id,
            aspiration_marks::venue_id,
            aspiration_marks::marked_by,
            aspiration_marks::mark,
            aspiration_marks::why,
            aspiration_marks::chosen,
            aspiration_marks::marked_at,
        ))
        .load(c)?;
    let key = key(c, vault, person)?;
    let opened = |(id, venue, by, opinion, why, chosen, marked_at): Row| {
        let (id, venue): (AspirationId, VenueId) = (id.parse().ok()?, venue.parse().ok()?);
        let (by, opinion) = (By::from_code(&by)?, Opinion::from_code(&opinion)?);
        let place = mark_place(id, venue, by);
        let why = why.map(|why| open(&key, "aspiration_marks", "why", &place, &why)).transpose();
        Some(why.map(|why| (id, Mark { venue, by, opinion, why, chosen, marked_at })))
    };
    rows.into_iter().filter_map(opened).collect()
}
