//! Objects that are to go: deleted or evicted. That they are gone is for the watch to show.

use std::time::Duration;

use serde_json::{Value, json};

use super::told::{self, Wanted};
use super::{Kubectl, printed, refusals, refused, target};
use crate::process::{ProcessError, output};
use relapse_judge::kubernetes::{text_at, uid};
use relapse_judge::scenario::{Cascade, Delete, Drain, Evict, NODE_LABEL, ObjectName, Picked};
use relapse_judge::witness::{Leaving, ObjectKey, Refusal, StepOutcome};

impl Kubectl {
    /// Asks for the deletion of objects.
    ///
    /// # Errors
    /// The program could not be run.
    pub async fn delete(&self, delete: &Delete) -> Result<StepOutcome, ProcessError> {
        let found = match self.find(&delete.picked()).await? {
            Ok(found) => found,
            Err(refused) => return Ok(refused),
        };
        let cascade = match delete.cascade {
            Cascade::Background => "background",
            Cascade::Foreground => "foreground",
            Cascade::Orphan => "orphan",
        };
        let mut kubectl = self.command(["delete", "--wait=false", "-o", "name"]);
        kubectl.arg(format!("--cascade={cascade}"));
        if let Some(namespace) = found.first().and_then(namespace) {
            kubectl.args(["--namespace", namespace]);
        }
        kubectl.args(found.iter().map(address));
        let done = output(kubectl, None).await?;
        let wanted: Vec<Wanted> = found.iter().map(Wanted::of_object).collect();
        let accepted = told::accepted(&done, &wanted);
        let mut outcome = StepOutcome {
            refusals: refusals(&done, &wanted, &accepted),
            ..StepOutcome::default()
        };
        outcome.leaving = accepted
            .iter()
            .map(|&place| leaving(&found[place]))
            .collect();
        let keys = outcome.leaving.iter().map(|leaving| leaving.key.clone());
        outcome.deleted = keys.collect();
        Ok(outcome)
    }

    /// Deletes an object that is relapse's own, and waits until it is gone.
    ///
    /// # Errors
    /// The program could not be run.
    pub async fn tidy_up(
        &self,
        object: &ObjectName,
        within: Duration,
    ) -> Result<StepOutcome, ProcessError> {
        let mut kubectl = self.command(["delete", "--wait", "--ignore-not-found"]);
        kubectl
            .arg(format!("--timeout={}s", within.as_secs()))
            .args(target(object));
        let done = output(kubectl, None).await?;
        Ok(if done.success {
            StepOutcome::default()
        } else {
            refused(ObjectKey::from(object), &done)
        })
    }

    /// Asks for the eviction of pods, each by itself.
    ///
    /// # Errors
    /// The program could not be run.
    pub async fn evict(&self, evict: &Evict) -> Result<StepOutcome, ProcessError> {
        let pods = match self.find(&evict.picked()).await? {
            Ok(pods) => pods,
            Err(refused) => return Ok(refused),
        };
        let mut outcome = StepOutcome::default();
        for pod in &pods {
            let key = ObjectKey::of(pod);
            let place = format!(
                "/api/v1/namespaces/{}/pods/{}/eviction",
                key.namespace, key.name
            );
            let eviction = json!({"apiVersion": "policy/v1", "kind": "Eviction",
                "metadata": {"name": key.name, "namespace": key.namespace}});
            let kubectl = self.command(["create", "--raw", &place, "-f", "-"]);
            let done = output(kubectl, Some(&eviction.to_string())).await?;
            if done.success {
                outcome.leaving.push(leaving(pod));
                continue;
            }
            // Names of pods are made up, so that a clause can only name their workload.
            for key in [Some(key), workload_of(pod)].into_iter().flatten() {
                outcome.refusals.append(&mut refused(key, &done).refusals);
            }
        }
        Ok(outcome)
    }

    /// Cordons a node and evicts its pods, as long as that takes or it may.
    ///
    /// # Errors
    /// The program could not be run.
    pub async fn drain(&self, drain: &Drain) -> Result<StepOutcome, ProcessError> {
        let seconds = drain.within.as_millis().div_ceil(1_000);
        let mut kubectl = self.command(["drain"]);
        kubectl.arg(format!("--selector={NODE_LABEL}={}", drain.node.value));
        kubectl.arg(format!("--timeout={seconds}s"));
        let flags = [
            ("--ignore-daemonsets", drain.ignore_daemonsets),
            ("--delete-emptydir-data", drain.delete_emptydir_data),
            ("--force", drain.force),
        ];
        kubectl.args(
            flags
                .iter()
                .filter(|(_, given)| *given)
                .map(|(flag, _)| flag),
        );
        let done = output(kubectl, None).await?;
        if done.success {
            return Ok(StepOutcome::default());
        }
        let node = ObjectName::of("Node", "", &drain.node.value);
        let mut outcome = refused(ObjectKey::from(&node), &done);
        outcome.refusals.extend(of_pods(&done.stderr));
        Ok(outcome)
    }

