//! What a report knows of one scenario's run.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Refutation, Verdict};
use crate::phase::Phase;
use crate::scenario::{Answer, Aside, AsideKind, Perturbation};
use crate::time::{each_millis_if_any, millis, millis_if_any};

/// Everything a report needs to know of one scenario's run; stored as `verdict.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finished {
    /// The scenario.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Kubernetes minor it ran on, for example `1.36`.
    pub kubernetes: String,
    /// What was proved.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// The phase in which the verdict fell, if a cluster was touched.
    pub phase: Option<Phase>,
    /// Milliseconds from the first step of the fault until the signature was seen.
    #[serde(default, deserialize_with = "millis_if_any")]
    pub time_to_signature: Option<u64>,
    /// Milliseconds from the first step of the remedy until everything was Ready.
    #[serde(default, deserialize_with = "millis_if_any")]
    pub time_to_ready: Option<u64>,
    /// Milliseconds for all of it, with cluster and clean-up, but without the wait for others.
    #[serde(deserialize_with = "millis")]
    pub duration: u64,
    /// Rates of the findings' trials, where they were run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rates: Vec<Rate>,
    /// What the remedied workload went through.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stress: Vec<Perturbed>,
    /// What the wrong remedies did, where they were tried.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wrong_remedies: Vec<Tried>,
    /// What the other remedies did, where they were tried.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alternatives: Vec<Tried>,
    /// What was harmless, where it was tried.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub harmless: Vec<Tried>,
    /// What the healthy start did without the fault, where that was tried, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placebo: Option<String>,
    /// Which parts of the remedy are needed, where each was left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<PartJudged>,
    /// The statements of the record, with their answers as far as they were witnessed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<StatementJudged>,
    /// What stood after what was tried beside the claim, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stood: Option<String>,
    /// What the failing workloads showed and no clause of the signature names, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unnamed: Vec<String>,
    /// The way that the experiment took.
    #[serde(default, skip_serializing_if = "Course::is_the_claim")]
    pub course: Course,
    /// Whether the trials of findings were to be repeated.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub trials: bool,
    /// Whether everything was tried, the rare perturbations too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub thorough: bool,
    /// Premises of the claim that nobody here could verify, in words; the verdict stands on the rest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unverified: Vec<String>,
    /// Whether a sign of the failure that no clause names refutes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub strict: bool,
    /// The attempts, where there were several; what else is here is then what they come to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<Attempted>,
}

impl Finished {
    /// Judges it strictly, where that is asked for: a proof is none where the failing workloads showed more
    /// than the signature says.
    pub fn hold_strictly(&mut self) {
        let applies = self.strict && self.course.is_the_claim();
        if applies && self.verdict == Verdict::Proved && !self.unnamed.is_empty() {
            let signs = self.unnamed.join("; ");
            let detail = format!("seen, and in no clause of the signature: {signs}");
            self.verdict = Verdict::refuted(Refutation::OtherFailure, detail);
            self.phase = Some(Phase::Control);
        }
    }
}

/// The way that an experiment takes after its steady state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Course {
    /// Fault, control, remedy, checks and stress: the claim itself.
    #[default]
    Claim,
    /// The wrong remedy in this place of the claim's list, from 0.
    WrongRemedy(usize),
    /// The alternative in this place of the claim's list, from 0.
    Alternative(usize),
    /// The harmless change in this place of the claim's list, from 0; no fault is made.
    Harmless(usize),
    /// The remedy without the part in this place, from 0.
    Without(usize),
    /// The healthy start without the fault, for so many milliseconds.
    Placebo(u64),
}

impl Course {
    /// The course of something that is tried beside the claim.
    #[must_use]
    pub const fn of(aside: &Aside<'_>) -> Self {
        match aside.kind {
            AsideKind::WrongRemedy => Self::WrongRemedy(aside.place),
            AsideKind::Alternative => Self::Alternative(aside.place),
            AsideKind::Harmless => Self::Harmless(aside.place),
        }
    }

