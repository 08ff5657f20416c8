use super::*;
use crate::library::Library;
use crate::testing::yaml;

fn manifest(name: &str, images: &[&str]) -> (String, ManifestFile) {
    let containers: Vec<String> = images
        .iter()
        .map(|image| format!("{{image: {image}}}"))
        .collect();
    let text = format!(
        "{{apiVersion: v1, kind: Pod, metadata: {{name: web}}, spec: {{containers: [{}]}}}}",
        containers.join(", ")
    );
    let file = ManifestFile::parse(Path::new(name), text).unwrap();
    (name.to_owned(), file)
}

/// A scenario with these keys beside those that it must have.
fn loaded(id: &str, keys: &str) -> LoadedScenario {
    let text = format!(
        "{keys}
title: t
source: s
component: c
about: a
fault: {{steps: [], within: 1s}}
signature: []
control: {{hold: 1s}}
remedy: {{steps: [], within: 1s, hold: 1s}}"
    );
    LoadedScenario {
        id: id.to_owned(),
        path: PathBuf::from("scenarios/web.yaml"),
        folder: PathBuf::from("manifests/web"),
        scenario: yaml(&text),
        text,
        manifests: BTreeMap::from([
            manifest("broken.yaml", &["web:2", "side:1"]),
            manifest("remedied.yaml", &["web:1", "side:1"]),
        ]),
        warnings: Vec::new(),
    }
}

#[test]
fn the_images_that_are_needed_are_those_that_may_exist_each_once() {
    let one = loaded("web", "absent_images: ['web:2']");
    assert_eq!(one.absent_images(), ["web:2"]);
    assert_eq!(one.images(), ["side:1", "web:1"]);
    let all = loaded("web", "");
    assert!(all.absent_images().is_empty());
    assert_eq!(all.images(), ["web:2", "side:1", "web:1"]);
}

#[test]
fn a_claim_is_made_for_its_range_of_versions_or_for_all() {
    let ranged = loaded("web", "kubernetes: '>=1.35'");
    assert!(ranged.runs_on("1.36"));
    assert!(!ranged.runs_on("1.34"));
    assert!(loaded("web", "").runs_on("1.34"));
}

#[test]
fn a_scenario_is_found_by_its_id_and_by_one_that_is_near() {
    let library = Library {
        root: PathBuf::new(),
        scenarios: vec![loaded("grafana", ""), loaded("prometheus", "")],
        untried: Vec::new(),
        checklists: Vec::new(),
        flawed: Vec::new(),
        mistakes: Vec::new(),
    };
    let found = |id: &str| library.scenario(id).map(|one| one.id.as_str());
    assert_eq!(found("prometheus"), Some("prometheus"));
    assert_eq!(found("promteheus"), None);
    assert_eq!(library.nearest_id("promteheus"), Some("prometheus"));
    assert_eq!(library.nearest_id("loki"), None);
}
