//! What remedied means: every object of the goal is Ready by its own rules, with pods of the newest
//! template, and stays so without a restart.

mod goal;
mod hold;
mod leaving;
mod taken_away;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::kubernetes::kinds::Trait;
use crate::kubernetes::{number_at, resource_version, text_at, uid};
use crate::readiness::{Readiness, is_at_rest, ready, stale_status};
use crate::scenario::{ExecCheck, HttpCheck, ReadyClause};
use crate::witness::{AppliedObject, ObjectKey, Witness};
use crate::workload::{fitting, newest_pods, pods_of, selected, statuses};

pub use goal::Goal;
use goal::{Declared, is_same};
pub use hold::{Hold, HoldState, MetAt, Moment};
pub use leaving::stays;

/// Whether a goal is met at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assessment {
    /// Everything is Ready; restarts of each container of its pods.
    Met(Restarts),
    /// Something is not; the object and why.
    NotYet(String),
    /// Something cannot become Ready any more; the object and why.
    Never(String),
}

/// Restart counts by pod uid and container.
pub type Restarts = BTreeMap<(String, String), u64>;

/// Judges every object of the goal as it stands.
#[must_use]
pub fn assess(witness: &Witness, goal: &Goal) -> Assessment {
    let mut restarts = Restarts::new();
    let mut refused = goal.refused.iter();
    let mut not_yet = refused
        .next()
        .map(|(key, message)| format!("{key}: was refused: {message}"))
        .or_else(|| goal.leaving(witness));
    if goal.objects.is_empty() && goal.declared.is_empty() && not_yet.is_none() {
        return Assessment::NotYet("nothing was applied".to_owned());
    }
    for key in goal.keys() {
        match assess_key(witness, goal, key, &mut restarts) {
            Readiness::Holds => {}
            Readiness::NotYet(why) => {
                not_yet.get_or_insert(format!("{key}: {why}"));
            }
            Readiness::Never(why) => return Assessment::Never(format!("{key}: {why}")),
        }
    }
    let unfit = || {
        let mut clauses = goal.ready_clauses();
        clauses.find_map(|clause| unlike(witness, clause))
    };
    let not_yet = not_yet.or_else(unfit);
    not_yet.map_or(Assessment::Met(restarts), Assessment::NotYet)
}

/// What is seen in place of what a clause says.
fn unlike(witness: &Witness, clause: &ReadyClause) -> Option<String> {
    match clause {
        ReadyClause::State(state) => selected(witness, &state.of)
            .and_then(|objects| fitting(&objects, state))
            .err(),
        ReadyClause::Http(HttpCheck { name, .. }) | ReadyClause::Exec(ExecCheck { name, .. }) => {
            match witness.answer(name) {
                Some(answer) if answer.fits => None,
                Some(answer) => Some(format!("{name}: {}", answer.seen)),
                None => Some(format!("{name}: it was not answered yet")),
            }
        }
    }
}

/// Of the objects of a goal one whose controller has not seen its present spec yet; why.
#[must_use]
pub fn unobserved(witness: &Witness, goal: &Goal) -> Option<String> {
    goal.keys().find_map(|key| {
        let why = stale_status(witness.get(key)?)?;
        Some(format!("{key}: {why}"))
    })
}

fn assess_key(
    witness: &Witness,
    goal: &Goal,
    key: &ObjectKey,
    restarts: &mut Restarts,
) -> Readiness {
    match (goal.declared_of(key), goal.objects.get(key)) {
        (Some(Declared::Absent), applied) => absent(witness, key, applied),
        (declared, Some(applied)) => assess_object(witness, applied, declared, restarts),
        (_, None) => Readiness::NotYet("was not applied".to_owned()),
    }
}

/// An object that was applied and is not seen yet is not gone.
fn absent(witness: &Witness, key: &ObjectKey, applied: Option<&AppliedObject>) -> Readiness {
    let is_there = witness
        .live_in(key.group.as_deref(), &key.kind)
        .any(|object| is_same(&ObjectKey::of(object), key));
    let is_awaited = applied.is_some_and(|applied| {
        let mut versions = witness.versions(&applied.uid);
        !versions.any(|version| resource_version(version) >= applied.resource_version)
    });
    if is_there || is_awaited {
        Readiness::NotYet("is there, and declared absent".to_owned())
    } else {
        Readiness::Holds
    }
}

