//! Parts of a claim that are there on some versions of Kubernetes alone.

use super::{
    Alternative, Check, Clause, Harmless, KubernetesRange, LoadedScenario, MINORS, ReadyClause,
    Scenario, Statement, WrongRemedy,
};
use crate::input::YamlNode;
use crate::input::diagnostic::Mistakes;

/// A part that may be bound to versions.
pub(crate) trait Versioned {
    fn range(&self) -> Option<&KubernetesRange>;

    /// Where its `kubernetes` is written, in the part.
    fn place<'n>(&self, part: &'n YamlNode) -> &'n YamlNode {
        part
    }

    fn is_on(&self, version: &str) -> bool {
        self.range().is_none_or(|range| range.contains(version))
    }
}

impl Clause {
    /// The versions of Kubernetes on which it is there; all if none are given.
    #[must_use]
    pub fn kubernetes(&self) -> Option<&KubernetesRange> {
        match self {
            Self::State(state) => state.kubernetes.as_ref(),
            Self::Event(event) | Self::NoEvent(event) => event.kubernetes.as_ref(),
            Self::Log(log) | Self::NoLog(log) => log.kubernetes.as_ref(),
            Self::Refusal(refusal) => refusal.kubernetes.as_ref(),
            Self::Http(http) => http.kubernetes.as_ref(),
            Self::Exec(exec) => exec.kubernetes.as_ref(),
        }
    }
}

impl Check {
    /// The versions of Kubernetes on which it is asked; all if none are given.
    #[must_use]
    pub fn kubernetes(&self) -> Option<&KubernetesRange> {
        match self {
            Self::Http(http) => http.kubernetes.as_ref(),
            Self::Exec(exec) => exec.kubernetes.as_ref(),
            Self::State(state) => state.kubernetes.as_ref(),
            Self::Log(log) => log.kubernetes.as_ref(),
            Self::Event(event) => event.kubernetes.as_ref(),
        }
    }
}

impl Versioned for Clause {
    fn range(&self) -> Option<&KubernetesRange> {
        self.kubernetes()
    }

    fn place<'n>(&self, part: &'n YamlNode) -> &'n YamlNode {
        part.key(self.key())
    }
}

impl Versioned for Check {
    fn range(&self) -> Option<&KubernetesRange> {
        self.kubernetes()
    }

    fn place<'n>(&self, part: &'n YamlNode) -> &'n YamlNode {
        part.key(self.key())
    }
}

impl Versioned for ReadyClause {
    fn range(&self) -> Option<&KubernetesRange> {
        match self {
            Self::State(state) => state.kubernetes.as_ref(),
            Self::Http(http) => http.kubernetes.as_ref(),
            Self::Exec(exec) => exec.kubernetes.as_ref(),
        }
    }

    fn place<'n>(&self, part: &'n YamlNode) -> &'n YamlNode {
        part.key(match self {
            Self::State(_) => "state",
            Self::Http(_) => "http",
            Self::Exec(_) => "exec",
        })
    }
}

impl Versioned for WrongRemedy {
    fn range(&self) -> Option<&KubernetesRange> {
        self.kubernetes.as_ref()
    }
}

impl Versioned for Alternative {
    fn range(&self) -> Option<&KubernetesRange> {
        self.kubernetes.as_ref()
    }
}

impl Versioned for Harmless {
    fn range(&self) -> Option<&KubernetesRange> {
        self.kubernetes.as_ref()
    }
}

impl Versioned for Statement {
    fn range(&self) -> Option<&KubernetesRange> {
        self.kubernetes.as_ref()
    }
}

impl LoadedScenario {
    /// The scenario as it is on a version of Kubernetes, for example `1.36`: without the parts that
    /// are for others.
    #[must_use]
    pub fn on(&self, kubernetes: &str) -> Self {
        Self {
            scenario: self.scenario.on(kubernetes),
            ..self.clone()
        }
    }
}

