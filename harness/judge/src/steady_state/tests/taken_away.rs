//! What a goal lacks of an earlier one.

use super::*;

/// The goal of these objects alone.
fn goal_of(objects: &[&Value]) -> Goal {
    let stored: Vec<(&Value, u64)> = objects.iter().map(|object| (*object, 1)).collect();
    goal(&stored)
}

/// The goal of the Deployment and this many replicas of it.
fn sized(replicas: u64) -> Goal {
    goal_of(&[&with(
        &deployment(2),
        &json!({"spec": {"replicas": replicas}}),
    )])
}

fn of_spec(kind: &str, spec: &Value) -> Goal {
    goal_of(&[&with(&object(kind, "x"), &json!({"spec": spec}))])
}

pub(super) fn declaring(goal: &Goal, declared: &str) -> Goal {
    let mut declaring = goal.clone();
    declaring.declare(&yaml::<Vec<_>>(declared));
    declaring
}

/// The goal with the object deleted by a step.
fn without(goal: &Goal, object: &Value) -> Goal {
    let mut without = goal.clone();
    without.after(&StepOutcome {
        deleted: vec![ObjectKey::of(object)],
        ..StepOutcome::default()
    });
    without
}

#[track_caller]
fn assert_taken(before: &Goal, after: &Goal, how: &str) {
    assert_eq!(
        after
            .taken_away_from(before, &Witness::default())
            .as_deref(),
        Some(how)
    );
}

#[track_caller]
fn assert_left(before: &Goal, after: &Goal) {
    assert_eq!(after.taken_away_from(before, &Witness::default()), None);
}

#[test]
fn what_was_scaled_down_was_taken_away() {
    assert_taken(
        &sized(3),
        &sized(1),
        "Deployment web was scaled from 3 to 1",
    );
    assert_taken(
        &sized(1),
        &sized(0),
        "Deployment web was scaled from 1 to 0",
    );
    let tunable = |replicas: u64| of_spec("Rollout", &json!({"replicas": replicas}));
    assert_taken(&tunable(2), &tunable(1), "Rollout x was scaled from 2 to 1");
}

#[test]
fn what_was_scaled_up_changed_or_made_again_was_not_taken_away() {
    assert_left(&sized(1), &sized(3));
    assert_left(&sized(1), &sized(1));
    let mut again = without(&sized(1), &deployment(1));
    again.after(&StepOutcome {
        applied: vec![applied(&deployment(2), 9)],
        ..StepOutcome::default()
    });
    assert_left(&sized(1), &again);
}

#[test]
fn a_workload_or_a_claim_that_was_deleted_was_taken_away() {
    for kind in [
        "Deployment",
        "StatefulSet",
        "DaemonSet",
        "ReplicaSet",
        "ReplicationController",
        "Job",
        "CronJob",
        "Pod",
        "PersistentVolumeClaim",
    ] {
        let workload = object(kind, "x");
        let before = goal_of(&[&workload, &deployment(1)]);
        let deleted = format!("{kind} x was deleted");
        assert_taken(&before, &without(&before, &workload), &deleted);
    }
    let rollout = with(&object("Rollout", "x"), &json!({"spec": {"replicas": 1}}));
    let before = goal_of(&[&rollout]);
    assert_taken(
        &before,
        &without(&before, &rollout),
        "Rollout x was deleted",
    );
}

#[test]
fn what_is_no_workload_may_be_deleted_by_a_cure() {
    for kind in [
        "ConfigMap",
        "NetworkPolicy",
        "ValidatingWebhookConfiguration",
        "Service",
    ] {
        let policy = object(kind, "x");
        let before = goal_of(&[&policy, &deployment(1)]);
        assert_left(&before, &without(&before, &policy));
    }
}

#[test]
fn of_several_objects_each_can_be_taken_away() {
    let before = goal_of(&[
        &object("ConfigMap", "a"),
        &deployment(1),
        &object("Pod", "z"),
    ]);
    let after = without(&before, &object("Pod", "z"));
    assert_taken(&before, &after, "Pod z was deleted");
}

#[test]
fn what_was_suspended_was_taken_away_unless_it_was_before() {
    for kind in ["Job", "CronJob"] {
        let suspended = of_spec(kind, &json!({"suspend": true}));
        let how = format!("{kind} x was suspended");
        for before in [json!({}), json!({"suspend": false})] {
            let before = of_spec(kind, &before);
            assert_taken(&before, &suspended, &how);
            assert_left(&suspended, &before);
        }
        assert_left(&suspended, &suspended);
    }
}

#[test]
fn a_job_without_parallelism_was_taken_away_unless_it_had_none() {
    let job = |parallelism: u64| of_spec("Job", &json!({"parallelism": parallelism}));
    assert_taken(&job(2), &job(0), "Job x was given a parallelism of 0");
    assert_taken(
        &of_spec("Job", &json!({})),
        &job(0),
        "Job x was given a parallelism of 0",
    );
    assert_left(&job(0), &job(0));
    // With less of it the work is done all the same.
    assert_left(&job(2), &job(1));
}

