//! Numbers that the claim declares: they are the goal.

use super::*;

/// The goal with this declared of the Deployment.
fn declaring(goal: &Goal, what: &str) -> Goal {
    let declared = format!("[{{of: {{kind: Deployment, name: web}}, {what}}}]");
    let mut declaring = goal.clone();
    declaring.declare(&yaml::<Vec<_>>(&declared));
    declaring
}

/// The Deployment scaled to nothing, as its controller has seen.
fn at_rest() -> Value {
    let counts = json!({"replicas": 0, "updatedReplicas": 0, "readyReplicas": 0,
        "availableReplicas": 0});
    with(
        &deployment(1),
        &json!({"spec": {"replicas": 0}, "status": counts}),
    )
}

/// The Deployment with two Ready pods.
fn of_two() -> Value {
    let counts = json!({"replicas": 2, "updatedReplicas": 2, "readyReplicas": 2,
        "availableReplicas": 2});
    with(
        &deployment(1),
        &json!({"spec": {"replicas": 2}, "status": counts}),
    )
}

fn second_pod() -> Value {
    let own = json!({"metadata": {"name": "web-1-b", "uid": "uid of web-1-b"}});
    with(&pod(1), &own)
}

#[test]
fn a_workload_declared_to_have_no_replicas_is_as_meant_when_no_pod_of_it_is_left() {
    let (mut story, goal) = rolled_out();
    let goal = declaring(&goal, "replicas: 0");
    assert_not_yet(
        &story,
        &goal,
        "Deployment web: is scaled to 1, and 0 is declared",
    );
    let unseen = with(&at_rest(), &json!({"metadata": {"generation": 2}}));
    assert_not_yet(
        story.shows(&unseen),
        &goal,
        "Deployment web: its controller has seen generation 1 of 2",
    );
    story.shows(&at_rest());
    assert_not_yet(&story, &goal, "Deployment web: 1 of its pods are left");
    story.shows(&deleting(&pod(1)));
    assert_not_yet(&story, &goal, "Deployment web: 1 of its pods are left");
    assert_met(story.loses(&pod(1)), &goal, &[]);
}

#[test]
fn a_pod_of_the_old_template_is_left_too() {
    let (mut story, goal) = rolled_out();
    let goal = declaring(&goal, "replicas: 0");
    story.shows_all(&[at_rest(), replica_set(2), pod(2)]);
    assert_not_yet(&story, &goal, "Deployment web: 2 of its pods are left");
}

#[test]
fn a_workload_scaled_to_nothing_is_not_ready_unless_that_is_declared() {
    let (mut story, goal) = rolled_out();
    story.shows(&at_rest()).loses(&pod(1));
    assert_not_yet(&story, &goal, "Deployment web: is scaled to 0");
    assert_met(&story, &declaring(&goal, "replicas: 0"), &[]);
}

#[test]
fn a_workload_declared_to_have_two_replicas_has_exactly_two_that_are_ready() {
    let (mut story, goal) = rolled_out();
    let goal = declaring(&goal, "replicas: 2");
    let seen = "Deployment web: is scaled to 1, and 2 is declared";
    assert_not_yet(&story, &goal, seen);
    story.shows(&of_two());
    let seen = "Deployment web: 1 of 2 pods of the newest template are there";
    assert_not_yet(&story, &goal, seen);
    story.shows(&second_pod());
    assert_met(&story, &goal, &[("web-1-a", 0), ("web-1-b", 0)]);
    story.shows(&with(&of_two(), &json!({"spec": {"replicas": 3}})));
    let seen = "Deployment web: is scaled to 3, and 2 is declared";
    assert_not_yet(&story, &goal, seen);
}

#[test]
fn a_workload_that_says_no_number_has_one() {
    let (mut story, goal) = rolled_out();
    story.shows(&with(&deployment(1), &json!({"spec": {"replicas": null}})));
    assert_met(&story, &declaring(&goal, "replicas: 1"), &[("web-1-a", 0)]);
}

