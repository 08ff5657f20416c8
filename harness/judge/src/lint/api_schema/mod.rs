//! The fields of every kind: those of Kubernetes' own API, and those of custom resources by the
//! definitions among the manifests.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::LazyLock;

use serde_json::Value;

use crate::kubernetes::kinds::group_of;
use crate::manifest::{ManifestFile, ManifestObject};

/// Written by `ci/api-schema`. k8s-openapi can bring schemas as well, but none newer than 1.34: every
/// field that came later would be taken for misspelt.
const TEXT: &str = include_str!("fields.txt");

static API: LazyLock<Api> = LazyLock::new(|| Api::parse(TEXT));

struct Api {
    /// `apiVersion`, kind and the name of the type.
    kinds: Vec<(&'static str, &'static str, &'static str)>,
    /// The fields of each type, with their shapes.
    types: BTreeMap<&'static str, Vec<(&'static str, &'static str)>>,
}

impl Api {
    fn parse(text: &'static str) -> Self {
        let mut api = Self {
            kinds: Vec::new(),
            types: BTreeMap::new(),
        };
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let mut words = line.split(' ');
            match words.next() {
                Some("=") => {
                    if let (Some(version), Some(kind), Some(name)) =
                        (words.next(), words.next(), words.next())
                    {
                        api.kinds.push((version, kind, name));
                    }
                }
                Some(name) => {
                    let fields = words.filter_map(|field| field.split_once(':'));
                    api.types.insert(name, fields.collect());
                }
                None => {}
            }
        }
        api
    }
}

/// What stands at a place of an object.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape<'a> {
    /// Nothing is known of it.
    Any,
    /// As Kubernetes' own API says.
    Api(&'static str),
    /// As the schema in a definition says.
    Custom(&'a Value),
    /// A custom resource as a whole.
    Resource(&'a Value),
}

/// The form of what stands at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FieldForm {
    Any,
    Text,
    Quantity,
    Whole,
    Number,
    Boolean,
    List,
    Mapping,
}

impl fmt::Display for FieldForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Any => "anything",
            Self::Text => "a text",
            Self::Quantity => "a quantity",
            Self::Whole => "a whole number",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::List => "a list",
            Self::Mapping => "a mapping",
        })
    }
}

impl<'a> Shape<'a> {
    pub(crate) fn form(self) -> FieldForm {
        match self {
            Self::Any | Self::Api("any") => FieldForm::Any,
            Self::Api("text") => FieldForm::Text,
            Self::Api("quantity") => FieldForm::Quantity,
            Self::Api("whole") => FieldForm::Whole,
            Self::Api("number") => FieldForm::Number,
            Self::Api("boolean") => FieldForm::Boolean,
            Self::Api(list) if list.starts_with('[') => FieldForm::List,
            Self::Api(_) | Self::Resource(_) => FieldForm::Mapping,
            Self::Custom(schema) => form_of(schema),
        }
    }

    /// What stands under a key of a mapping; none where the mapping has no such key.
    pub(crate) fn field(self, name: &str) -> Option<Self> {
        match self {
            Self::Api(map) if map.starts_with('{') => Some(self.entry()),
            Self::Api(own) => match API.types.get(own) {
                Some(fields) => {
                    let mut fields = fields.iter();
                    let found = fields.find(|(field, _)| *field == name);
                    found.map(|(_, shape)| Self::Api(shape))
                }
                None => Some(Self::Any),
            },
            Self::Resource(schema) => match name {
                "apiVersion" | "kind" => Some(Self::Api("text")),
                "metadata" => Some(Self::Api("apimachinery.pkg.apis.meta.v1.ObjectMeta")),
                _ => Self::Custom(schema).field(name),
            },
            Self::Custom(schema) => match schema.get("properties").and_then(|own| own.get(name)) {
                Some(field) => Some(Self::Custom(field)),
                None if self.names().is_empty() => Some(self.entry()),
                None => None,
            },
            Self::Any => Some(Self::Any),
        }
    }

