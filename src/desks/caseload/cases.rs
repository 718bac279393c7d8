//! Everyone on a desk, with what is known of each and why they need attention.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDateTime;

use super::super::{
    attention::{self, Known, Why},
    store,
};
use crate::{
    accounts::{self, Principal, Role},
    clock::london_day,
    db::Conn,
    error::Failure,
    people::{self, steps, tasks, timeline},
    referrals::state::State,
    values::{AccountId, SubjectId},
    vault::Vault,
    vocabulary::text::folded,
};

/// Most people whose names are looked through for some words.
const MOST_SEARCHED: usize = 10_000;
/// Names that are opened at once.
const AT_ONCE: usize = 500;

/// Someone with what is known of them and why they need attention.
pub type Case = (SubjectId, Known, Vec<Why>);

/// When each of those in the care of the reader's teams was last in touch.
type Heard = HashMap<SubjectId, Option<NaiveDateTime>>;

/// A desk as a whole.
pub struct Desk {
    /// Everyone on it, whoever needs most first.
    pub all: Vec<Case>,
    /// Who is responsible for each.
    pub beside: HashMap<SubjectId, AccountId>,
    /// For whom the reader stands in, and until when.
    pub covered: HashMap<SubjectId, NaiveDateTime>,
    /// What the bridge builders of the reader's teams are called, where they share out the work.
    pub builders: HashMap<AccountId, String>,
}

/// Someone's desk; for coordinators also those who came to nothing before any team had them, where `ended` are asked for.
pub fn desk(c: &mut Conn, vault: &Vault, who: &Principal, ended: bool, now: NaiveDateTime) -> Result<Desk, Failure> {
    let mut with = store::with(c, who, now)?;
    let (mut last, mut builders) = (HashMap::new(), HashMap::new());
    if who.is(Role::Coordinator) {
        let teams = who.teams_as(Role::Coordinator);
        let known: HashSet<SubjectId> = with.iter().map(|(id, _)| *id).collect();
        let in_teams = store::all_in_teams(c, &teams)?;
        last.extend(in_teams.iter().map(|(id, _, heard)| (*id, *heard)));
        let mut others: Vec<(SubjectId, NaiveDateTime)> = in_teams.into_iter().map(|(id, since, _)| (id, since)).collect();
        if ended {
            others.extend(store::ended_in_no_team(c)?);
        }
        with.extend(others.into_iter().filter(|(id, _)| !known.contains(id)));
        let accounts = store::bridge_builders(c, &teams)?;
        builders = accounts::people::names(c, vault, &accounts)?;
    }
    let covered = store::covered(c, who.account, now)?;
    // It is not for a peer to answer someone, or to put anything aside.
    let mut peers = store::as_peer(c, who.account)?;
    peers.retain(|id| !last.contains_key(id) && !covered.contains_key(id));
    let (all, beside) = known(c, who, with, (&last, &peers, &covered), now)?;
    Ok(Desk { all, beside, covered, builders })
}

fn known(
    c: &mut Conn,
    who: &Principal,
    with: Vec<(SubjectId, NaiveDateTime)>,
    (in_teams, peers, covered): (&Heard, &HashSet<SubjectId>, &HashMap<SubjectId, NaiveDateTime>),
    now: NaiveDateTime,
) -> Result<(Vec<Case>, HashMap<SubjectId, AccountId>), Failure> {
    let today = london_day(now);
    let ids: Vec<SubjectId> = with.iter().map(|(id, _)| *id).collect();
    let others: Vec<SubjectId> = ids.iter().copied().filter(|id| !in_teams.contains_key(id)).collect();
    let (states, last, unread) = (store::standings(c, &ids)?, store::last_words(c, &others)?, timeline::unread(c, &ids)?);
    let beside = states.iter().filter_map(|(id, (_, _, worker))| Some((*id, (*worker)?))).collect();
    let mut steps = steps::unseen(c, &ids)?;
    let due = tasks::due(c, who.account, &covered.keys().copied().collect::<Vec<_>>(), today)?;
    let case = |(id, since): (SubjectId, NaiveDateTime)| {
        let (state, paused_until, worker) = *states.get(&id)?;
        let answers = !peers.contains(&id);
        let known = Known {
            state,
            since,
            paused_until,
            last: last.get(&id).copied().or_else(|| in_teams.get(&id).copied().flatten()),
            unread: if answers { unread.get(&id).copied().unwrap_or_default() } else { 0 },
            steps: steps.remove(&id).filter(|_| answers).unwrap_or_default().into_iter().map(|(step, _)| step).collect(),
            alone: worker.is_none() && in_teams.contains_key(&id),
            due: due.get(&id).copied().unwrap_or_default(),
        };
        let why = attention::why(&known, now, today);
        Some((id, known, why))
    };
    let mut cases: Vec<Case> = with.into_iter().filter_map(case).collect();
    cases.sort_by(|one, other| attention::order((&one.2, &one.1), (&other.2, &other.1)).then(one.0.cmp(&other.0)));
    Ok((cases, beside))
}

/// Whether someone stands in a list.
pub fn shown_in(show: &str, known: &Known, why: &[Why]) -> bool {
    match show {
        "needs" => !why.is_empty(),
        "paused" => known.state == State::Paused,
        "door" => known.state == State::OpenDoor,
        "ended" => known.state.has_ended(),
        _ => !known.state.has_ended() && known.state != State::EnteredInError,
    }
}

/// Those of them whose name has the words in it.
pub fn named(c: &mut Conn, vault: &Vault, cases: Vec<Case>, q: &str) -> Result<Vec<Case>, Failure> {
    let wanted = folded(q);
    let ids: Vec<SubjectId> = cases.iter().take(MOST_SEARCHED).map(|(id, ..)| *id).collect();
    let mut fits: HashSet<SubjectId> = HashSet::new();
    for some in ids.chunks(AT_ONCE) {
        let abouts = people::abouts(c, vault, some)?;
        let found = abouts.into_iter().filter(|(_, about)| folded(about.chosen_name.as_str()).contains(&wanted));
        fits.extend(found.map(|(id, _)| id));
    }
    Ok(cases.into_iter().filter(|(id, ..)| fits.contains(id)).collect())
}
