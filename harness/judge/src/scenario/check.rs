//! What a user sees: questions, states, log lines and events that are checked after the cure.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_saphyr::Spanned;

use super::{
    Clause, Duration, EventClause, EventType, ExecCheck, FieldTest, HttpCheck, KubernetesRange,
    LoadedScenario, LogClause, Selector, StateClause,
};

/// What a user sees.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Check {
    /// An answer over HTTP, asked through the API server's proxy to a Service.
    Http(HttpCheck),
    /// A command inside a container.
    Exec(ExecCheck),
    /// Fields of an object as it stands.
    State(StateCheck),
    /// A line that the present run of a container has logged.
    Log(LogCheck),
    /// An event about an object, since the last change of the cluster's objects began.
    Event(EventCheck),
}

/// Some object selected by `of` has every field as said, at one moment.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StateCheck {
    /// What is seen, as a sentence.
    pub name: String,
    /// The objects looked at; one that fits is enough.
    pub of: Selector,
    /// What its fields are; all must fit.
    pub fields: Vec<FieldTest>,
    /// Deadline, from the start of the check; 30 s if absent.
    #[serde(default)]
    pub within: Option<Duration>,
    /// Versions of Kubernetes on which it is there; all if absent.
    #[serde(default)]
    pub kubernetes: Option<KubernetesRange>,
}

/// A line that contains every text of `contains`, of the present run of a container of a pod that
/// `of` selects.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogCheck {
    /// What is seen, as a sentence.
    pub name: String,
    /// The pods.
    pub of: Selector,
    /// The container's name.
    #[schemars(with = "String")]
    pub container: Spanned<String>,
    /// Texts that one line must contain, all of them.
    pub contains: Vec<String>,
    /// Deadline, from the start of the check; 30 s if absent.
    #[serde(default)]
    pub within: Option<Duration>,
    /// Versions of Kubernetes on which it is there; all if absent.
    #[serde(default)]
    pub kubernetes: Option<KubernetesRange>,
}

/// An event of this type, reason and message about an object selected by `of`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventCheck {
    /// What is seen, as a sentence.
    pub name: String,
    /// The object that the event is about.
    pub of: Selector,
    /// `Normal` or `Warning`.
    #[serde(rename = "type")]
    pub severity: EventType,
    /// The event's reason, for example `ProvisioningSucceeded`.
    #[schemars(with = "String")]
    pub reason: Spanned<String>,
    /// The reason is not one of Kubernetes' own: whoever sends the event made it up.
    #[serde(default)]
    pub free_text: bool,
    /// Text that the message contains.
    pub message: String,
    /// Deadline, from the start of the check; 30 s if absent.
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

impl Check {
    /// What is seen, as a sentence.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Http(http) => &http.name,
            Self::Exec(exec) => &exec.name,
            Self::State(state) => &state.name,
            Self::Log(log) => &log.name,
            Self::Event(event) => &event.name,
        }
    }

    /// Deadline, from the start of the check.
    #[must_use]
    pub fn within(&self) -> Duration {
        self.given_deadline()
            .unwrap_or(Duration::from_millis(30_000))
    }

    pub(crate) const fn given_deadline(&self) -> Option<Duration> {
        match self {
            Self::Http(http) => http.within,
            Self::Exec(exec) => exec.within,
            Self::State(state) => state.within,
            Self::Log(log) => log.within,
            Self::Event(event) => event.within,
        }
    }

    /// The key under which a scenario file has it.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Http(_) => "http",
            Self::Exec(_) => "exec",
            Self::State(_) => "state",
            Self::Log(_) => "log",
            Self::Event(_) => "event",
        }
    }

    /// It as a clause over what is witnessed; none of a question that somebody must ask.
    #[must_use]
    pub fn witnessed(&self) -> Option<Clause> {
        match self.clone() {
            Self::Http(_) | Self::Exec(_) => None,
            Self::State(state) => Some(Clause::State(StateClause {
                of: state.of,
                fields: state.fields,
                any: false,
                outlives_remedy: None,
                kubernetes: state.kubernetes,
            })),
            Self::Log(log) => Some(Clause::Log(LogClause {
                of: log.of,
                container: log.container,
                contains: log.contains,
                any: false,
                outlives_remedy: None,
                kubernetes: log.kubernetes,
            })),
            Self::Event(event) => Some(Clause::Event(event.clause())),
        }
    }
}

impl EventCheck {
    /// It as a clause.
    #[must_use]
    pub fn clause(&self) -> EventClause {
        EventClause {
            of: self.of.clone(),
            severity: self.severity,
            reason: self.reason.clone(),
            free_text: self.free_text,
            message: self.message.clone(),
            any: false,
            outlives_remedy: None,
            kubernetes: self.kubernetes.clone(),
        }
    }
}

impl Clause {
    /// What must be asked again and again for it.
    #[must_use]
    pub fn question(&self) -> Option<Check> {
        match self {
            Self::Http(http) => Some(Check::Http(http.clone())),
            Self::Exec(exec) => Some(Check::Exec(exec.clone())),
            _ => None,
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
