//! One scenario on one cluster: the phases, and what each decides.
//!
//! The only module that knows the phases. It sees the cluster through [`World`], so a recording is
//! judged by the same lines as a live cluster.

mod steps;
mod trials;

use crate::scenario::{Duration, LoadedScenario};
use crate::signature::{self, Match};
use crate::steady_state::{Goal, Hold, HoldState, assess};
use crate::symptom::{dead_end, symptoms, unreachable_registry};
use crate::verdict::{Obstacle, Perturbed, Rate, Refutation, Verdict};
use crate::witness::{Millis, Phase, PhaseMark};
use crate::world::{DeadlinePassed, Decision, Lost, World, decide};

/// What an experiment found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What was proved.
    pub verdict: Verdict,
    /// The phase in which the verdict fell.
    pub phase: Option<Phase>,
    /// Milliseconds from the fault's first step to the signature.
    pub time_to_signature: Option<Millis>,
    /// Milliseconds from the remedy's first step to Ready.
    pub time_to_ready: Option<Millis>,
    /// Rates of the findings' trials.
    pub rates: Vec<Rate>,
    /// What the remedied workload went through.
    pub stress: Vec<Perturbed>,
}

impl Outcome {
    /// A verdict that fell before any phase.
    #[must_use]
    pub const fn of(verdict: Verdict) -> Self {
        Self {
            verdict,
            phase: None,
            time_to_signature: None,
            time_to_ready: None,
            rates: Vec::new(),
            stress: Vec::new(),
        }
    }
}

/// Conducts all phases on a cluster. With `trials`, each finding's trial is repeated after the
/// checks; that never refutes the claim.
pub async fn conduct<W: World>(scenario: &LoadedScenario, world: &mut W, trials: bool) -> Outcome {
    let mut experiment = Experiment {
        scenario,
        world,
        goal: Goal::default(),
        time_to_signature: None,
        time_to_ready: None,
    };
    let judged = experiment.judge().await;
    let phase = experiment.world.witness().phase().map(|mark| mark.phase);
    let mut rates = Vec::new();
    let verdict = match judged {
        Err(verdict) => verdict,
        Ok(()) if !trials => Verdict::Proved,
        Ok(()) => match experiment.run_trials().await {
            Ok(measured) => {
                rates = measured;
                Verdict::Proved
            }
            Err(Verdict::Refuted(because)) => {
                Verdict::inconclusive(Obstacle::TrialFailed, because.detail)
            }
            Err(ended) => ended,
        },
    };
    Outcome {
        verdict,
        phase,
        time_to_signature: experiment.time_to_signature,
        time_to_ready: experiment.time_to_ready,
        rates,
        stress: Vec::new(),
    }
}

struct Experiment<'a, W> {
    scenario: &'a LoadedScenario,
    world: &'a mut W,
    goal: Goal,
    time_to_signature: Option<Millis>,
    time_to_ready: Option<Millis>,
}

enum Fault {
    Appeared,
    BecameReady,
    OtherEnd(String),
}

enum Control {
    Stood,
    Healed,
}

/// How long a state that nothing leaves must be seen before it ends the wait for the signature:
/// watches of other kinds and log streams may lag behind the one that shows it.
const LAG: Millis = 10_000;

enum Cure {
    Held { since: Millis, hold: Hold },
    Broken(String),
    DeadEnd(String),
    SignatureStands(String),
}

