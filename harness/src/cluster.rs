//! One kind cluster, made for one scenario and deleted after it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempPath;
use thiserror::Error;

use crate::condition::{Answer, ready};
use crate::lease::{Lease, PREFIX};
use crate::premise::registry_and_path;
use crate::process::{ProcessError, brief_command, must_succeed, output};
use crate::provision::Tools;
use crate::scenario::{CONTROL_PLANE, NODE_LABEL, node_names};
use crate::witness::{ObjectKey, Witness, number_at, text_at};

/// A cluster could not be made.
#[derive(Debug, Error)]
pub enum ClusterError {
    /// kind or docker failed.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// A file of the cluster's configuration could not be written.
    #[error("cannot write {path}: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// The mark in a node's container of a cluster that is kept: containers take no label after they
/// are made.
const KEPT: &str = "/kind/relapse-kept";

/// The nodes of a cluster, each a container of this host's. kind gives a node and its container the
/// same name, which begins with that of the cluster.
#[derive(Debug, Clone)]
pub struct Nodes {
    cluster: String,
    names: Vec<String>,
}

impl Nodes {
    fn of(cluster: String, count: u32) -> Self {
        Self {
            cluster,
            names: node_names(count).collect(),
        }
    }

    /// The container of the node that scenarios call so.
    #[must_use]
    pub fn container(&self, name: &str) -> String {
        format!("{}-{name}", self.cluster)
    }

    /// The container of the control plane.
    #[must_use]
    pub fn control_plane(&self) -> String {
        self.container(CONTROL_PLANE)
    }

    /// The containers of all nodes.
    pub fn containers(&self) -> impl Iterator<Item = String> {
        self.names.iter().map(|name| self.container(name))
    }

    /// How many there are.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.names.len()
    }
}

/// A cluster that exists.
#[derive(Debug)]
pub struct Cluster {
    name: String,
    nodes: Nodes,
    /// It holds the cluster's client key, and goes when relapse lets the cluster go.
    kubeconfig: TempPath,
}

impl Cluster {
    /// Makes a cluster of so many nodes, which find images in the registry under their real names.
    /// `folder` takes its kubeconfig and configuration; `hosts` are the upstream registries of its
    /// images.
    ///
    /// # Errors
    /// kind failed; what it had made by then is there to be removed.
    pub async fn create(
        tools: &Tools,
        name: String,
        nodes: u32,
        folder: &Path,
        hosts: &BTreeSet<String>,
    ) -> Result<Self, ClusterError> {
        let mirrors = folder.join("certs.d");
        for host in hosts {
            write(
                &mirrors.join(host).join("hosts.toml"),
                &mirror(&tools.registry, host),
            )?;
        }
        let configuration = folder.join("kind.yaml");
        write(&configuration, &kind_configuration(tools, nodes, &mirrors))?;
        let kubeconfig = folder.join("kubeconfig");
        let cluster = Self {
            nodes: Nodes::of(name.clone(), nodes),
            name,
            kubeconfig: TempPath::try_from_path(&kubeconfig).map_err(|source| {
                ClusterError::Write {
                    path: kubeconfig,
                    source,
                }
            })?,
        };
        let mut create = brief_command(&tools.kind);
        create
            .args(["create", "cluster", "--retain", "--wait=0s", "--quiet"])
            .args(["--name", &cluster.name, "--image", &tools.node_image])
            .arg("--kubeconfig")
            .arg(&cluster.kubeconfig)
            .arg("--config")
            .arg(&configuration);
        must_succeed(create).await?;
        Ok(cluster)
    }

    /// The cluster's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The cluster's own kubeconfig file.
    #[must_use]
    pub fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// Its nodes.
    #[must_use]
    pub const fn nodes(&self) -> &Nodes {
        &self.nodes
    }

    /// What the kubelet and the container runtime of each node logged.
    pub async fn journal(&self) -> String {
        let mut all = String::new();
        for node in self.nodes.containers() {
            let mut journal = brief_command("docker");
            journal
                .args(["exec", &node, "journalctl", "--no-pager"])
                .args(["-u", "kubelet", "-u", "containerd", "-n", "2000"]);
            let logged = match output(journal, None).await {
                Ok(output) => output.stdout + &output.stderr,
                Err(error) => error.to_string(),
            };
            let _ = writeln!(all, "== {node}\n{}", logged.trim_end());
        }
        all
    }

