//! `relapse show`: a claim in words.

mod chain;
mod variations;

use std::fmt::Write;

use relapse_judge::library::LoadedUntried;
use relapse_judge::remedy::{Part, remedy_diff};
use relapse_judge::report::sentences::Voice::Terminal;
use relapse_judge::scenario::{
    Check, Clause, Finding, LoadedScenario, SteadyState, Step, Stress, node_names,
};
use relapse_judge::text::plain;

const WIDTH: usize = 88;

/// Lines of a change that is shown once more.
const SHORT: usize = 8;

/// The whole claim of a scenario, for a reader who has not seen its file, the diff of what is broken
/// to what is remedied, and the parts of the remedy.
#[must_use]
pub fn show(loaded: &LoadedScenario) -> String {
    let mut page = Page(String::new());
    let scenario = &loaded.scenario;
    page.line(0, &loaded.id);
    page.line(0, &scenario.title);
    page.section("About");
    page.prose(&scenario.about);
    page.section("Facts");
    if loaded.is_variant() {
        page.line(2, &format!("variant of  {}", loaded.failure()));
    }
    page.line(2, &format!("component   {}", scenario.component));
    page.line(2, &format!("source      {}", scenario.source));
    if !scenario.tags.is_empty() {
        page.line(2, &format!("tags        {}", scenario.tags.join(", ")));
    }
    let range = scenario.kubernetes.as_ref().map(ToString::to_string);
    let range = range.unwrap_or_else(|| "every version".to_owned());
    page.line(2, &format!("kubernetes  {range}"));
    if scenario.nodes > 1 {
        let names: Vec<String> = node_names(scenario.nodes).collect();
        page.line(2, &format!("nodes       {}", names.join(", ")));
    }
    for need in &scenario.needs {
        page.line(2, &format!("needs       {need}"));
    }
    page.line(2, &format!("images      {}", loaded.images().join(", ")));
    for image in &scenario.absent_images {
        page.line(2, &format!("premise     no registry has {}", image.value));
    }
    if let Some(steady_state) = &scenario.steady_state {
        page.steady_state(steady_state, loaded);
    }
    page.chain(loaded);
    if !scenario.ready.is_empty() {
        page.section("Ready: beside the conditions of what is applied");
        for clause in &scenario.ready {
            page.item(&Terminal.ready(clause));
        }
    }
    page.section("Remedy: what cures");
    page.steps(&scenario.remedy.steps, loaded);
    let (within, hold) = (scenario.remedy.within, scenario.remedy.hold);
    let gone = if scenario.links.is_empty() {
        "the signature is gone"
    } else {
        "no signature of the chain is left"
    };
    page.prose(&format!(
        "Within {within} everything applied is Ready, and stays so for {hold} without a restart; {gone}."
    ));
    for goal in &scenario.remedy.goal {
        page.prose(&Terminal.goal(goal));
    }
    page.stress(&scenario.stress);
    if !scenario.checks.is_empty() {
        page.section("Checks: what a user sees then");
        page.checks(&scenario.checks);
    }
    page.wrong_remedies(loaded);
    page.alternatives(loaded);
    page.harmless(loaded);
    page.statements(&scenario.claims);
    if !scenario.findings.is_empty() {
        page.section("Findings");
        for finding in &scenario.findings {
            page.finding(finding, loaded);
        }
    }
    page.section("From broken to remedied");
    match remedy_diff(loaded) {
        diff if diff.is_empty() => page.line(2, "The manifests stay as they are."),
        diff => page.0.push_str(&plain(&diff)),
    }
    page.section("Parts of the remedy: each is needed, precautions apart");
    page.parts(&loaded.parts());
    page.0
}

/// The record of a failure that no experiment can decide, and why.
#[must_use]
pub fn untried(loaded: &LoadedUntried) -> String {
    let mut page = Page(String::new());
    let record = &loaded.record;
    page.line(0, &loaded.id);
    page.line(0, &record.title);
    page.section("About");
    page.prose(&record.about);
    page.section("Facts");
    page.line(2, &format!("component   {}", record.component));
    page.line(2, &format!("source      {}", record.source));
    if !record.tags.is_empty() {
        page.line(2, &format!("tags        {}", record.tags.join(", ")));
    }
    page.section("Without an experiment, because");
    page.prose(&record.reason);
    if !record.instead.is_empty() {
        page.section("Shown in part by");
        for id in &record.instead {
            page.item(&id.value);
        }
    }
    page.0
}

