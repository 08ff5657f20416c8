//! kind as a provider: a new cluster for each attempt, and a machine that is afterwards as it was before.

use std::collections::BTreeSet;

use super::{Cluster, Nodes, is_usable, registry_host};
use crate::cluster::access::Access;
use crate::cluster::containers::remove_containers;
use crate::cluster::host_leaks::{Footprint, HostError, Snapshot};
use crate::cluster::provider::{Leak, Order, Provider};
use crate::kubectl::Kubectl;
use crate::setup::Tools;
use crate::watch::{self, Scope};
use relapse_judge::scenario::LoadedScenario;
use relapse_judge::verdict::{Obstacle, Verdict};
use relapse_judge::world::Lost;

/// Clusters made by kind.
pub struct KindProvider(pub Tools);

/// A cluster that kind was asked for.
#[derive(Default)]
pub struct Ordered {
    /// The machine before; none where there is nothing to delete: nothing was made, or it is kept.
    before: Option<Snapshot>,
    /// None where it could not be made, or is kept.
    cluster: Option<Cluster>,
}

impl Provider for KindProvider {
    type Cluster = Ordered;

    async fn admit(&self, _: &Order<'_>) -> Result<Ordered, Verdict> {
        Ok(Ordered::default())
    }

    async fn create(&self, ordered: &mut Ordered, order: &Order<'_>) -> Result<(), Verdict> {
        match Snapshot::now().await {
            Ok(before) => ordered.before = Some(before),
            Err(error) => {
                let words = format!("{error}; next: `make setup`, then try again");
                return Err(Verdict::inconclusive(Obstacle::ClusterFailed, words));
            }
        }
        let nodes = order.scenario.scenario.nodes;
        let hosts = hosts(order.scenario);
        let name = order.name.to_owned();
        let created = tokio::select! {
            biased;
            () = order.interrupt.cancelled() => Err(Verdict::from(Lost::interrupted())),
            created = Cluster::create(&self.0, name, nodes, order.folder, &hosts) => {
                created.map_err(|error| Verdict::inconclusive(
                    Obstacle::ClusterFailed,
                    format!("{error}; next: `make clean`, then try again"),
                ))
            }
        };
        ordered.cluster = Some(created?);
        Ok(())
    }

    async fn access(&self, ordered: &Ordered, order: &Order<'_>) -> Result<Access, Verdict> {
        let unreachable = |why: String| Verdict::inconclusive(Obstacle::ApiLost, why);
        let Some(cluster) = &ordered.cluster else {
            return Err(unreachable("the cluster was not made".to_owned()));
        };
        let nodes = cluster.nodes().clone();
        let count = nodes.count();
        let client = watch::client(cluster.kubeconfig()).await;
        Ok(Access {
            client: client.map_err(|error| unreachable(error.to_string()))?,
            kubectl: Kubectl::on(nodes.control_plane()),
            nodes: Some(nodes),
            scope: Scope::of(order.scenario),
            usable: Box::new(move |witness| is_usable(witness, count)),
            next: "node-journal.txt beside the verdict",
        })
    }

    async fn export_logs(&self, ordered: &Ordered, order: &Order<'_>) -> Option<String> {
        ordered.before.as_ref()?;
        let nodes = Nodes::of(order.name.to_owned(), order.scenario.scenario.nodes);
        Some(nodes.journal().await)
    }

    async fn delete(
        &self,
        ordered: Ordered,
        order: &Order<'_>,
        _: impl Fn(&str) + Send + Sync,
    ) -> Result<(), Leak> {
        let Some(before) = ordered.before else {
            return Ok(());
        };
        let footprint = Footprint::of(order.name).await?;
        let removed = remove_containers(order.name).await;
        removed.map_err(HostError::from)?;
        Ok(before.compare(&footprint, order.name).await?)
    }

    async fn keep(&self, ordered: &mut Ordered, order: &Order<'_>) -> Option<String> {
        let cluster = ordered.cluster.take()?;
        ordered.before = None;
        Some(match cluster.keep(order.folder).await {
            Ok(kubeconfig) => format!(
                "kept: export KUBECONFIG={}; when done: relapse clean",
                kubeconfig.display()
            ),
            Err(error) => format!("kept, but the next run will delete it: {error}"),
        })
    }
}

/// Upstream registries of every image in the manifests, missing ones too: the node must ask ours for
/// them and be told that they do not exist.
fn hosts(scenario: &LoadedScenario) -> BTreeSet<String> {
    let images = scenario.images().into_iter();
    let images = images.chain(scenario.absent_images());
    images.map(|reference| registry_host(&reference)).collect()
}
