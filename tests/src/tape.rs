//! A recording of a real run, to play and to falsify. Whatever is named in it is found by its role.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use relapse::evidence::{read_records, read_verdict, verified};
use relapse_judge::experiment::{Extent, Outcome, conduct};
use relapse_judge::kubernetes::uid;
use relapse_judge::library::load_scenario;
use relapse_judge::phase::Phase;
use relapse_judge::readiness::{Readiness, ready};
use relapse_judge::recording::Recording;
use relapse_judge::scenario::{LoadedScenario, MINORS};
use relapse_judge::time::Millis;
use relapse_judge::verdict::{Course, Finished};
use relapse_judge::witness::{
    AppliedObject, Change, ObjectChange, ObjectKey, Observation, PhaseMark, Record, StepOutcome,
    Witness,
};
use relapse_judge::workload::{newest_pods, pods_of};
use serde_json::Value;

use crate::project;

/// A recording with its claim and the verdict of its run.
#[derive(Clone)]
pub struct Tape {
    /// What it is called in messages: the scenario's id and the version of Kubernetes.
    pub name: String,
    /// The claim as it was tried.
    pub scenario: LoadedScenario,
    /// What the run found.
    pub verdict: Finished,
    /// What the cluster showed.
    pub records: Vec<Record>,
    held_longer: bool,
}

/// The recordings of the project's scenarios on a version of Kubernetes.
#[must_use]
pub fn folder(version: &str) -> PathBuf {
    project().join("tests/recordings").join(version)
}

/// The folder of every recording of the project's scenarios, by version and id.
#[must_use]
pub fn folders() -> Vec<PathBuf> {
    MINORS.into_iter().flat_map(folders_on).collect()
}

fn folders_on(version: &str) -> Vec<PathBuf> {
    let folder = folder(version);
    let mut folders: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.sort();
    assert!(!folders.is_empty(), "there are no recordings on {version}");
    folders
}

impl Tape {
    /// Every recording of `tests/recordings`.
    pub fn all() -> Vec<Self> {
        static ALL: LazyLock<Vec<Tape>> =
            LazyLock::new(|| folders().iter().map(|folder| Tape::read(folder)).collect());
        ALL.clone()
    }

    /// A recording as `relapse run` writes it, or with a packed witness.
    pub fn read(folder: &Path) -> Self {
        let manifests = folder.join("manifests");
        let stamp = verified(folder).unwrap_or_else(|error| panic!("{error}"));
        let scenario = load_scenario(&folder.join("scenario.yaml"), &manifests)
            .unwrap_or_else(|error| panic!("{error}"));
        let verdict = read_verdict(folder).unwrap_or_else(|error| panic!("{error}"));
        Self {
            name: format!("{} on {}", verdict.id, verdict.kubernetes),
            scenario: scenario.on(&verdict.kubernetes),
            verdict,
            records: read_records(folder)
                .and_then(Iterator::collect)
                .unwrap_or_else(|error| panic!("{error}")),
            held_longer: stamp.holds_as_long_as_it_took(),
        }
    }

    /// Judges it anew.
    pub async fn outcome(&self) -> Outcome {
        let mut recording = Recording::of(self.records.clone()).held_longer(self.held_longer);
        let extent = Extent::of(&self.verdict);
        match extent.course {
            Course::Without(part) => {
                let lacking = self.scenario.without(part);
                conduct(&lacking, &mut recording, extent).await
            }
            _ => conduct(&self.scenario, &mut recording, extent).await,
        }
    }

    /// Whether it went through a phase.
    pub fn has(&self, phase: Phase) -> bool {
        self.records.iter().any(|record| begins(record, phase))
    }

    /// Where a phase begins for the first time.
    pub fn place(&self, phase: Phase) -> usize {
        let place = self.records.iter().position(|record| begins(record, phase));
        place.unwrap_or_else(|| panic!("{}: there is no {phase}", self.name))
    }

