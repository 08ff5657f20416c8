//! A command in a container, run as `kubectl exec` runs it, but without kubectl: to start that on a
//! node for each question took more of the processor than the command.

use std::cmp::Reverse;

use futures::future::{OptionFuture, join3};
use k8s_openapi::api::apps::v1::ReplicaSet;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use kube::Client;
use kube::api::{Api, AttachParams, DynamicObject, ListParams};
use kube::core::{ApiResource, GroupVersionKind, Selector};
use serde_json::json;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::process::Output;
use crate::watch::in_words;
use relapse_judge::kubernetes::kinds::Kind;
use relapse_judge::scenario::{ExecCheck, ObjectName};

/// The command did not run.
#[derive(Debug, Error)]
pub(super) enum ExecError {
    /// The API server or the kubelet refused it.
    #[error("{}", in_words(.0))]
    Api(#[from] kube::Error),
    /// Nothing to run it in.
    #[error("{0} has no pod")]
    NoPod(String),
    /// It was not to be started, or the connection broke.
    #[error("{0}")]
    Unfinished(String),
}

/// Runs a check's command to its end.
pub(super) async fn exec(client: &Client, check: &ExecCheck) -> Result<Output, ExecError> {
    let pods: Api<Pod> = Api::namespaced(client.clone(), &check.target.namespace);
    let pod = pod(client, &pods, &check.target).await?;
    let first = || Some(pod.spec.as_ref()?.containers.first()?.name.clone());
    let params = AttachParams {
        container: check.container.clone().or_else(first),
        ..AttachParams::default()
    };
    let name = pod.metadata.name.as_deref().unwrap_or_default();
    let mut process = pods.exec(name, &check.command, &params).await?;
    let (stdout, stderr) = (process.stdout(), process.stderr());
    let status = OptionFuture::from(process.take_status());
    let (stdout, stderr, status) = join3(text(stdout), text(stderr), status).await;
    let status = status
        .flatten()
        .ok_or_else(|| ExecError::Unfinished("the connection broke before the end".to_owned()))?;
    let success = status.status.as_deref() == Some("Success");
    let reason = status.reason.unwrap_or_default();
    if !success && reason != "NonZeroExitCode" {
        return Err(ExecError::Unfinished(status.message.unwrap_or(reason)));
    }
    Ok(Output {
        success,
        stdout,
        stderr,
    })
}

async fn text(stream: Option<impl AsyncRead + Unpin>) -> String {
    let mut bytes = Vec::new();
    if let Some(mut stream) = stream {
        // What came before a break was printed; that it broke shows in the status.
        let _ = stream.read_to_end(&mut bytes).await;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn pod(client: &Client, pods: &Api<Pod>, target: &ObjectName) -> Result<Pod, ExecError> {
    if target.kind.value == "Pod" {
        return Ok(pods.get(&target.name.value).await?);
    }
    let none = || ExecError::NoPod(target.to_string());
    let own = Kind::named(target.group(), &target.kind.value).ok_or_else(none)?;
    let kind = GroupVersionKind::gvk(own.group, own.version, own.name);
    let kind = ApiResource::from_gvk_with_plural(&kind, own.plural);
    let workloads: Api<DynamicObject> =
        Api::namespaced_with(client.clone(), &target.namespace, &kind);
    let workload = workloads.get(&target.name.value).await?;
    let selector = selector(&workload);
    let params = ListParams::default().labels_from(&selector.ok_or_else(none)?);
    let owners = if target.kind.value == "Deployment" {
        let sets: Api<ReplicaSet> = Api::namespaced(client.clone(), &target.namespace);
        newest_sets(&workload, sets.list(&params).await?.items)
    } else {
        workload.metadata.uid.clone().into_iter().collect()
    };
    let found = pods.list(&params).await?.items.into_iter();
    let own = found.filter(|pod| is_controlled_by(&pod.metadata, &owners));
    own.max_by_key(rank).ok_or_else(none)
}

/// The uids of a Deployment's `ReplicaSet`s of its newest template: a pod with its labels may be another's.
fn newest_sets(deployment: &DynamicObject, sets: Vec<ReplicaSet>) -> Vec<String> {
    const REVISION: &str = "deployment.kubernetes.io/revision";
    let revision = |metadata: &ObjectMeta| metadata.annotations.as_ref()?.get(REVISION).cloned();
    let owner: Vec<String> = deployment.metadata.uid.clone().into_iter().collect();
    sets.into_iter()
        .map(|set| set.metadata)
        .filter(|set| is_controlled_by(set, &owner))
        .filter(|set| revision(set) == revision(&deployment.metadata))
        .filter_map(|set| set.uid)
        .collect()
}

fn is_controlled_by(object: &ObjectMeta, owners: &[String]) -> bool {
    let mut references = object.owner_references.iter().flatten();
    references.any(|owner| owner.controller == Some(true) && owners.contains(&owner.uid))
}

fn selector(workload: &DynamicObject) -> Option<Selector> {
    let mut selector = workload.data.pointer("/spec/selector")?.clone();
    let forms = ["matchLabels", "matchExpressions"];
    if forms.iter().all(|form| selector.get(form).is_none()) {
        // A ReplicationController says its labels without a form.
        selector = json!({"matchLabels": selector});
    }
    let selector: LabelSelector = serde_json::from_value(selector).ok()?;
    Selector::try_from(selector).ok()
}

/// kubectl takes the one that is Ready, and of those the oldest. Here it also stays: what is asked of a
/// pod on its way out would end with it.
fn rank(pod: &Pod) -> impl Ord + use<> {
    let status = pod.status.as_ref();
    let runs = status.and_then(|status| status.phase.as_deref()) == Some("Running");
    let conditions = status.and_then(|status| status.conditions.as_deref());
    let is_ready = conditions.is_some_and(|conditions| {
        conditions
            .iter()
            .any(|condition| condition.type_ == "Ready" && condition.status == "True")
    });
    (
        pod.metadata.deletion_timestamp.is_none(),
        runs,
        is_ready,
        Reverse(pod.metadata.creation_timestamp.clone()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod(name: &str, phase: &str, ready: &str, created: &str) -> Pod {
        serde_json::from_value(json!({
            "metadata": {"name": name, "creationTimestamp": created},
            "status": {"phase": phase, "conditions": [{"type": "Ready", "status": ready}]},
        }))
        .unwrap()
    }

    #[test]
    fn the_oldest_of_the_ready_pods_that_stay_is_asked() {
        let mut leaves = pod("leaves", "Running", "True", "2026-01-01T00:00:00Z");
        leaves.metadata.deletion_timestamp = leaves.metadata.creation_timestamp.clone();
        let pods = [
            leaves,
            pod("waits", "Pending", "False", "2026-01-01T00:00:00Z"),
            pod("starts", "Running", "False", "2026-01-01T00:00:01Z"),
            pod("new", "Running", "True", "2026-01-01T00:00:03Z"),
            pod("old", "Running", "True", "2026-01-01T00:00:02Z"),
        ];
        let asked = pods.into_iter().max_by_key(rank).unwrap();
        assert_eq!(asked.metadata.name.as_deref(), Some("old"));
    }

    fn owned(owner: &str) -> ObjectMeta {
        serde_json::from_value(json!({"uid": format!("{owner}-1"), "ownerReferences": [
            {"apiVersion": "apps/v1", "kind": "Any", "name": owner, "uid": owner, "controller": true},
        ]}))
        .unwrap()
    }

    #[test]
    fn a_pod_with_the_labels_of_a_workload_is_its_own_only_where_it_controls_it() {
        let deployment: DynamicObject = serde_json::from_value(json!({"metadata": {"uid": "web",
            "annotations": {"deployment.kubernetes.io/revision": "2"}}}))
        .unwrap();
        let set = |owner: &str, revision: &str| ReplicaSet {
            metadata: ObjectMeta {
                annotations: Some(
                    [(
                        "deployment.kubernetes.io/revision".to_owned(),
                        revision.to_owned(),
                    )]
                    .into(),
                ),
                uid: Some(format!("{owner}-{revision}")),
                ..owned(owner)
            },
            ..ReplicaSet::default()
        };
        let sets = vec![set("web", "1"), set("web", "2"), set("other", "2")];
        let newest = newest_sets(&deployment, sets);
        assert_eq!(newest, ["web-2"]);
        assert!(is_controlled_by(&owned("web-2"), &newest));
        assert!(!is_controlled_by(&owned("web-1"), &newest));
        assert!(!is_controlled_by(&ObjectMeta::default(), &newest));
    }

    #[test]
    fn a_workload_selects_its_pods_by_labels_and_expressions() {
        let workload: DynamicObject = serde_json::from_value(json!({
            "metadata": {"name": "web"},
            "spec": {"selector": {
                "matchLabels": {"app": "web"},
                "matchExpressions": [{"key": "tier", "operator": "In", "values": ["front"]}],
            }},
        }))
        .unwrap();
        let selected = selector(&workload).unwrap().to_string();
        assert!(
            selected.contains("app=web") && selected.contains("tier in (front)"),
            "{selected}"
        );
    }

    #[test]
    fn a_replication_controller_selects_its_pods_by_plain_labels() {
        let controller: DynamicObject = serde_json::from_value(json!({
            "metadata": {"name": "press"},
            "spec": {"selector": {"app": "press"}},
        }))
        .unwrap();
        assert_eq!(selector(&controller).unwrap().to_string(), "app=press");
    }
}
