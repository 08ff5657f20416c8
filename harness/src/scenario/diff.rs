//! What a remedy changes in the manifests.

use similar::TextDiff;

use super::LoadedScenario;
use super::standing::{Applied, Standing};

/// The unified diff of what was applied last before the remedy to what the remedy applies, object
/// by object; empty where the remedy applies nothing that differs.
#[must_use]
pub fn remedy_diff(loaded: &LoadedScenario) -> String {
    let scenario = &loaded.scenario;
    let mut standing = Standing::default();
    if let Some(steady_state) = &scenario.steady_state {
        standing.perform(&steady_state.steps, &loaded.manifests);
    }
    standing.perform(&scenario.fault.steps, &loaded.manifests);
    standing
        .perform(&scenario.remedy.steps, &loaded.manifests)
        .iter()
        .filter(|change| change.is_rewritten())
        .map(|change| unified(change.before.as_ref(), &change.after))
        .collect()
}

fn unified(before: Option<&Applied<'_>>, after: &Applied<'_>) -> String {
    let old = before.map_or("", |applied| applied.object.text.as_str());
    let old_header = before.map_or_else(|| "/dev/null".to_owned(), header);
    TextDiff::from_lines(old, after.object.text.as_str())
        .unified_diff()
        .header(&old_header, &header(after))
        .to_string()
}

fn header(applied: &Applied<'_>) -> String {
    format!("{} ({})", applied.file, applied.object)
}
