//! Changes of objects that are there.

use serde_json::Value;
use tokio::process::Command;

use super::{Kubectl, applied, printed, refused, target};
use crate::process::{ProcessError, output};
use relapse_judge::scenario::{
    Annotate, ExecStep, Label, ObjectName, Patch, PatchType, Scale, Taint,
};
use relapse_judge::witness::{AppliedObject, ObjectKey, StepOutcome};

impl Kubectl {
    /// Restarts a rollout.
    ///
    /// # Errors
    /// The program could not be run.
    pub async fn restart(&self, object: &ObjectName) -> Result<StepOutcome, ProcessError> {
        self.rollout("restart", object).await
    }

    /// Pauses a rollout.
    ///
    /// # Errors
    /// The program could not be run.
    pub async fn pause(&self, object: &ObjectName) -> Result<StepOutcome, ProcessError> {
        self.rollout("pause", object).await
    }

    /// Resumes a rollout.
    ///
    /// # Errors
    /// The program could not be run.
    pub async fn resume(&self, object: &ObjectName) -> Result<StepOutcome, ProcessError> {
        self.rollout("resume", object).await
    }

    async fn rollout(&self, verb: &str, object: &ObjectName) -> Result<StepOutcome, ProcessError> {
        let mut kubectl = self.command(["rollout", verb, "-o", "json"]);
        kubectl.args(target(object));
        changed(kubectl, ObjectKey::from(object)).await
    }

    /// Goes back to the template before the present one.
    ///
    /// # Errors
    /// The program could not be run.
    pub async fn undo(&self, object: &ObjectName) -> Result<StepOutcome, ProcessError> {
        let mut kubectl = self.command(["rollout", "undo"]);
        kubectl.args(target(object));
        // kubectl prints the object as it was before.
        self.changed_to(kubectl, object).await
    }

    /// Sets the number of replicas.
    ///
    /// # Errors
    /// The program could not be run.
    pub async fn scale(&self, scale: &Scale) -> Result<StepOutcome, ProcessError> {
        let mut kubectl = self.command(["scale"]);
        kubectl
            .arg(format!("--replicas={}", scale.replicas))
            .args(target(&scale.object));
        // Before 1.36 kubectl prints the object as it was before it was scaled.
        self.changed_to(kubectl, &scale.object).await
    }

    /// Changes fields of an object.
    ///
    /// # Errors
    /// The program could not be run.
    pub async fn patch(&self, patch: &Patch) -> Result<StepOutcome, ProcessError> {
        let merged = match patch.merged {
            PatchType::Strategic => "strategic",
            PatchType::Merge => "merge",
            PatchType::Json => "json",
        };
        let key = ObjectKey::from(&patch.object);
        let mut kubectl = self.command(["patch", "-o", "json", "--type", merged, "-p"]);
        kubectl.arg(patch.patch.to_string());
        if key.kind == "Node" {
            // `patch` takes no selector.
            let mut get = self.command(["get", "-o", "json"]);
            get.args(target(&patch.object));
            let found = output(get, None).await?;
            let node = printed(&found.stdout).first().map(ObjectKey::of);
            kubectl.arg(format!("node/{}", node.unwrap_or(key.clone()).name));
        } else {
            kubectl.args(target(&patch.object));
        }
        changed(kubectl, key).await
    }

    /// Sets labels of an object or takes them away.
    ///
    /// # Errors
    /// The program could not be run.
    pub async fn label(&self, label: &Label) -> Result<StepOutcome, ProcessError> {
        let settings = label.settings();
        self.set("label", &label.object, &settings).await
    }

    /// Sets annotations of an object or takes them away.
    ///
    /// # Errors
    /// The program could not be run.
    pub async fn annotate(&self, annotate: &Annotate) -> Result<StepOutcome, ProcessError> {
        let settings = annotate.settings();
        self.set("annotate", &annotate.object, &settings).await
    }

