//! What stands on a cluster after a scenario's steps, as far as its manifests say.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Value, json};

use crate::kubernetes::kinds::{self, Told};
use crate::manifest::{ManifestFile, ManifestObject};
use crate::scenario::{Clause, ObjectName, Patch, PatchType, Picked, Scenario, Step};

/// An object among all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ObjectId<'a> {
    pub(crate) kind: &'a str,
    pub(crate) name: &'a str,
    /// Empty where the kind has none.
    namespace: &'a str,
    /// None where only a step or a precaution names the object.
    group: Option<&'a str>,
}

impl<'a> ObjectId<'a> {
    pub(crate) fn new(
        group: Option<&'a str>,
        kind: &'a str,
        namespace: &'a str,
        name: &'a str,
    ) -> Self {
        Self {
            kind,
            name,
            namespace: if kinds::has_namespaces(group, kind) {
                namespace
            } else {
                ""
            },
            group,
        }
    }

    /// Whether both may name one object: a group that is not known may be any.
    pub(crate) fn may_be(&self, other: &Self) -> bool {
        let any = |named: &Self| ObjectId {
            group: None,
            ..*named
        };
        any(self) == any(other) && kinds::may_be(self.group, other.group)
    }

    pub(crate) fn of(object: &'a ManifestObject) -> Self {
        let namespace = object.namespace.as_deref().unwrap_or("default");
        Self::new(Some(object.group()), &object.kind, namespace, &object.name)
    }
}

impl fmt::Display for ObjectId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (group, kind) = (self.group, self.kind);
        write!(f, "{} {}", Told { group, kind }, self.name)?;
        match self.namespace {
            "" | "default" => Ok(()),
            namespace => write!(f, " in {namespace}"),
        }
    }
}

/// The objects that are there, each as it was applied last and changed since.
#[derive(Debug, Default, Clone)]
pub(crate) struct AppliedState<'a> {
    objects: BTreeMap<ObjectId<'a>, Applied<'a>>,
    /// The templates that workloads had, the present one last.
    templates: BTreeMap<ObjectId<'a>, Vec<Value>>,
}

/// One object as it was applied last.
#[derive(Debug, Clone)]
pub(crate) struct Applied<'a> {
    pub(crate) file: &'a str,
    pub(crate) object: &'a ManifestObject,
    /// Its value, if other steps changed it since: fields that the manifest does not have are left out,
    /// since to apply it again leaves them as they are.
    changed: Option<Value>,
    /// The steps that changed it, in words.
    pub(crate) since: Vec<String>,
    /// Whether the API server refused it, so that it does not stand.
    pub(crate) refused: bool,
}

impl Applied<'_> {
    /// Its value, as other steps changed it.
    pub(crate) fn value(&self) -> &Value {
        self.changed.as_ref().unwrap_or(&self.object.value)
    }
}

/// An object applied over what stood before.
#[derive(Debug)]
pub(crate) struct AppliedChange<'a> {
    pub(crate) before: Option<Applied<'a>>,
    pub(crate) after: Applied<'a>,
}

impl AppliedChange<'_> {
    /// Whether the object was not there, or was otherwise.
    pub(crate) fn differs(&self) -> bool {
        let before = self.before.as_ref();
        before.is_none_or(|before| before.refused || before.value() != self.after.value())
    }
}

impl<'a> AppliedState<'a> {
    /// What stands before the first fault.
    pub(crate) fn at_the_start(
        scenario: &'a Scenario,
        manifests: &'a BTreeMap<String, ManifestFile>,
    ) -> Self {
        let mut state = Self::default();
        if let Some(steady_state) = &scenario.steady_state {
            state.perform(&steady_state.steps, manifests);
        }
        state
    }

    /// What stands when a scenario's remedy begins.
    pub(crate) fn before_remedy(
        scenario: &'a Scenario,
        manifests: &'a BTreeMap<String, ManifestFile>,
    ) -> Self {
        let mut state = Self::at_the_start(scenario, manifests);
        state.perform(scenario.breaking_steps(), manifests);
        state
    }

