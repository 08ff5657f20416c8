//! What is done to a cluster, by the `kubectl` on its own node, or by the user's where a cluster is
//! lent.
//!
//! Users apply with `kubectl apply -f`, and its three-way merge decides what their clusters get
//! (`retainKeys` of a Deployment's strategy, deletion of fields that left the manifest), so no
//! imitation is used. The node's program has the API server's version, needs nothing on the host
//! and cannot touch the user's kubeconfig. The user's program gets a kubeconfig of its own.

use std::fs::File;
use std::os::fd::AsRawFd;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;

use crate::manifest::{ManifestFile, ManifestObject};
use crate::process::{BRIEF, Output, ProcessError, brief_command, must_succeed, output};
use crate::scenario::{NODE_LABEL, ObjectName, Scale};
use crate::witness::{
    AppliedObject, ObjectKey, Refusal, StepOutcome, number_at, resource_version, uid,
};

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
        let mut version = self.command();
        version.args(["version", "--client"]);
        must_succeed(version).await.map(|_| ())
    }

    /// Applies every object of a file. An object that is refused does not keep the others from
    /// being applied.
    ///
    /// # Errors
    /// The program could not be run.
    pub async fn apply(&self, file: &ManifestFile) -> Result<StepOutcome, ProcessError> {
        let all = self.apply_text(&file.text).await?;
        let mut outcome = StepOutcome::default();
        if all.success {
            outcome.applied = accepted(&all.stdout);
            return Ok(outcome);
        }
        // On an error kubectl prints none of the objects that it applied: each tells for itself.
        for object in &file.objects {
            let one = self.apply_text(&object.value.to_string()).await?;
            if one.success {
                outcome.applied.extend(accepted(&one.stdout));
            } else {
                outcome.refusals.push(refusal(Some(object), &one));
            }
        }
        Ok(outcome)
    }

    async fn apply_text(&self, text: &str) -> Result<Output, ProcessError> {
        let mut kubectl = self.command();
        kubectl.args(["apply", "--validate=strict", "-o", "json", "-f", "-"]);
        output(kubectl, Some(text)).await
    }

    /// Restarts a rollout.
    ///
    /// # Errors
    /// The program could not be run.
    pub async fn restart(&self, object: &ObjectName) -> Result<StepOutcome, ProcessError> {
        let mut kubectl = self.command();
        kubectl
            .args(["rollout", "restart", "-o", "json"])
            .args(target(object));
        changed(kubectl).await
    }

    /// Sets the number of replicas.
    ///
    /// # Errors
    /// The program could not be run.
    pub async fn scale(&self, scale: &Scale) -> Result<StepOutcome, ProcessError> {
        let mut kubectl = self.command();
        kubectl
            .args(["scale", "-o", "json"])
            .arg(format!("--replicas={}", scale.replicas))
            .args(target(&scale.object));
        let outcome = changed(kubectl).await?;
        if !outcome.refusals.is_empty() {
            return Ok(outcome);
        }
        // Before 1.36 kubectl prints the object as it was before it was scaled.
        let mut kubectl = self.command();
        kubectl
            .args(["get", "-o", "json"])
            .args(target(&scale.object));
        changed(kubectl).await
    }

    /// Keeps new pods off the node that scenarios call so.
    ///
    /// # Errors
    /// The program could not be run.
    pub async fn cordon(&self, node: &str) -> Result<StepOutcome, ProcessError> {
        self.mark_node("cordon", node).await
    }

    /// Lets new pods onto the node again that scenarios call so.
    ///
    /// # Errors
    /// The program could not be run.
    pub async fn uncordon(&self, node: &str) -> Result<StepOutcome, ProcessError> {
        self.mark_node("uncordon", node).await
    }

    async fn mark_node(&self, verb: &str, node: &str) -> Result<StepOutcome, ProcessError> {
        let mut kubectl = self.command();
        kubectl.args([verb, "--selector", &format!("{NODE_LABEL}={node}")]);
        let done = output(kubectl, None).await?;
        let mut outcome = StepOutcome::default();
        if !done.success {
            outcome.refusals.push(refusal(None, &done));
        }
        Ok(outcome)
    }

    /// Deletes an object and waits until it is gone.
    ///
    /// # Errors
    /// The program could not be run.
    pub async fn delete(&self, object: &ObjectName) -> Result<StepOutcome, ProcessError> {
        let mut kubectl = self.command();
        kubectl
            .args(["delete", "--wait", "--timeout=120s"])
            .args(target(object));
        let done = output(kubectl, None).await?;
        let mut outcome = StepOutcome::default();
        if done.success {
            outcome.deleted.push(ObjectKey::from(object));
        } else {
            outcome.refusals.push(refusal(None, &done));
        }
        Ok(outcome)
    }

    fn command(&self) -> tokio::process::Command {
        match &self.0 {
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
        }
    }
}

/// The kind with its group, where it is named: two groups may have one kind.
fn target(object: &ObjectName) -> [String; 2] {
    let mut kind = object.kind.value.to_lowercase();
    if let Some(group) = object.group().filter(|group| !group.is_empty()) {
        kind = format!("{kind}.{group}");
    }
    [
        format!("--namespace={}", object.namespace),
        format!("{kind}/{}", object.name.value),
    ]
}

async fn changed(kubectl: tokio::process::Command) -> Result<StepOutcome, ProcessError> {
    let done = output(kubectl, None).await?;
    let mut outcome = StepOutcome::default();
    if done.success {
        outcome.applied = accepted(&done.stdout);
    } else {
        outcome.refusals.push(refusal(None, &done));
    }
    Ok(outcome)
}

/// kubectl prints one object, or a List of several.
fn accepted(stdout: &str) -> Vec<AppliedObject> {
    let Ok(printed) = serde_json::from_str::<Value>(stdout) else {
        return Vec::new();
    };
    match printed.pointer("/items").and_then(Value::as_array) {
        Some(items) => items.iter().map(applied).collect(),
        None => vec![applied(&printed)],
    }
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

fn refusal(object: Option<&ManifestObject>, done: &Output) -> Refusal {
    Refusal {
        key: object.map(|object| ObjectKey::of(&object.value)),
        message: done.stderr.trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_accepted_tells_its_numbers_and_whether_it_is_suspended() {
        let printed = json!({"items": [
            {"kind": "Job", "metadata": {"name": "once", "namespace": "shop", "uid": "u",
                "resourceVersion": "7"}, "spec": {"parallelism": 2, "suspend": true}},
            {"kind": "Deployment", "metadata": {"name": "web"}, "spec": {"replicas": 3}},
        ]});
        let [job, web] = accepted(&printed.to_string()).try_into().unwrap();
        assert_eq!((job.parallelism, job.suspended), (Some(2), Some(true)));
        assert_eq!((job.replicas, job.resource_version), (None, 7));
        assert_eq!((web.parallelism, web.suspended), (None, None));
        assert_eq!(web.replicas, Some(3));
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
        let reason = refusal(None, &done).message;
        assert!(
            reason.starts_with("The PersistentVolume \"data\" is invalid: spec is immutable\n")
        );
    }
}
