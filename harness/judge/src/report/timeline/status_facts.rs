//! What matters in an object's status, as named values that can be compared.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::kubernetes::{number_at, text_at};

/// Values by name, for example `phase` → `Pending`.
pub(super) type Facts = BTreeMap<String, String>;

/// What a timeline tells of an object.
pub(super) fn facts(object: &Value) -> Facts {
    let mut facts = Facts::new();
    let kind = text_at(object, "/kind").unwrap_or_default();
    if text_at(object, "/metadata/deletionTimestamp").is_some() {
        facts.insert("deletion".to_owned(), "requested".to_owned());
    }
    if let Some(generation) = number_at(object, "/metadata/generation")
        && !matches!(kind, "Pod" | "EndpointSlice")
    {
        facts.insert("generation".to_owned(), generation.to_string());
    }
    for (name, pointer) in [
        ("phase", "/status/phase"),
        ("class", "/spec/storageClassName"),
        ("volume", "/spec/volumeName"),
        ("node", "/spec/nodeName"),
    ] {
        if let Some(value) = text_at(object, pointer) {
            facts.insert(name.to_owned(), value.to_owned());
        }
    }
    replicas(object, kind, &mut facts);
    containers(object, &mut facts);
    conditions(object, kind, &mut facts);
    contents(object, kind, &mut facts);
    facts
}

fn replicas(object: &Value, kind: &str, facts: &mut Facts) {
    let (desired, counts) = match kind {
        "Deployment" | "StatefulSet" | "ReplicaSet" | "ReplicationController" => (
            number_at(object, "/spec/replicas"),
            ["updatedReplicas", "readyReplicas", "availableReplicas"],
        ),
        "DaemonSet" => (
            number_at(object, "/status/desiredNumberScheduled"),
            ["updatedNumberScheduled", "numberReady", "numberAvailable"],
        ),
        _ => return,
    };
    if let Some(desired) = desired {
        facts.insert("desired".to_owned(), desired.to_string());
    }
    for (name, count) in ["updated", "ready", "available"].into_iter().zip(counts) {
        if let Some(count) = object["status"][count].as_u64() {
            facts.insert(name.to_owned(), count.to_string());
        }
    }
}

fn containers(object: &Value, facts: &mut Facts) {
    for list in ["initContainerStatuses", "containerStatuses"] {
        for status in object["status"][list].as_array().into_iter().flatten() {
            let name = status["name"].as_str().unwrap_or_default();
            facts.insert(format!("container {name}"), state(&status["state"]));
            if let Some(restarts) = status["restartCount"].as_u64().filter(|&count| count > 0) {
                facts.insert(format!("restarts of {name}"), restarts.to_string());
                facts.insert(format!("last end of {name}"), state(&status["lastState"]));
            }
        }
    }
}

/// A container's state in words: `running`, `waiting CrashLoopBackOff`, `terminated Error (exit code 2)`.
fn state(state: &Value) -> String {
    let reason = |of: &Value| {
        of["reason"]
            .as_str()
            .unwrap_or("without a reason")
            .to_owned()
    };
    if state["running"].is_object() {
        "running".to_owned()
    } else if let Some(code) = state["terminated"]["exitCode"].as_i64() {
        format!(
            "terminated {} (exit code {code})",
            reason(&state["terminated"])
        )
    } else if state["waiting"].is_object() {
        format!("waiting {}", reason(&state["waiting"]))
    } else {
        "unknown".to_owned()
    }
}

/// Conditions with their reason. A pod has several that say the same; those that say something of
/// their own are kept.
fn conditions(object: &Value, kind: &str, facts: &mut Facts) {
    for condition in object["status"]["conditions"]
        .as_array()
        .into_iter()
        .flatten()
    {
        let name = condition["type"].as_str().unwrap_or_default();
        if matches!(kind, "Pod" | "Node") && !matches!(name, "Ready" | "PodScheduled") {
            continue;
        }
        let mut value = condition["status"].as_str().unwrap_or_default().to_owned();
        if value != "True"
            && let Some(reason) = condition["reason"].as_str()
        {
            value = format!("{value} ({reason})");
        }
        facts.insert(name.to_owned(), value);
    }
}

/// Objects without a status: what they hold.
fn contents(object: &Value, kind: &str, facts: &mut Facts) {
    match kind {
        "StorageClass" => {
            let default =
                &object["metadata"]["annotations"]["storageclass.kubernetes.io/is-default-class"];
            if let Some(default) = default.as_str() {
                facts.insert("default".to_owned(), default.to_owned());
            }
        }
        "EndpointSlice" => {
            let endpoints = object["endpoints"].as_array().into_iter().flatten();
            let ready = endpoints.filter(|endpoint| endpoint["conditions"]["ready"] == true);
            facts.insert("ready endpoints".to_owned(), ready.count().to_string());
        }
        "ConfigMap" | "Secret" => {
            let keys: Vec<String> = object["data"]
                .as_object()
                .into_iter()
                .flatten()
                .map(|(key, value)| format!("{key} ({} bytes)", value.as_str().map_or(0, str::len)))
                .collect();
            facts.insert("data".to_owned(), keys.join(", "));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::facts;

    fn told(object: &Value) -> String {
        let told = facts(object).into_iter();
        let told: Vec<String> = told
            .map(|(name, value)| format!("{name} {value}"))
            .collect();
        told.join("; ")
    }

    #[test]
    fn of_a_workload_the_replicas_are_told_that_its_kind_counts() {
        let set = json!({"kind": "DaemonSet", "status": {"desiredNumberScheduled": 3,
            "updatedNumberScheduled": 2, "numberReady": 1, "numberAvailable": 0}});
        assert_eq!(told(&set), "available 0; desired 3; ready 1; updated 2");
        let deployment = json!({"kind": "Deployment", "spec": {"replicas": 3},
            "status": {"updatedReplicas": 2, "readyReplicas": 1}});
        assert_eq!(told(&deployment), "desired 3; ready 1; updated 2");
    }

    #[test]
    fn of_an_object_without_a_status_its_contents_are_told() {
        let slice = json!({"kind": "EndpointSlice", "endpoints": [
            {"conditions": {"ready": true}}, {"conditions": {"ready": false}}]});
        assert_eq!(told(&slice), "ready endpoints 1");
        for kind in ["ConfigMap", "Secret"] {
            let data = json!({"kind": kind, "data": {"a.yaml": "four", "b": ""}});
            assert_eq!(told(&data), "data a.yaml (4 bytes), b (0 bytes)");
        }
        let class = json!({"kind": "StorageClass", "metadata":
            {"annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}});
        assert_eq!(told(&class), "default true");
        assert_eq!(told(&json!({"kind": "Service", "data": {"a": "b"}})), "");
    }
}
