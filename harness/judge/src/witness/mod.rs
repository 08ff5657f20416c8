//! What a cluster showed, in order: the one thing that the rules read.
//!
//! A witness is append-only and is written as JSON lines while it grows, so that the same rules
//! judge a live cluster, a recorded run, and a test under a paused clock. Order between objects is
//! the API server's (`resourceVersion`, a revision of the whole store); the monotonic `at` is used
//! for holds and deadlines only.

mod events;
mod gaps;
mod key;
mod line;
mod lines;
mod outcome;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use events::Events;
use gaps::Gaps;
pub use gaps::WATCH;
pub use key::{ObjectKey, placed};
pub use lines::Arrived;
use lines::Lines;
pub use outcome::{
    Answered, AppliedObject, CheckOutcome, Effect, Leaving, PerturbationOutcome, Probed, Refusal,
    StepOutcome,
};

use crate::kubernetes::kinds::{Kind, Told};
use crate::kubernetes::{resource_version, uid};
use crate::phase::Phase;
use crate::scenario::Perturbation;
use crate::time::{Millis, millis};
use crate::verdict::{Because, Obstacle};

/// One observation with its place in the order.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Record {
    /// Milliseconds since the witness began.
    #[serde(deserialize_with = "millis")]
    pub at: Millis,
    /// What was observed.
    #[serde(flatten)]
    pub observation: Observation,
}

/// Something that the cluster showed, or that relapse did to it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Observation {
    /// Every object of these kinds is seen from here on.
    Watching {
        /// The kinds; one that is not of Kubernetes' own with its group, `Kind.group`.
        kinds: Vec<String>,
        /// Kinds that are seen as soon as their definitions are there.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        awaited: Vec<String>,
    },
    /// It was tried whether the cluster can do what the claim needs.
    Probed(Probed),
    /// A phase of the experiment begins.
    Phase(PhaseMark),
    /// An object was added, modified or deleted; events are objects too.
    Object(ObjectChange),
    /// A line of a container's log.
    Log(LogLine),
    /// A watch or log stream broke; what happened until `Resumed` may be unknown.
    Gap(Gap),
    /// The stream of a gap is complete again.
    Resumed(Gap),
    /// A step was carried out.
    Step(StepOutcome),
    /// What a clause asks again and again was answered, and otherwise than before; told from time to
    /// time also where nothing changed.
    Answer(Answered),
    /// A check was asked and answered.
    Check(CheckOutcome),
    /// Pods or nodes were perturbed.
    Perturbation(PerturbationOutcome),
    /// The cluster was lost for good.
    Lost(Because<Obstacle>),
    /// The experiment is over; a recording without this end was cut off.
    Ended,
}

/// The moment a phase begins, in the server's order: evidence that arose before does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhaseMark {
    /// Which phase.
    pub phase: Phase,
    /// Revision of the API server's store at that moment.
    pub resource_version: u64,
    /// The server's time at that moment, to the second.
    pub server_time: Timestamp,
}

/// A change of one object.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ObjectChange {
    /// What happened to it.
    pub change: Change,
    /// The whole object, without `managedFields`.
    pub object: Value,
}

/// What happened to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It is there, new or changed.
    Applied,
    /// It is gone.
    Deleted,
}

/// A line of a container's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// Namespace of the pod.
    pub namespace: String,
    /// Name of the pod.
    pub pod: String,
    /// Uid of the pod.
    pub pod_uid: String,
    /// Name of the container.
    pub container: String,
    /// When the container runtime took the line, by the node's clock.
    pub time: Timestamp,
    /// The line, without its end.
    pub line: String,
}

/// A stream that was interrupted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// The stream, for example `watch of Pod`.
    pub stream: String,
    /// Why it broke, or how it came back.
    pub message: String,
}

/// Every version of every object that was shown in these records.
pub fn objects_in(records: &[Record]) -> impl Iterator<Item = &Value> {
    records
        .iter()
        .filter_map(|record| match &record.observation {
            Observation::Object(shown) => Some(&shown.object),
            _ => None,
        })
}

