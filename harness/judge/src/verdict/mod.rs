//! The verdict on a claim: one of five, with a typed reason and the evidence in words.

mod finished;
mod recorded;
mod statements;
mod variations;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::phase::Phase;
use crate::scenario::Capability;

pub use finished::{
    Attempted, Course, Finished, Necessity, PartJudged, Perturbed, Rate, Shown, StatementJudged,
    Survival, Tried,
};
pub use recorded::RecordedVerdicts;
pub use statements::statements;
pub use variations::{Beside, together};

/// What was proved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum Verdict {
    /// The failure is the documented one, it stands, and the remedy cures it.
    Proved,
    /// The cluster contradicts the claim.
    Refuted(Because<Refutation>),
    /// Tried several times, with different verdicts.
    Flaky(Because<Flakiness>),
    /// The machine, the engine or relapse failed, never the claim.
    Inconclusive(Because<Obstacle>),
    /// Something that the claim needs is not here.
    Skipped(Because<Lack>),
}

/// A reason and what was awaited, what was last seen, and what to do next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Because<R> {
    /// The reason.
    pub reason: R,
    /// The evidence in words.
    pub detail: String,
}

impl Because<Obstacle> {
    /// Ctrl-C, SIGTERM or SIGHUP ended the run.
    #[must_use]
    pub fn interrupted() -> Self {
        Self {
            reason: Obstacle::Interrupted,
            detail: "a signal ended the run".to_owned(),
        }
    }
}

/// Why a claim is refuted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refutation {
    /// What must be missing is there: the world moved on.
    PremiseGone,
    /// The healthy start did not become Ready or did not stay so.
    BaselineBroken,
    /// The signature was seen before the fault.
    AlreadyPresent,
    /// After the fault everything became Ready, or nothing happened.
    NotReproduced,
    /// It failed, but not as documented.
    OtherFailure,
    /// The failure went away while nothing was touched.
    SelfHealed,
    /// The remedied manifests did not become Ready.
    NotRemedied,
    /// Ready, and then not, or with a restart.
    Unstable,
    /// The goal was met by taking away what was to be cured.
    WorkloadRemoved,
    /// Ready, but a user would not see what the claim says.
    CheckFailed,
    /// The failure came back under stress.
    Relapsed,
    /// Something that the claim calls a wrong remedy cures.
    WrongRemedyWorks,
    /// Something that the claim calls another remedy does not cure.
    AlternativeFails,
    /// Something that the claim calls harmless breaks what was Ready.
    Harmful,
    /// A part of the remedy can be left out.
    HunkUnnecessary,
    /// A part of the claim spoke of nothing that was ever there.
    Vacuous,
}

/// Why a verdict is not to be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Flakiness {
    /// Attempts at the same claim ended differently.
    AttemptsDiffer,
}

/// What kept relapse from judging.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Obstacle {
    /// The engine, the registry or an image could not be set up.
    SetUpFailed,
    /// The cluster could not be made or did not become usable.
    ClusterFailed,
    /// The API server or a watch was lost for good.
    ApiLost,
    /// The nodes could not reach the registry.
    RegistryUnreachable,
    /// The claim stands, but a finding's trial could not be repeated.
    TrialFailed,
    /// A perturbation had no effect, so that nothing was survived.
    NotPerturbed,
    /// A file of the evidence could not be written, or is not there any more.
    EvidenceLost,
    /// Something was left behind.
    Leaked,
    /// A signal ended the run.
    Interrupted,
    /// A fault of relapse itself.
    Internal,
}

/// What is not here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lack {
    /// An image that can be neither pulled nor built here.
    Image,
    /// A Kubernetes version for which the claim is made.
    KubernetesVersion,
    /// Nodes of a lent cluster, or leave to do something to them.
    Nodes,
    /// A pod network that enforces `NetworkPolicy`.
    NetworkPolicy,
}

