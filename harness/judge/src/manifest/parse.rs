//! The text of a file of manifests to its objects, as kubectl takes them.

use std::collections::HashMap;

use serde_json::Value;
use serde_saphyr::{MessageFormatter, Spanned, UserMessageFormatter};

use super::{ManifestMistake, ManifestObject, yaml};
use crate::input::source_map::{Position, YamlNode};
use crate::input::{breach, yaml_options};

/// Mistakes of one file that are told: one may be made in each of thousands of documents.
const TOLD: usize = 50;

/// The objects of a file in its order; those of a list stand in the list's place.
pub(super) fn objects(text: &str) -> Result<Vec<ManifestObject>, Vec<ManifestMistake>> {
    let documents = documents(text).map_err(|mistake| vec![mistake])?;
    let mut found = Parsed::default();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    // Only lists need to know where their parts are.
    let places = if documents.iter().any(|document| is_list(&document.value)) {
        YamlNode::of_documents(text)
    } else {
        Vec::new()
    };
    for (index, document) in documents.into_iter().enumerate() {
        if found.mistakes.len() >= TOLD {
            break;
        }
        let at = (document.referenced.line(), document.referenced.column());
        if !is_list(&document.value) {
            let text = document_text(&lines, at.0);
            found.add(object(document.value, text, at));
            continue;
        }
        let items = document.value.get("items").and_then(Value::as_array);
        for (place, item) in items.into_iter().flatten().enumerate() {
            let node = places.get(index).map(|node| node.key("items").index(place));
            let at = node.map_or(at, YamlNode::position);
            found.add(if is_list(item) {
                let help = "write the items of both into one list, or as documents of their own";
                Err(mistake(
                    at,
                    "a list stands within a list, and `kubectl apply` takes no such list",
                    help,
                ))
            } else {
                object(item.clone(), yaml(item), at)
            });
        }
    }
    found.objects()
}

/// What a file has come to so far.
#[derive(Default)]
struct Parsed {
    objects: Vec<ManifestObject>,
    mistakes: Vec<ManifestMistake>,
    /// Where an object was written first.
    places: HashMap<ObjectIdentity, Position>,
}

/// Group, kind, namespace and name of an object.
type ObjectIdentity = (String, String, String, String);

impl Parsed {
    fn add(&mut self, object: Result<ManifestObject, ManifestMistake>) {
        match object {
            Err(mistake) => self.mistakes.push(mistake),
            Ok(object) => {
                let at = (object.line, object.column);
                let first = *self.places.entry(identity(&object)).or_insert(at);
                if first == at || object.has_generated_name() {
                    self.objects.push(object);
                } else {
                    self.mistakes.push(ManifestMistake {
                        line: at.0,
                        column: at.1,
                        message: format!(
                            "`{object}` is written twice in this file, first in line {}",
                            first.0
                        ),
                        help: None,
                    });
                }
            }
        }
    }

    fn objects(mut self) -> Result<Vec<ManifestObject>, Vec<ManifestMistake>> {
        if self.objects.is_empty() && self.mistakes.is_empty() {
            let help = "write one with `apiVersion`, `kind` and `metadata`";
            self.mistakes
                .push(mistake((1, 1), "the file has no object", help));
        }
        if self.mistakes.is_empty() {
            Ok(self.objects)
        } else {
            Err(self.mistakes)
        }
    }
}

fn mistake((line, column): Position, message: &str, help: &str) -> ManifestMistake {
    ManifestMistake {
        line,
        column,
        message: message.to_owned(),
        help: Some(help.to_owned()),
    }
}

/// YAML as kubectl understands it: `0644` is octal, documents that are empty are skipped.
fn documents(text: &str) -> Result<Vec<Spanned<Value>>, ManifestMistake> {
    let mut options = yaml_options();
    options.legacy_octal_numbers = true;
    serde_saphyr::from_multiple_with_options(text, options).map_err(|error| {
        let limit = breach(&error);
        let words = || UserMessageFormatter.format_message(&error).into_owned();
        ManifestMistake {
            line: error.location().map_or(1, |location| location.line()),
            column: error.location().map_or(1, |location| location.column()),
            message: limit
                .as_ref()
                .map_or_else(words, |(message, _)| message.clone()),
            help: limit.map(|(_, next)| next.to_owned()),
        }
    })
}

/// A `List`, a `RoleBindingList` and the like: kubectl applies the items one by one. The client's rule is
/// that there are `items`, whatever the kind is called; a custom resource with such a field is none.
fn is_list(value: &Value) -> bool {
    let kind = value
        .get("kind")
        .and_then(Value::as_str)
        .unwrap_or_default();
    kind.ends_with("List") && value.get("items").is_some_and(Value::is_array)
}

fn object(value: Value, text: String, at: Position) -> Result<ManifestObject, ManifestMistake> {
    if !value.is_object() {
        let help = "write a mapping with `apiVersion`, `kind` and `metadata`";
        return Err(mistake(at, "this is not an object", help));
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
        let message = format!("the object has no `{name}`");
        field(pointer).ok_or_else(|| mistake(at, &message, &format!("write `{name}`")))
    };
    let kind = needed("/kind")?;
    let api_version = needed("/apiVersion")?;
    if let Some(hook) = field("/metadata/annotations/helm.sh~1hook") {
        let message = format!(
            "`{kind}` is a hook of Helm (`{hook}`), which no `kubectl apply` runs as Helm does"
        );
        let help = "render the chart by `helm template --no-hooks`; or remove the annotation `helm.sh/hook` \
                    where the object is to be applied like any other";
        return Err(mistake(at, &message, help));
    }
    let name = match field("/metadata/generateName") {
        // The server makes its name; `kubectl create` takes it.
        Some(prefix) => field("/metadata/name").unwrap_or(prefix),
        None => needed("/metadata/name")?,
    };
    Ok(ManifestObject {
        api_version,
        kind,
        namespace: field("/metadata/namespace"),
        name,
        text,
        value,
        line: at.0,
        column: at.1,
    })
}

/// The lines between the `---` before and after `line`.
fn document_text(lines: &[&str], line: u64) -> String {
    let line = usize::try_from(line).unwrap_or(usize::MAX);
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

fn identity(object: &ManifestObject) -> ObjectIdentity {
    (
        object.group().to_owned(),
        object.kind.clone(),
        object
            .namespace
            .clone()
            .unwrap_or_else(|| "default".to_owned()),
        object.name.clone(),
    )
}
