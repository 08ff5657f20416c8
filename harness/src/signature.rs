//! The documented failure as conditions over a witness.
//!
//! A signature holds where all its clauses hold at one moment: states as the objects stand now,
//! answers as they are given now, events, log lines and refusals as evidence that arose in the
//! present phase about objects that are still there. A cured pod keeps its last termination and its previous log, so a signature of
//! states alone also needs a state that began in the phase; and once everything is Ready, only what
//! arose after that is evidence that the failure stands all the same.

use jiff::Timestamp;
use serde_json::Value;

use crate::scenario::{
    Clause, EventClause, ExecCheck, HttpCheck, LogClause, ObjectName, RefusalClause, StateClause,
};
use crate::steady_state::{Goal, MetAt, Moment};
use crate::witness::{
    LogLine, Millis, PhaseMark, Refusal, Witness, resource_version, text_at, uid,
};
use crate::workload::{fits, fitting, selected, statuses};

/// From when on evidence counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Since {
    /// The phase in which it arose.
    pub phase: PhaseMark,
    /// Where everything is Ready, or the next failure of a chain stands: when it became so. Of a failure on the way there, events up to then
    /// and lines of earlier runs are what is left.
    pub met: Option<MetAt>,
}

impl From<PhaseMark> for Since {
    fn from(phase: PhaseMark) -> Self {
        Self { phase, met: None }
    }
}

impl Since {
    /// From when everything is Ready, or another failure stands, in a phase.
    #[must_use]
    pub const fn met(phase: PhaseMark, moment: Moment) -> Self {
        Self {
            phase,
            met: Some(moment.as_met()),
        }
    }

    /// The revision after which an event counts.
    fn revision(self) -> u64 {
        let met = self.met.map_or(0, |met| met.revision);
        self.phase.resource_version.max(met)
    }

    /// The moment after which an answer must have been asked for.
    fn moment(self, witness: &Witness) -> Millis {
        let met = self.met.map_or(0, |met| met.at);
        witness.began(self.phase).max(met)
    }
}

/// Whether a signature holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match {
    /// Every clause holds; the evidence, one sentence a clause.
    Holds(Vec<String>),
    /// Some clause does not hold.
    NotYet(Vec<Missing>),
}

/// A clause that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// What the clause asks for.
    pub awaited: String,
    /// What is seen instead.
    pub seen: String,
}

impl Match {
    /// Whether every clause holds.
    #[must_use]
    pub const fn holds(&self) -> bool {
        matches!(self, Self::Holds(_))
    }

    /// The clauses that hold, of all.
    #[must_use]
    pub fn missing(&self) -> &[Missing] {
        match self {
            Self::Holds(_) => &[],
            Self::NotYet(missing) => missing,
        }
    }
}

struct Found {
    evidence: String,
    is_new: bool,
}

/// Asks a witness whether the signature holds, with evidence since a moment.
#[must_use]
pub fn matches(witness: &Witness, clauses: &[Clause], since: impl Into<Since>) -> Match {
    let since = since.into();
    let mut evidence = Vec::new();
    let mut missing = Vec::new();
    let mut any_new = false;
    for clause in clauses {
        match find(witness, clause, since) {
            Ok(found) => {
                any_new |= found.is_new;
                evidence.push(found.evidence);
            }
            Err(seen) => missing.push(Missing {
                awaited: describe(clause),
                seen,
            }),
        }
    }
    if missing.is_empty() && !any_new {
        missing.push(Missing {
            awaited: format!("something new since the {} began", since.phase.phase),
            seen: "only states that stood before".to_owned(),
        });
    }
    if missing.is_empty() {
        Match::Holds(evidence)
    } else {
        Match::NotYet(missing)
    }
}

/// Whether a state holds now, of objects that are seen as the goal's steps stored them.
///
/// # Errors
/// What is seen instead.
pub fn state_holds(witness: &Witness, clause: &StateClause, goal: &Goal) -> Result<(), String> {
    let mut objects = selected(witness, &clause.of)?;
    objects.retain(|object| goal.is_seen_as_applied(witness, object));
    if objects.is_empty() {
        return Err(format!("{} is not yet seen as applied", clause.of));
    }
    fitting(&objects, clause).map(|_| ())
}

fn find(witness: &Witness, clause: &Clause, since: Since) -> Result<Found, String> {
    match clause {
        Clause::State(state) => {
            let object = fitting(&selected(witness, &state.of)?, state)?;
            Ok(Found {
                evidence: describe_state(state, object),
                is_new: began(witness, state, object) > since.phase.resource_version,
            })
        }
        Clause::Event(event) => find_event(witness, event, since).map(|found| Found {
            evidence: describe_event(found),
            is_new: true,
        }),
        Clause::Log(log) => find_line(witness, log, since).map(|line| Found {
            evidence: format!("{}/{}: {}", line.pod, line.container, line.line),
            is_new: true,
        }),
        Clause::Refusal(refusal) => {
            find_refusal(witness, refusal, since.phase).map(|evidence| Found {
                evidence,
                is_new: true,
            })
        }
        Clause::Http(HttpCheck { name, .. }) | Clause::Exec(ExecCheck { name, .. }) => {
            find_answer(witness, name, since).map(|evidence| Found {
                evidence,
                is_new: true,
            })
        }
    }
}

/// The revision in which the state that stands now began.
fn began(witness: &Witness, clause: &StateClause, object: &Value) -> u64 {
    witness
        .versions(uid(object))
        .rev()
        .take_while(|version| fits(clause, version))
        .last()
        .map_or_else(|| resource_version(object), resource_version)
}

