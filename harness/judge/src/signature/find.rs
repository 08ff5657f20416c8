//! What shows one clause, of some objects.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::disturbed::Disturbed;
use super::progress::is_made_good;
use super::since::Since;
use super::words::{describe_event, describe_state};
use crate::kubernetes::kinds::may_be;
use crate::kubernetes::{DEFAULT_NAMESPACE, resource_version, text_at, uid};
use crate::scenario::{
    Clause, EventClause, EventType, ExecCheck, HttpCheck, LogClause, ObjectName, RefusalClause,
    StateClause,
};
use crate::steady_state::MetAt;
use crate::time::Millis;
use crate::witness::{LogLine, ObjectKey, Refusal, Witness};
use crate::workload::{fits, fitting, statuses};

/// A busy machine makes one run slower than the one before.
const SLOWER: SignedDuration = SignedDuration::from_secs(5);

/// A hold at whose end somebody looks.
#[derive(Clone, Copy)]
pub(super) struct Held {
    /// When it began.
    pub(super) since: MetAt,
    /// The present moment.
    pub(super) now: Millis,
}

/// What a clause is asked of.
#[derive(Clone, Copy)]
pub(super) struct Sight<'a> {
    pub(super) witness: &'a Witness,
    pub(super) since: Since,
    /// What happens must have happened again in this hold, where it does not stay.
    pub(super) hold: Option<Held>,
    /// What relapse did, which has marks of its own.
    pub(super) disturbed: Option<&'a Disturbed>,
    /// Whether lines count by their run alone.
    pub(super) present_runs: bool,
}

/// What shows a clause.
pub(super) struct Found {
    pub(super) evidence: String,
    pub(super) is_new: bool,
}

impl Found {
    fn new(evidence: String) -> Self {
        Self {
            evidence,
            is_new: true,
        }
    }
}

impl<'a> Sight<'a> {
    pub(super) const fn of(witness: &'a Witness, since: Since) -> Self {
        Self {
            witness,
            since,
            hold: None,
            disturbed: None,
            present_runs: false,
        }
    }

    /// What shows a clause of these objects; they are all that its selector means, or some of them.
    ///
    /// # Errors
    /// What is seen instead.
    pub(super) fn find(&self, clause: &Clause, objects: &[&Value]) -> Result<Found, String> {
        match clause {
            Clause::State(state) => {
                let object = self.state(state, objects)?;
                Ok(Found {
                    evidence: describe_state(state, object),
                    is_new: self.began(state, object) > self.since.phase.resource_version,
                })
            }
            Clause::Event(event) => {
                let found = self.event(event, objects)?;
                Ok(Found::new(describe_event(found)))
            }
            Clause::Log(log) => {
                let line = self.line(log, objects)?;
                let words = format!("{}/{}: {}", line.pod, line.container, line.line);
                Ok(Found::new(words))
            }
            Clause::NoEvent(event) => {
                absent(self.event(event, objects).map(describe_event), || {
                    super::describe(clause)
                })
            }
            Clause::NoLog(log) => absent(
                self.line(log, objects).map(|line| line.line.clone()),
                || super::describe(clause),
            ),
            Clause::Refusal(refusal) => self.refusal(refusal).map(Found::new),
            Clause::Http(HttpCheck { name, .. }) | Clause::Exec(ExecCheck { name, .. }) => {
                self.answer(name).map(Found::new)
            }
        }
    }