/// What a cluster showed, in order, with an index by object.
#[derive(Debug, Default)]
pub struct Witness {
    records: Vec<Record>,
    live: BTreeMap<ObjectKey, usize>,
    versions: HashMap<String, Vec<usize>>,
    events: Events,
    logs: Vec<usize>,
    lines: Lines,
    /// Steps and perturbations.
    acts: Vec<usize>,
    answers: BTreeMap<String, usize>,
    kinds: BTreeSet<String>,
    awaited: BTreeSet<String>,
    phases: Vec<(PhaseMark, usize)>,
    revision: u64,
    gaps: Gaps,
}

impl Witness {
    /// Appends an observation. An object that is older than what is known in its place (a list
    /// after a gap may race with a watch) changes nothing but the record.
    pub fn push(&mut self, record: Record) {
        let index = self.records.len();
        match &record.observation {
            Observation::Object(change) => self.index_object(index, change),
            Observation::Log(line) => {
                self.logs.push(index);
                self.lines.push(index, line);
            }
            Observation::Step(_) | Observation::Perturbation(_) => self.acts.push(index),
            Observation::Answer(answer) => {
                self.answers.insert(answer.name.clone(), index);
            }
            Observation::Phase(mark) => self.phases.push((*mark, index)),
            Observation::Watching { kinds, awaited } => {
                self.kinds.extend(kinds.iter().cloned());
                self.awaited.extend(awaited.iter().cloned());
            }
            Observation::Gap(gap) => self.gaps.broke(gap, record.at),
            Observation::Resumed(gap) => self.gaps.resumed(gap, record.at),
            _ => {}
        }
        self.records.push(record);
    }

    fn index_object(&mut self, index: usize, change: &ObjectChange) {
        let key = ObjectKey::of(&change.object);
        self.revision = self.revision.max(resource_version(&change.object));
        if let Some(&place) = self.live.get(&key)
            && let Some(Record {
                observation: Observation::Object(known),
                ..
            }) = self.records.get(place)
        {
            if resource_version(&known.object) > resource_version(&change.object) {
                return;
            }
            if key.kind == "Event" {
                self.events.remove(&known.object, place);
            }
        }
        if key.kind == "Event" && change.change == Change::Applied {
            self.events.insert(&change.object, index);
        }
        self.versions
            .entry(uid(&change.object).to_owned())
            .or_default()
            .push(index);
        match change.change {
            Change::Applied => {
                self.live.insert(key, index);
            }
            Change::Deleted => {
                self.live.remove(&key);
            }
        }
    }

    fn object_at(&self, index: usize) -> Option<&Value> {
        match &self.records.get(index)?.observation {
            Observation::Object(change) => Some(&change.object),
            _ => None,
        }
    }

    /// Every record, in order.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// The latest revision of the store that any watch has shown.
    #[must_use]
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// The phase that began last.
    #[must_use]
    pub fn phase(&self) -> Option<PhaseMark> {
        self.phases.last().map(|(mark, _)| *mark)
    }

    /// The last phase in which the claim changes the cluster: neither checks nor stress do.
    #[must_use]
    pub fn last_change(&self) -> Option<PhaseMark> {
        let mut marks = self.phases.iter().rev().map(|(mark, _)| *mark);
        marks.find(|mark| !matches!(mark.phase, Phase::Checks | Phase::Stress))
    }

    /// Whether this phase was begun.
    #[must_use]
    pub fn has_begun(&self, phase: Phase) -> bool {
        self.phases.iter().any(|(mark, _)| mark.phase == phase)
    }

    /// Where in the records a phase began; the start for a phase that is not witnessed.
    fn place_of(&self, mark: PhaseMark) -> usize {
        let began = self.phases.iter().rfind(|(known, _)| *known == mark);
        began.map_or(0, |(_, index)| *index)
    }

    /// Whether objects of this kind are watched, of any group where none is known, so that absence
    /// means something. A kind whose definition is not there yet is watched too: of that there is
    /// nothing.
    #[must_use]
    pub fn watches(&self, group: Option<&str>, kind: &str) -> bool {
        let mut watched = self.kinds.iter().chain(&self.awaited);
        match group {
            Some(_) => {
                let told = Told { group, kind }.to_string();
                watched.any(|watched| *watched == told)
            }
            None => watched.any(|watched| {
                let rest = watched.strip_prefix(kind);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            }),
        }
    }

    /// The object as it stands, if it is there.
    #[must_use]
    pub fn get(&self, key: &ObjectKey) -> Option<&Value> {
        let first = ObjectKey::named(&key.kind, &key.namespace, &key.name);
        let mut named = self.live.range(first..).take_while(|(known, _)| {
            known.kind == key.kind && known.namespace == key.namespace && known.name == key.name
        });
        let (_, &index) = named.find(|(known, _)| known.may_be(key))?;
        self.object_at(index)
    }

