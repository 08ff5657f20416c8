//! What is left of a failure after its cure.
//!
//! A signature is a conjunction: to break it, one clause is enough. A cure must end every clause that
//! tells the failure from the healthy start, seen from the workload that showed it, whatever its pods,
//! labels and containers are called now.

use std::collections::{BTreeMap, BTreeSet};
use std::iter::successors;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::find::{Sight, is_about, is_the_event};
use super::since::Since;
use super::words::{describe, describe_event, describe_state};
use crate::kubernetes::{resource_version, text_at, uid};
use crate::scenario::{Clause, Failure, FieldTest, Selector, StateClause};
use crate::steady_state::MetAt;
use crate::time::Millis;
use crate::witness::{Change, ObjectKey, Observation, PhaseMark, Witness};
use crate::workload::{fits, is_selected, owner_of, selected};

/// What was said before everything was Ready may arrive a moment later: the kubelet sends its events,
/// and log streams their lines, beside the status.
const ARRIVES_WITHIN: Millis = 1_000;

/// A clause: the place of its failure in the chain, and its own in the signature.
type ClausePlace = (usize, usize);

/// What the clauses of a claim were seen of, before what cures.
#[derive(Debug, Clone, Default)]
pub struct Traces {
    /// Clauses that held while the healthy start was Ready: they tell no failure.
    ordinary: BTreeSet<ClausePlace>,
    /// The workloads, and objects that have none, which showed a clause.
    showed: BTreeMap<ClausePlace, BTreeSet<ObjectKey>>,
}

impl Traces {
    /// Takes in what holds of a failure at the end of the healthy start.
    pub fn start(&mut self, witness: &Witness, failure: &Failure<'_>, since: Since) {
        let sight = Sight::of(witness, since);
        for (index, clause) in failure.signature.iter().enumerate() {
            let objects = objects_of(witness, clause);
            if sight.find(clause, &objects).is_ok() {
                self.ordinary.insert((failure.place, index));
            }
        }
    }

    /// Takes in what shows a failure that stands, since a phase began.
    pub fn stands(&mut self, witness: &Witness, failure: &Failure<'_>, mark: PhaseMark) {
        let sight = Sight::of(witness, mark.into());
        for (index, clause) in failure.signature.iter().enumerate() {
            let objects = objects_of(witness, clause);
            let shows = |object: &&Value| match clause {
                Clause::State(state) => witness.versions(uid(object)).any(|version| {
                    resource_version(version) > mark.resource_version && fits(state, version)
                }),
                _ => sight.find(clause, &[*object]).is_ok(),
            };
            let mut showing: Vec<&Value> = objects.iter().copied().filter(shows).collect();
            if showing.is_empty() {
                showing = objects;
            }
            let workloads = showing.into_iter().map(|object| root(witness, object));
            let showed = self.showed.entry((failure.place, index)).or_default();
            showed.extend(workloads);
        }
    }

    /// What is left of a failure when everything is Ready, and has been since a moment of a phase.
    #[must_use]
    pub fn left(
        &self,
        witness: &Witness,
        failure: &Failure<'_>,
        phase: PhaseMark,
        met: MetAt,
    ) -> Option<String> {
        let clauses = failure.signature.iter().enumerate();
        let mut telling = clauses.filter(|(index, clause)| {
            clause.outlives_remedy().is_none()
                && !self.ordinary.contains(&(failure.place, *index))
                && !matches!(clause, Clause::State(state) if tells_of_health(state))
        });
        telling.find_map(|(index, clause)| {
            let objects = self.followed(witness, (failure.place, index), clause);
            let evidence = left_of(witness, clause, &objects, phase, met)?;
            let place = failure.tell(&format!("clause {} of the signature", index + 1));
            Some(format!(
                "{place} ({}) holds all the same: {evidence}; next: end it by the remedy, or say in \
                 `outlives_remedy` why it is no sign of the failure",
                describe(clause)
            ))
        })
    }

    /// What a clause selects now, and what became of what it was seen of.
    fn followed<'a>(
        &self,
        witness: &'a Witness,
        place: ClausePlace,
        clause: &'a Clause,
    ) -> Vec<&'a Value> {
        let Some(of) = clause.selector() else {
            return Vec::new();
        };
        let showed = self.showed.get(&place);
        let is_meant = |object: &Value| {
            is_selected(object, of)
                || showed.is_some_and(|showed| showed.contains(&root(witness, object)))
        };
        witness
            .live_in(of.group(), &of.kind.value)
            .filter(|object| !is_over(object) && is_meant(object))
            .collect()
    }
}

