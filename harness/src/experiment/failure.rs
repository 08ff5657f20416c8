//! The failure: it appears as documented, and it stands while nothing is touched.

use super::chain::{not_mended, standing};
use super::{Experiment, too_long_blind, while_blind};
use crate::scenario::{Clause, Duration, Failure};
use crate::signature::{self, Match, Missing, Since};
use crate::steady_state::{Hold, HoldState, Moment, assess};
use crate::symptom::{dead_end, symptoms};
use crate::verdict::{Refutation, Verdict};
use crate::witness::{Millis, PhaseMark, Witness};
use crate::world::{DeadlinePassed, Decision, Lost, World, decide};

enum Fault {
    /// With the moment from which on evidence of an earlier failure shows that it stands all the same.
    Appeared(Since),
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
    /// Another failure of the chain was seen.
    Another(Verdict),
}

/// What must stand: so long, with evidence since a phase began.
pub(super) struct Stand<'a> {
    pub(super) signature: &'a [Clause],
    pub(super) since: PhaseMark,
    pub(super) hold: Duration,
    /// How long it may take to recur after the hold.
    pub(super) recurs_within: Duration,
}

/// How long a state that nothing leaves must be seen before it ends the wait for the signature:
/// watches of other kinds and log streams may lag behind the one that shows it.
const LAG: Millis = 10_000;

impl<W: World> Experiment<'_, W> {
    /// Makes a fault and waits until its failure is seen and no earlier one is.
    pub(super) async fn fault(&mut self, failure: &Failure<'_>) -> Result<Since, Verdict> {
        let claim = &self.scenario.scenario;
        let earlier = claim.chain().take(failure.place);
        let mark = self.world.begin(failure.fault_phase()).await?;
        self.goal.expect_all();
        self.premise()?;
        let began = self.world.now();
        let clock = self.clock(failure.fault.within);
        self.take_fault_steps(failure, clock).await?;
        self.to_be_cured.push(self.goal.clone());
        let mut hold = Hold::new(claim.remedy.hold.as_millis());
        let mut ended = None;
        let goal = self.goal.clone();
        let decided = decide(self.world, began, failure.fault.within, |witness, now| {
            let missing = match signature::matches(witness, failure.signature, mark) {
                Match::Holds(_) => {
                    let since = Since::met(mark, Moment::of(witness, now));
                    match standing(witness, earlier.clone(), since) {
                        None => return Decision::Done(Fault::Appeared(since)),
                        Some(seen) => vec![Missing {
                            awaited: "no earlier link stands".to_owned(),
                            seen,
                        }],
                    }
                }
                Match::NotYet(missing) => missing,
            };
            let (mut end, mut wake) = (dead_end(witness, mark, Some(failure.signature)), None);
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
        let mut late = None;
        let (reason, end) = match decided {
            Ok(Fault::Appeared(since)) => {
                let took = self.world.now() - began;
                if failure.title.is_none() {
                    // Trials break the cluster again; the claim's own time is the first.
                    self.outcome.time_to_signature.get_or_insert(took);
                }
                return Ok(since);
            }
            Ok(Fault::BecameReady) => (
                Refutation::NotReproduced,
                format!(
                    "everything became Ready and stayed so for {}; the signature did not appear",
                    claim.remedy.hold
                ),
            ),
            Ok(Fault::OtherEnd(end)) => (Refutation::OtherFailure, end),
            Err(passed) if symptoms(self.world.witness()).is_empty() => {
                (Refutation::NotReproduced, passed.to_string())
            }
            Err(passed) => {
                late = Some(passed.within);
                (Refutation::OtherFailure, passed.to_string())
            }
        };
        if let Some(seen) = standing(self.world.witness(), earlier, mark) {
            let words = format!("{}; {end}", not_mended(&seen));
            return Err(self.refuted(Refutation::NotRemedied, mark, words));
        }
        Err(match reason {
            Refutation::OtherFailure => {
                // Every clause that is missing is told then, each once.
                let late = late.map(|within| format!("awaited for {within}: the signature"));
                self.other_failure(failure, mark, &late.unwrap_or(end))
            }
            _ => Verdict::refuted(reason, end),
        })
    }

    /// Watches a failure that appeared; no other one of the chain may be seen with it.
    pub(super) async fn control(
        &mut self,
        failure: &Failure<'_>,
        appeared: Since,
    ) -> Result<(), Verdict> {
        let claim = &self.scenario.scenario;
        self.world.begin(failure.control_phase()).await?;
        let stand = Stand {
            signature: failure.signature,
            since: appeared.phase,
            hold: failure.control.hold,
            recurs_within: failure.fault.within,
        };
        let another = |witness: &Witness| {
            let earlier = claim.chain().take(failure.place);
            let later = claim.chain().skip(failure.place + 1);
            let came_back = standing(witness, earlier, appeared)
                .map(|seen| Verdict::refuted(Refutation::NotRemedied, not_mended(&seen)));
            came_back.or_else(|| {
                standing(witness, later, appeared.phase)
                    .map(|seen| Verdict::refuted(Refutation::AlreadyPresent, seen))
            })
        };
        match self.stands(&stand, another).await? {
            Ok(Standing::Stood(_)) => Ok(()),
            Ok(Standing::Another(verdict)) => Err(verdict),
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

    /// Waits until a failure has stood: the goal was not met in between, `another` had nothing to
    /// tell, and the signature holds at the end.
    pub(super) async fn stands(
        &mut self,
        stand: &Stand<'_>,
        another: impl Fn(&Witness) -> Option<Verdict>,
    ) -> Result<Result<Standing, DeadlinePassed>, Lost> {
        let claim = &self.scenario.scenario;
        let began = self.world.now();
        let length = stand.hold.as_millis();
        let patience = Duration::from_millis(length + stand.recurs_within.as_millis());
        let awaited = format!("the failure stands for {}", stand.hold);
        let mut hold = Hold::new(claim.remedy.hold.as_millis());
        let goal = self.goal.clone();
        decide(self.world, began, patience, |witness, now| {
            if let Some(since) = witness.blind_since() {
                return while_blind(since, now, claim.longest_gap, Standing::Blind);
            }
            if let Some(verdict) = another(witness) {
                return Decision::Done(Standing::Another(verdict));
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
            let seen = match signature::matches(witness, stand.signature, stand.since) {
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
