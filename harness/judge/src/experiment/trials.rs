//! Repetitions that measure how often a finding's trial converges.

use super::Experiment;
use super::cure::Cure;
use crate::phase::Phase;
use crate::scenario::Trial;
use crate::time::Millis;
use crate::verdict::{Obstacle, Rate, Refutation, Verdict};
use crate::world::World;

impl<W: World> Experiment<'_, W> {
    /// Repeats the trials of all findings; what they show never refutes the claim.
    pub(super) async fn trials(&mut self) -> Result<(), Verdict> {
        match self.rates().await {
            Ok(rates) => {
                self.outcome.rates = rates;
                Ok(())
            }
            Err(Verdict::Refuted(because)) => {
                Err(Verdict::inconclusive(Obstacle::TrialFailed, because.detail))
            }
            Err(ended) => Err(ended),
        }
    }

    async fn rates(&mut self) -> Result<Vec<Rate>, Verdict> {
        let mut rates = Vec::new();
        for finding in &self.scenario.scenario.findings {
            let Some(trial) = &finding.trial else {
                continue;
            };
            let mut times = Vec::new();
            for _ in 0..trial.repeat {
                times.push(self.run_trial(trial).await?);
            }
            rates.push(Rate {
                finding: finding.title.clone(),
                times,
            });
        }
        Ok(rates)
    }

    async fn run_trial(&mut self, trial: &Trial) -> Result<Option<Millis>, Verdict> {
        let claim = &self.scenario.scenario;
        self.world.begin(Phase::Trials).await?;
        let clock = self.clock(trial.within);
        self.take_steps(&trial.reset, clock, Refutation::BaselineBroken)
            .await?;
        self.fault(&claim.own_failure()).await?;
        let mark = self.world.begin(Phase::Trials).await?;
        let began = self.world.now();
        let clock = self.clock(trial.within);
        self.take_steps(&trial.steps, clock, Refutation::NotRemedied)
            .await?;
        let cure = self
            .until_ready(mark, began, trial.within, claim.remedy.hold)
            .await?;
        Ok(match cure {
            Ok(Cure::Held { since, .. }) => Some(since - began),
            _ => None,
        })
    }
}
