//! What is harmless: a change of the healthy start after which everything that was Ready stays so.

use super::chain::standing;
use super::{Experiment, too_long_blind, while_blind};
use crate::phase::Phase;
use crate::scenario::{Harmless, SteadyState};
use crate::steady_state::{Assessment, Hold, HoldState, Moment, Restarts, assess, unobserved};
use crate::verdict::{Refutation, Verdict};
use crate::witness::PhaseMark;
use crate::world::{Decision, World, decide};

enum Harm {
    None(Hold),
    Seen(String),
    /// A watch was broken for longer than the claim allows.
    Blind,
}

impl<W: World> Experiment<'_, W> {
    /// Makes a harmless change; no pod may be replaced, restart or cease to be Ready.
    pub(super) async fn harmless(&mut self, place: usize) -> Result<(), Verdict> {
        let claim = &self.scenario.scenario;
        let (Some(start), Some(harmless)) = (&claim.steady_state, claim.harmless.get(place)) else {
            return Ok(());
        };
        let mark = self.world.begin(Phase::Harmless).await?;
        let restarts = match assess(self.world.witness(), &self.goal) {
            Assessment::Met(restarts) => restarts,
            Assessment::NotYet(why) | Assessment::Never(why) => {
                return Err(self.refuted(Refutation::BaselineBroken, mark, why));
            }
        };
        let unharmed = self.unharmed(harmless, start, (mark, restarts)).await;
        unharmed.map_err(|verdict| {
            let words = format!("after the harmless change {:?}: ", harmless.title);
            verdict.refuted_for(Refutation::Harmful, &words)
        })?;
        self.outcome.stood = Some(format!("everything stayed Ready for {}", harmless.hold));
        self.spoke_of_something()
    }

    async fn unharmed(
        &mut self,
        harmless: &Harmless,
        start: &SteadyState,
        (mark, restarts): (PhaseMark, Restarts),
    ) -> Result<(), Verdict> {
        let claim = &self.scenario.scenario;
        let before = self.goal.clone();
        let clock = self.clock(start.within);
        self.take_steps(&harmless.steps, clock, Refutation::Harmful)
            .await?;
        if let Some(taken) = self.goal.taken_away_from(&before, self.world.witness()) {
            return Err(Verdict::refuted(Refutation::Harmful, taken));
        }
        let changed = self.goal.clone();
        // What the change adds need not be Ready; what was, must, unless the change deletes it.
        let goal = self.goal.left_of(&before);
        self.goal = goal.clone();
        let began = self.world.now();
        let moment = Moment::of(self.world.witness(), began);
        let mut hold = Hold::since(harmless.hold.as_millis(), restarts, moment);
        let decided = decide(self.world, began, start.within, |witness, now| {
            if let Some(seen) = standing(witness, claim.chain(), mark) {
                return Decision::Done(Harm::Seen(seen));
            }
            // A change that makes no new pods makes a new generation all the same.
            if let Some(seen) = unobserved(witness, &goal) {
                return Decision::Wait {
                    wake: None,
                    awaited: "the change is seen by its controller".to_owned(),
                    seen,
                };
            }
            match hold.observe(assess(witness, &goal), Moment::of(witness, now)) {
                HoldState::Held { .. } => Decision::Done(Harm::None(hold.clone())),
                HoldState::Holding { until, .. } => Decision::Hold {
                    until,
                    awaited: "everything that was Ready stays so".to_owned(),
                },
                HoldState::Blind { since } => {
                    while_blind(since, now, claim.longest_gap, Harm::Blind)
                }
                HoldState::NotMet(why) | HoldState::Never(why) | HoldState::Broken(why) => {
                    Decision::Done(Harm::Seen(why))
                }
            }
        })
        .await?;
        match decided {
            Ok(Harm::None(mut hold)) => {
                if let Some(less) = changed.less_than(&before, self.world.witness()) {
                    return Err(Verdict::refuted(Refutation::Harmful, less));
                }
                let checks = harmless.checks.as_ref().unwrap_or(&start.checks);
                self.seen_by_the_user(checks, &mut hold).await
            }
            Ok(Harm::Seen(why)) => Err(self.refuted(Refutation::Harmful, mark, why)),
            Ok(Harm::Blind) => Err(too_long_blind(self.scenario)),
            Err(passed) => Err(self.refuted(Refutation::Harmful, mark, passed.to_string())),
        }
    }
}
