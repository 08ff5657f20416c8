//! The moment a phase begins, in the server's order and by its clock.
//!
//! It is read and never written, so that nothing that a scenario breaks stands in its way: a webhook
//! that guards everything, a quota, a namespace that terminates.

use std::time::Duration;

use http::Request;
use http::header::DATE;
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use k8s_openapi::api::core::v1::Namespace;
use kube::Client;
use kube::client::Body;
use kube::core::{ObjectList, PartialObjectMeta, Status};
use tokio::time::{Instant, sleep, timeout_at};

use super::backoff::Backoff;
use super::error::in_words;
use relapse_judge::phase::Phase;
use relapse_judge::witness::PhaseMark;

/// A list without a `resourceVersion` is consistent: its revision is the latest of the whole store
/// (Kubernetes API concepts, "Resource versions"). Namespaces are few and always there, and one is
/// enough.
const LIST: &str = "/api/v1/namespaces?limit=1";

/// How long a server that is not well may take.
const DEADLINE: Duration = Duration::from_secs(30);

/// Why the beginning of a phase could not be marked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MarkError {
    /// The API server refuses, and trying again does not help.
    #[error(
        "cannot tell when the phase {phase} begins: the API server refuses to list namespaces: \
         {message}; grant the kubeconfig's user the verb list on namespaces"
    )]
    Refused {
        /// The phase that begins.
        phase: Phase,
        /// The server's text.
        message: String,
    },
    /// The API server did not get well in time.
    #[error(
        "cannot tell when the phase {phase} begins: namespaces were not listed within {} s; last \
         seen: {last_seen}; look whether the cluster's API server is overloaded or down",
        DEADLINE.as_secs()
    )]
    Deadline {
        /// The phase that begins.
        phase: Phase,
        /// The last answer.
        last_seen: String,
    },
    /// The answer names no revision or no time.
    #[error(
        "cannot tell when the phase {phase} begins: the API server's answer has no {missing}; use a \
         Kubernetes version that relapse supports"
    )]
    Incomplete {
        /// The phase that begins.
        phase: Phase,
        /// What the answer lacks.
        missing: &'static str,
    },
}

/// The revision and the time of the API server now: they divide what arose before a phase from what
/// arises in it, whatever other clocks say.
///
/// # Errors
/// The server refuses, or does not get well within 30 s.
pub async fn mark(client: &Client, phase: Phase) -> Result<PhaseMark, MarkError> {
    let deadline = Instant::now() + DEADLINE;
    let mut last_seen = "no answer".to_owned();
    let mut backoff = Backoff::new();
    loop {
        let error = match timeout_at(deadline, read(client)).await {
            Ok(Ok(now)) => return now.mark(phase),
            Ok(Err(error)) => error,
            Err(_) => return Err(MarkError::Deadline { phase, last_seen }),
        };
        last_seen = in_words(&error);
        if let kube::Error::Api(status) = &error
            && is_final(status.code)
        {
            return Err(MarkError::Refused {
                phase,
                message: last_seen,
            });
        }
        if timeout_at(deadline, wait_for(backoff.pause()))
            .await
            .is_err()
        {
            return Err(MarkError::Deadline { phase, last_seen });
        }
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
    code >= 400 && code < 500 && code != 429
}

/// What the server's answer tells of its moment.
struct Now {
    resource_version: Option<u64>,
    time: Option<Timestamp>,
}

impl Now {
    fn mark(self, phase: Phase) -> Result<PhaseMark, MarkError> {
        let missing = |missing| MarkError::Incomplete { phase, missing };
        Ok(PhaseMark {
            phase,
            resource_version: self
                .resource_version
                .ok_or_else(|| missing("numeric resourceVersion"))?,
            server_time: self.time.ok_or_else(|| missing("readable Date"))?,
        })
    }
}

/// The header `Date` is the server's time to the second (RFC 9110, 6.6.1).
async fn read(client: &Client) -> kube::Result<Now> {
    let request = Request::get(LIST)
        .body(Body::empty())
        .map_err(kube::Error::HttpError)?;
    let answer = client.send(request).await?;
    let code = answer.status();
    let date = answer.headers().get(DATE);
    let date = date.and_then(|date| date.to_str().ok());
    let time = date.and_then(|date| Some(rfc2822::parse(date).ok()?.timestamp()));
    let body = answer.into_body().collect_bytes().await?;
    if !code.is_success() {
        let status = serde_json::from_slice::<Status>(&body)
            .unwrap_or_else(|_| Status::failure(&String::from_utf8_lossy(&body), ""));
        return Err(kube::Error::Api(status.with_code(code.as_u16()).boxed()));
    }
    let list: ObjectList<PartialObjectMeta<Namespace>> =
        serde_json::from_slice(&body).map_err(kube::Error::SerdeError)?;
    let version = list.metadata.resource_version;
    Ok(Now {
        resource_version: version.and_then(|version| version.parse().ok()),
        time,
    })
}
