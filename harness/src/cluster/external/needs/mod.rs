//! What a scenario makes and names on a cluster, and whether that is free.

use std::collections::BTreeSet;

use serde_json::Value;

use super::inventory::{Inventory, ObjectPlace};
use relapse_judge::kubernetes::{CANARY_NAMESPACE, text_at};
use relapse_judge::lint::known_objects::cluster_scoped;
use relapse_judge::manifest::ManifestObject;
use relapse_judge::scenario::{Capability, LoadedScenario, ObjectName, Step};

/// What a scenario makes and names on a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needs {
    /// In the order in which the steps first apply or name them.
    objects: Vec<Own>,
    /// The namespaces in which they are.
    namespaces: BTreeSet<String>,
    /// These, and those that the scenario looks into.
    seen: BTreeSet<String>,
    /// How many nodes.
    nodes: u32,
    /// The first step that does something to a node, in words.
    on_nodes: Option<String>,
}

/// An object that is the scenario's own.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Own {
    /// Unknown where only a step names it.
    group: Option<String>,
    kind: String,
    /// Empty for cluster-scoped kinds.
    namespace: String,
    name: Name,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Name {
    Is(String),
    /// A prefix and a number.
    Numbered(String),
    /// A prefix and what the server makes up.
    Generated(String),
}

impl Needs {
    /// What a scenario needs; `has_namespaces` tells whether objects of a group and kind are in
    /// namespaces, where the group is known.
    #[must_use]
    pub fn of(
        scenario: &LoadedScenario,
        has_namespaces: impl Fn(Option<&str>, &str) -> bool,
    ) -> Self {
        let mut objects: Vec<Own> = Vec::new();
        let made = scenario.manifests.values().flat_map(|file| &file.objects);
        let outside = cluster_scoped(made);
        let mut picked: Vec<String> = Vec::new();
        for step in scenario.scenario.steps() {
            let named = match (step.file(), step.object()) {
                (Some(file), _) => scenario
                    .manifest(&file.value)
                    .into_iter()
                    .flat_map(|file| file.objects.iter().flat_map(Own::of_manifest))
                    .collect(),
                (None, Some(object)) => vec![Own::named(&object)],
                (None, None) => Vec::new(),
            };
            picked.extend(step.picked().map(|picked| picked.of.namespace));
            for mut own in named {
                // A definition that is yet to be applied says it too.
                let group = own.group.clone().unwrap_or_default();
                let is_outside = outside.contains(&(group, own.kind.clone()));
                if is_outside || !has_namespaces(own.group.as_deref(), &own.kind) {
                    own.namespace.clear();
                }
                if !objects.iter().any(|known| known.covers(&own)) {
                    objects.push(own);
                }
            }
        }
        if scenario.scenario.needs.contains(&Capability::NetworkPolicy) {
            objects.push(Own {
                group: Some(String::new()),
                kind: "Namespace".to_owned(),
                namespace: String::new(),
                name: Name::Is(CANARY_NAMESPACE.to_owned()),
            });
        }
        let namespaces: BTreeSet<String> = objects
            .iter()
            .map(|own| own.namespace.clone())
            .filter(|namespace| !namespace.is_empty())
            // Pods that a step picks there by their labels must be the scenario's own.
            .chain(picked)
            .collect();
        let mut seen = namespaces.clone();
        let claim = scenario.value();
        add_namespaces(&claim, &mut seen);
        Self {
            objects,
            namespaces,
            seen,
            nodes: scenario.scenario.nodes,
            on_nodes: scenario
                .scenario
                .steps()
                .find(|step| step.is_on_nodes())
                .map(Step::to_string),
        }
    }

    /// The namespaces that it changes.
    #[must_use]
    pub fn namespaces(&self) -> &BTreeSet<String> {
        &self.namespaces
    }

    /// The namespaces that it changes or looks into.
    #[must_use]
    pub fn seen(&self) -> &BTreeSet<String> {
        &self.seen
    }

