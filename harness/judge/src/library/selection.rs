//! Which scenarios a run is about.

use std::sync::Arc;

use globset::{Glob, GlobMatcher};
use thiserror::Error;

use super::{Flawed, Library};
use crate::input::{Diagnostic, InvalidFiles};
use crate::scenario::LoadedScenario;
use crate::text::one_line;

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
    /// What is asked for is not valid, or may be among what is not.
    #[error(transparent)]
    Invalid(#[from] InvalidFiles),
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
            let may_be = |flawed: &Flawed| flawed.may_have_tag(tag);
            if !library.scenarios.iter().any(known) && !library.flawed.iter().any(may_be) {
                return Err(SelectionError::Tag(tag.clone()));
            }
        }
        let globs = self
            .words
            .iter()
            .map(|word| self.known_glob(&library, word))
            .collect::<Result<Vec<_>, _>>()?;
        let needed = library.flawed.iter();
        let needed = needed.filter(|one| self.may_mean(&globs, one, &library));
        let mistakes: Vec<Diagnostic> = needed.flat_map(|one| one.mistakes.clone()).collect();
        if !mistakes.is_empty() {
            return Err(InvalidFiles::new(mistakes).into());
        }
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
        let may_fit = |one: &Flawed| self.may_name(&glob, one, library);
        if library.scenarios.iter().any(fits) || library.flawed.iter().any(may_fit) {
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

    /// Whether what is not valid is asked for, as far as that can be told. A record without an experiment
    /// is asked for by its id alone.
    fn may_mean(&self, globs: &[GlobMatcher], flawed: &Flawed, library: &Library) -> bool {
        let mut named = globs.iter();
        named.any(|glob| self.may_name(glob, flawed, library))
            || (globs.is_empty() && !flawed.is_record)
                && (self.tags.is_empty() || self.tags.iter().any(|tag| flawed.may_have_tag(tag)))
    }

    fn may_name(&self, glob: &GlobMatcher, flawed: &Flawed, library: &Library) -> bool {
        if flawed.is_record {
            return glob.glob().glob() == flawed.id;
        }
        let has = |id: &str| library.scenarios.iter().any(|one| one.id == id);
        let failure = flawed.failure();
        glob.is_match(&flawed.id)
            || failure.is_some_and(|of| glob.is_match(of) && (self.variants || !has(of)))
            || (self.variants && !flawed.is_known())
    }

    fn means(&self, glob: &GlobMatcher, scenario: &LoadedScenario, library: &Library) -> bool {
        let failure = scenario.failure();
        let has_its_id = || library.scenarios.iter().any(|one| one.id == failure);
        glob.is_match(&scenario.id) || glob.is_match(failure) && (self.variants || !has_its_id())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use super::{Selection, SelectionError};
    use crate::library::read_library;

    const CLAIM: &str = "
title: t
source: s
component: c
about: a
fault: {steps: [{apply: a.yaml}], within: 30s}
signature: [{state: {of: {kind: Job, name: a}, fields: [{path: .status.failed, is: 1}]}}]
control: {hold: 10s}
remedy: {steps: [{delete: {kind: Job, name: a}}, {apply: a.yaml}], within: 30s, hold: 10s}
";
    const JOB: &str = "{apiVersion: batch/v1, kind: Job, metadata: {name: a}, spec: {}}";

    const SCENARIOS: [(&str, &str); 5] = [
        ("lock", ""),
        ("other", "tags: [quick]"),
        ("pending-of-a", "failure: pending"),
        ("pending-of-b", "failure: pending"),
        ("waits", "failure: lock"),
    ];

    /// Ids of what is selected from a failure with a variant, two variants alone, and another; of files that
    /// are not valid beside them, those that stop it.
    fn asked(selection: Selection<'_>, flawed: &[(&str, &str)]) -> Result<Vec<String>, String> {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("scenarios/without-experiment")).unwrap();
        let texts = SCENARIOS.map(|(id, keys)| (id, format!("{CLAIM}{keys}\n")));
        let flawed = flawed.iter().map(|(id, text)| (*id, (*text).to_owned()));
        for (id, text) in texts.into_iter().chain(flawed) {
            let file = root.path().join("scenarios").join(id);
            fs::write(file.with_extension("yaml"), text).unwrap();
            let manifests = root.path().join("manifests").join(id);
            fs::create_dir_all(&manifests).unwrap();
            fs::write(manifests.join("a.yaml"), JOB).unwrap();
        }
        fs::remove_dir_all(root.path().join("manifests/without-experiment")).ok();
        let library = read_library(root.path()).unwrap_or_else(|error| panic!("{error}"));
        match selection.of(library) {
            Ok(selected) => Ok(selected.iter().map(|one| one.id.clone()).collect()),
            Err(SelectionError::Invalid(invalid)) => {
                let files = invalid.mistakes().iter();
                let stem = files.map(|mistake| mistake.file.file_stem().unwrap());
                let ids: BTreeSet<String> = stem
                    .map(|stem| stem.to_string_lossy().into_owned())
                    .collect();
                Err(ids.into_iter().collect::<Vec<_>>().join(" "))
            }
            Err(error) => panic!("{error}"),
        }
    }

    fn of_words(
        words: &[&str],
        variants: bool,
        flawed: &[(&str, &str)],
    ) -> Result<Vec<String>, String> {
        let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
        let selection = Selection {
            words: &words,
            variants,
            ..Selection::default()
        };
        asked(selection, flawed)
    }

    fn selected(words: &[&str], variants: bool) -> Vec<String> {
        of_words(words, variants, &[]).unwrap()
    }

    /// One that says what it is of, and one that is no YAML.
    const FLAWED: [(&str, &str); 2] = [
        ("half-of-lock", "failure: lock\ntags: [slow]\n"),
        ("half", "title: 'a"),
    ];

    #[test]
    fn what_is_not_valid_stops_nothing_that_does_not_ask_for_it() {
        for words in [&["lock"][..], &["lo*"], &["pending"], &["*-of-a", "other"]] {
            let without = of_words(words, false, &[]);
            assert_eq!(of_words(words, false, &FLAWED), without, "{words:?}");
        }
    }

    #[test]
    fn what_is_not_valid_stops_what_asks_for_it_or_may() {
        assert_eq!(of_words(&["half"], false, &FLAWED), Err("half".to_owned()));
        let both = Err("half half-of-lock".to_owned());
        assert_eq!(of_words(&["ha*"], false, &FLAWED), both);
        assert_eq!(of_words(&["lock"], true, &FLAWED), both);
        assert_eq!(of_words(&[], false, &FLAWED), both);
        let of_tag = |tag: &str| {
            let tags = [tag.to_owned()];
            asked(
                Selection {
                    tags: &tags,
                    ..Selection::default()
                },
                &FLAWED,
            )
        };
        assert_eq!(of_tag("quick"), Err("half".to_owned()));
        assert_eq!(of_tag("slow"), both);
    }

    #[test]
    fn a_record_that_is_not_valid_is_asked_for_by_its_id_alone() {
        let record = [("without-experiment/cloud", "title: a")];
        let all = of_words(&["*"], false, &record).unwrap();
        assert_eq!(all.len(), SCENARIOS.len());
        assert_eq!(of_words(&[], false, &record).unwrap(), all);
        assert_eq!(
            of_words(&["cloud"], false, &record),
            Err("cloud".to_owned())
        );
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
