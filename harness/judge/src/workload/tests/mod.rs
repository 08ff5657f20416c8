mod ended;
mod sets;

use serde_json::{Value, json};

use super::*;
use crate::testing::{
    Story, deployment, object, owned, pod, replica_set, rolling, unobserved, unready, with, yaml,
};

/// Names of the objects that a selector means.
fn selected(story: &Story, selector: &str) -> Vec<String> {
    let witness = story.witness();
    let selector: Selector = yaml(selector);
    names(&select(&witness, &selector))
}

/// Names of the pods that count for a workload as it stands.
fn newest(story: &Story, workload: &Value) -> Vec<String> {
    let witness = story.witness();
    let workload = witness.get(&ObjectKey::of(workload)).unwrap();
    names(&newest_pods(&witness, workload))
}

fn names(objects: &[&Value]) -> Vec<String> {
    objects
        .iter()
        .map(|object| object["metadata"]["name"].as_str().unwrap().to_owned())
        .collect()
}

/// Both answers to the question which pods count.
#[track_caller]
fn assert_counts(story: &Story, workload: &Value, expected: &[&str]) {
    assert_eq!(newest(story, workload), expected);
    assert_eq!(selected(story, "{kind: Pod}"), expected);
}

/// A pod of a set, of the template with this hash.
fn pod_of(set: &Value, name: &str, hash: &str) -> Value {
    let labels = json!({"controller-revision-hash": hash});
    with(
        &owned(&object("Pod", name), set),
        &json!({"metadata": {"labels": labels}}),
    )
}

#[test]
fn during_a_rolling_update_the_ready_pod_of_the_old_replica_set_does_not_count() {
    let mut story = Story::new();
    story.shows_all(&[deployment(1), replica_set(1), pod(1)]);
    assert_counts(&story, &deployment(1), &["web-1-a"]);
    story.shows_all(&[rolling(2), replica_set(2), pod(2)]);
    assert_counts(&story, &deployment(2), &["web-2-a"]);
}

#[test]
fn no_pod_counts_before_the_controller_has_seen_the_newest_template() {
    let mut story = Story::new();
    story.shows_all(&[deployment(1), replica_set(1), pod(1), unobserved(2)]);
    assert_counts(&story, &deployment(2), &[]);
}

#[test]
fn no_pod_counts_before_its_replica_set_is_seen() {
    let mut story = Story::new();
    story.shows_all(&[deployment(1), replica_set(1), pod(1), rolling(2), pod(2)]);
    assert_counts(&story, &deployment(2), &[]);
    story.shows(&replica_set(2));
    assert_counts(&story, &deployment(2), &["web-2-a"]);
}

#[test]
fn no_pod_counts_before_its_deployment_is_seen() {
    let mut story = Story::new();
    story.shows_all(&[replica_set(1), pod(1)]);
    assert_eq!(selected(&story, "{kind: Pod}"), Vec::<String>::new());
}

#[test]
fn after_a_rollback_the_pods_of_the_old_replica_set_count_again() {
    let mut story = Story::new();
    story.shows_all(&[deployment(1), replica_set(1), pod(1)]);
    story.shows_all(&[rolling(2), replica_set(2), pod(2)]);
    // The controller gives the old ReplicaSet the newest number.
    let revision = json!({"deployment.kubernetes.io/revision": "3"});
    let patch = json!({"metadata": {"annotations": revision}});
    story.shows(&unobserved(3));
    assert_counts(&story, &deployment(3), &[]);
    story.shows(&with(&replica_set(1), &patch));
    assert_counts(&story, &deployment(3), &[]);
    story.shows(&deployment(3));
    assert_counts(&story, &deployment(3), &["web-1-a"]);
}

#[test]
fn a_replica_set_made_again_under_the_same_name_does_not_own_the_old_pods() {
    let mut story = Story::new();
    let again = with(&replica_set(1), &json!({"metadata": {"uid": "another"}}));
    story.shows_all(&[deployment(1), replica_set(1), pod(1)]);
    story.loses(&replica_set(1)).shows(&again);
    assert_counts(&story, &deployment(1), &[]);
}

#[test]
fn a_workload_made_again_under_the_same_name_does_not_own_the_old_pods() {
    let mut story = Story::new();
    let again = with(&deployment(1), &json!({"metadata": {"uid": "another"}}));
    story.shows_all(&[deployment(1), replica_set(1), pod(1)]);
    story.loses(&deployment(1)).shows(&again);
    assert_counts(&story, &deployment(1), &[]);
}

