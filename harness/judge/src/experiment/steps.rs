//! What an experiment does to its cluster and asks of it.

use super::Experiment;
use crate::scenario::{Await, Clause, Delete, Duration, Evict, Failure, Step};
use crate::signature::state_holds;
use crate::steady_state::{Goal, stays};
use crate::time::Millis;
use crate::verdict::{Refutation, Verdict};
use crate::witness::{Leaving, Refusal, StepOutcome, Witness};
use crate::workload::select_all;
use crate::world::{DeadlinePassed, Decision, Lost, World, decide};

impl<W: World> Experiment<'_, W> {
    /// Takes steps of which none may be refused or wait in vain.
    pub(super) async fn take_steps(
        &mut self,
        steps: &[Step],
        clock: Clock,
        reason: Refutation,
    ) -> Result<(), Verdict> {
        for step in steps {
            let outcome = self
                .take_step(step, clock)
                .await?
                .map_err(|passed| Verdict::refuted(reason, late(step, &passed)))?;
            if let Some(refusal) = outcome.refusals.first() {
                return Err(Verdict::refuted(reason, refused(step, refusal)));
            }
        }
        Ok(())
    }

    /// A refusal may be the documented failure itself; then the signature names it.
    pub(super) async fn take_fault_steps(
        &mut self,
        failure: &Failure<'_>,
        clock: Clock,
    ) -> Result<(), Verdict> {
        let steps = &failure.fault.steps;
        let mut clauses = failure.signature.iter();
        if !clauses.any(|clause| matches!(clause, Clause::Refusal(_))) {
            return self
                .take_steps(steps, clock, Refutation::OtherFailure)
                .await;
        }
        for step in steps {
            self.take_step(step, clock).await?.map_err(|passed| {
                Verdict::refuted(Refutation::OtherFailure, late(step, &passed))
            })?;
        }
        Ok(())
    }

    pub(super) async fn take_step(
        &mut self,
        step: &Step,
        clock: Clock,
    ) -> Result<Result<StepOutcome, DeadlinePassed>, Lost> {
        if let Step::Await(awaited) = step {
            let began = self.world.now();
            let ended = self.await_state(awaited).await?;
            self.waited += self.world.now() - began;
            return Ok(ended.map(|()| StepOutcome::default()));
        }
        self.world.waiting(&step.to_string(), "");
        let outcome = self.world.act(self.scenario, step).await?;
        self.goal.after(&outcome);
        let clock = match step {
            Step::Delete(Delete { wait: false, .. }) => return Ok(Ok(outcome)),
            Step::Delete(Delete { within, .. }) | Step::Evict(Evict { within, .. }) => {
                within.map_or(clock, |within| self.clock(within))
            }
            _ => clock,
        };
        let ended = self.await_end(&outcome.leaving, clock).await?;
        Ok(ended.map(|()| outcome))
    }

    /// A deadline that begins now.
    pub(super) fn clock(&self, within: Duration) -> Clock {
        Clock {
            began: self.world.now(),
            within,
        }
    }

    /// That the API server accepted a deletion is not its end: a finalizer may hold it for ever.
    async fn await_end(
        &mut self,
        leaving: &[Leaving],
        clock: Clock,
    ) -> Result<Result<(), DeadlinePassed>, Lost> {
        decide(self.world, clock.began, clock.within, |witness, _| {
            let mut staying = leaving.iter();
            match staying.find_map(|one| Some((one, stays(witness, one)?))) {
                None => Decision::Done(()),
                Some((one, seen)) => Decision::Wait {
                    wake: None,
                    awaited: format!("{} is gone", one.key),
                    seen,
                },
            }
        })
        .await
    }

    async fn await_state(&mut self, wanted: &Await) -> Result<Result<(), DeadlinePassed>, Lost> {
        let began = self.world.now();
        if let Some(time) = wanted.time {
            let end = began.saturating_add(time.as_millis());
            return decide(self.world, began, time, |_, now| {
                if now >= end {
                    return Decision::Done(());
                }
                Decision::Wait {
                    wake: Some(end),
                    awaited: wanted.to_string(),
                    seen: String::new(),
                }
            })
            .await;
        }
        let goal = self.goal.clone();
        let within = wanted.within.unwrap_or(Duration::from_millis(0));
        decide(
            self.world,
            began,
            within,
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

/// The deadline of a phase.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    pub(super) began: Millis,
    pub(super) within: Duration,
}

fn refused(step: &Step, refusal: &Refusal) -> String {
    let who = match step {
        Step::Exec(_) => "it failed",
        _ => "the API server refused",
    };
    format!("{step}: {who}: {}", refusal.brief())
}

/// A step that waited in vain, in words, with the key that says for how long.
fn late(step: &Step, passed: &DeadlinePassed) -> String {
    match step {
        Step::Await(_) => passed.by("await.within"),
        Step::Delete(delete) if delete.within.is_some() => passed.by("delete.within"),
        Step::Evict(evict) if evict.within.is_some() => passed.by("evict.within"),
        _ => passed.to_string(),
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