#[test]
fn as_few_replicas_as_are_declared_are_not_taken_away_but_fewer_are() {
    let two = "[{of: {kind: Deployment, name: web}, replicas: 2}]";
    assert_left(&sized(3), &declaring(&sized(2), two));
    assert_left(&sized(3), &declaring(&sized(3), two));
    assert_taken(
        &sized(3),
        &declaring(&sized(1), two),
        "Deployment web was scaled to 1, and 2 is declared",
    );
    let none = "[{of: {kind: Deployment, name: web}, replicas: 0}]";
    assert_left(&sized(3), &declaring(&sized(0), none));
    assert_taken(
        &sized(3),
        &declaring(&without(&sized(3), &deployment(1)), none),
        "Deployment web was deleted",
    );
}

#[test]
fn what_is_declared_absent_is_not_taken_away() {
    let absent = "[{of: {kind: Deployment, name: web}, absent: true}]";
    let deleted = without(&sized(3), &deployment(1));
    assert_left(&sized(3), &declaring(&deleted, absent));
    assert_left(&sized(3), &declaring(&sized(1), absent));
}

#[test]
fn a_declaration_of_another_object_or_of_nothing_allows_nothing() {
    for declared in [
        "[{of: {kind: Deployment, name: other}, replicas: 1}]",
        "[{of: {kind: StatefulSet, name: web}, replicas: 1}]",
        "[{of: {kind: Deployment, name: web, namespace: shop}, replicas: 1}]",
        "[{of: {kind: Deployment, name: web}, absent: false}]",
    ] {
        assert_taken(
            &sized(3),
            &declaring(&sized(1), declared),
            "Deployment web was scaled from 3 to 1",
        );
    }
}

#[test]
fn declarations_replace_those_before() {
    let one = declaring(
        &sized(1),
        "[{of: {kind: Deployment, name: web}, replicas: 1}]",
    );
    assert_left(&sized(3), &one);
    assert_taken(
        &sized(3),
        &declaring(&one, "[]"),
        "Deployment web was scaled from 3 to 1",
    );
}

#[test]
fn what_was_not_ready_itself_is_missed_when_it_is_deleted() {
    let service = |status: &str| {
        let available = json!([{"type": "Available", "status": status}]);
        with(
            &object("APIService", "v1.x"),
            &json!({"status": {"conditions": available}}),
        )
    };
    for (status, how) in [
        ("False", Some("APIService v1.x was deleted")),
        ("True", None),
    ] {
        let mut story = Story::new();
        story.shows(&service(status));
        let before = goal(&[(&service(status), story.revision())]);
        let after = without(&before, &service(status));
        story.loses(&deleting(&service(status)));
        let taken = after.taken_away_from(&before, &story.witness());
        assert_eq!(taken.as_deref(), how);
    }
}

#[test]
fn what_was_refused_is_not_given_up_nor_made_elsewhere() {
    let refused = with(
        &object("Deployment", "x"),
        &json!({"metadata": {"namespace": null}}),
    );
    let mut before = goal_of(&[]);
    before.after(&StepOutcome {
        step: "apply refused.yaml".to_owned(),
        refusals: vec![crate::testing::refused(&refused, "Forbidden")],
        ..StepOutcome::default()
    });
    let mut elsewhere = before.clone();
    let there = with(&refused, &json!({"metadata": {"namespace": "shop"}}));
    elsewhere.after(&StepOutcome {
        applied: vec![applied(&there, 9)],
        ..StepOutcome::default()
    });
    let story = Story::new();
    assert_not_yet(&story, &elsewhere, "Deployment x: was refused: Forbidden");
    let given_up = without(&before, &object("Deployment", "x"));
    assert_taken(
        &before,
        &given_up,
        "Deployment x was refused, and nothing applied it since",
    );
    let mut here = before.clone();
    here.after(&StepOutcome {
        applied: vec![applied(&object("Deployment", "x"), 9)],
        ..StepOutcome::default()
    });
    assert_left(&before, &here);
}

#[test]
fn what_an_eviction_was_refused_is_not_given_up_once_it_is_accepted() {
    let evict = |refusals| StepOutcome {
        step: "evict Pod p".to_owned(),
        refusals,
        ..StepOutcome::default()
    };
    let mut before = goal_of(&[]);
    before.after(&evict(vec![crate::testing::refused(
        &object("Pod", "p"),
        "Cannot evict pod",
    )]));
    let mut evicted = before.clone();
    evicted.after(&evict(Vec::new()));
    assert_left(&before, &evicted);
    let mut forbidden = evicted.clone();
    forbidden.after(&evict(vec![crate::testing::refused(
        &object("Pod", "p"),
        "Cannot evict pod",
    )]));
    assert_not_yet(
        &Story::new(),
        &forbidden,
        "Pod p: was refused: Cannot evict pod",
    );
}
