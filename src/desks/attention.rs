//! Who needs a bridge builder's attention, and why. Pure: what is known of each person goes in, reasons come out.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

use crate::{people::steps::Step, referrals::state::State};

/// So long without a word from either side is long.
const QUIET: TimeDelta = TimeDelta::weeks(3);

/// Why someone needs attention; the first is the most pressing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// They wrote, and nobody has answered.
    Waits(i64),
    /// They did something by themself that nobody has seen.
    Did(Step),
    /// They have begun, and nobody goes along with them.
    Alone,
    /// They are new on the caseload.
    New,
    /// Something was to be done by today.
    Due(i64),
    /// The day they picked for the end of their pause has come.
    PauseOver,
    /// Nothing was heard of them for so many weeks.
    Quiet(i64),
}

impl Why {
    /// The reason in plain words.
    pub fn words(self) -> String {
        match self {
            Self::Waits(1) => "A message waits for you".to_owned(),
            Self::Waits(count) => format!("{count} messages wait for you"),
            Self::Did(step) => step.label().to_owned(),
            Self::Alone => "Nobody goes along with them".to_owned(),
            Self::New => "New, and not begun yet".to_owned(),
            Self::Due(1) => "One thing is due".to_owned(),
            Self::Due(count) => format!("{count} things are due"),
            Self::PauseOver => "Their pause is over".to_owned(),
            Self::Quiet(weeks) => format!("Nothing for {weeks} weeks"),
        }
    }
}

/// What is known of someone on a caseload.
#[derive(Debug, Clone)]
pub struct Known {
    /// How their referral stands.
    pub state: State,
    /// Since when they are with whoever asks, UTC.
    pub since: NaiveDateTime,
    /// The day until which they paused.
    pub paused_until: Option<NaiveDate>,
    /// The last word from either side, UTC.
    pub last: Option<NaiveDateTime>,
    /// Messages of theirs that nobody has answered or put aside.
    pub unread: i64,
    /// What they did by themself that nobody has seen.
    pub steps: Vec<Step>,
    /// Whether nobody goes along with them, where that is asked.
    pub alone: bool,
    /// Things that were to be done by today.
    pub due: i64,
}

/// Why someone needs attention, the most pressing first; empty where nothing does. A pause is left in peace until it is over.
pub fn why(known: &Known, now: NaiveDateTime, today: NaiveDate) -> Vec<Why> {
    let last = known.last.unwrap_or(known.since);
    let quiet = known.state == State::Active && last + QUIET <= now;
    let alone = known.alone && matches!(known.state, State::Allocated | State::Active);
    let first = (known.unread > 0).then_some(Why::Waits(known.unread)).into_iter();
    let first = first.chain(known.steps.iter().copied().map(Why::Did));
    let reasons = [
        alone.then_some(Why::Alone),
        (known.state == State::Allocated).then_some(Why::New),
        (known.due > 0).then_some(Why::Due(known.due)),
        (known.state == State::Paused && known.paused_until.is_some_and(|day| day <= today)).then_some(Why::PauseOver),
        quiet.then(|| Why::Quiet((now - last).num_weeks())),
    ];
    first.chain(reasons.into_iter().flatten()).collect()
}

/// The order of a caseload: whoever needs most comes first, then whoever was heard of longest ago.
pub fn order(one: (&[Why], &Known), other: (&[Why], &Known)) -> std::cmp::Ordering {
    let pressing = |reasons: &[Why]| match reasons.first() {
        None => u8::MAX,
        Some(Why::Waits(_)) => 0,
        Some(Why::Did(_)) => 1,
        Some(Why::Alone) => 2,
        Some(Why::New) => 3,
        Some(Why::Due(_)) => 4,
        Some(Why::PauseOver) => 5,
        Some(Why::Quiet(_)) => 6,
    };
    let heard = |known: &Known| known.last.unwrap_or(known.since);
    pressing(one.0).cmp(&pressing(other.0)).then(heard(one.1).cmp(&heard(other.1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(state: State) -> Known {
        let since = NaiveDateTime::default();
        Known { state, since, paused_until: None, last: None, unread: 0, steps: Vec::new(), alone: false, due: 0 }
    }

    fn at(days: i64) -> (NaiveDateTime, NaiveDate) {
        let now = NaiveDateTime::default() + TimeDelta::days(days);
        (now, now.date())
    }

    #[test]
    fn someone_is_quiet_after_three_weeks_and_not_before() {
        let (before, day) = at(20);
        assert_eq!(why(&known(State::Active), before, day), []);
        let (then, day) = at(21);
        assert_eq!(why(&known(State::Active), then, day), [Why::Quiet(3)]);
        let heard = Known { last: Some(then - TimeDelta::days(1)), ..known(State::Active) };
        assert_eq!(why(&heard, then, day), []);
    }

    #[test]
    fn a_pause_is_left_in_peace_until_it_is_over() {
        let (now, today) = at(100);
        let paused = |until| Known { paused_until: Some(until), ..known(State::Paused) };
        assert_eq!(why(&paused(today.succ_opt().unwrap_or(today)), now, today), []);
        assert_eq!(why(&paused(today), now, today), [Why::PauseOver]);
    }

    #[test]
    fn what_someone_did_by_themself_is_told_even_in_a_pause() {
        let (now, today) = at(1);
        let paused = Known { steps: vec![Step::Paused, Step::Chose], paused_until: today.succ_opt(), ..known(State::Paused) };
        assert_eq!(why(&paused, now, today), [Why::Did(Step::Paused), Why::Did(Step::Chose)]);
    }

    #[test]
    fn only_whoever_has_begun_is_missed_someone() {
        let (now, today) = at(1);
        let alone = |state| why(&Known { alone: true, ..known(state) }, now, today).contains(&Why::Alone);
        assert!(alone(State::Active) && alone(State::Allocated));
        assert!(!alone(State::Received) && !alone(State::Accepted) && !alone(State::OpenDoor) && !alone(State::Declined));
    }

    #[test]
    fn whoever_waits_comes_before_whoever_is_new_and_they_before_the_rest() {
        let (now, today) = at(40);
        let waits = Known { unread: 2, ..known(State::Active) };
        let (new, quiet) = (known(State::Allocated), known(State::Active));
        let reasons: Vec<Vec<Why>> = [&waits, &new, &quiet].iter().map(|known| why(known, now, today)).collect();
        assert!(order((&reasons[0], &waits), (&reasons[1], &new)).is_lt());
        assert!(order((&reasons[1], &new), (&reasons[2], &quiet)).is_lt());
        assert!(order((&reasons[2], &quiet), (&[], &quiet)).is_lt());
    }
}
