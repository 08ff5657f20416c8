//! Where a scenario's failures and steps are written.

use crate::input::YamlNode;
use crate::scenario::{Failure, Scenario, Step};

/// Every list of steps of a scenario, with its place.
pub(crate) fn step_lists<'a>(
    scenario: &'a Scenario,
    root: &'a YamlNode,
) -> Vec<(&'a [Step], &'a YamlNode)> {
    let mut lists: Vec<(&[Step], &YamlNode)> = Vec::new();
    if let Some(steady_state) = &scenario.steady_state {
        lists.push((&steady_state.steps, root.key("steady_state").key("steps")));
    }
    for failure in scenario.chain() {
        let at = place_of(&failure, root);
        lists.push((&failure.fault.steps, at.key("fault").key("steps")));
    }
    lists.push((&scenario.remedy.steps, root.key("remedy").key("steps")));
    for aside in scenario.asides() {
        let at = root.key(aside.kind.key()).index(aside.place);
        lists.push((aside.steps, at.key("steps")));
    }
    for (index, finding) in scenario.findings.iter().enumerate() {
        if let Some(trial) = &finding.trial {
            let at = root.key("findings").index(index).key("trial");
            lists.push((&trial.reset, at.key("reset")));
            lists.push((&trial.steps, at.key("steps")));
        }
    }
    lists
}

/// Where a failure of the chain is written.
pub(crate) fn place_of<'n>(failure: &Failure<'_>, root: &'n YamlNode) -> &'n YamlNode {
    match failure.title {
        Some(_) => root.key("links").index(failure.place),
        None => root,
    }
}