    /// Whether it is the claim itself.
    #[must_use]
    pub const fn is_the_claim(&self) -> bool {
        matches!(self, Self::Claim)
    }
}

impl fmt::Display for Course {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Claim => f.write_str("claim"),
            Self::WrongRemedy(place) => write!(f, "wrong-remedy-{}", place.saturating_add(1)),
            Self::Alternative(place) => write!(f, "alternative-{}", place.saturating_add(1)),
            Self::Harmless(place) => write!(f, "harmless-{}", place.saturating_add(1)),
            Self::Without(place) => write!(f, "without-part-{}", place.saturating_add(1)),
            Self::Placebo(_) => f.write_str("placebo"),
        }
    }
}

/// One of several attempts at a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempted {
    /// Name of the folder of its evidence; none if nothing was touched.
    pub evidence: Option<String>,
    /// What it proved.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// The phase in which its verdict fell, if a cluster was touched.
    pub phase: Option<Phase>,
    /// Milliseconds from the first step of the fault until the signature was seen.
    #[serde(default, deserialize_with = "millis_if_any")]
    pub time_to_signature: Option<u64>,
    /// Milliseconds from the first step of the remedy until everything was Ready.
    #[serde(default, deserialize_with = "millis_if_any")]
    pub time_to_ready: Option<u64>,
    /// Milliseconds for all of it, with cluster and clean-up, but without the wait for others.
    #[serde(deserialize_with = "millis")]
    pub duration: u64,
}

/// What a perturbation did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Perturbed {
    /// Which.
    pub perturbation: Perturbation,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Survival,
}

/// What became of a perturbation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Survival {
    /// It took effect, and everything became Ready again.
    Recovered {
        /// What shows that it took effect.
        effect: String,
        /// Milliseconds from its beginning to Ready.
        #[serde(deserialize_with = "millis")]
        millis: u64,
    },
    /// It cannot be done on this engine.
    Skipped {
        /// Why.
        reason: String,
    },
    /// The claim says why it says nothing.
    NotApplicable {
        /// Why.
        reason: String,
    },
}

/// Something that was tried beside the claim, and did what the claim says of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    /// Its title.
    pub title: String,
    /// What stood afterwards, in words: the failure after a wrong remedy, else what is Ready.
    pub stood: String,
}

/// A statement of the record, and whether its answer was witnessed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementJudged {
    /// Its label.
    pub id: String,
    /// The statement as the record makes it.
    pub says: String,
    /// The answer that the scenario gives.
    pub answer: Answer,
    /// On what it depends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
    /// What shows it, in words.
    pub shown_by: String,
    /// Whether that was witnessed: the answer counts only then.
    pub shown: Shown,
}

/// Whether what shows a statement was witnessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shown {
    /// It was.
    Here,
    /// It is tried beside the claim, which was not asked for.
    OnlyThoroughly,
    /// Another scenario shows it.
    Elsewhere,
    /// It was not.
    Not,
}

/// A part of the remedy, left out alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartJudged {
    /// The part in words.
    pub part: String,
    /// The change as lines that begin with `-` and `+`; empty for a step.
    pub diff: String,
    /// What became of the failure without it.
    #[serde(flatten)]
    pub necessity: Necessity,
}

/// Whether a part of the remedy is needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "necessity", rename_all = "kebab-case")]
pub enum Necessity {
    /// Without it nothing is cured.
    Needed {
        /// What stood without it, in words.
        stood: String,
    },
    /// The claim keeps it as a precaution.
    Precaution {
        /// Why.
        reason: String,
        /// What stood without it, in words, if it turned out to be needed all the same.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stood: Option<String>,
    },
}

/// How often a finding's trial converged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// The finding's title.
    pub finding: String,
    /// Milliseconds to Ready of each repetition; none where it did not converge in time.
    #[serde(deserialize_with = "each_millis_if_any")]
    pub times: Vec<Option<u64>>,
}

impl Rate {
    /// Repetitions that converged.
    #[must_use]
    pub fn converged(&self) -> usize {
        self.times.iter().flatten().count()
    }
}
