//! Stress: the remedied workload is perturbed, and must be Ready again without the failure.

use super::chain::standing;
use super::{Experiment, too_long_blind};
use crate::perturbation::{Planned, effect, is_about_pods, plan, rollouts, targets};
use crate::scenario::{Perturbation, Step};
use crate::steady_state::{Hold, HoldState, Moment, assess};
use crate::verdict::{Obstacle, Perturbed, Refutation, Survival, Verdict};
use crate::witness::{Effect, Millis, Phase, PhaseMark, Witness};
use crate::world::{Decision, World, decide};

enum Recovery {
    /// With what shows the effect, Ready since this moment.
    Ready(String, Millis),
    Relapsed(String),
}

impl<W: World> Experiment<'_, W> {
    /// Perturbs in every way that is planned. What is Ready again must stay so: thoroughly tried, after
    /// each perturbation, else after the last.
    pub(super) async fn stress(&mut self, thorough: bool) -> Result<(), Verdict> {
        let mut unsettled = None;
        for planned in plan(&self.scenario.scenario.stress, &self.goal, thorough) {
            let perturbation = planned.perturbation;
            let survived = self.survive(&planned).await;
            let (outcome, mark) = survived.map_err(|verdict| after(perturbation, verdict))?;
            unsettled = mark.map(|mark| (perturbation, mark)).or(unsettled);
            if thorough {
                self.settle(unsettled.take()).await?;
            }
            self.outcome.stress.push(Perturbed {
                perturbation,
                outcome,
            });
        }
        self.settle(unsettled).await
    }

    /// With where the perturbation began, if there was one.
    async fn survive(
        &mut self,
        planned: &Planned,
    ) -> Result<(Survival, Option<PhaseMark>), Verdict> {
        let perturbation = planned.perturbation;
        if let Some(reason) = planned.not_applicable.clone() {
            return Ok((Survival::NotApplicable { reason }, None));
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
            Effect::Impossible { why } => return Ok((Survival::Skipped { reason: why }, None)),
            Effect::Missing { why } => return Err(not_perturbed(perturbation, &why)),
        };
        let takes_effect = |witness: &Witness| effect(witness, &targets, perturbation);
        let (shown, ready) = self
            .ready_again((perturbation, mark), began, takes_effect, 0)
            .await?;
        let survival = Survival::Recovered {
            effect: [proof, shown]
                .into_iter()
                .filter(|words| !words.is_empty())
                .collect::<Vec<_>>()
                .join(", "),
            millis: ready - began,
        };
        Ok((survival, Some(mark)))
    }

    /// What a perturbation left Ready stays so, and is as the checks say; nothing is waited for where
    /// nothing was perturbed.
    async fn settle(
        &mut self,
        perturbed: Option<(Perturbation, PhaseMark)>,
    ) -> Result<(), Verdict> {
        let Some(perturbed) = perturbed else {
            return Ok(());
        };
        let claim = &self.scenario.scenario;
        let began = self.world.now();
        let settled = async {
            let is_seen = |_: &Witness| Ok(String::new());
            let hold = claim.remedy.hold.as_millis();
            self.ready_again(perturbed, began, is_seen, hold).await?;
            self.checks(claim.stress.checks.as_ref().unwrap_or(&claim.checks))
                .await
        };
        settled.await.map_err(|verdict| after(perturbed.0, verdict))
    }

    /// Waits until the perturbation is seen and everything is Ready again, and has been for so long:
    /// in words what was seen, and since when it was Ready.
    async fn ready_again(
        &mut self,
        (perturbation, mark): (Perturbation, PhaseMark),
        began: Millis,
        effect: impl Fn(&Witness) -> Result<String, String>,
        hold: Millis,
    ) -> Result<(String, Millis), Verdict> {
        let claim = &self.scenario.scenario;
        let goal = self.goal.clone();
        let mut hold = Hold::new(hold);
        let mut shown = None;
        let decided = decide(self.world, began, claim.stress.within, |witness, now| {
            if let Some(seen) = standing(witness, claim.chain(), mark) {
                return Decision::Done(Recovery::Relapsed(seen));
            }
            if shown.is_none() {
                match effect(witness) {
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

fn after(perturbation: Perturbation, verdict: Verdict) -> Verdict {
    verdict.refuted_for(Refutation::Relapsed, &format!("after {perturbation}: "))
}

fn not_perturbed(perturbation: Perturbation, why: &str) -> Verdict {
    Verdict::inconclusive(Obstacle::NotPerturbed, format!("{perturbation}: {why}"))
}
