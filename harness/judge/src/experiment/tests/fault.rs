use super::*;
use crate::testing::event;

/// A healthy start and then the broken template, whose pod has not started.
fn rollout() -> Story {
    let mut story = Story::new();
    story.is_healthy().begins(Phase::Fault);
    story.rolls_out(2, "broken.yaml");
    story
}

#[tokio::test(start_paused = true)]
async fn a_fault_after_which_everything_is_ready_is_not_reproduced() {
    let mut story = rollout();
    story.after(2_000).shows_all(&[pod(2), deployment(2)]);
    let outcome = outcome_of(&load(CLAIM), story.ends()).await;
    let why = assert_ended(&outcome, "not-reproduced", Phase::Fault);
    let words = "awaited for 1m (`fault.within`): the signature; everything became Ready, and is so \
                 now; not seen: log of Pod app=web container app with \"cannot lock\" (no log line of Pod \
                 app=web container app); not seen: Pod app=web with ";
    assert!(why.starts_with(words), "{why}");
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_begins_while_everything_is_ready_is_awaited_until_the_deadline() {
    let mut story = rollout();
    story.after(2_000).shows_all(&[pod(2), deployment(2)]);
    story.after(45_000).logs(&pod(2), "cannot lock: busy");
    story.shows_all(&[crashed(&pod(2), 1, 1), rolling(2)]);
    let mut soon = story.clone();
    story.stands().begins(Phase::Remedy);
    story.rolls_out(3, "remedied.yaml");
    story.after(2_000).shows_all(&[pod(3), deployment(3)]);
    story
        .loses(&pod(1))
        .loses(&pod(2))
        .after(47_200)
        .is_served();
    let outcome = outcome_of(&load(CLAIM), &story).await;
    assert_eq!(outcome.verdict, Verdict::Proved);
    assert_eq!(outcome.time_to_signature, Some(47_100));
    // What is cured must last as long: it fails again after as much time.
    soon.stands().begins(Phase::Remedy);
    soon.rolls_out(3, "remedied.yaml");
    soon.after(2_000).shows_all(&[pod(3), deployment(3)]);
    soon.loses(&pod(1)).loses(&pod(2)).after(45_000);
    soon.shows_all(&[crashed(&pod(3), 1, 1), rolling(3)]).ends();
    let outcome = outcome_of(&load(CLAIM), &soon).await;
    let why = assert_ended(&outcome, "unstable", Phase::Remedy);
    let words = "(Ready for 45.0 s at most, of 47.1 s; Ready, and then not: once)";
    assert!(why.contains(words), "{why}");
}

#[tokio::test(start_paused = true)]
async fn a_crash_loop_that_is_ready_at_the_deadline_is_told_by_its_restarts() {
    let mut story = rollout();
    story.after(2_000).shows_all(&[pod(2), deployment(2)]);
    story.after(50_000).shows(&restarted(&pod(2), 4)).ends();
    let outcome = outcome_of(&load(CLAIM), &story).await;
    let why = assert_ended(&outcome, "not-reproduced", Phase::Fault);
    let words = "restarted since: pod web-2-a container app: 4 restarts, last with exit code 1";
    assert!(why.contains(words), "{why}");
}

#[tokio::test(start_paused = true)]
async fn a_fault_after_which_nothing_happens_is_not_reproduced() {
    let mut story = Story::new();
    story.is_healthy().begins(Phase::Fault);
    story.applies("apply broken.yaml", &[unobserved(2)]).ends();
    let outcome = outcome_of(&load(CLAIM), &story).await;
    let why = assert_ended(&outcome, "not-reproduced", Phase::Fault);
    let words = "awaited for 1m (`fault.within`): the signature; not seen: log of Pod app=web container \
                 app with \"cannot lock\" (no Pod app=web of the newest template is there, only 1 of \
                 another: ";
    assert!(why.starts_with(words), "{why}");
}

#[tokio::test(start_paused = true)]
async fn a_flash_of_ready_does_not_end_the_wait_for_the_failure() {
    let mut story = rollout();
    story.after(500).shows_all(&[pod(2), deployment(2)]);
    story.after(9_000).logs(&pod(2), "cannot lock: busy");
    story.shows_all(&[crashed(&pod(2), 1, 1), rolling(2)]);
    story.stands().is_cured().is_served();
    let outcome = outcome_of(&load(CLAIM), &story).await;
    assert_eq!(outcome.verdict, Verdict::Proved);
}

#[tokio::test(start_paused = true)]
async fn a_fault_that_fails_otherwise_tells_the_clause_and_what_is_seen_instead() {
    let mut story = rollout();
    story.after(1_000).logs(&pod(2), "error: no such file");
    story.shows(&crashed(&pod(2), 2, 1)).ends();
    let outcome = outcome_of(&load(CLAIM), &story).await;
    let why = assert_ended(&outcome, "other-failure", Phase::Fault);
    let wanted = "log of Pod app=web container app with \"cannot lock\"";
    assert_eq!(
        why,
        format!(
            "awaited for 1m (`fault.within`): the signature; restarted since: pod web-2-a container app: \
             2 restarts, last with exit code 1; \
             not seen: {wanted} (last line: error: no such file); {ONE_AFTER_ANOTHER}; \
             ailing: pod web-2-a container app: Error with exit code 1, 2 restarts: \
             error: no such file"
        )
    );
}

#[tokio::test(start_paused = true)]
async fn a_fault_with_half_of_the_signature_is_another_failure() {
    let mut story = rollout();
    story.after(1_000).logs(&pod(2), "cannot lock: busy");
    story
        .shows(&unready(&pod(2), &json!({"state": {"running": {}}})))
        .ends();
    let outcome = outcome_of(&load(CLAIM), &story).await;
    let why = assert_ended(&outcome, "other-failure", Phase::Fault);
    assert!(
        why.contains("restartCount is at least 1 (Pod app=web: "),
        "{why}"
    );
    assert!(why.contains("runs and is not ready"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn three_crashes_do_not_end_the_wait_before_its_deadline() {
    let mut story = rollout();
    story.after(1_000).shows(&crashed(&pod(2), 3, 1));
    story.after(50_000).logs(&pod(2), "cannot lock: at last");
    story.stands().is_cured().is_served();
    let outcome = outcome_of(&load(CLAIM), &story).await;
    assert_eq!(outcome.verdict, Verdict::Proved);
}

#[tokio::test(start_paused = true)]
async fn a_dead_end_that_the_claim_does_not_name_is_another_failure() {
    let missing = "Back-off pulling image: web:2: not found";
    let mut story = rollout();
    story.shows(&stuck(&pod(2), "ImagePullBackOff", missing));
    let outcome = outcome_of(&load(CLAIM), story.ends()).await;
    let why = assert_ended(&outcome, "other-failure", Phase::Fault);
    assert!(why.contains(missing), "{why}");
    assert!(why.contains("not seen: log of Pod app=web"), "{why}");
    assert!(!why.contains("awaited for"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn a_state_that_nothing_leaves_does_not_end_the_wait_for_what_may_come_all_the_same() {
    let claim = claim_with(&[
        (
            "fields: [{path: '.status.containerStatuses[0].restartCount', at_least: 1}]",
            "fields: [{path: '.status.containerStatuses[0].name', is: app}]",
        ),
        (
            "- log: {of: {kind: Pod, labels: {app: web}}, container: app, contains: [cannot lock]}",
            "- state: {of: {kind: Deployment, name: web}, fields: [{path: \
             '.status.conditions[0].reason', is: ProgressDeadlineExceeded}]}",
        ),
    ]);
    let mut story = rollout();
    story.shows(&stuck(&pod(2), "ImagePullBackOff", "web:2: not found"));
    let late =
        json!([{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}]);
    story.after(50_000);
    story.shows(&with(&rolling(2), &json!({"status": {"conditions": late}})));
    story.begins(Phase::Control);
    story.after(20_100).is_cured().is_served();
    let outcome = outcome_of(&claim, &story).await;
    assert_eq!(outcome.verdict, Verdict::Proved);
}

#[tokio::test(start_paused = true)]
async fn an_object_that_can_never_be_ready_ends_the_wait_unless_the_evidence_follows() {
    let failed = with(
        &object("Job", "once"),
        &json!({"status": {"conditions": [
            {"type": "Failed", "status": "True", "message": "gave up"}]}}),
    );
    let mut story = Story::new();
    story.is_healthy().begins(Phase::Fault);
    story.applies("apply broken.yaml", &[deployment(1), failed.clone()]);
    let mut silent = story.clone();
    let outcome = outcome_of(&load(CLAIM), silent.after(40_000).ends()).await;
    let why = assert_ended(&outcome, "other-failure", Phase::Fault);
    let words = "awaited for 1m (`fault.within`): the signature; Job once: gave up; ";
    assert!(why.starts_with(words), "{why}");
    story.after(3_000).logs(&pod(1), "cannot lock: busy");
    story.shows(&restarted(&pod(1), 1));
    let outcome = outcome_of(&load(CLAIM), story.ends()).await;
    assert_ne!(outcome.phase, Some(Phase::SteadyState));
    assert!(outcome.time_to_signature.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_fault_that_is_refused_is_another_failure() {
    let mut story = Story::new();
    story.is_healthy().begins(Phase::Fault);
    story.does(StepOutcome {
        step: "apply broken.yaml".to_owned(),
        refusals: vec![crate::testing::refused(&deployment(2), "spec: Forbidden")],
        ..StepOutcome::default()
    });
    let outcome = outcome_of(&load(CLAIM), &story).await;
    let why = assert_ended(&outcome, "other-failure", Phase::Fault);
    assert_eq!(
        why,
        "apply broken.yaml: the API server refused: spec: Forbidden"
    );
}

#[tokio::test(start_paused = true)]
async fn a_fault_during_which_the_registry_was_not_reached_is_inconclusive() {
    let unreachable = "Failed to pull image \"web:2\": failed to do request: Head \
                       \"https://172.18.0.1:5000/v2/web\": connect: connection refused";
    let waiting = stuck(&pod(2), "ErrImagePull", unreachable);
    let mut story = rollout();
    story.shows(&event(&waiting, "Warning", "Failed", unreachable));
    let outcome = outcome_of(&load(CLAIM), story.shows(&waiting).ends()).await;
    assert_eq!(outcome.verdict.word(), "inconclusive");
    let why = assert_ended(&outcome, "registry-unreachable", Phase::Fault);
    assert!(why.starts_with(unreachable), "{why}");
}
