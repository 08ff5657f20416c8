//! Readiness that means something: a probe, a check, or a question of `ready`.

mod tests;

use std::collections::BTreeMap;

use serde_json::Value;

use super::relations::{Objects, Relations};
use crate::input::YamlNode;
use crate::input::diagnostic::Mistakes;
use crate::manifest::{ManifestFile, ManifestObject, pod_template};
use crate::remedy::applied_state::{Applied, AppliedState, ObjectId};
use crate::scenario::version_filter::Versioned;
use crate::scenario::{Duration, Scenario};

/// Kinds whose pods go on, so that Ready without a probe says only that they have not ended yet.
const GO_ON: &[&str] = &[
    "DaemonSet",
    "Deployment",
    "Pod",
    "ReplicaSet",
    "ReplicationController",
    "StatefulSet",
];

/// Finds remedies after which Ready would say no more than that a process has not failed yet, and holds
/// that end before a probe tells anything.
pub(crate) fn walk(
    scenario: &Scenario,
    manifests: &BTreeMap<String, ManifestFile>,
    root: &YamlNode,
    mistakes: &mut Mistakes<'_>,
) {
    let before = AppliedState::broken(scenario, manifests);
    let mut after = before.clone();
    after.perform(&scenario.remedy.steps, manifests);
    let is_asked = |minor: &&str| {
        scenario.checks.iter().any(|check| check.is_on(minor))
            || scenario.ready.iter().any(|clause| clause.is_on(minor))
    };
    let at = root.key("remedy");
    if !scenario.minors().iter().all(is_asked) {
        let relations = Relations::of(manifests);
        let about = relations.about(scenario, manifests);
        let is_about = |applied: &&Applied<'_>| {
            let this = Objects::These([ObjectId::of(applied.object)].into());
            relations.meet(&this, &about)
        };
        let mut goal = after.objects().filter(is_about).peekable();
        let says_nothing = |applied: &Applied<'_>| {
            GO_ON.contains(&applied.object.kind.as_str()) && !is_probed(&applied.object.value)
        };
        let is_workload = |applied: &&Applied<'_>| pod_template(&applied.object.value).is_some();
        let workloads: Vec<&Applied<'_>> = goal.by_ref().filter(is_workload).collect();
        if !workloads.is_empty() && workloads.iter().all(|applied| says_nothing(applied)) {
            mistakes.warn(
                root.key_position("remedy"),
                "after the remedy Ready says only that no process has failed yet: there is neither a \
                 readiness probe nor a check",
                "add `checks` with what a user sees, or a readiness probe to the manifests".to_owned(),
            );
        } else if let Some((object, container)) = probe_taken_away(&before, &after) {
            mistakes.warn(
                at.key("steps").position(),
                format!("the remedy takes the readiness probe of container `{container}` of {object} away"),
                "Ready says less than before: keep the probe, or add `checks` with what a user sees"
                    .to_owned(),
            );
        }
    }
    longest_probe(scenario, &after, at, mistakes);
    slowest_schedule(scenario, manifests, root, mistakes);
}

/// A failure of what a `CronJob` makes recurs once a minute at most.
fn slowest_schedule(
    scenario: &Scenario,
    manifests: &BTreeMap<String, ManifestFile>,
    root: &YamlNode,
    mistakes: &mut Mistakes<'_>,
) {
    const PERIOD: Duration = Duration::from_millis(60_000);
    let Objects::These(spoken) = Relations::of(manifests).spoken_of(&scenario.signature) else {
        return;
    };
    let Some(job) = spoken.iter().find(|one| one.kind == "CronJob") else {
        return;
    };
    let holds = [
        ("control", scenario.control.hold),
        ("remedy", scenario.remedy.hold),
    ];
    for (phase, hold) in holds {
        if hold < PERIOD {
            mistakes.warn(
                root.key(phase).key("hold").position(),
                format!("{job} begins a run once a minute at most, and `hold` is {hold}"),
                format!("hold at least {PERIOD}, so that one more run is seen"),
            );
        }
    }
}

fn containers(object: &Value) -> impl Iterator<Item = &Value> {
    let containers = pod_template(object).and_then(|template| template.pointer("/spec/containers"));
    containers.and_then(Value::as_array).into_iter().flatten()
}

fn is_probed(object: &Value) -> bool {
    containers(object).any(|container| container.get("readinessProbe").is_some())
}

/// A container that has a probe before and is there without one afterwards.
fn probe_taken_away<'a>(
    before: &AppliedState<'a>,
    after: &AppliedState<'a>,
) -> Option<(&'a ManifestObject, &'a str)> {
    let name = |container: &Value| {
        container
            .get("name")
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    after.objects().find_map(|now| {
        let identity = ObjectId::of(now.object);
        let earlier = before
            .objects()
            .find(|one| ObjectId::of(one.object) == identity)?;
        let probed: Vec<_> = containers(&earlier.object.value)
            .filter(|container| container.get("readinessProbe").is_some())
            .filter_map(name)
            .collect();
        let bare = containers(&now.object.value).find(|container| {
            container.get("readinessProbe").is_none()
                && name(container).is_some_and(|name| probed.contains(&name))
        })?;
        Some((now.object, bare.get("name")?.as_str()?))
    })
}

/// Ready must last longer than the kubelet needs to take it away.
fn longest_probe(
    scenario: &Scenario,
    after: &AppliedState<'_>,
    at: &YamlNode,
    mistakes: &mut Mistakes<'_>,
) {
    let slowest = after
        .objects()
        .flat_map(|applied| containers(&applied.object.value).map(move |one| (applied.object, one)))
        .filter_map(|(object, container)| {
            let probe = container.get("readinessProbe")?;
            let number =
                |key: &str, default| probe.get(key).and_then(Value::as_u64).unwrap_or(default);
            let takes = number("periodSeconds", 10).saturating_mul(number("failureThreshold", 3));
            Some((takes.saturating_mul(1_000), object, container))
        })
        .max_by_key(|(takes, ..)| *takes);
    let hold = scenario.remedy.hold;
    if let Some((takes, object, container)) = slowest
        && takes > hold.as_millis()
    {
        let name = container
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or_default();
        mistakes.warn(
            at.key("hold").position(),
            format!(
                "{object} stays Ready for {} after its container `{name}` has failed, and `hold` is {hold}",
                Duration::from_millis(takes)
            ),
            "hold longer, or let the readiness probe be asked more often (`periodSeconds`, \
             `failureThreshold`)"
                .to_owned(),
        );
    }
}