    /// Every object that is there, as it stands.
    pub fn all_live(&self) -> impl Iterator<Item = &Value> {
        self.live
            .values()
            .filter_map(|&index| self.object_at(index))
    }

    /// The objects of a kind that are there, as they stand: of Kubernetes' own kind where one has
    /// this name, whatever other groups call so.
    pub fn live<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Value> {
        let own = Kind::named(None, kind).map(|kind| kind.group);
        self.live_in(own, kind)
    }

    /// The objects of a kind that are there, as they stand; of any group where none is known.
    pub fn live_in<'a>(
        &'a self,
        group: Option<&'a str>,
        kind: &'a str,
    ) -> impl Iterator<Item = &'a Value> {
        self.live
            .range(ObjectKey::named(kind, "", "")..)
            .take_while(move |(key, _)| key.kind == kind)
            .filter(move |(key, _)| key.is_of_group(group))
            .filter_map(|(_, &index)| self.object_at(index))
    }

    /// The versions of the object with this uid that were seen, oldest first.
    pub fn versions<'a>(&'a self, uid: &str) -> impl DoubleEndedIterator<Item = &'a Value> {
        self.versions
            .get(uid)
            .map(Vec::as_slice)
            .unwrap_or_default()
            .iter()
            .filter_map(|&index| self.object_at(index))
    }

    /// Every log line, in order of arrival, with its moment.
    #[must_use]
    pub fn logs(&self) -> impl DoubleEndedIterator<Item = (Millis, &LogLine)> {
        self.logs.iter().filter_map(|&index| {
            let record = &self.records[index];
            match &record.observation {
                Observation::Log(line) => Some((record.at, line)),
                _ => None,
            }
        })
    }

    /// The log lines that arose since a phase began, in order of arrival. The mark's time is in
    /// whole seconds, so a line of the same second counts only if it arrived after the mark.
    #[must_use]
    pub fn logs_since(&self, mark: PhaseMark) -> impl DoubleEndedIterator<Item = &LogLine> {
        let place = self.place_of(mark);
        let first = self.logs.partition_point(|&index| index < place);
        self.logs[first..]
            .iter()
            .filter_map(|&index| match &self.records[index].observation {
                Observation::Log(line) => Some(line),
                _ => None,
            })
            .filter(move |line| line.time >= mark.server_time)
    }

    /// The last answer to the question of this name.
    #[must_use]
    pub fn answer(&self, name: &str) -> Option<&Answered> {
        let &index = self.answers.get(name)?;
        match &self.records[index].observation {
            Observation::Answer(answer) => Some(answer),
            _ => None,
        }
    }

    /// When a phase began; 0 for a phase that is not witnessed.
    #[must_use]
    pub fn began(&self, mark: PhaseMark) -> Millis {
        let record = self.records.get(self.place_of(mark));
        record.map_or(0, |record| record.at)
    }

    /// What was perturbed since a phase began.
    pub fn perturbations_since(&self, mark: PhaseMark) -> impl Iterator<Item = Perturbation> {
        self.acts_since(mark)
            .filter_map(|observation| match observation {
                Observation::Perturbation(outcome) => Some(outcome.perturbation),
                _ => None,
            })
    }

    /// Outcomes of the steps since a phase began.
    pub fn steps_since(&self, mark: PhaseMark) -> impl Iterator<Item = &StepOutcome> {
        self.acts_since(mark)
            .filter_map(|observation| match observation {
                Observation::Step(outcome) => Some(outcome),
                _ => None,
            })
    }

    fn acts_since(&self, mark: PhaseMark) -> impl Iterator<Item = &Observation> {
        let began = self.place_of(mark);
        let first = self.acts.partition_point(|&place| place < began);
        let places = self.acts[first..].iter();
        places.map(|&place| &self.records[place].observation)
    }

    /// Takes back what was seen from a place of the records on, to be seen again one by one.
    pub fn take_back(&mut self, place: usize) -> Vec<Record> {
        let later = self.records.split_off(place.min(self.records.len()));
        for record in std::mem::take(self).records {
            self.push(record);
        }
        later
    }
}

#[cfg(test)]
mod tests;
