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

/// The scenarios with one of these ids or globs, or variants of a failure with one, all if none is given, that have one of these tags,
/// any if none is given. Sorted by id.
///
/// # Errors
/// A word or tag selects nothing.
pub fn select(
    library: Library,
    words: &[String],
    tags: &[String],
) -> Result<Vec<Arc<LoadedScenario>>, SelectionError> {
    for tag in tags {
        let known = |scenario: &LoadedScenario| scenario.scenario.tags.contains(tag);
        if !library.scenarios.iter().any(known) {
            return Err(SelectionError::Tag(tag.clone()));
        }
    }
    let mut globs = Vec::new();
    for word in words {
        let glob = Glob::new(word)
            .map_err(|source| SelectionError::Glob {
                word: word.clone(),
                source,
            })?
            .compile_matcher();
        let fits = |one: &LoadedScenario| is_meant(&glob, one);
        if !library.scenarios.iter().any(fits) {
            if let Some(untried) = library.untried(word) {
                return Err(SelectionError::Untried {
                    word: word.clone(),
                    reason: one_line(&untried.record.reason),
                });
            }
            let nearest = library
                .nearest_id(word)
                .map(|id| format!("; did you mean `{id}`?"))
                .unwrap_or_default();
            return Err(SelectionError::Unknown {
                word: word.clone(),
                nearest,
            });
        }
        globs.push(glob);
    }
    Ok(library
        .scenarios
        .into_iter()
        .filter(|one| globs.is_empty() || globs.iter().any(|glob| is_meant(glob, one)))
        .filter(|one| tags.is_empty() || tags.iter().any(|tag| one.scenario.tags.contains(tag)))
        .map(Arc::new)
        .collect())
}

fn is_meant(glob: &GlobMatcher, scenario: &LoadedScenario) -> bool {
    glob.is_match(&scenario.id) || glob.is_match(scenario.failure())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::select;
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
    fn selected(words: &[&str]) -> Vec<String> {
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
        let selected = select(library, &words, &[]);
        let selected = selected.unwrap_or_else(|error| panic!("{error}"));
        selected.iter().map(|one| one.id.clone()).collect()
    }

    #[test]
    fn a_failure_means_its_variants_too() {
        assert_eq!(selected(&["lock"]), ["lock", "waits"]);
        assert_eq!(selected(&["pending"]), ["pending-of-a", "pending-of-b"]);
        assert_eq!(selected(&["lo*"]), ["lock", "waits"]);
    }

    #[test]
    fn a_variant_means_itself() {
        assert_eq!(selected(&["waits"]), ["waits"]);
        assert_eq!(selected(&["*-b", "other"]), ["other", "pending-of-b"]);
    }
}
