//! Secrets, taken out of everything that is kept or shown.
//!
//! Two things are secret: what the manifests of a scenario say is (values of Secrets, and of
//! variables with the name of one), and what has the shape of a credential. A mark takes the place
//! of each before an observation becomes a part of the witness, so a run and its replay judge the
//! same words.

mod copies;
mod known;
mod shapes;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::LazyLock;

use jiff::Timestamp;
use regex::Regex;
use serde_json::{Map, Value};

use crate::kubernetes::text_at;
use crate::manifest::ManifestFile;
use crate::verdict::Verdict;
use crate::witness::{CheckOutcome, Effect, Observation, StepOutcome};
pub use shapes::MARK;

use known::SecretForm;

/// The mark, and those of [`Redactor::manifests`].
static MARKS: LazyLock<Regex> = LazyLock::new(|| shapes::compiled("<redacted(?: [0-9]+)?>"));

/// What kubectl keeps of a manifest on its object, as JSON.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Words for a secret.
type Mark<'a> = &'a mut dyn FnMut(&str) -> String;

/// Knows the secrets of a scenario, and never tells them.
#[derive(Clone, Default)]
pub struct Redactor {
    forms: Vec<SecretForm>,
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redactor").finish_non_exhaustive()
    }
}

impl Redactor {
    /// Learns the secrets of a scenario's manifests.
    #[must_use]
    pub fn of<'a>(files: impl IntoIterator<Item = &'a ManifestFile>) -> Self {
        let files: Vec<_> = files.into_iter().collect();
        Self {
            forms: known::forms(&files),
        }
    }

    /// The text with [`MARK`] in the place of each secret; borrowed where it holds none.
    #[must_use]
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.marked(text, &mut plain)
            .map_or(Cow::Borrowed(text), Cow::Owned)
    }

    /// Redacts an object: values of a Secret wholly, all other texts where they hold a secret. By
    /// what the rules find and order objects (kinds, names, uids, revisions, times) nothing is
    /// taken away: it is the API server's, and a verdict must not depend on a password.
    pub fn object(&self, object: &mut Value) {
        self.redact(object, &mut plain);
    }

    /// Redacts what a cluster showed.
    pub fn observation(&self, observation: &mut Observation) {
        match observation {
            Observation::Object(change) => self.object(&mut change.object),
            Observation::Log(line) => self.words(&mut line.line),
            Observation::Gap(gap) | Observation::Resumed(gap) => self.words(&mut gap.message),
            Observation::Step(outcome) => self.step(outcome),
            Observation::Check(outcome) => self.check(outcome),
            Observation::Answer(answer) => self.words(&mut answer.seen),
            Observation::Perturbation(outcome) => self.effect(&mut outcome.effect),
            Observation::Lost(lost) => self.words(&mut lost.detail),
            Observation::Watching { .. }
            | Observation::Probed(_)
            | Observation::Phase(_)
            | Observation::Ended => {}
        }
    }

    /// Redacts what a step did.
    pub fn step(&self, outcome: &mut StepOutcome) {
        for refusal in &mut outcome.refusals {
            self.words(&mut refusal.message);
        }
    }

    /// Redacts what shows that a perturbation was done; it comes from a program's output.
    pub fn effect(&self, effect: &mut Effect) {
        match effect {
            Effect::Awaited => {}
            Effect::Seen { proof: words }
            | Effect::Impossible { why: words }
            | Effect::Missing { why: words } => self.words(words),
        }
    }

    /// Redacts what a check saw.
    pub fn check(&self, outcome: &mut CheckOutcome) {
        self.words(&mut outcome.name);
        self.words(&mut outcome.seen);
    }

    /// Redacts the words of a verdict; those of an obstacle may come from a program's output.
    pub fn verdict(&self, verdict: &mut Verdict) {
        match verdict {
            Verdict::Proved => {}
            Verdict::Refuted(because) => self.words(&mut because.detail),
            Verdict::Flaky(because) => self.words(&mut because.detail),
            Verdict::Inconclusive(because) => self.words(&mut because.detail),
            Verdict::Skipped(because) => self.words(&mut because.detail),
        }
    }

    fn words(&self, text: &mut String) {
        if let Some(marked) = self.marked(text, &mut plain) {
            *text = marked;
        }
    }

    /// The text with a mark in the place of each secret; none where it holds none. What was cut out
    /// may leave the shape of another secret, so this looks again until there is none.
    fn marked(&self, text: &str, mark: Mark<'_>) -> Option<String> {
        let mut marked = self.marked_once(text, mark)?;
        while let Some(again) = self.marked_once(&marked, mark) {
            marked = again;
        }
        Some(marked)
    }

    fn marked_once(&self, text: &str, mark: Mark<'_>) -> Option<String> {
        let mut marked = String::new();
        let mut end = 0;
        for part in between_marks(text) {
            for secret in self.secrets(&text[part.clone()]) {
                let secret = part.start + secret.start..part.start + secret.end;
                marked.push_str(&text[end..secret.start]);
                marked.push_str(&mark(&text[secret.clone()]));
                end = secret.end;
            }
        }
        (end > 0).then(|| marked + &text[end..])
    }

    /// Where the secrets of a text are, in order; those that overlap or touch as one.
    fn secrets(&self, text: &str) -> Vec<Range<usize>> {
        let mut found: Vec<_> = shapes::find(text).collect();
        for form in &self.forms {
            found.extend(form.find(text));
        }
        found.sort_by_key(|range| range.start);
        let mut merged: Vec<Range<usize>> = Vec::new();
        for range in found {
            match merged.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => merged.push(range),
            }
        }
        merged
    }

    fn redact(&self, value: &mut Value, mark: Mark<'_>) {
        match value {
            Value::String(text) => {
                let marked = self.marked(text, mark);
                if let Some(marked) = marked.filter(|_| text.parse::<Timestamp>().is_err()) {
                    *text = marked;
                }
            }
            Value::Array(items) => {
                for item in items {
                    self.redact(item, mark);
                }
            }
            Value::Object(fields) => self.redact_fields(fields, mark),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn redact_fields(&self, fields: &mut Map<String, Value>, mark: Mark<'_>) {
        if fields.get("kind").is_some_and(|kind| kind == "Secret") {
            for key in ["data", "stringData"] {
                withhold(fields.get_mut(key), mark);
            }
        }
        if known::is_secret_variable(fields) {
            withhold(fields.get_mut("value"), mark);
        }
        let has_uid = fields.get("uid").is_some_and(Value::is_string);
        for (key, value) in fields {
            match key.as_str() {
                "kind" | "apiVersion" => {}
                "uid" | "name" | "namespace" | "resourceVersion" if has_uid => {}
                LAST_APPLIED => self.redact_nested(value, mark),
                _ => self.redact(value, mark),
            }
        }
    }

    fn redact_nested(&self, annotation: &mut Value, mark: Mark<'_>) {
        let nested = text_at(annotation, "").and_then(|text| serde_json::from_str(text).ok());
        let Some::<Value>(before) = nested else {
            return self.redact(annotation, mark);
        };
        let mut after = before.clone();
        self.redact(&mut after, mark);
        if after != before {
            *annotation = after.to_string().into();
        }
    }
}

fn plain(_: &str) -> String {
    MARK.to_owned()
}

/// Nothing that is already marked is looked at again.
fn between_marks(text: &str) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = 0;
    for mark in MARKS.find_iter(text) {
        parts.push(start..mark.start());
        start = mark.end();
    }
    parts.push(start..text.len());
    parts
}

/// Marks every value, whatever it is. That a value is empty is no secret, and often the failure.
fn withhold(value: Option<&mut Value>, mark: Mark<'_>) {
    match value {
        None | Some(Value::Null) => {}
        Some(Value::String(text)) if text.is_empty() => {}
        Some(Value::String(text)) => *text = mark(text),
        Some(Value::Array(items)) => items.iter_mut().for_each(|item| withhold(Some(item), mark)),
        Some(Value::Object(fields)) => fields
            .values_mut()
            .for_each(|field| withhold(Some(field), mark)),
        Some(scalar) => *scalar = mark(&scalar.to_string()).into(),
    }
}

#[cfg(test)]
mod tests;
