use serde_json::json;

use super::*;
use crate::scenario::Scenario;
use crate::testing::{
    Story, applied, deployment, object, owned, pod, replica_set, restarted, with, yaml,
};
use crate::witness::StepOutcome;

fn goal_of(kinds: &[&str]) -> Goal {
    let mut goal = Goal::default();
    goal.after(&StepOutcome {
        applied: kinds
            .iter()
            .map(|kind| applied(&object(kind, "web"), 1))
            .collect(),
        ..StepOutcome::default()
    });
    goal
}

fn planned(stress: &str, kinds: &[&str], thorough: bool) -> Vec<(String, Option<String>)> {
    let stress: Stress = yaml(stress);
    plan(&stress, &goal_of(kinds), thorough)
        .into_iter()
        .map(|one| (one.perturbation.to_string(), one.not_applicable))
        .collect()
}

fn names(stress: &str, kinds: &[&str], thorough: bool) -> Vec<String> {
    let planned = planned(stress, kinds, thorough);
    planned.into_iter().map(|(name, _)| name).collect()
}

#[test]
fn the_default_is_what_the_kinds_suggest() {
    let pods = [
        "delete-pods",
        "restart-rollout",
        "kill-container",
        "restart-kubelet",
    ];
    assert_eq!(names("{}", &["Deployment"], false), pods);
    assert_eq!(names("{}", &["DaemonSet", "Service"], false), pods);
    assert_eq!(
        names("{}", &["StatefulSet", "PersistentVolumeClaim"], false),
        pods
    );
}

#[test]
fn only_what_a_controller_replaces_is_deleted() {
    assert_eq!(
        names("{}", &["Pod"], false),
        ["kill-container", "restart-kubelet"]
    );
    assert_eq!(
        names("{}", &["ReplicaSet"], false),
        ["delete-pods", "kill-container", "restart-kubelet"]
    );
    assert_eq!(names("{}", &["Service"], false), ["restart-kubelet"]);
}

#[test]
fn without_pods_there_is_nothing_to_perturb_where_pods_are_meant() {
    let all = Perturbation::ALL.into_iter();
    let about_pods: Vec<Perturbation> = all.filter(|one| is_about_pods(*one)).collect();
    assert_eq!(
        about_pods,
        [
            Perturbation::DeletePods,
            Perturbation::RestartRollout,
            Perturbation::KillContainer
        ]
    );
}

#[test]
fn thorough_means_everything_that_fits() {
    let all: Vec<String> = Perturbation::ALL.iter().map(ToString::to_string).collect();
    assert_eq!(names("{}", &["Deployment"], true), all);
    let of_a_service = &all[3..];
    assert_eq!(names("{}", &["Service"], true), of_a_service);
}

#[test]
fn a_claim_may_name_its_own() {
    let named = ["restart-node", "delete-pods"];
    let stress = "perturbations: [restart-node, delete-pods]";
    assert_eq!(names(stress, &["Deployment"], false), named);
    assert_eq!(names(stress, &["Deployment"], true), named);
}

#[test]
fn a_claim_may_say_what_does_not_apply() {
    let stress = "not_applicable: [{perturbation: restart-kubelet, reason: It has no pods.}]";
    let reason = Some("It has no pods.".to_owned());
    let planned = planned(stress, &["Service"], false);
    assert_eq!(planned, [("restart-kubelet".to_owned(), reason)]);
}

#[test]
fn a_scenario_without_the_section_has_the_default() {
    let scenario: Scenario = yaml(
        "
title: t
source: s
component: c
about: a
fault: {steps: [], within: 1s}
signature: []
control: {hold: 1s}
remedy: {steps: [], within: 1s, hold: 1s}",
    );
    assert!(scenario.stress.perturbations.is_none());
    assert!(scenario.stress.within.as_millis() > 60_000);
}

#[test]
fn the_nodes_of_pods_are_each_told_once_and_a_pod_without_one_has_none() {
    let (mut story, goal) = running();
    assert!(
        nodes(&targets(
            &story.witness(),
            &goal,
            Perturbation::RestartKubelet
        ))
        .is_empty()
    );
    story.shows(&with(&pod(1), &json!({"spec": {"nodeName": "worker"}})));
    let mut pods = targets(&story.witness(), &goal, Perturbation::RestartKubelet);
    pods.extend(pods.clone());
    assert_eq!(nodes(&pods).into_iter().collect::<Vec<_>>(), ["worker"]);
}

