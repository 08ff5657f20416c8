//! States that a step awaits, of objects as the steps before stored them.

use super::*;

/// What is seen instead of a pod that runs, after the goal's steps.
fn awaited(story: &Story, goal: &Goal) -> Result<(), String> {
    let running =
        "{of: {kind: Pod, labels: {app: web}}, fields: [{path: .status.phase, is: Running}]}";
    state_holds(&story.witness(), &yaml(running), goal)
}

/// The goal of a step that stored the object in this revision.
fn goal(object: &Value, revision: u64) -> Goal {
    let mut goal = Goal::default();
    goal.after(&StepOutcome {
        applied: vec![applied(object, revision)],
        ..StepOutcome::default()
    });
    goal
}

#[test]
fn a_state_of_an_object_that_no_step_stored_is_awaited_as_it_stands() {
    let mut story = Story::new();
    let nothing = Goal::default();
    assert_eq!(
        awaited(&story, &nothing),
        Err("no Pod app=web is there".to_owned())
    );
    story.shows_all(&[
        deployment(1),
        replica_set(1),
        stuck(&pod(1), "ErrImagePull", ""),
    ]);
    let seen = "Pod app=web: .status.phase is \"Pending\"";
    assert_eq!(awaited(&story, &nothing), Err(seen.to_owned()));
    assert_eq!(awaited(story.shows(&pod(1)), &nothing), Ok(()));
}

#[test]
fn a_state_is_not_awaited_of_an_object_in_an_older_version_than_a_step_stored() {
    let bare = with(&pod(1), &json!({"metadata": {"ownerReferences": null}}));
    let mut story = Story::new();
    story.shows(&bare);
    let stored = story.revision();
    assert_eq!(awaited(&story, &goal(&bare, stored)), Ok(()));
    let next = goal(&bare, stored + 1);
    let stale = "Pod app=web is not yet seen as applied";
    assert_eq!(awaited(&story, &next), Err(stale.to_owned()));
    assert_eq!(awaited(story.shows(&bare), &next), Ok(()));
}

#[test]
fn a_state_is_not_awaited_of_a_pod_whose_workload_is_not_yet_seen_as_a_step_stored_it() {
    let mut story = Story::new();
    story.shows_all(&[deployment(1), replica_set(1), pod(1)]);
    let next = goal(&deployment(1), story.revision() + 1);
    let stale = "Pod app=web is not yet seen as applied";
    assert_eq!(awaited(&story, &next), Err(stale.to_owned()));
    assert_eq!(awaited(story.shows(&deployment(1)), &next), Ok(()));
}
