//! Manifests: files of plain YAML documents, as `kubectl apply -f` takes them.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;
use serde_saphyr::{MessageFormatter, Spanned, UserMessageFormatter};

/// A file of manifests.
#[derive(Debug, Clone)]
pub struct ManifestFile {
    /// Name of the file in its folder, for example `broken.yaml`.
    pub name: String,
    /// Where it was read.
    pub path: PathBuf,
    /// The file as written.
    pub text: String,
    /// Its objects, in the file's order.
    pub objects: Vec<ManifestObject>,
}

/// One object of a file of manifests.
#[derive(Debug, Clone)]
pub struct ManifestObject {
    /// `apiVersion`, for example `apps/v1`.
    pub api_version: String,
    /// `kind`, for example `Deployment`.
    pub kind: String,
    /// `metadata.namespace` as written.
    pub namespace: Option<String>,
    /// `metadata.name`.
    pub name: String,
    /// The whole object.
    pub value: Value,
    /// The document as written, comments included, without its `---`.
    pub text: String,
    /// Line of the document in the file, from 1.
    pub line: u64,
    /// Column of the document in the file, from 1.
    pub column: u64,
}

/// Why a file of manifests cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The file could not be read.
    #[error("could not read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is not manifests; every mistake that was found.
    #[error("{} is not a file of manifests:\n{}", path.display(), listed(path, mistakes))]
    Invalid {
        /// The file.
        path: PathBuf,
        /// The file as written.
        text: String,
        /// What is wrong, by position.
        mistakes: Vec<ManifestMistake>,
    },
}

/// One mistake in a file of manifests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestMistake {
    /// Line, from 1.
    pub line: u64,
    /// Column, from 1.
    pub column: u64,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for ManifestMistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

fn listed(path: &Path, mistakes: &[ManifestMistake]) -> String {
    let lines: Vec<String> = mistakes
        .iter()
        .map(|mistake| format!("{}:{mistake}", path.display()))
        .collect();
    lines.join("\n")
}

impl ManifestFile {
    /// Reads a file of manifests.
    pub fn read(path: &Path) -> Result<Self, ManifestError> {
        let text = std::fs::read_to_string(path).map_err(|source| ManifestError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(path, text)
    }

    /// Takes the text of a file of manifests; `path` is only named.
    pub fn parse(path: &Path, text: String) -> Result<Self, ManifestError> {
        match objects(&text) {
            Ok(objects) => Ok(Self {
                name: name(path),
                path: path.to_owned(),
                text,
                objects,
            }),
            Err(mistakes) => Err(ManifestError::Invalid {
                path: path.to_owned(),
                text,
                mistakes,
            }),
        }
    }
}

impl ManifestFile {
    /// A file of these objects, written anew from their values; `path` is only named.
    #[must_use]
    pub fn write(path: &Path, mut objects: Vec<ManifestObject>) -> Self {
        let mut text = String::new();
        for object in &mut objects {
            // Before the first too: kubectl takes a file that begins with `{` for one of JSON alone.
            text.push_str("---\n");
            object.line = text.lines().fold(1, |line, _| line + 1);
            object.column = 1;
            object.text = yaml(&object.value);
            text.push_str(&object.text);
        }
        Self {
            name: name(path),
            path: path.to_owned(),
            text,
            objects,
        }
    }
}

impl ManifestObject {
    /// The same object with another value.
    #[must_use]
    pub fn with_value(&self, value: Value) -> Self {
        let text = |pointer| {
            value
                .pointer(pointer)
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        Self {
            api_version: text("/apiVersion").unwrap_or_else(|| self.api_version.clone()),
            namespace: text("/metadata/namespace"),
            value,
            ..self.clone()
        }
    }
}

/// A value as YAML that every parser reads as this value, those of YAML 1.1 included.
#[must_use]
pub fn yaml(value: &Value) -> String {
    let options = serde_saphyr::ser_options! { folded_wrap_chars: usize::MAX };
    // kubectl's parser takes a tab at the beginning of a text's line for a wrong indentation.
    let with_tab = |line: &str| line.trim_start_matches(' ').starts_with('\t');
    match serde_saphyr::to_string_with_options(value, options) {
        Ok(text) if !text.lines().any(with_tab) => text,
        _ => format!("{value}\n"),
    }
}

impl fmt::Display for ManifestObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.name)
    }
}

