mod nodes;

use serde_json::json;

use super::*;
use crate::phase::Phase;
use crate::testing::{
    Story, crashed, deployment, event, object, pod, refused, replica_set, restarted, rolling,
    stuck, unavailable, unready, with, yaml,
};
use crate::witness::StepOutcome;

const NOT_FOUND: &str =
    "Back-off pulling image \"web:9\": ErrImagePull: docker.io/library/web:9: not found";

const UNREACHABLE: &str = "Failed to pull image \"web:2\": failed to pull and unpack image \
    \"docker.io/library/web:2\": failed to do request: Head \"https://172.18.0.1:5000/v2/web\": \
    dial tcp 172.18.0.1:5000: connect: connection refused";

/// A Deployment whose pod is so.
fn ailing(pod: Value) -> Story {
    let mut story = Story::new();
    story.shows_all(&[unavailable(1), replica_set(1), pod]);
    story
}

/// A phase in which a pod of a new template is so.
fn broken(pod: Value) -> (Story, PhaseMark) {
    let mut story = ailing(crate::testing::pod(1));
    let mark = story.begins(Phase::Fault);
    story.shows_all(&[rolling(2), replica_set(2), pod]);
    (story, mark)
}

#[track_caller]
fn assert_told(story: &Story, expected: &[&str]) {
    assert_eq!(symptoms(&story.witness()), expected);
}

fn end(story: &Story, mark: PhaseMark) -> Option<String> {
    dead_end(&story.witness(), mark)
}

#[test]
fn nothing_is_told_of_what_is_well() {
    let claim: Value =
        yaml("{kind: PersistentVolumeClaim, metadata: {name: data}, status: {phase: Bound}}");
    let mut story = ailing(pod(1));
    story.shows(&claim);
    assert_told(&story, &[]);
    story.shows(&restarted(&pod(1), 4));
    assert_told(&story, &[]);
}

#[test]
fn of_a_crash_loop_the_end_and_the_last_words_are_told() {
    let mut story = ailing(crashed(&pod(1), 2, 1));
    let ended = "pod web-1-a container app: Error with exit code 1, 2 restarts";
    assert_told(&story, &[ended]);
    story.logs(&pod(2), "error: of another pod");
    story.logs(&pod(1), "cannot lock").logs(&pod(1), "bye");
    assert_told(&story, &[&format!("{ended}: bye")]);
    story.logs(&pod(1), "level=error err=busy");
    story.logs(&pod(1), "goroutine 1 [running]:");
    assert_told(&story, &[&format!("{ended}: level=error err=busy")]);
}

#[test]
fn a_container_that_has_just_ended_is_told_before_it_waits() {
    let killed = json!({"state": {"terminated": {"reason": "OOMKilled", "exitCode": 137}}});
    assert_told(
        &ailing(unready(&pod(1), &killed)),
        &["pod web-1-a container app: OOMKilled with exit code 137, 0 restarts"],
    );
    let completed = json!({"state": {"terminated": {"reason": "Completed", "exitCode": 0}}});
    assert_told(
        &ailing(unready(&pod(1), &completed)),
        &["pod web-1-a container app: Completed with exit code 0, 0 restarts"],
    );
}

#[test]
fn a_container_that_ends_without_an_error_again_and_again_is_told() {
    assert_told(
        &ailing(crashed(&pod(1), 5, 0)),
        &["pod web-1-a container app: Error with exit code 0, 5 restarts"],
    );
}

#[test]
fn a_container_that_runs_and_is_not_ready_is_told_with_its_last_event() {
    let running = unready(&pod(1), &json!({"state": {"running": {}}}));
    let mut story = ailing(running.clone());
    let told = "pod web-1-a container app: runs and is not ready";
    assert_told(&story, &[told]);
    let probe = "Readiness probe failed: HTTP probe failed with statuscode: 500";
    story.shows(&event(&running, "Warning", "Unhealthy", probe));
    assert_told(&story, &[&format!("{told}: {probe}")]);
}

#[test]
fn a_container_that_cannot_be_made_is_told_with_its_last_event_if_that_is_a_warning() {
    let made = stuck(&pod(1), "ContainerCreating", "");
    let mut story = ailing(made.clone());
    let missing = "MountVolume.SetUp failed: driver not found";
    story.shows(&event(&made, "Warning", "FailedMount", missing));
    let told = format!("pod web-1-a container app: ContainerCreating: {missing}");
    assert_told(&story, &[&told]);
    story.shows(&event(
        &made,
        "Normal",
        "Pulling",
        "Pulling image \"web:2\"",
    ));
    assert_told(&story, &[]);
}

