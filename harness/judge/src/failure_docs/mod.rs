//! What is known of the documented failures, as pages of Markdown for people who look for one.
//!
//! The same library and the same proofs give the same bytes.

mod checklist_page;
mod error_index;
mod section;

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::library::{DocumentedFailure, Library, LoadedUntried};
use crate::scenario::LoadedScenario;
use crate::text::markdown::{line, link, prose};
use crate::verdict::RecordedVerdicts;

/// How the line begins that tells the catalogue's own pages from others: those alone are written anew.
pub const MARK: &str = "<!-- Written by `relapse catalogue`";

const HEAD: &str = "\
# Documented failures

<!-- Written by `relapse catalogue`: correct the scenarios, and run it again. -->

Each failure was documented once, and is a claim that real clusters answer: `relapse run ID` reproduces and cures it,
`relapse show ID` tells how. What is seen is what the cluster showed to the letter, but for what differs between clusters.
Times are those of the recorded runs: to the signature from the fault on, to Ready from the remedy on.
";

/// A page of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Its file, from the library's folder.
    pub file: &'static str,
    /// What it says.
    pub text: String,
}

/// The pages of a library, with what real clusters said of its scenarios.
#[must_use]
pub fn pages(library: &Library, proofs: &RecordedVerdicts) -> Vec<Page> {
    let mut pages = vec![Page {
        file: "docs/FAILURES.md",
        text: failures(library, proofs),
    }];
    if !library.checklists.is_empty() {
        pages.push(Page {
            file: "docs/CHECKLISTS.md",
            text: checklist_page::page(&library.checklists),
        });
    }
    pages
}

fn failures(library: &Library, proofs: &RecordedVerdicts) -> String {
    let mut topics: BTreeMap<String, Vec<DocumentedFailure<'_>>> = BTreeMap::new();
    for failure in library.failures() {
        let topic = failure.topic().to_owned();
        topics.entry(topic).or_default().push(failure);
    }
    let mut text = HEAD.to_owned();
    text.push_str("\n## Error texts\n\n");
    text.push_str(&error_index::index(&library.scenarios));
    text.push_str("\n## Contents\n");
    // Writing to a String cannot fail.
    for (topic, failures) in &topics {
        let _ = write!(text, "\n**{}**\n\n", link(topic));
        text.extend(failures.iter().map(|failure| entry(failure, proofs)));
    }
    for (topic, failures) in &topics {
        let _ = write!(text, "\n## {}\n", line(topic));
        text.extend(failures.iter().map(|failure| section(failure, proofs)));
    }
    text
}

/// A failure in the table of contents, with its variants below it.
fn entry(failure: &DocumentedFailure<'_>, proofs: &RecordedVerdicts) -> String {
    let title = failure.title().map(|title| format!(": {}", line(title)));
    let state = match (failure.own(), failure.untried) {
        (Some(loaded), _) => format!(" ({})", state_of(loaded, proofs)),
        (None, Some(_)) => " (without an experiment)".to_owned(),
        (None, None) => String::new(),
    };
    let title = title.unwrap_or_default();
    let mut text = format!("- {}{title}{state}\n", link(failure.id));
    for loaded in failure.scenarios.iter().filter(|one| one.is_variant()) {
        let (title, state) = (line(&loaded.scenario.title), state_of(loaded, proofs));
        let _ = writeln!(text, "  - {}: {title} ({state})", link(&loaded.id));
    }
    text
}

fn state_of(loaded: &LoadedScenario, proofs: &RecordedVerdicts) -> String {
    let told = proofs.told(&loaded.id);
    told.unwrap_or_else(|| "not recorded yet".to_owned())
}

fn section(failure: &DocumentedFailure<'_>, proofs: &RecordedVerdicts) -> String {
    let mut text = match failure.untried {
        Some(untried) => without_experiment(untried),
        None if failure.title().is_none() => only_variants(failure),
        None => String::new(),
    };
    for loaded in &failure.scenarios {
        let level = if loaded.is_variant() { "####" } else { "###" };
        text.push_str(&section::section(loaded, proofs.of(&loaded.id), level));
    }
    text
}

fn only_variants(failure: &DocumentedFailure<'_>) -> String {
    let forms = failure.scenarios.iter().map(|loaded| link(&loaded.id));
    let forms: Vec<String> = forms.collect();
    let (id, forms) = (failure.id, forms.join(", "));
    format!("\n### {id}\n\nIt takes several forms: {forms}.\n")
}

fn without_experiment(untried: &LoadedUntried) -> String {
    let record = &untried.record;
    let mut text = format!(
        "\n### {}\n\n**{}**\n\n{}. {}. [Record](../scenarios/without-experiment/{}.yaml).\n\n{}\n\n\
         No experiment decides it. {}\n",
        untried.id,
        line(&record.title),
        line(&record.component),
        line(&record.source),
        untried.id,
        prose(&record.about),
        prose(&record.reason),
    );
    if !record.instead.is_empty() {
        let shown: Vec<String> = record.instead.iter().map(|id| link(&id.value)).collect();
        let _ = writeln!(text, "\nShown in part by {}.", shown.join(", "));
    }
    text
}
