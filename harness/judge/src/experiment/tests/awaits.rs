use super::*;
use crate::experiment::steps::awaited_holds;
use crate::scenario::Await;
use crate::testing::{applied, deleting, yaml};

fn holds(story: &Story, wanted: &str) -> bool {
    awaited_holds(&story.witness(), &Goal::default(), &yaml::<Await>(wanted)).is_ok()
}

#[test]
fn what_must_be_gone_is_there_while_a_pod_of_any_template_is_left() {
    let gone = "{gone: {kind: Pod, labels: {app: web}}, within: 9s}";
    let mut story = Story::new();
    assert!(holds(&story, gone));
    story.shows_all(&[rolling(2), replica_set(2), pod(1), pod(2)]);
    assert!(!holds(&story, gone));
    // Scaled down, and the controller has not seen it yet.
    assert!(!holds(story.shows(&unobserved(3)), gone));
    story.loses(&pod(2)).shows(&deleting(&pod(1)));
    assert!(!holds(&story, gone));
    assert!(holds(story.loses(&pod(1)), gone));
}

#[test]
fn a_state_that_is_awaited_is_that_of_the_newest_template() {
    let ready = "{state: {of: {kind: Pod, labels: {app: web}}, \
                 fields: [{path: .status.phase, is: Running}]}, within: 9s}";
    let mut story = Story::new();
    assert!(!holds(&story, ready));
    story.shows_all(&[rolling(2), replica_set(1), pod(1)]);
    assert!(!holds(&story, ready));
    assert!(holds(story.shows_all(&[replica_set(2), pod(2)]), ready));
}

#[test]
fn a_state_that_is_awaited_is_that_of_an_object_as_a_step_stored_it() {
    let observed = "{state: {of: {kind: Deployment, name: web}, \
                    fields: [{path: .status.replicas, is: 1}]}, within: 9s}";
    let mut story = Story::new();
    story.shows(&deployment(1));
    let mut goal = Goal::default();
    goal.after(&StepOutcome {
        applied: vec![applied(&deployment(1), story.revision() + 1)],
        ..StepOutcome::default()
    });
    let awaited = |story: &Story| awaited_holds(&story.witness(), &goal, &yaml(observed));
    assert!(awaited(&story).is_err());
    assert_eq!(awaited(story.shows(&deployment(1))), Ok(()));
}
