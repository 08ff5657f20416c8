//! The rules for signatures and for what states are made of.

use std::borrow::Cow;

use serde_json::Value;
use serde_saphyr::Spanned;

use super::phases::Linter;
use super::{field_paths, references, status_words};
use crate::input::YamlNode;
use crate::input::suggest::{did_you_mean, nearest};
use crate::scenario::field_test::{FieldPath, FieldTest};
use crate::scenario::{Clause, ReadyClause, Selector, StateClause};

/// One event reason per line, sorted; `#` begins a comment.
const EVENT_REASONS: &str = include_str!("event_reasons.txt");

const OF_OTHERS: &str = "a reason of another project's controller needs `free_text: true`";

impl<'a> Linter<'a, '_, '_> {
    pub(crate) fn signature(&mut self, signature: &'a [Clause], root: &YamlNode) {
        if signature.is_empty() {
            self.empty(
                root,
                "signature",
                "write what the cluster shows of this failure",
            );
        }
        for (index, clause) in signature.iter().enumerate() {
            let at = root.key("signature").index(index).key(clause.key());
            match clause {
                Clause::State(state) => self.object_state(&state.of, &state.fields, at),
                Clause::Event(event) | Clause::NoEvent(event) => {
                    let reason = (event.reason.value.as_str(), event.free_text);
                    self.occurrence(&event.of, reason, &event.message, at);
                    // That no event of a reason is there needs no message.
                    if matches!(clause, Clause::Event(_)) {
                        self.telling(&event.message, at.key("message"));
                    }
                }
                Clause::Log(log) | Clause::NoLog(log) => {
                    self.line(&log.of, &log.container, &log.contains, at);
                }
                Clause::Refusal(refusal) => {
                    self.object(&refusal.of, at.key("of"));
                    self.text(&refusal.message, at.key("message"));
                }
                Clause::Http(http) => self.http_clause(http, at),
                Clause::Exec(exec) => self.exec_clause(exec, at),
            }
            self.outlives(clause, at);
        }
        self.cured_by_something(signature, root);
    }

    /// A reason that is no text is none, and what is absent does not outlive anything.
    fn outlives(&mut self, clause: &Clause, at: &YamlNode) {
        let position = at.key_position("outlives_remedy");
        let given = match clause {
            Clause::NoEvent(event) => event.outlives_remedy.as_deref(),
            Clause::NoLog(log) => log.outlives_remedy.as_deref(),
            _ => clause.outlives_remedy(),
        };
        let Some(reason) = given else { return };
        if clause.is_absence() {
            let message = "what is absent is no sign of the failure after the remedy";
            self.wrong(position, message, "leave `outlives_remedy` out");
        } else if reason.trim().is_empty() {
            let message = "`outlives_remedy` is empty";
            let help = "say why the clause may still hold when the failure is cured";
            self.wrong(position, message, help);
        }
    }

    /// Where no clause may tell that the failure goes on, any remedy would cure it.
    fn cured_by_something(&mut self, signature: &[Clause], root: &YamlNode) {
        let tells = |clause: &Clause| clause.outlives_remedy().is_none() && !clause.is_absence();
        if !signature.is_empty() && !signature.iter().any(tells) {
            let message =
                "no clause of this signature would show after the remedy that the failure goes on";
            let help = "leave `outlives_remedy` out of a clause that the remedy ends, or add one that says what is there";
            self.wrong(root.key_position("signature"), message, help);
        }
    }

    pub(crate) fn ready(&mut self, ready: &'a [ReadyClause], at: &YamlNode) {
        for (index, clause) in ready.iter().enumerate() {
            let at = at.index(index);
            match clause {
                ReadyClause::State(state) => self.state(state, at.key("state")),
                ReadyClause::Http(http) => {
                    let at = at.key("http");
                    self.is_no_clause(http.outlives_remedy.as_ref(), at);
                    self.http_clause(http, at);
                }
                ReadyClause::Exec(exec) => {
                    let at = at.key("exec");
                    self.is_no_clause(exec.outlives_remedy.as_ref(), at);
                    self.exec_clause(exec, at);
                }
            }
        }
    }

