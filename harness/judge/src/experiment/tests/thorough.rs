use super::*;
use crate::testing::event;
use crate::witness::ObjectKey;

const WRONG: &str = "
wrong_remedies:
  - title: Restart the rollout
    steps: [{restart: {kind: Deployment, name: web}}]
";

const ALTERNATIVE: &str = "
alternatives:
  - title: Apply it once more
    steps: [{apply: remedied.yaml}]
";

async fn ended_by(course: Course, claim: &LoadedScenario, story: &Story) -> Outcome {
    let extent = Extent {
        course,
        thorough: true,
        trials: false,
    };
    conduct(claim, &mut story.recording(), extent).await
}

async fn tried(story: &Story) -> Outcome {
    ended_by(
        Course::WrongRemedy(0),
        &load(&format!("{CLAIM}{WRONG}")),
        story,
    )
    .await
}

async fn cured_otherwise(own: &str, story: &Story) -> Outcome {
    let claim = load(&format!("{CLAIM}{ALTERNATIVE}{own}"));
    ended_by(Course::Alternative(0), &claim, story).await
}

async fn left_out(story: &Story) -> Outcome {
    ended_by(Course::Without(0), &load(CLAIM), story).await
}

/// The failure has appeared, and the rollout is restarted.
fn restarted_rollout() -> Story {
    let mut story = Story::new();
    story.is_healthy().breaks().begins(Phase::WrongRemedy);
    story.applies("restart Deployment web", &[unobserved(3)]);
    story.after(100).shows_all(&[replica_set(3), rolling(3)]);
    story.shows(&stuck(&pod(3), "ContainerCreating", ""));
    story.loses(&pod(2));
    story
}

/// The failure has appeared, and another remedy is applied.
fn otherwise() -> Story {
    let mut story = Story::new();
    story.is_healthy().breaks().begins(Phase::Alternative);
    story.rolls_out(3, "remedied.yaml");
    story
}

/// The failure has appeared, and a remedy that lacks a part is applied.
fn lacking() -> Story {
    let mut story = Story::new();
    story.is_healthy().breaks().begins(Phase::Necessity);
    story.rolls_out(3, "remedied.yaml");
    story
}

