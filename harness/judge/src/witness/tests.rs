use serde_json::json;

use super::*;
use crate::kubernetes::text_at;
use crate::testing::{Story, object, pod, with};

fn key(object: &Value) -> ObjectKey {
    ObjectKey::of(object)
}

#[test]
fn an_object_stands_as_it_was_shown_last_until_it_is_deleted() {
    let mut story = Story::new();
    story.shows(&pod(1));
    story.shows(&with(&pod(1), &json!({"status": {"phase": "Failed"}})));
    let witness = story.witness();
    let known = witness.get(&key(&pod(1))).unwrap();
    assert_eq!(text_at(known, "/status/phase"), Some("Failed"));
    let phases: Vec<_> = witness
        .versions(uid(&pod(1)))
        .map(|version| text_at(version, "/status/phase").unwrap())
        .collect();
    assert_eq!(phases, ["Running", "Failed"]);
    let witness = story.loses(&pod(1)).witness();
    assert_eq!(witness.get(&key(&pod(1))), None);
    assert_eq!(witness.live("Pod").count(), 0);
    assert_eq!(witness.versions(uid(&pod(1))).count(), 3);
}

#[test]
fn an_older_version_changes_nothing_but_the_record() {
    let mut story = Story::new();
    story.shows(&pod(1));
    let older = with(&pod(1), &json!({"status": {"phase": "Pending"}}));
    let before = story.revision() - 1;
    let records = story.records().len();
    story.shows_late(&older, before);
    let witness = story.witness();
    let known = witness.get(&key(&pod(1))).unwrap();
    assert_eq!(text_at(known, "/status/phase"), Some("Running"));
    assert_eq!(witness.versions(uid(&pod(1))).count(), 1);
    assert_eq!(witness.records().len(), records + 1);
}

#[test]
fn a_deletion_that_a_list_shows_has_the_last_known_version() {
    let mut story = Story::new();
    story.shows(&pod(1));
    let last = story.revision();
    let witness = story.loses_late(&pod(1), last).witness();
    assert_eq!(witness.get(&key(&pod(1))), None);
}

#[test]
fn the_late_deletion_of_a_predecessor_leaves_its_successor() {
    let again = with(&pod(1), &json!({"metadata": {"uid": "another"}}));
    let mut story = Story::new();
    story.shows(&pod(1));
    let deletion = story.revision() + 1;
    story.shows_late(&again, deletion + 1);
    story.loses_late(&pod(1), deletion);
    let witness = story.witness();
    let known = witness.get(&key(&pod(1))).unwrap();
    assert_eq!(uid(known), "another");
}

#[test]
fn objects_are_told_apart_by_kind_namespace_and_name() {
    let elsewhere = with(
        &object("Pod", "a"),
        &json!({"metadata": {"namespace": "shop", "uid": "1"}}),
    );
    let node = with(
        &object("Node", "a"),
        &json!({"metadata": {"namespace": null}}),
    );
    let all = [
        object("Pod", "a"),
        elsewhere,
        node,
        object("PodTemplate", "a"),
    ];
    let mut story = Story::new();
    let witness = story.shows_all(&all).witness();
    assert_eq!(witness.live("Pod").count(), 2);
    assert_eq!(witness.live("Node").count(), 1);
    assert_eq!(witness.live("Secret").count(), 0);
    assert_eq!(witness.all_live().count(), 4);
    assert!(all.iter().all(|object| witness.get(&key(object)).is_some()));
}

#[test]
fn a_kind_is_watched_from_when_it_is_said_to_be() {
    assert!(!Witness::default().watches(None, "Pod"));
    let witness = Story::new().witness();
    assert!(witness.watches(None, "Pod"));
    assert!(!witness.watches(None, "Secret"));
}

