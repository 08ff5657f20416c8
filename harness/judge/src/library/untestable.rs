//! Documented failures that no experiment can decide.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Deserialize;
use serde_saphyr::Spanned;

use super::files::{id, read};
use super::invalid::Flawed;
use crate::input::diagnostic::{Diagnostic, InvalidFiles, Mistakes};
use crate::input::parse::parse;
use crate::input::position;
use crate::input::suggest::did_you_mean;
use crate::lint;
use crate::scenario::LoadedScenario;

/// A documented failure that no experiment can decide: it is known, and never run.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Untried {
    /// The failure in one line.
    pub title: String,
    /// Where it was documented: post-mortem, issue or page, with its date.
    pub source: String,
    /// The software that fails, for example `EFS CSI driver`.
    pub component: String,
    /// Words to find it by, as those of scenarios.
    #[serde(default)]
    pub tags: Vec<String>,
    /// The story in prose: symptom, cause, remedy.
    pub about: String,
    /// Why no experiment can decide it.
    pub reason: String,
    /// Scenarios that show the part of it that can be shown, by their ids.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub instead: Vec<Spanned<String>>,
}

/// A valid record of a failure without an experiment.
#[derive(Debug, Clone)]
pub struct LoadedUntried {
    /// The file's name without `.yaml`.
    pub id: String,
    /// The file.
    pub path: PathBuf,
    /// The file as written.
    pub text: String,
    /// What it says.
    pub record: Untried,
}

/// Reads one record.
///
/// # Errors
/// All of its mistakes that can be seen without the scenarios.
pub(crate) fn load_untried(root: &Path, path: &Path) -> Result<LoadedUntried, InvalidFiles> {
    let text = read(root, path)?;
    let keys = "harness/without-experiment.schema.json";
    let (record, parts) =
        parse::<Untried>(path, &text, keys).map_err(|mistake| InvalidFiles::new(vec![mistake]))?;
    let id = id(path);
    let mut mistakes = Mistakes::of(path, &text);
    lint::identity(&id, &mut mistakes);
    let texts = [
        ("title", &record.title),
        ("source", &record.source),
        ("component", &record.component),
        ("about", &record.about),
        ("reason", &record.reason),
    ];
    lint::written(&texts, &parts, &mut mistakes);
    lint::tags(&record.tags, &parts, &mut mistakes);
    let found = mistakes.found();
    if !found.is_empty() {
        return Err(InvalidFiles::new(found));
    }
    Ok(LoadedUntried {
        id,
        path: path.to_owned(),
        text,
        record,
    })
}

/// Finds mistakes between the records and the scenarios; `ids` has those of scenarios that are invalid
/// by themselves too.
pub(crate) fn across(
    untried: &[LoadedUntried],
    scenarios: &[LoadedScenario],
    flawed: &[Flawed],
    ids: &BTreeSet<String>,
) -> Vec<Diagnostic> {
    let mut known: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
    known.extend(scenarios.iter().map(LoadedScenario::failure));
    known.extend(flawed.iter().filter_map(Flawed::failure));
    let known: Vec<&str> = known
        .into_iter()
        .filter(|id| untried.iter().all(|loaded| loaded.id != *id))
        .collect();
    let mut found = Vec::new();
    for loaded in untried {
        let mut mistakes = Mistakes::of(&loaded.path, &loaded.text);
        if ids.contains(&loaded.id) {
            mistakes.add(
                (1, 1),
                format!(
                    "`{}` is a scenario too: an experiment decides it",
                    loaded.id
                ),
                "keep one of the two files, or give one another id".to_owned(),
            );
        }
        let mut seen = BTreeSet::new();
        for id in &loaded.record.instead {
            let at = position(id.referenced);
            if !known.contains(&id.value.as_str()) {
                mistakes.add(
                    at,
                    format!("there is no scenario `{}`", id.value),
                    did_you_mean(&id.value, &known, "scenarios"),
                );
            } else if !seen.insert(&id.value) {
                let message = format!("scenario `{}` is named twice", id.value);
                mistakes.add(at, message, "keep one".to_owned());
            }
        }
        found.extend(mistakes.found());
    }
    found
}
