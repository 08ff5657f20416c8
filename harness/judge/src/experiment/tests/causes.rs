//! Whether the remedy is what cured, and the fault what broke.

use super::*;
use crate::testing::{applied, event};
use crate::witness::ObjectKey;

const PLACEBO: Extent = Extent {
    course: Course::Placebo(22_000),
    thorough: true,
    trials: false,
};

async fn given(story: &Story) -> Outcome {
    conduct(&load(CLAIM), &mut story.recording(), PLACEBO).await
}

#[tokio::test(start_paused = true)]
async fn nothing_fails_without_the_fault() {
    let mut story = Story::new();
    story.is_healthy().begins(Phase::Placebo);
    let outcome = given(story.after(22_100).ends()).await;
    assert_eq!(outcome.verdict, Verdict::Proved);
    assert_eq!(outcome.phase, Some(Phase::Placebo));
    assert_eq!(outcome.stood.as_deref(), Some("nothing failed for 22.0 s"));
}

#[tokio::test(start_paused = true)]
async fn what_fails_without_the_fault_is_not_caused_by_it() {
    let mut story = Story::new();
    story.is_healthy().begins(Phase::Placebo);
    let mut other = story.clone();
    story.after(13_000).logs(&pod(1), "cannot lock: busy");
    story.shows(&crashed(&pod(1), 1, 1)).ends();
    let why = assert_ended(&given(&story).await, "already-present", Phase::Placebo);
    assert!(why.starts_with("without the fault: "), "{why}");
    assert!(why.ends_with("the fault is not the cause"), "{why}");
    other.after(13_000).shows(&crashed(&pod(1), 1, 1)).ends();
    assert_ended(&given(&other).await, "baseline-broken", Phase::Placebo);
}

fn node(ready: &str) -> Value {
    let condition = json!({"type": "Ready", "status": ready, "message": "kubelet stopped"});
    with(
        &object("Node", "worker"),
        &json!({"metadata": {"namespace": null}, "status": {"conditions": [condition]}}),
    )
}

#[tokio::test(start_paused = true)]
async fn while_a_node_is_not_ready_neither_the_failure_nor_the_cure_is_the_claims() {
    let mut story = Story::new();
    story.is_healthy().breaks().shows(&node("Unknown"));
    story.stands().begins(Phase::Remedy);
    let outcome = outcome_of(&load(CLAIM), &story).await;
    let why = assert_ended(&outcome, "cluster-failed", Phase::Control);
    assert!(why.ends_with("the failure stood meanwhile"), "{why}");
    let mut story = Story::new();
    story.is_healthy().breaks().stands().begins(Phase::Remedy);
    story.shows(&node("Unknown")).rolls_out(3, "remedied.yaml");
    story.shows_all(&[pod(3), deployment(3)]);
    story
        .loses(&pod(1))
        .loses(&pod(2))
        .after(10_100)
        .is_served();
    let outcome = outcome_of(&load(CLAIM), &story).await;
    assert_ended(&outcome, "cluster-failed", Phase::Remedy);
}

/// The failure stands; an unrelated object is changed, and everything is Ready after so long.
fn healed_after(millis: u64) -> Story {
    let config = with(&object("ConfigMap", "notes"), &json!({"data": {}}));
    let mut story = Story::new();
    story.is_healthy().breaks().stands().begins(Phase::Remedy);
    story
        .applies("apply remedied.yaml", &[config])
        .loses(&pod(1));
    story.after(millis).shows_all(&[pod(2), deployment(2)]);
    story.after(10_100).is_served();
    story
}

#[tokio::test(start_paused = true)]
async fn a_remedy_of_something_else_may_have_waited_out_what_heals_itself() {
    let outcome = outcome_of(&load(CLAIM), &healed_after(21_000)).await;
    let why = assert_ended(&outcome, "self-healed", Phase::Remedy);
    assert_eq!(
        why,
        "that it healed itself cannot be excluded: the remedy changes nothing of what the signature \
         speaks of, and took 21.0 s, and nothing was touched for 20.0 s only; make `control.hold` \
         longer than that"
    );
    let outcome = outcome_of(&load(CLAIM), &healed_after(19_000)).await;
    assert_eq!(outcome.verdict, Verdict::Proved);
}