#[test]
fn lines_and_steps_are_told_by_the_phase_in_which_they_arose() {
    let step = |name: &str| StepOutcome {
        step: name.to_owned(),
        ..StepOutcome::default()
    };
    let mut story = Story::new();
    assert_eq!(story.witness().phase(), None);
    let fault = story.begins(Phase::Fault);
    story.does(step("apply")).logs(&pod(1), "broken");
    let remedy = story.after(1_000).begins(Phase::Remedy);
    story.does(step("scale")).logs(&pod(1), "cured");
    let witness = story.witness();
    assert_eq!(witness.phase(), Some(remedy));
    let steps = |mark| -> Vec<&str> {
        let steps = witness.steps_since(mark);
        steps.map(|outcome| outcome.step.as_str()).collect()
    };
    assert_eq!(steps(fault), ["apply", "scale"]);
    assert_eq!(steps(remedy), ["scale"]);
    let lines = |mark| -> Vec<&str> {
        let lines = witness.logs_since(mark);
        lines.map(|line| line.line.as_str()).collect()
    };
    assert_eq!(lines(fault), ["broken", "cured"]);
    assert_eq!(lines(remedy), ["cured"]);
    // Of a phase that is not witnessed everything counts.
    let mut story = Story::new();
    let unseen = story.clone().begins(Phase::Fault);
    story.logs(&pod(1), "first");
    let mut bare = Witness::default();
    bare.push(story.records()[1].clone());
    assert_eq!(bare.logs_since(unseen).count(), 1);
    let arrived: Vec<_> = witness.logs().map(|(at, _)| at).collect();
    assert_eq!(arrived, [0, 1_000]);
}

#[test]
fn the_revision_is_the_latest_that_was_shown_whatever_became_of_the_object() {
    assert_eq!(Witness::default().revision(), 0);
    let mut story = Story::new();
    story.shows(&pod(1));
    let shown = story.revision();
    story.shows_late(&object("Secret", "old"), shown - 1);
    assert_eq!(story.witness().revision(), shown);
    story.shows_late(&pod(1), shown - 1);
    assert_eq!(story.witness().revision(), shown);
    story.loses(&pod(1));
    assert_eq!(story.witness().revision(), shown + 1);
}

#[test]
fn every_version_of_every_object_can_be_told() {
    let mut story = Story::new();
    story.shows_all(&[pod(1), pod(2)]).logs(&pod(1), "line");
    let records = story.shows(&pod(1)).loses(&pod(2)).records();
    let names: Vec<_> = objects_in(records).map(|object| key(object).name).collect();
    assert_eq!(names, ["web-1-a", "web-2-a", "web-1-a", "web-2-a"]);
}

fn open_gaps(witness: &Witness) -> Vec<(&str, Millis)> {
    witness.open_gaps().collect()
}

#[test]
fn a_watch_is_broken_from_its_gap_until_it_is_resumed() {
    let mut story = Story::new();
    let witness = story.witness();
    assert_eq!(open_gaps(&witness), []);
    assert_eq!(
        (witness.blind_since(), witness.last_gap_end()),
        (None, None)
    );
    let pods = "watch of Pod";
    let witness = story.after(1_000).breaks_off(pods).witness();
    assert_eq!(open_gaps(&witness), [(pods, 1_000)]);
    assert_eq!(witness.blind_since(), Some(1_000));
    assert_eq!(witness.last_gap_end(), None);
    let witness = story.after(2_000).is_whole_again(pods).witness();
    assert_eq!(open_gaps(&witness), []);
    assert_eq!(witness.blind_since(), None);
    assert_eq!(witness.last_gap_end(), Some(3_000));
    let witness = story.after(2_000).breaks_off(pods).witness();
    assert_eq!(witness.blind_since(), Some(5_000));
    assert_eq!(witness.last_gap_end(), Some(3_000));
}

#[test]
fn of_several_broken_watches_the_first_break_and_the_last_end_count() {
    let mut story = Story::new();
    story.after(1_000).breaks_off("watch of Pod");
    story.after(1_000).breaks_off("watch of Event");
    // Told again, it is the same gap.
    story.after(1_000).breaks_off("watch of Pod");
    let witness = story.witness();
    let both = [("watch of Event", 2_000), ("watch of Pod", 1_000)];
    assert_eq!(open_gaps(&witness), both);
    assert_eq!(witness.blind_since(), Some(1_000));
    let witness = story.after(1_000).is_whole_again("watch of Pod").witness();
    assert_eq!(open_gaps(&witness), [("watch of Event", 2_000)]);
    assert_eq!(witness.blind_since(), Some(2_000));
    assert_eq!(witness.last_gap_end(), Some(4_000));
    let witness = story
        .after(1_000)
        .is_whole_again("watch of Event")
        .witness();
    assert_eq!(witness.blind_since(), None);
    assert_eq!(witness.last_gap_end(), Some(5_000));
}

