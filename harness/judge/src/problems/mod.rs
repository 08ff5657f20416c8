//! What is wrong in a cluster just now, in words: the "seen instead" of a verdict.

mod nearest_object;

use serde_json::Value;

pub use nearest_object::nearest;

use crate::kubernetes::{SYSTEM_NAMESPACES, resource_version, text_at, uid};
use crate::readiness::{Readiness, ready};
use crate::scenario::{Clause, NODE_LABEL, Perturbation, Scenario, Step};
use crate::witness::{PhaseMark, Refusal, Witness, placed};
use crate::workload::{has_newest_template, select, statuses};

/// Everything that ails now: refused objects, pods of the newest templates that cannot start or
/// crash, claims that are not bound. Empty when nothing does.
#[must_use]
pub fn symptoms(witness: &Witness) -> Vec<String> {
    let refusals = witness
        .phase()
        .into_iter()
        .flat_map(|mark| witness.steps_since(mark))
        .flat_map(|step| &step.refusals)
        .map(Refusal::brief);
    let pods = witness
        .live("Pod")
        .filter(|pod| is_the_claims(pod) && has_newest_template(witness, pod))
        .flat_map(|pod| ailments_of_pod(witness, pod));
    let claims = witness
        .live("PersistentVolumeClaim")
        .filter(|claim| text_at(claim, "/status/phase") != Some("Bound"))
        .map(|claim| {
            format!(
                "claim {} is {}{}",
                name(claim),
                text_at(claim, "/status/phase").unwrap_or("without a phase"),
                last_event(witness, claim)
            )
        });
    let creators = witness
        .live("ReplicaSet")
        .filter(|set| is_the_claims(set))
        .filter_map(|set| {
            crate::readiness::condition_of(set, "ReplicaFailure")
                .filter(|failure| text_at(failure, "/status") == Some("True"))
                .and_then(|failure| text_at(failure, "/message"))
                .map(ToOwned::to_owned)
        });
    refusals.chain(pods).chain(claims).chain(creators).collect()
}

/// The words of a pull in this phase that never reached a registry, if a pod of the newest
/// template still waits for it; a pull that failed once and was made good says nothing.
#[must_use]
pub fn unreachable_registry(witness: &Witness, mark: PhaseMark) -> Option<String> {
    witness
        .live("Event")
        .filter(|event| resource_version(event) > mark.resource_version)
        .filter(|event| {
            text_at(event, "/involvedObject/uid").is_some_and(|pod| awaits_image(witness, pod))
        })
        .filter_map(|event| text_at(event, "/message"))
        .find(|message| {
            message.starts_with("Failed to pull image") && message.contains("failed to do request")
        })
        .map(ToOwned::to_owned)
}

/// A node that is not Ready, in words, unless the signature speaks of nodes, or a step stops this one.
#[must_use]
pub fn failed_node(witness: &Witness, claim: &Scenario) -> Option<String> {
    let mut clauses = claim.chain().flat_map(|failure| failure.signature);
    let speaks_of_nodes = clauses.any(|clause| {
        let selector = clause.selector();
        selector.is_some_and(|of| of.kind.value == "Node")
    });
    if speaks_of_nodes {
        return None;
    }
    let is_stopped = |node: &&Value| {
        let known_as = node["metadata"]["labels"][NODE_LABEL].as_str();
        claim.steps().any(|step| {
            matches!(step, Step::StopNode(stopped) if Some(stopped.value.as_str()) == known_as)
        })
    };
    let mut nodes = witness.live("Node").filter(|node| !is_stopped(node));
    nodes.find_map(|node| match ready(node) {
        Readiness::Holds => None,
        Readiness::NotYet(why) | Readiness::Never(why) => {
            Some(format!("node {}: {why}", name(node)))
        }
    })
}

