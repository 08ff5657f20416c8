//! The log lines that tell something.

use std::collections::{HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::kubernetes::uid;
use crate::witness::{LogLine, Observation, PhaseMark, Witness};

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

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use serde_json::json;

    use super::{reports_error, telling_lines};
    use crate::phase::Phase;
    use crate::testing::{Story, crashed, pod, with};

    #[test]
    fn an_error_is_known_by_the_level_that_loggers_write() {
        for line in [
            "ts=1 level=error msg=\"no space\"",
            "{\"level\":\"fatal\",\"msg\":\"no space\"}",
            "2026-01-01 ERROR no space",
            "panic: no space",
            "E1120 16:40:12.345678 1 server.go:1] no space",
            "F1120 16:40:12.345678 1 server.go:1] no space",
        ] {
            assert!(reports_error(line), "{line}");
        }
        for line in [
            "ts=1 level=info msg=\"0 errors\"",
            "I1120 16:40:12.345678 1 server.go:1] serving",
            "E112 16:40:12",
            "E1120-16:40:12",
            "Everything is well",
            "E",
            "a line",
        ] {
            assert!(!reports_error(line), "{line}");
        }
    }

    #[test]
    fn what_differs_in_digits_only_is_told_once_in_each_phase() {
        let mut story = Story::new();
        story
            .logs(&pod(1), "panic: at 1")
            .logs(&pod(1), "panic: at 22");
        story.begins(Phase::Control);
        story.logs(&pod(1), "panic: at 3");
        assert_eq!(telling_lines(&story.witness()), HashSet::from([1, 4]));
    }

    #[test]
    fn the_last_lines_before_a_crash_are_those_up_to_the_second_in_which_it_fell() {
        let terminated = json!({"exitCode": 1, "finishedAt": "2026-01-01T00:00:05Z"});
        let status = json!({"name": "app", "lastState": {"terminated": terminated}});
        let pod = with(
            &crashed(&pod(1), 1, 1),
            &json!({"status": {"containerStatuses": [status]}}),
        );
        let mut story = Story::new();
        story.shows(&pod);
        let before = story.records().len();
        story
            .logs_late(&pod, "going away", 5_999)
            .logs_late(&pod, "here again", 6_000);
        assert_eq!(telling_lines(&story.witness()), HashSet::from([before]));
    }
}