/// Whether a state says nothing but that an object is well: beside the failure, and after it.
fn tells_of_health(state: &StateClause) -> bool {
    const CONDITIONS: [&str; 6] = [
        "Available",
        "Complete",
        "ContainersReady",
        "Established",
        "PodScheduled",
        "Ready",
    ];
    const PHASES: [&str; 3] = ["Active", "Bound", "Running"];
    let is_a_number = |field: &FieldTest| {
        let exact = field.is.as_ref().and_then(Value::as_u64);
        field.at_least.is_some() || exact.is_some_and(|number| number > 0)
    };
    state.fields.iter().all(|field| {
        let path = field.path.to_string();
        let text = field.is.as_ref().and_then(Value::as_str);
        let mut conditions = CONDITIONS.iter();
        match path.rsplit('.').next().unwrap_or_default() {
            "status" => {
                let is_one = |name: &&str| path.ends_with(&format!("@.type=='{name}'].status"));
                text == Some("True") && conditions.any(is_one)
            }
            "phase" => text.is_some_and(|phase| PHASES.contains(&phase)),
            "readyReplicas" | "availableReplicas" | "numberReady" => is_a_number(field),
            "restartCount" => field.is.as_ref().is_some_and(|count| *count == 0),
            "ready" => field.is == Some(Value::Bool(true)),
            "running" => field.exists == Some(true),
            _ => false,
        }
    })
}

fn objects_of<'a>(witness: &'a Witness, clause: &'a Clause) -> Vec<&'a Value> {
    let of: Option<&Selector> = clause.selector();
    of.and_then(|of| selected(witness, of).ok())
        .unwrap_or_default()
}

/// The workload of a pod, by its name: a remedy may delete it and make it again. Another object is its
/// own.
pub(super) fn root(witness: &Witness, object: &Value) -> ObjectKey {
    // At most a pod, its Job and its CronJob, or its ReplicaSet and its Deployment.
    let chain = successors(Some(object), |object| owner_of(witness, object)).take(4);
    chain
        .last()
        .map_or_else(|| ObjectKey::of(object), ObjectKey::of)
}

/// A pod on its way out, or one that ended, has its say behind it.
fn is_over(object: &Value) -> bool {
    let ended = matches!(
        text_at(object, "/status/phase"),
        Some("Failed" | "Succeeded")
    );
    text_at(object, "/metadata/deletionTimestamp").is_some()
        || ended && text_at(object, "/kind") == Some("Pod")
}

fn left_of(
    witness: &Witness,
    clause: &Clause,
    objects: &[&Value],
    phase: PhaseMark,
    met: MetAt,
) -> Option<String> {
    match clause {
        Clause::State(state) => {
            let holds = |object: &&&Value| fits(state, object) && fits(state, &present(object));
            let object = objects.iter().find(holds)?;
            Some(describe_state(state, object))
        }
        Clause::Event(event) => {
            let is_it = |told: &&Value| {
                resource_version(told) > met.revision
                    && is_the_event(told, event)
                    && objects.iter().any(|object| is_about(told, object))
            };
            let mut events =
                arrived_after(witness, met).filter_map(|observation| match observation {
                    Observation::Object(shown) if shown.change == Change::Applied => {
                        Some(&shown.object)
                    }
                    _ => None,
                });
            events.find(is_it).map(describe_event)
        }
        Clause::Log(log) => {
            let ready_at = server_time(witness, phase, met);
            let mut lines =
                arrived_after(witness, met).filter_map(|observation| match observation {
                    Observation::Log(line) => Some(line),
                    _ => None,
                });
            let line = lines.find(|line| {
                log.contains.iter().all(|text| line.line.contains(text))
                    && line.time >= ready_at
                    && objects.iter().any(|pod| uid(pod) == line.pod_uid)
            })?;
            Some(format!("{}/{}: {}", line.pod, line.container, line.line))
        }
        Clause::Http(_) | Clause::Exec(_) => {
            // A Service leads to a pod that goes for a moment after its replacement is Ready.
            let since = Since {
                asked: met.at.saturating_add(ARRIVES_WITHIN),
                ..Since::starting(phase, Some(met))
            };
            let found = Sight::of(witness, since).find(clause, &[]);
            found.ok().map(|found| found.evidence)
        }
        // What a step is refused is no longer wanted when everything is Ready without it.
        Clause::NoEvent(_) | Clause::NoLog(_) | Clause::Refusal(_) => None,
    }
}

/// What arrived after everything was Ready, the latest first.
fn arrived_after(witness: &Witness, met: MetAt) -> impl Iterator<Item = &Observation> {
    let records = witness.records().iter().rev();
    let after = records.take_while(move |record| record.at > met.at + ARRIVES_WITHIN);
    after.map(|record| &record.observation)
}

/// The latest that the server's time may be at a moment of a phase: the mark tells it to the second only.
fn server_time(witness: &Witness, phase: PhaseMark, met: MetAt) -> Timestamp {
    let passed = met.at.saturating_sub(witness.began(phase));
    let passed = SignedDuration::from_millis(i64::try_from(passed).unwrap_or(i64::MAX))
        .saturating_add(SignedDuration::from_secs(1));
    phase
        .server_time
        .saturating_add(passed)
        .unwrap_or(phase.server_time)
}

/// A pod without its history: what it was before it became Ready is over.
fn present(object: &Value) -> Value {
    let mut present = object.clone();
    for field in ["initContainerStatuses", "containerStatuses"] {
        let all = present["status"][field].as_array_mut();
        for status in all.into_iter().flatten() {
            status["restartCount"] = json!(0);
            if let Some(fields) = status.as_object_mut() {
                fields.remove("lastState");
            }
        }
    }
    present
}
