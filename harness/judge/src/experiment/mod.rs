//! One scenario on one cluster: the phases, and what each decides.
//!
//! The only module that knows the phases. It sees the cluster through [`World`], so a recording is
//! judged by the same lines as a live cluster.

mod chain;
mod checks;
mod cure;
mod failure;
mod harmless;
mod placebo;
mod self_healing;
mod steps;
mod stress;
mod trials;
mod variations;
mod way;

use way::Way;

use crate::absent_image::premise_gone;
use crate::phase::Phase;
use crate::problems::{
    failed_node, nearest, starved_control_plane, symptoms, unreachable_registry,
};
use crate::scenario::{Duration, Failure, LoadedScenario};
use crate::signature::{self, Traces};
use crate::steady_state::Goal;
use crate::time::Millis;
use crate::vacuous_parts::vacuities;
use crate::verdict::{Course, Finished, Lack, Obstacle, Perturbed, Rate, Refutation, Verdict};
use crate::witness::PhaseMark;
use crate::world::{Decision, Lost, World};

/// How far an experiment goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Extent {
    /// The way that it takes after the steady state. For a remedy without one of its parts the scenario
    /// conducted is the one that lacks it.
    pub course: Course,
    /// Whether the rare perturbations are made too.
    pub thorough: bool,
    /// Whether each finding's trial is repeated at the end; that never refutes the claim.
    pub trials: bool,
}

impl Extent {
    /// How far the experiment of a verdict went.
    #[must_use]
    pub const fn of(finished: &Finished) -> Self {
        Self {
            course: finished.course,
            thorough: finished.thorough,
            trials: finished.trials,
        }
    }
}

/// What an experiment found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What was proved.
    pub verdict: Verdict,
    /// The phase in which the verdict fell.
    pub phase: Option<Phase>,
    /// Milliseconds from the fault's first step to the signature.
    pub time_to_signature: Option<Millis>,
    /// Milliseconds from the first step of the remedy, or of an alternative, to Ready.
    pub time_to_ready: Option<Millis>,
    /// Rates of the findings' trials.
    pub rates: Vec<Rate>,
    /// What the remedied workload went through.
    pub stress: Vec<Perturbed>,
    /// What stood after what was tried beside the claim, in words.
    pub stood: Option<String>,
    /// What the failing workloads showed and no clause names, in words.
    pub unnamed: Vec<String>,
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
            stood: None,
            unnamed: Vec::new(),
        }
    }
}

/// Conducts the phases of one course on a cluster.
pub async fn conduct<W: World>(
    scenario: &LoadedScenario,
    world: &mut W,
    extent: Extent,
) -> Outcome {
    world.look_for(scenario.scenario.awaited_lines());
    let mut experiment = Experiment {
        scenario,
        world,
        course: extent.course,
        goal: Goal::expecting(&scenario.scenario.ready),
        to_be_cured: Vec::new(),
        waited: 0,
        traces: Traces::default(),
        outcome: Outcome::of(Verdict::Proved),
    };
    let judged = experiment.judge(extent).await;
    experiment.outcome.phase = experiment.world.witness().phase().map(|mark| mark.phase);
    let judged = match judged {
        Ok(()) if extent.trials => experiment.trials().await,
        judged => judged,
    };
    let verdict = judged.err().unwrap_or(Verdict::Proved);
    Outcome {
        verdict: experiment.unless_the_cluster_failed(verdict),
        ..experiment.outcome
    }
}

struct Experiment<'a, W> {
    scenario: &'a LoadedScenario,
    world: &'a mut W,
    course: Course,
    goal: Goal,
    /// What was to be Ready after each fault: none of it may be missing in the end.
    to_be_cured: Vec<Goal>,
    /// Milliseconds for which steps waited until the cluster showed something.
    waited: Millis,
    /// What the failures were seen of: after the cure nothing of it may be left there.
    traces: Traces,
    outcome: Outcome,
}

/// While a watch is broken nothing is known to hold; for longer than the claim allows, nothing can
/// be judged.
fn while_blind<T>(since: Millis, now: Millis, longest: Duration, too_long: T) -> Decision<T> {
    let until = since + longest.as_millis();
    if now >= until {
        return Decision::Done(too_long);
    }
    Decision::Hold {
        until,
        awaited: "a broken watch is whole again".to_owned(),
    }
}

/// What is said where a failure stands that the claim does not name: it may hide the documented one, or
/// have been hidden by it.
const ONE_AFTER_ANOTHER: &str = "where one failure hides another, write each that hides as an entry of `links`, with its own signature";

fn too_long_blind(scenario: &LoadedScenario) -> Verdict {
    Verdict::inconclusive(
        Obstacle::ApiLost,
        format!(
            "a watch was broken for longer than the {} that the claim allows; next: its gaps in timeline.txt",
            scenario.scenario.longest_gap
        ),
    )
}

