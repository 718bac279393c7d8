//! What someone did by themself that whoever goes along hasn't seen yet. A code and a time; what it was about stands where it belongs.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::{
    db::Conn,
    error::Failure,
    on_each_engine,
    schema::own_steps,
    values::{SubjectId, choice},
};

/// Values in one question; SQLite takes so many.
const AT_ONCE: usize = 500;

choice! {
    /// What someone did.
    Step {
        Returned = "returned", "Is back";
        Stopped = "stopped", "Stopped for now";
        Paused = "paused", "Paused";
        Chose = "chose", "Chose a place";
        Wished = "wished", "Wrote down what they want";
        Reach = "reach", "Changed how to get in touch";
    }
}

/// Someone did something. Whatever of the same sort came before is one with it.
pub fn took(c: &mut Conn, person: SubjectId, step: Step, now: NaiveDateTime) -> Result<(), Failure> {
    let row = (own_steps::person_id.eq(person.to_string()), own_steps::step.eq(step.code()), own_steps::at.eq(now));
    on_each_engine!(c, inner => diesel::insert_into(own_steps::table)
        .values(row)
        .on_conflict((own_steps::person_id, own_steps::step))
        .do_update()
        .set(own_steps::at.eq(now))
        .execute(inner))?;
    Ok(())
}

/// What each of these did since it was last seen, the most pressing first.
pub fn unseen(c: &mut Conn, people: &[SubjectId]) -> Result<HashMap<SubjectId, Vec<(Step, NaiveDateTime)>>, Failure> {
    let mut found: HashMap<SubjectId, Vec<(Step, NaiveDateTime)>> = HashMap::new();
    let ids: Vec<String> = people.iter().map(ToString::to_string).collect();
    for some in ids.chunks(AT_ONCE) {
        let rows: Vec<(String, String, NaiveDateTime)> = own_steps::table.filter(own_steps::person_id.eq_any(some)).load(c)?;
        for (person, step, at) in rows {
            if let (Ok(person), Some(step)) = (person.parse(), Step::from_code(&step)) {
                found.entry(person).or_default().push((step, at));
            }
        }
    }
    found.values_mut().for_each(|steps| steps.sort_unstable_by_key(|(step, _)| *step));
    Ok(found)
}

/// Whoever goes along has seen all of it.
pub fn seen(c: &mut Conn, person: SubjectId) -> Result<(), Failure> {
    diesel::delete(own_steps::table.filter(own_steps::person_id.eq(person.to_string()))).execute(c)?;
    Ok(())
}
