mod steps;

use serde_json::json;

use super::*;
use crate::testing::{
    Story, crashed, deleting, deployment, event, object, pod, refused, replica_set, with, yaml,
};

/// A claim with this signature and these steps of its remedy.
fn claim(signature: &str, remedy: &str) -> Scenario {
    yaml(&format!(
        "
title: The new pod cannot lock the storage of the old one
source: A post-mortem
component: Web
about: Both pods write to the same place.
steady_state: {{steps: [{{apply: healthy.yaml}}], within: 9s, hold: 1s}}
fault: {{steps: [{{apply: broken.yaml}}], within: 9s}}
signature:
{signature}
control: {{hold: 5s}}
remedy:
  within: 9s
  hold: 1s
  steps: {remedy}
"
    ))
}

const REMEDY: &str = "[{apply: remedied.yaml}]";

const STATE: &str =
    "- state: {of: {kind: Pod, labels: {app: web}}, fields: [{path: .status.phase, is: Running}]}";

/// The claim's life, from the healthy start to the checks.
fn life() -> Story {
    let mut story = Story::new();
    story.begins(Phase::SteadyState);
    story.applies("apply healthy.yaml", &[deployment(1)]);
    story.shows_all(&[replica_set(1), pod(1)]);
    story.begins(Phase::Fault);
    story.applies("apply broken.yaml", &[deployment(2)]);
    story.shows_all(&[replica_set(2), crashed(&pod(2), 1, 1)]);
    story.begins(Phase::Control);
    story.begins(Phase::Remedy);
    story.applies("apply remedied.yaml", &[deployment(3)]);
    story.shows_all(&[replica_set(3), pod(3)]);
    story.begins(Phase::Checks);
    story
}

#[track_caller]
fn assert_told(story: &Story, claim: &Scenario, expected: &[&str]) {
    assert_eq!(vacuities(&story.witness(), claim, Course::Claim), expected);
}

#[test]
fn nothing_is_told_of_a_claim_whose_every_part_spoke_of_something() {
    let about = "kind: Pod, labels: {app: web}";
    let signature = format!(
        "{STATE}
- log: {{of: {{{about}}}, container: app, contains: [cannot lock]}}
- event: {{of: {{{about}}}, type: Warning, reason: BackOff, message: restarting}}"
    );
    assert_told(&life(), &claim(&signature, REMEDY), &[]);
}

#[test]
fn of_a_kind_that_is_not_watched_nothing_is_told() {
    let of = "of: {kind: Widget, name: w}";
    let signature = format!(
        "{STATE}
- state: {{{of}, fields: [{{path: .status, exists: false}}]}}
- event: {{{of}, type: Warning, reason: Failed, message: no}}"
    );
    let remedy = "[{apply: remedied.yaml}, {await: {gone: {kind: Widget, name: w}, within: 1s}}]";
    assert_told(&life(), &claim(&signature, remedy), &[]);
}

#[test]
fn a_clause_about_objects_that_were_never_there_is_told_with_its_number() {
    let about = "kind: Pod, labels: {app: wbe}";
    let signature = format!(
        "{STATE}
- state: {{of: {{{about}}}, fields: [{{path: .status.phase, is: Running}}]}}
- log: {{of: {{{about}}}, container: app, contains: [cannot lock]}}
- event: {{of: {{{about}}}, type: Warning, reason: BackOff, message: restarting}}
- state: {{of: {{kind: Deployment, name: wbe}}, fields: [{{path: .spec, exists: false}}]}}"
    );
    assert_told(
        &life(),
        &claim(&signature, REMEDY),
        &[
            "signature clause 2: no Pod app=wbe was there in any phase",
            "signature clause 3: no Pod app=wbe was there in any phase",
            "signature clause 4: no Pod app=wbe was there in any phase",
            "signature clause 5: no Deployment wbe was there in any phase",
        ],
    );
}

#[test]
fn an_object_of_another_kind_or_namespace_is_not_the_one_that_is_meant() {
    let mut story = life();
    let labels = json!({"metadata": {"labels": {"app": "db"}}});
    story.shows(&with(&object("Service", "db"), &labels));
    let elsewhere = json!({"metadata": {"namespace": "shop"}});
    story.shows(&with(&with(&object("Pod", "db"), &labels), &elsewhere));
    let signature = STATE.replace("app: web", "app: db");
    let told = "signature clause 1: no Pod app=db was there in any phase";
    assert_told(&story, &claim(&signature, REMEDY), &[told]);
}

#[test]
fn an_object_that_was_there_in_one_phase_and_is_gone_was_there() {
    let mut story = life();
    let job = object("Job", "once");
    story.shows(&job).loses(&job);
    let signature =
        "- state: {of: {kind: Job, name: once}, fields: [{path: .metadata, exists: true}]}";
    assert_told(&story, &claim(signature, REMEDY), &[]);
}

#[test]
fn a_pod_of_an_old_template_was_there_too() {
    let mut story = Story::new();
    story.shows_all(&[deployment(2), pod(1)]);
    assert_told(&story, &claim(STATE, REMEDY), &[]);
}

const ABSENT: &str = "
- state:
    of: {kind: Pod, labels: {app: web}}
    fields:
      - {path: .status.phase, is: Pending}
      - {path: .spec.nodeName, exists: false}";