    /// The objects that a step picks, by name; or what is refused where there are none, or too few.
    async fn find(&self, picked: &Picked) -> Result<Result<Vec<Value>, StepOutcome>, ProcessError> {
        let of = &picked.of;
        let mut kubectl = self.command(["get", "-o", "json"]);
        let name = of.name.as_ref().map(|name| name.value.as_str());
        let object = ObjectName {
            api_version: of.api_version.clone(),
            ..ObjectName::of(&of.kind.value, &of.namespace, name.unwrap_or_default())
        };
        if name.is_some() {
            kubectl.args(target(&object));
        } else {
            let labels = of.labels.iter();
            let labels: Vec<String> = labels
                .map(|(key, value)| format!("{key}={}", value.value))
                .collect();
            kubectl.args(["--namespace", &of.namespace, "--selector"]);
            kubectl
                .arg(labels.join(","))
                .arg(of.kind.value.to_lowercase());
        }
        let done = output(kubectl, None).await?;
        if !done.success {
            return Ok(Err(refused(ObjectKey::from(&object), &done)));
        }
        let mut found = printed(&done.stdout);
        found.sort_by_key(|object| ObjectKey::of(object).name);
        if name.is_none() {
            found.retain(|object| text_at(object, "/metadata/deletionTimestamp").is_none());
        }
        let there = found.len();
        let wanted = picked
            .count
            .map_or(1, |count| usize::try_from(count).unwrap_or(usize::MAX));
        if there < wanted {
            let message = format!("there are {there} of {picked}");
            let refusals = vec![Refusal { key: None, message }];
            return Ok(Err(StepOutcome {
                refusals,
                ..StepOutcome::default()
            }));
        }
        if picked.count.is_some() {
            found.truncate(wanted);
        }
        Ok(Ok(found))
    }
}

/// `kind.version.group/name`, so that no other group's kind of this name is meant.
fn address(object: &Value) -> String {
    let key = ObjectKey::of(object);
    let kind = key.kind.to_lowercase();
    let version = text_at(object, "/apiVersion").unwrap_or_default();
    match version.split_once('/') {
        Some((group, version)) => format!("{kind}.{version}.{group}/{}", key.name),
        None => format!("{kind}/{}", key.name),
    }
}

fn leaving(object: &Value) -> Leaving {
    Leaving {
        key: ObjectKey::of(object),
        uid: uid(object).to_owned(),
    }
}

fn namespace(object: &Value) -> Option<&str> {
    text_at(object, "/metadata/namespace")
}

/// The workload that made a pod: its controller, or the Deployment of that ReplicaSet, whose name is
/// the Deployment's and a hash.
fn workload_of(pod: &Value) -> Option<ObjectKey> {
    let owners = pod.pointer("/metadata/ownerReferences")?.as_array()?;
    let owner = owners.iter().find(|owner| owner["controller"] == true)?;
    let (kind, name) = (text_at(owner, "/kind")?, text_at(owner, "/name")?);
    let hash = text_at(&pod["metadata"]["labels"], "/pod-template-hash");
    let deployment = hash.and_then(|hash| name.strip_suffix(hash)?.strip_suffix('-'));
    let (kind, name) = match deployment {
        Some(deployment) if kind == "ReplicaSet" => ("Deployment", deployment),
        _ => (kind, name),
    };
    let namespace = namespace(pod).unwrap_or_default();
    Some(ObjectKey::named(kind, namespace, name))
}

/// The pods of which a drain says why it could not evict them, each once and in the first words: the
/// last tell only that time is over.
fn of_pods(stderr: &str) -> Vec<Refusal> {
    let mut refusals: Vec<Refusal> = Vec::new();
    for line in stderr.lines() {
        let Some(key) = evicted(line) else { continue };
        let key = Some(key);
        if !refusals.iter().any(|known| known.key == key) {
            let message = line.trim().to_owned();
            refusals.push(Refusal { key, message });
        }
    }
    refusals
}

/// The pod of `error when evicting pods/"web-0" -n "default" (will retry after 5s): …`.
fn evicted(line: &str) -> Option<ObjectKey> {
    let (_, rest) = line.split_once("error when evicting pods/\"")?;
    let (name, rest) = rest.split_once("\" -n \"")?;
    let (namespace, _) = rest.split_once('"')?;
    Some(ObjectKey::named("Pod", namespace, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drain_tells_of_each_pod_once_why_it_cannot_go() {
        let why = "Cannot evict pod as it would violate the pod's disruption budget.";
        let again = format!(
            "error when evicting pods/\"ledger-0\" -n \"shop\" (will retry after 5s): {why}\n"
        );
        let over = "There are pending pods in node \"worker\" when an error occurred: [error when \
            evicting pods/\"ledger-0\" -n \"shop\": global timeout reached: 6s, error when evicting \
            pods/\"web\" -n \"shop\": global timeout reached: 6s]\n";
        let refusals = of_pods(&format!("{again}{again}{over}"));
        assert_eq!(refusals.len(), 1);
        assert_eq!(refusals[0].key.as_ref().unwrap().name, "ledger-0");
        assert!(refusals[0].message.ends_with(why));
    }

    #[test]
    fn the_workload_of_a_pod_is_told_by_its_controller() {
        let pod = |kind: &str, name: &str| {
            let owner = json!({"kind": kind, "name": name, "controller": true});
            json!({"kind": "Pod", "metadata": {"name": "web-7d-x", "namespace": "shop",
                "labels": {"pod-template-hash": "7d"}, "ownerReferences": [owner]}})
        };
        let told = |pod: &Value| workload_of(pod).map(|key| key.to_string());
        for (kind, name, workload) in [
            ("ReplicaSet", "web-7d", "Deployment web in shop"),
            ("ReplicaSet", "web", "ReplicaSet web in shop"),
            ("StatefulSet", "ledger", "StatefulSet ledger in shop"),
        ] {
            assert_eq!(told(&pod(kind, name)), Some(workload.to_owned()));
        }
        assert_eq!(
            told(&json!({"kind": "Pod", "metadata": {"name": "bare"}})),
            None
        );
    }

    #[test]
    fn an_object_is_addressed_with_its_group() {
        let web =
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}});
        assert_eq!(address(&web), "deployment.v1.apps/web");
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-0"}});
        assert_eq!(address(&pod), "pod/web-0");
    }
}
