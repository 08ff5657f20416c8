//! A witness in the making, one observation after the other.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{applied, to_the_second, with};
use crate::kubernetes::uid;
use crate::phase::Phase;
use crate::recording::Recording;
use crate::scenario::{Capability, Perturbation};
use crate::time::Millis;
use crate::verdict::{Because, Obstacle};
use crate::witness::{
    Answered, Change, CheckOutcome, Effect, Gap, LogLine, ObjectChange, Observation,
    PerturbationOutcome, PhaseMark, Probed, Record, StepOutcome, Witness,
};

/// A witness in the making: each change of an object gets the next revision of the store.
#[derive(Debug, Clone)]
pub struct Story {
    records: Vec<Record>,
    now: Millis,
    revision: u64,
}

/// The kinds that a story watches.
const KINDS: [&str; 9] = [
    "Deployment",
    "ReplicaSet",
    "StatefulSet",
    "DaemonSet",
    "ControllerRevision",
    "Pod",
    "PersistentVolumeClaim",
    "Job",
    "Event",
];

impl Story {
    /// A story in which nothing has happened yet.
    pub fn new() -> Self {
        let mut story = Self {
            records: Vec::new(),
            now: 0,
            revision: 100,
        };
        let kinds = KINDS.map(ToOwned::to_owned).to_vec();
        story.observed(Observation::Watching {
            kinds,
            awaited: Vec::new(),
        });
        story
    }

    /// Time passes.
    pub fn after(&mut self, millis: Millis) -> &mut Self {
        self.now += millis;
        self
    }

    /// Adds any observation.
    pub fn observed(&mut self, observation: Observation) -> &mut Self {
        self.records.push(Record {
            at: self.now,
            observation,
        });
        self
    }

    /// A phase begins.
    pub fn begins(&mut self, phase: Phase) -> PhaseMark {
        self.revision += 1;
        let mark = PhaseMark {
            phase,
            resource_version: self.revision,
            server_time: to_the_second(self.now),
        };
        self.observed(Observation::Phase(mark));
        mark
    }

    /// An object as the watch shows it from now on.
    pub fn shows(&mut self, object: &Value) -> &mut Self {
        self.revision += 1;
        self.shows_late(object, self.revision)
    }

    /// An object whose watch lags behind: it shows only now what was stored in that revision.
    pub fn shows_late(&mut self, object: &Value, revision: u64) -> &mut Self {
        let version = json!({"metadata": {"resourceVersion": revision.to_string()}});
        self.changed(Change::Applied, with(object, &version))
    }

    /// A watch shows several objects.
    pub fn shows_all(&mut self, objects: &[Value]) -> &mut Self {
        objects
            .iter()
            .fold(self, |story, object| story.shows(object))
    }

    /// An object is deleted.
    pub fn loses(&mut self, object: &Value) -> &mut Self {
        self.revision += 1;
        self.loses_late(object, self.revision)
    }

    /// An object is deleted, and the watch tells of it late.
    pub fn loses_late(&mut self, object: &Value, revision: u64) -> &mut Self {
        let version = json!({"metadata": {"resourceVersion": revision.to_string()}});
        self.changed(Change::Deleted, with(object, &version))
    }

    fn changed(&mut self, change: Change, object: Value) -> &mut Self {
        self.observed(Observation::Object(ObjectChange { change, object }))
    }

    /// A line of the log of the pod's container `app`, written now.
    pub fn logs(&mut self, pod: &Value, line: &str) -> &mut Self {
        self.logs_late(pod, line, self.now)
    }

    /// A line written at that moment, which arrives only now.
    pub fn logs_late(&mut self, pod: &Value, line: &str, written: Millis) -> &mut Self {
        self.observed(Observation::Log(LogLine {
            namespace: "default".to_owned(),
            pod: pod["metadata"]["name"].as_str().unwrap().to_owned(),
            pod_uid: uid(pod).to_owned(),
            container: "app".to_owned(),
            time: clock(written),
            line: line.to_owned(),
        }))
    }

    /// A step stores these objects; the watches show them at once.
    pub fn applies(&mut self, step: &str, objects: &[Value]) -> &mut Self {
        let mut outcome = StepOutcome {
            step: step.to_owned(),
            ..StepOutcome::default()
        };
        for object in objects {
            self.shows(object);
            outcome.applied.push(applied(object, self.revision));
        }
        self.does(outcome)
    }

    /// A step comes to this.
    pub fn does(&mut self, outcome: StepOutcome) -> &mut Self {
        self.observed(Observation::Step(outcome))
    }

    /// A check is answered.
    pub fn answers(&mut self, check: &str, passed: bool) -> &mut Self {
        self.observed(Observation::Check(CheckOutcome {
            name: check.to_owned(),
            passed,
            seen: "status 200".to_owned(),
        }))
    }

    /// A question that is asked again and again is answered, as asked just now.
    pub fn replies(&mut self, question: &str, fits: bool) -> &mut Self {
        let asked = self.now;
        self.replies_late(question, fits, asked)
    }

    /// A question is answered that was asked then.
    pub fn replies_late(&mut self, question: &str, fits: bool, asked: Millis) -> &mut Self {
        self.observed(Observation::Answer(Answered {
            name: question.to_owned(),
            fits,
            seen: if fits { "as said" } else { "otherwise" }.to_owned(),
            asked,
        }))
    }

    /// A perturbation is made.
    pub fn is_perturbed(&mut self, perturbation: Perturbation, effect: Effect) -> &mut Self {
        self.observed(Observation::Perturbation(PerturbationOutcome {
            perturbation,
            effect,
        }))
    }

    /// Whether the cluster can do what a claim needs.
    pub fn is_probed(&mut self, need: Capability, met: bool) -> &mut Self {
        let seen = if met { "it does" } else { "it does not" }.to_owned();
        self.observed(Observation::Probed(Probed { need, met, seen }))
    }

    /// A stream breaks, for example `watch of Pod`.
    pub fn breaks_off(&mut self, stream: &str) -> &mut Self {
        self.observed(Observation::Gap(gap(stream)))
    }

    /// A broken stream is complete again.
    pub fn is_whole_again(&mut self, stream: &str) -> &mut Self {
        self.observed(Observation::Resumed(gap(stream)))
    }

    /// The cluster is lost.
    pub fn is_lost(&mut self) -> &mut Self {
        self.observed(Observation::Lost(Because {
            reason: Obstacle::ApiLost,
            detail: "the API server does not answer".to_owned(),
        }))
    }

    /// The witness ends.
    pub fn ends(&mut self) -> &mut Self {
        self.observed(Observation::Ended)
    }

    /// The store's revision.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Milliseconds since the story began.
    pub fn now(&self) -> Millis {
        self.now
    }

    /// What was observed so far.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// The witness of the story.
    pub fn witness(&self) -> Witness {
        let mut witness = Witness::default();
        for record in &self.records {
            witness.push(record.clone());
        }
        witness
    }

    /// The story as a world to replay.
    pub fn recording(&self) -> Recording<'static> {
        Recording::of(self.records.clone())
    }
}

/// The server's clock, which is the nodes' too.
pub(super) fn clock(at: Millis) -> Timestamp {
    let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    start + SignedDuration::from_millis(i64::try_from(at).unwrap())
}

fn gap(stream: &str) -> Gap {
    Gap {
        stream: stream.to_owned(),
        message: "connection refused".to_owned(),
    }
}
