//! `relapse list`: the scenarios of a library.

use comfy_table::{Table, presets};
use serde_json::{Value, json};

use crate::scenario::{Library, LoadedScenario};

/// The scenarios as aligned columns, or as a JSON array.
#[must_use]
pub fn list(library: &Library, as_json: bool) -> String {
    if as_json {
        let entries: Vec<Value> = library.scenarios.iter().map(entry).collect();
        return format!("{:#}\n", Value::Array(entries));
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["ID", "TAGS", "COMPONENT", "TITLE"]);
    for loaded in &library.scenarios {
        table.add_row([
            &loaded.id,
            &loaded.scenario.tags.join(","),
            &loaded.scenario.component,
            &loaded.scenario.title,
        ]);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let mut text = table.trim_fmt();
    text.push('\n');
    text
}

fn entry(loaded: &LoadedScenario) -> Value {
    let scenario = &loaded.scenario;
    json!({
        "id": loaded.id,
        "title": scenario.title,
        "component": scenario.component,
        "tags": scenario.tags,
        "source": scenario.source,
        "kubernetes": scenario.kubernetes.as_ref().map(ToString::to_string),
        "images": loaded.images(),
    })
}