impl<W: World> Experiment<'_, W> {
    async fn judge(&mut self, extent: Extent) -> Result<(), Verdict> {
        self.has_what_it_needs().await?;
        self.steady_state().await?;
        match self.course {
            Course::Claim => {
                self.controlled().await?;
                self.cure().await?;
                self.spoke_of_something()?;
                self.stress(extent.thorough).await
            }
            Course::WrongRemedy(place) => self.wrong_remedy(place).await,
            Course::Alternative(place) => self.alternative(place).await,
            Course::Harmless(place) => self.harmless(place).await,
            Course::Without(_) => self.without_a_part().await,
            Course::Placebo(length) => self.placebo(length).await,
        }
    }

    /// A cluster that cannot do what the claim needs says nothing about it.
    async fn has_what_it_needs(&mut self) -> Result<(), Verdict> {
        for need in &self.scenario.scenario.needs {
            let awaited = format!("whether the cluster has {need}");
            self.world.waiting(&awaited, "");
            let probed = self.world.probe(*need).await?;
            if !probed.met {
                return Err(Verdict::skipped(Lack::from(*need), probed.seen));
            }
        }
        Ok(())
    }

    async fn cure(&mut self) -> Result<(), Verdict> {
        let claim = &self.scenario.scenario;
        let way = Way::of(&claim.remedy);
        let mut hold = self.cured_by(&way).await?;
        self.world.begin(Phase::Checks).await?;
        self.seen_by_the_user(&claim.checks, &mut hold).await
    }

    /// A refutation says nothing about the claim while a watch is broken, since what is seen may be
    /// old, where a node is not Ready that the claim does not speak of, or where the machine is too slow
    /// for the control plane itself. Nor does it where something is proved by curing nothing in time.
    fn unless_the_cluster_failed(&self, verdict: Verdict) -> Verdict {
        let detail = match (&verdict, self.course) {
            (Verdict::Refuted(because), _) => because.detail.as_str(),
            (Verdict::Proved, Course::WrongRemedy(_) | Course::Without(_)) => "nothing was cured",
            _ => return verdict,
        };
        let witness = self.world.witness();
        if witness.blind_since().is_some() {
            let words = format!("a watch is broken, so what was seen last may be old: {detail}");
            return Verdict::inconclusive(Obstacle::ApiLost, words);
        }
        let failed = failed_node(witness, &self.scenario.scenario)
            .or_else(|| starved_control_plane(witness));
        match failed {
            Some(part) => {
                Verdict::inconclusive(Obstacle::ClusterFailed, format!("{part}; {detail}"))
            }
            None => verdict,
        }
    }

    /// What must be missing is missing on the nodes too. Asked where a phase has begun: a recording
    /// has shown nothing before.
    fn premise(&self) -> Result<(), Verdict> {
        match premise_gone(self.world.witness(), &self.scenario.absent_images()) {
            Some(gone) => Err(Verdict::refuted(Refutation::PremiseGone, gone)),
            None => Ok(()),
        }
    }

    /// A claim whose parts spoke of nothing says nothing, whatever was seen.
    fn spoke_of_something(&self) -> Result<(), Verdict> {
        let mut words = self.vacuities();
        if words.is_empty() {
            return Ok(());
        }
        let signatures = self.scenario.scenario.chain().map(|one| one.signature);
        words.extend(signatures.flat_map(|one| nearest(self.world.witness(), one)));
        Err(Verdict::refuted(Refutation::Vacuous, words.join("; ")))
    }

    fn vacuities(&self) -> Vec<String> {
        vacuities(self.world.witness(), &self.scenario.scenario, self.course)
    }

    /// A signature that spoke of nothing was not contradicted; where something was refused, that
    /// explains why it is not there.
    fn vacuous_or(&self, verdict: Verdict) -> Verdict {
        let Verdict::Refuted(because) = &verdict else {
            return verdict;
        };
        if let Err(gone) = self.premise() {
            return gone;
        }
        let not_as_documented = matches!(
            because.reason,
            Refutation::NotReproduced | Refutation::OtherFailure
        );
        let mut steps = self
            .world
            .witness()
            .phase()
            .into_iter()
            .flat_map(|mark| self.world.witness().steps_since(mark));
        if !not_as_documented || steps.any(|step| !step.refusals.is_empty()) {
            return verdict;
        }
        match self.vacuities().as_slice() {
            [] => verdict,
            nothing => Verdict::refuted(
                Refutation::Vacuous,
                format!("{}; {}", nothing.join("; "), because.detail),
            ),
        }
    }

    /// Nor is anything proved while a node is not Ready that the claim does not speak of: the failure
    /// may be the node's, and its return the cure.
    fn on_ready_nodes(&self, meanwhile: &str) -> Result<(), Verdict> {
        match failed_node(self.world.witness(), &self.scenario.scenario) {
            Some(node) => {
                let words = format!("{node}; {meanwhile}");
                Err(Verdict::inconclusive(Obstacle::ClusterFailed, words))
            }
            None => Ok(()),
        }
    }

    /// A failure that was not seen as documented: each clause that is missing, what is seen instead, and
    /// what is there that comes nearest.
    fn not_as_documented(
        &self,
        reason: Refutation,
        failure: &Failure<'_>,
        mark: PhaseMark,
        end: &str,
    ) -> Verdict {
        let witness = self.world.witness();
        let seen = signature::matches(witness, failure.signature, mark);
        let mut words = vec![end.to_owned()];
        for missing in seen.missing() {
            words.push(format!("not seen: {} ({})", missing.awaited, missing.seen));
        }
        words.extend(nearest(witness, failure.signature));
        if reason == Refutation::OtherFailure && !symptoms(witness).is_empty() {
            words.push(ONE_AFTER_ANOTHER.to_owned());
        }
        self.refuted(reason, mark, words.join("; "))
    }

    fn registry_is_unreachable(&self, mark: PhaseMark) -> Option<Verdict> {
        unreachable_registry(self.world.witness(), mark).map(|pull| {
            Verdict::inconclusive(
                Obstacle::RegistryUnreachable,
                format!("{pull}; next: `make setup`, which starts the registry"),
            )
        })
    }

    /// A refutation with everything that ails; inconclusive where the nodes could not reach a
    /// registry, since that says nothing about the claim.
    fn refuted(&self, reason: Refutation, mark: PhaseMark, detail: String) -> Verdict {
        if let Some(unreachable) = self.registry_is_unreachable(mark) {
            return unreachable;
        }
        let mut ailing = symptoms(self.world.witness());
        ailing.retain(|symptom| !detail.contains(symptom));
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
