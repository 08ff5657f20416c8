mod beside;
mod declared;
mod does_less;
mod hold;
mod taken_away;
mod tidied_up;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::testing::{
    Story, applied, crashed, deleting, deployment, object, owned, pod, refused, replica_set,
    restarted, rolling, unobserved, unready, with, yaml,
};
use crate::time::Millis;
use crate::witness::{Leaving, Refusal, StepOutcome};

/// The goal of objects that a step stored in these revisions.
fn goal(objects: &[(&Value, u64)]) -> Goal {
    let mut goal = Goal::default();
    goal.after(&StepOutcome {
        applied: objects
            .iter()
            .map(|(object, revision)| applied(object, *revision))
            .collect(),
        ..StepOutcome::default()
    });
    goal
}

fn restarts(pods: &[(&str, u64)]) -> Restarts {
    pods.iter()
        .map(|(name, count)| ((format!("uid of {name}"), "app".to_owned()), *count))
        .collect()
}

#[track_caller]
fn assert_met(story: &Story, goal: &Goal, pods: &[(&str, u64)]) {
    let met = Assessment::Met(restarts(pods));
    assert_eq!(assess(&story.witness(), goal), met);
}

#[track_caller]
fn assert_not_yet(story: &Story, goal: &Goal, why: &str) {
    let not_yet = Assessment::NotYet(why.to_owned());
    assert_eq!(assess(&story.witness(), goal), not_yet);
}

/// A Deployment that is rolled out.
fn rolled_out() -> (Story, Goal) {
    let mut story = Story::new();
    story.shows(&deployment(1));
    let goal = goal(&[(&deployment(1), story.revision())]);
    story.shows_all(&[replica_set(1), pod(1)]);
    (story, goal)
}

#[test]
fn the_goal_is_met_when_every_object_and_its_pods_are_ready() {
    let (story, goal) = rolled_out();
    assert_met(&story, &goal, &[("web-1-a", 0)]);
}

#[test]
fn the_goal_of_nothing_is_not_met() {
    assert_not_yet(&Story::new(), &Goal::default(), "nothing was applied");
}

#[test]
fn the_goal_is_not_met_while_one_object_is_not_ready() {
    let (mut story, mut goal) = rolled_out();
    let claim: Value = yaml("{kind: PersistentVolumeClaim, metadata: {name: data}}");
    story.applies("apply", std::slice::from_ref(&claim));
    goal.after(&StepOutcome {
        applied: vec![applied(&claim, story.revision())],
        ..StepOutcome::default()
    });
    assert_not_yet(
        &story,
        &goal,
        "PersistentVolumeClaim data: is without a phase",
    );
    story.shows(&with(&claim, &json!({"status": {"phase": "Bound"}})));
    assert_met(&story, &goal, &[("web-1-a", 0)]);
}

#[test]
fn the_goal_is_never_met_when_one_object_cannot_become_ready() {
    let failed: Value = yaml(
        "{kind: Job, metadata: {name: once}, status: {conditions: [{type: Failed, status: 'True', message: gave up}]}}",
    );
    let mut story = Story::new();
    story.shows(&failed);
    let late = with(&object("Deployment", "later"), &json!({}));
    assert_eq!(
        assess(&story.witness(), &goal(&[(&late, 1), (&failed, 1)])),
        Assessment::Never("Job once: gave up".to_owned())
    );
}

#[test]
fn an_object_that_is_not_there_is_not_ready_if_its_kind_is_watched() {
    let story = Story::new();
    let applied = goal(&[(&deployment(1), 1)]);
    assert_not_yet(&story, &applied, "Deployment web: is not there");
    let unwatched = goal(&[(&object("Certificate", "c"), 1)]);
    assert_met(&story, &unwatched, &[]);
}

#[test]
fn an_object_does_not_count_before_it_is_seen_as_it_was_applied() {
    let (mut story, mut goal) = rolled_out();
    let change = applied(&deployment(1), story.revision() + 1);
    goal.after(&StepOutcome {
        applied: vec![change],
        ..StepOutcome::default()
    });
    assert_not_yet(&story, &goal, "Deployment web: is not yet seen as applied");
    story.shows(&deployment(1));
    assert_met(&story, &goal, &[("web-1-a", 0)]);
}

