//! What shows that the remedy is the cure, all of it and nothing more, and what the failure is not;
//! tried by `relapse run --thorough`.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_saphyr::Spanned;

use super::{
    Check, Clause, Duration, KubernetesRange, ObjectName, Scenario, Step, default_namespace,
};

/// What people try first, and what leaves the failure standing.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WrongRemedy {
    /// What is tried, in one line.
    pub title: String,
    /// What is done in place of the remedy's steps.
    pub steps: Vec<Step>,
    /// How long the failure must stand afterwards; as in `control` if absent.
    #[serde(default)]
    pub hold: Option<Duration>,
    /// What stands afterwards, where the failure takes another form; the claim's signature if absent.
    #[serde(default)]
    pub signature: Option<Vec<Clause>>,
    /// Versions of Kubernetes on which it is there; all if absent.
    #[serde(default)]
    pub kubernetes: Option<KubernetesRange>,
}

/// Another remedy, which cures as well.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Alternative {
    /// What is done, in one line.
    pub title: String,
    /// What is done in place of the remedy's steps.
    pub steps: Vec<Step>,
    /// Deadline for Ready, from the first step; that of the remedy if absent.
    #[serde(default)]
    pub within: Option<Duration>,
    /// How long Ready must last without a break or a restart; as after the remedy if absent.
    #[serde(default)]
    pub hold: Option<Duration>,
    /// Numbers that are meant, where it takes a workload away; those of the remedy if absent.
    #[serde(default)]
    pub goal: Option<Vec<DeclaredGoal>>,
    /// What a user sees then; the claim's checks if absent.
    #[serde(default)]
    pub checks: Option<Vec<Check>>,
    /// Versions of Kubernetes on which it is there; all if absent.
    #[serde(default)]
    pub kubernetes: Option<KubernetesRange>,
}

/// A change of the healthy start that breaks nothing.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Harmless {
    /// What is done, in one line.
    pub title: String,
    /// What is done in place of the fault's steps.
    pub steps: Vec<Step>,
    /// How long everything that was Ready must stay so, from the last step.
    pub hold: Duration,
    /// What a user sees then; the steady state's checks if absent.
    #[serde(default)]
    pub checks: Option<Vec<Check>>,
    /// Versions of Kubernetes on which it is there; all if absent.
    #[serde(default)]
    pub kubernetes: Option<KubernetesRange>,
}

/// The sorts of what is tried beside the claim, each on a cluster of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AsideKind {
    /// What people try first; the failure stands after it.
    WrongRemedy,
    /// Another remedy, which cures as well.
    Alternative,
    /// A change of the healthy start that breaks nothing.
    Harmless,
}

/// Something that is tried beside the claim: what all sorts have in common.
#[derive(Debug, Clone, Copy)]
pub struct Aside<'a> {
    /// Its sort.
    pub kind: AsideKind,
    /// Its place in its list, from 0.
    pub place: usize,
    /// What is tried, in one line.
    pub title: &'a str,
    /// What is done.
    pub steps: &'a [Step],
}

impl AsideKind {
    /// The key of its list in a scenario.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::WrongRemedy => "wrong_remedies",
            Self::Alternative => "alternatives",
            Self::Harmless => "harmless",
        }
    }
}

impl fmt::Display for AsideKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WrongRemedy => "wrong remedy",
            Self::Alternative => "alternative",
            Self::Harmless => "harmless change",
        })
    }
}

impl Scenario {
    /// Every step that a run may take.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        let start = self.steady_state.iter().flat_map(|start| &start.steps);
        let asides = self.asides().flat_map(|aside| aside.steps);
        let trials = self
            .findings
            .iter()
            .filter_map(|finding| finding.trial.as_ref())
            .flat_map(|trial| trial.reset.iter().chain(&trial.steps));
        start
            .chain(self.breaking_steps())
            .chain(&self.remedy.steps)
            .chain(asides)
            .chain(trials)
    }

    /// Everything that is tried beside the claim, but for the remedy without its parts.
    pub fn asides(&self) -> impl Iterator<Item = Aside<'_>> {
        fn aside<'a>(
            kind: AsideKind,
            (place, (title, steps)): (usize, (&'a String, &'a Vec<Step>)),
        ) -> Aside<'a> {
            Aside {
                kind,
                place,
                title,
                steps,
            }
        }
        let wrong = self
            .wrong_remedies
            .iter()
            .map(|one| (&one.title, &one.steps));
        let others = self.alternatives.iter().map(|one| (&one.title, &one.steps));
        let harmless = self.harmless.iter().map(|one| (&one.title, &one.steps));
        let wrong = wrong
            .enumerate()
            .map(|one| aside(AsideKind::WrongRemedy, one));
        let others = others
            .enumerate()
            .map(|one| aside(AsideKind::Alternative, one));
        let harmless = harmless
            .enumerate()
            .map(|one| aside(AsideKind::Harmless, one));
        wrong.chain(others).chain(harmless)
    }
}

/// A part of the remedy that is kept although the claim is cured without it. Exactly one of
/// `change` and `step` is given.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Precaution {
    /// A changed field of a manifest.
    #[serde(default)]
    pub change: Option<ChangedField>,
    /// A step other than `apply`, in the words in which relapse tells it.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub step: Option<Spanned<String>>,
    /// Why it is kept.
    pub reason: String,
}

/// A change that the remedy makes to an object.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangedField {
    /// Kubernetes kind.
    #[schemars(with = "String")]
    pub kind: Spanned<String>,
    /// Name of the object.
    #[schemars(with = "String")]
    pub name: Spanned<String>,
    /// Namespace; `default` if absent, ignored for cluster-scoped kinds.
    #[serde(default = "default_namespace")]
    pub namespace: String,
    /// The field, as relapse tells it, for example `.spec.strategy.type`; the whole object if absent.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub path: Option<Spanned<String>>,
    /// Text of a changed line, where several lines of a text or entries of a list change.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub line: Option<Spanned<String>>,
}

/// What is meant of an object, where it would otherwise be not Ready or taken away. Exactly one of
/// `replicas`, `absent`, `suspended`, `gated` and `less` is given.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclaredGoal {
    /// Of what.
    pub of: ObjectName,
    /// The number of replicas that is meant, fewer than before or none.
    #[serde(default)]
    pub replicas: Option<u64>,
    /// That it is gone.
    #[serde(default)]
    pub absent: Option<bool>,
    /// That it is suspended: a Job or a `CronJob`.
    #[serde(default)]
    pub suspended: Option<bool>,
    /// That its pods wait behind scheduling gates.
    #[serde(default)]
    pub gated: Option<bool>,
    /// Why it does less than before and is cured all the same: a container is gone, a Job needs fewer
    /// completions, a `DaemonSet` leaves a node, a `CronJob` runs more seldom, a rollout stops half way, a
    /// pod ends.
    #[serde(default)]
    pub less: Option<String>,
}

impl DeclaredGoal {
    /// Whether nothing of it is left to become Ready.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        matches!(
            (self.replicas, self.absent),
            (None, Some(true)) | (Some(0), None)
        )
    }
}
