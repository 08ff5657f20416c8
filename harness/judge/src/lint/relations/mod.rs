//! What refers to what among the objects of a scenario, and whether what is done touches what the
//! failure is about.

mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::api_schema::is_of_kubernetes;
use super::places::place_of;
use crate::input::YamlNode;
use crate::input::diagnostic::Mistakes;
use crate::manifest::{ManifestFile, ManifestObject, containers, pod_template};
use crate::remedy::applied_state::{AppliedChange, AppliedState, ObjectId};
use crate::scenario::{AsideKind, Clause, Scenario, Selector, Step};

/// Kinds that act on objects which nothing in a manifest names: policies, and what controllers need.
const ACT_ON_OTHERS: &[&str] = &[
    "APIService",
    "CSIDriver",
    "ClusterRole",
    "ClusterRoleBinding",
    "CustomResourceDefinition",
    "LimitRange",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
    "MutatingWebhookConfiguration",
    "Namespace",
    "NetworkPolicy",
    "Node",
    "PriorityClass",
    "ResourceQuota",
    "Role",
    "RoleBinding",
    "StorageClass",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
];

/// Some objects of the manifests; all of them where it cannot be known which.
#[derive(Debug, Clone)]
pub(crate) enum Objects<'a> {
    All,
    These(BTreeSet<ObjectId<'a>>),
}

impl Objects<'_> {
    pub(crate) const fn none() -> Self {
        Self::These(BTreeSet::new())
    }

    pub(crate) fn add(&mut self, other: Self) {
        match (&mut *self, other) {
            (Self::All, _) => {}
            (_, Self::All) => *self = Self::All,
            (Self::These(own), Self::These(others)) => own.extend(others),
        }
    }
}

/// The objects of a scenario's manifests, in groups that refer to each other.
pub(crate) struct Relations<'a> {
    objects: Vec<&'a ManifestObject>,
    group: BTreeMap<ObjectId<'a>, usize>,
    /// Those that may act on any other.
    acting: BTreeSet<ObjectId<'a>>,
}

impl<'a> Relations<'a> {
    pub(crate) fn of(manifests: &'a BTreeMap<String, ManifestFile>) -> Self {
        let objects: Vec<&ManifestObject> =
            manifests.values().flat_map(|file| &file.objects).collect();
        let mut group: BTreeMap<ObjectId<'_>, usize> = BTreeMap::new();
        for object in &objects {
            let next = group.len();
            group.entry(ObjectId::of(object)).or_insert(next);
        }
        for one in &objects {
            for other in &objects {
                let (a, b) = (ObjectId::of(one), ObjectId::of(other));
                if a != b && refers(one, other) {
                    let (from, to) = (group[&a], group[&b]);
                    for own in group.values_mut().filter(|own| **own == from) {
                        *own = to;
                    }
                }
            }
        }
        let acting = objects.iter().filter(|object| acts_on_others(object));
        let acting = acting.map(|object| ObjectId::of(object)).collect();
        Self {
            objects,
            group,
            acting,
        }
    }

