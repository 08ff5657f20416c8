//! A cluster that a user lends for the time of a run, named by a context of a kubeconfig.
//!
//! Nothing that is there is changed: what a scenario would change must not exist yet. What the
//! scenario made is deleted after it, and the cluster is compared with what it was.

mod api_discovery;
mod inventory;
mod kube_context;
mod needs;
mod provider;

use kube::api::{DeleteParams, DynamicObject, Preconditions};
use kube::{Api, Client};
use tempfile::TempDir;
use thiserror::Error;

pub use api_discovery::ServedKinds;
pub use inventory::{Inventory, Item, ObjectPlace, left_behind};
pub use kube_context::KubeContext;
pub use needs::Needs;

use crate::kubectl::Kubectl;
use crate::probe::{Answer, until_it_fits};
use crate::process::ProcessError;
use crate::watch::{ClientError, in_words};
use relapse_judge::readiness::{Readiness, ready};
use relapse_judge::scenario::{Duration, LoadedScenario};
use relapse_judge::witness::{ObjectKey, Witness};

/// Time for what was deleted to be gone, with what its controllers made: volumes go last.
const GONE_WITHIN: Duration = Duration::from_millis(120_000);

/// A lent cluster cannot be used.
#[derive(Debug, Error)]
pub enum ExternalError {
    /// The kubeconfig files cannot be read.
    #[error("cannot read the kubeconfig: {0}")]
    Kubeconfig(#[from] kube::config::KubeconfigError),
    /// No kubeconfig file names this context, or what it names is not there.
    #[error("the kubeconfig has no {missing}; next: `kubectl config get-contexts`")]
    Unknown {
        /// What is missing, in words.
        missing: String,
    },
    /// There is no client of it.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// kubectl cannot be run.
    #[error("{0}; next: install kubectl, which applies manifests to a lent cluster")]
    Kubectl(#[from] ProcessError),
    /// A file for the time of the run cannot be made.
    #[error("cannot make a temporary file: {0}")]
    Temporary(#[from] std::io::Error),
    /// The API server did not do what was asked.
    #[error("the API server did not {asked}: {answer}; next: ask the same with kubectl")]
    Api {
        /// What was asked, in words.
        asked: String,
        /// Its answer.
        answer: String,
    },
}

impl ExternalError {
    fn api(asked: &str, answer: &kube::Error) -> Self {
        Self::Api {
            asked: asked.to_owned(),
            answer: in_words(answer),
        }
    }
}

/// A scenario may not begin on a lent cluster.
#[derive(Debug, Error)]
pub enum Unfit {
    /// What the scenario would change is there, or its namespaces are in use.
    #[error(
        "in the way on the cluster of the context {context}: {}; relapse changes nothing that it \
         did not make, and pods in a namespace of the scenario could be taken for its own; next: \
         lend another cluster, or delete what a killed run left", listed(.taken)
    )]
    Taken {
        /// The context.
        context: String,
        /// What is there.
        taken: Vec<ObjectPlace>,
    },
    /// It has other nodes than the scenario needs.
    #[error(
        "the cluster of the context {context} {lack}; next: run it on a cluster that relapse makes"
    )]
    Nodes {
        /// The context.
        context: String,
        /// What it does not have, in words.
        lack: String,
    },
    /// The cluster could not be looked at.
    #[error(transparent)]
    Unseen(#[from] ExternalError),
}

/// A lent cluster is not as it was.
#[derive(Debug, Error)]
#[error(
    "left behind: {left}; next: look at it with `kubectl --context {context}`, and delete what \
     nobody needs"
)]
pub struct LeftBehind {
    context: String,
    /// What is there, different or gone, in words.
    left: String,
}

fn listed(places: &[ObjectPlace]) -> String {
    let words: Vec<String> = places.iter().map(ObjectPlace::to_string).collect();
    words.join(", ")
}

/// A cluster that is lent.
pub struct ExternalCluster {
    context: String,
    kubernetes: String,
    client: Client,
    kubectl: Kubectl,
    _folder: TempDir,
}

/// A lent cluster as it was before a scenario, with what the scenario needs of it.
#[derive(Debug)]
pub struct Before {
    needs: Needs,
    inventory: Inventory,
}