#[test]
fn an_image_that_cannot_be_pulled_is_told_in_the_kubelets_words() {
    assert_told(
        &ailing(stuck(&pod(1), "ImagePullBackOff", NOT_FOUND)),
        &[&format!(
            "pod web-1-a container app: ImagePullBackOff: {NOT_FOUND}"
        )],
    );
    for starting in ["ContainerCreating", "PodInitializing"] {
        assert_told(&ailing(stuck(&pod(1), starting, "")), &[]);
    }
}

#[test]
fn an_init_container_is_told_as_the_others_are() {
    let failed = json!([{"name": "prepare", "ready": false, "restartCount": 1,
        "state": {"terminated": {"reason": "Error", "exitCode": 3}}}]);
    assert_told(
        &ailing(with(
            &stuck(&pod(1), "PodInitializing", ""),
            &json!({"status": {"initContainerStatuses": failed}}),
        )),
        &["pod web-1-a container prepare: Error with exit code 3, 1 restarts"],
    );
}

#[test]
fn a_pod_that_finds_no_node_is_told() {
    let unscheduled = json!({"status": {"containerStatuses": null, "conditions": [
        {"type": "PodScheduled", "status": "False", "message": "0/1 nodes are available"}]}});
    assert_told(
        &ailing(with(&pod(1), &unscheduled)),
        &["pod web-1-a is not scheduled: 0/1 nodes are available"],
    );
}

#[test]
fn a_claim_that_is_not_bound_is_told_with_its_last_event() {
    let claim = object("PersistentVolumeClaim", "data");
    let mut story = Story::new();
    story.shows(&claim);
    assert_told(&story, &["claim data is without a phase"]);
    story.shows(&with(&claim, &json!({"status": {"phase": "Pending"}})));
    story.shows(&event(&claim, "Normal", "WaitForFirstConsumer", "waiting"));
    story.shows(&event(&claim, "Normal", "FailedBinding", "no class is set"));
    assert_told(&story, &["claim data is Pending: no class is set"]);
}

#[test]
fn a_replica_set_that_cannot_make_pods_is_told() {
    let failing = |status: &str| {
        let condition = json!({"type": "ReplicaFailure", "status": status,
            "message": "serviceaccount \"absent\" not found"});
        let mut story = Story::new();
        story.shows(&with(
            &replica_set(1),
            &json!({"status": {"conditions": [condition]}}),
        ));
        story
    };
    assert_told(&failing("True"), &["serviceaccount \"absent\" not found"]);
    assert_told(&failing("False"), &[]);
}

#[test]
fn a_refusal_is_told_in_the_phase_in_which_it_was() {
    let mut story = Story::new();
    story.begins(Phase::Fault);
    story.does(StepOutcome {
        refusals: vec![refused(&deployment(1), "strategy: Forbidden")],
        ..StepOutcome::default()
    });
    assert_told(&story, &["strategy: Forbidden"]);
    story.begins(Phase::Control);
    assert_told(&story, &[]);
}

#[test]
fn pods_of_the_old_template_and_of_the_cluster_itself_are_not_told() {
    let (story, _) = broken(pod(2));
    let mut story = story.clone();
    story.shows(&crashed(&pod(1), 1, 1));
    let bare = json!({"metadata": {"name": "coredns", "namespace": "kube-system",
        "ownerReferences": null}});
    story.shows(&crashed(&with(&pod(7), &bare), 3, 1));
    assert_told(&story, &[]);
}

#[test]
fn a_registry_that_was_not_reached_is_known_by_the_kubelets_words() {
    let waiting = stuck(&pod(2), "ErrImagePull", UNREACHABLE);
    let told = event(&waiting, "Warning", "Failed", UNREACHABLE);
    let (mut story, mark) = broken(waiting);
    assert_eq!(unreachable_registry(&story.witness(), mark), None);
    story.shows(&told);
    let found = unreachable_registry(&story.witness(), mark);
    assert_eq!(found.as_deref(), Some(UNREACHABLE));
    // An image that does not exist is the registry's own answer.
    story.shows(&event(&pod(2), "Warning", "Failed", "not found"));
    assert_eq!(unreachable_registry(&story.witness(), mark), None);
}

