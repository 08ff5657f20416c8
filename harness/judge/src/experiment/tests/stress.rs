use super::*;
use crate::scenario::Perturbation;
use crate::verdict::Survival;
use crate::witness::Effect;

const SKIPPED: &str = "stress:
  not_applicable:
    - {perturbation: delete-pods, reason: Told elsewhere.}
    - {perturbation: restart-rollout, reason: Told elsewhere.}
    - {perturbation: kill-container, reason: Told elsewhere.}
    - {perturbation: restart-kubelet, reason: Told elsewhere.}
";

/// The claim with these perturbations.
fn stressed(perturbations: &str) -> LoadedScenario {
    let stress = format!("stress: {{perturbations: [{perturbations}], within: 60s}}\n");
    claim_with(&[(SKIPPED, &stress)])
}

/// The remedied workload in its first perturbation.
fn perturbed(perturbation: Perturbation, effect: Effect) -> Story {
    let mut story = Story::new();
    story.is_healthy().breaks().stands().is_cured();
    story.begins(Phase::Checks);
    story.after(200).answers("The page is served", true);
    story.begins(Phase::Stress);
    story.after(100).is_perturbed(perturbation, effect);
    story
}

fn deleted() -> Story {
    perturbed(Perturbation::DeletePods, Effect::Awaited)
}

/// Another pod of the third template.
fn successor() -> Value {
    with(
        &pod(3),
        &json!({"metadata": {"name": "web-3-b", "uid": "uid of web-3-b"}}),
    )
}

fn served(story: &mut Story) -> &mut Story {
    story.after(100).answers("The page is served", true)
}

#[tokio::test(start_paused = true)]
async fn a_workload_whose_pods_are_replaced_has_survived_their_deletion() {
    let mut story = deleted();
    story
        .after(1_000)
        .loses(&pod(3))
        .shows(&unready(&successor(), &json!({})));
    story.after(1_900).shows(&successor()).after(10_100);
    let outcome = outcome_of(&stressed("delete-pods"), served(&mut story).ends()).await;
    assert_eq!(outcome.verdict, Verdict::Proved);
    assert_eq!(outcome.phase, Some(Phase::Stress));
    let effect = "pod web-3-a is gone".to_owned();
    assert_eq!(outcome.stress[0].perturbation, Perturbation::DeletePods);
    assert_eq!(
        outcome.stress[0].outcome,
        Survival::Recovered {
            effect,
            millis: 3_000
        }
    );
}

#[tokio::test(start_paused = true)]
async fn a_pod_that_is_still_there_has_not_been_perturbed_however_ready_it_is() {
    let mut story = deleted();
    story.after(60_100).ends();
    let outcome = outcome_of(&stressed("delete-pods"), &story).await;
    let why = assert_ended(&outcome, "not-perturbed", Phase::Stress);
    assert!(why.contains("pod web-3-a is still there"), "{why}");
    assert_eq!(outcome.verdict.word(), "inconclusive");
}

#[tokio::test(start_paused = true)]
async fn a_rollout_that_new_pods_are_refused_for_is_the_workloads_own_relapse() {
    let mut story = Story::new();
    story.is_healthy().breaks().stands().is_cured();
    story.begins(Phase::Checks);
    story.after(200).answers("The page is served", true);
    story.begins(Phase::Stress);
    story.applies("restart Deployment web", &[unobserved(4)]);
    story.is_perturbed(Perturbation::RestartRollout, Effect::Awaited);
    let mut unseen = story.clone();
    let quota = "pods \"web-4-a\" is forbidden: exceeded quota: one";
    let failure = json!([{"type": "ReplicaFailure", "status": "True", "message": quota}]);
    let set = with(&replica_set(4), &json!({"status": {"conditions": failure}}));
    story.shows_all(&[set, rolling(4)]).ends();
    let claim = stressed("restart-rollout");
    let outcome = outcome_of(&claim, &story).await;
    let why = assert_ended(&outcome, "relapsed", Phase::Stress);
    assert!(why.contains("cannot be rolled out again"), "{why}");
    assert!(why.contains(quota), "{why}");
    // Where nobody controls Deployments it is not the workload's.
    let outcome = outcome_of(&claim, unseen.ends()).await;
    assert_ended(&outcome, "not-perturbed", Phase::Stress);
}

#[tokio::test(start_paused = true)]
async fn a_perturbation_that_changed_nothing_is_told_at_once() {
    let why = "the kubelet's process is still 7".to_owned();
    let mut story = perturbed(Perturbation::RestartKubelet, Effect::Missing { why });
    let outcome = outcome_of(&stressed("restart-kubelet"), story.ends()).await;
    let why = assert_ended(&outcome, "not-perturbed", Phase::Stress);
    assert_eq!(why, "restart-kubelet: the kubelet's process is still 7");
}

