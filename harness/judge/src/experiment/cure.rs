//! The goal: met before the fault, and met again by the remedy.

use super::chain::standing;
use super::way::Way;
use super::{Experiment, ONE_AFTER_ANOTHER, too_long_blind, while_blind};
use crate::phase::Phase;
use crate::problems::{dead_end, symptoms};
use crate::scenario::{Check, Duration, SHORTEST_HOLD, SHORTEST_START};
use crate::signature::Since;
use crate::steady_state::{Assessment, Hold, HoldState, MetAt, Moment, assess};
use crate::time::Millis;
use crate::verdict::{Refutation, Verdict};
use crate::witness::{Observation, PhaseMark};
use crate::world::{DeadlinePassed, Decision, Lost, World, decide};

/// What became of a wait for the goal.
pub(super) enum Cure {
    Held {
        since: Millis,
        hold: Hold,
    },
    Broken(String),
    DeadEnd(String),
    SignatureStands(String),
    /// A watch was broken for longer than the claim allows.
    Blind,
}

impl<W: World> Experiment<'_, W> {
    pub(super) async fn steady_state(&mut self) -> Result<(), Verdict> {
        let Some(start) = &self.scenario.scenario.steady_state else {
            return Ok(());
        };
        let mark = self.world.begin(Phase::SteadyState).await?;
        self.premise()?;
        let began = self.world.now();
        let clock = self.clock(start.within);
        self.take_steps(&start.steps, clock, Refutation::BaselineBroken)
            .await?;
        self.goal.declare(&start.goal);
        let hold = self.no_shorter(start.hold, SHORTEST_START);
        let cure = self.until_ready(mark, began, start.within, hold).await?;
        match cure {
            Ok(Cure::Held { hold, .. }) => {
                let since = Since::starting(mark, hold.met());
                for failure in self.scenario.scenario.chain() {
                    self.traces.start(self.world.witness(), &failure, since);
                }
                let asked = self.checks(&start.checks).await;
                asked.map_err(|verdict| verdict.refuted_for(Refutation::BaselineBroken, ""))
            }
            Ok(Cure::SignatureStands(evidence)) => {
                Err(Verdict::refuted(Refutation::AlreadyPresent, evidence))
            }
            Ok(Cure::Broken(why) | Cure::DeadEnd(why)) => {
                Err(self.refuted(Refutation::BaselineBroken, mark, why))
            }
            Ok(Cure::Blind) => Err(too_long_blind(self.scenario)),
            Err(passed) => {
                let chain = self.scenario.scenario.chain();
                let never_ready = Since::starting(mark, None);
                if let Some(seen) = standing(self.world.witness(), chain, never_ready) {
                    return Err(Verdict::refuted(Refutation::AlreadyPresent, seen));
                }
                let words = passed.by("steady_state.within");
                Err(self.refuted(Refutation::BaselineBroken, mark, words))
            }
        }
    }

    /// Goes a way to cure until everything is Ready and has held.
    pub(super) async fn cured_by(&mut self, way: &Way<'_>) -> Result<Hold, Verdict> {
        let mark = self.world.begin(way.phase).await?;
        let began = self.world.now();
        self.waited = 0;
        let clock = self.clock(way.within);
        self.take_steps(way.steps, clock, Refutation::NotRemedied)
            .await?;
        self.goal.declare(way.goal);
        self.nothing_is_taken_away()?;
        let hold = self.as_long_as_it_took(way.hold);
        let cure = self.until_ready(mark, began, way.within, hold).await?;
        match cure {
            Ok(Cure::Held { since, hold }) => {
                self.outcome.time_to_ready = Some(since - began);
                self.nothing_is_taken_away()?;
                self.on_ready_nodes("everything else is Ready")?;
                self.did_not_heal_itself(mark, since - began)?;
                Ok(hold)
            }
            Ok(Cure::Broken(why)) => Err(self.refuted(Refutation::Unstable, mark, why)),
            Ok(Cure::DeadEnd(why)) => Err(self.not_remedied(mark, why)),
            Ok(Cure::Blind) => Err(too_long_blind(self.scenario)),
            Ok(Cure::SignatureStands(evidence)) => Err(Verdict::refuted(
                Refutation::NotRemedied,
                format!("everything is Ready, and {evidence}"),
            )),
            Err(passed) => Err(self.not_remedied(mark, passed.by(way.key))),
        }
    }

    /// What is cured lasts at least as long as the failure took to appear: a process that fails after
    /// half a minute has not lived as long before.
    pub(super) fn as_long_as_it_took(&self, hold: Duration) -> Duration {
        let took = self.outcome.time_to_signature.unwrap_or_default();
        self.no_shorter(hold, SHORTEST_HOLD.max(Duration::from_millis(took)))
    }

    /// A hold, or the least that it may be. In a recording it is what the run was asked for.
    pub(super) fn no_shorter(&self, hold: Duration, least: Duration) -> Duration {
        if self.world.holds_longer() {
            hold.max(least)
        } else {
            hold
        }
    }

    /// Nothing that stood, or was to stand, before any fault or after it is missing.
    fn nothing_is_taken_away(&self) -> Result<(), Verdict> {
        let witness = self.world.witness();
        let is_met = matches!(assess(witness, &self.goal), Assessment::Met(_));
        let taken = self.to_be_cured.iter().rev().find_map(|before| {
            let less = || self.goal.less_than(before, witness).filter(|_| is_met);
            self.goal.taken_away_from(before, witness).or_else(less)
        });
        match taken {
            Some(taken) => Err(Verdict::refuted(
                Refutation::WorkloadRemoved,
                format!("{taken}; if that is meant, declare it in the `goal` of the remedy"),
            )),
            None => Ok(()),
        }
    }

    /// A remedy that did not cure; where another failure stands now, it may have been hidden.
    fn not_remedied(&self, mark: PhaseMark, mut words: String) -> Verdict {
        let witness = self.world.witness();
        let chain = self.scenario.scenario.chain();
        if standing(witness, chain, mark).is_none() && !symptoms(witness).is_empty() {
            words = format!(
                "{words}; the documented failure is not seen any more: {ONE_AFTER_ANOTHER}"
            );
        }
        self.refuted(Refutation::NotRemedied, mark, words)
    }

    /// Asks what a user sees, while everything stays Ready.
    pub(super) async fn seen_by_the_user(
        &mut self,
        checks: &[Check],
        hold: &mut Hold,
    ) -> Result<(), Verdict> {
        let began = self.world.witness().records().len();
        self.checks(checks).await?;
        match self.since(began, hold) {
            HoldState::Blind { .. } => Err(too_long_blind(self.scenario)),
            HoldState::Holding { .. } | HoldState::Held { .. } => Ok(()),
            HoldState::NotMet(why) | HoldState::Never(why) | HoldState::Broken(why) => {
                let words = format!("Ready before the checks, and not throughout them: {why}");
                Err(Verdict::refuted(Refutation::Unstable, words))
            }
        }
    }

    /// Waits until the goal is met and has held, without any failure of the chain.
    pub(super) async fn until_ready(
        &mut self,
        mark: PhaseMark,
        began: Millis,
        within: Duration,
        hold: Duration,
    ) -> Result<Result<Cure, DeadlinePassed>, Lost> {
        let claim = &self.scenario.scenario;
        let goal = self.goal.clone();
        let traces = self.traces.clone();
        let mut hold = Hold::new(hold.as_millis());
        decide(self.world, began, within, |witness, now| {
            let state = hold.observe(assess(witness, &goal), Moment::of(witness, now));
            if let Some(met) = hold.met()
                && let Some(seen) = standing(witness, claim.chain(), evidence_from(mark, met))
            {
                let words = match mark.phase {
                    Phase::SteadyState => seen,
                    _ => format!("the signature holds all the same: {seen}"),
                };
                return Decision::Done(Cure::SignatureStands(words));
            }
            match state {
                HoldState::Held { since } => {
                    let mut chain = claim.chain();
                    let left = hold.met().filter(|_| mark.phase != Phase::SteadyState);
                    let left = left.and_then(|met| {
                        chain.find_map(|failure| traces.left(witness, &failure, mark, met))
                    });
                    if let Some(left) = left {
                        return Decision::Done(Cure::SignatureStands(left));
                    }
                    let hold = hold.clone();
                    Decision::Done(Cure::Held { since, hold })
                }
                HoldState::Broken(why) => {
                    let words = format!("{why} ({})", hold.record());
                    Decision::Done(Cure::Broken(words))
                }
                HoldState::Never(why) => Decision::Done(Cure::DeadEnd(why)),
                HoldState::Holding { until, .. } => Decision::Hold {
                    until,
                    awaited: "everything stays Ready, without a restart".to_owned(),
                },
                HoldState::Blind { since } => {
                    while_blind(since, now, claim.longest_gap, Cure::Blind)
                }
                HoldState::NotMet(why) => match dead_end(witness, mark) {
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

    /// Where a hold is after everything that was seen since a place in the records. While a check
    /// is asked nobody looks at the goal, and what breaks then may be whole again after it.
    fn since(&mut self, place: usize, hold: &mut Hold) -> HoldState {
        let mut now = hold.met().map_or(0, |met| met.at);
        let mut broken = None;
        for record in self.world.witness_mut().take_back(place) {
            now = now.max(record.at);
            let is_line = matches!(record.observation, Observation::Log(_));
            let witness = self.world.witness_mut();
            witness.push(record);
            if is_line || broken.is_some() {
                continue;
            }
            let state = hold.observe(assess(witness, &self.goal), Moment::of(witness, now));
            if let HoldState::NotMet(_) | HoldState::Never(_) | HoldState::Broken(_) = state {
                broken = Some(state);
            }
        }
        broken.unwrap_or_else(|| {
            let (witness, now) = (self.world.witness(), self.world.now());
            hold.observe(assess(witness, &self.goal), Moment::of(witness, now))
        })
    }
}

/// A healthy start has never failed; a cured workload has.
fn evidence_from(mark: PhaseMark, met: MetAt) -> Since {
    match mark.phase {
        Phase::SteadyState => Since::starting(mark, Some(met)),
        _ => Since {
            phase: mark,
            met: Some(met),
            asked: 0,
        },
    }
}
