//! What a cluster comes from: one interface, implemented by kind and by a cluster that exists already.

use std::future::Future;
use std::path::Path;

use tokio_util::sync::CancellationToken;

use super::access::Access;
use relapse_judge::scenario::LoadedScenario;
use relapse_judge::verdict::Verdict;

/// What an attempt asks a provider for.
pub struct Order<'a> {
    /// The cluster's name, which says who owns it.
    pub name: &'a str,
    /// The scenario that runs on it.
    pub scenario: &'a LoadedScenario,
    /// The folder of the attempt's evidence.
    pub folder: &'a Path,
    /// Ends the creation early.
    pub interrupt: &'a CancellationToken,
}

/// What is left of a cluster after its deletion, in words with a next step.
pub type Leak = Box<dyn std::error::Error + Send + Sync>;

/// A cluster of a provider, from its order to its deletion.
pub trait Provider: Sync {
    /// What a provider knows of a cluster that it was asked for, whether the creation succeeded or not.
    type Cluster: Send + Sync;

    /// Looks whether the scenario may begin; nothing is changed, and of what may not begin there is no
    /// evidence.
    fn admit(
        &self,
        order: &Order<'_>,
    ) -> impl Future<Output = Result<Self::Cluster, Verdict>> + Send;

    /// Creates the cluster. Whatever comes of it, [`delete`](Self::delete) follows.
    fn create(
        &self,
        cluster: &mut Self::Cluster,
        order: &Order<'_>,
    ) -> impl Future<Output = Result<(), Verdict>> + Send;

    /// The way to reach a cluster that was created.
    fn access(
        &self,
        cluster: &Self::Cluster,
        order: &Order<'_>,
    ) -> impl Future<Output = Result<Access, Verdict>> + Send;

    /// The logs of its nodes; none where there are none, or where they are not relapse's to read.
    fn export_logs(
        &self,
        cluster: &Self::Cluster,
        order: &Order<'_>,
    ) -> impl Future<Output = Option<String>> + Send;

    /// Deletes the cluster, or what the scenario made on it. `waiting` hears what is still there.
    ///
    /// # Errors
    /// Something is left.
    fn delete(
        &self,
        cluster: Self::Cluster,
        order: &Order<'_>,
        waiting: impl Fn(&str) + Send + Sync,
    ) -> impl Future<Output = Result<(), Leak>> + Send;

    /// Keeps the cluster instead of deleting it; the text says how it is reached. None where this
    /// provider deletes nothing that somebody could want to keep.
    fn keep(
        &self,
        cluster: &mut Self::Cluster,
        order: &Order<'_>,
    ) -> impl Future<Output = Option<String>> + Send;
}
