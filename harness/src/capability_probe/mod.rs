//! Whether a cluster can do what a claim needs of it, tried by small pods in a namespace of their own,
//! which is gone afterwards and never witnessed.

use std::path::Path;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

use thiserror::Error;

use crate::kubectl::Kubectl;
use crate::probe::{Answer, Prober, until_it_fits};
use crate::process::ProcessError;
use relapse_judge::kubernetes::CANARY_NAMESPACE;
use relapse_judge::manifest::{ManifestError, ManifestFile};
use relapse_judge::scenario::{Capability, Duration, ExecCheck, ObjectName};
use relapse_judge::witness::{Probed, StepOutcome};

/// It could not be found out.
#[derive(Debug, Error)]
pub enum CanaryError {
    /// kubectl could not be run.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// A manifest of the canary's is not one.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The trial itself did not come about.
    #[error("whether the cluster has {need} could not be tried: {why}")]
    Untried {
        /// What was to be tried.
        need: Capability,
        /// What was seen instead.
        why: String,
    },
}

/// Time for the pods to run and to find each other.
const MEETING: Duration = Duration::from_millis(60_000);

/// Time for a policy to be enforced.
const ENFORCEMENT: Duration = Duration::from_millis(15_000);

/// Time for the namespace to be gone.
const TIDYING: std::time::Duration = std::time::Duration::from_mins(2);

/// So many questions in a row must go unanswered: a single one may be lost on a busy machine.
const SILENCES: u32 = 3;

/// Tries whether the cluster meets a need.
///
/// # Errors
/// It could not be tried, or what was made for it could not be deleted.
pub async fn try_out(
    need: Capability,
    kubectl: &Kubectl,
    prober: &Prober,
) -> Result<Probed, CanaryError> {
    let tried = match need {
        Capability::NetworkPolicy => network_policy(kubectl, prober).await,
    };
    let namespace = ObjectName::of("Namespace", "", CANARY_NAMESPACE);
    let deleted = kubectl.tidy_up(&namespace, TIDYING).await?;
    let (met, seen) = tried?;
    undone(need, &deleted)?;
    Ok(Probed { need, met, seen })
}

/// A server is reached, and then a policy closes it.
async fn network_policy(kubectl: &Kubectl, prober: &Prober) -> Result<(bool, String), CanaryError> {
    let need = Capability::NetworkPolicy;
    let untried = |why| CanaryError::Untried { need, why };
    let pods = manifest("pods.yaml", include_str!("pods.yaml"))?;
    // A new namespace refuses pods until it has its `ServiceAccount`.
    let made = until_it_fits("the pods are made", MEETING, async || {
        applied(kubectl.apply(&pods).await)
    });
    let made = made.await;
    if !made.passed {
        return Err(untried(made.seen));
    }
    let question = question();
    let met = until_it_fits("the client reaches the server", MEETING, || {
        prober.run(&question)
    });
    let met = met.await;
    if !met.passed {
        return Err(untried(met.seen));
    }
    let policy = manifest("policy.yaml", include_str!("policy.yaml"))?;
    undone(need, &kubectl.apply(&policy).await?)?;
    let silent = AtomicU32::new(0);
    let kept_out = until_it_fits("the policy keeps the client out", ENFORCEMENT, async || {
        let answer = prober.run(&question).await;
        let in_a_row = if answer.fits {
            0
        } else {
            silent.load(Relaxed) + 1
        };
        silent.store(in_a_row, Relaxed);
        Answer {
            fits: in_a_row >= SILENCES,
            ..answer
        }
    });
    let met = kept_out.await.passed;
    let seen = if met {
        "a policy without rules kept a pod from another".to_owned()
    } else {
        format!(
            "the pod network enforces no NetworkPolicy: for {ENFORCEMENT} a policy without rules \
             did not keep a pod from another"
        )
    };
    Ok((met, seen))
}

fn manifest(name: &str, text: &str) -> Result<ManifestFile, ManifestError> {
    ManifestFile::parse(Path::new(name), text.to_owned())
}

fn question() -> ExecCheck {
    let server = format!("http://server.{CANARY_NAMESPACE}:8080/passwd");
    let command = ["wget", "-q", "-T", "2", "-O", "/dev/null", &server];
    ExecCheck {
        name: "the client reaches the server".to_owned(),
        target: ObjectName::of("Pod", CANARY_NAMESPACE, "client"),
        container: None,
        command: command.map(ToOwned::to_owned).to_vec(),
        contains: String::new(),
        within: None,
        outlives_remedy: None,
        kubernetes: None,
    }
}

fn applied(outcome: Result<StepOutcome, ProcessError>) -> Answer {
    match outcome {
        Ok(outcome) => Answer {
            fits: outcome.refusals.is_empty(),
            answered: true,
            seen: refusals(&outcome),
        },
        Err(error) => Answer::none(error.to_string()),
    }
}

fn undone(need: Capability, outcome: &StepOutcome) -> Result<(), CanaryError> {
    if outcome.refusals.is_empty() {
        return Ok(());
    }
    let why = refusals(outcome);
    Err(CanaryError::Untried { need, why })
}

fn refusals(outcome: &StepOutcome) -> String {
    let words = outcome
        .refusals
        .iter()
        .map(|refusal| refusal.message.as_str());
    words.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use relapse_judge::manifest::images;

    #[test]
    fn the_canary_is_in_its_namespace_and_of_the_image_that_is_made_sure_of() {
        for (name, text) in [
            ("pods.yaml", include_str!("pods.yaml")),
            ("policy.yaml", include_str!("policy.yaml")),
        ] {
            for object in manifest(name, text).unwrap().objects {
                let place = object.namespace.as_deref().unwrap_or(&object.name);
                assert_eq!(place, CANARY_NAMESPACE, "{}", object.name);
                for image in images(&object.value) {
                    assert_eq!(image, Capability::NetworkPolicy.image());
                }
            }
        }
    }
}
