use super::*;
use crate::testing::{applied, deleting, event, rerun};
use crate::witness::ObjectKey;

/// The failure stands, and the remedied template is applied; its pod has not started.
fn remedied() -> Story {
    let mut story = Story::new();
    story.is_healthy().breaks().stands().begins(Phase::Remedy);
    story.rolls_out(3, "remedied.yaml");
    story
}

#[tokio::test(start_paused = true)]
async fn a_remedy_that_does_not_converge_in_time_is_not_remedied() {
    let mut story = remedied();
    story.after(2_000).shows(&crashed(&pod(3), 1, 1)).ends();
    let outcome = outcome_of(&load(CLAIM), &story).await;
    let why = assert_ended(&outcome, "not-remedied", Phase::Remedy);
    assert_eq!(
        why,
        format!(
            "awaited for 1m (`remedy.within`): everything is Ready; seen last: Deployment web: replicas \
             is 2 of 1; the documented failure is not seen any more: {ONE_AFTER_ANOTHER}; \
             ailing: pod web-3-a container app: Error with exit code 1, 1 restarts"
        )
    );
    assert_eq!(outcome.time_to_ready, None);
}

#[tokio::test(start_paused = true)]
async fn the_old_pod_that_stays_ready_is_no_remedy() {
    // The usual waits take Available=True of the old pod for health.
    let mut story = remedied();
    story.shows(&with(
        &rolling(3),
        &json!({"status": {"conditions": [{"type": "Available", "status": "True"}]}}),
    ));
    let outcome = outcome_of(&load(CLAIM), story.ends()).await;
    assert_ended(&outcome, "not-remedied", Phase::Remedy);
}

