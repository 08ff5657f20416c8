//! `relapse check`: what can be said without a cluster.

use std::fmt::Write;

use crate::scenario::LoadedScenario;

/// One line for each scenario and a count; the mistakes of those that are wrong come as an error
/// when they are loaded.
#[must_use]
pub fn check<'a>(scenarios: impl IntoIterator<Item = &'a LoadedScenario>) -> String {
    let scenarios: Vec<&LoadedScenario> = scenarios.into_iter().collect();
    let width = scenarios.iter().map(|loaded| loaded.id.len()).max();
    let width = width.unwrap_or_default();
    let mut text = String::new();
    for loaded in &scenarios {
        let objects = loaded
            .manifests
            .values()
            .map(|file| file.objects.len())
            .sum();
        let failures = loaded.scenario.chain();
        let clauses = failures.map(|failure| failure.signature.len()).sum();
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{:width$}  ok  {} in {}, {}",
            loaded.id,
            counted(objects, "object"),
            counted(loaded.manifests.len(), "manifest"),
            counted(clauses, "clause"),
        );
    }
    let _ = writeln!(text, "{}, no mistake", counted(scenarios.len(), "scenario"));
    text
}

fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