impl Scenario {
    pub(crate) fn on(&self, version: &str) -> Self {
        let mut here = self.clone();
        keep(&mut here.signature, version);
        for link in &mut here.links {
            keep(&mut link.signature, version);
        }
        keep(&mut here.ready, version);
        keep(&mut here.checks, version);
        if let Some(start) = &mut here.steady_state {
            keep(&mut start.checks, version);
        }
        here.stress
            .checks
            .iter_mut()
            .for_each(|checks| keep(checks, version));
        keep(&mut here.wrong_remedies, version);
        for wrong in &mut here.wrong_remedies {
            wrong
                .signature
                .iter_mut()
                .for_each(|clauses| keep(clauses, version));
        }
        keep(&mut here.alternatives, version);
        for alternative in &mut here.alternatives {
            alternative
                .checks
                .iter_mut()
                .for_each(|checks| keep(checks, version));
        }
        keep(&mut here.harmless, version);
        for harmless in &mut here.harmless {
            harmless
                .checks
                .iter_mut()
                .for_each(|checks| keep(checks, version));
        }
        keep(&mut here.claims, version);
        here
    }

    /// The versions on which this claim can be tried here.
    pub(crate) fn minors(&self) -> Vec<&'static str> {
        let range = self.kubernetes.as_ref();
        let allowed = |minor: &&str| range.is_none_or(|range| range.contains(minor));
        MINORS.into_iter().filter(allowed).collect()
    }
}

fn keep<T: Versioned>(parts: &mut Vec<T>, version: &str) {
    parts.retain(|part| part.is_on(version));
}

/// Finds parts that are there on no version of the claim, and signatures of which a version leaves
/// nothing.
pub(crate) fn walk(scenario: &Scenario, root: &YamlNode, mistakes: &mut Mistakes<'_>) {
    let mut versions = Versions {
        minors: scenario.minors(),
        mistakes,
    };
    if versions.minors.is_empty() {
        return;
    }
    versions.signature(&scenario.signature, root, |_| true);
    for (index, link) in scenario.links.iter().enumerate() {
        let at = root.key("links").index(index);
        versions.signature(&link.signature, at, |_| true);
    }
    versions.parts(&scenario.ready, root.key("ready"));
    versions.parts(&scenario.checks, root.key("checks"));
    if let Some(start) = &scenario.steady_state {
        versions.parts(&start.checks, root.key("steady_state").key("checks"));
    }
    let after_stress = scenario.stress.checks.as_deref().unwrap_or_default();
    versions.parts(after_stress, root.key("stress").key("checks"));
    let at = root.key("wrong_remedies");
    versions.parts(&scenario.wrong_remedies, at);
    for (index, wrong) in scenario.wrong_remedies.iter().enumerate() {
        if let Some(signature) = &wrong.signature {
            versions.signature(signature, at.index(index), |minor| wrong.is_on(minor));
        }
    }
    let at = root.key("alternatives");
    versions.parts(&scenario.alternatives, at);
    for (index, one) in scenario.alternatives.iter().enumerate() {
        let checks = one.checks.as_deref().unwrap_or_default();
        versions.parts(checks, at.index(index).key("checks"));
    }
    let at = root.key("harmless");
    versions.parts(&scenario.harmless, at);
    for (index, one) in scenario.harmless.iter().enumerate() {
        let checks = one.checks.as_deref().unwrap_or_default();
        versions.parts(checks, at.index(index).key("checks"));
    }
    versions.parts(&scenario.claims, root.key("claims"));
}

struct Versions<'a, 'b> {
    minors: Vec<&'static str>,
    mistakes: &'a mut Mistakes<'b>,
}

impl Versions<'_, '_> {
    fn parts<T: Versioned>(&mut self, parts: &[T], at: &YamlNode) {
        for (index, part) in parts.iter().enumerate() {
            if let Some(range) = part.range()
                && !self.minors.iter().any(|minor| range.contains(minor))
            {
                let place = part.place(at.index(index));
                self.mistakes.add(
                    place.key("kubernetes").position(),
                    format!("`{range}` is no version on which this claim is tried"),
                    format!("it is tried on {}", self.minors.join(", ")),
                );
            }
        }
    }

    /// `is_asked` tells whether the signature is asked for on a version.
    fn signature(&mut self, signature: &[Clause], at: &YamlNode, is_asked: impl Fn(&str) -> bool) {
        self.parts(signature, at.key("signature"));
        let is_left = |minor: &str| signature.iter().any(|clause| clause.is_on(minor));
        let mut asked = self.minors.iter().filter(|minor| is_asked(minor));
        if !signature.is_empty()
            && let Some(minor) = asked.find(|minor| !is_left(minor))
        {
            self.mistakes.add(
                at.key_position("signature"),
                format!("no clause of this signature is for Kubernetes {minor}"),
                "add one, or bind the claim itself to versions with `kubernetes`".to_owned(),
            );
        }
    }
}

#[cfg(test)]
mod tests;
