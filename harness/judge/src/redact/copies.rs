//! The claim as it is kept with the evidence: readable, to be judged again, and without secrets.
//!
//! A remedy may change nothing but a password. So that it changes something in the copies too, a
//! secret has a number there, the same in all manifests of the scenario, and each line of a secret
//! one of its own.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;

use super::{Mark, Redactor, plain};
use crate::input::yaml_options;
use crate::manifest::ManifestFile;

#[derive(Default)]
struct Numbers(BTreeMap<String, usize>);

impl Numbers {
    fn mark(&mut self, secret: &str) -> String {
        let lines: Vec<String> = secret.split('\n').map(|line| self.line(line)).collect();
        lines.join("\n")
    }

    fn line(&mut self, line: &str) -> String {
        if line.is_empty() {
            return String::new();
        }
        let next = self.0.len() + 1;
        let number = self.0.entry(line.to_owned()).or_insert(next);
        format!("<redacted {number}>")
    }
}

impl Redactor {
    /// The text of each file of manifests, with its name. A document without secrets stays as it
    /// was written; another is written anew, as JSON and without its comments.
    #[must_use]
    pub fn manifests<'a>(
        &self,
        files: impl IntoIterator<Item = &'a ManifestFile>,
    ) -> Vec<(&'a str, String)> {
        let mut numbers = Numbers::default();
        let mut mark = |secret: &str| numbers.mark(secret);
        files
            .into_iter()
            .map(|file| (file.name.as_str(), self.manifest(file, &mut mark)))
            .collect()
    }

    fn manifest(&self, file: &ManifestFile, mark: Mark<'_>) -> String {
        let documents: Vec<Option<String>> = file
            .objects
            .iter()
            .map(|object| self.document(&object.text, &object.value, mark))
            .collect();
        let is_public = documents.iter().all(Option::is_none);
        if is_public && matches!(self.text(&file.text), Cow::Borrowed(_)) {
            return file.text.clone();
        }
        let texts: Vec<String> = documents
            .into_iter()
            .zip(&file.objects)
            .map(|(anew, object)| anew.unwrap_or_else(|| object.text.clone()))
            .collect();
        texts.join("\n---\n")
    }

    /// A scenario file. It is written anew, as JSON and without its comments, where it holds a
    /// secret.
    #[must_use]
    pub fn scenario(&self, text: &str) -> String {
        match serde_saphyr::from_str_with_options::<Value>(text, yaml_options()) {
            Ok(value) => self
                .document(text, &value, &mut plain)
                .unwrap_or_else(|| text.to_owned()),
            Err(_) => self.text(text).into_owned(),
        }
    }

    fn document(&self, text: &str, value: &Value, mark: Mark<'_>) -> Option<String> {
        let mut redacted = value.clone();
        self.redact(&mut redacted, mark);
        let is_public = redacted == *value && matches!(self.text(text), Cow::Borrowed(_));
        (!is_public).then(|| format!("{redacted:#}\n"))
    }
}
