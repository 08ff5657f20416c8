//! The machine that clusters are made on: what it has, and what a deleted cluster left on it.
//!
//! Other clusters and other people's containers come and go at the same time. So a thing is blamed
//! on a cluster only when it appeared in its time and was seen to be its own, or bears its name.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use kube::config::Kubeconfig;
use serde::Deserialize;
use thiserror::Error;
use tokio::time::{Instant, interval};

use super::containers::containers_of;
use crate::process::{ProcessError, brief_command, must_succeed};

/// The engine takes a container off its list before it has removed the container's volumes. What
/// is still there after this time is left behind.
const REMOVAL: Duration = Duration::from_secs(10);
/// Between two looks at it.
const LOOK: Duration = Duration::from_millis(500);

/// The machine could not be looked at.
#[derive(Debug, Error)]
pub enum HostError {
    /// docker failed.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// docker printed something else than was asked for.
    #[error("docker's list cannot be read: {0}")]
    Answer(#[from] serde_json::Error),
    /// The folder for temporary files cannot be listed.
    #[error("cannot list {}: {source}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// A cluster is gone, and not all of it.
#[derive(Debug, Error)]
pub enum HostLeak {
    /// This is left.
    #[error("left behind: {}; next: {}", listed(.0, ", ", Thing::to_string), listed(.0, "; ", Thing::removal))]
    Left(Vec<Thing>),
    /// The cluster could not be deleted, or nobody can tell what is left of it.
    #[error("what is left behind cannot be told: {0}; next: `relapse clean`")]
    Unknown(#[from] HostError),
}

/// What a thing on this machine is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ThingKind {
    /// A container, running or not.
    Container,
    /// A network of the engine.
    Network,
    /// A volume of the engine.
    Volume,
    /// A file or folder in the folder for temporary files.
    TemporaryFile,
    /// A context, cluster or user of one of the user's kubeconfig files.
    KubeconfigEntry,
}

/// One thing on this machine.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Thing {
    /// What it is.
    pub kind: ThingKind,
    /// Tells it from all others of its kind: the engine's id, a path, or what it is in words.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Its labels as the engine prints them, `key=value,…`.
    pub labels: String,
}

/// What a machine has at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot(BTreeSet<Thing>);

/// What a living cluster was seen to be made of: things by kind and id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Footprint(BTreeSet<(ThingKind, String)>);

/// What is there now, was not there before, and is this cluster's: seen in its footprint, or
/// bearing its name.
#[must_use]
pub fn left_behind(
    before: &Snapshot,
    footprint: &Footprint,
    after: &Snapshot,
    cluster: &str,
) -> Vec<Thing> {
    let known: BTreeSet<_> = before.0.iter().map(Thing::identity).collect();
    after
        .0
        .iter()
        .filter(|thing| !known.contains(&thing.identity()))
        .filter(|thing| footprint.0.contains(&thing.identity()) || thing.bears(cluster))
        .cloned()
        .collect()
}

impl Thing {
    fn identity(&self) -> (ThingKind, String) {
        (self.kind, self.id.clone())
    }

    fn bears(&self, cluster: &str) -> bool {
        names(&self.name, cluster) || names(&self.labels, cluster)
    }

    /// The command that takes it away.
    fn removal(&self) -> String {
        let Self { id, name, .. } = self;
        match self.kind {
            ThingKind::Container => format!("`docker rm --force --volumes {name}`"),
            ThingKind::Network => format!("`docker network rm {name}`"),
            ThingKind::Volume => format!("`docker volume rm {name}`"),
            ThingKind::TemporaryFile => format!("`rm -r {id}`"),
            ThingKind::KubeconfigEntry => format!("delete {id}"),
        }
    }
}

impl fmt::Display for Thing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, name, .. } = self;
        match self.kind {
            ThingKind::Container => write!(f, "container {name}"),
            ThingKind::Network => write!(f, "network {name}"),
            ThingKind::Volume => write!(f, "volume {name}"),
            ThingKind::TemporaryFile | ThingKind::KubeconfigEntry => f.write_str(id),
        }
    }
}

/// Whether a text names the cluster itself: `relapse-…-1` is not named by `relapse-…-10`.
fn names(text: &str, cluster: &str) -> bool {
    let is_inside = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    text.match_indices(cluster).any(|(start, found)| {
        !is_inside(text[..start].chars().next_back())
            && !is_inside(text[start + found.len()..].chars().next())
    })
}

fn listed(things: &[Thing], between: &str, in_words: fn(&Thing) -> String) -> String {
    let words: Vec<String> = things.iter().map(in_words).collect();
    words.join(between)
}

impl FromIterator<Thing> for Snapshot {
    fn from_iter<I: IntoIterator<Item = Thing>>(things: I) -> Self {
        Self(things.into_iter().collect())
    }
}

impl Snapshot {
    /// What this machine has now.
    ///
    /// # Errors
    /// docker failed, or the folder for temporary files cannot be listed.
    pub async fn now() -> Result<Self, HostError> {
        let (containers, networks, volumes) = tokio::try_join!(
            things(ThingKind::Container, &["ps", "--all", "--no-trunc"]),
            things(ThingKind::Network, &["network", "ls", "--no-trunc"]),
            things(ThingKind::Volume, &["volume", "ls"]),
        )?;
        let mut all = [containers, networks, volumes].concat();
        all.extend(temporary_files(&std::env::temp_dir())?);
        let kubeconfigs: BTreeSet<PathBuf> = kubeconfigs_in_use()
            .into_iter()
            .chain(usual_kubeconfig())
            .collect();
        all.extend(kubeconfigs.iter().flat_map(|path| entries(path)));
        Ok(all.into_iter().collect())
    }

