use super::*;

fn cured() -> Story {
    let mut story = Story::new();
    story.is_healthy().breaks().stands().is_cured();
    story.begins(Phase::Checks);
    story
}

#[tokio::test(start_paused = true)]
async fn a_cure_that_the_user_does_not_see_is_check_failed() {
    let mut story = cured();
    story.answers("The page is served", false).ends();
    let outcome = outcome_of(&load(CLAIM), &story).await;
    let why = assert_ended(&outcome, "check-failed", Phase::Checks);
    assert_eq!(
        why,
        "awaited for 10s (`within` of the check): The page is served; seen last: status 200"
    );
    assert_eq!(outcome.time_to_ready, Some(2_100));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_ready_any_more_after_the_checks_is_unstable() {
    let mut story = cured();
    story.shows(&unready(&pod(3), &json!({})));
    story.answers("The page is served", true).ends();
    let outcome = outcome_of(&load(CLAIM), &story).await;
    let why = assert_ended(&outcome, "unstable", Phase::Checks);
    assert!(why.starts_with("Ready before the checks, and not throughout them"));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_ready_during_the_checks_is_unstable_though_it_is_ready_again() {
    let mut story = cured();
    story.shows(&unready(&pod(3), &json!({}))).shows(&pod(3));
    story.answers("The page is served", true).ends();
    let outcome = outcome_of(&load(CLAIM), &story).await;
    let why = assert_ended(&outcome, "unstable", Phase::Checks);
    assert!(why.starts_with("Ready before the checks, and not throughout them"));
}

#[tokio::test(start_paused = true)]
async fn what_restarts_during_the_checks_is_unstable_though_it_is_ready_again() {
    let mut story = cured();
    story.shows(&restarted(&pod(3), 1));
    story.answers("The page is served", true).ends();
    let outcome = outcome_of(&load(CLAIM), &story).await;
    let why = assert_ended(&outcome, "unstable", Phase::Checks);
    assert!(why.ends_with("container app restarted while everything was Ready"));
}
