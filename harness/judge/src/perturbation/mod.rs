//! What is done to a remedied workload, and what shows that it took effect.
//!
//! A workload that was never disturbed has survived nothing, so each perturbation is proved before
//! recovery is judged: pods and containers by the cluster's own account, nodes by the hands that
//! disturb them.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::kubernetes::kinds::Trait::{KeepsPods, RollsOut};
use crate::kubernetes::{text_at, uid};
use crate::scenario::{ObjectName, Perturbation, Stress};
use crate::steady_state::Goal;
use crate::witness::{ObjectKey, Witness, placed};
use crate::workload::{is_kept_back, newest_pods, statuses};

/// A perturbation that is due, or the claim's reason why it does not apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Which.
    pub perturbation: Perturbation,
    /// Why it says nothing about the claim.
    pub not_applicable: Option<String>,
}

/// A pod that is perturbed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its uid.
    pub uid: String,
    /// The name of its node; empty while it has none.
    pub node: String,
    /// Its containers that run.
    pub containers: Vec<Running>,
}

impl Target {
    fn placed(&self) -> String {
        placed(&self.name, &self.namespace)
    }
}

/// A container that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// Its name.
    pub name: String,
    /// Its id at the container runtime, without the runtime's name.
    pub id: String,
    /// How often it was restarted.
    pub restarts: u64,
}

/// What is done, in order: what the claim names, else everything that its kinds suggest; with
/// `thorough` everything that can be done to these kinds.
#[must_use]
pub fn plan(stress: &Stress, goal: &Goal, thorough: bool) -> Vec<Planned> {
    let named = stress
        .perturbations
        .as_ref()
        .map(|named| named.iter().map(|one| one.value).collect::<Vec<_>>());
    let chosen = named.unwrap_or_else(|| {
        let all = Perturbation::ALL.into_iter();
        all.filter(|one| fits(*one, goal) && (thorough || is_suggested(*one)))
            .collect()
    });
    chosen
        .into_iter()
        .map(|perturbation| Planned {
            perturbation,
            not_applicable: stress
                .not_applicable
                .iter()
                .find(|one| one.perturbation.value == perturbation)
                .map(|one| one.reason.clone()),
        })
        .collect()
}

fn fits(perturbation: Perturbation, goal: &Goal) -> bool {
    let any = |what| goal.present().any(|key| key.is(what));
    match perturbation {
        Perturbation::DeletePods => any(KeepsPods),
        Perturbation::RestartRollout => any(RollsOut),
        Perturbation::KillContainer => any(KeepsPods) || goal.present().any(ObjectKey::is_pod),
        _ => true,
    }
}

/// Whether it is done to pods, so that there must be some.
#[must_use]
pub const fn is_about_pods(perturbation: Perturbation) -> bool {
    matches!(
        perturbation,
        Perturbation::DeletePods | Perturbation::RestartRollout | Perturbation::KillContainer
    )
}

/// Whether it leaves pods alone that no controller replaces.
const fn is_for_controllers(perturbation: Perturbation) -> bool {
    matches!(
        perturbation,
        Perturbation::DeletePods | Perturbation::RestartRollout
    )
}

/// Pods come and go every day, and a kubelet restarts with each upgrade. What befalls a whole node is
/// rare and takes its time: 54 s for a restart beside seven other clusters on two cores, a third of
/// what the whole set of experiments spent on perturbing.
const fn is_suggested(perturbation: Perturbation) -> bool {
    matches!(
        perturbation,
        Perturbation::DeletePods
            | Perturbation::RestartRollout
            | Perturbation::KillContainer
            | Perturbation::RestartKubelet
    )
}

/// The workloads of a goal whose rollout can be restarted, and then replaces their pods.
pub fn rollouts(witness: &Witness, goal: &Goal) -> impl Iterator<Item = ObjectName> {
    goal.present()
        .filter(|key| key.is(RollsOut))
        .filter(|key| witness.get(key).is_none_or(is_rolled_out))
        .map(|key| ObjectName::of(&key.kind, &key.namespace, &key.name))
}

/// Whether a new template replaces the workload's pods by itself.
fn is_rolled_out(workload: &Value) -> bool {
    text_at(workload, "/spec/updateStrategy/type") != Some("OnDelete")
        && workload["spec"]["paused"] != true
}

/// Whether a new template replaces this pod of the workload by itself.
fn is_replaced(workload: &Value, pod: &Value) -> bool {
    is_rolled_out(workload) && !is_kept_back(workload, pod)
}

