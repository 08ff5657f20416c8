use super::*;

/// The healthy start is applied, and its pod is so and stays so.
fn start(pod: &Value) -> Story {
    let mut story = Story::new();
    story.begins(Phase::SteadyState);
    story.applies("apply healthy.yaml", &[crate::testing::unavailable(1)]);
    story.shows_all(&[replica_set(1), pod.clone()]);
    story
}

#[tokio::test(start_paused = true)]
async fn a_start_that_does_not_become_ready_is_baseline_broken() {
    let mut story = start(&crashed(&pod(1), 1, 3));
    let outcome = outcome_of(&load(CLAIM), story.ends()).await;
    let why = assert_ended(&outcome, "baseline-broken", Phase::SteadyState);
    assert_eq!(
        why,
        "awaited for 1m (`steady_state.within`): everything is Ready; seen last: Deployment web: readyReplicas is 0 of 1; \
         ailing: pod web-1-a container app: Error with exit code 3, 1 restarts"
    );
}

#[tokio::test(start_paused = true)]
async fn a_start_that_is_ready_and_then_not_is_baseline_broken() {
    let mut story = start(&pod(1));
    story.shows(&deployment(1)).after(4_900);
    story.shows(&crashed(&pod(1), 1, 3)).ends();
    let outcome = outcome_of(&load(CLAIM), &story).await;
    let why = assert_ended(&outcome, "baseline-broken", Phase::SteadyState);
    assert!(why.starts_with("was Ready, and then not: "), "{why}");
}

#[tokio::test(start_paused = true)]
async fn a_start_that_cannot_become_ready_is_baseline_broken_at_once() {
    let missing = "Back-off pulling image: web:1: not found";
    let mut story = start(&stuck(&pod(1), "ImagePullBackOff", missing));
    let outcome = outcome_of(&load(CLAIM), story.after(59_000).ends()).await;
    let why = assert_ended(&outcome, "baseline-broken", Phase::SteadyState);
    assert!(!why.contains("awaited"), "{why}");
    assert!(why.contains(missing), "{why}");
}

#[tokio::test(start_paused = true)]
async fn a_start_that_is_refused_is_baseline_broken() {
    let mut story = Story::new();
    story.begins(Phase::SteadyState);
    story.does(StepOutcome {
        step: "apply healthy.yaml".to_owned(),
        refusals: vec![crate::testing::refused(&deployment(1), "spec: Forbidden")],
        ..StepOutcome::default()
    });
    let outcome = outcome_of(&load(CLAIM), &story).await;
    let why = assert_ended(&outcome, "baseline-broken", Phase::SteadyState);
    assert_eq!(
        why,
        "apply healthy.yaml: the API server refused: spec: Forbidden"
    );
}

#[tokio::test(start_paused = true)]
async fn a_start_whose_step_awaits_in_vain_is_baseline_broken() {
    let claim = claim_with(&[(
        "steps: [{apply: healthy.yaml}]",
        "steps: [{apply: healthy.yaml}, {await: {gone: {kind: Pod, labels: {app: web}}, within: 7s}}]",
    )]);
    let mut story = Story::new();
    story.shows(&pod(0));
    let outcome = outcome_of(&claim, story.is_healthy().ends()).await;
    let why = assert_ended(&outcome, "baseline-broken", Phase::SteadyState);
    assert_eq!(
        why,
        "awaited for 7s (`await.within`): no Pod app=web is left; seen last: 2 left"
    );
}

#[tokio::test(start_paused = true)]
async fn a_start_that_is_ready_and_shows_the_signature_is_already_present() {
    let mut story = start(&restarted(&pod(1), 1));
    story.logs(&pod(1), "cannot lock: busy");
    let outcome = outcome_of(&load(CLAIM), story.shows(&deployment(1)).ends()).await;
    let why = assert_ended(&outcome, "already-present", Phase::SteadyState);
    assert!(why.contains("cannot lock: busy"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn a_start_that_shows_the_signature_instead_of_ready_is_already_present() {
    let mut story = start(&crashed(&pod(1), 1, 1));
    story.logs(&pod(1), "cannot lock: busy").ends();
    let outcome = outcome_of(&load(CLAIM), &story).await;
    assert_ended(&outcome, "already-present", Phase::SteadyState);
}

#[tokio::test(start_paused = true)]
async fn a_start_whose_check_fails_ends_there() {
    let claim = claim_with(&[(
        "  hold: 5s",
        "  hold: 5s\n  checks: [{http: {name: It answers, service: web, port: 80, path: /, within: 9s}}]",
    )]);
    let mut story = Story::new();
    story.is_healthy().answers("It answers", false).ends();
    let outcome = outcome_of(&claim, &story).await;
    let why = assert_ended(&outcome, "baseline-broken", Phase::SteadyState);
    assert_eq!(
        why,
        "awaited for 9s (`within` of the check): It answers; seen last: status 200"
    );
}
