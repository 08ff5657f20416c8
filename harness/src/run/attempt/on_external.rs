//! The way on a cluster that is lent: nothing is made but what the scenario applies, and all of that
//! is taken away again.

use super::Attempt;
use crate::cluster::external::{Lent, Unfit};
use crate::event::{Event, Stage};
use crate::live::Hands;
use relapse_judge::experiment::Outcome;
use relapse_judge::verdict::{Finished, Lack, Obstacle, Verdict};

impl Attempt {
    pub(crate) async fn on_lent<P>(&self, lent: &Lent, making: P) -> Finished {
        self.tell(Stage::Cluster);
        let before = match lent.before(&self.scenario).await {
            Ok(before) => before,
            Err(unfit) => {
                let words = unfit.to_string();
                let verdict = match unfit {
                    Unfit::Taken { .. } => Verdict::inconclusive(Obstacle::SetUpFailed, words),
                    Unfit::Nodes { .. } => Verdict::skipped(Lack::Nodes, words),
                    Unfit::Unseen(_) => Verdict::inconclusive(Obstacle::ApiLost, words),
                };
                return self.finished(Outcome::of(verdict));
            }
        };
        let evidence = match self.begin_evidence() {
            Ok(evidence) => evidence,
            Err(verdict) => return self.finished(Outcome::of(verdict)),
        };
        let hands = Hands::on_lent(lent, before.needs(), &self.scenario);
        let (outcome, record) = self.experiment(Ok(hands), evidence, making).await;
        self.tell(Stage::CleanUp);
        let mut finished = self.written(outcome, record, None);
        let waiting = |seen: &str| {
            self.events.tell(Event::Waiting {
                label: self.label.clone(),
                awaited: "nothing is left of the scenario".to_owned(),
                seen: seen.to_owned(),
            });
        };
        if let Err(leak) = lent.clean_up(&before, waiting).await {
            self.amend(&mut finished, Obstacle::Leaked, &leak);
        }
        self.rewritten(finished)
    }
}
