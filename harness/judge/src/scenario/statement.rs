//! Statements of the record that an experiment decides.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_saphyr::Spanned;

use super::{ChangedField, KubernetesRange};

/// A statement of the record, with the answer that this scenario witnesses.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Its label, for example `C2`; once for each version of Kubernetes.
    #[schemars(with = "String")]
    pub id: Spanned<String>,
    /// The statement as the record makes it.
    pub says: String,
    /// What the cluster says.
    pub answer: Answer,
    /// On what it depends; given where the answer is `depends`, and only there.
    #[serde(default)]
    pub on: Option<String>,
    /// The part of this scenario that shows it.
    pub shown_by: ShownBy,
    /// What would have gone otherwise if the answer were another. It is needed where `shown_by` is
    /// `signature`, `control`, `remedy` or `stress`, each of which has many parts.
    #[serde(default)]
    pub would_differ: Option<WouldDiffer>,
    /// What was seen, or why, in one or two sentences.
    #[serde(default)]
    pub because: Option<String>,
    /// Versions of Kubernetes for which the answer is given; all if absent.
    #[serde(default)]
    pub kubernetes: Option<KubernetesRange>,
}

/// What a cluster says of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It is so.
    Confirmed,
    /// It is not so.
    Refuted,
    /// It is so under some conditions.
    Depends,
}

/// The part of a scenario that shows whether a statement is true.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ShownBy {
    /// The failure appeared as its signature says.
    Signature,
    /// It stood while nothing was touched.
    Control,
    /// A link of the chain, by its title: it appeared, and stood.
    Link(#[schemars(with = "String")] Spanned<String>),
    /// The remedy cured it.
    Remedy,
    /// The remedied workload survived what was done to it.
    Stress,
    /// A check, by its name.
    Check(#[schemars(with = "String")] Spanned<String>),
    /// A wrong remedy, by its title.
    WrongRemedy(#[schemars(with = "String")] Spanned<String>),
    /// An alternative, by its title.
    Alternative(#[schemars(with = "String")] Spanned<String>),
    /// What is harmless, by its title.
    Harmless(#[schemars(with = "String")] Spanned<String>),
    /// A change that the remedy makes: whether it is needed.
    Change(Box<ChangedField>),
    /// A step of the remedy other than `apply`, in the words in which relapse tells it.
    Step(#[schemars(with = "String")] Spanned<String>),
    /// Another scenario, by its id, which decides it.
    Scenario(#[schemars(with = "String")] Spanned<String>),
}

/// A part of a scenario that would have gone otherwise if a statement were answered otherwise.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum WouldDiffer {
    /// A clause of the signature, by a text in it.
    Clause(#[schemars(with = "String")] Spanned<String>),
    /// A check, by its name.
    Check(#[schemars(with = "String")] Spanned<String>),
    /// A wrong remedy, by its title: the failure stands after it.
    WrongRemedy(#[schemars(with = "String")] Spanned<String>),
    /// An alternative, by its title: it cures.
    Alternative(#[schemars(with = "String")] Spanned<String>),
    /// What is harmless, by its title: it breaks nothing.
    Harmless(#[schemars(with = "String")] Spanned<String>),
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Confirmed => "confirmed",
            Self::Refuted => "refuted",
            Self::Depends => "depends",
        })
    }
}

impl fmt::Display for ShownBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signature => f.write_str("signature"),
            Self::Control => f.write_str("control"),
            Self::Link(title) => write!(f, "link {:?}", title.value),
            Self::Remedy => f.write_str("remedy"),
            Self::Stress => f.write_str("stress"),
            Self::Check(name) => write!(f, "check {:?}", name.value),
            Self::WrongRemedy(title) => write!(f, "wrong remedy {:?}", title.value),
            Self::Alternative(title) => write!(f, "alternative {:?}", title.value),
            Self::Harmless(title) => write!(f, "harmless change {:?}", title.value),
            Self::Change(change) => write!(f, "remedy without {change}"),
            Self::Step(step) => write!(f, "remedy without {}", step.value),
            Self::Scenario(id) => write!(f, "scenario {}", id.value),
        }
    }
}

impl ShownBy {
    /// Whether it has many parts, of which a statement may touch none.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        matches!(
            self,
            Self::Signature | Self::Control | Self::Remedy | Self::Stress
        )
    }

    /// Whether it is tried beside the claim, by `relapse run --thorough` alone.
    #[must_use]
    pub const fn is_beside(&self) -> bool {
        matches!(
            self,
            Self::WrongRemedy(_)
                | Self::Alternative(_)
                | Self::Harmless(_)
                | Self::Change(_)
                | Self::Step(_)
        )
    }
}
