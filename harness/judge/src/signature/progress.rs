//! Whether what an event told of was made good.
//!
//! Kubernetes tells some things once and lets them stand for minutes: a pod that cannot be scheduled is
//! told of again after five minutes, a volume that cannot be mounted after up to two. So an event that
//! did not come again stands as long as its object has not gone on since.

use serde_json::Value;

use crate::kubernetes::{number_at, resource_version, text_at, uid};
use crate::readiness::{Readiness, condition_of, ready};
use crate::witness::Witness;
use crate::workload::statuses;

/// Normal events that tell of waiting. Others tell of what was done, which nothing can make good.
const WAITS: [&str; 7] = [
    "BackOff",
    "ExternalExpanding",
    "ExternalProvisioning",
    "FailedBinding",
    "WaitForFirstConsumer",
    "WaitForPodScheduled",
    "WaitingForReplicas",
];

/// Whether the object of an event has gone on since the event came last.
pub(super) fn is_made_good(witness: &Witness, event: &Value, object: &Value) -> bool {
    let reason = text_at(event, "/reason").unwrap_or_default();
    if text_at(event, "/type") == Some("Normal") && !WAITS.contains(&reason) {
        return false;
    }
    let mut versions = witness.versions(uid(object)).rev();
    let mut first = None;
    let then = versions.find(|version| {
        first = Some(*version);
        resource_version(version) <= resource_version(event)
    });
    let Some(then) = then.or(first) else {
        return false;
    };
    let container = container_of(event);
    progress(object, container) > progress(then, container)
}

/// The container that an event of the kubelet is about: `spec.containers{web}`.
fn container_of(event: &Value) -> Option<&str> {
    let path = text_at(event, "/involvedObject/fieldPath")?;
    path.split_once('{')?.1.strip_suffix('}')
}

/// How far an object has come on its way; only two values of one object and container compare.
fn progress(object: &Value, container: Option<&str>) -> u8 {
    match text_at(object, "/kind").unwrap_or_default() {
        "Pod" => match container {
            Some(name) => {
                let status = statuses(object).find(|status| text_at(status, "/name") == Some(name));
                status.map_or(0, progress_of_container)
            }
            None => progress_of_pod(object),
        },
        "PersistentVolumeClaim" | "PersistentVolume" => {
            u8::from(text_at(object, "/status/phase") == Some("Bound"))
        }
        // What they are for is to make pods; whether those become Ready is the pods' affair.
        "ReplicaSet" | "StatefulSet" | "ReplicationController" => {
            let failure = condition_of(object, "ReplicaFailure");
            let fails = failure.is_some_and(|one| text_at(one, "/status") == Some("True"));
            let number = |pointer| number_at(object, pointer);
            let made = number("/status/replicas").unwrap_or_default();
            u8::from(!fails && made >= number("/spec/replicas").unwrap_or(1))
        }
        "DaemonSet" => {
            let number = |pointer| number_at(object, pointer).unwrap_or_default();
            let made = number("/status/currentNumberScheduled");
            u8::from(made > 0 && made >= number("/status/desiredNumberScheduled"))
        }
        "Job" => {
            let counts = ["/status/active", "/status/succeeded", "/status/failed"];
            u8::from(
                counts
                    .iter()
                    .any(|count| number_at(object, count).unwrap_or_default() > 0),
            )
        }
        _ => u8::from(ready(object) == Readiness::Holds),
    }
}

fn progress_of_pod(pod: &Value) -> u8 {
    let is =
        |kind| condition_of(pod, kind).is_some_and(|one| text_at(one, "/status") == Some("True"));
    let ran = statuses(pod)
        .map(progress_of_container)
        .max()
        .unwrap_or_default()
        > 0;
    match text_at(pod, "/status/phase") {
        Some("Succeeded") => 4,
        _ if is("Ready") => 3,
        _ if ran => 2,
        _ => u8::from(is("PodScheduled")),
    }
}

fn progress_of_container(status: &Value) -> u8 {
    let has = |pointer| status.pointer(pointer).is_some();
    let ran = has("/state/running") || has("/state/terminated") || has("/lastState/terminated");
    u8::from(ran) + u8::from(ran && status["ready"] == Value::Bool(true))
}