    /// What stands when the remedy begins, without what the failures say is refused.
    pub(crate) fn broken(
        scenario: &'a Scenario,
        manifests: &'a BTreeMap<String, ManifestFile>,
    ) -> Self {
        let mut state = Self::at_the_start(scenario, manifests);
        for failure in scenario.chain() {
            state.perform(&failure.fault.steps, manifests);
            state.refuse(failure.signature);
        }
        state
    }

    /// Performs steps; answers with every object that they apply, in order.
    pub(crate) fn perform(
        &mut self,
        steps: impl IntoIterator<Item = &'a Step>,
        manifests: &'a BTreeMap<String, ManifestFile>,
    ) -> Vec<AppliedChange<'a>> {
        let mut changes = Vec::new();
        for step in steps {
            match step {
                Step::Apply(_) | Step::ServerSideApply(_) | Step::Create(_) => {
                    for change in self.compared(step, manifests) {
                        self.put(change.after.clone());
                        changes.push(change);
                    }
                }
                Step::Delete(delete) => self.remove(&delete.picked()),
                Step::Evict(evict) => self.remove(&evict.picked()),
                Step::Scale(scale) => self.change(step, &scale.object, |value| {
                    overwrite(value, &json!({"spec": {"replicas": scale.replicas}}), false);
                }),
                Step::Patch(patch) => {
                    self.change(step, &patch.object, |value| merge(value, patch));
                }
                Step::Label(label) => self.change(step, &label.object, |value| {
                    let set = json!({"metadata": {"labels": label.labels}});
                    overwrite(value, &set, false);
                }),
                Step::Annotate(annotate) => self.change(step, &annotate.object, |value| {
                    let set = json!({"metadata": {"annotations": annotate.annotations}});
                    overwrite(value, &set, false);
                }),
                Step::Undo(object) => self.undo(step, object),
                Step::Pause(object) => self.change(step, object, |value| {
                    overwrite(value, &json!({"spec": {"paused": true}}), false);
                }),
                Step::Resume(object) => self.change(step, object, |value| {
                    overwrite(value, &json!({"spec": {"paused": false}}), false);
                }),
                Step::Restart(_)
                | Step::Exec(_)
                | Step::Cordon(_)
                | Step::Uncordon(_)
                | Step::Drain(_)
                | Step::Taint(_)
                | Step::StopNode(_)
                | Step::StartNode(_)
                | Step::Await(_) => {}
            }
        }
        changes
    }

    fn put(&mut self, applied: Applied<'a>) {
        let identity = ObjectId::of(applied.object);
        if let Some(template) = applied.value().pointer("/spec/template") {
            let known = self.templates.entry(identity).or_default();
            if known.last() != Some(template) {
                known.push(template.clone());
            }
        }
        self.objects.insert(identity, applied);
    }

    /// The object that a step names, as it is known with its group.
    fn known(&self, object: &ObjectName) -> Option<ObjectId<'a>> {
        let named = object.identity();
        self.objects
            .keys()
            .find(|known| known.may_be(&named))
            .copied()
    }

    fn change(&mut self, step: &Step, object: &ObjectName, by: impl FnOnce(&mut Value)) {
        let Some(applied) = self
            .known(object)
            .and_then(|known| self.objects.get(&known))
        else {
            return;
        };
        let mut applied = applied.clone();
        let mut value = applied.value().clone();
        by(&mut value);
        applied.changed = Some(value);
        applied.since.push(step.to_string());
        self.put(applied);
    }

    fn undo(&mut self, step: &Step, object: &ObjectName) {
        let templates = self
            .known(object)
            .and_then(|known| self.templates.get(&known));
        let before = templates.and_then(|known| known.iter().rev().nth(1).cloned());
        if let Some(before) = before {
            self.change(step, object, |value| value["spec"]["template"] = before);
        }
    }

    /// One object by its name, or all that bear these labels, unless only some of them are picked.
    fn remove(&mut self, picked: &Picked) {
        let of = &picked.of;
        let named = of.name.as_ref().map(|name| name.value.as_str());
        let gone = |identity: &ObjectId<'_>, applied: &Applied<'_>| {
            let labels = &applied.value()["metadata"]["labels"];
            let mut wanted = of.labels.iter();
            let bears = wanted.all(|(key, value)| labels[key] == value.value.as_str());
            let name = named.unwrap_or(identity.name);
            let group = of.group();
            identity.may_be(&ObjectId::new(group, &of.kind.value, &of.namespace, name))
                && (named.is_some() || (bears && picked.count.is_none()))
        };
        self.objects
            .retain(|identity, applied| !gone(identity, applied));
    }

    /// Everything that stands.
    pub(crate) fn objects(&self) -> impl Iterator<Item = &Applied<'a>> {
        self.objects.values().filter(|applied| !applied.refused)
    }

    /// What a signature says was refused does not stand.
    pub(crate) fn refuse(&mut self, signature: &[Clause]) {
        for clause in signature {
            if let Clause::Refusal(refusal) = clause {
                let named = refusal.of.identity();
                let mut objects = self.objects.iter_mut();
                if let Some((_, applied)) = objects.find(|(identity, _)| named.may_be(identity)) {
                    applied.refused = true;
                }
            }
        }
    }

    /// The objects that a step applies over what stands, in order.
    pub(crate) fn compared(
        &self,
        step: &'a Step,
        manifests: &'a BTreeMap<String, ManifestFile>,
    ) -> Vec<AppliedChange<'a>> {
        let Some(name) = step.file() else {
            return Vec::new();
        };
        let objects = manifests.get(&name.value).map(|file| &file.objects);
        objects
            .into_iter()
            .flatten()
            .map(|object| AppliedChange {
                before: self.objects.get(&ObjectId::of(object)).cloned(),
                after: Applied {
                    file: &name.value,
                    object,
                    changed: None,
                    since: Vec::new(),
                    refused: false,
                },
            })
            .collect()
    }
}

