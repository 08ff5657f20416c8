//! Every example of a scenario in the documents is one that `relapse check` takes, and every key of a
//! scenario stands in an example.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test ends where its files are not as it needs them"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use relapse_judge::library::{load_scenario, schemas};
use serde_json::{Map, Value};

const DOCUMENTS: &[&str] = &["../README.md", "../docs/SCENARIO.md"];

/// The YAML of a document, each with the line in which it begins.
fn examples(document: &str) -> Vec<(usize, String)> {
    let text = fs::read_to_string(document).unwrap_or_else(|error| panic!("{document}: {error}"));
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut indent = None;
    for (line, text) in (1..).zip(text.lines()) {
        match indent {
            None if text.trim_start() == "```yaml" => {
                indent = Some(text.len() - text.trim_start().len());
                found.push((line + 1, String::new()));
            }
            Some(_) if text.trim_start() == "```" => indent = None,
            Some(indent) => {
                let (_, example) = found.last_mut().unwrap();
                example.push_str(text.get(indent..).unwrap_or_default());
                example.push('\n');
            }
            None => {}
        }
    }
    found
}

fn mapping(document: &str, (line, text): &(usize, String)) -> Map<String, Value> {
    serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{document}:{line}: {error}"))
}

fn all() -> Vec<(String, Map<String, Value>)> {
    let of = |document: &&str| {
        let document = (*document).to_owned();
        let examples = examples(&document);
        examples.into_iter().map(move |example| {
            let name = format!("{document}:{}", example.0);
            (name, mapping(&document, &example))
        })
    };
    DOCUMENTS.iter().flat_map(of).collect()
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

#[test]
fn every_example_is_a_scenario_or_changes_keys_of_the_first() {
    let all = all();
    let (_, whole) = &all[0];
    let before = std::iter::once(whole).chain(all.iter().map(|(_, example)| example));
    for ((name, example), before) in all.iter().zip(before) {
        let mut scenario = whole.clone();
        // Statements are of what is tried in the example before.
        if example.contains_key("claims") {
            scenario.extend(before.clone());
        }
        scenario.extend(example.clone());
        let scenario = Value::Object(scenario);
        let folder = tempfile::tempdir().unwrap();
        let manifests = folder.path().join("manifests");
        fs::create_dir(&manifests).unwrap();
        let mut files = BTreeSet::new();
        applied(&scenario, &mut files);
        for file in files {
            let from = Path::new("documents/manifests").join(&file);
            fs::copy(&from, manifests.join(&file))
                .unwrap_or_else(|error| panic!("{name}: {}: {error}", from.display()));
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

#[test]
fn every_key_of_a_scenario_stands_in_an_example() {
    let mut wanted = BTreeSet::new();
    let scenario = schemas().into_iter().find(|(name, _)| *name == "scenario");
    keys_of_schema(&scenario.unwrap().1, &mut wanted);
    let mut shown = BTreeSet::new();
    for document in DOCUMENTS.iter().chain(&["../docs/STEPS.md"]) {
        for (line, text) in examples(document) {
            let example: Value = serde_saphyr::from_str(&text)
                .unwrap_or_else(|error| panic!("{document}:{line}: {error}"));
            keys_of(&example, &mut shown);
        }
    }
    let lacking: Vec<&String> = wanted.difference(&shown).collect();
    assert!(
        lacking.is_empty(),
        "these keys stand in no example of {DOCUMENTS:?}: {lacking:?}"
    );
}
