//! What is done to a cluster, one action after the other.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use serde_saphyr::{Location, Spanned};

use super::{Duration, ObjectName, Selector, StateClause, default_namespace};

/// One action on the cluster.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// Applies a file of `manifests/<id>/` as one `kubectl apply -f` does. What it refuses stays
    /// refused; to apply again is another step.
    Apply(#[schemars(with = "String")] Spanned<String>),
    /// Applies a file as `kubectl apply --server-side -f` does. A conflict with another manager of a
    /// field is a refusal.
    ServerSideApply(ServerSideApply),
    /// Creates the objects of a file as `kubectl create -f` does: those with `generateName` too.
    Create(#[schemars(with = "String")] Spanned<String>),
    /// Deletes objects as `kubectl delete` does, and waits until they are gone.
    Delete(Delete),
    /// Changes fields of an object as `kubectl patch` does.
    Patch(Patch),
    /// Sets labels of an object, or takes them away, as `kubectl label --overwrite` does.
    Label(Label),
    /// Sets annotations of an object, or takes them away, as `kubectl annotate --overwrite` does.
    Annotate(Annotate),
    /// Restarts a rollout as `kubectl rollout restart` does.
    Restart(ObjectName),
    /// Goes back to the template before the present one, as `kubectl rollout undo` does.
    Undo(ObjectName),
    /// Pauses a rollout as `kubectl rollout pause` does.
    Pause(ObjectName),
    /// Resumes a rollout as `kubectl rollout resume` does.
    Resume(ObjectName),
    /// Sets the number of replicas.
    Scale(Scale),
    /// Runs a command in a container as `kubectl exec` does. A code other than 0 is a refusal.
    Exec(ExecStep),
    /// Evicts pods through the API, and waits until they are gone. A `PodDisruptionBudget` may refuse.
    Evict(Evict),
    /// Keeps new pods off a node, as `kubectl cordon` does.
    Cordon(#[schemars(with = "String")] Spanned<String>),
    /// Lets new pods onto a node again, as `kubectl uncordon` does.
    Uncordon(#[schemars(with = "String")] Spanned<String>),
    /// Cordons a node and evicts its pods, as `kubectl drain` does.
    Drain(Drain),
    /// Sets taints of a node, or takes them away, as `kubectl taint --overwrite` does.
    Taint(Taint),
    /// Takes a node's power away: nothing on it is told.
    StopNode(#[schemars(with = "String")] Spanned<String>),
    /// Starts a node that was stopped.
    StartNode(#[schemars(with = "String")] Spanned<String>),
    /// Waits until the cluster shows a state, or until time has passed, before the next step.
    Await(Box<Await>),
}

/// A file that the API server merges, field by field.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServerSideApply {
    /// The file in `manifests/<id>/`.
    #[schemars(with = "String")]
    pub file: Spanned<String>,
    /// Takes fields over from other managers, as `--force-conflicts` does; otherwise they conflict.
    #[serde(default)]
    pub force_conflicts: bool,
}

/// Objects that are deleted: one by its name, or pods by their labels.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Delete {
    /// Kubernetes kind, for example `Deployment`.
    #[schemars(with = "String")]
    pub kind: Spanned<String>,
    /// `apiVersion` of the kind, or its group alone. It is needed where two groups have one kind.
    #[serde(default, rename = "apiVersion")]
    #[schemars(with = "Option<String>")]
    pub api_version: Option<Spanned<String>>,
    /// Name of the one object. A node has the name that the scenario gives it.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub name: Option<Spanned<String>>,
    /// Namespace; `default` if absent, ignored for cluster-scoped kinds.
    #[serde(default = "default_namespace")]
    pub namespace: String,
    /// Labels of the pods that are deleted, in place of a name.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, String>")]
    pub labels: BTreeMap<String, Spanned<String>>,
    /// How many of the pods with these labels are deleted, the first by name; all if absent.
    #[serde(default)]
    pub count: Option<u32>,
    /// What becomes of the objects that the deleted one owns, as `--cascade` says it.
    #[serde(default)]
    pub cascade: Cascade,
    /// Whether to wait until they are gone. `false` is for a deletion that hangs: the signature can
    /// then say how.
    #[serde(default = "waits")]
    pub wait: bool,
    /// Deadline for the end, from the start of this step; that of the phase if absent.
    #[serde(default)]
    pub within: Option<Duration>,
}

/// What becomes of the objects that a deleted one owns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cascade {
    /// They are deleted after it.
    #[default]
    Background,
    /// They are deleted before it.
    Foreground,
    /// They stay.
    Orphan,
}

/// A change of some fields of an object.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Patch {
    /// What is patched.
    pub object: ObjectName,
    /// How the patch is merged, as `--type` says it.
    #[serde(default, rename = "type")]
    pub merged: PatchType,
    /// The patch: fields, or for `json` a list of operations.
    pub patch: Value,
}

/// How a patch is merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PatchType {
    /// Lists are merged by their key, where the kind has one. Custom resources refuse it.
    #[default]
    Strategic,
    /// Lists are replaced; null takes a field away.
    Merge,
    /// Operations, one after the other.
    Json,
}