#[test]
fn an_object_that_another_has_replaced_is_not_the_one_that_was_applied() {
    let (mut story, goal) = rolled_out();
    let other = with(&deployment(1), &json!({"metadata": {"uid": "another"}}));
    story.loses(&deployment(1)).shows(&other);
    assert_not_yet(&story, &goal, "Deployment web: was replaced by another");
}

#[test]
fn an_object_does_not_count_before_its_controller_has_seen_its_newest_spec() {
    let (mut story, goal) = rolled_out();
    story.shows(&unobserved(2));
    assert_not_yet(
        &story,
        &goal,
        "Deployment web: its controller has seen generation 1 of 2",
    );
}

#[test]
fn a_deployment_that_counts_ready_before_its_pods_are_seen_is_not_ready_yet() {
    let mut story = Story::new();
    let goal = goal(&[(&deployment(1), 1)]);
    let none = "Deployment web: 0 of 1 pods of the newest template are there";
    assert_not_yet(story.shows(&deployment(1)), &goal, none);
    assert_not_yet(story.shows(&pod(1)), &goal, none);
    assert_met(story.shows(&replica_set(1)), &goal, &[("web-1-a", 0)]);
}

#[test]
fn a_deployment_whose_count_is_older_than_its_pods_is_not_ready() {
    let (mut story, goal) = rolled_out();
    story.shows(&unready(&pod(1), &json!({})));
    assert_not_yet(
        &story,
        &goal,
        "Deployment web: pod web-1-a: Ready is False: ContainersNotReady",
    );
    story.shows(&deleting(&pod(1)));
    assert_not_yet(
        &story,
        &goal,
        "Deployment web: pod web-1-a: is being deleted",
    );
}

#[test]
fn a_pod_of_the_old_template_is_not_ready_for_the_new_one() {
    let (mut story, goal) = rolled_out();
    // The Deployment's watch is ahead of those of the ReplicaSets and the pods.
    story.shows(&deployment(2));
    assert_not_yet(
        &story,
        &goal,
        "Deployment web: 0 of 1 pods of the newest template are there",
    );
    story.shows_all(&[rolling(2), replica_set(2), crashed(&pod(2), 1, 1)]);
    assert_not_yet(&story, &goal, "Deployment web: replicas is 2 of 1");
}

#[test]
fn a_pod_more_than_wanted_is_as_wrong_as_one_less() {
    let (mut story, goal) = rolled_out();
    story.shows(&with(
        &pod(1),
        &json!({"metadata": {"name": "web-1-b", "uid": "b"}}),
    ));
    assert_not_yet(
        &story,
        &goal,
        "Deployment web: 2 of 1 pods of the newest template are there",
    );
}

#[test]
fn a_pod_that_was_evicted_neither_counts_nor_blocks_while_its_replacement_is_ready() {
    let (mut story, goal) = rolled_out();
    let evicted = json!({"metadata": {"name": "web-1-old", "uid": "old"},
        "status": {"phase": "Failed", "reason": "Evicted", "conditions": null}});
    story.shows(&with(&pod(1), &evicted));
    assert_met(&story, &goal, &[("web-1-a", 0)]);
    story.loses(&pod(1));
    assert_not_yet(
        &story,
        &goal,
        "Deployment web: 0 of 1 pods of the newest template are there",
    );
}

#[test]
fn a_pod_that_has_ended_and_is_being_deleted_blocks() {
    let (mut story, goal) = rolled_out();
    let ended = json!({"metadata": {"name": "web-1-old", "uid": "old"},
        "status": {"phase": "Succeeded"}});
    story.shows(&deleting(&with(&pod(1), &ended)));
    assert_not_yet(
        &story,
        &goal,
        "Deployment web: pod web-1-old: is being deleted",
    );
}

#[test]
fn a_pod_of_its_own_that_failed_is_never_ready() {
    let bare = with(&pod(1), &json!({"metadata": {"ownerReferences": null}}));
    let mut story = Story::new();
    story.shows(&with(&bare, &json!({"status": {"phase": "Failed"}})));
    assert_eq!(
        assess(&story.witness(), &goal(&[(&bare, 1)])),
        Assessment::Never("Pod web-1-a: failed: no message".to_owned())
    );
}