#[test]
fn a_field_that_no_phase_showed_says_nothing_by_its_absence() {
    let told = "signature clause 1: no Pod app=web had .spec.nodeName in any phase";
    assert_told(&life(), &claim(ABSENT, REMEDY), &[told]);
    // It is shown once, by a pod that is gone, and only after the remedy.
    let mut story = life();
    let placed = with(&pod(3), &json!({"spec": {"nodeName": "worker"}}));
    story.shows(&placed).loses(&pod(3));
    assert_told(&story, &claim(ABSENT, REMEDY), &[]);
}

#[test]
fn a_field_of_another_object_does_not_make_up_for_it() {
    let mut story = life();
    let other = json!({"metadata": {"labels": null}, "spec": {"nodeName": "worker"}});
    story.shows(&with(&pod(3), &other));
    let told = "signature clause 1: no Pod app=web had .spec.nodeName in any phase";
    assert_told(&story, &claim(ABSENT, REMEDY), &[told]);
}

#[test]
fn the_absence_of_a_field_is_not_judged_before_the_checks() {
    let mut records = life().records().to_vec();
    records.pop();
    let mut witness = Witness::default();
    for record in records {
        witness.push(record);
    }
    assert_eq!(
        vacuities(&witness, &claim(ABSENT, REMEDY), Course::Claim),
        Vec::<String>::new()
    );
}

#[test]
fn a_field_that_must_be_there_may_be_missing_from_all() {
    let signature = ABSENT.replace("exists: false", "exists: true");
    assert_told(&life(), &claim(&signature, REMEDY), &[]);
}

#[test]
fn an_event_that_no_phase_saw_says_nothing_by_its_absence() {
    let absent = "- no_event: {of: {kind: Pod, labels: {app: web}}, type: Normal, reason: Scheduled, \
        message: Successfully assigned}";
    let claim = claim(&format!("{STATE}\n{absent}"), REMEDY);
    let told = [
        "signature clause 2: no event Scheduled about Pod app=web said \
        \"Successfully assigned\" in any phase",
    ];
    let assigned = "Successfully assigned default/web to worker";
    let scheduled = |about: &Value| event(about, "Normal", "Scheduled", assigned);
    for other in [
        scheduled(&object("Pod", "db")),
        event(&pod(3), "Normal", "Scheduled", "Successfully bound"),
        event(&pod(3), "Normal", "Pulled", assigned),
        event(&pod(3), "Warning", "Scheduled", assigned),
    ] {
        assert_told(life().shows(&other), &claim, &told);
    }
    assert_told(life().shows(&scheduled(&pod(3))), &claim, &[]);
}

#[test]
fn a_line_that_no_phase_saw_says_nothing_by_its_absence() {
    let absent = |container: &str| {
        let of = "of: {kind: Pod, labels: {app: web}}";
        let texts = "contains: [the archive, listens]";
        format!("{STATE}\n- no_log: {{{of}, container: {container}, {texts}}}")
    };
    let told = ["signature clause 2: no Pod app=web logged \"the archive listens\" in any phase"];
    let mut story = life();
    story.logs(&pod(3), "the archive waits");
    story.logs(&object("Pod", "db"), "the archive listens");
    assert_told(&story, &claim(&absent("app"), REMEDY), &told);
    story.logs(&pod(3), "the archive listens");
    assert_told(&story, &claim(&absent("app"), REMEDY), &[]);
    assert_told(&story, &claim(&absent("init"), REMEDY), &told);
}

#[test]
fn what_must_be_absent_is_not_judged_before_the_checks() {
    let of = "of: {kind: Pod, labels: {app: web}}";
    let signature = format!(
        "{STATE}
- no_log: {{{of}, container: app, contains: [listens]}}
- no_event: {{{of}, type: Normal, reason: Scheduled, message: assigned}}"
    );
    let mut witness = Witness::default();
    let records = life().records().to_vec();
    for record in &records[..records.len() - 1] {
        witness.push(record.clone());
    }
    let told = vacuities(&witness, &claim(&signature, REMEDY), Course::Claim);
    assert_eq!(told, Vec::<String>::new());
}

#[test]
fn a_refusal_of_what_no_step_applied_is_told() {
    let signature = "- refusal: {of: {kind: Service, name: web}, message: not in the valid range}";
    let claim = claim(signature, REMEDY);
    let told = ["signature clause 1: no step applied Service web"];
    assert_told(&life(), &claim, &told);
    let service = object("Service", "web");
    for other in [object("Service", "db"), object("Pod", "web")] {
        let mut story = life();
        story.applies("apply other.yaml", std::slice::from_ref(&other));
        story.does(StepOutcome {
            deleted: vec![ObjectKey::of(&other)],
            refusals: vec![refused(&other, "not in the valid range")],
            ..StepOutcome::default()
        });
        assert_told(&story, &claim, &told);
    }
    assert_told(
        life().applies("apply", std::slice::from_ref(&service)),
        &claim,
        &[],
    );
    let mut unnamed = refused(&service, "not in the valid range");
    unnamed.key = None;
    for outcome in [
        StepOutcome {
            deleted: vec![ObjectKey::of(&service)],
            ..StepOutcome::default()
        },
        StepOutcome {
            refusals: vec![refused(&service, "not in the valid range")],
            ..StepOutcome::default()
        },
    ] {
        assert_told(life().does(outcome), &claim, &[]);
    }
    let of_a_file = StepOutcome {
        refusals: vec![unnamed],
        ..StepOutcome::default()
    };
    assert_told(life().does(of_a_file), &claim, &told);
}
