//! Fields of manifests that no API server takes.

use serde_json::Value;

use super::api_schema::{FieldForm, Kinds, Known, Shape};
use crate::input::diagnostic::{Diagnostic, Mistakes};
use crate::input::suggest::did_you_mean;
use crate::input::{PathStep, YamlNode};
use crate::manifest::{ManifestFile, ManifestObject};
use crate::scenario::{Clause, ObjectName, Scenario};

/// Finds unknown kinds, unknown fields and values of a wrong type. Objects whose refusal is a part of
/// the claim are as they are meant.
pub(crate) fn walk<'a>(
    scenario: &Scenario,
    files: impl IntoIterator<Item = &'a ManifestFile> + Clone,
    mistakes: &mut Mistakes<'_>,
) {
    let kinds = Kinds::of(files.clone());
    let refused: Vec<&ObjectName> = refused(scenario).collect();
    for file in files {
        let mut found = FieldLint {
            file,
            documents: None,
            mistakes,
        };
        for object in &file.objects {
            if !refused.iter().any(|name| name.is_of(object)) {
                found.object(object, &kinds);
            }
        }
    }
}

/// The objects that the claim expects to be refused, at any time.
fn refused(scenario: &Scenario) -> impl Iterator<Item = &ObjectName> {
    let others = scenario.wrong_remedies.iter();
    let others = others.filter_map(|wrong| wrong.signature.as_deref());
    let signatures = scenario.chain().map(|failure| failure.signature);
    let clauses = signatures.chain(others).flatten();
    clauses.filter_map(|clause| match clause {
        Clause::Refusal(refusal) => Some(&refusal.of),
        _ => None,
    })
}

struct FieldLint<'f, 'm, 'c> {
    file: &'f ManifestFile,
    /// Where everything is written; read once something is wrong.
    documents: Option<Vec<YamlNode>>,
    mistakes: &'m mut Mistakes<'c>,
}