#[tokio::test(start_paused = true)]
async fn a_wrong_remedy_after_which_the_failure_stands_is_refused() {
    let mut story = restarted_rollout();
    story.after(1_000).logs(&pod(3), "cannot lock: busy");
    story.shows(&crashed(&pod(3), 1, 1)).after(19_200).ends();
    let outcome = tried(&story).await;
    assert_eq!(outcome.verdict, Verdict::Proved);
    assert_eq!(outcome.phase, Some(Phase::WrongRemedy));
    let stood = outcome.stood.unwrap();
    assert!(
        stood.starts_with("web-3-a/app: cannot lock: busy"),
        "{stood}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_wrong_remedy_that_cures_refutes_the_claim() {
    let mut story = restarted_rollout();
    story
        .after(1_000)
        .loses(&pod(1))
        .shows_all(&[pod(3), deployment(3)]);
    let outcome = tried(story.after(10_100).ends()).await;
    let why = assert_ended(&outcome, "wrong-remedy-works", Phase::WrongRemedy);
    assert!(why.contains("Restart the rollout"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn what_a_wrong_remedy_deleted_is_not_cured_while_others_make_it_again() {
    let wrong = WRONG.replace("restart:", "delete:");
    let goal = "remedy:\n  goal: [{of: {kind: Deployment, name: web}, absent: true}]";
    let claim = claim_with(&[("remedy:", goal), ("checks:", &format!("{wrong}checks:"))]);
    let mut story = Story::new();
    story.is_healthy().breaks().begins(Phase::WrongRemedy);
    story.does(StepOutcome {
        step: "delete Deployment web".to_owned(),
        deleted: vec![ObjectKey::of(&deployment(2))],
        ..StepOutcome::default()
    });
    story.after(1_000).logs(&pod(2), "cannot lock: busy");
    story.shows(&crashed(&pod(2), 1, 1)).after(19_200).ends();
    let outcome = ended_by(Course::WrongRemedy(0), &claim, &story).await;
    assert_eq!(outcome.verdict, Verdict::Proved);
}

#[tokio::test(start_paused = true)]
async fn evidence_from_before_the_wrong_remedy_does_not_show_that_the_failure_stands() {
    let mut story = restarted_rollout();
    story
        .after(1_000)
        .shows(&crashed(&pod(3), 1, 1))
        .after(80_000)
        .ends();
    let outcome = tried(&story).await;
    let why = assert_ended(&outcome, "other-failure", Phase::WrongRemedy);
    assert!(why.contains("not the documented one"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn a_remedy_that_cures_without_a_part_shows_that_the_part_is_not_needed() {
    let mut story = lacking();
    story
        .after(1_000)
        .loses(&pod(1))
        .loses(&pod(2))
        .shows_all(&[pod(3), deployment(3)]);
    story
        .after(10_100)
        .answers("The page is served", true)
        .ends();
    assert_ended(
        &left_out(&story).await,
        "hunk-unnecessary",
        Phase::Necessity,
    );
}

#[tokio::test(start_paused = true)]
async fn a_part_without_which_a_check_fails_is_needed() {
    let mut story = lacking();
    story
        .after(1_000)
        .loses(&pod(1))
        .loses(&pod(2))
        .shows_all(&[pod(3), deployment(3)]);
    story
        .after(10_100)
        .answers("The page is served", false)
        .ends();
    let outcome = left_out(&story).await;
    assert_eq!(outcome.verdict, Verdict::Proved);
    assert!(outcome.stood.unwrap().contains("The page is served"));
}

#[tokio::test(start_paused = true)]
async fn a_part_without_which_the_failure_stands_is_needed() {
    let mut story = lacking();
    story.after(1_000).logs(&pod(3), "cannot lock: busy");
    story.shows(&crashed(&pod(3), 1, 1)).after(60_000).ends();
    let outcome = left_out(&story).await;
    assert_eq!(outcome.verdict, Verdict::Proved);
    let stood = outcome.stood.unwrap();
    assert!(
        stood.starts_with("the documented failure: web-3-a/app: cannot lock"),
        "{stood}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_part_without_which_something_else_fails_is_needed() {
    let mut story = lacking();
    story
        .after(1_000)
        .shows(&stuck(&pod(3), "InvalidImageName", "no such name"));
    let outcome = left_out(story.after(60_000).ends()).await;
    assert_eq!(outcome.verdict, Verdict::Proved);
    assert!(
        outcome
            .stood
            .unwrap()
            .contains("InvalidImageName: no such name")
    );
}

#[tokio::test(start_paused = true)]
async fn on_a_machine_without_time_nothing_is_shown_by_what_did_not_cure() {
    let etcd = with(
        &object("Pod", "etcd-node"),
        &json!({"metadata": {"namespace": "kube-system"}}),
    );
    let slow = event(&etcd, "Warning", "Unhealthy", "timed out");
    let mut wrong = restarted_rollout();
    let mut without = lacking();
    for story in [&mut wrong, &mut without] {
        story.after(1_000).logs(&pod(3), "cannot lock: busy");
        story.shows(&crashed(&pod(3), 1, 1)).shows(&slow);
        story.after(60_000).ends();
    }
    for (outcome, phase) in [
        (tried(&wrong).await, Phase::WrongRemedy),
        (left_out(&without).await, Phase::Necessity),
    ] {
        let why = assert_ended(&outcome, "cluster-failed", phase);
        assert!(why.contains("etcd did not answer in time"), "{why}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_alternative_that_cures_is_told_with_its_time() {
    let mut story = otherwise();
    story.after(2_000).shows_all(&[pod(3), deployment(3)]);
    story.loses(&pod(1)).loses(&pod(2)).after(10_100);
    story.answers("The page is served", true).ends();
    let outcome = cured_otherwise("", &story).await;
    assert_eq!(outcome.verdict, Verdict::Proved);
    assert_eq!(outcome.phase, Some(Phase::Alternative));
    assert_eq!(outcome.stood.unwrap(), "everything was Ready after 2.1 s");
}

#[tokio::test(start_paused = true)]
async fn an_alternative_has_measures_and_checks_of_its_own() {
    let own = "
    within: 5s
    hold: 5s
    checks:
      - http: {name: The other page is served, service: web, port: 80, path: /2, within: 10s}
";
    let mut story = otherwise();
    story.after(1_000).shows_all(&[pod(3), deployment(3)]);
    story.loses(&pod(1)).loses(&pod(2)).after(5_100);
    story.answers("The other page is served", true).ends();
    let outcome = cured_otherwise(own, &story).await;
    assert_eq!(outcome.verdict, Verdict::Proved);
    let late = cured_otherwise(own, otherwise().after(6_000).ends()).await;
    let why = assert_ended(&late, "alternative-fails", Phase::Alternative);
    assert!(why.contains("awaited for 5s"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn an_alternative_that_does_not_cure_refutes_the_claim() {
    let mut story = otherwise();
    story.after(1_000).logs(&pod(3), "cannot lock: busy");
    story.shows(&crashed(&pod(3), 1, 1)).after(60_000).ends();
    let outcome = cured_otherwise("", &story).await;
    let why = assert_ended(&outcome, "alternative-fails", Phase::Alternative);
    let title = "after the alternative \"Apply it once more\": awaited for 1m (`remedy.within`)";
    assert!(why.starts_with(title), "{why}");
}

#[tokio::test(start_paused = true)]
async fn an_alternative_after_which_a_check_fails_refutes_the_claim() {
    let mut story = otherwise();
    story.after(1_000).shows_all(&[pod(3), deployment(3)]);
    story.loses(&pod(1)).loses(&pod(2)).after(10_100);
    story.answers("The page is served", false).ends();
    let outcome = cured_otherwise("", &story).await;
    let why = assert_ended(&outcome, "alternative-fails", Phase::Alternative);
    assert!(why.contains("The page is served"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn an_alternative_that_takes_the_workload_away_is_none() {
    let deletes = ALTERNATIVE.replace(
        "apply: remedied.yaml",
        "delete: {kind: Deployment, name: web}",
    );
    let claim = load(&format!("{CLAIM}{deletes}"));
    let mut story = Story::new();
    story.is_healthy().breaks().begins(Phase::Alternative);
    story.does(StepOutcome {
        step: "delete Deployment web".to_owned(),
        deleted: vec![crate::witness::ObjectKey::of(&deployment(2))],
        ..StepOutcome::default()
    });
    let outcome = ended_by(Course::Alternative(0), &claim, story.ends()).await;
    let why = assert_ended(&outcome, "alternative-fails", Phase::Alternative);
    assert!(why.contains("was deleted"), "{why}");
}
