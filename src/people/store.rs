//! SQL about people: one function for one question.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::{
    db::Conn,
    error::Failure,
    schema::people,
    values::{SubjectId, TeamId},
    vault::Sealed,
};

/// Keeps someone new.
pub fn add(c: &mut Conn, id: SubjectId, team: Option<TeamId>, about: &Sealed, now: NaiveDateTime) -> Result<(), Failure> {
    let row = (
        people::id.eq(id.to_string()),
        people::team_id.eq(team.map(|team| team.to_string())),
        people::about.eq(about),
        people::created_at.eq(now),
        people::updated_at.eq(now),
    );
    diesel::insert_into(people::table).values(row).execute(c)?;
    Ok(())
}

/// What these say about themselves, sealed.
pub fn abouts(c: &mut Conn, ids: &[SubjectId]) -> Result<Vec<(SubjectId, Sealed)>, Failure> {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let rows: Vec<(String, Sealed)> = people::table.filter(people::id.eq_any(ids)).select((people::id, people::about)).load(c)?;
    Ok(rows.into_iter().filter_map(|(id, about)| Some((id.parse().ok()?, about))).collect())
}

/// Changes what someone says about themself. `false` where they aren't there.
pub fn change(c: &mut Conn, id: SubjectId, about: &Sealed, now: NaiveDateTime) -> Result<bool, Failure> {
    let set = (people::about.eq(about), people::updated_at.eq(now));
    Ok(diesel::update(people::table.find(id.to_string())).set(set).execute(c)? == 1)
}

/// The team that has someone in its care; nothing at all where they aren't there.
pub fn team_of(c: &mut Conn, id: SubjectId) -> Result<Option<Option<TeamId>>, Failure> {
    let team: Option<Option<String>> = people::table.find(id.to_string()).select(people::team_id).first(c).optional()?;
    Ok(team.map(|team| team.and_then(|team| team.parse().ok())))
}

/// Puts someone into a team's care.
pub fn set_team(c: &mut Conn, id: SubjectId, team: TeamId, now: NaiveDateTime) -> Result<(), Failure> {
    let set = (people::team_id.eq(team.to_string()), people::updated_at.eq(now));
    diesel::update(people::table.find(id.to_string())).set(set).execute(c)?;
    Ok(())
}

/// Someone was in touch, or was written to; what was later than this stays.
pub fn heard(c: &mut Conn, id: SubjectId, at: NaiveDateTime) -> Result<(), Failure> {
    let earlier = people::heard_at.is_null().or(people::heard_at.lt(at));
    diesel::update(people::table.filter(people::id.eq(id.to_string()).and(earlier))).set(people::heard_at.eq(at)).execute(c)?;
    Ok(())
}

/// When someone was last in touch, or written to.
pub fn last_heard(c: &mut Conn, id: SubjectId) -> Result<Option<NaiveDateTime>, Failure> {
    let at: Option<Option<NaiveDateTime>> = people::table.find(id.to_string()).select(people::heard_at).first(c).optional()?;
    Ok(at.flatten())
}

/// Lets nobody else change who goes along with someone until the transaction ends.
pub fn hold(c: &mut Conn, id: SubjectId) -> Result<(), Failure> {
    diesel::update(people::table.find(id.to_string())).set(people::updated_at.eq(people::updated_at)).execute(c)?;
    Ok(())
}

/// Takes someone's row away, once nothing of theirs is left.
pub fn remove(c: &mut Conn, id: SubjectId) -> Result<(), Failure> {
    diesel::delete(people::table.find(id.to_string())).execute(c)?;
    Ok(())
}
