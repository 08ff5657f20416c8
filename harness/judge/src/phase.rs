//! The phases of an experiment.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The phases of an experiment that touch a cluster, in their order. In JSON each is its name in
/// words with dashes: `steady-state`, `link-2-control`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Phase {
    /// The healthy start.
    SteadyState,
    /// A phase of the link in this place of the claim's chain, from 0.
    Link(usize, LinkPhase),
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
    /// The healthy start without the fault.
    Placebo,
    /// The remedy without one of its parts.
    Necessity,
    /// Repetitions that measure a finding; they do not count for the verdict.
    Trials,
}

/// The phases of a link: those that every failure has before its remedy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinkPhase {
    /// The change that mends the link before it, and shows this one.
    Fault,
    /// Nothing is touched.
    Control,
}

/// A name that no phase has.
#[derive(Debug, thiserror::Error)]
#[error("there is no phase `{0}`")]
pub struct UnknownPhase(String);

impl Phase {
    const OF_EVERY_CLAIM: [Self; 12] = [
        Self::SteadyState,
        Self::Fault,
        Self::Control,
        Self::Remedy,
        Self::Checks,
        Self::Stress,
        Self::WrongRemedy,
        Self::Alternative,
        Self::Harmless,
        Self::Placebo,
        Self::Necessity,
        Self::Trials,
    ];

    fn of_a_link(name: &str) -> Option<Self> {
        let (number, phase) = name.strip_prefix("link-")?.split_once('-')?;
        let place = number.parse::<usize>().ok()?.checked_sub(1)?;
        let mut phases = [LinkPhase::Fault, LinkPhase::Control].into_iter();
        let phase = phases.find(|known| known.to_string() == phase)?;
        Some(Self::Link(place, phase))
    }
}

impl From<Phase> for String {
    fn from(phase: Phase) -> Self {
        phase.to_string().replace(' ', "-")
    }
}

impl TryFrom<String> for Phase {
    type Error = UnknownPhase;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        let mut known = Self::OF_EVERY_CLAIM.into_iter();
        known
            .find(|phase| String::from(*phase) == name)
            .or_else(|| Self::of_a_link(&name))
            .ok_or(UnknownPhase(name))
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::SteadyState => "steady state",
            Self::Link(place, phase) => return f.pad(&format!("link {} {phase}", place + 1)),
            Self::Fault => "fault",
            Self::Control => "control",
            Self::Remedy => "remedy",
            Self::Checks => "checks",
            Self::Stress => "stress",
            Self::WrongRemedy => "wrong remedy",
            Self::Alternative => "alternative",
            Self::Harmless => "harmless",
            Self::Placebo => "placebo",
            Self::Necessity => "necessity",
            Self::Trials => "trials",
        };
        f.pad(name)
    }
}

impl fmt::Display for LinkPhase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fault => "fault",
            Self::Control => "control",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{LinkPhase, Phase};

    #[test]
    fn the_links_of_a_chain_come_one_after_another_before_the_claims_own_failure() {
        let links = [0, 1, 9].map(|place| {
            [LinkPhase::Fault, LinkPhase::Control].map(|phase| Phase::Link(place, phase))
        });
        let mut order = vec![Phase::SteadyState];
        order.extend(links.concat());
        order.push(Phase::Fault);
        assert!(order.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn every_phase_is_read_back_from_its_name() {
        let links = (0..12).flat_map(|place| {
            [LinkPhase::Fault, LinkPhase::Control].map(|phase| Phase::Link(place, phase))
        });
        for phase in Phase::OF_EVERY_CLAIM.into_iter().chain(links) {
            let json = serde_json::to_string(&phase).expect("JSON");
            assert_eq!(
                serde_json::from_str::<Phase>(&json).expect("a phase"),
                phase
            );
        }
        let name = serde_json::to_value(Phase::Link(1, LinkPhase::Control)).expect("JSON");
        assert_eq!(name, "link-2-control");
    }

    #[test]
    fn a_name_that_no_phase_has_is_refused() {
        for name in [
            "faults",
            "link-0-fault",
            "link-1",
            "link-1-remedy",
            "link-x-fault",
        ] {
            let error = Phase::try_from(name.to_owned()).expect_err(name);
            assert_eq!(error.to_string(), format!("there is no phase `{name}`"));
        }
    }
}