fn find_event<'a>(
    witness: &'a Witness,
    clause: &'a EventClause,
    since: Since,
) -> Result<&'a Value, String> {
    let subjects = selected(witness, &clause.of)?;
    let mut events: Vec<&Value> = witness
        .live("Event")
        .filter(|event| resource_version(event) > since.revision())
        .filter(|event| subjects.iter().any(|subject| is_about(event, subject)))
        .collect();
    events.sort_by_key(|event| resource_version(event));
    events
        .iter()
        .rev()
        .find(|event| is_the_event(event, clause))
        .copied()
        .ok_or_else(|| match events.last() {
            None => format!("no event about {}", clause.of),
            Some(event) => format!("last event: {}", describe_event(event)),
        })
}

/// The kubelet's events about its Node bear the node's name in place of the uid.
fn is_about(event: &Value, object: &Value) -> bool {
    let about = &event["involvedObject"];
    about["kind"] == object["kind"]
        && about["name"] == object["metadata"]["name"]
        && (text_at(about, "/uid") == Some(uid(object)) || object["kind"] == "Node")
}

fn is_the_event(event: &Value, clause: &EventClause) -> bool {
    let severity = match clause.severity {
        crate::scenario::EventType::Normal => "Normal",
        crate::scenario::EventType::Warning => "Warning",
    };
    event["type"] == severity
        && event["reason"] == clause.reason.value.as_str()
        && text_at(event, "/message")
            .unwrap_or_default()
            .contains(&clause.message)
}

fn find_line<'a>(
    witness: &'a Witness,
    clause: &'a LogClause,
    since: Since,
) -> Result<&'a LogLine, String> {
    let pods = selected(witness, &clause.of)?;
    let mut lines = witness
        .logs_since(since.phase)
        .rev()
        .filter(|line| line.container == clause.container.value)
        .filter(|line| {
            let mut pods = pods.iter().filter(|pod| uid(pod) == line.pod_uid);
            pods.any(|pod| since.met.is_none() || is_of_the_present_run(pod, line))
        })
        .peekable();
    let last = lines.peek().copied();
    lines
        .find(|line| clause.contains.iter().all(|text| line.line.contains(text)))
        .ok_or_else(|| match last {
            None => format!(
                "no log line of {} container {}",
                clause.of, clause.container.value
            ),
            Some(line) => format!("last line: {}", line.line),
        })
}

/// The node tells the moments of a run to the second: a line from the second in which the run
/// before ended may be of either, and does not count.
fn is_of_the_present_run(pod: &Value, line: &LogLine) -> bool {
    let mut statuses = statuses(pod);
    let Some(status) = statuses.find(|status| status["name"] == line.container.as_str()) else {
        return false;
    };
    let moment = |pointer| text_at(status, pointer)?.parse::<Timestamp>().ok();
    let began =
        moment("/state/running/startedAt").or_else(|| moment("/state/terminated/startedAt"));
    let before = moment("/lastState/terminated/finishedAt");
    began.is_some_and(|began| line.time >= began)
        && before.is_none_or(|ended| line.time.as_second() > ended.as_second())
}

fn find_refusal(
    witness: &Witness,
    clause: &RefusalClause,
    mark: PhaseMark,
) -> Result<String, String> {
    let refusals: Vec<_> = witness
        .steps_since(mark)
        .flat_map(|step| &step.refusals)
        .collect();
    refusals
        .iter()
        .find(|refusal| refusal.message.contains(&clause.message) && may_be_of(refusal, &clause.of))
        .map(|refusal| refusal.brief())
        .ok_or_else(|| match refusals.first() {
            None => "the API server refused nothing".to_owned(),
            Some(refusal) => refusal.brief(),
        })
}

/// An answer tells what is so when it is asked for; one that is older than the moment says nothing.
fn find_answer(witness: &Witness, name: &str, since: Since) -> Result<String, String> {
    let answer = witness
        .answer(name)
        .filter(|answer| answer.asked > since.moment(witness));
    match answer {
        Some(answer) if answer.fits => Ok(format!("{name}: {}", answer.seen)),
        Some(answer) => Err(answer.seen.clone()),
        None => Err("it was not answered yet".to_owned()),
    }
}

/// Whether a refusal is of this object, as far as it tells.
fn may_be_of(refusal: &Refusal, object: &ObjectName) -> bool {
    let key = refusal.key.as_ref();
    key.is_none_or(|key| key.kind == object.kind.value && key.name == object.name.value)
}

/// A clause in words, for messages.
#[must_use]
pub fn describe(clause: &Clause) -> String {
    match clause {
        Clause::State(state) => state.to_string(),
        Clause::Event(event) => format!(
            "{:?} event {} about {} with {:?}",
            event.severity, event.reason.value, event.of, event.message
        ),
        Clause::Log(log) => format!(
            "log of {} container {} with {}",
            log.of,
            log.container.value,
            quoted(&log.contains)
        ),
        Clause::Refusal(refusal) => {
            format!("refusal of {} with {:?}", refusal.of, refusal.message)
        }
        Clause::Http(HttpCheck { name, .. }) | Clause::Exec(ExecCheck { name, .. }) => name.clone(),
    }
}

fn quoted(texts: &[String]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| format!("{text:?}")).collect();
    texts.join(" and ")
}

fn describe_state(clause: &StateClause, object: &Value) -> String {
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

fn describe_event(event: &Value) -> String {
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

#[cfg(test)]
mod tests;
