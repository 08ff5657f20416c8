//! What still stands at the end of a hold.

use super::*;
use crate::testing::rerun;

/// Whether a signature still stands; the hold began at the given place of the story.
fn stands(story: &Story, clauses: &str, mark: PhaseMark, hold: MetAt) -> Match {
    let clauses: Vec<Clause> = yaml(clauses);
    stand(&story.witness(), &clauses, mark, (hold, story.now()))
}

fn hold(story: &Story) -> MetAt {
    MetAt {
        at: story.now(),
        revision: story.revision(),
    }
}

const UNMOUNTED: &str = "
- event:
    of: {kind: Pod, labels: {app: web}}
    type: Warning
    reason: FailedMount
    message: not found";

fn unmounted() -> Value {
    event(&pod(1), "Warning", "FailedMount", "not found")
}

/// The fault's pod waits for its volume, and an event tells of it.
fn waiting() -> (Story, PhaseMark, MetAt) {
    let (mut story, mark) = healthy(Phase::Fault);
    story.shows(&stuck(&pod(1), "ContainerCreating", ""));
    story.shows(&unmounted());
    let hold = hold(&story);
    story.after(10_000);
    (story, mark, hold)
}

#[test]
fn an_event_that_came_once_stands_while_its_object_stays_as_it_was() {
    let (story, mark, hold) = waiting();
    assert!(stands(&story, UNMOUNTED, mark, hold).holds());
}

#[test]
fn an_event_that_came_once_and_was_made_good_does_not_stand() {
    let (mut story, mark, hold) = waiting();
    // The container has started, and is not ready for a reason of its own.
    let running = json!({"state": {"running": {"startedAt": "2026-01-01T00:00:05Z"}}});
    story.shows(&unready(&pod(1), &running));
    assert!(asked(&story, UNMOUNTED, mark).holds());
    let answer = stands(&story, UNMOUNTED, mark, hold);
    let seen = &answer.missing()[0].seen;
    assert!(seen.starts_with("it did not happen again, and"), "{seen}");
    // It recurs.
    story.shows(&with(&unmounted(), &json!({"count": 2})));
    assert!(stands(&story, UNMOUNTED, mark, hold).holds());
}

#[test]
fn an_event_of_one_container_is_not_made_good_by_another() {
    let pulled = "- event: {of: {kind: Pod, labels: {app: web}}, type: Warning, reason: Failed, message: ''}";
    let statuses = |state: Value| {
        json!({"status": {"containerStatuses": [
            {"name": "app", "ready": false, "state": {"waiting": {"reason": "ErrImagePull"}}},
            {"name": "side", "ready": false, "state": state},
        ]}})
    };
    let (mut story, mark) = healthy(Phase::Fault);
    story.shows(&with(&pod(1), &statuses(json!({"waiting": {}}))));
    let of_app = json!({"involvedObject": {"fieldPath": "spec.containers{app}"}});
    story.shows(&with(&event(&pod(1), "Warning", "Failed", "no"), &of_app));
    let hold = hold(&story);
    story.shows(&with(&pod(1), &statuses(json!({"running": {}}))));
    assert!(stands(&story, pulled, mark, hold).holds());
    let of_side = json!({"involvedObject": {"fieldPath": "spec.containers{side}"}});
    let mut other = story.clone();
    other.shows_late(
        &with(&event(&pod(1), "Warning", "Failed", "no"), &of_side),
        hold.revision,
    );
    assert!(!stands(&other, pulled, mark, hold).holds());
}

#[test]
fn an_event_that_tells_of_something_done_cannot_be_made_good() {
    let started = "- event: {of: {kind: Pod, labels: {app: web}}, type: Normal, reason: Started, message: ''}";
    let (mut story, mark) = healthy(Phase::Fault);
    story.shows(&stuck(&pod(1), "ContainerCreating", ""));
    story.shows(&event(&pod(1), "Normal", "Started", "started"));
    let hold = hold(&story);
    story.shows(&pod(1));
    assert!(stands(&story, started, mark, hold).holds());
}

#[test]
fn a_claim_that_is_bound_since_ends_what_its_event_told() {
    let (mut story, mark) = healthy(Phase::Fault);
    story.shows(&unbound(&claim()));
    let hold = hold(&story);
    assert!(stands(&story, UNBOUND, mark, hold).holds());
    let bound = json!({"status": {"phase": "Bound"}});
    story.shows(&with(&claim(), &bound));
    assert!(!stands(&story, UNBOUND, mark, hold).holds());
}

#[test]
fn a_line_stands_while_no_later_run_began_or_where_it_is_logged_again() {
    let (mut story, mark) = healthy(Phase::Fault);
    story.after(1_000).logs(&pod(1), "cannot lock: busy");
    let hold = hold(&story);
    assert!(stands(&story, LOCKED, mark, hold).holds());
    story.after(9_000);
    story.shows(&rerun(&pod(1), story.now(), story.now() - 1_000));
    let answer = stands(&story, LOCKED, mark, hold);
    let seen = &answer.missing()[0].seen;
    assert!(seen.starts_with("it was not logged again"), "{seen}");
    story.after(1_000).logs(&pod(1), "cannot lock: busy");
    assert!(stands(&story, LOCKED, mark, hold).holds());
}