    /// A state outside of a signature.
    pub(crate) fn state(&mut self, state: &'a StateClause, at: &YamlNode) {
        self.is_no_clause(state.outlives_remedy.as_ref(), at);
        if state.any {
            let position = at.key_position("any");
            let message = "`any` is for the clauses of a signature";
            self.wrong(
                position,
                message,
                "leave it out here: one object that fits is enough",
            );
        }
        self.object_state(&state.of, &state.fields, at);
    }

    pub(crate) fn object_state(
        &mut self,
        of: &'a Selector,
        fields: &'a [FieldTest],
        at: &YamlNode,
    ) {
        let things = self.selector(of, at.key("of"));
        if fields.is_empty() {
            self.empty(at, "fields", "write what its fields are, at least one");
        }
        let at = at.key("fields");
        self.fields(fields, at);
        for (index, field) in fields.iter().enumerate() {
            let at = at.index(index);
            self.of_kind(field, of, at);
            self.spelt(field, &of.kind.value, at);
            for name in field_paths::containers(field.path.query()) {
                references::container(&things, name, at.key("path").position(), self.mistakes);
            }
            if of.kind.value == "Secret" && !is_of_metadata(&field.path) {
                let message =
                    "what a Secret holds is not witnessed, since evidence holds no secret";
                let help = "ask for `.metadata`, or for what the Secret's reader shows";
                self.wrong(at.key("path").position(), message, help);
            }
            if let Some(text) = field.is.as_ref().and_then(Value::as_str) {
                self.public(text, at.key("is"));
            }
            for (index, value) in field.one_of.iter().flatten().enumerate() {
                self.public(
                    value.as_str().unwrap_or_default(),
                    at.key("in").index(index),
                );
            }
            if let Some(text) = &field.contains {
                self.public(text, at.key("contains"));
            }
            if field.at_least.is_some_and(|least| least <= 0.0) {
                let message = "`at_least` 0 is always so";
                let help = "write a number above 0, or use `exists`";
                self.wrong(at.key("at_least").position(), message, help);
            }
        }
    }

    /// What is compared with Kubernetes' own words is spelt as it writes them.
    fn spelt(&mut self, field: &FieldTest, kind: &str, at: &YamlNode) {
        let condition = status_words::condition(&field_paths::conditions(field.path.query()), kind);
        let value = status_words::value(field, kind);
        let key = if field.is.is_some() { "is" } else { "in" };
        for (misspelt, key) in [(condition, "path"), (value, key)] {
            let Some(misspelt) = misspelt else { continue };
            let message = format!("Kubernetes writes no `{}` here", misspelt.word);
            let help = did_you_mean(&misspelt.word, misspelt.known, "it writes");
            let position = at.key(key).position();
            if misspelt.is_certain {
                self.wrong(position, &message, &help);
            } else {
                self.mistakes.warn(position, message, help);
            }
        }
    }

    /// A field is one that objects of its kind can have, with a value that can stand there.
    fn of_kind(&mut self, field: &FieldTest, of: &Selector, at: &YamlNode) {
        let Some(kinds) = self.kinds else { return };
        let kind = of.kind.value.as_str();
        let api_version = of.api_version.as_ref().map(|given| given.value.as_str());
        let shapes = kinds.shapes(kind, api_version);
        let ends = shapes
            .into_iter()
            .map(|shape| field_paths::end(field.path.query(), kind, shape));
        // Where a kind has several versions, it may be any of them.
        let (ends, misfits): (Vec<_>, Vec<_>) = ends.partition(Result::is_ok);
        let ends: Vec<_> = ends.into_iter().flatten().collect();
        if ends.is_empty() {
            if let Some(Err(misfit)) = misfits.into_iter().next() {
                self.wrong(at.key("path").position(), &misfit.message, &misfit.help);
            }
            return;
        }
        let values: Result<Vec<()>, _> = ends
            .iter()
            .map(|end| field_paths::values(field, kind, *end))
            .collect();
        if let Err((key, index, misfit)) = values {
            let place = index.map_or(at.key(key), |index| at.key(key).index(index));
            self.wrong(place.position(), &misfit.message, &misfit.help);
        }
    }

