//! SQL about referrals and their moves: one function for one question.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::{dsl::count_star, prelude::*};

use super::state::State;
use crate::{
    db::Conn,
    error::Failure,
    on_each_engine,
    people::caseload,
    schema::{people, referral_moves, referrals},
    values::{AccountId, ReferralId, SubjectId, TeamId},
    vault::Sealed,
};

/// Rows that are changed at once.
const AT_ONCE: usize = 500;

/// A referral as it is kept; words, reason and referrer are sealed.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = referrals)]
pub struct Row {
    /// Its id.
    pub id: String,
    /// Whom it is about.
    pub person_id: String,
    /// The way in.
    pub way: String,
    /// Whether it came by page or by phone.
    pub taken_by: String,
    /// How it stands.
    pub state: String,
    /// The team that has it; none while no team has taken it.
    pub team_id: Option<String>,
    /// The bridge builder who is responsible.
    pub worker_id: Option<String>,
    /// The place they would like to try.
    pub venue_id: Option<String>,
    /// When it came, UTC.
    pub received_at: NaiveDateTime,
    /// When someone first got in touch, UTC.
    pub first_contact_at: Option<NaiveDateTime>,
    /// The day until which it is paused.
    pub paused_until: Option<NaiveDate>,
    /// When they were last told that they are on the list, UTC.
    pub told_at: Option<NaiveDateTime>,
    /// Sealed: who referred them.
    pub referrer: Option<Sealed>,
    /// Sealed: what was asked for.
    pub words: Sealed,
    /// Sealed: why it was declined and where else to try, or why it was entered in error.
    pub reason: Option<Sealed>,
    /// What makes it one referral however often its form is sent.
    pub form_mark: String,
    /// When it was last changed, UTC.
    pub updated_at: NaiveDateTime,
    /// What whoever wrote it was told, as codes with spaces between.
    pub referrer_told: String,
}

impl Row {
    /// Whether it was joined with another note of the same person: it stands as entered in error, without a word of why.
    pub fn was_joined(&self) -> bool {
        self.state == State::EnteredInError.code() && self.reason.is_none()
    }

    /// Whether there should never have been such a note.
    pub fn is_void(&self) -> bool {
        self.state == State::EnteredInError.code() && !self.was_joined()
    }

    /// Since when the person can know of it: a joined note stands on their path since it was joined.
    pub fn known_since(&self) -> NaiveDateTime {
        if self.was_joined() { self.updated_at } else { self.received_at }
    }
}

/// A move as it is kept.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = referral_moves)]
pub struct MoveRow {
    /// Its id.
    pub id: String,
    /// The referral.
    pub referral_id: String,
    /// Whom it is about.
    pub person_id: String,
    /// From where.
    pub from_state: String,
    /// To where.
    pub to_state: String,
    /// Who wrote it down; none where it was the person themself.
    pub by_account: Option<String>,
    /// When, UTC.
    pub at: NaiveDateTime,
    /// Sealed: why.
    pub why: Option<Sealed>,
    /// The day for which a pause was to end.
    pub paused_until: Option<NaiveDate>,
}

/// Keeps a new referral. `false` where its form made one already.
pub fn add(c: &mut Conn, row: &Row) -> Result<bool, Failure> {
    let added = on_each_engine!(c, inner => diesel::insert_into(referrals::table)
        .values(row)
        .on_conflict(referrals::form_mark)
        .do_nothing()
        .execute(inner))?;
    Ok(added == 1)
}

/// A referral by its id.
pub fn one(c: &mut Conn, id: ReferralId) -> Result<Option<Row>, Failure> {
    Ok(referrals::table.find(id.to_string()).select(Row::as_select()).first(c).optional()?)
}

/// Whom a referral is about.
pub fn person_of(c: &mut Conn, id: ReferralId) -> Result<Option<SubjectId>, Failure> {
    let person: Option<String> = referrals::table.find(id.to_string()).select(referrals::person_id).first(c).optional()?;
    Ok(person.and_then(|person| person.parse().ok()))
}

/// A referral by what its form was marked with.
pub fn by_mark(c: &mut Conn, mark: &str) -> Result<Option<Row>, Failure> {
    Ok(referrals::table.filter(referrals::form_mark.eq(mark)).select(Row::as_select()).first(c).optional()?)
}

/// All referrals of a person, the latest first.
pub fn of(c: &mut Conn, person: SubjectId) -> Result<Vec<Row>, Failure> {
    let theirs = referrals::table.filter(referrals::person_id.eq(person.to_string()));
    Ok(theirs.order((referrals::received_at.desc(), referrals::id)).select(Row::as_select()).load(c)?)
}

