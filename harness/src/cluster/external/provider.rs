//! A cluster that exists already as a provider: nothing is made but what the scenario applies, and all of
//! that is deleted again.

use std::fmt;

use super::{Before, ExternalCluster, Unfit, is_usable};
use crate::cluster::access::Access;
use crate::cluster::provider::{Leak, Order, Provider};
use crate::watch::Scope;
use relapse_judge::verdict::{Lack, Obstacle, Verdict};

impl Provider for ExternalCluster {
    /// How it was before; none where the scenario may not begin.
    type Cluster = Option<Before>;

    async fn create(&self, order: &Order<'_>) -> (Option<Before>, Result<(), Verdict>) {
        match self.before(order.scenario).await {
            Ok(before) => (Some(before), Ok(())),
            Err(unfit) => {
                let words = unfit.to_string();
                let verdict = match unfit {
                    Unfit::Taken { .. } => Verdict::inconclusive(Obstacle::SetUpFailed, words),
                    Unfit::Nodes { .. } => Verdict::skipped(Lack::Nodes, words),
                    Unfit::Unseen(_) => Verdict::inconclusive(Obstacle::ApiLost, words),
                };
                (None, Err(verdict))
            }
        }
    }

    async fn access(&self, before: &Option<Before>, order: &Order<'_>) -> Result<Access, Verdict> {
        // Only namespaces of the scenario are witnessed.
        let scope = Scope::of(order.scenario);
        Ok(Access {
            client: self.client().clone(),
            kubectl: self.kubectl().clone(),
            nodes: None,
            scope: match before {
                Some(before) => scope.inside(before.needs().seen().clone()),
                None => scope,
            },
            usable: Box::new(is_usable),
            next: "`kubectl get nodes`",
        })
    }

    async fn export_logs(&self, _: &Order<'_>) -> Option<String> {
        None
    }

    async fn delete(
        &self,
        before: Option<Before>,
        _: &Order<'_>,
        waiting: impl Fn(&dyn fmt::Display) + Send + Sync,
    ) -> Result<(), Leak> {
        match before {
            Some(before) => Ok(self.clean_up(&before, |seen| waiting(&seen)).await?),
            None => Ok(()),
        }
    }

    async fn keep(&self, _: &mut Option<Before>, _: &Order<'_>) -> Option<String> {
        None
    }
}