    fn state<'o>(&self, clause: &StateClause, objects: &[&'o Value]) -> Result<&'o Value, String> {
        let Some(disturbed) = self.disturbed else {
            return fitting(objects, clause);
        };
        let more = objects.iter().copied().filter(|object| {
            fits(clause, object) && fits(clause, &disturbed.without_marks(object))
        });
        match more.collect::<Vec<_>>().first() {
            Some(object) => Ok(object),
            None => fitting(objects, clause).and_then(|object| {
                let marks = describe_state(clause, object);
                Err(format!("no more than any restart shows: {marks}"))
            }),
        }
    }

    /// The revision in which the state that stands now began.
    fn began(&self, clause: &StateClause, object: &Value) -> u64 {
        self.witness
            .versions(uid(object))
            .rev()
            .take_while(|version| fits(clause, version))
            .last()
            .map_or_else(|| resource_version(object), resource_version)
    }

    fn event(&self, clause: &EventClause, subjects: &[&Value]) -> Result<&'a Value, String> {
        let revision = self.since.revision();
        let mut events: Vec<(&'a Value, &Value)> = Vec::new();
        for subject in subjects {
            let about = self
                .witness
                .events_about(name(subject), &clause.reason.value, revision);
            let about = about.filter(|event| is_about(event, subject));
            events.extend(about.map(|event| (event, *subject)));
        }
        events.sort_by_key(|(event, _)| resource_version(event));
        let fitting = events.iter().rev();
        let mut fitting = fitting
            .filter(|(event, _)| is_the_event(event, clause))
            .peekable();
        let latest = fitting.peek().copied();
        let found = fitting.find(|(event, subject)| {
            let is_a_mark = self.disturbed.is_some_and(|by| by.causes(event, subject));
            !is_a_mark && self.stands(event, subject)
        });
        found
            .map(|(event, _)| *event)
            .ok_or_else(|| match (latest, self.latest_event(subjects)) {
                (Some((event, _)), _) if self.disturbed.is_some() => {
                    format!("no more than any restart shows: {}", describe_event(event))
                }
                (Some((event, _)), _) => format!(
                    "it did not happen again, and what it is about went on: {}",
                    describe_event(event)
                ),
                (None, Some(event)) => format!("last event: {}", describe_event(event)),
                (None, None) => format!("no event about {}", clause.of),
            })
    }

    /// The latest event about one of these objects, whatever it says.
    fn latest_event(&self, subjects: &[&Value]) -> Option<&'a Value> {
        let latest = subjects.iter().filter_map(|subject| {
            let about = |event: &Value| is_about(event, subject);
            let revision = self.since.revision();
            self.witness
                .latest_event_about(name(subject), revision, about)
        });
        latest.max_by_key(|event| resource_version(event))
    }

    /// Whether an event came again in the hold, or what it is about is as it was.
    fn stands(&self, event: &Value, subject: &Value) -> bool {
        self.hold.is_none_or(|hold| {
            resource_version(event) > hold.since.revision
                || !is_made_good(self.witness, event, subject)
        })
    }

    fn line(&self, clause: &LogClause, pods: &[&Value]) -> Result<&'a LogLine, String> {
        let container = clause.container.value.as_str();
        let any_run = self.since.met.is_none() && !self.present_runs;
        let since = (!self.present_runs).then_some(self.since.phase);
        let mut found: Option<(usize, &LogLine)> = None;
        let (mut gone, mut last) = (None, None);
        for pod in pods {
            let of = (uid(pod), container);
            let counts = |line: &LogLine| any_run || is_of_the_present_run(pod, line);
            let stands = self
                .witness
                .find_line(of, &clause.contains, since, |arrived, line| {
                    if !counts(line) {
                        return None;
                    }
                    let stands = self.hold.is_none_or(|hold| {
                        arrived.at > hold.since.at
                            || is_of_the_last_run(pod, line, self.server_time(hold.now))
                    });
                    if !stands {
                        gone.get_or_insert(line);
                    }
                    stands.then_some((arrived.place, line))
                });
            found = found
                .into_iter()
                .chain(stands)
                .max_by_key(|(place, _)| *place);
            let line = self.witness.last_line(of, since);
            let line = line.filter(|(_, line)| counts(line));
            let line = line.map(|(arrived, line)| (arrived.place, line));
            last = last.into_iter().chain(line).max_by_key(|(place, _)| *place);
        }
        if let Some((_, line)) = found {
            return Ok(line);
        }
        let last = last.map(|(_, line)| line);
        Err(match (gone, last) {
            (Some(line), _) => {
                format!(
                    "it was not logged again, and a later run goes on: {}",
                    line.line
                )
            }
            (None, Some(line)) => format!("last line: {}", line.line),
            (None, None) => format!(
                "no log line of {} container {}",
                clause.of, clause.container.value
            ),
        })
    }

    /// The server's time at a moment.
    fn server_time(&self, moment: Millis) -> Timestamp {
        let mark = self.since.phase;
        let passed = moment.saturating_sub(self.witness.began(mark));
        let passed = SignedDuration::from_millis(i64::try_from(passed).unwrap_or(i64::MAX));
        mark.server_time
            .saturating_add(passed)
            .unwrap_or(mark.server_time)
    }

    /// A refusal counts as long as no later step had the object accepted.
    fn refusal(&self, clause: &RefusalClause) -> Result<String, String> {
        let mut refusals = Vec::new();
        let mut first = None;
        for step in self.witness.steps_since(self.since.phase) {
            let accepted = step.applied.iter().map(|applied| &applied.key);
            if accepted
                .chain(&step.deleted)
                .any(|key| is_of(key, &clause.of))
            {
                refusals.clear();
            }
            for refusal in &step.refusals {
                first.get_or_insert(refusal);
                if refusal.message.contains(&clause.message) && is_refused(refusal, &clause.of) {
                    refusals.push(refusal);
                }
            }
        }
        match (refusals.first(), first) {
            (Some(refusal), _) => Ok(refusal.brief()),
            (None, Some(refusal)) => Err(refusal.brief()),
            (None, None) => Err("the API server refused nothing".to_owned()),
        }
    }

    /// An answer tells what is so when it is asked for; one that is older than the moment says nothing.
    fn answer(&self, name: &str) -> Result<String, String> {
        let hold = self.hold.map_or(0, |hold| hold.since.at);
        let moment = self.since.moment(self.witness).max(hold);
        let answer = self.witness.answer(name);
        match answer.filter(|answer| answer.asked > moment) {
            Some(answer) if answer.fits => Ok(format!("{name}: {}", answer.seen)),
            Some(answer) => Err(answer.seen.clone()),
            None => Err("it was not answered yet".to_owned()),
        }
    }
}

