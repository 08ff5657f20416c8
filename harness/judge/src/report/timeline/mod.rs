//! A witness as plain text: what happened, in order, in words.

mod excerpt;
mod scope;
mod status_facts;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write;

use crate::kubernetes::{number_at, text_at, uid};
use crate::text::prose::{cut, one_line};
use crate::text::times::exact_seconds;
use crate::time::Millis;
use crate::witness::{
    Answered, Change, Effect, ObjectChange, ObjectKey, Observation, PerturbationOutcome, PhaseMark,
    Record, StepOutcome, Witness, placed,
};
use excerpt::telling_lines;
use scope::Within;
use status_facts::{Facts, facts};

/// Characters of a message or log line that a timeline shows; the witness has the whole.
const LONGEST: usize = 400;

/// The witness as plain text, with seconds since it began: phases, steps, changes of objects that
/// matter, events, the log lines that tell something, gaps and checks. It is an extract: the same
/// event is told at its 1st, 2nd, 4th, 8th … count, and log lines are told when they report an error, or
/// come last before a crash that no error explains.
#[must_use]
pub fn timeline(witness: &Witness) -> String {
    let mut story = Timeline {
        text: String::from("Seconds since the witness began; the whole is in witness.jsonl.\n"),
        known: HashMap::new(),
        repeats: HashMap::new(),
        answers: HashMap::new(),
        at_the_start: BTreeMap::new(),
        begun: false,
        scope: Within::of(witness),
    };
    let telling = telling_lines(witness);
    for (index, record) in witness.records().iter().enumerate() {
        story.tell(record, telling.contains(&index));
    }
    if !story.begun {
        story.tell_start();
    }
    story.text
}

struct Timeline {
    text: String,
    /// What is known of each object, by uid.
    known: HashMap<String, Facts>,
    /// The next count at which an event is told again, by uid.
    repeats: HashMap<String, u64>,
    /// What was told last of each question, by name.
    answers: HashMap<String, String>,
    /// Objects that were there before the first phase, by kind.
    at_the_start: BTreeMap<String, HashSet<String>>,
    begun: bool,
    scope: Within,
}

impl Timeline {
    fn tell(&mut self, record: &Record, telling: bool) {
        let at = record.at;
        match &record.observation {
            Observation::Phase(mark) => self.phase(at, mark),
            Observation::Object(change) => self.object(at, change),
            Observation::Log(line) if telling => {
                let source = format!("{}/{}", line.pod, line.container);
                self.line(at, "log", &format!("{source}: {}", line.line));
            }
            Observation::Log(_) | Observation::Watching { .. } => {}
            Observation::Gap(gap) => {
                self.line(at, "gap", &format!("{} broke: {}", gap.stream, gap.message));
            }
            Observation::Resumed(gap) => {
                self.line(
                    at,
                    "gap",
                    &format!("{} resumed: {}", gap.stream, gap.message),
                );
            }
            Observation::Lost(because) => {
                self.line(
                    at,
                    "lost",
                    &format!("{}: {}", because.reason, because.detail),
                );
            }
            Observation::Probed(probed) => {
                self.line(at, "need", &format!("{}: {}", probed.need, probed.seen));
            }
            Observation::Ended => self.line(at, "end", "the experiment is over"),
            Observation::Step(outcome) => self.step(at, outcome),
            Observation::Perturbation(outcome) => self.perturbation(at, outcome),
            Observation::Answer(answer) => self.answer(at, answer),
            Observation::Check(check) => {
                let answer = if check.passed { "passed" } else { "failed" };
                self.line(
                    at,
                    "check",
                    &format!("{answer}: {}; saw {}", check.name, check.seen),
                );
            }
        }
    }

    /// What was answered as before is not told again.
    fn answer(&mut self, at: Millis, answer: &Answered) {
        let told = format!(
            "{}: {}; saw {}",
            if answer.fits { "fits" } else { "does not fit" },
            answer.name,
            answer.seen
        );
        let before = self.answers.insert(answer.name.clone(), told.clone());
        if before.as_ref() != Some(&told) {
            self.line(at, "answer", &told);
        }
    }

    fn line(&mut self, at: Millis, sort: &str, text: &str) {
        let text = cut(&one_line(text), LONGEST);
        let _ = writeln!(self.text, "{:>9}  {sort:<6}  {text}", exact_seconds(at));
    }

    fn phase(&mut self, at: Millis, mark: &PhaseMark) {
        if !self.begun {
            self.begun = true;
            self.tell_start();
        }
        // Each phase tells a standing failure anew: what recurs in it is evidence.
        self.repeats.clear();
        let (phase, server_time) = (mark.phase.to_string(), mark.server_time);
        let (at, revision) = (exact_seconds(at), mark.resource_version);
        let _ = writeln!(
            self.text,
            "\n{at:>9}  {}  revision {revision}, server time {server_time}",
            phase.to_uppercase()
        );
    }

