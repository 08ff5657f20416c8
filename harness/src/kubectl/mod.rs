//! What is done to a cluster, by the `kubectl` on its own node, or by the user's where a cluster is
//! lent.
//!
//! Users apply with `kubectl apply -f`, and its three-way merge decides what their clusters get
//! (`retainKeys` of a Deployment's strategy, deletion of fields that left the manifest), so no
//! imitation is used. The node's program has the API server's version, needs nothing on the host
//! and cannot touch the user's kubeconfig. The user's program gets a kubeconfig of its own.
//!
//! One step is one command: what it did, what it refused and its exit code are what the user would
//! have got. What is asked beside it only reads.

mod changes;
mod removal;
mod told;

use std::fs::File;
use std::os::fd::AsRawFd;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::process::Command;

use crate::process::{BRIEF, Output, ProcessError, brief_command, must_succeed, output};
use relapse_judge::kubernetes::{number_at, resource_version, text_at, uid};
use relapse_judge::manifest::{ManifestFile, ManifestObject};
use relapse_judge::scenario::{NODE_LABEL, ObjectName};
use relapse_judge::witness::{AppliedObject, ObjectKey, Refusal, StepOutcome};
use told::Wanted;

/// The `kubectl` of one cluster.
#[derive(Debug, Clone)]
pub struct Kubectl(Way);

#[derive(Debug, Clone)]
enum Way {
    InNode(String),
    OnHost {
        context: String,
        kubeconfig: Arc<File>,
        cache: PathBuf,
    },
}

impl Kubectl {
    /// The `kubectl` in this node's container.
    #[must_use]
    pub fn on(node: String) -> Self {
        Self(Way::InNode(node))
    }

    /// The `kubectl` of this machine, with this context of an open kubeconfig file, and with a
    /// folder of its own for what it keeps.
    #[must_use]
    pub fn on_host(context: String, kubeconfig: File, cache: PathBuf) -> Self {
        Self(Way::OnHost {
            context,
            kubeconfig: Arc::new(kubeconfig),
            cache,
        })
    }

    /// Makes sure that the program can be run.
    ///
    /// # Errors
    /// It cannot.
    pub async fn answers(&self) -> Result<(), ProcessError> {
        must_succeed(self.command(["version", "--client"]))
            .await
            .map(|_| ())
    }

    /// Applies a file once. An object that is refused does not keep the others from being applied.
    ///
    /// # Errors
    /// The program could not be run.
    pub async fn apply(&self, file: &ManifestFile) -> Result<StepOutcome, ProcessError> {
        self.apply_with(file, &[]).await
    }

    /// Applies a file once, and the API server merges it.
    ///
    /// # Errors
    /// The program could not be run.
    pub async fn server_side_apply(
        &self,
        file: &ManifestFile,
        force_conflicts: bool,
    ) -> Result<StepOutcome, ProcessError> {
        let by_force: &[&str] = &["--server-side", "--force-conflicts"];
        let flags = if force_conflicts {
            by_force
        } else {
            &by_force[..1]
        };
        self.apply_with(file, flags).await
    }

    /// With `-o json` kubectl prints nothing of what it applied when one object is refused, with
    /// `-o name` each object as it goes.
    async fn apply_with(
        &self,
        file: &ManifestFile,
        flags: &[&str],
    ) -> Result<StepOutcome, ProcessError> {
        let mut kubectl = self.command(["apply", "--validate=strict", "-o", "name", "-f", "-"]);
        kubectl.args(flags);
        let done = output(kubectl, Some(&file.text)).await?;
        let wanted: Vec<Wanted> = file.objects.iter().map(Wanted::of_manifest).collect();
        let accepted = told::accepted(&done, &wanted);
        let objects: Vec<&ManifestObject> =
            accepted.iter().map(|&place| &file.objects[place]).collect();
        Ok(StepOutcome {
            applied: self.stored(&objects).await?,
            refusals: refusals(&done, &wanted, &accepted),
            ..StepOutcome::default()
        })
    }