/// The pods that a perturbation is about, as they stand.
#[must_use]
pub fn targets(witness: &Witness, goal: &Goal, perturbation: Perturbation) -> Vec<Target> {
    if perturbation == Perturbation::RestartControlPlane {
        return witness
            .live("Pod")
            .filter(|pod| keeps_the_state(pod))
            .map(target)
            .collect();
    }
    goal.present()
        .filter_map(|key| witness.get(key).map(|object| (key, object)))
        .flat_map(|(key, object)| {
            if key.is(KeepsPods) {
                let mut pods = newest_pods(witness, object);
                if perturbation == Perturbation::RestartRollout {
                    pods.retain(|pod| key.is(RollsOut) && is_replaced(object, pod));
                }
                pods
            } else if key.is_pod() && !is_for_controllers(perturbation) {
                vec![object]
            } else {
                Vec::new()
            }
        })
        .map(target)
        .collect()
}

/// Why a perturbation concerns nothing of what is remedied, if it does: the rollout of no workload
/// replaces its pods.
#[must_use]
pub fn concerns_nothing(
    witness: &Witness,
    goal: &Goal,
    perturbation: Perturbation,
) -> Option<&'static str> {
    match perturbation {
        Perturbation::RestartRollout if rollouts(witness, goal).next().is_none() => {
            Some("no workload here is rolled out by its controller")
        }
        _ => None,
    }
}

/// The nodes that run these pods, each once.
#[must_use]
pub fn nodes(targets: &[Target]) -> BTreeSet<&str> {
    let nodes = targets.iter().map(|target| target.node.as_str());
    nodes.filter(|node| !node.is_empty()).collect()
}

/// etcd and the API server, as kubeadm labels them.
fn keeps_the_state(pod: &Value) -> bool {
    text_at(pod, "/metadata/namespace") == Some("kube-system")
        && matches!(
            text_at(pod, "/metadata/labels/component"),
            Some("etcd" | "kube-apiserver")
        )
}

fn target(pod: &Value) -> Target {
    let text = |pointer| text_at(pod, pointer).unwrap_or_default().to_owned();
    Target {
        namespace: text("/metadata/namespace"),
        name: text("/metadata/name"),
        uid: uid(pod).to_owned(),
        node: text("/spec/nodeName"),
        containers: statuses(pod)
            .filter(|status| status.pointer("/state/running").is_some())
            .map(running)
            .collect(),
    }
}

fn running(status: &Value) -> Running {
    let id = text_at(status, "/containerID").unwrap_or_default();
    Running {
        name: text_at(status, "/name").unwrap_or_default().to_owned(),
        id: id.split_once("://").map_or(id, |parts| parts.1).to_owned(),
        restarts: restarts(status),
    }
}

fn restarts(status: &Value) -> u64 {
    status["restartCount"].as_u64().unwrap_or_default()
}

/// What shows that a perturbation reached its targets; nothing to be shown where it has none.
///
/// # Errors
/// What is seen instead.
pub fn effect(
    witness: &Witness,
    targets: &[Target],
    perturbation: Perturbation,
) -> Result<String, String> {
    let seen: Vec<String> = match perturbation {
        Perturbation::DeletePods | Perturbation::RestartRollout => targets
            .iter()
            .map(|target| gone(witness, target))
            .collect::<Result<_, _>>()?,
        Perturbation::KillContainer
        | Perturbation::RestartNode
        | Perturbation::RestartControlPlane => targets
            .iter()
            .flat_map(|target| target.containers.iter().map(move |one| (target, one)))
            .map(|(target, container)| restarted(witness, target, container))
            .collect::<Result<_, _>>()?,
        Perturbation::RestartKubelet | Perturbation::PauseNode | Perturbation::CutNetwork => {
            Vec::new()
        }
    };
    Ok(seen.join(", "))
}

fn standing<'a>(witness: &'a Witness, target: &Target) -> Option<&'a Value> {
    let key = ObjectKey::named("Pod", &target.namespace, &target.name);
    witness.get(&key).filter(|pod| uid(pod) == target.uid)
}

fn gone(witness: &Witness, target: &Target) -> Result<String, String> {
    match standing(witness, target) {
        Some(_) => Err(format!("pod {} is still there", target.placed())),
        None => Ok(format!("pod {} is gone", target.placed())),
    }
}

fn restarted(witness: &Witness, target: &Target, container: &Running) -> Result<String, String> {
    let Some(pod) = standing(witness, target) else {
        return gone(witness, target);
    };
    let now = statuses(pod)
        .find(|status| text_at(status, "/name") == Some(&container.name))
        .map_or(0, restarts);
    let words = format!("pod {} container {}", target.placed(), container.name);
    if now > container.restarts {
        Ok(format!("{words} restarted"))
    } else {
        Err(format!("{words} runs on, with {now} restarts"))
    }
}

#[cfg(test)]
mod tests;