fn merge(value: &mut Value, patch: &Patch) {
    match patch.merged {
        PatchType::Json => operate(value, &patch.patch),
        PatchType::Strategic => overwrite(value, &patch.patch, true),
        PatchType::Merge => overwrite(value, &patch.patch, false),
    }
}

/// Writes what a patch says over the fields that a value has; `by_name` merges lists of what has names.
fn overwrite(value: &mut Value, patch: &Value, by_name: bool) {
    match (value, patch) {
        (Value::Object(fields), Value::Object(patch)) => {
            for (key, patch) in patch {
                if patch.is_null() {
                    fields.remove(key);
                } else if let Some(field) = fields.get_mut(key) {
                    overwrite(field, patch, by_name);
                }
            }
        }
        (Value::Array(items), Value::Array(patches))
            if by_name && patches.iter().all(|patch| patch["name"].is_string()) =>
        {
            for patch in patches {
                let same = |item: &&mut Value| item["name"] == patch["name"];
                if let Some(item) = items.iter_mut().find(same) {
                    overwrite(item, patch, by_name);
                }
            }
        }
        (value, patch) => *value = patch.clone(),
    }
}

/// Carries out the operations of a JSON patch on the fields that a value has.
fn operate(value: &mut Value, operations: &Value) {
    for operation in operations.as_array().into_iter().flatten() {
        let Some(path) = operation["path"].as_str() else {
            continue;
        };
        let (parent, key) = path.rsplit_once('/').unwrap_or_default();
        let key = key.replace("~1", "/").replace("~0", "~");
        match operation["op"].as_str() {
            Some("remove") => match value.pointer_mut(parent) {
                Some(Value::Object(fields)) => {
                    fields.remove(&key);
                }
                Some(Value::Array(items)) => {
                    let place = key.parse().ok();
                    place
                        .filter(|place| *place < items.len())
                        .map(|place: usize| items.remove(place));
                }
                _ => {}
            },
            Some("add" | "replace") => {
                if let Some(field) = value.pointer_mut(path) {
                    field.clone_from(&operation["value"]);
                }
            }
            _ => {}
        }
    }
}

impl ObjectName {
    fn identity(&self) -> ObjectId<'_> {
        let name = self.name.value.as_str();
        ObjectId::new(self.group(), &self.kind.value, &self.namespace, name)
    }

    /// Whether this names an object of a manifest.
    pub(crate) fn is_of(&self, object: &ManifestObject) -> bool {
        self.identity().may_be(&ObjectId::of(object))
    }
}

#[cfg(test)]
mod tests;
