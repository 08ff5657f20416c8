//! A scenario as a section: what is seen, what cures it, and what else is known of it.

use std::fmt::Write;

use crate::remedy::remedy_diff;
use crate::report::sentences::Voice::Page;
use crate::report::sentences::{capital, on_versions};
use crate::scenario::{Check, Finding, LoadedScenario, Statement, Step};
use crate::text::markdown::{block, code, line, prose, table};
use crate::text::shown;
use crate::verdict::Finished;

/// The section of a scenario with its recorded verdicts; `level` is the mark of its heading.
pub(crate) fn section(loaded: &LoadedScenario, proofs: &[Finished], level: &str) -> String {
    let mut section = Section {
        text: format!("\n{level} {}\n", loaded.id),
        loaded,
    };
    section.facts(proofs);
    section.said(&prose(&loaded.scenario.about));
    section.signature();
    section.remedy();
    section.beside();
    section.statements();
    section.findings();
    section.text
}

struct Section<'a> {
    text: String,
    loaded: &'a LoadedScenario,
}

impl Section<'_> {
    /// A paragraph, or anything else that stands by itself.
    fn said(&mut self, text: &str) {
        // Writing to a String cannot fail.
        let _ = write!(self.text, "\n{}\n", text.trim_end());
    }

    /// A list with its head; nothing where it is empty.
    fn list(&mut self, head: &str, entries: impl IntoIterator<Item = String>) {
        let entries = entries.into_iter().map(|entry| format!("- {entry}\n"));
        let entries: String = entries.collect();
        if !entries.is_empty() {
            self.said(head);
            self.said(&entries);
        }
    }

    fn facts(&mut self, proofs: &[Finished]) {
        let (id, claim) = (&self.loaded.id, &self.loaded.scenario);
        self.said(&format!("**{}**", line(&claim.title)));
        self.said(&format!(
            "{}. {}. [Scenario](../scenarios/{id}.yaml), [manifests](../manifests/{id}).",
            line(&claim.component),
            line(&claim.source),
        ));
        if let Some(range) = &claim.kubernetes {
            self.said(&format!("For Kubernetes {range}."));
        }
        for image in &claim.absent_images {
            self.said(&format!("No registry has {}.", code(&image.value)));
        }
        if proofs.is_empty() {
            self.said("It has not been recorded yet.");
        } else {
            let time = |millis: Option<u64>| millis.map_or_else(String::new, shown);
            let rows = proofs.iter().map(|finished| {
                [
                    line(&finished.kubernetes),
                    line(&finished.verdict.heading(None)),
                    time(finished.time_to_signature),
                    time(finished.time_to_ready),
                ]
            });
            let head = ["Kubernetes", "verdict", "to the signature", "to Ready"];
            self.said(&table(head, &rows.collect::<Vec<_>>()));
        }
    }

    fn signature(&mut self) {
        let claim = &self.loaded.scenario;
        let clauses = claim.signature.iter().map(|clause| Page.clause(clause));
        let head = format!("**What is seen** within {}:", claim.fault.within);
        self.list(&head, clauses);
        self.said(&format!(
            "Left alone, it stands (for {}).",
            claim.control.hold
        ));
    }

    fn remedy(&mut self) {
        let (loaded, remedy) = (self.loaded, &self.loaded.scenario.remedy);
        self.said("**Remedy**");
        let steps = remedy.steps.iter().enumerate();
        let steps =
            steps.map(|(index, step)| format!("{}. {}\n", index + 1, Page.step(step, loaded)));
        self.said(&steps.collect::<String>());
        let diff = remedy_diff(loaded);
        if !diff.is_empty() {
            self.said(&block("diff", &diff));
        }
        let parts = loaded.parts().into_iter();
        let kept = parts.filter_map(|part| Some((part.name, part.precaution?)));
        let kept = kept.map(|(name, reason)| format!("{}: {}", line(&name), line(&reason)));
        self.list("Kept as a precaution:", kept);
        let (within, checks) = (remedy.within, checks(&loaded.scenario.checks));
        self.said(&format!(
            "Within {within} everything is Ready, and stays so."
        ));
        let ready = loaded
            .scenario
            .ready
            .iter()
            .map(|clause| Page.ready(clause));
        self.list(
            "Ready means here, beside the conditions of what is applied:",
            ready,
        );
        self.list("What a user sees then:", checks);
    }

    fn beside(&mut self) {
        let (loaded, claim) = (self.loaded, &self.loaded.scenario);
        let tried = |title: &str, range: Option<&_>, steps: &[Step]| {
            let range = on_versions(range);
            format!("{}{range}: {}", line(title), Page.steps(steps, loaded))
        };
        let wrong = claim.wrong_remedies.iter().map(|wrong| {
            let mut entry = tried(&wrong.title, wrong.kubernetes.as_ref(), &wrong.steps);
            if let Some(signature) = &wrong.signature {
                entry.push_str(" The failure then takes another form:");
                for clause in signature {
                    let _ = write!(entry, "\n  - {}", Page.clause(clause));
                }
            }
            entry
        });
        self.list("**What does not help**", wrong);
        let others = claim.alternatives.iter();
        let others = others.map(|one| tried(&one.title, one.kubernetes.as_ref(), &one.steps));
        self.list("**What cures too**", others);
        let harmless = claim.harmless.iter();
        let harmless = harmless.map(|one| tried(&one.title, one.kubernetes.as_ref(), &one.steps));
        self.list("**What breaks nothing**", harmless);
    }

    fn statements(&mut self) {
        let statements = self.loaded.scenario.claims.iter().map(answered);
        self.list("**What the record claims**", statements);
    }

    fn findings(&mut self) {
        let findings = self.loaded.scenario.findings.iter();
        let findings: Vec<String> = findings.map(|finding| self.finding(finding)).collect();
        self.list("**What the clusters taught**", findings);
    }

    fn finding(&self, finding: &Finding) -> String {
        let mut entry = format!("{}.", line(&finding.title));
        let trial = finding.trial.as_ref();
        let trial = trial.map(|trial| Page.trial(trial, self.loaded));
        let text = prose(&finding.text);
        for paragraph in text.split("\n\n").chain(trial.as_deref()) {
            let _ = write!(entry, "\n\n  {}", paragraph.replace('\n', "\n  "));
        }
        entry
    }
}

fn checks(checks: &[Check]) -> Vec<String> {
    checks.iter().map(|check| Page.check(check)).collect()
}

fn answered(statement: &Statement) -> String {
    let answer = match &statement.on {
        Some(on) => format!("It depends on {}", line(on)),
        None => capital(&statement.answer.to_string()),
    };
    let because = statement.because.as_deref().map(line);
    let because = because.map_or_else(String::new, |because| format!(" {because}"));
    format!(
        "{}: {} **{answer}**{}.{because} (Shown by: {}.)",
        line(&statement.id.value),
        line(&statement.says),
        on_versions(statement.kubernetes.as_ref()),
        line(&statement.shown_by.to_string()),
    )
}
