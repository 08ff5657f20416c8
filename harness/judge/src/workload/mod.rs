//! Which objects a selector means, and which pods belong to a workload's newest template.
//!
//! During a stuck rolling update the old pod stays Ready; whoever counts it takes the failure for
//! health. So a pod counts only when its controller revision is the newest one.

use serde_json::Value;

use crate::kubernetes::kinds::{Kind, group_of_object, may_be};
use crate::kubernetes::{number_at, text_at, uid};
use crate::readiness::{Readiness, ready};
use crate::scenario::{Selector, StateClause};
use crate::witness::{ObjectKey, Witness};

/// The live objects that a selector means. Pods of an older template are left out, unless the
/// selector means them too.
#[must_use]
pub fn select<'a>(witness: &'a Witness, selector: &'a Selector) -> Vec<&'a Value> {
    select_all(witness, selector)
        .filter(|object| selector.means_any_template() || is_current(witness, object))
        .collect()
}

/// Whether an object is none that its workload is about to replace.
fn is_current(witness: &Witness, object: &Value) -> bool {
    text_at(object, "/kind") != Some("Pod") || has_newest_template(witness, object)
}

/// The live objects that a selector means, pods of every template among them.
pub fn select_all<'a>(
    witness: &'a Witness,
    selector: &'a Selector,
) -> impl Iterator<Item = &'a Value> {
    witness
        .live_in(selector.group(), &selector.kind.value)
        .filter(|object| is_selected(object, selector))
}

/// The live objects that a selector means, of which there is at least one.
///
/// # Errors
/// That there is none, in words.
pub fn selected<'a>(
    witness: &'a Witness,
    selector: &'a Selector,
) -> Result<Vec<&'a Value>, String> {
    let objects = select(witness, selector);
    if !objects.is_empty() {
        return Ok(objects);
    }
    let others = select_all(witness, selector).count();
    if others > 0 {
        return Err(format!(
            "no {selector} of the newest template is there, only {others} of another: \
             `any_template: true` means these too"
        ));
    }
    if !witness.watches(selector.group(), &selector.kind.value) {
        return Err(format!("{} is not watched", selector.kind.value));
    }
    Err(format!("no {selector} is there"))
}

/// The first of these objects whose fields are as a clause says.
///
/// # Errors
/// What the fields are instead.
pub fn fitting<'a>(objects: &[&'a Value], clause: &StateClause) -> Result<&'a Value, String> {
    let fitting = objects.iter().find(|object| fits(clause, object)).copied();
    fitting.ok_or_else(|| {
        let unfit: Vec<String> = objects
            .last()
            .into_iter()
            .flat_map(|object| {
                let fields = clause.fields.iter().filter(|field| !field.holds(object));
                fields.map(|field| field.seen(object))
            })
            .collect();
        format!("{}: {}", clause.of, unfit.join("; "))
    })
}

/// Whether every field of an object is as a clause says.
#[must_use]
pub fn fits(clause: &StateClause, object: &Value) -> bool {
    clause.fields.iter().all(|field| field.holds(object))
}

/// Whether an object is one that a selector means.
#[must_use]
pub fn is_selected(object: &Value, selector: &Selector) -> bool {
    let of_kind = object["kind"] == selector.kind.value.as_str()
        && may_be(group_of_object(object), selector.group());
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
    of_kind && in_namespace && named && labelled
}

/// The live pods that a workload owns, of its newest template.
#[must_use]
pub fn newest_pods<'a>(witness: &'a Witness, workload: &Value) -> Vec<&'a Value> {
    pods_of(witness, workload)
        .filter(|pod| has_newest_template(witness, pod))
        .collect()
}

/// The live pods that a workload owns, of every template. A pod that ended, as an evicted one did,
/// stays there beside its replacement and is none of them.
pub fn pods_of<'a>(witness: &'a Witness, workload: &Value) -> impl Iterator<Item = &'a Value> {
    witness
        .live("Pod")
        .filter(move |pod| {
            let owner = owner_of(witness, pod);
            let chain = [controller(pod), owner.and_then(controller)];
            let mut uids = chain
                .into_iter()
                .flatten()
                .map(|owner| text_at(owner, "/uid"));
            uids.any(|owner| owner == Some(uid(workload)))
        })
        .filter(|pod| !is_replaced(pod))
}

