//! A scenario: one documented failure as a claim that a cluster can answer.
//!
//! A scenario is one file, `scenarios/<id>.yaml`, and one folder of plain manifests,
//! `manifests/<id>/`. The file name is the id. [`load`] reads both; every mistake in them is an
//! error with file, line and column before any cluster is made.

mod capability;
mod chain;
mod check;
mod clause;
mod display;
mod duration;
pub(crate) mod field_test;
mod finding;
mod loaded;
pub mod node_names;
mod question;
mod statement;
mod step;
mod stress;
mod variation;
pub(crate) mod version_filter;
mod version_range;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Deserialize;
use serde_saphyr::Spanned;

use crate::kubernetes::DEFAULT_NAMESPACE;
use crate::kubernetes::kinds::group_of;

pub use capability::Capability;
pub use chain::{Failure, Link};
pub use check::{Check, EventCheck, LogCheck, ReadyClause, StateCheck};
pub use clause::{Clause, EventClause, EventType, LogClause, RefusalClause, StateClause};
pub use duration::Duration;
pub use field_test::{FieldPath, FieldTest};
pub use finding::{Finding, Trial};
pub use loaded::LoadedScenario;
pub use node_names::{CONTROL_PLANE, NODE_LABEL, node_names};
pub use question::{ExecCheck, HttpCheck};
pub use statement::{Answer, ShownBy, Statement, WouldDiffer};
pub use step::{
    Annotate, Await, Cascade, Delete, Drain, Evict, ExecStep, Label, Patch, PatchType, Picked,
    Scale, ServerSideApply, Step, Taint,
};
pub use stress::{NotApplicable, Perturbation, Stress};
pub use variation::{
    Alternative, Aside, AsideKind, ChangedField, DeclaredGoal, Harmless, Precaution, WrongRemedy,
};
pub use version_range::{KubernetesRange, MINORS};

/// One documented failure: what is seen, what causes it, what cures it, and how each is witnessed.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The failure in one line.
    pub title: String,
    /// The documented failure of which this is a variant, by its id; the scenario's own if absent.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub failure: Option<Spanned<String>>,
    /// Where it was documented: post-mortem, issue or page, with its date.
    pub source: String,
    /// The software that fails, for example `Prometheus`.
    pub component: String,
    /// The story in prose: symptom, cause, remedy, and what surprised.
    pub about: String,
    /// Words to select by, for example `core`, `storage`.
    #[serde(default)]
    pub tags: Vec<String>,
    /// The range of Kubernetes minors on which the claim is made, for example `>=1.34`; all if absent.
    #[serde(default)]
    pub kubernetes: Option<KubernetesRange>,
    /// How many nodes its cluster has, the control plane among them: `control-plane`, `worker`,
    /// `worker2`, and on, by their label `relapse.local/node`. Where there are workers, the control
    /// plane keeps its taint.
    #[serde(default = "one_node", deserialize_with = "node_names::count")]
    #[schemars(range(min = 1, max = 9))]
    pub nodes: u32,
    /// What its cluster must be able to do. It is tried before the experiment; where the cluster cannot,
    /// the scenario is skipped.
    #[serde(default)]
    pub needs: BTreeSet<Capability>,
    /// Images that must not exist upstream: the premise of the claim.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub absent_images: Vec<Spanned<String>>,
    /// The healthy start, or the environment in which the fault is made.
    #[serde(default)]
    pub steady_state: Option<SteadyState>,
    /// What Ready means beside the conditions of what is applied: it must hold wherever everything is
    /// to be Ready, and fails while the failure stands. Before the fault only what speaks of an
    /// applied object counts.
    #[serde(default)]
    pub ready: Vec<ReadyClause>,
    /// Failures that hide the claim's own: each is mended by the fault of the next, the last of them by
    /// `fault`.
    #[serde(default)]
    pub links: Vec<Link>,
    /// What breaks.
    pub fault: Fault,
    /// The documented failure: it holds where every clause holds.
    pub signature: Vec<Clause>,
    /// How long the failure must stand while nothing is touched; 15 s if absent.
    #[serde(default)]
    pub control: Control,
    /// What cures, in order.
    pub remedy: Remedy,
    /// What a user sees after the remedy.
    #[serde(default)]
    pub checks: Vec<Check>,
    /// What the remedied workload must survive; what its kinds suggest if absent.
    #[serde(default)]
    pub stress: Stress,
    /// What people try first; the failure stands after each.
    #[serde(default)]
    pub wrong_remedies: Vec<WrongRemedy>,
    /// Other remedies, which cure as well.
    #[serde(default)]
    pub alternatives: Vec<Alternative>,
    /// Changes of the healthy start that break nothing.
    #[serde(default)]
    pub harmless: Vec<Harmless>,
    /// Statements of the record, each with the answer that this scenario witnesses.
    #[serde(default)]
    pub claims: Vec<Statement>,
    /// What the clusters taught about this failure beside the claim itself.
    #[serde(default)]
    pub findings: Vec<Finding>,
    /// The longest time for which a watch may be broken while something must hold; what must hold
    /// begins anew after it.
    #[serde(default = "longest_gap")]
    pub longest_gap: Duration,
}

/// The start: everything applied here becomes Ready, stays so for `hold`, and does not show the
/// signature.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SteadyState {
    /// What makes the start.
    pub steps: Vec<Step>,
    /// Deadline for Ready, from the first step; 60 s if absent.
    #[serde(default = "start_within")]
    pub within: Duration,
    /// How long Ready must last without a break or a restart; 5 s if absent.
    #[serde(default = "start_hold")]
    pub hold: Duration,
    /// What is meant of objects that are not to be Ready: it stays meant until the remedy.
    #[serde(default)]
    pub goal: Vec<DeclaredGoal>,
    /// What a user sees while all is well.
    #[serde(default)]
    pub checks: Vec<Check>,
}