impl FieldLint<'_, '_, '_> {
    fn object(&mut self, object: &ManifestObject, kinds: &Kinds<'_>) {
        let (version, kind) = (&object.api_version, &object.kind);
        match kinds.known(object) {
            Known::Is(shape) => self.value(object, &object.value, shape, &mut Vec::new()),
            Known::IsNot { instead } => {
                let is_version = instead.iter().any(|one| one.contains('/') || *one == "v1");
                let (key, word, what) = if is_version {
                    ("apiVersion", version, format!("versions of {kind}"))
                } else {
                    ("kind", kind, format!("kinds of {version}"))
                };
                let message = format!("Kubernetes has no {kind} in {version}");
                let help = did_you_mean(word, &instead, &what);
                let diagnosis = self.at_value(object, &[PathStep::Key(key)], message, &help);
                // An early version may be there on another minor.
                let is_stable = |one: &&str| !one.contains("alpha") && !one.contains("beta");
                let is_early = version.contains("alpha")
                    || version.contains("beta") && !(is_version && instead.iter().any(is_stable));
                self.mistakes.push(if is_early {
                    diagnosis.as_warning()
                } else {
                    diagnosis
                });
            }
            Known::IsNotDefined { instead } => {
                let message = format!("the definitions here have no {kind} in {version}");
                let known: Vec<&str> = instead.iter().map(String::as_str).collect();
                let help = did_you_mean(&format!("{version} {kind}"), &known, "they define");
                let diagnosis = self.at_value(object, &[PathStep::Key("kind")], message, &help);
                self.mistakes.push(diagnosis);
            }
            Known::Unknown => {}
        }
    }

    fn value<'v>(
        &mut self,
        object: &'v ManifestObject,
        value: &'v Value,
        shape: Shape<'_>,
        path: &mut Vec<PathStep<'v>>,
    ) {
        match (shape.form(), value) {
            (FieldForm::Mapping, Value::Object(fields)) => {
                for (name, value) in fields {
                    path.push(PathStep::Key(name));
                    match shape.field(name) {
                        Some(field) => self.value(object, value, field, path),
                        None => self.unknown(object, name, shape, path),
                    }
                    path.pop();
                }
            }
            (FieldForm::List, Value::Array(entries)) => {
                for (index, value) in entries.iter().enumerate() {
                    path.push(PathStep::Index(index));
                    self.value(object, value, shape.entry(), path);
                    path.pop();
                }
            }
            (form, value) if fits(form, value) => {}
            (form, value) => {
                let shown = match value {
                    Value::Array(_) => "a list".to_owned(),
                    Value::Object(_) => "a mapping".to_owned(),
                    other => format!("`{other}`"),
                };
                let message = format!("{} of {object} is {form}, and not {shown}", told(path));
                let help = match (form, value) {
                    (FieldForm::Text, Value::Number(_) | Value::Bool(_)) => "write it in quotes",
                    (
                        FieldForm::Whole | FieldForm::Number | FieldForm::Boolean,
                        Value::String(_),
                    ) => "write it without quotes",
                    (FieldForm::List, _) => "begin each entry with `- `",
                    _ => "`kubectl explain` shows its form",
                };
                let diagnosis = self.at_value(object, path, message, help);
                self.mistakes.push(diagnosis);
            }
        }
    }

    fn unknown(
        &mut self,
        object: &ManifestObject,
        name: &str,
        shape: Shape<'_>,
        path: &[PathStep<'_>],
    ) {
        let outer = &path[..path.len() - 1];
        let what = if outer.is_empty() {
            format!("fields of a {}", object.kind)
        } else {
            format!("fields of {}", told(outer))
        };
        let message = format!("{object} has an unknown field {}", told(path));
        let help = format!(
            "{}; the API server refuses this object, and a `refusal` clause can say so",
            did_you_mean(name, &shape.names(), &what)
        );
        let position = self.document(object).key_at(path);
        let diagnosis = Diagnostic::new(&self.file.path, &self.file.text, position, message);
        self.mistakes.push(diagnosis.with_help(help));
    }

    fn at_value(
        &mut self,
        object: &ManifestObject,
        path: &[PathStep<'_>],
        message: String,
        help: &str,
    ) -> Diagnostic {
        let position = self.document(object).at(path).position();
        Diagnostic::new(&self.file.path, &self.file.text, position, message).with_help(help)
    }

    /// The part of the file in which an object is written.
    fn document(&mut self, object: &ManifestObject) -> &YamlNode {
        let text = &self.file.text;
        let documents = self
            .documents
            .get_or_insert_with(|| YamlNode::of_documents(text));
        let position = (object.line, object.column);
        YamlNode::beginning_at(documents, position)
    }
}

/// Whether a manifest may write a value in this form, as the API server reads it.
fn fits(form: FieldForm, value: &Value) -> bool {
    match (form, value) {
        (FieldForm::Any, _)
        | (_, Value::Null)
        | (FieldForm::Text, Value::String(_))
        | (FieldForm::Quantity, Value::String(_) | Value::Number(_))
        | (FieldForm::Number, Value::Number(_))
        | (FieldForm::Boolean, Value::Bool(_)) => true,
        (FieldForm::Whole, Value::Number(number)) => {
            number.is_i64() || number.is_u64() || number.as_f64().is_some_and(|f| f.fract() == 0.0)
        }
        // kubectl reads YAML 1.1.
        (FieldForm::Boolean, Value::String(word)) => {
            let words = ["yes", "no", "on", "off", "y", "n"];
            words.contains(&word.to_lowercase().as_str())
        }
        _ => false,
    }
}

/// A path as relapse tells it.
fn told(path: &[PathStep<'_>]) -> String {
    let steps = path.iter().map(|place| match place {
        PathStep::Key(key) if key.chars().all(|c| c.is_ascii_alphanumeric()) => format!(".{key}"),
        PathStep::Key(key) => format!("['{key}']"),
        PathStep::Index(index) => format!("[{index}]"),
    });
    format!("`{}`", steps.collect::<String>())
}

#[cfg(test)]
mod tests;
