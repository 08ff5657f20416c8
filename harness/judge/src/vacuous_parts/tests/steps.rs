//! Steps that wait for what was never there.

use super::*;

/// Scaled to nothing, waited, and applied.
const SCALED: &str = "
  - scale: {object: {kind: Deployment, name: web}, replicas: 0}
  - await: {gone: {kind: Pod, labels: {app: web}}, within: 9s}
  - apply: remedied.yaml";

fn scaled(labels: &str) -> Scenario {
    claim(STATE, &SCALED.replace("app: web", labels))
}

/// The claim's life with the remedy that scales to nothing first.
fn scaled_life() -> Story {
    let mut story = Story::new();
    story.begins(Phase::SteadyState);
    story.applies("apply healthy.yaml", &[deployment(1)]);
    story.shows_all(&[replica_set(1), pod(1)]);
    story.begins(Phase::Fault);
    story.applies("apply broken.yaml", &[deployment(2)]);
    story.begins(Phase::Remedy);
    story.applies("scale Deployment web to 0", &[deployment(2)]);
    story.shows(&deleting(&pod(1))).loses(&pod(1));
    story.applies("apply remedied.yaml", &[deployment(3)]);
    let renamed = json!({"metadata": {"labels": {"app": "remedied"}}});
    story.shows_all(&[replica_set(3), with(&pod(3), &renamed)]);
    story.begins(Phase::Checks);
    story
}

#[test]
fn what_must_be_gone_was_there_once() {
    let mut story = scaled_life();
    story.shows(&pod(4));
    assert_told(&story, &scaled("app: web"), &[]);
}

#[test]
fn what_was_never_there_before_it_must_be_gone_is_told() {
    let told = "remedy step 2: no Pod app=wbe was there before";
    assert_told(&scaled_life(), &scaled("app: wbe"), &[told]);
    // It comes only with the next step.
    let told = "remedy step 2: no Pod app=remedied was there before";
    assert_told(&scaled_life(), &scaled("app: remedied"), &[told]);
}

#[test]
fn a_wait_at_the_end_of_a_phase_sees_all_of_it_and_no_more() {
    let steps = "
  - apply: remedied.yaml
  - await: {gone: {kind: Pod, labels: {app: web}}, within: 9s}";
    let last = |labels: &str| claim(STATE, &steps.replace("app: web", labels));
    let mut story = life();
    assert_told(&story, &last("app: web"), &[]);
    let later = json!({"metadata": {"labels": {"app": "later"}}});
    story.shows(&with(&pod(4), &later));
    let told = "remedy step 2: no Pod app=later was there before";
    assert_told(&story, &last("app: later"), &[told]);
}

#[test]
fn a_wait_in_the_last_phase_sees_everything() {
    let mut claim = claim(STATE, REMEDY);
    claim.fault.steps = yaml("[await: {gone: {kind: Job, name: once}, within: 9s}]");
    let mut story = Story::new();
    story.shows(&pod(1)).begins(Phase::Fault);
    let told = "fault step 1: no Job once was there before";
    assert_told(&story, &claim, &[told]);
    assert_told(story.shows(&object("Job", "once")), &claim, &[]);
}

#[test]
fn a_step_that_was_not_carried_out_is_not_told() {
    let claim = scaled("app: wbe");
    let mut story = Story::new();
    story.shows(&pod(1));
    assert_told(&story, &claim, &[]);
    story.begins(Phase::Remedy);
    assert_told(&story, &claim, &[]);
    // Another phase does the same.
    story.begins(Phase::Trials);
    story.applies("scale Deployment web to 0", &[]);
    assert_told(&story, &claim, &[]);
    story.begins(Phase::Remedy);
    story.applies("scale Deployment web to 1", &[]);
    assert_told(&story, &claim, &[]);
    story.begins(Phase::Remedy);
    story.applies("scale Deployment web to 0", &[]);
    let told = "remedy step 2: no Pod app=wbe was there before";
    assert_told(&story, &claim, &[told]);
}

#[test]
fn every_list_of_steps_is_looked_through() {
    let await_gone = "{await: {gone: {kind: Job, name: once}, within: 9s}}";
    let mut claim = claim(STATE, &format!("[{{apply: remedied.yaml}}, {await_gone}]"));
    let steps = || yaml(&format!("[{await_gone}]"));
    claim.steady_state.as_mut().unwrap().steps = steps();
    claim.fault.steps = steps();
    claim.findings = yaml(&format!(
        "
- {{title: None, text: Nothing is tried.}}
- title: A gamble
  text: Sometimes it comes too early.
  trial: {{reset: [{await_gone}], steps: [{{apply: x.yaml}}, {await_gone}], within: 9s, repeat: 1}}"
    ));
    let mut story = life();
    story.begins(Phase::Trials);
    story.begins(Phase::Trials);
    story.applies("apply x.yaml", &[]);
    let gone = |place: &str| format!("{place}: no Job once was there before");
    let expected = [
        "steady state step 1",
        "fault step 1",
        "remedy step 2",
        "finding 2 reset step 1",
        "finding 2 trial step 2",
    ];
    let expected = expected.map(gone);
    assert_eq!(vacuities(&story.witness(), &claim, Course::Claim), expected);
}

#[test]
fn of_what_is_tried_beside_the_claim_its_own_steps_are_looked_through() {
    let asides = |hold: &str| {
        let one = |n: u8| {
            format!(
                "{{title: '{n}', steps: [await: {{gone: {{kind: Job, name: once-{n}}}, within: 9s}}]{hold}}}"
            )
        };
        format!("[{}, {}]", one(1), one(2))
    };
    let mut claim = claim(STATE, REMEDY);
    claim.wrong_remedies = yaml(&asides(""));
    claim.alternatives = yaml(&asides(""));
    claim.harmless = yaml(&asides(", hold: 1s"));
    for (course, phase, place) in [
        (Course::WrongRemedy(1), Phase::WrongRemedy, "wrong remedy"),
        (Course::Alternative(1), Phase::Alternative, "alternative"),
        (Course::Harmless(1), Phase::Harmless, "harmless change"),
    ] {
        let mut story = Story::new();
        story.shows(&pod(1)).begins(phase);
        let told = format!("{place} 2 step 1: no Job once-2 was there before");
        assert_eq!(vacuities(&story.witness(), &claim, course), [told]);
    }
}

#[test]
fn a_signature_says_nothing_until_its_fault_is_made() {
    let signature = "- refusal: {of: {kind: Service, name: web}, message: no}";
    let claim = claim(signature, REMEDY);
    let mut story = Story::new();
    assert_told(&story, &claim, &[]);
    story.begins(Phase::Fault);
    let told = "signature clause 1: no step applied Service web";
    assert_told(&story, &claim, &[told]);
}

#[test]
fn an_absence_that_is_awaited_and_that_no_phase_contradicts_is_told() {
    let steps = "
  - apply: remedied.yaml
  - await:
      state: {of: {kind: Pod, labels: {app: web}}, fields: [{path: .spec.nodeName, exists: false}]}
      within: 9s";
    let mut story = life();
    let told = "remedy step 2: no Pod app=web had .spec.nodeName in any phase";
    assert_told(&story, &claim(STATE, steps), &[told]);
    story.shows(&with(&pod(3), &json!({"spec": {"nodeName": "worker"}})));
    assert_told(&story, &claim(STATE, steps), &[]);
}