    pub(crate) fn occurrence(
        &mut self,
        of: &'a Selector,
        (reason, free_text): (&str, bool),
        message: &str,
        at: &YamlNode,
    ) {
        self.selector(of, at.key("of"));
        self.public(message, at.key("message"));
        let reasons = || EVENT_REASONS.lines().filter(|line| !line.starts_with('#'));
        let is_known = reasons().any(|line| line == reason);
        if is_known && free_text {
            let message = format!("`{reason}` is one of Kubernetes' own reasons");
            self.wrong(
                at.key("free_text").position(),
                &message,
                "leave `free_text` out",
            );
        }
        if !is_known && !free_text {
            let near = match nearest(reason, reasons()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`kubectl get events` shows it in the column REASON;".to_owned(),
            };
            let help = format!("{near} {OF_OTHERS}");
            let message = format!("Kubernetes has no events with the reason `{reason}`");
            self.wrong(at.key("reason").position(), &message, &help);
        }
    }

    pub(crate) fn line(
        &mut self,
        of: &'a Selector,
        container: &Spanned<String>,
        contains: &[String],
        at: &YamlNode,
    ) {
        let pods = self.selector(of, at.key("of"));
        let position = at.key("container").position();
        if of.kind.value == "Pod" {
            references::container(&pods, &container.value, position, self.mistakes);
        } else {
            let message = format!("a {} has no log", of.kind.value);
            let position = at.key("of").key("kind").position();
            self.wrong(position, &message, "select the pods, with `kind: Pod`");
        }
        if contains.is_empty() {
            self.empty(at, "contains", "write a part of the line");
        }
        for (index, text) in contains.iter().enumerate() {
            self.text(text, at.key("contains").index(index));
        }
    }

    /// A text that is to be witnessed says something, and holds no secret.
    fn text(&mut self, text: &str, at: &YamlNode) {
        self.telling(text, at);
        self.public(text, at);
    }

    /// A text without a letter or a digit is in nearly everything.
    pub(crate) fn telling(&mut self, text: &str, at: &YamlNode) {
        if !text.chars().any(char::is_alphanumeric) {
            let message = if text.trim().is_empty() {
                "this text is empty: it is in everything"
            } else {
                "this text has neither a letter nor a digit: it is in nearly everything"
            };
            let help = "copy the part that tells this failure from others";
            self.wrong(at.position(), message, help);
        }
    }

    /// A text that is to be witnessed holds no secret, or it would be awaited in vain.
    fn public(&mut self, text: &str, at: &YamlNode) {
        if matches!(self.secrets.text(text), Cow::Owned(_)) {
            let message = "this quotes a secret, and no evidence holds one";
            self.wrong(at.position(), message, "quote the words around it alone");
        }
    }

    pub(crate) fn fields(&mut self, fields: &[FieldTest], at: &YamlNode) {
        for (index, field) in fields.iter().enumerate() {
            let at = at.index(index);
            let path = &field.path;
            if field.tests_given() != 1 {
                let message = match field.tests_given() {
                    0 => format!("`{path}` has no test"),
                    given => format!("`{path}` has {given} tests"),
                };
                let help = "give exactly one of `is`, `in`, `contains`, `at_least`, `exists`";
                self.wrong(at.position(), &message, help);
            }
            if let Some(text) = &field.contains {
                self.telling(text, at.key("contains"));
            }
            if field.one_of.as_ref().is_some_and(Vec::is_empty) {
                self.empty(at, "in", "write the values, one of which must be there");
            }
        }
    }
}

/// Of a Secret nothing else is witnessed.
fn is_of_metadata(path: &FieldPath) -> bool {
    path.to_string().starts_with(".metadata")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_reasons_are_sorted_and_each_is_there_once() {
        let reasons: Vec<&str> = super::EVENT_REASONS
            .lines()
            .filter(|line| !line.starts_with('#'))
            .collect();
        assert!(reasons.is_sorted_by(|a, b| a < b));
        assert!(reasons.contains(&"FailedBinding"));
    }
}