#[test]
fn a_stateful_set_with_a_partition_has_pods_of_both_templates() {
    let spec = json!({"replicas": 2, "updateStrategy": {"rollingUpdate": {"partition": 1}}});
    let status = json!({"replicas": 2, "readyReplicas": 2, "availableReplicas": 2,
        "updatedReplicas": 1, "updateRevision": "new", "observedGeneration": 1});
    let set = with(
        &object("StatefulSet", "db"),
        &json!({"spec": spec, "status": status}),
    );
    let member = |name: &str, hash: &str| {
        let own = json!({"metadata": {"name": name, "uid": format!("uid of {name}"),
            "ownerReferences": null, "labels": {"controller-revision-hash": hash}}});
        owned(&with(&pod(1), &own), &set)
    };
    let goal = goal(&[(&set, 1)]);
    let mut story = Story::new();
    story.shows_all(&[set.clone(), member("db-0", "old"), member("db-1", "old")]);
    assert_not_yet(
        &story,
        &goal,
        "StatefulSet db: 1 of 2 pods of the newest template are there",
    );
    assert_met(
        story.shows(&member("db-1", "new")),
        &goal,
        &[("db-0", 0), ("db-1", 0)],
    );
}

#[test]
fn a_daemon_set_has_as_many_pods_as_nodes_chosen() {
    let status = json!({"observedGeneration": 1, "desiredNumberScheduled": 2,
        "updatedNumberScheduled": 2, "currentNumberScheduled": 2, "numberReady": 2,
        "numberAvailable": 2});
    let spec = json!({"template": {"spec": {}}});
    let set = with(
        &object("DaemonSet", "agent"),
        &json!({"spec": spec, "status": status}),
    );
    let label = json!({"metadata": {"labels": {"controller-revision-hash": "h"}}});
    let revision = with(&owned(&object("ControllerRevision", "r"), &set), &label);
    let revision = with(&revision, &json!({"data": {"spec": spec}}));
    let agent = |name: &str| {
        let own = with(
            &label,
            &json!({"metadata": {"name": name, "uid": format!("uid of {name}"),
            "ownerReferences": null}}),
        );
        owned(&with(&pod(1), &own), &set)
    };
    let goal = goal(&[(&set, 1)]);
    let mut story = Story::new();
    story.shows_all(&[set.clone(), revision, agent("x")]);
    assert_not_yet(
        &story,
        &goal,
        "DaemonSet agent: 1 of 2 pods of the newest template are there",
    );
    assert_met(story.shows(&agent("y")), &goal, &[("x", 0), ("y", 0)]);
}

#[test]
fn a_pod_of_its_own_counts_with_its_restarts() {
    let bare = with(&pod(1), &json!({"metadata": {"ownerReferences": null}}));
    let goal = goal(&[(&bare, 1)]);
    let mut story = Story::new();
    assert_met(story.shows(&bare), &goal, &[("web-1-a", 0)]);
    assert_met(story.shows(&restarted(&bare, 3)), &goal, &[("web-1-a", 3)]);
}

#[test]
fn the_restarts_of_sidecars_count_too() {
    let (mut story, goal) = rolled_out();
    let sidecar = json!([{"name": "side", "restartCount": 2}]);
    story.shows(&with(
        &pod(1),
        &json!({"status": {"initContainerStatuses": sidecar}}),
    ));
    let mut expected = restarts(&[("web-1-a", 0)]);
    expected.insert(("uid of web-1-a".to_owned(), "side".to_owned()), 2);
    assert_eq!(assess(&story.witness(), &goal), Assessment::Met(expected));
}

#[test]
fn the_goal_is_not_met_while_an_object_is_refused() {
    let (story, mut goal) = rolled_out();
    goal.after(&StepOutcome {
        refusals: vec![refused(&deployment(1), "strategy: Forbidden")],
        ..StepOutcome::default()
    });
    assert_not_yet(
        &story,
        &goal,
        "Deployment web: was refused: strategy: Forbidden",
    );
    goal.after(&StepOutcome {
        applied: vec![applied(&deployment(1), 1)],
        ..StepOutcome::default()
    });
    assert_met(&story, &goal, &[("web-1-a", 0)]);
}

