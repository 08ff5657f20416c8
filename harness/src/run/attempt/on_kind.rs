//! The way on a cluster that relapse makes, and deletes when its evidence is written.

use std::collections::BTreeSet;

use super::{Attempt, Record};
use crate::cluster::containers::remove_containers;
use crate::cluster::host_leaks::{Footprint, HostError, Leak, Snapshot};
use crate::cluster::kind::{Cluster, Nodes, registry_host};
use crate::event::Stage;
use crate::live::Hands;
use crate::run::session::Keep;
use crate::setup::Tools;
use relapse_judge::experiment::Outcome;
use relapse_judge::verdict::{Finished, Obstacle, Verdict};
use relapse_judge::witness::Witness;
use relapse_judge::world::Lost;

impl Attempt {
    pub(crate) async fn on_made<P>(&self, tools: &Tools, making: P) -> Finished {
        let evidence = match self.begin_evidence() {
            Ok(evidence) => evidence,
            Err(verdict) => return self.finished(Outcome::of(verdict)),
        };
        self.tell(Stage::Cluster);
        let before = match Snapshot::now().await {
            Ok(before) => before,
            Err(error) => {
                let words = format!("{error}; next: `make setup`, then try again");
                let lost = Verdict::inconclusive(Obstacle::ClusterFailed, words);
                return self.written(Outcome::of(lost), (Witness::default(), evidence), None);
            }
        };
        let nodes = self.scenario.scenario.nodes;
        let hosts = self.hosts();
        let created = tokio::select! {
            biased;
            () = self.session.interrupt.cancelled() => None,
            created = Cluster::create(tools, self.name.clone(), nodes, &self.folder, &hosts) => {
                Some(created)
            }
        };
        let lost = match created {
            Some(Ok(cluster)) => {
                let hands = Hands::on(&cluster, &self.scenario).await;
                let (outcome, record) = self.experiment(hands, evidence, making).await;
                return self.clean_up(Some(cluster), &before, outcome, record).await;
            }
            Some(Err(error)) => Verdict::inconclusive(
                Obstacle::ClusterFailed,
                format!("{error}; next: `make clean`, then try again"),
            ),
            None => Verdict::from(Lost::interrupted()),
        };
        let record = (Witness::default(), evidence);
        self.clean_up(None, &before, Outcome::of(lost), record)
            .await
    }

    /// Writes the evidence, then deletes what there is of the cluster, unless it is to be kept.
    async fn clean_up(
        &self,
        cluster: Option<Cluster>,
        before: &Snapshot,
        outcome: Outcome,
        record: Record,
    ) -> Finished {
        self.tell(Stage::CleanUp);
        let journal = match outcome.verdict {
            Verdict::Inconclusive(_) => {
                let nodes = Nodes::of(self.name.clone(), self.scenario.scenario.nodes);
                Some(nodes.journal().await)
            }
            _ => None,
        };
        let mut finished = self.written(outcome, record, journal.as_deref());
        match cluster {
            Some(cluster) if self.keeps(&finished.verdict) => self.keep(cluster).await,
            _ => {
                if let Err(leak) = self.remove(before).await {
                    self.amend(&mut finished, Obstacle::Leaked, &leak);
                }
            }
        }
        self.rewritten(finished)
    }

    /// Removes what there is of the cluster; nothing of it may be left on this machine.
    async fn remove(&self, before: &Snapshot) -> Result<(), Leak> {
        let footprint = Footprint::of(&self.name).await?;
        remove_containers(&self.name)
            .await
            .map_err(HostError::from)?;
        before.compare(&footprint, &self.name).await
    }

    fn keeps(&self, verdict: &Verdict) -> bool {
        match self.session.options.keep {
            Keep::Never => false,
            Keep::Always => true,
            Keep::OnFailure => !matches!(verdict, Verdict::Proved | Verdict::Skipped(_)),
        }
    }

    async fn keep(&self, cluster: Cluster) {
        let text = match cluster.keep(&self.folder).await {
            Ok(kubeconfig) => format!(
                "kept: export KUBECONFIG={}; when done: relapse clean",
                kubeconfig.display()
            ),
            Err(error) => format!("kept, but the next run will delete it: {error}"),
        };
        self.note(text);
    }

    /// Upstream registries of every image in the manifests, missing ones too: the node must ask
    /// ours for them and be told that they do not exist.
    fn hosts(&self) -> BTreeSet<String> {
        self.scenario
            .images()
            .iter()
            .chain(&self.scenario.absent_images())
            .map(|reference| registry_host(reference))
            .collect()
    }
}