#[tokio::test(start_paused = true)]
async fn a_remedy_that_awaits_something_must_not_wait_longer_than_the_control() {
    let state = "{of: {kind: Deployment, name: web}, fields: \
                 [{path: .status.observedGeneration, is: 3}, {path: .status.replicas, is: 1}]}";
    let steps = format!("[{{apply: remedied.yaml}}, {{await: {{state: {state}, within: 50s}}}}]");
    let claim = claim_with(&[("[{apply: remedied.yaml}]", &steps)]);
    for (millis, ended) in [(19_000, None), (21_000, Some("self-healed"))] {
        let mut story = Story::new();
        story.is_healthy().breaks().stands().begins(Phase::Remedy);
        story.rolls_out(3, "remedied.yaml");
        story.loses(&pod(1)).loses(&pod(2)).after(millis);
        story.shows_all(&[pod(3), deployment(3)]).after(10_100);
        let outcome = outcome_of(&claim, story.is_served()).await;
        assert_eq!(outcome.verdict.reason().as_deref(), ended);
    }
}

#[tokio::test(start_paused = true)]
async fn an_init_container_that_the_remedy_adds_may_have_waited_it_out() {
    let mut story = Story::new();
    story.is_healthy().breaks().stands().begins(Phase::Remedy);
    story.rolls_out(3, "remedied.yaml");
    let ended = json!({"startedAt": "2026-01-01T00:00:30Z", "finishedAt": "2026-01-01T00:00:51Z"});
    let waits = json!({
        "spec": {"initContainers": [{"name": "wait", "image": "wait:1"}]},
        "status": {"initContainerStatuses": [
            {"name": "wait", "ready": true, "restartCount": 0, "state": {"terminated": ended}}]}});
    story.after(21_000);
    story.shows_all(&[with(&pod(3), &waits), deployment(3)]);
    story.loses(&pod(1)).loses(&pod(2)).after(10_100);
    let outcome = outcome_of(&load(CLAIM), story.is_served()).await;
    let why = assert_ended(&outcome, "self-healed", Phase::Remedy);
    assert!(why.contains("adds an init container"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn what_the_fault_deleted_must_be_there_again() {
    let side = with(
        &deployment(1),
        &json!({"metadata": {"name": "side", "uid": "side"}}),
    );
    let delete = "steps: [{delete: {kind: Deployment, name: web}}, {apply: broken.yaml}]";
    let claim = claim_with(&[("steps: [{apply: broken.yaml}]", delete)]);
    let mut story = Story::new();
    story.begins(Phase::SteadyState);
    story.shows_all(&[deployment(1), replica_set(1), pod(1)]);
    story.does(StepOutcome {
        step: "apply healthy.yaml".to_owned(),
        applied: vec![
            applied(&side, story.revision() - 2),
            applied(&deployment(1), 101),
        ],
        ..StepOutcome::default()
    });
    let set = with(
        &replica_set(1),
        &json!({"metadata": {"name": "side-1", "uid": "side-1",
        "ownerReferences": [{"kind": "Deployment", "name": "side", "uid": "side", "controller": true}]}}),
    );
    let side_pod = with(
        &pod(1),
        &json!({"metadata": {"name": "side-1-a", "uid": "side-1-a",
        "ownerReferences": [{"kind": "ReplicaSet", "name": "side-1", "uid": "side-1", "controller": true}]}}),
    );
    story.shows_all(&[side.clone(), set, side_pod]);
    story.after(5_100).begins(Phase::Fault);
    story.does(StepOutcome {
        step: "delete Deployment web".to_owned(),
        deleted: vec![ObjectKey::of(&side)],
        ..StepOutcome::default()
    });
    story.loses(&side);
    story.rolls_out(2, "broken.yaml");
    story.after(1_400).logs(&pod(2), "cannot lock: busy");
    story.after(500).shows(&crashed(&pod(2), 1, 1));
    story.stands().is_cured().is_served();
    let outcome = outcome_of(&claim, &story).await;
    let why = assert_ended(&outcome, "workload-removed", Phase::Remedy);
    assert!(why.starts_with("Deployment side was deleted; "), "{why}");
}

#[tokio::test(start_paused = true)]
async fn what_is_meant_to_be_less_is_declared_in_each_phase() {
    let none = "goal: [{of: {kind: Deployment, name: web}, replicas: 0}]";
    let claim = claim_with(&[
        (
            "  within: 60s\n  hold: 5s",
            &format!("  within: 60s\n  hold: 5s\n  {none}"),
        ),
        ("hold: 20s", "hold: 20s\n  healed_after: 30s"),
    ]);
    let counts =
        json!({"replicas": 0, "updatedReplicas": 0, "readyReplicas": 0, "availableReplicas": 0});
    let idle = with(
        &deployment(1),
        &json!({"spec": {"replicas": 0}, "status": counts}),
    );
    let mut story = Story::new();
    story.begins(Phase::SteadyState);
    story.applies("apply healthy.yaml", &[idle]).after(5_100);
    story.shows(&event(&pod(1), "Normal", "Any", "thing"));
    story.breaks().stands().is_cured().is_served();
    let outcome = outcome_of(&claim, &story).await;
    assert_eq!(outcome.verdict, Verdict::Proved);
}
