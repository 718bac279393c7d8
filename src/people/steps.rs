//! What someone did by themself that whoever goes along hasn't seen yet. A code and a time; what it was about stands where it belongs.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::{
    caseload::{self, Along},
    timeline,
};
use crate::{
    accounts::{Principal, Role},
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
        Noted = "noted", "A note came in their name";
    }
}

/// Steps of which one undoes the other.
const ONE_OF: [Step; 3] = [Step::Returned, Step::Stopped, Step::Paused];

/// Someone did something. Whatever of the same sort came before is one with it.
pub fn took(c: &mut Conn, person: SubjectId, step: Step, now: NaiveDateTime) -> Result<(), Failure> {
    // Of pausing, stopping and coming back only the last is news.
    if ONE_OF.contains(&step) {
        let before = own_steps::step.eq_any(ONE_OF.iter().map(|step| step.code()));
        diesel::delete(own_steps::table.filter(own_steps::person_id.eq(person.to_string()).and(before))).execute(c)?;
    }
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

/// What is new from someone until a time is off the desk of whoever is to answer it. Whoever else looks in takes nothing off it.
pub fn put_aside(
    c: &mut Conn,
    who: &Principal,
    person: SubjectId,
    until: NaiveDateTime,
    now: NaiveDateTime,
) -> Result<(), Failure> {
    if !is_to_answer(c, who, person, now)? {
        return Ok(());
    }
    let until = until.min(now);
    timeline::seen(c, person, true, (until, now))?;
    let seen = own_steps::table.filter(own_steps::person_id.eq(person.to_string()).and(own_steps::at.le(until)));
    diesel::delete(seen).execute(c)?;
    Ok(())
}

/// Whether what is new from someone is for this reader to answer, or to put aside: the bridge builder, whoever stands in, or a coordinator
/// of the record's team where nobody goes along.
pub fn is_to_answer(c: &mut Conn, who: &Principal, person: SubjectId, now: NaiveDateTime) -> Result<bool, Failure> {
    if caseload::answering(c, person, now)?.contains(&who.account) {
        return Ok(true);
    }
    let alone = caseload::with(c, person)?.iter().all(|(_, along)| *along != Along::Worker);
    Ok(alone && who.is(Role::Coordinator) && super::may_work_with(c, who, person, now)?)
}

/// What one did is the other's, when their records are joined.
pub(super) fn hand_over(c: &mut Conn, gone: SubjectId, kept: SubjectId, now: NaiveDateTime) -> Result<(), Failure> {
    let (theirs, own) = (unseen(c, &[gone])?, unseen(c, &[kept])?);
    let (theirs, own) = (theirs.get(&gone).cloned().unwrap_or_default(), own.get(&kept).cloned().unwrap_or_default());
    let stands = own.iter().any(|(step, _)| ONE_OF.contains(step));
    let new = theirs.into_iter().filter(|(step, _)| !(stands && ONE_OF.contains(step)));
    new.into_iter().try_for_each(|(step, _)| took(c, kept, step, now))?;
    diesel::delete(own_steps::table.filter(own_steps::person_id.eq(gone.to_string()))).execute(c)?;
    Ok(())
}
