use serde_json::json;

use super::*;
use crate::testing::{Story, object, with};

/// A node that has these images, each under its names.
fn node(images: &[&[&str]]) -> Value {
    let images: Vec<Value> = images.iter().map(|names| json!({"names": names})).collect();
    with(
        &object("Node", "worker"),
        &json!({"metadata": {"namespace": null}, "status": {"images": images}}),
    )
}

fn gone(node: &Value, absent: &str) -> bool {
    let mut story = Story::new();
    let witness = story.shows(node).witness();
    premise_gone(&witness, &[absent.to_owned()]).is_some()
}

#[test]
fn a_node_that_has_the_image_contradicts_the_premise() {
    let mut story = Story::new();
    let absent = ["prom/prometheus:v2.56.1".to_owned()];
    assert_eq!(premise_gone(&story.witness(), &absent), None);
    story.shows(&node(&[&["docker.io/prom/prometheus:v2.55.1"]]));
    assert_eq!(premise_gone(&story.witness(), &absent), None);
    story.shows(&node(&[
        &["docker.io/library/busybox:1.37.0"],
        &[
            "docker.io/prom/prometheus@sha256:6d19",
            "docker.io/prom/prometheus:v2.56.1",
        ],
    ]));
    let told = "prom/prometheus:v2.56.1 must not exist, and Node worker has it";
    assert_eq!(
        premise_gone(&story.witness(), &absent).as_deref(),
        Some(told)
    );
    // The kubelet has removed it since, and it existed all the same.
    story.shows(&node(&[]));
    assert_eq!(
        premise_gone(&story.witness(), &absent).as_deref(),
        Some(told)
    );
}

#[test]
fn of_several_images_each_must_be_missing() {
    let mut story = Story::new();
    let witness = story.shows(&node(&[&["docker.io/a/b:1"]])).witness();
    let images = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert!(premise_gone(&witness, &images(&["a/b:2", "a/b:1"])).is_some());
    assert!(premise_gone(&witness, &images(&["a/b:2", "a/b:3"])).is_none());
    assert!(premise_gone(&witness, &[]).is_none());
}

#[test]
fn a_reference_is_compared_as_a_node_tells_it() {
    for (reference, told) in [
        (
            "prom/prometheus:v2.56.1",
            "docker.io/prom/prometheus:v2.56.1",
        ),
        (
            "docker.io/prom/prometheus:v1",
            "docker.io/prom/prometheus:v1",
        ),
        ("nginx:1", "docker.io/library/nginx:1"),
        ("docker.io/nginx:1", "docker.io/library/nginx:1"),
        ("nginx", "docker.io/library/nginx:latest"),
        ("prom/prometheus", "docker.io/prom/prometheus:latest"),
        ("registry.k8s.io/pause:3.10", "registry.k8s.io/pause:3.10"),
        ("quay.io/a/b/c:1", "quay.io/a/b/c:1"),
        ("localhost/a", "localhost/a:latest"),
        ("localhost:5000/a:1", "localhost:5000/a:1"),
        ("kind:5000/a", "kind:5000/a:latest"),
        ("a/b@sha256:12", "docker.io/a/b@sha256:12"),
        ("nginx@sha256:12", "docker.io/library/nginx@sha256:12"),
        ("a/b:1@sha256:12", "docker.io/a/b@sha256:12"),
        (
            "localhost:5000/a/b:1@sha256:12",
            "localhost:5000/a/b@sha256:12",
        ),
    ] {
        assert_eq!(whole_name(reference), told);
        assert!(gone(&node(&[&[told]]), reference), "{reference}");
        assert!(
            !gone(&node(&[&["docker.io/other:1"]]), reference),
            "{reference}"
        );
    }
}

#[test]
fn another_object_with_images_is_no_node() {
    let other = with(&node(&[&["docker.io/a/b:1"]]), &json!({"kind": "Machine"}));
    assert!(!gone(&other, "a/b:1"));
    assert!(!gone(&with(&node(&[]), &json!({"status": null})), "a/b:1"));
}

#[test]
fn a_pod_that_was_given_the_image_contradicts_the_premise() {
    let absent = ["web:2".to_owned()];
    for (message, is_gone) in [
        (
            "Container image \"web:2\" already present on machine and can be accessed by the pod",
            true,
        ),
        (
            "Successfully pulled image \"web:2\" in 1.2s (1.2s including waiting)",
            true,
        ),
        (
            "Container image \"web:20\" already present on machine",
            false,
        ),
        ("Failed to pull image \"web:2\": not found", false),
        ("Back-off pulling image \"web:2\"", false),
    ] {
        let mut story = Story::new();
        story.shows(&crate::testing::event(
            &crate::testing::pod(1),
            "Normal",
            "Pulled",
            message,
        ));
        assert_eq!(
            premise_gone(&story.witness(), &absent).is_some(),
            is_gone,
            "{message}"
        );
    }
}

#[test]
fn only_an_event_speaks_for_the_kubelet() {
    let words = json!({"message": "Successfully pulled image \"web:2\""});
    assert!(gone(&with(&object("Event", "web.1"), &words), "web:2"));
    assert!(!gone(&with(&object("Note", "web.1"), &words), "web:2"));
}