#[test]
fn a_declared_number_counts_of_the_object_as_it_was_applied() {
    let (mut story, goal) = rolled_out();
    let goal = declaring(&goal, "replicas: 0");
    story.shows(&with(&at_rest(), &json!({"metadata": {"uid": "another"}})));
    assert_not_yet(&story, &goal, "Deployment web: was replaced by another");
    story.loses(&at_rest());
    assert_not_yet(&story, &goal, "Deployment web: is not there");
}

#[test]
fn a_declared_number_of_what_was_never_applied_is_not_met() {
    let (story, goal) = rolled_out();
    let mut goal = goal;
    goal.declare(&yaml::<Vec<_>>(
        "[{of: {kind: StatefulSet, name: db}, replicas: 0}]",
    ));
    assert_not_yet(&story, &goal, "StatefulSet db: was not applied");
}

const ABSENT: &str = "Deployment web: is there, and declared absent";

#[test]
fn what_is_declared_absent_is_as_meant_when_it_is_not_there() {
    let (mut story, goal) = rolled_out();
    let mut goal = declaring(&goal, "absent: true");
    assert_not_yet(&story, &goal, ABSENT);
    goal.after(&StepOutcome {
        deleted: vec![ObjectKey::of(&deployment(1))],
        ..StepOutcome::default()
    });
    // The watch lags behind the step.
    assert_not_yet(&story, &goal, ABSENT);
    assert_met(story.loses(&deployment(1)), &goal, &[]);
}

#[test]
fn what_goes_without_a_step_is_absent_too() {
    let (mut story, goal) = rolled_out();
    let goal = declaring(&goal, "absent: true");
    assert_met(story.loses(&deployment(1)), &goal, &[]);
}

#[test]
fn what_was_applied_and_is_not_seen_yet_is_not_absent() {
    let mut story = Story::new();
    let absent = |revision| declaring(&goal(&[(&deployment(1), revision)]), "absent: true");
    assert_not_yet(&story, &absent(1), ABSENT);
    story.shows(&deployment(1)).loses(&deployment(1));
    assert_met(&story, &absent(story.revision()), &[]);
    assert_not_yet(&story, &absent(story.revision() + 1), ABSENT);
}

#[test]
fn a_kind_that_is_not_watched_is_absent_when_a_step_deleted_it() {
    let certificate = object("Certificate", "c");
    let mut goal = goal(&[(&certificate, 1)]);
    goal.declare(&yaml::<Vec<_>>(
        "[{of: {kind: Certificate, name: c}, absent: true}]",
    ));
    let story = Story::new();
    assert_not_yet(
        &story,
        &goal,
        "Certificate c: is there, and declared absent",
    );
    goal.after(&StepOutcome {
        deleted: vec![ObjectKey::of(&certificate)],
        ..StepOutcome::default()
    });
    assert_met(&story, &goal, &[]);
}

#[test]
fn an_object_of_another_name_does_not_make_up_for_what_is_declared_absent() {
    let (mut story, goal) = rolled_out();
    let goal = declaring(&goal, "absent: true");
    let other = with(&deployment(1), &json!({"metadata": {"name": "other"}}));
    story.loses(&deployment(1)).shows(&other);
    assert_met(&story, &goal, &[]);
}

#[test]
fn what_is_not_declared_is_assessed_as_ever_beside_what_is() {
    let (mut story, mut goal) = rolled_out();
    let claim: Value = yaml("{kind: PersistentVolumeClaim, metadata: {name: data}}");
    goal.after(&StepOutcome {
        applied: vec![applied(&claim, 1)],
        ..StepOutcome::default()
    });
    let goal = declaring(&goal, "replicas: 0");
    story.shows_all(&[at_rest(), claim]).loses(&pod(1));
    assert_not_yet(
        &story,
        &goal,
        "PersistentVolumeClaim data: is without a phase",
    );
}
