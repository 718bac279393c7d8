//! How a referral stands and how it moves on. Pure: values in, values out.
//!
//! Whoever writes a move down, it is *decided* by one of three: the person, a coordinator or a bridge builder. There is no state for
//! someone who failed, and there must be none.

use chrono::NaiveDate;

use crate::values::choice;

choice! {
    /// How a referral stands.
    State {
        Received = "received", "Received";
        Accepted = "accepted", "On the waiting list";
        Declined = "declined", "Not with us";
        Withdrawn = "withdrawn", "Taken back";
        Allocated = "allocated", "Has a bridge builder";
        Active = "active", "Going";
        Paused = "paused", "Paused";
        OpenDoor = "open-door", "Open door";
        EnteredInError = "entered-in-error", "Entered in error";
    }
}

choice! {
    /// Whose decision a move is, whoever writes it down.
    Who {
        Person = "person", "The person";
        Coordinator = "coordinator", "A coordinator";
        BridgeBuilder = "bridge-builder", "The bridge builder";
    }
}

/// A move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// The team takes it on.
    Accept,
    /// The team doesn't; the reason and where else to try are kept with it.
    Decline {
        /// Whether it says why.
        reason: bool,
        /// Whether it says where else to try.
        elsewhere: bool,
    },
    /// The person takes it back.
    Withdraw,
    /// Someone is to go along.
    Allocate,
    /// They begin.
    Begin,
    /// Not just now; until a day that the person picks.
    Pause {
        /// The day on which it goes on.
        until: Option<NaiveDate>,
    },
    /// On again.
    Resume,
    /// Support has faded, or the person says stop: from now on the door is open.
    OpenDoor,
    /// They are back, without a new referral.
    Return,
    /// There should never have been one.
    EnterInError,
}

/// Why a move can't be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Not from there.
    #[error("that can’t be done as things stand now")]
    NotFromHere,
    /// It isn't theirs to decide.
    #[error("that is not for them to decide")]
    NotTheirs,
    /// It lacks the reason.
    #[error("it needs a reason")]
    NoReason,
    /// It lacks where else to try.
    #[error("it needs where else to try")]
    NowhereElse,
    /// It lacks a day to come.
    #[error("it needs a day to come")]
    NoDay,
}

impl State {
    /// States in which something is under way, so that the person can stop it.
    pub const RUNNING: &'static [Self] = &[Self::Received, Self::Accepted, Self::Allocated, Self::Active, Self::Paused];
    /// States that a coordinator's queue holds.
    pub const QUEUED: &'static [Self] = &[Self::Received, Self::Accepted];

    /// Whether something is under way.
    pub fn is_running(self) -> bool {
        Self::RUNNING.contains(&self)
    }

    /// Whether it came to nothing, and the person isn't with us now.
    pub fn has_ended(self) -> bool {
        matches!(self, Self::Declined | Self::Withdrawn)
    }

    /// Whether a person who comes back comes back to this one.
    pub fn stands(self) -> bool {
        self.is_running() || self == Self::OpenDoor
    }
}

impl Move {
    /// Whose decision it may be.
    pub fn decided_by(self) -> &'static [Who] {
        use Who::{BridgeBuilder, Coordinator, Person};
        match self {
            Self::Accept | Self::Decline { .. } | Self::Allocate | Self::EnterInError => &[Coordinator],
            Self::Withdraw | Self::Pause { .. } | Self::Return => &[Person],
            Self::Begin => &[BridgeBuilder],
            Self::Resume => &[Person, BridgeBuilder],
            Self::OpenDoor => &[Person, BridgeBuilder, Coordinator],
        }
    }

    /// Where it leads from a state; nowhere where it can't be made there.
    fn to(self, from: State, by: Who) -> Option<State> {
        use State::{Accepted, Active, Allocated, Declined, EnteredInError, OpenDoor, Paused, Received, Withdrawn};
        match (self, from) {
            (Self::EnterInError, EnteredInError) => None,
            (Self::EnterInError, _) => Some(EnteredInError),
            (Self::Accept, Received) => Some(Accepted),
            (Self::Decline { .. }, Received) => Some(Declined),
            (Self::Withdraw, Received) => Some(Withdrawn),
            (Self::Allocate, Accepted) => Some(Allocated),
            (Self::Begin, Allocated) | (Self::Resume, Paused) | (Self::Return, OpenDoor) => Some(Active),
            (Self::Pause { .. }, Active) => Some(Paused),
            // The person may stop whatever is under way; support can only have faded once there was some.
            (Self::OpenDoor, _) if by == Who::Person && from.is_running() => Some(OpenDoor),
            (Self::OpenDoor, Active | Paused) => Some(OpenDoor),
            _ => None,
        }
    }
}