/// `declared` is what the claim says is meant.
fn assess_object(
    witness: &Witness,
    applied: &AppliedObject,
    declared: Option<Declared>,
    restarts: &mut Restarts,
) -> Readiness {
    if is_tidied_up(witness, applied) {
        return Readiness::Holds;
    }
    let Some(object) = witness.get(&applied.key) else {
        return if witness.watches(applied.key.group.as_deref(), &applied.key.kind) {
            Readiness::NotYet("is not there".to_owned())
        } else {
            Readiness::Holds
        };
    };
    if resource_version(object) < applied.resource_version {
        return Readiness::NotYet("is not yet seen as applied".to_owned());
    }
    if uid(object) != applied.uid {
        return Readiness::NotYet("was replaced by another".to_owned());
    }
    match declared {
        Some(Declared::Replicas(meant)) => {
            let replicas = number_at(object, "/spec/replicas").unwrap_or(1);
            if replicas != meant {
                return Readiness::NotYet(format!(
                    "is scaled to {replicas}, and {meant} is declared"
                ));
            }
            if meant == 0 {
                return none_left(witness, object);
            }
        }
        Some(Declared::Suspended) => return suspended(witness, object),
        Some(Declared::Gated) => return gated(witness, object),
        _ => {}
    }
    let answer = ready(object);
    let pods = if applied.key.is(Trait::KeepsPods) {
        newest_pods(witness, object)
    } else if applied.key.is_pod() {
        vec![object]
    } else {
        return answer;
    };
    if answer == Readiness::Holds
        && let Some(unready) = unready_pods(object, &pods)
    {
        return unready;
    }
    for pod in pods {
        restarts.extend(restarts_of(pod));
    }
    answer
}

/// A Job that was complete may be deleted when its time is over (`ttlSecondsAfterFinished`).
fn is_tidied_up(witness: &Witness, applied: &AppliedObject) -> bool {
    applied.key.is_of("batch", "Job")
        && witness.versions(&applied.uid).any(|version| {
            version["spec"]["ttlSecondsAfterFinished"].is_u64()
                && ready(version) == Readiness::Holds
        })
}

/// Of a workload that is meant to have no pods.
fn none_left(witness: &Witness, workload: &Value) -> Readiness {
    let left = pods_of(witness, workload).count();
    match is_at_rest(workload) {
        Readiness::Holds if left > 0 => Readiness::NotYet(format!("{left} of its pods are left")),
        answer => answer,
    }
}

/// Of a Job that is meant to wait, or a `CronJob` that is meant to make none.
fn suspended(witness: &Witness, object: &Value) -> Readiness {
    if object["spec"]["suspend"] != true {
        return Readiness::NotYet("is not suspended, and that is declared".to_owned());
    }
    match pods_of(witness, object).count() {
        0 => Readiness::Holds,
        left => Readiness::NotYet(format!("{left} of its pods are left")),
    }
}

/// Of a pod, or a workload's pods, that are meant to wait until somebody takes their gates away.
fn gated(witness: &Witness, object: &Value) -> Readiness {
    let pods = match text_at(object, "/kind") {
        Some("Pod") => vec![object],
        _ => newest_pods(witness, object),
    };
    let is_gated = |pod: &&&Value| {
        let gates = pod["spec"]["schedulingGates"].as_array();
        gates.is_some_and(|gates| !gates.is_empty())
    };
    let (gated, all) = (pods.iter().filter(is_gated).count(), pods.len());
    if gated == all && all > 0 {
        Readiness::Holds
    } else {
        Readiness::NotYet(format!(
            "{gated} of {all} pods wait behind scheduling gates, and that is declared"
        ))
    }
}

/// A workload's counts may be older or newer than its pods; both must agree.
fn unready_pods(workload: &Value, pods: &[&Value]) -> Option<Readiness> {
    for pod in pods {
        if let Readiness::NotYet(why) | Readiness::Never(why) = ready(pod) {
            let name = text_at(pod, "/metadata/name").unwrap_or_default();
            return Some(Readiness::NotYet(format!("pod {name}: {why}")));
        }
    }
    let desired = match text_at(workload, "/kind") {
        Some("DaemonSet") => workload["status"]["desiredNumberScheduled"].as_u64(),
        _ => workload["spec"]["replicas"].as_u64(),
    }
    .unwrap_or(1);
    let actual = pods.len() as u64;
    (actual != desired).then(|| {
        Readiness::NotYet(format!(
            "{actual} of {desired} pods of the newest template are there"
        ))
    })
}

fn restarts_of(pod: &Value) -> Restarts {
    statuses(pod)
        .map(|status| {
            let container = text_at(status, "/name").unwrap_or_default();
            (
                (uid(pod).to_owned(), container.to_owned()),
                status["restartCount"].as_u64().unwrap_or_default(),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests;
