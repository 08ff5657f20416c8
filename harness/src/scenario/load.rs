//! Scenarios and their manifests from disk.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::across;
use super::checklist::{Checklists, Topic, load_checklists};
use super::diagnosis::{Diagnosis, InvalidScenario};
use super::nearest::nearest;
use super::parse::parse;
use super::untried::{self, LoadedUntried, load_untried};
use super::validate::{Draft, step_lists, validate};
use super::{Scenario, Step, Untried};
use crate::manifest::{ManifestError, ManifestFile, images};

/// Every scenario of a folder.
#[derive(Debug, Clone)]
pub struct Library {
    /// The folder that holds `scenarios/` and `manifests/`.
    pub root: PathBuf,
    /// Its scenarios, sorted by id.
    pub scenarios: Vec<LoadedScenario>,
    /// Its records of failures without an experiment, sorted by id.
    pub untried: Vec<LoadedUntried>,
    /// Its checklists, topic by topic.
    pub checklists: Vec<Topic>,
}

/// A valid scenario with everything that it says about a cluster.
#[derive(Debug, Clone)]
pub struct LoadedScenario {
    /// The file's name without `.yaml`.
    pub id: String,
    /// The scenario file.
    pub path: PathBuf,
    /// The folder of its manifests.
    pub folder: PathBuf,
    /// The scenario file as written.
    pub text: String,
    /// What the file says.
    pub scenario: Scenario,
    /// The manifests that its steps apply, by file name.
    pub manifests: BTreeMap<String, ManifestFile>,
}

