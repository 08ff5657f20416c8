//! The moment a phase begins, in the server's order and by its clock.

use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{DeleteParams, Patch, PatchParams};
use kube::{Api, Client, ResourceExt};
use serde_json::json;
use tokio::time::{Instant, sleep, timeout_at};

use super::backoff::Backoff;
use super::error::in_words;
use crate::witness::{Phase, PhaseMark};

const NAMESPACE: &str = "kube-system";
const NAME: &str = "relapse-phase";
const MANAGER: &str = "relapse-phase";

/// How long a server that is not well may take.
const DEADLINE: Duration = Duration::from_secs(30);

/// How often a conflict is tried again without a pause; a forced apply has few.
const CONFLICTS: u32 = 5;

/// Why the beginning of a phase could not be marked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MarkError {
    /// The API server refuses, and trying again does not help.
    #[error(
        "cannot mark the beginning of the phase {phase}: the API server refuses to write \
         ConfigMap {NAMESPACE}/{NAME}: {message}; grant the kubeconfig's user the verbs create and \
         patch on it"
    )]
    Refused {
        /// The phase that begins.
        phase: Phase,
        /// The server's text.
        message: String,
    },
    /// The API server did not get well in time.
    #[error(
        "cannot mark the beginning of the phase {phase}: ConfigMap {NAMESPACE}/{NAME} was not \
         written within {} s; last seen: {last_seen}; look whether the cluster's API server is \
         overloaded or down", DEADLINE.as_secs()
    )]
    Deadline {
        /// The phase that begins.
        phase: Phase,
        /// The last answer.
        last_seen: String,
    },
    /// The answer names no revision or no time.
    #[error(
        "cannot mark the beginning of the phase {phase}: the API server's answer has no {missing}; \
         use a Kubernetes version that relapse supports"
    )]
    Incomplete {
        /// The phase that begins.
        phase: Phase,
        /// What the answer lacks.
        missing: &'static str,
    },
}

/// Writes the beginning of a phase into the cluster. The revision of that write divides what arose
/// before from what arose after, whatever the clocks say.
///
/// # Errors
/// The server refuses, or does not get well within 30 s.
pub async fn mark(client: &Client, phase: Phase) -> Result<PhaseMark, MarkError> {
    let deadline = Instant::now() + DEADLINE;
    let maps: Api<ConfigMap> = Api::namespaced(client.clone(), NAMESPACE);
    let mut last_seen = "no answer".to_owned();
    let mut backoff = Backoff::new();
    let mut conflicts = 0;
    loop {
        let error = match timeout_at(deadline, write(&maps, phase)).await {
            Ok(Ok(written)) => return read(&written, phase),
            Ok(Err(error)) => error,
            Err(_) => return Err(MarkError::Deadline { phase, last_seen }),
        };
        last_seen = in_words(&error);
        let pause = match &error {
            kube::Error::Api(status) if status.code == 409 && conflicts < CONFLICTS => {
                conflicts += 1;
                continue;
            }
            kube::Error::Api(status) if is_final(status.code) => {
                return Err(MarkError::Refused {
                    phase,
                    message: last_seen,
                });
            }
            _ => backoff.pause(),
        };
        if timeout_at(deadline, wait_for(pause)).await.is_err() {
            return Err(MarkError::Deadline { phase, last_seen });
        }
    }
}

/// Takes the mark of the phases away again.
///
/// # Errors
/// The server does not answer, or refuses.
pub async fn unmark(client: &Client) -> kube::Result<()> {
    let maps: Api<ConfigMap> = Api::namespaced(client.clone(), NAMESPACE);
    match maps.delete(NAME, &DeleteParams::default()).await {
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
        deleted => deleted.map(|_| ()),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "nothing tells when a server is well again, and it must not be hammered; the caller's \
              deadline bounds this"
)]
async fn wait_for(pause: Duration) {
    sleep(pause).await;
}

const fn is_final(code: u16) -> bool {
    code < 500 && !matches!(code, 409 | 429)
}

async fn write(maps: &Api<ConfigMap>, phase: Phase) -> kube::Result<ConfigMap> {
    // An apply that changes nothing makes no revision: the time makes each mark a change.
    let map = json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": NAME, "namespace": NAMESPACE},
        "data": {"phase": phase, "written": Timestamp::now()},
    });
    maps.patch(
        NAME,
        &PatchParams::apply(MANAGER).force(),
        &Patch::Apply(&map),
    )
    .await
}

fn read(written: &ConfigMap, phase: Phase) -> Result<PhaseMark, MarkError> {
    let missing = |missing| MarkError::Incomplete { phase, missing };
    let resource_version = written
        .resource_version()
        .and_then(|version| version.parse().ok())
        .ok_or_else(|| missing("numeric resourceVersion"))?;
    let server_time = written
        .managed_fields()
        .iter()
        .filter(|entry| entry.manager.as_deref() == Some(MANAGER))
        .find_map(|entry| entry.time.as_ref())
        .ok_or_else(|| missing("time in managedFields"))?
        .0;
    Ok(PhaseMark {
        phase,
        resource_version,
        server_time,
    })
}