    /// Creates the objects of a file, each as the server names it.
    ///
    /// # Errors
    /// The program could not be run.
    pub async fn create(&self, file: &ManifestFile) -> Result<StepOutcome, ProcessError> {
        let kubectl = self.command(["create", "--validate=strict", "-o", "json", "-f", "-"]);
        let done = output(kubectl, Some(&file.text)).await?;
        let wanted: Vec<Wanted> = file.objects.iter().map(Wanted::of_manifest).collect();
        let created = printed(&done.stdout);
        let names: Vec<String> = created
            .iter()
            .map(Wanted::of_object)
            .map(Wanted::line)
            .collect();
        let names = Output {
            stdout: names.join("\n"),
            ..done
        };
        let accepted = told::accepted(&names, &wanted);
        Ok(StepOutcome {
            applied: created.iter().map(applied).collect(),
            refusals: refusals(&names, &wanted, &accepted),
            ..StepOutcome::default()
        })
    }

    /// What was accepted, as it stands now. What is gone already is told by its place alone.
    async fn stored(
        &self,
        accepted: &[&ManifestObject],
    ) -> Result<Vec<AppliedObject>, ProcessError> {
        if accepted.is_empty() {
            return Ok(Vec::new());
        }
        let place = |object: &&ManifestObject| {
            let mut metadata = json!({"name": object.name});
            if let Some(namespace) = &object.namespace {
                metadata["namespace"] = json!(namespace);
            }
            json!({"apiVersion": object.api_version, "kind": object.kind, "metadata": metadata})
        };
        let places: Vec<Value> = accepted.iter().map(place).collect();
        let list = json!({"apiVersion": "v1", "kind": "List", "items": places});
        let kubectl = self.command(["get", "-o", "json", "--ignore-not-found", "-f", "-"]);
        let done = output(kubectl, Some(&list.to_string())).await?;
        let mut standing = printed(&done.stdout);
        let stored = accepted.iter().map(|object| {
            let is_it = |standing: &Value| {
                let namespace = text_at(standing, "/metadata/namespace");
                text_at(standing, "/kind") == Some(&object.kind)
                    && text_at(standing, "/metadata/name") == Some(&object.name)
                    && (object.namespace.is_none() || object.namespace.as_deref() == namespace)
            };
            match standing.iter().position(is_it) {
                Some(place) => applied(&standing.remove(place)),
                None => applied(&object.value),
            }
        });
        Ok(stored.collect())
    }

    /// A command with its arguments.
    fn command<const N: usize>(&self, args: [&str; N]) -> Command {
        let mut command = match &self.0 {
            Way::InNode(node) => {
                let mut docker = brief_command("docker");
                docker.args(["exec", "-i"]);
                docker.args(BRIEF.map(|(name, value)| format!("--env={name}={value}")));
                docker.args([node, "kubectl"]);
                docker.arg("--kubeconfig=/etc/kubernetes/admin.conf");
                docker
            }
            Way::OnHost {
                context,
                kubeconfig,
                cache,
            } => {
                let mut kubectl = brief_command("kubectl");
                // The user's preferences would change what `apply` does.
                kubectl.env("KUBERC", "off");
                kubectl.arg(format!(
                    "--kubeconfig=/proc/{}/fd/{}",
                    std::process::id(),
                    kubeconfig.as_raw_fd()
                ));
                kubectl.arg(format!("--context={context}"));
                kubectl.arg(format!("--cache-dir={}", cache.display()));
                kubectl
            }
        };
        command.args(args);
        command
    }
}

