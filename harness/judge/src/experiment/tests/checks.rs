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

const WITNESSED: &str = "
  - state:
      name: The Deployment is available
      of: {kind: Deployment, name: web}
      fields: [{path: .status.availableReplicas, is: 1}]
      within: 10s
  - log:
      name: The server listens
      of: {kind: Pod, labels: {app: web}}
      container: app
      contains: [listens]
      within: 10s
";

#[tokio::test(start_paused = true)]
async fn what_is_witnessed_is_checked_without_a_question() {
    let asked =
        "  - http: {name: The page is served, service: web, port: 80, path: /, within: 10s}\n";
    let claim = claim_with(&[(asked, WITNESSED)]);
    let mut story = cured();
    story.after(2_000).logs(&pod(3), "web listens").ends();
    let outcome = outcome_of(&claim, &story).await;
    assert_eq!(outcome.verdict, Verdict::Proved);
    let mut silent = cured();
    silent.after(10_100).ends();
    let outcome = outcome_of(&claim, &silent).await;
    let why = assert_ended(&outcome, "check-failed", Phase::Checks);
    assert!(
        why.starts_with("awaited for 10s (`within` of the check): The server listens; seen last: no log line of Pod"),
        "{why}"
    );
}