    /// Compares this machine with what it was before a cluster that is gone.
    ///
    /// # Errors
    /// Something of the cluster is left, or that cannot be told.
    pub async fn compare(&self, footprint: &Footprint, cluster: &str) -> Result<(), HostLeak> {
        let deadline = Instant::now() + REMOVAL;
        let mut looks = interval(LOOK);
        loop {
            looks.tick().await;
            let left = left_behind(self, footprint, &Self::now().await?, cluster);
            if left.is_empty() {
                return Ok(());
            }
            if Instant::now() >= deadline {
                return Err(HostLeak::Left(left));
            }
        }
    }
}

/// A row of `docker ps`, `docker network ls` or `docker volume ls`; volumes have no id.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    #[serde(rename = "ID")]
    id: Option<String>,
    #[serde(alias = "Names")]
    name: String,
    labels: String,
}

async fn things(kind: ThingKind, list: &[&str]) -> Result<Vec<Thing>, HostError> {
    let mut docker = brief_command("docker");
    docker.args(list).args(["--format", "{{json .}}"]);
    must_succeed(docker)
        .await?
        .lines()
        .map(|line| {
            let row: Row = serde_json::from_str(line)?;
            Ok(Thing {
                kind,
                id: row.id.unwrap_or_else(|| row.name.clone()),
                name: row.name,
                labels: row.labels,
            })
        })
        .collect()
}

fn temporary_files(folder: &Path) -> Result<Vec<Thing>, HostError> {
    let unlisted = |source| HostError::Folder {
        path: folder.to_owned(),
        source,
    };
    std::fs::read_dir(folder)
        .map_err(unlisted)?
        .map(|entry| {
            let path = entry.map_err(unlisted)?.path();
            Ok(Thing {
                kind: ThingKind::TemporaryFile,
                id: path.display().to_string(),
                name: path
                    .file_name()
                    .map(|name| name.to_string_lossy().into_owned())
                    .unwrap_or_default(),
                labels: String::new(),
            })
        })
        .collect()
}

/// The kubeconfig files that the user's programs read, whether they exist or not.
pub(crate) fn kubeconfigs_in_use() -> Vec<PathBuf> {
    let named = std::env::var_os("KUBECONFIG").unwrap_or_default();
    let named: Vec<PathBuf> = std::env::split_paths(&named)
        .filter(|path| !path.as_os_str().is_empty())
        .collect();
    if named.is_empty() {
        usual_kubeconfig().into_iter().collect()
    } else {
        named
    }
}

fn usual_kubeconfig() -> Option<PathBuf> {
    std::env::home_dir().map(|home| home.join(".kube/config"))
}

/// A file that is missing or that nobody can read has no entry: nothing was written into it either.
fn entries(path: &Path) -> Vec<Thing> {
    let Ok(file) = Kubeconfig::read_from(path) else {
        return Vec::new();
    };
    let contexts = file.contexts.into_iter().map(|one| ("context", one.name));
    let clusters = file.clusters.into_iter().map(|one| ("cluster", one.name));
    let users = file.auth_infos.into_iter().map(|one| ("user", one.name));
    contexts
        .chain(clusters)
        .chain(users)
        .map(|(what, name)| Thing {
            kind: ThingKind::KubeconfigEntry,
            id: format!("{what} {name} in {}", path.display()),
            name,
            labels: String::new(),
        })
        .collect()
}

impl Footprint {
    /// What the cluster of this name is made of now.
    ///
    /// # Errors
    /// docker failed.
    pub async fn of(cluster: &str) -> Result<Self, HostError> {
        loop {
            let containers = containers_of(cluster).await?;
            if containers.is_empty() {
                return Ok(Self::default());
            }
            let mut inspect = brief_command("docker");
            inspect.arg("inspect").args(containers.lines());
            match must_succeed(inspect).await {
                Ok(told) => {
                    let inspected: Vec<Inspected> = serde_json::from_str(&told)?;
                    return Ok(inspected.into_iter().flat_map(Inspected::parts).collect());
                }
                // One that has gone since cannot be inspected, and is no part any more.
                Err(error) if containers_of(cluster).await? == containers => {
                    return Err(error.into());
                }
                Err(_) => {}
            }
        }
    }
}

impl FromIterator<(ThingKind, String)> for Footprint {
    fn from_iter<I: IntoIterator<Item = (ThingKind, String)>>(parts: I) -> Self {
        Self(parts.into_iter().collect())
    }
}

/// What `docker inspect` tells of a container.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Inspected {
    id: String,
    mounts: Vec<Mount>,
    network_settings: NetworkSettings,
}

/// A bind mount has no name.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Mount {
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NetworkSettings {
    networks: BTreeMap<String, Attachment>,
}

#[derive(Deserialize)]
struct Attachment {
    #[serde(rename = "NetworkID")]
    network: String,
}

impl Inspected {
    fn parts(self) -> impl Iterator<Item = (ThingKind, String)> {
        let volumes = self.mounts.into_iter().filter_map(|mount| mount.name);
        let networks = self.network_settings.networks.into_values();
        std::iter::once((ThingKind::Container, self.id))
            .chain(volumes.map(|name| (ThingKind::Volume, name)))
            .chain(networks.map(|one| (ThingKind::Network, one.network)))
    }
}

#[cfg(test)]
mod tests;
