use super::*;
use crate::library::load_scenario;
use crate::phase::LinkPhase;
use crate::scenario::Perturbation;
use crate::testing::sample;
use crate::verdict::{Because, Necessity, Obstacle, PartJudged, Perturbed};

const CLAIM: &str = "
title: t
source: s
component: c
about: a
steady_state:
  steps: [{apply: healthy.yaml}]
  within: 30s
  hold: 5s
  checks: [{http: {name: At the start, service: web, port: 80, path: /, within: 9s}}]
links:
  - title: Hidden
    fault: {steps: [{delete: {kind: Service, name: web}}], within: 30s}
    signature:
      - event: {of: {kind: Service, name: web}, type: Warning, reason: Unhealthy, message: hidden}
    control: {hold: 10s}
fault: {steps: [{apply: broken.yaml}], within: 30s}
signature:
  - event: {of: {kind: Service, name: web}, type: Warning, reason: Unhealthy, message: broken}
control: {hold: 10s}
remedy:
  steps: [{apply: remedied.yaml}, {delete: {kind: Service, name: web}}]
  within: 30s
  hold: 10s
checks: [{http: {name: At the end, service: web, port: 80, path: /, within: 9s}}]
stress:
  checks: [{http: {name: After stress, service: web, port: 80, path: /, within: 9s}}]
wrong_remedies: [{title: Wrong, steps: [{apply: healthy.yaml}]}]
alternatives: [{title: Other, steps: [{apply: healthy.yaml}]}]
harmless: [{title: Nothing, steps: [{apply: broken.yaml}], hold: 5s}]
claims:
  - {id: C1, says: a, answer: confirmed, shown_by: signature, would_differ: {clause: broken}}
  - {id: C2, says: a, answer: refuted, shown_by: control, would_differ: {clause: broken}}
  - {id: C3, says: a, answer: confirmed, shown_by: remedy, would_differ: {check: At the end}}
  - {id: C4, says: a, answer: confirmed, shown_by: stress, would_differ: {check: After stress}}
  - {id: C5, says: a, answer: confirmed, shown_by: {check: At the start}}
  - {id: C6, says: a, answer: confirmed, shown_by: {check: At the end}}
  - {id: C7, says: a, answer: confirmed, shown_by: {check: After stress}}
  - {id: C8, says: a, answer: depends, on: b, shown_by: {wrong_remedy: Wrong}}
  - {id: C9, says: a, answer: confirmed, shown_by: {alternative: Other}}
  - {id: C10, says: a, answer: confirmed, shown_by: {harmless: Nothing}}
  - {id: C11, says: a, answer: confirmed, shown_by: {change: {kind: Service, name: web, path: .spec.sessionAffinity}}}
  - {id: C12, says: a, answer: confirmed, shown_by: {step: delete Service web}}
  - {id: C13, says: a, answer: confirmed, shown_by: {scenario: another}}
  - {id: C14, says: a, answer: confirmed, shown_by: {link: Hidden}}
  - {id: C15, says: a, answer: confirmed, shown_by: control}
  - {id: C16, says: a, answer: confirmed, shown_by: remedy, would_differ: {wrong_remedy: Wrong}}
  - {id: C17, says: a, answer: confirmed, shown_by: control, would_differ: {alternative: Other}}
";

fn scenario() -> LoadedScenario {
    let folder = tempfile::tempdir().unwrap();
    let manifests = folder.path().join("manifests");
    std::fs::create_dir(&manifests).unwrap();
    for (name, affinity) in [
        ("healthy", "None"),
        ("broken", "ClientIP"),
        ("remedied", "None"),
    ] {
        let text = format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: web}}\n\
             spec: {{ports: [{{port: 80}}], sessionAffinity: {affinity}}}\n"
        );
        std::fs::write(manifests.join(format!("{name}.yaml")), text).unwrap();
    }
    let file = folder.path().join("web.yaml");
    std::fs::write(&file, CLAIM).unwrap();
    load_scenario(&file, &manifests).unwrap_or_else(|error| panic!("{error}"))
}

/// Numbers of the statements of which this is said.
fn numbers(claim: &Finished, all: &Finished, shown: Shown) -> Vec<usize> {
    let judged = statements(&scenario(), claim, all);
    let said = (1..).zip(judged).filter(|(_, one)| one.shown == shown);
    said.map(|(number, _)| number).collect()
}

