//! The log lines that tell something.

use std::collections::{HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::witness::{LogLine, Observation, PhaseMark, Witness, uid};

/// Lines told before a crash that no error explains.
const LAST_LINES: usize = 3;

/// A container's run that ended in a crash.
#[derive(Default)]
struct CrashedRun {
    lines: Vec<usize>,
    has_error: bool,
}

/// Positions, among the witness's records, of the log lines that report an error, and of the last ones
/// before a crash where none does. Lines of a container that differ in digits only are told once in
/// each phase.
pub(super) fn telling_lines(witness: &Witness) -> HashSet<usize> {
    let crashes = crashes(witness);
    let mut runs: HashMap<(&str, &str, Timestamp), CrashedRun> = HashMap::new();
    let mut telling = HashSet::new();
    for (index, record) in witness.records().iter().enumerate() {
        let Observation::Log(line) = &record.observation else {
            continue;
        };
        let is_error = reports_error(&line.line);
        if is_error {
            telling.insert(index);
        }
        if let Some(crash) = crash_after(&crashes, line)
            && !line.line.trim().is_empty()
        {
            let run = (line.pod_uid.as_str(), line.container.as_str(), crash);
            let run = runs.entry(run).or_default();
            run.lines.push(index);
            run.has_error |= is_error;
        }
    }
    for run in runs.values().filter(|run| !run.has_error) {
        telling.extend(&run.lines[run.lines.len().saturating_sub(LAST_LINES)..]);
    }
    without_repetition(witness, &telling)
}

/// Moments at which containers ended with another code than 0, in order, by pod and container.
fn crashes(witness: &Witness) -> HashMap<(&str, &str), Vec<Timestamp>> {
    let mut crashes: HashMap<(&str, &str), Vec<Timestamp>> = HashMap::new();
    for record in witness.records() {
        let Observation::Object(change) = &record.observation else {
            continue;
        };
        let pod = &change.object;
        for list in ["initContainerStatuses", "containerStatuses"] {
            for status in pod["status"][list].as_array().into_iter().flatten() {
                let name = status["name"].as_str().unwrap_or_default();
                let ends = ["lastState", "state"].map(|state| crash(&status[state]["terminated"]));
                let known = crashes.entry((uid(pod), name)).or_default();
                for end in ends.into_iter().flatten() {
                    if !known.contains(&end) {
                        known.push(end);
                    }
                }
            }
        }
    }
    for moments in crashes.values_mut() {
        moments.sort_unstable();
    }
    crashes
}

fn crash(terminated: &Value) -> Option<Timestamp> {
    if terminated["exitCode"].as_i64()? == 0 {
        return None;
    }
    terminated["finishedAt"].as_str()?.parse().ok()
}

/// The crash that the line came before. Both times are the node's; the crash's is cut to the second.
fn crash_after(
    crashes: &HashMap<(&str, &str), Vec<Timestamp>>,
    line: &LogLine,
) -> Option<Timestamp> {
    let moments = crashes.get(&(line.pod_uid.as_str(), line.container.as_str()))?;
    moments
        .iter()
        .copied()
        .find(|&crash| line.time < crash + SignedDuration::from_secs(1))
}

fn reports_error(line: &str) -> bool {
    const MARKS: [&str; 10] = [
        "level=error",
        "level=fatal",
        "level=critical",
        "lvl=eror",
        "\"level\":\"error\"",
        "\"level\":\"fatal\"",
        " ERROR ",
        " FATAL ",
        "panic: ",
        "fatal error: ",
    ];
    MARKS.iter().any(|mark| line.contains(mark)) || is_klog_error(line)
}

/// klog's header is a letter for the level, month and day, and the time: `E1120 16:40:12.345678`.
fn is_klog_error(line: &str) -> bool {
    let mut letters = line.chars();
    matches!(letters.next(), Some('E' | 'F'))
        && letters
            .by_ref()
            .take(4)
            .filter(char::is_ascii_digit)
            .count()
            == 4
        && letters.next() == Some(' ')
}

fn without_repetition(witness: &Witness, telling: &HashSet<usize>) -> HashSet<usize> {
    let mut kept = HashSet::new();
    let mut told: HashSet<(&str, &str, String)> = HashSet::new();
    for (index, record) in witness.records().iter().enumerate() {
        match &record.observation {
            Observation::Phase(PhaseMark { .. }) => told.clear(),
            Observation::Log(line) if telling.contains(&index) => {
                let same = line.line.chars().filter(|c| !c.is_ascii_digit()).collect();
                if told.insert((&line.pod_uid, &line.container, same)) {
                    kept.insert(index);
                }
            }
            _ => {}
        }
    }
    kept
}
