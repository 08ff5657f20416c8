//! What a remedy changes in the manifests.

use std::borrow::Cow;

use similar::TextDiff;

use super::applied_state::{Applied, AppliedChange, AppliedState};
use crate::manifest::yaml;
use crate::scenario::LoadedScenario;

/// The unified diff of what stands before the remedy to what the remedy applies, object by object;
/// empty where the remedy applies nothing that differs.
#[must_use]
pub fn remedy_diff(loaded: &LoadedScenario) -> String {
    let scenario = &loaded.scenario;
    let before = AppliedState::before_remedy(scenario, &loaded.manifests);
    let mut diffs: Vec<String> = Vec::new();
    for step in &scenario.remedy.steps {
        for change in before.compared(step, &loaded.manifests) {
            let diff = unified(&change);
            // A file may be applied more than once.
            if change.differs() && !diffs.contains(&diff) {
                diffs.push(diff);
            }
        }
    }
    diffs.concat()
}

fn unified(change: &AppliedChange<'_>) -> String {
    let before = change.before.as_ref();
    let as_written = before.is_none_or(|before| before.since.is_empty());
    let text = |applied: &Applied<'_>| {
        if as_written {
            Cow::Owned(applied.object.text.clone())
        } else {
            yaml(applied.value()).into()
        }
    };
    let old = change.before.as_ref().map(text).unwrap_or_default();
    let old_header = change.before.as_ref().map(header);
    let old_header = old_header.unwrap_or_else(|| "/dev/null".to_owned());
    TextDiff::from_lines(old, text(&change.after))
        .unified_diff()
        .header(&old_header, &header(&change.after))
        .to_string()
}

fn header(applied: &Applied<'_>) -> String {
    let mut words = applied.object.to_string();
    if !applied.since.is_empty() {
        words = format!("{words}, after {}", applied.since.join(", "));
    }
    format!("{} ({words})", applied.file)
}
