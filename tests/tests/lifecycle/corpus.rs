//! The recordings are of the scenarios as they are today, on each version.

use std::collections::BTreeSet;

use relapse::scenario::{LoadedScenario, load_library};
use relapse_tests::project;
use relapse_tests::tape::{Tape, VERSIONS};
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

#[test]
fn every_scenario_is_recorded_on_every_version_and_nothing_else_is() {
    let library = load_library(&project()).unwrap_or_else(|error| panic!("{error}"));
    let ids = library.scenarios.iter().map(|scenario| &scenario.id);
    let wanted: BTreeSet<String> = ids
        .flat_map(|id| VERSIONS.map(|version| format!("{id} on {version}")))
        .collect();
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
        for (file, recorded) in &tape.scenario.manifests {
            let today = today.manifest(file).map(|manifest| &manifest.text);
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
