//! Changes of the healthy start after which everything that was Ready must stay so.

use super::*;

const HARMLESS: &str = "
harmless:
  - title: Another strategy
    steps: [{apply: broken.yaml}]
    hold: 10s
";

async fn ended(claim: &LoadedScenario, story: &Story) -> Outcome {
    let extent = Extent {
        course: Course::Harmless(0),
        thorough: true,
        trials: false,
    };
    conduct(claim, &mut story.recording(), extent).await
}

async fn changed(story: &Story) -> Outcome {
    ended(&load(&format!("{CLAIM}{HARMLESS}")), story).await
}

#[track_caller]
fn assert_harmful(outcome: &Outcome, seen: &str) {
    let why = assert_ended(outcome, "harmful", Phase::Harmless);
    let title = "after the harmless change \"Another strategy\": ";
    assert!(why.starts_with(title) && why.contains(seen), "{why}");
}

/// The Deployment with a change that makes no new pods, which its controller has not seen yet.
fn stored() -> Value {
    with(&deployment(1), &json!({"metadata": {"generation": 2}}))
}

fn observed() -> Value {
    with(&stored(), &json!({"status": {"observedGeneration": 2}}))
}

/// The healthy start, to which a change is made that makes no new pods.
fn changes() -> Story {
    let mut story = Story::new();
    story.is_healthy().begins(Phase::Harmless);
    story.applies("apply broken.yaml", &[stored()]);
    story.after(300);
    story
}

#[tokio::test(start_paused = true)]
async fn a_change_after_which_everything_stays_ready_is_harmless() {
    let mut story = changes();
    story.shows(&observed()).after(10_100).ends();
    let outcome = changed(&story).await;
    assert_eq!(outcome.verdict, Verdict::Proved);
    assert_eq!(outcome.phase, Some(Phase::Harmless));
    assert_eq!(outcome.time_to_signature, None);
    assert_eq!(outcome.stood.unwrap(), "everything stayed Ready for 10s");
}

#[tokio::test(start_paused = true)]
async fn what_the_change_adds_need_not_be_ready() {
    let claim = with(
        &object("PersistentVolumeClaim", "more"),
        &json!({"status": {"phase": "Pending"}}),
    );
    let mut story = Story::new();
    story.is_healthy().begins(Phase::Harmless);
    story.applies("apply broken.yaml", &[claim]);
    story.after(10_100).ends();
    assert_eq!(changed(&story).await.verdict, Verdict::Proved);
}

fn deleted(gone: &Value) -> StepOutcome {
    let name = gone["metadata"]["name"].as_str().unwrap();
    StepOutcome {
        step: format!("delete {} {name}", gone["kind"].as_str().unwrap()),
        deleted: vec![crate::witness::ObjectKey::of(gone)],
        ..StepOutcome::default()
    }
}

fn deleting(kind: &str) -> LoadedScenario {
    let step = format!("delete: {{kind: {kind}, name: web}}");
    load(&format!(
        "{CLAIM}{}",
        HARMLESS.replace("apply: broken.yaml", &step)
    ))
}

#[tokio::test(start_paused = true)]
async fn what_the_change_deletes_need_not_be_there() {
    let service = object("Service", "web");
    let mut story = Story::new();
    story.observed(crate::witness::Observation::Watching {
        awaited: Vec::new(),
        kinds: vec!["Service".to_owned()],
    });
    story.begins(Phase::SteadyState);
    story.applies("apply healthy.yaml", &[deployment(1), service.clone()]);
    story.shows_all(&[replica_set(1), pod(1)]).after(5_100);
    story.begins(Phase::Harmless);
    story.loses(&service).does(deleted(&service));
    story.after(10_100).ends();
    let outcome = ended(&deleting("Service"), &story).await;
    assert_eq!(outcome.verdict, Verdict::Proved);
}

#[tokio::test(start_paused = true)]
async fn a_change_that_takes_the_workload_away_is_harmful() {
    let mut story = Story::new();
    story.is_healthy().begins(Phase::Harmless);
    story.does(deleted(&deployment(1))).after(10_100).ends();
    let outcome = ended(&deleting("Deployment"), &story).await;
    assert_harmful(&outcome, "was deleted");
}

#[tokio::test(start_paused = true)]
async fn a_change_that_rolls_out_new_pods_is_harmful() {
    let mut story = Story::new();
    story.is_healthy().begins(Phase::Harmless);
    story.rolls_out(2, "broken.yaml").after(10_100).ends();
    assert_harmful(&changed(&story).await, "Deployment web: ");
}

#[tokio::test(start_paused = true)]
async fn a_restart_after_the_change_is_harm() {
    let mut story = changes();
    story.shows(&observed()).after(4_000);
    story.shows(&restarted(&pod(1), 1)).after(10_100).ends();
    assert_harmful(&changed(&story).await, "container app restarted");
}

#[tokio::test(start_paused = true)]
async fn a_restart_during_the_change_is_harm() {
    let mut story = Story::new();
    story.is_healthy().begins(Phase::Harmless);
    story.shows(&restarted(&pod(1), 1));
    story.applies("apply broken.yaml", &[observed()]);
    story.after(10_100).ends();
    assert_harmful(&changed(&story).await, "container app restarted");
}

#[tokio::test(start_paused = true)]
async fn a_change_that_its_controller_never_sees_is_not_known_to_be_harmless() {
    let mut story = changes();
    story.after(60_000).ends();
    assert_harmful(&changed(&story).await, "has seen generation 1 of 2");
}

#[tokio::test(start_paused = true)]
async fn a_change_after_which_the_failure_shows_is_harmful() {
    let restarts = "  - state:
      of: {kind: Pod, labels: {app: web}}
      fields: [{path: '.status.containerStatuses[0].restartCount', at_least: 1}]
";
    let logged = CLAIM.replace(restarts, "");
    assert_ne!(logged, CLAIM);
    let claim = load(&format!("{logged}{HARMLESS}"));
    let mut story = changes();
    story.shows(&observed()).after(1_000);
    story
        .logs(&pod(1), "cannot lock: busy")
        .after(10_100)
        .ends();
    assert_harmful(&ended(&claim, &story).await, "cannot lock: busy");
}

#[tokio::test(start_paused = true)]
async fn a_change_after_which_a_user_sees_less_is_harmful() {
    let checks = "    checks:
      - http: {name: The page is served, service: web, port: 80, path: /, within: 10s}
";
    let claim = load(&format!("{CLAIM}{HARMLESS}{checks}"));
    let mut story = changes();
    story.shows(&observed()).after(10_100);
    story.answers("The page is served", false).ends();
    assert_harmful(&ended(&claim, &story).await, "The page is served");
}

#[tokio::test(start_paused = true)]
async fn what_breaks_before_the_change_is_not_its_harm() {
    let mut story = Story::new();
    story.is_healthy().shows(&unready(&pod(1), &json!({})));
    story.begins(Phase::Harmless);
    let outcome = changed(story.ends()).await;
    assert_ended(&outcome, "baseline-broken", Phase::Harmless);
}
