//! How a cluster is reached, made or lent.

use kube::Client;

use crate::cluster::external::{self, Lent, Needs};
use crate::cluster::kind::{self, Cluster, Nodes};
use crate::kubectl::Kubectl;
use crate::watch::{self, ClientError, Scope};
use relapse_judge::scenario::LoadedScenario;
use relapse_judge::witness::Witness;

/// Whether a cluster can take a workload; what is not ready yet.
pub(super) type Usable = Box<dyn Fn(&Witness) -> Result<(), String> + Send + Sync>;

/// How a cluster is reached.
pub struct Hands {
    pub(super) client: Client,
    pub(super) kubectl: Kubectl,
    /// Its nodes, if they are relapse's to perturb.
    pub(super) nodes: Option<Nodes>,
    pub(super) scope: Scope,
    pub(super) usable: Usable,
    /// What to do where it does not become usable.
    pub(super) next: &'static str,
}

impl Hands {
    /// The hands on a cluster that relapse made, for a scenario.
    ///
    /// # Errors
    /// Its kubeconfig cannot be used.
    pub async fn on(cluster: &Cluster, scenario: &LoadedScenario) -> Result<Self, ClientError> {
        let nodes = cluster.nodes().clone();
        let count = nodes.count();
        Ok(Self {
            client: watch::client(cluster.kubeconfig()).await?,
            kubectl: Kubectl::on(nodes.control_plane()),
            nodes: Some(nodes),
            scope: Scope::of(scenario),
            usable: Box::new(move |witness| kind::is_usable(witness, count)),
            next: "node-journal.txt beside the verdict",
        })
    }

    /// The hands on a lent cluster: what is not the scenario's is not seen.
    #[must_use]
    pub fn on_lent(lent: &Lent, needs: &Needs, scenario: &LoadedScenario) -> Self {
        Self {
            client: lent.client().clone(),
            kubectl: lent.kubectl().clone(),
            nodes: None,
            scope: Scope::of(scenario).inside(needs.seen().clone()),
            usable: Box::new(external::is_usable),
            next: "`kubectl get nodes`",
        }
    }
}
