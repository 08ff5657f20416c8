//! What a remedied workload must survive.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_saphyr::Spanned;

use super::{Check, Duration};

/// What is done to the cluster after the remedy, in place of what its kinds suggest.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stress {
    /// What is done, in this order; the default set of the remedied kinds if absent.
    #[serde(default)]
    #[schemars(with = "Option<Vec<Perturbation>>")]
    pub perturbations: Option<Vec<Spanned<Perturbation>>>,
    /// What is left out of it, and why.
    #[serde(default)]
    pub not_applicable: Vec<NotApplicable>,
    /// Deadline for Ready, from each perturbation's effect.
    #[serde(default = "default_within")]
    pub within: Duration,
    /// What a user sees after each perturbation; the claim's checks if absent.
    #[serde(default)]
    pub checks: Option<Vec<Check>>,
}

impl Default for Stress {
    fn default() -> Self {
        Self {
            perturbations: None,
            not_applicable: Vec::new(),
            within: default_within(),
            checks: None,
        }
    }
}

/// A node that was restarted needs most of a minute for itself on a small machine.
const fn default_within() -> Duration {
    Duration::from_millis(180_000)
}

/// A perturbation that says nothing about this claim.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NotApplicable {
    /// Which.
    #[schemars(with = "Perturbation")]
    pub perturbation: Spanned<Perturbation>,
    /// Why it does not apply.
    pub reason: String,
}

/// Something that happens to workloads in the life of a cluster.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Perturbation {
    /// The pods of each remedied workload are deleted.
    DeletePods,
    /// The rollout of each remedied workload is restarted.
    RestartRollout,
    /// The main process of each container is killed.
    KillContainer,
    /// The kubelet is restarted.
    RestartKubelet,
    /// The node is restarted, with everything on it.
    RestartNode,
    /// The node stands still for 10 seconds.
    PauseNode,
    /// The node's network is cut for 10 seconds.
    CutNetwork,
    /// etcd and the API server are restarted.
    RestartControlPlane,
}

impl Perturbation {
    /// All of them, those first that touch the least.
    pub const ALL: [Self; 8] = [
        Self::DeletePods,
        Self::RestartRollout,
        Self::KillContainer,
        Self::RestartKubelet,
        Self::CutNetwork,
        Self::PauseNode,
        Self::RestartControlPlane,
        Self::RestartNode,
    ];
}

impl fmt::Display for Perturbation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::DeletePods => "delete-pods",
            Self::RestartRollout => "restart-rollout",
            Self::KillContainer => "kill-container",
            Self::RestartKubelet => "restart-kubelet",
            Self::RestartNode => "restart-node",
            Self::PauseNode => "pause-node",
            Self::CutNetwork => "cut-network",
            Self::RestartControlPlane => "restart-control-plane",
        })
    }
}
