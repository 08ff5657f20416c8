//! The rules that need all scenarios of a library.

use std::collections::BTreeSet;

use serde_saphyr::Spanned;

use super::{Flawed, LoadedUntried};
use crate::input::suggest::did_you_mean;
use crate::input::{Diagnostic, position};
use crate::scenario::{LoadedScenario, ShownBy};

/// Finds mistakes between scenarios; `ids` has those too that are invalid by themselves.
pub(crate) fn walk(
    scenarios: &[LoadedScenario],
    untried: &[LoadedUntried],
    flawed: &[Flawed],
    ids: &BTreeSet<String>,
) -> Vec<Diagnostic> {
    let elsewhere = scenarios
        .iter()
        .flat_map(|loaded| decided_elsewhere(loaded, untried, ids));
    let alone = scenarios
        .iter()
        .filter_map(|loaded| variant_of_nothing(loaded, scenarios, untried, flawed, ids));
    elsewhere.chain(alone).collect()
}

/// A variant is of a failure that another scenario is of too, or a record without an experiment: a
/// single one has the failure's own id.
fn variant_of_nothing(
    loaded: &LoadedScenario,
    scenarios: &[LoadedScenario],
    untried: &[LoadedUntried],
    flawed: &[Flawed],
    ids: &BTreeSet<String>,
) -> Option<Diagnostic> {
    let failure = loaded.scenario.failure.as_ref()?;
    if failure.value == loaded.id {
        let mistake = mistake(loaded, failure, "this is the scenario's own id".to_owned());
        return Some(mistake.with_help("leave `failure` out"));
    }
    let others = || scenarios.iter().filter(|other| other.id != loaded.id);
    let has_company = others().any(|other| other.failure() == failure.value)
        || untried.iter().any(|record| record.id == failure.value)
        || flawed.iter().any(|other| {
            other.id == failure.value
                || !other.is_known()
                || other.failure() == Some(failure.value.as_str())
        });
    if has_company || ids.contains(&failure.value) {
        return None;
    }
    let mut known: BTreeSet<&str> = others().map(LoadedScenario::failure).collect();
    known.extend(untried.iter().map(|record| record.id.as_str()));
    let known: Vec<&str> = known.into_iter().collect();
    let help = did_you_mean(&failure.value, &known, "failures of other scenarios");
    let message = format!("no other scenario is of the failure `{}`", failure.value);
    Some(mistake(loaded, failure, message).with_help(help))
}

/// Statements that another scenario decides name one that is there.
fn decided_elsewhere<'a>(
    loaded: &'a LoadedScenario,
    untried: &'a [LoadedUntried],
    ids: &'a BTreeSet<String>,
) -> impl Iterator<Item = Diagnostic> {
    let named = loaded.scenario.claims.iter();
    let named = named.filter_map(|statement| match &statement.shown_by {
        ShownBy::Scenario(id) => Some(id),
        _ => None,
    });
    named.filter_map(move |id| {
        let others = ids.iter().filter(|other| **other != loaded.id);
        let others: Vec<&str> = others.map(String::as_str).collect();
        if others.contains(&id.value.as_str()) {
            return None;
        }
        let (message, help) = if id.value == loaded.id {
            let help = "name the part of it that shows the claim";
            (
                "this scenario cannot be its own evidence".to_owned(),
                help.to_owned(),
            )
        } else if untried.iter().any(|record| record.id == id.value) {
            let help = "name what shows the claim, or leave the claim out";
            (
                format!("no experiment decides `{}`", id.value),
                help.to_owned(),
            )
        } else {
            let help = did_you_mean(&id.value, &others, "other scenarios");
            (format!("there is no scenario `{}`", id.value), help)
        };
        Some(mistake(loaded, id, message).with_help(help))
    })
}

fn mistake(loaded: &LoadedScenario, at: &Spanned<String>, message: String) -> Diagnostic {
    Diagnostic::new(&loaded.path, &loaded.text, position(at.referenced), message)
}
