//! Recordings are taken from the evidence of real runs.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use relapse::witness::{Observation, Record, SYSTEM_NAMESPACES, text_at};

use crate::project;
use crate::tape::{PACKED, Tape, step};

/// The folder of a run, below the project's, from which recordings are to be taken anew:
/// `UPDATE_RECORDINGS`.
#[must_use]
pub fn source() -> Option<PathBuf> {
    std::env::var_os("UPDATE_RECORDINGS").map(|run| project().join(run))
}

/// Copies what a run wrote of one scenario, without what the cluster does for itself where the claim
/// applies nothing: it is two thirds of a witness. Its failed probes stay, since they tell of a
/// machine that is too slow.
pub async fn take(source: &Path, target: &Path) {
    let whole = Tape::read(source);
    let mut tape = whole.clone();
    let ground = Ground::of(&whole);
    tape.records.retain(|record| ground.has(record));
    assert_eq!(tape.outcome().await, whole.outcome().await, "{}", tape.name);
    write(&tape, source, target);
}

/// Where a claim applies something.
struct Ground {
    namespaces: BTreeSet<String>,
    kinds: BTreeSet<String>,
}

impl Ground {
    fn of(tape: &Tape) -> Self {
        let steps = tape.records.iter().filter_map(step);
        let applied = steps.flat_map(|step| &step.applied);
        let (namespaces, kinds) = applied
            .map(|object| (object.key.namespace.clone(), object.key.kind.clone()))
            .unzip();
        Self { namespaces, kinds }
    }

    fn has(&self, record: &Record) -> bool {
        let Observation::Object(shown) = &record.observation else {
            return true;
        };
        let text = |pointer| text_at(&shown.object, pointer).unwrap_or_default();
        let (namespace, kind) = (text("/metadata/namespace"), text("/kind"));
        let is_the_clusters = SYSTEM_NAMESPACES.contains(&namespace)
            && !self.namespaces.contains(namespace)
            || matches!(kind, "APIService" | "ServiceAccount") && !self.kinds.contains(kind);
        !is_the_clusters || text("/reason") == "Unhealthy"
    }
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
