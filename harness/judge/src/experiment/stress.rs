//! Stress: the remedied workload is perturbed, and must be Ready again without the failure.

use super::{Experiment, too_long_blind};
use crate::perturbation::{
    Planned, concerns_nothing, effect, is_about_pods, plan, rollouts, targets,
};
use crate::phase::Phase;
use crate::problems::symptoms;
use crate::scenario::{Perturbation, SHORTEST_HOLD, Step};
use crate::signature::{self, Disturbed, Match, Since, comes_back};
use crate::steady_state::{Hold, HoldState, Moment, assess, unobserved};
use crate::time::Millis;
use crate::verdict::{Obstacle, Perturbed, Refutation, Survival, Verdict};
use crate::witness::{Effect, PhaseMark, Witness};
use crate::world::{DeadlinePassed, Decision, World, decide};

/// What a busy cluster takes to tell that something is no longer Ready.
const NOTICED_WITHIN: Millis = 2_000;

enum Recovery {
    /// With what shows the effect, Ready since this moment.
    Ready(String, Millis),
    Relapsed(String),
}

/// A perturbation that was made.
#[derive(Clone)]
struct Shock {
    perturbation: Perturbation,
    mark: PhaseMark,
    at: Millis,
    disturbed: Disturbed,
}

impl<W: World> Experiment<'_, W> {
    /// Perturbs in every way that is planned. What is Ready again must stay so: thoroughly tried, after
    /// each perturbation, else after the last.
    pub(super) async fn stress(&mut self, thorough: bool) -> Result<(), Verdict> {
        let plan = plan(&self.scenario.scenario.stress, &self.goal, thorough);
        if plan.iter().any(|one| one.not_applicable.is_none()) {
            self.tells_more_than_a_restart()?;
        }
        let last = plan.iter().rposition(|one| one.not_applicable.is_none());
        let mut unsettled = None;
        for (place, planned) in plan.iter().enumerate() {
            let perturbation = planned.perturbation;
            let settles = thorough || Some(place) == last;
            let survived = self.survive(planned, settles).await;
            let (outcome, shock) = survived.map_err(|verdict| after(perturbation, verdict))?;
            self.outcome.stress.push(Perturbed {
                perturbation,
                outcome,
            });
            if let Some(shock) = shock {
                unsettled = (!settles).then_some(shock);
            }
        }
        // The last one could not be done here.
        if let Some(shock) = unsettled {
            let settled = self.settle(&shock, self.world.now(), |_| Ok(String::new()));
            settled
                .await
                .map_err(|verdict| after(shock.perturbation, verdict))?;
        }
        Ok(())
    }

    /// A signature that any restart shows cannot tell a relapse.
    fn tells_more_than_a_restart(&self) -> Result<(), Verdict> {
        let mut chain = self.scenario.scenario.chain();
        let found = chain.find_map(|failure| {
            let clauses = signature::indistinct(self.world.witness(), failure.signature)?;
            Some(failure.tell(&clauses))
        });
        match found {
            None => Ok(()),
            Some(clauses) => Err(Verdict::refuted(
                Refutation::Vacuous,
                format!(
                    "any restart of what is cured shows the whole signature, so no relapse can be told \
                     from a perturbation: {clauses}; next: add a clause that only the failure shows, for \
                     example a log line or an event"
                ),
            )),
        }
    }

    async fn survive(
        &mut self,
        planned: &Planned,
        settles: bool,
    ) -> Result<(Survival, Option<Shock>), Verdict> {
        let perturbation = planned.perturbation;
        if let Some(reason) = planned.not_applicable.clone() {
            return Ok((Survival::NotApplicable { reason }, None));
        }
        let shock = Shock {
            perturbation,
            mark: self.world.begin(Phase::Stress).await?,
            at: self.world.now(),
            disturbed: Disturbed::from_now(self.world.witness()),
        };
        let witness = self.world.witness();
        if let Some(why) = concerns_nothing(witness, &self.goal, perturbation) {
            let reason = why.to_owned();
            return Ok((Survival::Skipped { reason }, None));
        }
        let targets = targets(witness, &self.goal, perturbation);
        if targets.is_empty() && is_about_pods(perturbation) {
            return Err(not_perturbed(perturbation, "there is no pod to perturb"));
        }
        self.world.waiting(&perturbation.to_string(), "");
        if perturbation == Perturbation::RestartRollout {
            let witness = self.world.witness();
            let restarts = rollouts(witness, &self.goal).map(Step::Restart);
            let restarts: Vec<Step> = restarts.collect();
            let clock = self.clock(self.scenario.scenario.stress.within);
            self.take_steps(&restarts, clock, Refutation::Relapsed)
                .await?;
        }
        let proof = match self.world.perturb(perturbation, &targets).await?.effect {
            Effect::Seen { proof } => proof,
            Effect::Awaited => String::new(),
            Effect::Impossible { why } => return Ok((Survival::Skipped { reason: why }, None)),
            Effect::Missing { why } => return Err(not_perturbed(perturbation, &why)),
        };
        let takes_effect = |witness: &Witness| effect(witness, &targets, perturbation);
        let (shown, ready) = if settles {
            self.settle(&shock, shock.at, takes_effect).await?
        } else {
            self.ready_again(&shock, shock.at, takes_effect, NOTICED_WITHIN)
                .await?
        };
        let survival = Survival::Recovered {
            effect: [proof, shown]
                .into_iter()
                .filter(|words| !words.is_empty())
                .collect::<Vec<_>>()
                .join(", "),
            millis: ready - shock.at,
        };
        Ok((survival, Some(shock)))
    }

    /// Waits as `ready_again` does, as long as the claim holds what is remedied, and asks what it checks.
    async fn settle(
        &mut self,
        shock: &Shock,
        began: Millis,
        effect: impl Fn(&Witness) -> Result<String, String>,
    ) -> Result<(String, Millis), Verdict> {
        let claim = &self.scenario.scenario;
        let hold = self
            .no_shorter(claim.remedy.hold, SHORTEST_HOLD)
            .as_millis();
        let ready = self.ready_again(shock, began, effect, hold).await?;
        let checks = claim.stress.checks.as_ref().unwrap_or(&claim.checks);
        self.checks(checks).await?;
        Ok(ready)
    }

    /// Waits until the perturbation is seen and everything is Ready again, and has been for so long:
    /// in words what was seen, and since when it was Ready.
    async fn ready_again(
        &mut self,
        shock: &Shock,
        began: Millis,
        effect: impl Fn(&Witness) -> Result<String, String>,
        hold: Millis,
    ) -> Result<(String, Millis), Verdict> {
        let claim = &self.scenario.scenario;
        let Shock {
            perturbation, mark, ..
        } = *shock;
        let goal = self.goal.clone();
        let mut hold = Hold::new(hold);
        let mut shown = None;
        let decided = decide(self.world, began, claim.stress.within, |witness, now| {
            let since = Since::starting(mark, hold.met());
            let came_back = claim.chain().find_map(|failure| {
                match comes_back(witness, failure.signature, since, &shock.disturbed) {
                    Match::Holds(evidence) => Some(failure.tell(&evidence.join("; "))),
                    Match::NotYet(_) => None,
                }
            });
            if let Some(seen) = came_back {
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
            Err(passed) if shown.is_none() => Err(self.not_taken(perturbation, mark, &passed)),
            Err(passed) => {
                Err(self.refuted(Refutation::Relapsed, mark, passed.by("stress.within")))
            }
        }
    }
}

impl<W: World> Experiment<'_, W> {
    /// Whose fault it is that a perturbation took no effect: a rollout that its controllers began and
    /// cannot end, since new pods are refused or do not become Ready, is the remedied workload's.
    fn not_taken(
        &self,
        perturbation: Perturbation,
        mark: PhaseMark,
        passed: &DeadlinePassed,
    ) -> Verdict {
        let witness = self.world.witness();
        let ailing = symptoms(witness);
        let met = perturbation == Perturbation::RestartRollout
            && unobserved(witness, &self.goal).is_none()
            && !ailing.is_empty();
        let words = passed.by("stress.within");
        if met {
            let words = format!("what is remedied cannot be rolled out again: {words}");
            return self.refuted(Refutation::Relapsed, mark, words);
        }
        let met = match ailing.as_slice() {
            [] => String::new(),
            ailing => format!("; it met: {}", ailing.join("; ")),
        };
        not_perturbed(perturbation, &format!("{words}{met}"))
    }
}

fn after(perturbation: Perturbation, verdict: Verdict) -> Verdict {
    verdict.refuted_for(Refutation::Relapsed, &format!("after {perturbation}: "))
}

fn not_perturbed(perturbation: Perturbation, why: &str) -> Verdict {
    Verdict::inconclusive(Obstacle::NotPerturbed, format!("{perturbation}: {why}"))
}
