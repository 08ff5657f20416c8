//! Objects and witnesses made by hand, for the tests of the rules.
//!
//! One Deployment `web` runs through it, with the ReplicaSet `web-<n>` and the pod `web-<n>-a` of
//! its n-th template; a uid is `uid of <name>`. [`with`] makes everything else of them.

#![allow(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    clippy::new_without_default,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what a test's own objects are wrong in ends the test"
)]

pub mod order;
pub mod sample;
mod story;

pub use story::Story;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use story::clock;

use crate::kubernetes::{number_at, uid};
use crate::time::Millis;
use crate::witness::{AppliedObject, ObjectKey, Refusal};

/// Anything from YAML.
pub fn yaml<T: DeserializeOwned>(text: &str) -> T {
    serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The object with these fields instead (a JSON merge patch: null takes a field away).
pub fn with(object: &Value, patch: &Value) -> Value {
    let mut merged = object.clone();
    merge(&mut merged, patch);
    merged
}

fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(fields) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    for (key, value) in fields {
        if value.is_null() {
            target.as_object_mut().unwrap().remove(key);
        } else {
            merge(&mut target[key], value);
        }
    }
}

/// An object with a uid.
pub fn object(kind: &str, name: &str) -> Value {
    json!({"kind": kind, "metadata": {
        "name": name, "namespace": "default", "uid": format!("uid of {name}")}})
}

/// The object as owned and controlled by another.
pub fn owned(object: &Value, owner: &Value) -> Value {
    let reference = json!({"kind": owner["kind"], "name": owner["metadata"]["name"],
        "uid": uid(owner), "controller": true});
    with(
        object,
        &json!({"metadata": {"ownerReferences": [reference]}}),
    )
}

/// The Deployment with its n-th template, rolled out and Ready.
pub fn deployment(n: u64) -> Value {
    let own = json!({
        "metadata": {"generation": n,
            "annotations": {"deployment.kubernetes.io/revision": n.to_string()}},
        "spec": {"replicas": 1},
        "status": {"observedGeneration": n, "replicas": 1, "updatedReplicas": 1,
            "readyReplicas": 1, "availableReplicas": 1}});
    with(&object("Deployment", "web"), &own)
}

/// The Deployment whose n-th template its controller has not seen yet.
pub fn unobserved(n: u64) -> Value {
    with(&deployment(n - 1), &json!({"metadata": {"generation": n}}))
}

/// The Deployment in the middle of the rolling update to its n-th template.
pub fn rolling(n: u64) -> Value {
    with(
        &deployment(n),
        &json!({"status": {"replicas": 2, "unavailableReplicas": 1}}),
    )
}

/// The Deployment with its n-th template and no pod that is Ready.
pub fn unavailable(n: u64) -> Value {
    let counts =
        json!({"readyReplicas": null, "availableReplicas": null, "unavailableReplicas": 1});
    with(&deployment(n), &json!({"status": counts}))
}

/// The ReplicaSet of the n-th template.
pub fn replica_set(n: u64) -> Value {
    let revision = json!({"deployment.kubernetes.io/revision": n.to_string()});
    with(
        &owned(&object("ReplicaSet", &format!("web-{n}")), &deployment(n)),
        &json!({"metadata": {"annotations": revision}}),
    )
}

/// A pod of the n-th template, running and Ready.
pub fn pod(n: u64) -> Value {
    let pod = owned(&object("Pod", &format!("web-{n}-a")), &replica_set(n));
    let status = json!({
        "phase": "Running",
        "conditions": [{"type": "Ready", "status": "True"}],
        "containerStatuses": [
            {"name": "app", "ready": true, "restartCount": 0, "state": running(0),
                "containerID": "containerd://c0"}]});
    with(
        &pod,
        &json!({"metadata": {"labels": {"app": "web"}}, "status": status}),
    )
}

/// The pod with its container in this state and not Ready.
pub fn unready(pod: &Value, container: &Value) -> Value {
    let plain = json!({"name": "app", "ready": false, "restartCount": 0});
    let condition = json!({"type": "Ready", "status": "False", "reason": "ContainersNotReady"});
    with(
        pod,
        &json!({"status": {
            "conditions": [condition], "containerStatuses": [with(&plain, container)]}}),
    )
}

/// The pod in a crash loop: its container ended so many times, last with this code.
pub fn crashed(pod: &Value, times: u64, code: i64) -> Value {
    unready(
        pod,
        &json!({"restartCount": times, "state": {"waiting": {"reason": "CrashLoopBackOff"}},
            "lastState": {"terminated": {"reason": "Error", "exitCode": code}}}),
    )
}

/// The pod as it waits for its container to be made.
pub fn stuck(pod: &Value, reason: &str, message: &str) -> Value {
    let waiting = json!({"reason": reason, "message": message});
    with(
        &unready(pod, &json!({"state": {"waiting": waiting}})),
        &json!({"status": {"phase": "Pending"}}),
    )
}

/// The pod with its container restarted so many times, and Ready again; its present run has every
/// line of its log.
pub fn restarted(pod: &Value, times: u64) -> Value {
    let container = json!({"name": "app", "ready": true, "restartCount": times,
        "state": running(0),
        "lastState": {"terminated": {"reason": "Error", "exitCode": 1}}});
    with(pod, &json!({"status": {"containerStatuses": [container]}}))
}

/// The pod Ready again in a run that began at the one moment; the run before ended at the other.
pub fn rerun(pod: &Value, began: Millis, ended: Millis) -> Value {
    let ended = json!({"reason": "Error", "exitCode": 1, "finishedAt": to_the_second(ended)});
    let container = json!({"name": "app", "ready": true, "restartCount": 1,
        "state": running(began), "lastState": {"terminated": ended}});
    with(pod, &json!({"status": {"containerStatuses": [container]}}))
}

fn running(began: Millis) -> Value {
    json!({"running": {"startedAt": to_the_second(began)}})
}

/// Kubernetes tells moments in whole seconds.
fn to_the_second(at: Millis) -> Timestamp {
    clock(at / 1_000 * 1_000)
}

/// The object as it is being deleted.
pub fn deleting(object: &Value) -> Value {
    let time = json!("2026-01-01T00:00:00Z");
    with(object, &json!({"metadata": {"deletionTimestamp": time}}))
}

/// An event about an object; one name for one reason, so that the next of the kind replaces it.
pub fn event(about: &Value, severity: &str, reason: &str, message: &str) -> Value {
    let name = format!("{}.{reason}", about["metadata"]["name"].as_str().unwrap());
    let involved = json!({"kind": about["kind"], "name": about["metadata"]["name"],
        "namespace": about["metadata"]["namespace"], "uid": uid(about)});
    with(
        &object("Event", &name),
        &json!({"type": severity, "reason": reason, "message": message, "count": 1,
            "involvedObject": involved}),
    )
}

/// The object as accepted by the API server in this revision.
pub fn applied(object: &Value, revision: u64) -> AppliedObject {
    AppliedObject {
        key: ObjectKey::of(object),
        uid: uid(object).to_owned(),
        resource_version: revision,
        replicas: number_at(object, "/spec/replicas"),
        parallelism: number_at(object, "/spec/parallelism"),
        suspended: object["spec"]["suspend"].as_bool(),
    }
}

/// The object as refused by the API server; its manifest names no namespace.
pub fn refused(object: &Value, message: &str) -> Refusal {
    Refusal {
        key: Some(ObjectKey {
            namespace: String::new(),
            ..ObjectKey::of(object)
        }),
        message: message.to_owned(),
    }
}