    /// The keys of a mapping; none where they are free.
    pub(crate) fn names(self) -> Vec<&'a str> {
        match self {
            Self::Any => Vec::new(),
            Self::Api(own) => {
                let fields = API.types.get(own).into_iter().flatten();
                fields.map(|(field, _)| *field).collect()
            }
            Self::Resource(schema) => match Self::Custom(schema).names() {
                own if own.is_empty() => own,
                mut own => {
                    own.extend(["apiVersion", "kind", "metadata"]);
                    own
                }
            },
            Self::Custom(schema) => {
                let is_open = is_set(schema, "x-kubernetes-preserve-unknown-fields")
                    || is_set(schema, "x-kubernetes-embedded-resource")
                    || schema.get("additionalProperties").is_some();
                let own = schema.get("properties").and_then(Value::as_object);
                let own = own.filter(|_| !is_open).into_iter().flatten();
                own.map(|(name, _)| name.as_str()).collect()
            }
        }
    }

    /// What each entry of a list, or each value of a mapping with free keys, is.
    pub(crate) fn entry(self) -> Self {
        match self {
            Self::Api(own) => match own.as_bytes() {
                [b'[' | b'{', .., _] => Self::Api(&own[1..own.len() - 1]),
                _ => Self::Any,
            },
            Self::Custom(schema) => {
                let entry = schema
                    .get("items")
                    .or_else(|| schema.get("additionalProperties"));
                entry
                    .filter(|entry| entry.is_object())
                    .map_or(Self::Any, Self::Custom)
            }
            Self::Any | Self::Resource(_) => Self::Any,
        }
    }
}

fn is_set(schema: &Value, key: &str) -> bool {
    schema.get(key).and_then(Value::as_bool) == Some(true)
}

fn form_of(schema: &Value) -> FieldForm {
    if is_set(schema, "x-kubernetes-int-or-string") {
        return FieldForm::Any;
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("string") => FieldForm::Text,
        Some("integer") => FieldForm::Whole,
        Some("number") => FieldForm::Number,
        Some("boolean") => FieldForm::Boolean,
        Some("array") => FieldForm::List,
        Some("object") => FieldForm::Mapping,
        _ => FieldForm::Any,
    }
}

/// The kinds that are known: Kubernetes' own, and those that the manifests define.
#[derive(Debug, Default)]
pub(crate) struct Kinds<'a> {
    /// Group, version, kind and schema of each version that a definition serves.
    defined: Vec<(&'a str, &'a str, &'a str, Option<&'a Value>)>,
    /// `apiVersion` and kind of each object of the manifests.
    used: BTreeSet<(&'a str, &'a str)>,
}

/// What is known of an `apiVersion` with a kind.
pub(crate) enum Known<'a> {
    /// What its objects are.
    Is(Shape<'a>),
    /// Kubernetes' own API has this group, but no such kind in this version.
    IsNot {
        /// The kinds of that group and version, or the versions of that kind.
        instead: Vec<&'static str>,
    },
    /// The manifests define this group, but no such kind in this version.
    IsNotDefined {
        /// What they define, as `apiVersion` and kind.
        instead: Vec<String>,
    },
    /// Some definition elsewhere, if any.
    Unknown,
}

impl<'a> Kinds<'a> {
    pub(crate) fn of(files: impl IntoIterator<Item = &'a ManifestFile>) -> Self {
        let mut kinds = Self::default();
        for object in files.into_iter().flat_map(|file| &file.objects) {
            kinds.used.insert((&object.api_version, &object.kind));
            if object.kind == "CustomResourceDefinition" {
                kinds.defined.extend(definitions(object));
            }
        }
        kinds
    }