    /// Marks the cluster, so that the next run leaves it alone; its kubeconfig stays too.
    ///
    /// # Errors
    /// docker failed.
    pub async fn keep(&mut self) -> Result<(), ProcessError> {
        self.kubeconfig.disable_cleanup(true);
        let mut touch = brief_command("docker");
        touch.args(["exec", &self.nodes.control_plane(), "touch", KEPT]);
        must_succeed(touch).await.map(|_| ())
    }
}

fn write(path: &Path, text: &str) -> Result<(), ClusterError> {
    let failed = |source| ClusterError::Write {
        path: path.to_owned(),
        source,
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    std::fs::write(path, text).map_err(failed)
}

/// containerd asks `server` after the hosts have failed; without it, it would ask the real host,
/// and a tag that is missing here would end as "no such host" in place of "not found".
fn mirror(registry: &str, host: &str) -> String {
    format!(
        "server = \"http://{registry}/v2/{host}\"\n\n\
         [host.\"http://{registry}/v2/{host}\"]\n\
         capabilities = [\"pull\", \"resolve\"]\n\
         override_path = true\n"
    )
}

/// A control plane for minutes, of which several share a few cores: keys that cost nothing to make,
/// fewer collections of garbage, one thread of Go at a time, no election among one, an etcd that does
/// not wait for the disk, and watches that are served from it, since the cache between wakes up for
/// each of a hundred resources every second.
/// kind writes such a configuration from 1.36 on; older versions have another, and go without.
const LEAN_CONTROL_PLANE: &str = r#"- |
  apiVersion: kubeadm.k8s.io/v1beta4
  kind: ClusterConfiguration
  encryptionAlgorithm: ECDSA-P256
  apiServer:
    extraEnvs: [{name: GOGC, value: "400"}, {name: GOMAXPROCS, value: "1"}]
    extraArgs: [{name: watch-cache, value: "false"}]
  controllerManager:
    extraEnvs: [{name: GOGC, value: "400"}, {name: GOMAXPROCS, value: "1"}]
    extraArgs: [{name: leader-elect, value: "false"}]
  scheduler:
    extraEnvs: [{name: GOGC, value: "400"}, {name: GOMAXPROCS, value: "1"}]
    extraArgs: [{name: leader-elect, value: "false"}]
  etcd:
    local:
      extraEnvs: [{name: GOGC, value: "400"}, {name: GOMAXPROCS, value: "1"}]
      extraArgs: [{name: unsafe-no-fsync, value: "true"}]
"#;

fn kind_configuration(tools: &Tools, nodes: u32, mirrors: &Path) -> String {
    let mut text = String::from("kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n");
    text.push_str("kubeadmConfigPatches:\n");
    text.push_str(LEAN_CONTROL_PLANE);
    if tools.cgroup == "1" {
        // From 1.35 on the kubelet refuses a host on cgroup v1 unless told otherwise; older ones
        // know the field too (KEP-4569).
        text.push_str("- |\n  kind: KubeletConfiguration\n  failCgroupV1: false\n");
    }
    text.push_str("nodes:\n");
    for name in node_names(nodes) {
        let role = if name == CONTROL_PLANE {
            CONTROL_PLANE
        } else {
            "worker"
        };
        let _ = write!(
            text,
            "- role: {role}\n  labels:\n    {NODE_LABEL}: {name}\n  extraMounts:\n  - hostPath: {}\n    \
             containerPath: /etc/containerd/certs.d\n    readOnly: true\n",
            mirrors.display()
        );
    }
    text
}

/// The upstream registry of an image reference, as containerd resolves it.
#[must_use]
pub fn registry_host(reference: &str) -> String {
    registry_and_path(reference).0.to_owned()
}

/// Whether the cluster can take a workload: all of its nodes and own pods are Ready, each node has
/// the network of services, and the default `ServiceAccount` exists, without which every pod is
/// refused. `kind create --wait` judges none of these but the control plane's node.
///
/// # Errors
/// What is not ready yet.
pub fn is_usable(witness: &Witness, count: usize) -> Result<(), String> {
    let nodes = witness.live("Node").collect::<Vec<_>>();
    let pods = witness
        .live("Pod")
        .filter(|pod| !is_static(pod))
        .collect::<Vec<_>>();
    if nodes.len() < count || pods.is_empty() {
        let (nodes, pods) = (nodes.len(), pods.len());
        return Err(format!(
            "{nodes} of {count} nodes and {pods} pods are there"
        ));
    }
    for object in nodes.into_iter().chain(pods) {
        if let Answer::NotYet(why) | Answer::Never(why) = ready(object) {
            return Err(format!("{}: {why}", ObjectKey::of(object)));
        }
    }
    for (kind, name) in [
        ("Deployment", "coredns"),
        ("Deployment", "local-path-provisioner"),
        ("DaemonSet", "kube-proxy"),
    ] {
        let there = witness
            .live(kind)
            .find(|workload| text_at(workload, "/metadata/name") == Some(name))
            .ok_or_else(|| format!("{name} is not there"))?;
        if let Answer::NotYet(why) | Answer::Never(why) = ready(there) {
            return Err(format!("{name}: {why}"));
        }
        let chosen = number_at(there, "/status/desiredNumberScheduled");
        if chosen.is_some_and(|chosen| usize::try_from(chosen).is_ok_and(|chosen| chosen < count)) {
            return Err(format!("{name} does not know all {count} nodes yet"));
        }
    }
    let account = ObjectKey {
        kind: "ServiceAccount".to_owned(),
        namespace: "default".to_owned(),
        name: "default".to_owned(),
    };
    witness
        .get(&account)
        .map(|_| ())
        .ok_or_else(|| "the default ServiceAccount is not there".to_owned())
}

/// The control plane's own pods: that the others run shows them at work, and their probes say so
/// some seconds later only for their period.
fn is_static(pod: &Value) -> bool {
    pod["metadata"]["annotations"]
        .get("kubernetes.io/config.mirror")
        .is_some()
}

/// Names of the clusters on this host that relapse made, by the label of their containers.
///
/// # Errors
/// docker failed.
pub async fn names() -> Result<BTreeSet<String>, ProcessError> {
    let mut list = brief_command("docker");
    list.args(["ps", "--all", "--filter", "label=io.x-k8s.kind.cluster"])
        .args(["--format", "{{.Label \"io.x-k8s.kind.cluster\"}}"]);
    Ok(must_succeed(list)
        .await?
        .lines()
        .filter(|name| name.starts_with(PREFIX))
        .map(ToOwned::to_owned)
        .collect())
}

/// Deletes the clusters for which `is_left` says so; returns their names.
///
/// # Errors
/// docker failed.
pub async fn sweep(is_left: impl Fn(&Lease) -> bool) -> Result<Vec<String>, ProcessError> {
    let mut swept = Vec::new();
    for name in names().await? {
        if Lease::in_name(&name).is_some_and(|lease| is_left(&lease)) {
            remove_containers(&name).await?;
            swept.push(name);
        }
    }
    Ok(swept)
}

/// Deletes the clusters whose owner is dead, but for those that were kept on purpose; returns
/// their names.
///
/// # Errors
/// docker failed.
pub async fn sweep_dead() -> Result<Vec<String>, ProcessError> {
    let mut swept = Vec::new();
    for name in names().await? {
        let is_dead = Lease::in_name(&name).is_some_and(|lease| !lease.is_alive());
        if is_dead && !is_kept(&name).await? {
            remove_containers(&name).await?;
            swept.push(name);
        }
    }
    Ok(swept)
}

/// A stopped container can be asked too, by copying.
async fn is_kept(cluster: &str) -> Result<bool, ProcessError> {
    let mut copy = brief_command("docker");
    copy.args(["cp", &format!("{cluster}-control-plane:{KEPT}"), "-"]);
    Ok(output(copy, None).await?.success)
}

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

#[cfg(test)]
mod tests;
