//! The recordings are of the scenarios as they are today, on each version.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use relapse_judge::library::load_library;
use relapse_judge::redact::Redactor;
use relapse_judge::scenario::{LoadedScenario, MINORS};
use relapse_tests::project;
use relapse_tests::tape::Tape;
use serde_json::Value;

/// What no ordinary run judges.
const UNJUDGED: [&str; 11] = [
    "/title",
    "/source",
    "/component",
    "/tags",
    "/about",
    "/findings",
    "/claims",
    "/wrong_remedies",
    "/alternatives",
    "/harmless",
    "/remedy/precautions",
];

const NEXT: &str = "next: CONTRIBUTING.md, Recordings";

/// Names of recordings that are lacking, or ids of scenarios that have none; each with the reason.
const UNRECORDED: &str = "tests/recordings/unrecorded.yaml";

#[test]
fn every_scenario_is_recorded_on_every_version_or_says_why_not_and_nothing_else_is() {
    let library = load_library(&project()).unwrap_or_else(|error| panic!("{error}"));
    let text = fs::read_to_string(project().join(UNRECORDED)).unwrap();
    let mut excused: BTreeMap<String, String> = serde_saphyr::from_str(&text).unwrap();
    let mut wanted = BTreeSet::new();
    for id in library.scenarios.iter().map(|scenario| &scenario.id) {
        let on_none = excused.remove(id).is_some();
        for name in MINORS.map(|version| format!("{id} on {version}")) {
            let on_this = excused.remove(&name).is_some();
            if !on_none && !on_this {
                wanted.insert(name);
            }
        }
    }
    assert!(
        excused.is_empty(),
        "{UNRECORDED} names no scenario: {excused:?}"
    );
    let recorded = Tape::all().into_iter().map(|tape| tape.name).collect();
    assert_eq!(wanted, recorded, "{NEXT}");
}

#[test]
fn every_recording_is_of_the_scenario_as_it_is_today() {
    let library = load_library(&project()).unwrap_or_else(|error| panic!("{error}"));
    for tape in Tape::all() {
        let today = library.scenario(&tape.verdict.id).unwrap();
        let name = &tape.name;
        assert_eq!(judged(&tape.scenario), judged(today), "{name}; {NEXT}");
        let redactor = Redactor::of(today.manifests.values());
        let kept: BTreeMap<_, _> = redactor
            .manifests(today.manifests.values())
            .into_iter()
            .collect();
        for (file, recorded) in &tape.scenario.manifests {
            let today = kept.get(file.as_str());
            assert_eq!(Some(&recorded.text), today, "{name}: {file}; {NEXT}");
        }
    }
}

fn judged(scenario: &LoadedScenario) -> Value {
    let mut claim: Value = serde_saphyr::from_str(&scenario.text).unwrap();
    for place in UNJUDGED {
        let (parent, key) = place.rsplit_once('/').unwrap();
        let parent = claim.pointer_mut(parent).and_then(Value::as_object_mut);
        parent.map(|parent| parent.remove(key));
    }
    claim
}