/// A story, and its goal: the Deployment.
fn running() -> (Story, Goal) {
    let mut story = Story::new();
    story.shows_all(&[deployment(1), replica_set(1), pod(1)]);
    let mut goal = Goal::default();
    let applied = vec![applied(&deployment(1), 1)];
    goal.after(&StepOutcome {
        applied,
        ..StepOutcome::default()
    });
    (story, goal)
}

#[test]
fn targets_are_the_newest_pods_with_their_running_containers() {
    let (mut story, goal) = running();
    let crashed = crate::testing::crashed(&pod(2), 1, 1);
    story.shows_all(&[deployment(2), replica_set(2), crashed]);
    let found = targets(&story.witness(), &goal, Perturbation::DeletePods);
    let names: Vec<&str> = found.iter().map(|target| target.name.as_str()).collect();
    assert_eq!(names, ["web-2-a"]);
    assert!(found[0].containers.is_empty());
    let (story, goal) = running();
    let found = targets(&story.witness(), &goal, Perturbation::KillContainer);
    assert_eq!(found[0].namespace, "default");
    assert_eq!(found[0].uid, "uid of web-1-a");
    let running = Running {
        name: "app".to_owned(),
        id: "c0".to_owned(),
        restarts: 0,
    };
    assert_eq!(found[0].containers, [running]);
}

#[test]
fn the_pods_of_what_ends_by_itself_are_no_targets() {
    let job = object("Job", "web");
    let pod = owned(&object("Pod", "web-a"), &job);
    let mut story = Story::new();
    story.shows_all(&[job, pod]);
    let found = targets(
        &story.witness(),
        &goal_of(&["Job"]),
        Perturbation::DeletePods,
    );
    assert_eq!(found, []);
}

#[test]
fn a_bare_pod_is_killed_and_not_deleted() {
    let mut story = Story::new();
    let bare = with(&pod(1), &json!({"metadata": {"ownerReferences": null}}));
    story.shows(&bare);
    let mut goal = Goal::default();
    goal.after(&StepOutcome {
        applied: vec![applied(&bare, 1)],
        ..StepOutcome::default()
    });
    assert_eq!(
        targets(&story.witness(), &goal, Perturbation::DeletePods),
        []
    );
    assert_eq!(
        targets(&story.witness(), &goal, Perturbation::KillContainer).len(),
        1
    );
}

#[test]
fn the_control_plane_is_etcd_and_the_api_server_of_kube_system() {
    let (mut story, goal) = running();
    for (name, namespace) in [
        ("etcd", "kube-system"),
        ("kube-apiserver", "kube-system"),
        ("kube-scheduler", "kube-system"),
        ("etcd", "default"),
    ] {
        let place = json!({"metadata": {"name": format!("{name}-in-{namespace}"), "namespace": namespace, "labels": {"component": name}}});
        story.shows(&with(&object("Pod", name), &place));
    }
    let found = targets(&story.witness(), &goal, Perturbation::RestartControlPlane);
    let names: Vec<&str> = found.iter().map(|target| target.name.as_str()).collect();
    assert_eq!(
        names,
        ["etcd-in-kube-system", "kube-apiserver-in-kube-system"]
    );
}

#[test]
fn rollouts_are_those_that_kubectl_restarts() {
    let goal = goal_of(&[
        "ConfigMap",
        "DaemonSet",
        "Deployment",
        "ReplicaSet",
        "StatefulSet",
    ]);
    let names: Vec<String> = rollouts(&Witness::default(), &goal)
        .map(|name| name.to_string())
        .collect();
    assert_eq!(
        names,
        ["DaemonSet web", "Deployment web", "StatefulSet web"]
    );
}