/// A Ready pod to which a Service sends though no workload controls it, while it sends to pods of a
/// workload too: nobody knows whose answer is the Service's.
#[must_use]
pub fn stranger_behind<'a>(
    witness: &'a Witness,
    namespace: &str,
    service: &str,
) -> Option<&'a Value> {
    let mut services = witness.live_in(Some(""), "Service");
    let service = services.find(|object| {
        text_at(object, "/metadata/namespace") == Some(namespace)
            && text_at(object, "/metadata/name") == Some(service)
    })?;
    let selector = service.pointer("/spec/selector")?.as_object()?;
    let is_behind = |pod: &&Value| {
        let labels = &pod["metadata"]["labels"];
        text_at(pod, "/metadata/namespace") == Some(namespace)
            && selector
                .iter()
                .all(|(key, value)| labels.get(key) == Some(value))
            && ready(pod) == Readiness::Holds
    };
    let behind: Vec<&Value> = witness.live("Pod").filter(is_behind).collect();
    let (owned, bare): (Vec<&Value>, Vec<&Value>) = behind
        .into_iter()
        .partition(|pod| controller(pod).is_some());
    bare.first().filter(|_| !owned.is_empty()).copied()
}

/// While a pod is being deleted it holds its volumes and ports, whatever became of it.
fn is_replaced(pod: &Value) -> bool {
    let has_ended = matches!(text_at(pod, "/status/phase"), Some("Failed" | "Succeeded"));
    has_ended && text_at(pod, "/metadata/deletionTimestamp").is_none()
}

/// Whether the pod was made from its workload's newest template, or is left as it is by a partition
/// of the update; a pod without a workload is its own.
#[must_use]
pub fn has_newest_template(witness: &Witness, pod: &Value) -> bool {
    let Some(owner) = controller(pod) else {
        return true;
    };
    let kind = Kind::named(
        group_of_object(owner),
        text_at(owner, "/kind").unwrap_or_default(),
    );
    match kind.map_or("", |kind| kind.name) {
        "ReplicaSet" => match owner_of(witness, pod) {
            Some(replica_set) => is_newest_replica_set(witness, replica_set),
            // The watch of ReplicaSets may lag behind that of Pods: not known to be the newest.
            None => false,
        },
        "StatefulSet" => owner_of(witness, pod).is_some_and(|set| {
            let is_updated = revision_hash(pod) == text_at(set, "/status/updateRevision");
            is_observed(set) && (is_updated || is_kept_back(set, pod))
        }),
        "DaemonSet" => owner_of(witness, pod).is_some_and(|set| {
            is_observed(set)
                && present_revisions(witness, set)
                    .any(|revision| revision_hash(revision) == revision_hash(pod))
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

/// A rolling update with a partition leaves the pods below it as they are.
pub(crate) fn is_kept_back(set: &Value, pod: &Value) -> bool {
    let number = |pointer| number_at(set, pointer).unwrap_or_default();
    let first = number("/spec/ordinals/start");
    let partition = number("/spec/updateStrategy/rollingUpdate/partition");
    ordinal(pod).is_some_and(|ordinal| ordinal < first + partition)
}

/// The last part of the name of a StatefulSet's pod.
fn ordinal(pod: &Value) -> Option<u64> {
    let (_, ordinal) = text_at(pod, "/metadata/name")?.rsplit_once('-')?;
    ordinal.parse().ok()
}

/// The kept revisions of a DaemonSet that hold its present template. The newest one that is known
/// may be older: its watch may lag behind that of the DaemonSet.
fn present_revisions<'a>(witness: &'a Witness, set: &Value) -> impl Iterator<Item = &'a Value> {
    witness.live("ControllerRevision").filter(|revision| {
        controller(revision).and_then(|owner| text_at(owner, "/uid")) == Some(uid(set))
            && holds_template_of(revision, set)
    })
}

/// A revision keeps the template as a patch, which says that it replaces the whole.
fn holds_template_of(revision: &Value, set: &Value) -> bool {
    let kept = &revision["data"]["spec"]["template"];
    let present = &set["spec"]["template"];
    kept.as_object().cloned().is_some_and(|mut kept| {
        kept.remove("$patch");
        Some(&kept) == present.as_object()
    })
}

fn controller(object: &Value) -> Option<&Value> {
    object
        .pointer("/metadata/ownerReferences")?
        .as_array()?
        .iter()
        .find(|owner| owner["controller"] == Value::Bool(true))
}

/// The live object that controls this one.
pub(crate) fn owner_of<'a>(witness: &'a Witness, object: &Value) -> Option<&'a Value> {
    let owner = controller(object)?;
    let namespace = text_at(object, "/metadata/namespace").unwrap_or_default();
    let key = ObjectKey::named(
        text_at(owner, "/kind")?,
        namespace,
        text_at(owner, "/name")?,
    );
    let group = group_of_object(owner).map(ToOwned::to_owned);
    let found = witness.get(&ObjectKey { group, ..key })?;
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
