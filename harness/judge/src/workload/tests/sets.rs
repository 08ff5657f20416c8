//! A StatefulSet with a partition, and a DaemonSet, whose templates are kept as revisions.

use super::*;

/// A StatefulSet in the middle of the update from `old` to `new`.
fn updating(partition: u64, first: u64) -> Value {
    let spec = json!({"ordinals": {"start": first},
        "updateStrategy": {"rollingUpdate": {"partition": partition}}});
    let patch = json!({"metadata": {"generation": 2}, "spec": spec,
        "status": {"observedGeneration": 2, "updateRevision": "new"}});
    with(&object("StatefulSet", "db"), &patch)
}

/// Which of the old pods with these ordinals count.
fn kept_back(set: &Value, ordinals: &[u64]) -> Vec<String> {
    let mut story = Story::new();
    story.shows(set);
    for ordinal in ordinals {
        story.shows(&pod_of(set, &format!("db-{ordinal}"), "old"));
    }
    newest(&story, set)
}

#[test]
fn the_pods_below_the_partition_of_an_update_count_as_they_are() {
    assert_eq!(kept_back(&updating(2, 0), &[0, 1, 2]), ["db-0", "db-1"]);
    assert_eq!(kept_back(&updating(0, 0), &[0, 1, 2]), Vec::<String>::new());
}

#[test]
fn a_partition_begins_with_the_first_ordinal() {
    assert_eq!(kept_back(&updating(2, 5), &[5, 6, 7]), ["db-5", "db-6"]);
}

#[test]
fn no_pod_below_the_partition_counts_before_the_controller_has_seen_the_update() {
    let ahead = with(&updating(2, 0), &json!({"metadata": {"generation": 3}}));
    assert_eq!(kept_back(&ahead, &[0, 1]), Vec::<String>::new());
}

#[test]
fn a_pod_that_is_not_numbered_is_not_below_the_partition() {
    let set = updating(2, 0);
    let mut story = Story::new();
    story.shows_all(&[set.clone(), pod_of(&set, "db-x", "old")]);
    assert_counts(&story, &set, &[]);
}

/// A DaemonSet whose n-th template runs this image.
fn daemon_set(n: u64, image: &str) -> Value {
    let patch = json!({"metadata": {"generation": n}, "status": {"observedGeneration": n},
        "spec": {"template": {"spec": {"image": image}}}});
    with(&object("DaemonSet", "agent"), &patch)
}

/// The revision that keeps a template of the DaemonSet; its hash is the image's name.
fn kept(image: &str) -> Value {
    let set = daemon_set(1, image);
    let template = with(&set["spec"]["template"], &json!({"$patch": "replace"}));
    with(
        &owned(
            &object("ControllerRevision", &format!("agent-{image}")),
            &set,
        ),
        &json!({"metadata": {"labels": {"controller-revision-hash": image}},
            "data": {"spec": {"template": template}}}),
    )
}

#[test]
fn the_pods_of_a_daemon_set_count_when_the_revision_of_their_hash_holds_its_template() {
    let set = daemon_set(1, "old");
    let mut story = Story::new();
    story.shows_all(&[set.clone(), pod_of(&set, "agent-x", "old")]);
    assert_counts(&story, &set, &[]);
    story.shows(&kept("old"));
    assert_counts(&story, &set, &["agent-x"]);
    story.shows_all(&[kept("new"), daemon_set(2, "new")]);
    assert_counts(&story, &set, &[]);
    story.shows(&pod_of(&set, "agent-y", "new"));
    assert_counts(&story, &set, &["agent-y"]);
    // A rollback goes to a template that is kept already.
    story.shows(&daemon_set(3, "old"));
    assert_counts(&story, &set, &["agent-x"]);
}

#[test]
fn no_pod_of_a_daemon_set_counts_while_the_revision_of_its_template_is_not_seen() {
    let set = daemon_set(2, "new");
    let mut story = Story::new();
    // The watch of ControllerRevisions lags behind all others.
    story.shows_all(&[kept("old"), pod_of(&set, "agent-x", "old"), set.clone()]);
    assert_counts(&story, &set, &[]);
    story.shows(&pod_of(&set, "agent-y", "new"));
    assert_counts(&story, &set, &[]);
    story.shows(&kept("new"));
    assert_counts(&story, &set, &["agent-y"]);
}

#[test]
fn no_pod_of_a_daemon_set_counts_before_its_controller_has_seen_the_newest_spec() {
    let set = daemon_set(1, "old");
    let mut story = Story::new();
    story.shows_all(&[kept("old"), pod_of(&set, "agent-x", "old")]);
    story.shows(&with(&set, &json!({"metadata": {"generation": 2}})));
    assert_counts(&story, &set, &[]);
}

#[test]
fn a_revision_of_another_daemon_set_or_without_a_template_says_nothing() {
    let set = daemon_set(1, "old");
    let other = with(
        &set,
        &json!({"metadata": {"name": "other", "uid": "other"}}),
    );
    for revision in [
        owned(&kept("old"), &other),
        with(&kept("old"), &json!({"data": null})),
    ] {
        let mut story = Story::new();
        story.shows_all(&[set.clone(), pod_of(&set, "agent-x", "old"), revision]);
        assert_counts(&story, &set, &[]);
    }
    let bare = with(&set, &json!({"spec": null}));
    let mut story = Story::new();
    let empty = with(&kept("old"), &json!({"data": null}));
    story.shows_all(&[bare.clone(), pod_of(&bare, "agent-x", "old"), empty]);
    assert_counts(&story, &bare, &[]);
}