    /// What the scenario needs of nodes and an inventory does not have, in words. Nodes are their
    /// owner's, so that nothing is done to them.
    #[must_use]
    pub fn lacking_nodes(&self, inventory: &Inventory) -> Option<String> {
        if let Some(step) = &self.on_nodes {
            return Some(format!("has nodes that are not touched: {step}"));
        }
        let is_node = |place: &&ObjectPlace| place.group.is_empty() && place.kind == "Node";
        let there = inventory
            .iter()
            .map(|(place, _)| place)
            .filter(is_node)
            .count();
        let wanted = usize::try_from(self.nodes).unwrap_or(usize::MAX);
        (there < wanted).then(|| format!("has {there} of {wanted} nodes"))
    }

    /// What is in the way: objects that the scenario would change, and pods that its selectors
    /// could take for its own.
    #[must_use]
    pub fn taken(&self, inventory: &Inventory) -> Vec<ObjectPlace> {
        let is_pod = |place: &ObjectPlace| place.group.is_empty() && place.kind == "Pod";
        inventory
            .iter()
            .map(|(place, _)| place)
            .filter(|place| is_pod(place) || self.objects.iter().any(|own| own.is_at(place)))
            .cloned()
            .collect()
    }

    /// What is the scenario's own in an inventory, the last applied first.
    #[must_use]
    pub fn own<'a>(&self, inventory: &'a Inventory) -> Vec<&'a ObjectPlace> {
        let places = |own: &Own| {
            let own = own.clone();
            inventory
                .iter()
                .map(|(place, _)| place)
                .filter(move |place| own.is_at(place))
        };
        self.objects.iter().rev().flat_map(places).collect()
    }
}

impl Own {
    /// The claims of a `StatefulSet` come before it: they outlive it unless they are deleted too.
    fn of_manifest(object: &ManifestObject) -> Vec<Self> {
        let namespace = object.namespace.as_deref().unwrap_or("default");
        let claims = object
            .value
            .pointer("/spec/volumeClaimTemplates")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|template| text_at(template, "/metadata/name"))
            .map(|template| Self {
                group: Some(String::new()),
                kind: "PersistentVolumeClaim".to_owned(),
                namespace: namespace.to_owned(),
                name: Name::Numbered(format!("{template}-{}-", object.name)),
            });
        let object = Self {
            group: Some(object.group().to_owned()),
            kind: object.kind.clone(),
            namespace: namespace.to_owned(),
            name: if object.has_generated_name() {
                Name::Generated(object.name.clone())
            } else {
                Name::Is(object.name.clone())
            },
        };
        claims.chain([object]).collect()
    }

    fn named(object: &ObjectName) -> Self {
        Self {
            group: object.group().map(ToOwned::to_owned),
            kind: object.kind.value.clone(),
            namespace: object.namespace.clone(),
            name: Name::Is(object.name.value.clone()),
        }
    }

    fn covers(&self, other: &Self) -> bool {
        self.kind == other.kind
            && self.namespace == other.namespace
            && self.name == other.name
            && (other.group.is_none() || self.group == other.group)
    }

    fn is_at(&self, place: &ObjectPlace) -> bool {
        self.kind == place.kind
            && self.namespace == place.namespace
            && self
                .group
                .as_ref()
                .is_none_or(|group| *group == place.group)
            && match &self.name {
                Name::Is(name) => *name == place.name,
                Name::Numbered(prefix) => place
                    .name
                    .strip_prefix(prefix)
                    .is_some_and(|number| number.parse::<u32>().is_ok()),
                Name::Generated(prefix) => place
                    .name
                    .strip_prefix(prefix)
                    .is_some_and(|rest| !rest.is_empty() && !rest.contains('-')),
            }
    }
}

/// Every namespace that a scenario file names, whatever for.
fn add_namespaces(claim: &Value, namespaces: &mut BTreeSet<String>) {
    match claim {
        Value::Object(fields) => {
            namespaces.extend(text_at(claim, "/namespace").map(ToOwned::to_owned));
            fields
                .values()
                .for_each(|field| add_namespaces(field, namespaces));
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| add_namespaces(item, namespaces)),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