impl From<Capability> for Lack {
    fn from(need: Capability) -> Self {
        match need {
            Capability::NetworkPolicy => Self::NetworkPolicy,
        }
    }
}

impl Verdict {
    /// A refutation in words.
    #[must_use]
    pub fn refuted(reason: Refutation, detail: impl Into<String>) -> Self {
        Self::Refuted(Because {
            reason,
            detail: detail.into(),
        })
    }

    /// An obstacle in words.
    #[must_use]
    pub fn inconclusive(reason: Obstacle, detail: impl Into<String>) -> Self {
        Self::Inconclusive(Because {
            reason,
            detail: detail.into(),
        })
    }

    /// A lack in words.
    #[must_use]
    pub fn skipped(reason: Lack, detail: impl Into<String>) -> Self {
        Self::Skipped(Because {
            reason,
            detail: detail.into(),
        })
    }

    /// The same verdict, a refutation for this reason instead, with these words before its own.
    #[must_use]
    pub fn refuted_for(self, reason: Refutation, words: &str) -> Self {
        match self {
            Self::Refuted(because) => Self::refuted(reason, format!("{words}{}", because.detail)),
            other => other,
        }
    }

    /// The same verdict for the same reason, with other evidence in words.
    #[must_use]
    pub fn with_detail(&self, detail: String) -> Self {
        fn because<R: Copy>(because: &Because<R>, detail: String) -> Because<R> {
            Because {
                reason: because.reason,
                detail,
            }
        }
        match self {
            Self::Proved => Self::Proved,
            Self::Refuted(reason) => Self::Refuted(because(reason, detail)),
            Self::Flaky(reason) => Self::Flaky(because(reason, detail)),
            Self::Inconclusive(reason) => Self::Inconclusive(because(reason, detail)),
            Self::Skipped(reason) => Self::Skipped(because(reason, detail)),
        }
    }

    /// The verdict in one word.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Proved => "proved",
            Self::Refuted(_) => "refuted",
            Self::Flaky(_) => "flaky",
            Self::Inconclusive(_) => "inconclusive",
            Self::Skipped(_) => "skipped",
        }
    }

    /// The reason in one word, if the verdict has one.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        match self {
            Self::Proved => None,
            Self::Refuted(because) => Some(because.reason.to_string()),
            Self::Flaky(because) => Some(because.reason.to_string()),
            Self::Inconclusive(because) => Some(because.reason.to_string()),
            Self::Skipped(because) => Some(because.reason.to_string()),
        }
    }

    /// The evidence in words, if the verdict has a reason.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        match self {
            Self::Proved => None,
            Self::Refuted(because) => Some(&because.detail),
            Self::Flaky(because) => Some(&because.detail),
            Self::Inconclusive(because) => Some(&because.detail),
            Self::Skipped(because) => Some(&because.detail),
        }
    }

    /// Adds a line to the evidence in words, if the verdict has a reason.
    pub fn add_detail(&mut self, line: &str) {
        let detail = match self {
            Self::Proved => return,
            Self::Refuted(because) => &mut because.detail,
            Self::Flaky(because) => &mut because.detail,
            Self::Inconclusive(because) => &mut because.detail,
            Self::Skipped(because) => &mut because.detail,
        };
        detail.push('\n');
        detail.push_str(line);
    }

    /// The verdict with its reason and the phase in which it fell: `refuted, unstable (phase: remedy)`.
    #[must_use]
    pub fn heading(&self, phase: Option<Phase>) -> String {
        let mut words = self.word().to_owned();
        if let Some(reason) = self.reason() {
            words = format!("{words}, {reason}");
        }
        if let Some(phase) = phase {
            words = format!("{words} (phase: {phase})");
        }
        words
    }
}

fn write_kebab(f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    for (index, letter) in name.chars().enumerate() {
        if letter.is_ascii_uppercase() && index > 0 {
            f.write_str("-")?;
        }
        write!(f, "{}", letter.to_ascii_lowercase())?;
    }
    Ok(())
}

