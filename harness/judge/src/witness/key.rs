//! Where an object is among all.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::kubernetes::kinds::{self, Told, Trait, group_of_object, has_namespaces, may_be};
use crate::kubernetes::{DEFAULT_NAMESPACE, text_at};
use crate::scenario::ObjectName;

/// An object's place: kind, namespace (empty for cluster-scoped kinds) and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ObjectKey {
    /// Kubernetes kind.
    pub kind: String,
    /// Namespace; empty for cluster-scoped kinds.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// API group, empty for the core group; none where it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
}

/// In the namespace `default` unless another one is named.
impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind.as_str();
        let group = self.group.as_deref();
        let kind = Told { group, kind };
        write!(f, "{kind} {}", placed(&self.name, &self.namespace))
    }
}

/// A name, with its namespace unless that is the one of what names none.
#[must_use]
pub fn placed(name: &str, namespace: &str) -> String {
    match namespace {
        "" | DEFAULT_NAMESPACE => name.to_owned(),
        namespace => format!("{name} in {namespace}"),
    }
}

impl ObjectKey {
    /// The key of an object as the API server returns it.
    #[must_use]
    pub fn of(object: &Value) -> Self {
        let text = |pointer| text_at(object, pointer).unwrap_or_default().to_owned();
        Self {
            kind: text("/kind"),
            namespace: text("/metadata/namespace"),
            name: text("/metadata/name"),
            group: group_of_object(object).map(ToOwned::to_owned),
        }
    }

    /// The key of what is called so, of any group.
    #[must_use]
    pub fn named(kind: &str, namespace: &str, name: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            group: None,
        }
    }

    /// Whether this is so of the object's kind.
    #[must_use]
    pub fn is(&self, what: Trait) -> bool {
        kinds::is(self.group.as_deref(), &self.kind, what)
    }

    /// Whether the object is a pod.
    #[must_use]
    pub fn is_pod(&self) -> bool {
        self.is_of("", "Pod")
    }

    /// Whether the object is of this kind of this group, or may be.
    #[must_use]
    pub fn is_of(&self, group: &str, kind: &str) -> bool {
        self.kind == kind && self.is_of_group(Some(group))
    }

    /// Whether the other key may be of the same object: a group that is not known may be any.
    #[must_use]
    pub fn may_be(&self, other: &Self) -> bool {
        self.kind == other.kind
            && self.namespace == other.namespace
            && self.name == other.name
            && self.is_of_group(other.group.as_deref())
    }

    pub(super) fn is_of_group(&self, group: Option<&str>) -> bool {
        may_be(self.group.as_deref(), group)
    }
}

impl From<&ObjectName> for ObjectKey {
    fn from(object: &ObjectName) -> Self {
        let (group, kind) = (object.group(), object.kind.value.as_str());
        let namespace = if has_namespaces(group, kind) {
            object.namespace.as_str()
        } else {
            ""
        };
        Self {
            group: group.map(ToOwned::to_owned),
            ..Self::named(kind, namespace, &object.name.value)
        }
    }
}