/// Moves a referral on, if it still stands as it was thought to. `false` where someone was quicker.
pub fn set_state(c: &mut Conn, id: &str, from: State, to: State, now: NaiveDateTime) -> Result<bool, Failure> {
    let still = referrals::table.filter(referrals::id.eq(id).and(referrals::state.eq(from.code())));
    let set = (referrals::state.eq(to.code()), referrals::paused_until.eq(None::<NaiveDate>), referrals::updated_at.eq(now));
    Ok(diesel::update(still).set(set).execute(c)? == 1)
}

/// Sets the day until which a referral is paused.
pub fn set_pause(c: &mut Conn, id: &str, until: Option<NaiveDate>) -> Result<(), Failure> {
    diesel::update(referrals::table.find(id)).set(referrals::paused_until.eq(until)).execute(c)?;
    Ok(())
}

/// Sets why a referral stands as it does.
pub fn set_reason(c: &mut Conn, id: &str, reason: &Sealed) -> Result<(), Failure> {
    diesel::update(referrals::table.find(id)).set(referrals::reason.eq(reason)).execute(c)?;
    Ok(())
}

/// Sets the team that has a referral.
pub fn set_team(c: &mut Conn, id: &str, team: TeamId) -> Result<(), Failure> {
    diesel::update(referrals::table.find(id)).set(referrals::team_id.eq(team.to_string())).execute(c)?;
    Ok(())
}

/// Sets who is responsible.
pub fn set_worker(c: &mut Conn, id: &str, worker: Option<AccountId>, now: NaiveDateTime) -> Result<(), Failure> {
    let set = (referrals::worker_id.eq(worker.map(|worker| worker.to_string())), referrals::updated_at.eq(now));
    diesel::update(referrals::table.find(id)).set(set).execute(c)?;
    Ok(())
}

/// Someone got in touch for the first time, unless it was noted before. The referrals of which it was the first.
pub fn first_contact(c: &mut Conn, person: SubjectId, at: NaiveDateTime) -> Result<Vec<ReferralId>, Failure> {
    let standing: Vec<&str> = State::RUNNING.iter().map(|state| state.code()).collect();
    let theirs = referrals::person_id.eq(person.to_string()).and(referrals::state.eq_any(standing));
    let first = referrals::table.filter(theirs.and(referrals::first_contact_at.is_null()));
    let ids: Vec<String> = first.select(referrals::id).load(c)?;
    // What is written down later may have been on a day before the note came; then the clock stands at none.
    let these = || referrals::table.filter(referrals::id.eq_any(&ids));
    diesel::update(these()).set(referrals::first_contact_at.eq(at)).execute(c)?;
    let before = these().filter(referrals::received_at.gt(at));
    diesel::update(before).set(referrals::first_contact_at.eq(referrals::received_at.nullable())).execute(c)?;
    ids.iter().map(|id| id.parse().map_err(Failure::internal)).collect()
}

/// Sets what whoever wrote a referral was told.
pub fn set_referrer_told(c: &mut Conn, id: &str, told: &str) -> Result<(), Failure> {
    diesel::update(referrals::table.find(id)).set(referrals::referrer_told.eq(told)).execute(c)?;
    Ok(())
}

/// Keeps a move.
pub fn add_move(c: &mut Conn, row: &MoveRow) -> Result<(), Failure> {
    diesel::insert_into(referral_moves::table).values(row).execute(c)?;
    Ok(())
}

/// These moves.
pub fn these_moves(c: &mut Conn, ids: &[String]) -> Result<Vec<MoveRow>, Failure> {
    Ok(referral_moves::table.filter(referral_moves::id.eq_any(ids)).select(MoveRow::as_select()).load(c)?)
}

/// The moves of a referral, the first first.
pub fn moves(c: &mut Conn, id: ReferralId) -> Result<Vec<MoveRow>, Failure> {
    let all = referral_moves::table.filter(referral_moves::referral_id.eq(id.to_string()));
    Ok(all.order((referral_moves::at, referral_moves::id)).select(MoveRow::as_select()).load(c)?)
}

/// Someone is responsible for referrals of people in the care of these teams alone.
pub fn part(c: &mut Conn, account: AccountId, still: &[TeamId], now: NaiveDateTime) -> Result<(), Failure> {
    let theirs = referrals::worker_id.eq(account.to_string()).assume_not_null();
    let rows: Vec<(String, Option<String>)> =
        referrals::table.inner_join(people::table).filter(theirs).select((referrals::id, people::team_id)).load(c)?;
    let set = (referrals::worker_id.eq(None::<String>), referrals::updated_at.eq(now));
    for some in caseload::in_no_team(rows, still).chunks(AT_ONCE) {
        diesel::update(referrals::table.filter(referrals::id.eq_any(some))).set(set.clone()).execute(c)?;
    }
    Ok(())
}

