//! Which scenarios a run is about.

use std::sync::Arc;

use globset::{Glob, GlobMatcher};
use thiserror::Error;

use crate::report::one_line;
use crate::scenario::{Library, LoadedScenario};

/// A word that selects nothing.
#[derive(Debug, Error)]
pub enum SelectionError {
    /// No scenario or failure has this id, nor fits it as a glob.
    #[error("no scenario is called `{word}`{nearest}; next: `relapse list`")]
    Unknown {
        /// The word.
        word: String,
        /// A near id, as a phrase.
        nearest: String,
    },
    /// It is that of a failure that no experiment can decide.
    #[error("`{word}` has no experiment: {reason}\nnext: `relapse show {word}`")]
    Untried {
        /// The word.
        word: String,
        /// Why no experiment can decide it.
        reason: String,
    },
    /// It is not a glob.
    #[error("`{word}` is not a glob: {source}")]
    Glob {
        /// The word.
        word: String,
        /// What is wrong.
        source: globset::Error,
    },
    /// No scenario has this tag.
    #[error("no scenario has the tag `{0}`; next: `relapse list`, which shows the tags")]
    Tag(String),
}

/// Which scenarios are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Selection<'a> {
    /// Ids or globs of scenarios, or of failures that have nothing but variants; empty is any.
    pub words: &'a [String],
    /// Tags, of which a scenario has one; empty is any.
    pub tags: &'a [String],
    /// Whether a failure means its variants too, where a scenario has its id.
    pub variants: bool,
}

impl Selection<'_> {
    /// These scenarios, sorted by id.
    ///
    /// # Errors
    /// A word or tag selects nothing.
    pub fn of(&self, library: Library) -> Result<Vec<Arc<LoadedScenario>>, SelectionError> {
        for tag in self.tags {
            let known = |scenario: &LoadedScenario| scenario.scenario.tags.contains(tag);
            if !library.scenarios.iter().any(known) {
                return Err(SelectionError::Tag(tag.clone()));
            }
        }
        let globs = self
            .words
            .iter()
            .map(|word| self.known_glob(&library, word))
            .collect::<Result<Vec<_>, _>>()?;
        let meant: Vec<bool> = library
            .scenarios
            .iter()
            .map(|one| {
                let tags = &one.scenario.tags;
                (globs.is_empty() || globs.iter().any(|glob| self.means(glob, one, &library)))
                    && (self.tags.is_empty() || self.tags.iter().any(|tag| tags.contains(tag)))
            })
            .collect();
        let scenarios = library.scenarios.into_iter().zip(meant);
        Ok(scenarios
            .filter_map(|(one, is_meant)| is_meant.then(|| Arc::new(one)))
            .collect())
    }

    fn known_glob(&self, library: &Library, word: &str) -> Result<GlobMatcher, SelectionError> {
        let glob = Glob::new(word).map_err(|source| SelectionError::Glob {
            word: word.to_owned(),
            source,
        })?;
        let glob = glob.compile_matcher();
        let fits = |one: &LoadedScenario| self.means(&glob, one, library);
        if library.scenarios.iter().any(fits) {
            return Ok(glob);
        }
        if let Some(untried) = library.untried(word) {
            return Err(SelectionError::Untried {
                word: word.to_owned(),
                reason: one_line(&untried.record.reason),
            });
        }
        let nearest = library
            .nearest_id(word)
            .map(|id| format!("; did you mean `{id}`?"))
            .unwrap_or_default();
        Err(SelectionError::Unknown {
            word: word.to_owned(),
            nearest,
        })
    }

    fn means(&self, glob: &GlobMatcher, scenario: &LoadedScenario, library: &Library) -> bool {
        let failure = scenario.failure();
        let has_its_id = || library.scenarios.iter().any(|one| one.id == failure);
        glob.is_match(&scenario.id) || glob.is_match(failure) && (self.variants || !has_its_id())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::Selection;
    use crate::scenario::load_library;

    const CLAIM: &str = "
title: t
source: s
component: c
about: a
fault: {steps: [{apply: a.yaml}], within: 30s}
signature: [{state: {of: {kind: Job, name: a}, fields: [{path: .spec, exists: true}]}}]
control: {hold: 10s}
remedy: {steps: [{delete: {kind: Job, name: a}}, {apply: a.yaml}], within: 30s, hold: 10s}
";
    const JOB: &str = "{apiVersion: batch/v1, kind: Job, metadata: {name: a}, spec: {}}";

    /// Ids of what is selected from a failure with a variant, two variants alone, and another.
    fn selected(words: &[&str], variants: bool) -> Vec<String> {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("scenarios")).unwrap();
        for (id, failure) in [
            ("lock", ""),
            ("other", ""),
            ("pending-of-a", "failure: pending"),
            ("pending-of-b", "failure: pending"),
            ("waits", "failure: lock"),
        ] {
            let file = root
                .path()
                .join("scenarios")
                .join(id)
                .with_extension("yaml");
            fs::write(file, format!("{CLAIM}{failure}\n")).unwrap();
            let manifests = root.path().join("manifests").join(id);
            fs::create_dir_all(&manifests).unwrap();
            fs::write(manifests.join("a.yaml"), JOB).unwrap();
        }
        let library = load_library(root.path()).unwrap_or_else(|error| panic!("{error}"));
        let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
        let selection = Selection {
            words: &words,
            variants,
            ..Selection::default()
        };
        let selected = selection
            .of(library)
            .unwrap_or_else(|error| panic!("{error}"));
        selected.iter().map(|one| one.id.clone()).collect()
    }

    #[test]
    fn an_id_means_its_scenario_alone() {
        assert_eq!(selected(&["lock"], false), ["lock"]);
        assert_eq!(selected(&["lo*"], false), ["lock"]);
        assert_eq!(selected(&["waits"], false), ["waits"]);
        assert_eq!(
            selected(&["*-b", "other"], false),
            ["other", "pending-of-b"]
        );
    }

    #[test]
    fn a_failure_means_its_variants_where_that_is_asked_or_there_is_nothing_else() {
        assert_eq!(selected(&["lock"], true), ["lock", "waits"]);
        assert_eq!(selected(&["lo*"], true), ["lock", "waits"]);
        assert_eq!(
            selected(&["pending"], false),
            ["pending-of-a", "pending-of-b"]
        );
    }
}
