//! The rules that need all scenarios of a library.

use std::collections::BTreeSet;

use serde_saphyr::Spanned;

use super::nearest::did_you_mean;
use super::positions::position;
use super::{Diagnosis, LoadedScenario, ShownBy};

/// Finds mistakes between scenarios; `ids` has those too that are invalid by themselves.
pub(super) fn walk(scenarios: &[LoadedScenario], ids: &BTreeSet<String>) -> Vec<Diagnosis> {
    let all = scenarios.iter();
    all.flat_map(|loaded| decided_elsewhere(loaded, ids))
        .collect()
}

/// Statements that another scenario decides name one that is there.
fn decided_elsewhere<'a>(
    loaded: &'a LoadedScenario,
    ids: &'a BTreeSet<String>,
) -> impl Iterator<Item = Diagnosis> {
    let named = loaded.scenario.claims.iter();
    let named = named.filter_map(|statement| match &statement.shown_by {
        ShownBy::Scenario(id) => Some(id),
        _ => None,
    });
    named.filter_map(|id| {
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
        } else {
            let help = did_you_mean(&id.value, &others, "other scenarios");
            (format!("there is no scenario `{}`", id.value), help)
        };
        Some(mistake(loaded, id, message).with_help(help))
    })
}

fn mistake(loaded: &LoadedScenario, at: &Spanned<String>, message: String) -> Diagnosis {
    Diagnosis::new(&loaded.path, &loaded.text, position(at.referenced), message)
}
