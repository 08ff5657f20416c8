//! What is asked: of a Service over HTTP, or by a command in a container.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_saphyr::Spanned;

use super::{Duration, FieldTest, KubernetesRange, ObjectName, default_namespace};

/// A request to a Service (GET, which must change nothing) and what its answer must be: as a check
/// asked again until its answers fit several times in a row or `within` ends, as a clause each second
/// from the start on.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HttpCheck {
    /// What is seen, as a sentence; what is asked under one name is one question.
    pub name: String,
    /// Name of the Service.
    #[schemars(with = "String")]
    pub service: Spanned<String>,
    /// Namespace of the Service.
    #[serde(default = "default_namespace")]
    pub namespace: String,
    /// Port of the Service.
    pub port: u16,
    /// Path and query, percent-encoded, for example `/api/v1/query?query=up`.
    pub path: String,
    /// The status code of the answer.
    #[serde(default = "ok_status")]
    pub status: u16,
    /// Text that the body contains.
    #[serde(default)]
    pub contains: Option<String>,
    /// Fields of a JSON body.
    #[serde(default)]
    pub fields: Vec<FieldTest>,
    /// Deadline, from the start of the check; 30 s if absent. A clause has none of its own.
    #[serde(default)]
    pub within: Option<Duration>,
    /// In a signature: why the answer may stay when the failure is cured. Without it, an answer that
    /// stays after the remedy refutes the remedy.
    #[serde(default)]
    pub outlives_remedy: Option<String>,
    /// Versions of Kubernetes on which it is there; all if absent.
    #[serde(default)]
    pub kubernetes: Option<KubernetesRange>,
}

/// A command that must end with code 0, and what it must print; run as often as a request is asked,
/// so that it must change nothing.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExecCheck {
    /// What is seen, as a sentence; what is asked under one name is one question.
    pub name: String,
    /// The pod, or the workload one of whose pods runs the command.
    #[serde(rename = "in")]
    pub target: ObjectName,
    /// The container; the first if absent.
    #[serde(default)]
    pub container: Option<String>,
    /// Program and arguments; no shell is put around them.
    pub command: Vec<String>,
    /// Text that standard output contains.
    pub contains: String,
    /// Deadline, from the start of the check; 30 s if absent. A clause has none of its own.
    #[serde(default)]
    pub within: Option<Duration>,
    /// In a signature: why the answer may stay when the failure is cured. Without it, an answer that
    /// stays after the remedy refutes the remedy.
    #[serde(default)]
    pub outlives_remedy: Option<String>,
    /// Versions of Kubernetes on which it is there; all if absent.
    #[serde(default)]
    pub kubernetes: Option<KubernetesRange>,
}

const fn ok_status() -> u16 {
    200
}