/// What a coordinator's queue holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queue {
    /// Received, and nobody has looked yet.
    New,
    /// Accepted: the waiting list.
    Waiting,
    /// Going, with nobody beside them: they came back, or their bridge builder left.
    Alone,
}

/// Conditions of a queue of these teams, or of no team yet.
macro_rules! queued {
    ($queue:expr, $teams:expr) => {{
        let states: &[State] = match $queue {
            Queue::New => &[State::Received],
            Queue::Waiting => &[State::Accepted],
            Queue::Alone => &[State::Allocated, State::Active, State::Paused],
        };
        let states: Vec<&str> = states.iter().map(|state| state.code()).collect();
        let teams: Vec<String> = $teams.iter().map(ToString::to_string).collect();
        let within = referrals::team_id.is_null().or(referrals::team_id.eq_any(teams).assume_not_null());
        referrals::state.eq_any(states).and(referrals::worker_id.is_null()).and(within)
    }};
}

/// One page of a queue, whoever waits longest first.
pub fn queue(c: &mut Conn, queue: Queue, teams: &[TeamId], page: i64, per_page: i64) -> Result<Vec<Row>, Failure> {
    let sorted = referrals::table.filter(queued!(queue, teams)).order((referrals::received_at, referrals::id));
    Ok(sorted.offset((page - 1).max(0) * per_page).limit(per_page).select(Row::as_select()).load(c)?)
}

/// How many a queue holds.
pub fn queue_length(c: &mut Conn, queue: Queue, teams: &[TeamId]) -> Result<i64, Failure> {
    Ok(referrals::table.filter(queued!(queue, teams)).select(count_star()).first(c)?)
}

/// When referrals of these teams came and when someone first got in touch, of those since a time, at most `most`, the latest first.
pub fn waits(
    c: &mut Conn,
    teams: &[TeamId],
    since: NaiveDateTime,
    most: i64,
) -> Result<Vec<(NaiveDateTime, NaiveDateTime)>, Failure> {
    let teams: Vec<String> = teams.iter().map(ToString::to_string).collect();
    let counted = referrals::team_id.eq_any(teams).assume_not_null().and(referrals::received_at.ge(since));
    let rows: Vec<(NaiveDateTime, Option<NaiveDateTime>)> = referrals::table
        .filter(counted.and(referrals::first_contact_at.is_not_null()).and(referrals::state.ne(State::EnteredInError.code())))
        .order(referrals::received_at.desc())
        .limit(most)
        .select((referrals::received_at, referrals::first_contact_at))
        .load(c)?;
    Ok(rows.into_iter().filter_map(|(came, first)| Some((came, first?))).collect())
}

/// When whoever waits longest came, of those with whom nobody has been in touch.
pub fn longest_waiting(c: &mut Conn, teams: &[TeamId]) -> Result<Option<NaiveDateTime>, Failure> {
    let teams: Vec<String> = teams.iter().map(ToString::to_string).collect();
    let within = referrals::team_id.is_null().or(referrals::team_id.eq_any(teams).assume_not_null());
    let running: Vec<&str> = State::RUNNING.iter().map(|state| state.code()).collect();
    let waits = referrals::state.eq_any(running).and(referrals::first_contact_at.is_null()).and(within);
    Ok(referrals::table.filter(waits).select(diesel::dsl::min(referrals::received_at)).first(c)?)
}

/// Those on the waiting list who weren't told since a time that they are on it, but for the first `but`, at most `most`, whoever waits
/// longest first.
pub fn untold(c: &mut Conn, teams: &[TeamId], since: NaiveDateTime, but: i64, most: i64) -> Result<Vec<Row>, Failure> {
    let untold = referrals::told_at.is_null().or(referrals::told_at.lt(since).assume_not_null());
    let waiting = referrals::table.filter(queued!(Queue::Waiting, teams).and(referrals::received_at.lt(since)).and(untold));
    Ok(waiting.order((referrals::received_at, referrals::id)).offset(but).limit(most).select(Row::as_select()).load(c)?)
}

/// They were told that they are on the list.
pub fn told(c: &mut Conn, id: &str, now: NaiveDateTime) -> Result<(), Failure> {
    diesel::update(referrals::table.find(id)).set(referrals::told_at.eq(now)).execute(c)?;
    Ok(())
}

/// Takes a referral and its moves away, once what it says is kept elsewhere.
pub fn remove(c: &mut Conn, id: &str) -> Result<(), Failure> {
    diesel::delete(referral_moves::table.filter(referral_moves::referral_id.eq(id))).execute(c)?;
    diesel::delete(referrals::table.find(id)).execute(c)?;
    Ok(())
}
