//! Lives of a claim with one link: its image is missing, and hides that its pod cannot lock the storage.

use super::*;
use crate::phase::LinkPhase;
use crate::scenario::{Clause, Perturbation};
use crate::testing::event;
use crate::verdict::Course;
use crate::witness::Effect;

const LINKS: &str = "links:
  - title: The image is missing
    fault: {steps: [{apply: hiding.yaml}], within: 60s}
    signature:
      - event:
          of: {kind: Pod, labels: {app: web}}
          type: Warning
          reason: Failed
          message: 'web:4: not found'
    control: {hold: 20s}
fault:
";

const FAULT: Phase = Phase::Link(0, LinkPhase::Fault);
const CONTROL: Phase = Phase::Link(0, LinkPhase::Control);

/// The claim with its link, and with some of its lines otherwise.
fn chained(changes: &[(&str, &str)]) -> LoadedScenario {
    let links = [("fault:\n", LINKS)];
    claim_with(&links.iter().chain(changes).copied().collect::<Vec<_>>())
}

/// The pod of the n-th template cannot pull its image.
fn pull(story: &mut Story, n: u64) -> &mut Story {
    let pod = pod(n);
    story.shows(&stuck(&pod, "ErrImagePull", "web:4: not found"));
    story.shows(&event(&pod, "Warning", "Failed", "web:4: not found"))
}

/// The pod of the n-th template cannot lock the storage.
fn lock(story: &mut Story, n: u64, times: u64) -> &mut Story {
    story.logs(&pod(n), "cannot lock: busy");
    story.shows(&crashed(&pod(n), times, 1))
}

/// The link has appeared.
fn hidden() -> Story {
    let mut story = Story::new();
    story.is_healthy().begins(FAULT);
    story.rolls_out(2, "hiding.yaml");
    pull(story.after(1_400), 2);
    story
}

/// The link has stood, and its template is replaced by that of the claim's own fault.
fn mended() -> Story {
    let mut story = hidden();
    story.begins(CONTROL);
    pull(story.after(12_000), 2).after(8_100);
    story.begins(Phase::Fault);
    story.rolls_out(3, "broken.yaml").loses(&pod(2));
    story
}

/// The claim's own failure has appeared, 2 s after its first step.
fn revealed() -> Story {
    let mut story = mended();
    lock(story.after(1_900), 3, 1);
    story
}

/// The remedy is rolled out, and its pod is Ready.
fn cure(story: &mut Story) -> &mut Story {
    story.rolls_out(4, "remedied.yaml").after(2_000);
    story.shows_all(&[pod(4), deployment(4)]);
    story.loses(&pod(1)).loses(&pod(3))
}

/// The claim's own failure has stood, and its remedy is rolled out.
fn remedied() -> Story {
    let mut story = revealed();
    story.begins(Phase::Control);
    lock(story.after(12_000), 3, 2).after(8_100);
    story.begins(Phase::Remedy);
    cure(&mut story);
    story
}

#[tokio::test(start_paused = true)]
async fn a_chain_whose_every_link_stands_until_the_next_is_proved() {
    let mut story = remedied();
    story.after(10_100).is_served();
    let outcome = outcome_of(&chained(&[]), &story).await;
    assert_eq!(outcome.verdict, Verdict::Proved);
    assert_eq!(outcome.phase, Some(Phase::Checks));
    let times = (outcome.time_to_signature, outcome.time_to_ready);
    assert_eq!(times, (Some(2_000), Some(2_100)));
}

