//! One kind cluster, made for one scenario and deleted after it.

mod configuration;
mod provider;

pub use provider::KindProvider;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use thiserror::Error;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::process::{ProcessError, brief_command, must_succeed, output};
use crate::setup::Tools;
use relapse_judge::absent_image::registry_and_path;
use relapse_judge::kubernetes::{number_at, text_at};
use relapse_judge::readiness::{Readiness, ready};
use relapse_judge::scenario::{CONTROL_PLANE, node_names};
use relapse_judge::witness::{ObjectKey, Witness};

/// A cluster could not be made.
#[derive(Debug, Error)]
pub enum ClusterError {
    /// kind or docker failed.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// The configuration cannot be told to kind.
    #[error("cannot write kind's configuration as YAML: {0}")]
    Yaml(#[from] serde_saphyr::ser::Error),
    /// A registry cannot be told to containerd.
    #[error("cannot write a registry's hosts as TOML: {0}")]
    Toml(#[from] toml::ser::Error),
    /// kind's kubeconfig could not be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file of the cluster's configuration could not be written.
    #[error("cannot write {path}: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// How long a node may take to tell its journal: one that failed may never answer.
const LOGGED_WITHIN: Duration = Duration::from_secs(20);

/// The nodes of a cluster, each a container of this host's. kind gives a node and its container the
/// same name, which begins with that of the cluster.
#[derive(Debug, Clone)]
pub struct Nodes {
    cluster: String,
    names: Vec<String>,
}

impl Nodes {
    /// Those of a cluster, whether they are there or not.
    #[must_use]
    pub fn of(cluster: String, count: u32) -> Self {
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

    /// What the kubelet and the container runtime of each node logged.
    pub async fn journal(&self) -> String {
        let mut all = String::new();
        for node in self.containers() {
            let mut journal = brief_command("docker");
            journal
                .args(["exec", &node, "journalctl", "--no-pager"])
                .args(["-u", "kubelet", "-u", "containerd", "-n", "2000"]);
            let logged = match timeout(LOGGED_WITHIN, output(journal, None)).await {
                Ok(Ok(output)) => output.stdout + &output.stderr,
                Ok(Err(error)) => error.to_string(),
                Err(_) => format!("no answer within {} s", LOGGED_WITHIN.as_secs()),
            };
            let _ = writeln!(all, "== {node}\n{}", logged.trim_end());
        }
        all
    }
}

/// A cluster that exists.
#[derive(Debug)]
pub struct Cluster {
    name: String,
    nodes: Nodes,
    /// It holds the cluster's client key, and is in no file but while kind writes it.
    kubeconfig: String,
    /// Renews the sign of life; ends with the cluster's handle.
    _signs: JoinSet<()>,
}

impl Cluster {
    /// Makes a cluster of so many nodes, which find images in the registry under their real names.
    /// `folder` takes its configuration; `hosts` are the upstream registries of its images.
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
        // What is no name of a host reaches no registry either: the pull fails as it does elsewhere.
        for host in hosts.iter().filter(|host| configuration::is_host(host)) {
            write(
                &mirrors.join(host).join("hosts.toml"),
                &configuration::mirror(&tools.registry, host)?,
            )?;
        }
        let configuration = folder.join("kind.yaml");
        write(
            &configuration,
            &configuration::kind(tools, nodes, &mirrors)?,
        )?;
        let nodes = Nodes::of(name.clone(), nodes);
        let mut signs = JoinSet::new();
        signs.spawn(super::leftover::give_signs_of_life(nodes.control_plane()));
        let private = private_folder()?;
        let kubeconfig = private.path().join("kubeconfig");
        let mut create = brief_command(&tools.kind);
        create
            .args(["create", "cluster", "--retain", "--wait=0s", "--quiet"])
            .args(["--name", &name, "--image", &tools.node_image])
            .arg("--kubeconfig")
            .arg(&kubeconfig)
            .arg("--config")
            .arg(&configuration);
        must_succeed(create).await?;
        Ok(Self {
            nodes,
            name,
            _signs: signs,
            kubeconfig: std::fs::read_to_string(&kubeconfig).map_err(|source| {
                ClusterError::Read {
                    path: kubeconfig,
                    source,
                }
            })?,
        })
    }

    /// The cluster's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The cluster's own kubeconfig.
    #[must_use]
    pub fn kubeconfig(&self) -> &str {
        &self.kubeconfig
    }

    /// Its nodes.
    #[must_use]
    pub const fn nodes(&self) -> &Nodes {
        &self.nodes
    }

    /// Marks the cluster, so that the next run leaves it alone, and writes its kubeconfig into a folder,
    /// for its owner alone to read; returns where.
    ///
    /// # Errors
    /// docker failed, or the file cannot be written.
    pub async fn keep(self, folder: &Path) -> Result<PathBuf, ClusterError> {
        let path = folder.join("kubeconfig");
        let mut new = File::options();
        new.write(true).create_new(true).mode(0o600);
        let written = new
            .open(&path)
            .and_then(|mut file| file.write_all(self.kubeconfig.as_bytes()));
        written.map_err(|source| ClusterError::Write {
            path: path.clone(),
            source,
        })?;
        super::leftover::mark_as_kept(&self.nodes.control_plane()).await?;
        Ok(path)
    }
}

/// A folder that nobody else can look into, in memory where the system has a place for that. It is no
/// part of the evidence, so that what a killed run leaves there is passed on with nothing.
fn private_folder() -> Result<TempDir, ClusterError> {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let parent = runtime
        .filter(|folder| folder.is_absolute() && folder.is_dir())
        .unwrap_or_else(std::env::temp_dir);
    tempfile::Builder::new()
        .prefix("relapse-")
        .tempdir_in(&parent)
        .map_err(|source| ClusterError::Write {
            path: parent,
            source,
        })
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
        if let Readiness::NotYet(why) | Readiness::Never(why) = ready(object) {
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
        if let Readiness::NotYet(why) | Readiness::Never(why) = ready(there) {
            return Err(format!("{name}: {why}"));
        }
        let chosen = number_at(there, "/status/desiredNumberScheduled");
        if chosen.is_some_and(|chosen| usize::try_from(chosen).is_ok_and(|chosen| chosen < count)) {
            return Err(format!("{name} does not know all {count} nodes yet"));
        }
    }
    let account = ObjectKey::named("ServiceAccount", "default", "default");
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

#[cfg(test)]
mod tests;
