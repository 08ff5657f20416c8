//! What both ways of drawing say in the same words.

use std::path::Path;
use std::time::Duration;

use relapse_judge::attempt_policy::Tries;
use relapse_judge::report::{Paint, measures};
use relapse_judge::text::one_line;
use relapse_judge::time::Millis;
use relapse_judge::verdict::Finished;

/// What stands in place of an id while the tools of every scenario are set up.
pub(super) const SET_UP: &str = "set-up";

pub(super) fn millis(duration: Duration) -> Millis {
    Millis::try_from(duration.as_millis()).unwrap_or(Millis::MAX)
}

/// Labels of what is judged one by one: scenarios, or each repetition of them.
pub(super) fn labels(ids: &[String], tries: Tries) -> Vec<String> {
    let labels = ids
        .iter()
        .flat_map(|id| tries.sure().map(|nth| nth.label(id)));
    labels.collect()
}

/// Columns of the longest label that an attempt may have.
pub(super) fn columns(ids: &[String], tries: Tries) -> usize {
    let longest = ids.iter().map(|id| tries.last().label(id).len()).max();
    longest.unwrap_or_default()
}

/// A number of scenarios in words, and how often each is tried.
pub(super) fn scenarios(number: usize, tries: Tries) -> String {
    let plural = if number == 1 { "" } else { "s" };
    match tries {
        Tries::Always(times) => format!("{number} scenario{plural}, {times} times each,"),
        Tries::UntilProved(_) => format!("{number} scenario{plural}"),
    }
}

/// What a verdict is about: an attempt by its label, several by the scenario's id.
pub(super) fn claim<'a>(label: &'a str, finished: &'a Finished) -> &'a str {
    if finished.attempts.is_empty() {
        label
    } else {
        &finished.id
    }
}

/// A path as one would type it here.
pub(super) fn typed(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here)
        .unwrap_or(path)
        .display()
        .to_string()
}

/// The text on one line, as far to the right as it was.
pub(super) fn indented(line: &str) -> String {
    let columns = line.len() - line.trim_start_matches(' ').len();
    " ".repeat(columns) + &one_line(line)
}

/// A verdict, its reason and its measures on one line, for both kinds of drawing.
pub(super) fn outcome(finished: &Finished, paint: Paint) -> String {
    let verdict = &finished.verdict;
    let reason = verdict
        .reason()
        .map_or_else(String::new, |reason| reason + ", ");
    let phase = match finished.phase {
        Some(phase) if !reason.is_empty() => format!("phase {phase}, "),
        _ => String::new(),
    };
    format!(
        "{}  {reason}{phase}{}",
        paint.verdict(verdict, verdict.word()),
        measures(finished)
    )
}
