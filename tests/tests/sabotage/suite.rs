//! The honest claims and what is wrong with copies of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use relapse_judge::library::{Library, load_library};
use relapse_judge::phase::Phase;
use relapse_judge::scenario::LoadedScenario;
use relapse_tests::project;
use serde::Deserialize;
use serde_json::Value;

use crate::claim::{Claim, Edit};
use crate::disturbance::Disturbance;
use crate::expectation::Expectation;

/// All of `tests/sabotage`.
pub struct Suite {
    root: PathBuf,
    /// The honest claims.
    pub honest: Library,
    /// What is wrong with copies of them, and, without any change, themselves; sorted by id.
    pub sabotages: Vec<Sabotage>,
}

/// A copy of an honest claim in which one thing is wrong, or an honest claim in a world in which
/// one thing is.
#[derive(Clone)]
pub struct Sabotage {
    /// The file's name without `.yaml`.
    pub id: String,
    /// What the file says.
    pub file: File,
}

/// A file of `sabotages/`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// What is wrong, in one line.
    pub what: String,
    /// The honest claim.
    pub of: String,
    /// What is changed in it.
    #[serde(default)]
    pub edits: Vec<Edit>,
    /// Manifests that are left out.
    #[serde(default)]
    pub removes: Vec<String>,
    /// What happens to the world.
    #[serde(default)]
    pub disturbance: Option<Disturbance>,
    /// Shell commands before those of `ci/setup`, with its arguments.
    #[serde(default)]
    pub set_up: Option<String>,
    /// How it is run.
    #[serde(default)]
    pub options: Options,
    /// The folder in its evidence of the course in which the verdict falls, if that is not the
    /// claim's own.
    #[serde(default)]
    pub course: Option<String>,
    /// Rules of the judge without which the verdict would be another; keys of `guards.yaml`.
    pub guards: Vec<String>,
    verdict: String,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    phase: Option<Phase>,
    #[serde(default)]
    detail: Vec<String>,
    #[serde(default)]
    unsaid: Vec<String>,
}

/// How a claim is run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// Findings' trials too.
    #[serde(default)]
    pub trials: bool,
    /// Wrong remedies and each part of the remedy too.
    #[serde(default)]
    pub thorough: bool,
    /// How often again, where it is not proved.
    #[serde(default)]
    pub retries: usize,
}

impl Suite {
    /// Reads it.
    pub fn load() -> Self {
        let root = project().join("tests/sabotage");
        let honest = load_library(&root).unwrap_or_else(|error| panic!("{error}"));
        let mut sabotages: Vec<Sabotage> = fs::read_dir(root.join("sabotages"))
            .unwrap()
            .map(|entry| Sabotage::read(&entry.unwrap().path()))
            .collect();
        sabotages.sort_by(|a, b| a.id.cmp(&b.id));
        Self {
            root,
            honest,
            sabotages,
        }
    }

    /// The claim as it is tried, not loaded.
    pub fn claim(&self, sabotage: &Sabotage) -> Claim {
        let of = &sabotage.file.of;
        let scenario = self.root.join("scenarios").join(of).with_extension("yaml");
        let mut claim = Claim::read(&scenario, &self.root.join("manifests").join(of));
        for file in &sabotage.file.removes {
            claim.remove(file);
        }
        for edit in &sabotage.file.edits {
            claim.edit(edit);
        }
        claim
    }

    /// The claim as it is tried.
    pub fn load_claim(&self, sabotage: &Sabotage) -> LoadedScenario {
        self.claim(sabotage).load(&sabotage.id)
    }

    /// The words that a file has an entry for.
    pub fn words(&self, file: &str) -> BTreeSet<String> {
        let text = fs::read_to_string(self.root.join(file)).unwrap();
        let entries: BTreeMap<String, Value> =
            serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
        entries.into_keys().collect()
    }

    /// Where the recording of one is.
    pub fn recording(&self, sabotage: &Sabotage) -> PathBuf {
        self.root.join("recordings").join(&sabotage.id)
    }
}

impl Sabotage {
    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        let file = serde_saphyr::from_str(&text);
        Self {
            id: path.file_stem().unwrap().to_string_lossy().into_owned(),
            file: file.unwrap_or_else(|error| panic!("{}: {error}", path.display())),
        }
    }

    /// The verdict that an honest judge gives.
    pub fn expectation(&self) -> Expectation {
        let File {
            verdict,
            reason,
            phase,
            detail,
            unsaid,
            ..
        } = &self.file;
        let (detail, unsaid) = (detail.clone(), unsaid.clone());
        Expectation::of(verdict, reason.as_deref(), *phase, detail, unsaid)
    }

    /// Whether the verdict falls in one experiment, so that a recording of that shows it.
    pub fn falls_in_an_experiment(&self) -> bool {
        let File {
            disturbance,
            options,
            phase,
            reason,
            ..
        } = &self.file;
        let at_the_clean_up = disturbance.as_ref().is_some_and(|one| one.at == "clean-up");
        let without_evidence = reason.as_deref() == Some("evidence-lost");
        phase.is_some() && options.retries == 0 && !at_the_clean_up && !without_evidence
    }

    /// Whether this is the honest claim itself, in a world in which nothing is wrong.
    pub fn is_honest(&self) -> bool {
        let File {
            edits,
            removes,
            disturbance,
            set_up,
            ..
        } = &self.file;
        edits.is_empty() && removes.is_empty() && disturbance.is_none() && set_up.is_none()
    }
}
