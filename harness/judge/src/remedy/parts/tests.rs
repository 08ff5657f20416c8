use std::path::Path;

use crate::library::{load_library, load_scenario};
use crate::manifest::ManifestFile;
use crate::remedy::remedy_diff;
use crate::scenario::LoadedScenario;

const CLAIM: &str = "
title: t
source: s
component: c
about: a
fault:
  steps: [{apply: broken.yaml}]
  within: 30s
  asked_for: it was to go on
signature:
  - state: {of: {kind: Deployment, name: web}, fields: [{path: .status, exists: true}]}
control: {hold: 10s}
remedy:
  steps:
    - apply: remedied.yaml
  within: 30s
  hold: 10s
";

const BROKEN: &str = "\
# The web.
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {replicas: 1, paused: true}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: config}
data:
  a.yaml: |
    one
    two
    three
    four
";

const REMEDIED: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {replicas: 1, strategy: {type: Recreate}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: config}
data:
  a.yaml: |
    1
    two
    three
    four
    five
";

const ADDED: &str = "\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {minAvailable: 1}
";

/// The claim with this remedy and these files beside `broken.yaml`.
fn claim(remedy: &str, files: &[(&str, &str)]) -> LoadedScenario {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("web.yaml");
    std::fs::write(&file, CLAIM.replace("    - apply: remedied.yaml", remedy)).unwrap();
    let manifests = folder.path().join("manifests");
    std::fs::create_dir(&manifests).unwrap();
    for (name, text) in files.iter().chain(&[("broken.yaml", BROKEN)]) {
        std::fs::write(manifests.join(name), text).unwrap();
    }
    load_scenario(&file, &manifests).unwrap_or_else(|error| panic!("{error}"))
}

fn names(loaded: &LoadedScenario) -> Vec<String> {
    loaded.parts().into_iter().map(|part| part.name).collect()
}

/// The steps of the remedy, each with what it applies.
fn remedy(loaded: &LoadedScenario) -> String {
    let steps = loaded.scenario.remedy.steps.iter();
    let told = steps.map(|step| {
        let said = step.to_string();
        let name = said.strip_prefix("apply ");
        let file = name.and_then(|name| loaded.manifest(name));
        said.clone() + "\n" + file.map_or("", |file| &file.text)
    });
    told.collect()
}

