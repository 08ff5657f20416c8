use super::*;
use crate::witness::ObjectKey;

const TRIALS: Extent = Extent {
    trials: true,
    thorough: false,
    course: Course::Claim,
};

fn claim() -> LoadedScenario {
    let finding = "
findings:
  - title: The cure alone is a gamble
    text: Sometimes the pod comes too early.
    trial:
      reset: [{delete: {kind: Deployment, name: web}}]
      steps: [{apply: remedied.yaml}]
      within: 5s
      repeat: 2
";
    load(&format!("{CLAIM}{finding}"))
}

/// The cluster is brought back, and the failure appears again with the n-th template.
fn again(story: &mut Story, n: u64) {
    story.begins(Phase::Trials);
    story.does(StepOutcome {
        step: "delete Deployment web".to_owned(),
        deleted: vec![ObjectKey::of(&deployment(1))],
        ..StepOutcome::default()
    });
    story.begins(Phase::Fault);
    story.rolls_out(n, "broken.yaml").after(1_000);
    story.logs(&pod(n), "cannot lock: busy");
    story.shows(&crashed(&pod(n), 1, 1)).begins(Phase::Trials);
}

#[tokio::test(start_paused = true)]
async fn trials_measure_how_often_something_converges_and_do_not_count() {
    let mut story = Story::new();
    story.is_healthy().breaks().stands().is_cured();
    story.begins(Phase::Checks);
    story.answers("The page is served", true);
    again(&mut story, 4);
    story.rolls_out(5, "remedied.yaml").after(1_900);
    story.shows_all(&[pod(5), deployment(5)]).after(10_100);
    again(&mut story, 6);
    story.rolls_out(7, "remedied.yaml").after(6_000);
    story.shows_all(&[pod(7), deployment(7)]).ends();
    let outcome = conduct(&claim(), &mut story.recording(), TRIALS).await;
    assert_eq!(outcome.verdict, Verdict::Proved);
    assert_eq!(outcome.phase, Some(Phase::Checks));
    assert_eq!(outcome.time_to_signature, Some(2_000));
    assert_eq!(outcome.time_to_ready, Some(2_100));
    assert_eq!(
        outcome.rates,
        [Rate {
            finding: "The cure alone is a gamble".to_owned(),
            times: vec![Some(2_000), None],
        }]
    );
}

#[tokio::test(start_paused = true)]
async fn trials_are_run_only_when_asked_for_and_only_of_what_is_proved() {
    let mut story = Story::new();
    story.is_healthy().breaks().stands().is_cured().is_served();
    assert_eq!(outcome_of(&claim(), &story).await.rates, []);
    let mut story = Story::new();
    story.is_healthy().begins(Phase::Fault);
    story.applies("apply broken.yaml", &[unobserved(2)]).ends();
    let outcome = conduct(&claim(), &mut story.recording(), TRIALS).await;
    assert_ended(&outcome, "not-reproduced", Phase::Fault);
    assert_eq!(outcome.rates, []);
}