struct Page(String);

impl Page {
    fn line(&mut self, indent: usize, text: &str) {
        let text = plain(&text.replace(['\n', '\r'], " "));
        // Writing to a String cannot fail.
        let _ = writeln!(self.0, "{:indent$}{text}", "");
    }

    fn section(&mut self, title: &str) {
        self.line(0, "");
        self.line(0, title);
    }

    /// Paragraphs in lines of at most `WIDTH`, with a blank line between.
    fn prose(&mut self, text: &str) {
        for (index, paragraph) in text.trim().split("\n\n").enumerate() {
            if index > 0 {
                self.line(0, "");
            }
            self.paragraph("  ", paragraph);
        }
    }

    /// A paragraph that hangs beside a mark.
    fn paragraph(&mut self, mark: &str, text: &str) {
        let indent = mark.len();
        let mut line = mark.to_owned();
        for word in text.split_whitespace() {
            let length = line.chars().count();
            if length > indent && length + word.chars().count() > WIDTH {
                self.line(0, line.trim_end());
                line = " ".repeat(indent);
            }
            line.push_str(word);
            line.push(' ');
        }
        self.line(0, line.trim_end());
    }

    /// A sentence of a list.
    fn item(&mut self, sentence: &str) {
        self.paragraph("  - ", sentence);
    }

    fn clause(&mut self, mark: &str, clause: &Clause) {
        self.paragraph(mark, &Terminal.clause(clause));
    }

    fn check(&mut self, mark: &str, check: &Check) {
        self.paragraph(mark, &Terminal.check(check));
    }

    fn steady_state(&mut self, steady_state: &SteadyState, loaded: &LoadedScenario) {
        self.section("Steady state: the healthy start");
        self.steps(&steady_state.steps, loaded);
        let (within, hold) = (steady_state.within, steady_state.hold);
        self.prose(
            &format!("Within {within} everything applied is Ready, and stays so for {hold} without a restart."),
        );
        self.checks(&steady_state.checks);
    }

    fn steps(&mut self, steps: &[Step], loaded: &LoadedScenario) {
        for (index, step) in steps.iter().enumerate() {
            self.paragraph(&format!("  {}. ", index + 1), &Terminal.step(step, loaded));
        }
    }

    fn checks(&mut self, checks: &[Check]) {
        for check in checks {
            self.check("  - ", check);
        }
    }

    /// What the claim says of stress; the rest follows from the kinds of what is remedied.
    fn stress(&mut self, stress: &Stress) {
        let not_applicable = &stress.not_applicable;
        if stress.perturbations.is_none() && not_applicable.is_empty() {
            return;
        }
        self.section("Stress: what the remedied workload survives");
        if let Some(perturbations) = &stress.perturbations {
            let names: Vec<String> = perturbations
                .iter()
                .map(|one| one.value.to_string())
                .collect();
            self.item(&format!("{}.", names.join(", ")));
        }
        for declared in not_applicable {
            let (name, reason) = (declared.perturbation.value, declared.reason.trim());
            self.item(&format!("Not applicable, {name}: {reason}"));
        }
    }

    fn parts(&mut self, parts: &[Part]) {
        for (index, part) in parts.iter().enumerate() {
            self.paragraph(&format!("  {}. ", index + 1), &part.name);
            // The longer ones are easily found in the diff from broken to remedied.
            if part.diff.lines().count() <= SHORT {
                part.diff.lines().for_each(|line| self.line(5, line));
            }
            if let Some(reason) = &part.precaution {
                self.paragraph("     ", &format!("precaution: {reason}"));
            }
        }
    }

    fn finding(&mut self, finding: &Finding, loaded: &LoadedScenario) {
        self.item(&finding.title);
        for paragraph in finding.text.trim().split("\n\n") {
            self.paragraph("    ", paragraph);
        }
        if let Some(trial) = &finding.trial {
            self.paragraph("    ", &Terminal.trial(trial, loaded));
        }
    }
}