#[test]
fn a_log_that_breaks_off_hides_no_object_and_what_never_broke_ends_no_gap() {
    let mut story = Story::new();
    let log = "log of default/web-1-a/app";
    let witness = story.after(1_000).breaks_off(log).witness();
    assert_eq!(witness.blind_since(), None);
    let witness = story.is_whole_again(log).witness();
    assert_eq!(witness.last_gap_end(), None);
    let witness = story.is_whole_again("watch of Pod").witness();
    assert_eq!(witness.last_gap_end(), None);
}

#[test]
fn an_applied_object_of_an_older_recording_says_neither_parallelism_nor_suspension() {
    let old = json!({"key": {"kind": "Job", "namespace": "default", "name": "once"},
        "uid": "u", "resource_version": 7, "replicas": null});
    let read: AppliedObject = serde_json::from_value(old).unwrap();
    assert_eq!((read.parallelism, read.suspended), (None, None));
}

#[test]
fn a_record_survives_json() {
    let mut story = Story::new();
    story.begins(Phase::Fault);
    story.applies("apply", &[pod(1)]).logs(&pod(1), "line");
    story.answers("check", true).is_lost().ends();
    for record in story.records() {
        let line = serde_json::to_string(record).unwrap();
        let read: Record = serde_json::from_str(&line).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), line);
    }
}

#[test]
fn a_key_without_a_group_finds_an_object_of_any_and_one_with_it_only_that() {
    let job = |group: &str, uid: &str| {
        json!({"apiVersion": format!("{group}/v1"), "kind": "Job",
            "metadata": {"name": "train", "namespace": "default", "uid": uid}})
    };
    let mut story = Story::new();
    story.shows_all(&[job("batch", "own"), job("batch.example.com", "other")]);
    let witness = story.witness();
    let found = |group: Option<&str>| {
        let group = group.map(ToOwned::to_owned);
        let key = ObjectKey {
            group,
            ..ObjectKey::named("Job", "default", "train")
        };
        witness.get(&key).map(uid)
    };
    assert!(found(None).is_some());
    assert_eq!(found(Some("batch")), Some("own"));
    assert_eq!(found(Some("batch.example.com")), Some("other"));
    assert_eq!(found(Some("example.com")), None);
    // What the rules call Job is that of Kubernetes.
    assert_eq!(witness.live("Job").map(uid).collect::<Vec<_>>(), ["own"]);
}

#[test]
fn a_kind_is_watched_by_its_name_in_its_group_also_before_its_definition_is_there() {
    let mut story = Story::new();
    story.observed(Observation::Watching {
        kinds: vec!["Ingress".to_owned()],
        awaited: vec!["Widget.example.com".to_owned()],
    });
    let witness = story.witness();
    for (group, kind, watched) in [
        (None, "Ingress", true),
        (Some("networking.k8s.io"), "Ingress", true),
        (Some("example.com"), "Ingress", false),
        (None, "Widget", true),
        (Some("example.com"), "Widget", true),
        (Some("example.org"), "Widget", false),
        (None, "Wid", false),
    ] {
        assert_eq!(witness.watches(group, kind), watched, "{group:?} {kind}");
    }
}

#[test]
fn a_key_tells_its_namespace_and_the_group_of_a_kind_that_is_not_kubernetes_own() {
    let key = |group: &str, namespace: &str| ObjectKey {
        group: Some(group.to_owned()),
        ..ObjectKey::named("Job", namespace, "train")
    };
    assert_eq!(key("batch", "default").to_string(), "Job train");
    assert_eq!(key("batch", "shop").to_string(), "Job train in shop");
    assert_eq!(
        key("batch.example.com", "shop").to_string(),
        "Job.batch.example.com train in shop"
    );
}

#[test]
fn what_is_taken_back_can_be_seen_again() {
    let mut story = Story::new();
    story.shows(&pod(1));
    let place = story.records().len();
    story.shows(&with(&pod(1), &json!({"status": {"phase": "Failed"}})));
    let mut witness = story.witness();
    let later = witness.take_back(place);
    assert_eq!(later.len(), 1);
    let known = witness.get(&key(&pod(1))).unwrap();
    assert_eq!(text_at(known, "/status/phase"), Some("Running"));
    for record in later {
        witness.push(record);
    }
    let known = witness.get(&key(&pod(1))).unwrap();
    assert_eq!(text_at(known, "/status/phase"), Some("Failed"));
}
