//! What a perturbation causes by itself: its marks, which are not the failure.
//!
//! A pod that was killed has restarted once more and ended with 137; one that was deleted is replaced,
//! and a pod that starts is not Ready. A relapse is what is seen beside that.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::words::describe;
use crate::kubernetes::{number_at, text_at, uid};
use crate::scenario::Clause;
use crate::witness::Witness;
use crate::workload::{fits, selected, statuses};

/// Events that come with every restart.
const OF_A_RESTART: [&str; 4] = [
    "Killing",
    "NodeNotReady",
    "TaintManagerEviction",
    "Unhealthy",
];

/// How pods were when they were perturbed.
#[derive(Debug, Clone)]
pub struct Disturbed {
    /// Restarts by pod uid and container.
    restarts: BTreeMap<(String, String), u64>,
}

impl Disturbed {
    /// What is perturbed from now on.
    #[must_use]
    pub fn from_now(witness: &Witness) -> Self {
        let pods = witness.live("Pod");
        let restarts = pods.flat_map(|pod| {
            statuses(pod).map(|status| {
                let name = text_at(status, "/name").unwrap_or_default().to_owned();
                ((uid(pod).to_owned(), name), restarts(status))
            })
        });
        Self {
            restarts: restarts.collect(),
        }
    }

    /// An object without what the perturbation shows on it.
    pub(super) fn without_marks(&self, object: &Value) -> Value {
        let mut left = object.clone();
        match text_at(object, "/kind").unwrap_or_default() {
            "Pod" => self.clear_pod(&mut left),
            "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet" => clear_workload(&mut left),
            _ => {}
        }
        left
    }

    /// Whether an event comes with every restart of its object.
    pub(super) fn causes(&self, event: &Value, subject: &Value) -> bool {
        match text_at(event, "/reason").unwrap_or_default() {
            "BackOff" => statuses(subject).all(|status| self.more_restarts(subject, status) == 0),
            reason => OF_A_RESTART.contains(&reason),
        }
    }

    /// The one restart of a container that was there is the perturbation's.
    fn more_restarts(&self, pod: &Value, status: &Value) -> u64 {
        let base = self.before(pod, status).map_or(0, |before| before + 1);
        restarts(status).saturating_sub(base)
    }

    fn before(&self, pod: &Value, status: &Value) -> Option<u64> {
        let name = text_at(status, "/name").unwrap_or_default().to_owned();
        self.restarts.get(&(uid(pod).to_owned(), name)).copied()
    }

    fn clear_pod(&self, pod: &mut Value) {
        let seen = pod.clone();
        for field in ["initContainerStatuses", "containerStatuses"] {
            let all = pod["status"][field].as_array_mut();
            for status in all.into_iter().flatten() {
                let more = self.more_restarts(&seen, status);
                let ended = self.before(&seen, status) == Some(restarts(status));
                clear_container(status, more, ended);
            }
        }
        clear_conditions(pod);
        if text_at(pod, "/status/phase") == Some("Pending") {
            remove(&mut pod["status"], "phase");
        }
    }
}

fn clear_container(status: &mut Value, more_restarts: u64, ended: bool) {
    status["restartCount"] = json!(more_restarts);
    if more_restarts == 0 {
        remove(status, "lastState");
    }
    let waits_for = text_at(status, "/state/waiting/reason");
    let starts = match waits_for {
        Some("ContainerCreating" | "PodInitializing") => true,
        Some("CrashLoopBackOff") => more_restarts == 0,
        _ => false,
    };
    if starts {
        remove(&mut status["state"], "waiting");
    }
    if ended {
        remove(&mut status["state"], "terminated");
    }
    for field in ["ready", "started"] {
        if status[field] == Value::Bool(false) {
            remove(status, field);
        }
    }
}

fn clear_conditions(object: &mut Value) {
    const OF_A_START: [&str; 5] = [
        "Available",
        "ContainersReady",
        "Initialized",
        "PodReadyToStartContainers",
        "Ready",
    ];
    if let Some(conditions) = object["status"]["conditions"].as_array_mut() {
        conditions.retain(|one| {
            let kind = text_at(one, "/type").unwrap_or_default();
            !(OF_A_START.contains(&kind) && text_at(one, "/status") == Some("False"))
        });
    }
}

