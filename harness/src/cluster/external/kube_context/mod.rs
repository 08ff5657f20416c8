//! A context of the user's kubeconfig, before the cluster behind it is touched.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

use kube::config::Kubeconfig;

use super::{ExternalCluster, ExternalError};
use crate::cluster::host_leaks;
use crate::kubectl::Kubectl;
use crate::watch;

/// A cluster that is offered: nothing was asked of it yet.
#[derive(Debug)]
pub struct KubeContext {
    context: String,
    server: String,
    /// This context and nothing else, so that the run stays with what was offered whatever the user
    /// does to the files meanwhile; without its namespace, since manifests that name none mean
    /// `default`.
    kubeconfig: Kubeconfig,
}

impl KubeContext {
    /// The cluster of a context of the user's kubeconfig, which is only read.
    ///
    /// # Errors
    /// There is no such context, or the files cannot be read.
    pub fn of(context: &str) -> Result<Self, ExternalError> {
        Self::in_files(context, &host_leaks::kubeconfigs_in_use())
    }

    fn in_files(context: &str, files: &[PathBuf]) -> Result<Self, ExternalError> {
        let mut kubeconfig = files
            .iter()
            .filter(|path| path.exists())
            .try_fold(Kubeconfig::default(), |merged, path| {
                Kubeconfig::read_from(path).and_then(|next| merged.merge(next))
            })?;
        let names: Vec<String> = kubeconfig
            .contexts
            .iter()
            .map(|one| one.name.clone())
            .collect();
        kubeconfig.contexts.retain(|one| one.name == context);
        let lent = kubeconfig
            .contexts
            .first_mut()
            .and_then(|one| one.context.as_mut())
            .ok_or_else(|| ExternalError::Unknown {
                missing: format!("context `{context}` (it has: {})", names.join(", ")),
            })?;
        lent.namespace = None;
        let (cluster, user) = (lent.cluster.clone(), lent.user.clone());
        kubeconfig.clusters.retain(|one| one.name == cluster);
        kubeconfig
            .auth_infos
            .retain(|one| Some(&one.name) == user.as_ref());
        kubeconfig.current_context = Some(context.to_owned());
        let server = kubeconfig
            .clusters
            .first()
            .and_then(|one| one.cluster.as_ref()?.server.clone())
            .ok_or_else(|| ExternalError::Unknown {
                missing: format!("server of the cluster `{cluster}` of the context `{context}`"),
            })?;
        Ok(Self {
            context: context.to_owned(),
            server,
            kubeconfig,
        })
    }

    /// The context's name.
    #[must_use]
    pub fn context(&self) -> &str {
        &self.context
    }

    /// The address of the cluster's API server.
    #[must_use]
    pub fn server(&self) -> &str {
        &self.server
    }

    /// Takes the cluster: makes sure that it and kubectl answer.
    ///
    /// # Errors
    /// One of them does not.
    pub async fn take(self) -> Result<ExternalCluster, ExternalError> {
        let folder = tempfile::Builder::new()
            .prefix("relapse-kubectl-")
            .tempdir()?;
        let kubectl = Kubectl::on_host(
            self.context.clone(),
            nameless(&self.kubeconfig)?,
            folder.path().to_owned(),
        );
        kubectl.answers().await?;
        let client = watch::client_of(self.kubeconfig, &self.context).await?;
        let version = client
            .apiserver_version()
            .await
            .map_err(|error| ExternalError::api("tell its version", &error))?;
        // Some providers write `36+`.
        let minor = version
            .minor
            .trim_end_matches(|letter: char| !letter.is_ascii_digit());
        Ok(ExternalCluster {
            kubernetes: format!("{}.{minor}", version.major),
            context: self.context,
            client,
            kubectl,
            _folder: folder,
        })
    }
}

/// Has credentials in it: it is nobody else's to read, and ends with this process, even a killed one.
fn nameless(kubeconfig: &Kubeconfig) -> std::io::Result<File> {
    let mut file = tempfile::tempfile()?;
    serde_json::to_writer(&mut file, kubeconfig)?;
    file.flush()?;
    Ok(file)
}

#[cfg(test)]
mod tests;
