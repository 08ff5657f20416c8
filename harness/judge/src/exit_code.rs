//! How the process ends: the only list of exit codes.

use std::num::NonZeroUsize;

use crate::verdict::{Finished, Obstacle, Verdict};

/// Exit codes of `relapse`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// Everything that ran was proved, and enough was.
    Proved = 0,
    /// At least one claim was refuted.
    Refuted = 1,
    /// Wrong arguments.
    Usage = 2,
    /// A scenario or manifest is invalid; no cluster was made.
    Invalid = 3,
    /// Too little was judged: none selected, all skipped, or fewer than asked for.
    TooFew = 4,
    /// The environment failed, and no claim was refuted.
    Inconclusive = 5,
    /// Attempts at a claim ended differently, and no claim was refuted.
    Flaky = 6,
    /// A fault of relapse itself, and no claim was refuted.
    Internal = 70,
    /// Standard output or a report could not be written, and nothing else went wrong.
    Unwritten = 74,
    /// Ended by Ctrl-C, SIGTERM or SIGHUP.
    Interrupted = 130,
}

/// What a run must come to, to end well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standard {
    /// Claims that must be judged: proved, refuted or flaky.
    pub at_least: NonZeroUsize,
    /// Whether a flaky claim will do.
    pub allow_flaky: bool,
}

impl Default for Standard {
    fn default() -> Self {
        Self {
            at_least: NonZeroUsize::MIN,
            allow_flaky: false,
        }
    }
}

impl Standard {
    /// Whether this verdict is a success. A flaky claim that no attempt proved never is.
    #[must_use]
    pub fn is_met_by(&self, finished: &Finished) -> bool {
        let proved_once = || {
            let mut attempts = finished.attempts.iter();
            attempts.any(|attempt| attempt.verdict == Verdict::Proved)
        };
        match finished.verdict {
            Verdict::Proved => true,
            Verdict::Flaky(_) => self.allow_flaky && proved_once(),
            _ => false,
        }
    }

    /// That too few claims were judged, in words; none if there were enough.
    #[must_use]
    pub fn shortfall(&self, finished: &[Finished]) -> Option<String> {
        let judged = |one: &&Finished| {
            !matches!(one.verdict, Verdict::Inconclusive(_) | Verdict::Skipped(_))
        };
        let judged = finished.iter().filter(judged).count();
        (judged < self.at_least.get()).then(|| {
            let (all, at_least) = (finished.len(), self.at_least);
            format!(
                "judged {judged} of at least {at_least}: {} of {all} were skipped",
                all - judged
            )
        })
    }
}