#[test]
fn parts_are_the_changes_and_the_other_steps_in_the_order_of_the_remedy() {
    let loaded = claim(
        "
    - delete: {kind: ConfigMap, name: config}
    - apply: remedied.yaml
    - restart: {kind: Deployment, name: web}
    - apply: added.yaml",
        &[("remedied.yaml", REMEDIED), ("added.yaml", ADDED)],
    );
    let parts = loaded.parts().into_iter();
    let told: String = parts.map(|part| part.name + "\n" + &part.diff).collect();
    insta::assert_snapshot!(told, @"
    delete ConfigMap config
    Deployment web .spec.paused
    - paused: true
    Deployment web .spec.strategy.type
    + type: Recreate
    ConfigMap config .data['a.yaml'] line 1
    - one
    + 1
    ConfigMap config .data['a.yaml'] line 5
    + five
    restart Deployment web
    PodDisruptionBudget web
    + apiVersion: policy/v1
    + kind: PodDisruptionBudget
    + metadata:
    +   name: web
    + spec:
    +   minAvailable: 1
    ");
}

#[test]
fn a_change_left_out_leaves_what_stood_there() {
    let loaded = claim("    - apply: remedied.yaml", &[("remedied.yaml", REMEDIED)]);
    assert_eq!(names(&loaded)[2], "ConfigMap config .data['a.yaml'] line 1");
    insta::assert_snapshot!(remedy(&loaded.without(2)), @"
    apply remedied.yaml without part 3
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
    spec:
      replicas: 1
      strategy:
        type: Recreate
    ---
    apiVersion: v1
    data:
      a.yaml: |
        one
        two
        three
        four
        five
    kind: ConfigMap
    metadata:
      name: config
    ");
}

#[test]
fn a_step_left_out_is_not_taken() {
    let loaded = claim(
        "
    - apply: remedied.yaml
    - restart: {kind: Deployment, name: web}",
        &[("remedied.yaml", REMEDIED)],
    );
    let lacking = loaded.without(4);
    assert_eq!(remedy(&lacking), format!("apply remedied.yaml\n{REMEDIED}"));
}

#[test]
fn an_object_left_out_is_not_applied_nor_is_a_file_of_nothing_else() {
    let both = format!("{REMEDIED}---\n{ADDED}");
    let loaded = claim(
        "
    - apply: added.yaml
    - apply: both.yaml",
        &[("added.yaml", ADDED), ("both.yaml", &both)],
    );
    assert_eq!(names(&loaded)[0], "PodDisruptionBudget web");
    let lacking = loaded.without(0);
    let steps = &lacking.scenario.remedy.steps;
    let steps: Vec<String> = steps.iter().map(ToString::to_string).collect();
    assert_eq!(steps, ["apply both.yaml without part 1"]);
    let kinds: Vec<_> = lacking.manifests["both.yaml without part 1"]
        .objects
        .iter()
        .map(|object| object.kind.as_str())
        .collect();
    assert_eq!(kinds, ["Deployment", "ConfigMap"]);
}

#[test]
fn a_change_in_several_steps_is_one_part_and_left_out_in_all_of_them() {
    let first = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {replicas: 0, strategy: {type: Recreate}}
";
    let loaded = claim(
        "
    - apply: first.yaml
    - apply: remedied.yaml",
        &[("first.yaml", first), ("remedied.yaml", REMEDIED)],
    );
    let names = names(&loaded);
    assert_eq!(
        names[..3],
        [
            "Deployment web .spec.paused",
            "Deployment web .spec.replicas",
            "Deployment web .spec.strategy.type",
        ]
    );
    assert_eq!(names.len(), 5, "{names:?}");
    let applied = remedy(&loaded.without(2));
    assert!(!applied.contains("strategy"), "{applied}");
    assert!(applied.contains("replicas: 0"), "{applied}");
    let lacking = loaded.without(1);
    let steps = lacking.scenario.remedy.steps.iter();
    let steps: Vec<String> = steps.map(ToString::to_string).collect();
    assert_eq!(
        steps,
        ["apply first.yaml without part 2", "apply remedied.yaml"]
    );
}

#[test]
fn parts_with_the_same_words_are_told_apart_by_their_step() {
    let restart = "- restart: {kind: Deployment, name: web}";
    let steps = format!("\n    {restart}\n    - apply: added.yaml\n    {restart}");
    let loaded = claim(&steps, &[("added.yaml", ADDED)]);
    assert_eq!(
        names(&loaded),
        [
            "restart Deployment web (step 1)",
            "PodDisruptionBudget web",
            "restart Deployment web (step 3)",
        ]
    );
}

#[test]
fn what_was_deleted_or_scaled_before_the_remedy_stands_as_that_left_it() {
    let mut loaded = claim(
        "    - apply: broken.yaml\n    - apply: added.yaml",
        &[("added.yaml", ADDED)],
    );
    let steps = "[{apply: broken.yaml}, {delete: {kind: ConfigMap, name: config}},
        {scale: {object: {kind: Deployment, name: web}, replicas: 0}}]";
    loaded.scenario.fault.steps = serde_saphyr::from_str(steps).unwrap();
    assert_eq!(
        names(&loaded),
        [
            "Deployment web .spec.replicas",
            "ConfigMap config",
            "PodDisruptionBudget web",
        ]
    );
    assert_eq!(loaded.parts()[0].diff, "- replicas: 0\n+ replicas: 1\n");
    let diff = remedy_diff(&loaded);
    assert!(
        diff.starts_with("--- broken.yaml (Deployment web, after scale Deployment web to 0)\n"),
        "{diff}"
    );
    assert!(
        diff.contains("\n-  replicas: 0\n+  replicas: 1\n"),
        "{diff}"
    );
    assert!(
        diff.contains("--- /dev/null\n+++ broken.yaml (ConfigMap config)\n"),
        "{diff}"
    );
}

#[test]
fn a_precaution_is_of_the_one_part_that_it_names() {
    let mut loaded = claim("    - apply: remedied.yaml", &[("remedied.yaml", REMEDIED)]);
    let precautions =
        "[{change: {kind: ConfigMap, name: config, path: \".data['a.yaml']\", line: five},
        reason: it counts on}]";
    loaded.scenario.remedy.precautions = serde_saphyr::from_str(precautions).unwrap();
    let reasons: Vec<_> = loaded
        .parts()
        .into_iter()
        .map(|part| part.precaution)
        .collect();
    assert_eq!(reasons, [None, None, None, Some("it counts on".to_owned())]);
}

#[test]
fn each_part_of_the_projects_remedies_can_be_left_out_and_nothing_else_is() {
    for loaded in load_library(Path::new("../..")).unwrap().scenarios {
        let names = names(&loaded);
        assert!(!names.is_empty(), "{}", loaded.id);
        for part in 0..names.len() {
            let lacking = loaded.without(part);
            let mut others = names.clone();
            others.remove(part);
            assert_eq!(
                self::names(&lacking),
                others,
                "{} without {part}",
                loaded.id
            );
            for (name, file) in &lacking.manifests {
                if let Some(own) = loaded.manifest(name) {
                    assert_eq!(file.text, own.text);
                }
                let read = ManifestFile::parse(&file.path, file.text.clone()).unwrap();
                assert_eq!(format!("{read:?}"), format!("{file:?}"));
            }
        }
        let same = loaded.without(names.len());
        assert_eq!(format!("{same:?}"), format!("{loaded:?}"));
    }
}
