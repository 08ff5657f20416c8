//! What a goal lacks of an earlier one: taking away is no cure.
//!
//! What the steps stored tells of deletion and of smaller numbers at once. What an object came to do
//! shows only when the goal is met: then what was stored before is compared with what stands now.

use std::collections::{BTreeMap, BTreeSet};

use cronexpr::{FallbackTimezoneOption, ParseOptions, parse_crontab_with};
use jiff::{Timestamp, ToSpan};
use serde_json::Value;

use super::Goal;
use super::goal::{Declared, is_same};
use crate::kubernetes::kinds::Trait;
use crate::kubernetes::{number_at, resource_version, text_at};
use crate::readiness::{Readiness, ready};
use crate::witness::{AppliedObject, ObjectKey, Witness, objects_in};

impl Goal {
    /// What this goal lacks of an earlier one, other than declared, by what the steps stored: a
    /// workload, a claim or what was not Ready was deleted, one was suspended or made smaller, or what
    /// was refused was given up.
    #[must_use]
    pub fn taken_away_from(&self, earlier: &Self, witness: &Witness) -> Option<String> {
        let mut before = earlier.objects.values();
        let mut refused = earlier.refused.keys();
        before
            .find_map(|before| self.taken_away(before, witness))
            .or_else(|| refused.find_map(|key| self.given_up(key)))
    }

    /// What this goal, which is met, does less than an earlier one, other than declared, whatever was
    /// changed for that: the object, a node, or what runs in a pod.
    #[must_use]
    pub fn less_than(&self, earlier: &Self, witness: &Witness) -> Option<String> {
        let kept = earlier.objects.values().filter_map(|before| {
            let now = self.objects.get(&before.key)?;
            Some((before, now, self.declared_of(&before.key)))
        });
        let mut undeclared = kept.filter(|(.., declared)| *declared != Some(Declared::Less));
        undeclared.find_map(|(before, now, declared)| {
            let is_counted = matches!(declared, Some(Declared::Replicas(_)));
            let fewer = || fewer_replicas(witness, before, now).filter(|_| !is_counted);
            let how = does_less(witness, before, now).or_else(fewer)?;
            Some(format!("{} {how}", before.key))
        })
    }

    fn taken_away(&self, before: &AppliedObject, witness: &Witness) -> Option<String> {
        let key = &before.key;
        let declared = self.declared_of(key);
        if declared == Some(Declared::Absent) {
            return None;
        }
        let Some(now) = self.objects.get(key) else {
            return is_missed(before, witness).then(|| format!("{key} was deleted"));
        };
        if now.suspended == Some(true)
            && before.suspended != Some(true)
            && declared != Some(Declared::Suspended)
        {
            return Some(format!("{key} was suspended"));
        }
        let is_less = declared == Some(Declared::Less);
        if now.parallelism == Some(0) && before.parallelism != Some(0) && !is_less {
            return Some(format!("{key} was given a parallelism of 0"));
        }
        let replicas = now.replicas?;
        if let Some(Declared::Replicas(meant)) = declared {
            let fewer = format!("{key} was scaled to {replicas}, and {meant} is declared");
            return (replicas < meant).then_some(fewer);
        }
        let earlier = before.replicas?;
        (replicas < earlier).then(|| format!("{key} was scaled from {earlier} to {replicas}"))
    }

    /// What was refused and is neither awaited any more nor there.
    fn given_up(&self, key: &ObjectKey) -> Option<String> {
        let stored = self.objects.keys().chain(self.refused.keys());
        let mut known = stored.chain(&self.accepted);
        let is_kept = known.any(|other| is_same(other, key))
            || self.declared_of(key) == Some(Declared::Absent);
        (!is_kept).then(|| format!("{key} was refused, and nothing applied it since"))
    }
}

/// A failure ends with its workload or its data, or with what was not Ready itself; it does not with a
/// policy or a webhook, whose deletion may well be the cure.
fn is_missed(object: &AppliedObject, witness: &Witness) -> bool {
    let is_deleted = |version: &&Value| version["metadata"]["deletionTimestamp"].is_string();
    let mut versions = witness.versions(&object.uid).rev();
    object.replicas.is_some()
        || object.key.is(Trait::Subject)
        || versions
            .find(|version| !is_deleted(version))
            .is_some_and(|last| ready(last) != Readiness::Holds)
}

