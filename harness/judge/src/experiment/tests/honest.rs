//! Claims that no cluster could contradict, and premises that do not hold.

use super::*;

const SIGNATURE: &str =
    "  - log: {of: {kind: Pod, labels: {app: web}}, container: app, contains: [cannot lock]}\n";

fn whole_life() -> Story {
    let mut story = Story::new();
    story.is_healthy().breaks().stands().is_cured().is_served();
    story
}

#[tokio::test(start_paused = true)]
async fn a_field_that_is_absent_in_every_phase_says_nothing() {
    let absent = "  - state: {of: {kind: Deployment, name: web}, fields: [{path: .spec.paused, exists: false}]}\n";
    let claim = claim_with(&[(SIGNATURE, &format!("{SIGNATURE}{absent}"))]);
    let why = assert_ended(
        &outcome_of(&claim, &whole_life()).await,
        "vacuous",
        Phase::Checks,
    );
    assert!(
        why.contains("signature clause 2") && why.contains(".spec.paused"),
        "{why}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_signature_about_what_never_was_there_is_vacuous_and_tells_what_was_seen() {
    let event = "  - event: {of: {kind: ReplicaSet, labels: {app: web}}, type: Warning, reason: FailedCreate, message: forbidden}\n";
    let claim = claim_with(&[(SIGNATURE, event)]);
    let mut story = Story::new();
    story.is_healthy().breaks().after(60_000).ends();
    let why = assert_ended(&outcome_of(&claim, &story).await, "vacuous", Phase::Fault);
    assert!(
        why.contains("no ReplicaSet app=web was there in any phase"),
        "{why}"
    );
    assert!(why.contains("awaited for 1m"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn where_something_was_refused_that_is_the_failure() {
    let event = "  - event: {of: {kind: ReplicaSet, labels: {app: web}}, type: Warning, reason: FailedCreate, message: forbidden}\n";
    let claim = claim_with(&[(SIGNATURE, event)]);
    let mut story = Story::new();
    story.is_healthy().begins(Phase::Fault);
    story.does(StepOutcome {
        step: "apply broken.yaml".to_owned(),
        refusals: vec![crate::testing::refused(&deployment(2), "web is invalid")],
        ..StepOutcome::default()
    });
    assert_ended(
        &outcome_of(&claim, story.ends()).await,
        "other-failure",
        Phase::Fault,
    );
}

fn node_with(image: &str) -> Value {
    let node =
        json!({"kind": "Node", "metadata": {"name": "node", "uid": "node", "namespace": null}});
    with(&node, &json!({"status": {"images": [{"names": [image]}]}}))
}

#[tokio::test(start_paused = true)]
async fn an_image_that_must_be_missing_may_not_be_on_the_node() {
    let absent = "absent_images: ['web:2']\nsteady_state:";
    let claim = claim_with(&[("steady_state:", absent)]);
    let mut story = Story::new();
    story.shows(&node_with("docker.io/library/web:2"));
    story.is_healthy().breaks().stands().is_cured().is_served();
    let outcome = outcome_of(&claim, &story).await;
    assert_ended(&outcome, "premise-gone", Phase::SteadyState);
    let mut story = Story::new();
    story.shows(&node_with("docker.io/library/web:1"));
    story
        .is_healthy()
        .shows(&node_with("docker.io/library/web:2"));
    let outcome = outcome_of(&claim, story.breaks()).await;
    assert_ended(&outcome, "premise-gone", Phase::Fault);
    let mut story = Story::new();
    story.shows(&node_with("docker.io/library/web:1"));
    story.is_healthy().breaks().stands().is_cured().is_served();
    assert_eq!(outcome_of(&claim, &story).await.verdict, Verdict::Proved);
}
