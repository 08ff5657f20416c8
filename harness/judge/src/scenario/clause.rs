//! The clauses of a signature: what tells one failure from all others.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_saphyr::Spanned;

use super::{ExecCheck, FieldTest, HttpCheck, KubernetesRange, ObjectName, Selector};

/// One part of a signature. Clauses with the same selector speak of one object.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Clause {
    /// Fields of an object as it stands.
    State(StateClause),
    /// An event about an object; Normal events count as much as Warnings.
    Event(EventClause),
    /// A line in a container's log, of its present or an earlier run.
    Log(LogClause),
    /// No such event arose since the phase began. The object must be there.
    NoEvent(EventClause),
    /// No such line was logged since the phase began. The pod must be there.
    NoLog(LogClause),
    /// The API server's refusal of an object.
    Refusal(RefusalClause),
    /// The answer of a Service over HTTP.
    Http(HttpCheck),
    /// The output of a command inside a container.
    Exec(ExecCheck),
}

/// Some object selected by `of` has every field as said, at one moment.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StateClause {
    /// The objects looked at; one that fits is enough.
    pub of: Selector,
    /// What its fields are; all must fit.
    pub fields: Vec<FieldTest>,
    /// In a signature: an object that only this clause speaks of may show it. Otherwise clauses with
    /// the same `of` must hold of one object.
    #[serde(default)]
    pub any: bool,
    /// In a signature: why the clause may still hold when the failure is cured. Without it, a clause
    /// that still holds after the remedy refutes the remedy.
    #[serde(default)]
    pub outlives_remedy: Option<String>,
    /// Versions of Kubernetes on which it is there; all if absent.
    #[serde(default)]
    pub kubernetes: Option<KubernetesRange>,
}

/// An event of this type, reason and message about an object selected by `of`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventClause {
    /// The object that the event is about.
    pub of: Selector,
    /// `Normal` or `Warning`.
    #[serde(rename = "type")]
    pub severity: EventType,
    /// The event's reason, for example `FailedBinding`.
    #[schemars(with = "String")]
    pub reason: Spanned<String>,
    /// The reason is not one of Kubernetes' own: whoever sends the event made it up.
    #[serde(default)]
    pub free_text: bool,
    /// Text that the message contains.
    pub message: String,
    /// An object that only this clause speaks of may show it. Otherwise clauses with the same `of` must
    /// hold of one object.
    #[serde(default)]
    pub any: bool,
    /// Why the event may still recur when the failure is cured. Without it, an event that recurs after
    /// the remedy refutes the remedy.
    #[serde(default)]
    pub outlives_remedy: Option<String>,
    /// Versions of Kubernetes on which it is there; all if absent.
    #[serde(default)]
    pub kubernetes: Option<KubernetesRange>,
}

/// The types of events that Kubernetes knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum EventType {
    /// Information.
    Normal,
    /// Something may be wrong.
    Warning,
}

/// A line that contains every text of `contains`, in the log of a container of a pod selected by `of`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogClause {
    /// The pods.
    pub of: Selector,
    /// The container's name.
    #[schemars(with = "String")]
    pub container: Spanned<String>,
    /// Texts that one line must contain, all of them.
    pub contains: Vec<String>,
    /// A pod that only this clause speaks of may show it. Otherwise clauses with the same `of` must hold
    /// of one pod.
    #[serde(default)]
    pub any: bool,
    /// Why the line may still be logged when the failure is cured. Without it, a line that is logged
    /// after the remedy refutes the remedy.
    #[serde(default)]
    pub outlives_remedy: Option<String>,
    /// Versions of Kubernetes on which it is there; all if absent.
    #[serde(default)]
    pub kubernetes: Option<KubernetesRange>,
}

/// The API server refuses an object that a step applies or changes, with this text.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RefusalClause {
    /// The object refused.
    pub of: ObjectName,
    /// Text that the refusal contains.
    pub message: String,
    /// Versions of Kubernetes on which it is there; all if absent.
    #[serde(default)]
    pub kubernetes: Option<KubernetesRange>,
}

impl Clause {
    /// The objects that it speaks of, where it selects some.
    #[must_use]
    pub const fn selector(&self) -> Option<&Selector> {
        match self {
            Self::State(state) => Some(&state.of),
            Self::Event(event) | Self::NoEvent(event) => Some(&event.of),
            Self::Log(log) | Self::NoLog(log) => Some(&log.of),
            Self::Refusal(_) | Self::Http(_) | Self::Exec(_) => None,
        }
    }

    /// Whether an object may show it that shows no other clause.
    #[must_use]
    pub const fn any(&self) -> bool {
        match self {
            Self::State(state) => state.any,
            Self::Event(event) | Self::NoEvent(event) => event.any,
            Self::Log(log) | Self::NoLog(log) => log.any,
            Self::Refusal(_) | Self::Http(_) | Self::Exec(_) => true,
        }
    }

    /// The scenario's reason why it may hold after the cure.
    #[must_use]
    pub fn outlives_remedy(&self) -> Option<&str> {
        let reason = match self {
            Self::State(state) => &state.outlives_remedy,
            Self::Event(event) => &event.outlives_remedy,
            Self::Log(log) => &log.outlives_remedy,
            Self::Http(http) => &http.outlives_remedy,
            Self::Exec(exec) => &exec.outlives_remedy,
            Self::NoEvent(_) | Self::NoLog(_) | Self::Refusal(_) => &None,
        };
        reason.as_deref()
    }

    /// Whether it says that something is not there.
    #[must_use]
    pub const fn is_absence(&self) -> bool {
        matches!(self, Self::NoEvent(_) | Self::NoLog(_))
    }

    /// The key under which a scenario file has it.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::State(_) => "state",
            Self::Event(_) => "event",
            Self::Log(_) => "log",
            Self::NoEvent(_) => "no_event",
            Self::NoLog(_) => "no_log",
            Self::Refusal(_) => "refusal",
            Self::Http(_) => "http",
            Self::Exec(_) => "exec",
        }
    }
}

impl Selector {
    /// Whether both select by the same words.
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.namespace == other.namespace
            && self.any_template == other.any_template
            && self.to_string() == other.to_string()
    }
}
