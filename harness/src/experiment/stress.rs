//! Stress: the remedied workload is perturbed, and must be Ready again without the failure.

use super::chain::standing;
use super::{Experiment, too_long_blind};
use crate::perturbation::{Planned, Target, effect, is_about_pods, plan, rollouts, targets};
use crate::scenario::{Perturbation, Step};
use crate::steady_state::{Hold, HoldState, Moment, assess};
use crate::verdict::{Obstacle, Perturbed, Refutation, Survival, Verdict};
use crate::witness::{Effect, Millis, Phase, PhaseMark};
use crate::world::{Decision, World, decide};

enum Recovery {
    /// With what shows the effect, Ready since this moment.
    Ready(String, Millis),
    Relapsed(String),
}

impl<W: World> Experiment<'_, W> {
    pub(super) async fn stress(&mut self, thorough: bool) -> Result<(), Verdict> {
        for planned in plan(&self.scenario.scenario.stress, &self.goal, thorough) {
            let outcome = self.survive(&planned).await.map_err(|verdict| {
                let words = format!("after {}: ", planned.perturbation);
                verdict.refuted_for(Refutation::Relapsed, &words)
            })?;
            self.outcome.stress.push(Perturbed {
                perturbation: planned.perturbation,
                outcome,
            });
        }
        Ok(())
    }

    async fn survive(&mut self, planned: &Planned) -> Result<Survival, Verdict> {
        let perturbation = planned.perturbation;
        if let Some(reason) = planned.not_applicable.clone() {
            return Ok(Survival::NotApplicable { reason });
        }
        let mark = self.world.begin(Phase::Stress).await?;
        let began = self.world.now();
        let targets = targets(self.world.witness(), &self.goal, perturbation);
        if targets.is_empty() && is_about_pods(perturbation) {
            return Err(not_perturbed(perturbation, "there is no pod to perturb"));
        }
        self.world.waiting(&perturbation.to_string(), "");
        if perturbation == Perturbation::RestartRollout {
            let restarts: Vec<Step> = rollouts(&self.goal).map(Step::Restart).collect();
            self.take_steps(&restarts, Refutation::Relapsed).await?;
        }
        let proof = match self.world.perturb(perturbation, &targets).await?.effect {
            Effect::Seen { proof } => proof,
            Effect::Awaited => String::new(),
            Effect::Impossible { why } => return Ok(Survival::Skipped { reason: why }),
            Effect::Missing { why } => return Err(not_perturbed(perturbation, &why)),
        };
        let (shown, ready) = self.recovery(mark, began, perturbation, &targets).await?;
        let after = self.scenario.scenario.stress.checks.as_ref();
        self.checks(after.unwrap_or(&self.scenario.scenario.checks))
            .await?;
        Ok(Survival::Recovered {
            effect: [proof, shown]
                .into_iter()
                .filter(|words| !words.is_empty())
                .collect::<Vec<_>>()
                .join(", "),
            millis: ready - began,
        })
    }

    /// Waits until the perturbation is seen and everything is Ready again, and has held.
    async fn recovery(
        &mut self,
        mark: PhaseMark,
        began: Millis,
        perturbation: Perturbation,
        targets: &[Target],
    ) -> Result<(String, Millis), Verdict> {
        let claim = &self.scenario.scenario;
        let goal = self.goal.clone();
        let mut hold = Hold::new(claim.remedy.hold.as_millis());
        let mut shown = None;
        let decided = decide(self.world, began, claim.stress.within, |witness, now| {
            if let Some(seen) = standing(witness, claim.chain(), mark) {
                return Decision::Done(Recovery::Relapsed(seen));
            }
            if shown.is_none() {
                match effect(witness, targets, perturbation) {
                    Ok(words) => shown = Some(words),
                    Err(seen) => {
                        return Decision::Wait {
                            wake: None,
                            awaited: format!("{perturbation} takes effect"),
                            seen,
                        };
                    }
                }
            }
            let effect = shown.clone().unwrap_or_default();
            match hold.observe(assess(witness, &goal), Moment::of(witness, now)) {
                HoldState::Held { since } => Decision::Done(Recovery::Ready(effect, since)),
                HoldState::Holding { until, .. } => Decision::Hold {
                    until,
                    awaited: format!("everything stays Ready after {perturbation}"),
                },
                HoldState::Blind { .. } => Decision::Wait {
                    wake: None,
                    awaited: format!("everything is Ready again after {perturbation}"),
                    seen: "Ready as far as is seen, and a watch is broken".to_owned(),
                },
                // What is perturbed may be Ready for a moment before the cluster has noticed.
                HoldState::NotMet(seen) | HoldState::Never(seen) | HoldState::Broken(seen) => {
                    Decision::Wait {
                        wake: None,
                        awaited: format!("everything is Ready again after {perturbation}"),
                        seen,
                    }
                }
            }
        })
        .await?;
        match decided {
            Ok(Recovery::Ready(effect, since)) => Ok((effect, since)),
            Ok(Recovery::Relapsed(evidence)) => Err(Verdict::refuted(
                Refutation::Relapsed,
                format!("the failure came back: {evidence}"),
            )),
            Err(_) if self.world.witness().blind_since().is_some() => {
                Err(too_long_blind(self.scenario))
            }
            Err(passed) if shown.is_none() => Err(not_perturbed(perturbation, &passed.to_string())),
            Err(passed) => Err(self.refuted(Refutation::Relapsed, mark, passed.to_string())),
        }
    }
}

fn not_perturbed(perturbation: Perturbation, why: &str) -> Verdict {
    Verdict::inconclusive(Obstacle::NotPerturbed, format!("{perturbation}: {why}"))
}
