//! A client of the cluster that a kubeconfig names.

use std::time::Duration;

use kube::config::{KubeConfigOptions, Kubeconfig, KubeconfigError};
use kube::{Client, Config};

const CONNECT: Duration = Duration::from_secs(5);

/// Ends a request to a server that fell silent. Watches and log streams end themselves well before.
const READ: Duration = Duration::from_mins(3);

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// It is not a kubeconfig that can be used.
    #[error("cannot use the cluster's kubeconfig: {0}; make the cluster again")]
    Kubeconfig(KubeconfigError),
    /// The connection that it describes cannot be made.
    #[error("cannot make a client from the cluster's kubeconfig: {0}; make the cluster again")]
    Connection(Box<kube::Error>),
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

/// A client of the current context of this kubeconfig. Neither `KUBECONFIG` nor the user's own file is
/// read, and no proxy is used.
///
/// # Errors
/// It is no kubeconfig, or names credentials that cannot be used.
pub async fn client(kubeconfig: &str) -> Result<Client, ClientError> {
    let config = config(kubeconfig).await.map_err(ClientError::Kubeconfig)?;
    Client::try_from(config).map_err(|source| ClientError::Connection(Box::new(source)))
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

async fn config(kubeconfig: &str) -> Result<Config, KubeconfigError> {
    configured(
        Kubeconfig::from_yaml(kubeconfig)?,
        &KubeConfigOptions::default(),
    )
    .await
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
    async fn the_given_kubeconfig_is_used_and_retries_are_off() {
        let config = config(FILE).await.unwrap();
        assert_eq!(config.cluster_url.host(), Some("127.0.0.1"));
        assert!(!config.default_retry);
        assert!(client(FILE).await.is_ok());
    }

    #[tokio::test]
    async fn what_is_no_kubeconfig_is_an_error_and_never_the_default_file() {
        for text in ["", "contexts: [", "kind: Config"] {
            let error = client(text).await.err().unwrap().to_string();
            assert!(error.contains("make the cluster again"), "{error}");
        }
    }
}