impl ExitCode {
    /// The code of a run. A refutation outranks a fault of relapse itself, which outranks a flaky claim,
    /// which outranks an inconclusive one, which outranks too few that were judged.
    #[must_use]
    pub fn of_run(finished: &[Finished], standard: &Standard) -> Self {
        let any = |matches: fn(&Verdict) -> bool| {
            let mut unmet = finished.iter().filter(|one| !standard.is_met_by(one));
            unmet.any(|one| matches(&one.verdict))
        };
        let is_internal = |verdict: &Verdict| matches!(verdict, Verdict::Inconclusive(because) if because.reason == Obstacle::Internal);
        if any(|verdict| matches!(verdict, Verdict::Refuted(_))) {
            Self::Refuted
        } else if any(is_internal) {
            Self::Internal
        } else if any(|verdict| matches!(verdict, Verdict::Flaky(_))) {
            Self::Flaky
        } else if any(|verdict| matches!(verdict, Verdict::Inconclusive(_))) {
            Self::Inconclusive
        } else if standard.shortfall(finished).is_some() {
            Self::TooFew
        } else {
            Self::Proved
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
    use std::num::NonZeroUsize;

    use proptest::prelude::*;

    use super::{ExitCode, Standard};
    use crate::testing::sample;
    use crate::verdict::{Finished, Obstacle, Verdict};

    fn standard(at_least: usize, allow_flaky: bool) -> Standard {
        Standard {
            at_least: NonZeroUsize::new(at_least).expect("at least one"),
            allow_flaky,
        }
    }

    /// What each verdict alone comes to, the strongest first.
    fn rank(verdict: &Verdict) -> (u8, ExitCode) {
        match verdict {
            Verdict::Refuted(_) => (0, ExitCode::Refuted),
            Verdict::Inconclusive(because) if because.reason == Obstacle::Internal => {
                (1, ExitCode::Internal)
            }
            Verdict::Flaky(_) => (2, ExitCode::Flaky),
            Verdict::Inconclusive(_) => (3, ExitCode::Inconclusive),
            Verdict::Proved => (4, ExitCode::Proved),
            Verdict::Skipped(_) => (5, ExitCode::TooFew),
        }
    }

    /// A scenario that relapse itself failed.
    fn internal() -> Finished {
        Finished {
            verdict: Verdict::inconclusive(Obstacle::Internal, "relapse failed"),
            ..sample::inconclusive()
        }
    }

    fn any_verdict() -> impl Strategy<Value = Finished> {
        prop::sample::select([sample::all(), vec![internal()]].concat())
    }

    fn any_run() -> impl Strategy<Value = Vec<Finished>> {
        prop::collection::vec(any_verdict(), 0..6)
    }

    #[test]
    fn nothing_selected_is_not_success() {
        let code = ExitCode::of_run(&[], &Standard::default());
        assert_eq!(code, ExitCode::TooFew);
    }

    #[test]
    fn too_few_are_told_in_words() {
        let run = [sample::proved(), sample::skipped(), sample::proved()];
        assert_eq!(
            standard(3, false).shortfall(&run).as_deref(),
            Some("judged 2 of at least 3: 1 of 3 were skipped")
        );
        assert_eq!(standard(2, false).shortfall(&run), None);
    }

    #[test]
    fn a_flaky_claim_is_allowed_only_where_it_was_proved_once() {
        let allowed = standard(1, true);
        let flaky = sample::flaky();
        let mut never_proved = flaky.clone();
        never_proved
            .attempts
            .retain(|attempt| attempt.verdict != Verdict::Proved);
        let code = |finished| ExitCode::of_run(&[finished], &allowed);
        assert_eq!(code(flaky), ExitCode::Proved);
        assert_eq!(code(never_proved), ExitCode::Flaky);
    }

    #[test]
    fn codes_are_those_that_the_readme_promises() {
        let codes = [
            (ExitCode::Proved, 0),
            (ExitCode::Refuted, 1),
            (ExitCode::Usage, 2),
            (ExitCode::Invalid, 3),
            (ExitCode::TooFew, 4),
            (ExitCode::Inconclusive, 5),
            (ExitCode::Flaky, 6),
            (ExitCode::Internal, 70),
            (ExitCode::Unwritten, 74),
            (ExitCode::Interrupted, 130),
        ];
        for (code, number) in codes {
            assert_eq!(code as u8, number);
            // They can be compared by their words only.
            let [ends, meant] = [code.into(), std::process::ExitCode::from(number)];
            assert_eq!(format!("{ends:?}"), format!("{meant:?}"));
        }
    }

    proptest! {
        #[test]
        fn the_strongest_verdict_decides_in_any_order(
            finished in prop::collection::vec(any_verdict(), 1..6)
        ) {
            let strongest = finished.iter().map(|scenario| rank(&scenario.verdict)).min_by_key(|rank| rank.0);
            let code = ExitCode::of_run(&finished, &Standard::default());
            prop_assert_eq!(Some(code), strongest.map(|rank| rank.1));
        }

        #[test]
        fn a_run_ends_well_only_if_enough_was_judged_and_nothing_but_proved(
            finished in any_run(), at_least in 1usize..8
        ) {
            let proved = finished.iter().filter(|one| one.verdict == Verdict::Proved).count();
            let skipped = finished.iter().filter(|one| matches!(one.verdict, Verdict::Skipped(_)));
            let well = proved + skipped.count() == finished.len() && proved >= at_least;
            let code = ExitCode::of_run(&finished, &standard(at_least, false));
            prop_assert_eq!(code == ExitCode::Proved, well);
        }

        #[test]
        fn a_floor_decides_only_where_nothing_stronger_does(
            finished in any_run(), at_least in 1usize..8, allow_flaky: bool
        ) {
            let code = ExitCode::of_run(&finished, &standard(at_least, allow_flaky));
            let without = ExitCode::of_run(&finished, &standard(1, allow_flaky));
            prop_assert!(code == without || (without, code) == (ExitCode::Proved, ExitCode::TooFew));
        }

        #[test]
        fn allowing_flaky_claims_changes_nothing_else(finished in any_run(), at_least in 1usize..8) {
            let strict = ExitCode::of_run(&finished, &standard(at_least, false));
            let allowing = ExitCode::of_run(&finished, &standard(at_least, true));
            prop_assert!(strict == allowing || strict == ExitCode::Flaky);
        }
    }
}