/// What names an object: a node by its label, since its name begins with the cluster's.
fn target(object: &ObjectName) -> Vec<String> {
    let mut kind = object.kind.value.to_lowercase();
    let name = &object.name.value;
    if kind == "node" {
        return vec![kind, format!("--selector={NODE_LABEL}={name}")];
    }
    // Two groups may have one kind.
    if let Some(group) = object.group().filter(|group| !group.is_empty()) {
        kind = format!("{kind}.{group}");
    }
    let namespace = format!("--namespace={}", object.namespace);
    vec![namespace, format!("{kind}/{name}")]
}

fn refusals(done: &Output, wanted: &[Wanted], accepted: &[usize]) -> Vec<Refusal> {
    if done.success {
        return Vec::new();
    }
    told::refusals(&done.stderr, wanted, accepted)
}

/// A command about one object was refused.
fn refused(key: ObjectKey, done: &Output) -> StepOutcome {
    StepOutcome {
        refusals: vec![Refusal {
            key: Some(key),
            message: done.stderr.trim().to_owned(),
        }],
        ..StepOutcome::default()
    }
}

/// kubectl prints one object, a List of several, or one after the other.
fn printed(stdout: &str) -> Vec<Value> {
    let documents = serde_json::Deserializer::from_str(stdout).into_iter::<Value>();
    let mut objects = Vec::new();
    for mut document in documents.map_while(Result::ok) {
        match document.get_mut("items").and_then(Value::as_array_mut) {
            Some(items) => objects.append(items),
            None => objects.push(document),
        }
    }
    objects
}

fn applied(object: &Value) -> AppliedObject {
    AppliedObject {
        key: ObjectKey::of(object),
        uid: uid(object).to_owned(),
        resource_version: resource_version(object),
        replicas: number_at(object, "/spec/replicas"),
        parallelism: number_at(object, "/spec/parallelism"),
        suspended: object.pointer("/spec/suspend").and_then(Value::as_bool),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_accepted_tells_its_numbers_and_whether_it_is_suspended() {
        let list = json!({"items": [
            {"kind": "Job", "metadata": {"name": "once", "namespace": "shop", "uid": "u",
                "resourceVersion": "7"}, "spec": {"parallelism": 2, "suspend": true}},
            {"kind": "Deployment", "metadata": {"name": "web"}, "spec": {"replicas": 3}},
        ]});
        let objects: Vec<AppliedObject> = printed(&list.to_string()).iter().map(applied).collect();
        let [job, web] = objects.try_into().unwrap();
        assert_eq!((job.parallelism, job.suspended), (Some(2), Some(true)));
        assert_eq!((job.replicas, job.resource_version), (None, 7));
        assert_eq!((web.parallelism, web.suspended), (None, None));
        assert_eq!(web.replicas, Some(3));
    }

    #[test]
    fn objects_may_be_printed_one_after_the_other() {
        let objects = printed("{\"kind\": \"Pod\"}\n{\"kind\": \"Job\"}\n");
        assert_eq!(objects.len(), 2);
        assert!(printed("").is_empty());
    }

    #[test]
    fn a_refusal_keeps_its_reason_before_whatever_it_compares() {
        let compared = "- \"ReadOnly\": false,\n".repeat(20);
        let said =
            format!("The PersistentVolume \"data\" is invalid: spec is immutable\n{compared}");
        let done = Output {
            success: false,
            stdout: String::new(),
            stderr: said,
        };
        let key = ObjectKey::of(&json!({"kind": "PersistentVolume", "metadata": {"name": "data"}}));
        let reason = &refused(key, &done).refusals[0].message;
        assert!(
            reason.starts_with("The PersistentVolume \"data\" is invalid: spec is immutable\n")
        );
    }

    #[test]
    fn a_node_is_named_by_its_label_since_its_name_begins_with_the_clusters() {
        let node = ObjectName::of("Node", "default", "worker");
        assert_eq!(
            target(&node),
            ["node", "--selector=relapse.local/node=worker"]
        );
        let service = ObjectName::of("Service", "shop", "web");
        assert_eq!(target(&service), ["--namespace=shop", "service/web"]);
    }
}
