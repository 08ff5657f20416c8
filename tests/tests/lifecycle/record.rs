//! Recordings are taken from the evidence of real runs:
//! `UPDATE_RECORDINGS=runs/<run> cargo test -p relapse-tests --test lifecycle anew`.

use std::fs;
use std::path::Path;

use relapse::witness::{Observation, Record, SYSTEM_NAMESPACES};
use relapse_tests::project;

use crate::tape::{Tape, folder};

/// Copies what a run wrote, without what the cluster does for itself: it is two thirds of a
/// witness, and no claim speaks of it.
#[tokio::test(start_paused = true)]
async fn recordings_are_taken_anew_where_asked_for() {
    let Some(run) = std::env::var_os("UPDATE_RECORDINGS") else {
        return;
    };
    for entry in fs::read_dir(project().join(run)).unwrap() {
        let source = entry.unwrap().path();
        let whole = Tape::read(&source);
        let mut tape = whole.clone();
        tape.records.retain(is_the_claims);
        assert_eq!(tape.outcome().await, whole.outcome().await, "{}", tape.id);
        write(&tape, &source);
    }
}

fn is_the_claims(record: &Record) -> bool {
    let Observation::Object(shown) = &record.observation else {
        return true;
    };
    let namespace = shown.object["metadata"]["namespace"].as_str();
    let kind = shown.object["kind"].as_str().unwrap_or_default();
    !namespace.is_some_and(|namespace| SYSTEM_NAMESPACES.contains(&namespace))
        && !matches!(kind, "APIService" | "ServiceAccount" | "Node")
}

fn write(tape: &Tape, source: &Path) {
    let target = folder().join(&tape.id);
    if target.exists() {
        fs::remove_dir_all(&target).unwrap();
    }
    fs::create_dir_all(target.join("manifests")).unwrap();
    for file in ["scenario.yaml", "verdict.json"] {
        fs::copy(source.join(file), target.join(file)).unwrap();
    }
    for entry in fs::read_dir(source.join("manifests")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(
            entry.path(),
            target.join("manifests").join(entry.file_name()),
        )
        .unwrap();
    }
    let lines: Vec<String> = tape
        .records
        .iter()
        .map(|record| serde_json::to_string(record).unwrap() + "\n")
        .collect();
    fs::write(target.join("witness.jsonl"), lines.concat()).unwrap();
}
