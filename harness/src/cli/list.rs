//! `relapse list`: what a library has, and what is known of it.

use comfy_table::{Table, presets};
use serde_json::{Value, json};

use crate::setup::Outlook;
use relapse_judge::library::{Library, LoadedUntried};

use relapse_judge::scenario::LoadedScenario;
use relapse_judge::text::{self, one_line, shown, wrapped};
use relapse_judge::verdict::{Finished, RecordedVerdicts};

const WIDTH: usize = 88;

/// What the list tells beside the library itself.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// What real clusters said of the scenarios last.
    pub proofs: &'a RecordedVerdicts,
    /// Which images cannot be had here.
    pub outlook: &'a Outlook,
}

/// Scenarios and failures without an experiment as aligned columns, variants below their failure, with
/// what is lacking here and why some have no experiment below them.
#[must_use]
pub fn list(library: &Library, known: Known<'_>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["ID", "STATE", "SIGNATURE", "READY", "TAGS", "TITLE"]);
    for failure in library.failures() {
        if let Some(untried) = failure.untried {
            table.add_row(untried_row(untried));
        } else if failure.title().is_none() {
            table.add_row([failure.id]);
        }
        for loaded in failure.scenarios {
            table.add_row(row(loaded, known));
        }
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let mut text = table.trim_fmt();
    text.push('\n');
    let lacks = library.scenarios.iter();
    let lacks = lacks.filter_map(|loaded| Some((&*loaded.id, known.outlook.lack(loaded)?)));
    let reasons = library.untried.iter();
    let reasons = reasons.map(|loaded| (&*loaded.id, loaded.record.reason.clone()));
    text.push_str(&notes("skipped here", lacks.collect()));
    text.push_str(&notes("without an experiment", reasons.collect()));
    text
}

/// The same as a JSON array, with everything that programs select by.
#[must_use]
pub fn json(library: &Library, known: Known<'_>) -> String {
    let mut entries = Vec::new();
    for failure in library.failures() {
        entries.extend(failure.untried.map(untried_entry));
        let scenarios = failure.scenarios.into_iter();
        entries.extend(scenarios.map(|loaded| entry(loaded, known)));
    }
    text::json(&Value::Array(entries)) + "\n"
}

fn row(loaded: &LoadedScenario, known: Known<'_>) -> [String; 6] {
    let mark = if loaded.is_variant() { "└ " } else { "" };
    let lack = known
        .outlook
        .lack(loaded)
        .map(|_| "skipped here".to_owned());
    let states = known.proofs.told(&loaded.id).into_iter().chain(lack);
    let states: Vec<String> = states.collect();
    let state = match states.join("; ") {
        none if none.is_empty() => "not recorded yet".to_owned(),
        states => states,
    };
    let newest = known.proofs.of(&loaded.id).last();
    let time =
        |of: fn(&Finished) -> Option<u64>| newest.and_then(of).map_or_else(String::new, shown);
    [
        format!("{mark}{}", one_line(&loaded.id)),
        state,
        time(|finished| finished.time_to_signature),
        time(|finished| finished.time_to_ready),
        one_line(&loaded.scenario.tags.join(",")),
        one_line(&loaded.scenario.title),
    ]
}

fn untried_row(untried: &LoadedUntried) -> [String; 6] {
    [
        untried.id.clone(),
        "without an experiment".to_owned(),
        String::new(),
        String::new(),
        one_line(&untried.record.tags.join(",")),
        one_line(&untried.record.title),
    ]
}

/// Remarks on some ids below a heading; nothing where there are none.
fn notes(heading: &str, remarks: Vec<(&str, String)>) -> String {
    if remarks.is_empty() {
        return String::new();
    }
    let remarks = remarks
        .into_iter()
        .map(|(id, words)| format!("  {id}\n{}", wrapped(&one_line(&words), "    ", WIDTH)));
    format!("\n{heading}\n{}", remarks.collect::<String>())
}

fn entry(loaded: &LoadedScenario, known: Known<'_>) -> Value {
    let scenario = &loaded.scenario;
    let proofs = known.proofs.of(&loaded.id).iter();
    json!({
        "id": loaded.id,
        "failure": loaded.failure(),
        "title": scenario.title,
        "component": scenario.component,
        "tags": scenario.tags,
        "source": scenario.source,
        "kubernetes": scenario.kubernetes.as_ref().map(ToString::to_string),
        "images": loaded.images(),
        "recorded": proofs.map(proof).collect::<Vec<_>>(),
        "skipped_here": known.outlook.lack(loaded),
        "without_experiment": null,
    })
}

fn proof(finished: &Finished) -> Value {
    json!({
        "kubernetes": finished.kubernetes,
        "verdict": finished.verdict.word(),
        "time_to_signature": finished.time_to_signature,
        "time_to_ready": finished.time_to_ready,
    })
}

fn untried_entry(untried: &LoadedUntried) -> Value {
    let record = &untried.record;
    let instead = record.instead.iter().map(|id| &id.value);
    json!({
        "id": untried.id,
        "failure": untried.id,
        "title": record.title,
        "component": record.component,
        "tags": record.tags,
        "source": record.source,
        "without_experiment": record.reason.trim(),
        "instead": instead.collect::<Vec<_>>(),
    })
}
