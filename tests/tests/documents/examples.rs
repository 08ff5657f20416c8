//! Every example of a scenario in the documents is one that `relapse check` takes, and every key of a
//! scenario stands in an example.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use relapse_judge::library::{load_scenario, schemas};
use serde_json::{Map, Value};

use crate::book::{blocks, files_of_the_tutorial, text};

const FORMAT: &str = "docs/SCENARIO.md";

fn mapping(name: &str, text: &str) -> Map<String, Value> {
    serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The YAML of a document that is no file, each with its place.
fn yaml(document: &str) -> Vec<(String, String)> {
    let blocks = blocks(document).into_iter();
    let yaml = blocks.filter(|block| block.info == "yaml");
    yaml.map(|block| (format!("{document}:{}", block.line), block.text))
        .collect()
}

/// The scenario of the tutorial.
fn whole() -> Map<String, Value> {
    let files = files_of_the_tutorial();
    let mut scenarios = files
        .iter()
        .filter(|(path, _)| path.starts_with("scenarios/"));
    let (path, text) = scenarios.next().unwrap();
    mapping(path, text)
}

/// The files of manifests that steps apply.
fn applied(value: &Value, files: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value.as_str() {
                    Some(file) if ["apply", "create", "file"].contains(&key.as_str()) => {
                        files.insert(file.to_owned());
                    }
                    _ => applied(value, files),
                }
            }
        }
        Value::Array(entries) => entries.iter().for_each(|entry| applied(entry, files)),
        _ => {}
    }
}

/// A manifest that an example applies: of the tutorial, or of the folder for examples.
fn manifest(file: &str) -> String {
    let shown = files_of_the_tutorial().into_iter();
    let mut shown = shown.filter(|(path, _)| {
        path.starts_with("manifests/") && path.rsplit('/').next() == Some(file)
    });
    if let Some((_, text)) = shown.next() {
        return text;
    }
    let path = Path::new("documents/manifests").join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_example_changes_keys_of_the_tutorials_scenario_and_is_valid() {
    let whole = whole();
    let mut before = whole.clone();
    for (name, text) in yaml(FORMAT) {
        let example = mapping(&name, &text);
        let mut scenario = whole.clone();
        // Statements are about what the example before tries.
        if example.contains_key("claims") {
            scenario.extend(before);
        }
        scenario.extend(example.clone());
        before = example;
        let scenario = Value::Object(scenario);
        let folder = tempfile::tempdir().unwrap();
        let manifests = folder.path().join("manifests");
        fs::create_dir(&manifests).unwrap();
        let mut files = BTreeSet::new();
        applied(&scenario, &mut files);
        for file in files {
            fs::write(manifests.join(&file), manifest(&file)).unwrap();
        }
        let path = folder.path().join("example.yaml");
        fs::write(&path, scenario.to_string()).unwrap();
        let loaded = load_scenario(&path, &manifests);
        let loaded = loaded.unwrap_or_else(|error| panic!("{name}: {error}"));
        let warnings: Vec<String> = loaded.warnings.iter().map(ToString::to_string).collect();
        assert!(warnings.is_empty(), "{name}: {}", warnings.join("\n"));
    }
}

/// Every key that a schema names.
fn keys_of_schema(schema: &Value, keys: &mut BTreeSet<String>) {
    match schema {
        Value::Object(fields) => {
            if let Some(properties) = fields.get("properties").and_then(Value::as_object) {
                keys.extend(properties.keys().cloned());
            }
            fields
                .values()
                .for_each(|value| keys_of_schema(value, keys));
        }
        Value::Array(entries) => entries.iter().for_each(|entry| keys_of_schema(entry, keys)),
        _ => {}
    }
}

fn keys_of(value: &Value, keys: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            keys.extend(fields.keys().cloned());
            fields.values().for_each(|value| keys_of(value, keys));
        }
        Value::Array(entries) => entries.iter().for_each(|entry| keys_of(entry, keys)),
        _ => {}
    }
}

fn schema() -> Value {
    let schemas = schemas().into_iter();
    let mut scenario = schemas.filter(|(name, _)| *name == "scenario");
    scenario.next().unwrap().1
}

#[test]
fn every_key_of_a_scenario_stands_in_an_example() {
    let mut wanted = BTreeSet::new();
    keys_of_schema(&schema(), &mut wanted);
    let mut shown = BTreeSet::new();
    keys_of(&Value::Object(whole()), &mut shown);
    for (name, text) in [yaml(FORMAT), yaml("docs/STEPS.md")].concat() {
        let example: Value =
            serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        keys_of(&example, &mut shown);
    }
    let lacking: Vec<&String> = wanted.difference(&shown).collect();
    assert!(
        lacking.is_empty(),
        "these keys stand in no example: {lacking:?}"
    );
}

#[test]
fn the_table_of_keys_has_every_key_of_a_scenario_and_says_which_are_required() {
    let text = text(FORMAT);
    let section = text.split("\n## All keys\n").nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let table = section.split("Deadlines and holds").next().unwrap();
    let mut told = BTreeSet::new();
    let mut told_required = BTreeSet::new();
    for row in table.lines().filter(|line| line.starts_with("| `")) {
        let mut cells = row.split(" | ");
        let keys = cells.next().unwrap().split('`').skip(1).step_by(2);
        let is_required = cells.next() == Some("required");
        for key in keys {
            told.insert(key.to_owned());
            if is_required {
                told_required.insert(key.to_owned());
            }
        }
    }
    let schema = schema();
    let properties = schema["properties"].as_object().unwrap();
    let required = schema["required"].as_array().unwrap();
    let required = required.iter().map(|key| key.as_str().unwrap().to_owned());
    assert_eq!(told, properties.keys().cloned().collect());
    assert_eq!(told_required, required.collect());
}
