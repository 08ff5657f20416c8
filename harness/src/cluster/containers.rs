//! The containers of a cluster, by kind's label.

use crate::process::{ProcessError, brief_command, must_succeed};

/// How often the engine is asked to remove them. On a busy machine it gives a container up that does
/// not end within its 10 s, and removes it the next time.
const REMOVALS: usize = 6;

/// The ids of a cluster's containers, one a line.
///
/// # Errors
/// docker failed.
pub(super) async fn containers_of(cluster: &str) -> Result<String, ProcessError> {
    let mut list = brief_command("docker");
    list.args(["ps", "--all", "--quiet", "--no-trunc", "--filter"])
        .arg(format!("label=io.x-k8s.kind.cluster={cluster}"));
    let listed = must_succeed(list).await?;
    Ok(listed.trim().to_owned())
}

/// Removes a cluster's containers with their volumes, as `kind delete` does; it needs neither kind
/// nor a kubeconfig, of which nothing may be left.
///
/// # Errors
/// docker failed.
pub async fn remove_containers(cluster: &str) -> Result<(), ProcessError> {
    for _ in 1..REMOVALS {
        if remove_once(cluster).await.is_ok() {
            return Ok(());
        }
    }
    remove_once(cluster).await
}

async fn remove_once(cluster: &str) -> Result<(), ProcessError> {
    let containers = containers_of(cluster).await?;
    if containers.is_empty() {
        return Ok(());
    }
    let mut remove = brief_command("docker");
    remove
        .args(["rm", "--force", "--volumes"])
        .args(containers.lines());
    must_succeed(remove).await.map(|_| ())
}
