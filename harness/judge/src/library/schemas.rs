//! The schemas of what people write, for their editors.

use serde_json::Value;

use super::checklists::Checklists;
use super::untestable::Untried;
use crate::scenario::Scenario;

/// The JSON schemas for editors, each with the name of its file.
#[must_use]
pub fn schemas() -> [(&'static str, Value); 3] {
    [
        ("scenario", schemars::schema_for!(Scenario).to_value()),
        (
            "without-experiment",
            schemars::schema_for!(Untried).to_value(),
        ),
        ("checklists", schemars::schema_for!(Checklists).to_value()),
    ]
}
