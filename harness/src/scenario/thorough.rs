//! What shows that the remedy is the cure, all of it and nothing more; tried by
//! `relapse run --thorough`.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_saphyr::Spanned;

use super::{Clause, Duration, ObjectName, Step, default_namespace};

/// What people try first, and what leaves the failure standing.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WrongRemedy {
    /// What is tried, in one line.
    pub title: String,
    /// What is done in place of the remedy's steps.
    pub steps: Vec<Step>,
    /// How long the failure must stand afterwards; as in `control` if absent.
    #[serde(default)]
    pub hold: Option<Duration>,
    /// What stands afterwards, where the failure takes another form; the claim's signature if absent.
    #[serde(default)]
    pub signature: Option<Vec<Clause>>,
}

/// A part of the remedy that is kept although the claim is cured without it. Exactly one of
/// `change` and `step` is given.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Precaution {
    /// A changed field of a manifest.
    #[serde(default)]
    pub change: Option<ChangedField>,
    /// A step other than `apply`, in the words in which relapse tells it.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub step: Option<Spanned<String>>,
    /// Why it is kept.
    pub reason: String,
}

/// A change that the remedy makes to an object.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangedField {
    /// Kubernetes kind.
    #[schemars(with = "String")]
    pub kind: Spanned<String>,
    /// Name of the object.
    #[schemars(with = "String")]
    pub name: Spanned<String>,
    /// Namespace; `default` if absent, ignored for cluster-scoped kinds.
    #[serde(default = "default_namespace")]
    pub namespace: String,
    /// The field, as relapse tells it, for example `.spec.strategy.type`; the whole object if absent.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub path: Option<Spanned<String>>,
    /// Text of a changed line, where several lines of a text or entries of a list change.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub line: Option<Spanned<String>>,
}

/// A number that would otherwise be a workload taken away. Exactly one of `replicas` and `absent`
/// is given.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclaredGoal {
    /// Of what.
    pub of: ObjectName,
    /// The number of replicas that is meant, fewer than before or none.
    #[serde(default)]
    pub replicas: Option<u64>,
    /// That it is gone.
    #[serde(default)]
    pub absent: Option<bool>,
}
