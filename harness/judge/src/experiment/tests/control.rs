use super::*;

/// The failure has appeared; nothing is touched from here on.
fn failure() -> Story {
    let mut story = Story::new();
    story.is_healthy().breaks().begins(Phase::Control);
    story
}

#[tokio::test(start_paused = true)]
async fn a_failure_after_which_everything_becomes_ready_untouched_has_healed_itself() {
    let mut story = failure();
    story.after(12_000).shows(&restarted(&pod(2), 2));
    story.shows(&deployment(2)).ends();
    let outcome = outcome_of(&load(CLAIM), &story).await;
    let why = assert_ended(&outcome, "self-healed", Phase::Control);
    assert_eq!(
        why,
        "everything became Ready while nothing was touched, and stayed so for 10s \
         (`control.healed_after`); where everything is Ready and nothing works, say in `ready` what \
         Ready means"
    );
    assert_eq!(outcome.time_to_signature, Some(2_000));
}

#[tokio::test(start_paused = true)]
async fn what_becomes_ready_in_the_last_moment_is_watched_beyond_the_hold() {
    let mut story = failure();
    story.after(19_900).shows(&restarted(&pod(2), 2));
    story.shows(&deployment(2)).ends();
    let outcome = outcome_of(&load(CLAIM), &story).await;
    assert_ended(&outcome, "self-healed", Phase::Control);
}

#[tokio::test(start_paused = true)]
async fn a_flash_of_ready_heals_nothing() {
    let mut story = failure();
    story.after(19_900).shows(&restarted(&pod(2), 2));
    story.shows(&deployment(2)).after(9_000);
    story.shows_all(&[crashed(&pod(2), 3, 1), rolling(2)]);
    story.is_cured().is_served();
    let outcome = outcome_of(&load(CLAIM), &story).await;
    assert_eq!(outcome.verdict, Verdict::Proved);
}

#[tokio::test(start_paused = true)]
async fn what_must_be_ready_to_count_as_healed_has_a_time_of_its_own() {
    let claim = claim_with(&[("control:\n", "control:\n  healed_after: 3s\n")]);
    let mut story = failure();
    story.after(12_000).shows(&restarted(&pod(2), 2));
    story.shows(&deployment(2)).after(3_100);
    story
        .shows_all(&[crashed(&pod(2), 3, 1), rolling(2)])
        .ends();
    let outcome = outcome_of(&claim, &story).await;
    assert_ended(&outcome, "self-healed", Phase::Control);
}

#[tokio::test(start_paused = true)]
async fn a_signature_that_goes_away_has_healed_itself() {
    let mut story = failure();
    story.after(5_000).loses(&pod(2)).ends();
    let outcome = outcome_of(&load(CLAIM), &story).await;
    let why = assert_ended(&outcome, "self-healed", Phase::Control);
    let words = "the signature did not stay: awaited for 80s (`control.hold`): the failure stands for 20s; \
                 seen last: no Pod app=web of the newest template is there";
    assert!(why.starts_with(words), "{why}");
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_turns_into_another_has_not_healed() {
    let mut story = failure();
    // Another pod, whose failure is another.
    let other = json!({"metadata": {"name": "web-2-b", "uid": "b"}});
    story.after(5_000).loses(&pod(2));
    story.shows(&with(&crashed(&pod(2), 1, 1), &other)).ends();
    let outcome = outcome_of(&load(CLAIM), &story).await;
    let why = assert_ended(&outcome, "other-failure", Phase::Control);
    let words = "it turned into another failure: Deployment web: replicas is 2 of 1; the signature did \
                 not stay: awaited for 80s (`control.hold`): the failure stands for 20s; seen last: no \
                 log line of Pod app=web container app; ailing: pod web-2-b";
    assert!(why.starts_with(words), "{why}");
}

#[tokio::test(start_paused = true)]
async fn a_signature_that_is_away_when_the_hold_ends_may_come_back() {
    let claim = claim_with(&[(
        "fields: [{path: '.status.containerStatuses[0].restartCount', at_least: 1}]",
        "fields: [{path: '.status.containerStatuses[0].state.waiting.reason', is: CrashLoopBackOff}]",
    )]);
    let mut story = failure();
    let running = json!({"restartCount": 2, "state": {"running": {}}});
    story.after(19_000).shows(&unready(&pod(2), &running));
    story.after(3_000).shows(&crashed(&pod(2), 3, 1));
    story.is_cured().is_served();
    let outcome = outcome_of(&claim, &story).await;
    assert_eq!(outcome.verdict, Verdict::Proved);
}

#[tokio::test(start_paused = true)]
async fn a_line_that_a_later_run_does_not_log_does_not_stand() {
    let mut story = failure();
    // The container was started again, goes on without the line, and is not ready.
    let running = json!({"restartCount": 2, "state": {"running": {"startedAt": "2026-01-01T00:00:12Z"}},
        "lastState": {"terminated": {"exitCode": 1, "startedAt": "2026-01-01T00:00:08Z"}}});
    story.after(3_000).shows(&unready(&pod(2), &running));
    story.after(80_000).ends();
    let outcome = outcome_of(&load(CLAIM), &story).await;
    let why = assert_ended(&outcome, "other-failure", Phase::Control);
    assert!(
        why.contains("it was not logged again, and a later run goes on"),
        "{why}"
    );
}
