//! What is asked: of a Service over HTTP, or by a command in a container.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_saphyr::Spanned;

use super::{
    Clause, Duration, FieldTest, KubernetesRange, LoadedScenario, ObjectName, StateClause,
    default_namespace,
};

/// What a user sees.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Check {
    /// An answer over HTTP, asked through the API server's proxy to a Service.
    Http(HttpCheck),
    /// A command inside a container.
    Exec(ExecCheck),
}

/// A request to a Service and what its answer must be: as a check asked again until it fits or
/// `within` ends, as a clause each second from the start on.
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
    /// Versions of Kubernetes on which it is there; all if absent.
    #[serde(default)]
    pub kubernetes: Option<KubernetesRange>,
}

/// A command that must end with code 0, and what it must print; asked as often as a request.
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
    /// Versions of Kubernetes on which it is there; all if absent.
    #[serde(default)]
    pub kubernetes: Option<KubernetesRange>,
}

/// What Ready means beside the conditions that Kubernetes knows.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ReadyClause {
    /// Fields of an object as it stands.
    State(StateClause),
    /// The answer of a Service over HTTP.
    Http(HttpCheck),
    /// The output of a command inside a container.
    Exec(ExecCheck),
}

const fn ok_status() -> u16 {
    200
}

impl Check {
    /// What is seen, as a sentence.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Http(http) => &http.name,
            Self::Exec(exec) => &exec.name,
        }
    }

    /// Deadline, from the start of the check.
    #[must_use]
    pub fn within(&self) -> Duration {
        let given = match self {
            Self::Http(http) => http.within,
            Self::Exec(exec) => exec.within,
        };
        given.unwrap_or(Duration::from_millis(30_000))
    }
}

impl Clause {
    /// What must be asked again and again for it.
    #[must_use]
    pub fn question(&self) -> Option<Check> {
        match self {
            Self::Http(http) => Some(Check::Http(http.clone())),
            Self::Exec(exec) => Some(Check::Exec(exec.clone())),
            Self::State(_) | Self::Event(_) | Self::Log(_) | Self::Refusal(_) => None,
        }
    }
}

impl ReadyClause {
    /// What must be asked again and again for it.
    #[must_use]
    pub fn question(&self) -> Option<Check> {
        match self {
            Self::Http(http) => Some(Check::Http(http.clone())),
            Self::Exec(exec) => Some(Check::Exec(exec.clone())),
            Self::State(_) => None,
        }
    }
}

impl LoadedScenario {
    /// Everything that its clauses ask again and again; no two have the same name.
    #[must_use]
    pub fn questions(&self) -> Vec<Check> {
        let claim = &self.scenario;
        let wrong = claim.wrong_remedies.iter();
        let others = wrong.flat_map(|wrong| wrong.signature.iter().flatten());
        let clauses = claim.chain().flat_map(|failure| failure.signature);
        let clauses = clauses.chain(others);
        let ready = claim.ready.iter().filter_map(ReadyClause::question);
        clauses.filter_map(Clause::question).chain(ready).collect()
    }
}
