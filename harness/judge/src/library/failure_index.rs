//! Failures of a library: each with its scenarios, or with the reason why it has none.

use std::collections::BTreeMap;

use super::{Library, LoadedUntried};
use crate::scenario::LoadedScenario;

/// The tag of the quick set: it says nothing of what fails.
const QUICK: &str = "core";

/// A documented failure with everything that the library has of it.
#[derive(Debug, Clone, Default)]
pub struct DocumentedFailure<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its record, where no experiment decides the whole of it.
    pub untried: Option<&'a LoadedUntried>,
    /// Its scenarios: first the one that has its id, then its variants by their ids.
    pub scenarios: Vec<&'a LoadedScenario>,
}

impl DocumentedFailure<'_> {
    /// The scenario that has its id.
    #[must_use]
    pub fn own(&self) -> Option<&LoadedScenario> {
        let mut scenarios = self.scenarios.iter().copied();
        scenarios.find(|loaded| !loaded.is_variant())
    }

    /// The failure in one line; none where it has nothing but variants.
    #[must_use]
    pub fn title(&self) -> Option<&str> {
        let own = self.own().map(|loaded| loaded.scenario.title.as_str());
        own.or_else(|| self.untried.map(|untried| untried.record.title.as_str()))
    }

    /// What it is about, in one word: the first tag but `core`; `other` where it has none.
    #[must_use]
    pub fn topic(&self) -> &str {
        let untried = self.untried.iter().flat_map(|one| &one.record.tags);
        let tags = self.scenarios.iter().flat_map(|one| &one.scenario.tags);
        let mut topics = untried.chain(tags).filter(|tag| *tag != QUICK);
        topics.next().map_or("other", String::as_str)
    }
}

impl Library {
    /// Everything that is known, by failure, sorted by id.
    #[must_use]
    pub fn failures(&self) -> Vec<DocumentedFailure<'_>> {
        let mut failures: BTreeMap<&str, DocumentedFailure<'_>> = BTreeMap::new();
        for loaded in &self.scenarios {
            let failure = failures.entry(loaded.failure()).or_default();
            failure.scenarios.push(loaded);
        }
        for loaded in &self.untried {
            failures.entry(&loaded.id).or_default().untried = Some(loaded);
        }
        let mut failures: Vec<_> = failures
            .into_iter()
            .map(|(id, failure)| DocumentedFailure { id, ..failure })
            .collect();
        for failure in &mut failures {
            let scenarios = &mut failure.scenarios;
            scenarios.sort_by_key(|loaded| (loaded.is_variant(), &loaded.id));
        }
        failures
    }
}
