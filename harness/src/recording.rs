//! A recorded witness as a world: the same rules judge it, without a cluster.

use std::collections::VecDeque;

use crate::perturbation::Target;
use crate::scenario::{Check, LoadedScenario, Need, Perturbation, Step};
use crate::verdict::{Because, Obstacle};
use crate::witness::{
    CheckOutcome, Millis, Observation, PerturbationOutcome, Phase, PhaseMark, Probed, Record,
    StepOutcome, Witness,
};
use crate::world::{Lost, World};

/// A recording that is played back.
#[derive(Debug)]
pub struct Recording {
    rest: VecDeque<Record>,
    witness: Witness,
    now: Millis,
}

impl Recording {
    /// Plays back these records.
    #[must_use]
    pub fn of(records: impl IntoIterator<Item = Record>) -> Self {
        Self {
            rest: records.into_iter().collect(),
            witness: Witness::default(),
            now: 0,
        }
    }

    fn take(&mut self) -> Result<&Observation, Lost> {
        let Some(record) = self.rest.pop_front() else {
            return Err(Because {
                reason: Obstacle::ApiLost,
                detail: "the recording ends here".to_owned(),
            });
        };
        self.now = self.now.max(record.at);
        if let Observation::Lost(lost) = &record.observation {
            return Err(lost.clone());
        }
        self.witness.push(record);
        Ok(self.last())
    }

    fn last(&self) -> &Observation {
        // `take` has just pushed it.
        &self.witness.records()[self.witness.records().len() - 1].observation
    }

    /// Plays on until `wanted` finds what it looks for.
    fn play_to<T>(&mut self, wanted: impl Fn(&Observation) -> Option<T>) -> Result<T, Lost> {
        loop {
            if let Some(found) = wanted(self.take()?) {
                return Ok(found);
            }
        }
    }
}

impl World for Recording {
    async fn begin(&mut self, phase: Phase) -> Result<PhaseMark, Lost> {
        self.play_to(|observation| match observation {
            Observation::Phase(mark) if mark.phase == phase => Some(*mark),
            _ => None,
        })
    }

    async fn probe(&mut self, need: Need) -> Result<Probed, Lost> {
        self.play_to(|observation| match observation {
            Observation::Probed(probed) if probed.need == need => Some(probed.clone()),
            _ => None,
        })
    }

    async fn act(&mut self, _: &LoadedScenario, step: &Step) -> Result<StepOutcome, Lost> {
        let name = step.to_string();
        self.play_to(|observation| match observation {
            Observation::Step(outcome) if outcome.step == name => Some(outcome.clone()),
            _ => None,
        })
    }

    async fn perturb(
        &mut self,
        perturbation: Perturbation,
        _: &[Target],
    ) -> Result<PerturbationOutcome, Lost> {
        self.play_to(|observation| match observation {
            Observation::Perturbation(outcome) if outcome.perturbation == perturbation => {
                Some(outcome.clone())
            }
            _ => None,
        })
    }

    async fn check(&mut self, check: &Check) -> Result<CheckOutcome, Lost> {
        self.play_to(|observation| match observation {
            Observation::Check(outcome) if outcome.name == check.name() => Some(outcome.clone()),
            _ => None,
        })
    }

    async fn next(&mut self, wake: Millis) -> Result<(), Lost> {
        match self.rest.front() {
            Some(Record {
                observation:
                    Observation::Phase(_)
                    | Observation::Step(_)
                    | Observation::Check(_)
                    | Observation::Perturbation(_)
                    | Observation::Ended,
                ..
            }) => self.now = wake,
            Some(record) if record.at > wake => self.now = wake,
            _ => {
                self.take()?;
            }
        }
        Ok(())
    }

    fn waiting(&mut self, _: &str, _: &str) {}

    fn witness(&self) -> &Witness {
        &self.witness
    }

    fn now(&self) -> Millis {
        self.now
    }
}
