//! `relapse replay`.

use std::path::Path;

use super::{Failure, after_output, print_painted};
use crate::replay;
use relapse_judge::exit_code::{ExitCode, Standard};
use relapse_judge::report::{Paint, claims, measures};
use relapse_judge::verdict::Finished;

pub(super) async fn replay(folder: &Path) -> Result<ExitCode, Failure> {
    let (again, recorded) = replay::replay(folder)
        .await
        .map_err(|error| Failure::new(ExitCode::Invalid, error))?;
    let printed = print_painted(&describe(&again, &recorded));
    after_output(ExitCode::of_run(&[again], &Standard::default()), printed)
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
    if let Some(claims) = claims(again) {
        text.push_str("\n  claims: ");
        text.push_str(&claims);
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