/// Labels of an object.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// What is labelled. A node has the name that the scenario gives it.
    pub object: ObjectName,
    /// The labels; null takes one away.
    pub labels: BTreeMap<String, Option<String>>,
}

/// Annotations of an object.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Annotate {
    /// What is annotated. A node has the name that the scenario gives it.
    pub object: ObjectName,
    /// The annotations; null takes one away.
    pub annotations: BTreeMap<String, Option<String>>,
}

/// A change of the number of replicas.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scale {
    /// What is scaled.
    pub object: ObjectName,
    /// The new number.
    pub replicas: u32,
}

/// A command that changes something in a container.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExecStep {
    /// The pod, or the workload one of whose pods runs the command.
    #[serde(rename = "in")]
    pub target: ObjectName,
    /// The container; the first if absent.
    #[serde(default)]
    pub container: Option<String>,
    /// Program and arguments; no shell is put around them.
    pub command: Vec<String>,
}

/// Pods that are evicted: one by its name, or some by their labels.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Evict {
    /// Name of the one pod.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub name: Option<Spanned<String>>,
    /// Namespace; `default` if absent.
    #[serde(default = "default_namespace")]
    pub namespace: String,
    /// Labels of the pods, in place of a name.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, String>")]
    pub labels: BTreeMap<String, Spanned<String>>,
    /// How many of the pods with these labels are evicted, the first by name; all if absent.
    #[serde(default)]
    pub count: Option<u32>,
    /// Deadline for the end, from the start of this step; that of the phase if absent.
    #[serde(default)]
    pub within: Option<Duration>,
}

/// A node that is emptied.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Drain {
    /// The node, as the scenario calls it.
    #[schemars(with = "String")]
    pub node: Spanned<String>,
    /// How long kubectl tries, as `--timeout` says it: an eviction that is forbidden is tried again
    /// every 5 s.
    pub within: Duration,
    /// Leaves the pods of a `DaemonSet` there; without it they are a refusal. Every node has some.
    #[serde(default)]
    pub ignore_daemonsets: bool,
    /// Evicts pods with an `emptyDir` too; without it they are a refusal.
    #[serde(default)]
    pub delete_emptydir_data: bool,
    /// Evicts pods without a controller too; without it they are a refusal.
    #[serde(default)]
    pub force: bool,
}

/// Taints of a node.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Taint {
    /// The node, as the scenario calls it.
    #[schemars(with = "String")]
    pub node: Spanned<String>,
    /// Taints as kubectl takes them: `key=value:NoSchedule` sets one, `key:NoSchedule-` takes one away.
    pub taints: Vec<String>,
}

/// A wait between two steps. Exactly one of `state`, `gone` and `time` is given.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Await {
    /// The state awaited.
    #[serde(default)]
    pub state: Option<StateClause>,
    /// Objects of which none must be left.
    #[serde(default)]
    pub gone: Option<Selector>,
    /// Time that must pass, where nothing but time brings the failure: a certificate or a token that
    /// expires.
    #[serde(default)]
    pub time: Option<Duration>,
    /// Why time must pass; `time` needs it.
    #[serde(default)]
    pub because: Option<String>,
    /// Deadline for `state` and `gone`, from the start of this step.
    #[serde(default)]
    pub within: Option<Duration>,
}

const fn waits() -> bool {
    true
}

/// Objects that a step picks.
#[derive(Debug, Clone)]
pub struct Picked {
    /// The objects.
    pub of: Selector,
    /// How many of them, the first by name; all if absent.
    pub count: Option<u32>,
}