impl<W: World> Experiment<'_, W> {
    async fn judge(&mut self) -> Result<(), Verdict> {
        self.steady_state().await?;
        let fault = self.fault().await?;
        self.control(fault).await?;
        let mut hold = self.remedy().await?;
        self.world.begin(Phase::Checks).await?;
        self.checks(&self.scenario.scenario.checks).await?;
        let after = assess(self.world.witness(), &self.goal);
        match hold.observe(after, self.world.now()) {
            HoldState::Holding { .. } | HoldState::Held { .. } => Ok(()),
            HoldState::NotMet(why) | HoldState::Never(why) | HoldState::Broken(why) => {
                Err(Verdict::refuted(
                    Refutation::Unstable,
                    format!("Ready before the checks, and not so after them: {why}"),
                ))
            }
        }
    }

    async fn steady_state(&mut self) -> Result<(), Verdict> {
        let Some(start) = &self.scenario.scenario.steady_state else {
            return Ok(());
        };
        let mark = self.world.begin(Phase::SteadyState).await?;
        let began = self.world.now();
        self.take_steps(&start.steps, Refutation::BaselineBroken)
            .await?;
        let cure = self
            .until_ready(mark, began, start.within, start.hold)
            .await?;
        match cure {
            Ok(Cure::Held { .. }) => self.checks(&start.checks).await,
            Ok(Cure::SignatureStands(evidence)) => {
                Err(Verdict::refuted(Refutation::AlreadyPresent, evidence))
            }
            Ok(Cure::Broken(why) | Cure::DeadEnd(why)) => {
                Err(self.refuted(Refutation::BaselineBroken, mark, why))
            }
            Err(passed) => Err(match self.signature(mark) {
                Match::Holds(evidence) => {
                    Verdict::refuted(Refutation::AlreadyPresent, evidence.join("; "))
                }
                Match::NotYet(_) => {
                    self.refuted(Refutation::BaselineBroken, mark, passed.to_string())
                }
            }),
        }
    }

    async fn fault(&mut self) -> Result<PhaseMark, Verdict> {
        let claim = &self.scenario.scenario;
        let mark = self.world.begin(Phase::Fault).await?;
        let began = self.world.now();
        self.take_fault_steps(&claim.fault.steps).await?;
        let mut hold = Hold::new(claim.remedy.hold.as_millis());
        let mut ended = None;
        let goal = self.goal.clone();
        let decided = decide(self.world, began, claim.fault.within, |witness, now| {
            let missing = match signature::matches(witness, &claim.signature, mark) {
                Match::Holds(_) => return Decision::Done(Fault::Appeared),
                Match::NotYet(missing) => missing,
            };
            let (mut end, mut wake) = (dead_end(witness, mark, Some(&claim.signature)), None);
            match hold.observe(assess(witness, &goal), now) {
                HoldState::Held { .. } => return Decision::Done(Fault::BecameReady),
                HoldState::Never(why) => end = end.or(Some(why)),
                HoldState::Holding { until, .. } => wake = Some(until),
                HoldState::NotMet(_) | HoldState::Broken(_) => {}
            }
            if let Some(end) = end {
                let until = *ended.get_or_insert(now) + LAG;
                if now >= until {
                    return Decision::Done(Fault::OtherEnd(end));
                }
                wake = Some(wake.map_or(until, |held: Millis| held.min(until)));
            }
            Decision::Wait {
                wake,
                awaited: missing
                    .first()
                    .map(|first| first.awaited.clone())
                    .unwrap_or_default(),
                seen: missing
                    .first()
                    .map(|first| first.seen.clone())
                    .unwrap_or_default(),
            }
        })
        .await?;
        match decided {
            Ok(Fault::Appeared) => {
                // Trials break the cluster again; the claim's own time is the first.
                let took = self.world.now() - began;
                self.time_to_signature.get_or_insert(took);
                Ok(mark)
            }
            Ok(Fault::BecameReady) => Err(Verdict::refuted(
                Refutation::NotReproduced,
                format!(
                    "everything became Ready and stayed so for {}; the signature did not appear",
                    claim.remedy.hold
                ),
            )),
            Ok(Fault::OtherEnd(end)) => Err(self.other_failure(mark, &end)),
            Err(passed) => {
                let seen = symptoms(self.world.witness());
                if seen.is_empty() {
                    Err(Verdict::refuted(
                        Refutation::NotReproduced,
                        passed.to_string(),
                    ))
                } else {
                    Err(self.other_failure(mark, &passed.to_string()))
                }
            }
        }
    }

    async fn control(&mut self, fault: PhaseMark) -> Result<(), Verdict> {
        let claim = &self.scenario.scenario;
        self.world.begin(Phase::Control).await?;
        let began = self.world.now();
        let end = began + claim.control.hold.as_millis();
        let patience =
            Duration::from_millis(claim.control.hold.as_millis() + claim.fault.within.as_millis());
        let mut hold = Hold::new(claim.remedy.hold.as_millis());
        let goal = self.goal.clone();
        let awaited = format!("the failure stands for {}", claim.control.hold);
        let decided = decide(self.world, began, patience, |witness, now| {
            match hold.observe(assess(witness, &goal), now) {
                HoldState::Held { .. } => return Decision::Done(Control::Healed),
                HoldState::Holding { until, .. } => {
                    return Decision::Hold {
                        until,
                        awaited: "whether what became Ready on its own stays so".to_owned(),
                    };
                }
                HoldState::NotMet(_) | HoldState::Never(_) | HoldState::Broken(_) => {}
            }
            let seen = match signature::matches(witness, &claim.signature, fault) {
                Match::Holds(_) if now >= end => return Decision::Done(Control::Stood),
                Match::Holds(evidence) => evidence.last().cloned().unwrap_or_default(),
                Match::NotYet(missing) => missing
                    .first()
                    .map(|first| first.seen.clone())
                    .unwrap_or_default(),
            };
            Decision::Wait {
                wake: (now < end).then_some(end),
                awaited: awaited.clone(),
                seen,
            }
        })
        .await?;
        match decided {
            Ok(Control::Stood) => Ok(()),
            Ok(Control::Healed) => Err(Verdict::refuted(
                Refutation::SelfHealed,
                "everything became Ready while nothing was touched",
            )),
            Err(passed) => Err(Verdict::refuted(
                Refutation::SelfHealed,
                format!("the signature did not stay: {passed}"),
            )),
        }
    }

    async fn remedy(&mut self) -> Result<Hold, Verdict> {
        let claim = &self.scenario.scenario;
        let broken = self.goal.clone();
        let mark = self.world.begin(Phase::Remedy).await?;
        let began = self.world.now();
        self.take_steps(&claim.remedy.steps, Refutation::NotRemedied)
            .await?;
        if let Some(taken) = self.goal.taken_away_from(&broken) {
            return Err(Verdict::refuted(Refutation::WorkloadRemoved, taken));
        }
        let cure = self
            .until_ready(mark, began, claim.remedy.within, claim.remedy.hold)
            .await?;
        match cure {
            Ok(Cure::Held { since, hold }) => {
                self.time_to_ready = Some(since - began);
                Ok(hold)
            }
            Ok(Cure::Broken(why)) => Err(self.refuted(Refutation::Unstable, mark, why)),
            Ok(Cure::DeadEnd(why)) => Err(self.refuted(Refutation::NotRemedied, mark, why)),
            Ok(Cure::SignatureStands(evidence)) => Err(Verdict::refuted(
                Refutation::NotRemedied,
                format!("everything is Ready, and the signature holds all the same: {evidence}"),
            )),
            Err(passed) => Err(self.refuted(Refutation::NotRemedied, mark, passed.to_string())),
        }
    }

    /// Waits until the goal is met and has held, without the signature.
    async fn until_ready(
        &mut self,
        mark: PhaseMark,
        began: Millis,
        within: Duration,
        hold: Duration,
    ) -> Result<Result<Cure, DeadlinePassed>, Lost> {
        let claim = &self.scenario.scenario;
        let goal = self.goal.clone();
        let mut hold = Hold::new(hold.as_millis());
        decide(self.world, began, within, |witness, now| {
            let state = hold.observe(assess(witness, &goal), now);
            if let HoldState::Holding { .. } | HoldState::Held { .. } = state
                && let Match::Holds(evidence) = signature::matches(witness, &claim.signature, mark)
            {
                return Decision::Done(Cure::SignatureStands(evidence.join("; ")));
            }
            match state {
                HoldState::Held { since } => {
                    let hold = hold.clone();
                    Decision::Done(Cure::Held { since, hold })
                }
                HoldState::Broken(why) => Decision::Done(Cure::Broken(why)),
                HoldState::Never(why) => Decision::Done(Cure::DeadEnd(why)),
                HoldState::Holding { until, .. } => Decision::Hold {
                    until,
                    awaited: "everything stays Ready, without a restart".to_owned(),
                },
                HoldState::NotMet(why) => match dead_end(witness, mark, None) {
                    Some(end) => Decision::Done(Cure::DeadEnd(end)),
                    None => Decision::Wait {
                        wake: None,
                        awaited: "everything is Ready".to_owned(),
                        seen: why,
                    },
                },
            }
        })
        .await
    }

    fn signature(&self, mark: PhaseMark) -> Match {
        signature::matches(
            self.world.witness(),
            &self.scenario.scenario.signature,
            mark,
        )
    }

    fn other_failure(&self, mark: PhaseMark, end: &str) -> Verdict {
        let missing: Vec<String> = self
            .signature(mark)
            .missing()
            .iter()
            .map(|missing| format!("not seen: {} ({})", missing.awaited, missing.seen))
            .collect();
        self.refuted(
            Refutation::OtherFailure,
            mark,
            format!("{end}; {}", missing.join("; ")),
        )
    }

    /// A refutation with everything that ails; inconclusive where the nodes could not reach a
    /// registry, since that says nothing about the claim.
    fn refuted(&self, reason: Refutation, mark: PhaseMark, detail: String) -> Verdict {
        let witness = self.world.witness();
        if let Some(pull) = unreachable_registry(witness, mark) {
            return Verdict::inconclusive(
                Obstacle::RegistryUnreachable,
                format!("{pull}; next: `make setup`, which starts the registry"),
            );
        }
        let ailing = symptoms(witness);
        if ailing.is_empty() {
            Verdict::refuted(reason, detail)
        } else {
            Verdict::refuted(reason, format!("{detail}; ailing: {}", ailing.join("; ")))
        }
    }
}

impl From<Lost> for Verdict {
    fn from(lost: Lost) -> Self {
        Self::Inconclusive(lost)
    }
}

#[cfg(test)]
mod tests;