/// What an object does less than before, in words that follow its name.
fn does_less(witness: &Witness, before: &AppliedObject, now: &AppliedObject) -> Option<String> {
    let was = stored(witness, before)?;
    let is = witness.get(&now.key)?;
    fewer_completions(was, is)
        .or_else(|| fewer_containers(was, is))
        .or_else(|| held_back(was, is))
        .or_else(|| runs_more_seldom(was, is))
        .or_else(|| ended(was, is))
        .or_else(|| fewer_nodes(witness, before, now))
}

/// What no step scaled somebody else may have: an autoscaler, or whatever the remedy brought.
fn fewer_replicas(
    witness: &Witness,
    before: &AppliedObject,
    now: &AppliedObject,
) -> Option<String> {
    let remedy = witness.phase()?.resource_version;
    let mut versions = witness.versions(&before.uid).rev();
    let was = versions.find(|version| resource_version(version) <= remedy)?;
    let [was, is] = [was, witness.get(&now.key)?].map(|one| number_at(one, "/spec/replicas"));
    let (was, is) = (was?, is?);
    (is < was).then(|| format!("was scaled from {was} to {is}"))
}

/// The object as the API server stored it, or the first that was seen after.
fn stored<'a>(witness: &'a Witness, applied: &AppliedObject) -> Option<&'a Value> {
    witness
        .versions(&applied.uid)
        .find(|version| resource_version(version) >= applied.resource_version)
}

/// The spec of a Job, or of those that a `CronJob` makes.
fn job(object: &Value) -> Option<&Value> {
    match text_at(object, "/kind")? {
        "Job" => object.get("spec"),
        "CronJob" => object.pointer("/spec/jobTemplate/spec"),
        _ => None,
    }
}

fn fewer_completions(was: &Value, is: &Value) -> Option<String> {
    let [was, is] = [job(was)?, job(is)?];
    let suspended = |job: &Value| job["suspend"] == true;
    if suspended(is) && !suspended(was) {
        return Some("makes Jobs that are suspended".to_owned());
    }
    let number = |job: &Value, field: &str| job[field].as_u64();
    for field in ["completions", "parallelism"] {
        if number(is, field) == Some(0) && number(was, field) != Some(0) {
            return Some(format!("was given 0 {field}: no pod of it need run"));
        }
    }
    // Without a number one success completes it.
    let [before, now] = [was, is].map(|job| number(job, "completions").unwrap_or(1));
    (now < before).then(|| format!("needs {now} completions, and needed {before} before"))
}

/// The pod, or the template of a workload's pods.
fn pod_spec(object: &Value) -> Option<&Value> {
    let template = match text_at(object, "/kind")? {
        "Pod" => "/spec",
        "CronJob" => "/spec/jobTemplate/spec/template/spec",
        _ => "/spec/template/spec",
    };
    object.pointer(template)
}

/// The containers of a pod, init containers among them: names and images.
fn containers(object: &Value) -> BTreeMap<&str, &str> {
    let lists = ["initContainers", "containers"];
    let lists = lists.map(|list| pod_spec(object).and_then(|spec| spec[list].as_array()));
    let all = lists.into_iter().flatten().flatten();
    all.filter_map(|one| Some((text_at(one, "/name")?, text_at(one, "/image")?)))
        .collect()
}

/// A container has gone where there is none of its name, nor another with its image.
fn fewer_containers(was: &Value, is: &Value) -> Option<String> {
    let (was, is) = (containers(was), containers(is));
    let is_new = |name: &&str| !was.contains_key(name);
    let renamed: BTreeSet<&str> = is
        .iter()
        .filter(|(name, _)| is_new(name))
        .map(|(_, image)| *image)
        .collect();
    let mut gone = was
        .iter()
        .filter(|(name, image)| !is.contains_key(*name) && !renamed.contains(*image));
    gone.next()
        .map(|(name, _)| format!("has no container {name} any more"))
}

/// A rollout that stops half way keeps the pods of an older template.
fn held_back(was: &Value, is: &Value) -> Option<String> {
    if is["spec"]["paused"] == true && was["spec"]["paused"] != true {
        return Some("was paused, so that its template is not rolled out".to_owned());
    }
    let partition = |set: &Value| {
        number_at(set, "/spec/updateStrategy/rollingUpdate/partition").unwrap_or_default()
    };
    let is_half_way = is["status"]["currentRevision"] != is["status"]["updateRevision"];
    let (before, now) = (partition(was), partition(is));
    (now > before && is_half_way).then(|| {
        format!("keeps pods of an older template, by a partition of {now}; it was {before} before")
    })
}

/// More runs a year than these are often enough.
const OFTEN: usize = 1_000;