#[test]
fn the_pods_of_a_replica_set_of_its_own_count() {
    let set = object("ReplicaSet", "web");
    let mut story = Story::new();
    story.shows_all(&[set.clone(), owned(&object("Pod", "web-x"), &set)]);
    assert_counts(&story, &set, &["web-x"]);
}

#[test]
fn the_pods_of_a_stateful_set_count_when_they_have_its_update_revision() {
    let revision = |generation: u64, observed: u64, update: &str| {
        let status = json!({"observedGeneration": observed, "updateRevision": update});
        let patch = json!({"metadata": {"generation": generation}, "status": status});
        with(&object("StatefulSet", "db"), &patch)
    };
    let set = revision(1, 1, "db-old");
    let mut story = Story::new();
    story.shows_all(&[
        set.clone(),
        pod_of(&set, "db-0", "db-old"),
        pod_of(&set, "db-1", "db-old"),
    ]);
    assert_counts(&story, &set, &["db-0", "db-1"]);
    story.shows(&revision(2, 1, "db-old"));
    assert_counts(&story, &set, &[]);
    story.shows(&revision(2, 2, "db-new"));
    assert_counts(&story, &set, &[]);
    story.shows(&pod_of(&set, "db-1", "db-new"));
    assert_counts(&story, &set, &["db-1"]);
}

#[test]
fn a_pod_that_nobody_controls_and_one_of_a_job_are_their_own_newest_template() {
    let job = object("Job", "once");
    let mut story = Story::new();
    story.shows_all(&[
        object("Pod", "bare"),
        owned(&object("Pod", "once-x"), &job),
        job,
    ]);
    assert_eq!(selected(&story, "{kind: Pod}"), ["bare", "once-x"]);
}

#[test]
fn an_owner_that_does_not_control_the_pod_is_not_its_workload() {
    let mut bare = owned(&object("Pod", "bare"), &replica_set(7));
    bare["metadata"]["ownerReferences"][0]["controller"] = json!(false);
    let mut story = Story::new();
    story.shows_all(&[bare]);
    assert_eq!(selected(&story, "{kind: Pod}"), ["bare"]);
}

#[test]
fn a_selector_means_objects_by_name() {
    let mut story = Story::new();
    story.shows_all(&[object("ConfigMap", "a"), object("ConfigMap", "b")]);
    assert_eq!(selected(&story, "{kind: ConfigMap, name: b}"), ["b"]);
    assert_eq!(selected(&story, "{kind: ConfigMap}"), ["a", "b"]);
    assert!(selected(&story, "{kind: Secret, name: b}").is_empty());
}

#[test]
fn a_selector_means_objects_that_bear_all_its_labels() {
    let labels = |name: &str, labels: Value| {
        with(
            &object("Pod", name),
            &json!({"metadata": {"labels": labels}}),
        )
    };
    let mut story = Story::new();
    story.shows_all(&[
        labels("a", json!({"app": "web", "tier": "front"})),
        labels("b", json!({"app": "web"})),
        object("Pod", "c"),
    ]);
    assert_eq!(
        selected(&story, "{kind: Pod, labels: {app: web}}"),
        ["a", "b"]
    );
    assert_eq!(
        selected(&story, "{kind: Pod, labels: {app: web, tier: front}}"),
        ["a"]
    );
    assert!(selected(&story, "{kind: Pod, labels: {app: other}}").is_empty());
}

#[test]
fn a_selector_means_objects_of_one_namespace() {
    let elsewhere = with(
        &object("Pod", "a"),
        &json!({"metadata": {"namespace": "shop"}}),
    );
    let mut story = Story::new();
    story.shows_all(&[object("Pod", "b"), elsewhere]);
    assert_eq!(selected(&story, "{kind: Pod}"), ["b"]);
    assert_eq!(selected(&story, "{kind: Pod, namespace: shop}"), ["a"]);
}

#[test]
fn a_selector_means_objects_without_a_namespace_whatever_namespace_it_says() {
    let node = with(
        &object("Node", "n"),
        &json!({"metadata": {"namespace": null}}),
    );
    let mut story = Story::new();
    story.shows_all(&[node]);
    assert_eq!(selected(&story, "{kind: Node, name: n}"), ["n"]);
    assert_eq!(selected(&story, "{kind: Node, namespace: shop}"), ["n"]);
}

