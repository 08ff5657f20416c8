//! What the clusters taught beside the claim.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Duration, Step};

/// Something the clusters taught, with its measure where it is a matter of chance.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The finding in one line.
    pub title: String,
    /// The finding in prose, with what was measured and on which Kubernetes version.
    pub text: String,
    /// An experiment that shows it: repeated by `relapse run --trials`, never part of the verdict.
    #[serde(default)]
    pub trial: Option<Trial>,
}

/// An experiment repeated to find a rate.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    /// Brings the cluster back to where the fault can be made again.
    pub reset: Vec<Step>,
    /// What is tried, in place of the remedy's steps.
    pub steps: Vec<Step>,
    /// Deadline for Ready; what is not Ready then did not converge.
    pub within: Duration,
    /// How often, at most 1,000 times.
    pub repeat: u32,
}