#[test]
fn a_registry_that_was_not_reached_before_the_phase_says_nothing() {
    let waiting = stuck(&pod(2), "ErrImagePull", UNREACHABLE);
    let (mut story, _) = broken(waiting.clone());
    story.shows(&event(&waiting, "Warning", "Failed", UNREACHABLE));
    let mark = story.begins(Phase::Remedy);
    assert_eq!(unreachable_registry(&story.witness(), mark), None);
    let told = event(&waiting, "Warning", "Failed", UNREACHABLE);
    story.shows_late(&told, mark.resource_version);
    assert_eq!(unreachable_registry(&story.witness(), mark), None);
    story.shows_late(&told, mark.resource_version + 1);
    assert!(unreachable_registry(&story.witness(), mark).is_some());
}

#[test]
fn words_of_another_failed_pull_or_request_are_not_of_a_registry_that_was_not_reached() {
    for words in [
        "Failed to pull image \"web:2\": unauthorized",
        "failed to do request: connection refused",
    ] {
        let waiting = stuck(&pod(2), "ErrImagePull", words);
        let (mut story, mark) = broken(waiting.clone());
        story.shows(&event(&waiting, "Warning", "Failed", words));
        assert_eq!(unreachable_registry(&story.witness(), mark), None);
    }
}

#[test]
fn a_pull_that_was_made_good_or_is_of_no_pod_that_counts_says_nothing() {
    let waiting = stuck(&pod(2), "ImagePullBackOff", UNREACHABLE);
    let (mut story, mark) = broken(waiting.clone());
    story.shows(&event(&waiting, "Warning", "Failed", UNREACHABLE));
    let mut pulled = story.clone();
    pulled.shows(&crashed(&pod(2), 1, 1));
    assert_eq!(unreachable_registry(&pulled.witness(), mark), None);
    let mut gone = story.clone();
    gone.loses(&pod(2));
    assert_eq!(unreachable_registry(&gone.witness(), mark), None);
    story.shows_all(&[rolling(3), replica_set(3), pod(3)]);
    assert_eq!(unreachable_registry(&story.witness(), mark), None);
}

#[test]
fn a_state_that_only_another_spec_ends_is_a_dead_end() {
    for (reason, message) in [
        ("InvalidImageName", "couldn't parse image name"),
        (
            "ErrImageNeverPull",
            "is not present with pull policy of Never",
        ),
        ("ImagePullBackOff", NOT_FOUND),
        (
            "CreateContainerConfigError",
            "image will run as root, runAsNonRoot",
        ),
        ("CreateContainerConfigError", "breaks non-root policy"),
    ] {
        let (story, mark) = broken(stuck(&pod(2), reason, message));
        let told = format!("pod web-2-a container app: {reason}: {message}");
        assert_eq!(end(&story, mark), Some(told));
    }
}

#[test]
fn a_state_that_may_end_by_itself_is_no_dead_end() {
    for (reason, message) in [
        ("ErrImagePull", NOT_FOUND),
        ("ImagePullBackOff", UNREACHABLE),
        ("CreateContainerConfigError", "configmap \"web\" not found"),
        ("CreateContainerError", "no command specified"),
        ("ContainerCreating", ""),
    ] {
        let (story, mark) = broken(stuck(&pod(2), reason, message));
        assert_eq!(end(&story, mark), None, "{reason}: {message}");
    }
}

#[test]
fn a_log_line_cannot_come_from_a_container_that_can_never_start() {
    let line: Clause = yaml("{log: {of: {kind: Pod}, container: app, contains: [busy]}}");
    let other: Clause = yaml("{log: {of: {kind: Pod}, container: other, contains: [busy]}}");
    let state: Clause = yaml("{state: {of: {kind: Pod}, fields: [{path: .x, exists: true}]}}");
    let (mut story, mark) = broken(stuck(&pod(2), "ImagePullBackOff", NOT_FOUND));
    let told = format!("pod web-2-a container app: ImagePullBackOff: {NOT_FOUND}");
    assert_eq!(cannot_come(&story.witness(), mark, &line), Some(told));
    assert_eq!(cannot_come(&story.witness(), mark, &other), None);
    assert_eq!(cannot_come(&story.witness(), mark, &state), None);
    // Another pod may still say it.
    let second = json!({"metadata": {"name": "web-2-b", "uid": "b"}});
    story.shows(&with(&pod(2), &second));
    assert_eq!(cannot_come(&story.witness(), mark, &line), None);
}

#[test]
fn crashes_are_no_dead_end_however_many() {
    let (story, mark) = broken(crashed(&pod(2), 9, 1));
    assert_eq!(end(&story, mark), None);
}

#[test]
fn a_container_that_was_to_go_on_and_ended_well_ails() {
    let ended =
        json!({"restartCount": 2, "state": {"terminated": {"reason": "Completed", "exitCode": 0}}});
    let story = ailing(unready(&pod(1), &ended));
    assert_told(
        &story,
        &["pod web-1-a container app: Completed with exit code 0, 2 restarts"],
    );
    let once = json!({"spec": {"restartPolicy": "Never"}});
    assert_told(&ailing(with(&unready(&pod(1), &ended), &once)), &[]);
}

