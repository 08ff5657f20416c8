//! Readiness of one object, by the rules of its kind.
//!
//! The rules are those of kstatus (`sigs.k8s.io/cli-utils/pkg/kstatus`): a status counts only when
//! it was written for the present spec, `Reconciling` and `Stalled` are taken at their word, and
//! counts of replicas must agree. They differ from it in these points:
//!
//! - A workload scaled to zero, and a DaemonSet without a node, are not Ready.
//! - Counts must be exact: a Deployment or DaemonSet with pods too many, of which an old one still
//!   ends, is not Ready. Conditions of a Deployment (`Available`, `Progressing`) are not asked.
//! - A StatefulSet that is updated `OnDelete` must have all its pods Ready; kstatus asks nothing.
//! - A Job is Ready when it is complete; for kstatus one that runs, or is suspended, is current.
//! - A pod that failed is not Ready, and a PersistentVolume has a rule (Available or Bound), and so
//!   have an `APIService` (Available), a `ReplicationController` (as a ReplicaSet) and a
//!   `HorizontalPodAutoscaler` (`AbleToScale`: it finds what it scales).
//! - A `PodDisruptionBudget` that its controller cannot compute (`SyncFailed`) is not Ready.
//! - `Ready` of a custom resource counts only when it is of the present generation, where it says so.
//! - What kstatus calls failed is not Ready yet, unless Kubernetes cannot leave it: `Stalled`,
//!   a crash loop, a progress deadline or names that are taken may pass.

use serde_json::Value;

use crate::kubernetes::kinds::{Kind, Trait};
use crate::kubernetes::{number_at, text_at};

/// The answer to a condition asked of one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readiness {
    /// The condition holds.
    Holds,
    /// It may hold later; why it does not now.
    NotYet(String),
    /// It cannot hold any more: Kubernetes does not leave this state by itself.
    Never(String),
}

/// Whether the object is Ready by the rules of its kind. A kind without rules is Ready when its
/// `Ready` condition, if it has one, is True.
#[must_use]
pub fn ready(object: &Value) -> Readiness {
    if let Some(answer) = unsettled(object).or_else(|| told_by_its_controller(object)) {
        return answer;
    }
    match Kind::of(object).map_or("", |kind| kind.name) {
        "Deployment" => deployment(object),
        "StatefulSet" => stateful_set(object),
        "DaemonSet" => daemon_set(object),
        "ReplicaSet" | "ReplicationController" => {
            with_failure(object, replicas(object, POD_COUNTS))
        }
        "Pod" => pod(object),
        "PersistentVolumeClaim" => claim(object),
        "PersistentVolume" => volume(object),
        "Job" => job(object),
        "APIService" => condition_true(object, "Available"),
        "CustomResourceDefinition" => definition(object),
        "HorizontalPodAutoscaler" => condition_true(object, "AbleToScale"),
        "PodDisruptionBudget" => disruption_budget(object),
        "Service" => service(object),
        _ if condition_of(object, "Ready").is_some() => of_this_generation(object, "Ready"),
        _ => Readiness::Holds,
    }
}

/// Whether a workload that is meant to have no replicas has none, as its controller has seen.
#[must_use]
pub fn is_at_rest(workload: &Value) -> Readiness {
    unsettled(workload).unwrap_or_else(|| counts(workload, 0, &["/status/replicas"]))
}

fn unsettled(object: &Value) -> Option<Readiness> {
    if text_at(object, "/metadata/deletionTimestamp").is_some() {
        return Some(Readiness::NotYet("is being deleted".to_owned()));
    }
    stale_status(object).map(Readiness::NotYet)
}

/// What kstatus asks controllers to say of any kind.
fn told_by_its_controller(object: &Value) -> Option<Readiness> {
    let unsettled = ["Stalled", "Reconciling"].into_iter().find_map(|name| {
        let condition = condition_of(object, name)?;
        let is_so = text_at(condition, "/status") == Some("True");
        is_so.then(|| format!("is {}: {}", name.to_lowercase(), message_of(condition)))
    });
    unsettled.map(Readiness::NotYet)
}

/// Why the object's status is not of its present spec, if its controller has not seen that yet.
#[must_use]
pub fn stale_status(object: &Value) -> Option<String> {
    let generation = number_at(object, "/metadata/generation")?;
    let has_controller_status =
        Kind::of(object).is_some_and(|kind| kind.is(Trait::TellsGeneration));
    let observed = match number_at(object, "/status/observedGeneration") {
        Some(observed) => observed,
        None if has_controller_status => 0,
        None => return None,
    };
    (observed < generation)
        .then(|| format!("its controller has seen generation {observed} of {generation}"))
}

/// Too many are as wrong as too few: pods that must go are still there.
const POD_COUNTS: &[&str] = &[
    "/status/replicas",
    "/status/readyReplicas",
    "/status/availableReplicas",
];

fn deployment(object: &Value) -> Readiness {
    let answer = replicas(
        object,
        &[
            "/status/updatedReplicas",
            "/status/replicas",
            "/status/readyReplicas",
            "/status/availableReplicas",
        ],
    );
    with_failure(object, answer)
}

/// A controller that cannot make pods tells why.
fn with_failure(object: &Value, answer: Readiness) -> Readiness {
    match (&answer, condition_of(object, "ReplicaFailure")) {
        (Readiness::NotYet(_), Some(failure)) if text_at(failure, "/status") == Some("True") => {
            Readiness::NotYet(message_of(failure))
        }
        _ => answer,
    }
}

