//! Nodes that are not Ready.

use super::*;

/// A story of a node whose condition Ready has this status.
fn node(ready: &str) -> Story {
    let condition = json!({"type": "Ready", "status": ready, "message": "kubelet stopped"});
    let labels = json!({NODE_LABEL: "worker"});
    let status = json!({"metadata": {"namespace": null, "labels": labels}, "status": {"conditions": [condition]}});
    let mut story = Story::new();
    story.shows(&with(&object("Node", "worker"), &status));
    story
}

fn failed(story: &Story, signature: &str) -> Option<String> {
    failed_where(story, signature, "delete: {kind: Pod, name: web}")
}

fn failed_where(story: &Story, signature: &str, step: &str) -> Option<String> {
    let claim = format!(
        "{{title: t, source: s, component: c, about: a, signature: {}, control: {{hold: 1s}}, \
         fault: {{within: 1s, steps: [{step}]}}, remedy: {{within: 1s, hold: 1s, steps: []}}}}",
        serde_json::to_string(&yaml::<serde_json::Value>(signature)).unwrap()
    );
    failed_node(&story.witness(), &yaml::<Scenario>(&claim))
}

const OF_PODS: &str = "
- state: {of: {kind: Pod, labels: {app: web}}, fields: [{path: .status.phase, is: Pending}]}
- event: {of: {kind: Pod, labels: {app: web}}, type: Warning, reason: Failed, message: x}
- log: {of: {kind: Pod, labels: {app: web}}, container: app, contains: [x]}
- refusal: {of: {kind: Pod, name: web}, message: x}
";

#[test]
fn a_node_that_is_not_ready_is_told_where_the_signature_does_not_speak_of_nodes() {
    for signature in [OF_PODS, "[]"] {
        assert_eq!(failed(&node("True"), signature), None);
        assert_eq!(
            failed(&node("Unknown"), signature).as_deref(),
            Some("node worker: Ready is Unknown: kubelet stopped")
        );
    }
}

#[test]
fn a_node_is_the_claims_where_the_signature_speaks_of_nodes() {
    for signature in [
        "[state: {of: {kind: Node, name: worker}, fields: [{path: .status, exists: true}]}]",
        "[event: {of: {kind: Node, name: worker}, type: Warning, reason: Failed, message: x}]",
    ] {
        assert_eq!(failed(&node("False"), signature), None, "{signature}");
    }
}

#[test]
fn a_node_that_a_step_stops_is_the_claims_and_the_others_are_not() {
    assert_eq!(
        failed_where(&node("Unknown"), OF_PODS, "stop_node: worker"),
        None
    );
    assert!(failed_where(&node("Unknown"), OF_PODS, "stop_node: worker2").is_some());
}

#[test]
fn a_pod_of_another_namespace_is_told_with_it() {
    let elsewhere = with(
        &crashed(&object("Pod", "web"), 2, 1),
        &json!({"metadata": {"namespace": "shop"}}),
    );
    let mut story = Story::new();
    story.begins(Phase::Fault);
    story.shows(&elsewhere);
    let told = symptoms(&story.witness());
    assert!(
        told.iter()
            .any(|words| words.starts_with("pod web in shop container app:")),
        "{told:?}"
    );
}