    /// Whether any of these objects refers to any of those, through others too, or is one of them.
    pub(crate) fn meet(&self, some: &Objects<'a>, others: &Objects<'a>) -> bool {
        let (Objects::These(some), Objects::These(others)) = (some, others) else {
            return true;
        };
        let groups = |objects: &BTreeSet<ObjectId<'a>>| -> BTreeSet<usize> {
            objects
                .iter()
                .filter_map(|one| self.group.get(one).copied())
                .collect()
        };
        !self.acting.is_disjoint(some)
            || !self.acting.is_disjoint(others)
            || !groups(some).is_disjoint(&groups(others))
    }

    /// What steps change of what stands; they are performed on it.
    pub(crate) fn touched(
        &self,
        steps: &'a [Step],
        standing: &mut AppliedState<'a>,
        manifests: &'a BTreeMap<String, ManifestFile>,
    ) -> Objects<'a> {
        let changes = standing.perform(steps, manifests);
        let differing = changes
            .iter()
            .filter(|change| AppliedChange::differs(change));
        let mut touched = Objects::These(
            differing
                .map(|change| ObjectId::of(change.after.object))
                .collect(),
        );
        for step in steps {
            touched.add(match (step.object(), step.picked()) {
                _ if step.file().is_some() || !step.acts() => Objects::none(),
                _ if step.is_on_nodes() => Objects::All,
                (Some(object), _) => self.named(&object.kind.value, &object.name.value),
                (None, Some(picked)) => self.selected(&picked.of),
                (None, None) => Objects::All,
            });
        }
        touched
    }

    /// The objects that a signature speaks of.
    pub(crate) fn spoken_of(&self, signature: &'a [Clause]) -> Objects<'a> {
        let mut spoken = Objects::none();
        for clause in signature {
            spoken.add(match clause {
                Clause::State(state) => self.selected(&state.of),
                Clause::Event(event) | Clause::NoEvent(event) => self.selected(&event.of),
                Clause::Log(log) | Clause::NoLog(log) => self.selected(&log.of),
                Clause::Refusal(refusal) => {
                    self.named(&refusal.of.kind.value, &refusal.of.name.value)
                }
                Clause::Http(http) => self.named("Service", &http.service.value),
                Clause::Exec(exec) => self.named(&exec.target.kind.value, &exec.target.name.value),
            });
        }
        spoken
    }

    /// What the failures of a scenario are about: what their signatures speak of and their faults
    /// change.
    pub(crate) fn about(
        &self,
        scenario: &'a Scenario,
        manifests: &'a BTreeMap<String, ManifestFile>,
    ) -> Objects<'a> {
        let mut standing = AppliedState::at_the_start(scenario, manifests);
        let mut about = Objects::none();
        for failure in scenario.chain() {
            about.add(self.spoken_of(failure.signature));
            about.add(self.touched(&failure.fault.steps, &mut standing, manifests));
        }
        about
    }

    fn selected(&self, selector: &Selector) -> Objects<'a> {
        if let Some(name) = &selector.name {
            return self.named(&selector.kind.value, &name.value);
        }
        let bears = |object: &ManifestObject| {
            let own = labels(object);
            let mut wanted = selector.labels.iter();
            wanted.all(|(key, value)| {
                own.iter().any(|(own, is)| own == key && *is == value.value)
                    // The label of an EndpointSlice, and those that controllers add.
                    || value.value == object.name
            })
        };
        self.chosen(bears)
    }

    /// The object of this name, or those from which it is made.
    fn named(&self, kind: &str, name: &str) -> Objects<'a> {
        let is_it = |object: &ManifestObject| object.kind == kind && object.name == name;
        match self.chosen(is_it) {
            Objects::All => self.chosen(|object| {
                let made = name.strip_prefix(&object.name);
                made.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
                    || name.contains(&format!("-{}-", object.name))
            }),
            these @ Objects::These(_) => these,
        }
    }

    /// What is in no manifest may be about anything.
    fn chosen(&self, is_it: impl Fn(&ManifestObject) -> bool) -> Objects<'a> {
        let found = self.objects.iter().filter(|object| is_it(object));
        let found: BTreeSet<ObjectId<'_>> = found.map(|object| ObjectId::of(object)).collect();
        if found.is_empty() {
            Objects::All
        } else {
            Objects::These(found)
        }
    }
}

/// Whether it acts on objects that it does not name. A pod of the node's own network, or a privileged
/// one, may change the node.
fn acts_on_others(object: &ManifestObject) -> bool {
    let pod = pod_template(&object.value).and_then(|template| template.get("spec"));
    let is_true = |value: Option<&Value>| value.and_then(Value::as_bool) == Some(true);
    let is_of_the_node = |pod: &Value| {
        let shares = ["hostNetwork", "hostPID", "hostIPC"];
        shares.iter().any(|key| is_true(pod.get(key)))
            || containers(&object.value)
                .any(|one| is_true(one.pointer("/securityContext/privileged")))
    };
    ACT_ON_OTHERS.contains(&object.kind.as_str())
        || !is_of_kubernetes(&object.kind)
        || pod.is_some_and(is_of_the_node)
}

/// Whether a manifest names another object, or selects its pods.
fn refers(one: &ManifestObject, other: &ManifestObject) -> bool {
    selects(one, other) || {
        let fields = one.value.as_object().into_iter().flatten();
        let mut fields =
            fields.filter(|(key, _)| !["apiVersion", "kind", "metadata"].contains(&key.as_str()));
        fields.any(|(_, value)| mentions(value, &other.name))
    }
}

