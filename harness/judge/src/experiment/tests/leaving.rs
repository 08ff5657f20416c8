//! Deletions that take their time, and time that passes.

use super::*;
use crate::kubernetes::uid;
use crate::testing::deleting;
use crate::witness::{Leaving, ObjectKey};

/// The claim whose remedy deletes the Deployment first.
fn claim(delete: &str) -> LoadedScenario {
    let steps = format!("steps: [{{delete: {delete}}}, {{apply: remedied.yaml}}]");
    claim_with(&[("steps: [{apply: remedied.yaml}]", &steps)])
}

const WEB: &str = "{kind: Deployment, name: web}";

/// The API server accepts the deletion of an object.
fn asked_to_leave(story: &mut Story, step: &str, object: &Value) {
    let key = ObjectKey::of(object);
    story.does(StepOutcome {
        step: step.to_owned(),
        deleted: vec![key.clone()],
        leaving: vec![Leaving {
            key,
            uid: uid(object).to_owned(),
        }],
        ..StepOutcome::default()
    });
}

fn broken() -> Story {
    let mut story = Story::new();
    story.is_healthy().breaks().stands().begins(Phase::Remedy);
    story
}

#[tokio::test(start_paused = true)]
async fn an_accepted_deletion_is_over_when_the_object_is_gone() {
    let mut story = broken();
    asked_to_leave(&mut story, "delete Deployment web", &unavailable_web());
    story.shows(&held()).after(40_000).loses(&held());
    story.loses(&pod(1)).loses(&pod(2));
    story.rolls_out(3, "remedied.yaml").after(2_000);
    story.shows_all(&[pod(3), deployment(3)]).after(10_100);
    let outcome = outcome_of(&claim(WEB), story.is_served()).await;
    assert_eq!(outcome.verdict, Verdict::Proved, "{:?}", outcome.verdict);
}

fn unavailable_web() -> Value {
    with(&deployment(2), &json!({"metadata": {"uid": "deleted"}}))
}

fn held() -> Value {
    let held = json!({"metadata": {"finalizers": ["example.test/keep"]}});
    with(&deleting(&unavailable_web()), &held)
}

#[tokio::test(start_paused = true)]
async fn a_deletion_that_hangs_ends_with_the_deadline_of_the_phase() {
    let mut story = broken();
    asked_to_leave(&mut story, "delete Deployment web", &unavailable_web());
    story.shows(&held()).after(61_000).ends();
    let outcome = outcome_of(&claim(WEB), &story).await;
    let why = assert_ended(&outcome, "not-remedied", Phase::Remedy);
    assert_eq!(
        why,
        "awaited for 1m: Deployment web is gone; seen last: it is being deleted; finalizers: \
         example.test/keep"
    );
}

#[tokio::test(start_paused = true)]
async fn a_deletion_may_have_a_deadline_of_its_own() {
    let mut story = broken();
    story.after(30_000);
    asked_to_leave(&mut story, "delete Deployment web", &unavailable_web());
    story.shows(&held()).after(61_000).ends();
    let claim = claim("{kind: Deployment, name: web, within: 5s}");
    let outcome = outcome_of(&claim, &story).await;
    let why = assert_ended(&outcome, "not-remedied", Phase::Remedy);
    assert!(
        why.starts_with("awaited for 5s (`delete.within`): Deployment web is gone"),
        "{why}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_deletion_that_is_not_awaited_lets_the_next_step_be_taken() {
    let mut story = broken();
    let step = "delete Deployment web, without waiting";
    asked_to_leave(&mut story, step, &unavailable_web());
    story.shows(&held());
    story.rolls_out(3, "remedied.yaml").after(2_000);
    story.shows_all(&[pod(3), deployment(3)]);
    story.loses(&pod(1)).loses(&pod(2)).after(10_100);
    let claim = claim("{kind: Deployment, name: web, wait: false}");
    let outcome = outcome_of(&claim, story.is_served()).await;
    assert_eq!(outcome.verdict, Verdict::Proved, "{:?}", outcome.verdict);
}

#[tokio::test(start_paused = true)]
async fn another_object_of_that_name_is_not_the_deleted_one() {
    let mut story = broken();
    asked_to_leave(&mut story, "delete Deployment web", &unavailable_web());
    story.loses(&unavailable_web());
    let again = with(&deployment(3), &json!({"metadata": {"uid": "another"}}));
    story.shows(&again).after(100);
    story.does(StepOutcome {
        step: "apply remedied.yaml".to_owned(),
        refusals: vec![crate::testing::refused(&again, "no")],
        ..StepOutcome::default()
    });
    let outcome = outcome_of(&claim(WEB), story.ends()).await;
    let why = assert_ended(&outcome, "not-remedied", Phase::Remedy);
    assert_eq!(why, "apply remedied.yaml: the API server refused: no");
}

#[tokio::test(start_paused = true)]
async fn the_end_of_what_is_not_watched_cannot_be_awaited() {
    let mut story = broken();
    asked_to_leave(&mut story, "delete Service web", &object("Service", "web"));
    story.rolls_out(3, "remedied.yaml").after(2_000);
    story.shows_all(&[pod(3), deployment(3)]);
    story.loses(&pod(1)).loses(&pod(2)).after(10_100);
    let claim = claim("{kind: Service, name: web}");
    let outcome = outcome_of(&claim, story.is_served()).await;
    assert_eq!(outcome.verdict, Verdict::Proved, "{:?}", outcome.verdict);
}

#[tokio::test(start_paused = true)]
async fn time_that_must_pass_passes_before_the_next_step() {
    let waits = "steps: [{apply: broken.yaml}, {await: {time: 30s, because: It expires.}}]";
    let claim = claim_with(&[("steps: [{apply: broken.yaml}]", waits)]);
    let mut story = Story::new();
    story.is_healthy().breaks().stands();
    story.after(12_000).logs(&pod(2), "cannot lock: busy");
    story.shows(&crashed(&pod(2), 3, 1)).after(20_000);
    let outcome = outcome_of(&claim, story.is_cured().is_served()).await;
    assert_eq!(outcome.verdict, Verdict::Proved, "{:?}", outcome.verdict);
    assert_eq!(outcome.time_to_signature, Some(30_000));
}
