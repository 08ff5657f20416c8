//! A claim whose documented failure is the API server's refusal.

use super::*;
use crate::testing::refused;

const REFUSAL: &str = "signature:
  - refusal: {of: {kind: Deployment, name: web}, message: may not be specified}
";

fn claim() -> LoadedScenario {
    let signature = CLAIM.find("signature:").unwrap()..CLAIM.find("control:").unwrap();
    let mut claim = CLAIM.to_owned();
    claim.replace_range(signature, REFUSAL);
    load(&claim)
}

fn refusing(story: &mut Story, message: &str) {
    story.begins(Phase::Fault);
    story.does(StepOutcome {
        step: "apply broken.yaml".to_owned(),
        refusals: vec![refused(&deployment(2), message)],
        ..StepOutcome::default()
    });
}

#[tokio::test(start_paused = true)]
async fn a_refusal_stands_while_what_was_there_before_stays_ready() {
    let mut story = Story::new();
    story.is_healthy();
    refusing(&mut story, "rollingUpdate: may not be specified");
    story.after(500).begins(Phase::Control);
    story.after(20_100).begins(Phase::Remedy);
    story.rolls_out(2, "remedied.yaml").after(2_000);
    story.shows_all(&[pod(2), deployment(2)]).loses(&pod(1));
    story.after(10_100).is_served();
    let outcome = outcome_of(&claim(), &story).await;
    assert_eq!(outcome.verdict, Verdict::Proved);
}

#[tokio::test(start_paused = true)]
async fn another_refusal_is_another_failure() {
    let mut story = Story::new();
    story.is_healthy();
    refusing(&mut story, "spec.selector: field is immutable");
    let outcome = outcome_of(&claim(), story.ends()).await;
    let why = assert_ended(&outcome, "other-failure", Phase::Fault);
    assert!(
        why.contains("with \"may not be specified\" (spec.selector: field is immutable)"),
        "{why}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_accepted_and_works_is_not_reproduced() {
    let mut story = Story::new();
    story.is_healthy().begins(Phase::Fault);
    story.rolls_out(2, "broken.yaml");
    story.shows_all(&[pod(2), deployment(2)]).ends();
    let outcome = outcome_of(&claim(), &story).await;
    assert_ended(&outcome, "not-reproduced", Phase::Fault);
}
