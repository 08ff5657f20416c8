//! How the process ends: the only list of exit codes.

use crate::verdict::{Finished, Verdict};

/// Exit codes of `relapse`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// Everything that ran was proved, and something was proved.
    Proved = 0,
    /// At least one claim was refuted.
    Refuted = 1,
    /// Wrong arguments.
    Usage = 2,
    /// A scenario or manifest is invalid; no cluster was made.
    Invalid = 3,
    /// Nothing was judged: none selected, or all skipped.
    NothingRan = 4,
    /// The environment failed, and no claim was refuted.
    Inconclusive = 5,
    /// A fault of relapse itself.
    Internal = 70,
    /// A claim was judged differently by different attempts, and none was refuted.
    Flaky = 6,
    /// Ended by Ctrl-C or SIGTERM.
    Interrupted = 130,
}

impl ExitCode {
    /// The code of a run. A refutation outranks an inconclusive verdict, which outranks the rest.
    #[must_use]
    pub fn of_run(finished: &[Finished]) -> Self {
        let any = |matches: fn(&Verdict) -> bool| {
            finished.iter().any(|scenario| matches(&scenario.verdict))
        };
        if any(|verdict| matches!(verdict, Verdict::Refuted(_))) {
            Self::Refuted
        } else if any(|verdict| matches!(verdict, Verdict::Flaky(_))) {
            Self::Flaky
        } else if any(|verdict| matches!(verdict, Verdict::Inconclusive(_))) {
            Self::Inconclusive
        } else if any(|verdict| matches!(verdict, Verdict::Proved)) {
            Self::Proved
        } else {
            Self::NothingRan
        }
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code as u8)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::ExitCode;
    use crate::report::sample;
    use crate::verdict::{Finished, Verdict};

    /// What each verdict alone comes to, the strongest first.
    fn rank(verdict: &Verdict) -> (u8, ExitCode) {
        match verdict {
            Verdict::Refuted(_) => (0, ExitCode::Refuted),
            Verdict::Flaky(_) => (1, ExitCode::Flaky),
            Verdict::Inconclusive(_) => (2, ExitCode::Inconclusive),
            Verdict::Proved => (3, ExitCode::Proved),
            Verdict::Skipped(_) => (4, ExitCode::NothingRan),
        }
    }

    fn any_verdict() -> impl Strategy<Value = Finished> {
        prop::sample::select(sample::all())
    }

    #[test]
    fn nothing_selected_is_not_success() {
        assert_eq!(ExitCode::of_run(&[]), ExitCode::NothingRan);
    }

    #[test]
    fn codes_are_those_that_the_readme_promises() {
        let codes = [
            (ExitCode::Proved, 0),
            (ExitCode::Refuted, 1),
            (ExitCode::Usage, 2),
            (ExitCode::Invalid, 3),
            (ExitCode::NothingRan, 4),
            (ExitCode::Inconclusive, 5),
            (ExitCode::Flaky, 6),
            (ExitCode::Internal, 70),
            (ExitCode::Interrupted, 130),
        ];
        for (code, number) in codes {
            assert_eq!(code as u8, number);
        }
    }

    proptest! {
        #[test]
        fn the_strongest_verdict_decides_in_any_order(
            finished in prop::collection::vec(any_verdict(), 1..6)
        ) {
            let strongest = finished.iter().map(|scenario| rank(&scenario.verdict)).min_by_key(|rank| rank.0);
            prop_assert_eq!(Some(ExitCode::of_run(&finished)), strongest.map(|rank| rank.1));
        }
    }
}
