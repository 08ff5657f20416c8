//! A client of the cluster that a kubeconfig file names.

use std::path::{Path, PathBuf};
use std::time::Duration;

use kube::config::{KubeConfigOptions, Kubeconfig, KubeconfigError};
use kube::{Client, Config};

const CONNECT: Duration = Duration::from_secs(5);

/// Ends a request to a server that fell silent. Watches and log streams end themselves well before.
const READ: Duration = Duration::from_mins(3);

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The file is not a kubeconfig that can be used.
    #[error("cannot use the kubeconfig {}: {source}; make the cluster again", path.display())]
    Kubeconfig {
        /// The kubeconfig file.
        path: PathBuf,
        /// What is wrong with it.
        source: KubeconfigError,
    },
    /// The connection that it describes cannot be made.
    #[error("cannot make a client from the kubeconfig {}: {source}; make the cluster again", path.display())]
    Connection {
        /// The kubeconfig file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<kube::Error>,
    },
    /// A context of the user's kubeconfig cannot be used.
    #[error(
        "cannot use the context {context}: {source}; look at it with `kubectl --context {context} version`"
    )]
    Context {
        /// The context.
        context: String,
        /// What is wrong with it.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// A client of the current context of this kubeconfig file. Neither `KUBECONFIG` nor the user's
/// own file is read, and no proxy is used.
///
/// # Errors
/// The file cannot be read, is no kubeconfig, or names credentials that cannot be used.
pub async fn client(kubeconfig: &Path) -> Result<Client, ClientError> {
    let config = config(kubeconfig)
        .await
        .map_err(|source| ClientError::Kubeconfig {
            path: kubeconfig.to_owned(),
            source,
        })?;
    Client::try_from(config).map_err(|source| ClientError::Connection {
        path: kubeconfig.to_owned(),
        source: Box::new(source),
    })
}

/// A client of this context. No proxy is used.
///
/// # Errors
/// The kubeconfig has no such context, or names credentials that cannot be used.
pub async fn client_of(kubeconfig: Kubeconfig, context: &str) -> Result<Client, ClientError> {
    let unusable = |source: Box<dyn std::error::Error + Send + Sync>| ClientError::Context {
        context: context.to_owned(),
        source,
    };
    let options = KubeConfigOptions {
        context: Some(context.to_owned()),
        ..KubeConfigOptions::default()
    };
    let config = configured(kubeconfig, &options)
        .await
        .map_err(|source| unusable(source.into()))?;
    Client::try_from(config).map_err(|source| unusable(source.into()))
}

async fn config(kubeconfig: &Path) -> Result<Config, KubeconfigError> {
    let file = Kubeconfig::read_from(kubeconfig)?;
    configured(file, &KubeConfigOptions::default()).await
}

async fn configured(
    kubeconfig: Kubeconfig,
    options: &KubeConfigOptions,
) -> Result<Config, KubeconfigError> {
    let mut config = Config::from_custom_kubeconfig(kubeconfig, options).await?;
    // kube would hide 429 and 503 behind up to 15 tries; they are gaps, and shall be seen.
    config.default_retry = false;
    // kube takes HTTPS_PROXY even for an address of this machine, which is where clusters are.
    config.proxy_url = None;
    config.connect_timeout = Some(CONNECT);
    config.read_timeout = Some(READ);
    config.reset_reader_on_write = true;
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "apiVersion: v1
kind: Config
current-context: kind-x
contexts: [{name: kind-x, context: {cluster: kind-x, user: kind-x}}]
clusters: [{name: kind-x, cluster: {server: 'https://127.0.0.1:6443'}}]
users: [{name: kind-x, user: {}}]
";

    #[tokio::test]
    async fn the_given_file_is_read_and_retries_are_off() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), FILE).unwrap();
        let config = config(file.path()).await.unwrap();
        assert_eq!(config.cluster_url.host(), Some("127.0.0.1"));
        assert!(!config.default_retry);
        assert!(client(file.path()).await.is_ok());
    }

    #[tokio::test]
    async fn a_missing_file_is_an_error_that_names_it_and_never_the_default_file() {
        let path = Path::new("/nonexistent/kubeconfig");
        let error = client(path).await.err().unwrap().to_string();
        assert!(error.contains("/nonexistent/kubeconfig"), "{error}");
        assert!(error.contains("make the cluster again"), "{error}");
    }
}
