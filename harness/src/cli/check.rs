//! `relapse check`: what can be said without a cluster.

use std::fmt::Write;

use relapse_judge::input::Diagnostic;
use relapse_judge::scenario::LoadedScenario;

/// Every warning, one line for each scenario, and a count; the mistakes of those that are wrong come
/// as an error when they are loaded.
#[must_use]
pub fn check<'a>(scenarios: impl IntoIterator<Item = &'a LoadedScenario>) -> String {
    let scenarios: Vec<&LoadedScenario> = scenarios.into_iter().collect();
    let width = scenarios.iter().map(|loaded| loaded.id.len()).max();
    let width = width.unwrap_or_default();
    let warnings = warnings(scenarios.iter().copied());
    let mut text = told(&warnings);
    for loaded in &scenarios {
        let objects = loaded
            .manifests
            .values()
            .map(|file| file.objects.len())
            .sum();
        let failures = loaded.scenario.chain();
        let clauses = failures.map(|failure| failure.signature.len()).sum();
        let verdict = match loaded.warnings.len() {
            0 => "ok".to_owned(),
            number => counted(number, "warning"),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{:width$}  {verdict}  {} in {}, {}",
            loaded.id,
            counted(objects, "object"),
            counted(loaded.manifests.len(), "manifest"),
            counted(clauses, "clause"),
        );
    }
    let _ = write!(text, "{}, no mistake", counted(scenarios.len(), "scenario"));
    if !warnings.is_empty() {
        let _ = write!(text, ", {}", counted(warnings.len(), "warning"));
    }
    text.push('\n');
    text
}

/// The warnings of scenarios, in their order.
pub(super) fn warnings<'a>(
    scenarios: impl IntoIterator<Item = &'a LoadedScenario>,
) -> Vec<&'a Diagnostic> {
    let scenarios = scenarios.into_iter();
    scenarios.flat_map(|loaded| &loaded.warnings).collect()
}

/// Warnings with an empty line after each.
pub(super) fn told(warnings: &[&Diagnostic]) -> String {
    let mut text = String::new();
    for warning in warnings {
        // Writing to a String cannot fail.
        let _ = write!(text, "{warning}\n\n");
    }
    text
}

fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