fn runs_more_seldom(was: &Value, is: &Value) -> Option<String> {
    let schedule = |object: &Value| {
        let is_one = text_at(object, "/kind") == Some("CronJob");
        let schedule = text_at(object, "/spec/schedule").filter(|_| is_one);
        schedule.map(str::to_owned)
    };
    let (before, now) = (schedule(was)?, schedule(is)?);
    if before == now {
        return None;
    }
    let start = text_at(was, "/metadata/creationTimestamp")?.parse().ok()?;
    let (often, seldom) = (runs(&before, start)?, runs(&now, start)?);
    (seldom < often).then(|| match seldom {
        0 => format!("runs at {now:?}, which does not come within a year"),
        _ => format!("runs at {now:?}, {seldom} times a year; it ran at {before:?} before"),
    })
}

/// How often a schedule comes within a year, as far as [`OFTEN`]; none where it cannot be read.
fn runs(schedule: &str, start: Timestamp) -> Option<usize> {
    // As the CronJob's controller reads them (`robfig/cron`).
    let schedule = match schedule.trim() {
        "@yearly" | "@annually" => "0 0 1 1 *",
        "@monthly" => "0 0 1 * *",
        "@weekly" => "0 0 * * 0",
        "@daily" | "@midnight" => "0 0 * * *",
        "@hourly" => "0 * * * *",
        other if other.starts_with("@every") => return Some(OFTEN),
        other => other,
    };
    let mut options = ParseOptions::default();
    options.fallback_timezone_option = FallbackTimezoneOption::UTC;
    let schedule = parse_crontab_with(schedule, options).ok()?;
    let end = start.checked_add((365 * 24).hours()).ok()?;
    let times = schedule.iter_after(start).ok()?;
    let times = times.take(OFTEN).map_while(Result::ok);
    Some(times.take_while(|time| time.timestamp() <= end).count())
}

/// A pod that was to run for good has ended.
fn ended(was: &Value, is: &Value) -> Option<String> {
    if text_at(is, "/kind") != Some("Pod") || text_at(is, "/status/phase") != Some("Succeeded") {
        return None;
    }
    let spec = &was["spec"];
    let mut containers = spec["containers"].as_array().into_iter().flatten();
    let restarts = text_at(spec, "/restartPolicy").is_none_or(|policy| policy == "Always");
    let was_to_run = restarts || containers.any(|one| one.get("readinessProbe").is_some());
    was_to_run.then(|| "has ended, and was to run for good".to_owned())
}

fn fewer_nodes(witness: &Witness, before: &AppliedObject, now: &AppliedObject) -> Option<String> {
    if now.key.kind != "DaemonSet" {
        return None;
    }
    // Also where nothing of it is changed: a taint or a label of a node drives its pods away.
    let remedy = witness.phase()?.resource_version;
    let was_on = objects_in(witness.records())
        .filter(|pod| is_pod_of(pod, &before.uid) && resource_version(pod) <= remedy)
        .filter_map(node_of);
    let is_on: BTreeSet<&str> = witness
        .live("Pod")
        .filter(|pod| is_pod_of(pod, &now.uid))
        .filter_map(node_of)
        .collect();
    let mut left = was_on.filter(|node| !is_on.contains(node));
    if let Some(node) = left.next() {
        return Some(format!("does not run on node {node} any more"));
    }
    // Of pods that were refused only the number is known.
    let chosen = |set: &Value| number_at(set, "/status/desiredNumberScheduled").unwrap_or_default();
    let most = witness
        .versions(&before.uid)
        .filter(|version| resource_version(version) <= remedy)
        .map(chosen)
        .max()?;
    let is = chosen(witness.get(&now.key)?);
    (is < most).then(|| format!("runs on {is} nodes, and was to run on {most} before"))
}

fn is_pod_of(pod: &Value, owner: &str) -> bool {
    let owners = pod["metadata"]["ownerReferences"].as_array();
    let mut owners = owners.into_iter().flatten();
    pod["kind"] == "Pod" && owners.any(|known| text_at(known, "/uid") == Some(owner))
}

/// The node of a DaemonSet's pod: that on which it runs, or for which it was made.
fn node_of(pod: &Value) -> Option<&str> {
    const MADE_FOR: &str = "/spec/affinity/nodeAffinity/\
                            requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms/0/\
                            matchFields/0/values/0";
    text_at(pod, "/spec/nodeName").or_else(|| text_at(pod, MADE_FOR))
}
