//! Which objects a selector means, and which pods belong to a workload's newest template.
//!
//! During a stuck rolling update the old pod stays Ready; whoever counts it takes the failure for
//! health. So a pod counts only when its controller revision is the newest one.

use serde_json::Value;

use crate::scenario::Selector;
use crate::witness::{ObjectKey, Witness, number_at, text_at, uid};

/// The live objects that a selector means. Pods of an older template are left out.
#[must_use]
pub fn select<'a>(witness: &'a Witness, selector: &'a Selector) -> Vec<&'a Value> {
    select_all(witness, selector)
        .filter(|object| {
            text_at(object, "/kind") != Some("Pod") || has_newest_template(witness, object)
        })
        .collect()
}

/// The live objects that a selector means, pods of every template among them.
pub fn select_all<'a>(
    witness: &'a Witness,
    selector: &'a Selector,
) -> impl Iterator<Item = &'a Value> {
    witness
        .live(&selector.kind.value)
        .filter(|object| is_selected(object, selector))
}

fn is_selected(object: &Value, selector: &Selector) -> bool {
    let namespace = text_at(object, "/metadata/namespace");
    let in_namespace = namespace.is_none_or(|namespace| namespace == selector.namespace);
    let named = selector
        .name
        .as_ref()
        .is_none_or(|name| text_at(object, "/metadata/name") == Some(&name.value));
    let labelled = selector.labels.iter().all(|(key, value)| {
        object["metadata"]["labels"]
            .get(key)
            .and_then(Value::as_str)
            == Some(&value.value)
    });
    in_namespace && named && labelled
}

/// The live pods that a workload owns, of its newest template.
#[must_use]
pub fn newest_pods<'a>(witness: &'a Witness, workload: &Value) -> Vec<&'a Value> {
    let workload_uid = uid(workload);
    witness
        .live("Pod")
        .filter(|pod| {
            let Some(owner) = controller(pod) else {
                return false;
            };
            let owner_uid = text_at(owner, "/uid");
            owner_uid == Some(workload_uid)
                || owner_of(witness, pod)
                    .and_then(controller)
                    .and_then(|grand| text_at(grand, "/uid"))
                    == Some(workload_uid)
        })
        .filter(|pod| has_newest_template(witness, pod))
        .collect()
}

/// Whether the pod was made from its workload's newest template; a pod without one is its own.
#[must_use]
pub fn has_newest_template(witness: &Witness, pod: &Value) -> bool {
    let Some(owner) = controller(pod) else {
        return true;
    };
    match text_at(owner, "/kind").unwrap_or_default() {
        "ReplicaSet" => match owner_of(witness, pod) {
            Some(replica_set) => is_newest_replica_set(witness, replica_set),
            // The watch of ReplicaSets may lag behind that of Pods: not known to be the newest.
            None => false,
        },
        "StatefulSet" => owner_of(witness, pod).is_some_and(|set| {
            is_observed(set) && revision_hash(pod) == text_at(set, "/status/updateRevision")
        }),
        "DaemonSet" => owner_of(witness, pod).is_some_and(|set| {
            is_observed(set)
                && revision_hash(pod) == newest_revision(witness, set).and_then(revision_hash)
        }),
        _ => true,
    }
}

fn is_newest_replica_set(witness: &Witness, replica_set: &Value) -> bool {
    let Some(deployment) = owner_of(witness, replica_set) else {
        return controller(replica_set).is_none();
    };
    is_observed(deployment) && revision(replica_set) == revision(deployment)
}

/// The statuses of a pod's containers, init containers and sidecars first.
pub fn statuses(pod: &Value) -> impl Iterator<Item = &Value> {
    ["initContainerStatuses", "containerStatuses"]
        .into_iter()
        .filter_map(|field| pod["status"][field].as_array())
        .flatten()
}

fn newest_revision<'a>(witness: &'a Witness, set: &Value) -> Option<&'a Value> {
    witness
        .live("ControllerRevision")
        .filter(|revision| {
            controller(revision).and_then(|owner| text_at(owner, "/uid")) == Some(uid(set))
        })
        .max_by_key(|revision| number_at(revision, "/revision"))
}

fn controller(object: &Value) -> Option<&Value> {
    object
        .pointer("/metadata/ownerReferences")?
        .as_array()?
        .iter()
        .find(|owner| owner["controller"] == Value::Bool(true))
}

fn owner_of<'a>(witness: &'a Witness, object: &Value) -> Option<&'a Value> {
    let owner = controller(object)?;
    let found = witness.get(&ObjectKey {
        kind: text_at(owner, "/kind")?.to_owned(),
        namespace: text_at(object, "/metadata/namespace")
            .unwrap_or_default()
            .to_owned(),
        name: text_at(owner, "/name")?.to_owned(),
    })?;
    (Some(uid(found)) == text_at(owner, "/uid")).then_some(found)
}

fn is_observed(workload: &Value) -> bool {
    number_at(workload, "/status/observedGeneration").unwrap_or_default()
        >= number_at(workload, "/metadata/generation").unwrap_or_default()
}

/// The Deployment controller writes the revision of the newest ReplicaSet on the Deployment too
/// (`deployment.kubernetes.io/revision`), in the same pass as `observedGeneration`.
fn revision(object: &Value) -> Option<&str> {
    object["metadata"]["annotations"]
        .get("deployment.kubernetes.io/revision")?
        .as_str()
}

fn revision_hash(object: &Value) -> Option<&str> {
    object["metadata"]["labels"]
        .get("controller-revision-hash")?
        .as_str()
}

#[cfg(test)]
mod tests;