#[tokio::test(start_paused = true)]
async fn the_status_of_the_old_template_is_no_remedy() {
    let mut story = Story::new();
    story.is_healthy().breaks().stands().begins(Phase::Remedy);
    story
        .applies("apply remedied.yaml", &[unobserved(3)])
        .ends();
    let outcome = outcome_of(&load(CLAIM), &story).await;
    let why = assert_ended(&outcome, "not-remedied", Phase::Remedy);
    assert!(why.contains("has seen generation 2 of 3"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn a_remedy_that_ends_in_a_dead_end_is_not_remedied_at_once() {
    let mut story = remedied();
    let missing = "Back-off pulling image: web:3: not found";
    story.shows(&stuck(&pod(3), "ImagePullBackOff", missing));
    let outcome = outcome_of(&load(CLAIM), story.ends()).await;
    let why = assert_ended(&outcome, "not-remedied", Phase::Remedy);
    assert!(why.contains(missing), "{why}");
    assert!(!why.contains("awaited for"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn a_remedy_under_which_the_signature_holds_is_not_remedied_though_everything_is_ready() {
    let mut story = remedied();
    story.after(2_000).logs(&pod(3), "cannot lock: busy");
    story.shows_all(&[restarted(&pod(3), 1), deployment(3)]);
    let outcome = outcome_of(&load(CLAIM), story.ends()).await;
    let why = assert_ended(&outcome, "not-remedied", Phase::Remedy);
    let words = "everything is Ready, and the signature holds all the same: ";
    assert!(why.starts_with(words), "{why}");
}

#[tokio::test(start_paused = true)]
async fn a_pod_that_is_cured_in_place_keeps_its_last_end_and_its_old_log() {
    let mut story = Story::new();
    story.is_healthy().breaks().stands();
    story
        .logs(&pod(2), "cannot lock: busy")
        .begins(Phase::Remedy);
    // A change of the strategy alone: no new template.
    let patch = json!({"metadata": {"generation": 3}});
    story.applies("apply remedied.yaml", &[with(&rolling(2), &patch)]);
    let seen = json!({"metadata": {"generation": 3}, "status": {"observedGeneration": 3}});
    story.loses(&pod(1)).after(25_000);
    story.shows_all(&[restarted(&pod(2), 3), with(&deployment(2), &seen)]);
    story.after(10_100).is_served();
    let outcome = outcome_of(&load(CLAIM), &story).await;
    assert_eq!(outcome.verdict, Verdict::Proved);
    assert_eq!(outcome.time_to_ready, Some(25_000));
}

#[tokio::test(start_paused = true)]
async fn a_pod_that_crashes_once_more_on_its_way_to_ready_is_cured_all_the_same() {
    let mut story = remedied();
    story.after(2_000).logs(&pod(3), "cannot lock: busy");
    story.shows(&crashed(&pod(3), 1, 1));
    let crash = story.now();
    story.after(3_000);
    let again = rerun(&pod(3), story.now(), crash);
    story.shows_all(&[again, deployment(3)]).loses(&pod(1));
    story.after(10_100).is_served();
    let outcome = outcome_of(&load(CLAIM), &story).await;
    assert_eq!(outcome.verdict, Verdict::Proved);
}

#[tokio::test(start_paused = true)]
async fn what_fails_again_while_everything_is_ready_is_not_remedied() {
    let mut story = remedied();
    story.after(2_000).shows(&crashed(&pod(3), 1, 1));
    let crash = story.now();
    story.after(3_000);
    let again = rerun(&pod(3), story.now(), crash);
    story.shows_all(&[again, deployment(3)]);
    story.after(9_900).logs(&pod(3), "cannot lock: busy").ends();
    let outcome = outcome_of(&load(CLAIM), &story).await;
    let why = assert_ended(&outcome, "not-remedied", Phase::Remedy);
    assert!(why.contains("the signature holds all the same"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn the_hold_begins_anew_after_a_gap() {
    let mut story = remedied();
    story.after(2_000).shows_all(&[pod(3), deployment(3)]);
    story.after(5_000).breaks_off("watch of Pod");
    story.after(3_000).is_whole_again("watch of Pod");
    let mut broken = story.clone();
    story.after(10_100).is_served();
    let outcome = outcome_of(&load(CLAIM), &story).await;
    assert_eq!(outcome.verdict, Verdict::Proved);
    assert_eq!(outcome.time_to_ready, Some(10_100));
    broken.after(9_900).shows(&crashed(&pod(3), 1, 137)).ends();
    let outcome = outcome_of(&load(CLAIM), &broken).await;
    assert_ended(&outcome, "unstable", Phase::Remedy);
}

#[tokio::test(start_paused = true)]
async fn what_is_ready_while_a_watch_stays_broken_has_not_held() {
    let mut story = remedied();
    story.after(2_000).shows_all(&[pod(3), deployment(3)]);
    story.after(5_000).breaks_off("watch of Pod").ends();
    let outcome = outcome_of(&load(CLAIM), &story).await;
    let why = assert_ended(&outcome, "api-lost", Phase::Remedy);
    assert!(
        why.starts_with("a watch was broken for longer than the 15s"),
        "{why}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_gap_that_the_claim_allows_begins_the_hold_anew() {
    let mut story = remedied();
    story.after(2_000).shows_all(&[pod(3), deployment(3)]);
    story.loses(&pod(1)).loses(&pod(2)).after(5_000);
    story
        .breaks_off("watch of Pod")
        .after(14_000)
        .is_whole_again("watch of Pod");
    let mut cut = story.clone();
    cut.after(9_900).is_lost();
    let outcome = outcome_of(&load(CLAIM), &cut).await;
    assert_ended(&outcome, "api-lost", Phase::Remedy);
    let outcome = outcome_of(&load(CLAIM), story.after(10_100).is_served()).await;
    assert_eq!(outcome.verdict, Verdict::Proved);
}

#[tokio::test(start_paused = true)]
async fn a_remedy_that_scales_to_the_declared_number_removes_nothing() {
    let scale = "{scale: {object: {kind: Deployment, name: web}, replicas: 1}}";
    let steps = format!("[{{apply: remedied.yaml}}, {scale}]");
    let goal = "remedy:\n  goal: [{of: {kind: Deployment, name: web}, replicas: 1}]";
    let claim = claim_with(&[("[{apply: remedied.yaml}]", &steps), ("remedy:", goal)]);
    let two = |n| with(&deployment(n), &json!({"spec": {"replicas": 2}}));
    let mut story = Story::new();
    story.is_healthy().begins(Phase::Fault);
    story.applies("apply broken.yaml", &[two(2)]);
    story.shows_all(&[replica_set(2), crashed(&pod(2), 1, 1)]);
    story.logs(&pod(2), "cannot lock: busy").stands();
    story.begins(Phase::Remedy);
    story.applies("apply remedied.yaml", &[two(3)]);
    story.applies("scale Deployment web to 1", &[deployment(3)]);
    story.shows_all(&[replica_set(3), pod(3)]).loses(&pod(2));
    story.after(10_100).is_served();
    let outcome = outcome_of(&claim, &story).await;
    assert_eq!(outcome.verdict, Verdict::Proved);
}

#[tokio::test(start_paused = true)]
async fn a_remedy_that_is_refused_is_not_remedied() {
    let mut story = Story::new();
    story.is_healthy().breaks().stands().begins(Phase::Remedy);
    story.does(StepOutcome {
        step: "apply remedied.yaml".to_owned(),
        refusals: vec![crate::testing::refused(&deployment(3), "spec: Forbidden")],
        ..StepOutcome::default()
    });
    let outcome = outcome_of(&load(CLAIM), &story).await;
    let why = assert_ended(&outcome, "not-remedied", Phase::Remedy);
    assert_eq!(
        why,
        "apply remedied.yaml: the API server refused: spec: Forbidden"
    );
}

#[tokio::test(start_paused = true)]
async fn a_remedy_whose_step_awaits_in_vain_is_not_remedied() {
    let claim = claim_with(&[(
        "[{apply: remedied.yaml}]",
        "[{apply: remedied.yaml}, {await: {state: {of: {kind: Deployment, name: web}, \
         fields: [{path: .status.readyReplicas, is: 7}]}, within: 4s}}]",
    )]);
    let mut story = Story::new();
    let outcome = outcome_of(
        &claim,
        story.is_healthy().breaks().stands().is_cured().ends(),
    )
    .await;
    let why = assert_ended(&outcome, "not-remedied", Phase::Remedy);
    assert_eq!(
        why,
        "awaited for 4s (`await.within`): Deployment web with .status.readyReplicas is 7; \
         seen last: Deployment web: .status.readyReplicas is 1"
    );
}

#[tokio::test(start_paused = true)]
async fn a_remedy_during_which_the_registry_was_not_reached_is_inconclusive() {
    let unreachable = "Failed to pull image \"web:3\": failed to do request: Head \
                       \"https://172.18.0.1:5000/v2/web\": connect: connection refused";
    let waiting = stuck(&pod(3), "ImagePullBackOff", unreachable);
    let mut story = remedied();
    story.shows(&event(&waiting, "Warning", "Failed", unreachable));
    let outcome = outcome_of(&load(CLAIM), story.shows(&waiting).ends()).await;
    assert_eq!(outcome.verdict.word(), "inconclusive");
    assert_ended(&outcome, "registry-unreachable", Phase::Remedy);
}

#[tokio::test(start_paused = true)]
async fn what_is_ready_and_then_not_is_unstable() {
    let mut story = remedied();
    story.after(2_000).shows_all(&[pod(3), deployment(3)]);
    story.after(9_900).shows(&crashed(&pod(3), 1, 137)).ends();
    let outcome = outcome_of(&load(CLAIM), &story).await;
    let why = assert_ended(&outcome, "unstable", Phase::Remedy);
    assert!(why.starts_with("was Ready, and then not: "), "{why}");
    assert!(why.contains("exit code 137"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn what_restarts_within_the_hold_is_unstable_though_it_is_ready_again() {
    let mut story = remedied();
    story.after(2_000).shows_all(&[pod(3), deployment(3)]);
    story.after(9_900).shows(&restarted(&pod(3), 1)).ends();
    let outcome = outcome_of(&load(CLAIM), &story).await;
    let why = assert_ended(&outcome, "unstable", Phase::Remedy);
    assert_eq!(
        why,
        "container app restarted while everything was Ready (Ready for 9.9 s at most, of 10.0 s; \
         Ready, and then not: once)"
    );
}

#[tokio::test(start_paused = true)]
async fn a_remedy_that_scales_down_removes_the_workload() {
    for replicas in [0, 1] {
        let claim = claim_with(&[(
            "[{apply: remedied.yaml}]",
            &format!(
                "[{{apply: remedied.yaml}}, \
                 {{scale: {{object: {{kind: Deployment, name: web}}, replicas: {replicas}}}}}]"
            ),
        )]);
        let mut story = Story::new();
        let sized = |n, replicas: u64| {
            let counts = json!({"spec": {"replicas": replicas}});
            with(&deployment(n), &counts)
        };
        story.is_healthy().begins(Phase::Fault);
        story.applies("apply broken.yaml", &[sized(2, 2)]);
        story.shows_all(&[replica_set(2), crashed(&pod(2), 1, 1)]);
        story.logs(&pod(2), "cannot lock: busy").stands();
        story.begins(Phase::Remedy);
        story.applies("apply remedied.yaml", &[sized(3, 2)]);
        let step = format!("scale Deployment web to {replicas}");
        story.applies(&step, &[sized(3, replicas)]).ends();
        let outcome = outcome_of(&claim, &story).await;
        let why = assert_ended(&outcome, "workload-removed", Phase::Remedy);
        let words = format!("Deployment web was scaled from 2 to {replicas}; ");
        assert!(why.starts_with(&words), "{why}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_remedy_that_scales_down_and_up_again_removes_nothing() {
    let scaled = |replicas| {
        format!("{{scale: {{object: {{kind: Deployment, name: web}}, replicas: {replicas}}}}}")
    };
    let steps = format!(
        "[{{apply: remedied.yaml}}, {}, {{await: {{gone: {{kind: Pod, labels: {{app: web}}}}, \
         within: 9s}}}}, {}]",
        scaled(0),
        scaled(1)
    );
    let claim = claim_with(&[("[{apply: remedied.yaml}]", &steps)]);
    let mut story = remedied();
    let none = json!({"spec": {"replicas": 0}, "status": {"replicas": 0}});
    story.applies("scale Deployment web to 0", &[with(&deployment(3), &none)]);
    story.shows(&deleting(&pod(3))).after(1_000);
    story.loses(&pod(3)).loses(&pod(1)).loses(&pod(2));
    story.applies("scale Deployment web to 1", &[deployment(3)]);
    story.shows(&pod(3)).after(10_100).is_served();
    let outcome = outcome_of(&claim, &story).await;
    assert_eq!(outcome.verdict, Verdict::Proved);
}

#[tokio::test(start_paused = true)]
async fn a_remedy_that_deletes_removes_the_workload() {
    let claim = claim_with(&[(
        "[{apply: remedied.yaml}]",
        "[{apply: remedied.yaml}, {delete: {kind: Deployment, name: web}}]",
    )]);
    let mut story = remedied();
    story.does(StepOutcome {
        step: "delete Deployment web".to_owned(),
        deleted: vec![ObjectKey::of(&deployment(3))],
        ..StepOutcome::default()
    });
    let outcome = outcome_of(&claim, story.ends()).await;
    let why = assert_ended(&outcome, "workload-removed", Phase::Remedy);
    assert_eq!(
        why,
        "Deployment web was deleted; if that is meant, declare it in the `goal` of the remedy"
    );
}

#[tokio::test(start_paused = true)]
async fn a_remedy_does_not_count_before_the_watch_has_shown_it() {
    let mut story = Story::new();
    story.is_healthy().breaks();
    story.stands().begins(Phase::Remedy);
    // The watch of Deployments is behind by more than the hold.
    let ahead = applied(&deployment(3), story.revision() + 50);
    story.does(StepOutcome {
        step: "apply remedied.yaml".to_owned(),
        applied: vec![ahead],
        ..StepOutcome::default()
    });
    story
        .shows_all(&[restarted(&pod(2), 2), deployment(2)])
        .ends();
    let outcome = outcome_of(&load(CLAIM), &story).await;
    let why = assert_ended(&outcome, "not-remedied", Phase::Remedy);
    assert!(why.contains("is not yet seen as applied"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn a_line_that_goes_on_when_everything_is_ready_is_not_remedied_though_no_state_holds() {
    let mut story = Story::new();
    story.is_healthy().breaks().stands().begins(Phase::Remedy);
    story.rolls_out(3, "remedied.yaml");
    story
        .after(2_000)
        .shows_all(&[pod(3), deployment(3)])
        .loses(&pod(1))
        .loses(&pod(2));
    story.after(5_000).logs(&pod(3), "cannot lock: busy");
    story.after(5_100).is_served();
    let outcome = outcome_of(&load(CLAIM), &story).await;
    let why = assert_ended(&outcome, "not-remedied", Phase::Remedy);
    assert!(
        why.starts_with("everything is Ready, and clause 1 of the signature (log of Pod app=web"),
        "{why}"
    );
    let reason = (
        "contains: [cannot lock]",
        "contains: [cannot lock], outlives_remedy: It is told twice.",
    );
    let outcome = outcome_of(&claim_with(&[reason]), &story).await;
    assert_eq!(outcome.verdict, Verdict::Proved);
}