fn selects(one: &ManifestObject, other: &ManifestObject) -> bool {
    let selector = one.value.pointer("/spec/selector");
    let wanted = selector
        .and_then(|selector| selector.get("matchLabels"))
        .or(selector);
    let wanted = wanted.and_then(Value::as_object);
    wanted.is_some_and(|wanted| {
        let own = labels(other);
        !wanted.is_empty()
            && wanted.iter().all(|(key, value)| {
                own.iter()
                    .any(|(own, is)| own == key && Some(*is) == value.as_str())
            })
    })
}

/// The labels of an object and of what is made from it.
fn labels(object: &ManifestObject) -> Vec<(&str, &str)> {
    let template = pod_template(&object.value);
    let claims = object.value.pointer("/spec/volumeClaimTemplates");
    let claims = claims.and_then(Value::as_array).into_iter().flatten();
    let all = [Some(&object.value), template]
        .into_iter()
        .flatten()
        .chain(claims);
    let maps = all.filter_map(|part| part.pointer("/metadata/labels")?.as_object());
    let pairs = maps.flatten();
    pairs
        .filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)))
        .collect()
}

/// Whether a text of a value has this name as a word, or a key is it. Names of containers and images
/// are no objects.
fn mentions(value: &Value, name: &str) -> bool {
    let is_container = value.get("image").is_some();
    let is_text_of_its_own = |key: &str| is_container && matches!(key, "image" | "name");
    match value {
        Value::String(text) => has_word(text, name),
        Value::Array(entries) => entries.iter().any(|entry| mentions(entry, name)),
        Value::Object(fields) => {
            let mut fields = fields.iter();
            fields.any(|(key, value)| {
                !is_text_of_its_own(key) && (has_word(key, name) || mentions(value, name))
            })
        }
        _ => false,
    }
}

fn has_word(text: &str, word: &str) -> bool {
    let is_in_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(is_in_word) && !after.is_some_and(is_in_word)
    })
}

/// Finds a fault, a remedy and what is tried beside them that touch nothing of what the failure is
/// about.
pub(crate) fn walk(
    scenario: &Scenario,
    manifests: &BTreeMap<String, ManifestFile>,
    root: &YamlNode,
    mistakes: &mut Mistakes<'_>,
) {
    let relations = Relations::of(manifests);
    let mut standing = AppliedState::at_the_start(scenario, manifests);
    for failure in scenario.chain() {
        let at = place_of(&failure, root);
        let spoken = relations.spoken_of(failure.signature);
        let touched = relations.touched(&failure.fault.steps, &mut standing, manifests);
        standing.refuse(failure.signature);
        if !relations.meet(&touched, &spoken) {
            mistakes.warn(
                at.key("fault").key("steps").position(),
                "the fault touches nothing that the signature speaks of, nor what refers to it",
                "let the fault change it; what breaks without that has another cause".to_owned(),
            );
        }
    }
    let spoken = relations.spoken_of(&scenario.signature);
    let broken = standing.clone();
    let about = relations.about(scenario, manifests);
    let touched = relations.touched(&scenario.remedy.steps, &mut standing, manifests);
    if !relations.meet(&touched, &spoken) {
        mistakes.warn(
            root.key("remedy").key("steps").position(),
            "the remedy touches nothing that the signature speaks of, nor what refers to it",
            "let the remedy change it; a failure that goes away without that heals by itself"
                .to_owned(),
        );
    }
    for aside in scenario.asides() {
        let mut before = match aside.kind {
            AsideKind::Harmless => AppliedState::at_the_start(scenario, manifests),
            AsideKind::WrongRemedy | AsideKind::Alternative => broken.clone(),
        };
        let touched = relations.touched(aside.steps, &mut before, manifests);
        if !aside.steps.is_empty() && !relations.meet(&touched, &about) {
            let at = root.key(aside.kind.key()).index(aside.place);
            mistakes.warn(
                at.key("steps").position(),
                format!("the {} touches nothing that the failure is about", aside.kind),
                "let it change what the signature speaks of or what the fault changes; elsewhere it \
                 has this outcome in any case"
                    .to_owned(),
            );
        }
    }
}