/// Why scenarios cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A folder or file could not be read.
    #[error("could not read {}: {source}", path.display())]
    Unreadable {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
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
    Invalid(#[from] InvalidScenario),
}

impl Library {
    /// The scenario with this id.
    #[must_use]
    pub fn scenario(&self, id: &str) -> Option<&LoadedScenario> {
        self.scenarios.iter().find(|loaded| loaded.id == id)
    }

    /// The record of a failure without an experiment that has this id.
    #[must_use]
    pub fn untried(&self, id: &str) -> Option<&LoadedUntried> {
        self.untried.iter().find(|loaded| loaded.id == id)
    }

    /// The id of a scenario or of a failure that is most like a word, for messages.
    #[must_use]
    pub fn nearest_id(&self, word: &str) -> Option<&str> {
        let scenarios = self.scenarios.iter();
        let ids = scenarios.flat_map(|loaded| [loaded.id.as_str(), loaded.failure()]);
        nearest(
            word,
            ids.chain(self.untried.iter().map(|loaded| loaded.id.as_str())),
        )
    }
}

impl LoadedScenario {
    /// The documented failure of which it is a variant, or which it is.
    #[must_use]
    pub fn failure(&self) -> &str {
        let failure = self.scenario.failure.as_ref();
        failure.map_or(&self.id, |failure| &failure.value)
    }

    /// Whether its failure has an id other than its own.
    #[must_use]
    pub fn is_variant(&self) -> bool {
        self.failure() != self.id
    }

    /// A file of manifests by its name.
    #[must_use]
    pub fn manifest(&self, name: &str) -> Option<&ManifestFile> {
        self.manifests.get(name)
    }

    /// The images that must not exist upstream.
    #[must_use]
    pub fn absent_images(&self) -> Vec<String> {
        let names = self.scenario.absent_images.iter();
        names.map(|name| name.value.clone()).collect()
    }

    /// Whether the claim is made for this Kubernetes version, for example `1.36`.
    #[must_use]
    pub fn runs_on(&self, kubernetes: &str) -> bool {
        let range = self.scenario.kubernetes.as_ref();
        range.is_none_or(|range| range.contains(kubernetes))
    }

    /// The images that the scenario needs, each once, in the order of its manifests' names; then those
    /// by which is tried what its cluster can do.
    #[must_use]
    pub fn images(&self) -> Vec<String> {
        let absent = &self.scenario.absent_images;
        let mut needed = Vec::new();
        for object in self.manifests.values().flat_map(|file| &file.objects) {
            for image in images(&object.value) {
                let must_be_missing = absent.iter().any(|name| name.value == image);
                if !must_be_missing && !needed.contains(&image) {
                    needed.push(image);
                }
            }
        }
        for image in self.scenario.needs.iter().map(|need| need.image()) {
            if !needed.iter().any(|known| known == image) {
                needed.push(image.to_owned());
            }
        }
        needed
    }
}

/// Reads every scenario of a folder that holds `scenarios/` and `manifests/`.
///
/// # Errors
/// All mistakes of all files at once; or that there is nothing to read.
pub fn load_library(root: &Path) -> Result<Library, LoadError> {
    // Messages say `scenarios/x.yaml`, not `./scenarios/x.yaml`.
    let root = root.strip_prefix(".").unwrap_or(root);
    let scenarios_folder = root.join("scenarios");
    let manifests_folder = root.join("manifests");
    let mut scenarios = Vec::new();
    let mut mistakes = Vec::new();
    let mut ids = BTreeSet::new();
    for path in yaml_files(&scenarios_folder, &mut mistakes)? {
        let id = id(&path);
        let loaded = load_scenario(&path, &manifests_folder.join(&id));
        scenarios.extend(valid(loaded, &mut mistakes)?);
        ids.insert(id);
    }
    let mut untried = Vec::new();
    for path in yaml_files(&scenarios_folder.join("without-experiment"), &mut mistakes)? {
        untried.extend(valid(load_untried(&path), &mut mistakes)?);
    }
    if ids.is_empty() && mistakes.is_empty() {
        return Err(LoadError::NothingFound {
            path: scenarios_folder,
        });
    }
    mistakes.extend(orphans(&manifests_folder, &ids)?);
    mistakes.extend(across::walk(&scenarios, &untried, &ids));
    mistakes.extend(untried::across(&untried, &scenarios, &ids));
    let mut known: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
    known.extend(scenarios.iter().map(LoadedScenario::failure));
    known.extend(untried.iter().map(|loaded| loaded.id.as_str()));
    let checklists = load_checklists(&root.join("docs/checklists.yaml"), &known);
    let checklists = valid(checklists, &mut mistakes)?.unwrap_or_default();
    if !mistakes.is_empty() {
        return Err(InvalidScenario::new(mistakes).into());
    }
    scenarios.sort_by(|a, b| a.id.cmp(&b.id));
    untried.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(Library {
        root: root.to_owned(),
        scenarios,
        untried,
        checklists,
    })
}

/// What is valid; the mistakes of what is not are put beside the others.
fn valid<T>(
    loaded: Result<T, LoadError>,
    mistakes: &mut Vec<Diagnosis>,
) -> Result<Option<T>, LoadError> {
    match loaded {
        Ok(loaded) => Ok(Some(loaded)),
        Err(LoadError::Invalid(invalid)) => {
            mistakes.extend_from_slice(invalid.mistakes());
            Ok(None)
        }
        Err(other) => Err(other),
    }
}

/// Reads one scenario file, whose manifests lie in `folder`.
///
/// # Errors
/// All mistakes of the scenario file and its manifests at once.
pub fn load_scenario(path: &Path, folder: &Path) -> Result<LoadedScenario, LoadError> {
    let text = read(path)?;
    let keys = "harness/scenario.schema.json, examples in scenarios/";
    let (scenario, root) =
        parse(path, &text, keys).map_err(|mistake| InvalidScenario::new(vec![mistake]))?;
    let mut mistakes = Vec::new();
    let mut available = BTreeSet::new();
    if folder.is_dir() {
        let files = entries(folder)?;
        let is_yaml = |file: &&PathBuf| {
            file.extension()
                .is_some_and(|extension| extension == "yaml" || extension == "yml")
        };
        available.extend(files.iter().filter(is_yaml).map(|file| name(file)));
    }
    if available.is_empty() {
        let message = format!("there are no manifests in {}", folder.display());
        let mistake = Diagnosis::new(path, &text, (1, 1), message);
        mistakes.push(mistake.with_help("put there the `.yaml` files that the steps apply"));
    }
    let used: BTreeSet<&str> = step_lists(&scenario, &root)
        .into_iter()
        .flat_map(|(steps, _)| steps)
        .filter_map(|step| match step {
            Step::Apply(name) => Some(name.value.as_str()),
            _ => None,
        })
        .collect();
    let mut manifests = BTreeMap::new();
    for name in &available {
        let file = folder.join(name);
        if !used.contains(name.as_str()) {
            let mistake = Diagnosis::new(&file, "", (1, 1), "no step applies this manifest");
            mistakes
                .push(mistake.with_help(format!("apply it in {}, or remove it", path.display())));
            continue;
        }
        match ManifestFile::read(&file) {
            Ok(manifest) => {
                manifests.insert(name.clone(), manifest);
            }
            Err(ManifestError::Invalid {
                path,
                text,
                mistakes: found,
            }) => {
                mistakes.extend(found.into_iter().map(|mistake| {
                    Diagnosis::new(
                        &path,
                        &text,
                        (mistake.line, mistake.column),
                        mistake.message,
                    )
                }));
            }
            Err(ManifestError::Unreadable { path, source }) => {
                return Err(LoadError::Unreadable { path, source });
            }
        }
    }
    let id = id(path);
    mistakes.extend(validate(&Draft {
        id: &id,
        file: path,
        text: &text,
        scenario: &scenario,
        root: &root,
        available: &available,
        manifests: &manifests,
    }));
    if !mistakes.is_empty() {
        return Err(InvalidScenario::new(mistakes).into());
    }
    Ok(LoadedScenario {
        id,
        path: path.to_owned(),
        folder: folder.to_owned(),
        text,
        scenario,
        manifests,
    })
}

/// The JSON schemas for editors, each with the name of its file.
#[must_use]
pub fn schemas() -> [(&'static str, Value); 3] {
    [
        ("scenario", schemars::schema_for!(Scenario).to_value()),
        (
            "without-experiment",
            schemars::schema_for!(Untried).to_value(),
        ),
        ("checklists", schemars::schema_for!(Checklists).to_value()),
    ]
}

/// Folders of manifests to which no scenario belongs: a scenario misnamed, or forgotten.
fn orphans(manifests: &Path, ids: &BTreeSet<String>) -> Result<Vec<Diagnosis>, LoadError> {
    if !manifests.is_dir() {
        return Ok(Vec::new());
    }
    let folders = entries(manifests)?;
    Ok(folders
        .iter()
        .filter(|folder| folder.is_dir() && !ids.contains(&name(folder)))
        .map(|folder| {
            let mistake =
                Diagnosis::new(folder, "", (1, 1), "these manifests belong to no scenario");
            let own = format!("scenarios/{}.yaml", name(folder));
            match nearest(&name(folder), ids.iter().map(String::as_str)) {
                Some(near) => mistake.with_help(format!("write {own}; is `{near}` meant?")),
                None => mistake.with_help(format!("write {own}, or remove them")),
            }
        })
        .collect())
}

/// The YAML files of a folder, sorted; none where there is no such folder.
fn yaml_files(folder: &Path, mistakes: &mut Vec<Diagnosis>) -> Result<Vec<PathBuf>, LoadError> {
    let mut files = Vec::new();
    if folder.is_dir() {
        for path in entries(folder)? {
            match path.extension().and_then(|extension| extension.to_str()) {
                Some("yaml") => files.push(path),
                Some("yml") => {
                    let mistake = Diagnosis::new(&path, "", (1, 1), "this file would not be found");
                    mistakes.push(mistake.with_help("let its name end in `.yaml`"));
                }
                _ => {}
            }
        }
    }
    Ok(files)
}

/// The text of a file.
pub(super) fn read(path: &Path) -> Result<String, LoadError> {
    std::fs::read_to_string(path).map_err(|source| LoadError::Unreadable {
        path: path.to_owned(),
        source,
    })
}

/// The entries of a folder, sorted.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let unreadable = |source| LoadError::Unreadable {
        path: folder.to_owned(),
        source,
    };
    let mut entries = std::fs::read_dir(folder)
        .and_then(|entries| {
            entries
                .map(|entry| entry.map(|entry| entry.path()))
                .collect::<io::Result<Vec<_>>>()
        })
        .map_err(unreadable)?;
    entries.sort();
    Ok(entries)
}

/// The id of the file's failure.
pub(super) fn id(path: &Path) -> String {
    path.file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