fn stateful_set(object: &Value) -> Readiness {
    let answer = replicas(object, POD_COUNTS);
    if answer != Readiness::Holds {
        return answer;
    }
    if text_at(object, "/spec/updateStrategy/type") == Some("OnDelete") {
        return Readiness::Holds;
    }
    // The API server writes a partition of 0 where there is none.
    let partition = number_at(object, "/spec/updateStrategy/rollingUpdate/partition");
    if let Some(partition) = partition.filter(|partition| *partition > 0) {
        let desired = number_at(object, "/spec/replicas").unwrap_or(1);
        return at_least(object, "updatedReplicas", desired.saturating_sub(partition));
    }
    let current = text_at(object, "/status/currentRevision");
    let update = text_at(object, "/status/updateRevision");
    if current != update {
        return Readiness::NotYet("not every pod has the newest template".to_owned());
    }
    Readiness::Holds
}

fn daemon_set(object: &Value) -> Readiness {
    let desired = number_at(object, "/status/desiredNumberScheduled").unwrap_or_default();
    if desired == 0 {
        return Readiness::NotYet("no node is chosen for it".to_owned());
    }
    counts(
        object,
        desired,
        &[
            "/status/updatedNumberScheduled",
            "/status/currentNumberScheduled",
            "/status/numberReady",
            "/status/numberAvailable",
        ],
    )
}

fn replicas(object: &Value, fields: &[&str]) -> Readiness {
    match number_at(object, "/spec/replicas").unwrap_or(1) {
        0 => Readiness::NotYet("is scaled to 0".to_owned()),
        desired => counts(object, desired, fields),
    }
}

fn counts(object: &Value, desired: u64, fields: &[&str]) -> Readiness {
    for field in fields {
        let actual = number_at(object, field).unwrap_or_default();
        if actual != desired {
            let name = field.trim_start_matches("/status/");
            return Readiness::NotYet(format!("{name} is {actual} of {desired}"));
        }
    }
    Readiness::Holds
}

fn at_least(object: &Value, count: &str, desired: u64) -> Readiness {
    let actual = object["status"][count].as_u64().unwrap_or_default();
    if actual < desired {
        Readiness::NotYet(format!("{count} is {actual} of {desired}"))
    } else {
        Readiness::Holds
    }
}

fn pod(object: &Value) -> Readiness {
    match text_at(object, "/status/phase").unwrap_or_default() {
        "Succeeded" => Readiness::Holds,
        "Failed" => Readiness::Never(format!("failed: {}", message_of(&object["status"]))),
        _ => condition_true(object, "Ready"),
    }
}

/// The address of a load balancer is its cloud's affair.
fn service(object: &Value) -> Readiness {
    let is_balanced = text_at(object, "/spec/type") == Some("LoadBalancer");
    let has_address = text_at(object, "/spec/clusterIP").is_some_and(|address| !address.is_empty());
    if is_balanced && !has_address {
        return Readiness::NotYet("has no address in the cluster yet".to_owned());
    }
    Readiness::Holds
}

/// How many pods may be disturbed is computed; `DisruptionAllowed` is False too where it is none.
fn disruption_budget(object: &Value) -> Readiness {
    match condition_of(object, "DisruptionAllowed") {
        Some(condition) if text_at(condition, "/reason") == Some("SyncFailed") => {
            Readiness::NotYet(format!("cannot be computed: {}", message_of(condition)))
        }
        _ => Readiness::Holds,
    }
}

fn definition(object: &Value) -> Readiness {
    match condition_of(object, "NamesAccepted") {
        Some(names) if text_at(names, "/status") == Some("False") => {
            Readiness::NotYet(format!("NamesAccepted is False: {}", message_of(names)))
        }
        _ => condition_true(object, "Established"),
    }
}

/// A condition may tell of which generation it is.
fn of_this_generation(object: &Value, name: &str) -> Readiness {
    let observed = condition_of(object, name)
        .and_then(|condition| number_at(condition, "/observedGeneration"));
    match (observed, number_at(object, "/metadata/generation")) {
        (Some(observed), Some(generation)) if observed < generation => Readiness::NotYet(format!(
            "{name} is of generation {observed} of {generation}"
        )),
        _ => condition_true(object, name),
    }
}

fn claim(object: &Value) -> Readiness {
    match text_at(object, "/status/phase") {
        Some("Bound") => Readiness::Holds,
        Some("Lost") => Readiness::Never("its volume is lost".to_owned()),
        phase => Readiness::NotYet(format!("is {}", phase.unwrap_or("without a phase"))),
    }
}

fn volume(object: &Value) -> Readiness {
    match text_at(object, "/status/phase") {
        Some("Available" | "Bound") => Readiness::Holds,
        Some("Failed") => Readiness::Never(message_of(&object["status"])),
        phase => Readiness::NotYet(format!("is {}", phase.unwrap_or("without a phase"))),
    }
}

fn job(object: &Value) -> Readiness {
    if let Some(failed) = condition_of(object, "Failed")
        && text_at(failed, "/status") == Some("True")
    {
        return Readiness::Never(message_of(failed));
    }
    condition_true(object, "Complete")
}

fn condition_true(object: &Value, name: &str) -> Readiness {
    match condition_of(object, name) {
        Some(condition) => match text_at(condition, "/status").unwrap_or("Unknown") {
            "True" => Readiness::Holds,
            status => Readiness::NotYet(format!("{name} is {status}: {}", message_of(condition))),
        },
        None => Readiness::NotYet(format!("has no condition {name} yet")),
    }
}

/// The condition of this type in the object's status.
#[must_use]
pub fn condition_of<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    object
        .pointer("/status/conditions")?
        .as_array()?
        .iter()
        .find(|condition| text_at(condition, "/type") == Some(name))
}

fn message_of(condition: &Value) -> String {
    text_at(condition, "/message")
        .filter(|message| !message.is_empty())
        .or_else(|| text_at(condition, "/reason"))
        .unwrap_or("no message")
        .to_owned()
}

#[cfg(test)]
mod tests;