/// A StatefulSet that waits for a pod of its older template, as after a reverted update.
fn waiting_set() -> Story {
    let status = json!({"observedGeneration": 2, "updateRevision": "new"});
    let set = with(
        &object("StatefulSet", "db"),
        &json!({"metadata": {"generation": 2}, "status": status}),
    );
    let mut story = Story::new();
    story.shows_all(&[set.clone(), pod_of(&set, "db-0", "old")]);
    story
}

#[test]
fn a_pod_selected_by_its_name_is_meant_whatever_its_template() {
    assert_eq!(
        selected(&waiting_set(), "{kind: Pod, name: db-0}"),
        ["db-0"]
    );
}

#[test]
fn pods_selected_by_labels_are_of_the_newest_template_unless_any_is_meant() {
    let labels = "labels: {controller-revision-hash: old}";
    let newest = format!("{{kind: Pod, {labels}}}");
    assert!(selected(&waiting_set(), &newest).is_empty());
    let any = format!("{{kind: Pod, {labels}, any_template: true}}");
    assert_eq!(selected(&waiting_set(), &any), ["db-0"]);
}

#[test]
fn that_nothing_is_there_says_what_is_instead() {
    let story = waiting_set();
    let witness = story.witness();
    let why = |selector: &str| super::selected(&witness, &yaml(selector)).unwrap_err();
    assert_eq!(why("{kind: Pod, name: db-1}"), "no Pod db-1 is there");
    assert_eq!(
        why("{kind: Pod, labels: {app: web}, namespace: shop}"),
        "no Pod app=web in shop is there"
    );
    assert_eq!(
        why("{kind: Pod, labels: {controller-revision-hash: old}}"),
        "no Pod controller-revision-hash=old of the newest template is there, only 1 of another: \
         `any_template: true` means these too"
    );
    assert_eq!(why("{kind: Widget, name: w}"), "Widget is not watched");
}

#[test]
fn an_object_of_another_group_is_not_meant() {
    let job = |group: &str| {
        with(
            &object("Job", group),
            &json!({"apiVersion": format!("{group}/v1")}),
        )
    };
    let mut story = Story::new();
    story.shows_all(&[job("batch"), job("batch.example.com")]);
    assert_eq!(
        selected(&story, "{kind: Job}"),
        ["batch", "batch.example.com"]
    );
    assert_eq!(
        selected(&story, "{apiVersion: batch/v1, kind: Job}"),
        ["batch"]
    );
    assert_eq!(
        selected(&story, "{apiVersion: batch.example.com, kind: Job}"),
        ["batch.example.com"]
    );
}

#[test]
fn what_is_gone_is_not_selected() {
    let mut story = Story::new();
    story.shows(&object("Pod", "a")).loses(&object("Pod", "a"));
    assert!(selected(&story, "{kind: Pod}").is_empty());
}

#[test]
fn the_statuses_of_a_pod_are_those_of_all_its_containers() {
    let pod: Value =
        yaml("status: {containerStatuses: [{name: app}], initContainerStatuses: [{name: side}]}");
    let names: Vec<_> = statuses(&pod).map(|status| &status["name"]).collect();
    assert_eq!(names, ["side", "app"]);
    assert_eq!(statuses(&json!({})).count(), 0);
}

#[test]
fn a_pod_that_no_workload_controls_is_a_stranger_behind_the_service_of_one() {
    let service = with(
        &object("Service", "web"),
        &json!({"spec": {"selector": {"app": "web"}}}),
    );
    let bare = with(
        &pod(1),
        &json!({"metadata": {"name": "decoy", "ownerReferences": null}}),
    );
    let stranger = |objects: &[Value]| {
        let mut story = Story::new();
        story.shows(&service).shows_all(objects);
        let witness = story.witness();
        stranger_behind(&witness, "default", "web").map(ToString::to_string)
    };
    assert!(stranger(&[pod(1), bare.clone()]).is_some());
    assert_eq!(stranger(&[pod(1)]), None);
    assert_eq!(stranger(std::slice::from_ref(&bare)), None);
    assert_eq!(stranger(&[pod(1), unready(&bare, &json!({}))]), None);
    let other = with(&bare, &json!({"metadata": {"labels": {"app": "db"}}}));
    assert_eq!(stranger(&[pod(1), other]), None);
}
