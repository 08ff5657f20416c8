//! What is tried beside the claim, and what all of it says of the record, in words.

use super::Page;
use relapse_judge::report::sentences::Voice::Terminal;
use relapse_judge::report::sentences::on_versions;
use relapse_judge::scenario::{Check, KubernetesRange, LoadedScenario, Statement, Step};

impl Page {
    pub(super) fn wrong_remedies(&mut self, loaded: &LoadedScenario) {
        let claim = &loaded.scenario;
        if !claim.wrong_remedies.is_empty() {
            self.section("Wrong remedies: the failure stands after each");
        }
        for wrong in &claim.wrong_remedies {
            self.tried(
                &wrong.title,
                &wrong.steps,
                wrong.kubernetes.as_ref(),
                loaded,
            );
            let hold = wrong.hold.unwrap_or(claim.control.hold);
            match &wrong.signature {
                None => self.said(&format!("The failure stands for {hold}.")),
                Some(signature) => {
                    self.said(&format!("After {hold} the failure stands in another form:"));
                    for clause in signature {
                        self.clause("    - ", clause);
                    }
                }
            }
        }
    }

    pub(super) fn alternatives(&mut self, loaded: &LoadedScenario) {
        let claim = &loaded.scenario;
        if !claim.alternatives.is_empty() {
            self.section("Alternatives: each cures too");
        }
        for alternative in &claim.alternatives {
            self.tried(
                &alternative.title,
                &alternative.steps,
                alternative.kubernetes.as_ref(),
                loaded,
            );
            let within = alternative.within.unwrap_or(claim.remedy.within);
            let hold = alternative.hold.unwrap_or(claim.remedy.hold);
            self.said(&format!(
                "Within {within} everything applied is Ready, and stays so for {hold} without a restart."
            ));
            for goal in alternative.goal.iter().flatten() {
                self.said(&Terminal.goal(goal));
            }
            self.seen(alternative.checks.as_deref());
        }
    }

    pub(super) fn harmless(&mut self, loaded: &LoadedScenario) {
        let claim = &loaded.scenario;
        if !claim.harmless.is_empty() {
            self.section("Harmless: what does not break the healthy start");
        }
        for harmless in &claim.harmless {
            self.tried(
                &harmless.title,
                &harmless.steps,
                harmless.kubernetes.as_ref(),
                loaded,
            );
            self.said(&format!(
                "Everything that was Ready stays so for {} without a restart.",
                harmless.hold
            ));
            self.seen(harmless.checks.as_deref());
        }
    }

    pub(super) fn statements(&mut self, statements: &[Statement]) {
        if !statements.is_empty() {
            self.section("Claims of the record, and what the clusters say");
        }
        for statement in statements {
            let answer = match &statement.on {
                Some(on) => format!("depends on {on}"),
                None => statement.answer.to_string(),
            };
            let range = on_versions(statement.kubernetes.as_ref());
            self.item(&format!(
                "{} {answer}{range}: {}",
                statement.id.value, statement.says
            ));
            if let Some(because) = &statement.because {
                self.said(because);
            }
            self.said(&format!("Shown by: {}.", statement.shown_by));
        }
    }

    fn tried(
        &mut self,
        title: &str,
        steps: &[Step],
        range: Option<&KubernetesRange>,
        loaded: &LoadedScenario,
    ) {
        self.item(&format!("{title}{}", on_versions(range)));
        self.said(&Terminal.steps(steps, loaded));
    }

    fn said(&mut self, sentence: &str) {
        self.paragraph("    ", sentence);
    }

    fn seen(&mut self, checks: Option<&[Check]>) {
        for check in checks.unwrap_or_default() {
            self.check("    - ", check);
        }
    }
}