    /// What the objects of a kind may be: as the manifests apply them, or else as any group has them.
    /// None where a kind is not known.
    pub(crate) fn shapes(&self, kind: &str, api_version: Option<&str>) -> Vec<Shape<'a>> {
        let used = || self.used.iter().filter(|(_, used)| *used == kind);
        let groups: BTreeSet<&str> = match api_version {
            Some(given) => BTreeSet::from([group_of(given)]),
            None => used().map(|(used, _)| group_of(used)).collect(),
        };
        let is_meant = |other: &str| groups.is_empty() || groups.contains(other);
        let own = API.kinds.iter();
        let own = own.filter(|(version, own, _)| *own == kind && is_meant(group_of(version)));
        let own = own.map(|(_, _, shape)| Shape::Api(shape));
        let defined = self.defined.iter();
        let defined = defined.filter(|(group, _, own, _)| *own == kind && is_meant(group));
        let defined = defined.map(|(_, _, _, schema)| schema.map_or(Shape::Any, Shape::Resource));
        let mut shapes: Vec<Shape<'a>> = own.chain(defined).collect();
        let is_known = |group: &str| {
            let mut own = API.kinds.iter();
            own.any(|(version, own, _)| *own == kind && group_of(version) == group)
                || self
                    .defined
                    .iter()
                    .any(|one| one.0 == group && one.2 == kind)
        };
        if groups.iter().any(|group| !is_known(group)) {
            shapes.push(Shape::Any);
        }
        shapes
    }

    pub(crate) fn known(&self, object: &ManifestObject) -> Known<'a> {
        let (version, kind) = (object.api_version.as_str(), object.kind.as_str());
        let group = group_of(version);
        let same = |one: &&(&str, &str, &'static str)| one.0 == version && one.1 == kind;
        if let Some((_, _, shape)) = API.kinds.iter().find(same) {
            return Known::Is(Shape::Api(shape));
        }
        let short = version.rsplit('/').next().unwrap_or_default();
        let mut defined = self.defined.iter();
        if let Some((.., schema)) =
            defined.find(|one| (one.0, one.1, one.2) == (group, short, kind))
        {
            return Known::Is(schema.map_or(Shape::Any, Shape::Resource));
        }
        if self.defined.iter().any(|one| one.0 == group) {
            let defined = self.defined.iter().filter(|one| one.0 == group);
            let instead =
                defined.map(|(group, version, kind, _)| format!("{group}/{version} {kind}"));
            return Known::IsNotDefined {
                instead: instead.collect(),
            };
        }
        let own = || {
            API.kinds
                .iter()
                .filter(|(own, _, _)| group_of(own) == group)
        };
        if own().next().is_none() {
            return Known::Unknown;
        }
        let versions: Vec<&str> = own()
            .filter(|(_, own, _)| *own == kind)
            .map(|(own, _, _)| *own)
            .collect();
        let instead = if versions.is_empty() {
            own().map(|(_, kind, _)| *kind).collect()
        } else {
            versions
        };
        Known::IsNot { instead }
    }
}

/// Whether Kubernetes' own API has such a kind, in any group.
pub(crate) fn is_of_kubernetes(kind: &str) -> bool {
    API.kinds.iter().any(|(_, own, _)| *own == kind)
}

/// Group, version, kind and schema of each version that is served.
fn definitions(
    object: &ManifestObject,
) -> impl Iterator<Item = (&str, &str, &str, Option<&Value>)> {
    let text = |pointer| object.value.pointer(pointer).and_then(Value::as_str);
    let of = text("/spec/group").zip(text("/spec/names/kind"));
    let versions = object.value.pointer("/spec/versions");
    let versions = versions.and_then(Value::as_array).into_iter().flatten();
    of.into_iter().flat_map(move |(group, kind)| {
        versions.clone().filter_map(move |version| {
            let schema = version.pointer("/schema/openAPIV3Schema");
            Some((group, version.get("name")?.as_str()?, kind, schema))
        })
    })
}

#[cfg(test)]
mod tests;