    /// Sets taints of a node or takes them away.
    ///
    /// # Errors
    /// The program could not be run.
    pub async fn taint(&self, taint: &Taint) -> Result<StepOutcome, ProcessError> {
        let node = ObjectName::of("Node", "", &taint.node.value);
        self.set("taint", &node, &taint.taints).await
    }

    async fn set(
        &self,
        verb: &str,
        object: &ObjectName,
        settings: &[String],
    ) -> Result<StepOutcome, ProcessError> {
        let mut kubectl = self.command([verb, "--overwrite", "-o", "json"]);
        kubectl.args(target(object)).args(settings);
        changed(kubectl, ObjectKey::from(object)).await
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
        let node = ObjectName::of("Node", "", node);
        let mut kubectl = self.command([verb]);
        kubectl.args(&target(&node)[1..]);
        let done = output(kubectl, None).await?;
        Ok(if done.success {
            StepOutcome::default()
        } else {
            refused(ObjectKey::from(&node), &done)
        })
    }

    /// Runs a command in a container.
    ///
    /// # Errors
    /// The program could not be run.
    pub async fn exec(&self, exec: &ExecStep) -> Result<StepOutcome, ProcessError> {
        let mut kubectl = self.command(["exec"]);
        kubectl.args(target(&exec.target));
        if let Some(container) = &exec.container {
            kubectl.args(["--container", container]);
        }
        kubectl.arg("--").args(&exec.command);
        let mut done = output(kubectl, None).await?;
        if done.success {
            return Ok(StepOutcome::default());
        }
        // What the command says itself may be on either.
        done.stderr = format!("{}\n{}", done.stdout.trim(), done.stderr.trim());
        Ok(refused(ObjectKey::from(&exec.target), &done))
    }

    async fn changed_to(
        &self,
        kubectl: Command,
        object: &ObjectName,
    ) -> Result<StepOutcome, ProcessError> {
        let done = output(kubectl, None).await?;
        if !done.success {
            return Ok(refused(ObjectKey::from(object), &done));
        }
        let mut get = self.command(["get", "-o", "json"]);
        get.args(target(object));
        changed(get, ObjectKey::from(object)).await
    }
}

async fn changed(kubectl: Command, key: ObjectKey) -> Result<StepOutcome, ProcessError> {
    let done = output(kubectl, None).await?;
    if !done.success {
        return Ok(refused(key, &done));
    }
    Ok(StepOutcome {
        applied: to_be_ready(&printed(&done.stdout)),
        ..StepOutcome::default()
    })
}

/// Of changed objects, those that must be Ready from here on: neither nodes, which are the cluster's,
/// nor what a controller made and may replace.
fn to_be_ready(changed: &[Value]) -> Vec<AppliedObject> {
    let is_made = |object: &&Value| {
        let owners = object.pointer("/metadata/ownerReferences");
        let mut owners = owners.and_then(Value::as_array).into_iter().flatten();
        object["kind"] == "Node" || owners.any(|owner| owner["controller"] == true)
    };
    let kept = changed.iter().filter(|object| !is_made(object));
    kept.map(applied).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_controller_made_and_nodes_need_not_be_ready_since_a_step_changed_them() {
        let owner = json!([{"kind": "ReplicaSet", "name": "web-1", "controller": true}]);
        let changed = [
            json!({"kind": "Deployment", "metadata": {"name": "web"}}),
            json!({"kind": "Pod", "metadata": {"name": "web-1-a", "ownerReferences": owner}}),
            json!({"kind": "Pod", "metadata": {"name": "bare"}}),
            json!({"kind": "Node", "metadata": {"name": "worker"}}),
        ];
        let kept: Vec<String> = to_be_ready(&changed)
            .iter()
            .map(|object| object.key.to_string())
            .collect();
        assert_eq!(kept, ["Deployment web", "Pod bare"]);
    }
}
