//! Clauses and evidence in words.

use serde_json::Value;

use crate::kubernetes::text_at;
use crate::scenario::{Clause, EventClause, ExecCheck, HttpCheck, LogClause, StateClause};

/// A clause in words, for messages.
#[must_use]
pub fn describe(clause: &Clause) -> String {
    match clause {
        Clause::State(state) => state.to_string(),
        Clause::Event(event) => describe_occurrence(event),
        Clause::NoEvent(event) => format!("no {}", describe_occurrence(event)),
        Clause::Log(log) => describe_line(log),
        Clause::NoLog(log) => format!("no line in the {}", describe_line(log)),
        Clause::Refusal(refusal) => {
            format!("refusal of {} with {:?}", refusal.of, refusal.message)
        }
        Clause::Http(HttpCheck { name, .. }) | Clause::Exec(ExecCheck { name, .. }) => name.clone(),
    }
}

fn describe_occurrence(event: &EventClause) -> String {
    format!(
        "{:?} event {} about {} with {:?}",
        event.severity, event.reason.value, event.of, event.message
    )
}

fn describe_line(log: &LogClause) -> String {
    format!(
        "log of {} container {} with {}",
        log.of,
        log.container.value,
        quoted(&log.contains)
    )
}

fn quoted(texts: &[String]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| format!("{text:?}")).collect();
    texts.join(" and ")
}

pub(super) fn describe_state(clause: &StateClause, object: &Value) -> String {
    let fields: Vec<String> = clause
        .fields
        .iter()
        .map(|field| field.seen(object))
        .collect();
    format!(
        "{} {}: {}",
        clause.of.kind.value,
        text_at(object, "/metadata/name").unwrap_or_default(),
        fields.join("; ")
    )
}

pub(super) fn describe_event(event: &Value) -> String {
    let text = |pointer| text_at(event, pointer).unwrap_or_default();
    format!(
        "{} {} on {} {}: {}",
        text("/type"),
        text("/reason"),
        text("/involvedObject/kind"),
        text("/involvedObject/name"),
        text("/message")
    )
}
