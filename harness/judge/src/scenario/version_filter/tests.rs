use crate::scenario::Scenario;
use crate::testing::yaml;

const CLAIM: &str = "
title: t
source: s
component: c
about: a
kubernetes: '>=1.34'
steady_state:
  steps: [{apply: healthy.yaml}]
  within: 9s
  hold: 1s
  checks: [{http: {name: start, service: web, port: 80, path: /, within: 1s, RANGE}}]
fault: {steps: [{apply: broken.yaml}], within: 9s}
signature:
  - log: {of: {kind: Pod, labels: {app: web}}, container: app, contains: [former words], RANGE}
  - log: {of: {kind: Pod, labels: {app: web}}, container: app, contains: [words]}
control: {hold: 5s}
remedy: {steps: [{apply: remedied.yaml}], within: 9s, hold: 1s}
checks:
  - exec: {name: end, in: {kind: Pod, name: web}, command: [date], contains: '', within: 1s, RANGE}
stress:
  checks: [{http: {name: stress, service: web, port: 80, path: /, within: 1s, RANGE}}]
wrong_remedies:
  - {title: former, steps: [{apply: former.yaml}], RANGE}
  - title: any
    steps: [{apply: any.yaml}]
    signature:
      - refusal: {of: {kind: Service, name: web}, message: former, RANGE}
      - event: {of: {kind: Pod, name: web}, type: Normal, reason: Killing, message: any, RANGE}
      - state: {of: {kind: Pod, name: web}, fields: [{path: .spec, exists: true}]}
alternatives:
  - {title: former, steps: [{apply: former.yaml}], RANGE}
  - title: any
    steps: [{apply: any.yaml}]
    checks: [{http: {name: other, service: web, port: 80, path: /, within: 1s, RANGE}}]
harmless:
  - {title: former, steps: [{apply: former.yaml}], hold: 1s, RANGE}
  - title: any
    steps: [{apply: any.yaml}]
    hold: 1s
    checks: [{http: {name: other, service: web, port: 80, path: /, within: 1s, RANGE}}]
";

fn claim(range: &str) -> Scenario {
    yaml(&CLAIM.replace("RANGE", range))
}

#[test]
fn what_is_for_other_versions_is_not_there() {
    let bound = claim("kubernetes: '<1.35'");
    let here = format!("{:?}", bound.on("1.36"));
    assert!(!here.contains("<1.35"), "{here}");
    let all = [
        here.matches("former").count(),
        bound.on("1.36").asides().count(),
        bound.on("1.36").signature.len(),
    ];
    assert_eq!(all, [0, 3, 1]);
}

#[test]
fn what_is_for_a_version_is_there_on_it() {
    let bound = claim("kubernetes: '<1.35'");
    assert_eq!(format!("{:?}", bound.on("1.34")), format!("{bound:?}"));
    assert_eq!(format!("{:?}", bound.on("v1.34.4")), format!("{bound:?}"));
}

#[test]
fn a_claim_is_tried_on_the_versions_of_its_range() {
    let mut claim = claim("kubernetes: '1.34'");
    assert_eq!(claim.minors(), ["1.34", "1.35", "1.36"]);
    claim.kubernetes = Some(">1.34, <1.36".parse().unwrap());
    assert_eq!(claim.minors(), ["1.35"]);
    claim.kubernetes = Some("<1.34".parse().unwrap());
    assert_eq!(claim.minors(), [""; 0]);
}
