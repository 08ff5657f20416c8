//! A recording of a real run, to play and to falsify. Whatever is named in it is found by its role.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use relapse::evidence::{read_records, read_verdict};
use relapse::experiment::{Extent, Outcome, conduct};
use relapse::recording::Recording;
use relapse::scenario::{LoadedScenario, load_scenario};
use relapse::verdict::Finished;
use relapse::witness::{
    AppliedObject, Change, Millis, ObjectChange, ObjectKey, Observation, Phase, PhaseMark, Record,
    StepOutcome, Witness, uid,
};
use relapse::workload::newest_pods;
use relapse_tests::project;
use serde_json::Value;

/// A recording with its claim and the verdict of its run.
#[derive(Clone)]
pub(crate) struct Tape {
    pub(crate) id: String,
    pub(crate) scenario: LoadedScenario,
    pub(crate) verdict: Finished,
    pub(crate) records: Vec<Record>,
}

pub(crate) fn folder() -> PathBuf {
    project().join("tests/recordings")
}

impl Tape {
    /// Every recording of `tests/recordings`.
    pub(crate) fn all() -> Vec<Self> {
        let mut folders: Vec<PathBuf> = fs::read_dir(folder())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        folders.sort();
        assert!(!folders.is_empty(), "there are no recordings");
        folders.iter().map(|folder| Self::read(folder)).collect()
    }

    /// A recording as `relapse run` writes it.
    pub(crate) fn read(folder: &Path) -> Self {
        let manifests = folder.join("manifests");
        let scenario = load_scenario(&folder.join("scenario.yaml"), &manifests);
        Self {
            id: folder.file_name().unwrap().to_string_lossy().into_owned(),
            scenario: scenario.unwrap_or_else(|error| panic!("{error}")),
            verdict: read_verdict(folder).unwrap_or_else(|error| panic!("{error}")),
            records: read_records(folder).unwrap_or_else(|error| panic!("{error}")),
        }
    }

    pub(crate) async fn outcome(&self) -> Outcome {
        let mut recording = Recording::of(self.records.clone());
        conduct(&self.scenario, &mut recording, Extent::of(&self.verdict)).await
    }

    /// Where a phase begins for the first time.
    pub(crate) fn place(&self, phase: Phase) -> usize {
        let is_it = |record: &Record| matches!(record.observation, Observation::Phase(mark) if mark.phase == phase);
        let place = self.records.iter().position(is_it);
        place.unwrap_or_else(|| panic!("{}: there is no {phase}", self.id))
    }

    /// The records of a phase, without its beginning.
    pub(crate) fn phase(&self, phase: Phase) -> Range<usize> {
        let start = self.place(phase) + 1;
        let ends = |record: &Record| {
            matches!(
                record.observation,
                Observation::Phase(_) | Observation::Ended
            )
        };
        let length = self.records[start..].iter().position(ends);
        start..length.map_or(self.records.len(), |length| start + length)
    }

    pub(crate) fn mark(&self, phase: Phase) -> PhaseMark {
        match self.records[self.place(phase)].observation {
            Observation::Phase(mark) => mark,
            _ => unreachable!(),
        }
    }

    /// What was seen before a record.
    pub(crate) fn witness_before(&self, place: usize) -> Witness {
        let mut witness = Witness::default();
        for record in &self.records[..place] {
            witness.push(record.clone());
        }
        witness
    }

    /// The workload that fails and is cured: the last one that the remedy stores.
    pub(crate) fn workload(&self) -> ObjectKey {
        let remedy = &self.records[self.phase(Phase::Remedy)];
        let mut stored = remedy
            .iter()
            .filter_map(step)
            .flat_map(|step| &step.applied);
        let workload = stored.rfind(|object| is_workload(object));
        workload.expect("a workload").key.clone()
    }

    /// The pods that are Ready in the end, as they stand when the checks begin.
    pub(crate) fn cured_pods(&self) -> Vec<Value> {
        let witness = self.witness_before(self.place(Phase::Checks));
        let workload = witness.get(&self.workload()).unwrap();
        let pods = newest_pods(&witness, workload);
        assert!(!pods.is_empty(), "{}: no pod was cured", self.id);
        pods.into_iter().cloned().collect()
    }

    /// Whether the healthy start has the workload.
    pub(crate) fn starts_with_workload(&self) -> bool {
        let start = &self.records[self.phase(Phase::SteadyState)];
        let mut stored = start.iter().filter_map(step).flat_map(|step| &step.applied);
        stored.any(|object| object.key == self.workload())
    }

    /// Puts what a watch shows before a record, at that record's moment or earlier.
    pub(crate) fn show(&mut self, place: usize, at: Millis, object: Value) {
        let observation = Observation::Object(ObjectChange {
            change: Change::Applied,
            object,
        });
        self.records.insert(place, Record { at, observation });
    }

    /// Puts what a watch shows into the hold that precedes the checks, half of it before its end.
    pub(crate) fn show_in_hold(&mut self, object: Value) {
        let checks = self.place(Phase::Checks);
        let half = self.scenario.scenario.remedy.hold.as_millis() / 2;
        let at = self.records[checks].at - half;
        let later = |record: &Record| record.at > at;
        let place = self.records.iter().position(later).unwrap();
        self.show(place, at, object);
    }

    /// Changes every object that is shown in these records.
    pub(crate) fn rewrite(&mut self, range: Range<usize>, change: impl Fn(&mut Value)) {
        for record in &mut self.records[range] {
            if let Observation::Object(shown) = &mut record.observation {
                change(&mut shown.object);
            }
        }
    }

    /// Changes every step of a phase.
    pub(crate) fn restep(&mut self, phase: Phase, change: impl Fn(&mut StepOutcome)) {
        let range = self.phase(phase);
        for record in &mut self.records[range] {
            if let Observation::Step(outcome) = &mut record.observation {
                change(outcome);
            }
        }
    }
}

pub(crate) fn step(record: &Record) -> Option<&StepOutcome> {
    match &record.observation {
        Observation::Step(outcome) => Some(outcome),
        _ => None,
    }
}

fn is_workload(object: &AppliedObject) -> bool {
    matches!(
        object.key.kind.as_str(),
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Pod"
    )
}

/// Whether a record came from a watch or a log.
pub(crate) fn is_streamed(record: &Record) -> bool {
    matches!(
        record.observation,
        Observation::Object(_) | Observation::Log(_)
    )
}

pub(crate) fn is_log(record: &Record) -> bool {
    matches!(record.observation, Observation::Log(_))
}

pub(crate) fn is_event(record: &Record) -> bool {
    matches!(&record.observation, Observation::Object(shown) if shown.object["kind"] == "Event")
}

/// The pod with its Ready condition False.
pub(crate) fn unready(pod: &mut Value) {
    let conditions = pod["status"]["conditions"].as_array_mut();
    for condition in conditions.into_iter().flatten() {
        if condition["type"] == "Ready" {
            condition["status"] = "False".into();
            condition["reason"] = "ContainersNotReady".into();
        }
    }
}

/// The pod with one restart more of its first container.
pub(crate) fn restarted(pod: &mut Value) {
    let count = &mut pod["status"]["containerStatuses"][0]["restartCount"];
    *count = (count.as_u64().unwrap() + 1).into();
}

/// Whether the object is one of these.
pub(crate) fn is_one_of(object: &Value, others: &[Value]) -> bool {
    others.iter().any(|other| uid(other) == uid(object))
}
