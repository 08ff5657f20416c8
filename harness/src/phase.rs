//! The phases of an experiment.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The phases of an experiment that touch a cluster, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// The healthy start.
    SteadyState,
    /// The change that breaks.
    Fault,
    /// Nothing is touched.
    Control,
    /// The change that cures.
    Remedy,
    /// What a user sees.
    Checks,
    /// What the remedied workload survives.
    Stress,
    /// What people try first.
    WrongRemedy,
    /// Another remedy.
    Alternative,
    /// A change of the healthy start that breaks nothing.
    Harmless,
    /// The remedy without one of its parts.
    Necessity,
    /// Repetitions that measure a finding; they do not count for the verdict.
    Trials,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::SteadyState => "steady state",
            Self::Fault => "fault",
            Self::Control => "control",
            Self::Remedy => "remedy",
            Self::Checks => "checks",
            Self::Stress => "stress",
            Self::WrongRemedy => "wrong remedy",
            Self::Alternative => "alternative",
            Self::Harmless => "harmless",
            Self::Necessity => "necessity",
            Self::Trials => "trials",
        })
    }
}
