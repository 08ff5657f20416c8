//! How a cluster is reached, wherever it comes from.

use kube::Client;

use super::kind::Nodes;
use crate::kubectl::Kubectl;
use crate::watch::Scope;
use relapse_judge::witness::Witness;

/// Whether a cluster can take a workload; what is not ready yet.
pub type Usable = Box<dyn Fn(&Witness) -> Result<(), String> + Send + Sync>;

/// How a cluster is reached for one scenario.
pub struct Access {
    /// A client of its API server.
    pub client: Client,
    /// A kubectl for it.
    pub kubectl: Kubectl,
    /// Its nodes, if relapse may perturb them.
    pub nodes: Option<Nodes>,
    /// What of it is watched.
    pub scope: Scope,
    /// Whether it can take a workload.
    pub usable: Usable,
    /// What to do where it never can.
    pub next: &'static str,
}
