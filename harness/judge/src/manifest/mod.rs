//! Manifests: files of plain YAML documents, as `kubectl apply -f` takes them.

mod parse;

use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::kubernetes::kinds::{Kind, group_of};

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
    /// `metadata.name`, or `metadata.generateName` where the server makes the name.
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

/// Why a file of manifests cannot be used: every mistake that was found.
#[derive(Debug, thiserror::Error)]
#[error("{} is not a file of manifests:\n{}", path.display(), listed(path, mistakes))]
pub struct ManifestError {
    /// The file.
    pub path: PathBuf,
    /// The file as written.
    pub text: String,
    /// What is wrong, by position.
    pub mistakes: Vec<ManifestMistake>,
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
    /// What to write instead.
    pub help: Option<String>,
}

impl fmt::Display for ManifestMistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)?;
        self.help.iter().try_for_each(|help| write!(f, "; {help}"))
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
    /// Takes the text of a file of manifests; `path` is only named.
    ///
    /// # Errors
    /// Mistakes of the file.
    pub fn parse(path: &Path, text: String) -> Result<Self, ManifestError> {
        match parse::objects(&text) {
            Ok(objects) => Ok(Self {
                name: name(path),
                path: path.to_owned(),
                text,
                objects,
            }),
            Err(mistakes) => Err(ManifestError {
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
    /// Its API group, empty for the core group.
    #[must_use]
    pub fn group(&self) -> &str {
        group_of(&self.api_version)
    }

    /// Whether the server makes its name, so that each creation makes another object.
    #[must_use]
    pub fn has_generated_name(&self) -> bool {
        self.value.pointer("/metadata/name").is_none()
    }

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

/// What an object says about the pods that it is or makes: a mapping with `metadata` and `spec`.
#[must_use]
pub fn pod_template(object: &Value) -> Option<&Value> {
    object.pointer(Kind::of(object)?.template()?)
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