#[tokio::test(start_paused = true)]
async fn a_link_that_does_not_appear_is_not_reproduced_and_named() {
    let mut story = Story::new();
    story.is_healthy().begins(FAULT);
    story.rolls_out(2, "hiding.yaml").after(1_400);
    story.shows_all(&[pod(2), deployment(2)]).ends();
    let outcome = outcome_of(&chained(&[]), &story).await;
    let why = assert_ended(&outcome, "not-reproduced", FAULT);
    assert!(
        why.starts_with("at link 1 \"The image is missing\": awaited for 1m (`fault.within`)"),
        "{why}"
    );
    assert!(why.contains("everything became Ready"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn a_link_that_fails_otherwise_is_another_failure() {
    let mut story = Story::new();
    story.is_healthy().begins(FAULT);
    story.rolls_out(2, "hiding.yaml").after(1_400);
    lock(&mut story, 2, 1).ends();
    let outcome = outcome_of(&chained(&[]), &story).await;
    let why = assert_ended(&outcome, "other-failure", FAULT);
    assert!(why.contains("not seen: Warning event Failed"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn a_link_that_goes_while_nothing_is_touched_has_healed_itself() {
    let mut story = hidden();
    story.begins(CONTROL);
    story
        .after(1_000)
        .shows_all(&[pod(2), deployment(2)])
        .ends();
    let outcome = outcome_of(&chained(&[]), &story).await;
    let why = assert_ended(&outcome, "self-healed", CONTROL);
    assert!(why.starts_with("at link 1 "), "{why}");
}

#[tokio::test(start_paused = true)]
async fn what_a_link_is_to_hide_must_not_be_seen_beside_it() {
    let mut story = hidden();
    story.begins(CONTROL);
    lock(story.after(1_000), 2, 1).ends();
    let outcome = outcome_of(&chained(&[]), &story).await;
    let why = assert_ended(&outcome, "already-present", CONTROL);
    assert!(why.contains("cannot lock"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn a_link_is_absent_at_the_healthy_start() {
    let mut story = Story::new();
    story.begins(Phase::SteadyState);
    story.applies("apply healthy.yaml", &[deployment(1)]);
    story.shows_all(&[replica_set(1), pod(1)]);
    story.shows(&event(&pod(1), "Warning", "Failed", "web:4: not found"));
    let outcome = outcome_of(&chained(&[]), story.after(5_100).ends()).await;
    let why = assert_ended(&outcome, "already-present", Phase::SteadyState);
    assert!(
        why.starts_with("link 1 \"The image is missing\": "),
        "{why}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_link_that_stands_after_what_mends_it_is_not_remedied() {
    let mut story = mended();
    pull(story.after(1_400), 3).ends();
    let outcome = outcome_of(&chained(&[]), &story).await;
    let why = assert_ended(&outcome, "not-remedied", Phase::Fault);
    assert!(
        why.starts_with("not mended: link 1 \"The image is missing\": Warning Failed"),
        "{why}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_left_of_a_link_on_the_way_to_the_next_counts_for_nothing() {
    let mut story = mended();
    pull(story.after(500), 3);
    lock(story.after(1_400), 3, 1).begins(Phase::Control);
    lock(story.after(12_000), 3, 2).after(8_100);
    story.begins(Phase::Remedy);
    cure(&mut story).after(10_100).is_served();
    let outcome = outcome_of(&chained(&[]), &story).await;
    assert_eq!(outcome.verdict, Verdict::Proved);
}

#[tokio::test(start_paused = true)]
async fn a_link_that_comes_back_beside_the_next_is_not_remedied() {
    let mut story = revealed();
    story.begins(Phase::Control);
    pull(story.after(12_000), 3).ends();
    let outcome = outcome_of(&chained(&[]), &story).await;
    let why = assert_ended(&outcome, "not-remedied", Phase::Control);
    assert!(why.contains("link 1 "), "{why}");
}

#[tokio::test(start_paused = true)]
async fn a_link_whose_states_still_stand_is_waited_out() {
    let state = "    signature:
      - state:
          of: {kind: Pod, labels: {app: web}}
          fields: [{path: .metadata.labels.image, is: missing}]
    control: {hold: 20s}
fault:
";
    let (_, event) = LINKS.split_once("    signature:").unwrap();
    let event = format!("    signature:{event}");
    let claim = chained(&[(event.as_str(), state)]);
    let missing = |pod: &Value| with(pod, &json!({"metadata": {"labels": {"image": "missing"}}}));
    let mut story = Story::new();
    story.is_healthy().begins(FAULT);
    story.rolls_out(2, "hiding.yaml").shows(&missing(&pod(2)));
    story.begins(CONTROL);
    story.after(20_100).begins(Phase::Fault);
    story.rolls_out(3, "broken.yaml").loses(&pod(2));
    story.logs(&pod(3), "cannot lock: busy");
    story.shows(&missing(&crashed(&pod(3), 1, 1)));
    let mut standing = story.clone();
    let outcome = outcome_of(&claim, standing.after(60_000).ends()).await;
    let why = assert_ended(&outcome, "not-remedied", Phase::Fault);
    assert!(why.contains("no earlier link stands"), "{why}");

    story.after(1_000).shows(&crashed(&pod(3), 1, 1));
    story.begins(Phase::Control);
    story.after(20_100).begins(Phase::Remedy);
    cure(&mut story).after(10_100).is_served();
    assert_eq!(outcome_of(&claim, &story).await.verdict, Verdict::Proved);
}

#[tokio::test(start_paused = true)]
async fn a_link_that_comes_back_when_everything_is_ready_is_not_remedied() {
    let mut story = remedied();
    story.after(1_000);
    story.shows(&event(&pod(4), "Warning", "Failed", "web:4: not found"));
    let outcome = outcome_of(&chained(&[]), story.after(9_100).ends()).await;
    let why = assert_ended(&outcome, "not-remedied", Phase::Remedy);
    let words = "everything is Ready, and the signature holds all the same: link 1 ";
    assert!(why.starts_with(words), "{why}");
}

#[tokio::test(start_paused = true)]
async fn a_link_that_comes_back_under_stress_has_relapsed() {
    let skipped = "    - {perturbation: delete-pods, reason: Told elsewhere.}\n";
    let mut story = remedied();
    story.after(10_100).begins(Phase::Checks);
    story.after(200).answers("The page is served", true);
    story.begins(Phase::Stress);
    story.is_perturbed(Perturbation::DeletePods, Effect::Awaited);
    story.after(1_000).loses(&pod(4));
    let next = with(
        &pod(4),
        &json!({"metadata": {"name": "web-4-b", "uid": "uid of web-4-b"}}),
    );
    story.shows(&next);
    story.shows(&event(&next, "Warning", "Failed", "web:4: not found"));
    let outcome = outcome_of(&chained(&[(skipped, "")]), story.ends()).await;
    let why = assert_ended(&outcome, "relapsed", Phase::Stress);
    let words = "after delete-pods: the failure came back: link 1 ";
    assert!(why.starts_with(words), "{why}");
}

#[tokio::test(start_paused = true)]
async fn what_a_later_fault_takes_away_must_be_there_in_the_end() {
    let two = |n| with(&deployment(n), &json!({"spec": {"replicas": 2}}));
    let mut story = Story::new();
    story.is_healthy().begins(FAULT);
    story.applies("apply hiding.yaml", &[two(2)]);
    story.shows_all(&[replica_set(2), rolling(2)]);
    pull(story.after(1_400), 2).begins(CONTROL);
    story.after(20_100).begins(Phase::Fault);
    story.rolls_out(3, "broken.yaml").loses(&pod(2));
    lock(story.after(1_900), 3, 1).begins(Phase::Control);
    story.after(20_100).begins(Phase::Remedy);
    story.rolls_out(4, "remedied.yaml").ends();
    let outcome = outcome_of(&chained(&[]), &story).await;
    let why = assert_ended(&outcome, "workload-removed", Phase::Remedy);
    let words = "Deployment web was scaled from 2 to 1; ";
    assert!(why.starts_with(words), "{why}");
}

#[tokio::test(start_paused = true)]
async fn a_link_that_speaks_of_nothing_is_vacuous_where_it_is_awaited() {
    let mut claim = chained(&[]);
    let Clause::Event(clause) = &mut claim.scenario.links[0].signature[0] else {
        unreachable!();
    };
    clause.of.labels.get_mut("app").unwrap().value = "wbe".to_owned();
    let outcome = outcome_of(&claim, hidden().after(60_000).ends()).await;
    let why = assert_ended(&outcome, "vacuous", FAULT);
    let words = "link 1 \"The image is missing\": signature clause 1: no Pod app=wbe was there";
    assert!(why.contains(words), "{why}");
    assert!(!why.contains("cannot lock"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn what_is_tried_beside_a_chain_comes_after_its_last_link() {
    let mut story = hidden();
    story.begins(Phase::Fault);
    story.rolls_out(3, "broken.yaml").loses(&pod(2));
    lock(story.after(1_900), 3, 1).begins(Phase::Alternative);
    cure(&mut story).after(10_100);
    story.answers("The page is served", true).ends();
    let other = "alternatives: [{title: Other, steps: [{apply: remedied.yaml}]}]\nstress:";
    let extent = Extent {
        course: Course::Alternative(0),
        ..Extent::default()
    };
    let claim = chained(&[("stress:", other)]);
    let outcome = conduct(&claim, &mut story.recording(), extent).await;
    assert_eq!(outcome.verdict, Verdict::Proved);
}