    /// The records of a phase, without its beginning.
    pub fn phase(&self, phase: Phase) -> Range<usize> {
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

    /// The mark of a phase's first beginning.
    pub fn mark(&self, phase: Phase) -> PhaseMark {
        match self.records[self.place(phase)].observation {
            Observation::Phase(mark) => mark,
            _ => unreachable!(),
        }
    }

    /// What was seen before a record.
    pub fn witness_before(&self, place: usize) -> Witness {
        let mut witness = Witness::default();
        for record in &self.records[..place] {
            witness.push(record.clone());
        }
        witness
    }

    /// Whether the remedy stores a workload: what then happens to that is the cure.
    pub fn cures_a_workload(&self) -> bool {
        self.stored_workload().is_some()
    }

    /// Whether the workload that the remedy stores last was there before it.
    pub fn mends_a_workload(&self) -> bool {
        let remedy = self.phase(Phase::Remedy).start;
        let mut before = self.records[..remedy].iter().filter_map(step);
        self.stored_workload().is_some_and(|workload| {
            before.any(|step| step.applied.iter().any(|object| object.key == workload))
        })
    }

    /// The workload that fails and is cured: the last one that the remedy stores.
    pub fn workload(&self) -> ObjectKey {
        self.stored_workload()
            .unwrap_or_else(|| panic!("{}: the remedy stores no workload", self.name))
    }

    fn stored_workload(&self) -> Option<ObjectKey> {
        let remedy = &self.records[self.phase(Phase::Remedy)];
        let mut stored = remedy
            .iter()
            .filter_map(step)
            .flat_map(|step| &step.applied);
        let workload = stored.rfind(|object| is_workload(object));
        workload.map(|workload| workload.key.clone())
    }

    /// Whether the failure keeps that workload from being Ready: others are seen by users only.
    pub fn fails_by_readiness(&self) -> bool {
        let witness = self.witness_before(self.place(Phase::Control));
        let workload = self.stored_workload().and_then(|key| witness.get(&key));
        workload.is_some_and(|workload| ready(workload) != Readiness::Holds)
    }

    /// Whether that workload's pods have come to no more than being made: only events may say what ails
    /// them.
    pub fn fails_while_its_pods_are_made(&self) -> bool {
        let witness = self.witness_before(self.place(Phase::Control));
        let workload = self.stored_workload().and_then(|key| witness.get(&key));
        let pods = workload.into_iter().flat_map(|one| pods_of(&witness, one));
        let mut containers =
            pods.flat_map(|pod| match pod["status"]["containerStatuses"].as_array() {
                Some(containers) => containers.clone(),
                None => vec![Value::Null],
            });
        let is_made = |one: Value| one["state"]["waiting"]["reason"] == "ContainerCreating";
        containers.next().is_some_and(is_made) && containers.all(is_made)
    }

    /// The pods that are Ready in the end, as they stand when the checks begin.
    pub fn cured_pods(&self) -> Vec<Value> {
        let witness = self.witness_before(self.place(Phase::Checks));
        let workload = witness.get(&self.workload()).unwrap();
        let pods = newest_pods(&witness, workload);
        assert!(!pods.is_empty(), "{}: no pod was cured", self.name);
        pods.into_iter().cloned().collect()
    }

    /// Whether the healthy start has the workload that fails.
    pub fn starts_with_workload(&self) -> bool {
        let Some(workload) = self.stored_workload() else {
            return false;
        };
        if !self.has(Phase::SteadyState) {
            return false;
        }
        let start = &self.records[self.phase(Phase::SteadyState)];
        let mut stored = start.iter().filter_map(step).flat_map(|step| &step.applied);
        stored.any(|object| object.key == workload)
    }

    /// Puts what a watch shows before a record, at that record's moment or earlier.
    pub fn show(&mut self, place: usize, at: Millis, object: Value) {
        let observation = Observation::Object(ObjectChange {
            change: Change::Applied,
            object,
        });
        self.records.insert(place, Record { at, observation });
    }

    /// Puts what a watch shows into the hold that precedes the checks, half of it before its end.
    pub fn show_in_hold(&mut self, object: Value) {
        let checks = self.place(Phase::Checks);
        let half = self.scenario.scenario.remedy.hold.as_millis() / 2;
        let at = self.records[checks].at - half;
        let later = |record: &Record| record.at > at;
        let place = self.records.iter().position(later).unwrap();
        self.show(place, at, object);
    }

    /// Changes every object that is shown in these records.
    pub fn rewrite(&mut self, range: Range<usize>, change: impl Fn(&mut Value)) {
        for record in &mut self.records[range] {
            if let Observation::Object(shown) = &mut record.observation {
                change(&mut shown.object);
            }
        }
    }

    /// Changes every step of a phase.
    pub fn restep(&mut self, phase: Phase, change: impl Fn(&mut StepOutcome)) {
        let range = self.phase(phase);
        for record in &mut self.records[range] {
            if let Observation::Step(outcome) = &mut record.observation {
                change(outcome);
            }
        }
    }
}

/// The step that was carried out, where the record is of one.
pub fn step(record: &Record) -> Option<&StepOutcome> {
    match &record.observation {
        Observation::Step(outcome) => Some(outcome),
        _ => None,
    }
}

fn begins(record: &Record, phase: Phase) -> bool {
    matches!(record.observation, Observation::Phase(mark) if mark.phase == phase)
}

fn is_workload(object: &AppliedObject) -> bool {
    matches!(
        object.key.kind.as_str(),
        "Deployment" | "StatefulSet" | "DaemonSet"
    )
}

/// Whether a record came from a watch or a log, or tells what was answered again.
pub fn is_streamed(record: &Record) -> bool {
    matches!(
        record.observation,
        Observation::Object(_) | Observation::Log(_) | Observation::Answer(_)
    )
}

/// Whether it is a line of a log.
pub fn is_log(record: &Record) -> bool {
    matches!(record.observation, Observation::Log(_))
}

/// Whether a watch showed an event.
pub fn is_event(record: &Record) -> bool {
    matches!(&record.observation, Observation::Object(shown) if shown.object["kind"] == "Event")
}

/// The record at another moment; an answer was asked for as long before it as it was.
#[must_use]
pub fn moved(record: &Record, at: Millis) -> Record {
    let mut moved = Record {
        at,
        ..record.clone()
    };
    if let Observation::Answer(answer) = &mut moved.observation {
        answer.asked = (answer.asked + at).saturating_sub(record.at);
    }
    moved
}

/// The pod with its Ready condition False.
pub fn unready(pod: &mut Value) {
    let conditions = pod["status"]["conditions"].as_array_mut();
    for condition in conditions.into_iter().flatten() {
        if condition["type"] == "Ready" {
            condition["status"] = "False".into();
            condition["reason"] = "ContainersNotReady".into();
        }
    }
}

/// The pod with one restart more of its first container.
pub fn restarted(pod: &mut Value) {
    let count = &mut pod["status"]["containerStatuses"][0]["restartCount"];
    *count = (count.as_u64().unwrap() + 1).into();
}

/// Whether the object is one of these.
pub fn is_one_of(object: &Value, others: &[Value]) -> bool {
    others.iter().any(|other| uid(other) == uid(object))
}
