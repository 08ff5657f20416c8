//! The scenarios of a folder, with what is wrong among them.

mod checklists;
mod cross_file;
mod failure_index;
mod files;
mod invalid;
mod load;
mod schemas;
pub mod selection;
mod soundness;
mod untestable;

pub use checklists::{Rule, RuleKind, Topic};
pub use failure_index::DocumentedFailure;
pub use invalid::Flawed;
pub use load::{LoadError, load_scenario};
pub use schemas::schemas;
pub use untestable::{LoadedUntried, Untried};

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::input::diagnostic::{Diagnostic, InvalidFiles};
use crate::input::suggest::nearest;
use crate::input::{self, LARGEST_CLAIM};
use crate::scenario::LoadedScenario;
use checklists::load_checklists;
use files::{entries, id, name};
use load::load_within;
use untestable::load_untried;

/// Every scenario of a folder, and what is wrong in the folder beside them.
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
    /// Its scenarios and records that are not valid, sorted by id.
    pub flawed: Vec<Flawed>,
    /// Mistakes of what belongs to none of them.
    pub mistakes: Vec<Diagnostic>,
}

/// Reads every scenario of a folder that holds `scenarios/` and `manifests/`, all of which must be valid.
///
/// # Errors
/// All mistakes of all files at once; or that there is nothing to read.
pub fn load_library(root: &Path) -> Result<Library, LoadError> {
    Ok(read_library(root)?.whole()?)
}

/// Reads what is valid of such a folder, with the mistakes of the rest: what nobody asked for stops nothing.
///
/// # Errors
/// There is nothing to read.
pub fn read_library(root: &Path) -> Result<Library, LoadError> {
    // Messages say `scenarios/x.yaml`, not `./scenarios/x.yaml`.
    let root = root.strip_prefix(".").unwrap_or(root);
    let scenarios_folder = root.join("scenarios");
    let manifests_folder = root.join("manifests");
    let mut library = Library {
        root: root.to_owned(),
        scenarios: Vec::new(),
        untried: Vec::new(),
        checklists: Vec::new(),
        flawed: Vec::new(),
        mistakes: Vec::new(),
    };
    let mut ids = BTreeSet::new();
    for path in yaml_files(root, &scenarios_folder, &mut library.mistakes)? {
        let id = id(&path);
        let loaded = load_within(root, &path, &manifests_folder.join(&id));
        let loaded = library.valid(&path, false, loaded);
        library.scenarios.extend(loaded);
        ids.insert(id);
    }
    let records = scenarios_folder.join("without-experiment");
    for path in yaml_files(root, &records, &mut library.mistakes)? {
        let loaded = library.valid(&path, true, load_untried(root, &path));
        library.untried.extend(loaded);
    }
    if ids.is_empty() && library.flawed.is_empty() && library.mistakes.is_empty() {
        return Err(LoadError::NothingFound {
            path: scenarios_folder,
        });
    }
    let found = orphans(root, &manifests_folder, &ids)?;
    library.mistakes.extend(found);
    library.judge_across(&ids);
    let mut known: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
    known.extend(library.scenarios.iter().map(LoadedScenario::failure));
    known.extend(library.untried.iter().map(|loaded| loaded.id.as_str()));
    for flawed in &library.flawed {
        known.extend([flawed.id.as_str()].into_iter().chain(flawed.failure()));
    }
    match load_checklists(root, &root.join("docs/checklists.yaml"), &known) {
        Ok(checklists) => library.checklists = checklists,
        Err(invalid) => library.mistakes.extend_from_slice(invalid.mistakes()),
    }
    library.scenarios.sort_by(|a, b| a.id.cmp(&b.id));
    library.untried.sort_by(|a, b| a.id.cmp(&b.id));
    library.flawed.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(library)
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

    /// What is valid; what is not is kept with its mistakes.
    fn valid<T>(
        &mut self,
        path: &Path,
        is_record: bool,
        loaded: Result<T, InvalidFiles>,
    ) -> Option<T> {
        let invalid = match loaded {
            Ok(loaded) => return Some(loaded),
            Err(invalid) => invalid,
        };
        let text = input::read(&self.root, path, LARGEST_CLAIM).unwrap_or_default();
        let mistakes = invalid.mistakes().to_vec();
        let flawed = Flawed::new(id(path), is_record, &text, mistakes);
        self.flawed.push(flawed);
        None
    }

    /// What is wrong between several files is a mistake of the one in which it stands.
    fn judge_across(&mut self, ids: &BTreeSet<String>) {
        let mut found = cross_file::walk(&self.scenarios, &self.untried, &self.flawed, ids);
        found.extend(untestable::across(
            &self.untried,
            &self.scenarios,
            &self.flawed,
            ids,
        ));
        let mut by_file: BTreeMap<PathBuf, Vec<Diagnostic>> = BTreeMap::new();
        for mistake in found {
            let of_file = by_file.entry(mistake.file.clone()).or_default();
            of_file.push(mistake);
        }
        let flawed = &mut self.flawed;
        let mut stays = |id: &str, is_record, path: &Path, text: &str| {
            let mistakes = by_file.remove(path);
            let is_valid = mistakes.is_none();
            flawed.extend(mistakes.map(|found| Flawed::new(id.to_owned(), is_record, text, found)));
            is_valid
        };
        self.scenarios
            .retain(|one| stays(&one.id, false, &one.path, &one.text));
        self.untried
            .retain(|one| stays(&one.id, true, &one.path, &one.text));
    }
}

/// Folders of manifests to which no scenario belongs: a scenario misnamed, or forgotten.
fn orphans(
    root: &Path,
    manifests: &Path,
    ids: &BTreeSet<String>,
) -> Result<Vec<Diagnostic>, LoadError> {
    Ok(folder(root, manifests)?
        .iter()
        .filter(|folder| folder.is_dir() && !ids.contains(&name(folder)))
        .map(|folder| {
            let mistake =
                Diagnostic::new(folder, "", (1, 1), "these manifests belong to no scenario");
            let own = format!("scenarios/{}.yaml", name(folder));
            match nearest(&name(folder), ids.iter().map(String::as_str)) {
                Some(near) => mistake.with_help(format!("write {own}; is `{near}` meant?")),
                None => mistake.with_help(format!("write {own}, or remove them")),
            }
        })
        .collect())
}

/// The YAML files of a folder, sorted; none where there is no such folder.
fn yaml_files(
    root: &Path,
    path: &Path,
    mistakes: &mut Vec<Diagnostic>,
) -> Result<Vec<PathBuf>, LoadError> {
    let mut files = Vec::new();
    for path in folder(root, path)? {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("yaml") => files.push(path),
            Some("yml") => {
                let mistake = Diagnostic::new(&path, "", (1, 1), "this file would not be found");
                mistakes.push(mistake.with_help("let its name end in `.yaml`"));
            }
            _ => {}
        }
    }
    Ok(files)
}

/// The entries of one of the library's own folders.
fn folder(root: &Path, path: &Path) -> Result<Vec<PathBuf>, LoadError> {
    entries(root, path).map_err(|source| LoadError::Unreadable {
        path: path.to_owned(),
        source,
    })
}