fn witnessed(claim: &Finished) -> Vec<usize> {
    numbers(claim, claim, Shown::Here)
}

fn stressed() -> Finished {
    let outcome = Survival::Recovered {
        effect: "a pod is gone".to_owned(),
        millis: 1,
    };
    Finished {
        stress: vec![Perturbed {
            perturbation: Perturbation::DeletePods,
            outcome,
        }],
        ..sample::proved()
    }
}

fn ended(verdict: Verdict, phase: Phase) -> Finished {
    Finished {
        verdict,
        phase: Some(phase),
        ..sample::proved()
    }
}

#[test]
fn a_proved_claim_answers_what_its_own_phases_show() {
    assert_eq!(witnessed(&stressed()), [1, 2, 3, 4, 5, 6, 7, 14]);
}

#[test]
fn without_stress_nothing_was_survived() {
    assert_eq!(witnessed(&sample::proved()), [1, 2, 3, 5, 6, 14]);
}

#[test]
fn a_refuted_claim_answers_what_was_witnessed_before() {
    let refuted = |phase| ended(Verdict::refuted(Refutation::NotRemedied, "never"), phase);
    for (phase, expected) in [
        (Phase::SteadyState, &[][..]),
        (Phase::Link(0, LinkPhase::Control), &[5]),
        (Phase::Fault, &[5, 14]),
        (Phase::Control, &[1, 5, 14]),
        (Phase::Remedy, &[1, 2, 5, 14]),
        (Phase::Checks, &[1, 2, 5, 14]),
        (Phase::Stress, &[1, 2, 3, 5, 6, 14]),
    ] {
        assert_eq!(witnessed(&refuted(phase)), expected, "{phase}");
    }
}

#[test]
fn so_does_one_that_could_not_be_judged_to_its_end() {
    let lost = Because {
        reason: Obstacle::ApiLost,
        detail: String::new(),
    };
    let lost = ended(Verdict::Inconclusive(lost), Phase::Remedy);
    assert_eq!(witnessed(&lost), [1, 2, 5, 14]);
}

#[test]
fn what_spoke_of_nothing_answers_nothing() {
    for reason in [Refutation::Vacuous, Refutation::PremiseGone] {
        let nothing = ended(Verdict::refuted(reason, "a typo"), Phase::Checks);
        assert_eq!(witnessed(&nothing), [0; 0]);
    }
}

#[test]
fn what_is_tried_beside_the_claim_is_answered_only_then() {
    let claim = stressed();
    let only_then = [8, 9, 10, 11, 12, 16, 17];
    assert_eq!(numbers(&claim, &claim, Shown::OnlyThoroughly), only_then);
    assert_eq!(numbers(&claim, &claim, Shown::Elsewhere), [13]);
    let claim = Finished {
        thorough: true,
        ..claim
    };
    let not = [8, 9, 10, 11, 12, 15, 16, 17];
    assert_eq!(numbers(&claim, &claim, Shown::Not), not);
    let tried = |title: &str| {
        vec![Tried {
            title: title.to_owned(),
            stood: String::new(),
        }]
    };
    let needed = |part: &str| PartJudged {
        part: part.to_owned(),
        diff: String::new(),
        necessity: Necessity::Needed {
            stood: String::new(),
        },
    };
    let names = scenario().parts().into_iter().map(|part| part.name);
    let names: Vec<String> = names.collect();
    let all = Finished {
        wrong_remedies: tried("Wrong"),
        alternatives: tried("Another"),
        harmless: tried("Nothing"),
        parts: names.iter().map(|name| needed(name)).collect(),
        verdict: Verdict::refuted(Refutation::AlternativeFails, "no"),
        phase: Some(Phase::Fault),
        ..claim.clone()
    };
    let here = [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 14, 16];
    assert_eq!(numbers(&claim, &all, Shown::Here), here);
    assert_eq!(numbers(&claim, &all, Shown::Not), [9, 15, 17]);
}

#[test]
fn a_whole_part_answers_nothing_where_nothing_would_have_gone_otherwise() {
    let claim = stressed();
    assert_eq!(numbers(&claim, &claim, Shown::Not), [15]);
}