impl fmt::Display for Refutation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_kebab(f, &format!("{self:?}"))
    }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_kebab(f, &format!("{self:?}"))
    }
}

impl fmt::Display for Flakiness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_kebab(f, &format!("{self:?}"))
    }
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_kebab(f, &format!("{self:?}"))
    }
}

#[cfg(test)]
mod tests {
    use super::{Course, Finished, Flakiness, Lack, Obstacle, Refutation};
    use crate::testing::sample;

    #[test]
    fn verdict_json_is_flat() {
        let json = serde_json::to_string_pretty(&sample::inconclusive()).expect("JSON");
        insta::assert_snapshot!(json, @r#"
        {
          "id": "loki3-removed-field",
          "title": "Loki 3 refuses a configuration of Loki 2",
          "kubernetes": "1.36",
          "verdict": "inconclusive",
          "reason": "cluster-failed",
          "detail": "kind create cluster ended with code 1: no space left on device",
          "phase": null,
          "time_to_signature": null,
          "time_to_ready": null,
          "duration": 9100
        }
        "#);
    }

    #[test]
    fn every_verdict_survives_json() {
        for finished in sample::all() {
            let json = serde_json::to_string(&finished).expect("JSON");
            let read: Finished = serde_json::from_str(&json).expect("a verdict");
            assert_eq!(read, finished);
        }
    }

    #[test]
    fn the_way_of_an_experiment_survives_json_and_names_its_folder() {
        for (course, name) in [
            (Course::Claim, "claim"),
            (Course::WrongRemedy(1), "wrong-remedy-2"),
            (Course::Without(0), "without-part-1"),
        ] {
            let finished = Finished {
                course,
                ..sample::proved()
            };
            let json = serde_json::to_string(&finished).expect("JSON");
            let read: Finished = serde_json::from_str(&json).expect("a verdict");
            assert_eq!(read.course, course);
            assert_eq!(course.to_string(), name);
        }
    }

    #[test]
    fn a_reason_reads_the_same_in_words_and_in_json() {
        fn same<R: serde::Serialize + ToString>(reasons: &[R]) {
            for reason in reasons {
                let json = serde_json::to_value(reason).expect("JSON");
                assert_eq!(json, reason.to_string());
            }
        }
        same(&[
            Refutation::PremiseGone,
            Refutation::BaselineBroken,
            Refutation::AlreadyPresent,
            Refutation::NotReproduced,
            Refutation::OtherFailure,
            Refutation::SelfHealed,
            Refutation::NotRemedied,
            Refutation::Unstable,
            Refutation::WorkloadRemoved,
            Refutation::CheckFailed,
            Refutation::Relapsed,
            Refutation::WrongRemedyWorks,
            Refutation::AlternativeFails,
            Refutation::Harmful,
            Refutation::HunkUnnecessary,
            Refutation::Vacuous,
        ]);
        same(&[Flakiness::AttemptsDiffer]);
        same(&[
            Obstacle::SetUpFailed,
            Obstacle::ClusterFailed,
            Obstacle::ApiLost,
            Obstacle::RegistryUnreachable,
            Obstacle::TrialFailed,
            Obstacle::NotPerturbed,
            Obstacle::EvidenceLost,
            Obstacle::Leaked,
            Obstacle::Interrupted,
            Obstacle::Internal,
        ]);
        same(&[
            Lack::Image,
            Lack::KubernetesVersion,
            Lack::Nodes,
            Lack::NetworkPolicy,
        ]);
    }

    #[test]
    fn a_reason_of_another_verdict_is_refused() {
        let mut json = serde_json::to_value(sample::refuted()).expect("JSON");
        json["reason"] = "cluster-failed".into();
        assert!(serde_json::from_value::<Finished>(json).is_err());
    }
}