fn name(object: &Value) -> &str {
    text_at(object, "/metadata/name").unwrap_or_default()
}

/// What is there shows that the clause does not hold.
fn absent(found: Result<String, String>, described: impl Fn() -> String) -> Result<Found, String> {
    match found {
        Ok(there) => Err(there),
        Err(_) => Ok(Found {
            evidence: described(),
            is_new: false,
        }),
    }
}

/// The kubelet's events about its Node bear the node's name in place of the uid.
pub(crate) fn is_about(event: &Value, object: &Value) -> bool {
    let about = &event["involvedObject"];
    about["kind"] == object["kind"]
        && about["name"] == object["metadata"]["name"]
        && (text_at(about, "/uid") == Some(uid(object)) || object["kind"] == "Node")
}

/// Whether an event is of the type, the reason and the message that a clause names.
pub(crate) fn is_the_event(event: &Value, clause: &EventClause) -> bool {
    let severity = match clause.severity {
        EventType::Normal => "Normal",
        EventType::Warning => "Warning",
    };
    event["type"] == severity
        && event["reason"] == clause.reason.value.as_str()
        && text_at(event, "/message")
            .unwrap_or_default()
            .contains(&clause.message)
}

/// The node tells the moments of a run to the second: a line from the second in which the run
/// before ended may be of either, and does not count.
fn is_of_the_present_run(pod: &Value, line: &LogLine) -> bool {
    let Some(status) = status_of(pod, line) else {
        return false;
    };
    let moment = |pointer| text_at(status, pointer)?.parse::<Timestamp>().ok();
    let began =
        moment("/state/running/startedAt").or_else(|| moment("/state/terminated/startedAt"));
    let before = moment("/lastState/terminated/finishedAt");
    began.is_some_and(|began| line.time >= began)
        && before.is_none_or(|ended| line.time.as_second() > ended.as_second())
}

/// Whether no run began after the one that logged a line: that one goes on, or the container waits since
/// its end. A run that began after it says nothing before it is as old as that one was when it logged
/// the line.
fn is_of_the_last_run(pod: &Value, line: &LogLine, now: Timestamp) -> bool {
    let Some(status) = status_of(pod, line) else {
        return false;
    };
    let began = |run: &str| {
        let began = text_at(status, &format!("{run}/startedAt"))?;
        began.parse::<Timestamp>().ok()
    };
    let runs = [
        "/state/running",
        "/state/terminated",
        "/lastState/terminated",
    ];
    let mut runs = runs.into_iter().filter(|run| status.pointer(run).is_some());
    let Some(last) = runs.next() else {
        return true;
    };
    let Some(last_began) = began(last) else {
        return true;
    };
    let is_too_young = |before: &str| {
        let is_ready = status["ready"] == Value::Bool(true);
        last == "/state/running"
            && !is_ready
            && began(before).is_some_and(|before| {
                let logged_after = line.time.duration_since(before);
                line.time >= before && now.duration_since(last_began) <= logged_after + SLOWER
            })
    };
    line.time >= last_began || runs.next().is_some_and(is_too_young)
}

fn status_of<'a>(pod: &'a Value, line: &LogLine) -> Option<&'a Value> {
    statuses(pod).find(|status| status["name"] == line.container.as_str())
}

/// A manifest that names no namespace, and an object outside of namespaces, have none in their key.
fn is_of(key: &ObjectKey, object: &ObjectName) -> bool {
    let same_place = key.namespace == object.namespace
        || key.namespace.is_empty() && object.namespace == DEFAULT_NAMESPACE;
    key.kind == object.kind.value
        && key.name == object.name.value
        && may_be(key.group.as_deref(), object.group())
        && same_place
}

/// Whether a refusal is of this object. One that has no key, as of a file that cannot be read, may be of
/// it as long as it names no other object in quotation marks.
fn is_refused(refusal: &Refusal, object: &ObjectName) -> bool {
    if let Some(key) = &refusal.key {
        return is_of(key, object);
    }
    let quoted = format!("\"{}\"", object.name.value);
    refusal.message.contains(&quoted) || !refusal.message.contains('"')
}
