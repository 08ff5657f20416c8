//! What Ready means beside the conditions of what is applied.

use super::*;
use crate::scenario::ReadyClause;

const UP: &str = "
- http: {name: the target is up, service: web, port: 80, path: /}
- state:
    of: {kind: Deployment, name: web}
    fields: [{path: .spec.replicas, is: 1}]
";

/// The goal of a Deployment that is rolled out, with clauses.
fn expecting(clauses: &str) -> (Story, Goal) {
    let (story, plain) = rolled_out();
    let clauses: Vec<ReadyClause> = yaml(clauses);
    let mut goal = Goal::expecting(&clauses);
    goal.after(&StepOutcome {
        applied: plain.objects.into_values().collect(),
        ..StepOutcome::default()
    });
    (story, goal)
}

fn service() -> StepOutcome {
    StepOutcome {
        applied: vec![applied(&object("Service", "web"), 1)],
        ..StepOutcome::default()
    }
}

#[test]
fn a_clause_counts_once_the_object_that_it_speaks_of_is_applied() {
    let (mut story, mut goal) = expecting(UP);
    assert_met(&story, &goal, &[("web-1-a", 0)]);
    story.shows(&object("Service", "web"));
    goal.after(&service());
    assert_not_yet(&story, &goal, "the target is up: it was not answered yet");
    story.replies("the target is up", false);
    assert_not_yet(&story, &goal, "the target is up: otherwise");
    story.replies("the target is up", true);
    assert_met(&story, &goal, &[("web-1-a", 0)]);
}

#[test]
fn it_goes_on_to_count_where_that_object_is_deleted() {
    let (story, mut goal) = expecting(UP);
    goal.after(&service());
    goal.after(&StepOutcome {
        deleted: vec![ObjectKey::of(&object("Service", "web"))],
        ..StepOutcome::default()
    });
    assert_not_yet(&story, &goal, "the target is up: it was not answered yet");
}

#[test]
fn all_clauses_count_when_that_is_said() {
    let (story, mut goal) = expecting(UP);
    goal.expect_all();
    assert_not_yet(&story, &goal, "the target is up: it was not answered yet");
}

#[test]
fn a_state_is_as_it_stands() {
    let two =
        "[{state: {of: {kind: Deployment, name: web}, fields: [{path: .spec.replicas, is: 2}]}}]";
    let (story, goal) = expecting(two);
    assert_not_yet(&story, &goal, "Deployment web: .spec.replicas is 1");
    let gone =
        "[{state: {of: {kind: DaemonSet, name: agent}, fields: [{path: .status, exists: true}]}}]";
    let (story, mut goal) = expecting(gone);
    goal.expect_all();
    assert_not_yet(&story, &goal, "no DaemonSet agent is there");
}

#[test]
fn the_conditions_of_objects_are_told_first() {
    let (mut story, mut goal) = expecting(UP);
    goal.expect_all();
    story.shows(&unready(&pod(1), &json!({})));
    let Assessment::NotYet(why) = assess(&story.witness(), &goal) else {
        panic!("it is met");
    };
    assert!(why.starts_with("Deployment web"), "{why}");
}