#[test]
fn a_rollout_concerns_only_pods_that_it_replaces() {
    let (mut story, mut goal) = running();
    let set = |kind: &str, strategy: &serde_json::Value| {
        let own = json!({"spec": {"replicas": 1, "updateStrategy": strategy},
            "metadata": {"generation": 1},
            "status": {"observedGeneration": 1, "updateRevision": "a"}});
        with(&object(kind, "set"), &own)
    };
    let bare = with(
        &pod(1),
        &json!({"metadata": {"name": "bare", "uid": "b", "ownerReferences": null}}),
    );
    let on_delete = set("StatefulSet", &json!({"type": "OnDelete"}));
    let of_set = |name: &str, set: &Value| {
        let labels = json!({"controller-revision-hash": "a"});
        owned(
            &with(
                &object("Pod", name),
                &json!({"metadata": {"labels": labels}}),
            ),
            set,
        )
    };
    story.shows_all(&[bare.clone(), on_delete.clone(), of_set("set-0", &on_delete)]);
    goal.after(&StepOutcome {
        applied: vec![applied(&bare, 1), applied(&on_delete, 1)],
        ..StepOutcome::default()
    });
    let found = |story: &Story, goal: &Goal, perturbation| {
        let found = targets(&story.witness(), goal, perturbation);
        found.into_iter().map(|one| one.name).collect::<Vec<_>>()
    };
    assert_eq!(
        found(&story, &goal, Perturbation::RestartRollout),
        ["web-1-a"]
    );
    assert_eq!(
        found(&story, &goal, Perturbation::DeletePods),
        ["web-1-a", "set-0"]
    );
    assert_eq!(rollouts(&story.witness(), &goal).count(), 1);
    let rollout = Perturbation::RestartRollout;
    assert_eq!(concerns_nothing(&story.witness(), &goal, rollout), None);
    let mut alone = Goal::default();
    alone.after(&StepOutcome {
        applied: vec![applied(&bare, 1), applied(&on_delete, 1)],
        ..StepOutcome::default()
    });
    assert!(concerns_nothing(&story.witness(), &alone, rollout).is_some());
    // A partition keeps the pods below it.
    let strategy = json!({"type": "RollingUpdate", "rollingUpdate": {"partition": 1}});
    let half = set("StatefulSet", &strategy);
    story.shows_all(&[half.clone(), of_set("set-1", &half)]);
    assert_eq!(
        found(&story, &alone, Perturbation::RestartRollout),
        ["set-1"]
    );
}

#[test]
fn what_is_meant_to_be_gone_is_not_disturbed() {
    let mut goal = goal_of(&["ConfigMap", "Deployment"]);
    goal.declare(&yaml::<Vec<_>>(
        "[{of: {kind: Deployment, name: web}, absent: true}]",
    ));
    assert_eq!(rollouts(&Witness::default(), &goal).count(), 0);
    let planned: Vec<Perturbation> = plan(&yaml("{}"), &goal, false)
        .into_iter()
        .map(|one| one.perturbation)
        .collect();
    assert_eq!(planned, [Perturbation::RestartKubelet]);
}

#[test]
fn deleted_pods_must_be_gone_by_their_uid() {
    let (mut story, goal) = running();
    for perturbation in [Perturbation::DeletePods, Perturbation::RestartRollout] {
        let found = targets(&story.witness(), &goal, perturbation);
        let seen = effect(&story.witness(), &found, perturbation);
        assert_eq!(seen, Err("pod web-1-a is still there".to_owned()));
    }
    let found = targets(&story.witness(), &goal, Perturbation::DeletePods);
    // A StatefulSet's next pod has the same name.
    story
        .loses(&pod(1))
        .shows(&with(&pod(1), &json!({"metadata": {"uid": "another"}})));
    let seen = effect(&story.witness(), &found, Perturbation::DeletePods);
    assert_eq!(seen, Ok("pod web-1-a is gone".to_owned()));
}

#[test]
fn killed_containers_must_have_restarted_or_be_gone() {
    let (mut story, goal) = running();
    story.shows(&restarted(&pod(1), 2));
    let found = targets(&story.witness(), &goal, Perturbation::KillContainer);
    for perturbation in [
        Perturbation::KillContainer,
        Perturbation::RestartNode,
        Perturbation::RestartControlPlane,
    ] {
        let seen = effect(&story.witness(), &found, perturbation);
        let words = "pod web-1-a container app runs on, with 2 restarts";
        assert_eq!(seen, Err(words.to_owned()));
    }
    story.shows(&restarted(&pod(1), 3));
    let seen = effect(&story.witness(), &found, Perturbation::KillContainer);
    assert_eq!(seen, Ok("pod web-1-a container app restarted".to_owned()));
    story.loses(&pod(1));
    let seen = effect(&story.witness(), &found, Perturbation::KillContainer);
    assert_eq!(seen, Ok("pod web-1-a is gone".to_owned()));
}

#[test]
fn the_hands_alone_prove_what_touches_no_container() {
    let (story, goal) = running();
    for perturbation in [
        Perturbation::RestartKubelet,
        Perturbation::PauseNode,
        Perturbation::CutNetwork,
    ] {
        let found = targets(&story.witness(), &goal, perturbation);
        assert_eq!(
            effect(&story.witness(), &found, perturbation),
            Ok(String::new())
        );
    }
}
