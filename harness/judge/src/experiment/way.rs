//! A way to cure: the remedy, or an alternative with its own steps and clocks.

use crate::phase::Phase;
use crate::scenario::{Alternative, DeclaredGoal, Duration, Remedy, Step};

/// A way to cure.
pub(super) struct Way<'a> {
    pub(super) phase: Phase,
    pub(super) steps: &'a [Step],
    pub(super) within: Duration,
    pub(super) hold: Duration,
    pub(super) goal: &'a [DeclaredGoal],
    /// The key of its deadline.
    pub(super) key: &'static str,
}

impl<'a> Way<'a> {
    pub(super) fn of(remedy: &'a Remedy) -> Self {
        Self {
            phase: Phase::Remedy,
            steps: &remedy.steps,
            within: remedy.within,
            hold: remedy.hold,
            goal: &remedy.goal,
            key: "remedy.within",
        }
    }

    /// Another way, by the remedy's measures where it has none of its own.
    pub(super) fn of_another(alternative: &'a Alternative, remedy: &'a Remedy) -> Self {
        Self {
            phase: Phase::Alternative,
            steps: &alternative.steps,
            within: alternative.within.unwrap_or(remedy.within),
            hold: alternative.hold.unwrap_or(remedy.hold),
            goal: alternative.goal.as_ref().unwrap_or(&remedy.goal),
            key: match alternative.within {
                Some(_) => "within of the alternative",
                None => "remedy.within",
            },
        }
    }
}
