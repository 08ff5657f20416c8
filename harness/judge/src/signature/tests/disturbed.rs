//! What a perturbation causes by itself.

use super::*;

fn more(story: &Story, clauses: &str, mark: PhaseMark, disturbed: &Disturbed) -> bool {
    let clauses: Vec<Clause> = yaml(clauses);
    comes_back(&story.witness(), &clauses, mark, disturbed).holds()
}

/// A cured pod that restarted twice in its life, and is perturbed.
fn perturbed() -> (Story, PhaseMark, Disturbed) {
    let mut story = Story::new();
    story.shows_all(&[deployment(1), replica_set(1), restarted(&pod(1), 2)]);
    let disturbed = Disturbed::from_now(&story.witness());
    let mark = story.after(2_000).begins(Phase::Stress);
    (story, mark, disturbed)
}

#[test]
fn one_restart_and_its_end_are_the_perturbations_and_a_second_is_not() {
    let ended = "
- state:
    of: {kind: Pod, labels: {app: web}}
    fields:
      - {path: '.status.containerStatuses[0].restartCount', at_least: 1}
      - {path: '.status.containerStatuses[0].lastState.terminated.exitCode', is: 1}";
    let mut story = Story::new();
    story.shows_all(&[deployment(1), replica_set(1), pod(1)]);
    let disturbed = Disturbed::from_now(&story.witness());
    let mark = story.after(2_000).begins(Phase::Stress);
    story.shows(&crashed(&pod(1), 1, 1));
    assert!(asked(&story, ended, mark).holds());
    assert!(!more(&story, ended, mark, &disturbed));
    story.shows(&crashed(&pod(1), 2, 1));
    assert!(more(&story, ended, mark, &disturbed));
}

#[test]
fn a_pod_that_was_made_anew_has_no_restart_for_free() {
    let (mut story, mark, disturbed) = perturbed();
    let another = with(
        &pod(1),
        &json!({"metadata": {"name": "b", "uid": "uid of b"}}),
    );
    story.loses(&pod(1)).shows(&crashed(&another, 1, 1));
    assert!(more(&story, CRASHED, mark, &disturbed));
}

#[test]
fn a_pod_that_starts_is_not_ready_by_itself() {
    let unready_clause = "
- state:
    of: {kind: Pod, labels: {app: web}}
    fields: [{path: '.status.conditions[0].status', is: 'False'}]";
    let (mut story, mark, disturbed) = perturbed();
    story.shows(&stuck(&pod(1), "ContainerCreating", ""));
    assert!(asked(&story, unready_clause, mark).holds());
    assert!(!more(&story, unready_clause, mark, &disturbed));
    let pulls = "
- state:
    of: {kind: Pod, labels: {app: web}}
    fields: [{path: '.status.containerStatuses[0].state.waiting.reason', is: ErrImagePull}]";
    story.shows(&stuck(&pod(1), "ErrImagePull", "not found"));
    assert!(more(&story, pulls, mark, &disturbed));
}

#[test]
fn a_probe_that_fails_while_a_pod_starts_is_the_perturbations() {
    let probe = "- event: {of: {kind: Pod, labels: {app: web}}, type: Warning, reason: Unhealthy, message: ''}";
    let (mut story, mark, disturbed) = perturbed();
    story.shows(&event(&pod(1), "Warning", "Unhealthy", "refused"));
    assert!(asked(&story, probe, mark).holds());
    assert!(!more(&story, probe, mark, &disturbed));
}

#[test]
fn a_signature_that_every_restart_shows_is_told_with_its_clauses() {
    let (story, ..) = perturbed();
    let told = |clauses: &str| {
        let clauses: Vec<Clause> = yaml(clauses);
        indistinct(&story.witness(), &clauses)
    };
    let named = told(CRASHED).unwrap();
    assert!(named.starts_with("Pod app=web with .status"), "{named}");
    let unready_clause = "
- state:
    of: {kind: Pod, labels: {app: web}}
    fields: [{path: '.status.conditions[0].status', is: 'False'}]";
    assert!(told(unready_clause).is_some());
    assert_eq!(told(&format!("{CRASHED}{LOCKED}")), None);
    let of_its_own = CRASHED.replace("at_least: 1", "at_least: 9");
    assert_eq!(told(&of_its_own), None);
}
