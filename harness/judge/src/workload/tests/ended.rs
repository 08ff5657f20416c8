//! Pods that ended and have a replacement.

use super::*;
use crate::testing::deleting;

/// The pod as the kubelet evicted it, under another name.
fn ended(pod: &Value, phase: &str) -> Value {
    let status = json!({"phase": phase, "reason": "Evicted", "conditions": null});
    let patch = json!({"metadata": {"name": "ended", "uid": "ended"}, "status": status});
    with(pod, &patch)
}

#[test]
fn a_pod_that_ended_is_not_of_the_workload_which_has_another_in_its_place() {
    for phase in ["Failed", "Succeeded"] {
        let mut story = Story::new();
        story.shows_all(&[deployment(1), replica_set(1), ended(&pod(1), phase)]);
        assert_eq!(newest(&story, &deployment(1)), Vec::<String>::new());
        story.shows(&pod(1));
        assert_eq!(newest(&story, &deployment(1)), ["web-1-a"]);
    }
}

#[test]
fn a_pod_that_ended_is_of_its_workload_until_it_is_deleted() {
    let mut story = Story::new();
    let last = deleting(&ended(&pod(1), "Succeeded"));
    story.shows_all(&[deployment(1), replica_set(1), last]);
    assert_eq!(newest(&story, &deployment(1)), ["ended"]);
}

#[test]
fn a_selector_means_pods_that_ended_too() {
    let mut story = Story::new();
    story.shows_all(&[deployment(1), replica_set(1), ended(&pod(1), "Failed")]);
    assert_eq!(selected(&story, "{kind: Pod}"), ["ended"]);
}

#[test]
fn the_pods_of_a_workload_are_those_of_every_template_and_of_no_other() {
    let other = with(&object("Deployment", "other"), &json!({}));
    let mut story = Story::new();
    story.shows_all(&[deployment(2), replica_set(1), replica_set(2)]);
    story.shows_all(&[pod(1), pod(2), owned(&object("Pod", "x"), &other), other]);
    let witness = story.witness();
    let of = |workload: &Value| names(&pods_of(&witness, workload).collect::<Vec<_>>());
    assert_eq!(of(&deployment(2)), ["web-1-a", "web-2-a"]);
    assert_eq!(of(&replica_set(1)), ["web-1-a"]);
}

#[test]
fn the_owner_is_the_object_that_controls_it() {
    let mut story = Story::new();
    story.shows_all(&[deployment(1), replica_set(1), pod(1)]);
    let witness = story.witness();
    let owner = owner_of(&witness, &pod(1)).unwrap();
    assert_eq!(uid(owner), "uid of web-1");
    assert_eq!(uid(owner_of(&witness, owner).unwrap()), "uid of web");
    assert_eq!(owner_of(&witness, &deployment(1)), None);
}
