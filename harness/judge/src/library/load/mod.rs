//! Scenarios and their manifests from disk.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::files::{entries, id, name, read};
use crate::input::diagnostic::{Diagnostic, InvalidFiles};
use crate::input::parse::parse;
use crate::input::{self, InputError, LARGEST_MANIFEST};
use crate::lint::places::step_lists;
use crate::lint::{Draft, validate};
use crate::manifest::ManifestFile;
use crate::scenario::LoadedScenario;

/// Why scenarios cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A folder could not be read.
    #[error("{}: {source}; next: {}", path.display(), source.next())]
    Unreadable {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: InputError,
    },
    /// There is nothing to witness.
    #[error(
        "no scenario in {}: expected files such as {}; run relapse in a folder with scenarios/ and manifests/",
        path.display(),
        path.join("image-tag-never-published.yaml").display()
    )]
    NothingFound {
        /// The folder in which scenarios were looked for.
        path: PathBuf,
    },
    /// Files that make no valid claim.
    #[error(transparent)]
    Invalid(#[from] InvalidFiles),
}

/// Reads one scenario file, whose manifests lie in `folder`. Files may be links, within the folder that
/// holds both.
///
/// # Errors
/// All mistakes of the scenario file and its manifests at once.
pub fn load_scenario(path: &Path, folder: &Path) -> Result<LoadedScenario, LoadError> {
    let mut around = path.ancestors().skip(1);
    let root = around.find(|root| folder.starts_with(root));
    let root = root.unwrap_or_else(|| Path::new(""));
    Ok(load_within(root, path, folder)?)
}

pub(crate) fn load_within(
    root: &Path,
    path: &Path,
    folder: &Path,
) -> Result<LoadedScenario, InvalidFiles> {
    let text = read(root, path)?;
    let keys = "harness/scenario.schema.json, examples in scenarios/";
    let (scenario, parts) =
        parse(path, &text, keys).map_err(|mistake| InvalidFiles::new(vec![mistake]))?;
    let mut mistakes = Vec::new();
    let available = manifests_in(root, folder, &mut mistakes);
    if available.is_empty() && mistakes.is_empty() {
        let message = format!("there are no manifests in {}", folder.display());
        let mistake = Diagnostic::new(path, &text, (1, 1), message);
        mistakes.push(mistake.with_help("put there the `.yaml` files that the steps apply"));
    }
    let used: BTreeSet<&str> = step_lists(&scenario, &parts)
        .into_iter()
        .flat_map(|(steps, _)| steps)
        .filter_map(|step| Some(step.file()?.value.as_str()))
        .collect();
    let mut manifests = BTreeMap::new();
    for name in &available {
        let file = folder.join(name);
        if used.contains(name.as_str()) {
            match load_manifests(root, &file) {
                Ok(manifest) => {
                    manifests.insert(name.clone(), manifest);
                }
                Err(found) => mistakes.extend(found),
            }
        } else {
            let mistake = Diagnostic::new(&file, "", (1, 1), "no step applies this manifest");
            mistakes
                .push(mistake.with_help(format!("apply it in {}, or remove it", path.display())));
        }
    }
    let id = id(path);
    mistakes.extend(validate(&Draft {
        id: &id,
        file: path,
        text: &text,
        scenario: &scenario,
        root: &parts,
        available: &available,
        manifests: &manifests,
    }));
    if mistakes.iter().any(Diagnostic::is_mistake) {
        return Err(InvalidFiles::new(mistakes));
    }
    mistakes.sort();
    mistakes.dedup();
    Ok(LoadedScenario {
        id,
        path: path.to_owned(),
        folder: folder.to_owned(),
        text,
        scenario,
        manifests,
        warnings: mistakes,
    })
}

/// Names of the files of manifests in a folder.
fn manifests_in(root: &Path, folder: &Path, mistakes: &mut Vec<Diagnostic>) -> BTreeSet<String> {
    let is_yaml = |file: &&PathBuf| {
        file.extension()
            .is_some_and(|extension| extension == "yaml" || extension == "yml")
    };
    match entries(root, folder) {
        Ok(files) => files
            .iter()
            .filter(is_yaml)
            .map(|file| name(file))
            .collect(),
        Err(error) => {
            mistakes.push(Diagnostic::unreadable(folder, &error));
            BTreeSet::new()
        }
    }
}

fn load_manifests(root: &Path, path: &Path) -> Result<ManifestFile, Vec<Diagnostic>> {
    let text = input::read(root, path, LARGEST_MANIFEST)
        .map_err(|error| vec![Diagnostic::unreadable(path, &error)])?;
    ManifestFile::parse(path, text).map_err(|error| {
        let mistakes = error.mistakes.into_iter();
        let mistakes = mistakes.map(|mistake| {
            let at = (mistake.line, mistake.column);
            let diagnosis = Diagnostic::new(path, &error.text, at, mistake.message);
            match mistake.help {
                Some(help) => diagnosis.with_help(help),
                None => diagnosis,
            }
        });
        mistakes.collect()
    })
}

#[cfg(test)]
mod tests;
