//! What stands on a cluster after a scenario's steps, as far as its manifests say.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use super::{Scenario, Step};
use crate::kinds;
use crate::manifest::{ManifestFile, ManifestObject};

/// An object among all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Identity<'a> {
    pub(super) kind: &'a str,
    pub(super) name: &'a str,
    /// Empty where the kind has none.
    namespace: &'a str,
}

impl<'a> Identity<'a> {
    pub(super) fn new(kind: &'a str, namespace: &'a str, name: &'a str) -> Self {
        Self {
            kind,
            name,
            namespace: if kinds::has_namespaces(None, kind) {
                namespace
            } else {
                ""
            },
        }
    }

    pub(super) fn of(object: &'a ManifestObject) -> Self {
        let namespace = object.namespace.as_deref().unwrap_or("default");
        Self::new(&object.kind, namespace, &object.name)
    }
}

impl fmt::Display for Identity<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.name)?;
        match self.namespace {
            "" | "default" => Ok(()),
            namespace => write!(f, " in {namespace}"),
        }
    }
}

/// The objects that are there, each as it was applied last.
#[derive(Debug, Default)]
pub(super) struct Standing<'a> {
    objects: BTreeMap<Identity<'a>, Applied<'a>>,
}

/// One object as it was applied last.
#[derive(Debug, Clone, Copy)]
pub(super) struct Applied<'a> {
    pub(super) file: &'a str,
    pub(super) object: &'a ManifestObject,
    /// Its number of replicas, if it was scaled since.
    pub(super) scaled: Option<u32>,
}

impl<'a> Applied<'a> {
    /// Its value, with the number of replicas as scaled. A manifest without a number leaves it as it is
    /// on the cluster, so there it makes no difference.
    pub(super) fn value(&self) -> Cow<'a, Value> {
        let mut value = Cow::Borrowed(&self.object.value);
        if let Some(scaled) = self.scaled
            && value.pointer("/spec/replicas").is_some()
        {
            value.to_mut()["spec"]["replicas"] = scaled.into();
        }
        value
    }
}

/// An object applied over what stood before.
#[derive(Debug)]
pub(super) struct Change<'a> {
    pub(super) before: Option<Applied<'a>>,
    pub(super) after: Applied<'a>,
}

impl Change<'_> {
    /// Whether the object was not there, or was otherwise.
    pub(super) fn differs(&self) -> bool {
        self.before
            .is_none_or(|before| before.value() != self.after.value())
    }
}

impl<'a> Standing<'a> {
    /// What stands when a scenario's remedy begins.
    pub(super) fn before_remedy(
        scenario: &'a Scenario,
        manifests: &'a BTreeMap<String, ManifestFile>,
    ) -> Self {
        let mut standing = Self::default();
        if let Some(steady_state) = &scenario.steady_state {
            standing.perform(&steady_state.steps, manifests);
        }
        standing.perform(scenario.breaking_steps(), manifests);
        standing
    }

    /// Performs steps; answers with every object that they apply, in order.
    pub(super) fn perform(
        &mut self,
        steps: impl IntoIterator<Item = &'a Step>,
        manifests: &'a BTreeMap<String, ManifestFile>,
    ) -> Vec<Change<'a>> {
        let mut changes = Vec::new();
        for step in steps {
            match step {
                Step::Apply(_) => {
                    for change in self.compared(step, manifests) {
                        let identity = Identity::of(change.after.object);
                        self.objects.insert(identity, change.after);
                        changes.push(change);
                    }
                }
                Step::Delete(object) => {
                    self.objects.remove(&object.identity());
                }
                Step::Scale(scale) => {
                    if let Some(applied) = self.objects.get_mut(&scale.object.identity()) {
                        applied.scaled = Some(scale.replicas);
                    }
                }
                Step::Restart(_)
                | Step::Cordon(_)
                | Step::Uncordon(_)
                | Step::StopNode(_)
                | Step::StartNode(_)
                | Step::Await(_) => {}
            }
        }
        changes
    }

    /// The objects that a step applies over what stands, in order.
    pub(super) fn compared(
        &self,
        step: &'a Step,
        manifests: &'a BTreeMap<String, ManifestFile>,
    ) -> Vec<Change<'a>> {
        let Step::Apply(name) = step else {
            return Vec::new();
        };
        let objects = manifests.get(&name.value).map(|file| &file.objects);
        objects
            .into_iter()
            .flatten()
            .map(|object| Change {
                before: self.objects.get(&Identity::of(object)).copied(),
                after: Applied {
                    file: &name.value,
                    object,
                    scaled: None,
                },
            })
            .collect()
    }
}

impl super::ObjectName {
    fn identity(&self) -> Identity<'_> {
        Identity::new(&self.kind.value, &self.namespace, &self.name.value)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::{Value, json};

    use super::{Applied, Identity};
    use crate::manifest::ManifestFile;

    fn spec_scaled_to_3(spec: &str) -> Value {
        let text = format!(
            "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: web}}, spec: {spec}}}"
        );
        let file = ManifestFile::parse(Path::new("web.yaml"), text).unwrap();
        let applied = Applied {
            file: "web.yaml",
            object: &file.objects[0],
            scaled: Some(3),
        };
        applied.value()["spec"].clone()
    }

    #[test]
    fn the_number_of_replicas_is_that_of_the_scaling_where_the_manifest_has_one() {
        let with_number = spec_scaled_to_3("{replicas: 1, paused: true}");
        assert_eq!(with_number, json!({"replicas": 3, "paused": true}));
        let without_number = spec_scaled_to_3("{paused: true}");
        assert_eq!(without_number, json!({"paused": true}));
    }

    #[test]
    fn a_namespace_tells_apart_only_objects_that_have_one() {
        let class = |namespace| Identity::new("StorageClass", namespace, "standard");
        assert_eq!(class("shop"), class("default"));
        let service = |namespace| Identity::new("Service", namespace, "web");
        assert_ne!(service("shop"), service("default"));
        assert_eq!(service("shop").to_string(), "Service web in shop");
        assert_eq!(service("default").to_string(), "Service web");
    }
}
