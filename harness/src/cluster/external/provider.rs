//! A cluster that exists already as a provider: nothing is made but what the scenario applies, and all of
//! that is deleted again.

use super::{Before, ExternalCluster, Unfit, is_usable};
use crate::cluster::access::Access;
use crate::cluster::provider::{Leak, Order, Provider};
use crate::watch::Scope;
use relapse_judge::verdict::{Lack, Obstacle, Verdict};

impl Provider for ExternalCluster {
    /// How it was before.
    type Cluster = Before;

    async fn admit(&self, order: &Order<'_>) -> Result<Before, Verdict> {
        self.before(order.scenario).await.map_err(|unfit| {
            let words = unfit.to_string();
            match unfit {
                Unfit::Taken { .. } => Verdict::inconclusive(Obstacle::SetUpFailed, words),
                Unfit::Nodes { .. } => Verdict::skipped(Lack::Nodes, words),
                Unfit::Unseen(_) => Verdict::inconclusive(Obstacle::ApiLost, words),
            }
        })
    }

    async fn create(&self, _: &mut Before, _: &Order<'_>) -> Result<(), Verdict> {
        Ok(())
    }

    async fn access(&self, before: &Before, order: &Order<'_>) -> Result<Access, Verdict> {
        Ok(Access {
            client: self.client().clone(),
            kubectl: self.kubectl().clone(),
            nodes: None,
            // Only namespaces of the scenario are witnessed.
            scope: Scope::of(order.scenario).inside(before.needs().seen().clone()),
            usable: Box::new(is_usable),
            next: "`kubectl get nodes`",
        })
    }

    async fn export_logs(&self, _: &Before, _: &Order<'_>) -> Option<String> {
        None
    }

    async fn delete(
        &self,
        before: Before,
        _: &Order<'_>,
        waiting: impl Fn(&str) + Send + Sync,
    ) -> Result<(), Leak> {
        Ok(self.clean_up(&before, waiting).await?)
    }

    async fn keep(&self, _: &mut Before, _: &Order<'_>) -> Option<String> {
        None
    }
}
