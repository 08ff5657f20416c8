//! Signs of the failure that no clause names: a weak signature would be believed without them.

use serde_json::Value;

use super::words::describe_event;
use crate::kubernetes::{resource_version, text_at, uid};
use crate::scenario::{Clause, Failure};
use crate::witness::{PhaseMark, Witness};
use crate::workload::{is_selected, pods_of, select, statuses};

/// Parts of a line by which programs tell that something is wrong.
const WORDS_OF_FAILURE: [&str; 9] = [
    "cannot",
    "denied",
    "error",
    "exception",
    "fail",
    "fatal",
    "panic",
    "refused",
    "traceback",
];

/// What was seen of the workloads that a signature speaks of, since a phase began, and is named by none
/// of its clauses: ends of containers, reasons for which they wait, Warnings, and last words.
#[must_use]
pub fn unnamed(witness: &Witness, failure: &Failure<'_>, mark: PhaseMark) -> Vec<String> {
    let clauses = failure.signature;
    let mut subjects: Vec<&Value> = Vec::new();
    for of in clauses.iter().filter_map(Clause::selector) {
        for object in select(witness, of) {
            let pods = pods_of(witness, object).filter(|pod| is_of_now(witness, pod));
            subjects.extend(pods.chain([object]));
        }
    }
    subjects.sort_by_key(|object| uid(object));
    subjects.dedup_by_key(|object| uid(object));
    let containers = subjects
        .iter()
        .filter(|object| text_at(object, "/kind") == Some("Pod"))
        .flat_map(|pod| {
            statuses(pod).flat_map(|status| of_container(witness, clauses, pod, status))
        });
    let mut signs: Vec<String> = containers.collect();
    signs.extend(warnings(witness, clauses, &subjects, mark));
    signs.sort();
    signs.dedup();
    signs
}

fn is_of_now(witness: &Witness, pod: &Value) -> bool {
    crate::workload::has_newest_template(witness, pod)
}

/// The first word of a kind that a path or a clause of these objects has.
fn says(clauses: &[Clause], object: &Value, words: &[&str]) -> bool {
    clauses.iter().any(|clause| match clause {
        Clause::State(state) if is_selected(object, &state.of) => {
            state.fields.iter().any(|field| {
                let text = field.to_string();
                words.iter().any(|word| text.contains(word))
            })
        }
        _ => false,
    })
}

fn of_container(witness: &Witness, clauses: &[Clause], pod: &Value, status: &Value) -> Vec<String> {
    if status["ready"] == Value::Bool(true) {
        return Vec::new();
    }
    let name = text_at(status, "/name").unwrap_or_default();
    let subject = format!(
        "Pod {} container {name}",
        text_at(pod, "/metadata/name").unwrap_or_default()
    );
    let mut signs = Vec::new();
    let logs = clauses.iter().filter_map(|clause| match clause {
        Clause::Log(log) if is_selected(pod, &log.of) => Some(log),
        _ => None,
    });
    let logs: Vec<_> = logs.collect();
    let ended = ["/state/terminated", "/lastState/terminated"];
    let ended = ended
        .into_iter()
        .find_map(|pointer| status.pointer(pointer));
    if let Some(ended) = ended.filter(|ended| ended["exitCode"] != 0)
        && !says(
            clauses,
            pod,
            &["terminated", "restartCount", "CrashLoopBackOff", "BackOff"],
        )
        && logs.is_empty()
    {
        signs.push(format!(
            "{subject} ended with exit code {} ({})",
            ended["exitCode"],
            text_at(ended, "/reason").unwrap_or("no reason")
        ));
    }
    let waiting = text_at(status, "/state/waiting/reason");
    let known = ["ContainerCreating", "PodInitializing", "CrashLoopBackOff"];
    if let Some(reason) = waiting.filter(|reason| !known.contains(reason))
        && !says(clauses, pod, &[reason, "waiting"])
        && !clauses
            .iter()
            .any(|clause| matches!(clause, Clause::Event(event) if is_selected(pod, &event.of)))
    {
        let message = text_at(status, "/state/waiting/message").unwrap_or_default();
        signs.push(format!("{subject} waits: {reason}: {message}"));
    }
    if logs.is_empty()
        && ended.is_some()
        && let Some(line) = last_words(witness, pod, name)
    {
        signs.push(format!("{subject} logged: {line}"));
    }
    signs
}

fn last_words<'a>(witness: &'a Witness, pod: &Value, container: &str) -> Option<&'a str> {
    let (_, line) = witness.last_line((uid(pod), container), None)?;
    let small = line.line.to_lowercase();
    let tells = WORDS_OF_FAILURE.iter().any(|word| small.contains(word));
    tells.then_some(line.line.as_str())
}

/// Warnings whose reason no clause has. That a container is started again, or a probe fails, says what
/// its end and its state say.
fn warnings(
    witness: &Witness,
    clauses: &[Clause],
    subjects: &[&Value],
    mark: PhaseMark,
) -> Vec<String> {
    let named = |reason: &str| {
        clauses
            .iter()
            .any(|clause| matches!(clause, Clause::Event(event) if event.reason.value == reason))
    };
    witness
        .live("Event")
        .filter(|event| resource_version(event) > mark.resource_version)
        .filter(|event| text_at(event, "/type") == Some("Warning"))
        .filter(|event| {
            let reason = text_at(event, "/reason").unwrap_or_default();
            !["BackOff", "Unhealthy"].contains(&reason) && !named(reason)
        })
        .filter(|event| {
            subjects
                .iter()
                .any(|subject| super::find::is_about(event, subject))
        })
        .map(describe_event)
        .collect()
}
