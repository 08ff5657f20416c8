//! What is lacking here, as far as that is known without the set-up: it does no work, asks nobody, and
//! has the last word when it runs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use relapse_judge::input::{self, LARGEST_CLAIM};
use relapse_judge::scenario::{Capability, LoadedScenario};

/// What is known beforehand of images and nodes.
#[derive(Debug, Clone, Default)]
pub struct Outlook {
    /// Images that can be built; nothing is known of any where the project has no list of them.
    recipes: Option<BTreeSet<String>>,
    /// Whether no registry answers, so that every image is built, that of the nodes too.
    all_are_built: bool,
}

impl Outlook {
    /// The outlook of a project on this machine: its `ci/images.tsv`, and whether images are pulled or
    /// built, as `RELAPSE_IMAGES` says or as the set-up found last.
    #[must_use]
    pub fn of(root: &Path) -> Self {
        let recipes = input::read(root, &root.join("ci/images.tsv"), LARGEST_CLAIM).ok();
        let mode = std::env::var("RELAPSE_IMAGES").ok();
        let mode = mode.or_else(|| std::fs::read_to_string(cache()?.join("mode")).ok());
        Self::from(recipes.as_deref(), mode.as_deref())
    }

    fn from(recipes: Option<&str>, mode: Option<&str>) -> Self {
        let names = |table: &str| {
            let rows = table.lines().skip(1);
            let names = rows.filter_map(|row| row.split('\t').next());
            names.map(str::to_owned).collect()
        };
        Self {
            recipes: recipes.map(names),
            all_are_built: mode.is_some_and(|mode| mode.trim() == "build"),
        }
    }

    /// The first image of a scenario that can be neither pulled nor built here, or what the nodes
    /// here cannot do for it, and why: `what: why`.
    #[must_use]
    pub fn lack(&self, scenario: &LoadedScenario) -> Option<String> {
        let images = scenario.images().into_iter();
        let mut lacks =
            images.filter_map(|image| Some(format!("{image}: {}", self.lacks(&image)?)));
        let mut needs = scenario.scenario.needs.iter();
        lacks
            .next()
            .or_else(|| needs.find_map(|need| Some(format!("{need}: {}", self.cannot(*need)?))))
    }

    /// A built node has a pod network of its own, which is routes and nothing else.
    fn cannot(&self, need: Capability) -> Option<&'static str> {
        match need {
            Capability::NetworkPolicy => self
                .all_are_built
                .then_some("the pod network of a node that is built here enforces no policies"),
        }
    }

    fn lacks(&self, image: &str) -> Option<&'static str> {
        let recipes = self.recipes.as_ref()?;
        // What has no upstream is built in any case.
        let is_built = self.all_are_built || image.starts_with("relapse.local/");
        (is_built && !recipes.contains(image))
            .then_some("no recipe in ci/images.tsv and no container registry is reachable")
    }
}

/// The set-up's cache.
fn cache() -> Option<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let cache = folder("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(folder("HOME")?).join(".cache")));
    cache.map(|cache| cache.join("relapse"))
}

#[cfg(test)]
mod tests {
    use super::Outlook;
    use relapse_judge::scenario::Capability;

    const RECIPES: &str = "image\tbase\nprom/prometheus:v2.55.1\tbusybox\nrelapse.local/a:1\t-\n";

    fn lacks(recipes: Option<&str>, mode: Option<&str>, image: &str) -> bool {
        Outlook::from(recipes, mode).lacks(image).is_some()
    }

    #[test]
    fn where_no_registry_answers_an_image_without_a_recipe_is_lacking() {
        let build = Some("build\n");
        assert!(lacks(Some(RECIPES), build, "grafana/grafana:10.2.2"));
        assert!(lacks(Some(RECIPES), build, "prom/prometheus:v2.55.0"));
        assert!(!lacks(Some(RECIPES), build, "prom/prometheus:v2.55.1"));
        assert!(lacks(Some(RECIPES), build, "image"));
    }

    #[test]
    fn where_one_answers_or_may_only_what_has_no_upstream_is_lacking() {
        for mode in [Some("pull"), None] {
            assert!(!lacks(Some(RECIPES), mode, "grafana/grafana:10.2.2"));
            assert!(!lacks(Some(RECIPES), mode, "relapse.local/a:1"));
            assert!(lacks(Some(RECIPES), mode, "relapse.local/a:2"));
        }
    }

    #[test]
    fn nodes_that_are_built_enforce_no_policies() {
        for (mode, cannot) in [(Some("build"), true), (Some("pull"), false), (None, false)] {
            let outlook = Outlook::from(Some(RECIPES), mode);
            assert_eq!(outlook.cannot(Capability::NetworkPolicy).is_some(), cannot);
        }
    }

    #[test]
    fn without_a_list_of_recipes_nothing_is_known() {
        assert!(!lacks(None, Some("build"), "grafana/grafana:10.2.2"));
    }
}