impl Before {
    /// What the scenario needs.
    #[must_use]
    pub fn needs(&self) -> &Needs {
        &self.needs
    }
}

impl ExternalCluster {
    /// Kubernetes minor of its API server, for example `1.36`.
    #[must_use]
    pub fn kubernetes(&self) -> &str {
        &self.kubernetes
    }

    /// A client of it.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The user's kubectl, for it.
    #[must_use]
    pub fn kubectl(&self) -> &Kubectl {
        &self.kubectl
    }

    /// Looks at the cluster before a scenario, which may begin unless it would change something.
    ///
    /// # Errors
    /// Something is in the way, or the cluster cannot be looked at.
    pub async fn before(&self, scenario: &LoadedScenario) -> Result<Before, Unfit> {
        let catalogue = ServedKinds::of(&self.client).await?;
        let needs = Needs::of(scenario, |group, kind| {
            catalogue.has_namespaces(group, kind)
        });
        let inventory = catalogue
            .inventory(&self.client, needs.namespaces())
            .await?;
        if let Some(lack) = needs.lacking_nodes(&inventory) {
            return Err(Unfit::Nodes {
                context: self.context.clone(),
                lack,
            });
        }
        let taken = needs.taken(&inventory);
        if taken.is_empty() {
            Ok(Before { needs, inventory })
        } else {
            Err(Unfit::Taken {
                context: self.context.clone(),
                taken,
            })
        }
    }

    /// Deletes what the scenario made, waits until it is gone, and compares the cluster with what it
    /// was. `waiting` is told at every look what is there still.
    ///
    /// # Errors
    /// Something is left, or the cluster cannot be looked at.
    pub async fn clean_up(
        &self,
        before: &Before,
        waiting: impl Fn(&str),
    ) -> Result<(), LeftBehind> {
        let gone = until_it_fits("nothing is left", GONE_WITHIN, async || {
            let answer = self
                .look(before)
                .await
                .unwrap_or_else(|error| Answer::none(format!("what cannot be told: {error}")));
            waiting(&answer.seen);
            answer
        })
        .await;
        if gone.passed {
            return Ok(());
        }
        Err(LeftBehind {
            context: self.context.clone(),
            left: gone.seen,
        })
    }

    /// Deletes what is there of the scenario, and tells all that is different.
    async fn look(&self, before: &Before) -> Result<Answer, ExternalError> {
        let catalogue = ServedKinds::of(&self.client).await?;
        let after = catalogue
            .inventory(&self.client, before.needs.namespaces())
            .await?;
        let mut left = left_behind(&before.inventory, &after);
        for place in before.needs.own(&after) {
            if let (Some(api), Some(item)) = (catalogue.api(&self.client, place), after.get(place))
                && !item.deleting
                && let Err(error) = delete(&api, place, item).await
            {
                left.push(format!("{place} was not deleted: {}", in_words(&error)));
            }
        }
        Ok(Answer {
            fits: left.is_empty(),
            answered: true,
            seen: left.join("; "),
        })
    }
}

/// Before the scenario nothing was in its places, so that all that is there now is its own; the uid
/// keeps from deleting what somebody put there since it was looked at.
async fn delete(api: &Api<DynamicObject>, place: &ObjectPlace, item: &Item) -> kube::Result<()> {
    let this_one = DeleteParams::foreground().preconditions(Preconditions {
        uid: Some(item.uid.clone()),
        resource_version: None,
    });
    match api.delete(&place.name, &this_one).await {
        Err(kube::Error::Api(status)) if matches!(status.code, 404 | 409) => Ok(()),
        deleted => deleted.map(|_| ()),
    }
}

/// Whether a lent cluster can take a workload. Its own parts are its owner's affair.
///
/// # Errors
/// What is not ready yet.
pub fn is_usable(witness: &Witness) -> Result<(), String> {
    let mut seen = "no node is there".to_owned();
    for node in witness.live("Node") {
        match ready(node) {
            Readiness::Holds => return Ok(()),
            Readiness::NotYet(why) | Readiness::Never(why) => {
                seen = format!("{}: {why}", ObjectKey::of(node));
            }
        }
    }
    Err(seen)
}

#[cfg(test)]
mod tests;