/// That the control plane did not answer its own probes in this phase, in the kubelet's words, unless
/// relapse perturbed it: a machine that is too slow for it says nothing about a claim.
#[must_use]
pub fn starved_control_plane(witness: &Witness) -> Option<String> {
    const PARTS: [&str; 4] = [
        "kube-apiserver-",
        "etcd-",
        "kube-controller-manager-",
        "kube-scheduler-",
    ];
    let mark = witness.phase()?;
    let perturbed = witness.perturbations_since(mark).any(|perturbation| {
        matches!(
            perturbation,
            Perturbation::CutNetwork
                | Perturbation::PauseNode
                | Perturbation::RestartControlPlane
                | Perturbation::RestartNode
        )
    });
    if perturbed {
        return None;
    }
    let mut probes = witness.live("Event").filter(|event| {
        resource_version(event) > mark.resource_version
            && text_at(event, "/reason") == Some("Unhealthy")
            && text_at(event, "/involvedObject/namespace") == Some("kube-system")
    });
    probes.find_map(|event| {
        let pod = text_at(event, "/involvedObject/name")?;
        let part = PARTS.iter().find(|part| pod.starts_with(**part))?;
        let part = part.trim_end_matches('-');
        let message = text_at(event, "/message").unwrap_or_default();
        Some(format!("{part} did not answer in time: {message}"))
    })
}

fn awaits_image(witness: &Witness, pod_uid: &str) -> bool {
    witness
        .live("Pod")
        .filter(|pod| uid(pod) == pod_uid && has_newest_template(witness, pod))
        .flat_map(statuses)
        .filter_map(|status| text_at(status, "/state/waiting/reason"))
        .any(|reason| matches!(reason, "ErrImagePull" | "ImagePullBackOff"))
}

fn is_the_claims(object: &Value) -> bool {
    let namespace = text_at(object, "/metadata/namespace").unwrap_or_default();
    !SYSTEM_NAMESPACES.contains(&namespace)
}

fn name(object: &Value) -> String {
    let text = |pointer| text_at(object, pointer).unwrap_or_default();
    placed(text("/metadata/name"), text("/metadata/namespace"))
}

fn ailments_of_pod(witness: &Witness, pod: &Value) -> Vec<String> {
    let unscheduled = crate::readiness::condition_of(pod, "PodScheduled")
        .filter(|condition| text_at(condition, "/status") == Some("False"))
        .map(|condition| {
            format!(
                "pod {} is not scheduled: {}",
                name(pod),
                text_at(condition, "/message").unwrap_or_default()
            )
        });
    let containers = statuses(pod).filter_map(|status| ailment_of_container(witness, pod, status));
    unscheduled.into_iter().chain(containers).collect()
}

fn ailment_of_container(witness: &Witness, pod: &Value, status: &Value) -> Option<String> {
    let container = name_of_container(status);
    let subject = format!("pod {} container {container}", name(pod));
    let waiting = text_at(status, "/state/waiting/reason");
    match waiting {
        None | Some("CrashLoopBackOff") => {}
        // The status does not tell what keeps it from starting: a volume, a sandbox.
        Some(reason @ ("ContainerCreating" | "PodInitializing")) => {
            return newest_event(witness, pod)
                .filter(|event| text_at(event, "/type") == Some("Warning"))
                .and_then(|event| text_at(event, "/message"))
                .map(|message| format!("{subject}: {reason}: {message}"));
        }
        Some(reason) => {
            let message = text_at(status, "/state/waiting/message").unwrap_or_default();
            return Some(format!("{subject}: {reason}: {message}"));
        }
    }
    if status["ready"] == Value::Bool(true) {
        return None;
    }
    let ended = status
        .pointer("/state/terminated")
        .or_else(|| status.pointer("/lastState/terminated"))
        .filter(|ended| ended["exitCode"] != 0 || waiting.is_some() || is_to_run(pod));
    if let Some(ended) = ended {
        let last_words = last_line(witness, pod, container)
            .map(|line| format!(": {line}"))
            .unwrap_or_default();
        return Some(format!(
            "{subject}: {} with exit code {}, {} restarts{last_words}",
            text_at(ended, "/reason").unwrap_or("ended"),
            ended["exitCode"],
            status["restartCount"]
        ));
    }
    status.pointer("/state/running").map(|_| {
        format!(
            "{subject}: runs and is not ready{}",
            last_event(witness, pod)
        )
    })
}

/// Whether a container of the pod that ended, with whatever code, was to go on.
fn is_to_run(pod: &Value) -> bool {
    text_at(pod, "/spec/restartPolicy").is_none_or(|policy| policy == "Always")
        && text_at(pod, "/status/phase") != Some("Succeeded")
}

