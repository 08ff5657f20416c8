//! Failures of which no condition of an object tells: only an answer does.

use super::*;

const DOWN: &str = "The target is down";
const UP: &str = "The target is up";

/// The claim with what is asked in place of what the cluster shows.
fn asked() -> LoadedScenario {
    let from = CLAIM.find("signature:").unwrap();
    let to = CLAIM.find("control:").unwrap();
    let answers = format!(
        "signature: [{{http: {{name: {DOWN}, service: web, port: 80, path: /targets}}}}]
ready: [{{http: {{name: {UP}, service: web, port: 80, path: /targets}}}}]
"
    );
    load(&format!("{}{answers}{}", &CLAIM[..from], &CLAIM[to..]))
}

/// A template is rolled out; the target is up or down, and that is told every four seconds.
fn rolled_out(story: &mut Story, n: u64, file: &str, up: bool) {
    story.rolls_out(n, file).after(2_000);
    story.shows_all(&[pod(n), deployment(n)]);
    story.loses(&pod(n - 1));
    story.after(500);
    told(story, up);
}

fn told(story: &mut Story, up: bool) {
    for _ in 0..4 {
        story.replies(DOWN, !up).replies(UP, up).after(4_000);
    }
}

fn healthy() -> Story {
    let mut story = Story::new();
    story.begins(Phase::SteadyState);
    let fresh = with(&deployment(1), &json!({"status": null}));
    story.applies("apply healthy.yaml", &[fresh, object("Service", "web")]);
    story.shows_all(&[replica_set(1), pod(1), deployment(1)]);
    told(&mut story, true);
    story.begins(Phase::Fault);
    story
}

fn broken() -> Story {
    let mut story = healthy();
    rolled_out(&mut story, 2, "broken.yaml", false);
    story.begins(Phase::Control);
    told(&mut story, false);
    told(&mut story, false);
    story
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_only_an_answer_tells_of_is_proved() {
    let mut story = broken();
    story.begins(Phase::Remedy);
    rolled_out(&mut story, 3, "remedied.yaml", true);
    story.is_served();
    let outcome = outcome_of(&asked(), &story).await;
    assert_eq!(outcome.verdict, Verdict::Proved);
    assert_eq!(outcome.time_to_signature, Some(2_600));
    assert_eq!(outcome.time_to_ready, Some(2_600));
}

#[tokio::test(start_paused = true)]
async fn where_the_answer_stays_as_it_was_nothing_is_reproduced() {
    let mut story = healthy();
    rolled_out(&mut story, 2, "broken.yaml", true);
    story.ends();
    let outcome = outcome_of(&asked(), &story).await;
    let why = assert_ended(&outcome, "not-reproduced", Phase::Fault);
    assert!(why.contains("everything became Ready"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_becomes_right_by_itself_heals() {
    let mut story = healthy();
    rolled_out(&mut story, 2, "broken.yaml", false);
    story.begins(Phase::Control);
    told(&mut story, true);
    story.ends();
    let outcome = outcome_of(&asked(), &story).await;
    assert_ended(&outcome, "self-healed", Phase::Control);
}

#[tokio::test(start_paused = true)]
async fn a_remedy_after_which_the_answer_stays_wrong_cures_nothing() {
    let mut story = broken();
    story.begins(Phase::Remedy);
    rolled_out(&mut story, 3, "remedied.yaml", false);
    story.after(60_000).ends();
    let outcome = outcome_of(&asked(), &story).await;
    let why = assert_ended(&outcome, "not-remedied", Phase::Remedy);
    assert!(why.contains("The target is up: otherwise"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn what_was_asked_before_everything_was_ready_is_not_present_already() {
    let mut story = Story::new();
    story.begins(Phase::SteadyState);
    let fresh = with(&deployment(1), &json!({"status": null}));
    story.applies("apply healthy.yaml", &[fresh, object("Service", "web")]);
    story.after(500).replies(DOWN, true).replies(UP, true);
    story
        .after(500)
        .shows_all(&[replica_set(1), pod(1), deployment(1)]);
    story.after(500);
    let mut down = story.clone();
    told(&mut story, true);
    story.begins(Phase::Fault);
    rolled_out(&mut story, 2, "broken.yaml", false);
    story.begins(Phase::Control);
    told(&mut story, false);
    story.ends();
    let outcome = outcome_of(&asked(), &story).await;
    assert_ne!(outcome.phase, Some(Phase::SteadyState), "{outcome:?}");
    down.replies(DOWN, true).ends();
    let outcome = outcome_of(&asked(), &down).await;
    assert_ended(&outcome, "already-present", Phase::SteadyState);
}
