//! The rules for what a remedy must survive, for what is tried beside the claim, and for declared
//! goals.

use std::collections::BTreeSet;

use super::phases::{Linter, SHORTEST};
use crate::input::YamlNode;
use crate::kubernetes::kinds::Trait;
use crate::scenario::{DeclaredGoal, Duration, Scenario, Stress};

const KEEP_ONE: &str = "keep one";

/// The entries of a list, as many as are asked for.
fn entries<'n>(root: &'n YamlNode, list: &str) -> impl Iterator<Item = &'n YamlNode> {
    let list = root.key(list);
    (0..).map(move |index| list.index(index))
}

impl<'a> Linter<'a, '_, '_> {
    pub(crate) fn stress(&mut self, stress: &'a Stress, at: &YamlNode) {
        let perturbations = stress.perturbations.as_deref();
        if perturbations.is_some_and(<[_]>::is_empty) {
            let help = "leave it out for what the remedied kinds suggest; what says nothing about \
                        this claim goes into `not_applicable`";
            self.empty(at, "perturbations", help);
        }
        let mut done = BTreeSet::new();
        for (index, perturbation) in perturbations.unwrap_or_default().iter().enumerate() {
            if !done.insert(perturbation.value) {
                let message = format!("`{}` is given twice", perturbation.value);
                let position = at.key("perturbations").index(index).position();
                self.wrong(position, &message, KEEP_ONE);
            }
        }
        let mut left_out = BTreeSet::new();
        for (index, entry) in stress.not_applicable.iter().enumerate() {
            let at = at.key("not_applicable").index(index);
            let perturbation = entry.perturbation.value;
            let position = at.key("perturbation").position();
            if !left_out.insert(perturbation) {
                let message = format!("`{perturbation}` is given twice");
                self.wrong(position, &message, KEEP_ONE);
            }
            if done.contains(&perturbation) {
                let message = format!("`{perturbation}` is in `perturbations` too");
                self.wrong(position, &message, "do it or leave it out, not both");
            }
            if entry.reason.trim().is_empty() {
                self.empty(at, "reason", "write why it says nothing about this claim");
            }
        }
        self.time(stress.within, at, "within");
        self.checks(
            stress.checks.as_deref().unwrap_or_default(),
            at.key("checks"),
        );
    }

    /// What is tried beside the claim.
    pub(crate) fn asides(&mut self, scenario: &'a Scenario, root: &YamlNode) {
        let mut titles = BTreeSet::new();
        for aside in scenario.asides() {
            let at = root.key(aside.kind.key()).index(aside.place);
            let title = aside.title.trim();
            if title.is_empty() {
                self.empty(at, "title", "write what is tried, in one line");
            } else if !titles.insert((aside.kind, title)) {
                let message = format!("the {} `{title}` is given twice", aside.kind);
                self.wrong(at.key("title").position(), &message, KEEP_ONE);
            }
            self.steps(aside.steps, at, "steps");
        }
        for (wrong, at) in scenario
            .wrong_remedies
            .iter()
            .zip(entries(root, "wrong_remedies"))
        {
            self.held(wrong.hold, at);
            if let Some(signature) = &wrong.signature {
                self.signature(signature, at);
            }
        }
        for (other, at) in scenario
            .alternatives
            .iter()
            .zip(entries(root, "alternatives"))
        {
            if let Some(within) = other.within {
                self.time(within, at, "within");
            }
            self.held(other.hold, at);
            self.goal(other.goal.as_deref().unwrap_or_default(), at.key("goal"));
            self.checks(
                other.checks.as_deref().unwrap_or_default(),
                at.key("checks"),
            );
        }
        for (harmless, at) in scenario.harmless.iter().zip(entries(root, "harmless")) {
            self.hold(harmless.hold, at, SHORTEST);
            self.checks(
                harmless.checks.as_deref().unwrap_or_default(),
                at.key("checks"),
            );
        }
        if scenario.steady_state.is_none() && !scenario.harmless.is_empty() {
            self.wrong(
                root.key_position("harmless"),
                "there is no healthy start to which this could be harmless",
                "add a `steady_state`",
            );
        }
    }

    fn held(&mut self, hold: Option<Duration>, at: &YamlNode) {
        if let Some(hold) = hold {
            self.hold(hold, at, SHORTEST);
        }
    }

    pub(crate) fn goal(&mut self, goal: &'a [DeclaredGoal], at: &YamlNode) {
        let mut named = BTreeSet::new();
        for (index, declared) in goal.iter().enumerate() {
            let at = at.index(index);
            let of = &declared.of;
            if declared.replicas.is_some() {
                self.object_of(Trait::Scales, "scaled", of, at.key("of"));
            } else {
                self.object(of, at.key("of"));
            }
            self.one_thing(declared, at);
            if !named.insert((&of.kind.value, &of.namespace, &of.name.value)) {
                let message = format!("a goal of {of} is given twice");
                self.wrong(at.key("of").position(), &message, KEEP_ONE);
            }
        }
    }

    /// A declared goal says exactly one thing, and that it is so.
    fn one_thing(&mut self, declared: &'a DeclaredGoal, at: &YamlNode) {
        let flags = [
            ("absent", declared.absent),
            ("suspended", declared.suspended),
            ("gated", declared.gated),
        ];
        let said = flags.iter().filter(|(_, flag)| flag.is_some()).count()
            + usize::from(declared.replicas.is_some())
            + usize::from(declared.less.is_some());
        for (key, _) in flags.iter().filter(|(_, flag)| *flag == Some(false)) {
            let help = if said > 1 {
                "leave it out"
            } else {
                "leave it out, or give `replicas`"
            };
            let position = at.key_position(key);
            self.wrong(position, &format!("`{key}: false` says nothing"), help);
        }
        if said != 1 {
            let help = "give exactly one of `replicas`, `absent`, `suspended`, `gated` and `less`";
            self.wrong(at.position(), "a declared goal says one thing", help);
        }
        let kind = declared.of.kind.value.as_str();
        if declared.suspended.is_some() && !matches!(kind, "Job" | "CronJob") {
            let help = "these can: Job, CronJob";
            let position = at.key_position("suspended");
            self.wrong(position, &format!("a {kind} cannot be suspended"), help);
        }
        if declared
            .less
            .as_ref()
            .is_some_and(|why| why.trim().is_empty())
        {
            self.empty(
                at,
                "less",
                "write why it is cured although it does less than before",
            );
        }
    }
}
