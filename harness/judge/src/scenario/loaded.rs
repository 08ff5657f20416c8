//! A scenario with its manifests, as the rules and the run take it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use super::Scenario;
use crate::input;
use crate::input::diagnostic::Diagnostic;
use crate::manifest::{ManifestFile, images};

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
    /// What it shows less of than its author believes.
    pub warnings: Vec<Diagnostic>,
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

    /// The scenario file as a value, by the same limits by which it was read.
    #[must_use]
    pub fn value(&self) -> Value {
        serde_saphyr::from_str_with_options(&self.text, input::yaml_options()).unwrap_or_default()
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
