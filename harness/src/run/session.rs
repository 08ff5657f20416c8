//! What the attempts of one run share: its options, its tools, and how many may do what at once.

use std::path::PathBuf;

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::cluster::external::ExternalCluster;
use crate::cluster::kind::KindProvider;
use crate::cluster::ownership::Ownership;
use crate::event::Events;
use crate::setup::SetUp;
use relapse_judge::attempt_policy::Tries;
use relapse_judge::scenario::LoadedScenario;
use relapse_judge::verdict::Finished;

/// When a cluster outlives its scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Keep {
    /// Never.
    Never,
    /// When the scenario was judged, and not proved.
    OnFailure,
    /// Always.
    Always,
}

/// How to run.
#[derive(Debug, Clone)]
pub struct Options {
    /// Folder with `scenarios/`, `manifests/` and `ci/`.
    pub root: PathBuf,
    /// Kubernetes minor, for example `1.36`.
    pub kubernetes: String,
    /// How many experiments at once; a cluster for each core is made ahead, as far as memory allows.
    pub jobs: usize,
    /// When a cluster outlives its scenario.
    pub keep: Keep,
    /// Folder of this run's evidence.
    pub output: PathBuf,
    /// Whether the trials of findings are repeated.
    pub trials: bool,
    /// Whether everything that is tried beside the claim is, and each part of the remedy left out alone.
    pub thorough: bool,
    /// Whether a sign of the failure that no clause names refutes.
    pub strict: bool,
    /// How often each claim is tried.
    pub tries: Tries,
}

/// A scenario's result and the folder of its evidence.
pub type Judged = (Finished, Option<PathBuf>);

/// Where scenarios run.
pub(crate) enum Source {
    /// Each on a cluster of its own, made by kind.
    Kind(KindProvider),
    /// All of them on this cluster, one after the other.
    External(ExternalCluster),
}

/// How many nodes this machine has room for, of all clusters together.
pub(crate) struct NodeRoom {
    all: u32,
    free: Semaphore,
}

impl NodeRoom {
    /// Room for so many, and one at least.
    pub(crate) fn at_most(all: u32) -> Self {
        let all = all.max(1);
        Self {
            all,
            free: Semaphore::new(usize::try_from(all).unwrap_or(usize::MAX)),
        }
    }
}

impl Session {
    /// Waits until there is room for a scenario's cluster, as long as the answer is kept. A cluster that
    /// is too large for the machine gets all of it.
    pub(crate) async fn room_for(&self, scenario: &LoadedScenario) -> impl Sized + use<'_> {
        let cluster = self.clusters.acquire().await;
        let nodes = scenario.scenario.nodes.min(self.nodes.all);
        (cluster, self.nodes.free.acquire_many(nodes).await)
    }
}

/// What the attempts of a run share.
pub(crate) struct Session {
    pub(crate) set_up: SetUp,
    pub(crate) place: Source,
    pub(crate) lease: Ownership,
    pub(crate) set_ups: Semaphore,
    /// Those tried thoroughly: a claim and what is tried beside it.
    pub(crate) claims: Semaphore,
    pub(crate) clusters: Semaphore,
    pub(crate) nodes: NodeRoom,
    pub(crate) makings: Semaphore,
    pub(crate) turns: Semaphore,
    pub(crate) events: Events,
    pub(crate) interrupt: CancellationToken,
    pub(crate) options: Options,
}
