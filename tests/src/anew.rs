//! Recordings are taken from the evidence of real runs.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use relapse::witness::{Observation, Record, SYSTEM_NAMESPACES};

use crate::project;
use crate::tape::{PACKED, Tape};

/// The folder of a run, below the project's, from which recordings are to be taken anew:
/// `UPDATE_RECORDINGS`.
#[must_use]
pub fn source() -> Option<PathBuf> {
    std::env::var_os("UPDATE_RECORDINGS").map(|run| project().join(run))
}

/// Copies what a run wrote of one scenario, without what the cluster does for itself: it is two
/// thirds of a witness, and no claim speaks of it.
pub async fn take(source: &Path, target: &Path) {
    let whole = Tape::read(source);
    let mut tape = whole.clone();
    tape.records.retain(is_the_claims);
    assert_eq!(tape.outcome().await, whole.outcome().await, "{}", tape.name);
    write(&tape, source, target);
}

fn is_the_claims(record: &Record) -> bool {
    let Observation::Object(shown) = &record.observation else {
        return true;
    };
    let namespace = shown.object["metadata"]["namespace"].as_str();
    let kind = shown.object["kind"].as_str().unwrap_or_default();
    !namespace.is_some_and(|namespace| SYSTEM_NAMESPACES.contains(&namespace))
        && !matches!(kind, "APIService" | "ServiceAccount")
}

fn write(tape: &Tape, source: &Path, target: &Path) {
    if target.exists() {
        fs::remove_dir_all(target).unwrap();
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
    let lines = tape
        .records
        .iter()
        .map(|record| serde_json::to_string(record).unwrap() + "\n");
    let witness = lines.collect::<String>();
    let file = fs::File::create(target.join(PACKED)).unwrap();
    let mut packed = GzEncoder::new(file, Compression::best());
    packed.write_all(witness.as_bytes()).unwrap();
    packed.finish().unwrap();
}
