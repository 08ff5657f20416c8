//! Whether the failure might have ended without the remedy: time alone cures what heals itself, and a
//! control shows that it does not only for as long as it lasts.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;

use super::Experiment;
use crate::kubernetes::{resource_version, text_at, uid};
use crate::scenario::{Clause, SHORTEST_HOLD, Selector};
use crate::text::shown;
use crate::time::Millis;
use crate::verdict::{Refutation, Verdict};
use crate::witness::{AppliedObject, ObjectKey, PhaseMark, Witness, objects_in};
use crate::workload::is_selected;
use crate::world::World;

impl<W: World> Experiment<'_, W> {
    /// A remedy that waits, or that touches nothing of what the signature speaks of, is the cure only if
    /// the failure stood untouched for at least as long.
    pub(super) fn did_not_heal_itself(&self, mark: PhaseMark, took: Millis) -> Result<(), Verdict> {
        let witness = self.world.witness();
        let claim = &self.scenario.scenario;
        let stood = claim.control.hold.max(SHORTEST_HOLD).as_millis();
        let (millis, how) = if touches_nothing(witness, mark, &claim.signature) {
            (
                took,
                "changes nothing of what the signature speaks of, and took",
            )
        } else {
            match added_wait(witness, mark) {
                added if added > self.waited => (added, "adds an init container, which took"),
                _ => (self.waited, "waits: its `await` took"),
            }
        };
        if millis <= stood {
            return Ok(());
        }
        Err(Verdict::refuted(
            Refutation::SelfHealed,
            format!(
                "that it healed itself cannot be excluded: the remedy {how} {}, and nothing was \
                 touched for {} only; make `control.hold` longer than that",
                shown(millis),
                shown(stood),
            ),
        ))
    }
}

/// The objects that the steps of a phase stored otherwise than they were, or deleted.
fn touched(witness: &Witness, mark: PhaseMark) -> BTreeSet<&ObjectKey> {
    let steps = witness.steps_since(mark);
    let stored = steps.flat_map(|step| {
        let applied = step.applied.iter();
        let changed = applied.filter(|object| is_changed(witness, mark, object));
        changed.map(|object| &object.key).chain(&step.deleted)
    });
    stored.collect()
}

/// Whether a step stored something else: of what it left as it was, the status may be new.
fn is_changed(witness: &Witness, mark: PhaseMark, object: &AppliedObject) -> bool {
    if object.resource_version <= mark.resource_version {
        return false;
    }
    let mut versions = witness.versions(&object.uid);
    let before = versions.rfind(|version| resource_version(version) <= mark.resource_version);
    let now = witness.get(&object.key);
    let same = before
        .zip(now)
        .is_some_and(|(before, now)| meant(before) == meant(now));
    !same
}

/// An object without what its controllers write of it.
fn meant(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(fields) = object.as_object_mut() {
        fields.remove("status");
    }
    if let Some(fields) = object["metadata"].as_object_mut() {
        fields.remove("resourceVersion");
        fields.remove("annotations");
    }
    object
}

/// Whether no step of a phase touched an object that the signature speaks of, or that these refer to by
/// its name. Where the signature is told by the API server or by an answer, anything may be behind it;
/// so may it behind an object that other objects are subject to.
fn touches_nothing(witness: &Witness, mark: PhaseMark, signature: &[Clause]) -> bool {
    const PLAIN: [&str; 12] = [
        "ConfigMap",
        "Secret",
        "Service",
        "ServiceAccount",
        "Deployment",
        "StatefulSet",
        "DaemonSet",
        "ReplicaSet",
        "Job",
        "CronJob",
        "Pod",
        "PersistentVolumeClaim",
    ];
    let mut selectors: Vec<&Selector> = Vec::new();
    for clause in signature {
        match clause {
            Clause::State(state) => selectors.push(&state.of),
            Clause::Event(event) | Clause::NoEvent(event) => selectors.push(&event.of),
            Clause::Log(log) | Clause::NoLog(log) => selectors.push(&log.of),
            _ => return false,
        }
    }
    let touched = touched(witness, mark);
    let acts_on_nodes = witness
        .steps_since(mark)
        .any(|step| step.applied.is_empty() && step.deleted.is_empty());
    if acts_on_nodes
        || touched
            .iter()
            .any(|key| !PLAIN.contains(&key.kind.as_str()))
    {
        return false;
    }
    let mut spoken_of = objects_in(witness.records()).filter(|object| {
        let kind = text_at(object, "/kind");
        let mut selectors = selectors.iter();
        selectors.any(|of| kind == Some(&of.kind.value) && is_selected(object, of))
    });
    let names: Vec<&str> = touched.iter().map(|key| key.name.as_str()).collect();
    !spoken_of.any(|object| names.iter().any(|name| speaks_of(object, name)))
}

/// Whether a text in an object names another: as it is, or before a dash, as a pod's name does that of
/// its workload.
fn speaks_of(value: &Value, name: &str) -> bool {
    match value {
        Value::String(text) => text.contains(name),
        Value::Array(items) => items.iter().any(|item| speaks_of(item, name)),
        Value::Object(fields) => fields.values().any(|field| speaks_of(field, name)),
        _ => false,
    }
}

/// How long the init containers took that pods of a phase have and none had before.
fn added_wait(witness: &Witness, mark: PhaseMark) -> Millis {
    let began = |pod: &Value| {
        let first = witness.versions(uid(pod)).next();
        first.is_some_and(|first| resource_version(first) > mark.resource_version)
    };
    let pods = objects_in(witness.records()).filter(|object| object["kind"] == "Pod");
    let known: BTreeSet<&str> = pods
        .filter(|pod| !began(pod))
        .filter_map(|pod| pod["spec"]["initContainers"].as_array())
        .flatten()
        .filter_map(|init| text_at(init, "/name"))
        .collect();
    let waits = witness.live("Pod").filter(|pod| began(pod)).map(|pod| {
        let inits = pod["status"]["initContainerStatuses"].as_array();
        let inits = inits.into_iter().flatten();
        let added =
            inits.filter(|init| text_at(init, "/name").is_some_and(|one| !known.contains(one)));
        added.filter_map(took).sum()
    });
    waits.max().unwrap_or_default()
}

/// How long a container ran that has ended, to the second.
fn took(status: &Value) -> Option<Millis> {
    let moment = |field: &str| {
        let moment = status.pointer(&format!("/state/terminated/{field}"))?;
        moment.as_str()?.parse::<Timestamp>().ok()
    };
    let ran = moment("finishedAt")?.duration_since(moment("startedAt")?);
    Millis::try_from(ran.as_millis()).ok()
}