impl Step {
    /// The file of manifests that it sends.
    #[must_use]
    pub const fn file(&self) -> Option<&Spanned<String>> {
        match self {
            Self::Apply(file) | Self::Create(file) => Some(file),
            Self::ServerSideApply(apply) => Some(&apply.file),
            _ => None,
        }
    }

    /// The key of its name for that file.
    pub(crate) const fn key_of_file(&self) -> &'static str {
        match self {
            Self::Create(_) => "create",
            Self::ServerSideApply(_) => "server_side_apply",
            _ => "apply",
        }
    }

    /// The same step with another file, if it sends one.
    #[must_use]
    pub fn with_file(&self, name: String) -> Self {
        let mut step = self.clone();
        match &mut step {
            Self::Apply(file) | Self::Create(file) => file.value = name,
            Self::ServerSideApply(apply) => apply.file.value = name,
            _ => {}
        }
        step
    }

    /// The one object that it names, but for a node that is named alone.
    #[must_use]
    pub fn object(&self) -> Option<ObjectName> {
        match self {
            Self::Delete(delete) => delete.object(),
            Self::Evict(evict) => evict.picked().object(),
            Self::Patch(patch) => Some(patch.object.clone()),
            Self::Label(label) => Some(label.object.clone()),
            Self::Annotate(annotate) => Some(annotate.object.clone()),
            Self::Restart(object)
            | Self::Undo(object)
            | Self::Pause(object)
            | Self::Resume(object) => Some(object.clone()),
            Self::Scale(scale) => Some(scale.object.clone()),
            Self::Exec(exec) => Some(exec.target.clone()),
            _ => None,
        }
    }

    /// Objects that it picks by their labels.
    #[must_use]
    pub fn picked(&self) -> Option<Picked> {
        let picked = match self {
            Self::Delete(delete) => delete.picked(),
            Self::Evict(evict) => evict.picked(),
            _ => return None,
        };
        picked.of.name.is_none().then_some(picked)
    }

    /// Whether it does something to a node.
    #[must_use]
    pub fn is_on_nodes(&self) -> bool {
        match self {
            Self::Cordon(_)
            | Self::Uncordon(_)
            | Self::Drain(_)
            | Self::Taint(_)
            | Self::StopNode(_)
            | Self::StartNode(_) => true,
            _ => self
                .object()
                .is_some_and(|object| object.kind.value == "Node"),
        }
    }

    /// Whether it does something, rather than wait.
    #[must_use]
    pub const fn acts(&self) -> bool {
        !matches!(self, Self::Await(_))
    }
}

impl Delete {
    /// What it deletes.
    #[must_use]
    pub fn picked(&self) -> Picked {
        Picked {
            of: Selector {
                kind: self.kind.clone(),
                api_version: self.api_version.clone(),
                name: self.name.clone(),
                namespace: self.namespace.clone(),
                labels: self.labels.clone(),
                any_template: false,
            },
            count: self.count,
        }
    }

    /// The one object that it deletes, if it names one.
    #[must_use]
    pub fn object(&self) -> Option<ObjectName> {
        self.picked().object()
    }
}

impl Label {
    /// The labels as kubectl takes them: `key=value`, and `key-` for one that is taken away.
    #[must_use]
    pub fn settings(&self) -> Vec<String> {
        settings(&self.labels)
    }
}

impl Annotate {
    /// The annotations as kubectl takes them.
    #[must_use]
    pub fn settings(&self) -> Vec<String> {
        settings(&self.annotations)
    }
}

fn settings(of: &BTreeMap<String, Option<String>>) -> Vec<String> {
    let setting = |(key, value): (&String, &Option<String>)| match value {
        Some(value) => format!("{key}={value}"),
        None => format!("{key}-"),
    };
    of.iter().map(setting).collect()
}

impl Evict {
    /// The pods that it evicts.
    #[must_use]
    pub fn picked(&self) -> Picked {
        Picked {
            of: Selector {
                kind: Spanned::new("Pod".to_owned(), Location::UNKNOWN, Location::UNKNOWN),
                api_version: None,
                name: self.name.clone(),
                namespace: self.namespace.clone(),
                labels: self.labels.clone(),
                any_template: false,
            },
            count: self.count,
        }
    }
}

impl Picked {
    fn object(&self) -> Option<ObjectName> {
        Some(ObjectName {
            kind: self.of.kind.clone(),
            api_version: self.of.api_version.clone(),
            name: self.of.name.clone()?,
            namespace: self.of.namespace.clone(),
        })
    }
}
