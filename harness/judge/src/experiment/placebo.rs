//! A placebo: the healthy start without the fault, for as long as the failure took to appear and stand.
//! What fails then too is not caused by the fault.

use super::chain::standing;
use super::{Experiment, too_long_blind, while_blind};
use crate::phase::Phase;
use crate::steady_state::{Hold, HoldState, Moment, assess};
use crate::text::shown;
use crate::time::Millis;
use crate::verdict::{Refutation, Verdict};
use crate::world::{Decision, World, decide};

enum Placebo {
    Nothing,
    Signature(String),
    Broken(String),
    /// A watch was broken for longer than the claim allows.
    Blind,
}

impl<W: World> Experiment<'_, W> {
    /// Watches the healthy start for so many milliseconds; no failure of the chain may be seen, and
    /// everything stays Ready.
    pub(super) async fn placebo(&mut self, length: Millis) -> Result<(), Verdict> {
        let claim = &self.scenario.scenario;
        let Some(start) = &claim.steady_state else {
            return Ok(());
        };
        let mark = self.world.begin(Phase::Placebo).await?;
        let began = self.world.now();
        let goal = self.goal.clone();
        let mut hold = Hold::new(length);
        let decided = decide(self.world, began, start.within, |witness, now| {
            if let Some(seen) = standing(witness, claim.chain(), mark) {
                return Decision::Done(Placebo::Signature(seen));
            }
            match hold.observe(assess(witness, &goal), Moment::of(witness, now)) {
                HoldState::Held { .. } => Decision::Done(Placebo::Nothing),
                HoldState::Holding { until, .. } => Decision::Hold {
                    until,
                    awaited: "nothing fails without the fault".to_owned(),
                },
                HoldState::Blind { since } => {
                    while_blind(since, now, claim.longest_gap, Placebo::Blind)
                }
                HoldState::NotMet(why) | HoldState::Never(why) | HoldState::Broken(why) => {
                    Decision::Done(Placebo::Broken(why))
                }
            }
        })
        .await?;
        let refuted = |reason, words: String| {
            let words = format!("without the fault: {words}; so the fault is not the cause");
            Err(Verdict::refuted(reason, words))
        };
        match decided {
            Ok(Placebo::Nothing) => {
                self.outcome.stood = Some(format!("nothing failed for {}", shown(length)));
                Ok(())
            }
            Ok(Placebo::Signature(seen)) => refuted(Refutation::AlreadyPresent, seen),
            Ok(Placebo::Broken(why)) => refuted(Refutation::BaselineBroken, why),
            Ok(Placebo::Blind) => Err(too_long_blind(self.scenario)),
            Err(passed) => refuted(Refutation::BaselineBroken, passed.to_string()),
        }
    }
}
