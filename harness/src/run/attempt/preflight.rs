//! What a claim needs, made sure of before any cluster.

use super::Attempt;
use crate::event::Stage;
use crate::run::session::Source;
use crate::setup::{Image, SetUpError, Upstream};
use relapse_judge::verdict::{Lack, Obstacle, Refutation, Verdict};
use relapse_judge::world::Lost;

impl Attempt {
    /// Makes sure of what the claim needs, before any cluster.
    pub(crate) async fn preflight(&self) -> Result<(), Verdict> {
        let version = &self.session.options.kubernetes;
        if !self.scenario.runs_on(version) {
            return Err(Verdict::skipped(
                Lack::KubernetesVersion,
                format!("the claim is made for other versions than Kubernetes {version}"),
            ));
        }
        let _set_up = self.session.set_ups.acquire().await;
        if self.session.interrupt.is_cancelled() {
            return Err(Verdict::from(Lost::interrupted()));
        }
        self.tell(Stage::Preflight);
        self.premise_stands().await?;
        match self.session.place {
            Source::Kind(_) => self.images_are_here().await,
            // Its nodes pull from wherever they are used to.
            Source::External(_) => Ok(()),
        }
    }

    async fn premise_stands(&self) -> Result<(), Verdict> {
        let references = self.scenario.absent_images();
        let answers = self
            .session
            .set_up
            .upstream(&references, |line| self.tell_set_up(line))
            .await
            .map_err(set_up_failed)?;
        let mut unverified = Vec::new();
        for (reference, upstream) in answers {
            match upstream {
                Upstream::Absent => {}
                // No node can pull it here, so the failure itself is the documented one.
                Upstream::Unverified(why) => {
                    unverified.push(format!("that {reference} does not exist upstream ({why})"));
                }
                Upstream::Present => {
                    return Err(Verdict::refuted(
                        Refutation::PremiseGone,
                        format!("{reference} must not exist, and it does"),
                    ));
                }
                Upstream::Unknown(why) => {
                    return Err(Verdict::inconclusive(
                        Obstacle::RegistryUnreachable,
                        format!("whether {reference} exists could not be found out: {why}"),
                    ));
                }
            }
        }
        self.unverified.get_or_init(|| unverified);
        Ok(())
    }

    async fn images_are_here(&self) -> Result<(), Verdict> {
        let answers = self
            .session
            .set_up
            .images(&self.scenario.images(), |line| self.tell_set_up(line))
            .await
            .map_err(set_up_failed)?;
        for (reference, image) in answers {
            if let Image::Lacking(why) = image {
                return Err(Verdict::skipped(Lack::Image, format!("{reference}: {why}")));
            }
        }
        Ok(())
    }
}

fn set_up_failed(error: SetUpError) -> Verdict {
    match error {
        SetUpError::Interrupted => Verdict::from(Lost::interrupted()),
        error => Verdict::inconclusive(Obstacle::SetUpFailed, error.to_string()),
    }
}