fn clear_workload(workload: &mut Value) {
    clear_conditions(workload);
    let wanted = number_at(workload, "/spec/replicas")
        .or_else(|| number_at(workload, "/status/desiredNumberScheduled"))
        .unwrap_or(1);
    let is_daemon_set = text_at(workload, "/kind") == Some("DaemonSet");
    let status = &mut workload["status"];
    for field in ["unavailableReplicas", "numberUnavailable"] {
        remove(status, field);
    }
    let counts = if is_daemon_set {
        ["numberReady", "numberAvailable"]
    } else {
        ["readyReplicas", "availableReplicas"]
    };
    for field in counts {
        status[field] = json!(wanted);
    }
}

fn remove(value: &mut Value, field: &str) {
    if let Some(fields) = value.as_object_mut() {
        fields.remove(field);
    }
}

fn restarts(status: &Value) -> u64 {
    number_at(status, "/restartCount").unwrap_or_default()
}

/// The clauses of a signature in words, where every one of them holds of what is cured after any restart:
/// under stress nothing could tell the failure.
#[must_use]
pub fn indistinct(witness: &Witness, clauses: &[Clause]) -> Option<String> {
    let holds = |after: fn(&Value) -> Value| {
        let mut all = clauses.iter();
        !clauses.is_empty() && all.all(|clause| is_of_a_restart(witness, clause, after))
    };
    if ![starting, restarted, killed].into_iter().any(holds) {
        return None;
    }
    let named: Vec<String> = clauses.iter().map(describe).collect();
    Some(named.join("; "))
}

fn is_of_a_restart(witness: &Witness, clause: &Clause, after: fn(&Value) -> Value) -> bool {
    match clause {
        Clause::State(state) => selected(witness, &state.of)
            .is_ok_and(|objects| objects.iter().any(|object| fits(state, &after(object)))),
        Clause::Event(event) => {
            let reason = event.reason.value.as_str();
            OF_A_RESTART.contains(&reason) || reason == "BackOff"
        }
        Clause::NoEvent(_) | Clause::NoLog(_) => true,
        Clause::Log(_) | Clause::Refusal(_) | Clause::Http(_) | Clause::Exec(_) => false,
    }
}

/// The object while its pod starts.
fn starting(object: &Value) -> Value {
    let waiting = json!({"waiting": {"reason": "ContainerCreating"}});
    let mut pod = unready(object, |status| {
        status["restartCount"] = json!(0);
        status["state"] = waiting.clone();
        remove(status, "lastState");
    });
    if text_at(object, "/kind") == Some("Pod") {
        pod["status"]["phase"] = json!("Pending");
    }
    pod
}

/// The object when the container of its pod was killed and runs again.
fn restarted(object: &Value) -> Value {
    unready(object, |status| {
        status["restartCount"] = json!(restarts(status) + 1);
        status["lastState"] = json!({"terminated": {"exitCode": 137, "reason": "Error"}});
    })
}

/// The object when the container of its pod was killed, and waits to be started again.
fn killed(object: &Value) -> Value {
    unready(&restarted(object), |status| {
        status["state"] = json!({"waiting": {"reason": "CrashLoopBackOff"}});
    })
}

fn unready(object: &Value, change: impl Fn(&mut Value)) -> Value {
    let mut changed = object.clone();
    match text_at(object, "/kind").unwrap_or_default() {
        "Pod" => {
            let all = changed["status"]["containerStatuses"].as_array_mut();
            for status in all.into_iter().flatten() {
                status["ready"] = json!(false);
                change(status);
            }
            turn_false(&mut changed, &["Ready", "ContainersReady"]);
        }
        "Deployment" | "ReplicaSet" | "StatefulSet" => {
            let wanted = number_at(object, "/spec/replicas").unwrap_or(1);
            for field in ["readyReplicas", "availableReplicas"] {
                remove(&mut changed["status"], field);
            }
            changed["status"]["unavailableReplicas"] = json!(wanted);
            turn_false(&mut changed, &["Available"]);
        }
        _ => {}
    }
    changed
}

fn turn_false(object: &mut Value, conditions: &[&str]) {
    let all = object["status"]["conditions"].as_array_mut();
    for condition in all.into_iter().flatten() {
        if conditions.contains(&text_at(condition, "/type").unwrap_or_default()) {
            condition["status"] = json!("False");
        }
    }
}
