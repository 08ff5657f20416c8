//! `relapse replay`.

use std::path::Path;

use super::{Failure, print};
use crate::evidence::{read_records, read_verdict};
use crate::exit_code::{ExitCode, Standard};
use crate::experiment::{Extent, conduct};
use crate::recording::Recording;
use crate::report::{Paint, measures};
use crate::scenario::load_scenario;
use crate::verdict::Finished;

pub(super) async fn replay(folder: &Path) -> Result<ExitCode, Failure> {
    let invalid = |error: &dyn std::fmt::Display| Failure::new(ExitCode::Invalid, error);
    let recorded = read_verdict(folder).map_err(|error| invalid(&error))?;
    let scenario = load_scenario(&folder.join("scenario.yaml"), &folder.join("manifests"))
        .map_err(|error| invalid(&error))?;
    let records = read_records(folder).map_err(|error| invalid(&error))?;
    let mut recording = Recording::of(records);
    let outcome = conduct(&scenario, &mut recording, Extent::of(&recorded)).await;
    let again = Finished {
        verdict: outcome.verdict,
        phase: outcome.phase,
        time_to_signature: outcome.time_to_signature,
        time_to_ready: outcome.time_to_ready,
        rates: outcome.rates,
        stress: outcome.stress,
        ..recorded.clone()
    };
    print(&describe(&again, &recorded));
    Ok(ExitCode::of_run(&[again], &Standard::default()))
}

fn describe(again: &Finished, recorded: &Finished) -> String {
    let mark = Paint::new(crate::console::colour_of(&std::io::stdout())).mark(&again.verdict);
    let mut text = format!("{mark} {} {}", again.id, words(again));
    if let Some(detail) = again.verdict.detail() {
        text.push_str("\n  ");
        text.push_str(detail);
    } else {
        text.push_str("\n  ");
        text.push_str(&measures(again));
    }
    if words(again) != words(recorded) {
        text.push_str("\n  recorded was: ");
        text.push_str(&words(recorded));
    }
    text
}

fn words(finished: &Finished) -> String {
    match finished.verdict.reason() {
        Some(reason) => format!("{} ({reason})", finished.verdict.word()),
        None => finished.verdict.word().to_owned(),
    }
}