/// The containers of the claim's pods that restarted since a phase began, whatever code they ended
/// with: what is Ready just now may be a crash loop.
#[must_use]
pub fn restarts_since(witness: &Witness, mark: PhaseMark) -> Vec<String> {
    let pods = witness.live("Pod").filter(|pod| is_the_claims(pod));
    let restarted = pods.flat_map(|pod| {
        let before = witness
            .versions(uid(pod))
            .take_while(|version| resource_version(version) <= mark.resource_version)
            .last();
        statuses(pod).filter_map(move |status| {
            let container = name_of_container(status);
            let count = |status: &Value| status["restartCount"].as_u64().unwrap_or_default();
            let mut known = before.into_iter().flat_map(statuses);
            let earlier = known
                .find(|known| name_of_container(known) == container)
                .map_or(0, count);
            let times = count(status)
                .checked_sub(earlier)
                .filter(|times| *times > 0)?;
            let code = match status.pointer("/lastState/terminated/exitCode") {
                Some(code) => format!(", last with exit code {code}"),
                None => String::new(),
            };
            let plural = if times == 1 { "" } else { "s" };
            let pod = name(pod);
            Some(format!(
                "pod {pod} container {container}: {times} restart{plural}{code}"
            ))
        })
    });
    restarted.collect()
}

fn name_of_container(status: &Value) -> &str {
    text_at(status, "/name").unwrap_or_default()
}

fn last_line<'a>(witness: &'a Witness, pod: &Value, container: &str) -> Option<&'a str> {
    let lines = witness
        .logs()
        .rev()
        .map(|(_, line)| line)
        .filter(|line| line.pod_uid == uid(pod) && line.container == container)
        .take(40);
    let mut last = None;
    for line in lines {
        if line.line.contains("error") || line.line.contains("panic") {
            return Some(&line.line);
        }
        last.get_or_insert(line.line.as_str());
    }
    last
}

fn newest_event<'a>(witness: &'a Witness, object: &Value) -> Option<&'a Value> {
    witness
        .live("Event")
        .filter(|event| text_at(event, "/involvedObject/uid") == Some(uid(object)))
        .max_by_key(|event| resource_version(event))
}

fn last_event(witness: &Witness, object: &Value) -> String {
    newest_event(witness, object)
        .and_then(|event| text_at(event, "/message"))
        .map(|message| format!(": {message}"))
        .unwrap_or_default()
}

/// A state that a pod begun in this phase cannot leave by itself, if there is one: its image does
/// not exist or its configuration is refused.
#[must_use]
pub fn dead_end(witness: &Witness, mark: PhaseMark) -> Option<String> {
    witness
        .live("Pod")
        .filter(|pod| is_the_claims(pod) && has_newest_template(witness, pod))
        .filter(|pod| began_in(witness, pod, mark))
        .find_map(|pod| {
            let mut stuck = statuses(pod).filter(|status| is_stuck(status));
            stuck.find_map(|status| ailment_of_container(witness, pod, status))
        })
}

/// Why a clause of a signature cannot come to hold any more, if that is known: a container whose log
/// it waits for is in a state, in every pod, that it cannot leave by itself.
#[must_use]
pub fn cannot_come(witness: &Witness, mark: PhaseMark, clause: &Clause) -> Option<String> {
    let Clause::Log(log) = clause else {
        return None;
    };
    let pods = select(witness, &log.of);
    let mut ends = pods.iter().map(|pod| {
        let status = statuses(pod).find(|status| name_of_container(status) == log.container.value);
        let stuck = status.filter(|status| began_in(witness, pod, mark) && is_stuck(status));
        stuck.and_then(|status| ailment_of_container(witness, pod, status))
    });
    let first = ends.next()??;
    ends.all(|end| end.is_some()).then_some(first)
}

fn began_in(witness: &Witness, pod: &Value, mark: PhaseMark) -> bool {
    witness
        .versions(uid(pod))
        .next()
        .is_some_and(|first| resource_version(first) > mark.resource_version)
}

fn is_stuck(status: &Value) -> bool {
    let Some(reason) = text_at(status, "/state/waiting/reason") else {
        return false;
    };
    let message = text_at(status, "/state/waiting/message").unwrap_or_default();
    match reason {
        "InvalidImageName" | "ErrImageNeverPull" => true,
        "CreateContainerConfigError" => {
            message.contains("non-root") || message.contains("runAsNonRoot")
        }
        // The registry's content does not change during an experiment.
        "ImagePullBackOff" => message.contains("not found"),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
