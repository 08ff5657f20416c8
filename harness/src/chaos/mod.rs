//! What is done to pods and nodes, and what shows at once that it was done.

mod node;

use futures::future::try_join_all;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{DeleteParams, Preconditions};
use kube::{Api, Client};

use crate::cluster::kind::Nodes;
use crate::process::ProcessError;
use crate::watch::in_words;
use node::{Node, impossible};
use relapse_judge::perturbation::{self, Target};
use relapse_judge::scenario::Perturbation;
use relapse_judge::witness::Effect;

/// A cluster, and the containers of its nodes where those are relapse's to perturb.
#[derive(Clone)]
pub struct Chaos {
    client: Client,
    nodes: Option<Nodes>,
}

impl Chaos {
    /// Perturbs this cluster.
    #[must_use]
    pub const fn on(client: Client, nodes: Option<Nodes>) -> Self {
        Self { client, nodes }
    }

    /// Does it: to nodes where they run these pods, or to all of them where none does. A perturbation
    /// that the engine refuses is told as impossible.
    ///
    /// # Errors
    /// docker could not be run.
    pub async fn perturb(
        &self,
        perturbation: Perturbation,
        targets: &[Target],
    ) -> Result<Effect, ProcessError> {
        let nodes = match (perturbation, &self.nodes) {
            (Perturbation::DeletePods, _) => return Ok(self.delete(targets).await),
            // A step of kubectl's; its effect is that of deleted pods.
            (Perturbation::RestartRollout, _) => return Ok(Effect::Awaited),
            (_, None) => return Ok(impossible("the nodes of a lent cluster are not touched")),
            (_, Some(nodes)) => nodes,
        };
        let of_pods = perturbation::nodes(targets);
        let perturbed: Vec<String> = if of_pods.is_empty() {
            nodes.containers().collect()
        } else {
            of_pods.into_iter().map(ToOwned::to_owned).collect()
        };
        let each = perturbed.iter().map(|name| async move {
            let own = |target: &&Target| target.node == *name;
            let own: Vec<Target> = targets.iter().filter(own).cloned().collect();
            self.node(name).perturb(perturbation, &own).await
        });
        Ok(together(try_join_all(each).await?))
    }

    /// Takes the power of a node away that scenarios call so.
    ///
    /// # Errors
    /// docker could not do it.
    pub async fn stop(&self, name: &str) -> Result<(), ProcessError> {
        match &self.nodes {
            Some(nodes) => self.node(&nodes.container(name)).stop().await,
            // A scenario that stops nodes does not begin on a lent cluster.
            None => Ok(()),
        }
    }

    /// Starts a node again that was stopped.
    ///
    /// # Errors
    /// docker could not do it.
    pub async fn start(&self, name: &str) -> Result<(), ProcessError> {
        match &self.nodes {
            Some(nodes) => self.node(&nodes.container(name)).start().await,
            None => Ok(()),
        }
    }

    const fn node<'a>(&'a self, name: &'a str) -> Node<'a> {
        Node {
            client: &self.client,
            name,
        }
    }

    async fn delete(&self, targets: &[Target]) -> Effect {
        for target in targets {
            let pods: Api<Pod> = Api::namespaced(self.client.clone(), &target.namespace);
            let this_pod = DeleteParams {
                preconditions: Some(Preconditions {
                    uid: Some(target.uid.clone()),
                    ..Preconditions::default()
                }),
                ..DeleteParams::default()
            };
            if let Err(error) = pods.delete(&target.name, &this_pod).await {
                let why = format!("pod {} was not deleted: {}", target.name, in_words(&error));
                return Effect::Missing { why };
            }
        }
        Effect::Awaited
    }
}

/// What came of a perturbation on several nodes: what it did on each, or what it did not do on one.
fn together(effects: Vec<Effect>) -> Effect {
    let mut proofs = Vec::new();
    for effect in effects {
        match effect {
            Effect::Seen { proof } => proofs.push(proof),
            Effect::Awaited => {}
            Effect::Impossible { .. } | Effect::Missing { .. } => return effect,
        }
    }
    if proofs.is_empty() {
        Effect::Awaited
    } else {
        Effect::Seen {
            proof: proofs.join(", "),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(proof: &str) -> Effect {
        Effect::Seen {
            proof: proof.to_owned(),
        }
    }

    #[test]
    fn on_several_nodes_each_proof_is_told_and_one_without_effect_is_enough() {
        assert_eq!(together(vec![seen("a"), seen("b")]), seen("a, b"));
        assert_eq!(together(vec![Effect::Awaited]), Effect::Awaited);
        let missing = Effect::Missing {
            why: "c".to_owned(),
        };
        assert_eq!(together(vec![seen("a"), missing.clone()]), missing);
    }
}