fn name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn objects(text: &str) -> Result<Vec<ManifestObject>, Vec<ManifestMistake>> {
    let documents = documents(text).map_err(|mistake| vec![mistake])?;
    let mut objects: Vec<ManifestObject> = Vec::new();
    let mut mistakes = Vec::new();
    let mut first_lines = HashMap::new();
    for document in documents {
        let (line, column) = (document.referenced.line(), document.referenced.column());
        let at = |message: String| ManifestMistake {
            line,
            column,
            message,
        };
        match object(document.value, text, line, column) {
            Err(message) => mistakes.push(at(message)),
            Ok(object) => {
                let first = *first_lines.entry(identity(&object)).or_insert(line);
                if first == line {
                    objects.push(object);
                } else {
                    mistakes.push(at(format!(
                        "`{object}` is written twice in this file, first in line {first}"
                    )));
                }
            }
        }
    }
    if objects.is_empty() && mistakes.is_empty() {
        mistakes.push(ManifestMistake {
            line: 1,
            column: 1,
            message: "the file has no object".to_owned(),
        });
    }
    if mistakes.is_empty() {
        Ok(objects)
    } else {
        Err(mistakes)
    }
}

/// YAML as kubectl understands it: `0644` is octal, documents that are empty are skipped.
fn documents(text: &str) -> Result<Vec<Spanned<Value>>, ManifestMistake> {
    let options = serde_saphyr::options! { legacy_octal_numbers: true, with_snippet: false };
    serde_saphyr::from_multiple_with_options(text, options).map_err(|error| ManifestMistake {
        line: error.location().map_or(1, |location| location.line()),
        column: error.location().map_or(1, |location| location.column()),
        message: UserMessageFormatter.format_message(&error).into_owned(),
    })
}

fn object(value: Value, text: &str, line: u64, column: u64) -> Result<ManifestObject, String> {
    if !value.is_object() {
        return Err(
            "a document of a manifest must be a mapping with `apiVersion`, `kind` and `metadata`"
                .to_owned(),
        );
    }
    let field = |pointer: &str| {
        value
            .pointer(pointer)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    let needed = |pointer: &str| {
        let name = pointer.trim_start_matches('/').replace('/', ".");
        field(pointer).ok_or_else(|| format!("the object has no `{name}`"))
    };
    let kind = needed("/kind")?;
    let api_version = needed("/apiVersion")?;
    if kind.ends_with("List") && value.get("items").is_some() {
        return Err(format!(
            "`{kind}` is not an object; write its items as documents of their own, with `---` between"
        ));
    }
    let name = needed("/metadata/name")?;
    Ok(ManifestObject {
        api_version,
        kind,
        namespace: field("/metadata/namespace"),
        name,
        text: document_text(text, line),
        value,
        line,
        column,
    })
}

/// The lines between the `---` before and after `line`.
fn document_text(text: &str, line: u64) -> String {
    let line = usize::try_from(line).unwrap_or(usize::MAX);
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let separates = |line: &&str| line.starts_with("---");
    let position = line.saturating_sub(1).min(lines.len());
    let start = lines[..position]
        .iter()
        .rposition(separates)
        .map_or(0, |separator| separator + 1);
    let end = lines
        .iter()
        .skip(position + 1)
        .position(separates)
        .map_or(lines.len(), |separator| position + 1 + separator);
    lines[start..end].concat()
}

fn identity(object: &ManifestObject) -> (String, String, String, String) {
    let group = object
        .api_version
        .split_once('/')
        .map_or("", |parts| parts.0);
    (
        group.to_owned(),
        object.kind.clone(),
        object
            .namespace
            .clone()
            .unwrap_or_else(|| "default".to_owned()),
        object.name.clone(),
    )
}

/// What an object says about the pods that it is or makes: a mapping with `metadata` and `spec`.
#[must_use]
pub fn pod_template(object: &Value) -> Option<&Value> {
    match object.get("kind")?.as_str()? {
        "Pod" => Some(object),
        "Deployment"
        | "StatefulSet"
        | "DaemonSet"
        | "ReplicaSet"
        | "ReplicationController"
        | "Job" => object.pointer("/spec/template"),
        "CronJob" => object.pointer("/spec/jobTemplate/spec/template"),
        _ => None,
    }
}

/// The containers of the pods that an object is or makes, init containers first.
pub fn containers(object: &Value) -> impl Iterator<Item = &Value> {
    ["/spec/initContainers", "/spec/containers"]
        .into_iter()
        .filter_map(|list| pod_template(object)?.pointer(list)?.as_array())
        .flatten()
}

/// The images of the pods that an object is or makes, each once, in the order of the containers.
#[must_use]
pub fn images(object: &Value) -> Vec<String> {
    let mut images: Vec<String> = Vec::new();
    for container in containers(object) {
        if let Some(image) = container.get("image").and_then(Value::as_str)
            && !images.iter().any(|known| known == image)
        {
            images.push(image.to_owned());
        }
    }
    images
}

#[cfg(test)]
mod tests;
