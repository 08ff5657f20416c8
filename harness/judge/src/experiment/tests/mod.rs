//! The life of a claim on witnesses made by hand: one Deployment that is broken by its second
//! template and cured by its third.

mod answers;
mod awaits;
mod causes;
mod chain;
mod checks;
mod control;
mod fault;
mod harmless;
mod honest;
mod leaving;
mod needs;
mod order;
mod refusal;
mod remedy;
mod steady_state;
mod stress;
mod thorough;
mod trials;

use serde_json::{Value, json};

use super::*;
use crate::library::load_scenario;
use crate::scenario::Capability;
use crate::testing::{
    Story, crashed, deployment, object, pod, replica_set, restarted, rolling, stuck, unobserved,
    unready, with,
};
use crate::witness::StepOutcome;

const CLAIM: &str = "
title: The new pod cannot lock the storage of the old one
source: A post-mortem
component: Web
about: Both pods write to the same place.
steady_state:
  steps: [{apply: healthy.yaml}]
  within: 60s
  hold: 5s
fault:
  steps: [{apply: broken.yaml}]
  within: 60s
signature:
  - log: {of: {kind: Pod, labels: {app: web}}, container: app, contains: [cannot lock]}
  - state:
      of: {kind: Pod, labels: {app: web}}
      fields: [{path: '.status.containerStatuses[0].restartCount', at_least: 1}]
control:
  hold: 20s
remedy:
  steps: [{apply: remedied.yaml}]
  within: 60s
  hold: 10s
checks:
  - http: {name: The page is served, service: web, port: 80, path: /, within: 10s}
stress:
  not_applicable:
    - {perturbation: delete-pods, reason: Told elsewhere.}
    - {perturbation: restart-rollout, reason: Told elsewhere.}
    - {perturbation: kill-container, reason: Told elsewhere.}
    - {perturbation: restart-kubelet, reason: Told elsewhere.}
";

const MANIFEST: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: app, image: 'web:1'}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
";

/// A claim as the loader reads it.
fn load(claim: &str) -> LoadedScenario {
    let folder = tempfile::tempdir().unwrap();
    let manifests = folder.path().join("manifests");
    std::fs::create_dir(&manifests).unwrap();
    for (n, name) in ["healthy", "broken", "remedied", "hiding"]
        .iter()
        .enumerate()
    {
        let file = format!("{name}.yaml");
        if claim.contains(&file) {
            let text = MANIFEST.replace("web:1", &format!("web:{}", n + 1));
            std::fs::write(manifests.join(file), text).unwrap();
        }
    }
    let file = folder.path().join("web.yaml");
    std::fs::write(&file, claim).unwrap();
    load_scenario(&file, &manifests).unwrap_or_else(|error| panic!("{error}"))
}

/// The claim with some of its lines otherwise.
fn claim_with(changes: &[(&str, &str)]) -> LoadedScenario {
    let mut claim = CLAIM.to_owned();
    for (old, new) in changes {
        assert!(claim.contains(old), "the claim has no {old:?}");
        claim = claim.replace(old, new);
    }
    load(&claim)
}

/// What the claim's phases look like when all goes as documented.
trait Life {
    fn is_healthy(&mut self) -> &mut Self;
    fn rolls_out(&mut self, n: u64, file: &str) -> &mut Self;
    fn breaks(&mut self) -> &mut Self;
    fn stands(&mut self) -> &mut Self;
    fn is_cured(&mut self) -> &mut Self;
    fn is_served(&mut self) -> &mut Self;
}

impl Life for Story {
    fn is_healthy(&mut self) -> &mut Self {
        self.begins(Phase::SteadyState);
        let fresh = with(&deployment(1), &json!({"status": null}));
        self.applies("apply healthy.yaml", &[fresh]);
        self.shows_all(&[replica_set(1), unready(&pod(1), &json!({}))]);
        self.after(3_000).shows_all(&[pod(1), deployment(1)]);
        self.after(5_100)
    }

    /// The Deployment's next template is applied; its pod is there and has not started.
    fn rolls_out(&mut self, n: u64, file: &str) -> &mut Self {
        self.applies(&format!("apply {file}"), &[unobserved(n)]);
        self.after(100).shows_all(&[replica_set(n), rolling(n)]);
        self.shows(&stuck(&pod(n), "ContainerCreating", ""))
    }

    fn breaks(&mut self) -> &mut Self {
        self.begins(Phase::Fault);
        self.rolls_out(2, "broken.yaml");
        self.after(1_400).logs(&pod(2), "cannot lock: busy");
        self.after(500).shows(&crashed(&pod(2), 1, 1))
    }

