//! Recordings are taken from the evidence of real runs, and kept in step with their scenarios.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use relapse::evidence::{read_verdict, stamp_again, stamp_of, verified, write_verdict};
use relapse::replay::Recorded;
use relapse_judge::kubernetes::{SYSTEM_NAMESPACES, text_at};
use relapse_judge::redact::Redactor;
use relapse_judge::scenario::LoadedScenario;
use relapse_judge::verdict::Finished;
use relapse_judge::witness::{Observation, Record};
use tempfile::TempDir;

use crate::project;
use crate::tape::{Tape, step};

/// A witness that is packed: there are many, and most of each is said again and again.
const PACKED: &str = "witness.jsonl.gz";

/// The folder of a run, below the project's, from which recordings are to be taken anew:
/// `UPDATE_RECORDINGS`.
#[must_use]
pub fn source() -> Option<PathBuf> {
    std::env::var_os("UPDATE_RECORDINGS").map(|run| project().join(run))
}

/// Whether recordings are to take the words of their scenarios as they are today: `UPDATE_VERDICTS`.
#[must_use]
pub fn is_refreshed() -> bool {
    std::env::var_os("UPDATE_VERDICTS").is_some()
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

/// Puts a scenario as it is today in the place of the recorded one, with the verdict that the recorded
/// witness gives. When and by which relapse it was recorded stays.
///
/// # Errors
/// The verdict, its reason or its phase would be another one: it must be recorded again.
pub async fn refresh(folder: &Path, today: &LoadedScenario) -> Result<(), String> {
    let before = read_verdict(folder).map_err(|error| error.to_string())?;
    let recorded = stamp_of(folder).map_err(|error| error.to_string())?;
    let new = TempDir::new().unwrap();
    let new = new.path();
    fs::create_dir(new.join("manifests")).unwrap();
    let redactor = Redactor::of(today.manifests.values());
    fs::write(new.join("scenario.yaml"), redactor.scenario(&today.text)).unwrap();
    for (name, text) in redactor.manifests(today.manifests.values()) {
        fs::write(new.join("manifests").join(name), text).unwrap();
    }
    for file in [PACKED, "verdict.json", "recording.json"] {
        fs::copy(folder.join(file), new.join(file)).unwrap();
    }
    let judged = async { Recorded::unverified(new)?.judge().await };
    let again = judged
        .await
        .map_err(|error| format!("{}: {error}", folder.display()))?;
    if told(&again) != told(&before) {
        let (words, detail) = (told(&again), again.verdict.detail().unwrap_or_default());
        let folder = folder.display();
        return Err(format!(
            "{folder}: it would be {words}, and was {}; next: record it again: {detail}",
            told(&before)
        ));
    }
    write_verdict(new, &again).map_err(|error| error.to_string())?;
    stamp_again(new, recorded).map_err(|error| error.to_string())?;
    fs::remove_dir_all(folder.join("manifests")).unwrap();
    copy(
        new,
        folder,
        &["scenario.yaml", "verdict.json", "recording.json"],
    );
    Ok(())
}

/// The verdict, its reason and its phase.
fn told(finished: &Finished) -> String {
    let reason = finished.verdict.reason().unwrap_or_default();
    let phase = finished
        .phase
        .map_or_else(String::new, |phase| phase.to_string());
    format!("{} {reason} in {phase}", finished.verdict.word())
}

fn copy(from: &Path, to: &Path, files: &[&str]) {
    fs::create_dir_all(to.join("manifests")).unwrap();
    let manifests = fs::read_dir(from.join("manifests")).unwrap();
    let manifests = manifests.map(|entry| Path::new("manifests").join(entry.unwrap().file_name()));
    for file in files.iter().map(PathBuf::from).chain(manifests) {
        fs::copy(from.join(&file), to.join(&file)).unwrap();
    }
}

fn write(tape: &Tape, source: &Path, target: &Path) {
    let recorded = verified(source).unwrap_or_else(|error| panic!("{error}"));
    if target.exists() {
        fs::remove_dir_all(target).unwrap();
    }
    copy(source, target, &["scenario.yaml", "verdict.json"]);
    let lines = tape
        .records
        .iter()
        .map(|record| serde_json::to_string(record).unwrap() + "\n");
    let witness = lines.collect::<String>();
    let file = fs::File::create(target.join(PACKED)).unwrap();
    let mut packed = GzEncoder::new(file, Compression::best());
    packed.write_all(witness.as_bytes()).unwrap();
    packed.finish().unwrap();
    stamp_again(target, recorded).unwrap_or_else(|error| panic!("{error}"));
}
