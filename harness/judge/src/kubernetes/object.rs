//! What an object says of itself.

use serde_json::Value;

/// The text at a JSON pointer of an object.
#[must_use]
pub fn text_at<'a>(object: &'a Value, pointer: &str) -> Option<&'a str> {
    object.pointer(pointer).and_then(Value::as_str)
}

/// The whole number at a JSON pointer of an object.
#[must_use]
pub fn number_at(object: &Value, pointer: &str) -> Option<u64> {
    object.pointer(pointer).and_then(Value::as_u64)
}

/// The uid of an object; empty if it has none.
#[must_use]
pub fn uid(object: &Value) -> &str {
    text_at(object, "/metadata/uid").unwrap_or_default()
}

/// The revision in which the object was stored.
#[must_use]
pub fn resource_version(object: &Value) -> u64 {
    text_at(object, "/metadata/resourceVersion")
        .and_then(|text| text.parse().ok())
        .unwrap_or_default()
}

/// The namespace of what names none.
pub const DEFAULT_NAMESPACE: &str = "default";

/// Namespaces of the cluster's own parts, which are not what a claim is about.
pub const SYSTEM_NAMESPACES: [&str; 4] = [
    "kube-system",
    "kube-public",
    "kube-node-lease",
    "local-path-storage",
];

/// The namespace in which is tried what a cluster can do; nothing in it is witnessed.
pub const CANARY_NAMESPACE: &str = "relapse-canary";