    fn stands(&mut self) -> &mut Self {
        self.begins(Phase::Control);
        self.after(12_000).logs(&pod(2), "cannot lock: busy");
        self.shows(&crashed(&pod(2), 2, 1)).after(8_100)
    }

    fn is_cured(&mut self) -> &mut Self {
        self.begins(Phase::Remedy);
        self.rolls_out(3, "remedied.yaml");
        self.after(2_000).shows_all(&[pod(3), deployment(3)]);
        self.loses(&pod(1)).loses(&pod(2)).after(10_100)
    }

    fn is_served(&mut self) -> &mut Self {
        self.begins(Phase::Checks);
        self.after(200).answers("The page is served", true).ends()
    }
}

/// What the claim says of each perturbation that its kinds suggest.
fn not_perturbed() -> Vec<Perturbed> {
    use crate::scenario::Perturbation::{
        DeletePods, KillContainer, RestartKubelet, RestartRollout,
    };
    [DeletePods, RestartRollout, KillContainer, RestartKubelet]
        .into_iter()
        .map(|perturbation| Perturbed {
            perturbation,
            outcome: crate::verdict::Survival::NotApplicable {
                reason: "Told elsewhere.".to_owned(),
            },
        })
        .collect()
}

async fn outcome_of(claim: &LoadedScenario, story: &Story) -> Outcome {
    conduct(claim, &mut story.recording(), Extent::default()).await
}

/// The claim is not proved, for this reason, in this phase; the evidence in words.
#[track_caller]
fn assert_ended(outcome: &Outcome, reason: &str, phase: Phase) -> String {
    let detail = outcome.verdict.detail().unwrap_or_default();
    let actual = outcome.verdict.reason().unwrap_or_default();
    assert_eq!(actual, reason, "{detail}");
    assert_eq!(outcome.phase, Some(phase), "{detail}");
    detail.to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_appears_stands_and_is_cured_is_proved() {
    let mut story = Story::new();
    story.is_healthy().breaks().stands().is_cured().is_served();
    assert_eq!(
        outcome_of(&load(CLAIM), &story).await,
        Outcome {
            verdict: Verdict::Proved,
            phase: Some(Phase::Checks),
            time_to_signature: Some(2_000),
            time_to_ready: Some(2_100),
            rates: Vec::new(),
            stress: not_perturbed(),
            stood: None,
            unnamed: Vec::new(),
        }
    );
}

#[tokio::test(start_paused = true)]
async fn a_claim_needs_no_healthy_start() {
    let start = CLAIM.find("steady_state:").unwrap()..CLAIM.find("fault:").unwrap();
    let mut claim = CLAIM.to_owned();
    claim.replace_range(start, "");
    let mut story = Story::new();
    story.shows_all(&[deployment(1), replica_set(1), pod(1)]);
    story.breaks().stands().is_cured().is_served();
    let outcome = outcome_of(&load(&claim), &story).await;
    assert_eq!(outcome.verdict, Verdict::Proved);
}

#[tokio::test(start_paused = true)]
async fn a_loss_of_the_cluster_is_inconclusive_in_every_phase() {
    type Part = fn(&mut Story) -> &mut Story;
    let life: [(Phase, Part); 5] = [
        (Phase::SteadyState, Story::is_healthy),
        (Phase::Fault, Story::breaks),
        (Phase::Control, Story::stands),
        (Phase::Remedy, Story::is_cured),
        (Phase::Checks, Story::is_served),
    ];
    let mut story = Story::new();
    for (phase, part) in life {
        let mut lost = story.clone();
        lost.begins(phase);
        let outcome = outcome_of(&load(CLAIM), lost.is_lost()).await;
        assert_eq!(outcome.verdict.word(), "inconclusive");
        let why = assert_ended(&outcome, "api-lost", phase);
        assert_eq!(why, "the API server does not answer");
        part(&mut story);
    }
}

#[tokio::test(start_paused = true)]
async fn a_recording_that_is_cut_off_is_inconclusive_wherever_it_ends() {
    let claim = load(CLAIM);
    let mut story = Story::new();
    story.is_healthy().breaks().stands().is_cured().is_served();
    let records = story.records();
    let answer = records
        .iter()
        .position(|record| matches!(record.observation, crate::witness::Observation::Check(_)));
    for length in 0..=answer.unwrap() {
        let mut recording = crate::recording::Recording::of(records[..length].to_vec());
        let outcome = conduct(&claim, &mut recording, Extent::default()).await;
        assert_eq!(
            outcome.verdict.reason().as_deref(),
            Some("api-lost"),
            "cut off after {length} records"
        );
        assert_eq!(outcome.verdict.detail(), Some("the recording ends here"));
    }
}
