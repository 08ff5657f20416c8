//! Which scenarios a run is about.

use std::sync::Arc;

use globset::Glob;
use thiserror::Error;

use crate::scenario::{Library, LoadedScenario};

/// A word that selects nothing.
#[derive(Debug, Error)]
pub enum SelectionError {
    /// No scenario has this id, nor fits it as a glob.
    #[error("no scenario is called `{word}`{nearest}; next: `relapse list`")]
    Unknown {
        /// The word.
        word: String,
        /// A near id, as a phrase.
        nearest: String,
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

/// The scenarios with one of these ids or globs, all if none is given, that have one of these tags,
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
        if !library.scenarios.iter().any(|one| glob.is_match(&one.id)) {
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
        .filter(|one| globs.is_empty() || globs.iter().any(|glob| glob.is_match(&one.id)))
        .filter(|one| tags.is_empty() || tags.iter().any(|tag| one.scenario.tags.contains(tag)))
        .map(Arc::new)
        .collect())
}
