//! The containers of a cluster, by kind's label.

use crate::process::{ProcessError, brief_command, must_succeed};

/// Removes a cluster's containers with their volumes, as `kind delete` does; it needs neither kind
/// nor a kubeconfig, of which nothing may be left.
///
/// # Errors
/// docker failed.
pub async fn remove_containers(cluster: &str) -> Result<(), ProcessError> {
    let mut list = brief_command("docker");
    list.args(["ps", "--all", "--quiet", "--filter"])
        .arg(format!("label=io.x-k8s.kind.cluster={cluster}"));
    let containers = must_succeed(list).await?;
    if containers.trim().is_empty() {
        return Ok(());
    }
    let mut remove = brief_command("docker");
    remove
        .args(["rm", "--force", "--volumes"])
        .args(containers.lines());
    must_succeed(remove).await.map(|_| ())
}