#[test]
fn what_a_step_was_refused_is_accepted_when_the_step_is_taken_again() {
    let (story, mut goal) = rolled_out();
    let step = |step: &str, refusals: &[Refusal]| StepOutcome {
        step: step.to_owned(),
        refusals: refusals.to_vec(),
        ..StepOutcome::default()
    };
    let refusal = refused(&pod(1), "it would violate the budget");
    goal.after(&step("evict Pod app=web", &[refusal]));
    let lacking = "Pod web-1-a: was refused: it would violate the budget";
    assert_not_yet(&story, &goal, lacking);
    goal.after(&step("apply budget.yaml", &[]));
    assert_not_yet(&story, &goal, lacking);
    goal.after(&step("evict Pod app=web", &[]));
    assert_met(&story, &goal, &[("web-1-a", 0)]);
}

#[test]
fn what_was_applied_in_vain_without_a_name_is_accepted_when_it_is_created() {
    let (story, mut goal) = rolled_out();
    let prefix = refused(&object("Deployment", "we"), "cannot use generate name");
    let prefix = Refusal {
        key: prefix
            .key
            .map(|key| ObjectKey::named(&key.kind, "", "web-")),
        ..prefix
    };
    goal.after(&StepOutcome {
        step: "apply web.yaml".to_owned(),
        refusals: vec![prefix],
        ..StepOutcome::default()
    });
    assert_not_yet(
        &story,
        &goal,
        "Deployment web-: was refused: cannot use generate name",
    );
    goal.after(&StepOutcome {
        applied: vec![applied(&object("Deployment", "web-x7d2p"), 1)],
        ..StepOutcome::default()
    });
    assert!(goal.refused.is_empty());
}

#[test]
fn what_a_step_deletes_and_a_finalizer_holds_is_not_at_rest() {
    let (mut story, mut goal) = rolled_out();
    let claim = object("PersistentVolumeClaim", "data");
    goal.after(&StepOutcome {
        leaving: vec![Leaving {
            key: ObjectKey::of(&claim),
            uid: crate::kubernetes::uid(&claim).to_owned(),
        }],
        ..StepOutcome::default()
    });
    let held = json!({"metadata": {"finalizers": ["kubernetes.io/pvc-protection"]}});
    let held = with(&deleting(&claim), &held);
    story.shows(&held);
    assert_not_yet(
        &story,
        &goal,
        "PersistentVolumeClaim data: it is being deleted; finalizers: kubernetes.io/pvc-protection",
    );
    story.loses(&held);
    assert_met(&story, &goal, &[("web-1-a", 0)]);
}

#[test]
fn a_deletion_means_the_object_of_its_namespace_or_of_none() {
    let elsewhere = with(&deployment(1), &json!({"metadata": {"namespace": "shop"}}));
    let volume: Value = yaml("{kind: PersistentVolume, metadata: {name: web}}");
    let mut left = goal(&[(&elsewhere, 1), (&deployment(1), 1), (&volume, 1)]);
    for object in [&deployment(1), &object("PersistentVolume", "web")] {
        left.after(&StepOutcome {
            deleted: vec![ObjectKey::of(object)],
            ..StepOutcome::default()
        });
    }
    assert_eq!(left.objects, goal(&[(&elsewhere, 1)]).objects);
}

#[test]
fn what_was_refused_and_is_deleted_need_not_be_accepted_any_more() {
    let (story, mut goal) = rolled_out();
    goal.after(&StepOutcome {
        step: "apply web.yaml".to_owned(),
        refusals: vec![refused(&object("Service", "web"), "nodePort: Invalid")],
        ..StepOutcome::default()
    });
    let met = goal.clone();
    goal.after(&StepOutcome {
        deleted: vec![ObjectKey::of(&object("Service", "other"))],
        ..StepOutcome::default()
    });
    assert_eq!(goal.refused, met.refused);
    assert_not_yet(&story, &goal, "Service web: was refused: nodePort: Invalid");
    goal.after(&StepOutcome {
        deleted: vec![ObjectKey::of(&object("Service", "web"))],
        ..StepOutcome::default()
    });
    assert_met(&story, &goal, &[("web-1-a", 0)]);
}
