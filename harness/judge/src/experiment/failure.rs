//! The failure: it appears as documented, and it stands while nothing is touched.

use super::chain::{not_mended, standing};
use super::{Experiment, too_long_blind, while_blind};
use crate::problems::{cannot_come, restarts_since, symptoms};
use crate::scenario::{Clause, Duration, Failure, SHORTEST_HOLD};
use crate::signature::{self, Match, Missing, Since};
use crate::steady_state::{Assessment, Hold, HoldState, Moment, assess};
use crate::time::Millis;
use crate::verdict::{Refutation, Verdict};
use crate::witness::{PhaseMark, Witness};
use crate::world::{DeadlinePassed, Decision, Lost, World, decide};

enum Onset {
    /// With the moment from which on evidence of an earlier failure shows that it stands all the same.
    Appeared(Since),
    /// A clause cannot come to hold any more; why.
    OtherEnd(String),
}

/// What became of a failure that was to stand.
pub(super) enum Endurance {
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

/// How long a state that keeps a clause from ever holding must be seen before it ends the wait:
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
        // What the fault deletes or makes smaller is to be there in the end too.
        self.to_be_cured.push(self.goal.clone());
        let began = self.world.now();
        let clock = self.clock(failure.fault.within);
        self.take_fault_steps(failure, clock).await?;
        self.goal.declare_beside(&failure.fault.goal);
        self.to_be_cured.push(self.goal.clone());
        let mut ended = None;
        let decided = decide(self.world, began, failure.fault.within, |witness, now| {
            let missing = match signature::matches(witness, failure.signature, mark) {
                Match::Holds(_) => {
                    let since = Since::met(mark, Moment::of(witness, now));
                    match standing(witness, earlier.clone(), since) {
                        None => return Decision::Done(Onset::Appeared(since)),
                        Some(seen) => vec![Missing {
                            awaited: "no earlier link stands".to_owned(),
                            seen,
                        }],
                    }
                }
                Match::NotYet(missing) => missing,
            };
            // Who gives a deadline means it: the failure may begin late, while everything is Ready. Only
            // what cannot come any more is said earlier.
            let mut clauses = failure.signature.iter();
            let end = clauses.find_map(|clause| cannot_come(witness, mark, clause));
            let mut wake = None;
            match end {
                Some(end) => {
                    let until = *ended.get_or_insert(now) + LAG;
                    if now >= until {
                        return Decision::Done(Onset::OtherEnd(end));
                    }
                    wake = Some(until);
                }
                None => ended = None,
            }
            let first = missing.into_iter().next();
            let (awaited, seen) = first
                .map(|first| (first.awaited, first.seen))
                .unwrap_or_default();
            Decision::Wait {
                wake,
                awaited,
                seen,
            }
        })
        .await?;
        let passed = match decided {
            Ok(Onset::Appeared(since)) => {
                let took = self.world.now() - began;
                if failure.title.is_none() {
                    // Trials break the cluster again; the claim's own time is the first.
                    self.outcome.time_to_signature.get_or_insert(took);
                }
                return Ok(since);
            }
            Ok(Onset::OtherEnd(end)) => {
                return Err(self.not_as_documented(Refutation::OtherFailure, failure, mark, &end));
            }
            Err(passed) => passed,
        };
        let (reason, how) = self.instead_of_the_failure(mark);
        let words = format!(
            "awaited for {} (`fault.within`): the signature{how}",
            passed.within
        );
        Err(match standing(self.world.witness(), earlier, mark) {
            Some(seen) => {
                let words = format!("{}; {}", not_mended(&seen), passed.by("fault.within"));
                self.refuted(Refutation::NotRemedied, mark, words)
            }
            None => self.not_as_documented(reason, failure, mark, &words),
        })
    }

    /// What there is in place of the documented failure when its time is over: nothing that ails, or
    /// another failure.
    fn instead_of_the_failure(&self, mark: PhaseMark) -> (Refutation, String) {
        let witness = self.world.witness();
        let restarts = match restarts_since(witness, mark).as_slice() {
            [] => String::new(),
            some => format!("; restarted since: {}", some.join(", ")),
        };
        match assess(witness, &self.goal) {
            Assessment::Met(_) => {
                let words = format!("; everything became Ready, and is so now{restarts}");
                (Refutation::NotReproduced, words)
            }
            Assessment::Never(why) => (Refutation::OtherFailure, format!("; {why}{restarts}")),
            Assessment::NotYet(_) if symptoms(witness).is_empty() => {
                (Refutation::NotReproduced, restarts)
            }
            Assessment::NotYet(_) => (Refutation::OtherFailure, restarts),
        }
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
            Ok(Endurance::Stood(_)) => self.on_ready_nodes("the failure stood meanwhile"),
            Ok(Endurance::Another(verdict)) => Err(verdict),
            Ok(Endurance::Blind) => Err(too_long_blind(self.scenario)),
            Ok(Endurance::Healed) => {
                let healed = self.healed_after();
                let mut words = format!(
                    "everything became Ready while nothing was touched, and stayed so for {healed} \
                     (`control.healed_after`)"
                );
                if claim.ready.is_empty() {
                    words.push_str(
                        "; where everything is Ready and nothing works, say in `ready` what Ready \
                         means",
                    );
                }
                Err(Verdict::refuted(Refutation::SelfHealed, words))
            }
            Err(passed) => Err(self.turned(&passed)),
        }
    }

    /// A failure whose signature did not stay has healed, or has turned into another.
    fn turned(&self, passed: &DeadlinePassed) -> Verdict {
        let words = format!("the signature did not stay: {}", passed.by("control.hold"));
        let witness = self.world.witness();
        let stands = match assess(witness, &self.goal) {
            Assessment::Met(_) => None,
            Assessment::Never(why) => Some(why),
            Assessment::NotYet(why) => (!symptoms(witness).is_empty()).then_some(why),
        };
        match (stands, witness.phase()) {
            (Some(why), Some(mark)) => {
                let words = format!("it turned into another failure: {why}; {words}");
                self.refuted(Refutation::OtherFailure, mark, words)
            }
            _ => Verdict::refuted(Refutation::SelfHealed, words),
        }
    }

    /// How long everything must be Ready to count as healed.
    fn healed_after(&self) -> Duration {
        let claim = &self.scenario.scenario;
        claim.control.healed_after.unwrap_or(claim.remedy.hold)
    }

    /// Waits until a failure has stood: the goal was not met in between, `another` had nothing to
    /// tell, and the signature holds at the end.
    pub(super) async fn stands(
        &mut self,
        stand: &Stand<'_>,
        another: impl Fn(&Witness) -> Option<Verdict>,
    ) -> Result<Result<Endurance, DeadlinePassed>, Lost> {
        let claim = &self.scenario.scenario;
        let began = self.world.now();
        let hold = self.no_shorter(stand.hold, SHORTEST_HOLD);
        let length = hold.as_millis();
        let patience = Duration::from_millis(length + stand.recurs_within.as_millis());
        let awaited = format!("the failure stands for {hold}");
        let mut hold = Hold::new(self.healed_after().as_millis());
        let goal = self.goal.clone();
        let held_since = Moment::of(self.world.witness(), began).as_met();
        decide(self.world, began, patience, |witness, now| {
            if let Some(since) = witness.blind_since() {
                return while_blind(since, now, claim.longest_gap, Endurance::Blind);
            }
            if let Some(verdict) = another(witness) {
                return Decision::Done(Endurance::Another(verdict));
            }
            // What stood before a gap is not known to have stood in it.
            let end = witness.last_gap_end().unwrap_or(began).max(began) + length;
            match hold.observe(assess(witness, &goal), Moment::of(witness, now)) {
                HoldState::Held { .. } => return Decision::Done(Endurance::Healed),
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
            let found = if now < end {
                signature::matches(witness, stand.signature, stand.since)
            } else {
                signature::stand(witness, stand.signature, stand.since, (held_since, now))
            };
            let seen = match found {
                Match::Holds(evidence) if now >= end => {
                    return Decision::Done(Endurance::Stood(evidence.join("; ")));
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
