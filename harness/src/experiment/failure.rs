//! The failure: it appears as documented, and it stands while nothing is touched.

use super::{Experiment, too_long_blind, while_blind};
use crate::scenario::{Clause, Duration};
use crate::signature::{self, Match};
use crate::steady_state::{Hold, HoldState, Moment, assess};
use crate::symptom::{dead_end, symptoms};
use crate::verdict::{Refutation, Verdict};
use crate::witness::{Millis, Phase, PhaseMark};
use crate::world::{DeadlinePassed, Decision, Lost, World, decide};

enum Fault {
    Appeared,
    BecameReady,
    OtherEnd(String),
}

/// What became of a failure that was to stand.
pub(super) enum Standing {
    /// It stood; the evidence in words.
    Stood(String),
    /// Everything became Ready and stayed so.
    Healed,
    /// A watch was broken for longer than the claim allows.
    Blind,
}

/// How long a state that nothing leaves must be seen before it ends the wait for the signature:
/// watches of other kinds and log streams may lag behind the one that shows it.
const LAG: Millis = 10_000;

impl<W: World> Experiment<'_, W> {
    pub(super) async fn fault(&mut self) -> Result<PhaseMark, Verdict> {
        let claim = &self.scenario.scenario;
        let mark = self.world.begin(Phase::Fault).await?;
        self.goal.expect_all();
        self.premise()?;
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
            match hold.observe(assess(witness, &goal), Moment::of(witness, now)) {
                HoldState::Held { .. } => return Decision::Done(Fault::BecameReady),
                HoldState::Never(why) => end = end.or(Some(why)),
                HoldState::Holding { until, .. } => wake = Some(until),
                HoldState::NotMet(_) | HoldState::Blind { .. } | HoldState::Broken(_) => {}
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
                self.outcome.time_to_signature.get_or_insert(took);
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

    pub(super) async fn control(&mut self, fault: PhaseMark) -> Result<(), Verdict> {
        let claim = &self.scenario.scenario;
        self.world.begin(Phase::Control).await?;
        match self
            .stands(&claim.signature, fault, claim.control.hold)
            .await?
        {
            Ok(Standing::Stood(_)) => Ok(()),
            Ok(Standing::Blind) => Err(too_long_blind(self.scenario)),
            Ok(Standing::Healed) => Err(Verdict::refuted(
                Refutation::SelfHealed,
                "everything became Ready while nothing was touched",
            )),
            Err(passed) => Err(Verdict::refuted(
                Refutation::SelfHealed,
                format!("the signature did not stay: {passed}"),
            )),
        }
    }

    /// Waits until the failure has stood for `hold`: the goal was not met in between, and the
    /// signature holds at the end, with evidence since `mark`.
    pub(super) async fn stands(
        &mut self,
        signature: &[Clause],
        mark: PhaseMark,
        hold: Duration,
    ) -> Result<Result<Standing, DeadlinePassed>, Lost> {
        let claim = &self.scenario.scenario;
        let began = self.world.now();
        let length = hold.as_millis();
        let patience = Duration::from_millis(hold.as_millis() + claim.fault.within.as_millis());
        let awaited = format!("the failure stands for {hold}");
        let mut hold = Hold::new(claim.remedy.hold.as_millis());
        let goal = self.goal.clone();
        decide(self.world, began, patience, |witness, now| {
            if let Some(since) = witness.blind_since() {
                return while_blind(since, now, claim.longest_gap, Standing::Blind);
            }
            // What stood before a gap is not known to have stood in it.
            let end = witness.last_gap_end().unwrap_or(began).max(began) + length;
            match hold.observe(assess(witness, &goal), Moment::of(witness, now)) {
                HoldState::Held { .. } => return Decision::Done(Standing::Healed),
                HoldState::Holding { until, .. } => {
                    return Decision::Hold {
                        until,
                        awaited: "whether what became Ready on its own stays so".to_owned(),
                    };
                }
                HoldState::NotMet(_)
                | HoldState::Never(_)
                | HoldState::Blind { .. }
                | HoldState::Broken(_) => {}
            }
            let seen = match signature::matches(witness, signature, mark) {
                Match::Holds(evidence) if now >= end => {
                    return Decision::Done(Standing::Stood(evidence.join("; ")));
                }
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
        .await
    }
}