#[tokio::test(start_paused = true)]
async fn a_signature_that_comes_back_for_a_moment_is_a_relapse() {
    let mut story = deleted();
    story
        .after(1_000)
        .loses(&pod(3))
        .shows(&unready(&successor(), &json!({})));
    story.after(500).logs(&successor(), "cannot lock: busy");
    story.shows(&crashed(&successor(), 1, 1)).after(500);
    story.shows(&restarted(&successor(), 1)).after(10_100);
    let outcome = outcome_of(&stressed("delete-pods"), served(&mut story).ends()).await;
    let why = assert_ended(&outcome, "relapsed", Phase::Stress);
    assert!(
        why.starts_with("after delete-pods: the failure came back: web-3-b/app: cannot"),
        "{why}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_workload_that_does_not_come_back_has_relapsed() {
    let mut story = deleted();
    story
        .after(1_000)
        .loses(&pod(3))
        .shows(&stuck(&successor(), "ContainerCreating", ""));
    let outcome = outcome_of(&stressed("delete-pods"), story.after(60_000).ends()).await;
    let why = assert_ended(&outcome, "relapsed", Phase::Stress);
    assert!(
        why.contains("everything is Ready again after delete-pods"),
        "{why}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_ready_before_the_cluster_has_noticed_is_awaited_again() {
    let proof = "the kubelet's process was 7 and is 8".to_owned();
    let mut story = perturbed(
        Perturbation::RestartKubelet,
        Effect::Seen {
            proof: proof.clone(),
        },
    );
    story.after(4_000).shows(&unready(&pod(3), &json!({})));
    story.after(2_000).shows(&pod(3)).after(10_100);
    let outcome = outcome_of(&stressed("restart-kubelet"), served(&mut story).ends()).await;
    assert_eq!(outcome.verdict, Verdict::Proved);
    let survived = Survival::Recovered {
        effect: proof,
        millis: 6_100,
    };
    assert_eq!(outcome.stress[0].outcome, survived);
}

#[tokio::test(start_paused = true)]
async fn a_flapping_workload_has_not_recovered() {
    let mut story = deleted();
    story.after(1_000).loses(&pod(3)).shows(&successor());
    for times in 1..8 {
        story.after(8_000).shows(&crashed(&successor(), times, 1));
        story.after(1_000).shows(&restarted(&successor(), times));
    }
    let outcome = outcome_of(&stressed("delete-pods"), story.ends()).await;
    assert_ended(&outcome, "relapsed", Phase::Stress);
}

#[tokio::test(start_paused = true)]
async fn data_that_is_lost_is_a_relapse() {
    let mut story = deleted();
    story
        .after(1_000)
        .loses(&pod(3))
        .shows(&successor())
        .after(10_100);
    story.answers("The page is served", false).ends();
    let outcome = outcome_of(&stressed("delete-pods"), &story).await;
    let why = assert_ended(&outcome, "relapsed", Phase::Stress);
    assert!(why.contains("The page is served"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn what_this_engine_cannot_do_is_skipped_by_name_and_the_rest_goes_on() {
    let why = "cgroup freezer is not mounted".to_owned();
    let mut story = perturbed(
        Perturbation::PauseNode,
        Effect::Impossible { why: why.clone() },
    );
    story.begins(Phase::Stress);
    story.is_perturbed(Perturbation::KillContainer, Effect::Awaited);
    story
        .after(1_000)
        .shows(&restarted(&pod(3), 1))
        .after(10_100);
    let claim = stressed("pause-node, kill-container");
    let outcome = outcome_of(&claim, served(&mut story).ends()).await;
    assert_eq!(outcome.verdict, Verdict::Proved);
    assert_eq!(outcome.stress[0].outcome, Survival::Skipped { reason: why });
    let effect = "pod web-3-a container app restarted".to_owned();
    let survived = Survival::Recovered {
        effect,
        millis: 1_000,
    };
    assert_eq!(outcome.stress[1].outcome, survived);
}

#[tokio::test(start_paused = true)]
async fn stress_may_ask_for_other_checks() {
    let stress = "stress:
  perturbations: [kill-container]
  checks: [{http: {name: The data is there, service: web, port: 80, path: /, within: 10s}}]
";
    let claim = claim_with(&[(SKIPPED, stress)]);
    let mut story = perturbed(Perturbation::KillContainer, Effect::Awaited);
    story
        .after(1_000)
        .shows(&restarted(&pod(3), 1))
        .after(10_100);
    story.answers("The data is there", true).ends();
    let outcome = outcome_of(&claim, &story).await;
    assert_eq!(outcome.verdict, Verdict::Proved);
}

/// The workload whose container was killed, Ready again and perturbed once more soon after.
fn killed_and_then(perturbation: Perturbation, effect: Effect) -> Story {
    let mut story = perturbed(Perturbation::KillContainer, Effect::Awaited);
    story.after(1_000).shows(&restarted(&pod(3), 1));
    story.after(2_100).begins(Phase::Stress);
    story.is_perturbed(perturbation, effect);
    story
}

#[tokio::test(start_paused = true)]
async fn the_whole_hold_follows_the_last_perturbation() {
    let proof = "the kubelet's process was 7 and is 8".to_owned();
    let effect = Effect::Seen { proof };
    let claim = stressed("kill-container, restart-kubelet");
    let mut story = killed_and_then(Perturbation::RestartKubelet, effect.clone());
    let outcome = outcome_of(&claim, served(story.after(10_100)).ends()).await;
    assert_eq!(outcome.verdict, Verdict::Proved);
    assert_eq!(outcome.stress.len(), 2);
    let mut story = killed_and_then(Perturbation::RestartKubelet, effect);
    story.after(9_000).shows(&unready(&pod(3), &json!({})));
    let outcome = outcome_of(&claim, story.after(70_000).ends()).await;
    assert_ended(&outcome, "relapsed", Phase::Stress);
}

#[tokio::test(start_paused = true)]
async fn where_the_last_cannot_be_done_the_whole_hold_follows_the_one_before() {
    let why = "cgroup freezer is not mounted".to_owned();
    let effect = Effect::Impossible { why };
    let claim = stressed("kill-container, pause-node");
    let mut story = killed_and_then(Perturbation::PauseNode, effect.clone());
    let outcome = outcome_of(&claim, served(story.after(10_100)).ends()).await;
    assert_eq!(outcome.verdict, Verdict::Proved);
    let mut story = killed_and_then(Perturbation::PauseNode, effect);
    for times in 2..11 {
        story.after(8_000).shows(&crashed(&pod(3), times, 1));
        story.after(1_000).shows(&restarted(&pod(3), times));
    }
    let outcome = outcome_of(&claim, story.ends()).await;
    assert_ended(&outcome, "relapsed", Phase::Stress);
}

#[tokio::test(start_paused = true)]
async fn the_next_perturbation_waits_until_the_cluster_has_noticed_the_last() {
    let mut story = perturbed(Perturbation::KillContainer, Effect::Awaited);
    story.after(1_000).shows(&restarted(&pod(3), 1));
    story.after(1_000).shows(&unready(&pod(3), &json!({})));
    let claim = stressed("kill-container, restart-kubelet");
    let outcome = outcome_of(&claim, story.after(70_000).ends()).await;
    assert_ended(&outcome, "relapsed", Phase::Stress);
}

#[tokio::test(start_paused = true)]
async fn the_restart_of_a_killed_container_is_no_relapse_and_a_second_one_is() {
    let signature = "signature:
  - state:
      of: {kind: Pod, labels: {app: web}}
      fields:
        - {path: '.status.containerStatuses[0].restartCount', at_least: 1}
        - {path: '.status.containerStatuses[0].lastState.terminated.exitCode', is: 1}
";
    let from = CLAIM.find("signature:").unwrap();
    let to = CLAIM.find("control:").unwrap();
    let claim = format!("{}{signature}{}", &CLAIM[..from], &CLAIM[to..]);
    let stress = "stress: {perturbations: [kill-container], within: 60s}\n";
    let claim = load(&claim.replace(SKIPPED, stress));
    let mut story = perturbed(Perturbation::KillContainer, Effect::Awaited);
    story.after(1_000).shows(&crashed(&pod(3), 1, 1));
    let mut again = story.clone();
    story
        .after(1_000)
        .shows(&restarted(&pod(3), 1))
        .after(10_100);
    let outcome = outcome_of(&claim, served(&mut story).ends()).await;
    assert_eq!(outcome.verdict, Verdict::Proved);
    again.after(1_000).shows(&crashed(&pod(3), 2, 1)).ends();
    let outcome = outcome_of(&claim, &again).await;
    assert_ended(&outcome, "relapsed", Phase::Stress);
}

#[tokio::test(start_paused = true)]
async fn a_signature_that_any_restart_shows_is_told_before_the_stress() {
    let line =
        "  - log: {of: {kind: Pod, labels: {app: web}}, container: app, contains: [cannot lock]}\n";
    let stress = "stress: {perturbations: [kill-container], within: 60s}\n";
    let claim = claim_with(&[(line, ""), (SKIPPED, stress)]);
    let story = perturbed(Perturbation::KillContainer, Effect::Awaited);
    let outcome = outcome_of(&claim, &story).await;
    let why = assert_ended(&outcome, "vacuous", Phase::Checks);
    assert!(why.contains("restartCount is at least 1"), "{why}");
}
