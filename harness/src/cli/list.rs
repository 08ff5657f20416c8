//! `relapse list`: the scenarios of a library.

use comfy_table::{Table, presets};
use serde_json::{Value, json};

use crate::scenario::{Library, LoadedScenario};

/// The scenarios as aligned columns, or as a JSON array; variants stand below their failure.
#[must_use]
pub fn list(library: &Library, as_json: bool) -> String {
    let mut scenarios: Vec<&LoadedScenario> = library.scenarios.iter().collect();
    scenarios.sort_by_key(|loaded| (loaded.failure(), loaded.is_variant(), &loaded.id));
    if as_json {
        let entries: Vec<Value> = scenarios.into_iter().map(entry).collect();
        return format!("{:#}\n", Value::Array(entries));
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["ID", "TAGS", "COMPONENT", "TITLE"]);
    let mut above = "";
    for loaded in scenarios {
        let failure = loaded.failure();
        let mut id = loaded.id.clone();
        if loaded.is_variant() {
            if failure != above {
                table.add_row([failure]);
            }
            id.insert_str(0, "└ ");
        }
        above = failure;
        table.add_row([
            &id,
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
        "failure": loaded.failure(),
        "title": scenario.title,
        "component": scenario.component,
        "tags": scenario.tags,
        "source": scenario.source,
        "kubernetes": scenario.kubernetes.as_ref().map(ToString::to_string),
        "images": loaded.images(),
    })
}