#[test]
fn restarts_since_a_phase_are_told_whatever_the_code() {
    let (mut story, _) = broken(restarted(&pod(2), 1));
    let mark = story.begins(Phase::Control);
    assert_eq!(restarts_since(&story.witness(), mark), [""; 0]);
    story.shows(&restarted(&pod(2), 3));
    assert_eq!(
        restarts_since(&story.witness(), mark),
        ["pod web-2-a container app: 2 restarts, last with exit code 1"]
    );
}

#[test]
fn what_comes_nearest_to_what_is_not_there_is_told() {
    let clause = |labels: &str| {
        yaml::<Vec<Clause>>(&format!(
            "[{{state: {{of: {{kind: Pod, labels: {labels}}}, fields: [{{path: .x, exists: true}}]}}}}]"
        ))
    };
    let story = ailing(pod(1));
    assert_eq!(nearest(&story.witness(), &clause("{app: web}")), [""; 0]);
    assert_eq!(
        nearest(&story.witness(), &clause("{app: wbe}")),
        ["nearest to Pod app=wbe: web-1-a in default (app=web)"]
    );
    let route: Vec<Clause> =
        yaml("[{event: {of: {kind: Route}, type: Warning, reason: X, message: y}}]");
    assert_eq!(
        nearest(&story.witness(), &route),
        ["objects of kind Route are not watched"]
    );
}

#[test]
fn a_pod_that_was_there_before_the_phase_or_is_of_an_old_template_is_no_dead_end() {
    let (mut story, _) = broken(stuck(&pod(2), "ImagePullBackOff", NOT_FOUND));
    let mark = story.begins(Phase::Remedy);
    story.shows(&stuck(&pod(2), "ImagePullBackOff", NOT_FOUND));
    assert_eq!(dead_end(&story.witness(), mark), None);
    // The mark is a write of its own: what has its revision was not stored after it.
    let mut story = ailing(pod(1));
    let mark = story.begins(Phase::Fault);
    let began = |revision: u64| {
        let mut story = story.clone();
        let pod = stuck(&pod(2), "ImagePullBackOff", NOT_FOUND);
        story.shows_all(&[rolling(2), replica_set(2)]);
        dead_end(&story.shows_late(&pod, revision).witness(), mark).is_some()
    };
    assert!(!began(mark.resource_version));
    assert!(began(mark.resource_version + 1));
    let (mut story, mark) = broken(stuck(&pod(2), "ImagePullBackOff", NOT_FOUND));
    story.shows_all(&[rolling(3), replica_set(3), pod(3)]);
    assert_eq!(dead_end(&story.witness(), mark), None);
}

/// An event of the kubelet about a pod of this name and namespace.
fn unhealthy(name: &str, namespace: &str) -> Value {
    let pod = with(
        &object("Pod", name),
        &json!({"metadata": {"namespace": namespace}}),
    );
    event(
        &pod,
        "Warning",
        "Unhealthy",
        "Liveness probe failed: timed out",
    )
}

#[test]
fn a_control_plane_that_does_not_answer_its_probes_in_the_phase_is_told() {
    let mut story = Story::new();
    story.shows(&unhealthy("etcd-node", "kube-system"));
    story.begins(Phase::Remedy);
    assert_eq!(starved_control_plane(&story.witness()), None);
    story.shows(&unhealthy("coredns-1", "kube-system"));
    story.shows(&unhealthy("etcd-operator", "default"));
    assert_eq!(starved_control_plane(&story.witness()), None);
    story.shows(&unhealthy("kube-scheduler-node", "kube-system"));
    let told = "kube-scheduler did not answer in time: Liveness probe failed: timed out";
    assert_eq!(
        starved_control_plane(&story.witness()).as_deref(),
        Some(told)
    );
}

#[test]
fn a_control_plane_that_relapse_perturbed_is_not_told() {
    for (perturbation, told) in [
        (Perturbation::RestartControlPlane, false),
        (Perturbation::PauseNode, false),
        (Perturbation::DeletePods, true),
    ] {
        let mut story = Story::new();
        story.begins(Phase::Stress);
        story.is_perturbed(perturbation, crate::witness::Effect::Awaited);
        story.shows(&unhealthy("etcd-node", "kube-system"));
        assert_eq!(starved_control_plane(&story.witness()).is_some(), told);
    }
}