/// Where a move leads, or why it can't be made.
pub fn apply(from: State, step: Move, by: Who, today: NaiveDate) -> Result<State, Refused> {
    let to = step.to(from, by);
    if !step.decided_by().contains(&by) {
        return Err(Refused::NotTheirs);
    }
    let to = to.ok_or(Refused::NotFromHere)?;
    match step {
        Move::Decline { reason: false, .. } => Err(Refused::NoReason),
        Move::Decline { elsewhere: false, .. } => Err(Refused::NowhereElse),
        Move::Pause { until } if until.is_none_or(|until| until <= today) => Err(Refused::NoDay),
        _ => Ok(to),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TODAY: NaiveDate = NaiveDate::MIN;

    /// The rules as the practice writes them: from, to, and whose decision it is.
    fn allowed(from: State, to: State, by: Who) -> bool {
        use State::*;
        match (from, to) {
            (EnteredInError, _) => false,
            (_, EnteredInError) => by == Who::Coordinator,
            (Received, Accepted | Declined) => by == Who::Coordinator,
            (Received, Withdrawn) => by == Who::Person,
            (Accepted, Allocated) => by == Who::Coordinator,
            (Allocated, Active) => by == Who::BridgeBuilder,
            (Active, Paused) => by == Who::Person,
            (Paused, Active) => by != Who::Coordinator,
            (Received | Accepted | Allocated, OpenDoor) => by == Who::Person,
            (Active | Paused, OpenDoor) => true,
            (OpenDoor, Active) => by == Who::Person,
            _ => false,
        }
    }

    fn any_move() -> impl Strategy<Value = Move> {
        let day = prop_oneof![
            Just(None),
            Just(Some(TODAY)),
            (1u64..400).prop_map(|days| TODAY.checked_add_days(chrono::Days::new(days)))
        ];
        prop_oneof![
            Just(Move::Accept),
            (any::<bool>(), any::<bool>()).prop_map(|(reason, elsewhere)| Move::Decline { reason, elsewhere }),
            Just(Move::Withdraw),
            Just(Move::Allocate),
            Just(Move::Begin),
            day.prop_map(|until| Move::Pause { until }),
            Just(Move::Resume),
            Just(Move::OpenDoor),
            Just(Move::Return),
            Just(Move::EnterInError),
        ]
    }

    fn any_who() -> impl Strategy<Value = Who> {
        proptest::sample::select(Who::ALL)
    }

    proptest! {
        #[test]
        fn nothing_is_reached_that_the_practice_doesn_t_allow(steps in proptest::collection::vec((any_move(), any_who()), 0..24)) {
            let mut state = State::Received;
            for (step, by) in steps {
                if let Ok(to) = apply(state, step, by, TODAY) {
                    prop_assert!(allowed(state, to, by), "{state:?} -> {to:?} by {by:?}");
                    state = to;
                }
            }
        }
    }

    #[test]
    fn everything_that_the_practice_allows_can_be_done() {
        let later = TODAY.checked_add_days(chrono::Days::new(1));
        let steps = [
            Move::Accept,
            Move::Decline { reason: true, elsewhere: true },
            Move::Withdraw,
            Move::Allocate,
            Move::Begin,
            Move::Pause { until: later },
            Move::Resume,
            Move::OpenDoor,
            Move::Return,
            Move::EnterInError,
        ];
        for (from, to, by) in State::ALL
            .iter()
            .flat_map(|from| State::ALL.iter().map(move |to| (*from, *to)))
            .flat_map(|(from, to)| Who::ALL.iter().map(move |by| (from, to, *by)))
        {
            let can = steps.iter().any(|step| apply(from, *step, by, TODAY) == Ok(to));
            assert_eq!(can, allowed(from, to, by), "{from:?} -> {to:?} by {by:?}");
        }
    }

    #[test]
    fn whoever_comes_back_needs_no_new_referral() {
        assert_eq!(apply(State::OpenDoor, Move::Return, Who::Person, TODAY), Ok(State::Active));
        assert_eq!(apply(State::OpenDoor, Move::Accept, Who::Coordinator, TODAY), Err(Refused::NotFromHere));
    }

    #[test]
    fn only_a_coordinator_says_that_something_was_entered_in_error() {
        for from in State::ALL.iter().filter(|from| **from != State::EnteredInError) {
            assert_eq!(apply(*from, Move::EnterInError, Who::Coordinator, TODAY), Ok(State::EnteredInError));
            assert_eq!(apply(*from, Move::EnterInError, Who::Person, TODAY), Err(Refused::NotTheirs));
            assert_eq!(apply(*from, Move::EnterInError, Who::BridgeBuilder, TODAY), Err(Refused::NotTheirs));
        }
    }

    #[test]
    fn a_pause_lasts_until_a_day_to_come() {
        let pause = |until| apply(State::Active, Move::Pause { until }, Who::Person, TODAY);
        assert_eq!(pause(None), Err(Refused::NoDay));
        assert_eq!(pause(Some(TODAY)), Err(Refused::NoDay));
        assert_eq!(pause(TODAY.succ_opt()), Ok(State::Paused));
    }

    #[test]
    fn whoever_is_declined_hears_why_and_where_else_to_try() {
        let decline = |reason, elsewhere| apply(State::Received, Move::Decline { reason, elsewhere }, Who::Coordinator, TODAY);
        assert_eq!(decline(false, true), Err(Refused::NoReason));
        assert_eq!(decline(true, false), Err(Refused::NowhereElse));
        assert_eq!(decline(true, true), Ok(State::Declined));
    }

    #[test]
    fn no_state_speaks_of_failing() {
        for state in State::ALL {
            let words = format!("{} {}", state.code(), state.label()).to_lowercase();
            assert!(
                !["fail", "attend", "complian", "discharg", "reject", "drop"].iter().any(|bad| words.contains(bad)),
                "{words}"
            );
        }
    }
}
