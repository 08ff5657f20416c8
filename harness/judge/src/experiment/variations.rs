//! What shows that the remedy is the cure, all of it and nothing more: the failure stands after each
//! wrong remedy, and without any part of the right one. And what else cures.

use super::chain::standing;
use super::cure::Cure;
use super::failure::{Endurance, Stand};
use super::steps::Clock;
use super::way::Way;
use super::{Experiment, too_long_blind};
use crate::phase::Phase;
use crate::problems::symptoms;
use crate::scenario::{Step, WrongRemedy};
use crate::text::shown;
use crate::verdict::{Refutation, Verdict};
use crate::witness::PhaseMark;
use crate::world::{Lost, World};

impl<W: World> Experiment<'_, W> {
    /// Tries a wrong remedy; the failure must stand after it.
    pub(super) async fn wrong_remedy(&mut self, place: usize) -> Result<(), Verdict> {
        let claim = &self.scenario.scenario;
        let Some(wrong) = claim.wrong_remedies.get(place) else {
            return Ok(());
        };
        self.broken().await?;
        let mark = self.world.begin(Phase::WrongRemedy).await?;
        let clock = self.clock(claim.remedy.within);
        if let Some(passed) = self.take_steps_as_they_come(&wrong.steps, clock).await? {
            return Err(self.refuted(Refutation::OtherFailure, mark, passed));
        }
        // To be cured is what the remedy comes to: what a step deleted may be there again.
        self.goal.declare(&claim.remedy.goal);
        let signature = wrong.signature.as_ref().unwrap_or(&claim.signature);
        let hold = wrong.hold.unwrap_or(claim.control.hold);
        let stand = Stand {
            signature,
            since: mark,
            hold,
            recurs_within: claim.fault.within,
        };
        match self.stands(&stand, |_| None).await? {
            Ok(Endurance::Another(verdict)) => Err(verdict),
            Ok(Endurance::Stood(evidence)) => {
                self.outcome.stood = Some(evidence);
                self.spoke_of_something()
            }
            Ok(Endurance::Blind) => Err(too_long_blind(self.scenario)),
            Ok(Endurance::Healed) => Err(Verdict::refuted(
                Refutation::WrongRemedyWorks,
                format!(
                    "everything became Ready and stayed so after {}",
                    title(wrong)
                ),
            )),
            Err(passed) => Err(self.refuted(
                Refutation::OtherFailure,
                mark,
                format!(
                    "after {} the failure is not the documented one: {passed}",
                    title(wrong)
                ),
            )),
        }
    }

    /// Tries another remedy; everything must become Ready and stay so, and a user must see it.
    pub(super) async fn alternative(&mut self, place: usize) -> Result<(), Verdict> {
        let claim = &self.scenario.scenario;
        let Some(alternative) = claim.alternatives.get(place) else {
            return Ok(());
        };
        self.broken().await?;
        let checks = alternative.checks.as_ref().unwrap_or(&claim.checks);
        let way = Way::of_another(alternative, &claim.remedy);
        let cured = match self.cured_by(&way).await {
            Ok(mut hold) => self.seen_by_the_user(checks, &mut hold).await,
            Err(verdict) => Err(verdict),
        };
        cured.map_err(|verdict| {
            let words = format!("after the alternative {:?}: ", alternative.title);
            verdict.refuted_for(Refutation::AlternativeFails, &words)
        })?;
        let took = shown(self.outcome.time_to_ready.unwrap_or_default());
        self.outcome.stood = Some(format!("everything was Ready after {took}"));
        self.spoke_of_something()
    }

    /// Applies the remedy, which lacks a part; nothing may be cured.
    pub(super) async fn without_a_part(&mut self) -> Result<(), Verdict> {
        let claim = &self.scenario.scenario;
        self.broken().await?;
        let mark = self.world.begin(Phase::Necessity).await?;
        let began = self.world.now();
        let clock = self.clock(claim.remedy.within);
        let steps = &claim.remedy.steps;
        if let Some(passed) = self.take_steps_as_they_come(steps, clock).await? {
            return self.stood_without(mark, &passed);
        }
        self.goal.declare(&claim.remedy.goal);
        let hold = self.as_long_as_it_took(claim.remedy.hold);
        let cure = self
            .until_ready(mark, began, claim.remedy.within, hold)
            .await?;
        match cure {
            Ok(Cure::Held { .. }) => match self.checks(&claim.checks).await {
                Ok(()) => Err(Verdict::refuted(
                    Refutation::HunkUnnecessary,
                    "everything became Ready, stayed so, and passed the checks without it",
                )),
                Err(Verdict::Refuted(because)) => self.stood_without(mark, &because.detail),
                Err(ended) => Err(ended),
            },
            Ok(Cure::Broken(why) | Cure::DeadEnd(why) | Cure::SignatureStands(why)) => {
                self.stood_without(mark, &why)
            }
            Ok(Cure::Blind) => Err(too_long_blind(self.scenario)),
            Err(passed) => self.stood_without(mark, &passed.to_string()),
        }
    }

    /// Takes steps of which some may be refused, or wait in vain; then what was awaited.
    async fn take_steps_as_they_come(
        &mut self,
        steps: &[Step],
        clock: Clock,
    ) -> Result<Option<String>, Lost> {
        for step in steps {
            if let Err(passed) = self.take_step(step, clock).await? {
                return Ok(Some(passed.to_string()));
            }
        }
        Ok(None)
    }

    /// Tells what stands: the documented failure, or what ails instead.
    fn stood_without(&mut self, mark: PhaseMark, seen: &str) -> Result<(), Verdict> {
        if let Some(unreachable) = self.registry_is_unreachable(mark) {
            return Err(unreachable);
        }
        let chain = self.scenario.scenario.chain();
        let stood = match standing(self.world.witness(), chain, mark) {
            Some(seen) => format!("the documented failure: {seen}"),
            None => match symptoms(self.world.witness()).as_slice() {
                [] => seen.to_owned(),
                ailing => ailing.join("; "),
            },
        };
        self.outcome.stood = Some(stood);
        Ok(())
    }
}

fn title(wrong: &WrongRemedy) -> String {
    format!("the wrong remedy {:?}", wrong.title)
}