/// The change that breaks.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The broken manifests, or another change.
    pub steps: Vec<Step>,
    /// Deadline for the signature, from the first step; 60 s if absent. It is awaited until then, also
    /// while everything is Ready.
    #[serde(default = "fault_within")]
    pub within: Duration,
    /// Why it is a failure although the manifests ask for the documented state themselves, as with
    /// `suspend: true` or `replicas: 0`.
    #[serde(default)]
    pub asked_for: Option<String>,
    /// What is meant of objects that are not to be Ready, beside what the steady state declares: it
    /// stays meant until the remedy.
    #[serde(default)]
    pub goal: Vec<DeclaredGoal>,
}

/// Nothing is touched; the failure stays.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// How long the failure must stand on its own; 15 s if absent, and never shorter than 10 s.
    #[serde(default = "control_hold")]
    pub hold: Duration,
    /// How long everything must be Ready, without a break or a restart, to count as healed; as long as
    /// `remedy.hold` if absent.
    #[serde(default)]
    pub healed_after: Option<Duration>,
}

impl Default for Control {
    fn default() -> Self {
        Self {
            hold: control_hold(),
            healed_after: None,
        }
    }
}

/// The remedied manifests, with the steps that they need, in order.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Remedy {
    /// What cures, in order.
    pub steps: Vec<Step>,
    /// Deadline for Ready, from the first step; 2 minutes if absent.
    #[serde(default = "remedy_within")]
    pub within: Duration,
    /// How long Ready must last without a break or a restart; 10 s if absent, and never shorter than
    /// that, nor than the failure took to appear.
    #[serde(default = "remedy_hold")]
    pub hold: Duration,
    /// What is meant of objects of which the cure takes something away.
    #[serde(default)]
    pub goal: Vec<DeclaredGoal>,
    /// Parts that are kept although the claim is cured without them.
    #[serde(default)]
    pub precautions: Vec<Precaution>,
}

/// One object by kind and name.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ObjectName {
    /// Kubernetes kind, for example `Deployment`.
    #[schemars(with = "String")]
    pub kind: Spanned<String>,
    /// `apiVersion` of the kind, or its group alone. It is needed where two groups have one kind.
    #[serde(default, rename = "apiVersion")]
    #[schemars(with = "Option<String>")]
    pub api_version: Option<Spanned<String>>,
    /// Name of the object.
    #[schemars(with = "String")]
    pub name: Spanned<String>,
    /// Namespace; `default` if absent, ignored for cluster-scoped kinds.
    #[serde(default = "default_namespace")]
    pub namespace: String,
}

/// Objects by kind and either name or labels. Of pods selected by labels only those of their
/// workload's newest template count, unless `any_template` is true.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Selector {
    /// Kubernetes kind, for example `Pod`.
    #[schemars(with = "String")]
    pub kind: Spanned<String>,
    /// `apiVersion` of the kind, or its group alone. It is needed where two groups have one kind.
    #[serde(default, rename = "apiVersion")]
    #[schemars(with = "Option<String>")]
    pub api_version: Option<Spanned<String>>,
    /// Name of the one object.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub name: Option<Spanned<String>>,
    /// Namespace; `default` if absent, ignored for cluster-scoped kinds.
    #[serde(default = "default_namespace")]
    pub namespace: String,
    /// Labels that the objects bear.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, String>")]
    pub labels: BTreeMap<String, Spanned<String>>,
    /// Pods of an older template count too. A pod that is selected by its name always counts.
    #[serde(default)]
    pub any_template: bool,
}

impl ObjectName {
    /// The API group that it names, if it does.
    #[must_use]
    pub fn group(&self) -> Option<&str> {
        self.api_version
            .as_ref()
            .map(|named| group_of(&named.value))
    }
}

impl Selector {
    /// The API group that it names, if it does.
    #[must_use]
    pub fn group(&self) -> Option<&str> {
        self.api_version
            .as_ref()
            .map(|named| group_of(&named.value))
    }

    /// Whether pods of an older template are meant too: who names a pod means that pod.
    #[must_use]
    pub const fn means_any_template(&self) -> bool {
        self.any_template || self.name.is_some()
    }
}

/// A failure stands, and a cure lasts, for no less: the kubelet waits 10 s before it starts a container
/// for the third time, and asks a probe every 10 s unless it is told otherwise. In less time a process has
/// not been asked, or not failed again yet.
pub const SHORTEST_HOLD: Duration = Duration::from_millis(10_000);

/// A healthy start is Ready for no less: for so long a kubelet may write the results of a probe in the
/// wrong order.
pub const SHORTEST_START: Duration = Duration::from_millis(1_000);

fn default_namespace() -> String {
    DEFAULT_NAMESPACE.to_owned()
}

const fn one_node() -> u32 {
    1
}

const fn longest_gap() -> Duration {
    Duration::from_millis(15_000)
}

const fn start_within() -> Duration {
    Duration::from_millis(60_000)
}

const fn start_hold() -> Duration {
    Duration::from_millis(5_000)
}

const fn fault_within() -> Duration {
    Duration::from_millis(60_000)
}

const fn control_hold() -> Duration {
    Duration::from_millis(15_000)
}

const fn remedy_within() -> Duration {
    Duration::from_millis(120_000)
}

const fn remedy_hold() -> Duration {
    Duration::from_millis(10_000)
}