    fn perturbation(&mut self, at: Millis, outcome: &PerturbationOutcome) {
        let name = outcome.perturbation;
        let words = match &outcome.effect {
            Effect::Seen { proof } => format!("{name}: {proof}"),
            Effect::Awaited => name.to_string(),
            Effect::Impossible { why } => format!("{name} cannot be done here: {why}"),
            Effect::Missing { why } => format!("{name} had no effect: {why}"),
        };
        self.line(at, "stress", &words);
    }

    fn tell_start(&mut self) {
        let counts: Vec<String> = self
            .at_the_start
            .iter()
            .map(|(kind, uids)| format!("{} {kind}", uids.len()))
            .collect();
        if !counts.is_empty() {
            self.line(
                0,
                "object",
                &format!("there from the start: {}", counts.join(", ")),
            );
        }
    }

    fn step(&mut self, at: Millis, outcome: &StepOutcome) {
        let mut effects = Vec::new();
        let mut add = |word: &str, keys: Vec<String>| {
            if !keys.is_empty() {
                effects.push(format!("{word} {}", keys.join(", ")));
            }
        };
        add(
            "accepted",
            outcome
                .applied
                .iter()
                .map(|applied| applied.key.to_string())
                .collect(),
        );
        add(
            "gone",
            outcome.deleted.iter().map(ObjectKey::to_string).collect(),
        );
        let mut told = outcome.step.clone();
        if !effects.is_empty() {
            let _ = write!(told, ": {}", effects.join("; "));
        }
        self.line(at, "step", &told);
        for refusal in &outcome.refusals {
            let of = refusal
                .key
                .as_ref()
                .map_or_else(String::new, |key| format!(" of {key}"));
            self.line(at, "step", &format!("refusal{of}: {}", refusal.message));
        }
    }

    fn object(&mut self, at: Millis, change: &ObjectChange) {
        let object = &change.object;
        let key = ObjectKey::of(object);
        if key.kind == "Event" {
            self.event(at, change);
            return;
        }
        if change.change == Change::Deleted {
            self.known.remove(uid(object));
            if self.scope.has(&key) {
                self.line(at, "object", &format!("{key} is gone"));
            }
            return;
        }
        let now = facts(object);
        let before = self.known.insert(uid(object).to_owned(), now.clone());
        if !self.begun {
            let uids = self.at_the_start.entry(key.kind).or_default();
            uids.insert(uid(object).to_owned());
            return;
        }
        if !self.scope.has(&key) {
            return;
        }
        let is_new = before.is_none();
        let mut before = before.unwrap_or_default();
        if is_new {
            // The first generation says nothing.
            before.insert("generation".to_owned(), "1".to_owned());
        }
        let changes = changes(&before, &now);
        if is_new {
            let told = if changes.is_empty() {
                String::new()
            } else {
                format!(": {changes}")
            };
            self.line(at, "object", &format!("{key} is new{told}"));
        } else if !changes.is_empty() {
            self.line(at, "object", &format!("{key}: {changes}"));
        }
    }

    fn event(&mut self, at: Millis, change: &ObjectChange) {
        let event = &change.object;
        if change.change == Change::Deleted || !self.begun || !self.scope.has_event(event) {
            return;
        }
        // The older `count` and the newer series; a single event may have neither.
        let count = number_at(event, "/count")
            .or_else(|| number_at(event, "/series/count"))
            .unwrap_or(1);
        let next = self.repeats.entry(uid(event).to_owned()).or_insert(0);
        if count < *next {
            return;
        }
        *next = (count + 1).next_power_of_two();
        let text = |pointers: [&str; 2]| {
            let found = pointers
                .into_iter()
                .find_map(|pointer| text_at(event, pointer));
            found.unwrap_or_default().to_owned()
        };
        let kind = text(["/involvedObject/kind", "/regarding/kind"]);
        let namespace = text(["/involvedObject/namespace", "/regarding/namespace"]);
        let name = placed(
            &text(["/involvedObject/name", "/regarding/name"]),
            &namespace,
        );
        let message = text(["/message", "/note"]);
        let severity = text(["/type", "/deprecatedType"]);
        let reason = text(["/reason", "/action"]);
        let times = if count > 1 {
            format!(" (×{count})")
        } else {
            String::new()
        };
        self.line(
            at,
            "event",
            &format!("{severity} {reason} about {kind} {name}{times}: {message}"),
        );
    }
}

/// What differs, in words: new values with the old ones, where there was one.
fn changes(before: &Facts, now: &Facts) -> String {
    let mut words = Vec::new();
    for (name, value) in now {
        match before.get(name) {
            Some(old) if old == value => {}
            Some(old) => words.push(format!("{name} {old} → {value}")),
            None => words.push(format!("{name} {value}")),
        }
    }
    for (name, old) in before {
        if !now.contains_key(name) && name != "generation" {
            words.push(format!("{name} {old} → none"));
        }
    }
    words.join("; ")
}
