//! What an experiment does to its cluster and asks of it.

use super::Experiment;
use crate::scenario::{Await, Check, Clause, Failure, Step};
use crate::signature::state_holds;
use crate::steady_state::Goal;
use crate::verdict::{Refutation, Verdict};
use crate::witness::{StepOutcome, Witness};
use crate::workload::select_all;
use crate::world::{DeadlinePassed, Decision, Lost, World, decide};

impl<W: World> Experiment<'_, W> {
    pub(super) async fn checks(&mut self, checks: &[Check]) -> Result<(), Verdict> {
        for check in checks {
            self.world.waiting(check.name(), "asking");
            let outcome = self.world.check(check).await?;
            if !outcome.passed {
                return Err(Verdict::refuted(
                    Refutation::CheckFailed,
                    format!(
                        "awaited for {}: {}; seen last: {}",
                        check.within(),
                        outcome.name,
                        outcome.seen
                    ),
                ));
            }
        }
        Ok(())
    }

    pub(super) async fn take_steps(
        &mut self,
        steps: &[Step],
        reason: Refutation,
    ) -> Result<(), Verdict> {
        for step in steps {
            let outcome = self
                .take_step(step)
                .await?
                .map_err(|passed| Verdict::refuted(reason, passed.to_string()))?;
            if let Some(refusal) = outcome.refusals.first() {
                return Err(Verdict::refuted(
                    reason,
                    format!(
                        "{}: the API server refused: {}",
                        outcome.step,
                        refusal.brief()
                    ),
                ));
            }
        }
        Ok(())
    }

    /// A refusal may be the documented failure itself; then the signature names it.
    pub(super) async fn take_fault_steps(&mut self, failure: &Failure<'_>) -> Result<(), Verdict> {
        let steps = &failure.fault.steps;
        let mut clauses = failure.signature.iter();
        if !clauses.any(|clause| matches!(clause, Clause::Refusal(_))) {
            return self.take_steps(steps, Refutation::OtherFailure).await;
        }
        for step in steps {
            self.take_step(step)
                .await?
                .map_err(|passed| Verdict::refuted(Refutation::OtherFailure, passed.to_string()))?;
        }
        Ok(())
    }

    pub(super) async fn take_step(
        &mut self,
        step: &Step,
    ) -> Result<Result<StepOutcome, DeadlinePassed>, Lost> {
        if let Step::Await(awaited) = step {
            return Ok(self
                .await_state(awaited)
                .await?
                .map(|()| StepOutcome::default()));
        }
        self.world.waiting(&step.to_string(), "");
        let outcome = self.world.act(self.scenario, step).await?;
        self.goal.after(&outcome);
        Ok(Ok(outcome))
    }

    async fn await_state(&mut self, wanted: &Await) -> Result<Result<(), DeadlinePassed>, Lost> {
        let began = self.world.now();
        let goal = self.goal.clone();
        decide(
            self.world,
            began,
            wanted.within,
            |witness, _| match awaited_holds(witness, &goal, wanted) {
                Ok(()) => Decision::Done(()),
                Err((awaited, seen)) => Decision::Wait {
                    wake: None,
                    awaited,
                    seen,
                },
            },
        )
        .await
    }
}

pub(super) fn awaited_holds(
    witness: &Witness,
    goal: &Goal,
    wanted: &Await,
) -> Result<(), (String, String)> {
    if let Some(state) = &wanted.state {
        state_holds(witness, state, goal).map_err(|seen| (wanted.to_string(), seen))?;
    }
    if let Some(gone) = &wanted.gone {
        let left = select_all(witness, gone).count();
        if left > 0 {
            return Err((wanted.to_string(), format!("{left} left")));
        }
    }
    Ok(())
}
