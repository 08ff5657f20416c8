//! What came of what relapse did and asked.

use serde::{Deserialize, Serialize};

use super::ObjectKey;
use crate::scenario::{Capability, Perturbation};
use crate::text::{cut, one_line};
use crate::time::Millis;

/// What a step did.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StepOutcome {
    /// The step in words, for example `apply broken.yaml`.
    pub step: String,
    /// Objects that the API server accepted, as it returned them.
    pub applied: Vec<AppliedObject>,
    /// Objects whose deletion the API server accepted.
    pub deleted: Vec<ObjectKey>,
    /// What was deleted or evicted and may still be there. Older records have none: what they deleted
    /// was gone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leaving: Vec<Leaving>,
    /// Objects that the API server refused.
    pub refusals: Vec<Refusal>,
}

/// An object whose end was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaving {
    /// Which object.
    pub key: ObjectKey,
    /// Its uid: another object may get its name.
    pub uid: String,
}

/// An object that the API server accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppliedObject {
    /// Which object.
    pub key: ObjectKey,
    /// Its uid.
    pub uid: String,
    /// The revision in which it was stored.
    pub resource_version: u64,
    /// `spec.replicas`, where the kind has it.
    pub replicas: Option<u64>,
    /// `spec.parallelism` of a Job.
    #[serde(default)]
    pub parallelism: Option<u64>,
    /// `spec.suspend`, where it is said.
    #[serde(default)]
    pub suspended: Option<bool>,
}

/// What was refused, with the words: an object that a step applies, changes, deletes or evicts, or a
/// command of `exec`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Which object. A node bears the scenario's name for it. None where the words are about a whole
    /// file, or do not tell; then no clause about an object matches.
    pub key: Option<ObjectKey>,
    /// The text as `kubectl` prints it.
    pub message: String,
}

/// What a sentence tells of a refusal, in characters: three lines of a report hold it with the step that
/// was refused. The witness has all of it.
const BRIEF: usize = 220;

impl Refusal {
    /// The server's words for a sentence.
    #[must_use]
    pub fn brief(&self) -> String {
        cut(&one_line(&self.message), BRIEF)
    }
}

/// What a check saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckOutcome {
    /// The check's name.
    pub name: String,
    /// Whether it fitted within its deadline.
    pub passed: bool,
    /// The last answer.
    pub seen: String,
}

/// An answer to a question that is asked again and again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// The question's name.
    pub name: String,
    /// Whether the answer is what the clause says.
    pub fits: bool,
    /// What was seen.
    pub seen: String,
    /// When it was asked, in milliseconds since the witness began: before it was answered.
    #[serde(deserialize_with = "crate::time::millis")]
    pub asked: Millis,
}

/// Whether the cluster can do what the claim needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probed {
    /// What was tried.
    pub need: Capability,
    /// Whether the cluster can.
    pub met: bool,
    /// What was seen, in words.
    pub seen: String,
}

/// What a perturbation did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PerturbationOutcome {
    /// Which.
    pub perturbation: Perturbation,
    /// What shows that it was done.
    #[serde(flatten)]
    pub effect: Effect,
}

/// What shows that a perturbation was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "snake_case")]
pub enum Effect {
    /// It was seen at once.
    Seen {
        /// What was seen.
        proof: String,
    },
    /// Pods and containers will show it.
    Awaited,
    /// It cannot be done on this engine.
    Impossible {
        /// Why.
        why: String,
    },
    /// It was done and changed nothing.
    Missing {
        /// What was seen instead.
        why: String,
    },
}
